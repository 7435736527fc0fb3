"""The worlds that the replay tests share, and the runs that several of them look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.newsroom.server import HostServer, LoggedRequest
from pipeline.report import RunSummary
from storage.db import WAREHOUSE
from storage.dump import logical_dump
from tests.conftest import need
from tests.faults.sockets import connections
from tests.replay.measure import Held, held, replay
from tests.replay.world import World, build_world, replay_settings

SMALL = (
    "europapress-es", "elconfidencial-com", "elmundo-es", "lavanguardia-com", "abc-es", "elnacional-com", "24horas-cl",
    "ambito-com", "cooperativa-cl", "eldeber-com-bo", "elespectador-com", "losandes-com-ar", "minuto30-com",
    "unocero-com", "apnews-com", "theintercept-com", "boingboing-net", "harpers-org", "economist-com",
    "fivethirtyeight-com", "cbsnews-com",
)  # fmt: skip
"""Sources of a part of the world that is run many times. At least 20, so that a run tells of its progress."""


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run: its home, what it said, what it asked for and where its sockets went."""

    home: Path
    summary: RunSummary
    stored: Held
    dump: str
    requests: tuple[LoggedRequest, ...]
    addresses: tuple[tuple[str, int], ...]


@pytest.fixture(scope="session")
def world(corpora: Path) -> World:
    """Every recorded feed and 60 real pages."""
    for name in ("feeds-recorded-news", "extract-fundus-tests", "extract-trafilatura", "extract-fundus-evaluation"):
        need((corpora / name).is_dir(), f"needs {name} in the shared corpora")
    return build_world(corpora)


@pytest.fixture(scope="session")
def small(world: World) -> World:
    """A part of the world: three recorded feeds and one that is none, and some twenty pages."""
    return world.only(SMALL)


def run_once(world: World, home: Path, server: HostServer) -> Done:
    """Do a run over what ``server`` serves and read what it left."""
    server.clear_log()
    with connections() as seen:
        summary, _ = replay(replay_settings(home, server.hosts(), engines=()), world.catalogue())
    assert server.errors == []
    stored, dump = held(home), logical_dump(home / WAREHOUSE)
    return Done(home, summary, stored, dump, server.requests(), tuple(seen))


@pytest.fixture(scope="session")
def whole(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Done]:
    """Two runs in a row over the whole world, which does not change between them."""
    home = tmp_path_factory.mktemp("replay") / "home"
    with HostServer(world.sites()) as server:
        return run_once(world, home, server), run_once(world, home, server)


@pytest.fixture(scope="session")
def small_done(small: World, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """An undisturbed run over the small world."""
    with HostServer(small.sites()) as server:
        return run_once(small, tmp_path_factory.mktemp("small") / "home", server)
