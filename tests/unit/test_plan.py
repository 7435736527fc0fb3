"""What a poll is told of what is held: enough to recognise every item that a feed still shows, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batches import load_spools, plan_batches, read_plan
from pipeline.load import load_harvest, plan_sources, sync_catalogue
from pipeline.runs import RunOptions, begin, opener
from pipeline.settings import SettingsError, load_settings
from pipeline.sources import Catalogue
from storage.dump import logical_dump
from storage.records import Entry, Feed, Record, Run
from storage.spool import write_spool
from storage.store import Store
from tests.storage.builders import NOON, article, entry, feed, source
from tests.storage.conftest import undone

LONG_AGO = NOON - timedelta(days=400)


@pytest.fixture(scope="module")
def home_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store, for tests that undo what they write."""
    with Store.open(tmp_path_factory.mktemp("home"), "test") as store:
        yield store


def keys(store: Store, now: datetime = NOON) -> dict[str, list[str]]:
    """Return, for each source with work, the ids of the entries that its poll is told of."""
    sources = [source("faro"), source("ola")]
    plans = plan_sources(store, sources, now, ignore_pauses=False)
    return {p.source.source_id: sorted(k.entry_id for k in p.known) for p in plans}


def test_old_keys_are_told_only_while_the_feed_shows_them(tmp_path: Path) -> None:
    """Of a source that is due: what was seen lately, what its feed still showed, and others of the same pages."""
    with opener(load_settings(tmp_path))() as store:
        store.merge(
            [
                feed("faro", last_entry_ids=("shown",)),
                feed("ola", next_due_at=NOON + timedelta(hours=1)),
                entry("recent"),
                entry("gone", seen_at=LONG_AGO),
                entry("shown", seen_at=LONG_AGO),
                entry("owner", seen_at=LONG_AGO, canonical_url="https://faro.example/recent"),
                entry("paused", "ola"),
            ]
        )
        assert keys(store) == {"faro": ["owner", "recent", "shown"]}
        assert keys(store, NOON + timedelta(hours=2)) == {"faro": ["owner", "recent", "shown"], "ola": ["paused"]}


def due(store: Store, *sources: str, now: datetime = NOON) -> list[str]:
    """Return the sources of which a feed is due."""
    plans = plan_sources(store, [source(s) for s in sources], now, ignore_pauses=False)
    return [p.source.source_id for p in plans if p.feeds]


def test_what_a_clock_that_ran_ahead_wrote_is_forgotten(tmp_path: Path) -> None:
    """74: after a year's error nothing waits for that year, a poll counts as the newest, and everything is fetched."""
    year = NOON + timedelta(days=365)
    wrong = feed(
        first_polled_at=year, last_polled_at=year, last_ok_at=year, last_full_at=year, next_due_at=year, etag="x"
    )
    right = feed("ola", last_polled_at=NOON, last_full_at=NOON, next_due_at=NOON + timedelta(hours=20))
    with opener(load_settings(tmp_path))() as store:
        store.merge([wrong, right, entry("waits", state="pending", reason="timeout", next_try_at=year)])
        sync_catalogue(store, [source(), source("ola")], [feed(), feed("ola")], NOON)
        held = {f.source_id: f for f in store.read(Feed)}
        assert held["ola"] == right
        assert (held["faro"].first_polled_at, held["faro"].last_full_at, held["faro"].etag) == (NOON, None, "x")
        (plan,) = plan_sources(store, [source()], NOON, ignore_pauses=False)
        assert [e.entry_id for e in plan.pending] == ["waits"]
        polled = replace(plan.feeds[0], last_polled_at=NOON, last_full_at=NOON, last_entry_ids=("a",))
        load_harvest(store, [polled])
        assert store.read(Feed, "source_id = 'faro'") == [polled]


