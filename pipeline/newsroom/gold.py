"""What the pipeline should make of the newsroom: the expected outcome of every feed, entry, article and story.

``python -m pipeline.newsroom.gold [ROUND]`` prints it as JSON. Judgements (story, copies, genre, agency, beats, topics)
stand in `gold.toml`; titles, dates and clean texts are those the outlets published.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pipeline.newsroom.content import HERE, Newsroom, NewsroomError, Piece, in_feed, load_newsroom
from pipeline.newsroom.pages import build_sites
from storage.records import ArticleKind, CopyKind, DateOrigin, EntryState, Genre, Precision

PAGE_REASON = {"wall": "thin", "missing": "not_found", "pdf": "not_html", "denied": "robots_denied"}
"""Why only the feed's words are kept, by the kind of page: reason codes."""


@dataclass(frozen=True, slots=True)
class GoldFeed:
    """How the poll of a feed should end: a reason code."""

    source_id: str
    feed_url: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoldEntry:
    """What should become of a feed item, with the reason code of its state.

    ``canonical_url`` is None for items that can have none; ``article`` is the key of the article it leads to.
    """

    source_id: str
    feed_url: str
    title: str
    link: str
    canonical_url: str | None
    article: str | None
    state: EntryState
    reason: str


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """What should be known of an article. ``text`` is what an extractor should return, paragraphs one a line:
    the standfirst, where there is one, then the body.

    ``copy_of`` is the key of the original, None where the text is no copy or the original is not held; ``text_group``
    is equal for all copies of one text. ``topics`` are those that must be found, more may be.
    """

    key: str
    source_id: str
    canonical_url: str
    title: str
    lang: str
    kind: ArticleKind
    genre: Genre
    agency: str | None
    published_at: datetime
    published_at_origin: DateOrigin
    published_precision: Precision
    version: int
    beats: tuple[str, ...]
    topics: tuple[str, ...]
    story: str
    text_group: str
    copy_of: str | None
    copy_kind: CopyKind | None
    text: str


@dataclass(frozen=True, slots=True)
class Gold:
    """The expected state after round ``round`` (for 2: after rounds 1 and 2 over the same home)."""

    round: int
    feeds: tuple[GoldFeed, ...]
    entries: tuple[GoldEntry, ...]
    articles: tuple[GoldArticle, ...]

    def stories(self) -> dict[str, tuple[str, ...]]:
        """Return story key to the keys of its articles, both sorted."""
        found: dict[str, list[str]] = {}
        for article in self.articles:
            found.setdefault(article.story, []).append(article.key)
        return {story: tuple(sorted(found[story])) for story in sorted(found)}


def canonical_url(newsroom: Newsroom, piece: Piece) -> str:
    """Return the identity of an article's address: https, no tracking parameters, no final slash."""
    return f"https://{newsroom.outlet(piece.outlet).host}{piece.path.rstrip('/')}"


@cache
def load_gold(round: int = 1) -> Gold:
    """Return the gold after ``round``; raises NewsroomError when an article has no story, or two."""
    newsroom = load_newsroom()
    judged = tomllib.loads((HERE / "gold.toml").read_text(encoding="utf-8"))
    rows = _judgements(newsroom, judged)
    pieces = newsroom.pieces(round)
    articles = tuple(_article(newsroom, p, rows[p.key]) for p in sorted(pieces, key=lambda p: p.key))
    return Gold(round, _feeds(newsroom, round), _entries(newsroom, pieces), articles)


def _judgements(newsroom: Newsroom, judged: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for story, row in judged["story"].items():
        for key in row["articles"]:
            if key in rows:
                raise NewsroomError(f"gold.toml: {key} stands in two stories, {rows[key]['story']} and {story}")
            rows[key] = {"story": story, "beats": row.get("beats", []), "topics": row.get("topics", [])}
    keys = {p.key for p in newsroom.first}
    for key, row in judged.get("article", {}).items():
        if key not in rows:
            raise NewsroomError(f"gold.toml: [article.{key}] stands in no story")
        rows[key] |= row
    if keys != set(rows):
        raise NewsroomError(f"gold.toml and the event files differ: {sorted(keys ^ set(rows))}")
    return rows


def _article(newsroom: Newsroom, piece: Piece, row: dict[str, Any]) -> GoldArticle:
    whole = piece.page == "full"
    feed = newsroom.outlet(piece.outlet).feeds[0]
    published = piece.published
    if feed.dates == "day":
        published = published.replace(hour=0, minute=0, second=0)
    return GoldArticle(
        key=piece.key,
        source_id=piece.outlet,
        canonical_url=canonical_url(newsroom, piece),
        title=piece.title,
        lang=piece.lang,
        kind="full" if whole else "feed_only",
        genre=row.get("genre", "news"),
        agency=row.get("agency"),
        published_at=published.astimezone(UTC),
        published_at_origin="page" if piece.feed_date else "feed",
        published_precision="day" if feed.dates == "day" else "second",
        version=2 if piece in newsroom.revisions else 1,
        beats=tuple(row["beats"]),
        topics=tuple(row["topics"]),
        story=row["story"],
        text_group=row.get("text_group") or row.get("copy_of") or piece.key,
        copy_of=row.get("copy_of"),
        copy_kind=row.get("copy_kind"),
        text="\n".join(filter(None, (piece.subtitle, piece.text))) if whole else piece.summary,
    )


def _feeds(newsroom: Newsroom, round: int) -> tuple[GoldFeed, ...]:
    before, now = ({s.host: s for s in build_sites(newsroom, r)} for r in (1, round))
    found = []
    for outlet in newsroom.outlets:
        for feed in outlet.feeds:
            if outlet.down:
                reason = "unreachable"
            elif round > 1 and before[outlet.host].pages[feed.path] == now[outlet.host].pages[feed.path]:
                reason = "not_modified"
            else:
                some = any(p.outlet == outlet.source_id and in_feed(feed, p) for p in newsroom.pieces(round))
                reason = "partial" if feed.truncated and some else "ok"
            found.append(GoldFeed(outlet.source_id, outlet.base + feed.path, reason))
    return tuple(found)


def _entries(newsroom: Newsroom, pieces: tuple[Piece, ...]) -> tuple[GoldEntry, ...]:
    found = []
    for outlet in newsroom.outlets:
        listed: set[str] = set()
        for feed in outlet.feeds if not outlet.down else ():
            url = outlet.base + feed.path
            for piece in (p for p in pieces if p.outlet == outlet.source_id and in_feed(feed, p)):
                state: EntryState = "duplicate" if piece.key in listed else "stored"
                reason = PAGE_REASON.get(piece.page) or ("revised" if piece in newsroom.revisions else "new")
                if state == "duplicate":
                    reason = "same_url"
                listed.add(piece.key)
                link, canonical = newsroom.url(piece) + feed.link_suffix, canonical_url(newsroom, piece)
                found.append(GoldEntry(outlet.source_id, url, piece.title, link, canonical, piece.key, state, reason))
            for x in newsroom.extras:
                if x.feed_url == url:
                    found.append(GoldEntry(outlet.source_id, url, x.title, x.link, None, None, "quarantined", x.reason))
    return tuple(found)


def main() -> int:
    """Print the gold as JSON."""
    round = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    sys.stdout.write(json.dumps(asdict(load_gold(round)), ensure_ascii=False, indent=1, default=str) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
