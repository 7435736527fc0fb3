"""The views on a small world made by hand: copies, walled pages, failed translations, bare dates, edits and moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from storage import db
from storage.ids import text_group_id
from storage.publish import VIEWS, publish
from storage.query import run_query
from storage.records import ArticleTopic, Outcome, Record, Run, StoryTopic, Topic, Watch, WatchMatch
from storage.store import Store
from tests.services import postgres
from tests.storage.builders import (
    NOON,
    article,
    at,
    copy_of,
    entry,
    feed,
    member,
    poll,
    source,
    story,
    translation,
)
from tests.storage.conftest import undone

WORLD: list[Record] = [
    source("faro", "VE", alignment="independent"),
    source("torre", "ES", timezone="Europe/Madrid", alignment="mixed", evidence="https://torre.example/who"),
    source("pier", "US", languages=("en",), timezone="America/New_York"),
    *(feed(s) for s in ("faro", "torre", "pier")),
    # the original of the wire text has no copy record of its own
    article("w1", "torre", country="ES", published_at=at(0)),
    article("w2", "faro", published_at=at(1)),
    article("w3", "faro", published_at=at(1.5)),
    article("own", "pier", country="US", lang="en", title="Own words", text="Own text", published_at=at(2)),
    article("wall", "faro", kind="feed_only", published_at=at(3)),
    # a bare date of the same day: midnight in Madrid, so before everything else if taken as a time
    article(
        "bare",
        "torre",
        country="ES",
        published_at=datetime(2026, 1, 7, 23, tzinfo=UTC),
        published_precision="day",
    ),
    article("old", "pier", country="US", lang="en", published_at=at(-30), backfill=True, beats=()),
    article("lone", "faro", published_at=at(20)),
    copy_of("w2", text_group_id("w1"), "w1"),
    copy_of("w3", text_group_id("w1"), "w1"),
    story("s1", "w1"),
    story("s2", "old"),
    story("gone", "nobody"),
    *(member("s1", a) for a in ("w1", "w2", "w3", "own", "wall", "bare")),
    member("s2", "old"),
    translation("w1"),
    translation("w2", "partial"),
    translation("w3", "quarantined"),
    translation("own", "not_needed", title=None, text=None, engine=None),
    translation("bare", target="fr", title="Titre"),
    Topic("medtop:1", "conflict", "conflicto", None, 1),
    Topic("ata:2", "prisons", "cárceles", "medtop:1", 2),
    StoryTopic("s1", "medtop:1", 0.5, (), "t"),
    StoryTopic("s1", "ata:2", 0.9, (), "t"),
    ArticleTopic("w1", "medtop:1", 0.5, (), "t"),
    ArticleTopic("w1", "ata:2", 0.9, (), "t"),
]


@pytest.fixture
def world(memory_store: Store) -> Iterator[Store]:
    """Three outlets and two stories; the wire story s1 holds one text four times, one walled page and an own text."""
    store = memory_store
    with undone(store):
        store.con.execute("CREATE TABLE snapshot (published_at TIMESTAMPTZ, search_version VARCHAR)")  # publish adds it
        for view in VIEWS:
            store.con.execute(db.sql_file("views", f"{view}.sql"))
        store.merge(WORLD)
        yield store


def rows(store: Store, sql: str) -> list[dict[str, Any]]:
    found = store.con.execute(sql)
    names = [d[0] for d in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def one(store: Store, sql: str) -> dict[str, Any]:
    (row,) = rows(store, sql)
    return row


def test_columns_that_others_build_on(world: Store) -> None:
    """The views have the columns that the design promises, of every article column as well."""
    promised = {
        "v_articles": (
            "article_id entry_id source_id country lang url canonical_url title text authors kind genre agency "
            "published_at published_at_origin published_precision modified_at first_seen_at backfill word_count "
            "extractor version beats source_name ownership alignment title_en text_en translation_status "
            "text_group_id story_id day_caracas"
        ),
        "v_stories": (
            "story_id title_en title_es countries languages beats source_count article_count voice_count_min "
            "voice_count_max topics first_published_at last_published_at"
        ),
        "v_coverage": "story_id country article_count voice_count_min voice_count_max source_count first_published_at",
        "v_source_days": "source_id day_caracas country alignment panel polls_due polls_ok possible_gap state",
    }
    promised["v_morning"] = promised["v_stories"]
    for view, names in promised.items():
        found = world.con.execute(f"SELECT {', '.join(names.split())} FROM {view}").description
        assert [column[0] for column in found] == names.split(), view


def test_joins_never_multiply(world: Store) -> None:
    """One row per article, story, story and country, member, outlet: whatever hangs on them, several languages too."""
    for view, key, base in (
        ("v_articles", "article_id", "SELECT count(*) FROM articles"),
        ("v_stories", "story_id", "SELECT 2"),
        ("v_coverage", "(story_id, country)", "SELECT 4"),
        ("v_timeline", "article_id", "SELECT count(*) FROM story_articles"),
        ("v_source_health", "source_id", "SELECT count(*) FROM sources"),
        ("v_outlets", "source_id", "SELECT count(*) FROM sources"),
    ):
        found = one(world, f"SELECT count(*) AS n, count(DISTINCT {key}) AS keys, ({base}) AS expected FROM {view}")
        assert found["n"] == found["keys"] == found["expected"], view


def test_copies_fold_into_one_text(world: Store) -> None:
    """An original and its copies share a text group though the original has no copy record; others stand alone."""
    groups = {r["article_id"]: r["text_group_id"] for r in rows(world, "FROM v_articles")}
    assert groups["w1"] == groups["w2"] == groups["w3"] == text_group_id("w1")
    assert len({groups[a] for a in ("w1", "own", "wall", "bare", "old", "lone")}) == 6


def test_story_counts(world: Store) -> None:
    """Counts are those of the current members: texts folded, a walled page in the maximum only."""
    s = one(world, "FROM v_stories WHERE story_id = 's1'")
    assert (s["countries"], s["languages"], s["beats"]) == (["ES", "US", "VE"], ["en", "es"], ["venezuela"])
    assert (s["source_count"], s["article_count"]) == (3, 6)
    assert (s["voice_count_min"], s["voice_count_max"]) == (3, 4)
    assert s["topics"] == ["ata:2", "medtop:1"]
    assert (s["topic_names_en"], s["topic_names_es"]) == (["prisons", "conflict"], ["cárceles", "conflicto"])
    world.delete(type(member("s", "a")), "article_id", ["own", "bare"])
    s = one(world, "FROM v_stories WHERE story_id = 's1'")
    assert (s["countries"], s["article_count"]) == (["ES", "VE"], 4)
    assert (s["voice_count_min"], s["voice_count_max"]) == (1, 2)


def test_story_of_walled_pages_has_a_voice(world: Store) -> None:
    """A story known from feed summaries alone has at least one voice, at most one per article."""
    world.delete(type(member("s", "a")), "story_id", ["s1"])
    world.merge([article("wall2", kind="feed_only"), member("s1", "wall"), member("s1", "wall2")])
    s = one(world, "FROM v_stories WHERE story_id = 's1'")
    assert (s["voice_count_min"], s["voice_count_max"]) == (1, 2)


def test_story_without_members_is_not_shown(world: Store) -> None:
    """A story that lost its members is not in the view."""
    assert {r["story_id"] for r in rows(world, "FROM v_stories")} == {"s1", "s2"}


def test_bare_date_makes_nobody_first(world: Store) -> None:
    """A date without a time counts as the end of the outlet's local day, and never as first."""
    bare = one(world, "FROM v_articles WHERE article_id = 'bare'")
    assert bare["published_by"] == datetime(2026, 1, 8, 23, tzinfo=UTC)
    assert bare["published_at"] == datetime(2026, 1, 7, 23, tzinfo=UTC)
    assert one(world, "FROM v_stories WHERE story_id = 's1'")["first_published_at"] == at(0)
    timeline = {r["article_id"]: r for r in rows(world, "FROM v_timeline WHERE story_id = 's1' ORDER BY position")}
    assert list(timeline) == ["w1", "w2", "w3", "own", "wall", "bare"]
    assert [a for a, r in timeline.items() if r["is_first"]] == ["w1"]
    assert [r["minutes_after_first"] for r in timeline.values()] == [0, 60, 90, 120, 180, None]


