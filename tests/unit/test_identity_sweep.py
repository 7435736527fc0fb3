"""Stories day by day: whatever order and batches the articles come in, the same stories by the same ids."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.copies import find_copies
from pipeline.identity.features import compute_features
from pipeline.identity.stories import Placement, flattened
from pipeline.identity.sweep import day_of, sweep
from pipeline.newsroom.content import ROUNDS
from pipeline.newsroom.gold import load_gold
from storage.ids import story_id
from storage.records import Article, ArticleFeatures, Copy, Story, StoryAlias, StoryArticle
from tests.eval._identity import embedder, make_article
from tests.eval.newsroom import gold_articles
from tests.unit.identity_texts import ENGLISH, QUAKE_NORTH, QUAKE_SOUTH, START, WIRE

NOW = datetime.fromisoformat("2026-03-01T00:00:00+00:00")


@cache
def newsroom() -> tuple[tuple[Article, ...], dict[str, ArticleFeatures]]:
    """The newsroom's articles with their features."""
    articles = tuple(gold_articles(load_gold(ROUNDS[-1])))
    return articles, {f.article_id: f for f in compute_features(articles, embedder())}


class Archive:
    """What a warehouse would hold after each batch, kept as the pipeline keeps it."""

    def __init__(self, features: dict[str, ArticleFeatures]) -> None:
        self.features = features
        self.articles: dict[str, Article] = {}
        self.members: dict[str, StoryArticle] = {}
        self.stories: dict[str, Story] = {}
        self.aliases: dict[str, StoryAlias] = {}
        self.copies: list[Copy] = []

    def take(self, batch: Iterable[Article], at: datetime = NOW) -> Placement:
        """Place a batch."""
        fresh = [a.article_id for a in batch]
        self.articles |= {a.article_id: a for a in batch}
        held = list(self.articles.values())
        self.copies = find_copies(held, (), self.features)
        found = sweep(held, self.features, self.copies, list(self.members.values()), fresh, at)
        self.members |= {m.article_id: m for m in found.members}
        self.stories |= {s.story_id: s for s in found.stories}
        kept, revived = flattened(found.aliases, self.aliases.values(), [s.story_id for s in found.stories])
        for key in revived:
            del self.aliases[key]
        self.aliases |= {a.alias_id: a for a in kept}
        for key in found.retired:
            del self.stories[key]
        return found

    def check(self) -> None:
        """Hold what must be true after every batch."""
        assert set(self.members) == set(self.articles)
        assert {m.story_id for m in self.members.values()} == set(self.stories)
        for story, members in self.partition().items():
            assert story in {story_id(k) for k in members}
            assert self.stories[story].lead_article_id in members
        assert not set(self.aliases) & set(self.stories)
        assert {a.story_id for a in self.aliases.values()} <= set(self.stories)

    def partition(self) -> dict[str, frozenset[str]]:
        """Return the members of each story."""
        found: dict[str, set[str]] = {}
        for member in self.members.values():
            found.setdefault(member.story_id, set()).add(member.article_id)
        return {k: frozenset(v) for k, v in found.items()}


def _stretched(articles: Sequence[Article], factor: float) -> list[Article]:
    first = min(a.published_at for a in articles)
    return [replace(a, published_at=first + (a.published_at - first) * factor) for a in articles]


@cache
def _once(factor: float) -> dict[str, frozenset[str]]:
    articles, features = newsroom()
    archive = Archive(features)
    archive.take(_stretched(articles, factor))
    archive.check()
    return archive.partition()


@pytest.mark.parametrize("factor", [1.0, 5.0])
@given(order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(1, 85), max_size=4, unique=True))
@settings(max_examples=8, deadline=None)
def test_order_and_batches_change_neither_stories_nor_ids(factor: float, order: random.Random, cuts: list[int]) -> None:
    """The newsroom's articles in any order and any batches, in three days or over two weeks: one outcome."""
    articles, features = newsroom()
    shuffled = _stretched(articles, factor)
    order.shuffle(shuffled)
    archive = Archive(features)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(shuffled)], strict=True):
        archive.take(shuffled[start:end])
        archive.check()
    assert archive.partition() == _once(factor)


def test_the_newsroom_day_by_day_is_the_gold() -> None:
    """The sweep finds the stories that people say there are."""
    assert set(_once(1.0).values()) == {frozenset(keys) for keys in load_gold(ROUNDS[-1]).stories().values()}


def _features(articles: Sequence[Article]) -> dict[str, ArticleFeatures]:
    return {f.article_id: f for f in compute_features(articles, embedder())}


