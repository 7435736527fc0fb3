"""Keep a warehouse small and safe: copies of it on another file, and a file without holes.

Both are whole copies made by the database itself, so they hold what is committed and nothing else, and a copy of a lake
is a plain file that can be opened anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path

from storage import db
from storage.advice import in_words
from storage.backend import Backend, LocalFile
from storage.errors import StorageError
from storage.lock import WriterLock
from storage.migrate import latest

BACKUPS = "backups"
_MIN_BLOCKS = 64  # 16 MB: a smaller file is not worth writing anew


def back_up(home: Path, backend: Backend, day: date, keep: int) -> Path:
    """Copy the warehouse to ``home/backups/warehouse-DAY.duckdb``, one a day, and keep the ``keep`` newest.

    The copy has its name only once it is whole and was opened again. Raises LockBusy or StorageError.
    """
    folder = home / BACKUPS
    target = folder / f"warehouse-{day:%Y-%m-%d}.duckdb"
    # A lake's session leaves the home alone, and two must not build one file.
    home_lock = nullcontext() if isinstance(backend, LocalFile) else WriterLock(home, "maintain")
    with home_lock, backend.session("maintain") as con, _building(folder / ".warehouse.duckdb.tmp") as building:
        _copy(con, building)
        _verify(building)
        building.replace(target)
    for old in sorted(folder.glob("warehouse-*.duckdb"))[:-keep]:
        old.unlink()
    return target


def schema_of(home: Path, backend: Backend) -> int:
    """Return the number of the last migration that the warehouse has had; nothing in it is changed.

    Raises LockBusy while another process writes, NewerDatabase for a schema that this version does not know, and
    StorageError for a warehouse that cannot be read.
    """
    if isinstance(backend, LocalFile):
        with WriterLock(home, "doctor"), db.reading(home / db.WAREHOUSE) as con:
            return latest(con, backend.name)
    with backend.session("doctor") as con:
        return latest(con, backend.name)


def free_share(home: Path) -> float:
    """Return the share of the warehouse's file that nothing uses, 0 for one too small to matter.

    Raises LockBusy or StorageError.
    """
    backend = LocalFile(home)
    with backend.session("maintain") as con:
        backend.settle(con)
        ((total, free),) = db.fetch(con, backend.name, db.sql_file("upkeep", "size.sql"))
    blocks = int(str(total))
    return int(str(free)) / blocks if blocks >= _MIN_BLOCKS else 0.0


def rewrite(home: Path) -> tuple[int, int]:
    """Write the warehouse into a new file and put it in the old one's place; return both sizes in bytes, the old first.

    Killed at any point it leaves the old file or the new one, each whole. Raises LockBusy or StorageError.
    """
    path = home / db.WAREHOUSE
    with WriterLock(home, "maintain"), _building(home / f".{db.WAREHOUSE}.tmp") as building:
        before = path.stat().st_size
        con = db.open_warehouse(home)
        try:
            db.execute(con, path, "CHECKPOINT")  # the old log must not be replayed into the new file
            _copy(con, building)
        finally:
            with db.translated(path):
                con.close()
        _verify(building)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        building.replace(path)
        return before, path.stat().st_size


@contextmanager
def _building(path: Path) -> Iterator[Path]:
    """Yield ``path`` for a new file and leave nothing of it: on a full disk half a copy would keep it full.

    Raises StorageError where the folder cannot be written.
    """
    parts = (path, path.with_name(path.name + ".wal"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in parts:  # of a process that was killed
            left.unlink(missing_ok=True)
        try:
            yield path
        finally:
            for part in parts:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise in_words(f"copy the warehouse to {path.parent}", error) from error


def _copy(con: db.Connection, target: Path) -> None:
    """Copy the database that ``con`` uses, with all comments, into the new file ``target``."""
    (name,) = db.fetch(con, target, "SELECT current_database()")[0]
    db.execute(con, target, f"ATTACH {db.quoted(str(target))} AS kept_copy")
    try:
        db.execute(con, target, f'COPY FROM DATABASE "{name}" TO kept_copy')
        db.execute(con, target, "CHECKPOINT kept_copy")
    finally:
        db.execute(con, target, "DETACH kept_copy")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _verify(path: Path) -> None:
    """Open the copy by itself and read of each table. Raises StorageError."""
    with db.reading(path) as con:
        tables = db.fetch(con, path, db.sql_file("publish", "tables.sql"))
        if not tables:
            raise StorageError(f"{path}: the copy holds no table. The warehouse itself was not touched.")
        for schema, table in tables:
            db.fetch(con, path, db.sql_file("upkeep", "count.sql").format(schema=schema, table=table))
