"""Translation as work: what is due, what a newer engine makes out of date, and that bad English reaches nobody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.report import QuietReporter
from pipeline.reprocess import retry_translations
from pipeline.settings import Settings, TranslateSettings, load_settings
from pipeline.translate import canary, engine
from pipeline.translate.crew import Crew, Method, mends, out_of_date
from pipeline.translate.engine import Engine, EngineError, Missing
from pipeline.translate.gate import GATE_VERSION
from pipeline.translate.glossary import Glossary
from pipeline.translating import (
    Plan,
    TranslateCounts,
    merge_file,
    merge_work,
    plan_work,
    read_work,
    translate,
    translate_file,
    translate_work,
    write_work,
)
from storage.records import Article, Translation, TranslationMemory
from storage.store import Store
from tests.cli import Demo, atalaya
from tests.fake_engine import FakeEngine, faithful
from tests.storage.builders import NOON, article, translation

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home of its own."""
    monkeypatch.delenv("ATALAYA_ENGINES", raising=False)
    return load_settings(tmp_path / "home")


@pytest.fixture
def opened(settings: Settings) -> Callable[[], AbstractContextManager[Store]]:
    """What opens the store, and would fail if it were open already."""
    is_open = False

    @contextmanager
    def once() -> Iterator[Store]:
        nonlocal is_open
        assert not is_open, "the store is open already"
        is_open = True
        with Store.open(settings.home, "test") as store:
            yield store
        is_open = False

    once.closed = lambda: not is_open  # type: ignore[attr-defined]
    return once


def spanish(key: str, text: str = "Hoy salieron 80 presos.", **changes: object) -> Article:
    return article(key, lang="es", title="Salen los presos", text=text, text_sha256=f"sha-{text}", **changes)


def crew(*engines: Engine, **changes: object) -> Crew:
    return Crew(engines, **changes)  # type: ignore[arg-type]


def held(opened: Callable[[], AbstractContextManager[Store]]) -> dict[str, Translation]:
    with opened() as store:
        return {t.article_id: t for t in store.read(Translation)}


def done(settings: Settings, opened, a_crew: Crew, **changes: object) -> TranslateCounts:
    return translate(opened, settings, a_crew, lambda: NOON, QuietReporter(), **changes)


def test_the_store_is_closed_while_engines_work(settings: Settings, opened) -> None:
    """A long translation holds up no other writer."""

    class Watching(FakeEngine):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
            assert opened.closed()
            return super().translate(texts, source, target)

    with opened() as store:
        store.merge([spanish("a"), spanish("b", "Mañana salen otros 20.")])
    counts = done(settings, opened, crew(Watching()))
    assert (dict(counts.statuses), counts.sentences, counts.memory_hits) == ({"ok": 2}, 4, 1)
    assert {k: t.status for k, t in held(opened).items()} == {"a": "ok", "b": "ok"}


def test_what_is_done_is_not_done_again(settings: Settings, opened) -> None:
    """A second run finds nothing to do and does not even try the engine."""
    with opened() as store:
        store.merge([spanish("a")])
    done(settings, opened, crew(FakeEngine()))
    before = held(opened)
    engine_ = FakeEngine()
    counts = done(settings, opened, crew(engine_))
    assert (counts.statuses, engine_.asked, held(opened)) == ({}, [], before)


def test_a_new_wording_is_translated_and_its_old_sentences_are_not(settings: Settings, opened) -> None:
    """The memory answers for what was there; the old translation goes to the history."""
    with opened() as store:
        store.merge([spanish("a", "Hoy salieron 80 presos.")])
    done(settings, opened, crew(FakeEngine()))
    with opened() as store:
        store.merge([spanish("a", "Hoy salieron 80 presos. Faltan 30.")])
    engine_ = FakeEngine()
    done(settings, opened, crew(engine_))
    assert engine_.asked == ["Faltan 30."]
    with opened() as store:
        assert store.con.execute("SELECT count(*) FROM log.translations").fetchone() == (1,)


NOW_HERE = crew(FakeEngine(name="argos", version="2"), FakeEngine(name="apertium", version="1"))


@pytest.mark.parametrize(
    ("asked", "gate", "glossary", "due"),
    [
        ("argos 2 > apertium 1", GATE_VERSION, Glossary().version, False),
        ("argos 2", GATE_VERSION, Glossary().version, False),
        ("argos 1 > apertium 1", GATE_VERSION, Glossary().version, True),
        ("apertium 1", GATE_VERSION, Glossary().version, True),
        ("argos 2 > apertium 1", "gate/0", Glossary().version, True),
        ("argos 2 > apertium 1", GATE_VERSION, "other", True),
        ("babel 9", "gate/0", "other", False),
        (None, None, None, True),
    ],
)
def test_what_makes_a_translation_out_of_date(asked: str | None, gate: str, glossary: str, due: bool) -> None:
    """A new version, a better engine, other checks, another glossary; not that its engine is away today."""
    assert out_of_date(Method("es", asked, gate, glossary), NOW_HERE) is due
    assert not out_of_date(Method("ca", asked, gate, glossary), NOW_HERE), "no engine for it is here"


