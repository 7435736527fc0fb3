"""Topics of articles and stories: terms and vectors together, with the evidence kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import pytest

from pipeline.beats import load_beats, tag_beats
from pipeline.identity.embed import Embedder
from pipeline.identity.features import compute_features
from pipeline.settings import BUILTIN_CONFIG
from pipeline.topics import (
    TopicError,
    best_level1,
    body_sentences,
    level1_scores,
    load_topics,
    tag_articles,
    tag_stories,
)
from storage.ids import text_group_id
from storage.records import Article, ArticleTopic
from tests.unit.topic_texts import article

TOPICS = load_topics(BUILTIN_CONFIG / "topics.toml")
POLITICS, CRIME, ECONOMY, SPORT = "medtop:11000000", "medtop:02000000", "medtop:04000000", "medtop:15000000"

# One text per local topic of the beat, in both languages; all invented.
PAIRS = [
    ("medtop:20000648", "Excarcelan a doce presos políticos", "Twelve political prisoners are released"),
    ("medtop:20000137", "Motín en la cárcel deja tres heridos", "Riot in the prison leaves three injured"),
    ("medtop:20001320", "Denuncian torturas a los detenidos", "Detainees say they were tortured"),
    ("medtop:20000592", "Informe de la ONU sobre derechos humanos", "United Nations report on human rights"),
    ("medtop:20000642", "Washington alivia las sanciones", "Washington eases sanctions"),
    ("medtop:20001243", "Sube la producción de petróleo", "Oil output rises"),
    ("ata:us-strikes", "Ataque estadounidense hunde una lancha", "US strike sinks a boat"),
    ("medtop:20000599", "Las fuerzas armadas relevan a su mando", "The armed forces replace their command"),
    ("medtop:20000639", "Reabre la embajada tras siete años", "The embassy reopens after seven years"),
    ("medtop:20000574", "Piden fecha para las elecciones", "Calls for an election date"),
    ("medtop:20001384", "El PSUV cambia de dirección", "The PSUV changes its leadership"),
    ("medtop:20000096", "Caso de narcotráfico contra un coronel", "Drug trafficking case against a colonel"),
    ("medtop:20000111", "El juicio empieza el lunes", "The trial begins on Monday"),
    (
        "medtop:20000128",
        "La Corte Penal Internacional cita a un general",
        "International Criminal Court summons a general",
    ),
    ("medtop:20000772", "La diáspora venezolana envía remesas", "The Venezuelan diaspora sends money home"),
    ("ata:deportations", "Llega un vuelo con deportados", "A flight with deportees lands"),
    ("ata:dollar", "El dólar paralelo se dispara", "The parallel dollar soars"),
    ("medtop:20000370", "La inflación se acelera", "Inflation speeds up"),
    ("medtop:20000368", "Plan para reestructurar la deuda externa", "Plan to restructure the foreign debt"),
    ("medtop:20000518", "Maestros piden mejores salarios", "Teachers ask for better wages"),
    ("ata:blackouts", "Apagón en once municipios", "Blackout in eleven districts"),
    ("medtop:20000591", "La libertad de prensa retrocede", "Press freedom is losing ground"),
    ("ata:essequibo", "Nueva audiencia por el Esequibo", "New hearing on Essequibo"),
    ("ata:transition", "La transición política se alarga", "The political transition drags on"),
    ("ata:amnesty", "El Parlamento debate la amnistía", "Parliament debates the amnesty"),
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(threads=1)


def tags(articles: list[Article], embedder: Embedder | None) -> dict[str, dict[str, ArticleTopic]]:
    features = {f.article_id: f for f in compute_features(articles, embedder)} if embedder else {}
    found: dict[str, dict[str, ArticleTopic]] = {}
    for tag in tag_articles(articles, features, TOPICS, embedder):
        found.setdefault(tag.article_id, {})[tag.topic_id] = tag
    return found


def test_every_topic_of_the_beat_is_found_alike_in_spanish_and_english() -> None:
    """The terms of each topic stand in both languages, and its level-1 ancestor comes with it."""
    articles = [
        article(f"{t}/{lang}", text, "", lang) for t, es, en in PAIRS for lang, text in (("es", es), ("en", en))
    ]
    found = tags(articles, None)
    for topic, _, _ in PAIRS:
        for lang in ("es", "en"):
            own = found[f"{topic}/{lang}"]
            assert topic in own, (topic, lang, sorted(own))
            assert TOPICS.top(topic) in own, (topic, lang)


def test_all_level_1_topics_are_there_with_their_definitions() -> None:
    """IPTC has seventeen."""
    assert len(TOPICS.level1) == 17
    for topic_id in TOPICS.level1:
        spec = TOPICS.specs[topic_id]
        assert spec.definition_en and spec.definition_es, topic_id


def test_records_stand_parents_first() -> None:
    """So that a table with a parent column can be filled in order."""
    seen: set[str] = set()
    for topic in TOPICS.records():
        assert topic.parent_id is None or topic.parent_id in seen
        seen.add(topic.topic_id)


def test_codes_names_and_parents_are_iptcs(corpora: Path) -> None:
    """Every medtop code is a current concept of the vocabulary, under its own English name and parent."""
    import json

    rows = (corpora / "iptc-mediatopics" / "mediatopics_en_es.jsonl").read_text(encoding="utf-8").splitlines()
    concepts = {r["qcode"]: r for r in map(json.loads, rows)}
    for topic in TOPICS.records():
        if topic.topic_id.startswith("medtop:"):
            concept = concepts[topic.topic_id]
            assert not concept["retired"], topic.topic_id
            assert (topic.name_en, topic.parent_id, topic.level) == (
                concept["name_en"], concept["parent"], concept["level"],
            )  # fmt: skip
            assert topic.name_es == (concept["name_es"] or topic.name_es)


def test_the_vectors_speak_where_no_term_does(embedder: Embedder) -> None:
    """A text without any listed term still gets the topic it reads like, and says why."""
    spanish = "La embarcación cruzó la meta con dos segundos de ventaja sobre los vascos."
    english = "The boat crossed the line two seconds ahead of the Basques."
    texts = [
        article("a", "Los remeros gallegos ganan la regata", spanish),
        article("b", "Galician rowers take the regatta", english, "en"),
    ]
    found = tags(texts, embedder)
    for key in ("a", "b"):
        assert next(iter(found[key])) == SPORT
        assert found[key][SPORT].evidence == (f"nearest: {TOPICS.definition(SPORT, 'es' if key == 'a' else 'en')}",)


def test_the_same_text_in_both_languages_has_the_same_first_topic(embedder: Embedder) -> None:
    """The analyst's filters work alike on both."""
    pairs = [
        ("El banco central sube los tipos de interés", "The central bank raises interest rates"),
        ("El ministro presenta su dimisión al presidente", "The minister hands the president his resignation"),
        ("Los médicos piden más vacunas contra el sarampión", "Doctors ask for more measles vaccines"),
        ("La actriz gana el premio del festival de cine", "The actress wins the film festival's award"),
        ("Detienen a dos sospechosos del asesinato", "Two murder suspects are arrested"),
    ]
    texts = [
        article(f"{i}{lang}", t, t, lang) for i, p in enumerate(pairs) for lang, t in zip(("es", "en"), p, strict=True)
    ]
    features = {f.article_id: f for f in compute_features(texts, embedder)}
    best = best_level1(texts, features, TOPICS)
    assert best[0::2] == best[1::2] == [ECONOMY, POLITICS, "medtop:07000000", "medtop:01000000", CRIME]


