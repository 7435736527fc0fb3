"""The only module that imports duckdb: opens the warehouse and the snapshot, and puts DuckDB's errors into words."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from storage.advice import DAMAGED, SNAPSHOT, explain
from storage.errors import StorageError, WriteConflict

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
    "connect_with",
    "engine_error",
    "execute",
    "extension_path",
    "fetch",
    "fetch_arrays",
    "has_table",
    "open_memory",
    "open_snapshot",
    "open_warehouse",
    "prepare",
    "quoted",
    "reading",
    "session_on",
    "sql_file",
    "transaction",
    "translated",
]

WAREHOUSE = "warehouse.duckdb"
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


def as_json(values: Iterable[str | int | None]) -> str:
    """Return ``values`` as one text that SQL reads as a list by ``$name::JSON::VARCHAR[]`` (or ``BIGINT[]``).

    A bound list costs 0.25 ms for each of its values where pandas is not installed: the driver looks for pandas at
    every one (DuckDB 1.5.5). One text costs nothing to speak of.
    """
    return json.dumps(list(values), ensure_ascii=False)


@contextmanager
def translated(where: PurePath) -> Iterator[None]:
    """Turn DuckDB's errors about file or lake ``where`` into StorageError with a cause and an advice.

    What another writer of the same lake came between is a WriteConflict.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        kind = WriteConflict if _is_conflict(error) else StorageError
        raise kind(explain(error, where)) from error


def _is_conflict(error: Exception) -> bool:
    text = str(error).lower()
    return "transaction conflict" in text or "conflict on tuple" in text


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
            prepare(con, path)
    except (UnicodeDecodeError, RuntimeError) as error:  # what the binding raises on some damaged headers
        raise StorageError(f"{path}: {DAMAGED.format(name=path.name, home=home)} ({error})") from error
    return con


def prepare(con: Connection, path: PurePath) -> None:
    """Set what every session of ours has: times in UTC, and no progress bar on the standard output.

    (DuckDB 1.5 draws one for whatever takes two seconds, on a terminal or not.)
    """
    execute(con, path, "SET TimeZone = 'UTC'")
    execute(con, path, "SET enable_progress_bar = false")


def execute(
    con: Connection, path: PurePath, sql: str, params: Sequence[object] | Mapping[str, object] | None = None
) -> None:
    """Run one statement on file ``path``; DuckDB's errors come out as StorageError."""
    with translated(path):
        con.execute(sql, params)


def fetch(
    con: Connection, path: PurePath, sql: str, params: Sequence[object] | Mapping[str, object] | None = None
) -> list[tuple[object, ...]]:
    """Run one statement on file ``path`` and return all rows; DuckDB's errors come out as StorageError."""
    with translated(path):
        rows: list[tuple[object, ...]] = con.execute(sql, params).fetchall()
    return rows


def fetch_arrays(
    con: Connection, path: PurePath, sql: str, params: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Run one statement on file ``path`` and return its columns as arrays, a list in a row as an array of its own.

    For many numbers: no Python object is made of each.
    """
    with translated(path):
        found: dict[str, Any] = con.execute(sql, params).fetchnumpy()
    return found


@contextmanager
def transaction(con: Connection, path: PurePath) -> Iterator[None]:
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


def open_snapshot(home: Path, memory_mb: int = 2_048, threads: int | None = None) -> Connection:
    """Open ``home/news.duckdb`` read-only with nothing else reachable: no file, network, extension or setting.

    A fresh in-memory connection attaches the file, because one process keeps one instance per path and would go on
    seeing the old file after a swap. A question may take ``memory_mb`` megabytes, nothing on disk, and all cores unless
    ``threads`` says how many.
    Raises StorageError when there is no snapshot or it cannot be read.
    """
    import duckdb

    path = home / SNAPSHOT
    if not path.exists():
        raise StorageError(f"{path}: there is no snapshot yet. Run ./atalaya run (or ./atalaya demo) first.")
    with translated(path):
        limits = {"temp_directory": "", "memory_limit": f"{memory_mb}MB"}
        cores = {} if threads is None else {"threads": threads}
        con = duckdb.connect(":memory:", config={**_OFFLINE, **limits, **cores})
        try:
            con.execute(f"ATTACH {quoted(str(path))} AS news (READ_ONLY)")
            con.execute("USE news")
            prepare(con, path)
            con.execute("SET GLOBAL TimeZone = 'UTC'")  # for further sessions (`session_on`)
            con.execute("SET python_enable_replacements = false")  # else a query could read our variables by name
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
        except BaseException:
            con.close()
            raise
    return con


def session_on(con: Connection) -> Connection:
    """Return a further session on an open snapshot, for another thread: as closed off as the first."""
    session = con.cursor()
    session.execute("USE news")
    return session


@contextmanager
def open_memory() -> Iterator[Connection]:
    """Open an in-memory database, for reading and writing files of ours beside the warehouse."""
    import duckdb

    con = duckdb.connect(":memory:", config=dict(_OFFLINE))
    con.execute("SET enable_progress_bar = false")
    try:
        yield con
    finally:
        con.close()


def connect_with(extensions: Iterable[str]) -> Connection:
    """Return an in-memory database with ``extensions`` loaded from their wheels; nothing is downloaded.

    Loading takes half a second (signatures are checked), so a caller keeps the connection. Raises StorageError when a
    wheel is not installed.
    """
    import duckdb

    con = duckdb.connect(":memory:", config=dict(_OFFLINE))
    con.execute("SET enable_progress_bar = false")
    for name in extensions:
        path = extension_path(name)
        if path is None:
            con.close()
            wheel = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
            raise StorageError(f"DuckDB's extension {name} is needed for this. Install it: pip install {wheel}")
        execute(con, path, f"LOAD {quoted(str(path))}")
    return con


def extension_path(name: str) -> Path | None:
    """Return the file of extension ``name`` in its wheel, or None when the wheel of this DuckDB is not installed."""
    import duckdb

    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    return None


def has_table(con: Connection, path: PurePath, name: str) -> bool:
    """Return whether the database that ``con`` uses has table ``name``; asks for the one, lists none."""
    import duckdb

    try:
        with translated(path):
            con.table(name)
    except StorageError as error:
        if isinstance(error.__cause__, duckdb.CatalogException):
            return False
        raise
    return True


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """Open any database file read-only for our own use; times are in UTC. Raises StorageError."""
    if not path.exists():
        raise StorageError(f"{path}: there is no such database.")
    with open_memory() as con:
        execute(con, path, f"ATTACH {quoted(str(path))} AS held (READ_ONLY)")
        execute(con, path, "USE held")
        prepare(con, path)
        yield con
