"""A poll of one source: what is not taken is asked for again, what repeats is not lost, an error stays its own."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from pipeline.archive import PageArchive
from pipeline.clock import clock_off, clock_warning
from pipeline.decide import PageWish, to_entry
from pipeline.feeds import FeedInput
from pipeline.furniture import paragraph_hash
from pipeline.ingest import PAGES_AT_ONCE, Tools, without_furniture
from pipeline.load import load_harvest
from pipeline.runs import opener, poll_or_say
from pipeline.settings import load_settings
from pipeline.settle import polled, settle
from pipeline.steps import Extraction, FetchRequest, FetchResult, PageInput, ParsedFeed, SourcePlan
from storage.errors import StorageError
from storage.ids import article_id
from storage.records import Article, Entry, Feed, Outcome
from tests.unit.test_articles import LABELS, PAGE
from tests.unit.test_decide import FRONT, NOW, SOURCE, WORLD, item, known, run

Why = Literal["new", "revised", "retry", "again"]
Settled = tuple[Entry | None, Article | None]
LEAD = (
    "La asamblea aprobó ayer en primera discusión el proyecto de ley que los vecinos de la costa esperaban desde marzo."
)


def result(reason: str = "ok", **changes: object) -> FetchResult:
    return FetchResult(FetchRequest(FRONT.feed_url, "feed", "faro"), reason, NOW, etag="new", **changes)  # type: ignore[arg-type]


FRESH = to_entry(item("a", text="The feed's words"), FRONT, NOW, state="pending", reason="new")


def tried(entry: Entry, why: Why, problem: str | None = None, cause: str = "ok", at: datetime = NOW) -> Settled:
    """Settle an entry whose page ended in ``problem``, or whose extraction ended in ``cause``."""
    found = None if problem else replace(PAGE, reason=cause)
    return settle(SOURCE, PageWish(entry, why), result(problem or "ok"), problem, None, found, LABELS, at)


@pytest.mark.parametrize("cause", ["thin", "extract_timeout", "worker_crash"])
def test_a_stored_entry_keeps_its_article_when_its_edit_cannot_be_read(cause: str) -> None:
    """A page that is walled, slow or deadly at the second look takes nothing back, and is not asked for at every poll.

    What the feed says now is offered, for an article that is made of the feed's words.
    """
    entry, article = tried(FRESH, "revised", cause=cause)
    assert entry is not None
    assert (entry.state, entry.reason, entry.next_try_at) == ("stored", cause, None)
    assert entry.article_id == article_id("faro", FRESH.canonical_url or "")
    assert entry.content_sha256 == FRESH.content_sha256, "the next poll finds it known"
    assert (article.kind if article else None) == ("feed_only" if cause == "thin" else None)


def test_an_edit_whose_page_fails_for_the_moment_is_asked_for_again() -> None:
    assert tried(FRESH, "revised", "timeout") == (None, None)


def test_a_page_that_is_not_there_yet_is_asked_for_behind_the_feeds_words() -> None:
    """The feed's words are shown at once, and a few tries follow within a day and a half; then it is left."""
    entry, article = tried(FRESH, "new", "not_found")
    pauses = []
    now = NOW
    while entry is not None and entry.next_try_at is not None:
        assert article is not None
        assert (entry.state, entry.reason, article.kind) == ("stored", "not_found", "feed_only")
        pauses.append((entry.next_try_at - now).total_seconds() / 3600)
        now = entry.next_try_at
        entry, article = tried(entry, "again", "not_found", at=now)
    assert pauses == [0.5, 1, 2, 4]


def test_a_page_that_comes_later_makes_the_article_whole() -> None:
    shown, _ = tried(FRESH, "new", "not_found")
    assert shown is not None
    entry, article = tried(shown, "again", at=NOW + timedelta(hours=1))
    assert entry is not None
    assert article is not None
    assert (entry.state, entry.reason, entry.next_try_at, article.kind) == ("stored", "new", None, "full")


@pytest.mark.parametrize("problem", ["timeout", "worker_crash", "gone"])
def test_what_is_shown_stays_whatever_the_next_look_brings(problem: str) -> None:
    """It neither waits nor is put aside; only what may pass is looked at once more."""
    shown, _ = tried(FRESH, "new", "not_found")
    assert shown is not None
    entry, _ = tried(shown, "again", problem)
    assert entry is not None
    assert (entry.state, entry.reason) == ("stored", problem)
    assert (entry.next_try_at is not None) == (problem == "timeout")


@pytest.mark.parametrize("problem", ["forbidden", "too_large", "robots_denied", "not_html"])
def test_what_will_not_change_is_not_asked_for_again(problem: str) -> None:
    entry, _ = tried(FRESH, "new", problem)
    assert entry is not None
    assert (entry.state, entry.next_try_at) == ("stored", None)