def test_the_time_seen_makes_nobody_first(world: Store) -> None:
    """What is dated by when we saw it is never first."""
    world.merge([article("w1", "torre", country="ES", published_at=at(0), published_at_origin="seen")])
    assert [r["article_id"] for r in rows(world, "FROM v_timeline WHERE story_id = 's1' AND is_first")] == ["w2"]


def test_nobody_is_first_after_what_a_first_poll_brought(world: Store) -> None:
    """An article of a first poll is never first, and nobody published later is: what came before was never seen."""
    world.merge([article("w1", "torre", country="ES", published_at=at(0), backfill=True)])
    assert rows(world, "FROM v_timeline WHERE story_id = 's1' AND is_first") == []
    world.merge([article("w1", "torre", country="ES", published_at=at(9), backfill=True)])
    assert [r["article_id"] for r in rows(world, "FROM v_timeline WHERE story_id = 's1' AND is_first")] == ["w2"]


def test_english_only_where_it_passed(world: Store) -> None:
    """English is the original, or a translation that passed; a failed one, or French, is shown nowhere."""
    shown = {r["article_id"]: r for r in rows(world, "FROM v_articles")}
    assert (shown["own"]["title_en"], shown["own"]["text_en"]) == ("Own words", "Own text")
    assert (shown["w1"]["title_en"], shown["w1"]["text_en"]) == ("Title w1", "Text of w1.")
    assert shown["w2"]["title_en"] == "Title w2"
    for hidden in ("w3", "wall", "bare"):
        assert (shown[hidden]["title_en"], shown[hidden]["text_en"]) == (None, None)
        assert shown[hidden]["translation_engine"] is None
    states = {a: r["translation_status"] for a, r in shown.items()}
    assert states == {
        "w1": "ok",
        "w2": "partial",
        "w3": "quarantined",
        "own": "not_needed",
        "old": "not_needed",
        "wall": "pending",
        "bare": "pending",
        "lone": "pending",
    }
    waiting = {r["article_id"]: r["translation_status"] for r in rows(world, "FROM v_untranslated")}
    assert waiting == {"w3": "quarantined", "wall": "pending", "bare": "pending", "lone": "pending"}
    for view in VIEWS:
        assert "Title w3" not in str(rows(world, f"FROM {view}")), view


