"""Translation: engines, the ladder, and what becomes of articles."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.settings import SettingsError, TranslateSettings, load_settings
from pipeline.translate import argos
from pipeline.translate.apertium import ApertiumEngine, find_apertium
from pipeline.translate.argos import engine_of, find_argos
from pipeline.translate.clauses import clauses, divide, quieter, unmarked
from pipeline.translate.crew import Crew
from pipeline.translate.engine import EngineError, Missing, find_engines, route
from pipeline.translate.glossary import Glossary
from pipeline.translate.install import unpack
from pipeline.translate.ladder import memory_key
from pipeline.translate.stage import sentence_hashes, translate_articles
from storage.ids import sha256_text
from storage.records import Article
from tests.conftest import need, need_program
from tests.fake_engine import FakeEngine, good
from tests.toy_package import build

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)


def article(text: str, title: str = "Liberan a 80 presos", lang: str = "es", key: str = "a1") -> Article:
    return Article(
        article_id=key, entry_id="e1", source_id="fictional", country="VE", lang=lang, lang_origin="text",
        url="http://x.example/1", canonical_url="http://x.example/1", title=title, title_origin="feed", summary="",
        text=text, text_sha256=sha256_text(text), authors=(), kind="full", genre="news", agency=None, published_at=NOW,
        published_at_origin="feed", published_precision="second", modified_at=None, first_seen_at=NOW, backfill=False,
        word_count=5, page_id=None, extractor="test", version=1,
    )  # fmt: skip


def run(articles, engines, memory=None, **options):
    crew = Crew(tuple(engines), glossary=options.pop("glossary", Glossary()), missing=options.pop("missing", ()))
    return translate_articles(articles, crew, memory or {}, lambda: NOW, **options)


@pytest.fixture
def settings(tmp_path: Path) -> TranslateSettings:
    """The built-in settings of translation."""
    return load_settings(tmp_path).translate


# ---- articles ----------------------------------------------------------------------------------------------------


def test_good_sentences_give_an_ok_translation_beside_an_untouched_original() -> None:
    """English with its engine, its checks and what it was made from; the article itself is as it was."""
    source = article("Hoy salieron 80 presos.\nNo hubo más anuncios.")
    (found,) = run([source], [FakeEngine()], glossary=Glossary(("Tal Cual",))).translations
    assert (found.status, found.checks, found.engine, found.engine_version) == ("ok", (), "fake", "1")
    assert found.text == "qyoH qnoreilas 80 q.soserp\nno qobuh qsám q.soicnuna"
    assert found.source_sha256 == source.text_sha256
    assert (found.engines_asked, found.glossary_version) == ("fake 1", Glossary(("Tal Cual",)).version)
    assert found.gate_version is not None and found.translated_at == NOW
    assert source.text == "Hoy salieron 80 presos.\nNo hubo más anuncios."


def test_english_needs_no_translation_and_other_languages_wait_for_an_engine() -> None:
    """English of any country is left alone; Catalan waits while no engine knows it."""
    batch = run([
        article("Eighty freed.", lang="en"), article("Eighty freed.", lang="en-US", key="a3"),
        article("Avui en surten.", lang="ca", key="a2"),
    ], [FakeEngine()])  # fmt: skip
    assert {t.article_id: (t.status, t.checks) for t in batch.translations} == {
        "a1": ("not_needed", ()), "a2": ("pending", ("mt_unavailable",)), "a3": ("not_needed", ()),
    }  # fmt: skip


def test_without_any_engine_everything_stays_pending() -> None:
    """The row says why, and has no words."""
    (found,) = run([article("Hoy salieron 80 presos.")], []).translations
    assert (found.status, found.text, found.title, found.checks) == ("pending", None, None, ("mt_unavailable",))


def test_a_language_whose_engine_was_refused_waits_with_that_reason() -> None:
    """It is told apart from one that has no engine."""
    refused = Missing("argos", "says salad", "./atalaya translate setup --again", "es", refused=True)
    (found,) = run([article("Hoy salieron 80 presos.")], [], missing=(refused,)).translations
    assert (found.status, found.checks) == ("pending", ("mt_canary",))


def test_a_sentence_that_fails_is_tried_once_more_by_other_settings() -> None:
    """The first of them that passes is taken; nobody else is asked."""
    engine = FakeEngine(lambda t: good(t).replace("80", "800"), others=lambda t: ("nonsense", good(t), "never read"))
    second = FakeEngine(name="second")
    batch = run([article("Hoy salieron 80 presos. Sus familias esperaban fuera.")], [engine, second])
    (found,) = batch.translations
    assert (found.status, found.engine) == ("ok", "fake")
    assert sorted(engine.asked_again) == ["Hoy salieron 80 presos.", "Liberan a 80 presos"]
    assert (batch.retried, batch.mended, second.asked) == (2, 2, [])


def test_a_sentence_that_fails_goes_to_the_next_engine() -> None:
    """Only that sentence does; both engines are named, in the order they were asked."""
    wrong = FakeEngine(lambda t: good(t).replace("80", "800"), name="zfirst")
    right = FakeEngine(good, name="second")
    (found,) = run([article("Hoy salieron 80 presos. Sus familias esperaban fuera.")], [wrong, right]).translations
    assert (found.status, found.engine, found.engine_version) == ("ok", "zfirst+second", "1+1")
    assert sorted(right.asked) == ["Hoy salieron 80 presos.", "Liberan a 80 presos"]
    assert found.engines_asked == "zfirst 1 > second 1"


def test_a_sentence_no_engine_gets_right_stays_in_the_original_and_is_marked() -> None:
    """The article is partial, and says which check fired."""
    text = "Hoy salieron 80 presos. " + "Sus familias esperaban fuera desde la madrugada de ayer. " * 6
    broken = FakeEngine(lambda t: good(t).replace("80", "800"))
    (found,) = run([article(text, title="Salen los presos")], [broken]).translations
    assert found.status == "partial"
    assert "[es] Hoy salieron 80 presos." in (found.text or "")
    assert "800" not in (found.text or "")
    assert found.checks == ("number",)


def test_a_headline_that_fails_is_no_english_headline() -> None:
    """There is none then, rather than a Spanish one under an English name."""
    text = "Sus familias esperaban fuera desde la madrugada de ayer. Luego hubo abrazos en la calle y cantos. " * 3
    (found,) = run([article(text)], [FakeEngine(lambda t: good(t).replace("80", "800"))]).translations
    assert (found.status, found.title) == ("partial", None)
    assert found.text is not None


def test_a_text_that_mostly_fails_is_quarantined() -> None:
    """Its words are kept nowhere in the row; who was tried and what fired is."""
    (found,) = run([article("Hoy salieron 80 presos.")], [FakeEngine(lambda t: "the the the the the")]).translations
    assert (found.status, found.title, found.text) == ("quarantined", None, None)
    assert "repetition" in found.checks
    assert (found.engine, found.engines_asked) == ("fake", "fake 1")


def test_an_article_whose_sentences_come_out_alike_is_quarantined() -> None:
    """Each might pass alone; together they show that the engine says one thing to everything."""
    texts = ["Sus familias esperaban fuera.", "Luego hubo cantos allí.", "Nada más pasó ayer.", "El sol salió tarde."]
    (found,) = run(
        [article(" ".join(texts), title="Salen los presos")], [FakeEngine(lambda t: "Nothing of the kind was said.")]
    ).translations
    assert (found.status, found.text) == ("quarantined", None)


def test_what_holds_no_word_is_not_translated() -> None:
    """Rules, stars and bare numbers go through as they stand, without an engine."""
    engine = FakeEngine()
    (found,) = run([article("Salieron todos.\n***\n12")], [engine]).translations
    assert found.text == "qnoreilaS q.sodot\n***\n12"
    assert set(engine.asked) == {"Liberan a 80 presos", "Salieron todos."}


def test_the_memory_answers_for_sentences_seen_before() -> None:
    """Of the same engine, version, checks and glossary; a new one of any translates anew."""
    first = FakeEngine()
    batch = run([article("Hoy salieron 80 presos.")], [first])
    memory = {memory_key(m): m for m in batch.memory}
    again = FakeEngine()
    second = run([article("Hoy salieron 80 presos.", key="a2")], [again], memory)
    assert again.asked == []
    assert second.memory_hits == second.sentences == 2
    assert second.translations[0].text == batch.translations[0].text
    renewed = FakeEngine(version="2")
    run([article("Hoy salieron 80 presos.")], [renewed], memory)
    assert len(renewed.asked) == 2, "a new model version translates anew"
    other = FakeEngine()
    run([article("Hoy salieron 80 presos.")], [other], memory, glossary=Glossary(("Tal Cual",)))
    assert len(other.asked) == 2, "another glossary translates anew"


def test_what_repeats_within_a_batch_is_translated_once() -> None:
    """Wire copies cost nothing, and count as found in the memory."""
    engine = FakeEngine()
    batch = run([article("Hoy salieron 80 presos.", key=f"a{n}") for n in range(5)], [engine])
    assert sorted(engine.asked) == ["Hoy salieron 80 presos.", "Liberan a 80 presos"]
    assert (batch.sentences, batch.memory_hits) == (10, 8)
    assert len({t.text for t in batch.translations}) == 1


def test_failures_in_the_memory_are_tried_again_when_asked() -> None:
    """In a run they stand; `translate retry` gives them another try, and only them."""
    wrong = run([article("Hoy salieron 80 presos. Sus familias esperaban fuera.")],
                [FakeEngine(lambda t: good(t).replace("80", "800"))])  # fmt: skip
    memory = {memory_key(m): m for m in wrong.memory}
    engine = FakeEngine()
    assert run([article("Hoy salieron 80 presos.")], [engine], memory).translations[0].status == "quarantined"
    assert engine.asked == []
    assert run([article("Hoy salieron 80 presos.")], [engine], memory, anew=True).translations[0].status == "ok"
    assert sorted(engine.asked) == ["Hoy salieron 80 presos.", "Liberan a 80 presos"]


class Broken(FakeEngine):
    """An engine that breaks down."""

    def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        raise EngineError("no memory left")


def test_an_engine_that_breaks_down_leaves_the_text_pending_and_says_why() -> None:
    """Nothing counts as translated."""
    (found,) = run([article("Hoy salieron 80 presos.")], [Broken()]).translations
    assert found.status == "pending"
    assert found.checks == ("mt_unavailable", "fake: no memory left")


def test_an_engine_that_loses_a_sentence_has_broken_down() -> None:
    """Which translation belongs to which sentence cannot be known then."""

    class Fewer(FakeEngine):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
            return super().translate(texts, source, target)[1:]

    (found,) = run([article("Hoy salieron 80 presos.")], [Fewer()]).translations
    assert (found.status, found.checks[1]) == ("pending", "fake: it gave 1 translations for 2 sentences")


def test_where_one_engine_breaks_down_the_next_takes_over() -> None:
    """The text is translated all the same."""
    (found,) = run([article("Hoy salieron 80 presos.")], [Broken(name="a"), FakeEngine(name="b")]).translations
    assert (found.status, found.engine) == ("ok", "b")


def test_an_engine_that_breaks_down_over_its_other_settings_keeps_its_first_words() -> None:
    """The failure stands as it was."""

    class Half(FakeEngine):
        def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
            raise EngineError("no memory left")

    text = "Hoy salieron 80 presos. " + "Sus familias esperaban fuera desde la madrugada de ayer. " * 6
    engine = Half(lambda t: good(t).replace("80", "800"))
    (found,) = run([article(text, title="Salen los presos")], [engine]).translations
    assert (found.status, found.checks) == ("partial", ("number",))


def test_a_name_that_did_not_come_back_is_shielded_in_a_second_try() -> None:
    """What the engine would translate is hidden from it and put back."""
    engine = FakeEngine(
        lambda t: t.replace("Tal Cual", "Such As").replace("publicó", "published").replace("hoy", "today")
    )
    text = "Tal Cual publicó hoy 80 nombres."
    (found,) = run([article(text, title="")], [engine], glossary=Glossary(("Tal Cual",))).translations
    assert "name" not in found.checks
    assert found.text is not None and "Tal Cual" in found.text and "Such As" not in found.text


def test_a_name_of_no_glossary_that_is_gone_is_shielded_too() -> None:
    """The names that the check misses are hidden from the engine in the second try."""
    engine = FakeEngine(
        lambda t: t.replace("Valle Arriba", "the upper part").replace("Ayer hablaron mucho en", "They spoke a lot in")
    )
    (found,) = run([article("Ayer hablaron mucho en Valle Arriba.", title="")], [engine]).translations
    assert (found.text, found.checks) == ("They spoke a lot in Valle Arriba.", ())


def test_the_memory_is_asked_by_the_hash_of_each_sentence() -> None:
    """English articles ask nothing."""
    asked = sentence_hashes([article("Uno dos.\nTres cuatro."), article("English text.", lang="en", key="b")], "en")
    assert asked == {sha256_text(s) for s in ("Liberan a 80 presos", "Uno dos.", "Tres cuatro.")}


def test_a_renewed_wording_is_another_source_hash() -> None:
    """By it a translation of an older wording is known."""
    first = article("Uno.")
    (found,) = run([replace(first, text_sha256="other")], [FakeEngine()]).translations
    assert found.source_sha256 == "other"


# ---- which engines, and by which way -----------------------------------------------------------------------------


def test_engines_are_narrowed_by_the_environment(monkeypatch: pytest.MonkeyPatch, settings: TranslateSettings) -> None:
    """None is none, and a name that does not exist is an error in words."""
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    assert find_engines(settings) == ([], [])
    monkeypatch.setenv("ATALAYA_ENGINES", "babelfish")
    with pytest.raises(SettingsError, match="babelfish"):
        find_engines(settings)


@pytest.mark.parametrize(
    ("pairs", "way"),
    [
        ([("gl", "en"), ("gl", "es"), ("es", "en")], (("gl", "en"),)),
        ([("gl", "es"), ("es", "en"), ("gl", "ca"), ("ca", "en")], (("gl", "es"), ("es", "en"))),
        ([("gl", "pt"), ("pt", "en")], (("gl", "pt"), ("pt", "en"))),
        ([("gl", "pt"), ("pt", "es"), ("es", "en")], ()),
        ([("es", "en")], ()),
    ],
)
def test_a_way_is_direct_or_by_one_other_language(
    pairs: list[tuple[str, str]], way: tuple[tuple[str, str], ...]
) -> None:
    """Spanish before others; three steps lose too much."""
    assert route(pairs, "gl", "en") == way


# ---- sentences taken apart ---------------------------------------------------------------------------------------

_SENTENCE = (
    "El ministro, que llegó tarde, habló; nadie le preguntó (ni ayer ni hoy) por los 80 presos — dijo un guardia."
)


def test_clauses_are_the_sentence_in_parts() -> None:
    """Each of some words, none lost."""
    parts = clauses(_SENTENCE)
    assert len(parts) > 1 and " ".join(parts) == _SENTENCE
    assert clauses("Salieron hoy.") == ["Salieron hoy."]


@given(st.text(alphabet="abc ,;()—áñ.", max_size=400), st.integers(5, 60))
def test_cutting_loses_no_letter(text: str, most: int) -> None:
    """Whatever is cut, the letters come back in order, and no part is longer than asked."""
    parts = clauses(text, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(p) <= most for p in parts)


def test_a_shouted_headline_is_put_in_ordinary_letters() -> None:
    """Any other sentence stays as it is."""
    assert quieter("LIBERAN A 80 PRESOS EN CARACAS") == "Liberan a 80 presos en caracas"
    assert quieter("La ONU y la OEA piden calma") == "La ONU y la OEA piden calma"
    assert unmarked("«Hoy», dijo — sin [más] — él") == "Hoy, dijo, sin más, él"


def test_a_sentence_that_breaks_the_engine_costs_only_itself() -> None:
    """The others of the batch are translated; an engine that breaks over everything has broken down."""
    calls = []

    def breaks_on_poison(texts: Sequence[str]) -> list[str]:
        calls.append(len(texts))
        if any("poison" in t for t in texts):
            raise EngineError("killed")
        return [t.upper() for t in texts]

    texts = [f"sentence {n}" for n in range(100)]
    texts[37] = "the poison one"
    found = divide(breaks_on_poison, texts)
    assert found[37] == "" and found[:37] == [t.upper() for t in texts[:37]] and found[99] == "SENTENCE 99"
    assert len(calls) < 20
    with pytest.raises(EngineError):
        divide(breaks_on_poison, ["poison a", "poison bb"])
    assert divide(breaks_on_poison, []) == []


# ---- Apertium ----------------------------------------------------------------------------------------------------


def apertium(settings: TranslateSettings, *keep: str) -> ApertiumEngine:
    """The engine for Spanish that this machine has."""
    need_program("apertium", "apertium-eng-spa")
    (found,) = find_apertium(["es"], settings, keep)
    assert isinstance(found, ApertiumEngine), found
    return found


def test_apertium_translates_a_line_a_sentence(settings: TranslateSettings) -> None:
    """Numbers stay, words change, lines stay one; the version is that of the data."""
    engine = apertium(settings)
    out = engine.translate(["El gobierno anunció 116 excarcelaciones.", "Ayer\nllovió."], "es", "en")
    assert len(out) == 2
    assert "116" in out[0]
    assert "government" in out[0]
    assert engine.version.startswith("eng-spa-")


def test_apertium_keeps_sentences_apart(settings: TranslateSettings) -> None:
    """A sentence's translation does not depend on what stands beside it, and its stop stays."""
    engine = apertium(settings)
    texts = [
        "Cinco españoles, en la calle",
        "Obreros de las plantas toman el micrófono",
        "La vista duró media hora.",
        "A < B",
        "Costó 5$ ^ [nota] {x} / \\ @alguien",
    ]
    together = engine.translate(texts, "es", "en")
    assert together == [engine.translate([t], "es", "en")[0] for t in texts]
    assert "street" in together[0] and "Workers" in together[1]
    assert together[2].endswith(".")
    assert "<" in together[3]


