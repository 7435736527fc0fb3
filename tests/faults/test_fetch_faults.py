"""The fetch faults of the catalogue, each provoked on a real socket and each ending in its reason code."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import zlib
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.fetch import Fetcher, page_problem
from pipeline.netguard import AddressGuard
from pipeline.reasons import REASONS
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest, FetchResult
from tests.conftest import need
from tests.faults.server import (
    PAGE,
    RSS,
    FaultServer,
    Handler,
    answer,
    bomb,
    drip,
    endless,
    gzipped,
    head,
    in_turn,
    raw,
    redirect,
    reset,
    stall,
)
from tests.faults.sockets import connections

NOTHING = gzip.compress(b"", mtime=0)
"""A whole gzip member that holds no byte."""
IDLE = b"\x00\x00\x00\xff\xff" * 1024
"""Deflate blocks that hold no byte and are not the last."""
SHORT = 0.3
"""Seconds: the total deadline where a test waits for it."""


def settings(**values: Any) -> FetchSettings:
    return FetchSettings(**{"allow_private_network": True, "total_timeout_s": 5.0, **values})


async def fetch(url: str, kind: str = "feed", fetcher: dict[str, Any] | None = None, **values: Any) -> FetchResult:
    """Fetch one URL with a Fetcher of its own."""
    async with Fetcher(settings(**values), **(fetcher or {})) as f:
        return await f.fetch(FetchRequest(url, kind, "diario"))  # type: ignore[arg-type]


async def outcome(handler: Handler, kind: str = "feed", **values: Any) -> FetchResult:
    """Serve ``handler`` and fetch it once."""
    async with FaultServer({"/x": handler}) as server:
        return await fetch(server.url("/x"), kind, **values)


# -- 1, 2: time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(drip(head(Content_Length=10**6), b"x"), id="1 body"),
        pytest.param(drip(head(Transfer_Encoding="chunked"), b"1\r\nx\r\n"), id="1 chunks"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), id="2 headers"),
        pytest.param(drip(b"", b"HTTP/1.1 200 OK\r\nX: 1"), id="2 status line"),
        pytest.param(stall(), id="silence"),
    ],
)
async def test_dripped_bytes_meet_the_total_deadline(handler: Handler) -> None:
    """1, 2: bytes that keep coming do not prolong a request beyond its total deadline."""
    async with asyncio.timeout(10):  # the server would go on for ever
        result = await outcome(handler, total_timeout_s=SHORT)
    assert result.reason == "timeout"
    assert SHORT * 1000 <= result.elapsed_ms < 5_000


async def test_redirects_share_one_deadline() -> None:
    """1: a chain of slow redirects has one deadline, not one each."""

    def slow(handler: Handler) -> Handler:
        async def handle(asked: Any, writer: Any) -> None:
            await asyncio.sleep(SHORT / 2)
            await handler(asked, writer)

        return handle

    chain = {f"/{i}": slow(redirect(f"/{i + 1}")) for i in range(5)} | {"/5": answer(RSS)}
    async with FaultServer(chain) as server:
        result = await fetch(server.url("/0"), total_timeout_s=SHORT)
        assert result.reason == "timeout"
        assert len(server.asked) <= 3


# -- 3 to 10: bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        pytest.param(answer(bomb(200_000_000), Content_Encoding="gzip"), "too_large", id="3 bomb"),
        pytest.param(answer(gzip.compress(bomb(50_000_000)), Content_Encoding="gzip"), "decode", id="4 bomb in gzip"),
        pytest.param(gzipped(gzip.compress(RSS)), "decode", id="4 gzip in gzip"),
        pytest.param(
            answer(gzip.compress(gzip.compress(RSS)), Content_Encoding="gzip, gzip"), "decode", id="4 declared twice"
        ),
        pytest.param(answer(gzip.compress(RSS)[:-9], Content_Encoding="gzip"), "truncated", id="5 gzip cut"),
        pytest.param(answer(gzip.compress(RSS)[:5], Content_Encoding="gzip"), "truncated", id="5 gzip header cut"),
        pytest.param(answer(zlib.compress(RSS)[:-5], Content_Encoding="deflate"), "truncated", id="5 deflate cut"),
        pytest.param(answer(RSS, Content_Encoding="gzip"), "decode", id="6 fake gzip"),
        pytest.param(answer(RSS, Content_Encoding="br"), "decode", id="6 an encoding not asked for"),
        pytest.param(
            answer(gzip.compress(RSS)[:-8] + bytes(8), Content_Encoding="gzip"), "decode", id="6 wrong checksum"
        ),
        pytest.param(raw(head(Content_Length=500) + RSS[:100]), "truncated", id="7 short content-length"),
        pytest.param(raw(head(Transfer_Encoding="chunked") + b"5\r\n<rss>\r\n"), "truncated", id="7 no last chunk"),
        pytest.param(reset(head(Content_Length=500) + RSS[:100]), "connection_reset", id="8 reset in the body"),
        pytest.param(reset(), "connection_reset", id="8 reset before the answer"),
        pytest.param(raw(b""), "connection_reset", id="8 closed without an answer"),
        pytest.param(answer(RSS, **{f"X_{i}": i for i in range(200)}), "header_limit", id="9 200 headers"),
        pytest.param(answer(RSS, X_Big="a" * 200_000), "header_limit", id="9 a header of 200 KB"),
        pytest.param(answer(RSS, **{f"X_{i}": "a" * 20_000 for i in range(10)}), "header_limit", id="9 200 KB in ten"),
        pytest.param(
            endless(head(Transfer_Encoding="chunked"), b"2000\r\n" + bytes(0x2000) + b"\r\n"),
            "too_large",
            id="10 chunks",
        ),
        pytest.param(endless(b"HTTP/1.0 200 OK\r\n\r\n", bytes(8192)), "too_large", id="10 no length at all"),
        pytest.param(
            endless(head(Transfer_Encoding="chunked", Content_Encoding="gzip"), b"14\r\n" + NOTHING + b"\r\n"),
            "decode",
            id="10 gzip of nothing, endless",
        ),
        pytest.param(
            endless(head(Transfer_Encoding="chunked", Content_Encoding="deflate"), b"1400\r\n" + IDLE + b"\r\n"),
            "too_large",
            id="10 deflate of nothing, endless",
        ),
        pytest.param(answer(b""), "empty", id="23 empty"),
        pytest.param(gzipped(b" \n "), "empty", id="23 blank, compressed"),
        pytest.param(answer(b"", 204), "empty", id="23 no content"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "bad_http", id="another protocol"),
        pytest.param(raw(head(Transfer_Encoding="chunked") + b"zz\r\n"), "bad_http", id="chunk size"),
    ],
)  # fmt: skip
async def test_a_body_that_is_not_as_announced_ends_in_its_reason(handler: Handler, reason: str) -> None:
    """3 to 10, 23: caps hold on decoded bytes, and nothing incomplete passes for complete."""
    async with asyncio.timeout(20):
        result = await outcome(handler, max_feed_bytes=1_000_000)
    assert result.reason == reason, result.detail
    assert reason in REASONS
    assert len(result.body) <= 1_000_000


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(answer(RSS), id="plain"),
        pytest.param(gzipped(RSS), id="gzip"),
        pytest.param(answer(gzip.compress(RSS) + bytes(512), Content_Encoding="x-gzip"), id="gzip, padded"),
        pytest.param(answer(gzip.compress(RSS[:50]) + gzip.compress(RSS[50:]), Content_Encoding="gzip"), id="members"),
        pytest.param(answer(zlib.compress(RSS), Content_Encoding="deflate"), id="deflate"),
        pytest.param(answer(zlib.compress(RSS)[2:-4], Content_Encoding="deflate"), id="deflate without zlib"),
        pytest.param(answer(RSS, Content_Encoding="identity"), id="identity"),
        pytest.param(raw(b"HTTP/1.0 200 OK\r\n\r\n" + RSS), id="until closed"),
        pytest.param(
            raw(head(Transfer_Encoding="chunked") + f"{len(RSS):x}\r\n".encode() + RSS + b"\r\n0\r\n\r\n"), id="chunked"
        ),
    ],
)
async def test_every_honest_way_to_send_a_body_gives_the_same_bytes(handler: Handler) -> None:
    """The strictness above costs no honest answer."""
    result = await outcome(handler)
    assert (result.reason, result.status, result.body) == ("ok", 200, RSS)


async def test_a_body_of_exactly_the_cap_is_kept() -> None:
    """The cap is the largest size that passes."""
    body = b"x" * 1000
    assert (await outcome(gzipped(body), max_feed_bytes=1000)).body == body
    assert (await outcome(gzipped(body + b"x"), max_feed_bytes=1000)).reason == "too_large"
    assert (await outcome(answer(body + b"x"), max_feed_bytes=1000)).reason == "too_large"


async def test_a_page_of_30_mb_is_refused_without_being_read() -> None:
    """44: of a page beyond the cap no more is taken than the cap and what buffers hold."""
    sent = 0

    async def huge(_: Any, writer: Any) -> None:
        nonlocal sent
        writer.write(head(Content_Length=30_000_000, Content_Type="text/html"))
        for _block in range(300):
            writer.write(b"<p>x" * 25_000)
            await writer.drain()
            sent += 100_000

    result = await outcome(huge, "page", max_page_bytes=5_000_000, respect_robots=False)
    assert result.reason == "too_large"
    assert sent < 20_000_000


# -- 11 to 15: where requests go --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param({"/x": redirect("/x")}, id="itself"),
        pytest.param({"/x": redirect("/y"), "/y": redirect("/x")}, id="two"),
        pytest.param(
            {"/x": redirect("/1", 301)} | {f"/{i}": redirect(f"/{i + 1}", 307) for i in range(1, 50)}, id="long"
        ),
    ],
)
async def test_a_redirect_loop_ends(chain: dict[str, Handler]) -> None:
    """11: loops and long chains end in redirect_limit."""
    async with FaultServer(chain) as server:
        result = await fetch(server.url("/x"))
        assert result.reason == "redirect_limit"
        assert len(server.asked) <= 6


async def test_as_many_redirects_as_allowed_are_followed() -> None:
    """11: max_redirects is the largest number that passes."""
    chain = {f"/{i}": redirect(f"/{i + 1}") for i in range(5)} | {"/5": answer(RSS)}
    async with FaultServer(chain) as server:
        result = await fetch(server.url("/0"), max_redirects=5)
        assert (result.reason, result.final_url) == ("ok", server.url("/5"))
        assert (await fetch(server.url("/0"), max_redirects=4)).reason == "redirect_limit"


INSIDE = [
    "127.0.0.1", "127.9.9.9", "169.254.169.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a00:1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2002:c0a8:101::1]", "[fe80::1]", "[fd00::1]",
    "[ff02::1]", "168.63.129.16", "[fd00:ec2::254]", "100.100.100.200", "2130706433", "0x7f000001", "0177.0.0.1",
    "127.1", "0x7f.1", "①②⑦.⓪.⓪.①", "127.0.0.1.", "localhost",
]  # fmt: skip
"""Addresses of the inside, in the spellings that get past filters on text."""


@pytest.mark.parametrize("kind", ["feed", "page"])
@pytest.mark.parametrize("host", INSIDE)
async def test_a_redirect_inside_is_blocked_before_any_connection(host: str, kind: str) -> None:
    """12, 15: whatever the spelling, no socket connects to anything but the one server that is allowed."""
    async with FaultServer({}) as inner, FaultServer({}) as server:
        server.answers = {"/x": redirect(f"http://{host}:{inner.port}/secret")}
        guard = AddressGuard(exceptions=frozenset({("127.0.0.1", server.port)}))
        with connections() as connected:
            result = await fetch(server.url("/x"), kind, {"guard": guard}, allow_private_network=False)
        assert result.reason == "blocked_address", result.detail
        assert set(connected) == {("127.0.0.1", server.port)}
        assert inner.connections == 0


@pytest.mark.parametrize("host", INSIDE)
async def test_a_feed_at_an_inside_address_is_blocked(host: str) -> None:
    """12, 15: the same for the address a catalogue or a feed names itself."""
    with connections() as connected:
        result = await fetch(f"http://{host}/feed", allow_private_network=False)
    assert (result.reason, connected) == ("blocked_address", [])


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "168.63.129.16", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:100.100.100.200]", "[fe80::1]",
     "224.0.0.1", "255.255.255.255", "[::ffff:169.254.169.254]"],
)  # fmt: skip
async def test_the_private_network_switch_does_not_open_link_local_addresses(host: str) -> None:
    """12: cloud metadata stays shut even where private networks are allowed."""
    with connections() as connected:
        assert (await fetch(f"http://{host}/")).reason == "blocked_address"
    assert connected == []


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "javascript:alert(1)", "data:,x"]
)
async def test_a_redirect_to_another_scheme_is_blocked(to: str) -> None:
    """13: only http and https are followed."""
    assert (await outcome(redirect(to))).reason == "blocked_scheme"


@pytest.mark.parametrize(
    "to",
    ["http://[::1", "http://a b/", "http://user:pw@diario.example/", "http://diario.example:99999/"],
)
async def test_a_redirect_to_no_address_is_refused(to: str) -> None:
    """13: a Location that is no usable address ends the request, without an exception."""
    assert (await outcome(redirect(to))).reason == "bad_url"


def lookup_of(*answers: Sequence[str]) -> Any:
    """A stub DNS: the answers one after another, the last one for good."""
    left = list(answers)

    async def lookup(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return lookup


async def test_a_name_that_turns_inside_between_two_requests_is_blocked() -> None:
    """14: the address is checked on each connection, so a rebinding name gains nothing from having been good once."""
    async with FaultServer({"/x": answer(RSS, Connection="close")}) as server:
        server.answers = {"/x": raw(head(Content_Length=len(RSS), Connection="close") + RSS)}
        guard = AddressGuard(exceptions=frozenset({("127.0.0.1", server.port)}))
        lookup = lookup_of(["127.0.0.1"], ["127.0.0.2"])
        config = settings(allow_private_network=False, min_delay_s=0)
        with connections() as connected:
            async with Fetcher(config, lookup=lookup, guard=guard) as f:
                request = FetchRequest(server.url("/x", "rebind.example"), "feed", "diario")
                assert (await f.fetch(request)).reason == "ok"
                assert (await f.fetch(request)).reason == "blocked_address"
        assert set(connected) == {("127.0.0.1", server.port)}


@pytest.mark.parametrize(
    "address", [h.strip("[]") for h in INSIDE if h[0] in "12[" and h != "127.1" and not h.isdigit()]
)
async def test_a_name_that_resolves_inside_is_blocked(address: str) -> None:
    """14, 15: the answers of DNS are checked, NAT64, 6to4 and mapped forms included."""
    with connections() as connected:
        result = await fetch(
            "http://diario.example/feed",
            fetcher={"lookup": lookup_of([address.rstrip(".")])},
            allow_private_network=False,
        )
    assert (result.reason, connected) == ("blocked_address", [])


async def test_of_mixed_answers_only_public_addresses_are_tried() -> None:
    """14: one public address among private ones does not lead to the private ones."""
    async with FaultServer({"/x": answer(RSS)}) as server:
        guard = AddressGuard(exceptions=frozenset({("127.0.0.1", server.port)}))
        lookup = lookup_of(["10.0.0.1", "127.0.0.2", "::ffff:127.0.0.1", "127.0.0.1"])
        with connections() as connected:
            result = await fetch(
                server.url("/x", "diario.example"),
                fetcher={"lookup": lookup, "guard": guard},
                allow_private_network=False,
            )
        assert result.reason == "ok"
        assert set(connected) == {("127.0.0.1", server.port)}


async def test_both_families_of_addresses_are_used() -> None:
    """A host with IPv6 only is reached; one whose IPv6 address is dead is reached over IPv4."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        need(False, "needs IPv6 on loopback")
    async with FaultServer({"/x": answer(RSS)}, address="::1") as six, FaultServer({"/x": answer(RSS)}) as four:
        for server, addresses in ((six, ["::1"]), (four, ["::1", "127.0.0.1"])):
            result = await fetch(server.url("/x", "diario.example"), fetcher={"lookup": lookup_of(addresses)})
            assert result.reason == "ok", result.detail
        assert (await fetch(six.url("/x", "[::1]"))).reason == "ok"