def test_story_title_from_a_failed_translation_is_hidden(world: Store) -> None:
    """A machine title is hidden once the translation it came from has failed; an outlet's own title never is."""
    world.merge([story("s1", "w3", title_en="Title w3", title_en_origin="machine")])
    assert one(world, "FROM v_stories WHERE story_id = 's1'")["title_en"] is None
    world.merge([story("s1", "w1", title_en="Title w1", title_en_origin="machine")])
    assert one(world, "FROM v_stories WHERE story_id = 's1'")["title_en"] == "Title w1"


def test_alignment_is_marked_unverified(world: Store) -> None:
    """Alignment comes with whether there is evidence for it."""
    found = {(r["source_id"], r["alignment"], r["alignment_status"]) for r in rows(world, "FROM v_articles")}
    assert found == {("faro", "independent", "unverified"), ("torre", "mixed", "evidenced"), ("pier", None, None)}


def test_day_is_that_of_caracas(world: Store) -> None:
    """The day follows Caracas, whatever the zone of the client."""
    world.con.execute("SET TimeZone = 'Asia/Tokyo'")
    try:
        world.merge([article("late", published_at=datetime(2026, 1, 9, 3, 59, tzinfo=UTC))])
        assert one(world, "FROM v_articles WHERE article_id = 'late'")["day_caracas"] == date(2026, 1, 8)
    finally:
        world.con.execute("SET TimeZone = 'UTC'")


