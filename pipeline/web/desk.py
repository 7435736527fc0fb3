"""What a view is given to work with: it asks the snapshot here, and what it asked can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from pipeline.web.statements import Statement, Value, statement
from storage import db
from storage.query import Reading, open_reading

RowT = TypeVar("RowT")


class Kept:
    """Answers that depend on the snapshot alone, kept until another one is asked. Used by several threads."""

    def __init__(self) -> None:
        self._held: tuple[str, dict[str, Any]] = ("", {})

    def of(self, snapshot: str) -> dict[str, Any]:
        """Return the answers of ``snapshot`` by the statement's name."""
        held = self._held
        if held[0] != snapshot:
            held = self._held = (snapshot, {})
        return held[1]


@dataclass(slots=True)
class Desk:
    """One request's view of the snapshot. ``asked`` holds every statement in the order it was asked."""

    home: Path
    reading: Reading
    snapshot: str
    """What tells the snapshot from others (`snapshot_id`), taken before it was opened: never newer than it."""
    kept: Kept = field(default_factory=Kept)
    asked: list[Statement] = field(default_factory=list)

    def ask(self, name: str, row: type[RowT], **params: Value) -> list[RowT]:
        """Return the rows of ``storage/sql/page/NAME.sql`` as records of type ``row``, lists as tuples.

        Raises QueryError, and TypeError where the statement's columns are not the record's fields.
        """
        made = statement(name, params)
        self.asked.append(made)
        found = self.reading.ask(made.sql, made.params)
        if found.columns != _names(row):
            raise TypeError(f"page/{name}.sql gives {found.columns}, {row.__name__} has {_names(row)}")
        return [row(*(tuple(v) if isinstance(v, list) else v for v in values)) for values in found.rows]

    def once(self, name: str, row: type[RowT]) -> RowT:
        """Return the only row of a statement without parameters, asked once for each snapshot."""
        answers = self.kept.of(self.snapshot)
        if name in answers:
            self.asked.append(statement(name, {}))
        else:
            (answers[name],) = self.ask(name, row)
        found: RowT = answers[name]
        return found

    def one(self, name: str, row: type[RowT], **params: Value) -> RowT | None:
        """Return the only row of a statement, or None where there is none."""
        rows = self.ask(name, row, **params)
        return rows[0] if rows else None


def _names(row: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(row))


@contextmanager
def open_desk(home: Path, timeout_s: float, snapshot: str, kept: Kept) -> Iterator[Desk]:
    """Open the snapshot afresh for one request. Raises QueryError where it cannot be read."""
    with open_reading(home, timeout_s) as reading:
        yield Desk(home, reading, snapshot, kept)


def snapshot_id(home: Path) -> str | None:
    """Return what tells this snapshot from the one before and the next; None where there is none."""
    try:
        found = (home / db.SNAPSHOT).stat()
    except OSError:
        return None
    return f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
