"""Bad feeds cost themselves only."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.newsroom.server import Response, Site
from pipeline.runs import RunOptions, run
from pipeline.sources import parse_sources
from storage.db import WAREHOUSE
from storage.dump import logical_dump
from tests.replay.conftest import Done
from tests.replay.server import HoldingServer
from tests.replay.world import Outlet, World, replay_settings

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

FAILURES = {"garbage": "not_feed", "bomb": "too_large", "hanging": "timeout"}


def _address(name: str) -> str:
    return f"https://{name}.example/feed.xml"


def _feeds() -> dict[str, Response]:
    head = b'<?xml version="1.0"?><rss version="2.0"><channel><title>'
    bomb = gzip.compress(head + b"A" * 50_000_000 + b"</title></channel></rss>")
    garbage = bytes(range(1, 256)) * 200
    torn = head + b"Torn</title><item><title>&#1114112;\x07" + b"<!DOCTYPE \\ <<item>" * 2_000
    return {
        "garbage": Response(200, garbage, {"Content-Type": "application/rss+xml"}),
        "torn": Response(200, torn, {"Content-Type": "application/rss+xml"}),
        "bomb": Response(200, bomb, {"Content-Type": "application/rss+xml", "Content-Encoding": "gzip"}),
        "hanging": Response(200, head, {"Content-Type": "application/rss+xml"}),
    }


def test_bad_feeds_leave_the_others_alone(small: World, small_done: Done, tmp_path: Path) -> None:
    """Garbage, torn XML, a 50 MB bomb, a server that never answers: the others' rows are what they are without them."""
    answers = _feeds()
    outlets = [Outlet(name, f"{name}.example", "US", {_address(name): b""}) for name in answers]
    sites = [Site(o.host, {"/feed.xml": answers[o.source_id]}) for o in outlets]
    toml = small.sources_toml() + "\n" + "\n".join(o.declaration() for o in outlets)
    with HoldingServer([*small.sites(), *sites], "hanging.example") as server:
        settings = replay_settings(tmp_path / "home", server.hosts(), engines=(), total_timeout_s=6.0)
        summary = run(settings, parse_sources({"all.toml": toml}), RunOptions())
    assert summary.exit_status == 0
    failed = {s.source_id: dict(s.feeds_failed) for s in summary.sources if s.source_id in FAILURES}
    assert failed == {name: {_address(name): reason} for name, reason in FAILURES.items()}
    dump = logical_dump(tmp_path / "home" / WAREHOUSE)
    assert _rows(dump, answers) == _rows(small_done.dump, ())


def _rows(dump: str, without: Iterable[str]) -> list[str]:
    """Return the rows of a dump under their tables' names, less those of some sources."""
    left_out = [f'"source_id":"{name}"' for name in without]
    rows = []
    for line in dump.splitlines():
        if line.startswith("== "):
            rows.append(line.rpartition(" (")[0])
        elif not any(mark in line for mark in left_out):
            rows.append(line)
    return rows
