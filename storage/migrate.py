"""Numbered migrations: each file of ``storage/sql/migrations`` is applied with its record in one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from storage.db import SQL_DIR, Connection, execute, fetch, has_table, sql_file, transaction
from storage.errors import NewerDatabase, StorageError
from storage.ids import sha256_text

MIGRATIONS = SQL_DIR / "migrations"
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file: ``0001_tables.sql`` has number 1 and name ``tables``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The hash by which a file changed after it was applied is noticed."""
        return sha256_text(self.sql)


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """Return the migrations of ``folder`` in order. Raises StorageError unless they are numbered 1, 2, 3, …"""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise StorageError(f"{path}: a migration is named NNNN_words.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise StorageError(f"{folder}: migrations must be numbered 0001, 0002, … without a gap")
    return found


def pending(con: Connection, path: PurePath, migrations: list[Migration] | None = None) -> list[Migration]:
    """Return the migrations that the database behind ``con`` (file ``path``) has not had.

    Raises NewerDatabase when it knows migrations that this code does not, StorageError when an applied one has
    changed since.
    """
    known = load() if migrations is None else migrations
    applied = _applied(con, path)
    if applied and max(applied) > len(known):
        raise NewerDatabase(
            f"{path} was written by a newer version of Atalaya (schema {max(applied)}, this version knows "
            f"{len(known)}). Update Atalaya, or use another --home DIR."
        )
    for m in known:
        if m.number in applied and applied[m.number] != m.sha256:
            raise StorageError(
                f"{path} was made by a version whose migration {m.number:04} ({m.name}) reads otherwise. Use that "
                "version, or another --home DIR."
            )
    return [m for m in known if m.number not in applied]


def latest(con: Connection, path: PurePath) -> int:
    """Return the number of the last migration applied, 0 for none. Raises what `pending` raises."""
    pending(con, path)
    return max(_applied(con, path), default=0)


def migrate(con: Connection, path: PurePath, migrations: list[Migration] | None = None) -> list[Migration]:
    """Bring the database behind ``con`` (file ``path``) up to date; return what was applied now.

    The caller alone may write to it meanwhile. Raises what `pending` raises, and StorageError when a migration fails
    (it then leaves no trace).
    """
    todo = pending(con, path, migrations)
    for m in todo:
        _apply(con, path, m)
    return todo


def _applied(con: Connection, path: PurePath) -> dict[int, str]:
    if not has_table(con, path, "schema_migrations"):
        return {}
    rows = fetch(con, path, sql_file("ledger", "list.sql"))
    return {int(str(number)): str(sha256) for number, sha256 in rows}


def _apply(con: Connection, path: PurePath, migration: Migration) -> None:
    ledger = {"number": migration.number, "name": migration.name, "sha256": migration.sha256}
    with transaction(con, path):
        execute(con, path, sql_file("ledger", "create.sql"))
        execute(con, path, migration.sql)
        execute(con, path, sql_file("ledger", "add.sql"), ledger)
