"""The fictional newsroom: its data fit together, its server speaks HTTP, and nothing real is named as an author."""

from __future__ import annotations

import html
import http.client
import re
import socket
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.newsroom import CONFIG
from pipeline.newsroom.content import NewsroomError, load_newsroom, parse_events
from pipeline.newsroom.gold import Gold, load_gold
from pipeline.newsroom.live import NewsroomServer
from pipeline.newsroom.pages import build_sites
from pipeline.newsroom.server import HostServer, Response, Site, answer
from pipeline.reasons import REASONS
from pipeline.urls import canonical_url
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def server() -> Iterator[NewsroomServer]:
    with NewsroomServer() as running:
        yield running
        assert running.errors == []


@pytest.fixture(scope="module", params=[1, 2])
def gold(request: pytest.FixtureRequest) -> Gold:
    return load_gold(request.param)


def get(
    server: HostServer, host: str, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Ask the server for a path of a host; return status, headers (lower-case names) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host, **(headers or {})})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


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
    in_round_one = newsroom.pieces(1)
    assert len(in_round_one) >= 60
    sizes = Counter(p.event for p in in_round_one)
    assert sum(1 for size in sizes.values() if size > 1) >= 10
    outlets = {p.outlet for p in in_round_one}
    assert len(outlets) >= 10
    assert {newsroom.outlet(o).country for o in outlets} == {"VE", "ES", "US"}
    assert {p.lang for p in in_round_one} == {"es", "en", "ca"}
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
    assert Counter(f.reason for f in first.feeds) == {"ok": 13, "partial": 1, "unreachable": 1}
    assert Counter(f.reason for f in second.feeds) == {"not_modified": 10, "ok": 4, "unreachable": 1}


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
    group = [a for a in load_gold(1).articles if a.text_group == "cw-selene-star"]
    assert len(group) == 3
    assert all(a.copy_of is None and a.copy_kind and a.agency == "continental-wire" for a in group)
    assert all(re.match(r"WASHINGTON \(CW\) —", a.text) for a in group)


def test_generic_titles_stand_for_different_stories() -> None:
    """Two live pages share the title 'Última hora' and nothing else."""
    live = [a for a in load_gold(1).articles if a.title == "Última hora"]
    assert len(live) == len({a.story for a in live}) == 2
    assert all(a.genre == "live" for a in live)


# ---- pages and feeds ---------------------------------------------------------------------------------------------


def test_the_same_data_give_the_same_bytes() -> None:
    """What is served depends on the data alone."""
    assert build_sites(load_newsroom(), 1) == build_sites(load_newsroom(), 1)


def test_a_page_holds_its_article_and_furniture(server: NewsroomServer) -> None:
    """Every full page shows all paragraphs of the gold text in the outlet's own charset, among other things."""
    newsroom = load_newsroom()
    for piece in newsroom.pieces(1):
        outlet = newsroom.outlet(piece.outlet)
        if piece.page not in ("full", "denied"):
            continue
        status, _, body = get(server, outlet.host, piece.path)
        shown = html.unescape(body.decode(outlet.charset))
        assert status == 200
        for line in piece.text.split("\n"):
            assert line in shown, (piece.key, line)
        assert len(re.sub(r"<[^>]+>", " ", shown).split()) > len(piece.text.split()) + 30


def test_feeds_give_the_entries_that_gold_expects(server: NewsroomServer) -> None:
    """feedparser finds in each feed exactly the titles of the gold, in the truncated one too."""
    for feed in load_gold(1).feeds:
        if feed.reason == "unreachable":
            continue
        scheme, _, host, path = feed.feed_url.split("/", 3)
        status, headers, body = get(server, host, f"/{path}")
        assert status == 200, scheme
        parsed = feedparser.parse(body, response_headers=headers)
        expected = [e.title for e in load_gold(1).entries if e.feed_url == feed.feed_url]
        assert [e.get("title", "") for e in parsed.entries] == expected
        assert bool(parsed.bozo) == (feed.reason == "partial"), parsed.get("bozo_exception")


def test_charsets_are_what_they_say(server: NewsroomServer) -> None:
    """One outlet writes ISO-8859-1 and says so in the page only, one windows-1252 with its curly quotes as bytes."""
    _, headers, page = get(server, "eltricolor.example", "/nota.php?id=4101")
    assert headers["content-type"] == "text/html"
    assert b"charset=iso-8859-1" in page
    assert "Jorge Rodríguez, informó".encode("latin-1") in page
    _, headers, page = get(server, "diariodellago.example", "/region/oposicion-llena-avenida-bella-vista.html")
    assert headers["content-type"] == "text/html; charset=windows-1252"
    assert b"\x93Zulia no va a esperar" in page
    _, _, feed = get(server, "eltricolor.example", "/rss.php")
    assert "Gobierno Bolivariano libera".encode("latin-1") in feed
    assert feed.startswith(b'<?xml version="1.0" encoding="iso-8859-1"?>')