# -- 16 to 19, 24 to 26: what servers say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "not_found"), (410, "gone"), (401, "forbidden"), (403, "forbidden"), (402, "forbidden"),
        (451, "forbidden"), (400, "http_error"), (418, "http_error"), (500, "server_error"), (502, "server_error"),
        (503, "server_error"),
        (429, "rate_limited"), (300, "http_error"), (206, "truncated"), (302, "http_error"),
    ],
)  # fmt: skip
async def test_each_status_has_its_reason(status: int, reason: str) -> None:
    """18, 26, 46: the status decides on the reason and is kept beside it."""
    result = await outcome(answer(RSS, status))
    assert (result.reason, result.status) == (reason, status)


async def test_flapping_errors_are_soft_and_do_not_close_the_host() -> None:
    """18: after 404s and 500s the next answer is taken as it comes."""
    flapping = in_turn(answer(b"", 404), answer(b"", 500), answer(b"", 404), answer(b"", 502), answer(RSS))
    async with FaultServer({"/x": flapping}) as server, Fetcher(settings()) as f:
        request = FetchRequest(server.url("/x"), "feed", "diario")
        got = [(await f.fetch(request)).reason for _ in range(5)]
    assert got == ["not_found", "server_error", "not_found", "server_error", "ok"]
    assert {REASONS[r].kind for r in got[:4]} == {"soft", "temporary"}


