"""Poll one source: feeds, decisions, pages, articles. Touches the network and the page archive, never the warehouse."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.archive import PageArchive
from pipeline.articles import Labels, count_paragraphs, feed_only_article, full_article
from pipeline.decide import Decision, PageWish, decide, give_up
from pipeline.feeds import FeedInput
from pipeline.fetch import page_problem
from pipeline.furniture import drop_learnt, learn_furniture
from pipeline.politeness import next_try
from pipeline.reasons import REASONS
from pipeline.settings import Settings
from pipeline.steps import Extraction, FetchRequest, FetchResult, PageInput, ParsedFeed, SourcePlan
from storage.ids import make_id, page_id
from storage.records import Article, ArticleBeat, Entry, Feed, FetchEvent, Furniture, Outcome, Page, Record, Source

CRASHES = frozenset({"extract_timeout", "worker_crash", "worker_oom"})
"""Ends of an extraction after which the page is put aside, not published from the feed's words: it needs a look."""


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
    states: Mapping[str, int] = field(default_factory=dict)  # entry state -> count, of entries decided in this poll
    reasons: Mapping[str, int] = field(default_factory=dict)  # reason -> count, of entries that were not stored


async def poll_source(plan: SourcePlan, tools: Tools, settings: Settings, run_id: str) -> Harvest:
    """Poll the due feeds of a source, fetch and extract its new pages, and return everything to be stored.

    Never raises for what the network or a document does: that is an outcome. Pages are archived as they come.
    """
    now = tools.clock()
    results = await _fetch_feeds(plan, tools, settings, now)
    parsed = await asyncio.to_thread(_parse, plan, results, tools, settings)
    decision = decide(plan, parsed, now, settings.fetch.max_pages_per_source)
    with ExitStack() as stack:
        archive: PageArchive | None = None
        if decision.wishes:
            name = f"{run_id}-{plan.source.source_id}"
            archive = stack.enter_context(PageArchive(settings.home / "pages", name))
        pages = await asyncio.gather(*(_take_page(plan.source, w, tools, archive) for w in decision.wishes))
    pages, counts = _clean(plan, pages, settings)
    return await asyncio.to_thread(_harvest, plan, results, parsed, decision, pages, counts, tools, run_id, now)


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
        parsed[url] = tools.parser.parse(given)
    return parsed


@dataclass(frozen=True, slots=True)
class _Taken:
    """A page that was tried: ``result`` without its body, which is in the archive and no longer in memory."""

    wish: PageWish
    result: FetchResult
    size: int
    problem: str | None  # why the page cannot be read, or None
    page: Page | None
    found: Extraction | None


async def _take_page(source: Source, wish: PageWish, tools: Tools, archive: PageArchive | None) -> _Taken:
    """Fetch, archive and extract one page, so that a source's pages never stand in memory together."""
    entry = wish.entry
    result = await tools.fetcher.fetch(FetchRequest(entry.url or "", "page", entry.source_id))
    problem = page_problem(result)
    page = found = None
    if result.reason == "ok" and archive is not None:
        page = _page(entry, result, *archive.write(result))
    if problem is None:
        given = page_input(
            source,
            entry,
            result.body,
            result.headers.get("content-type", ""),
            result.final_url or result.request.url,
        )
        found = await asyncio.to_thread(_extract, given, tools.extractor)
    return _Taken(wish, replace(result, body=b""), len(result.body), problem, page, found)


def _extract(given: PageInput, extractor: Extracts) -> Extraction:
    (found,) = extractor.run([given])
    return found


def _page(entry: Entry, result: FetchResult, warc_file: str, offset: int) -> Page:
    import hashlib

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


