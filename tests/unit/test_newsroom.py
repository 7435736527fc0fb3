"""The fictional newsroom: its data fit together, its server speaks HTTP, and nothing real is named as an author."""

from __future__ import annotations

import http.client
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from pipeline.newsroom import CONFIG
from pipeline.newsroom.content import NewsroomError, load_newsroom, parse_events
from pipeline.newsroom.gold import load_gold
from pipeline.newsroom.live import NewsroomServer
from pipeline.newsroom.pages import build_sites
from pipeline.newsroom.server import HostServer, Response, Site, answer
from pipeline.reasons import REASONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[NewsroomServer]:
    with NewsroomServer() as running:
        yield running


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
