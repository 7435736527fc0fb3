"""The article that started the project, among the newsroom's coverage of the same releases."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.demo import CONFIG
from pipeline.newsroom.content import load_newsroom
from pipeline.newsroom.gold import load_gold
from pipeline.newsroom.pages import build_sites
from pipeline.newsroom.server import HostServer, Response, Site
from pipeline.runs import RunOptions, run
from pipeline.sources import parse_sources
from storage.query import run_query
from tests.conftest import need
from tests.replay.world import Outlet, replay_settings

pytestmark = [pytest.mark.corpora, pytest.mark.slow]

FEED = "https://seed.example/feed.xml"
PATH = "/world/venezuela-frees-political-prisoners"
FURNITURE = ("Attach Product", "Cancel", "You have a new feedback message")
RELEASES = "releases-8-jan"
TOPICS = {
    "medtop:11000000": "politics",
    "medtop:20000592": "human rights",
    "medtop:20000648": "political prisoners",
    "medtop:20000137": "prisons",
    "medtop:20000638": "international relations",
}


def make_page(text: str) -> bytes:
    """Return the text as a page: every line a paragraph of the article's own box, the furniture at its end too."""
    title, *lines = [line.strip() for line in text.splitlines() if line.strip()]
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    return (
        f'<!doctype html><html lang="en"><head><title>{html.escape(title)}</title></head><body>'
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>'
        f"<main><article><h1>{html.escape(title)}</h1>{body}</article></main>"
        "<footer><p>All rights reserved</p></footer></body></html>"
    ).encode()


def make_feed(title: str) -> bytes:
    """Return a feed that links the page. The date is that of the releases: the copied page gives a relative one."""
    item = f"<title>{html.escape(title)}</title><link>https://seed.example{PATH}</link>"
    item += "<pubDate>Fri, 09 Jan 2026 12:00:00 GMT</pubDate>"
    channel = f"<title>Seed</title><link>https://seed.example/</link><item>{item}</item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()


@pytest.fixture(scope="module")
def seed_text(corpora: Path) -> str:
    """The text as it was copied from a page, furniture and all."""
    path = corpora / "seed-article" / "article.txt"
    need(path.is_file(), "needs seed-article in the shared corpora")
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def seed_home(seed_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the newsroom and one more outlet, which publishes the seed article."""
    home = tmp_path_factory.mktemp("seed") / "home"
    title = seed_text.strip().splitlines()[0].rpartition(" - ")[0]
    pages = {PATH: Response(200, make_page(seed_text), {"Content-Type": "text/html; charset=utf-8"})}
    pages["/feed.xml"] = Response(200, make_feed(title), {"Content-Type": "application/rss+xml"})
    texts = {path.name: path.read_text("utf-8") for path in (CONFIG / "sources").glob("*.toml")}
    texts["seed.toml"] = Outlet("seed", "seed.example", "US", {FEED: b""}).declaration()
    with HostServer([*build_sites(load_newsroom(), 2), Site("seed.example", pages)]) as server:
        settings = replay_settings(home, server.hosts(), engines=(), config=CONFIG)
        summary = run(settings, parse_sources(texts), RunOptions())
    assert summary.exit_status == 0
    return home


@pytest.fixture(scope="module")
def seed(seed_home: Path) -> Mapping[str, object]:
    """The article as analysts find it."""
    found = run_query(seed_home, "SELECT * FROM v_articles WHERE source_id = 'seed'", 30.0)
    (row,) = found.rows
    return dict(zip(found.columns, row, strict=True))


def test_furniture_does_not_survive(seed: Mapping[str, object], seed_text: str) -> None:
    """The text begins and ends with the article's own words; none of them is lost; the title has no date in it."""
    lines = [line.strip() for line in seed_text.splitlines() if line.strip()]
    wanted = [line for line in lines[1:] if line not in FURNITURE]
    assert len(wanted) == len(lines) - 1 - len(FURNITURE)
    assert str(seed["text"]).split("\n") == wanted
    assert seed["title"] == lines[0].rpartition(" - ")[0]
    assert (seed["kind"], seed["lang"]) == ("full", "en")


def test_topics_and_beat(seed_home: Path, seed: Mapping[str, object]) -> None:
    """It is on the Venezuelan beat, and about politics, human rights, prisons and international relations."""
    assert list(seed["beats"]) == ["venezuela"]  # type: ignore[call-overload]
    sql = f"SELECT topic_id FROM article_topics WHERE article_id = '{seed['article_id']}'"
    found = {str(row[0]) for row in run_query(seed_home, sql, 30.0).rows}
    assert found >= set(TOPICS)


def test_story_with_spanish_and_venezuelan_coverage(seed_home: Path, seed: Mapping[str, object]) -> None:
    """It stands in the one story of the same releases, beside outlets of Venezuela and Spain, and with nothing else."""
    releases = {(a.source_id, a.title) for a in load_gold(2).articles if a.story == RELEASES}
    sql = f"SELECT source_id, title, country FROM v_articles WHERE story_id = '{seed['story_id']}'"
    rows = [r for r in run_query(seed_home, sql, 30.0).rows if r[0] != "seed"]
    beside = {(str(r[0]), str(r[1])) for r in rows}
    assert beside <= releases, beside - releases
    assert len(beside) >= 0.75 * len(releases), releases - beside
    assert {r[2] for r in rows} >= {"VE", "ES", "US"}