def test_apertium_leaves_the_names_it_is_told_to_keep(settings: TranslateSettings) -> None:
    """Names that are words too are not translated."""
    plain, keeping = apertium(settings), apertium(settings, "Maduro", "La Grita")
    text = ["Nicolás Maduro habló en La Grita."]
    assert "Maduro" not in plain.translate(text, "es", "en")[0]
    assert "Maduro" in keeping.translate(text, "es", "en")[0]
    assert "La Grita" in keeping.translate(text, "es", "en")[0]


def test_apertium_tries_a_shouted_sentence_in_ordinary_letters(settings: TranslateSettings) -> None:
    """Its other ways differ from what it was given; where there is none, there is none."""
    shouted, plain = apertium(settings).alternatives(["EL «GOBIERNO» ANUNCIÓ NUEVAS ELECCIONES", "Llovió."], "es", "en")
    assert any("government" in t and "«" not in t for t in shouted)
    assert plain == ()


def test_apertium_without_data_names_the_package(monkeypatch: pytest.MonkeyPatch, settings: TranslateSettings) -> None:
    """For each language the one that brings it into English."""
    monkeypatch.setenv("PATH", "/nonexistent")
    found = {m.lang: m for m in find_apertium(["es", "ca", "gl", "pt", "xx"], settings) if isinstance(m, Missing)}
    assert found["es"].mend == "sudo apt install apertium-eng-spa"
    assert found["ca"].mend == "sudo apt install apertium-eng-cat"
    assert found["gl"].mend == "sudo apt install apertium-en-gl"
    assert found["pt"].mend == "sudo apt install apertium-es-pt apertium-eng-spa"
    assert "no data" in found["xx"].mend


