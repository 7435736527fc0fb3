"""Figures of a text: how many of what, and what is no figure."""

from __future__ import annotations

import pytest

from pipeline.figures import MAX_SENTENCE, figures_of, stem


def said(text: str, lang: str) -> list[str]:
    return [f"{float(f.value):g} {f.words}" for f in figures_of(text, lang)]


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        ("es", "Liberan a cinco españoles y a 41 presos políticos.", ["5 cinco españoles", "41 41 presos políticos"]),
        ("es", "Hay 1.140 trenes parados.", ["1140 1.140 trenes parados"]),
        ("es", "Eran 1,1 millones de barriles.", ["1.1e+06 1,1 millones de barriles"]),
        ("es", "Un sismo de magnitud 5,7 sacudió Cumaná.", ["5.7 magnitud 5,7"]),
        ("es", "Subió 9% en dos días.", ["9 9%", "2 dos días"]),
        ("es", "Quinientas personas permanecían presas.", ["500 Quinientas personas"]),
        ("es", "Veintidós de ellos españoles.", ["22 Veintidós españoles"]),
        ("es", "Entre 2 o 3 millones de dólares.", ["3e+06 3 millones de dólares"]),
        ("en", "187 migrants, a crew of 24 and 1,200 tons.", ["187 187 migrants", "24 crew of 24", "1200 1,200 tons"]),
        ("en", "It freed forty-one people.", ["41 forty-one people"]),
        ("ca", "Alliberen cinc espanyols.", ["5 cinc espanyols"]),
        ("es", "San Miguel y a otros cuatro ciudadanos españoles.", ["4 otros cuatro ciudadanos españoles"]),
        ("en", "Four other people and 3 more buses; another six guards.",
         ["4 Four other people", "3 3 more buses", "6 another six guards"]),
        # what counts nothing
        ("es", "A las 14:30, a las 8 de la noche, a las dos y a las 7 p. m. del 8 de enero de 2026.", []),
        ("es", "Caracas, 8 ene (ATN).- El martes 8 y el 3 y 4 de marzo; 08/01/2026, 2026-01-08.", []),
        ("es", "Tel. 0212-555-1234, +58 414 555 12 34 o 04145551234.", []),
        ("es", "El artículo 11 de la ley 40, el vuelo 203, el siglo XXI.", []),
        ("es", "Ana Ruiz, de 58 años, volvió cinco días después; hace tres años, no.", []),
        ("en", "On January 8, 2026, at 9:40 p.m., the 57-year-old left two days later under Resolution 2231.", []),
        ("es", "Una medida, un gesto y la primera salida. Decenas de familiares.", []),
    ],
)  # fmt: skip
def test_figures(lang: str, text: str, wanted: list[str]) -> None:
    """Numbers in words and figures with their nouns; dates, times, telephones, names, ages and spans are left out."""
    assert said(text, lang) == wanted


def test_the_same_noun_has_one_key_whatever_its_form() -> None:
    """Singular and plural, capitals and accents aside."""
    one, two = figures_of("21 herido grave.", "es"), figures_of("Trece Heridos.", "es")
    assert one[0].noun == two[0].noun


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        ("es", "Salieron otros cuatro españoles.", True),
        ("es", "Salieron cuatro presos políticos más.", True),
        ("ca", "Surten altres quatre espanyols.", True),
        ("en", "They freed four more prisoners.", True),
        ("en", "Another four prisoners left.", True),
        ("es", "Salieron cuatro presos más que ayer.", False),
        ("es", "Salieron más de cuatro presos.", False),
        ("en", "More than four prisoners left.", False),
        ("en", "They freed four prisoners.", False),
    ],
)
def test_a_count_of_the_rest_is_told_from_a_total(lang: str, text: str, wanted: bool) -> None:
    """Other, another, more in each language, before the number or after it; "more than" is no rest."""
    (figure,) = figures_of(text, lang)
    assert figure.partial is wanted


def test_a_stem_joins_forms_of_a_word_and_no_two_words() -> None:
    """Number, gender and the Catalan spelling; a family is no relative."""
    for one, two in (
        ("herido", "heridas"),
        ("familia", "familias"),
        ("mes", "meses"),
        ("día", "Días"),
        ("any", "anys"),
    ):
        assert stem(one) == stem(two)
    assert stem("family") == stem("families") and stem("españoles") == stem("espanyols")
    assert stem("familias") != stem("familiares")


def test_a_figure_has_its_sentence_a_long_one_is_cut_around_it() -> None:
    """What is before and after in the text does not come with it."""
    (figure,) = figures_of("Nada antes. Salieron 41 presos. Nada después.", "es")
    assert figure.sentence == "Salieron 41 presos."
    (cut,) = figures_of(f"{'x ' * 400}y salieron 41 presos {'z ' * 400}", "es")
    assert "41 presos" in cut.sentence
    assert len(cut.sentence) < MAX_SENTENCE + 5
