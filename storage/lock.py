"""One writer per home: an advisory lock on ``home/writer.lock`` that says who holds it.

The kernel holds the lock (`flock`), the file only describes the holder. So a file left by a dead process blocks nobody,
and the file is never deleted: deleting it would let two processes lock two files of one name.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from storage.advice import in_words
from storage.errors import LockBusy, StorageError

LOCK_NAME = "writer.lock"
PATIENCE_S = 30.0
"""Most who hold a lock hold it for moments: what a run brought is not lost for that."""
_PAUSE_S = 0.2

T = TypeVar("T")


def patiently(work: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Return what ``work`` returns, trying again while another process holds the lock that it needs.

    Raises LockBusy once ``patience_s`` seconds have passed.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return work()
        except LockBusy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_S)


class WriterLock:
    """Hold the right to write to ``home`` for the length of a ``with`` block.

    Raises LockBusy at once when another process holds it; `patiently` waits. ``name`` is the lock's
    file; a whole run holds one of its own, so that two runs do not poll the same outlets side by side.
    """

    def __init__(self, home: Path, command: str = "", name: str = LOCK_NAME) -> None:
        self.path = home / name
        self.command = command
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise in_words(f"write in {self.path.parent}", error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _describe(_read(descriptor))
            os.close(descriptor)
            raise LockBusy(
                f"{self.path.parent} is being written by {holder}. Wait until it is done, stop it, or use another "
                "folder with --home DIR. Reading (query, status) works meanwhile."
            ) from error
        except OSError as error:
            os.close(descriptor)
            raise StorageError(
                f"Cannot lock {self.path} ({error.strerror}): this file system has no locks. "
                "Keep the home on a local disk."
            ) from error
        self._descriptor = descriptor
        holder_now = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": self.command,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder_now).encode(), 0)
        except OSError as error:
            self._release()
            raise in_words(f"write {self.path}", error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if self._descriptor is not None:
            # Unlock before closing: a forked worker may still hold a copy of the descriptor.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None


def _read(descriptor: int) -> str:
    return os.pread(descriptor, 4096, 0).decode("utf-8", "replace")


def _describe(text: str) -> str:
    """Return the holder in words; the text may be empty or half written, since it is written after locking."""
    try:
        held = json.loads(text)
        command = f"`{held['command']}`, " if held["command"] else ""
        return f"another process ({command}process {held['pid']} on {held['host']}, since {held['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process that has only just started"
