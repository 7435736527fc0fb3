"""Copies: found whatever the order, credited with care."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.copies import compare, find_copies
from pipeline.identity.embed import Embedder
from pipeline.identity.features import compute_features, minhash
from storage.ids import text_group_id
from storage.records import Article, ArticleFeatures, Copy
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import (
    CUT,
    EDITED,
    ENGLISH,
    PORT_EN,
    PORT_ES,
    PORT_OTHER_EN,
    QUAKE_NORTH,
    QUAKE_SOUTH,
    RATES,
    START,
    WIRE,
    corpus,
)


def _features(articles: Sequence[Article]) -> dict[str, ArticleFeatures]:
    return {f.article_id: f for f in compute_features(articles, embedder())}


def _find(articles: Sequence[Article]) -> dict[str, Copy]:
    return {c.article_id: c for c in find_copies(articles, (), _features(articles))}


CORPUS = corpus()
FEATURES = _features(CORPUS)


def test_verbatim_edited_and_cut_copies_are_found_and_the_earliest_is_the_original() -> None:
    """The first to publish has no record; the others point to it, each with its kind."""
    found = {c.article_id: c for c in find_copies(CORPUS, (), FEATURES)}
    assert {k: c.kind for k, c in found.items()} == {"wire-2": "verbatim", "wire-3": "edited", "wire-4": "cut"}
    assert {c.original_article_id for c in found.values()} == {"wire-1"}
    assert {c.text_group_id for c in found.values()} == {text_group_id("wire-1")}
    assert found["wire-2"].similarity == 1.0


@given(st.randoms(use_true_random=False), st.integers(0, len(CORPUS)))
@settings(max_examples=25, deadline=None)
def test_order_and_batches_do_not_matter(order: random.Random, cut: int) -> None:
    """Any order, and any division into window and new, gives the same records for the groups of the new."""
    shuffled = CORPUS[:]
    order.shuffle(shuffled)
    whole = find_copies(CORPUS, (), FEATURES)
    fresh = {a.article_id for a in shuffled[cut:]}
    got = find_copies(shuffled[cut:], shuffled[:cut], FEATURES)
    group = {"wire-1", "wire-2", "wire-3", "wire-4"}
    assert got == (whole if group & fresh else [])


def test_a_date_without_a_time_is_never_first() -> None:
    """The earlier day does not make a text the original when its hour is unknown; the time of our visit neither."""
    day = replace(make_article("a-day", "es", "Uno", WIRE, at=START), published_precision="day")
    seen = replace(make_article("b-seen", "es", "Dos", WIRE, at=START), published_at_origin="seen")
    exact = make_article("c-exact", "es", "Tres", WIRE, at=START + timedelta(hours=9))
    found = _find([day, seen, exact])
    assert {c.original_article_id for c in found.values()} == {"c-exact"}


def test_where_the_agency_is_not_held_nobody_is_the_original() -> None:
    """A wire seen only through its takers: every taker has a record without an original, all in one text group."""
    takers = [make_article(f"t{i}", "es", "Título", WIRE, at=START + timedelta(hours=i)) for i in range(3)]
    takers[1] = replace(takers[1], agency="Agencia Faro")
    found = _find(takers)
    assert set(found) == {"t0", "t1", "t2"}
    assert {c.original_article_id for c in found.values()} == {None}
    assert {c.agency for c in found.values()} == {"Agencia Faro"}
    assert len({c.text_group_id for c in found.values()}) == 1


def test_the_agency_s_own_article_is_the_original_even_when_it_came_later() -> None:
    """What the agency itself publishes is the original of its takers' copies."""
    taker = make_article("t", "es", "Título", WIRE, at=START, agency="faro")
    own = make_article("o", "es", "Título", WIRE, at=START + timedelta(hours=3), source_id="faro-diario")
    articles = [taker, own]
    found = {c.article_id: c for c in find_copies(articles, (), _features(articles), owners={"faro-diario": "faro"})}
    assert set(found) == {"t"}
    assert (found["t"].original_article_id, found["t"].agency) == ("o", "faro")


