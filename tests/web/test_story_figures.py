"""Which figures of a story's texts belong together, and which are set beside others as a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.web.figures import StoryFigures, story_figures
from pipeline.web.rows import StoryText
from tests.web.test_facts import told

NOON = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)
COUNTRIES = {"faro": "VE", "sur": "VE", "luz": "ES", "mar": "ES", "bay": "US"}


def text(outlet: str, words: str, lang: str = "es", english: str | None = None, hours: float = 0) -> StoryText:
    """A text of an outlet."""
    return StoryText(
        f"{outlet}{hours:g}", outlet, None, COUNTRIES[outlet], lang, "", None, words, english, "ok", None,
        NOON + timedelta(hours=hours), "second", "https://a.example/", "news", "full",
    )  # fmt: skip


def figures(*texts: StoryText) -> StoryFigures:
    """The figures of a story of these texts, each of them a voice."""
    articles = [
        replace(told(t.article_id, t.article_id), source_id=t.source_id, country=t.country, lang=t.lang) for t in texts
    ]
    return story_figures(texts, articles, "en")


def rows(found: StoryFigures) -> list[tuple[list[str], list[str]]]:
    """What each row says: the wordings of the value, and those of other values."""
    return [([s.words for s in r.said], [s.words for s in r.otherwise]) for r in found.rows]


def test_a_number_that_two_outlets_give_by_chance_is_no_figure_of_both() -> None:
    """Forty minutes and forty houses; so nobody is said to lack it. A large odd number is shared whatever its word."""
    found = figures(
        text("faro", "Duró cuarenta minutos."), text("luz", "Cayeron cuarenta viviendas."), text("bay", "No.")
    )
    assert found.rows == () and found.lacks["US"] == ()
    odd = figures(text("faro", "Hubo 1.387 votos."), text("luz", "Hubo 1.387 apoyos."), text("bay", "No."))
    assert rows(odd) == [(["1.387 votos", "1.387 apoyos"], [])]
    round_one = figures(text("faro", "Hubo 1.500 votos."), text("luz", "Hubo 1.500 trenes."))
    assert round_one.rows == ()


def test_words_of_two_languages_agree_through_the_english_that_is_held() -> None:
    """Women are mujeres where the translation says so; without one, or where it says another thing, they are not."""
    with_english = text("faro", "Salieron 22 mujeres.", english="22 women left.")
    assert rows(figures(with_english, text("bay", "It took 22 women.", "en"))) == [(["22 mujeres", "22 women"], [])]
    assert figures(with_english, text("bay", "It took 22 buses.", "en")).rows == ()
    assert figures(replace(with_english, text_en=None), text("bay", "It took 22 women.", "en")).rows == ()


def test_spanish_and_catalan_words_agree_by_themselves() -> None:
    """And citizens are told by what kind of citizens they are."""
    found = figures(
        text("faro", "Salieron cinco españoles."),
        text("mar", "Surten cinc espanyols.", "ca"),
        text("luz", "Salieron cinco ciudadanos españoles."),
    )
    assert [sorted(said) for said, _ in rows(found)] == [
        ["cinc espanyols", "cinco ciudadanos españoles", "cinco españoles"]
    ]


def test_a_count_of_the_rest_is_never_set_against_a_total() -> None:
    """ "Otros cuatro españoles" beside five Spaniards is no other number of them."""
    total = text("faro", "Salieron cinco españoles.")
    assert figures(total, text("luz", "Ella y otros cuatro españoles salieron.")).rows == ()
    assert rows(figures(total, text("luz", "Salieron cuatro españoles."))) == [
        (["cuatro españoles"], ["cinco españoles"])
    ]


def test_only_the_same_word_with_the_same_second_word_is_compared() -> None:
    """Families are no relatives, common prisoners no political ones; where a second word lacks the first is enough."""
    families = text("faro", "Esperaba una docena de familias.")
    assert figures(families, text("luz", "Esperaban ochenta familiares.")).rows == ()
    political = text("faro", "Quedan 41 presos políticos.")
    assert figures(political, text("luz", "Quedan 90 presos comunes.")).rows == ()
    assert len(figures(political, text("luz", "Quedan 90 presos.")).rows) == 1


def test_tolls_are_compared_across_words_languages_and_hours() -> None:
    """Nine releases by the evening and eleven the day after, with the hour of each."""
    found = figures(
        text("faro", "Los abogados verificaron nueve salidas."),
        text("bay", "They could confirm only 11 releases.", "en", hours=20),
        text("luz", "Van doce excarcelados.", hours=30),
    )
    assert rows(found) == [(["nueve salidas"], ["11 releases", "doce excarcelados"])]
    assert [s.texts[0][0].published_at.hour for s in found.rows[0].otherwise] == [12, 22]


def test_a_table_of_one_word_is_set_beside_nothing_and_costs_no_more_than_its_reading() -> None:
    """Votes town by town in two outlets: thousands of pairs that say nothing. What else they count is still told."""
    votes = [" ".join(f"Municipio {i}: {i * 7 + k} votos." for i in range(12)) for k in (301, 404)]
    found = figures(text("faro", f"{votes[0]} Hubo 31 heridos."), text("luz", f"{votes[1]} Hubo 31 heridos."))
    assert rows(found) == [(["31 heridos"], [])]


def test_what_is_compared_has_an_end_however_many_texts_tell_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """400 texts of 40 figures would be 256 million pairs."""
    met: list[int] = []
    monkeypatch.setattr("pipeline.web.figures._otherwise", lambda given: met.append(len(given)) or {})
    figures(*(text("faro", " ".join(f"Hubo {n + k} heridos." for n in range(9)), hours=k) for k in range(400)))
    assert met == [120 * 9]
