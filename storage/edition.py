"""Which edition of Atalaya a snapshot is of: what its tables and views are, by a hash of the SQL that makes them.

The number of the last migration would not do: views and computed tables change without one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from storage import db
from storage.errors import StorageError
from storage.ids import sha256_text

OTHER_EDITION = (
    "The snapshot was written by another version of Atalaya than this one. The next ./atalaya run writes it anew, and "
    "so does ./atalaya serve when it is started again."
)
_FOLDERS = ("migrations", "publish", "views", "facts")


@cache
def edition() -> str:
    """Return the edition of the snapshots that this code writes: twelve hex digits."""
    files = sorted(file for folder in _FOLDERS for file in (db.SQL_DIR / folder).glob("*.sql"))
    return sha256_text("\n".join(f"{file.name}\n{file.read_text(encoding='utf-8')}" for file in files))[:12]


def is_other(con: db.Connection) -> bool:
    """Tell whether the open snapshot ``con`` is of another edition than this code's, or older than editions are."""
    try:
        found = con.execute(db.sql_file("read", "edition.sql")).fetchall()
    except db.engine_error():
        return True
    return found != [(edition(),)]


def is_outdated(home: Path) -> bool:
    """Tell whether the snapshot of ``home`` is of another edition; one that is not there or cannot be read is not."""
    try:
        con = db.open_snapshot(home)
    except StorageError:
        return False
    try:
        return is_other(con)
    finally:
        con.close()
