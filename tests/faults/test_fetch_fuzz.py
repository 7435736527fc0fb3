"""Whatever bytes a server sends, a request ends in one documented reason that is not our own fault."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fetch import Fetcher, page_problem
from pipeline.reasons import REASONS
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest, FetchResult
from tests.faults.server import PAGE, RSS, FaultServer, head, raw, redirect
from tests.faults.sockets import connections

WHOLE = [
    head(Content_Length=len(RSS), Content_Type="text/xml", ETag='"1"', Last_Modified="Tue, 01 Sep 2026 10:00:00 GMT")
    + RSS,
    head(Content_Encoding="gzip", Content_Length=len(gzip.compress(PAGE))) + gzip.compress(PAGE),
    head(Transfer_Encoding="chunked", Content_Encoding="deflate") + b"3\r\nabc\r\n0\r\n\r\n",
    head(301, Location="/y", Content_Length=0),
    head(429, Retry_After="Tue, 01 Sep 2026 10:00:00 GMT", Date="x", Content_Length=0),
    head(304) + head(200),
    head(103, Link="</a>") + head(Content_Length=2) + b"ok",
]

edits = st.lists(
    st.tuples(
        st.sampled_from(["cut", "flip", "insert", "double"]), st.integers(0, 600), st.binary(min_size=1, max_size=6)
    ),
    max_size=4,
)


def edited(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    """Apply random damage to a real answer."""
    for how, at, extra in changes:
        i = at % (len(data) + 1)
        if how == "cut":
            data = data[:i]
        elif how == "flip":
            data = data[:i] + extra + data[i + len(extra) :]
        elif how == "insert":
            data = data[:i] + extra + data[i:]
        else:
            data = data[:i] + data[max(0, i - 40) :]
    return data


async def ask(data: bytes, kind: str) -> FetchResult:
    async with FaultServer({}) as server:
        server.answers = dict.fromkeys(["/x", "/y", "/robots.txt"], raw(data))
        async with Fetcher(FetchSettings(allow_private_network=True, total_timeout_s=0.2, max_redirects=2)) as f:
            return await f.fetch(FetchRequest(server.url("/x"), kind, "diario", '"1"'))  # type: ignore[arg-type]


@settings(max_examples=60)
@given(
    st.one_of(st.builds(edited, st.sampled_from(WHOLE), edits), st.binary(max_size=300)),
    st.sampled_from(["feed", "page"]),
)
def test_any_answer_ends_in_a_documented_reason(data: bytes, kind: str) -> None:
    """Damaged answers and plain noise: never an exception, never `bug`, and no connection elsewhere."""
    with connections() as connected:
        result = asyncio.run(ask(data, kind))
    assert result.reason in REASONS
    assert result.reason != "bug", result.detail
    assert page_problem(result) is None or page_problem(result) in REASONS
    assert {host for host, _ in connected} <= {"127.0.0.1"}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/ñ?q=á".encode(), "/%C3%B1?q=%C3%A1"),
        (b"/\xf1", "/%F1"),
        (b"/a b", "/a%20b"),
        (b"/%f1", "/%f1"),
        (b"?p=1", "/x?p=1"),
    ],
)
async def test_a_location_in_raw_bytes_leads_to_the_same_bytes(location: bytes, path: str) -> None:
    """Old servers send Location in UTF-8 or Latin-1, unescaped: the very bytes are asked for."""
    async with FaultServer({}) as server:
        first = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
        server.answers = {"/x": raw(first, close=False)}
        async with Fetcher(FetchSettings(allow_private_network=True, max_redirects=1)) as f:
            await f.fetch(FetchRequest(server.url("/x"), "feed", "diario"))
        assert server.paths()[1] == path


@settings(max_examples=30)
@given(st.text(max_size=50))
def test_any_location_ends_in_a_documented_reason(location: str) -> None:
    """No Location makes a request raise, nor leads off this machine without the guard's word."""

    async def go() -> FetchResult:
        async with (
            FaultServer({"/x": redirect(location.replace("\r", "").replace("\n", ""))}) as server,
            Fetcher(FetchSettings(allow_private_network=True, total_timeout_s=0.5), lookup=nowhere) as f,
        ):
            return await f.fetch(FetchRequest(server.url("/x"), "feed", "diario"))

    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError(f"{host}: no such name")

    result = asyncio.run(go())
    assert result.reason in REASONS
    assert result.reason != "bug", result.detail
