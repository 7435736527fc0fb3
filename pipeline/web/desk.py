"""What a view is given to work with: it asks the snapshot here, and what it asked can be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from pipeline.web.statements import Statement, Value, statement
from storage.held import HeldSnapshot
from storage.query import Reading

RowT = TypeVar("RowT")
MadeT = TypeVar("MadeT")


@dataclass(slots=True)
class Desk:
    """One request's view of the snapshot. ``asked`` holds every statement in the order it was asked."""

    home: Path
    reading: Reading
    snapshot: str
    """What tells the snapshot from others."""
    kept: dict[str, Any]
    """What depends on the snapshot alone, by name. Used by several threads."""
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
        count = len(self.asked)
        (found,) = self.keep(name, lambda: self.ask(name, row))
        if len(self.asked) == count:
            self.asked.append(statement(name, {}))
        return found

    def keep(self, name: str, make: Callable[[], MadeT]) -> MadeT:
        """Return what ``make`` gives, made once for each snapshot (twice where two requests are the first)."""
        if name not in self.kept:
            self.kept[name] = make()
        found: MadeT = self.kept[name]
        return found

    def one(self, name: str, row: type[RowT], **params: Value) -> RowT | None:
        """Return the only row of a statement, or None where there is none."""
        rows = self.ask(name, row, **params)
        return rows[0] if rows else None


def _names(row: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(row))


@contextmanager
def open_desk(home: Path, snapshot: HeldSnapshot, timeout_s: float) -> Iterator[Desk]:
    """Give one request the newest snapshot. Raises QueryError where it cannot be read."""
    with snapshot.reading(timeout_s) as held:
        yield Desk(home, held.reading, held.stamp, held.kept)
