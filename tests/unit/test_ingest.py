"""A poll of one source: what is not taken is asked for again, what repeats is not lost, an error stays its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.decide import PageWish, to_entry
from pipeline.furniture import paragraph_hash
from pipeline.ingest import Tools, without_furniture
from pipeline.load import load_harvest
from pipeline.runs import opener, poll_or_say
from pipeline.settings import load_settings
from pipeline.settle import polled, settle
from pipeline.steps import Extraction, FetchRequest, FetchResult, ParsedFeed, SourcePlan
from storage.records import Entry, Feed
from tests.unit.test_articles import LABELS, PAGE
from tests.unit.test_decide import FRONT, NOW, SOURCE, WORLD, item, known, run

LEAD = (
    "La asamblea aprobó ayer en primera discusión el proyecto de ley que los vecinos de la costa esperaban desde marzo."
)


def result(reason: str = "ok", **changes: object) -> FetchResult:
    return FetchResult(FetchRequest(FRONT.feed_url, "feed", "faro"), reason, NOW, etag="new", **changes)  # type: ignore[arg-type]


def test_a_stored_entry_keeps_its_article_when_its_edit_cannot_be_read() -> None:
    """A page that is walled, slow or gone at the second look takes nothing back."""
    entry = to_entry(item("a", text=""), FRONT, NOW, state="pending", reason="new")
    for found in (Extraction("k", "thin"), Extraction("k", "extract_timeout"), Extraction("k", "worker_crash")):
        assert settle(SOURCE, PageWish(entry, "revised"), result(), None, None, found, LABELS, NOW) == (None, None)


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
