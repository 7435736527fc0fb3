"""The nightly housekeeping: remove what dead runs left, keep the warehouse small and copied, report on the sources."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.alerts import AlertCounts, raise_alerts
from pipeline.batches import spool_place
from pipeline.digest import CARACAS
from pipeline.digest_page import markdown_text
from pipeline.runs import opener
from pipeline.settings import Settings
from storage import places, upkeep
from storage.backend import LocalFile, backend_at
from storage.lock import patiently
from storage.query import open_reading


@dataclass(frozen=True, slots=True)
class Maintained:
    """What was done. ``rewritten`` has the sizes before and after, in bytes, where the file was written anew."""

    spools_removed: tuple[str, ...]
    parts_removed: tuple[str, ...]
    backup: Path | None
    rewritten: tuple[int, int] | None
    report: Path
    alerts: AlertCounts

    def lines(self) -> list[str]:
        """Return it in words."""
        found = [f"Removed: {len(self.spools_removed)} spools, {len(self.parts_removed)} unfinished archive files."]
        if self.rewritten:
            before, after = self.rewritten
            found.append(f"Warehouse written anew: {before / 1e6:.1f} MB before, {after / 1e6:.1f} MB now.")
        found.append(f"Backup: {self.backup}" if self.backup else "Backup: none ([maintain] backups is 0).")
        found.append(f"Source health: {self.report}")
        found.append(f"Alerts: {self.alerts.open} open, {self.alerts.began} new, {self.alerts.ended} over.")
        return found


def maintain(settings: Settings, clock: Callable[[], datetime]) -> Maintained:
    """Do the housekeeping of one home; doing it twice a day does no harm.

    Raises QueryError where nothing was published yet, LockBusy where another process does not let go of the warehouse,
    StorageError.
    """
    now = clock()
    report = write_health(settings, now)  # first: it says so where nothing was published yet
    asked = settings.maintain
    age = timedelta(days=asked.spool_days)
    spools = places.prune_folders(spool_place(settings), age, now)
    parts = prune_parts(settings.home / "pages", age, now)
    backend = backend_at(settings.home, settings.store.url)
    rewritten = None
    if isinstance(backend, LocalFile):
        if patiently(lambda: upkeep.free_share(settings.home)) > asked.free_share:
            rewritten = patiently(lambda: upkeep.rewrite(settings.home))
    else:
        with opener(settings, "maintain")() as store:
            store.compact()
    day = now.astimezone(CARACAS).date()
    backup = None
    if asked.backups:
        backup = patiently(lambda: upkeep.back_up(settings.home, backend, day, asked.backups))
    alerts = raise_alerts(opener(settings, "maintain"), settings, clock)
    return Maintained(tuple(spools), tuple(parts), backup, rewritten, report, alerts)


def prune_parts(folder: Path, older_than: timedelta, now: datetime) -> list[str]:
    """Remove the archive files that killed runs left unfinished; return their names."""
    gone: list[str] = []
    for path in sorted(folder.glob("*.part")):
        with suppress(FileNotFoundError):  # a run that is under way has just finished it
            if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > older_than:
                path.unlink()
                gone.append(path.name)
    return gone


def write_health(settings: Settings, now: datetime) -> Path:
    """Write ``reports/health/DAY.md``, what a person on call reads: by country, then each outlet that is not well."""
    with open_reading(settings.home, settings.publish.query_timeout_s) as reading:
        countries = reading.named("health_countries").rows
        unwell = reading.named("health_report").rows
    lines = [f"# Source health, {now.astimezone(CARACAS):%Y-%m-%d %H:%M} (Caracas)", ""]
    lines += ["| country | ok | failing | down | never polled | last heard (UTC) |", "|---|---|---|---|---|---|"]
    lines += [_row((*row[:-1], _at(row[-1]))) for row in countries]
    lines += ["", "## Not well", ""]
    if unwell:
        lines += ["| source | outlet | country | state | feeds failing | last heard (UTC) | reasons | moved to |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        for source_id, name, country, state, failing, feeds, _failures, heard, reasons, moved in unwell:
            cells = (source_id, name, country, state, f"{failing} of {feeds}", _at(heard), _list(reasons), _list(moved))
            lines.append(_row(cells))
    else:
        lines.append("None: every outlet with a feed is heard.")
    folder = settings.home / "reports" / "health"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now.astimezone(CARACAS):%Y-%m-%d}.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _row(cells: tuple[object, ...]) -> str:
    return f"| {' | '.join(markdown_text(str(c)) for c in cells)} |"


def _at(at: object) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else "never"


def _list(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else ""
