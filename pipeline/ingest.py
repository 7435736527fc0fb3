"""Poll one source: feeds, decisions, pages, articles. Touches the network and the page archive, never the warehouse."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from pipeline.archive import PageArchive
from pipeline.articles import Labels, count_paragraphs
from pipeline.clock import clock_off
from pipeline.decide import Decision, PageWish, decide, put_off
from pipeline.feeds import FeedInput
from pipeline.fetch import page_problem
from pipeline.furniture import drop_learnt, learn_furniture
from pipeline.settings import Settings
from pipeline.settle import Taken, events, outcomes, polled, settle
from pipeline.steps import Extraction, FetchRequest, FetchResult, PageInput, ParsedFeed, SourcePlan
from storage.ids import page_id
from storage.records import Article, ArticleBeat, Entry, Feed, Furniture, Outcome, Page, Record, Source

T = TypeVar("T")
PAGES_AT_ONCE = 4
"""So many pages of a source are in memory at once: a host hands out one at a time anyway."""


class Fetches(Protocol):
    async def fetch(self, request: FetchRequest) -> FetchResult: ...


class ParsesFeeds(Protocol):
    def parse(self, given: FeedInput) -> ParsedFeed: ...


class Extracts(Protocol):
    def run(self, pages: Iterable[PageInput]) -> Iterator[Extraction]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a poll works with; tests put fakes in."""

    fetcher: Fetches
    parser: ParsesFeeds
    extractor: Extracts
    labels: Labels
    beats: Callable[[Sequence[Article]], list[ArticleBeat]]
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a poll of one source brings: records to merge, and counts for people."""

    source_id: str
    records: tuple[Record, ...]
    articles: tuple[Article, ...]
    feeds_ok: int
    feeds_failed: Mapping[str, str]  # feed URL -> reason
    seen: int
    unchanged: int
    kept_as_held: int = 0  # entries read again whose wording the warehouse had; known once they are loaded
    clock_off_s: float | None = None  # how far the servers' clocks are ahead of ours; None where none told
    states: Mapping[str, int] = field(default_factory=dict)  # entry state -> count, of entries decided in this poll
    reasons: Mapping[str, int] = field(default_factory=dict)  # reason -> count, of entries that were not stored


async def poll_source(plan: SourcePlan, tools: Tools, settings: Settings, run_id: str) -> Harvest:
    """Poll the due feeds of a source, fetch and extract its new pages, and return everything to be stored.

    Never raises for what the network or a document does: that is an outcome. Pages are archived as they come, and
    StorageError is raised where they cannot be.
    """
    results = await _fetch_feeds(plan, tools, settings, tools.clock())
    now = tools.clock()  # all sources begin at once and may have waited their turn: seen is what has been read
    parsed = await asyncio.to_thread(_parse, plan, results, tools, settings)
    results = {url: result.without_body() for url, result in results.items()}
    decision = decide(plan, parsed, now, settings.fetch.max_pages_per_source)
    with ExitStack() as stack:
        archive: PageArchive | None = None
        if decision.wishes:
            name = f"{run_id}-{plan.source.source_id}"
            archive = stack.enter_context(PageArchive(settings.home / "pages", name))
        pages = await _take_pages(plan.source, decision.wishes, tools, archive, settings.fetch.max_source_s)
    decision = put_off(decision, late(decision.wishes, pages), now)
    pages, counts = _clean(plan, pages, settings)
    return await asyncio.to_thread(_harvest, plan, results, parsed, decision, pages, counts, tools, run_id, now)


def broken_harvest(plan: SourcePlan, error: Exception, run_id: str, now: datetime) -> Harvest:
    """Return the harvest of a source whose poll ended in an error of our own: one outcome, and nothing taken."""
    source_id, detail = plan.source.source_id, f"{type(error).__name__}: {error}"
    record = Outcome(run_id, "poll", source_id, source_id, "failed", "bug", detail, now)
    return Harvest(source_id, (record,), (), 0, {}, seen=0, unchanged=0, reasons={"bug": 1})


async def _fetch_feeds(plan: SourcePlan, tools: Tools, settings: Settings, now: datetime) -> dict[str, FetchResult]:
    full_every = timedelta(seconds=settings.fetch.full_fetch_every_s)

    async def one(feed: Feed) -> FetchResult:
        # Once a week everything is fetched anew: some servers answer 304 for ever.
        stale = feed.last_full_at is None or now - feed.last_full_at >= full_every
        request = FetchRequest(
            feed.feed_url,
            "feed",
            feed.source_id,
            etag=None if stale else feed.etag,
            last_modified=None if stale else feed.last_modified,
        )
        return await tools.fetcher.fetch(request)

    done = await asyncio.gather(*(one(f) for f in plan.feeds))
    return {feed.feed_url: result for feed, result in zip(plan.feeds, done, strict=True)}


def _parse(
    plan: SourcePlan, results: Mapping[str, FetchResult], tools: Tools, settings: Settings
) -> dict[str, ParsedFeed]:
    parsed: dict[str, ParsedFeed] = {}
    for url, result in results.items():
        if result.reason != "ok":
            continue
        given = FeedInput(
            body=result.body,
            feed_url=url,
            content_type=result.headers.get("content-type", ""),
            timezone=plan.source.timezone,
            fetched_at=result.fetched_at,
            max_entries=settings.fetch.max_entries_per_feed,
        )
        feed = tools.parser.parse(given)
        if feed.reason == "partial" and not feed.items:
            # the start of something like a feed, of which no item survived, has not answered
            feed = replace(feed, reason="not_feed", detail=feed.detail or "no item could be read")
        parsed[url] = feed
    return parsed


async def _take_pages(
    source: Source, wishes: Sequence[PageWish], tools: Tools, archive: PageArchive | None, within_s: float
) -> list[Taken]:
    """Take the pages of a source, few at a time: fetching them is faster than reading them.

    None is begun after ``within_s`` seconds: a host that answers slowly, or wants long pauses, holds up nobody else.
    """
    room = asyncio.Semaphore(PAGES_AT_ONCE)
    now = asyncio.get_running_loop().time
    deadline = now() + within_s

    async def one(wish: PageWish) -> Taken | None:
        async with room:
            return await _take_page(source, wish, tools, archive) if now() < deadline else None

    async with each_ended(one(w) for w in wishes) as tasks:
        return [taken for taken in await asyncio.gather(*tasks) if taken is not None]


def late(wishes: Sequence[PageWish], pages: Sequence[Taken]) -> list[PageWish]:
    """Return the wishes that no page was taken for."""
    taken = {p.wish.entry.entry_id for p in pages}
    return [w for w in wishes if w.entry.entry_id not in taken]


@asynccontextmanager
async def each_ended(works: Iterable[Coroutine[object, object, T]]) -> AsyncIterator[list[asyncio.Task[T]]]:
    """Start all ``works`` as tasks; none goes on after the block, so where one failed the others write nothing more."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _take_page(source: Source, wish: PageWish, tools: Tools, archive: PageArchive | None) -> Taken:
    """Fetch, archive and extract one page."""
    entry = wish.entry
    result = await tools.fetcher.fetch(FetchRequest(entry.url or "", "page", entry.source_id))
    problem = page_problem(result)
    page = found = None
    if result.reason == "ok" and archive is not None:
        page = _page(entry, result, *archive.write(result))
    if problem is None and _sent_home(result):
        problem = "not_found"  # what sites do with withdrawn pages instead of a 404
    if problem is None:
        given = page_input(
            source,
            entry,
            result.body,
            result.headers.get("content-type", ""),
            result.final_url or result.request.url,
        )
        found = await asyncio.to_thread(_extract, given, tools.extractor)
    return Taken(wish, result.without_body(), problem, page, found)