def test_money_is_economy_whoever_decides_on_it(embedder: Embedder) -> None:
    """Economy holds budgets, club takeovers and drug firms; a government's budget is politics as well."""
    pairs = [
        (
            "El Gobierno presenta un presupuesto con menos impuestos y más déficit",
            "El ministro de Hacienda calcula que la deuda subirá dos puntos y que la economía crecerá menos.",
            "Government presents a budget with lower taxes and a larger deficit",
            "The finance minister reckons that debt will go up two points and that the economy will grow less.",
        ),
        (
            "Un fondo ofrece doscientos millones por el club de fútbol",
            "Los accionistas decidirán si venden; las acciones suben un nueve por ciento en la bolsa.",
            "Fund offers two hundred million for the football club",
            "Shareholders will decide whether to sell; the shares rise nine per cent on the stock exchange.",
        ),
        (
            "La farmacéutica pierde ventas y recorta su previsión de beneficios",
            "El laboratorio ingresó menos por sus vacunas y sus acciones caen en la bolsa.",
            "Drug maker loses sales and cuts its profit forecast",
            "The company took in less from its vaccines and its shares fall on the stock exchange.",
        ),
    ]
    texts = [
        article(f"{i}{lang}", title, text, lang)
        for i, p in enumerate(pairs)
        for lang, title, text in (("es", *p[:2]), ("en", *p[2:]))
    ]
    features = {f.article_id: f for f in compute_features(texts, embedder)}
    assert best_level1(texts, features, TOPICS) == [ECONOMY] * len(texts)
    found = tags(texts, embedder)
    for key in ("0es", "0en"):
        assert {POLITICS, "medtop:20000620"} <= set(found[key])