_FAKE_APERTIUM = """#!/bin/sh
# Speaks as `apertium` does: -l lists directions; -f html DIRECTION translates paragraphs.
if [ "$1" = -l ]; then echo "  pt-es"; echo "  spa-eng"; echo "  spa-eng_US"; echo "  eng-spa"; exit 0; fi
case "$3" in
    pt-es) sed -e 's/o governo/el gobierno/; s/anuncia/*anuncia/' ;;
    spa-eng) sed -e 's/[*]/STAR/; s/el gobierno/the government/; s/anuncia/announces/' ;;
    *) echo "no direction $3" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def fake_apertium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that speaks as Apertium does, first on the PATH."""
    program = tmp_path / "bin" / "apertium"
    program.parent.mkdir()
    program.write_text(_FAKE_APERTIUM)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


def test_portuguese_goes_by_way_of_spanish(fake_apertium: Path, settings: TranslateSettings) -> None:
    """Two directions that are installed make a way; marks of the first do not reach the second."""
    found = list(find_apertium(["pt", "ca"], settings))
    assert isinstance(found[1], Missing)
    assert isinstance(found[0], ApertiumEngine) and found[0].supports("pt", "en")
    assert found[0].translate(["o governo anuncia", "<b>"], "pt", "en") == ["the government announces", "<b>"]
    assert "+" in found[0].version


