"""Migrations: each with its record or not at all, in order, never against a newer or altered database."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import db
from storage.errors import NewerDatabase, StorageError
from storage.migrate import MIGRATIONS, Migration, load, migrate
from storage.records import RECORDS
from storage.store import Store

ONE = Migration(1, "one", "CREATE TABLE one (a BIGINT); COMMENT ON TABLE one IS 'x'; INSERT INTO one VALUES (1)")
TWO = Migration(2, "two", "CREATE TABLE two (b BIGINT); INSERT INTO one VALUES (2); SELECT error('no')")
MEMORY = Path(":memory:")


def tables(con: db.Connection) -> set[str]:
    return {row[0] for row in con.execute("SHOW TABLES").fetchall()}


def test_fresh_home_gets_the_whole_schema(tmp_path: Path) -> None:
    """Opening an empty home makes every table, records each migration, and leaves no write-ahead log behind."""
    with Store.open(tmp_path / "deep" / "home", "test") as store:
        assert {r.TABLE for r in RECORDS} < tables(store.con)
        ledger = store.con.execute("SELECT number, name FROM schema_migrations ORDER BY number").fetchall()
        assert ledger == [(m.number, m.name) for m in load()]
        assert migrate(store.con, store.path) == []
        wal = tmp_path / "deep" / "home" / "warehouse.duckdb.wal"
        assert not wal.exists() or wal.stat().st_size == 0, "DDL was not checkpointed"


def test_failing_migration_leaves_no_trace() -> None:
    """When a migration fails neither its tables, its rows nor its record stay; those before it do."""
    with db.open_memory() as con:
        with pytest.raises(StorageError, match="no"):
            migrate(con, MEMORY, [ONE, TWO])
        assert tables(con) == {"one", "schema_migrations"}
        assert con.execute("FROM one").fetchall() == [(1,)]
        assert con.execute("SELECT number FROM schema_migrations").fetchall() == [(1,)]
        mended = Migration(2, "two", "CREATE TABLE two (b BIGINT)")
        assert migrate(con, MEMORY, [ONE, mended]) == [mended]


def test_first_migration_failing_leaves_an_empty_database() -> None:
    """Not even the ledger stays when the first migration fails."""
    with db.open_memory() as con:
        with pytest.raises(StorageError):
            migrate(con, MEMORY, [Migration(1, "one", "CREATE TABLE x (a BIGINT); SELECT error('no')")])
        assert tables(con) == set()


def test_newer_database_is_refused(tmp_path: Path) -> None:
    """A database with migrations that this code does not know is not touched; the message says what to do."""
    with Store.open(tmp_path, "test") as store:
        store.con.execute("INSERT INTO schema_migrations VALUES (9999, 'later', '', now())")
    with pytest.raises(NewerDatabase, match=r"newer version of Atalaya.*9999.*Update Atalaya"):  # noqa: SIM117
        with Store.open(tmp_path, "test"):
            pass


def test_altered_migration_is_refused(tmp_path: Path) -> None:
    """A migration that reads otherwise than when it was applied is noticed."""
    with Store.open(tmp_path, "test") as store:
        store.con.execute("UPDATE schema_migrations SET sha256 = 'other' WHERE number = 1")
    with pytest.raises(StorageError, match="migration 0001"):  # noqa: SIM117
        with Store.open(tmp_path, "test"):
            pass


@pytest.mark.parametrize("names", [["0001_a.sql", "0003_b.sql"], ["0001_a.sql", "0001_b.sql"], ["one.sql"]])
def test_numbering_is_checked(tmp_path: Path, names: list[str]) -> None:
    """A gap, a number used twice or a strange name is an error at loading."""
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(StorageError):
        load(tmp_path)
    assert load(MIGRATIONS)[0].name == "tables"


def test_vectors_of_before_become_whole_steps() -> None:
    """A warehouse whose vectors are floating point has the same vectors afterwards, 256 times their numbers."""
    before = [m for m in load() if m.number < 10]
    with db.open_memory() as con:
        migrate(con, MEMORY, before)
        con.execute(
            "INSERT INTO article_features VALUES "
            "('a', 'x', [0.046875, -0.00390625, 1], [], [7], 3, ['oil'], ['Ana'], ['12'], 'm'), "
            "('b', 'y', [], [0.5], [], 0, [], [], [], 'm')"
        )
        migrate(con, MEMORY)
        rows = con.execute("SELECT * FROM article_features ORDER BY article_id").fetchall()
    assert rows == [
        ("a", "x", [12, -1, 256], [], [7], 3, ["oil"], ["Ana"], ["12"], "m"),
        ("b", "y", [], [128], [], 0, [], [], [], "m"),
    ]
