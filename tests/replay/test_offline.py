"""A machine without internet."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage.query import run_query
from tests.conftest import ROOT
from tests.replay.conftest import Done
from tests.replay.measure import held
from tests.replay.world import Outlet

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

OUTLETS = tuple(
    Outlet(name, f"{name}.invalid", "VE", {f"https://{name}.invalid/feed/": b""}) for name in ("no-where", "no-place")
)


def test_run_without_internet(small_done: Done, tmp_path: Path) -> None:
    """It says so in one sentence, records each source as unreachable, loses nothing and exits with 1."""
    home, config = tmp_path / "home", tmp_path / "config"
    shutil.copytree(small_done.home, home)
    (config / "sources").mkdir(parents=True)
    (config / "sources" / "ve.toml").write_text("\n".join(o.declaration() for o in OUTLETS), "utf-8")
    words = [sys.executable, "-m", "pipeline", "run", "--home", str(home), "--config", str(config)]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    said = [line for line in ran.stdout.splitlines() if "connected to the internet?" in line]
    assert len(said) == 1, ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    sql = "SELECT source_id, reason FROM fetch_events WHERE source_id LIKE 'no-%' ORDER BY source_id"
    assert run_query(home, sql, 30.0).rows == [("no-place", "unreachable"), ("no-where", "unreachable")]
    assert held(home) == small_done.stored
