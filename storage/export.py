"""Copies of the snapshot's views for other programs: Parquet files by day, and rows one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from storage import db

TABLES = ("articles", "article_topics", "stories", "coverage", "timeline", "source_days", "sources")
"""What is exported, each by ``storage/sql/export/NAME.sql``."""
BY_DAY = frozenset({"articles"})
"""Those that Parquet is partitioned for, by ``day_caracas``."""

Row = tuple[object, ...]


class Export:
    """One snapshot held open to be copied; all that comes out of it is of one state. Make one with `open_export`."""

    def __init__(self, con: db.Connection, path: Path, since: date | None, until: date | None) -> None:
        self._con, self._path = con, path
        self._days = {"since": since, "until": until}

    def stamp(self) -> dict[str, object]:
        """Return the row of `v_snapshot`, by column."""
        columns, rows = self._ask("stamp", {})
        return dict(zip(columns, rows[0], strict=True))

    def words(self) -> dict[str, dict[str, str]]:
        """Return what each column means, by table and column."""
        found: dict[str, dict[str, str]] = {}
        for table, column, words in self._ask("words", {})[1]:
            found.setdefault(str(table), {})[str(column)] = str(words or "")
        return found

    def rows(self, table: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """Return the columns of a table and its rows, in a fixed order. The next call ends the one before."""
        sql = db.sql_file("export", f"{table}.sql")
        with db.translated(self._path):
            self._con.execute(sql, {k: v for k, v in self._days.items() if f"${k}" in sql})
            columns = tuple(str(d[0]) for d in self._con.description or ())
        return columns, self._each()

    def parquet(self, table: str, folder: Path) -> int:
        """Write a table into ``folder`` as Parquet, articles a folder for each day; return its number of rows."""
        name = "parquet_by_day.sql" if table in BY_DAY else "parquet.sql"
        select = db.sql_file("export", f"{table}.sql")
        for key, value in self._days.items():  # COPY takes no parameters
            select = select.replace(f"${key}", f"DATE '{value.isoformat()}'" if value else "NULL::DATE")
        target = folder if table in BY_DAY else folder / f"{table}.parquet"
        sql = db.sql_file("export", name).format(select=select, target=db.quoted(str(target)))
        ((count,),) = db.fetch(self._con, self._path, sql)
        return int(str(count))

    def story(self, story_id: str) -> dict[str, list[dict[str, object]]]:
        """Return the rows of a story as story, coverage, articles and topics. An old id leads to its story."""
        found: dict[str, list[dict[str, object]]] = {}
        for part in ("story", "coverage", "articles", "topics"):
            columns, rows = self._ask(f"story_{part}", {"story_id": story_id})
            found[part] = [dict(zip(columns, row, strict=True)) for row in rows]
        return found

    def _ask(self, name: str, params: dict[str, object]) -> tuple[tuple[str, ...], list[Row]]:
        rows = db.fetch(self._con, self._path, db.sql_file("export", f"{name}.sql"), params)
        return tuple(str(d[0]) for d in self._con.description or ()), rows

    def _each(self) -> Iterator[Row]:
        with db.translated(self._path):
            while batch := self._con.fetchmany(1_000):
                yield from batch


@contextmanager
def open_export(home: Path, since: date | None = None, until: date | None = None) -> Iterator[Export]:
    """Hold the snapshot of ``home`` open for an export of the days ``since`` to ``until`` (Caracas, both included).

    Raises StorageError when there is no snapshot or it cannot be read.
    """
    path = home / db.SNAPSHOT
    with db.reading(path) as con:
        # One thread: one file for each day, its rows in order
        db.execute(con, path, "SET threads = 1")
        yield Export(con, path, since, until)
