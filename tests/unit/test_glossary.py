"""The glossary: reading it, its version, and placeholders that must come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import BUILTIN_CONFIG, TranslateSettings
from pipeline.translate.engine import find_engines
from pipeline.translate.gate import check_sentence, polish
from pipeline.translate.glossary import Glossary, GlossaryError, load_glossary, missing_names, shield, unshield
from tests.conftest import need_program

BUILTIN = load_glossary(BUILTIN_CONFIG / "glossary.toml")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keep = 'Maduro'", r"keep: must be a list of words"),
        ("keep = ['Maduro', 3]", r"keep: must be a list of words"),
        ("keep = ['']", r"keep: must be a list of words"),
        ("names = ['Maduro']", r"names: no such field; names stand in a list called keep"),
        ("term = 3", r"term: must be tables"),
        ("[[term]]\nes = ['paro']", r"term 1: needs en"),
        ("[[term]]\nen = ['strike']", r"term 1: needs its forms"),
        ("[[term]]\nes = ['paro']\nen = 'strike'", r"term 1: en: must be a list"),
        ("[[term]]\nes = ['paro']\nen = ['strike']\nbad = ['x']", r"term 1: bad: no such field"),
        ("[[term]]\nes = ['paro']\nen = ['strike']\nmust = 'yes'", r"term 1: must: is true or false"),
        (
            "[[term]]\nes=['paro']\nen=['a']\n[[term]]\nes=['Paro']\nen=['b']",
            r"term 2: es: 'Paro' stands in term 1 already",
        ),
        ("keep = [", r"glossary.toml: .*(line|end of document|Invalid)"),
    ],
)
def test_a_glossary_that_cannot_be_used_says_what_to_mend(tmp_path: Path, text: str, says: str) -> None:
    """File, entry and field stand in the message."""
    path = written(tmp_path / "glossary.toml", text)
    with pytest.raises(GlossaryError, match=says) as error:
        load_glossary(path)
    assert str(path) in str(error.value)


def test_a_glossary_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match=r"glossary\.toml"):
        load_glossary(tmp_path / "glossary.toml")


def test_the_built_in_glossary_has_the_beat() -> None:
    assert {"Maduro", "El Helicoide", "Foro Penal", "Tal Cual", "Vente Venezuela", "Tocorón"} <= set(BUILTIN.keep)
    ((match, term),) = BUILTIN.terms_in("La excarcelación de ayer", "es")
    assert (match[0], term.english[0]) == ("excarcelación", "release from prison")


def test_the_version_follows_what_counts(tmp_path: Path) -> None:
    """Order, comments and layout change nothing; a name, a form, a rendering do."""
    one = load_glossary(written(tmp_path / "a.toml", "keep = ['A', 'B']\n[[term]]\nes = ['x']\nen = ['y']"))
    same = load_glossary(written(tmp_path / "b.toml", "# words\nkeep = [\n 'B', 'A']\n[[term]]\nen=['y']\nes=['x']"))
    assert one.version == same.version and re.fullmatch("[0-9a-f]{8}", one.version)
    others = [
        "keep = ['A']\n[[term]]\nes = ['x']\nen = ['y']",
        "keep = ['A', 'B']\n[[term]]\nes = ['x']\nen = ['z']",
        "keep = ['A', 'B']\n[[term]]\nes = ['x']\nen = ['y']\nwrong = ['w']",
        "keep = ['A', 'B']\n[[term]]\nes = ['x']\nen = ['y']\nmust = true",
    ]
    versions = {load_glossary(written(tmp_path / "c.toml", o)).version for o in others}
    assert len(versions | {one.version, Glossary().version}) == 6


def mangler(way: str):
    """Stand in for engines that treat placeholders in their own way; other words are turned round."""

    def translate(text: str) -> str:
        words = [w if re.fullmatch(r"[QXZ][A-Z][XKQ]\W*", w) else w[::-1] for w in text.split()]
        out = " ".join(reversed(words))
        holders = re.findall(r"\b[QXZ][A-Z][XKQ]\b", out)
        if holders and way == "lost":
            return out.replace(holders[0], "")
        if holders and way == "doubled":
            return out.replace(holders[0], f"{holders[0]} {holders[0]}")
        if holders and way == "lowered":
            return out.replace(holders[0], holders[0].lower())
        if holders and way == "cut":
            return out.replace(holders[0], f"{holders[0][0]} {holders[0][1:]}")
        if holders and way == "grown":
            return out.replace(holders[0], f"{holders[0]}s")
        return out.replace(holders[0], f"*{holders[0]}") if holders and way == "starred" else out

    return translate


@pytest.mark.parametrize("way", ["kept", "starred"])
def test_names_and_terms_come_back_through_an_engine_that_moves_placeholders(way: str) -> None:
    shielded = shield("Diosdado Cabello anunció la excarcelación desde El Helicoide", BUILTIN)
    assert not any(w in shielded.text for w in ("Cabello", "Helicoide", "excarcelación"))
    back = unshield(shielded, mangler(way)(shielded.text))
    assert back == "El Helicoide edsed release from prison al óicnuna Diosdado Cabello"


@pytest.mark.parametrize("way", ["lost", "doubled", "lowered", "cut", "grown"])
def test_a_placeholder_that_did_not_come_back_whole_is_refused(way: str) -> None:
    """Better no translation by this way than one with a hole or a scrap in it."""
    shielded = shield("Maduro habló en La Grita", BUILTIN)
    assert unshield(shielded, mangler(way)(shielded.text)) is None


@given(st.text(alphabet="QXZKWVJ qxz áé", max_size=30))
def test_placeholders_differ_from_what_stands_in_the_sentence(text: str) -> None:
    """Shielding and taking the shield away again gives the sentence back."""
    sentence = f"{text} Maduro {text} Tocorón"
    shielded = shield(sentence, BUILTIN)
    assert len({p for p, _ in shielded.slots}) == len(shielded.slots) == 2
    assert unshield(shielded, shielded.text) == sentence


def test_a_sentence_without_names_needs_no_shield() -> None:
    shielded = shield("Ayer llovió", BUILTIN)
    assert (shielded.text, shielded.slots) == ("Ayer llovió", ())
    assert unshield(shielded, "Yesterday it rained") == "Yesterday it rained"


def test_names_and_terms_come_through_apertium() -> None:
    """The real engine: names that are words stay, what it does not know or has wrong reads as the glossary says."""
    need_program("apertium", "apertium-eng-spa")
    engines, missing = find_engines(TranslateSettings(engines=("apertium",)), BUILTIN.keep, ["es"])
    assert engines, missing
    sentences = [
        "Diosdado Cabello visitó El Helicoide y Ramo Verde.",
        "Fueron excarcelados 80 presos, según Foro Penal.",
        "Las presas políticas siguen en Tocorón.",
        "La Corte Penal Internacional pidió fe de vida.",
        "El oficialismo culpó a Tal Cual de los cortes de luz.",
    ]
    shown = [
        polish(s, t, glossary=BUILTIN, engine="apertium")[0]
        for s, t in zip(sentences, engines[0].translate(sentences, "es", "en"), strict=True)
    ]
    for sentence, text in zip(sentences, shown, strict=True):
        assert missing_names(sentence, text, BUILTIN) == (), text
        assert not {"name", "term"} & set(check_sentence(sentence, text, glossary=BUILTIN)), text
    words = [
        "Diosdado Cabello",
        "released from prison",
        "olitical prisoners",
        "International Criminal Court",
        "power cuts",
    ]
    assert [w for w, text in zip(words, shown, strict=True) if w not in text] == []
