"""What is missing on this machine, and the one command that mends it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.output import counted
from pipeline.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

_LOW_DISK_GB = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``mend`` is what to do about it, empty when nothing is."""

    name: str
    level: Literal["ok", "optional", "warning", "error"]
    words: str
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a daily run needs; changes nothing and asks the network for nothing but a lake."""
    return [_python(), _home(settings), _disk(settings), _contact(settings), *_catalogue(settings),
            *_declarations(settings), *_translation(settings), _warehouse(settings), _snapshot(settings),
            _airflow()]  # fmt: skip


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding("python", "ok" if good else "error", version, "" if good else "use Python 3.11, 3.12 or 3.13")


def _home(settings: Settings) -> Finding:
    home = settings.home
    nearest = next(p for p in (home, *home.absolute().parents) if p.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        return Finding("home", "ok", str(home.absolute()))
    return Finding("home", "error", f"{home.absolute()} cannot be written", "chmod, or --home DIR")


def _disk(settings: Settings) -> Finding:
    nearest = next(p for p in (settings.home, *settings.home.absolute().parents) if p.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    level: Literal["ok", "warning"] = "ok" if free >= _LOW_DISK_GB else "warning"
    return Finding("disk", level, f"{free:.1f} GB free", "" if level == "ok" else "make room: pages are archived")


def _contact(settings: Settings) -> Finding:
    if settings.fetch.contact:
        return Finding("contact", "ok", settings.fetch.contact)
    mend = 'set contact = "you@example.org" under [fetch] in settings.toml of your --config folder'
    return Finding("contact", "warning", "outlets cannot see who polls them", mend)


def _catalogue(settings: Settings) -> list[Finding]:
    from pipeline.sources import SourceError, load_sources
    from pipeline.status import verified_sources
    from storage.errors import QueryError

    try:
        catalogue = load_sources(settings)
    except SourceError as error:
        return [Finding("sources", "error", str(error), "correct the file named")]
    try:
        reached = verified_sources(settings)
    except QueryError as error:
        return [Finding("sources", "error", str(error), "./atalaya run publishes a new snapshot")]
    checked = sum(1 for s in catalogue.sources if s.source_id in reached)
    words = f"{counted(len(catalogue.sources), 'source')}, {counted(len(catalogue.feeds), 'feed')}"
    if checked:
        return [Finding("sources", "ok", f"{words}, {counted(checked, 'source')} reached by `sources check`")]
    return [Finding("sources", "ok", words, "./atalaya sources check fetches each feed once (needs the internet)")]


def _declarations(settings: Settings) -> list[Finding]:
    from pipeline.declarations import examine as declared

    looked = declared(settings)
    mend = "correct the file named"
    return [Finding(d.name, "ok" if d.good else "error", d.words, "" if d.good else mend) for d in looked]


def _translation(settings: Settings) -> list[Finding]:
    from pipeline.tools import crew_of
    from pipeline.translate.crew import mends
    from pipeline.translate.engine import wanted_engines
    from pipeline.translate.glossary import GlossaryError

    languages = [lang for lang in settings.translate.languages if lang != settings.translate.target]
    if not wanted_engines(settings.translate):
        return [Finding("translation", "warning", "ATALAYA_ENGINES=none: texts stay pending", "unset ATALAYA_ENGINES")]
    try:
        crew = crew_of(settings).tested(languages)
    except GlossaryError:
        return []  # which has its own line
    findings = [
        Finding("translation", "ok", f"{lang}: {', '.join(f'{e.name} ({e.version})' for e in ladder)}")
        for lang in languages
        if (ladder := crew.ladder(lang))
    ]
    findings += [Finding("translation", "warning", f"{m.name}: {m.why}", m.mend) for m in crew.missing if m.refused]
    for what, mend in mends(crew, languages, settings.translate).items():
        findings.append(Finding("translation", "warning" if "es" in what else "optional", f"no {what}", mend))
    better = next((m for m in crew.missing if m.lang == "es" and m.name == "argos" and not m.refused), None)
    if better and crew.ladder("es"):
        findings.append(Finding("translation", "optional", f"argos translates better: {better.why}", better.mend))
    return findings


def _warehouse(settings: Settings) -> Finding:
    from storage import upkeep
    from storage.backend import backend_at
    from storage.errors import LockBusy, StorageError

    try:
        backend = backend_at(settings.home, settings.store.url)
        if not backend.exists():
            return Finding("warehouse", "ok", "none yet: the first run makes it")
        schema = upkeep.schema_of(settings.home, backend)
    except LockBusy as busy:
        return Finding("warehouse", "ok", str(busy))
    except StorageError as error:
        return Finding("warehouse", "error", str(error), "see docs/operations.md, When something broke")
    return Finding("warehouse", "ok", f"{backend.name}, schema {schema}")


def _snapshot(settings: Settings) -> Finding:
    from storage.edition import is_outdated

    path = settings.home / "news.duckdb"
    if is_outdated(settings.home):
        mend = "the next ./atalaya run, or starting ./atalaya serve, writes it anew"
        return Finding("snapshot", "warning", f"{path} was written by another version of Atalaya", mend)
    if path.exists():
        return Finding("snapshot", "ok", str(path))
    return Finding("snapshot", "warning", f"no {path} yet", "./atalaya run, or ./atalaya demo for fictional outlets")


def _airflow() -> Finding:
    import importlib.metadata

    version = importlib.metadata.version("apache-airflow")
    folder = Path(__file__).resolve().parent.parent / "dags"
    return Finding("airflow", "ok", f"{version}; DAGs in {folder}")


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print findings as a table; what can be mended comes with its command."""
    from rich.table import Table

    from pipeline.output import text_cell

    table = Table()
    for name in ("what", "", "found", "to mend it"):
        table.add_column(name, overflow="fold")
    marks = {"ok": "ok", "optional": "optional", "warning": "missing", "error": "ERROR"}
    for finding in findings:
        table.add_row(*map(text_cell, (finding.name, marks[finding.level], finding.words, finding.mend)))
    console.print(table)
