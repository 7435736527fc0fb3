"""Every write to the warehouse: merges records in, reads them back, keeps the history.

Tables have no keys of their own; every row comes in through `Store.merge`, which keeps one row per `Record.KEY`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from storage import db
from storage.backend import Backend, LocalFile, backend_at
from storage.errors import StorageError, WriteConflict
from storage.migrate import migrate, pending
from storage.records import Record
from storage.schema import (
    Column,
    RecordT,
    columns,
    encode,
    from_rows,
    json_structure,
    record_type_of,
    table_of,
)
from storage.spool import read_lines

HISTORY: Mapping[str, frozenset[str]] = {
    "translations": frozenset(),
    "copies": frozenset({"similarity"}),
    "stories": frozenset({"last_seen_at"}),
    "story_articles": frozenset({"score"}),
    "article_topics": frozenset({"score"}),
    "article_beats": frozenset({"score"}),
}
"""Tables whose superseded rows are kept in schema ``log``, each with the columns whose change alone is not worth a row:
every run weighs the articles of its window anew. (`article_versions` is a history in itself.)"""

_PAUSES_S = (0.1, 0.3, 1.0, 3.0, 10.0)
T = TypeVar("T")

BATCH_CHARS = 32_000_000
"""Lines are handed to DuckDB in batches of about this size, which bounds the memory a merge takes."""


class Store:
    """An open warehouse. Make one with `Store.open`; every write goes through `transaction`."""

    def __init__(self, con: db.Connection, home: Path, backend: Backend | None = None) -> None:
        self.con = con
        self.home = home
        self.backend = backend or LocalFile(home)
        self.path = self.backend.name
        self.in_transaction = False

    @classmethod
    @contextmanager
    def open(cls, home: Path, command: str, url: str = "") -> Iterator[Store]:
        """Open the warehouse of ``home``, or the lake that ``url`` names, and bring its schema up to date.

        ``command`` tells others who has it open: the file in a home takes one process at a time, a lake any number.
        Raises LockBusy, NewerDatabase or StorageError.
        """
        backend = backend_at(home, url)
        with backend.session(command) as con:
            if pending(con, backend.name):
                with backend.alone(con):
                    if migrate(con, backend.name):  # asks again what is pending: another may have been first
                        backend.settle(con)
            yield cls(con, home, backend)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that the block writes, or nothing of it when it raises. An inner block joins the outer one."""
        if self.in_transaction:
            yield
            return
        self.in_transaction = True
        try:
            with self.backend.transaction(self.con):
                yield
        finally:
            self.in_transaction = False

    def attempt(self, work: Callable[[], T]) -> T:
        """Do ``work`` in a transaction and return what it returns; again, after a pause, where it was in conflict.

        Ours never are: writers of a lake queue. Somebody who writes to it by other means does not. ``work`` reads what
        it decides by inside. An inner attempt joins the outer transaction, which alone can begin again.
        """
        if self.in_transaction:
            return work()
        for pause in _PAUSES_S:
            try:
                with self.transaction():
                    return work()
            except WriteConflict:
                time.sleep(pause)
        with self.transaction():
            return work()

    def compact(self) -> None:
        """Write the warehouse into as few and as whole files as it takes: once a day in a lake."""
        with self.backend.alone(self.con):
            self.backend.compact(self.con)

    def merge(self, records: Iterable[Record]) -> None:
        """Insert new records and update those that differ, by `Record.KEY`; any mix of types, all or nothing.

        Of several records with one key the last one counts. Merging the same records again changes nothing.
        """
        self._merge_lines(encode(r) for r in records)

    def merge_spool(self, paths: Sequence[str | Path]) -> None:
        """Merge the records of spool files, in the order of ``paths``, all or nothing. Raises StorageError."""
        self._merge_lines(line for path in paths for line in read_lines(path))

    def replace(
        self, record_type: type[Record], parent_column: str, parents: Collection[str], records: Iterable[Record]
    ) -> None:
        """Make ``records`` exactly the rows whose ``parent_column`` is one of ``parents``.

        For children that form a set (topics of an article, beats, members of a story). Raises ValueError for a record
        of another type or another parent.
        """
        _require_column(record_type, parent_column)
        wanted = set(parents)
        lines = []
        for record in records:
            if type(record) is not record_type or getattr(record, parent_column) not in wanted:
                raise ValueError(f"{record} does not belong to the given parents")
            lines.append(encode(record))
        self._stage(record_type)
        self._load(record_type, lines, 0)

        def put() -> None:
            self._remove(record_type, parent_column, wanted)
            self._merge_staged(record_type)

        self.attempt(put)

    def delete(self, record_type: type[Record], column: str, values: Collection[str]) -> None:
        """Delete the rows whose ``column`` is one of ``values``."""
        _require_column(record_type, column)
        self._stage(record_type)
        self.attempt(lambda: self._remove(record_type, column, values))

    def read(
        self,
        record_type: type[RecordT],
        where: str = "",
        params: Sequence[object] | Mapping[str, object] | None = None,
    ) -> list[RecordT]:
        """Return the records that satisfy ``where``, by default in the order of their key.

        ``where`` is a constant of our own (``"state = 'pending'"``; it may also begin with WHERE, ORDER BY or LIMIT);
        values are bound through ``params`` (``$name`` with a mapping, ``?`` with a sequence).
        """
        clause = where.strip()
        if clause and not clause.upper().startswith(("WHERE ", "ORDER BY ", "LIMIT ")):
            clause = f"WHERE {clause}"
        if "ORDER BY" not in clause.upper() and "LIMIT" not in clause.upper():
            clause += " ORDER BY " + ", ".join(record_type.KEY)
        return self._select("select", record_type, params, clause=clause)

    def read_in(
        self, record_type: type[RecordT], column: str, values: Collection[str], where: str = "true", **params: object
    ) -> list[RecordT]:
        """Return the records whose ``column`` is one of ``values`` and that satisfy ``where``, in key order.

        For many values: a list bound to a statement costs the driver 0.25 ms a value, and ``list_contains``
        goes through it for every row; this is one text and one hash join.
        ``where`` is a constant of our own with ``$names``.
        """
        _require_column(record_type, column)
        bound = {"values": db.as_json(values), **params}
        return self._select("select_in", record_type, bound, column=column, where=where)

    def read_rows(self, record_type: type[RecordT], column: str, values: Collection[str]) -> list[RecordT]:
        """Return what `read_in` does, without going through the texts of a large table for a few of its rows.

        Only what is committed is found: call it outside a transaction. Raises StorageError within one.
        """
        if self.in_transaction:
            raise StorageError("read_rows finds committed rows only; call read_in within a transaction.")
        _require_column(record_type, column)
        return self._select("select_rows", record_type, {"values": db.as_json(values)}, column=column, where="true")

    def statement(self, name: str, **params: object) -> list[tuple[Any, ...]]:
        """Run ``storage/sql/statements/NAME.sql`` with ``params`` bound to its ``$names``; return its rows."""
        return db.fetch(self.con, self.path, db.sql_file("statements", f"{name}.sql"), params or None)

    def arrays(self, name: str, **params: object) -> dict[str, Any]:
        """Run ``storage/sql/statements/NAME.sql`` like `statement`; return its columns as arrays, for many numbers."""
        return db.fetch_arrays(self.con, self.path, db.sql_file("statements", f"{name}.sql"), params or None)

    def _select(
        self,
        template: str,
        record_type: type[RecordT],
        params: Sequence[object] | Mapping[str, object] | None,
        **words: str,
    ) -> list[RecordT]:
        """Run ``storage/sql/read/TEMPLATE.sql`` with ``words`` of our own filled in and ``params`` bound."""
        names = ", ".join(_quote(c) for c in columns(record_type))
        key = ", ".join(record_type.KEY)
        sql = db.sql_file("read", f"{template}.sql").format(columns=names, table=record_type.TABLE, key=key, **words)
        return from_rows(record_type, db.fetch(self.con, self.path, sql, params))

    def _merge_lines(self, lines: Iterable[str]) -> None:
        """Stage the lines of each table in batches, then merge table by table in one transaction.

        Staging is most of the work and touches nothing that others see, so nobody waits for it.
        """
        waiting: dict[str, list[str]] = {}
        sizes: dict[str, int] = {}
        staged: dict[str, int] = {}

        def flush(table: str) -> None:
            self._load(record_type_of(table), waiting[table], staged[table])
            staged[table] += len(waiting[table])
            waiting[table], sizes[table] = [], 0

        for line in lines:
            table = table_of(line)
            if table not in staged:
                self._stage(record_type_of(table))
                waiting[table], sizes[table], staged[table] = [], 0, 0
            waiting[table].append(line)
            sizes[table] += len(line)
            if sizes[table] > BATCH_CHARS:
                flush(table)
        for table in staged:
            flush(table)

        def put() -> None:
            for table in staged:
                self._merge_staged(record_type_of(table))

        self.attempt(put)

    def _stage(self, record_type: type[Record]) -> None:
        self._run("stage", record_type)

    def _load(self, record_type: type[Record], lines: list[str], first: int) -> None:
        if lines:
            params = {"structure": json_structure(record_type), "lines": "\n".join(lines), "first": first}
            self._run("load", record_type, params)

    def _merge_staged(self, record_type: type[Record]) -> None:
        if record_type.TABLE in HISTORY:
            self._run("log", record_type)
        self._run("merge", record_type)

    def _remove(self, record_type: type[Record], column: str, values: Collection[str]) -> None:
        """Delete the rows whose ``column`` is one of ``values``, except those whose key is staged."""
        params = {"values": db.as_json(values)}
        if record_type.TABLE in HISTORY:
            self._run("log_gone", record_type, params, column=column)
        self._run("delete_gone", record_type, params, column=column)

    def _run(
        self, template: str, record_type: type[Record], params: Mapping[str, object] | None = None, column: str = ""
    ) -> None:
        db.execute(self.con, self.path, _fill(template, record_type, column), params)


