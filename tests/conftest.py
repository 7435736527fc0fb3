"""Shared fixtures, and the rule on skips: a missing need skips with words, or fails where ATALAYA_REQUIRE_ALL=1."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline per example: it measures how busy the machine is, not our code.
settings.register_profile("atalaya", deadline=None)
settings.load_profile("atalaya")

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