def _sent_home(result: FetchResult) -> bool:
    """Return whether a page's address led to a front page."""
    asked, got = urlsplit(result.request.url), urlsplit(result.final_url or result.request.url)
    return asked.path.strip("/") != "" and got.path.strip("/") == "" and not got.query


def _extract(given: PageInput, extractor: Extracts) -> Extraction:
    (found,) = extractor.run([given])
    return found


def _page(entry: Entry, result: FetchResult, warc_file: str, offset: int) -> Page:
    body_sha = hashlib.sha256(result.body).hexdigest()
    url = entry.canonical_url or ""
    return Page(
        page_id=page_id(entry.source_id, url, body_sha),
        source_id=entry.source_id,
        url=url,
        final_url=result.final_url or result.request.url,
        http_status=result.status or 0,
        content_type=result.headers.get("content-type", ""),
        bytes=len(result.body),
        body_sha256=body_sha,
        fetched_at=result.fetched_at,
        warc_file=warc_file,
        warc_offset=offset,
    )


def page_input(source: Source, entry: Entry, body: bytes, content_type: str, url: str) -> PageInput:
    """Return the extraction input for a page of an entry (also used when archived pages are read again)."""
    return PageInput(
        key=entry.entry_id,
        url=url,
        body=body,
        content_type=content_type,
        source_id=source.source_id,
        feed_title=entry.title,
        feed_summary=entry.summary,
        feed_published_at=entry.published_at,
        feed_authors=entry.authors,
        timezone=source.timezone,
        languages=source.languages,
    )