async def test_a_304_is_believed_only_where_it_was_asked_for() -> None:
    """19: a server that answers 304 to everything is found out by the weekly request without validators."""
    async with FaultServer({"/x": answer(b"", 304)}) as server, Fetcher(settings()) as f:
        conditional = FetchRequest(server.url("/x"), "feed", "diario", '"v1"', "Sat, 01 Aug 2026 10:00:00 GMT")
        result = await f.fetch(conditional)
        assert (result.reason, result.etag, result.last_modified) == ("not_modified", '"v1"', conditional.last_modified)
        assert server.asked[0].headers["if-none-match"] == '"v1"'
        assert server.asked[0].headers["if-modified-since"] == "Sat, 01 Aug 2026 10:00:00 GMT"
        assert (await f.fetch(FetchRequest(server.url("/x"), "feed", "diario"))).reason == "http_error"


@pytest.mark.parametrize("etag", ["a\r\nX-Evil: 1", "é", "\x00", "x" * 5000, ""])
async def test_a_validator_that_cannot_be_sent_is_left_out(etag: str) -> None:
    """19: what a server once sent as ETag cannot break or forge a later request."""
    async with FaultServer({"/x": answer(RSS)}) as server, Fetcher(settings()) as f:
        assert (await f.fetch(FetchRequest(server.url("/x"), "feed", "diario", etag))).reason == "ok"
        assert not {"if-none-match", "x-evil"} & set(server.asked[0].headers)


