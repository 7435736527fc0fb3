"""The only module that imports duckdb: opens the warehouse and the snapshot, and puts DuckDB's errors into words."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import StorageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection
else:
    Connection = object

__all__ = [
    "SNAPSHOT",
    "SQL_DIR",
    "WAREHOUSE",
    "Connection",
    "as_json",
    "engine_error",
    "execute",
    "fetch",
    "open_memory",
    "open_snapshot",
    "open_warehouse",
    "quoted",
    "reading",
    "sql_file",
    "transaction",
    "translated",
]

WAREHOUSE = "warehouse.duckdb"
SNAPSHOT = "news.duckdb"
SQL_DIR = Path(__file__).resolve().parent / "sql"

# Nothing is fetched at run time: what is built into the wheel (json, icu, parquet) is all we use.
_OFFLINE: Mapping[str, str | bool] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


def engine_error() -> type[Exception]:
    """Return the class of all of DuckDB's errors, for ``except`` clauses of modules that do not import it."""
    import duckdb

    return duckdb.Error


def sql_file(*parts: str) -> str:
    """Return the text of a file below ``storage/sql``."""
    return SQL_DIR.joinpath(*parts).read_text(encoding="utf-8")


def quoted(text: str) -> str:
    """Return ``text`` as an SQL string literal, for the statements that take no parameters (ATTACH)."""
    return "'" + text.replace("'", "''") + "'"


def as_json(values: Iterable[str | None]) -> str:
    """Return ``values`` as one text that SQL reads as a list by ``$name::JSON::VARCHAR[]``.

    A bound list costs 0.25 ms for each of its values where pandas is not installed: the driver looks for pandas at
    every one (DuckDB 1.5.5). One text costs nothing to speak of.
    """
    return json.dumps(list(values), ensure_ascii=False)


@contextmanager
def translated(where: Path) -> Iterator[None]:
    """Turn DuckDB's errors about file ``where`` into StorageError with a cause and an advice."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise StorageError(explain(error, where)) from error


def explain(error: Exception, where: Path) -> str:
    """Return what DuckDB's ``error`` on file ``where`` means and what to do."""
    text = str(error).strip()
    low = text.lower()
    first = text.splitlines()[0] if text else type(error).__name__
    for needles, words in _ADVICE:
        if any(needle in low for needle in needles):
            advice = _DAMAGED_SNAPSHOT if words is _DAMAGED and where.name == SNAPSHOT else words
            return f"{where}: {advice.format(path=where, name=where.name, home=where.parent)} (DuckDB: {first})"
    return f"{where}: {first}"


_DAMAGED = (
    "the database file is damaged. Move {name} and {name}.wal aside and run again: what analysts see stays in "
    "news.duckdb, and the pages are still archived in {home}/pages."
)
_DAMAGED_SNAPSHOT = (
    "the snapshot is damaged. Delete it: nothing is lost, the next ./atalaya run writes it anew from the warehouse."
)
_ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("no space left", "disk quota", "file too large", "could not write all bytes"),
        "the disk is full. What was committed is safe; make room and run again.",
    ),
    (
        ("permission denied", "read-only file system", "not permitted"),
        "this user may not read or write it. Change the rights of {home}, or choose another folder with --home DIR.",
    ),
    (
        ("conflicting lock", "could not set lock"),
        "another process has the database open. Close it; to read, open {home}/news.duckdb instead.",
    ),
    (
        ("with version number", "newer version of duckdb", "storage version"),
        "the file was written by another version of DuckDB. Use the version that wrote it, or move the file aside and "
        "run again.",
    ),
    (
        ("wal file", "replaying wal", "write-ahead log", "failure while replaying"),
        "the write-ahead log {name}.wal is damaged. Move {name}.wal aside (keep it) and run again: the last run's "
        "work is fetched again, all earlier rows are safe in {name}.",
    ),
    (
        (
            "checksum",
            "corrupt",
            "could not read enough bytes",
            "not a valid duckdb database",
            "serialization error",
            "deserialize",
            "database header",
        ),
        _DAMAGED,
    ),
    (
        ("database has been invalidated", "fatal error"),
        "the session ended after an error. What was committed is safe; run again.",
    ),
    (("out of memory",), "not enough memory for this. Close other programs, or take fewer sources at a time."),
)