def test_a_program_that_fails_is_an_error_in_words(fake_apertium: Path, settings: TranslateSettings) -> None:
    """Status, message and direction are told."""
    engine = ApertiumEngine(str(fake_apertium), ["gl-en"], ("gl", "en"))
    with pytest.raises(EngineError, match="ended with status 1: no direction gl-en"):
        engine.translate(["unha", "dúas"], "gl", "en")
    fake_apertium.write_text("#!/bin/sh\necho\n")
    with pytest.raises(EngineError, match="gave 0 paragraphs for 1"):
        engine.translate(["unha", "dúas"], "gl", "en")
    fake_apertium.write_text("#!/bin/sh\nexit 3\n")
    (missing,) = find_apertium(["es"], settings)
    assert isinstance(missing, Missing) and "status 3" in missing.why


# ---- Argos -------------------------------------------------------------------------------------------------------


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of Argos packages, in place of this machine's."""
    import argostranslate.settings

    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setattr(argostranslate.settings, "package_data_dir", folder)
    monkeypatch.setattr(argostranslate.settings, "package_dirs", [folder])
    return folder


@pytest.mark.parametrize("kind", ["sentencepiece", "bpe"])
def test_argos_runs_a_package(kind: str, packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """Of either kind, straight through CTranslate2: order is kept, words are translated, unknown ones are left."""
    unpack(build(tmp_path, kind=kind), packages)
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing)
    assert engine.version.startswith("es_en-0.1-") and engine.version.endswith("/beam2")
    texts = ["Hoy subió la inflación en Venezuela", "El gobierno anunció nuevas elecciones", "el presidente"]
    assert engine.translate(texts, "es", "en") == [
        "Today rose the inflation in Venezuela", "The government announced new elections", "the president",
    ]  # fmt: skip
    assert engine.translate([], "es", "en") == engine.alternatives([], "es", "en") == []
    (others,) = engine.alternatives(["El gobierno anunció nuevas elecciones"], "es", "en")
    assert "The government announced new elections" in others and len(others) > 1
    with pytest.raises(EngineError, match="do not translate ca to en"):
        engine.translate(texts, "ca", "en")


