"""Merging: one row per key, whatever comes in which order how often; what was goes to the history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.dump import logical_dump
from storage.errors import StorageError
from storage.records import (
    RECORDS,
    Article,
    ArticleFeatures,
    ArticleTopic,
    Record,
    Source,
    Story,
    StoryArticle,
    Topic,
    Translation,
)
from storage.schema import record_type_of
from storage.spool import write_spool
from storage.store import HISTORY, Store
from tests.storage.builders import article, member, source, story, translation
from tests.storage.conftest import clear, undone
from tests.storage.strategies import records


def key_of(record: Record) -> tuple[object, ...]:
    return (record.TABLE, *(getattr(record, k) for k in record.KEY))


def history(store: Store, table: str) -> list[tuple[object, ...]]:
    return store.con.execute(f"SELECT * EXCLUDE (superseded_at) FROM log.{table} ORDER BY superseded_at").fetchall()


def assert_unique(store: Store, tables: set[str]) -> None:
    for table in tables:
        key = ", ".join(record_type_of(table).KEY)
        twice = store.con.execute(f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1").fetchall()
        assert twice == [], table


ANY = st.sampled_from(RECORDS).flatmap(lambda t: st.lists(records(t), max_size=5))


@settings(max_examples=30, deadline=None)
@given(ANY)
def test_what_is_merged_is_read_back(memory_store: Store, found: list[Record]) -> None:
    """Of several records with one key the last counts; it is read back equal, in types as in values."""
    check_read_back(memory_store, found)


@pytest.mark.services
@settings(max_examples=10, deadline=None)
@given(ANY)
def test_what_is_merged_into_a_lake_is_read_back(lake_store: Store, found: list[Record]) -> None:
    """A lake gives back the same."""
    check_read_back(lake_store, found)


def check_read_back(store: Store, found: list[Record]) -> None:
    latest = {key_of(r): r for r in found}
    tables = {r.TABLE for r in found}
    with undone(store):
        store.merge(found)
        for table in tables:
            held = store.read(record_type_of(table))
            assert {key_of(r): repr(r) for r in held} == {key: repr(r) for key, r in latest.items()}
        assert_unique(store, tables)


MIXED = st.lists(
    st.sampled_from((Topic, Translation, StoryArticle, ArticleTopic, ArticleFeatures, Article)).flatmap(records),
    max_size=8,
    unique_by=key_of,
)


@settings(max_examples=15, deadline=None)
@given(MIXED, st.data())
def test_order_batches_and_repeats_do_not_matter(memory_store: Store, found: list[Record], data: st.DataObject) -> None:
    """The same records in any order, in any batches, some of them twice, end in the same dump and log nothing."""
    check_order(memory_store, found, data)


@pytest.mark.services
@settings(max_examples=3, deadline=None)
@given(MIXED, st.data())
def test_order_batches_and_repeats_do_not_matter_to_a_lake(
    lake_store: Store, found: list[Record], data: st.DataObject
) -> None:
    """Nor in a lake."""
    check_order(lake_store, found, data)


def check_order(store: Store, found: list[Record], data: st.DataObject) -> None:
    with undone(store):
        store.merge(found)
        expected = logical_dump(store.con)
    again = [*found, *data.draw(st.lists(st.sampled_from(found), max_size=6) if found else st.just([]))]
    shuffled = data.draw(st.permutations(again))
    with undone(store):
        while shuffled:
            size = data.draw(st.integers(1, len(shuffled)))
            store.merge(shuffled[:size])
            shuffled = shuffled[size:]
        assert logical_dump(store.con) == expected
        tables = {r.TABLE for r in found}
        assert_unique(store, tables)
        assert not [table for table in HISTORY.keys() & tables if history(store, table)]


def test_a_change_is_logged_once(empty_store: Store) -> None:
    """The superseded row goes to the history with the change; the same record again logs nothing."""
    pending, done = translation("a", "pending", title=None, text=None), translation("a")
    empty_store.merge([pending])
    empty_store.merge([done])
    empty_store.merge([done])
    assert empty_store.read(Translation) == [done]
    assert [row[:4] for row in history(empty_store, "translations")] == [("a", "en", None, None)]


def test_a_new_weight_is_no_history(empty_store: Store) -> None:
    """A score that alone changes is updated without a row of history; with a new reason it is kept."""
    empty_store.merge([member("s1", "a", score=0.5)])
    empty_store.merge([member("s1", "a", score=0.6)])
    assert history(empty_store, "story_articles") == []
    empty_store.merge([member("s1", "a", score=0.7, reason="names")])
    assert [row[:4] for row in history(empty_store, "story_articles")] == [("s1", "a", 0.6, "vector")]
    assert empty_store.read(StoryArticle) == [member("s1", "a", score=0.7, reason="names")]


def test_move_between_stories(empty_store: Store) -> None:
    """An article that moves has one current membership; the former one is in the history."""
    empty_store.merge([story("s1", "a"), story("s2", "b"), member("s1", "a"), member("s1", "b")])
    empty_store.replace(StoryArticle, "story_id", ["s2"], [member("s2", "b")])
    assert [(m.story_id, m.article_id) for m in empty_store.read(StoryArticle)] == [("s1", "a"), ("s2", "b")]
    assert [row[:2] for row in history(empty_store, "story_articles")] == [("s1", "b")]


def test_replace_makes_the_set_exact(empty_store: Store) -> None:
    """Children that are not given go, with a trace; new ones come, equal ones stay, other parents are not touched."""

    def topic(a: str, t: str, score: float = 1.0) -> ArticleTopic:
        return ArticleTopic(a, t, score, ("oil",), "t")

    empty_store.merge([topic("a", "t1"), topic("a", "t2"), topic("a", "t3"), topic("b", "t1")])
    empty_store.replace(ArticleTopic, "article_id", ["a"], [topic("a", "t2"), topic("a", "t3", 0.5), topic("a", "t4")])
    held = [(t.article_id, t.topic_id, t.score) for t in empty_store.read(ArticleTopic)]
    assert held == [("a", "t2", 1.0), ("a", "t3", 0.5), ("a", "t4", 1.0), ("b", "t1", 1.0)]
    assert sorted(row[:3] for row in history(empty_store, "article_topics")) == [("a", "t1", 1.0)]
    empty_store.replace(ArticleTopic, "article_id", ["a"], [])
    assert [t.article_id for t in empty_store.read(ArticleTopic)] == ["b"]


def test_replace_refuses_strangers(empty_store: Store) -> None:
    """A record of another parent or another type is an error of the caller, and nothing changes."""
    empty_store.merge([ArticleTopic("a", "t", 1.0, (), "t")])
    with pytest.raises(ValueError, match="does not belong"):
        empty_store.replace(ArticleTopic, "article_id", ["a"], [ArticleTopic("b", "t", 1.0, (), "t")])
    with pytest.raises(ValueError, match="does not belong"):
        empty_store.replace(ArticleTopic, "article_id", ["a"], [member("s", "a")])
    assert len(empty_store.read(ArticleTopic)) == 1


def test_delete_logs(empty_store: Store) -> None:
    """Deleted rows of a table with history are kept there; others simply go."""
    empty_store.merge([story("s1", "a"), story("s2", "b"), article("a"), article("b")])
    empty_store.delete(Story, "story_id", ["s1", "none"])
    empty_store.delete(Article, "article_id", ["a"])
    assert [s.story_id for s in empty_store.read(Story)] == ["s2"]
    assert [row[0] for row in history(empty_store, "stories")] == ["s1"]
    assert [a.article_id for a in empty_store.read(Article)] == ["b"]


def test_transaction_is_all_or_nothing(empty_store: Store) -> None:
    """What a block wrote is gone when it raises, inner blocks and history included."""
    empty_store.merge([translation("a")])
    with pytest.raises(RuntimeError), empty_store.transaction():
        empty_store.merge([translation("a", "partial"), article("a")])
        with empty_store.transaction():
            empty_store.delete(Translation, "article_id", ["a"])
        raise RuntimeError("stop")
    assert empty_store.read(Translation) == [translation("a")]
    assert empty_store.read(Article) == []
    assert history(empty_store, "translations") == []
    with empty_store.transaction():
        empty_store.merge([article("a")])
    assert len(empty_store.read(Article)) == 1


def test_value_that_does_not_fit_is_refused_whole(empty_store: Store) -> None:
    """A value no column can hold fails the whole merge with the table's name; nothing of it is stored."""
    wrong = replace(article("b"), title=None)  # type: ignore[arg-type]
    with pytest.raises(StorageError, match="title"):
        empty_store.merge([article("a"), wrong])
    assert empty_store.read(Article) == []


