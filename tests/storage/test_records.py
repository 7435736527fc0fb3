"""Records and tables say the same, and every column says what it is."""

from __future__ import annotations

import re

import pytest

from storage import db
from storage.dictionary import TARGET, data_dictionary
from storage.records import RECORDS, Record
from storage.schema import columns
from storage.store import HISTORY, Store


def table_columns(store: Store, schema: str, table: str) -> list[tuple[str, str, bool]]:
    rows = store.con.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? "
        "ORDER BY column_index",
        [schema, table],
    ).fetchall()
    return [(n, t.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), nullable) for n, t, nullable in rows]


@pytest.mark.parametrize("record_type", RECORDS, ids=lambda r: r.TABLE)
def test_record_equals_table(record_type: type[Record], either_store: Store) -> None:
    """A record's fields are its table's columns: names, order, types, and None where NULL is allowed."""
    expected = [(c.name, c.sql_type, c.nullable) for c in columns(record_type)]
    assert table_columns(either_store, "main", record_type.TABLE) == expected


def test_every_table_has_a_record(either_store: Store) -> None:
    """No table of the warehouse lacks a record type, and the key of each type are columns that are never NULL."""
    tables = {row[0] for row in either_store.con.execute("SHOW TABLES").fetchall()}
    assert tables == {r.TABLE for r in RECORDS} | {"schema_migrations"}
    for record_type in RECORDS:
        required = {c.name for c in columns(record_type) if not c.nullable}
        assert set(record_type.KEY) <= required, record_type.TABLE


@pytest.mark.parametrize("table", sorted(HISTORY))
def test_history_has_the_same_columns(table: str, either_store: Store) -> None:
    """A table of schema log has the columns of its table, in order, and the time of the change."""
    own = [(n, t) for n, t, _ in table_columns(either_store, "main", table)]
    assert [(n, t) for n, t, _ in table_columns(either_store, "log", table)] == [*own, ("superseded_at", "TIMESTAMPTZ")]


def test_every_column_has_words(either_store: Store) -> None:
    """Each table and column carries a comment."""
    bare = either_store.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = '' UNION ALL "
        "SELECT table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE NOT internal AND schema_name = 'main' AND coalesce(comment, '') = ''"
    ).fetchall()
    assert bare == []


def test_schema_has_nothing_that_ducklake_lacks() -> None:
    """No key, unique constraint, index, sequence, fixed-size array or generated column is declared."""
    sql = "\n".join(
        re.sub(r"--.*|'(?:[^']|'')*'", "", p.read_text()) for p in sorted((db.SQL_DIR / "migrations").glob("*.sql"))
    )
    forbidden = r"\bPRIMARY\b|\bUNIQUE\b|\bINDEX\b|\bSEQUENCE\b|\bGENERATED\b|\bFOREIGN\b|\w\[\d+\]"
    assert re.findall(forbidden, sql, re.IGNORECASE) == []


def test_data_dictionary_is_current() -> None:
    """docs/data-dictionary.md is what `python -m storage.dictionary` writes, and describes every column."""
    written = data_dictionary()
    assert TARGET.read_text(encoding="utf-8") == written, "run: python -m storage.dictionary"
    assert not re.findall(r"^\| `.*\|\s*\|$", written, re.MULTILINE), "a column without words"
