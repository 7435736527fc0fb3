"""Real recorded feeds and other parsers' test suites, through the worker processes: nothing lost, nothing dies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.feeds import FeedInput, FeedParser
from pipeline.steps import ParsedFeed
from tests.conftest import need
from tests.eval.feeds import evaluate, expectation, meets

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
# Items as the corpus's description counts them, and the language the feed's texts are in (None: not declared well).
RECORDED = {
    "20minutos.xml": (104, "es"),
    "as.xml": (25, "es"),
    "elconfidencial.xml": (15, "es"),
    "eldiario.xml": (10, "es"),
    "elmundo.xml": (30, "es"),
    "elpais.xml": (81, "es"),
    "europapress.xml": (10, "es"),
    "expansion.xml": (75, "es"),
    "libertaddigital.xml": (138, "es"),
    "cnn.xml": (29, "en"),
    "nytimes.xml": (61, "en"),
    "huffpost.xml": (31, "en"),
    "bbc.xml": (38, "en"),
    "theguardian.xml": (95, "en"),
    "real-cnn.rss": (69, "en"),
    "real-korean-times.rss": (195, None),
}
UNDATED = {"real-cnn.rss": 17, "cnn.xml": 29}  # items that carry no date at all, at most


@pytest.fixture(scope="module")
def recorded(corpora: Path) -> dict[str, ParsedFeed]:
    """Every recorded feed that is there, by file name."""
    folder = corpora / "feeds-recorded-news"
    need(folder.is_dir(), f"needs the recorded feeds at {folder}")
    files = sorted(f for f in folder.rglob("*") if f.suffix in {".xml", ".rss"})
    with FeedParser(timeout_s=60) as parser:
        inputs = [
            FeedInput(f.read_bytes(), f"https://feeds.example/{f.name}", "text/xml", "Europe/Madrid", NOW)
            for f in files
        ]
        return {f.name: feed for f, (_, feed) in zip(files, parser.parse_many(inputs), strict=True)}


@pytest.mark.corpora
def test_recorded_feeds_keep_their_items_and_dates(recorded: dict[str, ParsedFeed]) -> None:
    """Real feeds, a BEL character and an undefined entity among them, give every item, dated, titled and linked."""
    known = {name: recorded[name] for name in RECORDED if name in recorded}
    assert len(known) >= 8
    for name, feed in known.items():
        count, lang = RECORDED[name]
        assert feed.reason == "ok", (name, feed.detail)
        assert len(feed.items) + feed.repeated == count, name
        assert feed.lang == lang, name
        undated = [i for i in feed.items if i.published_at is None]
        assert len(undated) <= UNDATED.get(name, 0), name
        assert not any(i.notes for i in feed.items), name
        for item in feed.items:
            assert item.problem is None
            assert item.title
            assert item.canonical_url
            assert "<" not in item.title + item.summary, (name, item.title)


@pytest.mark.corpora
def test_recorded_newsml_is_no_feed(recorded: dict[str, ParsedFeed]) -> None:
    """NewsML in place of RSS is told apart, without a crash."""
    feed = recorded.get("lavanguardia-newsml.xml")
    need(feed is not None, "needs lavanguardia-newsml.xml among the recorded feeds")
    assert feed is not None
    assert (feed.reason, feed.items) == ("not_feed", ())


@pytest.mark.corpora
def test_peer_fixtures_cost_no_crash_and_no_entry(corpora: Path) -> None:
    """Other parsers' odd feeds: no crash, no hang, and no file but an empty stub gives fewer items than feedparser."""
    folder = corpora / "feeds-peer-fixtures"
    parts = [folder / "feedparser" / name for name in ("illformed", "encoding", "entities", "json")]
    need(all(p.is_dir() for p in parts), f"needs the feedparser fixtures at {folder}")
    flat = evaluate(parts).flat
    assert (flat["crashes"], flat["hangs"]) == (0, 0)
    assert int(flat["files_below"]) <= 1
    assert int(flat["entries"]) + int(flat["repeated"]) >= int(flat["baseline_entries"]) - 1


def test_expectations_are_read_and_judged() -> None:
    """The evaluation understands the head comments it claims to check, and a wrong answer does not pass."""
    head = b"<!--\nDescription: x\nExpect:      not bozo and entries[0]['title'] == u'Uno &amp; dos'\n-->"
    assert expectation(head) == ("title", "Uno &amp; dos")
    assert expectation(b"<!-- Expect: len(entries) == 2 -->\n") is None
    assert expectation(b"Expect: len(entries) == 2\n") == ("len", 2)
    assert expectation(b"Expect: entries[0]['published_parsed'] == (2004, 1, 1, 19, 48, 21, 3, 1, 0)\n") is not None
    assert not meets(("len", 2), ParsedFeed("ok"))
    assert not meets(("title", "Uno"), ParsedFeed("ok"))
