"""Likelihoods of one event: what is common proves nothing, strangers with the same words stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.identity.features import compute_features
from pipeline.identity.grouping import _missing
from pipeline.identity.likeness import MEASURES, Window, item_of, load_weights, probabilities
from pipeline.identity.relatedness import _weighted as relatedness_bag
from pipeline.identity.relatedness import relatedness
from pipeline.identity.stories import place
from storage.records import Article
from tests.eval._identity import embedder, make_article
from tests.unit.identity_texts import ENGLISH, QUAKE_NORTH, QUAKE_NORTH_EN, QUAKE_SOUTH, RATES, START, WIRE, corpus


def _window(articles: Sequence[Article]) -> Window:
    features = compute_features(articles, embedder())
    return Window([item_of(a, f) for a, f in zip(articles, features, strict=True)])


def _stories(articles: Sequence[Article]) -> set[frozenset[str]]:
    features = {f.article_id: f for f in compute_features(articles, embedder())}
    found: dict[str, set[str]] = {}
    for member in place(articles, features, (), (), START + timedelta(days=2)).members:
        found.setdefault(member.story_id, set()).add(member.article_id)
    return {frozenset(group) for group in found.values()}


def _titles(titles: Sequence[tuple[str, str]]) -> list[Article]:
    return [make_article(f"t{i}", lang, title, at=START + timedelta(hours=i)) for i, (lang, title) in enumerate(titles)]


LOOK_ALIKES = (
    (
        ("es", "Terremoto de magnitud 6,1 sacude Villarrosa y deja 14 muertos"),
        ("en", "Magnitude 6.1 earthquake hits Villarrosa, killing 14"),
        ("es", "Terremoto de magnitud 5,4 sacude Puerto Quemado sin dejar víctimas"),
        ("en", "Magnitude 5.4 earthquake hits Puerto Quemado, no victims"),
    ),
    (
        ("es", "Miles de personas marchan en Villarrosa contra el cierre de los astilleros"),
        ("en", "Thousands march in Villarrosa against closure of shipyards"),
        ("es", "Miles de personas marchan en Monteluna contra la subida del agua"),
        ("en", "Thousands march in Monteluna against water price rise"),
    ),
    (
        ("es", "El Deportivo Quemado gana 3-1 al Atlético Larralde y es líder"),
        ("en", "Deportivo Quemado beat Atlético Larralde 3-1 to go top"),
        ("es", "El Unión Barreda gana 2-0 al Racing Monteluna y sale del descenso"),
        ("en", "Unión Barreda beat Racing Monteluna 2-0 to leave the drop zone"),
    ),
)


@pytest.mark.parametrize("titles", LOOK_ALIKES, ids=["earthquakes", "rallies", "matches"])
def test_look_alike_events_stay_apart(titles: Sequence[tuple[str, str]]) -> None:
    """Two events of one kind on one day, in other places: no report joins the story of the other."""
    for group in _stories(_titles(titles)):
        assert group <= {"t0", "t1"} or group <= {"t2", "t3"}


def test_a_place_of_its_own_weighs_against() -> None:
    """The same words with another place are less likely one event than with the same place."""
    window = _window(_titles(LOOK_ALIKES[0]))
    same, other = probabilities(window, np.array([[0, 1], [0, 3]]), load_weights())
    assert same > 2 * other
    window = _window(_titles(LOOK_ALIKES[1]))
    same, other = probabilities(window, np.array([[0, 1], [0, 2]]), load_weights())
    assert same > other


def test_generic_titles_glue_nothing() -> None:
    """Columns of headlines that differ in the day alone are strangers to each other and to the news of the day."""
    generic = [
        ("es", "Última hora"), ("es", "La portada de hoy"), ("es", "Las noticias del día"), ("en", "Live updates"),
        ("en", "Your Monday Briefing"), ("en", "Morning briefing"), ("es", "Minuto a minuto"),
    ]  # fmt: skip
    found = _stories(_titles([*generic, LOOK_ALIKES[0][0], LOOK_ALIKES[0][1]]))
    assert all(len(group) == 1 for group in found if group & {f"t{i}" for i in range(len(generic))})


def test_one_common_number_or_name_is_not_likeness() -> None:
    """Two titles whose only number is the same year are measured as hardly alike by it."""
    window = _window(_titles([("es", f"La ciudad {w} prepara su plan 2020") for w in ("alta", "baja", "vieja")]))
    numbers = window.measures(np.array([[0, 1]]))[0, MEASURES.index("numbers")]
    assert 0 < numbers < 0.3


def test_the_odds_halve_with_every_day_apart() -> None:
    """The same two texts are less likely one event the further apart they are."""
    weights = load_weights()
    odds = []
    for days in (0, 1, 2):
        pair = [
            make_article("a", "es", "Terremoto en Villarrosa", QUAKE_NORTH, at=START),
            make_article("b", "en", "Quake in Villarrosa", QUAKE_NORTH_EN, at=START + timedelta(days=days)),
        ]
        likely = probabilities(_window(pair), np.array([[0, 1]]), weights)[0]
        odds.append(likely / (1 - likely))
    assert odds[0] / odds[1] == pytest.approx(2, rel=0.05)
    assert odds[1] / odds[2] == pytest.approx(2, rel=0.05)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10, unique=True), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_complete_gives_every_pair_of_what_is_linked(rows: list[int], cut: int) -> None:
    """All pairs within each group and between linked groups, each once, the smaller row first; no others."""
    groups = [rows[:cut], rows[cut:]]
    window = _window([])
    within = {(min(a, b), max(a, b)) for g in groups for a in g for b in g if a != b}
    between = {(min(a, b), max(a, b)) for a in groups[0] for b in groups[1]}
    assert [tuple(p) for p in window.complete(groups, []).tolist()] == sorted(within)
    assert [tuple(p) for p in window.complete(groups, [(0, 1)]).tolist()] == sorted(within | between)


def test_what_a_strong_likelihood_connects_is_measured_in_full() -> None:
    """Between two groups with one strong pair all other pairs are measured too; between strangers none is."""
    window = _window(_titles([("es", f"Nota {word}") for word in ("uno", "dos", "tres", "cuatro", "cinco", "seis")]))
    groups, known = [["t0", "t1"], ["t2", "t3"], ["t4", "t5"]], np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    missing = _missing(window, groups, [("t1", "t2", 0.6), ("t3", "t4", 0.1)], known, 0.5)
    assert missing.tolist() == [[0, 2], [0, 3], [1, 3], [4, 5]]


def test_relatedness_is_graded() -> None:
    """The same text is alike, another earthquake less so, another subject not at all; blank texts neither."""
    articles = [
        make_article("a", "es", "Terremoto en Villarrosa", QUAKE_NORTH),
        make_article("b", "es", "Un terremoto en Villarrosa", QUAKE_NORTH),
        make_article("c", "es", "Sismo en Puerto Quemado", QUAKE_SOUTH),
        make_article("d", "es", "El Banco Central sube los tipos", RATES),
        make_article("e", "es", "", ""),
        make_article("f", "es", "Liberan a 43 presos", WIRE),
        make_article("g", "en", "43 prisoners freed", ENGLISH),
    ]
    found = relatedness(_window(articles), np.array([[0, 1], [0, 2], [0, 3], [0, 4]]))
    assert found[0] == 1.0
    assert found[0] > found[1] > found[2]
    assert found[3] == 0.0


def test_numbers_are_part_of_likeness() -> None:
    """A number is one of the words that likeness goes by, and weighs more the rarer it is."""
    said = "La cosecha de café del valle llegó a {} toneladas, según la cooperativa del puerto"
    articles = [make_article(k, "es", said.format(n)) for k, n in (("a", "417"), ("b", "417"), ("c", "265"))]
    articles += [make_article(f"x{i}", "es", title) for i, title in enumerate(("Llueve en la sierra", "Sube el pan"))]
    window = _window(articles)
    assert window.number_rarity("265") > window.number_rarity("417")
    bags = [relatedness_bag(item.features, window) for item in window.items[:2]]
    assert all(bag["417"] > 0 for bag in bags)


def test_likelihoods_do_not_depend_on_order() -> None:
    """A window is the same in whatever order its items come."""
    articles = corpus()
    pairs = np.array([[i, j] for i in range(len(articles)) for j in range(i + 1, len(articles))])
    first = probabilities(_window(articles), pairs, load_weights())
    second = probabilities(_window(articles[::-1]), pairs, load_weights())
    assert first.tolist() == second.tolist()