def test_what_failed_before_is_no_detail_of_what_is_stored() -> None:
    entry = replace(to_entry(item("a"), FRONT, NOW, state="pending", reason="new"), detail="status 503", attempts=1)
    stored, _ = settle(SOURCE, PageWish(entry, "retry"), result(), None, None, PAGE, LABELS, NOW)
    assert stored is not None and (stored.state, stored.detail) == ("stored", None)


def test_validators_wait_for_an_edit_that_was_not_taken_and_for_a_feed_that_was_cut() -> None:
    """Else the server would answer 304 and the edit never be seen."""
    feed = replace(FRONT, etag="old")
    assert polled(feed, result(), ParsedFeed("ok"), NOW).etag == "new"
    assert polled(feed, result(), ParsedFeed("ok"), NOW, unfinished=True).etag is None
    assert polled(feed, result(), ParsedFeed("partial", (item("a"),)), NOW).etag is None


def test_an_edit_beyond_the_quota_counts_as_known_and_is_announced_again() -> None:
    old, new = item("a", text="old"), item("a", text="new")
    found = run(
        {FRONT: [item("b"), replace(new, published_at=datetime(2025, 1, 1, tzinfo=UTC))]}, [known(old)], max_pages=1
    )
    assert (found.unchanged, found.put_off_feeds) == (1, {FRONT.feed_url})


def test_an_entry_without_words_owns_nothing() -> None:
    """Another feed's entry of the same page, which has words, makes the article."""
    found = run({WORLD: [item("a", WORLD)]}, [known(item("a"), state="skipped")])
    assert [w.why for w in found.wishes] == ["new"]


def test_a_duplicate_lends_its_words_to_the_owner() -> None:
    found = run({FRONT: [item("a", text="short")], WORLD: [item("a", WORLD, text="a longer summary")]})
    assert [w.entry.summary for w in found.wishes] == ["a longer summary"]


def test_leads_and_whole_texts_that_repeat_are_never_taken_for_furniture() -> None:
    """Follow-ups share their lead, and an outlet publishes one text at ten addresses: nothing of it is lost."""
    counts = {paragraph_hash(p): 10 for p in (LEAD, "Comparte esta nota.")}
    follow_up = Extraction("k", "ok", text=f"{LEAD}\nHoy la norma fue publicada.\nComparte esta nota.")
    assert without_furniture(follow_up, counts, 5).text == f"{LEAD}\nHoy la norma fue publicada."
    whole = Extraction("k", "ok", text=f"{LEAD}\nComparte esta nota.")
    assert without_furniture(whole, {**counts}, 40).text == whole.text


class Broken:
    """Stands for anything of ours that fails: every use of it raises."""

    def __getattr__(self, name: str) -> object:
        raise OSError(f"no {name} today")


class Pages:
    """Fetcher and extractor at once: counts the pages that were fetched and are not read yet."""

    def __init__(self) -> None:
        self.waiting = self.most = 0
        self.validators: list[str | None] = []

    async def fetch(self, request: FetchRequest) -> FetchResult:
        if request.kind == "feed":
            self.validators.append(request.etag)
            return FetchResult(request, "ok", NOW, etag="new")
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        return FetchResult(request, "ok", NOW, headers={"content-type": "text/html"}, body=b"<html>")

    def parse(self, given: FeedInput) -> ParsedFeed:
        return ParsedFeed("ok", tuple(item(str(n)) for n in range(30)))

    def run(self, pages: Iterable[PageInput]) -> Iterator[Extraction]:
        for page in pages:
            self.waiting -= 1
            yield replace(PAGE, key=page.key)


def tools_of(pages: Pages) -> Tools:
    return Tools(pages, pages, pages, LABELS, lambda articles: [], lambda: NOW)


@pytest.mark.parametrize(("days", "sent"), [(6, "tag"), (7, None)])
async def test_a_server_that_says_304_for_ever_is_asked_for_the_whole_once_a_week(
    tmp_path: Path, days: int, sent: str | None
) -> None:
    """19: validators are left out once the last whole answer is a week old, or where there was none."""
    pages = Pages()
    feed = replace(FRONT, etag="tag", last_full_at=NOW - timedelta(days=days))
    await poll_or_say(SourcePlan(SOURCE, (feed,)), tools_of(pages), load_settings(tmp_path), "r1")
    assert pages.validators == [sent]


