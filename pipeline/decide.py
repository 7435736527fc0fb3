"""What to do with the items of a poll: a pure function from what is known and read to entries and page wishes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pipeline.steps import FeedItem, KnownEntry, ParsedFeed, SourcePlan
from storage.ids import article_id
from storage.records import Entry, EntryState, Feed

MAX_ATTEMPTS = 3
"""After this many temporary failures the feed's own words are shown: a day's news must not wait for a broken server."""
LAST_ATTEMPT = 5
"""Behind the feed's words a page is asked for a few times more: many are there a little later."""
MAX_AGE = timedelta(hours=36)
"""A page that fails for longer than this is given up too."""


@dataclass(frozen=True, slots=True)
class PageWish:
    """A page to fetch for an entry, which is complete but for its outcome; ``again``: the feed's words stand for it."""

    entry: Entry
    why: Literal["new", "revised", "retry", "again"]

    @property
    def held(self) -> bool:
        """Whether the entry has an article already."""
        return self.why in ("revised", "again")


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of reading a source's feeds: entries that are settled, pages still wanted, counts."""

    settled: tuple[Entry, ...]
    wishes: tuple[PageWish, ...]
    seen: Mapping[str, int]  # per feed: items in it
    new: Mapping[str, int]  # per feed: items never seen before
    unchanged: int
    gaps: Mapping[str, bool]  # per feed: no item shared with the poll before it
    tried: int = 0  # entries whose page is tried again though no feed shows them now: seen as well
    put_off_feeds: frozenset[str] = frozenset()  # feeds with an edit that this poll had no page left for


def to_entry(item: FeedItem, feed: Feed, now: datetime, *, state: EntryState, reason: str) -> Entry:
    """Return the entry for a feed item; without a usable date the time it was seen stands in."""
    return Entry(
        entry_id=item.entry_id,
        source_id=feed.source_id,
        feed_url=feed.feed_url,
        guid=item.guid,
        url=item.url,
        canonical_url=item.canonical_url,
        title=item.title,
        summary=item.summary,
        content=item.content,
        authors=item.authors,
        categories=item.categories,
        lang=item.lang,
        published_at=item.published_at,
        published_at_origin=item.published_at_origin,
        published_precision=item.published_precision,
        updated_at=item.updated_at,
        seen_at=now,
        content_sha256=item.content_sha256,
        backfill=feed.first_polled_at is None,
        state=state,
        reason=reason,
        detail="; ".join(item.notes) or None,
    )


