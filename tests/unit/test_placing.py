"""Placing with a store: the newsroom's stories whatever the batches, small window or large, killed or not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline import placing
from pipeline.identity.features import compute_features
from pipeline.newsroom.content import HERE, ROUNDS
from pipeline.newsroom.gold import Gold, load_gold
from pipeline.report import QuietReporter
from pipeline.settings import Settings, load_settings
from storage.dump import logical_dump
from storage.publish import publish
from storage.query import run_query
from storage.records import Article, ArticleFeatures, Copy, Story, StoryAlias, StoryArticle, Translation
from storage.store import Store
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import START, WIRE
from tests.unit.test_identity_sweep import newsroom

NOW = datetime.fromisoformat("2026-01-20T12:00:00+00:00")
GOLD: Gold = load_gold(ROUNDS[-1])


class Home:
    """A warehouse that takes articles in batches and places them."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = load_settings(home=folder, config_dir=HERE / "config")
        self.folder = folder
        self.now = NOW

    @contextmanager
    def open(self) -> Iterator[Store]:
        with Store.open(self.folder, "test") as store:
            yield store

    def load(self, articles: Sequence[Article]) -> None:
        """Bring articles in, with their features where they are known."""
        known = newsroom()[1]
        with self.open() as store, store.transaction():
            store.merge(articles)
            same = [known[a.article_id] for a in articles if a.article_id in known]
            store.merge(f for f in same if f.text_sha256 in {a.text_sha256 for a in articles})

    def place(self) -> placing.IdentityCounts:
        """Place what is due."""
        self.now += timedelta(minutes=15)
        return placing.identify(self.open, self.settings, embedder(), lambda: self.now, QuietReporter())

    def partition(self) -> set[frozenset[str]]:
        """Return the members of each story."""
        found: dict[str, set[str]] = {}
        with self.open() as store:
            for member in store.read(StoryArticle):
                found.setdefault(member.story_id, set()).add(member.article_id)
        return {frozenset(keys) for keys in found.values()}

    def dump(self) -> str:
        """Return what two runs are compared by."""
        with self.open() as store:
            return logical_dump(store.con)


STORIES = {frozenset(keys) for keys in GOLD.stories().values()}
COPIES = {(a.key, a.copy_of, a.copy_kind) for a in GOLD.articles if a.copy_kind}


def test_the_newsroom_in_one_run_is_the_gold(tmp_path: Path) -> None:
    """All stories and copies are right, and a second run finds nothing due."""
    home = Home(tmp_path)
    home.load(newsroom()[0])
    home.place()
    assert home.partition() == STORIES
    with home.open() as store:
        assert {(c.article_id, c.original_article_id, c.kind) for c in store.read(Copy)} == COPIES
    before = home.dump()
    assert home.place() == placing.IdentityCounts(0, 0, 0, 0)
    assert home.dump() == before


@pytest.mark.parametrize("large", [False, True])
@given(order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(1, 85), max_size=3, unique=True))
@settings(max_examples=3, deadline=None, phases=[Phase.generate])
def test_batches_end_in_the_same_stories(
    tmp_path_factory: pytest.TempPathFactory, large: bool, order: random.Random, cuts: list[int]
) -> None:
    """Any order and batches end in the stories of the gold: with the whole window grouped anew, and with neighbours."""
    articles = list(newsroom()[0])
    order.shuffle(articles)
    home = Home(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(placing, "SMALL", 0)
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(articles)], strict=True):
            home.load(articles[start:end])
            home.place()
    wrong = home.partition() ^ STORIES
    # Of a large window only what is near is read, against what was common when it was placed: nearly the same
    assert len(wrong) <= (4 if large else 0)
    with home.open() as store:
        aliases, living = store.read(StoryAlias), {s.story_id for s in store.read(Story)}
        assert {(c.article_id, c.original_article_id, c.kind) for c in store.read(Copy)} == COPIES
    assert {a.story_id for a in aliases} <= living and not {a.alias_id for a in aliases} & living