def test_pages_that_are_due_again_are_told_with_the_waiting_ones(tmp_path: Path) -> None:
    """Those that the feed's words stand for too, once their time has come."""
    found = [
        entry("over", state="pending"),
        entry("waits", state="pending", next_try_at=NOON),
        entry("later", state="pending", next_try_at=NOON + timedelta(minutes=5)),
        entry("shown", reason="not_found", next_try_at=NOON),
        entry("shown-later", reason="not_found", next_try_at=NOON + timedelta(minutes=5)),
        entry("bare", state="skipped", next_try_at=NOON),
        entry("whole"),
    ]
    with opener(load_settings(tmp_path))() as store:
        store.merge(found)
        (plan,) = plan_sources(store, [source()], NOON, ignore_pauses=False)
    assert [e.entry_id for e in plan.pending] == ["bare", "over", "shown", "waits"]


def test_a_run_that_was_killed_is_not_shown_as_running(tmp_path: Path) -> None:
    """The next run of the same command knows that it is alone; an Airflow on the same home is left alone."""
    given = load_settings(tmp_path)
    first, other = begin(given, Catalogue(), "run"), begin(given, Catalogue(), "airflow")
    second = begin(given, Catalogue(), "run")
    with opener(given)() as store:
        states = {r.run_id: (r.status, r.finished_at) for r in store.read(Run)}
    assert states == {first: ("failed", None), other: ("running", None), second: ("running", None)}


def test_a_feed_that_moves_to_another_source_brings_its_entries_with_it(tmp_path: Path) -> None:
    """What it still shows is known and not stored a second time, and what waits is not left behind."""
    moved = replace(feed("faro"), source_id="ola")
    with opener(load_settings(tmp_path))() as store:
        store.merge([moved, entry("held"), entry("waits", state="pending"), entry("mine", "ola")])
        assert keys(store) == {"ola": ["held", "mine", "waits"]}
        (plan,) = plan_sources(store, [source("faro"), source("ola")], NOON, ignore_pauses=False)
    assert [(e.entry_id, e.source_id) for e in plan.pending] == [("waits", "ola")]


def test_pauses_do_not_count_where_this_machine_had_no_network(tmp_path: Path) -> None:
    """When none of several outlets could be reached the next run asks them all; one alone, or one answer, and not."""
    later = NOON + timedelta(hours=3)
    down = [feed(s, failures=5, last_reason="unreachable", next_due_at=later) for s in ("faro", "ola")]
    with opener(load_settings(tmp_path))() as store:
        store.merge(down)
        assert due(store, "faro", "ola") == ["faro", "ola"]
        assert due(store, "faro") == []
        store.merge([feed("ola", failures=5, last_reason="server_error", next_due_at=later)])
        assert due(store, "faro", "ola") == []


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_recent_keys_are_all_told(home_store: Store, data: st.DataObject) -> None:
    """Within sixty days nothing is left out, whatever its state, page or feed."""
    names = data.draw(st.lists(st.sampled_from("abcdef"), unique=True))
    pages = st.none() | st.sampled_from(["https://faro.example/1", "https://faro.example/2"])
    days = st.integers(0, 59)
    found = [
        entry(name, canonical_url=data.draw(pages), seen_at=NOON - timedelta(days=data.draw(days))) for name in names
    ]
    with undone(home_store):
        home_store.merge([feed("faro"), *found])
        assert keys(home_store) == {"faro": sorted(names)}


def test_an_old_duplicate_that_comes_back_stays_one(tmp_path: Path) -> None:
    """A poll that was not told of it takes it for new; the load finds the article of the other entry and keeps both."""
    page = "https://faro.example/a"
    owner = entry("front", canonical_url=page, article_id="a1", seen_at=LONG_AGO)
    double = entry("world", canonical_url=page, article_id="a1", seen_at=LONG_AGO, state="duplicate", reason="same_url")
    with opener(load_settings(tmp_path))() as store:
        load_harvest(store, [owner, double, article("a1", entry_id="front")])
        load_harvest(
            store, [replace(double, state="stored", reason="new", seen_at=NOON), article("a1", entry_id="world")]
        )
        assert sorted(store.read(Entry), key=lambda e: e.entry_id) == [owner, double]