def decide(plan: SourcePlan, parsed: Mapping[str, ParsedFeed], now: datetime, max_pages: int) -> Decision:
    """Sort the items of a source's feeds into settled entries and pages to fetch.

    Of two items with one canonical URL the one of the feed declared first owns the article; the other is a duplicate.
    Items beyond ``max_pages`` stay pending for the next run, newest first served.
    """
    by_id = {k.entry_id: k for k in plan.known}
    retry_ids = {e.entry_id for e in plan.pending}
    settled: list[Entry] = []
    wishes = [PageWish(e, "again" if e.state == "stored" else "retry") for e in plan.pending]
    owner_of = _owners(plan.known, retry_ids)
    seen: dict[str, int] = {}
    new: dict[str, int] = {}
    gaps: dict[str, bool] = {}
    unchanged = 0
    untold = set(retry_ids)  # what becomes of these is told by the try of their page, not by the feed's item as well

    def as_before(entry_id: str) -> int:
        told = entry_id not in untold
        untold.discard(entry_id)
        return int(told)

    for feed in plan.feeds:
        result = parsed.get(feed.feed_url)
        if result is None:
            continue
        seen[feed.feed_url] = len(result.items)
        new[feed.feed_url] = 0
        before = set(feed.last_entry_ids)
        gaps[feed.feed_url] = bool(before and result.items) and before.isdisjoint(i.entry_id for i in result.items)
        for item in result.items:
            known = by_id.get(item.entry_id)
            if known is None:
                new[feed.feed_url] += 1
            if item.problem is not None:
                if known is None:
                    settled.append(to_entry(item, feed, now, state="quarantined", reason=item.problem))
                else:
                    unchanged += as_before(item.entry_id)
                continue
            if known is not None:
                changed = known.content_sha256 != item.content_sha256
                if changed and known.state in ("stored", "quarantined", "skipped") and item.entry_id not in retry_ids:
                    # only what has an article can be revised; the others get their chance as if they were new
                    why: Literal["new", "revised"] = "revised" if known.state == "stored" else "new"
                    wishes.append(PageWish(to_entry(item, feed, now, state="pending", reason="new"), why))
                else:
                    unchanged += as_before(item.entry_id)
                continue
            url = item.canonical_url or ""  # never empty here: an item without one has a problem
            owner = owner_of.get(url)
            if owner is not None:
                entry = to_entry(item, feed, now, state="duplicate", reason="same_url")
                owned = owner.article_id or article_id(feed.source_id, url)
                settled.append(replace(entry, article_id=owned, detail=f"entry {owner.entry_id}"))
                _lend_words(wishes, owner.entry_id, item)
                continue
            entry = to_entry(item, feed, now, state="pending", reason="new")
            wishes.append(PageWish(entry, "new"))
            owner_of[url] = KnownEntry(
                entry.entry_id, feed.source_id, feed.feed_url, url, item.content_sha256, "pending", None
            )
    everything = Decision(tuple(settled), tuple(wishes), seen, new, unchanged, gaps, len(untold))
    return put_off(everything, _beyond_quota(wishes, max_pages), now)


def put_off(decision: Decision, wishes: Sequence[PageWish], now: datetime) -> Decision:
    """Return the decision without these pages, for which a poll has no room or no time left.

    New ones wait for the next run. One that is held stays as it is: an edit shows again, a page that is tried again
    stays due.
    """
    waiting = (replace(w.entry, state="pending", reason="over_quota", next_try_at=now) for w in wishes if not w.held)
    held = [w for w in wishes if w.held]
    edits = [w.entry.feed_url for w in held if w.why == "revised"]
    gone = {w.entry.entry_id for w in wishes}
    return replace(
        decision,
        settled=(*decision.settled, *waiting),
        wishes=tuple(w for w in decision.wishes if w.entry.entry_id not in gone),
        unchanged=decision.unchanged + len(held),
        put_off_feeds=decision.put_off_feeds | frozenset(edits),
    )


def _owners(known: Sequence[KnownEntry], retried: Collection[str]) -> dict[str, KnownEntry]:
    """Entries that have, or still may get, the article of a page: one without words owns nothing."""
    owners: dict[str, KnownEntry] = {}
    for entry in known:
        waits = entry.state in ("stored", "pending") or entry.entry_id in retried
        if entry.canonical_url is not None and waits:
            owners.setdefault(entry.canonical_url, entry)
    return owners


def _lend_words(wishes: list[PageWish], owner_id: str, item: FeedItem) -> None:
    """Give the owner of a page the words that another feed has of it, where they say more: its page may be walled."""
    for i, wish in enumerate(wishes):
        if wish.entry.entry_id == owner_id:
            entry = wish.entry
            summary, content = (
                max(pair, key=len) for pair in ((entry.summary, item.summary), (entry.content, item.content))
            )
            wishes[i] = PageWish(replace(entry, summary=summary, content=content), wish.why)


def _beyond_quota(wishes: Sequence[PageWish], max_pages: int) -> list[PageWish]:
    # sort() is stable, so feed order decides among equals and a rerun chooses the same pages
    order = sorted(wishes, key=lambda w: (w.why != "again", w.entry.published_at or w.entry.seen_at), reverse=True)
    return order[max_pages:]


def give_up(entry: Entry, now: datetime, attempts: int = MAX_ATTEMPTS) -> bool:
    """Return whether a page that failed once more is no longer waited for, or with LAST_ATTEMPT no longer asked for."""
    return entry.attempts + 1 >= attempts or now - entry.seen_at >= MAX_AGE
