"""Stories: one event is one story, strangers stay apart, and neither order nor history changes that."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.copies import find_copies
from pipeline.identity.face import face
from pipeline.identity.features import compute_features
from pipeline.identity.stories import Placed, Placement, place
from storage.ids import story_id
from storage.records import Article, ArticleFeatures, StoryArticle, Translation
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import ENGLISH, START, WIRE, corpus

HOROSCOPE = "Aries: semana de liberaciones. Tauro: cuidado con los presos del pasado. Géminis: saldrás de tu encierro."
NOW = START + timedelta(hours=60)
CORPUS = corpus()
FEATURES: dict[str, ArticleFeatures] = {f.article_id: f for f in compute_features(CORPUS, embedder())}


def _place(articles: Sequence[Article], existing: Sequence[Placed] = ()) -> Placement:
    missing = [a for a in articles if a.article_id not in FEATURES]
    FEATURES.update({f.article_id: f for f in compute_features(missing, embedder())})
    return place(articles, FEATURES, find_copies(articles, (), FEATURES), existing, NOW)


def _partition(placement: Placement) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for m in placement.members:
        groups.setdefault(m.story_id, set()).add(m.article_id)
    return {frozenset(g) for g in groups.values()}


def test_one_event_is_one_story_across_languages_and_copies() -> None:
    """The wire, its copies and the English report are one story; each earthquake is its own."""
    assert _partition(_place(CORPUS)) == {
        frozenset({"wire-1", "wire-2", "wire-3", "wire-4", "freed-en"}),
        frozenset({"quake-n", "quake-n-en"}),
        *(frozenset({k}) for k in ("quake-s", "rates", "generic-1", "generic-2", "empty-1", "empty-2", "column")),
    }


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, len(CORPUS)), max_size=3))
@settings(max_examples=15, deadline=None)
def test_order_of_arrival_and_batches_do_not_change_the_partition(order: random.Random, cuts: list[int]) -> None:
    """Whatever order the articles come in and however they are batched, the stories hold the same articles."""
    shuffled = CORPUS[:]
    order.shuffle(shuffled)
    existing: list[StoryArticle] = []
    placement = _place(CORPUS)
    expected = _partition(placement)
    for end in [*sorted(c for c in cuts if c), len(shuffled)]:
        placement = _place(shuffled[:end], existing)
        existing = placement.members
    assert _partition(placement) == expected
    assert {s.story_id for s in placement.stories} == {m.story_id for m in placement.members}


def test_a_second_run_changes_nothing() -> None:
    """Placed again with its own outcome, the window gives the same records: no alias, no new join."""
    first = _place(CORPUS)
    again = place(CORPUS, FEATURES, find_copies(CORPUS, (), FEATURES), first.members, NOW + timedelta(hours=1))
    assert again.members == first.members
    assert again.stories == first.stories
    assert again.aliases == again.retired == []


def test_an_earlier_report_gives_the_story_its_id_and_the_old_one_leads_there() -> None:
    """An article that turns up later with an earlier date founds the story: the id it had is an alias, not a loss."""
    first = _place([a for a in CORPUS if a.article_id != "wire-1"])
    named = {m.article_id: m.story_id for m in first.members}
    assert named["wire-2"] == story_id("wire-4")
    second = place(CORPUS, FEATURES, find_copies(CORPUS, (), FEATURES), first.members, NOW + timedelta(hours=1))
    now_in = {m.article_id: m for m in second.members}
    assert now_in["wire-1"].story_id == now_in["wire-4"].story_id == story_id("wire-1")
    assert [(a.alias_id, a.story_id, a.reason) for a in second.aliases] == [
        (story_id("wire-4"), story_id("wire-1"), "renamed")
    ]
    assert (now_in["wire-1"].reason, now_in["wire-4"].reason) == ("founder", "copy")
    assert now_in["wire-4"].joined_at == NOW < now_in["wire-1"].joined_at


def test_a_merge_leaves_an_alias() -> None:
    """Two stories that turn out to be one: the later founded id ends and points to the other."""
    alone = [StoryArticle(story_id(k), k, 1.0, "founder", "stories-0", START) for k in ("wire-1", "wire-2", "freed-en")]
    placement = _place(CORPUS, alone)
    assert [(a.alias_id, a.story_id, a.reason) for a in placement.aliases] == sorted(
        (story_id(k), story_id("wire-1"), "merged") for k in ("wire-2", "freed-en")
    )
    assert placement.retired == sorted([story_id("wire-2"), story_id("freed-en")])
    joined = {m.article_id: m.joined_at for m in placement.members}
    assert (joined["wire-1"], joined["freed-en"]) == (START, NOW)


def test_a_split_leaves_an_alias_when_the_old_id_ends() -> None:
    """A story whose founder now stands in an older one, while its members are divided: the id follows the most."""
    sizes = {"wire-1": "wire-1", "freed-en": "freed-en", "quake-n": "freed-en", "quake-n-en": "freed-en"}
    wrong = [StoryArticle(story_id(f), k, 1.0, "event", "stories-0", START) for k, f in sizes.items()]
    placement = _place(CORPUS, wrong)
    assert [(a.alias_id, a.story_id, a.reason) for a in placement.aliases] == [
        (story_id("freed-en"), story_id("quake-n"), "split")
    ]


def test_a_story_whose_founder_is_gone_is_renamed() -> None:
    """When the founding article is not to be had, the first of those that are gives the id; the old one still leads."""
    wrong = [StoryArticle("s-old", k, 1.0, "event", "stories-0", START) for k in ("quake-n", "quake-n-en", "quake-s")]
    placement = _place(CORPUS, wrong)
    now_in = {m.article_id: m.story_id for m in placement.members}
    assert now_in["quake-n"] == now_in["quake-n-en"] == story_id("quake-n") != now_in["quake-s"]
    assert [(a.alias_id, a.story_id, a.reason) for a in placement.aliases] == [("s-old", story_id("quake-n"), "split")]


def test_what_left_the_window_stays_where_it_was() -> None:
    """An old member keeps its membership as it is, and its story goes on under its id with its first date."""
    past = START - timedelta(days=6)
    old = make_article("old", "es", "Excarcelan a presos políticos en Costa Blanca", WIRE, at=past)
    existing = [StoryArticle(story_id("old"), "old", 1.0, "founder", "stories-0", past)]
    placement = _place([old, *CORPUS], existing)
    now_in = {m.article_id: m.story_id for m in placement.members}
    assert now_in["wire-1"] == now_in["old"] == story_id("old")
    assert next(m for m in placement.members if m.article_id == "old") == existing[0]
    story = next(s for s in placement.stories if s.story_id == story_id("old"))
    assert (story.first_published_at, story.last_seen_at) == (past, START + timedelta(hours=4))


def test_two_stories_of_the_past_are_never_joined() -> None:
    """What readers have seen as two stories stays two, and a new article chooses one."""
    past = START - timedelta(days=6)
    olds = [make_article(f"old-{i}", "es", "Excarcelan a 43 presos políticos", WIRE, at=past) for i in range(2)]
    existing = [StoryArticle(story_id(o.article_id), o.article_id, 1.0, "founder", "stories-0", past) for o in olds]
    placement = _place([*olds, *CORPUS], existing)
    assert {m.article_id: m.story_id for m in placement.members}["wire-1"] in {e.story_id for e in existing}
    assert placement.retired == []


@pytest.mark.parametrize(("days", "meets"), [(1, True), (20, False)])
def test_what_lies_further_apart_than_the_window_does_not_meet(days: int, meets: bool) -> None:
    """The same words weeks later are another story, also when one run brings both and what lies between."""
    later = make_article("late", "es", "Excarcelan a 43 presos políticos", WIRE, at=START + timedelta(days=days))
    FEATURES.update({f.article_id: f for f in compute_features([later], embedder())})
    now_in = {m.article_id: m.story_id for m in place([*CORPUS, later], FEATURES, (), [], NOW).members}
    assert (now_in["late"] == now_in["wire-1"]) is meets


def test_generic_titles_and_empty_texts_never_meet() -> None:
    """Ten alerts called "Última hora" are ten stories, and so are ten articles without a word."""
    blank = [make_article(f"g{i}", "es", "Última hora", "") for i in range(10)]
    blank += [make_article(f"n{i}", "es", "", "") for i in range(10)]
    assert len(_partition(_place(blank))) == 20


def test_a_column_joins_only_on_strong_evidence_and_bridges_nothing() -> None:
    """A column on the very event is attached as related; a horoscope never is."""
    title = "Excarcelan a 43 presos políticos en Costa Blanca"
    column = make_article("c", "es", title, ENGLISH, at=START, genre="opinion")
    service = replace(column, article_id="h", genre="service", text=HOROSCOPE)
    column = replace(column, text="Costa Blanca excarceló a 43 presos políticos, entre ellos Inés Larralde, según "
                     "Puerta Abierta. Los liberados salieron de La Hondonada.")  # fmt: skip
    placement = _place([*CORPUS, column, service])
    now_in = {m.article_id: (m.story_id, m.reason) for m in placement.members}
    assert now_in["c"] == (story_id("wire-1"), "related")
    assert now_in["h"] == (story_id("h"), "founder")
    assert now_in["quake-n"][0] != now_in["quake-s"][0]


def test_the_face_shows_real_titles_and_marks_translated_ones() -> None:
    """A title of a member where there is one; else the translation, marked as the machine's; else none."""
    placement = _place(CORPUS)
    freed = next(s for s in placement.stories if s.story_id == story_id("wire-1"))
    assert (freed.title_en, freed.title_en_origin) == ("Costa Blanca frees 43 political prisoners", "member")
    assert freed.title_es_origin == "member" and freed.title_es != "Última hora"
    rates = next(s for s in placement.stories if s.lead_article_id == "rates")
    assert (rates.title_en, rates.title_en_origin) == (None, None)
    made = Translation("rates", "en", "Central bank raises rates", None, "e", "1", "ok", (), "", None)
    again = place(CORPUS, FEATURES, (), (), NOW, translations=[made])
    rates = next(s for s in again.stories if s.lead_article_id == "rates")
    assert (rates.title_en, rates.title_en_origin) == ("Central bank raises rates", "machine")
    bad = place(CORPUS, FEATURES, (), (), NOW, translations=[replace(made, status="quarantined")])
    assert next(s for s in bad.stories if s.lead_article_id == "rates").title_en is None


def test_the_lead_is_news_in_full_with_a_title() -> None:
    """A column, a feed's summary or a nameless alert do not lead while there is better."""
    news = make_article("news", "es", "Excarcelan a 43 presos", WIRE, at=NOW)
    alert = make_article("alert", "es", "Última hora", WIRE, at=START)
    feed = make_article("feed", "es", "Excarcelan a 43 presos políticos", "", at=START)
    column = make_article("column", "es", "Los presos de Costa Blanca", WIRE, at=START, genre="opinion")
    story = face("s", [alert, feed, column, news], {}, {})
    assert story.lead_article_id == "news"
    assert story.first_published_at == START and story.last_seen_at == NOW


def test_an_article_without_features_is_a_story_of_its_own() -> None:
    """Placement never loses an article: one whose features are missing stands alone."""
    bare = make_article("bare", "es", "Excarcelan a 43 presos políticos", WIRE)
    placement = place([bare], {}, (), (), NOW)
    assert [(m.article_id, m.story_id) for m in placement.members] == [("bare", story_id("bare"))]