def _quote(column: Column) -> str:
    return f'"{column.name}"'


def _require_column(record_type: type[Record], column: str) -> None:
    if column not in {c.name for c in columns(record_type)}:
        raise StorageError(f"{record_type.TABLE} has no column {column!r}")


def _fill(template: str, record_type: type[Record], column: str = "") -> str:
    """Return ``storage/sql/merge/TEMPLATE.sql`` for one record type.

    Only names that come from the record types are filled in here; values are always bound.
    """
    names = [_quote(c) for c in columns(record_type)]
    rest = [_quote(c) for c in columns(record_type) if c.name not in record_type.KEY]
    passing = HISTORY.get(record_type.TABLE, frozenset())
    words = {
        "table": record_type.TABLE,
        "stage": f"stage_{record_type.TABLE}",
        "column": f'"{column}"',
        "key": ", ".join(record_type.KEY),
        "columns": ", ".join(names),
        "fields": ", ".join(f"r.{n}" for n in names),
        "target_columns": ", ".join(f"t.{n}" for n in names),
        "source_columns": ", ".join(f"s.{n}" for n in names),
        "assignments": ", ".join(f"{n} = s.{n}" for n in rest),
        "same_key": " AND ".join(f't."{k}" = s."{k}"' for k in record_type.KEY),
        "differs": " OR ".join(f"t.{n} IS DISTINCT FROM s.{n}" for n in rest),
        "tells": " OR ".join(f"t.{n} IS DISTINCT FROM s.{n}" for n in rest if n.strip('"') not in passing),
    }
    words["latest"] = db.sql_file("merge", "latest.sql").format(**words)
    return db.sql_file("merge", f"{template}.sql").format(**words)
