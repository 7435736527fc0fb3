"""Language detection: from the text where it says enough, else from what feed and source declare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language import LANGUAGES, detect

TEXTS = {
    "es": "El ministro anunció ayer que las nuevas medidas entrarán en vigor el próximo lunes en todo el país.",
    "en": "The minister announced yesterday that the new measures will take effect next Monday across the country.",
    "ca": "El ministre va anunciar ahir que les noves mesures entraran en vigor dilluns vinent a tot el país.",
    "gl": "O ministro anunciou onte que as novas medidas entrarán en vigor o vindeiro luns en todo o país, malia as "
    "críticas da oposición, que lle pediu ao Goberno que agardase ata despois das eleccións do outono.",
    "eu": "Ministroak atzo iragarri zuen neurri berriak datorren astelehenean sartuko direla indarrean.",
    "pt": "O ministro anunciou ontem que as novas medidas entrarão em vigor na próxima segunda-feira em todo o país.",
    "fr": "Le ministre a annoncé hier que les nouvelles mesures entreront en vigueur lundi prochain dans tout le pays.",
}


@pytest.mark.parametrize("lang", sorted(TEXTS))
def test_each_language_of_our_outlets_is_told_from_its_text(lang: str) -> None:
    """Even where feed and source say something else."""
    other = "en" if lang != "en" else "es"
    found, origin, confidence = detect(TEXTS[lang], hint=lang if lang == "gl" else other, source=other)
    assert (found, origin) == (lang, "text")
    assert 0.5 < confidence <= 1.0


def test_short_texts_fall_back_to_the_feed_then_to_the_source() -> None:
    """A name or two is no evidence."""
    assert detect("Caracas", hint="en-US", source="es")[:2] == ("en", "feed")
    assert detect("Caracas", hint=None, source="es")[:2] == ("es", "source")
    assert detect("", hint="xx", source="pt_BR")[:2] == ("pt", "source")


def test_without_any_evidence_there_is_still_an_answer() -> None:
    """An empty text of an unknown feed counts as Spanish, said to be the source's, with no confidence."""
    assert detect("", None, None) == ("es", "source", 0.0)


@given(st.text(max_size=200), st.sampled_from([None, "es", "en-US", "zz", ""]))
def test_any_text_gets_one_of_our_languages(text: str, hint: str | None) -> None:
    """Never an error, never a language nobody asked for."""
    lang, origin, confidence = detect(text, hint, "es")
    assert lang in LANGUAGES
    assert origin in {"text", "feed", "source"}
    assert 0.0 <= confidence <= 1.0
