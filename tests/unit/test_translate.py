"""Translation: engines, memory and gate."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import BUILTIN_CONFIG, SettingsError, TranslateSettings
from pipeline.translate.apertium import ApertiumEngine, find_apertium
from pipeline.translate.engine import EngineError, Missing, find_engines
from pipeline.translate.gate import check_sentence, polish
from pipeline.translate.glossary import GlossaryError, load_glossary
from pipeline.translate.sentences import join_text, split_text
from pipeline.translate.stage import sentence_hashes, translate_articles
from storage.ids import sha256_text
from storage.records import Article
from tests.conftest import CORPORA, need, need_program

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)


class FakeEngine:
    """Speaks the engine protocol; translates through a function and counts what it was asked."""

    def __init__(self, function, name: str = "fake", version: str = "1", langs: tuple[str, ...] = ("es",)) -> None:
        self.function, self.name, self.version, self.langs = function, name, version, langs
        self.asked: list[str] = []

    def supports(self, source: str, target: str) -> bool:
        return source in self.langs and target == "en"

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        self.asked += texts
        return [self.function(t) for t in texts]


def article(text: str, title: str = "Liberan a 80 presos", lang: str = "es", key: str = "a1") -> Article:
    return Article(
        article_id=key, entry_id="e1", source_id="fictional", country="VE", lang=lang, lang_origin="text",
        url="http://x.example/1", canonical_url="http://x.example/1", title=title, title_origin="feed", summary="",
        text=text, text_sha256=sha256_text(text), authors=(), kind="full", genre="news", agency=None, published_at=NOW,
        published_at_origin="feed", published_precision="second", modified_at=None, first_seen_at=NOW, backfill=False,
        word_count=5, page_id=None, extractor="test", version=1,
    )  # fmt: skip


def good(text: str) -> str:
    """Stand in for a good translation: other words, same numbers, same negation, about as long."""
    return " ".join(
        "no" if w.lower() in ("no", "ni", "sin") else w if any(c.isdigit() for c in w) else "q" + w[::-1]
        for w in text.split()
    )


def run(articles, engines, memory=None):
    return translate_articles(articles, engines, memory or {}, "en", lambda: NOW)


def test_good_sentences_give_an_ok_translation_beside_an_untouched_original():
    source = article("Hoy salieron 80 presos.\nNo hubo más anuncios.")
    batch = run([source], [FakeEngine(good)])
    (found,) = batch.translations
    assert (found.status, found.checks, found.engine) == ("ok", (), "fake")
    assert found.text == "qyoH qnoreilas 80 q.soserp\nno qobuh qsám q.soicnuna"
    assert found.source_sha256 == source.text_sha256
    assert source.text == "Hoy salieron 80 presos.\nNo hubo más anuncios."


def test_english_needs_no_translation_and_other_languages_wait_for_an_engine():
    batch = run(
        [article("Eighty freed.", lang="en"), article("Avui en surten.", lang="ca", key="a2")], [FakeEngine(good)]
    )
    assert [(t.status, t.checks) for t in batch.translations] == [("pending", ("mt_unavailable",)), ("not_needed", ())]


def test_without_any_engine_everything_stays_pending():
    (found,) = run([article("Hoy salieron 80 presos.")], []).translations
    assert (found.status, found.text, found.title) == ("pending", None, None)


def test_a_sentence_that_fails_goes_to_the_next_engine():
    wrong = FakeEngine(lambda t: good(t).replace("80", "800"), name="first")
    right = FakeEngine(good, name="second")
    (found,) = run([article("Hoy salieron 80 presos. Sus familias esperaban fuera.")], [wrong, right]).translations
    assert found.status == "ok"
    assert found.engine == "first+second"
    assert right.asked == ["Liberan a 80 presos", "Hoy salieron 80 presos."] or set(right.asked) == {
        "Liberan a 80 presos",
        "Hoy salieron 80 presos.",
    }


def test_a_sentence_no_engine_gets_right_stays_in_the_original_and_is_marked():
    text = "Hoy salieron 80 presos. " + "Sus familias esperaban fuera desde la madrugada de ayer. " * 6
    broken = FakeEngine(lambda t: good(t).replace("80", "800"))
    (found,) = run([article(text, title="Salen los presos")], [broken]).translations
    assert found.status == "partial"
    assert "[es] Hoy salieron 80 presos." in (found.text or "")
    assert found.checks == ("number",)


def test_a_text_that_mostly_fails_is_quarantined():
    (found,) = run([article("Hoy salieron 80 presos.")], [FakeEngine(lambda t: "the the the the the")]).translations
    assert found.status == "quarantined"
    assert "repetition" in found.checks


def test_the_memory_answers_for_sentences_seen_before():
    first = FakeEngine(good)
    batch = run([article("Hoy salieron 80 presos.")], [first])
    memory = {(m.sentence_sha256, m.source_lang, m.target, m.engine, m.engine_version): m for m in batch.memory}
    again = FakeEngine(good)
    second = run([article("Hoy salieron 80 presos.", key="a2")], [again], memory)
    assert again.asked == []
    assert second.memory_hits == second.sentences == 2
    assert second.translations[0].text == batch.translations[0].text
    renewed = FakeEngine(good, version="2")
    run([article("Hoy salieron 80 presos.")], [renewed], memory)
    assert len(renewed.asked) == 2, "a new model version translates anew"


def test_an_engine_that_breaks_down_leaves_the_text_pending_and_says_why():
    class Broken(FakeEngine):
        def translate(self, texts, source, target):
            raise EngineError("no memory left")

    (found,) = run([article("Hoy salieron 80 presos.")], [Broken(good)]).translations
    assert found.status == "pending"
    assert found.checks == ("mt_unavailable", "fake: no memory left")


def test_the_memory_is_asked_by_the_hash_of_each_sentence():
    asked = sentence_hashes([article("Uno dos.\nTres cuatro."), article("English text.", lang="en", key="b")], "en")
    assert asked == {sha256_text(s) for s in ("Liberan a 80 presos", "Uno dos.", "Tres cuatro.")}


@pytest.mark.parametrize(
    ("source", "translation", "check"),
    [
        ("Salieron 116 presos el jueves", "On Thursday 161 prisoners left", "number"),
        ("El costo fue de 1.234,5 millones", "It cost 12,345 thousand million words", None),
        ("No habrá más excarcelaciones", "There will be more releases", "negation"),
        ("No habrá más excarcelaciones", "There will be no more releases", None),
        ("El ministro habló ayer en la plaza", "mainstre mainstre mainstre mainstre", "repetition"),
        ("El ministro habló ayer en la plaza", "El ministro habló ayer en la plaza", "leftover"),
        ("El ministro habló ayer en la plaza con varios vecinos del barrio", "Spoke", "length"),
        ("Hola", "", "empty"),
    ],
)
def test_the_gate_knows_the_faults_that_mislead(source: str, translation: str, check: str | None):
    failed = check_sentence(source, translation)
    assert failed == () if check is None else check in failed


@given(st.text(alphabet="aeiou náéñ.,\n¿?", max_size=300))
def test_splitting_loses_no_letters(text: str):
    """Whatever the text, its letters come back in order after splitting and joining."""
    joined = join_text(split_text(text, "es"))
    assert joined.replace(" ", "").replace("\n", "") == "".join(text.split())


def test_engines_are_narrowed_by_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    assert find_engines(TranslateSettings()) == ([], [])
    monkeypatch.setenv("ATALAYA_ENGINES", "babelfish")
    with pytest.raises(SettingsError, match="babelfish"):
        find_engines(TranslateSettings())


def test_apertium_translates_a_line_a_sentence():
    need_program("apertium", "apertium-eng-spa")
    engine = find_apertium("es", TranslateSettings())
    assert isinstance(engine, ApertiumEngine), engine
    out = engine.translate(["El gobierno anunció 116 excarcelaciones.", "Ayer\nllovió."], "es", "en")
    assert len(out) == 2
    assert "116" in out[0]
    assert "government" in out[0]
    assert engine.version.startswith("eng-spa-")


def test_apertium_keeps_sentences_apart() -> None:
    """A sentence's translation does not depend on what stands beside it, and its stop stays."""
    need_program("apertium", "apertium-eng-spa")
    engine = find_apertium("es", TranslateSettings())
    assert isinstance(engine, ApertiumEngine), engine
    texts = [
        "Cinco españoles, en la calle",
        "Obreros de las plantas toman el micrófono",
        "La vista duró media hora.",
        "A < B",
    ]
    together = engine.translate(texts, "es", "en")
    assert together == [engine.translate([t], "es", "en")[0] for t in texts]
    assert "street" in together[0] and "Workers" in together[1]
    assert together[2].endswith(".")
    assert "<" in together[3]


