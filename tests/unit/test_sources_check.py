"""`sources check` really fetches every feed and says how it is; run here over loopback with the real parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.feeds import FeedParser
from pipeline.fetch import Fetcher
from pipeline.settings import load_settings
from pipeline.source_check import STALE_AFTER, CheckResult, check_feeds, verified_ids
from pipeline.sources import Catalogue
from storage.records import Feed, Source

NOW = datetime.now(UTC)


def rss(*dates: datetime) -> bytes:
    items = "".join(
        f"<item><title>Titular {i}</title><link>https://a.example/{i}</link><pubDate>{format_datetime(d)}</pubDate></item>"
        for i, d in enumerate(dates)
    )
    return f'<rss version="2.0"><channel><title>Ficticio</title>{items}</channel></rss>'.encode()


PAGES = {
    "/good": (200, rss(NOW - timedelta(hours=3), NOW - timedelta(hours=2))),
    "/frozen": (200, rss(NOW - STALE_AFTER - timedelta(days=900))),
    "/bare": (200, rss()),
    "/page": (200, b"<!doctype html><html><body>Not a feed</body></html>"),
    "/gone": (404, b"nothing here"),
    "/moved": (301, b""),
}


class Handler(BaseHTTPRequestHandler):
    """A server that speaks HTTP and knows PAGES."""

    def do_GET(self) -> None:
        status, body = PAGES[self.path]
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/good")
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def base() -> Iterator[str]:
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_every_feed_is_fetched_and_judged(base: str) -> None:
    """Good, moved, frozen, empty, not a feed and not found are told apart, in the order of the catalogue."""
    source = Source("faro", "El Faro", "VE", ("es",), f"{base}/", "digital", "private", "America/Caracas")
    other = Source("luna", "La Luna", "VE", ("es",), f"{base}/", "digital", "private", "America/Caracas")
    paths = ["/good", "/moved", "/frozen", "/bare", "/page", "/gone"]
    feeds = [Feed(f"{base}{p}", "luna" if p == "/gone" else "faro") for p in paths]
    settings = load_settings(fetch={"allow_private_network": True, "min_delay_s": 0})
    with FeedParser(workers=1) as parser:
        async with Fetcher(settings.fetch) as fetcher:
            results = await check_feeds(Catalogue((source, other), tuple(feeds)), fetcher, parser)
    by_path = {r.feed_url.removeprefix(base): r for r in results}
    assert [r.feed_url for r in results] == [f.feed_url for f in feeds]
    good = by_path["/good"]
    assert (good.ok, good.reason, good.entries, good.stale) == (True, "ok", 2, False)
    assert good.newest_entry_at is not None
    assert abs(good.newest_entry_at - (NOW - timedelta(hours=2))) < timedelta(seconds=2)
    assert by_path["/moved"].ok
    assert by_path["/moved"].proposed_url == f"{base}/good"
    assert (by_path["/frozen"].ok, by_path["/frozen"].stale) == (True, True)
    assert "may have left" in str(by_path["/frozen"].detail)
    assert (by_path["/bare"].ok, by_path["/bare"].reason) == (False, "empty")
    assert (by_path["/page"].ok, by_path["/page"].reason) == (False, "not_feed")
    assert (by_path["/gone"].ok, by_path["/gone"].reason) == (False, "not_found")
    assert verified_ids(results) == {"faro"}


def test_only_a_fetched_feed_verifies_its_source() -> None:
    """One good feed is enough; none is not."""
    results = [
        CheckResult("a", "https://a.example/1", ok=False, reason="timeout"),
        CheckResult("a", "https://a.example/2", ok=True, reason="partial"),
        CheckResult("b", "https://b.example/", ok=False, reason="unreachable"),
    ]
    assert verified_ids(results) == {"a"}
