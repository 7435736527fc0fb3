"""Names of a sentence: which words are names, and when a translation has lost one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.translate.glossary import Glossary
from pipeline.translate.names import close, lost_names, names_in


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("Ayer habló Juan Guaidó en la plaza", ["Juan Guaidó"]),
        ("Argenis Villalobos vende pescado", ["Argenis Villalobos"]),
        ("Lo supo Nelson Mandela, líder del PSOE Mirek Topolánek", ["Nelson Mandela", "PSOE", "Mirek Topolánek"]),
        ("Según Villalobos no hay pescado", ["Villalobos"]),
        ("Vive en Las Pulgas desde enero", ["Las Pulgas"]),
        ("El alcalde cerró el puente", []),
        ("Villalobos cerró el puente", []),
        ("La reunión del Ministerio de Hacienda y la Comisión Europea", []),
        ("Ayer cayó Ana Morales en la calle", ["Ana Morales"]),
        ("Ayer cayó Pablo Iglesias en la calle", ["Pablo Iglesias"]),
        ("Habló Javier Pérez de Cuéllar ante todos", ["Javier Pérez de Cuéllar"]),
        ("Leyó «Cien años de Soledad Bravo» ante todos", []),
        ("Fue así. Villalobos calló.", []),
        ("EL ALCALDE CERRÓ EL PUENTE DE TOVAR", []),
        ("Diosdado Cabello llegó a Puerto Cabello", ["Diosdado Cabello", "Cabello"]),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_told_by_their_capitals(source: str, names: list[str]) -> None:
    """Not the first word alone, nor titles, nor words of institutions, nor where all is in capitals."""
    assert [n.text for n in names_in(source)] == names


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Viajó de Londres a Nueva York con escala en París", "He flew from London to New York by way of Paris"),
        ("Visitó Londres el lunes", "He visited London on Monday"),
        ("Lo dijo la OTAN en Bruselas", "NATO said so in Brussels"),
        ("Una misión de la ONU en EE. UU.", "A UN mission in the US"),
        ("Una misión de las Naciones Unidas en EEUU", "A United Nations mission in the U.S."),
        ("El libro de Nikita Jruschov y Vladimir Poutine", "The book by Nikita Jrushchov and Vladimir Putin"),
        ("El libro de Simón Bolívar", "The book of Simon Bolivar"),
        ("Los libros de Gabriel García Márquez", "The books of García Márquez"),
        ("El viaje del Papa Francisco a Rusia", "Pope Francis's trip to Russia"),
        ("Lo supo la reina Isabel de Inglaterra", "Queen Elizabeth of England knew it"),
        ("Lo mostró el Tribunal Superior de Justicia", "The High Court showed it"),
        ("La cita del lunes con El Cairo", "Monday's meeting with Cairo"),
    ],
)
def test_names_that_come_back_in_other_words_are_no_loss(source: str, translation: str) -> None:
    """Exonyms, acronyms in another order, other spellings, a surname alone; even of an engine that copies."""
    assert lost_names(source, translation) == lost_names(source, translation, copies=True) == ()


@pytest.mark.parametrize(
    ("source", "translation", "lost"),
    [
        ("Lo dijo Freddy Colina, mecánico", "A mechanic said it", ("Freddy Colina",)),
        ("Lo dijo Freddy Colina, del PSOE", "Andrew Hill of the PSOE said it", ("Freddy Colina",)),
        ("Habló Juan Guaidó ante todos", "He spoke before everybody", ("Juan Guaidó",)),
        ("Entre Tovar y Zorca no hay luz", "Between Turner and Fox there is no power", ("Tovar", "Zorca")),
    ],
)
def test_names_that_were_translated_or_dropped_are_lost(source: str, translation: str, lost: tuple[str, ...]) -> None:
    assert lost_names(source, translation) == lost


@pytest.mark.parametrize(
    ("source", "translation", "lost"),
    [
        ("Lo dijo Freddy Colina, mecánico", "Freddy Hill, a mechanic, said it", ("Freddy Colina",)),
        ("Hoy despegó de El Paso con migrantes", "It took off from The Step today", ("El Paso",)),
        ("El puente de Tovar, cerrado", "The bridge of Turner, closed", ("Tovar",)),
    ],
)
def test_an_engine_that_copies_has_translated_what_is_gone(
    source: str, translation: str, lost: tuple[str, ...]
) -> None:
    """People leave single names and surnames out, so that of other engines this says nothing."""
    assert lost_names(source, translation, copies=True) == lost
    assert lost_names(source, translation) == ()


def test_names_of_the_glossary_and_other_languages_are_left_to_others() -> None:
    """The glossary has checks of its own; for languages without a table nothing is said."""
    source, translation = "Lo dijo Freddy Colina, mecánico", "A mechanic said it"
    assert lost_names(source, translation, glossary=Glossary(("Freddy Colina",))) == ()
    for lang in ("eu", "fr", "ca", "gl", "pt"):
        assert lost_names(source, translation, lang=lang, copies=True) == ()


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("rusia", "russia", True),
        ("jruschov", "jrushchov", True),
        ("poutine", "putin", True),
        ("maduro", "mature", False),
        ("parra", "vine", False),
        ("colina", "hill", False),
        ("lara", "mayor", False),
    ],
)
def test_close_spellings(one: str, other: str, alike: bool) -> None:
    assert close(one, other) is close(other, one) is alike


@given(st.text(max_size=80))
def test_a_text_that_is_copied_has_lost_no_name(text: str) -> None:
    """Whatever stands in a text is found in the same text."""
    assert lost_names(text, text, copies=True) == ()
