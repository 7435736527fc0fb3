"""Killed at any point and run again: the database of the run that nobody disturbed (invariant 2)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.db import WAREHOUSE
from storage.dump import logical_dump
from tests.conftest import ROOT
from tests.replay.conftest import Done
from tests.replay.measure import held
from tests.replay.server import HoldingServer
from tests.replay.world import World

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

DEADLINE_S = 300


def start_run(home: Path, config: Path) -> subprocess.Popen[str]:
    """Start the command line as a process of its own."""
    words = [sys.executable, "-m", "pipeline", "run", "--home", str(home), "--config", str(config)]
    env = os.environ | {"ATALAYA_ENGINES": "none", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [*words, "--allow-private-network"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], beginning: str) -> str:
    """Return the first line that begins so; what came before it when the process ends without one."""
    assert process.stdout is not None
    before = ""
    for line in process.stdout:
        if line.startswith(beginning):
            return line
        before += line
    raise AssertionError(f"the run ended without a line that begins with {beginning!r}:\n{before}")


def kill(process: subprocess.Popen[str]) -> None:
    """End the process as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == -signal.SIGKILL


def test_killed_runs_converge(small: World, small_done: Done, tmp_path: Path) -> None:
    """SIGKILL while pages come, after some sources are loaded, and while texts are placed; then a run to the end."""
    home, host = tmp_path / "home", "www.elmundo.es"
    with HoldingServer(small.sites(), host) as server:
        config = small.write_config(tmp_path / "config", server.hosts())

        process = start_run(home, config)
        assert server.reached.wait(DEADLINE_S)  # a source's feed is under way
        kill(process)

        process = start_run(home, config)
        read_until(process, "poll: 1")  # ten sources or more are loaded, one is still waiting for its feed
        kill(process)
        loaded = {e.source_id for e in held(home).entries}
        assert loaded
        assert "elmundo-es" not in loaded

        server.release()
        process = start_run(home, config)
        read_until(process, "stories: ")  # everything is loaded, nothing is placed
        kill(process)

        process = start_run(home, config)
        output, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, output
    assert logical_dump(home / WAREHOUSE) == small_done.dump
    assert (home / "news.duckdb").is_file()
