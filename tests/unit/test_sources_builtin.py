"""The built-in declarations: enough outlets, each says where its feeds were seen, and the document counts right."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.settings import BUILTIN_CONFIG, load_settings
from pipeline.source_rules import FIELDS
from pipeline.sources import Catalogue, load_sources, parse_sources

DOCS = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
FILES = sorted((BUILTIN_CONFIG / "sources").glob("*.toml"))

# Outlets of the public lists that are not declared, and why; docs/sources.md says the same of those that were wanted.
LEFT_OUT = {
    "sport": {"cbssports.com", "e00-marca.uecdn.es", "sports.espn.go.com", "yardbarker.com"},
    "celebrity": {"usmagazine.com"},
    "not news of this kind": {"seekingalpha.com", "techcrunch.com", "wired.com", "forbes.com", "sfgate.com"},
    "aggregator": {"news.yahoo.com"},
    "German, or advertising": {"mallorcazeitung.es", "euroweeklynews.com"},
    "no working feed": {
        "publico.es", "rtve.es", "eleconomista.es", "eluniversal.com", "espaja.com", "feeds.mcclatchy.com",
    },
    "moved: declared at another host": {
        "feeds.foxnews.com", "feeds.marketwatch.com", "feeds.a.dj.com", "cazadoresdefakenews.info", "el-nacional.com",
        "vtv.gob.ve", "canal8.com.ve",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_sources(load_settings())


def host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def test_there_are_enough_outlets_of_each_country(catalogue: Catalogue) -> None:
    """At least 30 Venezuelan, 25 Spanish and 25 US outlets, Spain's other languages and Spanish-language US ones."""
    countries = Counter(s.country for s in catalogue.sources)
    assert countries["VE"] >= 30
    assert countries["ES"] >= 25
    assert countries["US"] >= 25
    languages = Counter((s.country, lang) for s in catalogue.sources for lang in s.languages)
    assert min(languages["ES", lang] for lang in ("ca", "eu", "gl")) >= 2
    assert languages["US", "es"] >= 5


def test_nothing_claims_to_be_verified_or_fictional(catalogue: Catalogue) -> None:
    """No feed was fetched yet, so verified_at is empty; evidence is not invented; real outlets are not fictional."""
    assert {s.verified_at for s in catalogue.sources} == {None}
    assert {s.evidence for s in catalogue.sources} == {None}
    assert {s.fictional for s in catalogue.sources} == {False}


def test_one_home_page_is_one_source(catalogue: Catalogue) -> None:
    """An outlet is not declared twice under two names."""
    homes = Counter(s.homepage.removeprefix("https://").rstrip("/") for s in catalogue.sources)
    assert [h for h, n in homes.items() if n > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_each_source_says_where_its_feeds_were_seen(path: Path) -> None:
    """The line under [[source]] is a comment that names the list."""
    blocks = path.read_text(encoding="utf-8").split("[[source]]\n")[1:]
    assert blocks
    assert [b.splitlines()[1] for b in blocks if not b.startswith("# seen in ")] == []


def test_the_documentation_counts_right(catalogue: Catalogue) -> None:
    """The table of docs/sources.md gives the sources and feeds of each file, and every field has its row."""
    text = DOCS.read_text(encoding="utf-8")
    told = {
        m[1]: (int(m[2]), int(m[3])) for m in re.finditer(r"^\| `(\w+\.toml)` \|.*\| (\d+) \| (\d+) \|$", text, re.M)
    }
    real = {}
    for path in FILES:
        part = parse_sources({path.name: path.read_text(encoding="utf-8")})
        real[path.name] = (len(part.sources), len(part.feeds))
    assert told == real
    assert [f for f in FIELDS if not re.search(rf"^\| .*`{f}`.* \|", text, re.M)] == []


def test_the_example_of_the_documentation_is_a_declaration() -> None:
    """What a reader copies from docs/sources.md is read without a problem."""
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    assert [f.scope for f in parse_sources({"docs.toml": example}).feeds] == ["front", "section"]


@pytest.mark.corpora
def test_every_outlet_of_the_public_lists_is_declared_or_left_out_with_a_reason(
    catalogue: Catalogue, corpora: Path
) -> None:
    """No row of the list of real feeds is lost by oversight."""
    held = {host(f.feed_url) for f in catalogue.feeds} | {host(s.homepage) for s in catalogue.sources}
    out = set().union(*LEFT_OUT.values())
    with (corpora / "feed-urls" / "feeds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert sorted({host(r["url"]) for r in rows} - held - out) == []
    assert sorted(out & {host(f.feed_url) for f in catalogue.feeds}) == []
