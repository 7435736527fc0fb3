"""`serve` over a home without a snapshot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.web.conftest import ROOT


def test_serving_nothing_says_what_makes_something(tmp_path: Path) -> None:
    """The address, then what is missing and the commands that make it."""
    words = [sys.executable, "-P", "-m", "pipeline", "serve", "--home", str(tmp_path / "nowhere"), "--port", "0"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.terminate()
    assert "http://" in lines[0]
    assert "no news.duckdb" in lines[1] and "./atalaya demo" in lines[1] and "./atalaya run" in lines[1]