async def test_a_dead_name_server_is_a_temporary_failure() -> None:
    """21: a lookup that does not come back ends in `dns`, before the whole request's deadline."""

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return []

    result = await fetch("http://diario.example/", fetcher={"lookup": never}, connect_timeout_s=0.1)
    assert result.reason == "unreachable"
    assert REASONS["unreachable"].kind == "temporary"


async def test_a_name_that_does_not_exist_is_dns_and_a_closed_port_unreachable() -> None:
    """21: no name and no server are told apart."""
    assert (await fetch("http://no-such-host.invalid/")).reason == "unreachable"
    async with FaultServer({}) as server:
        gone = server.url("/")
    assert (await fetch(gone)).reason == "unreachable"


@pytest.mark.parametrize("page", [b"<html><title>Just a moment...</title>", b"%PDF-1.7", b"{}"])
async def test_a_page_in_place_of_a_feed_is_handed_on_as_it_is(page: bytes) -> None:
    """22: whether 200 brought a feed is the parser's to say (`not_feed`); the bytes reach it untouched."""
    result = await outcome(answer(page, Content_Type="text/html"))
    assert (result.reason, result.body) == ("ok", page)


async def test_max_age_of_a_year_does_not_delay_the_next_poll() -> None:
    """25: freshness is asked by conditional GET; a cache lifetime sets no date for the next try."""
    result = await outcome(answer(RSS, Cache_Control="max-age=31536000", Expires="Fri, 01 Jan 2100 00:00:00 GMT"))
    assert (result.reason, result.retry_at) == ("ok", None)


