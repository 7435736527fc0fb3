"""How things stand: source health, work that waits, the last runs. Reads the snapshot, so it works at any time."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.output import plain, text_cell
from pipeline.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

SECTIONS = {
    "alerts": "status_alerts",
    "runs": "status_runs",
    "entries": "status_entries",
    "translations": "status_translations",
    "sources": "status_sources",
}
"""Section of the status and the statement in storage/sql/statements that fills it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named table."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Status:
    """All sections."""

    home: str
    sections: tuple[Section, ...]

    def as_json(self) -> str:
        """Return one line of JSON: section name to an array of objects."""
        found: dict[str, object] = {"home": self.home}
        for section in self.sections:
            found[section.name] = [dict(zip(section.columns, map(plain, r), strict=True)) for r in section.rows]
        return json.dumps(found, ensure_ascii=False)


def read_status(settings: Settings, names: tuple[str, ...] = tuple(SECTIONS)) -> Status:
    """Read the sections. Raises QueryError when nothing was published yet."""
    from storage.query import run_named

    sections = []
    for name in names:
        result = run_named(settings.home, SECTIONS[name], settings.publish.query_timeout_s)
        sections.append(Section(name, tuple(result.columns), tuple(tuple(r) for r in result.rows)))
    return Status(str(settings.home), tuple(sections))


def texts_to_retry(settings: Settings, languages: Collection[str]) -> int:
    """Return how many texts in ``languages`` wait for a translation or have one that failed checks, whole or in part.

    It is 0 where nothing was published yet.
    """
    from storage.query import run_named

    if not (settings.home / "news.duckdb").exists():
        return 0
    rows = run_named(settings.home, SECTIONS["translations"], settings.publish.query_timeout_s).rows
    statuses = ("pending", "partial", "quarantined")
    return sum(int(str(n)) for lang, status, _, n, _ in rows if lang in languages and status in statuses)


def verified_sources(settings: Settings) -> dict[str, datetime]:
    """Return when `sources check` last reached each source; empty while nothing was published."""
    from storage.query import run_named

    if not (settings.home / "news.duckdb").exists():
        return {}
    rows = run_named(settings.home, "verified_sources", settings.publish.query_timeout_s).rows
    return {str(source_id): at for source_id, at in rows if isinstance(at, datetime)}


def print_status(console: Console, status: Status) -> None:
    """Print each section as a table."""
    from rich.table import Table

    for section in status.sections:
        table = Table(title=section.name, title_justify="left")
        for column in section.columns:
            table.add_column(column, overflow="fold")
        for row in section.rows:
            table.add_row(*(text_cell(cell) for cell in row))
        console.print(table)
