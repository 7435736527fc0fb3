"""Exports: the snapshot as Parquet or CSV in a folder of its own, a story as JSON; whole or not at all.

A folder is written beside its place and renamed into it when everything is there, with a file that says what it is:
`provenance.json`, which also marks the folder as one that a later export may replace.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.output import neutral, plain
from storage.errors import StorageError
from storage.export import TABLES, Export, open_export

PROVENANCE = "provenance.json"
FORMATS = ("parquet", "csv")
_WHAT = "An export of Atalaya, see docs/export.md"


class ExportError(StorageError):
    """An export that cannot be made as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: rows by table, and the bytes of all files together."""

    folder: Path
    rows: dict[str, int]
    bytes: int


def export_tables(
    home: Path, folder: Path, format: str, since: date | None = None, until: date | None = None
) -> Exported:
    """Write the snapshot's tables into ``folder``, of the days from ``since`` to ``until`` (Caracas, both included).

    ``folder`` is new, empty or an earlier export, which is replaced. Raises ExportError for any other, StorageError
    when there is no snapshot or no room; ``folder`` then stays as it was.
    """
    if since is not None and until is not None and since > until:
        raise ExportError(f"--since {since} is after --until {until}: there is no day between them.")
    _may_replace(folder)
    building = folder.parent / f".{folder.name}.{os.getpid()}.tmp"
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(parents=True)
        with open_export(home, since, until) as source:
            rows = {table: _WRITERS[format](source, table, building) for table in TABLES}
            provenance = _provenance(source, building, format, rows, (since, until))
        (building / PROVENANCE).write_text(provenance, encoding="utf-8")
        size = sum(f.stat().st_size for f in building.rglob("*") if f.is_file())
        _swap(building, folder)
    except OSError as error:
        raise ExportError(f"Cannot write {folder} ({error.strerror or error}). It stays as it was.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Exported(folder, rows, size)


def _may_replace(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        ours = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["what"] == _WHAT
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    strangers = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not _is_ours(p))
    if folder.is_symlink() or not ours or strangers:
        raise ExportError(f"{folder} holds other files: an export goes into a folder of its own. Choose another --to.")


def _is_ours(file: Path) -> bool:
    return file.name == PROVENANCE or file.suffix in {".parquet", ".csv"}


def _swap(building: Path, folder: Path) -> None:
    aside = folder.parent / f".{folder.name}.{os.getpid()}.old"
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        folder.rename(aside)
    building.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _as_parquet(source: Export, table: str, folder: Path) -> int:
    return source.parquet(table, folder / table if table == "articles" else folder)


def _as_csv(source: Export, table: str, folder: Path) -> int:
    count = 0
    # With the mark by which Excel knows UTF-8
    with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        columns, rows = source.rows(table)
        writer.writerow(map(neutral, columns))
        for row in rows:
            writer.writerow(map(neutral, row))
            count += 1
    return count


_WRITERS: dict[str, Callable[[Export, str, Path], int]] = {"parquet": _as_parquet, "csv": _as_csv}


def _provenance(
    source: Export, folder: Path, format: str, rows: dict[str, int], days: tuple[date | None, date | None]
) -> str:
    words = source.words()
    files = [
        {"file": str(f.relative_to(folder)), "bytes": f.stat().st_size, "sha256": _sha256(f)}
        for f in sorted(folder.rglob("*"))
        if f.is_file()
    ]
    view = {t: f"v_{t}" if f"v_{t}" in words else t for t in TABLES}
    found = {
        "what": _WHAT,
        "software": _software(),
        "exported_at": datetime.now(UTC),
        "snapshot": source.stamp(),
        "days_caracas": {"since": days[0], "until": days[1]},
        "format": format,
        "rows": rows,
        "files": files,
        "columns": {t: words[view[t]] for t in TABLES},
        "rights": "Articles belong to their publishers; this copy is for research of your own.",
    }
    return json.dumps(plain(found), ensure_ascii=False, indent=1) + "\n"


def _software() -> str:
    from pipeline.runs import VERSION

    return f"atalaya {VERSION}"


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def story_json(home: Path, story_id: str) -> str:
    """Return a story with its coverage, topics and articles (texts included) as one JSON object on several lines.

    Raises ExportError when there is no such story, StorageError when there is no snapshot.
    """
    with open_export(home) as source:
        found = source.story(story_id)
        stamp = source.stamp()
    if not found["story"]:
        raise ExportError(
            f"There is no story {story_id[:60]!r}. ./atalaya query --name new_stories lists some, with their story_id."
        )
    whole = {
        **found["story"][0],
        "coverage": found["coverage"],
        "topics_with_evidence": found["topics"],
        "articles": found["articles"],
        "provenance": {"software": _software(), "snapshot": stamp},
    }
    return json.dumps(plain(whole), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_whole(file: Path, text: str) -> None:
    """Write ``text`` to ``file`` so that nobody ever sees half of it. Raises ExportError."""
    building = file.parent / f".{file.name}.{os.getpid()}.tmp"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        building.write_text(text, encoding="utf-8")
        building.replace(file)
    except OSError as error:
        raise ExportError(f"Cannot write {file} ({error.strerror or error}).") from error
    finally:
        building.unlink(missing_ok=True)
