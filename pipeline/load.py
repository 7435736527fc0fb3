"""Bring what a poll harvested into the warehouse, one transaction a source.

An article, its entry and its attempt commit together. Takes an open store; opens none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.articles import reconcile
from pipeline.dates import CLOCK_SKEW
from pipeline.furniture import paragraph_hash
from pipeline.politeness import LONGEST_PAUSE
from pipeline.steps import KnownEntry, SourcePlan
from storage.db import as_json
from storage.records import (
    Article,
    ArticleBeat,
    ArticleVersion,
    Entry,
    Feed,
    Furniture,
    Page,
    Record,
    Source,
)
from storage.store import Store

_MEMORY = timedelta(days=14)  # how far back stored texts are searched for paragraphs that repeat
_RECALL = timedelta(days=60)
"""Entries seen longer ago are handed to a poll only while their feed still shows them. One that comes back after that
is fetched once more, and `load_harvest` finds that it is held."""


_NO_ANSWER = frozenset({"unreachable", "timeout", "host_deferred"})
_LONGEST_WAIT = max(LONGEST_PAUSE.values()) + timedelta(days=1)
"""No pause ends later, by any clock that is right."""


def sync_catalogue(store: Store, sources: Sequence[Source], feeds: Sequence[Feed], now: datetime) -> None:
    """Store the declared sources and feeds; what the poller remembers of a feed stays, if the clock was right then."""
    held = {f.feed_url: believed(f, now) for f in store.read(Feed)}
    verified = {s.source_id: s.verified_at for s in store.read(Source)}
    kept = [
        replace(held[f.feed_url], source_id=f.source_id, scope=f.scope, position=f.position)
        if f.feed_url in held
        else f
        for f in feeds
    ]
    with store.transaction():
        store.merge([replace(s, verified_at=s.verified_at or verified.get(s.source_id)) for s in sources])
        store.merge(kept)


def believed(feed: Feed, now: datetime) -> Feed:
    """Return the feed as polled by a clock that was right: what a clock that ran ahead wrote is forgotten.

    Else no poll would count as newer, and a 304 be taken for good, until the time that it wrote has come.
    """
    times = (feed.last_polled_at, feed.last_ok_at, feed.last_full_at)
    paused = feed.next_due_at is not None and feed.next_due_at > now + _LONGEST_WAIT
    if not paused and all(at is None or at <= now + CLOCK_SKEW for at in times):
        return feed
    first = min(feed.first_polled_at, now) if feed.first_polled_at else None
    return replace(
        feed, first_polled_at=first, last_polled_at=None, last_ok_at=None, last_full_at=None, next_due_at=None
    )


def cut_off(feeds: Sequence[Feed]) -> bool:
    """Return whether none of several outlets answered last time: then this machine had no network.

    The pauses after that say nothing of the outlets, so they are not kept.
    """
    silent = all(f.failures and f.last_reason in _NO_ANSWER for f in feeds)
    return silent and len({f.source_id for f in feeds}) > 1


def plan_sources(store: Store, sources: Sequence[Source], now: datetime, *, ignore_pauses: bool) -> list[SourcePlan]:
    """Return the plan of each source: its due feeds with their validators, known keys, pages to try again.

    This is the only read of the warehouse before a poll. ``ignore_pauses`` polls feeds that are in a pause too.
    """
    asked_for = {s.source_id for s in sources}
    everyones = store.read(Feed)
    owner_of = {f.feed_url: f.source_id for f in everyones}
    held = [f for f in everyones if f.source_id in asked_for]
    everything = ignore_pauses or cut_off(held)
    feeds: dict[str, list[Feed]] = {}
    for feed in sorted(held, key=lambda f: (f.position, f.feed_url)):
        if everything or feed.next_due_at is None or feed.next_due_at <= now:
            feeds.setdefault(feed.source_id, []).append(feed)
    pending: dict[str, list[Entry]] = {}
    due = "next_try_at <= $now OR next_try_at > $wrong OR (next_try_at IS NULL AND state = 'pending')"
    waiting = store.read(Entry, due, {"now": now, "wrong": now + _LONGEST_WAIT})
    for entry in sorted(waiting, key=lambda e: (e.seen_at, e.entry_id)):
        source_id = owner_of.get(entry.feed_url, entry.source_id)  # a feed may be declared with another source now
        pending.setdefault(source_id, []).append(replace(entry, source_id=source_id))
    with_work = [s for s in sources if s.source_id in feeds or s.source_id in pending]
    known: dict[str, list[KnownEntry]] = {}
    asked = as_json(s.source_id for s in with_work)
    for row in store.statement("known_entries", sources=asked, since=now - _RECALL):
        known.setdefault(row[1], []).append(KnownEntry(*row))
    furniture = known_furniture(store, now)
    return assemble_plans(with_work, feeds, known, pending, furniture)


def assemble_plans(
    sources: Sequence[Source],
    feeds: Mapping[str, Sequence[Feed]],
    known: Mapping[str, Sequence[KnownEntry]],
    pending: Mapping[str, Sequence[Entry]],
    furniture: Mapping[str, Mapping[str, int]],
) -> list[SourcePlan]:
    """Return the plan of each source from what is known by source id."""
    return [
        SourcePlan(
            source=s,
            feeds=tuple(feeds.get(s.source_id, ())),
            known=tuple(known.get(s.source_id, ())),
            pending=tuple(pending.get(s.source_id, ())),
            furniture=furniture.get(s.source_id, {}),
        )
        for s in sources
    ]


def known_furniture(store: Store, now: datetime) -> dict[str, dict[str, int]]:
    """Return, for each source, the hashes of paragraphs known to repeat on its pages and on how many they stood."""
    known: dict[str, dict[str, int]] = {}
    for item in store.read(Furniture):
        known.setdefault(item.source_id, {})[item.paragraph_sha256] = item.page_count
    # A poll often brings a page or two, so what repeats is also looked for in the texts of the last weeks
    for source_id, paragraph, pages in store.statement("repeated_paragraphs", since=now - _MEMORY):
        held = known.setdefault(source_id, {})
        key = paragraph_hash(paragraph)
        held[key] = max(pages, held.get(key, 0))
    return known


def load_harvest(store: Store, records: Iterable[Record], *, reread: bool = False) -> int:
    """Merge the harvest of a source, or one each of several, in one transaction, reconciled with what is held.

    Returns how many of its articles brought nothing: wordings that are held already. ``reread``: the articles come
    from archived pages that were extracted anew.
    """
    articles: list[Article] = []
    entries: list[Entry] = []
    pages: list[Page] = []
    beats: list[ArticleBeat] = []
    rest: list[Record] = []
    for record in records:
        match record:
            case Article():
                articles.append(record)
            case Entry():
                entries.append(record)
            case Page():
                pages.append(record)
            case ArticleBeat():
                beats.append(record)
            case _:
                rest.append(record)

    def put() -> int:
        first_seen = _first_seen_kept(store, entries)
        seen = {e.entry_id: e for e in first_seen}
        accepted = _reconciled(store, articles, seen, reread=reread)
        accepted_ids = [a.article_id for a, _ in accepted]
        store.merge([*_newer_feeds(store, rest), *first_seen, *_new_pages(store, pages)])
        store.merge([record for pair in accepted for record in pair])
        if accepted_ids:
            kept = [b for b in beats if b.article_id in set(accepted_ids)]
            store.replace(ArticleBeat, "article_id", accepted_ids, kept)
        return len(articles) - len(accepted)

    return store.attempt(put)


def _reconciled(
    store: Store, incoming: Sequence[Article], entries: Mapping[str, Entry], *, reread: bool
) -> list[tuple[Article, ArticleVersion]]:
    if not incoming:
        return []
    ids = [a.article_id for a in incoming]
    held = {a.article_id: a for a in store.read_in(Article, "article_id", ids)}
    versions: dict[str, list[ArticleVersion]] = {}
    for version in store.read_in(ArticleVersion, "article_id", ids):
        versions.setdefault(version.article_id, []).append(version)
    settled = []
    for article in incoming:
        known = versions.setdefault(article.article_id, [])
        pair = reconcile(article, held.get(article.article_id), known, article.first_seen_at, reread=reread)
        entry = entries.get(article.entry_id)
        if pair is not None and article.article_id not in held and entry is not None:
            # an article that comes after its entry (a page that failed at first) was first seen when the entry was
            pair = (replace(pair[0], first_seen_at=entry.seen_at, backfill=entry.backfill), pair[1])
        if pair is not None:
            settled.append(pair)
            held[article.article_id] = pair[0]
            known.append(pair[1])
    return settled


def _first_seen_kept(store: Store, entries: Sequence[Entry]) -> list[Entry]:
    if not entries:
        return []
    ids = [e.entry_id for e in entries]
    held = {e.entry_id: e for e in store.read_in(Entry, "entry_id", ids)}
    doubles = [e.article_id for e in held.values() if e.state == "duplicate" and e.article_id]
    owners = {a.article_id: a.entry_id for a in store.read_in(Article, "article_id", doubles)} if doubles else {}
    kept = []
    for entry in entries:
        before = held.get(entry.entry_id)
        if before is None:
            kept.append(entry)
        elif before.state == "stored" and entry.state != "stored":
            kept.append(before)  # a harvest loaded late must not take an article's entry back
        elif before.state == "duplicate" and owners.get(entry.article_id or "", entry.entry_id) != entry.entry_id:
            kept.append(before)  # nor one that a poll did not recognise the article of another entry
        else:
            kept.append(replace(entry, seen_at=before.seen_at, backfill=before.backfill))
    return kept


def _newer_feeds(store: Store, records: Sequence[Record]) -> list[Record]:
    """Return the records without feed states older than what is held: batches may be loaded out of order."""
    urls = [r.feed_url for r in records if isinstance(r, Feed)]
    held = {f.feed_url: f.last_polled_at for f in store.read_in(Feed, "feed_url", urls)} if urls else {}

    def outdated(record: Record) -> bool:
        if not isinstance(record, Feed):
            return False
        before = held.get(record.feed_url)
        return before is not None and record.last_polled_at is not None and record.last_polled_at < before

    return [r for r in records if not outdated(r)]


def _new_pages(store: Store, pages: Sequence[Page]) -> list[Page]:
    if not pages:
        return []
    held = {p.page_id for p in store.read_in(Page, "page_id", [p.page_id for p in pages])}
    return [p for p in pages if p.page_id not in held]
