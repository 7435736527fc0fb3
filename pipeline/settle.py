"""How each item of a poll ended: pure functions from what was fetched and read to entries, feeds, events, outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.articles import Labels, feed_only_article, full_article
from pipeline.decide import LAST_ATTEMPT, Decision, PageWish, give_up
from pipeline.politeness import next_try
from pipeline.reasons import REASONS
from pipeline.steps import Extraction, FetchResult, ParsedFeed, SourcePlan
from storage.ids import article_id, make_id
from storage.records import Article, Entry, Feed, FetchEvent, Outcome, Page, Source

CRASHES = frozenset({"extract_timeout", "worker_crash", "worker_oom"})
"""Ends of an extraction after which the page is put aside, not published from the feed's words: it needs a look."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A page that was tried: ``result`` without its body, which is in the archive."""

    wish: PageWish
    result: FetchResult
    problem: str | None  # why the page cannot be read, or None
    page: Page | None
    found: Extraction | None


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

    An entry that has an article keeps it, whatever its page does now. (None, None) for an edited one whose page fails
    for the moment: the next poll tries again.
    """
    entry = wish.entry
    known_page = page.page_id if page is not None else None
    if problem is None and found is not None and found.reason == "ok":
        article = full_article(source, entry, found, known_page, labels)
        reason = "revised" if wish.why == "revised" else "new"
        if wish.why in ("retry", "again"):
            entry = replace(entry, detail=None)  # why it failed before is in the outcomes of those runs
        return replace(entry, state="stored", reason=reason, article_id=article.article_id, next_try_at=None), article
    cause = problem or (found.reason if found is not None else "bug")
    detail = (result.detail if problem else found.detail if found is not None else None) or entry.detail
    temporary = REASONS[cause].kind == "temporary"
    if temporary and wish.why == "revised":
        return None, None
    crashed = cause in CRASHES or cause == "bug"
    if crashed and not wish.held:
        return replace(entry, state="quarantined", reason=cause, detail=detail, next_try_at=None), None
    tried = replace(entry, attempts=entry.attempts + 1, detail=detail, next_try_at=None)
    if temporary and not wish.held and not give_up(entry, now):
        due = next_try(tried.attempts, cause, result.retry_at, now)
        return replace(tried, state="pending", reason=cause, next_try_at=due), None
    if _worth_another_look(cause) and not give_up(entry, now, LAST_ATTEMPT):
        # nothing waits for it any more, so whatever keeps it away, the pauses are those of a page that is not there
        tried = replace(tried, next_try_at=next_try(tried.attempts, "not_found", result.retry_at, now))
    fallback = None if crashed else feed_only_article(source, entry, known_page, labels)
    if fallback is None and not wish.held:
        return replace(tried, state="skipped", reason="no_text", detail=cause), None
    owned = article_id(source.source_id, entry.canonical_url or "")
    return replace(tried, state="stored", reason=cause, article_id=owned), fallback


def _worth_another_look(cause: str) -> bool:
    """Return whether a page that ended so may be there later; what a server refuses it will refuse again."""
    return REASONS[cause].kind in ("temporary", "soft") and cause not in ("forbidden", "too_large")


def polled(
    feed: Feed, result: FetchResult, parsed: ParsedFeed | None, now: datetime, *, unfinished: bool = False
) -> Feed:
    """Return what to remember of a feed. Validators advance only when the items they stand for were read.

    ``unfinished``: an edit that it announces was not taken, so the next poll must see it again.
    """
    base = replace(feed, last_polled_at=now, first_polled_at=feed.first_polled_at or now)
    reason = parsed.reason if parsed is not None else result.reason
    if result.reason == "not_modified":
        return replace(base, last_ok_at=now, failures=0, last_reason=reason, next_due_at=result.retry_at)
    if parsed is not None and reason in ("ok", "partial"):
        return replace(
            base,
            etag=None if unfinished or reason == "partial" else result.etag,
            last_modified=None if unfinished or reason == "partial" else result.last_modified,
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


def events(
    plan: SourcePlan,
    results: Mapping[str, FetchResult],
    parsed: Mapping[str, ParsedFeed],
    decision: Decision,
    pages: Sequence[Taken],
    run_id: str,
) -> Iterator[FetchEvent]:
    for url, result in results.items():
        reason = parsed[url].reason if url in parsed else result.reason
        event = _event(result, reason, run_id)
        yield replace(
            event,
            entry_count=decision.seen.get(url),
            new_count=decision.new.get(url),
            possible_gap=decision.gaps.get(url, False),
        )
    for page in pages:
        yield _event(page.result, page.problem or page.result.reason, run_id)


def _event(result: FetchResult, reason: str, run_id: str) -> FetchEvent:
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
        bytes=result.size,
        elapsed_ms=result.elapsed_ms,
        fetched_at=result.fetched_at,
    )


def outcomes(
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
