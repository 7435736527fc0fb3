"""What the watches found, as Atom, RSS and JSON Feed files for any feed reader.

A text is one item however many outlets copied it, with an id that never changes: a reader shows each match once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.query import open_reading

FEED_SIZE = 200
"""Items of a feed; `atalaya watch` and SQL have all of them."""

_FORMATS = ("atom", "rss", "json")
# What XML 1.0 cannot hold
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEB = re.compile(r"https?://", re.I)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WatchLine:
    """One watch and how much it found: ``texts`` with copies folded, ``articles`` in all."""

    watch_id: str
    name: str
    definition: str
    texts: int
    articles: int
    newest: datetime | None
    last_match: datetime | None


@dataclass(frozen=True, slots=True)
class Match:
    """One text that a watch found, told by the earliest of its copies."""

    text_group_id: str
    article_id: str
    evidence: tuple[str, ...]
    matched_at: datetime
    article_count: int
    source_id: str
    source_name: str
    country: str
    lang: str
    title: str
    title_en: str | None
    summary: str
    published_at: datetime
    url: str
    story_id: str | None


def list_watches(home: Path, timeout_s: float) -> list[WatchLine]:
    """Return the watches of the snapshot. Raises QueryError."""
    with open_reading(home, timeout_s) as reading:
        return [WatchLine(*row) for row in reading.named("watch_list").rows]  # type: ignore[arg-type]


def matches_of(
    home: Path, watch_id: str, timeout_s: float, since: datetime = _EPOCH, limit: int = 1_000_000
) -> list[Match]:
    """Return the matches of one watch published since ``since``, newest first. Raises QueryError."""
    params = {"watch": watch_id, "since": since.isoformat(), "limit": limit}
    with open_reading(home, timeout_s) as reading:
        rows = reading.named("watch_matches", params).rows
    return [Match(*(tuple(v) if isinstance(v, list) else v for v in row)) for row in rows]  # type: ignore[arg-type]


def write_feeds(home: Path, timeout_s: float) -> list[Path]:
    """Write ``reports/watches/ID.{atom,rss,json}`` for each watch of the snapshot; return the files that changed.

    Feeds of watches that are gone are removed. A file whose content stays is not touched, so a reader that asks
    with If-Modified-Since is told the truth.
    """
    folder = home / "reports" / "watches"
    folder.mkdir(parents=True, exist_ok=True)
    watches = list_watches(home, timeout_s)
    wanted = {f"{w.watch_id}.{form}" for w in watches for form in _FORMATS}
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    changed: list[Path] = []
    for watch in watches:
        matches = matches_of(home, watch.watch_id, timeout_s, limit=FEED_SIZE)
        for form in _FORMATS:
            path = folder / f"{watch.watch_id}.{form}"
            if _write(path, render(watch, matches, form)):
                changed.append(path)
    return changed


def render(watch: WatchLine, matches: Iterable[Match], form: str) -> str:
    """Return one feed as text; ``form`` is atom, rss or json."""
    items = sorted(matches, key=lambda m: (m.matched_at, m.published_at, m.article_id), reverse=True)
    return _json_feed(watch, items) if form == "json" else _xml_feed(watch, items, form)


def _xml_feed(watch: WatchLine, items: list[Match], form: str) -> str:
    import feedgenerator

    class Stable(feedgenerator.Atom1Feed if form == "atom" else feedgenerator.Rss201rev2Feed):  # type: ignore[misc]
        """Dated by its newest match, not by the clock: the same matches are the same file."""

        def latest_post_date(self) -> datetime:
            return items[0].matched_at if items else _EPOCH

    feed = Stable(
        title=_fit(f"Atalaya: {watch.name}"),
        link=f"urn:atalaya:watch:{watch.watch_id}",
        feed_guid=f"urn:atalaya:watch:{watch.watch_id}",
        description=_fit(f"{watch.name}. Asks for: {watch.definition}"),
        language="mul",
    )
    for m in items:
        feed.add_item(
            title=_fit(m.title),
            link=_web(m.url),
            description=_fit(_words(m)),
            author_name=_fit(m.source_name),
            pubdate=m.published_at,
            updateddate=m.matched_at,
            unique_id=_item_id(watch, m),
            unique_id_is_permalink=False,
            categories=[m.country, m.lang],
        )
    return str(feed.writeString("utf-8"))


def _json_feed(watch: WatchLine, items: list[Match]) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Atalaya: {watch.name}",
        "description": f"Asks for: {watch.definition}",
        "items": [
            {
                "id": _item_id(watch, m),
                "url": _web(m.url),
                "title": m.title,
                "content_text": _words(m),
                "date_published": m.published_at.astimezone(UTC).isoformat(),
                "date_modified": m.matched_at.astimezone(UTC).isoformat(),
                "authors": [{"name": m.source_name}],
                "language": m.lang,
                "tags": [m.country],
                "_atalaya": {
                    "article_id": m.article_id,
                    "story_id": m.story_id,
                    "evidence": list(m.evidence),
                    "copies": m.article_count - 1,
                },
            }
            for m in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _item_id(watch: WatchLine, match: Match) -> str:
    return f"urn:atalaya:watch:{watch.watch_id}:{match.text_group_id}"


def _words(match: Match) -> str:
    """Return an item's text: plain, since what outlets wrote may not become markup in a reader."""
    lines = [f"{match.source_name} ({match.country})."]
    if match.title_en and match.title_en != match.title:
        lines.append(f"In English: {match.title_en}")
    if match.summary:
        lines.append(match.summary)
    if match.article_count > 1:
        lines.append(f"The same text in {match.article_count} articles.")
    lines.append(f"Met: {', '.join(match.evidence)}.")
    return "\n".join(lines)


def _web(url: str) -> str:
    """Return an address that a reader may open; anything but the web's own schemes is left out."""
    return _fit(url) if _WEB.match(url) else ""


def _fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _write(path: Path, text: str) -> bool:
    data = text.encode("utf-8", "replace")
    if path.is_file() and path.read_bytes() == data:
        return False
    building = path.with_name(f".{path.name}.tmp")
    building.write_bytes(data)
    building.replace(path)
    return True
