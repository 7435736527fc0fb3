"""Politeness towards hosts, seen from the server: spacing, robots.txt, requests to wait. The time is faked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest

from pipeline.fetch import Fetcher
from pipeline.reasons import REASONS
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest, FetchResult
from tests.faults.server import (
    PAGE,
    RSS,
    FaultServer,
    Handler,
    answer,
    drip,
    head,
    in_turn,
    raw,
    redirect,
    reset,
    stall,
)
from tests.faults.sockets import connections

NOW = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.passed

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds
        await asyncio.sleep(0)

    def stamp(self, handler: Handler, log: list[tuple[str, float]]) -> Handler:
        """Note the fake time at which each request of ``handler`` comes in."""

        async def handle(asked: Any, writer: Any) -> None:
            log.append((asked.headers["host"] + asked.path, self.passed))
            await handler(asked, writer)

        return handle


def fetcher(time: FakeTime, **values: Any) -> Fetcher:
    settings = FetchSettings(**{"allow_private_network": True, "total_timeout_s": 5.0, **values})
    return Fetcher(settings, clock=time.clock, monotonic=time.monotonic, sleep=time.sleep, space_loopback=True)


def feed(url: str) -> FetchRequest:
    return FetchRequest(url, "feed", "diario")


def page(url: str) -> FetchRequest:
    return FetchRequest(url, "page", "diario")


HTML = answer(PAGE, Content_Type="text/html")


# -- spacing ----------------------------------------------------------------------------------------------------------


async def test_requests_to_a_host_are_spaced_and_hosts_do_not_wait_for_each_other() -> None:
    """Between two requests to one host lie at least min_delay_s; redirects and robots.txt count as requests."""
    time, log = FakeTime(), []  # type: ignore[var-annotated]
    paths = {"/robots.txt": answer(b""), "/a": HTML, "/b": redirect("/c"), "/c": HTML, "/feed": answer(RSS)}
    async with FaultServer({p: time.stamp(h, log) for p, h in paths.items()}) as server:
        mapped = dict.fromkeys(("uno.example", "dos.example", "tres.example"), f"127.0.0.1:{server.port}")
        requests = [
            r for h in mapped for r in (feed(f"https://{h}/feed"), page(f"https://{h}/a"), page(f"https://{h}/b"))
        ]
        async with fetcher(time, min_delay_s=2.0, resolve=mapped) as f:
            results = [r async for r in f.fetch_all(requests)]
    assert {r.reason for r in results} == {"ok"}
    for host in mapped:
        at = [t for url, t in log if url.startswith(host)]
        assert len(at) == 5
        assert all(b - a >= 2.0 for a, b in pairwise(at)), at


async def test_a_redirect_to_another_host_takes_its_turn_there() -> None:
    """Spacing holds for the host a redirect leads to, whoever sent us there."""
    time, log = FakeTime(), []  # type: ignore[var-annotated]
    answers = {"/robots.txt": answer(b"", 404), "/x": redirect("https://dos.example/y"), "/y": time.stamp(HTML, log)}
    async with FaultServer(answers) as server:
        mapped = dict.fromkeys(("uno.example", "dos.example"), f"127.0.0.1:{server.port}")
        async with fetcher(time, min_delay_s=3.0, resolve=mapped) as f:
            urls = ["https://uno.example/x", "https://dos.example/y", "https://uno.example/x"]
            results = await asyncio.gather(*(f.fetch(page(u)) for u in urls))
    assert [r.final_url for r in results] == ["https://dos.example/y"] * 3
    times = [t for _, t in log]
    assert len(times) == 3
    assert all(b - a >= 3.0 for a, b in pairwise(times)), times


async def test_loopback_is_not_spaced_unless_asked() -> None:
    """The newsroom and an intranet cache on this machine need no pauses."""
    time = FakeTime()
    async with FaultServer({"/x": answer(RSS)}) as server:
        settings = FetchSettings(
            allow_private_network=True, min_delay_s=9, resolve={"uno.example": f"127.0.0.1:{server.port}"}
        )
        async with Fetcher(settings, monotonic=time.monotonic, sleep=time.sleep) as f:
            for url in (server.url("/x"), "https://uno.example/x", server.url("/x", "localhost")) * 2:
                assert (await f.fetch(feed(url))).reason == "ok"
    assert time.slept == []


async def test_at_most_concurrency_requests_are_under_way() -> None:
    """`concurrency` bounds the open requests of all hosts together, and is used in full."""
    under_way = most = 0

    async def slow(asked: Any, writer: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await answer(RSS)(asked, writer)

    async with FaultServer({"/x": slow}) as server:
        mapped = {f"h{i}.example": f"127.0.0.1:{server.port}" for i in range(20)}
        settings = FetchSettings(allow_private_network=True, concurrency=4, resolve=mapped)
        async with Fetcher(settings) as f:
            got = [r.reason async for r in f.fetch_all([feed(f"http://{h}/x") for h in mapped])]
    assert got == ["ok"] * 20
    assert most == 4


async def test_fetch_all_may_be_left_early() -> None:
    """A caller that stops listening leaves no request and no task behind."""
    async with FaultServer({"/x": answer(RSS), "/stall": stall()}) as server:
        mapped = {f"h{i}.example": f"127.0.0.1:{server.port}" for i in range(5)}
        async with Fetcher(FetchSettings(allow_private_network=True, resolve=mapped)) as f:
            before = asyncio.all_tasks()
            stream = f.fetch_all([feed(f"http://{h}/{'x' if h == 'h0.example' else 'stall'}") for h in mapped])
            async for result in stream:
                assert result.reason == "ok"
                break
            await stream.aclose()
            left = {getattr(t.get_coro(), "__qualname__", "") for t in asyncio.all_tasks() - before}
            assert not [name for name in left if "Fetcher" in name]


# -- resolve ----------------------------------------------------------------------------------------------------------


async def test_a_mapped_host_is_asked_in_clear_under_its_own_name() -> None:
    """`[fetch] resolve` keeps Host header and public URL, for https addresses and redirects too."""
    async with FaultServer({"/a": redirect("https://uno.example:8443/b?q=ñ", 301), "/b": answer(RSS)}) as server:
        mapped = {"Uno.example": f"127.0.0.1:{server.port}"}
        async with Fetcher(FetchSettings(allow_private_network=True, resolve=mapped)) as f:
            result = await f.fetch(feed("https://UNO.example/a"))
        assert (result.reason, result.body) == ("ok", RSS)
        assert result.final_url == result.permanent_url == "https://uno.example:8443/b?q=%C3%B1"
        assert [a.headers["host"] for a in server.asked] == ["uno.example", "uno.example:8443"]


async def test_a_host_mapped_inside_needs_the_private_network_switch() -> None:
    """The error names the setting and the switch that lets it through."""
    with connections() as connected:
        async with Fetcher(FetchSettings(resolve={"uno.example": "127.0.0.1:9"})) as f:
            result = await f.fetch(feed("https://uno.example/"))
    assert (result.reason, connected) == ("blocked_address", [])
    assert "resolve" in str(result.detail)
    assert "--allow-private-network" in str(result.detail)


@pytest.mark.parametrize("value", ["127.0.0.1", "", "127.0.0.1:0", "127.0.0.1:x", ":80"])
async def test_a_mapping_that_makes_no_sense_is_named(value: str) -> None:
    """A wrong setting ends in a result that quotes it, not in an exception."""
    async with Fetcher(FetchSettings(allow_private_network=True, resolve={"uno.example": value})) as f:
        result = await f.fetch(feed("https://uno.example/"))
    assert result.reason == "bad_url"
    assert "fetch.resolve" in str(result.detail)


# -- robots.txt -------------------------------------------------------------------------------------------------------

RULES = (
    b"User-agent: *\nDisallow: /\n\nUser-agent: Atalaya\nDisallow: /privado\nAllow: /privado/nota$\nCrawl-delay: 7\n"
)


async def fetch_page(robots: Handler, path: str = "/x", **values: Any) -> tuple[FetchResult, FaultServer]:
    async with FaultServer({"/robots.txt": robots, "/x": HTML, "/privado/nota": HTML, "/privado/a": HTML}) as server:
        settings = FetchSettings(**{"allow_private_network": True, "total_timeout_s": 0.5, **values})
        async with Fetcher(settings) as f:
            return await f.fetch(page(server.url(path))), server


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/x", "ok"), ("/privado/a", "robots_denied"), ("/privado/nota", "ok"), ("/privado?x", "robots_denied")],
)
async def test_robots_rules_for_our_name_are_kept(path: str, reason: str) -> None:
    """RFC 9309: our own group before `*`, the longest rule wins, and a denied page is never asked for."""
    result, server = await fetch_page(answer(RULES), path)
    assert result.reason == reason
    assert server.paths() == ["/robots.txt", path][: 2 if reason == "ok" else 1]


@pytest.mark.parametrize(
    ("robots", "reason"),
    [
        pytest.param(answer(b"", 404), "ok", id="404"),
        pytest.param(answer(b"", 401), "ok", id="401"),
        pytest.param(answer(b"", 403), "ok", id="403"),
        pytest.param(answer(b"", 410), "ok", id="410"),
        pytest.param(answer(b""), "ok", id="empty"),
        pytest.param(answer(b"<html>not found</html>"), "ok", id="html"),
        pytest.param(answer(b"\xff\xfe\x00 garbage \x00"), "ok", id="garbage"),
        pytest.param(redirect("/robots.txt"), "ok", id="loop"),
        pytest.param(answer(b"", 500), "robots_deferred", id="24: 500"),
        pytest.param(answer(b"", 503), "robots_deferred", id="24: 503"),
        pytest.param(reset(), "robots_deferred", id="24: reset"),
        pytest.param(drip(head(Content_Length=999), b"x"), "robots_deferred", id="24: dripped"),
        pytest.param(raw(head(Content_Length=999) + b"User-agent"), "robots_deferred", id="24: truncated"),
        pytest.param(answer(b"", 503, Retry_After="60"), "host_deferred", id="503, asks to wait"),
        pytest.param(answer(b"", 429), "host_deferred", id="429"),
        pytest.param(redirect("http://169.254.169.254/"), "blocked_address", id="inside"),
    ],
)
async def test_robots_that_cannot_be_read(robots: Handler, reason: str) -> None:
    """24: 4xx means no rules; a server error or no whole answer means wait, and the page is not asked for."""
    result, server = await fetch_page(robots)
    assert result.reason == reason, result.detail
    assert ("/x" in server.paths()) == (reason == "ok")


async def test_robots_are_asked_once_a_run_and_not_for_feeds() -> None:
    """One robots.txt per host and run, however many pages ask at once; feeds are there for readers."""
    async with FaultServer({"/robots.txt": answer(RULES), "/x": HTML, "/feed": answer(RSS)}) as server:
        mapped = dict.fromkeys(("uno.example", "dos.example"), f"127.0.0.1:{server.port}")
        time = FakeTime()
        async with fetcher(time, resolve=mapped) as f:
            await f.fetch(feed("https://uno.example/feed"))
            assert server.paths() == ["/feed"]
            results = await asyncio.gather(*(f.fetch(page(f"https://{h}/x?{i}")) for h in mapped for i in range(3)))
        assert [r.reason for r in results] == ["ok"] * 6
        assert server.paths().count("/robots.txt") == 2


async def test_robots_hold_on_the_host_that_a_redirect_leads_to() -> None:
    """A page is not fetched by way of a host that may be asked."""
    async with FaultServer({"/robots.txt": answer(RULES), "/x": redirect("https://dos.example/privado/a")}) as server:
        mapped = dict.fromkeys(("uno.example", "dos.example"), f"127.0.0.1:{server.port}")
        async with fetcher(FakeTime(), resolve=mapped) as f:
            result = await f.fetch(page("https://uno.example/x"))
        assert result.reason == "robots_denied"
        assert "/privado/a" not in server.paths()


async def test_robots_larger_than_the_cap_are_read_to_the_cap() -> None:
    """RFC 9309, 2.5: rules in the first 500 KiB hold, though the file goes on."""
    result, _ = await fetch_page(answer(b"User-agent: *\nDisallow: /x\n" + b"#" * 999 + b"\n" * 2_000_000))
    assert result.reason == "robots_denied"


async def test_robots_may_be_switched_off() -> None:
    """respect_robots = false asks for no robots.txt (an intranet, a test)."""
    result, server = await fetch_page(answer(b"User-agent: *\nDisallow: /"), respect_robots=False)
    assert (result.reason, server.paths()) == ("ok", ["/x"])


async def test_crawl_delay_spaces_pages() -> None:
    """Pages of a host are at least its Crawl-delay apart; a feed between them does not wait for it."""
    time, log = FakeTime(), []  # type: ignore[var-annotated]
    answers = {"/robots.txt": answer(RULES), "/x": time.stamp(HTML, log), "/feed": answer(RSS)}
    async with FaultServer(answers) as server, fetcher(time, min_delay_s=1.0) as f:
        for _ in range(3):
            assert (await f.fetch(page(server.url("/x")))).reason == "ok"
        before = time.passed
        assert (await f.fetch(feed(server.url("/feed")))).reason == "ok"
        assert time.passed - before == pytest.approx(1.0)
    gaps = [b[1] - a[1] for a, b in pairwise(log)]
    assert gaps == [pytest.approx(7.0)] * 2


async def test_a_crawl_delay_too_long_to_wait_for_gives_one_page_a_run() -> None:
    """A Crawl-delay of an hour is kept, not shortened: the rest is left for later runs, and the run does not hang."""
    time = FakeTime()
    robots = answer(b"User-agent: *\nCrawl-delay: 3600")
    async with FaultServer({"/robots.txt": robots, "/x": HTML}) as server, fetcher(time) as f:
        results = [await f.fetch(page(server.url("/x"))) for _ in range(3)]
    assert [r.reason for r in results] == ["ok", "host_deferred", "host_deferred"]
    assert results[1].retry_at is not None
    assert timedelta(seconds=3590) < results[1].retry_at - time.clock() <= timedelta(seconds=3600)


# -- Retry-After ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30), ("316800", 86_400), ("999999999999999999999", 900), ("-5", 900), ("0", 900), ("soon", 900),
        ("", 900), ("1e3", 900), (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW + timedelta(days=30), usegmt=True), 86_400),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 900), ("Fri, 32 Foo 2026 99:99:99 GMT", 900),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_sets_the_next_try(value: str, seconds: int, status: int) -> None:
    """16, 17: seconds and dates are kept up to a day; what is no wait gets a quarter of an hour."""
    time = FakeTime()
    async with FaultServer({"/x": answer(b"", status, Retry_After=value)}) as server, fetcher(time) as f:
        result = await f.fetch(feed(server.url("/x")))
        assert (result.reason, result.status) == ("rate_limited", status)
        assert result.retry_at == NOW + timedelta(seconds=seconds)


async def test_a_host_that_asks_to_wait_is_left_alone_until_then() -> None:
    """Nothing goes to the host before Retry-After, other hosts go on, and afterwards it is asked again."""
    time = FakeTime()
    limited = in_turn(answer(b"", 429, Retry_After="120"), answer(RSS))
    async with (
        FaultServer({"/x": limited, "/y": HTML}) as server,
        FaultServer({"/x": answer(RSS)}) as other,
        fetcher(time) as f,
    ):
        assert (await f.fetch(feed(server.url("/x")))).reason == "rate_limited"
        until = NOW + timedelta(seconds=120)
        for request in (feed(server.url("/x")), page(server.url("/y"))):
            result = await f.fetch(request)
            assert (result.reason, result.retry_at) == ("host_deferred", until)
        assert server.paths() == ["/x"]
        assert (await f.fetch(feed(other.url("/x")))).reason == "ok"
        time.passed = 120.0
        assert (await f.fetch(feed(server.url("/x")))).reason == "ok"


async def test_requests_already_waiting_when_the_host_asks_to_wait_are_not_made() -> None:
    """The 429 counts for requests that stood in line when it came."""
    async with FaultServer({"/x": answer(b"", 429, Retry_After="60")}) as server, fetcher(FakeTime()) as f:
        results = await asyncio.gather(*(f.fetch(feed(server.url(f"/x?{i}"))) for i in range(5)))
        assert sorted(r.reason for r in results) == ["host_deferred"] * 4 + ["rate_limited"]
        assert len(server.asked) == 1


async def test_a_retry_after_date_is_read_on_the_servers_clock() -> None:
    """17: where the server's clock is a day off, the wait it means still counts."""
    ahead = NOW + timedelta(days=1)
    handler = answer(
        b"",
        429,
        Date=format_datetime(ahead, usegmt=True),
        Retry_After=format_datetime(ahead + timedelta(minutes=5), usegmt=True),
    )
    async with FaultServer({"/x": handler}) as server, fetcher(FakeTime()) as f:
        assert (await f.fetch(feed(server.url("/x")))).retry_at == NOW + timedelta(minutes=5)