def test_a_clock_that_is_wrong_is_told_by_those_of_the_outlets() -> None:
    """74: a day behind, though a cache's answer is old; one outlet alone, or a few minutes, and nothing is said."""
    answers = [result(status=200, headers={"date": "Sat, 10 Jan 2026 12:00:00 GMT"}),
               result(status=200, headers={"date": "Sat, 10 Jan 2026 11:00:00 GMT", "age": "3600"}),
               result(status=200, headers={"date": "nonsense"}), result("unreachable")]  # fmt: skip
    assert clock_off(answers) == 86_400
    assert clock_off(answers[2:]) is None
    absurd = [result(status=200, headers={"date": "Sat, 10 Jan 2026 11:00:00 GMT", "age": a}) for a in ("9" * 400, "٣")]
    assert clock_off(absurd) is None
    day = 86_400.0
    assert "1 day, 0:00:00 behind those of 3 outlets" in (clock_warning([day, None, day, day]) or "")
    assert "ahead of those" in (clock_warning([-day] * 3) or "")
    assert clock_warning([day, None, day]) is None
    assert clock_warning([-120.0] * 3) is None


async def test_items_beyond_the_cap_are_counted(tmp_path: Path) -> None:
    """33: the feed is read, and an outcome says how many of its items were left out."""
    pages = Pages()
    pages.parse = lambda given: ParsedFeed("ok", (item("a"),), tossed=49_500)  # type: ignore[method-assign]
    harvest = await poll_or_say(SourcePlan(SOURCE, (FRONT,)), tools_of(pages), load_settings(tmp_path), "r1")
    capped = [r for r in harvest.records if isinstance(r, Outcome) and r.reason == "too_many"]
    assert [(o.key, o.detail) for o in capped] == [(FRONT.feed_url, "49500 items")]


async def test_a_slow_source_keeps_nobody_waiting(tmp_path: Path) -> None:
    """Once its time is up no page of it is begun: what is new waits, what is held stays, an edit is announced again."""
    pages = Pages()
    given = load_settings(tmp_path, fetch={"max_source_s": 1e-9})
    edited = replace(known(item("0")), content_sha256="before")
    shown = replace(to_entry(item("1"), FRONT, NOW, state="stored", reason="not_found"), next_try_at=NOW)
    plan = SourcePlan(SOURCE, (FRONT,), (edited, known(item("1"))), (shown,))
    harvest = await poll_or_say(plan, tools_of(pages), given, "r1")
    assert (harvest.states, harvest.reasons, harvest.unchanged) == ({"pending": 28}, {"over_quota": 28}, 2)
    assert pages.most == 0
    (feed,) = (r for r in harvest.records if isinstance(r, Feed))
    assert feed.etag is None


async def test_few_pages_of_a_source_stand_in_memory_at_once(tmp_path: Path) -> None:
    """However fast they come: those that wait to be read hold up the next ones of their source."""
    pages = Pages()
    harvest = await poll_or_say(SourcePlan(SOURCE, (FRONT,)), tools_of(pages), load_settings(tmp_path), "r1")
    assert harvest.states == {"stored": 30}
    assert pages.most <= PAGES_AT_ONCE


def test_a_full_disk_is_no_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that cannot be archived end the run with what to do; no source is told to have failed, nothing is left."""

    def full(archive: PageArchive, result: FetchResult) -> tuple[str, int]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PageArchive, "_append", full)
    with pytest.raises(StorageError, match=r"No space left on device.*make room and run again"):
        asyncio.run(poll_or_say(SourcePlan(SOURCE, (FRONT,)), tools_of(Pages()), load_settings(tmp_path), "r1"))
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


async def test_an_error_in_one_source_is_its_own_outcome(tmp_path: Path) -> None:
    """The other sources' harvests are not lost for it, and the run knows."""
    tools = Tools(Broken(), Broken(), Broken(), LABELS, lambda articles: [], lambda: NOW)  # type: ignore[arg-type]
    harvest = await poll_or_say(SourcePlan(SOURCE, (FRONT,)), tools, load_settings(tmp_path), "r1")
    assert harvest.reasons == {"bug": 1}
    (outcome,) = harvest.records
    assert "no fetch today" in str(outcome)


def test_a_harvest_loaded_late_takes_nothing_back(tmp_path: Path) -> None:
    """A stored entry stays stored, and a feed keeps its later state."""
    stored = to_entry(item("a"), FRONT, NOW, state="stored", reason="new")
    late = replace(stored, state="pending", reason="timeout")
    newer, older = replace(FRONT, last_polled_at=NOW, etag="new"), replace(FRONT, last_polled_at=NOW.replace(hour=1))
    with opener(load_settings(tmp_path))() as store:
        load_harvest(store, [stored, newer])
        load_harvest(store, [late, older])
        assert [e.state for e in store.read(Entry)] == ["stored"]
        assert [f.etag for f in store.read(Feed)] == ["new"]
