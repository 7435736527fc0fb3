"""Shared fixtures, and the rule on skips: a missing need skips with words, or fails where ATALAYA_REQUIRE_ALL=1."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.cli import Demo

# No deadline per example: it measures how busy the machine is, not our code.
settings.register_profile("atalaya", deadline=None)
settings.load_profile("atalaya")

# No test installs anything, or asks for a translation package anywhere but on this machine.
os.environ["ATALAYA_NO_APT"] = "1"
os.environ["ARGOS_PACKAGE_INDEX"] = "http://127.0.0.1:9/"

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("ATALAYA_CORPORA", ROOT.parent / "shared" / "corpora"))


def need(present: object, words: str) -> None:
    """Skip the test with ``words`` unless ``present``; with ATALAYA_REQUIRE_ALL=1 fail instead."""
    if present:
        return
    if os.environ.get("ATALAYA_REQUIRE_ALL") == "1":
        pytest.fail(f"required here, yet missing: {words}")
    pytest.skip(words)


def need_program(name: str, package: str) -> str:
    """Return the path of program ``name``; skip with the Debian package to install when it is not there."""
    found = shutil.which(name)
    need(found, f"needs the program {name} (Debian package {package})")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of shared corpora; tests that ask for it skip where it is absent."""
    need(CORPORA.is_dir(), f"needs the shared corpora at {CORPORA} (set ATALAYA_CORPORA)")
    return CORPORA


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One run of the demo a session, without translation engines, so that it is the same on every machine."""
    from tests.cli import Demo, atalaya

    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATALAYA_ENGINES", "none")
        ran = atalaya("demo", "--home", "data-demo")
    return Demo(folder / "data-demo", ran)


@pytest.fixture(scope="session")
def demo_home(demo: Demo) -> Path:
    """The home that the demo wrote: only for reading."""
    return demo.home


@pytest.fixture
def demo_copy(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo's home to write to, as ``data-demo`` in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    shutil.copytree(demo.home, tmp_path / "data-demo")
    return tmp_path / "data-demo"
