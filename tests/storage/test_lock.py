"""The writer's lock: one at a time, a message that helps, and no ghost of a dead process."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import LockBusy, StorageError
from storage.lock import WriterLock
from tests.conftest import ROOT

HOLD = """
import sys
from pathlib import Path
from storage.lock import WriterLock
with WriterLock(Path(sys.argv[1]), "run --country VE"):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_process_is_told_who_and_since_when(tmp_path: Path) -> None:
    """A second writer is refused at once, with command, process, host and start of the first, and with advice."""
    process = hold(tmp_path)
    try:
        with pytest.raises(LockBusy) as caught, WriterLock(tmp_path, "run"):
            pass
    finally:
        process.communicate("")
    words = str(caught.value)
    assert f"`run --country VE`, process {process.pid} on {socket.gethostname()}" in words
    assert re.search(r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", words)
    assert "--home DIR" in words
    with WriterLock(tmp_path, "run"):
        pass


def test_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    """The file that a killed process leaves behind does not block the next one, which describes itself in it."""
    process = hold(tmp_path)
    process.kill()
    process.wait()
    assert json.loads((tmp_path / "writer.lock").read_text())["pid"] == process.pid
    with WriterLock(tmp_path, "mine"):
        assert json.loads((tmp_path / "writer.lock").read_text())["pid"] == os.getpid()


def test_same_process_is_no_exception(tmp_path: Path) -> None:
    """Two holders in one process exclude each other too, and the lock can be taken again afterwards."""
    with WriterLock(tmp_path, "outer"):
        with pytest.raises(LockBusy, match="`outer`"), WriterLock(tmp_path, "inner"):
            pass
        with pytest.raises(LockBusy), WriterLock(tmp_path, "inner"):
            pass
    with WriterLock(tmp_path, "later"):
        pass


def test_garbage_in_the_file(tmp_path: Path) -> None:
    """Whatever stands in the file, the lock works and the message stays readable."""
    with WriterLock(tmp_path, "x"):
        (tmp_path / "writer.lock").write_bytes(b"\xff{not json")
        with pytest.raises(LockBusy, match="only just started"), WriterLock(tmp_path, "y"):
            pass


def test_home_that_is_a_file(tmp_path: Path) -> None:
    """A home that cannot be a folder gives a StorageError with advice, not a traceback of the system."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="--home DIR"), WriterLock(tmp_path / "file" / "home"):
        pass
