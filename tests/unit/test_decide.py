"""What a poll does with its items: one outcome each, the first declared feed owns a page, nothing is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.decide import MAX_AGE, MAX_ATTEMPTS, decide, give_up, to_entry
from pipeline.steps import FeedItem, KnownEntry, ParsedFeed, SourcePlan
from storage.ids import article_id, entry_id
from storage.records import Feed, Source

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
SOURCE = Source(
    "faro", "El Faro Inventado", "VE", ("es",), "https://faro.example/", "digital", "private", "America/Caracas"
)
FRONT = Feed("https://faro.example/feed", "faro", position=0)
WORLD = Feed("https://faro.example/mundo", "faro", position=1)


def item(path: str, feed: Feed = FRONT, text: str = "x", problem: str | None = None, minute: int = 0) -> FeedItem:
    url = f"https://faro.example/{path}"
    return FeedItem(
        entry_id=entry_id(feed.feed_url, url), guid=None, url=url, canonical_url=None if problem else url, title=path,
        summary=text, content="", authors=(), categories=(), lang="es", published_at=NOW - timedelta(minutes=minute),
        published_at_origin="feed", published_precision="second", updated_at=None, content_sha256=text, problem=problem,
    )  # fmt: skip


def known(one: FeedItem, feed: Feed = FRONT, state: str = "stored") -> KnownEntry:
    owned = article_id("faro", one.canonical_url) if one.canonical_url else None
    return KnownEntry(one.entry_id, "faro", feed.feed_url, one.canonical_url, one.content_sha256, state, owned)


def run(feeds: dict[Feed, list[FeedItem]], known_entries=(), pending=(), max_pages: int = 100):
    plan = SourcePlan(SOURCE, tuple(feeds), tuple(known_entries), tuple(pending))
    return decide(plan, {f.feed_url: ParsedFeed("ok", tuple(i)) for f, i in feeds.items()}, NOW, max_pages)


def test_a_new_item_asks_for_its_page():
    found = run({FRONT: [item("a")]})
    assert [(w.why, w.entry.title) for w in found.wishes] == [("new", "a")]
    assert not found.settled


def test_a_page_in_two_feeds_belongs_to_the_feed_declared_first():
    found = run({FRONT: [item("a")], WORLD: [item("a", WORLD)]})
    assert [w.entry.feed_url for w in found.wishes] == [FRONT.feed_url]
    (duplicate,) = found.settled
    assert (duplicate.state, duplicate.reason, duplicate.feed_url) == ("duplicate", "same_url", WORLD.feed_url)
    assert duplicate.article_id == article_id("faro", "https://faro.example/a")


def test_a_known_item_is_left_alone_and_a_changed_one_is_read_again():
    same, changed = item("a"), item("b", text="old")
    found = run({FRONT: [same, item("b", text="new")]}, [known(same), known(changed)])
    assert found.unchanged == 1
    assert [(w.why, w.entry.title) for w in found.wishes] == [("revised", "b")]


def test_an_item_with_a_problem_is_put_aside_once():
    bad = item("a", problem="bad_url")
    assert [(e.state, e.reason) for e in run({FRONT: [bad]}).settled] == [("quarantined", "bad_url")]
    assert run({FRONT: [bad]}, [known(bad, state="quarantined")]).unchanged == 1


def test_pages_beyond_the_quota_wait_and_the_newest_go_first():
    found = run({FRONT: [item(str(n), minute=n) for n in range(5)]}, max_pages=2)
    assert [w.entry.title for w in found.wishes] == ["0", "1"]
    assert [(e.title, e.state, e.reason) for e in found.settled] == [(t, "pending", "over_quota") for t in "234"]


def test_a_poll_that_shares_no_item_with_the_last_may_have_missed_some():
    before = replace(FRONT, last_entry_ids=(item("old").entry_id,))
    assert run({before: [item("a")]}).gaps == {FRONT.feed_url: True}
    assert run({before: [item("a"), item("old")]}).gaps == {FRONT.feed_url: False}
    assert run({FRONT: [item("a")]}).gaps == {FRONT.feed_url: False}, "a first poll has nothing to compare with"


def test_the_first_poll_of_a_feed_is_backfill():
    first = to_entry(item("a"), FRONT, NOW, state="pending", reason="new")
    later = to_entry(item("a"), replace(FRONT, first_polled_at=NOW), NOW, state="pending", reason="new")
    assert (first.backfill, later.backfill) == (True, False)


def test_a_failing_page_is_given_up_after_some_tries_or_some_time():
    entry = to_entry(item("a"), FRONT, NOW, state="pending", reason="new")
    assert not give_up(entry, NOW)
    assert give_up(replace(entry, attempts=MAX_ATTEMPTS - 1), NOW)
    assert give_up(entry, NOW + MAX_AGE)


def test_a_page_behind_the_feeds_words_is_asked_for_when_its_time_has_come():
    """After all others where pages are few, and it stays as it is where none is left."""
    shown = replace(to_entry(item("a"), FRONT, NOW, state="stored", reason="not_found"), next_try_at=NOW)
    held = known(item("a"))
    found = run({FRONT: [item("a")]}, [held], [shown])
    assert ([w.why for w in found.wishes], found.unchanged) == (["again"], 0)
    found = run({FRONT: [item("a"), item("b", minute=90)]}, [held], [shown], max_pages=1)
    assert [w.entry.title for w in found.wishes] == ["b"]
    assert (found.settled, found.unchanged, found.put_off_feeds) == ((), 1, frozenset())


def test_another_feeds_item_lends_its_words_to_an_entry_that_is_tried_again():
    """An entry without any words is still the one that its page is fetched for."""
    bare = replace(to_entry(item("a", text=""), FRONT, NOW, state="skipped", reason="no_text"), next_try_at=NOW)
    found = run({WORLD: [item("a", WORLD)]}, [known(item("a"), state="skipped")], [bare])
    assert [(w.why, w.entry.summary) for w in found.wishes] == [("retry", "x")]
    assert [e.state for e in found.settled] == ["duplicate"]


paths = st.lists(st.sampled_from("abcdefgh"), max_size=12, unique=True)


@given(paths, paths, paths, st.integers(0, 4), st.integers(1, 6))
def test_every_item_has_exactly_one_outcome(
    front: list[str], world: list[str], held: list[str], again: int, quota: int
):
    """Seen = settled + wished for + unchanged, and no entry has two outcomes, whatever the feeds hold and whatever is
    tried again beside them."""
    feeds = {FRONT: [item(p) for p in front], WORLD: [item(p, WORLD) for p in world]}
    shown = [to_entry(item(p), FRONT, NOW, state="stored", reason="not_found") for p in held[:again]]
    found = run(feeds, [known(item(p)) for p in held], shown, max_pages=quota)
    assert sum(found.seen.values()) + found.tried == len(found.settled) + len(found.wishes) + found.unchanged
    outcomes = Counter([e.entry_id for e in found.settled] + [w.entry.entry_id for w in found.wishes])
    assert not [e for e, n in outcomes.items() if n > 1]
    urls = Counter(w.entry.canonical_url for w in found.wishes)
    assert not [u for u, n in urls.items() if n > 1], "no page is fetched twice"