def test_an_outlet_named_like_the_agency_is_not_the_agency() -> None:
    """Only the table says which source is an agency's own, never the likeness of a name."""
    articles = [make_article(k, "es", "T", WIRE, at=START, source_id=k, agency="faro") for k in ("faro", "diario")]
    found = {c.article_id: c for c in find_copies(articles, (), _features(articles))}
    assert {c.original_article_id for c in found.values()} == {None}


def test_the_agency_s_text_that_arrives_later_mends_the_group() -> None:
    """Takers without an original get one when the agency's own text turns up, and their group is named after it."""
    takers = [make_article(f"t{i}", "es", "T", WIRE, at=START + timedelta(hours=i), agency="faro") for i in range(3)]
    own = make_article("own", "es", "T", WIRE, at=START + timedelta(hours=5), source_id="faro-diario", agency="faro")
    features = _features([*takers, own])
    owners = {"faro-diario": "faro"}
    before = find_copies(takers, (), features, owners=owners)
    assert {c.original_article_id for c in before} == {None}
    after = find_copies([own], takers, features, before, owners=owners)
    assert [(c.article_id, c.original_article_id) for c in after] == [(t.article_id, "own") for t in takers]
    assert {c.text_group_id for c in after} == {text_group_id("own")}
    assert after == find_copies([*takers, own], (), features, owners=owners)


def test_a_copy_whose_text_was_reworded_leaves_the_group() -> None:
    """The others keep their group; the one that says something else now has no record."""
    articles = [make_article(f"t{i}", "es", "T", WIRE, at=START + timedelta(hours=i)) for i in range(3)]
    before = find_copies(articles, (), _features(articles))
    reworded = replace(articles[1], text=RATES + " " + QUAKE_SOUTH)
    now = [articles[0], reworded, articles[2]]
    after = find_copies([reworded], now, _features(now), before)
    assert {c.article_id: c.original_article_id for c in after} == {"t2": "t0"}


@pytest.mark.parametrize("count", [70, 450])
def test_a_text_that_all_took_loses_no_copy(count: int) -> None:
    """A wire with hundreds of takers, each with a few words of its own, is one group, and a late taker joins it."""
    articles = [
        make_article(f"t{i:03}", "es", "T", f"{WIRE} Edición número {i} de la casa.", at=START + timedelta(minutes=i))
        for i in range(count)
    ]
    features = {a.article_id: _bare(a) for a in articles}
    found = find_copies(articles, (), features)
    assert {c.article_id for c in found} == {a.article_id for a in articles[1:]}
    assert {c.original_article_id for c in found} == {"t000"}
    late = find_copies(articles[-1:], articles[:-1], features, found[:-1])
    assert late == found


def test_a_line_that_all_outlets_carry_makes_no_copies() -> None:
    """Hundreds of texts that share a paragraph of subscription words stay texts of their own."""
    line = "Suscríbase a nuestro boletín y reciba cada mañana las noticias más importantes del día en su correo. "
    draw = random.Random(4)
    words = [f"{a}{b}{c}" for a in "bcdfg" for b in "aeiou" for c in "lmnrs"]
    articles = [make_article(f"f{i:03}", "es", "T", line + " ".join(draw.choices(words, k=120))) for i in range(150)]
    assert find_copies(articles, (), {a.article_id: _bare(a) for a in articles}) == []


def test_copies_far_apart_in_time_are_compared_only_through_others() -> None:
    """The same text after two weeks is no copy by itself; with one in between all three are one group."""
    days = {"a": 0, "b": 6, "c": 12}
    articles = [make_article(k, "es", "T", WIRE, at=START + timedelta(days=d)) for k, d in days.items()]
    assert _find([articles[0], articles[2]]) == {}
    assert set(_find(articles)) == {"b", "c"}


