"""Text made plain: markup, entities, broken characters, tails."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import clean, lead, one_line, paragraphs, plain_text, undo_mojibake, without_tail


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>Hola</b> mundo", "Hola mundo"),
        ("<img src=x onerror=alert(1)>Hola", "Hola"),
        ("&lt;img src=x onerror=alert(1)&gt;Hola", "Hola"),
        ("Hola<script>alert('</b>')</script> mundo", "Hola mundo"),
        ("Hola<style>p{}</style><!-- <b>no</b> --> mundo", "Hola mundo"),
        ("<a title='a>b' href=\"x\">Nota</a>", "Nota"),
        ("Nota <a href=\"https://x.example/una", "Nota"),
        ("<p>Uno</p><p>Dos</p>", "Uno Dos"),
        ("AT&T y Q&A: 5 < 6 > 4", "AT&T y Q&A: 5 < 6 > 4"),
        ("Usan <iostream> en C++", "Usan <iostream> en C++"),
        ("Pol&amp;iacute;tica &amp;amp; econom&iacute;a", "Política & economía"),
        ("?a=1&copy=2", "?a=1&copy=2"),
        ("uno&nbsp;dos", "uno dos"),
        ("<![CDATA[Hola]]>", "Hola"),
        ("<o:p>Hola</o:p>", "Hola"),
        ("<blink>Hola</blink>", "Hola"),
    ],
)  # fmt: skip
def test_plain_text(markup: str, text: str) -> None:
    """Tags, scripts and comments go, entities become characters also when escaped twice, other brackets stay."""
    assert plain_text(markup) == text


def test_lines_keep_paragraphs() -> None:
    """With ``lines`` a block element ends a paragraph and inline elements do not."""
    assert plain_text("<p>Uno <b>dos</b></p>\n\n<ul><li>tres</li><li>cuatro</li></ul>", lines=True) == (
        "Uno dos\ntres\ncuatro"
    )


def test_clean_removes_what_hides_or_reorders() -> None:
    """NUL, BEL, surrogates, bidi overrides, zero-width characters and the byte order mark never get through."""
    assert clean("a\x00b\x07c\ud800d\u202ee\u2066f\u200bg\ufeffh\u00adi\ufffej") == "abcdefghij"
    assert clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert clean("An\u0303o") == "Año"
    assert clean("👩\u200d🚀") == "👩\u200d🚀"


@given(st.text())
def test_clean_is_idempotent_and_encodable(text: str) -> None:
    """Whatever comes in, what goes out is NFC, can be written as UTF-8, and stays as it is when cleaned again."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert one_line(text) == " ".join(cleaned.split())
    assert "\n\n" not in paragraphs(text)


@given(st.text(alphabet="<>&;/!-abp\"'= #x1[]", max_size=200))
def test_plain_text_never_leaves_an_element_with_attributes(markup: str) -> None:
    """Random markup never raises, and no known element survives as a tag."""
    text = plain_text(markup)
    assert "<a " not in text or ">" not in text.split("<a ", 1)[1]


@pytest.mark.parametrize(
    "piece", ['<a "', "<a b=", "<script>", "<!--", "<!x", "</", "<zz>", "&amp;", "<p>&aacute;</p>"]
)
def test_hostile_repetition_is_bounded(piece: str) -> None:
    """Half a megabyte of a hostile piece is read to the end (the suite's own time limit is the judge)."""
    assert len(plain_text(piece * (500_000 // len(piece)))) <= 500_000


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Texto. The post Una nota appeared first on El Diario.", "Texto."),
        ("Texto […] La entrada Una nota se publicó primero en El Diario.", "Texto…"),
        ("Texto.\nLa entrada Una nota aparece primero en El Diario.", "Texto."),
        ("Text. L'entrada Una nota ha aparegut primer a El Diari.", "Text."),
        ("Hola mundo [&#8230;]", "Hola mundo…"),
        ("Hola mundo...", "Hola mundo…"),
        ("Hola. Leer más", "Hola."),
        ("Hola... Seguir leyendo »", "Hola…"),
        ("Hola.\nRead more at El Diario", "Hola."),
        ("Hola.\nContinue reading...", "Hola."),
        ("Leer", ""),
        ("[…]", ""),
        ("Los jóvenes quieren leer más", "Los jóvenes quieren leer más"),
        ("Leer más libros es la meta. El plan sigue.", "Leer más libros es la meta. El plan sigue."),
        ("La entrada al museo costará dos dólares.", "La entrada al museo costará dos dólares."),
        ("Dijo: «Quiero leer más poesía»", "Dijo: «Quiero leer más poesía»"),
    ],
)
def test_tails_go_and_sentences_stay(summary: str, expected: str) -> None:
    """Links to read on and WordPress's signature go; sentences that only sound like them stay."""
    assert without_tail(plain_text(summary, lines=True)) == expected


def test_mojibake_is_undone_only_where_it_is_certain() -> None:
    """UTF-8 read as windows-1252 is put right; a text that merely holds such letters is not touched."""
    assert undo_mojibake("JosÃ© MarÃ\xada") == "José María"
    assert undo_mojibake("â€œHolaâ€\x9d") == "“Hola”"
    assert undo_mojibake("SÃO PAULO y María") == "SÃO PAULO y María"


def test_lead_cuts_between_words() -> None:
    """A lead ends with a sentence, or between words with an ellipsis, and never exceeds the limit."""
    assert lead("Corto.") == "Corto."
    assert lead("Una frase completa aquí. " + "palabra " * 50, 40) == "Una frase completa aquí."
    assert lead("palabra " * 50, 20) == "palabra palabra…"
    assert lead("x" * 50, 20) == "x" * 19 + "…"
