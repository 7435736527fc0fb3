"""Words, names and numbers in forms that compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.words import (
    content_terms,
    fold,
    headline,
    jaccard,
    name_tokens,
    normal_number,
    numbers,
    salient_terms,
    sentences,
    shingle_words,
    shingles,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1.234", "1234"), ("1,234", "1234"), ("1 234", "1234"), ("1.234.567", "1234567"), ("3,5", "3.5"),
        ("3.5", "3.5"), ("12,50", "12.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("0.125", "0.125"),
        ("007", "7"), ("800", "800"),
    ],
)  # fmt: skip
def test_numbers_have_one_spelling_in_both_languages(written: str, expected: str) -> None:
    """Thousands and decimals written the Spanish and the English way become the same number."""
    assert normal_number(written) == expected


def test_number_words_count_as_numbers() -> None:
    """ "Five citizens" and "cinco ciudadanos" share a number; "one" says nothing and is left out."""
    assert numbers("Five Spanish citizens and one aide", 9) == ["5"]
    assert numbers("cinco ciudadanos; 1.200 detenidos y 43 heridos", 9) == ["5", "1200", "43"]


def test_names_read_the_same_in_both_languages() -> None:
    """Accents go, and country names and acronyms are compared in one form."""
    spanish = name_tokens("España confirma que Rocío Sanz saldrá de Caracas", "", 20)
    english = name_tokens("", "Officials in Spain said that Rocio Sanz will leave Caracas. The EU welcomed it.", 20)
    assert set(spanish) <= {*english, "spain"}
    assert {"rocio", "sanz", "caracas", "spain"} <= set(spanish) & set(english)
    assert "eu" in name_tokens("", "Fue recibido por la UE en Bruselas", 9)


def test_sentence_starts_are_not_names() -> None:
    """A capital that grammar asks for proves nothing."""
    assert "residents" not in name_tokens("", "Residents fled. Rescuers came late.", 20)


def test_title_case_is_checked_against_the_text() -> None:
    """In a title in title case only the words that the text uses as names count."""
    title = "Rescuers Search Rubble Of Market In Villarrosa"
    assert name_tokens(title, "The rescuers in Villarrosa search the rubble of a market.", 20) == ["villarrosa"]


def test_united_states_is_one_name() -> None:
    """The names of the United States in both languages are the same name, and the English pronoun is none."""
    for text in ("dijo que Estados Unidos actuará", "dijo que EE. UU. actuará", "said the US will act"):
        assert "usa" in name_tokens("", text, 9), text
    assert "usa" not in name_tokens("", "he told us to wait", 9)


def test_terms_leave_out_function_words_and_repeat_nothing() -> None:
    """What remains are stems, each once, in order of appearance."""
    assert content_terms("Los presos y las presas de los presos", 9) == ["preso", "presa"]


def test_abbreviations_do_not_end_sentences() -> None:
    """ "Dr. Pérez" is not the end of a sentence."""
    assert sentences("El Dr. Pérez llegó ayer. Habló poco. Se fue.", 2) == ["El Dr. Pérez llegó ayer.", "Habló poco."]


def test_empty_is_never_alike() -> None:
    """Two empty sets have nothing in common."""
    assert jaccard([], []) == 0.0
    assert shingles(shingle_words("dos palabras")) == []


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """No text raises; folding twice changes nothing; what comes out is without repeats."""
    assert fold(fold(text)) == fold(text)
    for found in (content_terms(text, 50), name_tokens(text, text, 50), numbers(text, 50)):
        assert len(found) == len(set(found)) <= 50
    sentences(text, 5)


def test_salient_terms_put_what_a_text_dwells_on_first() -> None:
    """The most frequent words come first, of those as frequent the earlier; function words and numbers never."""
    text = "The bridge closed in 2026. The bridge and the ferry: a bridge, a ferry, one harbour."
    assert salient_terms(text, 3) == ["bridge", "ferry", "closed"]
    assert salient_terms("", 3) == []


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("The Latest: Port reopens after the storm | The Harbour Post, Kingston", "Port reopens after the storm"),
        ("Crisis en vivo: Maduro recibe a la delegación - Unión Radio", "Maduro recibe a la delegación"),
        ("Oil hits a record as talks fail - National | Globe.example", "Oil hits a record as talks fail"),
        ("EN VIVO | Sigue el debate de hoy en Caracas", "Sigue el debate de hoy en Caracas"),
        ("Caracas: vuelve la luz tras el apagón", "Caracas: vuelve la luz tras el apagón"),
        ("Harbour beat Hillside 20 - 13", "Harbour beat Hillside 20 - 13"),
        ("Real Madrid - Barcelona", "Real Madrid - Barcelona"),
        ("El banco central sube la tasa - la mayor del año", "El banco central sube la tasa - la mayor del año"),
        ("Video: así fue", "Video: así fue"),
        ("Watch: crowds cheer in the capital", "crowds cheer in the capital"),
        ("Human Rights Watch: 43 prisoners still held", "Human Rights Watch: 43 prisoners still held"),
        ("Live at 20:30 the debate begins", "Live at 20:30 the debate begins"),
    ],
)
def test_a_headline_is_what_a_title_says(title: str, said: str) -> None:
    """The label it runs under and its outlet's signature are left out; what else stands at a colon or dash is not."""
    assert headline(title) == said
