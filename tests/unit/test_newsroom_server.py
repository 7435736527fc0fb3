"""The newsroom on line: pages, feeds and the server's HTTP, asked by hand and by the pipeline's own fetcher."""

from __future__ import annotations

import html
import http.client
import re
import socket
import threading
from collections.abc import Iterator

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import Fetcher, page_problem
from pipeline.newsroom.content import load_newsroom
from pipeline.newsroom.gold import load_gold
from pipeline.newsroom.live import NewsroomServer
from pipeline.newsroom.pages import build_sites
from pipeline.newsroom.server import HostServer, Response, Site, answer
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest


@pytest.fixture(scope="module")
def server() -> Iterator[NewsroomServer]:
    with NewsroomServer(2) as running:
        yield running
        assert running.errors == []


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


# ---- pages and feeds ---------------------------------------------------------------------------------------------


def test_the_same_data_give_the_same_bytes() -> None:
    """What is served depends on the data alone."""
    assert build_sites(load_newsroom(), 1) == build_sites(load_newsroom(), 1)


def test_a_page_holds_its_article_and_furniture(server: NewsroomServer) -> None:
    """Every full page shows all paragraphs of the gold text in the outlet's own charset, among other things."""
    newsroom = load_newsroom()
    for piece in newsroom.pieces(2):
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
    for feed in load_gold(2).feeds:
        if feed.reason == "unreachable":
            continue
        scheme, _, host, path = feed.feed_url.split("/", 3)
        status, headers, body = get(server, host, f"/{path}")
        assert status == 200, scheme
        parsed = feedparser.parse(body, response_headers=headers)
        expected = [e.title for e in load_gold(2).entries if e.feed_url == feed.feed_url]
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


# ---- asked by the pipeline's fetcher ---------------------------------------------------------------------------


def settings_for(server: HostServer) -> FetchSettings:
    """Return fetch settings under which the hosts of ``server`` are found."""
    return FetchSettings(resolve=server.hosts(), allow_private_network=True, min_delay_s=0, contact="test")


async def test_the_fetcher_meets_what_the_gold_says_of_feeds() -> None:
    """Feeds end as the gold says in both rounds: served, refused, and 304 to the validators of the round before."""
    outcomes = {1: {}, 2: {}}
    with NewsroomServer() as server:
        kept: dict[str, tuple[str | None, str | None]] = {}
        for number in (1, 2):
            server.set_round(number)
            requests = [
                FetchRequest(f.feed_url, "feed", f.source_id, *kept.get(f.feed_url, (None, None)))
                for f in load_gold(number).feeds
            ]
            async with Fetcher(settings_for(server)) as fetcher:
                async for result in fetcher.fetch_all(requests):
                    outcomes[number][result.request.url] = result.reason
                    kept[result.request.url] = (result.etag, result.last_modified)
    for number, found in outcomes.items():
        expected = {f.feed_url: "ok" if f.reason == "partial" else f.reason for f in load_gold(number).feeds}
        assert found == expected


async def test_the_fetcher_meets_what_the_gold_says_of_pages() -> None:
    """Pages of the gold are had, missing, no HTML or denied as it says; the denied one is never asked for."""
    gold = load_gold(2)
    expected = {e.link: e.reason for e in gold.entries if e.state == "stored"}
    found = {}
    with NewsroomServer(2) as server:
        requests = [FetchRequest(e.link, "page", e.source_id) for e in gold.entries if e.state == "stored"]
        async with Fetcher(settings_for(server)) as fetcher:
            async for result in fetcher.fetch_all(requests):
                found[result.request.url] = page_problem(result) or "ok"
        had = {"new": "ok", "revised": "ok", "thin": "ok"}  # a wall is told from the text, not from the answer
        assert found == {link: had.get(reason, reason) for link, reason in expected.items()}
        asked = {r.path for r in server.requests("diariodellago.example")}
        assert "/robots.txt" in asked
        assert not any(path.startswith("/suscriptores/") for path in asked)
        assert server.errors == []