def open_warehouse(home: Path) -> Connection:
    """Open ``home/warehouse.duckdb`` for writing, making it when there is none; times are in UTC.

    The caller holds the WriterLock. Raises StorageError with the cause (damage, rights, full disk, version).
    """
    import duckdb

    path = home / WAREHOUSE
    if path.exists() and not os.access(path, os.W_OK):
        raise StorageError(f"{path}: this user may not write it. Change its rights, or use another --home DIR.")
    try:
        with translated(path):
            con = duckdb.connect(str(path), config=dict(_OFFLINE))
            con.execute("SET TimeZone = 'UTC'")
    except (UnicodeDecodeError, RuntimeError) as error:  # what the binding raises on some damaged headers
        raise StorageError(f"{path}: {_DAMAGED.format(name=path.name, home=home)} ({error})") from error
    return con


def execute(
    con: Connection, path: Path, sql: str, params: Sequence[object] | Mapping[str, object] | None = None
) -> None:
    """Run one statement on file ``path``; DuckDB's errors come out as StorageError."""
    with translated(path):
        con.execute(sql, params)


def fetch(
    con: Connection, path: Path, sql: str, params: Sequence[object] | Mapping[str, object] | None = None
) -> list[tuple[object, ...]]:
    """Run one statement on file ``path`` and return all rows; DuckDB's errors come out as StorageError."""
    with translated(path):
        rows: list[tuple[object, ...]] = con.execute(sql, params).fetchall()
    return rows


@contextmanager
def transaction(con: Connection, path: Path) -> Iterator[None]:
    """Commit what the block does, or nothing of it when it raises."""
    import duckdb

    execute(con, path, "BEGIN TRANSACTION")
    try:
        yield
        execute(con, path, "COMMIT")
    except BaseException:
        # A session that a full disk has ended cannot roll back; reopening does. The first error is the one to show.
        with suppress(duckdb.Error):
            con.rollback()
        raise


def open_snapshot(home: Path) -> Connection:
    """Open ``home/news.duckdb`` read-only with nothing else reachable: no file, network, extension or setting.

    A fresh in-memory connection attaches the file, because one process keeps one instance per path and would go on
    seeing the old file after a swap. Raises StorageError when there is no snapshot or it cannot be read.
    """
    import duckdb

    path = home / SNAPSHOT
    if not path.exists():
        raise StorageError(f"{path}: there is no snapshot yet. Run ./atalaya run (or ./atalaya demo) first.")
    with translated(path):
        con = duckdb.connect(":memory:", config={**_OFFLINE, "temp_directory": ""})
        try:
            con.execute(f"ATTACH {quoted(str(path))} AS news (READ_ONLY)")
            con.execute("USE news")
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET python_enable_replacements = false")  # else a query could read our variables by name
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
        except BaseException:
            con.close()
            raise
    return con


@contextmanager
def open_memory() -> Iterator[Connection]:
    """Open an in-memory database, for reading and writing files of ours beside the warehouse."""
    import duckdb

    con = duckdb.connect(":memory:", config=dict(_OFFLINE))
    try:
        yield con
    finally:
        con.close()


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """Open any database file read-only for our own use; times are in UTC. Raises StorageError."""
    if not path.exists():
        raise StorageError(f"{path}: there is no such database.")
    with open_memory() as con:
        execute(con, path, f"ATTACH {quoted(str(path))} AS held (READ_ONLY)")
        execute(con, path, "USE held")
        execute(con, path, "SET TimeZone = 'UTC'")
        yield con