def test_a_text_that_says_nothing_has_no_topic() -> None:
    """Rather no tag than a guess."""
    empty = article("a", "", "")
    assert tag_articles([empty], {}, TOPICS) == []
    assert best_level1([empty], {}, TOPICS) == [None]


def test_scores_are_shares_and_evidence_is_never_empty(embedder: Embedder) -> None:
    """Each row can be shown as it is."""
    rows = tags([article("a", "El juicio por narcotráfico", "La fiscalía acusa. El petróleo sube.")], embedder)["a"]
    for row in rows.values():
        assert 0 < row.score <= 1
        assert row.evidence and all(row.evidence)
        assert row.method_version == TOPICS.version


def test_the_answer_does_not_depend_on_the_company(embedder: Embedder) -> None:
    """An article is tagged alike alone, among others, and in any order."""
    texts = [article(str(i), es, en) for i, (_, es, en) in enumerate(PAIRS[:6])]
    together = tags(texts, embedder)
    for text in reversed(texts):
        assert tags([text], embedder)[text.article_id] == together[text.article_id]


def test_an_amnesty_is_not_amnesty_international() -> None:
    """Shields keep namesakes apart; so do clinical trials, tennis courts and olive oil."""
    found = tags(
        [
            article("a", "Amnistía Internacional publica su informe", ""),
            article("b", "Clinical trial of olive oil begins", "", "en"),
            article("c", "Final on the tennis court", "", "en"),
        ],
        None,
    )
    assert "ata:amnesty" not in found.get("a", {})
    assert {"medtop:20000111", "medtop:20001243"}.isdisjoint(found.get("b", {}))
    assert "medtop:20000107" not in found.get("c", {})


def test_a_story_has_the_topics_of_a_third_of_its_articles() -> None:
    """One stray tag among many articles does not become the story's."""

    def tag(key: str, topic: str, score: float) -> ArticleTopic:
        return ArticleTopic(key, topic, score, (f"term {key}",), "v")

    by_article = {
        "a": [tag("a", POLITICS, 0.9), tag("a", CRIME, 0.8)],
        "b": [tag("b", POLITICS, 0.5)],
        "c": [tag("c", POLITICS, 0.4)],
        "d": [],
    }
    rows = tag_stories({"s": ["a", "b", "c", "d"], "empty": []}, by_article)
    assert [(r.story_id, r.topic_id, r.score) for r in rows] == [("s", POLITICS, 0.45)]
    assert rows[0].evidence == ("3 of 4 articles", "term a")


def test_copies_of_one_text_count_once() -> None:
    """A report printed by nine outlets does not outvote the two that wrote their own."""
    copies = [f"copy {i}" for i in range(9)]
    by_article = {i: [ArticleTopic(i, SPORT, 0.6, ("a term",), "v")] for i in copies}
    by_article |= {i: [ArticleTopic(i, POLITICS, 0.9, ("b term",), "v")] for i in ("own 1", "own 2")}
    groups = dict.fromkeys(copies, "t1")
    rows = tag_stories({"s": [*copies, "own 1", "own 2"]}, by_article, groups)
    assert [(r.topic_id, r.score, r.evidence) for r in rows] == [
        (POLITICS, 0.6, ("2 of 11 articles, 2 of 3 texts", "b term")),
        (SPORT, 0.2, ("9 of 11 articles, 1 of 3 texts", "a term")),
    ]


def test_an_original_is_of_one_text_with_its_copies() -> None:
    """Only copies are recorded as such; the text they repeat, where it is held, is no text more."""
    by_article = {i: [ArticleTopic(i, SPORT, 0.6, ("a term",), "v")] for i in ("original", "copy 1", "copy 2")}
    groups = dict.fromkeys(("copy 1", "copy 2"), text_group_id("original"))
    rows = tag_stories({"s": [*by_article, "own"]}, by_article, groups)
    assert [(r.score, r.evidence) for r in rows] == [(0.3, ("3 of 4 articles, 1 of 2 texts", "a term"))]