def test_coverage_by_country(world: Store) -> None:
    """Each country is counted for itself; a text used in two countries counts in both."""
    found = {r["country"]: r for r in rows(world, "FROM v_coverage WHERE story_id = 's1'")}
    assert {c: (r["article_count"], r["source_count"]) for c, r in found.items()} == {
        "VE": (3, 1),
        "ES": (2, 1),
        "US": (1, 1),
    }
    assert {c: (r["voice_count_min"], r["voice_count_max"]) for c, r in found.items()} == {
        "VE": (1, 2),
        "ES": (2, 2),
        "US": (1, 1),
    }
    assert found["ES"]["first_published_at"] == at(0)


def test_morning_is_seven_to_seven_in_caracas(world: Store) -> None:
    """A morning's window ends at its 07:00 in Caracas (11:00 UTC), and only stories on a beat are in it."""
    world.merge(
        [
            article("early", published_at=datetime(2026, 1, 9, 10, 59, tzinfo=UTC)),
            article("next", published_at=datetime(2026, 1, 9, 11, 0, tzinfo=UTC)),
            member("s1", "early"),
            member("s1", "next"),
        ]
    )
    found = {r["morning"]: r for r in rows(world, "FROM v_morning")}
    assert {m: (r["story_id"], r["new_article_count"], r["is_new"]) for m, r in found.items()} == {
        date(2026, 1, 9): ("s1", 7, True),
        date(2026, 1, 10): ("s1", 1, False),
    }
    assert found[date(2026, 1, 10)]["article_count"] == 8


def test_source_days(world: Store) -> None:
    """Each day since the first poll has a state: complete, gap, or down; a day without polls is down."""
    world.merge(
        [
            poll("1", "faro", at(0)),
            poll("2", "faro", at(1), "timeout"),
            poll("3", "faro", at(24), possible_gap=True),
            poll("4", "faro", at(72), "not_modified"),
            poll("5", "torre", at(0), "unreachable"),
            poll("6", "torre", at(1), "host_deferred"),
            poll("7", "torre", at(72)),
            poll("8", "torre", at(73), "timeout", url="https://torre.example/second"),
            poll("9", "pier", at(0), kind="page"),
        ]
    )
    found = {(r["source_id"], r["day_caracas"].day): r for r in rows(world, "FROM v_source_days")}
    assert {k: (r["polls_due"], r["polls_ok"], r["state"]) for k, r in found.items()} == {
        ("faro", 8): (2, 1, "complete"),
        ("faro", 9): (1, 1, "gap"),
        ("faro", 10): (0, 0, "down"),
        ("faro", 11): (1, 1, "complete"),
        ("torre", 8): (1, 0, "down"),
        ("torre", 9): (0, 0, "down"),
        ("torre", 10): (0, 0, "down"),
        ("torre", 11): (2, 1, "gap"),
    }
    assert found["faro", 8]["article_count"] == 3
    assert (found["faro", 8]["country"], found["faro", 8]["alignment_status"]) == ("VE", "unverified")


def test_source_health(world: Store) -> None:
    """Each outlet is once in the list, with the state of its feeds and what they brought."""
    world.merge(
        [
            feed("faro", last_polled_at=NOON, last_ok_at=NOON, last_reason="ok"),
            feed("faro", feed_url="https://faro.example/2", last_polled_at=NOON, failures=3, last_reason="timeout"),
            feed("torre", last_polled_at=NOON, failures=1, last_reason="unreachable"),
            entry("e1"),
            entry("e2", state="pending", reason="over_quota"),
            source("quiet"),
        ]
    )
    found = {r["source_id"]: r for r in rows(world, "FROM v_source_health")}
    states = {s: r["state"] for s, r in found.items()}
    assert states == {"faro": "failing", "torre": "down", "pier": "never_polled", "quiet": "no_feed"}
    faro = found["faro"]
    assert (faro["feed_count"], faro["failing_feed_count"], faro["failures"]) == (2, 1, 3)
    assert faro["last_reasons"] == ["ok", "timeout"]
    assert (faro["entry_count"], faro["pending_count"], faro["article_count"], faro["full_count"]) == (2, 1, 4, 3)