def test_an_engine_that_is_away_leaves_what_it_made(settings: Settings, opened) -> None:
    """A day without the good engine does not replace its words by a worse one's."""
    with opened() as store:
        store.merge([spanish("a")])
    done(settings, opened, crew(FakeEngine(name="argos"), FakeEngine(name="apertium")))
    second = FakeEngine(name="apertium")
    done(settings, opened, crew(second))
    assert second.asked == []
    assert held(opened)["a"].engine == "argos"


def test_a_run_makes_anew_what_is_out_of_date_the_newest_first(settings: Settings, opened) -> None:
    """As many as the settings say; the next run goes on; what was goes to the history."""
    few = settings.model_copy(update={"translate": settings.translate.model_copy(update={"redo_per_run": 2})})
    with opened() as store:
        store.merge(
            [spanish(f"a{n}", f"Salieron {n + 20} presos.", published_at=NOON + timedelta(hours=n)) for n in range(3)]
        )
    done(few, opened, crew(FakeEngine(version="1")))
    done(few, opened, crew(FakeEngine(version="2")))
    assert {k: t.engine_version for k, t in held(opened).items()} == {"a0": "1", "a1": "2", "a2": "2"}
    done(few, opened, crew(FakeEngine(version="2")))
    assert {t.engine_version for t in held(opened).values()} == {"2"}
    with opened() as store:
        assert store.con.execute("SELECT engine_version, count(*) FROM log.translations GROUP BY 1").fetchall() == [
            ("1", 3)
        ]
    nothing = FakeEngine(version="2")
    done(few, opened, crew(nothing))
    assert nothing.asked == []


def test_an_engine_that_breaks_down_does_not_take_away_what_was_there(settings: Settings, opened) -> None:
    """The old translation of the same wording stays, and is due again."""

    class Broken(FakeEngine):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
            if set(texts) <= self._probes:
                return super().translate(texts, source, target)
            raise EngineError("killed")

    with opened() as store:
        store.merge([spanish("a")])
    done(settings, opened, crew(FakeEngine(version="1")))
    before = held(opened)
    counts = done(settings, opened, crew(Broken(version="2")))
    assert dict(counts.statuses) == {"pending": 1}
    assert held(opened) == before
    done(settings, opened, crew(FakeEngine(version="2")))
    assert held(opened)["a"].engine_version == "2"


def test_waiting_texts_are_taken_up_when_an_engine_comes(settings: Settings, opened) -> None:
    """Until then they are not touched again at each run."""
    with opened() as store:
        store.merge([spanish("a")])
        store.merge([replace(spanish("c", "Avui en surten 80."), lang="ca")])
    counts = done(settings, opened, crew())
    assert dict(counts.statuses) == {"pending": 2}
    assert counts.missing == {"engine for es, ca": "./atalaya translate setup --lang es --lang ca"}
    assert dict(done(settings, opened, crew()).statuses) == {}
    assert dict(done(settings, opened, crew(FakeEngine())).statuses) == {"ok": 1}
    assert {k: t.status for k, t in held(opened).items()} == {"a": "ok", "c": "pending"}


def test_what_is_missing_comes_with_one_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """By language; where engines are switched off, that is what is to be mended."""
    here = crew(FakeEngine())
    assert mends(here, ["es"], settings.translate) == {}
    assert mends(here, ["es", "gl", "ca"], settings.translate) == {
        "engine for ca, gl": "./atalaya translate setup --lang ca --lang gl"
    }
    assert mends(crew(), ["es"], settings.translate) == {"engine for es": "./atalaya translate setup"}
    assert "languages under [translate]" in mends(here, ["fr"], settings.translate)["wish for fr"]
    refused = crew(missing=(Missing("argos", "salad", "./atalaya translate setup --again", "es", refused=True),))
    assert mends(refused, ["es"], settings.translate) == {"usable argos for es": "./atalaya translate setup --again"}
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    (mend,) = mends(crew(), ["es"], settings.translate).values()
    assert "unset ATALAYA_ENGINES" in mend


# ---- spool files, for a scheduler --------------------------------------------------------------------------------


