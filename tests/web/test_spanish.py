"""The Spanish page speaks Spanish where codes are shown; what is a copy says so; wide tables show that they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.reasons import REASONS
from pipeline.web.words import catalogue
from tests.web.conftest import Served
from tests.web.test_told import text_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_explained_in_both_languages(code: str) -> None:
    """In a sentence of its own in each; the English is the one of the table."""
    english, spanish = catalogue("en")[f"reason.{code}"], catalogue("es")[f"reason.{code}"]
    assert english == REASONS[code].meaning
    assert spanish.endswith(".") and spanish != english


def test_what_was_dropped_is_told_in_spanish(served: Served) -> None:
    """Meanings, stages and states, in the list and on the pages of outlets."""
    drops = text_of(served.get("/es/drops").text)
    assert "La entrada no tiene enlace ni guid. entrada apartado" in drops
    assert "Otra entrada de este medio tiene la misma URL canónica. entrada duplicado" in drops
    assert "Sin conexión: el nombre no se resuelve o nadie responde. canal falló" in drops
    assert "unreachable Sin conexión: el nombre" in text_of(served.get("/es/sources").text)
    for page in ("/es/drops", "/es/sources"):
        assert not [r.code for r in REASONS.values() if r.meaning in text_of(served.get(page).text)]
    assert "Another entry of this source has the same canonical URL. entry duplicate" in text_of(
        served.get("/en/drops").text
    )


def test_a_hit_that_is_a_copy_says_of_what(served: Served) -> None:
    """As the timeline of a story does: copied verbatim from an agency; a text of its own has no such word."""
    words = served.value(
        "SELECT title FROM v_articles WHERE copy_kind = 'verbatim' AND agency = 'agencia-tepuy' ORDER BY 1 LIMIT 1"
    ).replace('"', "")
    for lang, said in (("en", "verbatim copy: Agencia Tepuy"), ("es", "copia literal: Agencia Tepuy")):
        assert said in text_of(served.get(f"/{lang}/search", params={"q": f'"{words}"'}).text)


@pytest.mark.browser
def test_wide_tables_fit_or_show_that_they_go_on(browser: Browser, served: Served) -> None:
    """At 1280 all columns of a story's outlets are seen; on a phone the box scrolls and has a shade at its edge."""
    story = served.value("SELECT story_id FROM v_stories ORDER BY article_count DESC LIMIT 1")
    wide = browser.new_page(viewport={"width": 1280, "height": 900})
    for lang in ("en", "es"):
        wide.goto(f"{served.base}/{lang}/stories/{story}")
        assert wide.evaluate("(b => b.scrollWidth <= b.clientWidth)(document.querySelector('#outlets .scroll'))")
    wide.close()
    phone = browser.new_page(viewport={"width": 390, "height": 800})
    for path in (f"/stories/{story}", "/matrix", "/sources"):
        phone.goto(f"{served.base}/es{path}")
        style = "(b => [b.scrollWidth > b.clientWidth, getComputedStyle(b).backgroundAttachment])"
        assert phone.evaluate(f"{style}(document.querySelector('.scroll'))") == [True, "local, local, scroll, scroll"]
    phone.close()
