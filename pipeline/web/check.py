"""Opens every page once without a network, to see that it answers: `serve --check`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from pipeline.web.asked import LANGUAGES
from pipeline.web.guard import Application, Message
from storage import db
from storage.query import run_query


@dataclass(frozen=True, slots=True)
class Opened:
    """How a page answered."""

    path: str
    status: int
    size: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of an ASGI application."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def request(app: Application, path: str, host: str = "localhost") -> Answer:
    """Return what ``app`` answers to a GET of ``path`` with its query."""
    bare, _, query = path.partition("?")
    parts: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        parts.append(message)

    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(bare),
        "raw_path": bare.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", host.encode())],
        "client": None,
        "server": (host, 80),
    }
    # In a thread of its own: the caller's may have a loop that runs
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_call(app, scope, receive, send))).result()
    body = b"".join(p.get("body", b"") for p in parts[1:])
    return Answer(parts[0]["status"], tuple(parts[0]["headers"]), body)


async def _call(app: Application, scope: Message, receive: object, send: object) -> None:
    await app(scope, receive, send)  # type: ignore[arg-type]


def paths(home: Path, timeout_s: float) -> list[str]:
    """Return an address of every kind of page there is over the snapshot of ``home``, without the language."""
    found = [
        "/",
        "/matrix",
        "/search?q=a",
        "/topics",
        "/sources",
        "/watches",
        "/digests",
        "/drops",
        "/guide",
        "/plots/days.svg",
    ]
    found.append("/plots/topics.svg")
    ((story, article, topic, source, watch),) = run_query(home, db.sql_file("page", "samples.sql"), timeout_s).rows
    if story:
        found += [f"/stories/{quote(str(story))}", f"/plots/story.svg?story={quote(str(story))}"]
    if article:
        found.append(f"/articles/{quote(str(article))}")
    if topic:
        found += [f"/topics/{quote(str(topic))}", f"/plots/topic.svg?topic={quote(str(topic))}"]
    if source:
        found.append(f"/sources/{quote(str(source))}")
    if watch:
        found.append(f"/watches/{quote(str(watch))}")
    return found


def check(app: Application, home: Path, timeout_s: float) -> Iterator[Opened]:
    """Open every kind of page in every language, one after the other."""
    for lang in LANGUAGES:
        for path in paths(home, timeout_s):
            start = time.perf_counter()
            answer = request(app, f"/{lang}{path}")
            yield Opened(f"/{lang}{path}", answer.status, len(answer.body), (time.perf_counter() - start) * 1_000)
