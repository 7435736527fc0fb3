"""The bootstrap `./atalaya`, with a stand-in of uv: it makes the environment once, and when the lock has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

UV = """#!/bin/sh
echo "$1" >>"$CALLS"
[ "$1" = venv ] || exit 0
for venv; do :; done
mkdir -p "$venv/bin" "$venv/site"
printf '#!/bin/sh\\nif [ "$1" = -c ]; then echo "%s/site"; else echo "ran $*"; fi\\n' "$venv" >"$venv/bin/python"
chmod +x "$venv/bin/python"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the bootstrap and a lock; what is called is written to ``calls``."""
    shutil.copy(ROOT / "atalaya", tmp_path)
    (tmp_path / "requirements.lock").write_text("one==1\n")
    (tmp_path / "requirements-test.lock").write_text("one==1\ntwo==2\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").write_text(UV)
    (tmp_path / "bin" / "uv").chmod(0o755)
    return tmp_path


def start(checkout: Path) -> subprocess.Popen[str]:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "CALLS": str(checkout / "calls")}
    pipe = subprocess.PIPE
    return subprocess.Popen([checkout / "atalaya", "status"], env=environment, stdout=pipe, stderr=pipe, text=True)


def calls(checkout: Path) -> list[str]:
    return (checkout / "calls").read_text().split()


def test_two_at_once_make_one_environment(checkout: Path) -> None:
    """Cron and a person after an update: one sets up, the others wait for it and go on."""
    if shutil.which("flock") is None:
        pytest.skip("needs flock")
    started = [start(checkout) for _ in range(4)]
    said = [s.communicate(timeout=60)[0] for s in started]
    assert said == ["ran -P -m pipeline status\n"] * 4
    assert calls(checkout) == ["venv", "pip"]


def test_a_changed_lock_makes_the_environment_anew(checkout: Path) -> None:
    for text, times in (("one==1\n", 1), ("one==1\n", 1), ("one==2\n", 2)):
        (checkout / "requirements.lock").write_text(text)
        assert start(checkout).communicate(timeout=60)[0] == "ran -P -m pipeline status\n"
        assert calls(checkout) == ["venv", "pip"] * times