def _bare(article: Article) -> ArticleFeatures:
    """Features as far as copies need them, without the cost of vectors."""
    signature, count = minhash(article.text)
    return ArticleFeatures(article.article_id, article.text_sha256, (), (), signature, count, (), (), (), "bare")


def _across(
    articles: Sequence[Article], known: Sequence[Copy] = (), new: Sequence[Article] | None = None
) -> list[Copy]:
    fresh = articles if new is None else new
    return find_copies(fresh, articles, _features(articles), known, owners={"faro-en": "faro"}, embedder=embedder())


def test_a_wire_in_two_languages_is_one_text() -> None:
    """An agency's two services: its first text is the original, the other and its takers are copies."""
    english = make_article("en", "en", "Port workers end strike", PORT_EN, at=START, source_id="faro-en", agency="faro")
    spanish = make_article("es", "es", "Fin de la huelga en los puertos", PORT_ES, at=START + timedelta(hours=1),
                           agency="faro")  # fmt: skip
    taker = make_article("es-2", "es", "Puertos: acuerdo", PORT_ES, at=START + timedelta(hours=2))
    found = {c.article_id: c for c in _across([english, spanish, taker])}
    assert {k: (c.original_article_id, c.kind) for k, c in found.items()} == {
        "es": ("en", "translated"),
        "es-2": ("en", "translated"),
    }
    assert all(0.6 <= c.similarity <= 1.0 for c in found.values())


def test_a_translation_without_an_agency_needs_more_and_two_reports_are_none() -> None:
    """The same wire unsigned is recognised too; another report of the same event in the other language never is."""
    pair = [make_article("x", "en", "Ports", PORT_EN, at=START), make_article("y", "es", "Puertos", PORT_ES, at=START)]
    assert {c.article_id: c.kind for c in _across(pair)} == {"y": "translated"}
    reports = [
        make_article("x", "en", "Ports", PORT_OTHER_EN, at=START, agency="faro"),
        replace(pair[1], agency="faro"),
    ]
    assert _across(reports) == []
    assert _across([make_article("w", "es", "T", WIRE), make_article("e", "en", "T", ENGLISH)]) == []


def test_a_translation_days_later_is_not_looked_for() -> None:
    """A translation follows its original within three days."""
    pair = [
        make_article("x", "en", "Ports", PORT_EN, at=START),
        make_article("y", "es", "Puertos", PORT_ES, at=START + timedelta(days=4)),
    ]
    assert _across(pair) == []


def test_a_known_translation_is_kept_without_encoding_it_again() -> None:
    """Where both texts were there before, the answer of then stands, and a new taker joins its group."""
    pair = [make_article("x", "en", "Ports", PORT_EN, at=START), make_article("y", "es", "Puertos", PORT_ES, at=START)]
    before = _across(pair)
    taker = make_article("z", "es", "Puertos", PORT_ES, at=START + timedelta(hours=5))
    features = _features([*pair, taker])

    class Refuses(Embedder):
        def encode(self, texts: Sequence[str]) -> Any:
            raise AssertionError("a sentence was encoded")

    again = find_copies(pair[:0], pair, features, before, embedder=Refuses())
    assert again == before
    assert {c.article_id for c in find_copies([taker], pair, features, before, embedder=embedder())} == {"y", "z"}


@given(st.randoms(use_true_random=False), st.integers(0, 6))
@settings(max_examples=10, deadline=None)
def test_batches_end_in_the_records_of_one_run(order: random.Random, cut: int) -> None:
    """Whatever came first, the records after the last batch are those of a single run over all."""
    articles = [
        make_article("en", "en", "Port workers end strike", PORT_EN, at=START, source_id="faro-en", agency="faro"),
        make_article("es", "es", "Fin de la huelga", PORT_ES, at=START + timedelta(hours=1), agency="faro"),
        *(
            make_article(f"w{i}", "es", "T", t, at=START + timedelta(hours=i))
            for i, t in enumerate((WIRE, EDITED, CUT))
        ),
        make_article("other", "en", "Ports", PORT_OTHER_EN, at=START + timedelta(hours=3)),
    ]
    order.shuffle(articles)
    stored: dict[str, Copy] = {}
    for start, end in ((0, cut), (cut, 6)):
        batch, held = articles[start:end], articles[:end]
        if batch:
            found = find_copies(batch, held, _features(held), list(stored.values()), owners={"faro-en": "faro"},
                                embedder=embedder())  # fmt: skip
            stored = {c.article_id: c for c in found}
    assert sorted(stored.values(), key=lambda c: c.article_id) == _across(articles)