def test_dates_are_written_as_outlets_write_them(server: NewsroomServer) -> None:
    """Spanish day names, VET, no zone at all, a bare day, ISO, and one date that cannot be."""
    shown = {
        ("eltricolor.example", "/rss.php"): b"<pubDate>jue, 08 ene 2026 12:40:00 -0400</pubDate>",
        ("elparamo.example", "/noticias/rss"): b"<pubDate>Thu, 08 Jan 2026 17:30:00 VET</pubDate>",
        ("diariodellago.example", "/feed.xml"): b"<pubDate>2026-01-07 07:20:00</pubDate>",
        ("gulfbarrel.example", "/index.rdf.xml"): b"<dc:date>2026-01-08</dc:date>",
        ("caracasenclaro.example", "/atom/portada.xml"): b"<published>2026-01-08T18:40:00-04:00</published>",
        ("laceiba.example", "/feed/"): b"<pubDate>Thu, 38 Jan 2026 25:61:00 -0400</pubDate>",
    }
    for (host, path), date in shown.items():
        assert date in get(server, host, path)[2], host


def test_walls_gaps_and_other_files(server: NewsroomServer) -> None:
    """A wall shows a sentence, a withdrawn page is a 404, a table is a PDF, one path is closed to robots."""
    with NewsroomServer(2) as later:
        _, _, wall = get(
            later,
            "heraldopeninsular.example",
            "/internacional/2026-01-09/aterrizan-barajas-espanoles-excarcelados.html",
        )
    assert "hazte suscriptor" in wall.decode()
    assert "articleBody" not in wall.decode()
    assert get(server, "gacetavilla.example", "/mundo/quien-es-rocio-san-miguel-20260108.html")[0] == 404
    _, headers, body = get(server, "agenciatepuy.example", "/despacho/ATN-0801-003.pdf")
    assert headers["content-type"] == "application/pdf"
    assert body.startswith(b"%PDF-1.4")
    assert body.endswith(b"%%EOF\n")
    assert "Disallow: /suscriptores/" in get(server, "diariodellago.example", "/robots.txt")[2].decode()


def test_round_two_edits_an_article_and_adds_others() -> None:
    """After set_round(2) one page has a new text and date, feeds with news have new bytes, others their old ones."""
    path = "/region/apagon-deja-sin-luz-a-once-municipios.html"
    with NewsroomServer() as server:
        before = get(server, "diariodellago.example", path)
        old_feed = get(server, "diariodellago.example", "/feed.xml")
        server.set_round(2)
        after = get(server, "diariodellago.example", path, {"If-None-Match": before[1]["etag"]})
        new_feed = get(server, "diariodellago.example", "/feed.xml", {"If-None-Match": old_feed[1]["etag"]})
        assert (after[0], new_feed[0]) == (200, 200)
        assert "apagón de 19 horas".encode("cp1252") in after[2]
        assert after[1]["last-modified"] != before[1]["last-modified"]
    revised = [e for e in load_gold(2).entries if e.reason == "revised"]
    assert [e.article for e in revised] == ["lago-blackout"]
    assert len(load_gold(2).articles) > len(load_gold(1).articles)


@pytest.mark.parametrize("round", [0, 3, -1])
def test_there_are_two_rounds(round: int) -> None:
    """Another round than 1 or 2 is refused, by the server and by the gold."""
    with pytest.raises(ValueError, match="rounds 1 and 2"):
        NewsroomServer(round)
    with pytest.raises(ValueError, match="rounds 1 and 2"):
        load_gold(round)


# ---- the docs ----------------------------------------------------------------------------------------------------


