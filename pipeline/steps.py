"""The frozen records that stages hand to each other before anything reaches the warehouse.

Each stage is ``In -> Out | Drop``: an item either goes on or ends here, with a reason code of `pipeline.reasons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from storage.records import DateOrigin, Entry, Feed, Precision, Source


@dataclass(frozen=True, slots=True)
class Drop:
    """An item that goes no further: at which stage, which item, why, and in which words."""

    stage: str
    key: str
    reason: str
    detail: str
    at: datetime
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A wish to fetch ``url``; validators make it conditional."""

    url: str
    kind: Literal["feed", "page"]
    source_id: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """How a request ended. ``reason`` is ``ok``, ``not_modified`` or an error code of `pipeline.reasons`."""

    request: FetchRequest
    reason: str
    fetched_at: datetime
    detail: str | None = None
    final_url: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names, last value wins
    body: bytes = b""  # decoded (content-encoding undone), never larger than the cap
    size: int = 0  # bytes of a body that was let go
    elapsed_ms: int = 0
    etag: str | None = None
    last_modified: str | None = None
    permanent_url: str | None = None  # where a chain of permanent redirects led
    retry_at: datetime | None = None  # earliest next try, from Retry-After or the back-off table

    def without_body(self) -> FetchResult:
        """Return the result for whoever only tells of it: bodies of a whole run would fill the memory."""
        return replace(self, body=b"", size=len(self.body))


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a parsed feed, cleaned: plain text, checked links, dates in UTC with their origin.

    ``entry_id`` is always set. ``canonical_url`` is None when ``problem`` says why the item cannot go on.
    """

    entry_id: str
    guid: str | None
    url: str | None
    canonical_url: str | None
    title: str
    summary: str
    content: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    lang: str | None
    published_at: datetime | None  # None: the feed gave no usable date
    published_at_origin: DateOrigin
    published_precision: Precision
    updated_at: datetime | None
    content_sha256: str
    problem: str | None = None  # reason code: no_key, bad_url, …
    notes: tuple[str, ...] = ()  # reason codes that do not stop the item: bad_date, …


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A parsed feed. ``reason`` is ``ok``, ``partial`` (some items recovered from a broken file) or an error code."""

    reason: str
    items: tuple[FeedItem, ...] = ()
    detail: str | None = None
    title: str | None = None
    lang: str | None = None
    version: str = ""
    tossed: int = 0  # items beyond the cap, counted and not kept
    repeated: int = 0  # items with the id of an earlier one of the same feed: the first was kept


@dataclass(frozen=True, slots=True)
class PageInput:
    """A page to extract, with what the feed said of it (used to repair what the page gets wrong)."""

    key: str  # canonical URL
    url: str
    body: bytes
    content_type: str
    source_id: str
    feed_title: str = ""
    feed_summary: str = ""
    feed_published_at: datetime | None = None
    feed_authors: tuple[str, ...] = ()
    timezone: str = "UTC"
    languages: tuple[str, ...] = ()
    furniture: frozenset[str] = frozenset()  # hashes of paragraphs known to repeat on this source's pages


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page says. ``reason`` is ``ok`` or an error code; then text is empty."""

    key: str
    reason: str
    detail: str | None = None
    title: str = ""
    title_origin: Literal["page", "feed"] = "page"
    text: str = ""  # paragraphs separated by one newline
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_at_origin: DateOrigin = "page"
    published_precision: Precision = "second"
    modified_at: datetime | None = None
    lang: str | None = None
    lang_origin: Literal["text", "feed", "source"] = "text"
    canonical_url: str | None = None  # as the page declares it, checked
    section: str | None = None
    extractor: str = ""
    paragraph_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What a poll must know of an entry that the warehouse already holds."""

    entry_id: str
    source_id: str
    feed_url: str
    canonical_url: str | None
    content_sha256: str
    state: str
    article_id: str | None


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """All that a poll of one source needs, so that no database is open meanwhile.

    ``feeds`` stand in declared order and carry their validators; ``pending`` are entries whose page is to be tried
    again now, waiting ones and those that the feed's words stand for; ``furniture`` maps paragraph hashes to the number
    of pages they were seen on.
    """

    source: Source
    feeds: tuple[Feed, ...]
    known: tuple[KnownEntry, ...] = ()
    pending: tuple[Entry, ...] = ()
    furniture: Mapping[str, int] = field(default_factory=dict)