def test_chunks_can_be_translated_away_from_the_warehouse(settings: Settings, opened, tmp_path: Path) -> None:
    """Files out, files in: the result is that of the direct way, and a second try writes the same files."""
    articles = [spanish(f"a{n:03d}", f"Salieron {n + 20} presos.") for n in range(120)]
    with opened() as store:
        store.merge(articles)
    plan = plan_work(opened, settings, crew(FakeEngine()))
    paths = write_work(opened, plan, tmp_path / "spool")
    assert [p.name for p in paths] == ["todo-0000.jsonl.gz", "todo-0001.jsonl.gz", "todo-0002.jsonl.gz"]
    results = [translate_file(p, plan.crew, lambda: NOON) for p in paths]
    first = [p.read_bytes() for p in results]
    assert [translate_file(p, plan.crew, lambda: NOON).read_bytes() for p in paths] == first
    for path in results:
        merge_file(opened, path)
    by_file = held(opened)
    direct = translate_work(read_work(opened, Plan(plan.ids, plan.crew), plan.ids), plan, lambda: NOON)
    assert by_file == {t.article_id: t for t in direct.translations}
    with opened() as store:
        assert len(store.read(TranslationMemory)) == 121


def test_a_merge_repeated_changes_nothing(settings: Settings, opened) -> None:
    """The history stays empty too."""
    with opened() as store:
        store.merge([spanish("a")])
    plan = plan_work(opened, settings, crew(FakeEngine()))
    batch = translate_work(read_work(opened, plan, plan.ids), plan, lambda: NOON)
    for _ in range(2):
        merge_work(opened, [*batch.memory, *batch.translations])
    with opened() as store:
        assert store.con.execute("SELECT count(*) FROM log.translations").fetchone() == (0,)


# ---- the canary --------------------------------------------------------------------------------------------------


def test_a_broken_model_is_refused_before_it_touches_a_day(settings: Settings, opened) -> None:
    """Its texts go to the next engine, or wait with the reason; it is asked for nothing but its test sentences."""
    salad = FakeEngine(lambda t: "mainstre mainstre mainstre", name="argos", fit=False)
    with opened() as store:
        store.merge([spanish("a")])
    done(settings, opened, crew(salad, FakeEngine(name="apertium")))
    assert set(salad.asked) <= {p.text for p in canary.PROBES["es"]}
    assert held(opened)["a"].engine == "apertium"
    with opened() as store:
        store.merge([spanish("b", "Otro texto de ayer.")])
    counts = done(settings, opened, crew(salad))
    assert held(opened)["b"].checks == ("mt_canary",)
    assert counts.missing == {"usable argos for es": "./atalaya translate setup --again"}
    assert dict(done(settings, opened, crew(salad)).statuses) == {}, "it is not taken up until an engine is fit"
    assert dict(done(settings, opened, crew(FakeEngine())).statuses) == {"ok": 1}


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (lambda t: t, "lacks"),
        (lambda t: "", "lacks"),
        (lambda t: "government election " * 40, "runs on"),
        (lambda t: "the government announced new elections", "lacks"),
    ],
)
def test_what_test_sentences_tell(says: Callable[[str], str], why: str) -> None:
    """Copies, silence, repetition without end and one answer to everything are no translations."""
    found = canary.problem(FakeEngine(says, fit=False), "es", "en")
    assert found is not None and why in found


def test_an_engine_that_breaks_down_over_its_test_sentences_is_refused() -> None:
    """So is one that gives too few."""

    class Fewer(FakeEngine):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
            return []

    class Broken(FakeEngine):
        def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
            raise EngineError("cannot be loaded")

    good_ones, bad = canary.fit([Fewer(), Broken(), FakeEngine()], ["es"], "en")
    assert len(good_ones) == 1
    assert ["0 translations for 3" in b.why or "cannot be loaded" in b.why for b in bad] == [True, True]
    assert all(b.refused for b in bad)


def test_test_sentences_are_asked_only_of_engines_that_are_needed() -> None:
    """Loading a model takes seconds; one for a language that nothing waits in is left alone."""
    catalan = FakeEngine(langs=("ca",), fit=False)
    assert canary.fit([catalan], ["es"], "en") == ([], [])
    assert catalan.asked == []