def _clean(plan: SourcePlan, pages: Sequence[_Taken], settings: Settings) -> tuple[list[_Taken], dict[str, int]]:
    """Learn which paragraphs repeat on this source's pages and take them out of these."""
    counts = count_paragraphs(plan.furniture, [p.found.paragraph_hashes for p in pages if p.found is not None])
    learnt = learn_furniture(counts)
    cleaned = [
        p if p.found is None else replace(p, found=without_furniture(p.found, learnt, settings.extract.min_words))
        for p in pages
    ]
    return cleaned, counts


def without_furniture(found: Extraction, learnt: frozenset[str], min_words: int) -> Extraction:
    """Return the extraction without paragraphs that repeat on the source's pages; ``thin`` when little is left."""
    if found.reason != "ok":
        return found
    text = "\n".join(drop_learnt(found.text.split("\n"), learnt))
    if text == found.text:
        return found
    if len(text.split()) < min_words:
        return replace(found, reason="thin", detail="only what repeats on the source's pages", text="")
    return replace(found, text=text)


def _harvest(
    plan: SourcePlan,
    results: Mapping[str, FetchResult],
    parsed: Mapping[str, ParsedFeed],
    decision: Decision,
    pages: Sequence[_Taken],
    furniture: Mapping[str, int],
    tools: Tools,
    run_id: str,
    now: datetime,
) -> Harvest:
    entries: list[Entry] = list(decision.settled)
    articles: list[Article] = []
    for page in pages:
        entry, article = settle(
            plan.source, page.wish, page.result, page.problem, page.page, page.found, tools.labels, now
        )
        if entry is not None:
            entries.append(entry)
        if article is not None:
            articles.append(article)
    beats = tools.beats(articles)
    by_article: dict[str, list[str]] = {}
    for beat in beats:
        by_article.setdefault(beat.article_id, []).append(beat.beat)
    articles = [replace(a, beats=tuple(sorted(by_article.get(a.article_id, ())))) for a in articles]
    feeds = [_polled(f, results[f.feed_url], parsed.get(f.feed_url), now) for f in plan.feeds]
    source_id = plan.source.source_id
    records: list[Record] = [
        *feeds,
        *entries,
        *(p.page for p in pages if p.page is not None),
        *(Furniture(source_id, h, n) for h, n in furniture.items() if plan.furniture.get(h) != n),
        *beats,
        *_events(plan, results, parsed, decision, pages, run_id),
        *_outcomes(plan, results, parsed, entries, run_id, now),
    ]
    failed = {f.feed_url: f.last_reason or "" for f in feeds if f.failures}
    return Harvest(
        source_id=source_id,
        records=tuple(records),
        articles=tuple(articles),
        feeds_ok=len(feeds) - len(failed),
        feeds_failed=failed,
        seen=sum(decision.seen.values()),
        unchanged=decision.unchanged,
        states=Counter(e.state for e in entries),
        reasons=Counter(e.reason for e in entries if e.state != "stored"),
    )


def settle(
    source: Source,
    wish: PageWish,
    result: FetchResult,
    problem: str | None,
    page: Page | None,
    found: Extraction | None,
    labels: Labels,
    now: datetime,
) -> tuple[Entry | None, Article | None]:
    """Return the one outcome of an entry whose page was tried, and the article it gives.

    (None, None) for a stored entry whose changed page could not be had: what is held stays, the next poll tries again.
    """
    entry = wish.entry
    known_page = page.page_id if page is not None else None
    if problem is None and found is not None and found.reason == "ok":
        article = full_article(source, entry, found, known_page, labels)
        reason = "revised" if wish.why == "revised" else "new"
        return replace(entry, state="stored", reason=reason, article_id=article.article_id, next_try_at=None), article
    cause = problem or (found.reason if found is not None else "bug")
    detail = (result.detail if problem else found.detail if found is not None else None) or entry.detail
    if cause in CRASHES or cause == "bug":
        return replace(entry, state="quarantined", reason=cause, detail=detail, next_try_at=None), None
    if wish.why == "revised" and problem is not None:
        return None, None
    if problem is not None and REASONS[cause].kind == "temporary" and not give_up(entry, now):
        attempts = entry.attempts + 1
        due = next_try(attempts, cause, result.retry_at, now)
        waiting = replace(entry, state="pending", reason=cause, detail=detail, attempts=attempts, next_try_at=due)
        return waiting, None
    fallback = feed_only_article(source, entry, known_page, labels)
    if fallback is None:
        return replace(entry, state="skipped", reason="no_text", detail=cause, next_try_at=None), None
    stored = replace(
        entry, state="stored", reason=cause, detail=detail, article_id=fallback.article_id, next_try_at=None
    )
    return stored, fallback