@pytest.mark.parametrize(
    ("statuses", "proposed"),
    [((301,), True), ((308, 301), True), ((302,), False), ((301, 302), False), ((307, 301), False)],
)
async def test_only_permanent_redirects_propose_a_new_address(statuses: tuple[int, ...], proposed: bool) -> None:
    """26: a chain of 301 and 308 proposes where it led; one temporary link in it, and nothing is proposed."""
    chain: dict[str, Handler] = {f"/{i}": redirect(f"/{i + 1}", status) for i, status in enumerate(statuses)}
    chain[f"/{len(statuses)}"] = answer(RSS)
    async with FaultServer(chain) as server:
        result = await fetch(server.url("/0"))
        end = server.url(f"/{len(statuses)}")
        assert (result.reason, result.final_url, result.permanent_url) == ("ok", end, end if proposed else None)


async def test_a_permanent_redirect_to_a_dead_page_proposes_nothing() -> None:
    """26: only an address that answered is proposed."""
    async with FaultServer({"/x": redirect("/y", 301), "/y": answer(b"", 410)}) as server:
        result = await fetch(server.url("/x"))
        assert (result.reason, result.permanent_url) == ("gone", None)


async def test_cookies_are_not_kept() -> None:
    """A cookie that a redirect sets is not sent to where it leads, nor later."""
    async with FaultServer({"/x": answer(b"", 302, Location="/y", Set_Cookie="id=1"), "/y": answer(RSS)}) as server:
        assert (await fetch(server.url("/x"))).reason == "ok"
        assert all("cookie" not in a.headers for a in server.asked)


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve names beyond the guard's sight."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await outcome(answer(RSS))).reason == "ok"