def _series(days: Sequence[int], text: str = WIRE) -> list[Article]:
    """One event reported again and again: the same facts under slightly other words each day."""
    return [
        make_article(
            f"day-{d:02}", "es", "Excarcelan a 43 presos políticos en Costa Blanca",
            f"Día {d} de las excarcelaciones. {text}", at=START + timedelta(days=d), genre="news", kind="feed_only",
        )
        for d in days
    ]  # fmt: skip


def test_a_developing_story_stays_together_for_as_long_as_reports_follow() -> None:
    """Reports every two days for three weeks are one story, in one run and day by day; after a gap it is another."""
    series = _series([*range(0, 22, 2), 40, 41])
    features = _features(series)
    once, daily = Archive(features), Archive(features)
    once.take(series)
    for article in series:
        daily.take([article], article.published_at)
        daily.check()
    early, late = frozenset(a.article_id for a in series[:-2]), frozenset(a.article_id for a in series[-2:])
    assert once.partition() == daily.partition() == {story_id("day-00"): early, story_id("day-40"): late}
    assert daily.aliases == {}


def test_a_batch_far_back_does_not_touch_what_came_after() -> None:
    """A backfill places its own days; stories that it cannot change are not returned again."""
    old = [
        make_article(f"o{i}", "es", "Terremoto en Villarrosa", QUAKE_NORTH, at=START - timedelta(days=90))
        for i in (1, 2)
    ]
    series = _series(range(3))
    archive = Archive(_features([*series, *old]))
    archive.take(series)
    found = archive.take(old)
    assert {m.article_id for m in found.members} == {"o1", "o2"}
    archive.check()


def test_a_second_sweep_changes_nothing() -> None:
    """Placed again with its own outcome the window gives the same records."""
    articles, features = newsroom()
    archive = Archive(features)
    archive.take(articles)
    members, stories = dict(archive.members), dict(archive.stories)
    again = archive.take(articles[:20], NOW + timedelta(hours=2))
    assert again.aliases == [] and archive.members == members and archive.stories == stories


def test_a_reworded_article_leaves_its_story() -> None:
    """An article whose text now tells of another event moves there; the story it founded goes on under a new id."""
    here = [
        make_article("a", "es", "Excarcelan a 43 presos políticos en Costa Blanca", WIRE, at=START),
        make_article("b", "en", "Costa Blanca frees 43 political prisoners", ENGLISH, at=START + timedelta(hours=1)),
        make_article("q", "es", "Terremoto de magnitud 6,1 en Villarrosa", QUAKE_NORTH, at=START + timedelta(hours=2)),
    ]
    archive = Archive(_features(here))
    archive.take(here)
    assert set(archive.partition().values()) == {frozenset("ab"), frozenset("q")}
    moved = replace(here[0], title="Terremoto de magnitud 6,1 en Villarrosa", text=QUAKE_NORTH + " Habrá réplicas.")
    archive.features |= _features([moved])
    archive.take([moved], NOW + timedelta(hours=1))
    archive.check()
    assert archive.partition() == {story_id("a"): frozenset("aq"), story_id("b"): frozenset("b")}
    assert {a.alias_id: (a.story_id, a.reason) for a in archive.aliases.values()} == {
        story_id("q"): (story_id("a"), "merged")
    }


def test_days_are_those_of_publication() -> None:
    """A day begins at midnight UTC, also before 1970."""
    at = datetime.fromisoformat("1969-12-31T23:59:59+00:00")
    assert [day_of(make_article("x", "es", "T", at=t)) for t in (at, at + timedelta(seconds=1))] == [-1, 0]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_aliases_never_chain_nor_circle(merges: list[tuple[int, int]]) -> None:
    """After any series of merges and revivals each alias names a living story, and no living id is an alias."""
    living = {f"s{i}" for i in range(7)}
    table: dict[str, StoryAlias] = {}
    for old, new in merges:
        name, target = f"s{old}", f"s{new}"
        if name == target:
            continue
        living.add(target)
        ended = [StoryAlias(name, target, "merged", NOW)] if name in living else []
        living -= {name}
        kept, revived = flattened(ended, table.values(), living)
        table = {k: a for k, a in table.items() if k not in revived} | {a.alias_id: a for a in kept}
        assert not set(table) & living
        assert {a.story_id for a in table.values()} <= living


def test_look_alikes_on_following_days_stay_apart() -> None:
    """Two earthquakes in two towns are two stories, whichever is reported first."""
    pair = [
        make_article("n", "es", "Terremoto de magnitud 6,1 en Villarrosa", QUAKE_NORTH, at=START),
        make_article("s", "es", "Sismo de magnitud 5,4 en Puerto Quemado", QUAKE_SOUTH, at=START + timedelta(days=1)),
    ]
    for order in (pair, pair[::-1]):
        archive = Archive(_features(pair))
        for article in order:
            archive.take([article])
        assert len(archive.partition()) == 2
