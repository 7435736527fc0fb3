"""What the list of digests says of each, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.digest import due_at, judge
from pipeline.settings import DigestSettings
from pipeline.web.views_reports import note_in_words
from pipeline.web.words import Words
from tests.cli import atalaya
from tests.web.conftest import serving

ASKED = DigestSettings()
MORNING = date(2026, 1, 9)
DUE = due_at(MORNING, ASKED)


@pytest.mark.parametrize("unplaced", [0, 1, 2])
@pytest.mark.parametrize("hours", [-30, 0, 5])
@pytest.mark.parametrize("ran", [None, 20, 0])
def test_every_note_has_words_in_both_languages(unplaced: int, hours: int, ran: int | None) -> None:
    """Nothing that `judge` notes stays in English on the Spanish page, or says twice when it was made."""
    now = DUE + timedelta(hours=hours)
    note = judge(MORNING, now, None if ran is None else now - timedelta(hours=ran), unplaced, ASKED)[1]
    told = {lang: note_in_words(note, Words(lang)).split("; ") for lang in ("en", "es")}
    parts = note.split("; ")
    assert len(told["en"]) == len(told["es"]) == len(parts)
    assert not (set(told["es"]) & set(parts)) - {""}
    assert "made" not in " ".join(told["en"])
    assert note_in_words("something older", Words("es")) == "something older"


def test_titles_stand_in_the_pages_language_and_an_empty_morning_says_so(demo_copy: Path) -> None:
    """As the story's own page has them; no count of nothing."""
    for morning in ("2026-01-09", "2025-06-01"):
        made = atalaya("digest", "--home", str(demo_copy), "--date", morning)
        assert ("no story of the beat" in made.stdout) is (morning == "2025-06-01")
    with serving(demo_copy) as served:
        en, es = served.get("/en/digests").text, served.get("/es/digests").text
    assert '<p class="other-title" lang="en">Venezuela begins freeing' in en
    assert '<p class="other-title" lang="es">' in es and "Venezuela begins freeing" not in es
    assert "no story of the beat" in en and "ninguna historia de la cobertura" in es
    assert "late: it was due at 06:30" in en and "con retraso: tocaba a las 06:30" in es
    assert "made 2" not in es and "due " not in es
