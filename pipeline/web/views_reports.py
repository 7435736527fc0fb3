"""The pages of what is reported: morning digests that are kept, standing queries and what each found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pipeline.web import rows_reports
from pipeline.web.asked import Asked, NoPage, NotThere
from pipeline.web.desk import Desk
from pipeline.web.files import report_names
from pipeline.web.view import PAGE_SIZE, View, paging
from pipeline.web.words import Words


def digests(desk: Desk, asked: Asked, words: Words) -> View:
    """The digests that were made, newest first, with links to the files that are on this machine."""
    found = desk.ask("digests", rows_reports.DigestLine, limit=PAGE_SIZE, offset=(asked.page - 1) * PAGE_SIZE)
    held = report_names(desk.home, "digests")
    stems = {d.digest_id: d.digest_id.replace("/", "-") for d in found}
    values = {
        "digests": found,
        "files": {key: [f for f in (f"{stem}.html", f"{stem}.md") if f in held] for key, stem in stems.items()},
        "notes": {d.digest_id: note_in_words(d.note, words) for d in found},
        "paging": paging(asked.page, found[0].total if found else 0),
    }
    return View("digests", words.t("digests.title"), values)


_NOTES = (
    (re.compile("its day has not begun"), "early"),
    (re.compile("no run has come through yet"), "no_run"),
    (re.compile("no run of this morning has come through"), "no_run_today"),
    (re.compile(r"(?P<n>\d+) articles? (?:is|are) not placed in a story yet"), "unplaced"),
    (re.compile(r"made .+, due .+, (?P<at>\d\d:\d\d)"), "late"),  # when it was made stands beside
)
"""What `pipeline.digest.judge` notes, with the words that say it."""


def note_in_words(note: str, words: Words) -> str:
    """Return a digest's note in the page's language; what is not known stays as it was noted."""
    told = []
    for part in note.split("; ") if note else ():
        found = next(((m, key) for pattern, key in _NOTES if (m := pattern.fullmatch(part))), None)
        told.append(words.t(f"digests.{found[1]}", **found[0].groupdict()) if found else part)
    return "; ".join(told)


def watches(desk: Desk, asked: Asked, words: Words) -> View:
    """The standing queries: what each asks for, how much it found, its feeds."""
    found = desk.ask("watches", rows_reports.WatchRow, watch=None)
    held = report_names(desk.home, "watches")
    values = {
        "watches": found,
        "asks": {w.watch_id: definition_of(w.definition) for w in found},
        "feeds": {w.watch_id: _feeds(w.watch_id, held) for w in found},
    }
    return View("watches", words.t("watches.title"), values)


def watch(desk: Desk, asked: Asked, words: Words, key: str) -> View:
    """One standing query with all that it found, newest first."""
    head = desk.one("watches", rows_reports.WatchRow, watch=key)
    if head is None:
        raise NotThere
    offset = (asked.page - 1) * PAGE_SIZE
    found = desk.ask("watch_matches", rows_reports.WatchMatchRow, watch=key, limit=PAGE_SIZE, offset=offset)
    if not found and asked.page > 1:
        raise NoPage
    values = {
        "watch": head,
        "asks": definition_of(head.definition),
        "feeds": _feeds(key, report_names(desk.home, "watches")),
        "matches": found,
        "paging": paging(asked.page, found[0].total if found else 0),
    }
    return View("watch", head.name, values)


def _feeds(watch_id: str, held: frozenset[str]) -> list[tuple[str, str]]:
    """Return the feeds of a watch that are on this machine, as (what it is called, its file)."""
    names = (("Atom", "atom"), ("RSS", "rss"), ("JSON Feed", "json"))
    return [(name, f"{watch_id}.{suffix}") for name, suffix in names if f"{watch_id}.{suffix}" in held]


def definition_of(text: str) -> Mapping[str, str]:
    """Return what a watch asks for, condition by condition, from the JSON object that is kept of it."""
    try:
        asked = json.loads(text)
    except ValueError:
        return {"words": text}
    return {str(k): ", ".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in asked.items()}