def test_a_run_killed_between_stretches_ends_like_one_that_was_not(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one transaction brought stays, the rest is due again: the same database in the end."""
    first = min(a.published_at for a in newsroom()[0])
    articles = [replace(a, published_at=first + (a.published_at - first) * 6) for a in newsroom()[0]]
    whole, killed = (Home(tmp_path_factory.mktemp("home")) for _ in range(2))
    for home in (whole, killed):
        home.load(articles)
    whole.place()
    merged = 0
    real = placing.merge_work

    def dies(*args: object) -> None:
        nonlocal merged
        merged += 1
        if merged == 3:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(placing, "merge_work", dies)
    with pytest.raises(KeyboardInterrupt):
        killed.place()
    assert killed.partition() != whole.partition()
    monkeypatch.undo()
    killed.place()
    assert killed.dump() == whole.dump()


def test_each_article_has_one_membership_and_the_past_is_in_the_log(tmp_path: Path) -> None:
    """A reworded article moves: one current row, the former one in the history, and the old story's id leads on."""
    home = Home(tmp_path)
    home.load(newsroom()[0])
    home.place()
    quake = next(a for a in newsroom()[0] if a.article_id == "potomac-quake-sucre")
    ice = next(a for a in newsroom()[0] if a.article_id == "potomac-ice-storm")
    moved = replace(quake, title=ice.title, text=ice.text, text_sha256="reworded", summary=ice.summary)
    home.load([moved])
    home.place()
    with home.open() as store:
        now = {m.article_id: m.story_id for m in store.read(StoryArticle)}
        assert len(now) == len(newsroom()[0])
        assert now["potomac-quake-sucre"] == now["potomac-ice-storm"] != now["tepuy-quake-sucre"]
        past = store.con.execute(
            "SELECT count(*) FROM log.story_articles WHERE article_id = 'potomac-quake-sucre'"
        ).fetchall()
    assert past == [(1,)]


def test_a_late_agency_text_mends_the_copies(tmp_path: Path) -> None:
    """Takers without an original get one when the agency's own article arrives, in a later run."""
    takers = [
        make_article(
            f"t{i}", "es", "Excarcelan a 43 presos", WIRE, at=START + timedelta(hours=i), agency="agencia-tepuy"
        )
        for i in range(2)
    ]
    own = make_article("own", "es", "Excarcelados", WIRE, at=START, source_id="agencia-tepuy", agency="agencia-tepuy")
    home = Home(tmp_path)
    for batch, original in ((takers, None), ([own], "own")):
        home.load(batch)
        home.place()
        with home.open() as store:
            found = store.read(Copy)
        assert {c.article_id: c.original_article_id for c in found} == {"t0": original, "t1": original}


def test_a_translation_that_comes_later_gives_the_story_its_title(tmp_path: Path) -> None:
    """A Spanish story has no English title, then the lead's translation, marked; a quarantined one is never shown."""
    article = make_article("a", "es", "Excarcelan a 43 presos políticos en Costa Blanca", WIRE, at=START)
    home = Home(tmp_path)
    home.load([article])
    home.place()

    def face(status: str | None) -> tuple[str | None, str | None]:
        if status is not None:
            made = Translation("a", "en", f"Freed, {status}", "…", "x", "1", status, (), article.text_sha256, NOW)  # type: ignore[arg-type]
            with home.open() as store:
                store.merge([made])
            home.place()
        with home.open() as store:
            (story,) = store.read(Story)
        return story.title_en, story.title_en_origin

    assert face(None) == (None, None)
    assert face("ok") == ("Freed, ok", "machine")
    assert face("quarantined") == (None, None)
    assert face("partial") == (None, None)


@given(st.data())
@settings(max_examples=3, deadline=None, phases=[Phase.generate])
def test_a_story_counts_what_it_holds(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """v_stories counts articles, outlets, countries, languages and voices as the gold's judgements add up to."""
    chosen = data.draw(st.sets(st.sampled_from(sorted(a.key for a in GOLD.articles)), min_size=20))
    articles = [a for a in newsroom()[0] if a.article_id in chosen]
    home = Home(tmp_path_factory.mktemp("home"))
    home.load(articles)
    home.place()
    with home.open() as store:
        members: dict[str, list[str]] = {}
        for member in store.read(StoryArticle):
            members.setdefault(member.story_id, []).append(member.article_id)
        text_of = {c.article_id: c.text_group_id for c in store.read(Copy)}
        text_of |= {c.original_article_id: c.text_group_id for c in store.read(Copy) if c.original_article_id}
    publish(home.folder)
    names = "story_id, article_count, source_count, countries, languages, voice_count_min, voice_count_max"
    rows = {r[0]: r[1:] for r in run_query(home.folder, f"SELECT {names} FROM v_stories", 60).rows}
    held = {a.article_id: a for a in articles}
    for story, keys in members.items():
        here = [held[k] for k in keys]
        texts = {text_of.get(a.article_id, a.article_id) for a in here if a.kind == "full"}
        feeds = sum(a.kind == "feed_only" for a in here)
        assert rows[story] == (
            len(here),
            len({a.source_id for a in here}),
            sorted({a.country for a in here}),
            sorted({a.lang for a in here}),
            max(1, len(texts)),
            len(texts) + feeds,
        )
    assert len(rows) == len(members)


def test_features_are_computed_for_what_has_none(tmp_path: Path) -> None:
    """An article that comes without features gets them before it is placed."""
    home = Home(tmp_path)
    article = make_article("a", "es", "Excarcelan a 43 presos políticos en Costa Blanca", WIRE, at=START)
    home.load([article])
    home.place()
    with home.open() as store:
        assert store.read(ArticleFeatures) == compute_features([article], embedder())