def test_the_body_decides_where_title_and_lead_leave_doubt(embedder: Embedder) -> None:
    """An opening that could be of anything, and sentences after it that could not; a sure opening is not read on."""
    lead = "Sucedió el martes por la tarde. Nadie lo esperaba. Así lo cuentan quienes estaban allí."
    match = " ".join(
        (
            "La tripulación gallega cruzó primero la meta.", "Remaron contra el viento hasta la última boya.",
            "Los vascos llegaron segundos por un suspiro.", "El timonel levantó los brazos.",
        )
    )  # fmt: skip
    text = article("a", "Lo que pasó aquella tarde", f"{lead} {match}")
    bare = compute_features([text], embedder)[0]
    assert body_sentences(text)[0].startswith("La tripulación")
    assert len(body_sentences(text)) == 4
    alone, read = (level1_scores([text], {"a": bare}, TOPICS, e)[0] for e in (None, embedder))
    assert read[SPORT] > alone[SPORT] and max(read, key=lambda t: read[t]) == SPORT

    class Refusing(Embedder):
        def encode(self, texts: object) -> NoReturn:
            raise AssertionError(f"asked to read {texts}")

    sure = article("b", "El delantero marca dos goles y su equipo gana la final de la liga", f"{lead} {match}")
    [features] = compute_features([sure], embedder)
    assert best_level1([sure], {"b": features}, TOPICS, Refusing()) == [SPORT]


GOOD = '[[topic]]\nid = "medtop:11000000"\nname_en = "politics"\nname_es = "Política"\nlevel = 1\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no [[topic]]"),
        ("[[topic]\n", "not valid TOML"),
        (GOOD.replace("medtop:11000000", "medtop:11"), "topic number 1: id"),
        (GOOD + GOOD, "medtop:11000000: id: declared twice"),
        (GOOD.replace('"Política"', '""'), "medtop:11000000: name_es"),
        (GOOD.replace("level = 1", "level = true"), "medtop:11000000: level"),
        (GOOD + 'terms_es = ["a*"]\n', "medtop:11000000: terms_es: term 'a*'"),
        (GOOD + 'terms_es = "ley"\n', "medtop:11000000: terms_es: must be a list"),
        (GOOD + 'term_es = ["ley"]\n', "medtop:11000000: term_es: no such field. Did you mean terms_es?"),
        (GOOD + '[[topics]]\nid = "ata:x"\n', "topics: no such section"),
        ("version = 3\n" + GOOD, "version: no such section"),
        (GOOD.replace("level = 1", "level = 2"), "medtop:11000000: parent"),
        (GOOD + 'parent = "medtop:12000000"\n', "medtop:11000000: parent: medtop:12000000 is not declared"),
        (
            GOOD + '[[topic]]\nid = "ata:x"\nname_en = "x"\nname_es = "x"\nparent = "medtop:11000000"\nlevel = 3\n',
            "ata:x: level: must be 2",
        ),
    ],
)
def test_a_bad_file_is_refused_with_file_topic_and_field(tmp_path: Path, text: str, words: str) -> None:
    """The message says where to look."""
    file = tmp_path / "topics.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TopicError, match=re.escape(words)) as error:
        load_topics(file)
    assert str(file) in str(error.value)


def test_a_new_term_is_one_edit_and_changes_the_version(tmp_path: Path) -> None:
    """What `reprocess topics` goes by."""
    text = (BUILTIN_CONFIG / "topics.toml").read_text(encoding="utf-8")
    file = tmp_path / "topics.toml"
    file.write_text(text.replace('"amnistía", ', '"amnistía", "perdonazo", ', 1), encoding="utf-8")
    edited = load_topics(file)
    assert edited.version != TOPICS.version
    assert "ata:amnesty" in {t.topic_id for t in tag_articles([article("a", "El perdonazo", "")], {}, edited)}


def test_the_article_that_started_the_project(corpora: Path, embedder: Embedder) -> None:
    """Its topics are politics, human rights, prisons and international relations; it is on the beat."""
    file = next(f for f in sorted((corpora / "seed-article").iterdir()) if f.name != "ABOUT.md" and f.is_file())
    title, _, text = file.read_text(encoding="utf-8").partition("\n")
    seed = article("seed", title.partition(" - ")[0], text.strip(), "en")
    found = tags([seed], embedder)["seed"]
    assert {POLITICS, "medtop:20000592", "medtop:20000137", "medtop:20000638", "medtop:20000648"} <= set(found)
    assert next(iter(found)) == POLITICS
    assert [b.beat for b in tag_beats([seed], load_beats(BUILTIN_CONFIG / "beats.toml"))] == ["venezuela"]
