"""Copies: found whatever the order, credited with care."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.copies import compare, find_copies
from pipeline.identity.features import compute_features
from storage.ids import text_group_id
from storage.records import Article, ArticleFeatures, Copy
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import CUT, EDITED, QUAKE_NORTH, QUAKE_SOUTH, RATES, START, WIRE, corpus


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
    taker = make_article("t", "es", "Título", WIRE, at=START, agency="Agencia Faro")
    own = make_article("o", "es", "Título", WIRE, at=START + timedelta(hours=3), source_id="agencia-faro")
    found = _find([taker, own])
    assert set(found) == {"t"}
    assert (found["t"].original_article_id, found["t"].agency) == ("o", "Agencia Faro")


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
