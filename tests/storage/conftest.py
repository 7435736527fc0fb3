"""Fixtures of the storage tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage import db
from storage.migrate import migrate
from storage.records import RECORDS
from storage.store import HISTORY, Store


@pytest.fixture(scope="module")
def shared_memory_store() -> Iterator[Store]:
    """A store over one in-memory database, for tests that clear it themselves (see `clear`)."""
    with db.open_memory() as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate(con, Path(":memory:"))
        yield Store(con, Path())


class _Undo(Exception):
    """Ends a block whose work is not kept."""


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """Run a block whose writes are rolled back at its end: an empty store again, without the cost of making one."""
    with suppress(_Undo), store.transaction():
        yield
        raise _Undo


def clear(store: Store) -> None:
    """Delete every row of every table."""
    for table in [*(r.TABLE for r in RECORDS), *(f"log.{t}" for t in HISTORY)]:
        store.con.execute(f"TRUNCATE {table}")


@pytest.fixture
def memory_store(shared_memory_store: Store) -> Store:
    """An empty store in memory."""
    clear(shared_memory_store)
    return shared_memory_store