def test_empty_and_feed_only_texts_are_never_copies() -> None:
    """Two empty texts, and two equal summaries, are not copies of each other."""
    articles = [
        make_article("e1", "es", "Última hora", "", kind="full"),
        make_article("e2", "es", "Última hora", "", kind="full"),
        make_article("f1", "es", "Uno", WIRE, kind="feed_only"),
        make_article("f2", "es", "Dos", WIRE, kind="feed_only"),
    ]
    assert _find(articles) == {}


def test_other_reports_of_one_event_are_not_copies() -> None:
    """Two earthquakes in the same words of the trade, and a quotation, are not copies."""
    quoting = RATES + " " + " ".join(WIRE.split()[:30]) + ". " + QUAKE_SOUTH
    articles = [
        make_article("q1", "es", "Uno", QUAKE_NORTH),
        make_article("q2", "es", "Dos", QUAKE_SOUTH),
        make_article("w", "es", "Tres", WIRE),
        make_article("quote", "es", "Cuatro", quoting),
    ]
    assert _find(articles) == {}


def test_a_round_up_does_not_join_the_texts_it_holds() -> None:
    """A digest that repeats three texts in full makes at most its first one a copy, never the three of each other."""
    texts = [WIRE, QUAKE_NORTH + " " + QUAKE_SOUTH, RATES + " " + QUAKE_SOUTH.replace("miércoles", "jueves")]
    articles = [make_article(f"x{i}", "es", "Texto", t) for i, t in enumerate(texts)]
    articles.append(make_article("digest", "es", "Lo que hay que saber", " ".join(texts)))
    groups = {c.article_id: c.text_group_id for c in find_copies(articles, (), _features(articles))}
    assert len([k for k in groups if k.startswith("x")]) <= 1


def test_one_outlet_s_template_is_not_a_copy() -> None:
    """Daily prices from one template differ in little but the numbers, and are different texts."""
    template = (
        "El dólar oficial cerró este día en {} bolívares, según el Banco Central. En el mercado paralelo estuvo a {} "
        "bolívares. El euro, por su parte, terminó la jornada en {} bolívares y el peso en {}."
    )
    one = make_article("d1", "es", "Dólar", template.format("36,10", "38,20", "39,41", "0,92"), source_id="precios")
    two = make_article("d2", "es", "Dólar", template.format("36,44", "38,95", "39,87", "0,93"), source_id="precios")
    assert _find([one, two]) == {}


def test_an_original_that_left_the_window_stays_the_original() -> None:
    """A copy found late keeps the group that its fellow copies already have."""
    early, late = (make_article(k, "es", "Título", WIRE, at=START) for k in ("early", "late"))
    known = Copy("early", "gone", text_group_id("gone"), "verbatim", 1.0, None, "copies-1")
    found = find_copies([late], [early], _features([early, late]), known=[known])
    assert {(c.article_id, c.original_article_id, c.text_group_id) for c in found} == {
        ("early", "gone", text_group_id("gone")),
        ("late", "gone", text_group_id("gone")),
    }


def test_likeness_is_exact() -> None:
    """A text equals itself; a cut is wholly contained in its whole."""
    whole, cut = make_article("w", "es", "T", WIRE), make_article("c", "es", "T", CUT)
    edited = make_article("e", "es", "T", EDITED)
    assert compare(whole, whole).jaccard == 1.0
    assert compare(whole, cut).containment == compare(cut, whole).containment == 1.0
    assert 0.5 < compare(whole, edited).jaccard < 0.9
