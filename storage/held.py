"""The snapshot held open by a process that answers many questions, such as the page: opened once for each state of it.

To open it costs 20 to 60 ms, and what was read then has to be read anew. Here each block of questions has a session of
its own on an opening that they share. Which file is there is looked up before every block, so that what was published
is what the next one sees; an opening that is not the newest is closed when its last block ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage import db
from storage.errors import QueryError, StorageError
from storage.query import Reading, reading_on

MEMORY_MB = 1_024
"""For all questions at once, and what is kept of the file between them."""
_THREADS = 1  # a question: they are small, several are asked side by side, and dividing one costs a third more


@dataclass(slots=True)
class _Opening:
    stamp: str
    con: db.Connection
    users: int = 0
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A block's view of the snapshot. ``kept`` is for answers that depend on the snapshot alone: it goes with it."""

    reading: Reading
    stamp: str
    kept: dict[str, Any]


class HeldSnapshot:
    """The snapshot of ``home`` for the threads of one process. Nothing is opened before it is asked for."""

    def __init__(self, home: Path, memory_mb: int = MEMORY_MB) -> None:
        self._home, self._memory_mb = home, memory_mb
        self._lock = threading.Lock()
        self._newest: _Opening | None = None

    @contextmanager
    def reading(self, timeout_s: float) -> Iterator[Held]:
        """Give the newest snapshot to the questions of the block, which are stopped after ``timeout_s`` seconds.

        All see the same state. Raises QueryError with the cause and what to do.
        """
        opening, session = self._enter()
        try:
            with reading_on(session, timeout_s) as reading:
                yield Held(reading, opening.stamp, opening.kept)
        finally:
            session.close()
            self._leave(opening)

    def close(self) -> None:
        """Close what is open, once the blocks that use it end. The next block opens it again."""
        with self._lock:
            self._drop()

    def _enter(self) -> tuple[_Opening, db.Connection]:
        with self._lock:
            held = self._newest
            if held is None or held.stamp != snapshot_stamp(self._home):
                held = self._replace(self._open())
            try:
                session = db.session_on(held.con)
            except db.engine_error():  # a fatal error, such as of a failing disk, ends all sessions on an opening
                held = self._replace(self._open())
                session = db.session_on(held.con)
            held.users += 1
            return held, session

    def _leave(self, opening: _Opening) -> None:
        with self._lock:
            opening.users -= 1
            if opening is not self._newest and not opening.users:
                opening.con.close()

    def _replace(self, opening: _Opening) -> _Opening:
        self._drop()
        self._newest = opening
        return opening

    def _drop(self) -> None:
        before, self._newest = self._newest, None
        if before is not None and not before.users:
            before.con.close()

    def _open(self) -> _Opening:
        try:
            while True:
                stamp = snapshot_stamp(self._home)
                con = db.open_snapshot(self._home, self._memory_mb, _THREADS)
                if stamp is not None and stamp == snapshot_stamp(self._home):
                    return _Opening(stamp, con)
                con.close()  # another one was swapped in meanwhile: which of them is open is not known
        except StorageError as error:
            raise QueryError(str(error)) from error


def snapshot_stamp(home: Path) -> str | None:
    """Return what tells the snapshot of ``home`` from the one before and the next; None where there is none."""
    try:
        found = (home / db.SNAPSHOT).stat()
    except OSError:
        return None
    return f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
