"""What the fictional outlets publish: read from `outlets.toml` and the event files, checked, frozen.

An event file holds all articles on one event: TOML between lines of ``+++``, then the text, again and again.
Paragraphs are separated by blank lines; one that begins with ``## `` is a subheading.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
SUBHEADING = "## "
ROUNDS = (1, 2)
FIRST_POLL = datetime(2026, 1, 7, 10, tzinfo=UTC)
"""The polls that the newsroom knows; between them a day goes by."""

PageKind = Literal["full", "wall", "missing", "pdf", "denied"]
DateStyle = Literal["rfc822", "spanish", "vet", "naive", "day", "iso"]


class NewsroomError(ValueError):
    """A data file of the newsroom that cannot be used; the message names the file and the article."""


@dataclass(frozen=True, slots=True)
class OutletFeed:
    """One feed: its path, format and habits. An empty ``sections`` means all of the outlet's articles."""

    path: str
    format: Literal["rss", "atom"]
    title: str
    charset: str
    dates: DateStyle
    sections: tuple[str, ...] = ()
    link_suffix: str = ""
    full_content: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet: where it lives and how it presents itself."""

    source_id: str
    name: str
    host: str
    scheme: Literal["http", "https"]
    country: str
    lang: str
    timezone: ZoneInfo
    charset: str
    template: str
    title_suffix: str
    feeds: tuple[OutletFeed, ...]
    disallow: tuple[str, ...] = ()
    down: bool = False

    @property
    def base(self) -> str:
        """Return the address of the outlet without a final slash."""
        return f"{self.scheme}://{self.host}"


@dataclass(frozen=True, slots=True)
class Piece:
    """One article as its outlet publishes it (in one round, if it is edited later)."""

    key: str
    event: str
    outlet: str
    lang: str
    path: str
    title: str
    published: datetime
    section: str
    summary: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    subtitle: str = ""
    modified: datetime | None = None
    round: int = 1
    page: PageKind = "full"
    feed_date: str = ""
    wire: str = ""

    @property
    def text(self) -> str:
        """The clean body: paragraphs and subheadings, one a line."""
        return "\n".join(p.removeprefix(SUBHEADING) for p in self.paragraphs)


@dataclass(frozen=True, slots=True)
class ExtraEntry:
    """A feed item with no article behind it: a broken one."""

    feed_url: str
    title: str
    link: str
    guid: str
    summary: str
    published: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Everything the outlets publish; ``pieces(n)`` is the state of the world at round ``n``."""

    outlets: tuple[Outlet, ...]
    first: tuple[Piece, ...]
    revisions: tuple[Piece, ...]
    extras: tuple[ExtraEntry, ...]

    def pieces(self, round: int) -> tuple[Piece, ...]:
        """Return the articles on line at ``round``, edits applied, newest first (then by key).

        Raises ValueError for a round there is none of.
        """
        if round not in ROUNDS:
            raise ValueError(f"the newsroom knows rounds 1 and 2, not {round}")
        edited = {r.key: r for r in self.revisions if r.round <= round}
        on_line = [edited.get(p.key, p) for p in self.first if p.round <= round]
        return tuple(sorted(on_line, key=lambda p: (-p.published.timestamp(), p.key)))

    def outlet(self, source_id: str) -> Outlet:
        """Return an outlet by id; KeyError when there is none."""
        for outlet in self.outlets:
            if outlet.source_id == source_id:
                return outlet
        raise KeyError(source_id)

    def url(self, piece: Piece) -> str:
        """Return the address of an article's page, free of tracking parameters."""
        return self.outlet(piece.outlet).base + piece.path


def in_feed(feed: OutletFeed, piece: Piece) -> bool:
    """Tell whether ``feed`` (of the article's own outlet) lists the article."""
    return not feed.sections or piece.section in feed.sections