def test_drops(world: Store) -> None:
    """What was dropped is there once, with the reason: entries by their state, feeds by the last decision."""
    world.merge(
        [
            entry("kept"),
            entry("waits", state="pending", reason="over_quota"),
            entry("twin", state="duplicate", reason="same_url"),
            entry("bad", state="quarantined", reason="worker_crash", detail="signal 6"),
            Outcome("r1", "entry", "bad", "faro", "quarantined", "worker_crash", None, at(0)),
            Outcome("r1", "entry", "kept", "faro", "stored", "new", None, at(0)),
            Outcome("r1", "feed", "https://faro.example/feed", "faro", "read", "ok", None, at(0)),
            Outcome("r1", "feed", "https://torre.example/feed", "torre", "failed", "unreachable", None, at(0)),
            Outcome("r2", "feed", "https://torre.example/feed", "torre", "failed", "timeout", "30 s", at(9)),
        ]
    )
    found = sorted((r["stage"], r["key"], r["reason"], r["times"]) for r in rows(world, "FROM v_drops"))
    assert found == [
        ("entry", "bad", "worker_crash", 1),
        ("entry", "twin", "same_url", 1),
        ("feed", "https://torre.example/feed", "timeout", 2),
    ]
    torre = one(world, "FROM v_drops WHERE source_id = 'torre'")
    assert (torre["dropped_at"], torre["detail"], torre["url"]) == (at(9), "30 s", "https://torre.example/feed")


def test_article_of_an_unknown_outlet_is_not_lost(world: Store) -> None:
    """An article whose outlet is not in the catalogue any more is still in the views."""
    world.merge([article("orphan", "shut"), member("s2", "orphan")])
    assert one(world, "FROM v_articles WHERE article_id = 'orphan'")["source_name"] is None
    assert one(world, "FROM v_stories WHERE story_id = 's2'")["article_count"] == 2


def test_views_are_the_files() -> None:
    """Every file of sql/views is in the list of views, and the other way round."""
    assert {p.stem for p in Path(db.SQL_DIR / "views").glob("*.sql")} == set(VIEWS)


@pytest.mark.services
def test_the_views_of_a_lake_are_those_of_a_file(tmp_path: Path) -> None:
    """Published from a lake every view has the same rows, in all its columns, as published from a file."""
    polled = [poll(f"p{n}", s, at(n)) for n, s in enumerate(("faro", "torre", "pier"))]
    more: list[Record] = [
        *polled,
        poll("p3", "pier", at(5), "timeout"),
        entry("twin", state="duplicate", reason="same_url"),
        Outcome("r", "feed", "https://torre.example/feed", "torre", "failed", "timeout", "30 s", at(1)),
        Run("r", "run", at(0), at(1), "ok", "{}", "t"),
        Watch("w", "Wire", "{}", "1"),
        *(WatchMatch("w", a, ("wire",), "1", at(4)) for a in ("w1", "w2", "own")),
    ]
    with postgres.lake(tmp_path / "lake") as url:
        for name, where in (("a", ""), ("b", url)):
            with Store.open(tmp_path / name, "test", where) as store:
                store.merge([*WORLD, *more])
                publish(tmp_path / name, store)
    for view in VIEWS:
        columns = "* EXCLUDE (published_at)" if view == "v_snapshot" else "*"
        sql = f"SELECT {columns} FROM {view} ORDER BY ALL"
        file, lake = (run_query(tmp_path / name, sql, 60) for name in "ab")
        assert lake == file, view
        assert file.rows, f"{view} has no row to compare"
