"""Rows of text in Parquet files, for handing work to other processes without opening the warehouse there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storage import db, places


def write_rows(place: str | Path, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    """Write text rows to ``place``, replacing it in one step. ``columns`` are names of our own."""
    by_column = [db.as_json(row[i] for row in rows) for i in range(len(columns))]
    select = ", ".join(f'unnest(?::JSON::VARCHAR[]) AS "{name}"' for name in columns)
    with places.writing(place) as path, db.open_memory() as con:
        db.execute(con, path, db.sql_file("exchange", "write.sql").format(columns=select), by_column)
        db.execute(con, path, f"COPY handed TO {db.quoted(str(path))} (FORMAT parquet)")


def read_rows(place: str | Path) -> list[tuple[str | None, ...]]:
    """Return the rows of ``place`` in the order they were written."""
    with places.reading(place) as path, db.open_memory() as con:
        rows = db.fetch(con, path, db.sql_file("exchange", "read.sql"), [str(path)])
    return [tuple(None if value is None else str(value) for value in row) for row in rows]