def parse_events(text: str, event: str) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """Split an event file into (front matter, paragraphs); raises NewsroomError naming the event."""
    parts = re.split(r"^\+\+\+$", text, flags=re.MULTILINE)
    if parts[0].strip() or len(parts) % 2 == 0 or len(parts) < 3:
        raise NewsroomError(f"{event}: front matter stands between lines of +++ and is followed by the text")
    found = []
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        try:
            front = tomllib.loads(head)
        except tomllib.TOMLDecodeError as error:
            raise NewsroomError(f"{event}: {error}") from error
        found.append((front, tuple(" ".join(p.split()) for p in re.split(r"\n\s*\n", body) if p.strip())))
    return found


def _outlet(row: dict[str, Any]) -> Outlet:
    charset = row.get("charset", "utf-8")
    feeds = tuple(
        OutletFeed(
            **{
                "title": row["name"],
                "charset": charset,
                "dates": "rfc822",
                "format": "rss",
                **f,
                "sections": tuple(f.get("sections", ())),
            }
        )
        for f in row["feeds"]
    )
    return Outlet(
        source_id=row["id"],
        name=row["name"],
        host=row["host"],
        scheme=row.get("scheme", "https"),
        country=row["country"],
        lang=row["lang"],
        timezone=ZoneInfo(row["timezone"]),
        charset=charset,
        template=row["template"],
        title_suffix=row.get("title_suffix", ""),
        feeds=feeds,
        disallow=tuple(row.get("disallow", ())),
        down=row.get("down", False),
    )


def _piece(front: dict[str, Any], paragraphs: tuple[str, ...], event: str, outlets: dict[str, Outlet]) -> Piece:
    outlet = outlets[front["outlet"]]
    values = {k: v for k, v in front.items() if k not in ("keep", "authors", "revises")}
    values |= {"event": event, "paragraphs": paragraphs, "authors": tuple(front.get("authors", ()))}
    values.setdefault("lang", outlet.lang)
    for name in ("published", "modified"):
        if name in values:
            values[name] = values[name].replace(tzinfo=values[name].tzinfo or outlet.timezone)
    # The first poll is on the morning of the 7th: what it brings is old news, and most of the news comes after it
    values.setdefault("round", 1 if values["published"] < FIRST_POLL else 2)
    return Piece(**values)


@cache
def load_newsroom() -> Newsroom:
    """Read and check all data files. Raises NewsroomError when they do not fit together."""
    raw = tomllib.loads((HERE / "outlets.toml").read_text(encoding="utf-8"))
    outlets = {row["id"]: _outlet(row) for row in raw["outlet"]}
    first: dict[str, Piece] = {}
    revisions: list[Piece] = []
    fronts: dict[str, dict[str, Any]] = {}
    for file in sorted((HERE / "events").glob("*.md")):
        for front, paragraphs in parse_events(file.read_text(encoding="utf-8"), file.stem):
            try:
                if "revises" in front:
                    base = first[front["revises"]]
                    merged = fronts[base.key] | {"round": 2} | front
                    revisions.append(_piece(merged, paragraphs, file.stem, outlets))
                    continue
                piece = _piece(front, paragraphs, file.stem, outlets)
            except (KeyError, TypeError, AttributeError) as error:
                raise NewsroomError(f"{file.name}: {front.get('key', front)}: {error!r}") from error
            if piece.key in first:
                raise NewsroomError(f"{file.name}: {piece.key} is there twice")
            first[piece.key], fronts[piece.key] = piece, front
    pieces = tuple(_republish(p, fronts[p.key], first) for p in first.values())
    extras = tuple(ExtraEntry(**row) for row in raw.get("extra_entry", ()))
    return Newsroom(tuple(outlets.values()), pieces, tuple(revisions), extras)


def _republish(piece: Piece, front: dict[str, Any], pieces: dict[str, Piece]) -> Piece:
    """Give a republished wire story its text: all paragraphs of the original, or those that ``keep`` counts from 1.

    Paragraphs of its own follow the original's (a correction, a note on the desk that cut it).
    """
    if not piece.wire:
        return piece
    original = pieces[piece.wire].paragraphs
    kept = tuple(original[i - 1] for i in front["keep"]) if "keep" in front else original
    return replace(piece, paragraphs=kept + piece.paragraphs)
