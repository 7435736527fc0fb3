"""Fetch every feed of a catalogue once and say how it is: the work behind ``atalaya sources check``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.feeds import FeedInput
from pipeline.sources import Catalogue
from pipeline.steps import FetchRequest, FetchResult, ParsedFeed
from storage.records import Feed, Source

STALE_AFTER = timedelta(days=60)
"""A feed whose newest entry is older is said to be stale: some feeds answer for years after the outlet left them."""


class Fetching(Protocol):
    """What is needed of `pipeline.fetch.Fetcher`."""

    def fetch_all(self, requests: Iterable[FetchRequest]) -> AsyncIterator[FetchResult]:
        """Yield one result for each request, in any order."""
        ...


class Parsing(Protocol):
    """What is needed of `pipeline.feeds.FeedParser`."""

    def parse(self, given: FeedInput) -> ParsedFeed:
        """Return the feed in the bytes of ``given``."""
        ...


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one feed is. ``ok``: it was fetched, it is a feed and it has entries.

    ``reason`` is a code of `pipeline.reasons`. ``proposed_url`` is where a chain of permanent redirects led: write it
    into the declaration. ``newest_entry_at`` is None where no entry has a usable date.
    """

    source_id: str
    feed_url: str
    ok: bool
    reason: str
    entries: int = 0
    newest_entry_at: datetime | None = None
    detail: str | None = None
    proposed_url: str | None = None
    stale: bool = False


async def check_feeds(catalogue: Catalogue, fetcher: Fetching, parser: Parsing) -> list[CheckResult]:
    """Fetch all feeds of ``catalogue`` (no validators are sent, so none answers 304) and parse what comes.

    Returns one result a feed, in the order of the catalogue. A feed that the fetcher gives no result for is a ``bug``.
    """
    sources = {s.source_id: s for s in catalogue.sources}
    feeds = {f.feed_url: f for f in catalogue.feeds}
    found: dict[str, CheckResult] = {}
    requests = [FetchRequest(url=f.feed_url, kind="feed", source_id=f.source_id) for f in catalogue.feeds]
    async for result in fetcher.fetch_all(requests):
        feed = feeds[result.request.url]
        found[feed.feed_url] = await _checked(feed, sources[feed.source_id], result, parser)
    return [
        found.get(f.feed_url) or CheckResult(f.source_id, f.feed_url, False, "bug", detail="the fetch gave no result")
        for f in catalogue.feeds
    ]


def verified_ids(results: Iterable[CheckResult]) -> frozenset[str]:
    """Return the sources of which at least one feed was really fetched and is a feed: see `Catalogue.verified`."""
    return frozenset(r.source_id for r in results if r.ok)


async def _checked(feed: Feed, source: Source, result: FetchResult, parser: Parsing) -> CheckResult:
    if result.reason != "ok":
        return CheckResult(
            feed.source_id,
            feed.feed_url,
            ok=False,
            reason=result.reason,
            detail=result.detail,
            proposed_url=result.permanent_url,
        )
    given = FeedInput(
        body=result.body,
        feed_url=feed.feed_url,
        content_type=result.headers.get("content-type", ""),
        timezone=source.timezone,
        fetched_at=result.fetched_at,
    )
    parsed = await asyncio.to_thread(parser.parse, given)
    return judge(feed, result, parsed)


def judge(feed: Feed, result: FetchResult, parsed: ParsedFeed) -> CheckResult:
    """Decide how a fetched and parsed feed is, from the two records alone."""
    dates = [i.published_at for i in parsed.items if i.published_at is not None]
    newest = max(dates, default=None)
    stale = newest is not None and result.fetched_at - newest > STALE_AFTER
    readable = parsed.reason in ("ok", "partial")
    reason, detail = parsed.reason, parsed.detail
    if readable and not parsed.items:
        reason, detail = "empty", "a feed without entries"
    elif newest is not None and stale:
        detail = f"its newest entry is of {newest:%Y-%m-%d}: the outlet may have left this feed"
    return CheckResult(
        source_id=feed.source_id,
        feed_url=feed.feed_url,
        ok=readable and bool(parsed.items),
        reason=reason,
        entries=len(parsed.items) + parsed.tossed,
        newest_entry_at=newest,
        detail=detail,
        proposed_url=result.permanent_url,
        stale=stale,
    )
