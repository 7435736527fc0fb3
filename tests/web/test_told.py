"""What the page says of a small home made for it: bare dates, unverified claims, figures with their nouns, reports."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.publish import publish
from storage.records import Record, Run
from storage.store import Store
from tests.storage.builders import article, at, feed, member, poll, source, story
from tests.web.conftest import Served, serving

DAY = datetime(2026, 1, 7, 4, 0, tzinfo=UTC)  # midnight in Caracas: a date without a time
WORLD: list[Record] = [
    source("faro", name="El Faro", alignment="independent"),
    source("bay", "US", name="Bay Times", timezone="America/New_York", evidence="https://bay.example/about"),
    source("sur", "ES", name="Sur", timezone="Europe/Madrid", evidence="https://sur.example/about"),
    feed("faro"),
    feed("bay"),
    poll("p", "faro", at(3)),
    Run("r", "run", at(4), at(5), "ok", "{}", "v"),
    article(
        "a",
        published_at=DAY,
        published_precision="day",
        title="Liberan a cinco españoles",
        text="A las 14:30 del 8 de enero salieron 41 excarcelados. Foro Penal contaba 13 heridos. Eran 3 autobuses.",
    ),
    article(
        "b",
        "bay",
        country="US",
        lang="en",
        published_at=at(2),
        title="Venezuela frees prisoners",
        text="The group counted 41 freed prisoners at 14:30 in 2026. Three guards watched. Call 0212-555-1234.",
    ),
    article(
        "c",
        "sur",
        country="ES",
        published_at=at(1),
        title="Once heridos en Caracas",
        text="Hay once heridos, y 5 españoles están libres desde las 14:30 de 2026. <b>Nada</b> más.",
    ),
    story("s", "a"),
    member("s", "a"),
    member("s", "b"),
    member("s", "c"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small home, served."""
    home: Path = tmp_path_factory.mktemp("told")
    with Store.open(home, "test") as store:
        store.merge(WORLD)
    publish(home)
    with serving(home) as found:
        yield found


def text_of(page: str) -> str:
    """Return what a reader sees of a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_bare_date_has_no_time_anywhere(told: Served) -> None:
    """A story that begins with one says the day alone, in its head and in the citation; so does an outlet's newest."""
    page = text_of(told.get("/en/stories/s").text)
    assert "7 Jan 2026 – 8 Jan 2026, 10:00" in page
    assert "7 Jan 2026 to 8 Jan 2026, 10:00, Caracas time" in page
    assert "00:00" not in page
    sources = text_of(told.get("/en/sources").text)
    assert "7 Jan 2026 private" in sources and "00:00" not in sources


def test_ownership_and_alignment_are_unverified_without_evidence(told: Served) -> None:
    """In the list of outlets, in a story's table, on the pages of outlet and article; evidence takes the word away."""
    for path in ("/en/sources", "/en/stories/s"):
        page = text_of(told.get(path).text)
        assert "private, independent (unverified)" in page, path
        assert page.count("private") == page.count("private (unverified)") + 3, path
    assert "private (unverified)" in text_of(told.get("/en/sources/faro").text)
    assert "private (unverified)" not in text_of(told.get("/en/sources/bay").text)
    assert "private, independent (unverified)" in text_of(told.get("/en/articles/a").text)
    assert "unverified" not in text_of(told.get("/en/articles/b").text)
    assert "privada, independiente (sin verificar)" in text_of(told.get("/es/sources").text)


def test_figures_stand_with_what_they_count_and_their_sentence(told: Served) -> None:
    """In words or figures, in both languages; no year, date, time of day or telephone number; others' beside."""
    page = told.get("/en/stories/s").text
    (table,) = re.findall(r'<dl class="told">.*?</dl>', page, re.S)
    rows = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", table, re.S))
    assert list(rows) == ["5", "41", "11"]
    assert "cinco españoles" in rows["5"] and "5 españoles" in text_of(rows["5"])
    assert "41 excarcelados El Faro 41 freed prisoners Bay Times" in text_of(rows["41"])
    assert 'title="A las 14:30 del 8 de enero salieron 41 excarcelados."' in rows["41"]
    assert (
        "Once heridos Sur ( 8 Jan 2026, 09:00 ) Near this word others have: 13 heridos El Faro ( 7 Jan 2026 ) Compare:"
        in text_of(rows["11"])
    )
    assert '<a href="#figures">' in page and 'id="figures"' in page
    assert "Figures that outlets elsewhere give and none here: 41 freed prisoners" in text_of(page), "of Spain"


def test_data_through_means_the_newest_article_and_the_run_is_named_apart(told: Served) -> None:
    """As `search`, the digest and v_snapshot say it: never the time of a run."""
    page = text_of(told.get("/en/").text)
    assert "Data through 8 Jan 2026, 10:00 (Caracas time; last run 8 Jan 2026, 12:00)" in page
    assert told.value("SELECT strftime(timezone('America/Caracas', data_through), '%H:%M') FROM v_snapshot") == "10:00"
