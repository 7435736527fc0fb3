"""Beats: what an article is about, whatever country its outlet is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.beats import BeatError, beats_of, load_beats, tag_beats
from pipeline.settings import BUILTIN_CONFIG
from tests.unit.topic_texts import article

BEATS = load_beats(BUILTIN_CONFIG / "beats.toml")
FILLER = "La comisión debatió el reglamento y los vecinos preguntaron por las obras de la avenida principal. " * 30


def on_beat(title: str, text: str = "") -> bool:
    return [b for b, _, _ in beats_of(title, text, BEATS)] == ["venezuela"]


@pytest.mark.parametrize(
    "title",
    [
        "Los presos políticos salen de El Helicoide",
        "Venezuelan opposition calls for elections",
        "PDVSA retoma exportaciones",
        "La Vinotinto cae en la eliminatoria",
        "Apagón deja sin luz a Maracaibo",
        "Els veneçolans de Barcelona celebren",
        "Washington and Caracas resume flights",
        "Madurismo y oposición se reúnen",
    ],
)
def test_a_title_that_names_the_country_its_people_or_its_state_is_enough(title: str) -> None:
    """In Spanish, English and Catalan."""
    assert on_beat(title, FILLER)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Masacre en el sur de Bolívar", "En el departamento de Bolívar, Colombia, hubo un ataque."),
        ("Incendio en la calle Caracas", "Los bomberos acudieron a la calle Caracas, en Chamberí."),
        ("El alcalde de Miraflores inaugura un parque", "En el distrito de Miraflores, en Lima, hay un nuevo parque."),
        ("Un queso maduro gana el premio", "El queso maduro de oveja se impuso en la feria."),
        ("Juegos Bolivarianos: Colombia lidera", "Los Juegos Bolivarianos terminan en Lima."),
        ("El Valencia vence al Barcelona", "El Valencia ganó en Mestalla; el Barcelona perdió el liderato en Mérida."),
    ],
)
def test_names_that_only_look_venezuelan_do_not_count(title: str, text: str) -> None:
    """Streets, namesakes, ripe cheese and other countries' Bolívar."""
    assert not on_beat(title, text)


def test_a_mention_in_the_last_paragraph_is_not_a_beat() -> None:
    """A name in passing at the end of an unrelated article carries nothing."""
    assert not on_beat("El pleno aprueba el presupuesto", FILLER + "El año pasado visitó Venezuela.")
    assert not on_beat("Oil prices rise", FILLER + "Supply from Venezuela and Iran fell. Venezuela is a member.")


def test_many_mentions_further_down_are_a_beat() -> None:
    """An article whose title is coy and whose body is full of it is on the beat."""
    body = (
        "Los venezolanos cruzan a diario. El gobierno de Caracas no responde a las preguntas de la prensa local. " * 8
    )
    assert on_beat("Crónica de una espera", FILLER[:600] + body)


def test_weak_terms_alone_are_no_beat() -> None:
    """Sanctions, the National Assembly and political prisoners exist elsewhere."""
    assert not on_beat("National Assembly debates sanctions", "Political prisoners and Trump were mentioned.")


def test_rows_hold_score_evidence_and_version() -> None:
    """What made the judge say so is kept with the row."""
    rows = tag_beats([article("a", "Caracas despierta", "En Caracas amaneció."), article("b", "Lisboa", "x")], BEATS)
    assert [(r.article_id, r.beat) for r in rows] == [("a", "venezuela")]
    assert 0.5 <= rows[0].score <= 1
    assert rows[0].evidence == ("Caracas (title 1, lead 1)",)
    assert rows[0].method_version == BEATS.method_version


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no [[beat]]"),
        ('[[beat]]\nid = "x"\nname_en = "X"\nname_es = "X"\n', "beat x: strong"),
        ('[[beat]]\nid = "x"\nname_en = "X"\nname_es = ""\nstrong = ["abc"]\n', "beat x: name_es"),
        ('[[beat]]\nid = "x"\nname_en = "X"\nname_es = "X"\nstrong = ["a*"]\n', "beat x: strong: term 'a*'"),
        (
            '[[beat]]\nid = "x"\nname_en = "X"\nname_es = "X"\nstrong = ["abc"]\nstron = 1\n',
            "stron: no such field. Did",
        ),
        ("[[beat]\n", "not valid TOML"),
        ("[beat]\n", "with two brackets"),
        ("[[baet]]\n", "baet: no such section; everything here is declared as [[beat]]. Did you mean beat?"),
    ],
)
def test_a_bad_file_is_refused_with_file_beat_and_field(tmp_path: Path, text: str, words: str) -> None:
    """The message says where to look."""
    file = tmp_path / "beats.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BeatError, match=r"beats\.toml") as error:
        load_beats(file)
    assert words in str(error.value)