def test_a_glossary_that_cannot_be_used_says_where(tmp_path: Path) -> None:
    """The built-in one is good; a wrong one names file and field."""
    assert "Maduro" in load_glossary(BUILTIN_CONFIG / "glossary.toml")
    wrong = tmp_path / "glossary.toml"
    wrong.write_text("keep = 'Maduro'")
    with pytest.raises(GlossaryError, match="keep: must be a list"):
        load_glossary(wrong)


def test_apertium_leaves_the_names_it_is_told_to_keep() -> None:
    """Names that are words too are not translated, and another list of them is another version."""
    need_program("apertium", "apertium-eng-spa")
    plain = find_apertium("es", TranslateSettings())
    keeping = find_apertium("es", TranslateSettings(), ("Maduro", "La Grita"))
    assert isinstance(plain, ApertiumEngine) and isinstance(keeping, ApertiumEngine)
    text = ["Nicolás Maduro habló en La Grita."]
    assert "Maduro" not in plain.translate(text, "es", "en")[0]
    assert "Maduro" in keeping.translate(text, "es", "en")[0]
    assert "La Grita" in keeping.translate(text, "es", "en")[0]
    assert plain.version != keeping.version


def test_a_word_the_engine_did_not_know_is_shown_and_said() -> None:
    """The mark goes, the sentence is shown, the article is no better than partial; unknown names are no defect."""
    (found,) = run(
        [article("Hoy salieron 80 presos.")], [FakeEngine(lambda t: good(t).replace("qyoH", "*hoy"))]
    ).translations
    assert (found.status, found.checks) == ("partial", ("untranslated",))
    assert found.text == "hoy qnoreilas 80 q.soserp"
    assert polish("Habló Pilieri", "It spoke *Pilieri") == ("It spoke Pilieri", ())


