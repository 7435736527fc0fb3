"""What every request passes and every answer carries: checks of host and origin, GET only, strict headers.

Plain ASGI. A page of this kind is read-only, yet a foreign site must not read it through a visitor's browser either
(DNS rebinding), and text from feeds must stay text: no script runs, nothing is loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_ADDRESS = 2_048
"""Longest path with its query, in bytes."""

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Wraps an ASGI application; ``hosts`` are names it may be called by besides this machine's own."""

    def __init__(self, app: Application, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOCAL_HOSTS | {h.lower() for h in hosts}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self.refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        else:
            await _answer(_with_headers(send), *refusal)

    def refusal(self, scope: Message) -> tuple[int, str] | None:
        """Return status and words when the request is not to be answered, else None."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        hosts = [v for k, v in headers if k == b"host"]
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            return 403, (
                "This page answers only to the names it knows. Open it at http://127.0.0.1 with its port, or add the "
                "name to hosts in [serve] of settings.toml."
            )
        origins = [v for k, v in headers if k == b"origin"]
        if any(_origin_name(o) not in self._hosts for o in origins):
            return 403, "Other sites may not read this page."
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, "This page can only be read: GET and HEAD."
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MAX_ADDRESS:
            return 414, f"The address is longer than {MAX_ADDRESS} characters. Shorten the search."
        return None


def _name(host: bytes) -> str:
    """Return the name in a Host header without its port, in small letters; nothing for one that is malformed."""
    found = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::\d{1,5})?", host.decode("latin-1").strip().lower())
    return (found[1] or found[2]) if found else ""


def _origin_name(origin: bytes) -> str:
    try:
        parts = urlsplit(origin.decode("latin-1"))
        return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {k.lower() for k, _ in message["headers"]}
            extra = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in present]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, words: str) -> None:
    body = f"{words}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 405:
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
