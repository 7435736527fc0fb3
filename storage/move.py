"""Moves the warehouse of a home into a lake that is empty: ``python -m storage.move HOME URL``.

The file stays as it was; from then on ``store.url`` decides which of the two is used.
"""

from __future__ import annotations

import sys
from pathlib import Path

from storage import db
from storage.errors import StorageError
from storage.records import RECORDS
from storage.store import HISTORY, Store

TABLES = (*(r.TABLE for r in RECORDS), *(f"log.{t}" for t in sorted(HISTORY)))


def move(home: Path, url: str) -> dict[str, int]:
    """Copy every row of ``home/warehouse.duckdb``, history included, into the lake ``url``, all or nothing.

    Returns the rows of each table. Raises StorageError when the lake holds a row already, LockBusy while a run writes.
    """
    source = home / db.WAREHOUSE
    if not source.exists():
        raise StorageError(f"{source}: there is no such database.")
    if not url:
        raise StorageError("Into which lake? Give its URL, as in docs/scale.md.")
    with Store.open(home, "move"):
        pass  # its schema is brought up to date, so that both have the same columns
    with Store.open(home, "move", url) as store:
        db.execute(store.con, store.path, f"ATTACH {db.quoted(str(source))} AS moved (READ_ONLY)")
        try:
            with store.transaction():
                for table in TABLES:
                    asked = db.sql_file("move", "rows.sql").format(table=table)
                    if db.fetch(store.con, store.path, asked) != [(0,)]:
                        raise StorageError(f"{store.path} holds rows of {table} already: only an empty lake is filled.")
                for table in TABLES:
                    db.execute(store.con, store.path, db.sql_file("move", "copy.sql").format(table=table))
            counted = db.sql_file("upkeep", "count.sql")
            rows = {t: _count(store, counted.format(schema=_schema(t), table=t.split(".")[-1])) for t in TABLES}
        finally:
            db.execute(store.con, store.path, "DETACH moved")
    return rows


def _schema(table: str) -> str:
    return table.split(".", maxsplit=1)[0] if "." in table else "main"


def _count(store: Store, sql: str) -> int:
    return int(str(db.fetch(store.con, store.path, sql)[0][0]))


def main() -> int:
    """Move what the command line names; print the rows of each table that has some."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m storage.move HOME URL\n")
        return 2
    try:
        rows = move(Path(sys.argv[1]), sys.argv[2])
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{table}: {count} rows\n" for table, count in rows.items() if count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