@pytest.mark.parametrize(
    ("source", "translation", "shown"),
    [
        ("Hubo 22.000 personas", "There were 22.000 people", "There were 22,000 people"),
        ("Un sismo de 4,9", "A quake of 4,9", "A quake of 4.9"),
        ("Costó 1.234,5 millones", "It cost 1.234,5 million", "It cost 1,234.5 million"),
        ("Hubo 22.000 personas", "There were 22,000 people", "There were 22,000 people"),
        ("A las 10.30 del 8.1.2026", "At 10.30 of 8.1.2026", "At 10.30 of 8.1.2026"),
    ],
)
def test_numbers_are_shown_in_the_english_way(source: str, translation: str, shown: str) -> None:
    """Only what the engine left as it stood is rewritten."""
    assert polish(source, translation)[0] == shown


def test_apertium_without_data_names_the_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    found = find_apertium("es", TranslateSettings())
    assert isinstance(found, Missing)
    assert "apertium-eng-spa" in found.mend


def test_argos_runs_an_installed_package(tmp_path: Path):
    """A real, tiny Argos package goes through CTranslate2 (in a process of its own: folders are fixed at import)."""
    toy = CORPORA.parent / "tools" / "translate-es_en-toy.argosmodel"
    need(toy.is_file(), f"needs the toy Argos package at {toy}")
    code = (
        "import sys, argostranslate.package as p; p.install_from_path(sys.argv[1])\n"
        "from pipeline.settings import TranslateSettings\n"
        "from pipeline.translate.argos import find_argos\n"
        "e = find_argos('es', TranslateSettings(threads=1))\n"
        "print(e.version); print(e.translate(['El gobierno anunció nuevas elecciones .'], 'es', 'en')[0])\n"
        "print(find_argos('ca', TranslateSettings()).mend)\n"
    )
    env = os.environ | {k: str(tmp_path) for k in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    done = subprocess.run([sys.executable, "-c", code, str(toy)], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    version, text, mend = done.stdout.strip().split("\n")[-3:]
    assert version == "es_en-0.1/beam2" or version.startswith("es_en-")
    assert text.lower().startswith("the government announced new elections")
    assert "translate-ca_en" in mend


def test_a_renewed_wording_is_another_source_hash():
    first = article("Uno.")
    (found,) = run([replace(first, text_sha256="other")], [FakeEngine(good)]).translations
    assert found.source_sha256 == "other"