def test_doctor_names_a_refused_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what it said and the command that mends it."""
    _only(monkeypatch, FakeEngine(lambda t: "salad", name="argos", fit=False))
    ran = atalaya("doctor", "--home", str(tmp_path))
    said = " ".join(ran.output.split())
    assert "failed its test sentences" in said
    assert "translate setup --again" in said


# ---- what nobody may read ----------------------------------------------------------------------------------------

POISON = "zyxpoison"


def _only(monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> None:
    """Let ``fake`` be the only engine that this machine has."""
    monkeypatch.setenv("ATALAYA_ENGINES", "argos")
    monkeypatch.setattr(engine, "ENGINES", {"argos": f"{__name__}:find_fake"})
    monkeypatch.setitem(globals(), "_FAKE", fake)


_FAKE: FakeEngine | None = None


def find_fake(sources: Sequence[str], _: TranslateSettings, __: Sequence[str] = ()) -> Iterator[Engine]:
    """Find the engine of the test."""
    assert _FAKE is not None
    yield _FAKE


def _places_of(word: str, database: Path) -> list[str]:
    """Return table and column of every text in a snapshot that holds ``word``."""
    with duckdb.connect(str(database), read_only=True) as con:
        columns = con.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        return [
            f"{schema}.{table}.{column}"
            for schema, table, column in columns
            if con.execute(
                f'SELECT count(*) FROM "{schema}"."{table}" WHERE contains(lower("{column}"::VARCHAR), ?)', [word]
            ).fetchone() != (0,)
        ]  # fmt: skip


def _by_status(home: Path) -> dict[str, int]:
    """Return how many texts that engines had in hand ended in which status."""
    with duckdb.connect(str(home / "news.duckdb"), read_only=True) as con:
        sql = "SELECT status, count(*) FROM translations WHERE engine IS NOT NULL GROUP BY 1"
        return dict(con.execute(sql).fetchall())


def _bad(text: str) -> str:
    """Fail in one of two ways: words without end, or a number from nowhere."""
    return f"{POISON} " * 30 if len(text) % 2 else f"{POISON} {text} 987654"


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo with an engine that fails at everything but its test sentences."""
    home = tmp_path_factory.mktemp("poisoned") / "home"
    with pytest.MonkeyPatch.context() as patch:
        _only(patch, FakeEngine(_bad, name="argos"))
        return Demo(home, atalaya("demo", "--home", str(home)))


def test_no_word_of_a_failed_translation_is_anywhere(poisoned: Demo) -> None:
    """Not in a table, a view, the history, the search index, a report or on the screen; stories are as without it."""
    assert POISON not in poisoned.ran.output
    assert "stories: 25 of 25" in poisoned.ran.output
    by_status = _by_status(poisoned.home)
    with duckdb.connect(str(poisoned.home / "news.duckdb"), read_only=True) as con:
        title = con.execute("SELECT count(*) FROM v_stories WHERE title_en_origin = 'machine'").fetchone()
    assert set(by_status) == {"quarantined"}
    assert by_status["quarantined"] > 50
    assert title == (0,)
    assert _places_of(POISON, poisoned.home / "news.duckdb") == []
    beyond = {"warehouse.duckdb", "warehouse.duckdb.wal"}  # its memory keeps what engines said, for whoever mends them
    files = [f for f in poisoned.home.rglob("*") if f.is_file() and f.name not in beyond]
    assert [f for f in files if POISON.encode() in f.read_bytes()] == []


def test_a_failed_sentence_of_a_good_text_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is partial: that sentence is in its own language, marked, and the rest in English."""

    def now_and_then(text: str) -> str:
        return f"{POISON} " * 30 if len(text) % 11 == 0 else faithful(text)

    _only(monkeypatch, FakeEngine(now_and_then, name="argos"))
    home = tmp_path / "home"
    atalaya("demo", "--home", str(home))
    with duckdb.connect(str(home / "news.duckdb"), read_only=True) as con:
        marked = con.execute("SELECT count(*) FROM v_articles WHERE contains(text_en, '[es] ')").fetchone()
    assert marked is not None and marked[0] > 0
    assert _places_of(POISON, home / "news.duckdb") == []


def test_retry_mends_what_failed(poisoned: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quarantined texts come out once an engine does better, though its version is the same; others are untouched."""
    home = tmp_path / "home"
    shutil.copytree(poisoned.home, home)
    before = _by_status(home)
    _only(monkeypatch, FakeEngine(faithful, name="argos"))
    ran = atalaya("translate", "retry", "--home", str(home), "--status", "pending")
    assert "nothing to do" in ran.output
    ran = atalaya("translate", "retry", "--home", str(home), "--status", "quarantined")
    assert ran.status == 0
    after = _by_status(home)
    assert after["quarantined"] < before["quarantined"] == sum(before.values())
    assert sum(after.values()) == sum(before.values())
    assert atalaya("translate", "retry", "--home", str(home), "--status", "fine").status == 2


def test_retry_without_an_engine_says_so(settings: Settings, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is touched."""
    with opened() as store:
        store.merge([spanish("a"), translation("a", "partial")])
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    lines = retry_translations(settings, ["partial"], LONG_AGO, QuietReporter())
    assert "there is no engine" in lines[0]
    assert held(opened)["a"] == translation("a", "partial")
