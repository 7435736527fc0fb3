"""Tell the people on call once when something is amiss, and once when it is over.

What is amiss is read from the snapshot: a country all of whose outlets are silent, an outlet that is silent for a day,
a queue of untranslated text that does not drain, runs that do not come through. Each is kept in table `alerts`, with
and without an address to tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipeline.notify import Delivery, send
from pipeline.settings import Settings
from storage.query import open_reading
from storage.records import Alert
from storage.store import Store

OpenStore = Callable[[], AbstractContextManager[Store]]
Kind = Literal["country_dark", "source_down", "untranslated", "no_run"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is amiss now."""

    kind: Kind
    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """What changed: alerts that began, that ended, that go on, and how telling went (None: nothing to tell)."""

    began: int
    ended: int
    open: int
    delivery: Delivery | None


def conditions(settings: Settings, now: datetime) -> list[Condition]:
    """Return what is amiss at ``now``, by the snapshot. Raises QueryError."""
    asked = settings.alerts
    found: list[Condition] = []
    with open_reading(settings.home, settings.publish.query_timeout_s) as reading:
        dark = reading.named("alert_countries").rows
        hours = {"now": now.isoformat(), "hours": asked.source_hours}
        down = reading.named("alert_sources", hours).rows
        languages = [x for x in settings.translate.languages if x != settings.translate.target]
        queue = {"now": now.isoformat(), "languages": json.dumps(languages), "most": asked.untranslated}
        waiting = reading.named("alert_untranslated", queue).rows
        ((last_ok, first_run),) = reading.named("alert_runs").rows
    silent = {str(row[0]) for row in dark}
    for country, sources, heard in dark:
        words = f"{country} is dark: none of its {sources} outlets can be heard, {_last(heard)}."
        found.append(Condition("country_dark", str(country), words))
    for source_id, name, country, heard, reasons in down:
        if country not in silent:  # the country's alert says it already
            why = ", ".join(reasons) if isinstance(reasons, list) else ""
            words = f"{name} ({country}) has not been heard for {asked.source_hours} h, {_last(heard)}: {why}."
            found.append(Condition("source_down", str(source_id), words))
    for lang, count, oldest in waiting:
        words = f"{count} texts in {lang} wait for a translation since a day or longer, the oldest since {_at(oldest)}."
        found.append(Condition("untranslated", str(lang), words))
    newest = last_ok or first_run
    if isinstance(newest, datetime) and newest < now - timedelta(hours=asked.run_hours):
        found.append(Condition("no_run", "", f"No run has come through for {asked.run_hours} h, {_last(last_ok)}."))
    return found


def _last(at: object) -> str:
    return f"last {_at(at)}" if isinstance(at, datetime) else "and never was before"


def _at(at: object) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(at, datetime) else "never"


def settle(held: Sequence[Alert], found: Sequence[Condition], now: datetime) -> tuple[list[Alert], list[Alert]]:
    """Return the alerts that are open now and those that ended just now, from those held and what is amiss."""
    known = {(a.kind, a.subject): a for a in held if a.ended_at is None}
    still = {(c.kind, c.subject): c for c in found}
    alive = [
        replace(known[key], words=c.words)
        if key in known
        else Alert(f"{c.kind}/{c.subject}/{now:%Y%m%dT%H%M%SZ}", c.kind, c.subject, c.words, now)
        for key, c in still.items()
    ]
    return alive, [replace(a, ended_at=now) for key, a in known.items() if key not in still]


def raise_alerts(open_store: OpenStore, settings: Settings, clock: Callable[[], datetime]) -> AlertCounts:
    """Record what is amiss and what is over, and tell ``[alerts] urls`` what they were not told yet.

    What could be told to nobody, that it began or that it is over, is told next time. Raises QueryError, LockBusy or
    StorageError.
    """
    now = clock()
    found = conditions(settings, now)
    with open_store() as store:
        held = store.read(Alert, "ended_at IS NULL OR (sent_at IS NOT NULL AND over_sent_at IS NULL)")
    alive, ended = settle(held, found, now)
    known = {a.alert_id for a in held}
    began = [a for a in alive if a.alert_id not in known]
    untold = [a for a in alive if a.sent_at is None]
    earlier = [a for a in held if a.ended_at is not None]  # over before, and nobody could be told so
    over = [*earlier, *(a for a in ended if a.sent_at is not None)]
    delivery = None
    if settings.alerts.urls and (untold or over):
        delivery = send(settings.alerts.urls, _title(untold, over), _letter(untold, over, now))
    changed = {a.alert_id: a for a in (*alive, *ended)}
    if delivery is not None and delivery.sent:
        changed |= {a.alert_id: replace(a, sent_at=now) for a in untold}
        changed |= {a.alert_id: replace(a, over_sent_at=now) for a in over}
    if changed:
        with open_store() as store, store.transaction():
            store.merge(list(changed.values()))
    return AlertCounts(len(began), len(ended), len(alive), delivery)


def _title(untold: Sequence[Alert], over: Sequence[Alert]) -> str:
    if not untold:
        return "Atalaya: over" if len(over) == 1 else f"Atalaya: {len(over)} alerts are over"
    if len(untold) == 1:
        return f"Atalaya: {re.split(', last|, and never|[.]$', untold[0].words)[0]}"
    return f"Atalaya: {len(untold)} things are amiss"


def _letter(untold: Sequence[Alert], over: Sequence[Alert], now: datetime) -> str:
    lines = [f"- {a.words}" for a in untold]
    lines += [f"- Over{'' if a.ended_at == now else f' since {_at(a.ended_at)}'}: {a.words}" for a in over]
    return "\n".join([*lines, "", "`./atalaya status` shows how each source fares."])
