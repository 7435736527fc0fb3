"""The main job on real input: every recorded feed, and feeds that link 60 real pages, through the whole pipeline."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

from pipeline.reasons import REASONS
from storage.query import run_query
from tests.replay.conftest import Done
from tests.replay.measure import page_figures
from tests.replay.world import PAGE_COUNT, World

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)
_LINK = re.compile(rb"<link[^>]*?(?:>\s*(?:<!\[CDATA\[)?\s*|href=\")(https?://[^\s\"<\]]+)")


def count_links(feed: bytes) -> int:
    """Return the number of different links of a feed's items, read from its bytes alone."""
    found = (_LINK.search(item.group(0)) for item in _ITEM.finditer(feed))
    return len({link.group(1) for link in found if link is not None})


def test_world_is_as_large_as_promised(world: World) -> None:
    """At least 8 recorded feeds with items, and 60 pages under their own addresses, each linked by one feed."""
    assert sum(count_links(world.feeds()[url]) > 0 for url in world.recorded) >= 8
    linked = [url for url in world.feeds() if url not in world.recorded]
    assert len(world.pages) == PAGE_COUNT == sum(count_links(world.feeds()[url]) for url in linked)


def test_run_ends_with_status_0(world: World, whole: tuple[Done, Done]) -> None:
    """A run over real feeds succeeds; the one feed that is none (NewsML) is named as such, not hidden."""
    first, _ = whole
    failed = {url: why for line in first.summary.sources for url, why in line.feeds_failed.items()}
    assert first.summary.exit_status == 0
    assert first.summary.error is None
    assert failed == {url: "not_feed" for url in world.recorded if "newsml" in url}


def test_every_item_has_one_recorded_outcome(world: World, whole: tuple[Done, Done]) -> None:
    """Each item of each feed, counted in the bytes of the feed, has exactly one row, with a known state and reason."""
    first, _ = whole
    entries = first.stored.entries
    rows = Counter(e.feed_url for e in entries)
    assert {url: rows.get(url, 0) for url in world.feeds()} == {u: count_links(b) for u, b in world.feeds().items()}
    assert len({e.entry_id for e in entries}) == len(entries)
    assert {e.state for e in entries} <= {"stored", "duplicate", "skipped", "quarantined", "pending"}
    assert {e.reason for e in entries} <= set(REASONS)
    for line in first.summary.sources:
        assert line.seen == line.stored + line.duplicate + line.dropped + line.pending + line.unchanged, line
    assert sum(line.seen for line in first.summary.sources) == len(entries)


def test_pages_that_are_gone_keep_the_feeds_words(world: World, whole: tuple[Done, Done]) -> None:
    """No page of a recorded feed is there: its entry ends as a feed_only article, or as no_text without any words."""
    stored = whole[0].stored
    for entry in (e for e in stored.entries if e.feed_url in world.recorded):
        if entry.state == "stored":
            article = stored.articles[entry.article_id or ""]
            assert (entry.reason, article.kind) == ("not_found", "feed_only")
            assert article.title or article.summary
        else:
            assert (entry.state, entry.reason, entry.detail) == ("skipped", "no_text", "not_found")
            assert not entry.summary
            assert not entry.content


def test_pages_are_stored_whole_and_agree_with_the_gold(world: World, whole: tuple[Done, Done]) -> None:
    """At least 55 of the 60 pages are stored as full, in their language, with the words people say they hold."""
    found = page_figures(world, whole[0].stored)
    assert found.full >= 55, found.lost
    assert found.word_f1_mean >= 0.97, sorted(found.word_f1.items(), key=lambda item: item[1])[:5]
    assert found.segments.precision >= 0.93
    assert found.segments.recall >= 0.97
    assert found.wrong_language == ()


def test_languages_follow_the_texts(world: World, whole: tuple[Done, Done]) -> None:
    """Items of a recorded feed are in its outlet's language; a few may be too short to tell."""
    language = {o.source_id: o.language for o in world.outlets if set(o.feeds) & set(world.recorded)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for article in whole[0].stored.articles.values():
        if article.kind == "feed_only":
            counts[article.source_id][article.lang] += 1
    assert len(counts) >= 8
    for source_id, langs in counts.items():
        assert langs[language[source_id]] >= 0.97 * langs.total(), (source_id, langs)


def test_old_items_keep_their_dates(whole: tuple[Done, Done]) -> None:
    """Items of years ago are dated by feed or page, never into the future, and are marked as a first poll's."""
    first, _ = whole
    articles = first.stored.articles.values()
    now = datetime.now(UTC)
    assert all(a.published_at <= now for a in articles)
    assert all(a.backfill for a in articles)
    by_origin = Counter(a.published_at_origin for a in articles)
    assert by_origin["feed"] + by_origin["page"] + by_origin["url"] >= 0.99 * len(articles), by_origin


def test_stories_hold_together_in_time(whole: tuple[Done, Done]) -> None:
    """Every article is in one story, and what was recorded in different years never meets in one."""
    first, _ = whole
    sql = """
        SELECT count(*), sum(articles), max(days) FROM (
            SELECT count(*) AS articles, date_diff('hour', min(a.published_at), max(a.published_at)) / 24.0 AS days
            FROM story_articles sa JOIN articles a USING (article_id) GROUP BY sa.story_id
        )
    """
    stories, placed, longest = (float(str(v)) for v in run_query(first.home, sql, 30.0).rows[0])
    assert placed == len(first.stored.articles)
    assert longest <= 30.0
    assert placed / 3 < stories < placed, "news of eleven outlets and seven years is not a handful of stories"


def test_no_request_leaves_this_machine(world: World, whole: tuple[Done, Done]) -> None:
    """All sockets go to the replay server, and it is asked for each page once, after the host's robots.txt."""
    for done in whole:
        assert done.addresses
        assert {address for address, _ in done.addresses} == {"127.0.0.1"}
    asked = Counter((r.host, r.path) for r in whole[0].requests)
    assert [request for request, times in asked.items() if times > 1] == []
    pages = len(whole[0].stored.entries)
    feeds = len(world.feeds())
    robots = sum(path == "/robots.txt" for _, path in asked)
    assert len(whole[0].requests) == feeds + pages + robots


def test_second_run_stores_nothing_twice(world: World, whole: tuple[Done, Done]) -> None:
    """Over a frozen world the second run leaves the same logical dump (invariant 1) and asks for the feeds only."""
    first, second = whole
    assert second.summary.exit_status == 0
    assert second.dump == first.dump
    statuses = Counter(r.status for r in second.requests)
    readable = [url for url in world.feeds() if "newsml" not in url]
    assert statuses == {304: len(readable)}
    assert all("if-none-match" in r.headers for r in second.requests)
