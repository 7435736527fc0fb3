"""The fictional newsroom: its data fit together, its server speaks HTTP, and nothing real is named as an author."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from pipeline.newsroom import CONFIG
from pipeline.newsroom.content import NewsroomError, load_newsroom, parse_events
from pipeline.newsroom.gold import Gold, load_gold
from pipeline.reasons import REASONS
from pipeline.urls import canonical_url
from tests.conftest import ROOT


@pytest.fixture(scope="module", params=[1, 2])
def gold(request: pytest.FixtureRequest) -> Gold:
    return load_gold(request.param)


def real_names(*, with_ngos: bool) -> set[str]:
    """Return the names of real outlets and agencies that the built-in configuration declares."""
    found = set()
    for file in (ROOT / "config" / "sources").glob("*.toml"):
        for source in tomllib.loads(file.read_text(encoding="utf-8"))["source"]:
            if with_ngos or source["media_type"] != "ngo":
                found.add(source["name"])
    for agency in tomllib.loads((ROOT / "config" / "agencies.toml").read_text(encoding="utf-8"))["agency"]:
        found |= {agency["name"], *agency.get("names", []), *agency.get("codes", [])}
    return found


# ---- the data ----------------------------------------------------------------------------------------------------


def test_there_is_enough_to_work_on() -> None:
    """At least 60 articles on 10 events by 10 outlets of three countries, in Spanish, English and Catalan."""
    newsroom = load_newsroom()
    on_line = newsroom.pieces(2)
    assert len(on_line) >= 60
    sizes = Counter(p.event for p in on_line)
    assert sum(1 for size in sizes.values() if size > 1) >= 10
    outlets = {p.outlet for p in on_line}
    assert len(outlets) >= 10
    assert {newsroom.outlet(o).country for o in outlets} == {"VE", "ES", "US"}
    assert {p.lang for p in on_line} == {"es", "en", "ca"}
    spread = max(p.published for p in newsroom.first) - min(p.published for p in newsroom.first)
    assert 3 <= spread.days <= 4


def test_articles_are_of_a_length_that_news_has() -> None:
    """Articles with a page of their own hold 100 to 350 words; summaries are shorter than their articles."""
    for piece in (*load_newsroom().first, *load_newsroom().revisions):
        if piece.page == "full":
            assert 100 <= len(piece.text.split()) <= 350, piece.key
            assert len(piece.summary) < len(piece.text) / 2, piece.key


def test_summaries_of_pages_that_cannot_be_had_say_something() -> None:
    """Where only the feed's words will be kept, there are enough of them to place the article."""
    for piece in load_newsroom().first:
        if piece.page != "full":
            assert len(piece.summary.split()) >= 20, piece.key


def test_hosts_cannot_exist() -> None:
    """Every host ends in .example, which no one can register."""
    for outlet in load_newsroom().outlets:
        assert outlet.host.endswith(".example")


def test_no_real_outlet_signs_invented_text() -> None:
    """No real outlet or agency is an author or an outlet of the newsroom, nor named in its texts.

    Texts may name organisations that are themselves part of the news (Foro Penal).
    """
    newsroom = load_newsroom()
    signing = {o.name for o in newsroom.outlets} | {n for p in newsroom.first for n in p.authors}
    assert not real_names(with_ngos=True) & signing
    real = real_names(with_ngos=False)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(n) for n in sorted(real)) + r")(?!\w)")
    for piece in (*newsroom.first, *newsroom.revisions):
        said = " ".join((*piece.authors, piece.title, piece.summary, piece.text))
        assert pattern.search(said) is None, (piece.key, pattern.search(said))


def test_nothing_is_copied_from_the_seed_article(corpora: Path) -> None:
    """No run of eight words of the article that gave the facts stands in ours."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return set(zip(*(words[i:] for i in range(8)), strict=False))

    seed = runs((corpora / "seed-article" / "article.txt").read_text(encoding="utf-8"))
    for piece in load_newsroom().first:
        assert not seed & runs(piece.text), piece.key


def test_paths_are_unique_within_an_outlet() -> None:
    """Two articles never share an address, nor a title at one outlet."""
    newsroom = load_newsroom()
    assert len({newsroom.url(p) for p in newsroom.first}) == len(newsroom.first)
    assert len({(p.outlet, p.title) for p in newsroom.first}) == len(newsroom.first)


@pytest.mark.parametrize(
    "text", ["", "title only", "+++\nkey = 1\n", "words\n+++\nkey = 1\n+++\nbody", "+++\nkey\n+++\n"]
)
def test_a_broken_event_file_is_named(text: str) -> None:
    """A file that does not hold front matter and text in turn is refused with its name."""
    with pytest.raises(NewsroomError, match="the-event"):
        parse_events(text, "the-event")


# ---- the gold ----------------------------------------------------------------------------------------------------


def test_every_article_has_one_row_of_gold(gold: Gold) -> None:
    """The gold lists exactly the articles on line, each once, and every one is some entry's."""
    pieces = {p.key for p in load_newsroom().pieces(gold.round)}
    assert sorted(a.key for a in gold.articles) == sorted(pieces)
    owners = Counter(e.article for e in gold.entries if e.state == "stored")
    assert owners == Counter(pieces)