def test_read_clauses(empty_store: Store) -> None:
    """A condition may be bare or a clause, values are bound by name or place, and keys give the order."""
    empty_store.merge([source("b"), source("a"), source("c", "US")])
    names = [s.source_id for s in empty_store.read(Source)]
    assert names == ["a", "b", "c"]
    for where, params in (
        ("country = $c", {"c": "VE"}),
        ("country = ?", ["VE"]),
        ("WHERE country = 'VE' ORDER BY source_id", None),
        ("ORDER BY source_id LIMIT 2", None),
    ):
        assert [s.source_id for s in empty_store.read(Source, where, params)] == ["a", "b"]
    assert empty_store.read(Source, "source_id = $s", {"s": "x' OR 1 = 1 --"}) == []


def test_spools_merge_like_records(empty_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spool files, loaded in many small batches, give what merging their records gives; a later file wins."""
    monkeypatch.setattr("storage.store.BATCH_CHARS", 2_000)
    found: list[Record] = [article(f"a{i}", title=f"t{i}\x00'\"\\{{}}") for i in range(20)]
    found += [translation(f"a{i}") for i in range(20)]
    write_spool(tmp_path / "1.jsonl.gz", [article("a3", title="old"), *found[20:]])
    write_spool(tmp_path / "2.jsonl.gz", found[:20])
    empty_store.merge_spool([tmp_path / "1.jsonl.gz", tmp_path / "2.jsonl.gz"])
    from_spools = logical_dump(empty_store.con)
    clear(empty_store)
    empty_store.merge(found)
    assert logical_dump(empty_store.con) == from_spools


def test_damaged_spool_stores_nothing(empty_store: Store, tmp_path: Path) -> None:
    """When one of several spools is damaged none of them is stored."""
    write_spool(tmp_path / "1.jsonl.gz", [article("a")])
    (tmp_path / "2.jsonl.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(StorageError, match=r"2\.jsonl\.gz"):
        empty_store.merge_spool([tmp_path / "1.jsonl.gz", tmp_path / "2.jsonl.gz"])
    assert empty_store.read(Article) == []


NAMES = st.lists(st.text(alphabet=" ab'\"\\,[]{}\n\x01é", max_size=4), unique=True, max_size=6)


@settings(max_examples=20, deadline=None)
@given(NAMES, st.data())
def test_read_in(memory_store: Store, names: list[str], data: st.DataObject) -> None:
    """Records are found by any of many values, whatever characters stand in them, and nothing else is."""
    check_read_in(memory_store, names, data)


@pytest.mark.services
@settings(max_examples=6, deadline=None)
@given(NAMES, st.data())
def test_read_in_of_a_lake(lake_store: Store, names: list[str], data: st.DataObject) -> None:
    """So they are in a lake, whose catalogue prunes files by the least and greatest value of a column."""
    check_read_in(lake_store, names, data)


def check_read_in(store: Store, names: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    with undone(store):
        store.merge([source(name) for name in names])
        found = store.read_in(Source, "source_id", [*wanted, "not there"])
        assert sorted(s.source_id for s in found) == sorted(wanted)
        assert store.read_in(Source, "source_id", wanted, "country = $c", c="US") == []
        assert store.read_in(Source, "source_id", wanted, "country = $c", c="VE") == found
        store.delete(Source, "source_id", wanted)
        assert sorted(s.source_id for s in store.read(Source)) == sorted(set(names) - set(wanted))


def test_read_in_unknown_column(empty_store: Store) -> None:
    """A column that the table does not have is an error that names it."""
    with pytest.raises(StorageError, match="sources has no column 'what'"):
        empty_store.read_in(Source, "what", ["x"])