def _clean(plan: SourcePlan, pages: Sequence[Taken], settings: Settings) -> tuple[list[Taken], dict[str, int]]:
    """Learn which paragraphs repeat on this source's pages and take them out of these."""
    # A page that is read again (an edit) was counted when it was new
    # and pages with one and the same text are one text
    fresh = {p.found.paragraph_hashes for p in pages if p.found is not None and p.wish.why != "revised"}
    counts = count_paragraphs(plan.furniture, fresh)
    cleaned = [
        p if p.found is None else replace(p, found=without_furniture(p.found, counts, settings.extract.min_words))
        for p in pages
    ]
    return cleaned, counts


def without_furniture(found: Extraction, counts: Mapping[str, int], min_words: int) -> Extraction:
    """Return the extraction without paragraphs that repeat on the source's pages.

    ``counts``: paragraph hash to pages of the source. Where most of a text repeats, or little would be left, it is an
    article that the outlet published again, and stays whole: identity folds copies, a lost text is lost.
    """
    if found.reason != "ok":
        return found
    text = "\n".join(drop_learnt(found.text.split("\n"), learn_furniture(counts)))
    if text == found.text:
        return found
    if len(text.split()) * 2 < len(found.text.split()) or len(text.split()) < min_words:
        return found
    return replace(found, text=text)


def _harvest(
    plan: SourcePlan,
    results: Mapping[str, FetchResult],
    parsed: Mapping[str, ParsedFeed],
    decision: Decision,
    pages: Sequence[Taken],
    furniture: Mapping[str, int],
    tools: Tools,
    run_id: str,
    now: datetime,
) -> Harvest:
    entries: list[Entry] = list(decision.settled)
    not_taken: list[Entry] = []
    articles: list[Article] = []
    for page in pages:
        entry, article = settle(
            plan.source, page.wish, page.result, page.problem, page.page, page.found, tools.labels, now
        )
        if entry is not None:
            entries.append(entry)
        else:
            not_taken.append(page.wish.entry)
        if article is not None:
            articles.append(article)
    beats = tools.beats(articles)
    by_article: dict[str, list[str]] = {}
    for beat in beats:
        by_article.setdefault(beat.article_id, []).append(beat.beat)
    articles = [replace(a, beats=tuple(sorted(by_article.get(a.article_id, ())))) for a in articles]
    unfinished = decision.put_off_feeds | {e.feed_url for e in not_taken}
    feeds = [
        polled(f, results[f.feed_url], parsed.get(f.feed_url), now, unfinished=f.feed_url in unfinished)
        for f in plan.feeds
    ]
    source_id = plan.source.source_id
    records: list[Record] = [
        *feeds,
        *entries,
        *(p.page for p in pages if p.page is not None),
        *(Furniture(source_id, h, n) for h, n in furniture.items() if plan.furniture.get(h) != n),
        *beats,
        *events(plan, results, parsed, decision, pages, run_id),
        *outcomes(plan, results, parsed, entries, run_id, now),
    ]
    failed = {f.feed_url: f.last_reason or "" for f in feeds if f.failures}
    return Harvest(
        source_id=source_id,
        records=tuple(records),
        articles=tuple(articles),
        feeds_ok=len(feeds) - len(failed),
        feeds_failed=failed,
        seen=sum(decision.seen.values()) + decision.tried,
        unchanged=decision.unchanged + len(not_taken),
        clock_off_s=clock_off(results.values()),
        states=Counter(e.state for e in entries),
        reasons=Counter(e.reason for e in entries if e.state != "stored"),
    )
