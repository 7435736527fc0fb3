"""Lines that are furniture by their words, lines that only look like it, and what is learnt per source."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.furniture import (
    drop_learnt,
    is_about_author,
    is_above_text,
    is_furniture,
    learn_furniture,
    paragraph_hash,
    strip_relative_date,
)


@pytest.mark.parametrize(
    "line",
    [
        "Lea también: Otra noticia de ayer", "LEE TAMBIÉN | Otra noticia", "Lea más: Otra noticia", "Vea también:",
        "También te puede interesar", "Te recomendamos", "Le puede interesar:", "PUEDES VER: ¿Qué es la otra ley?",
        "Escucha esta nota aquí",
        "Para leer más, clic AQUÍ.",
        "— Nuria Sala (@nuriasala) May 4, 2026", "Publicado: jueves, 5 de marzo", "Temas", "Temas relacionados",
        "Etiquetas", "Tags: puertos, pesca", "Noticias relacionadas", "Lo más leído",
        "Read more:", "READ MORE: Another story", "See also: Another story", "Related stories",
        "RELATED: Another story",
        "Sign up for our newsletter",
        "Subscribe now to read the full story.", "Click here to read on.",
        "Hazte socio", "Suscríbete", "Ya eres suscriptor? Inicia sesión", "Síguenos en Twitter",
        "To view the full story, please subscribe to the paper.",
        "We want to hear what you think about this article.",
        "Credit:", "Foto: EFE", "Crédito: Archivo", "Photo by A. Person", "Publicidad", "ADVERTISEMENT", "Compartir",
        "12 comentarios", "Deja tu comentario", "Leave a reply", "hace 3 horas", "3wks ago", "2 days ago",
        "5 min read",
        "Attach Product", "Cancel", "You have a new feedback message", "___", "47", "***", "© 2026 Faro Ejemplo",
        "Our Standards: The Faro Trust Principles.", "Descarga nuestra app", "Únete a nuestro canal de Telegram",
    ],
)  # fmt: skip
def test_furniture_is_told(line: str) -> None:
    """Prompts, labels, credits, buttons, counters and ages."""
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "El diario lanzó un boletín semanal que leen cuarenta mil personas en la costa.",
        "La ministra compartió este jueves los datos con los alcaldes de la comarca.",
        "Lea Torres, jueza de la sala tercera, firmó el auto.",
        "Vea usted, me dijo el pescador, que aquí ya no queda sardina.",
        "Los comentarios del gobernador molestaron a la oposición.",
        "Foto fija de un país que envejece: uno de cada cuatro vecinos tiene más de sesenta y cinco años.",
        "Hace tres semanas el puerto estaba cerrado y los barcos esperaban fuera de la bocana.",
        "La publicidad institucional creció un doce por ciento el año pasado.",
        "She cancelled the meeting, and the submission was withdrawn.",
        "Related charges against two officials were dropped on Monday.",
        "He was asked to share this information with prosecutors before the hearing, and refused to do so twice.",
        "“No”, respondió.",
        "Video footage showed the boat listing to port.",
    ],
)
def test_sentences_about_such_things_stay(line: str) -> None:
    """An article about newsletters, comments or photographs keeps its sentences."""
    assert not is_furniture(line)


def test_notes_about_the_author_are_told() -> None:
    """Meaningful only at the end of a text, where the caller asks."""
    assert is_about_author("Ann Person is a staff writer for the Daily Example covering ports.")
    assert is_about_author("Periodista. Puerto Ejemplo, 1984. Graduada en 2007.")
    assert is_about_author("Sigue a Nuria Sala en Twitter.")
    assert not is_about_author("The boat is a wreck, and nobody knows who owns it.")


def test_lines_above_the_text_are_told() -> None:
    """Kickers, bylines and datelines; a short sentence is the beginning of the text."""
    for line in ("Santa Cruz", "Por la redacción", "Nuria Sala 3/5/2026 22:41", "Nuria Sala | Puerto Ejemplo, hoy"):
        assert is_above_text(line, ("Nuria Sala",))
    for line in (
        "La ley salió adelante.",
        "Por Agencia EFE",
        "Una norma esperada por los alcaldes de la costa",
        "“Nunca más”",
    ):
        assert not is_above_text(line, ("Nuria Sala",))


def test_ages_are_stripped_from_titles() -> None:
    """Only at the end, only behind a separator."""
    assert strip_relative_date("Ports law passes - 3wks ago") == "Ports law passes"
    assert strip_relative_date("La ley sale adelante | hace 2 horas") == "La ley sale adelante"
    assert strip_relative_date("What we knew 3 weeks ago") == "What we knew 3 weeks ago"


def test_furniture_is_what_stands_on_several_pages() -> None:
    """From three pages on."""
    assert learn_furniture({"a": 1, "b": 2, "c": 3, "d": 40}) == {"c", "d"}
    assert learn_furniture(Counter({"a": 5}), min_pages=6) == frozenset()


LONG = "Un párrafo de contexto que el diario repite entero en cada crónica sobre la ley de puertos de la costa norte."


def test_learnt_paragraphs_go_but_background_inside_the_text_stays() -> None:
    """Repeated paragraphs of some length go at the tail only; elsewhere they are lead or background. Short ones go."""
    text = [LONG, "Primero.", LONG, "Aviso corto.", "Segundo.", "Aviso corto.", LONG]
    known = {paragraph_hash(LONG), paragraph_hash("AVISO  corto")}
    assert drop_learnt(text, known) == [LONG, "Primero.", LONG, "Segundo."]
    assert drop_learnt(text, ()) == text
    assert drop_learnt([LONG, LONG], known) == []


@given(st.lists(st.text(max_size=40), max_size=12), st.sets(st.integers(0, 11)))
def test_dropping_never_adds_or_reorders(text: list[str], picks: set[int]) -> None:
    """What is left is a subsequence that holds everything not learnt."""
    known = {paragraph_hash(text[i]) for i in picks if i < len(text)}
    left = drop_learnt(text, known)
    rest = iter(text)
    assert all(any(line == other for other in rest) for line in left)
    assert [x for x in left if paragraph_hash(x) not in known] == [x for x in text if paragraph_hash(x) not in known]