def test_the_docs_say_what_is_there() -> None:
    """The examples of docs/newsroom.md run, and the articles it names as traps exist."""
    text = (ROOT / "docs" / "newsroom.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "docs/newsroom.md", "exec"), {})  # noqa: S102  the docs are ours
    keys = {p.key for p in load_newsroom().first} | {a.text_group for a in load_gold(1).articles}
    traps = text.split("## What is in it to go wrong")[1].split("## Gold")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", traps))
    assert len(named) > 8
    assert named <= keys


# ---- the server --------------------------------------------------------------------------------------------------


def test_conditional_get_answers_304_with_the_same_validators(server: NewsroomServer) -> None:
    """Whoever sends back the ETag, or the date, of an unchanged feed gets 304 without a body."""
    status, headers, body = get(server, "laceiba.example", "/feed/")
    assert status == 200
    assert body
    again = get(server, "laceiba.example", "/feed/", {"If-None-Match": headers["etag"]})
    assert (again[0], again[2]) == (304, b"")
    assert again[1]["etag"] == headers["etag"]
    assert get(server, "laceiba.example", "/feed/", {"If-Modified-Since": headers["last-modified"]})[0] == 304
    assert get(server, "laceiba.example", "/feed/", {"If-None-Match": '"other"'})[0] == 200
    both = {"If-None-Match": '"other"', "If-Modified-Since": headers["last-modified"]}
    assert get(server, "laceiba.example", "/feed/", both)[0] == 200
    assert get(server, "laceiba.example", "/feed/", {"If-Modified-Since": "yesterday"})[0] == 200


def test_unknown_hosts_and_paths(server: NewsroomServer) -> None:
    """A host nobody serves gets 421, a path nobody wrote 404, and tracking parameters change nothing."""
    assert get(server, "elsewhere.example", "/")[0] == 421
    assert get(server, "laceiba.example", "/nothing")[0] == 404
    assert get(server, "eltricolor.example", "/nota.php?id=9999")[0] == 404
    plain = get(server, "laceiba.example", "/feed/")[2]
    assert get(server, "laceiba.example", "/feed/?utm_source=test")[2] == plain


def test_head_has_the_head_of_get(server: NewsroomServer) -> None:
    """HEAD answers the same headers and no body."""
    full = get(server, "laceiba.example", "/feed/")
    head = get(server, "laceiba.example", "/feed/", method="HEAD")
    assert head[0] == 200
    assert head[2] == b""
    assert head[1]["content-length"] == str(len(full[2]))


def test_a_host_that_is_down_refuses(server: NewsroomServer) -> None:
    """The address of a host that is down refuses connections while the others answer."""
    address, _, port = server.hosts()["diariomarisma.example"].partition(":")
    with pytest.raises(ConnectionRefusedError), socket.create_connection((address, int(port)), timeout=5):
        pass
    assert server.hosts()["laceiba.example"] == f"127.0.0.1:{server.port}"
    assert len(server.hosts()) == len(load_newsroom().outlets)


def test_the_log_holds_what_was_asked() -> None:
    """Each request is logged with method, host, path, headers, time and status; the log can be emptied."""
    with HostServer([Site("a.example", {"/x": Response(body=b"1")})]) as server:
        get(server, "a.example", "/x?y=1", {"User-Agent": "Test/1"})
        get(server, "b.example", "/")
        first, second = server.requests()
        assert (first.method, first.host, first.path, first.status) == ("GET", "a.example", "/x?y=1", 200)
        assert first.headers["user-agent"] == "Test/1"
        assert first.at <= second.at
        assert [r.host for r in server.requests("b.example")] == ["b.example"]
        server.clear_log()
        assert server.requests() == ()


def test_many_clients_at_once() -> None:
    """Requests that come together are all answered and all logged."""
    body = b"x" * 100_000
    with HostServer([Site("a.example", {"/": Response(body=body)})]) as server:
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(len(get(server, "a.example", "/")[2]))) for _ in range(32)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [len(body)] * 32
        assert len(server.requests()) == 32
        assert server.errors == []


def test_a_client_that_hangs_up_is_no_error() -> None:
    """A connection broken by the client neither stops the server nor counts as its error."""
    with HostServer([Site("a.example", {"/": Response(body=b"x" * 5_000_000)})]) as server:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port)) as raw:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                raw.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
                raw.recv(10)
        assert get(server, "a.example", "/")[0] == 200
        assert server.errors == []


def test_a_server_that_does_not_run_says_so() -> None:
    """Asking a stopped server for its addresses is an error with advice."""
    with pytest.raises(RuntimeError, match="with statement"):
        HostServer().hosts()


@given(tag=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='",'), max_size=20))
def test_only_the_right_tag_is_unchanged(tag: str) -> None:
    """Any other ETag than the one sent, weak or strong, gets the whole answer."""
    sites = {"a.example": Site("a.example", {"/": Response(body=b"1", headers={"ETag": '"right"'})})}
    for sent in (f'"{tag}"', f'W/"{tag}"'):
        status = answer(sites, "a.example", "/", {"if-none-match": sent}).status
        assert status == (304 if tag == "right" else 200)


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