def test_gold_speaks_the_projects_language(gold: Gold) -> None:
    """Reason codes, topic ids and identities of addresses are those the pipeline knows."""
    topics = {t["id"] for t in tomllib.loads((ROOT / "config" / "topics.toml").read_text(encoding="utf-8"))["topic"]}
    assert {e.reason for e in gold.entries} | {f.reason for f in gold.feeds} <= set(REASONS)
    for article in gold.articles:
        assert set(article.topics) <= topics, article.key
    for entry in gold.entries:
        if entry.canonical_url is not None:
            assert canonical_url(entry.link) == entry.canonical_url


def test_gold_covers_the_ways_an_entry_can_end() -> None:
    """Every kind of page and of broken item is there."""
    first, second = load_gold(1), load_gold(2)
    found = {(e.state, e.reason) for e in (*first.entries, *second.entries)}
    assert found == {
        ("stored", "new"), ("stored", "revised"), ("stored", "thin"), ("stored", "not_found"), ("stored", "not_html"),
        ("stored", "robots_denied"), ("duplicate", "same_url"), ("quarantined", "bad_url"), ("quarantined", "no_key"),
    }  # fmt: skip
    assert Counter(f.reason for f in first.feeds) == {"ok": 15, "unreachable": 1}
    assert Counter(f.reason for f in second.feeds) == {"ok": 13, "partial": 1, "not_modified": 1, "unreachable": 1}


def test_copies_are_copies() -> None:
    """A verbatim copy has its original's words, a cut one part of them, an edited one most."""
    by_key = {a.key: a for a in load_gold(2).articles}
    kinds = Counter(a.copy_kind for a in by_key.values() if a.copy_kind)
    assert kinds == {"verbatim": 4, "cut": 3, "edited": 1}
    for copy in by_key.values():
        if copy.copy_of is None:
            continue
        original = by_key[copy.copy_of]
        assert original.copy_of is None
        assert copy.story == original.story
        assert copy.published_at > original.published_at
        assert copy.source_id != original.source_id
        if copy.copy_kind == "verbatim":
            assert copy.text == original.text
        elif copy.copy_kind == "cut":
            assert original.text.startswith(copy.text)
        else:
            mine, theirs = set(copy.text.split()), set(original.text.split())
            assert 0.7 < len(mine & theirs) / len(mine | theirs) < 1


def test_one_wire_has_no_original_here() -> None:
    """Three outlets carry a text of an agency whose own article is not held."""
    group = [a for a in load_gold(2).articles if a.text_group == "cw-selene-star"]
    assert len(group) == 3
    assert all(a.copy_of is None and a.copy_kind and a.agency == "continental-wire" for a in group)
    assert all(re.match(r"WASHINGTON \(CW\) —", a.text) for a in group)


def test_generic_titles_stand_for_different_stories() -> None:
    """Two live pages share the title 'Última hora' and nothing else."""
    live = [a for a in load_gold(2).articles if a.title == "Última hora"]
    assert len(live) == len({a.story for a in live}) == 2
    assert all(a.genre == "live" for a in live)


# ---- the docs ----------------------------------------------------------------------------------------------------


def test_the_docs_say_what_is_there() -> None:
    """The examples of docs/newsroom.md run, and the articles it names as traps exist."""
    text = (ROOT / "docs" / "newsroom.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "docs/newsroom.md", "exec"), {})  # noqa: S102  the docs are ours
    keys = {p.key for p in load_newsroom().first} | {a.text_group for a in load_gold(2).articles}
    traps = text.split("## What is in it to go wrong")[1].split("## Gold")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", traps))
    assert len(named) > 8
    assert named <= keys


# ---- configuration -----------------------------------------------------------------------------------------------


def test_declarations_agree_with_the_outlets() -> None:
    """Every outlet is declared as a fictional source with the feeds it really serves."""
    declared = {}
    for file in sorted((CONFIG / "sources").glob("*.toml")):
        for source in tomllib.loads(file.read_text(encoding="utf-8"))["source"]:
            assert source["country"].lower() == file.stem
            declared[source["id"]] = source
    outlets = {o.source_id: o for o in load_newsroom().outlets}
    assert set(declared) == set(outlets)
    for source_id, source in declared.items():
        outlet = outlets[source_id]
        assert source["fictional"] is True
        assert source["name"] == outlet.name
        assert source["languages"] == [outlet.lang]
        assert source["timezone"] == outlet.timezone.key
        assert source["feeds"] == [outlet.base + f.path for f in outlet.feeds]


def test_the_normal_loader_takes_the_declarations() -> None:
    """`--config` of the newsroom replaces the built-in sources by the fictional ones."""
    from pipeline.settings import load_settings
    from pipeline.sources import load_sources

    catalogue = load_sources(load_settings(config_dir=CONFIG))
    assert {s.source_id for s in catalogue.sources} == {o.source_id for o in load_newsroom().outlets}
    assert all(s.fictional for s in catalogue.sources)
