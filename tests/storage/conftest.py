"""Fixtures of the storage tests. What holds for a warehouse holds for both places it may be in: a file and a lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage import db
from storage.migrate import migrate
from storage.records import RECORDS
from storage.store import HISTORY, Store
from tests.services import postgres

BACKENDS = ["file", pytest.param("lake", marks=pytest.mark.services)]


@pytest.fixture(scope="module")
def memory_store() -> Iterator[Store]:
    """A store over a database in memory, for tests that undo what they write (see `undone`)."""
    with db.open_memory() as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate(con, Path(":memory:"))
        yield Store(con, Path())


@pytest.fixture(scope="module")
def lake_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same over a lake."""
    folder = tmp_path_factory.mktemp("lake")
    with postgres.lake(folder / "data") as url, Store.open(folder, "test", url) as store:
        yield store


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The `store.url` of a warehouse that does not exist yet: none, for the file in the home, and a lake's."""
    if request.param == "file":
        yield ""
    else:
        with postgres.lake(tmp_path / "lake") as made:
            yield made


@pytest.fixture
def lake_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a lake that does not exist yet."""
    with postgres.lake(tmp_path / "lake") as made:
        yield made


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
    with store.transaction():
        for table in [*(r.TABLE for r in RECORDS), *(f"log.{t}" for t in HISTORY)]:
            store.con.execute(f"TRUNCATE {table}")


@pytest.fixture(params=BACKENDS)
def either_store(request: pytest.FixtureRequest) -> Store:
    """A store in each of the places a warehouse may be in, as the last test left it."""
    store: Store = request.getfixturevalue("memory_store" if request.param == "file" else "lake_store")
    return store


@pytest.fixture
def empty_store(either_store: Store) -> Store:
    """A store without a row, in each of the places a warehouse may be in."""
    clear(either_store)
    return either_store