async def test_a_host_that_stays_silent_is_given_up_for_the_run() -> None:
    """Three requests in a row without a sign of life: the rest is deferred instead of waiting for each deadline."""
    time = FakeTime()
    async with FaultServer({"/x": stall()}) as server, fetcher(time, total_timeout_s=0.05) as f:
        reasons = [(await f.fetch(feed(server.url("/x")))).reason for _ in range(6)]
        assert reasons == ["timeout"] * 3 + ["host_deferred"] * 3
        assert len(server.asked) == 3


async def test_a_host_that_answers_now_and_then_is_not_given_up() -> None:
    """Any answer, an error too, is a sign of life."""
    handler = in_turn(stall(), stall(), answer(b"", 500), stall(), stall(), answer(RSS))
    async with FaultServer({"/x": handler}) as server, fetcher(FakeTime(), total_timeout_s=0.05) as f:
        reasons = [(await f.fetch(feed(server.url("/x")))).reason for _ in range(6)]
    assert reasons == ["timeout", "timeout", "server_error", "timeout", "timeout", "ok"]


async def test_every_reason_is_in_the_table() -> None:
    """Reasons of this file are documented ones."""
    assert {"rate_limited", "host_deferred", "robots_denied", "robots_deferred", "timeout"} <= set(REASONS)


# -- who we are -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        ("mesa@diario.example", "(+mesa@diario.example)"),
        ("https://diario.example/bot", "(+https://diario.example/bot)"),
        ("", "no contact set"),
        ("a\r\nX-Evil: 1 (x)", "(+a X-Evil: 1 x)"),
    ],
)
async def test_the_user_agent_says_who_asks(contact: str, says: str) -> None:
    """Feeds, pages and robots.txt are asked under one honest name."""
    async with (
        FaultServer({"/robots.txt": answer(b""), "/x": HTML}) as server,
        fetcher(FakeTime(), contact=contact) as f,
    ):
        await f.fetch(page(server.url("/x")))
        agents = {a.headers["user-agent"] for a in server.asked}
        assert len(agents) == 1
        agent = agents.pop()
        assert agent.startswith("Atalaya/")
        assert says in agent
        assert all("x-evil" not in a.headers for a in server.asked)
        assert {a.headers["accept-encoding"] for a in server.asked} == {"gzip, deflate"}