def test_argos_touches_no_network(packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """A package without a sentence splitter of its own is no reason to fetch one: no socket is opened at all."""
    import socket

    unpack(build(tmp_path), packages)
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing)
    with pytest.MonkeyPatch.context() as patch:

        def no_socket(*_: object, **__: object) -> None:
            raise AssertionError("translation opened a socket")

        patch.setattr(socket, "socket", no_socket)
        patch.setattr(socket, "create_connection", no_socket)
        (found,) = run([article("El gobierno anunció nuevas elecciones en Venezuela")], [engine]).translations
    assert found.engine == "argos"


def test_argos_cuts_what_is_too_long(packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """A sentence of 100 KB comes through, each part translated."""
    unpack(build(tmp_path), packages)
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing)
    (found,) = engine.translate(["el gobierno anunció elecciones , " * 3000], "es", "en")
    assert found.count("the government announced elections") == 3000


def test_argos_goes_by_way_of_spanish(packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """Two packages make a way, and both are named in the version."""
    unpack(build(tmp_path), packages)
    unpack(build(tmp_path, pair=("gl", "es"), lexicon={"o": "el", "goberno": "gobierno"}), packages)
    engine, none = find_argos(["gl", "ca"], settings)
    assert isinstance(none, Missing) and none.mend == "./atalaya translate setup --lang ca"
    assert not isinstance(engine, Missing)
    assert engine.translate(["o goberno"], "gl", "en") == ["the government"]
    assert engine.version.startswith("gl_es-0.1-") and "+es_en-0.1-" in engine.version


def test_of_two_versions_the_newer_counts(packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """1.10 is newer than 1.9."""
    for version in ("1.9", "1.10"):
        unpack(build(tmp_path, version=version), packages)
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing) and engine.version.startswith("es_en-1.10-")


def test_another_model_under_the_same_version_is_another_version(tmp_path: Path, settings: TranslateSettings) -> None:
    """What it translated is then due again."""
    unpack(build(tmp_path), tmp_path / "a")
    unpack(build(tmp_path, lexicon={"el": "THE", "gobierno": "GOVERNMENT"}), tmp_path / "b")
    one, two = (engine_of(tmp_path / x / "translate-es_en-0_1", settings) for x in "ab")
    assert one.version != two.version


def test_a_damaged_package_leaves_the_others_usable(
    packages: Path, tmp_path: Path, settings: TranslateSettings
) -> None:
    """Where nothing else is there the damage is told, with the command that mends it."""
    unpack(build(tmp_path), packages)
    (packages / "translate-ca_en-1_9").mkdir()
    half = packages / "translate-gl_en-1_9"
    shutil.copytree(packages / "translate-es_en-0_1", half)
    (half / "model" / "model.bin").unlink()
    found = list(find_argos(["es", "gl"], settings))
    assert not isinstance(found[0], Missing)
    assert isinstance(found[1], Missing)
    assert "translate-gl_en-1_9 is damaged: it has no model/model.bin" in found[1].why


def test_a_model_that_cannot_be_loaded_breaks_down_in_words(
    packages: Path, tmp_path: Path, settings: TranslateSettings
) -> None:
    """Its texts wait; nothing crashes."""
    unpack(build(tmp_path), packages)
    (packages / "translate-es_en-0_1" / "model" / "model.bin").write_bytes(b"not a model")
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing)
    (found,) = run([article("El gobierno anunció nuevas elecciones")], [engine]).translations
    assert (found.status, found.checks[0]) == ("pending", "mt_unavailable")


def test_a_model_is_loaded_once(packages: Path, tmp_path: Path, settings: TranslateSettings) -> None:
    """However many engines and batches there are."""
    unpack(build(tmp_path), packages)
    argos._load.cache_clear()
    for _ in range(3):
        (engine,) = find_argos(["es"], settings)
        assert not isinstance(engine, Missing)
        engine.translate(["el gobierno"], "es", "en")
    assert argos._load.cache_info().misses == 1


def test_the_shared_toy_package_runs(packages: Path, settings: TranslateSettings) -> None:
    """A package that others built, where it is at hand."""
    from tests.conftest import CORPORA

    toy = CORPORA.parent / "tools" / "translate-es_en-toy.argosmodel"
    need(toy.is_file(), f"needs the toy Argos package at {toy}")
    unpack(toy, packages)
    (engine,) = find_argos(["es"], settings)
    assert not isinstance(engine, Missing)
    (found,) = engine.translate(["El gobierno anunció nuevas elecciones ."], "es", "en")
    assert found.lower().startswith("the government announced new elections")