def _polled(feed: Feed, result: FetchResult, parsed: ParsedFeed | None, now: datetime) -> Feed:
    """Return what to remember of a feed. Validators advance only when the items they stand for were read."""
    base = replace(feed, last_polled_at=now, first_polled_at=feed.first_polled_at or now)
    reason = parsed.reason if parsed is not None else result.reason
    if result.reason == "not_modified":
        return replace(base, last_ok_at=now, failures=0, last_reason=reason, next_due_at=result.retry_at)
    if parsed is not None and reason in ("ok", "partial"):
        return replace(
            base,
            etag=result.etag,
            last_modified=result.last_modified,
            last_ok_at=now,
            last_full_at=now,
            failures=0,
            last_reason=reason,
            next_due_at=None,
            proposed_url=result.permanent_url,
            last_entry_ids=tuple(i.entry_id for i in parsed.items),
        )
    failures = feed.failures + 1
    return replace(
        feed,  # never polled successfully: the first items it brings are still backfill
        last_polled_at=now,
        failures=failures,
        last_reason=reason,
        next_due_at=next_try(failures, reason, result.retry_at, now),
        proposed_url=result.permanent_url or feed.proposed_url,
    )


def _events(
    plan: SourcePlan,
    results: Mapping[str, FetchResult],
    parsed: Mapping[str, ParsedFeed],
    decision: Decision,
    pages: Sequence[_Taken],
    run_id: str,
) -> Iterator[FetchEvent]:
    for url, result in results.items():
        reason = parsed[url].reason if url in parsed else result.reason
        event = _event(result, reason, len(result.body), run_id)
        yield replace(
            event,
            entry_count=decision.seen.get(url),
            new_count=decision.new.get(url),
            possible_gap=decision.gaps.get(url, False),
        )
    for page in pages:
        yield _event(page.result, page.problem or page.result.reason, page.size, run_id)


def _event(result: FetchResult, reason: str, size: int, run_id: str) -> FetchEvent:
    request = result.request
    return FetchEvent(
        fetch_id=make_id("f", run_id, request.kind, request.url),
        run_id=run_id,
        source_id=request.source_id,
        kind=request.kind,
        url=request.url,
        final_url=result.final_url,
        http_status=result.status,
        reason=reason,
        detail=result.detail,
        bytes=size,
        elapsed_ms=result.elapsed_ms,
        fetched_at=result.fetched_at,
    )


def _outcomes(
    plan: SourcePlan,
    results: Mapping[str, FetchResult],
    parsed: Mapping[str, ParsedFeed],
    entries: Sequence[Entry],
    run_id: str,
    now: datetime,
) -> Iterator[Outcome]:
    source_id = plan.source.source_id
    for url, result in results.items():
        feed = parsed.get(url)
        reason = feed.reason if feed is not None else result.reason
        detail = feed.detail if feed is not None else result.detail
        good = reason in ("ok", "not_modified", "partial")
        yield Outcome(run_id, "feed", url, source_id, "read" if good else "failed", reason, detail, now)
        if feed is not None and feed.tossed:
            yield Outcome(run_id, "feed_cap", url, source_id, "skipped", "too_many", f"{feed.tossed} items", now)
    for entry in entries:
        yield Outcome(run_id, "entry", entry.entry_id, source_id, entry.state, entry.reason, entry.detail, now)