# -- 42, 45, 47: pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("text/html; charset=utf-8", PAGE, None),
        ("application/xhtml+xml", PAGE, None),
        (None, PAGE, None),
        ("text/xml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", None),
        ("text/xml", RSS, "not_html"),
        ("application/pdf", b"%PDF-1.7 ...", "not_html"),
        ("text/html", b"%PDF-1.7 ...", "not_html"),
        ("video/mp4", b"\x00\x00\x00\x20ftypisom", "not_html"),
        ("image/jpeg", b"\xff\xd8\xff\xe0", "not_html"),
        (None, b"\x00\x01\x02", "not_html"),
        ("text/html", b"", "empty"),
    ],
)
async def test_what_is_not_html_is_told_from_pages(kind: str | None, body: bytes, problem: str | None) -> None:
    """42: a PDF or a video is `not_html`, whatever the server calls it; the bytes are kept."""
    headers = {"Content_Type": kind} if kind else {}
    result = await outcome(answer(body, **headers), "page", respect_robots=False)
    assert page_problem(result) == problem
    assert result.body == body


async def test_a_meta_refresh_inside_is_not_followed() -> None:
    """45: HTML is handed on, never acted upon."""
    async with FaultServer({}) as inner:
        page = f'<html><meta http-equiv="refresh" content="0;url={inner.url("/secret")}"><p>x</html>'.encode()
        async with FaultServer(
            {"/x": answer(page, Content_Type="text/html", Refresh=f"0;url={inner.url('/')}")}
        ) as server:
            result = await fetch(server.url("/x"), "page")
            assert (result.reason, page_problem(result), result.body) == ("ok", None, page)
            assert server.paths() == ["/robots.txt", "/x"]
        assert inner.connections == 0


async def test_one_stalled_host_does_not_hold_up_the_others() -> None:
    """47: with fewer slots than the stalled host has requests, the others' pages all come before its first timeout."""
    async with (
        FaultServer({"/x": stall()}) as stalled,
        FaultServer({"/x": answer(PAGE)}) as a,
        FaultServer({"/x": answer(PAGE)}) as b,
    ):
        requests = [FetchRequest(stalled.url("/x") + f"?{i}", "feed", "s") for i in range(8)]
        requests += [FetchRequest(s.url("/x") + f"?{i}", "feed", "g") for i in range(40) for s in (a, b)]
        order: list[str] = []
        async with Fetcher(settings(concurrency=3, total_timeout_s=1.5)) as f:
            async for result in f.fetch_all(requests):
                order.append(result.request.source_id + ":" + result.reason)
    assert order[:80] == ["g:ok"] * 80
    assert sorted(order[80:]) == ["s:host_deferred"] * 5 + ["s:timeout"] * 3


async def test_a_memory_bomb_does_not_reach_memory() -> None:
    """3: 200 MB that fit in 200 KB are cut off at the cap, not inflated and then judged."""
    import tracemalloc

    data = bomb(200_000_000)
    tracemalloc.start()
    try:
        started = time.process_time()
        result = await outcome(answer(data, Content_Encoding="gzip"), max_feed_bytes=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        assert time.process_time() - started < 10
    finally:
        tracemalloc.stop()
    assert result.reason == "too_large"
    assert peak < 20_000_000
