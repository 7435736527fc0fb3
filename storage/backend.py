"""Where a warehouse is kept: one file beside its home, or a lake that several machines share.

`storage.lake` and this module alone know the difference; everything else writes through `storage.store.Store`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePath
from typing import Protocol

from storage import db
from storage.lock import WriterLock


class Backend(Protocol):
    """What a store needs of the place its warehouse is in. ``name`` is what messages call it."""

    name: PurePath

    def exists(self) -> bool:
        """Return whether a warehouse was ever made there."""
        ...

    def session(self, command: str) -> AbstractContextManager[db.Connection]:
        """Open the warehouse for writing, making it when there is none; ``command`` tells others who has it open."""
        ...

    def transaction(self, con: db.Connection) -> AbstractContextManager[None]:
        """Commit what the block does, or nothing of it when it raises; no other writer comes between."""
        ...

    def alone(self, con: db.Connection) -> AbstractContextManager[None]:
        """Hold the right to write through several transactions of ``con`` (migrations)."""
        ...

    def settle(self, con: db.Connection) -> None:
        """Make a new schema durable. The caller is `alone`."""
        ...

    def compact(self, con: db.Connection) -> None:
        """Write what was committed into as few and as whole files as the place allows. The caller is `alone`."""
        ...


class LocalFile:
    """``home/warehouse.duckdb``: one process at a time, from opening to closing."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.name: PurePath = home / db.WAREHOUSE

    def exists(self) -> bool:
        """Return whether the file is there."""
        return (self.home / db.WAREHOUSE).exists()

    @contextmanager
    def session(self, command: str) -> Iterator[db.Connection]:
        """Take the writer's lock on the home and open the file. Raises LockBusy or StorageError."""
        with WriterLock(self.home, command):
            con = db.open_warehouse(self.home)
            try:
                yield con
            finally:
                with db.translated(self.name):
                    con.close()

    def transaction(self, con: db.Connection) -> AbstractContextManager[None]:
        """Begin a transaction: the session already excludes every other process."""
        return db.transaction(con, self.name)

    @contextmanager
    def alone(self, con: db.Connection) -> Iterator[None]:
        """Do nothing: the session is alone from its start."""
        yield

    def settle(self, con: db.Connection) -> None:
        """Write the log into the file: DDL left in it is replayed at every opening, and breaks first."""
        db.execute(con, self.name, "CHECKPOINT")

    def compact(self, con: db.Connection) -> None:
        """Write the log into the file; DuckDB uses the space of deleted rows again by itself."""
        db.execute(con, self.name, "CHECKPOINT")


def backend_at(home: Path, url: str = "") -> Backend:
    """Return the place of the warehouse of ``home``: its own file, or the lake that ``url`` names.

    Raises StorageError for a URL that cannot be used.
    """
    if not url:
        return LocalFile(home)
    from storage.lake import Lake, parse_url

    return Lake(parse_url(url))