def test_plans_travel_whole(tmp_path: Path) -> None:
    """What a batch's worker reads is what the plan said, wherever spools are kept."""
    shared = tmp_path / "shared"
    given = load_settings(tmp_path / "home", store={"spool": shared.as_uri()})
    catalogue = Catalogue(
        tuple(source(s) for s in ("faro", "ola", "sol")), tuple(feed(s) for s in ("faro", "ola", "sol"))
    )
    with opener(given)() as store:
        store.merge(
            [*catalogue.sources, *catalogue.feeds, entry("a"), entry("b", "ola", state="pending", reason="new")]
        )
        expected = plan_sources(store, catalogue.sources, datetime.now(UTC), ignore_pauses=True)
    folders = plan_batches(given, catalogue, RunOptions(ignore_pauses=True), "r1", size=2)
    assert folders == [f"{shared.as_uri()}/r1/batch-000", f"{shared.as_uri()}/r1/batch-001"]
    assert [p for f in folders for p in read_plan(f)] == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://db/x?data=/x", r"store\.url begins with postgres://, not ducklake\+postgres://"),
        ("ducklake+postgres://db/x", "names no data"),
        ("ducklake+postgres://db/?data=/x", "names no database"),
        ("ducklake+postgres://db/x?data=lake", "whole path"),
        ("ducklake+postgres://db/x?data=ftp://h/x", "all machines share"),
        ("ducklake+postgres://db/x?data=/x&sslmode=off", "sslmode is not known"),
        ("ducklake+postgres://db:port/x?data=/x", "cannot be read"),
    ],
)
def test_a_lake_that_cannot_be_is_refused_with_the_settings(tmp_path: Path, url: str, words: str) -> None:
    """A wrong URL ends the command before anything is done, and says how one is written."""
    with pytest.raises(SettingsError, match=words):
        load_settings(tmp_path, store={"url": url})


TEXTS = st.sampled_from(["uno", "dos", "tres"])
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1)


HARVEST = st.tuples(NAMES, TEXTS)
POLLS = st.lists(st.dictionaries(st.sampled_from(["faro", "ola", "sol"]), HARVEST, min_size=1), min_size=1, max_size=3)


@settings(max_examples=30, deadline=None)
@given(POLLS)
def test_sources_may_be_loaded_together(home_store: Store, polls: list[dict[str, tuple[list[str], str]]]) -> None:
    """One harvest each of several sources, in one transaction, leaves what they leave one by one, poll after poll."""
    dumps = []
    for together in (False, True):
        with undone(home_store):
            for hour, poll in enumerate(polls):
                at = NOON + timedelta(hours=hour)
                harvests = [harvest(source_id, names, text, at) for source_id, (names, text) in sorted(poll.items())]
                for one in [[r for h in harvests for r in h]] if together else harvests:
                    load_harvest(home_store, one)
            dumps.append((logical_dump(home_store.con), home_store.read(Feed), home_store.read(Entry)))
    assert dumps[0] == dumps[1]


def harvest(source_id: str, names: list[str], text: str, at: datetime) -> list[Record]:
    records: list[Record] = [feed(source_id, last_polled_at=at, etag=text)]
    for name in names:
        key = f"{source_id}-{name}"
        records.append(entry(key, source_id, article_id=f"a{key}", seen_at=at))
        records.append(
            article(f"a{key}", source_id, entry_id=key, text=text, text_sha256=text, first_seen_at=at, beats=())
        )
    return records


def test_two_spools_of_one_source_are_loaded_one_after_the_other(tmp_path: Path) -> None:
    """The first time an entry was seen is kept, also when both spools wait for one load."""
    given = load_settings(tmp_path)
    spools = []
    for hour, run in enumerate(("r1", "r2")):
        spools.append(str(tmp_path / "spool" / run / "batch-000" / "faro.jsonl.gz"))
        write_spool(spools[-1], harvest("faro", ["a"], "uno", NOON + timedelta(hours=hour)))
    assert load_spools(given, spools) == 2
    with opener(given)() as store:
        assert [e.seen_at for e in store.read(Entry)] == [NOON]
