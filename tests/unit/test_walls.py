"""Walled pages give no text, articles that mention subscriptions do."""

from __future__ import annotations

import pytest

from pipeline.extract import extract_page
from pipeline.steps import PageInput
from pipeline.walls import TEASER_WORDS, wall_in

TEASER = "Bajaron del avión por la puerta trasera, sin cámaras, y tardaron una hora en cruzar."


@pytest.mark.parametrize(
    "words",
    [
        "Para seguir leyendo, hazte suscriptor",
        "Contenido exclusivo para suscriptores",
        "Suscríbete para leer el artículo completo",
        "Subscribe to continue reading",
        "Per continuar llegint, fes-te'n subscriptor",
    ],
)
def test_a_wall_is_known_by_its_words(words: str) -> None:
    """A teaser with an invitation to subscribe is a wall, in three languages."""
    assert wall_in(TEASER, f"{TEASER}\n{words}", declared=False)


def test_a_page_that_is_not_free_is_a_wall_where_its_text_breaks_off() -> None:
    """The page's own word counts against a text that is cut short, not against a brief or a whole text."""
    assert wall_in(f"{TEASER} Los…", TEASER, declared=True)
    assert wall_in(f"{TEASER} Los…", TEASER, declared=False) is None
    assert wall_in(TEASER, TEASER, declared=True) is None
    assert wall_in("palabra " * TEASER_WORDS + "…", "para seguir leyendo", declared=True) is None


def test_a_walled_page_is_thin_and_an_open_one_is_not() -> None:
    """Through the whole extraction."""

    def page(free: str) -> PageInput:
        said = f'{{"@type": "NewsArticle", "headline": "Aterrizan los liberados", "isAccessibleForFree": {free}}}'
        body = (
            f'<html><head><script type="application/ld+json">{said}</script></head>'
            f"<body><article><h1>Aterrizan los liberados</h1><p>{TEASER} Los…</p></article></body></html>"
        ).encode()
        return PageInput("k", "https://x.example/a", body, "text/html; charset=utf-8", "x", languages=("es",))

    walled = extract_page(page("false"))
    assert (walled.reason, walled.text) == ("thin", "")
    assert "not free" in (walled.detail or "")
    assert extract_page(page("true")).reason == "ok"
