"""Task ``feeds``: every feed of a folder through the parser's workers, beside bare feedparser on the same bytes.

Reads ``.xml``, ``.rss``, ``.atom``, ``.rdf`` and JSON files (JSON that stands beside an XML file of the same name is an
expectation, not a feed). Keys: ``files, crashes, hangs, entries, files_with_entries, dates, dates_rate`` (of the
entries), ``baseline_entries, baseline_crashes, baseline_hangs, baseline_dates, baseline_bad_dates`` (of those, outside
1990 to now), ``files_below`` (fewer entries than bare feedparser gives), and ``expect_checked, expect_ok`` for the
expectations in the head comments of feedparser's own suite that are about a title, a link, a date or the number of
entries (where they are the documented opposite of ours, such as dates of month 13, they count as missed).
"""

from __future__ import annotations

import ast
import calendar
import io
import re
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.feeds import FeedInput, FeedParser
from pipeline.steps import ParsedFeed
from pipeline.text import plain_text
from pipeline.urls import check_url
from pipeline.workers import WorkerFailure, WorkerPool
from tests.eval import Scores

FEED_URL = "https://feeds.example/rss.xml"
SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json"})
_EXPECT = re.compile(
    r"Expect:\s+(?:not bozo and )?(?P<what>entries\[0\](?:\['(?P<key>\w+)'\]|\.(?P<name>\w+))|len\(entries\))"
    r"\s*==\s*(?P<value>u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"|\d+|\([\d, ]+\))\s*$",
    re.MULTILINE,
)
_KEYS = {"title": "title", "link": "link", "published_parsed": "published", "updated_parsed": "updated"}


@dataclass(frozen=True, slots=True)
class Baseline:
    """What bare feedparser makes of a file."""

    entries: int
    dates: int
    bad_dates: int


def baseline(body: bytes) -> Baseline:
    """Return bare feedparser's entries and dates, nothing mended: what a worker of the comparison runs."""
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entries = feedparser.parse(io.BytesIO(body)).entries
        parsed = [e.get("published_parsed") or e.get("updated_parsed") for e in entries]
    stamps = [calendar.timegm(p) for p in parsed if p]
    bad = sum(1 for s in stamps if not 631_152_000 <= s <= time.time() + 86_400)
    return Baseline(len(entries), len(stamps), bad)


def feed_files(paths: list[Path]) -> list[Path]:
    """Return the files to read, in order."""
    found = [f for p in paths for f in (sorted(p.rglob("*")) if p.is_dir() else [p]) if f.suffix in SUFFIXES]
    return [f for f in found if not (f.suffix == ".json" and _has_xml(f))]


def _has_xml(file: Path) -> bool:
    return any(file.with_name(file.name.split(".")[0] + suffix).exists() for suffix in (".xml", ".rss", ".atom"))


def expectation(body: bytes) -> tuple[str, object] | None:
    """Return what feedparser's suite expects (len, title, link, published or updated, and the value) if that simple."""
    match = _EXPECT.search(body[:1500].decode("utf-8", "replace"))
    if match is None:
        return None
    name = "len" if match["what"].startswith("len") else _KEYS.get(match["key"] or match["name"])
    return (name, ast.literal_eval(match["value"])) if name else None


def meets(expected: tuple[str, object], feed: ParsedFeed) -> bool:
    """Whether ``feed`` holds what is expected: titles as plain text, links as checked, dates to the second."""
    name, value = expected
    if name == "len":
        return len(feed.items) + feed.repeated == value
    if not feed.items:
        return False
    first = feed.items[0]
    if name == "title":
        return first.title == plain_text(str(value))
    if name == "link":
        return first.url == check_url(str(value), FEED_URL)
    moment = first.published_at if name == "published" else first.updated_at or first.published_at
    return moment is not None and isinstance(value, tuple) and moment.timetuple()[:6] == value[:6]


def evaluate(paths: list[Path]) -> Scores:
    """Score every feed under ``paths``."""
    files = feed_files(paths)
    now = datetime.now(UTC)

    def inputs() -> Iterator[FeedInput]:
        for file in files:
            yield FeedInput(file.read_bytes(), FEED_URL, "", "UTC", now, max_entries=10_000)

    with FeedParser(timeout_s=30.0) as parser:
        ours = [feed for _, feed in parser.parse_many(inputs())]
    pool: WorkerPool[bytes, Baseline] = WorkerPool("tests.eval.feeds:baseline", timeout_s=30.0)
    with pool:
        theirs = [result for _, result in pool.run(given.body for given in inputs())]

    reasons = Counter(feed.reason for feed in ours)
    wishes = [(expectation(file.read_bytes()), feed, file) for file, feed in zip(files, ours, strict=True)]
    checked = [(wish, feed, file) for wish, feed, file in wishes if wish is not None]
    missed = [file for wish, feed, file in checked if not meets(wish, feed)]
    below = [
        f"{file.name} {len(feed.items)}+{feed.repeated} of {base.entries} ({feed.reason})"
        for file, feed, base in zip(files, ours, theirs, strict=True)
        if isinstance(base, Baseline) and len(feed.items) + feed.repeated + feed.tossed < base.entries
    ]
    bases = [b for b in theirs if isinstance(b, Baseline)]
    failures = Counter(b.reason for b in theirs if isinstance(b, WorkerFailure))
    entries = sum(len(f.items) for f in ours)
    dates = sum(1 for f in ours for i in f.items if i.published_at is not None)
    flat: dict[str, float | int | str] = {
        "files": len(files),
        "crashes": reasons["parse_crash"] + reasons["worker_oom"],
        "hangs": reasons["parse_timeout"],
        "entries": entries,
        "repeated": sum(f.repeated for f in ours),
        "files_with_entries": sum(1 for f in ours if f.items),
        "dates": dates,
        "dates_rate": dates / entries if entries else 0.0,
        "ok": reasons["ok"],
        "partial": reasons["partial"],
        "not_feed": reasons["not_feed"],
        "empty": reasons["empty"],
        "baseline_entries": sum(b.entries for b in bases),
        "baseline_crashes": failures["error"] + failures["crash"] + failures["oom"],
        "baseline_hangs": failures["timeout"],
        "baseline_dates": sum(b.dates for b in bases),
        "baseline_bad_dates": sum(b.bad_dates for b in bases),
        "files_below": len(below),
        "expect_checked": len(checked),
        "expect_ok": len(checked) - len(missed),
    }
    notes = [f"fewer entries than bare feedparser: {line}" for line in below[:40]]
    notes += [f"not as expected: {file.name}" for file in missed[:40]]
    return Scores(flat, notes=tuple(notes))
