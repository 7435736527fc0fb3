"""A loopback server that misbehaves on purpose: raw bytes over asyncio, one handler a path.

    async with FaultServer({"/feed": answer(b"<rss/>"), "/slow": drip(b"...", 0.05)}) as server:
        ... server.url("/feed") ... server.asked

Nothing here knows the client under test; each handler speaks (or breaks) real HTTP on a real socket.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

RSS = (
    b'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Diario de Prueba</title>'
    b"<item><title>Uno</title><link>https://diario.example/uno</link></item></channel></rss>"
)
PAGE = b"<!doctype html><html lang=es><title>Uno</title><p>Texto de prueba.</p></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in: ``at`` is seconds on the monotonic clock, header names are lower-case."""

    path: str
    headers: Mapping[str, str]
    at: float


Handler = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class FaultServer:
    """Serves ``answers`` by path (without query) on loopback; anything else is a 404. Records what was asked."""

    answers: Mapping[str, Handler]
    tls: ssl.SSLContext | None = None
    address: str = "127.0.0.1"
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    connections: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, self.address, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of ``path`` here."""
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """The paths asked for so far, in order."""
        return [a.path for a in self.asked]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines if line)}
                asked = Asked(first.split(" ")[1], headers, time.monotonic())
                self.asked.append(asked)
                handler = self.answers.get(asked.path.partition("?")[0], answer(b"not here", 404))
                await handler(asked, writer)
                await writer.drain()
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the client hung up, which is its right, or the server ends
        finally:
            self._tasks.discard(task)
            writer.close()


def head(status: int = 200, **headers: str | int) -> bytes:
    """A status line and headers (underscores stand for hyphens), with the empty line that ends them."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Test\r\n{lines}\r\n".encode()


def answer(body: bytes = b"", status: int = 200, **headers: str | int) -> Handler:
    """An honest answer with Content-Length."""
    return raw(head(status, Content_Length=len(body), **headers) + body, close=False)


def raw(data: bytes, *, close: bool = True) -> Handler:
    """Exactly these bytes, then (with ``close``) an orderly end."""

    async def handle(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return handle


def drip(at_once: bytes, then: bytes, every_s: float = 0.02) -> Handler:
    """``at_once``, then one byte of ``then`` every so often, over and over: each byte arrives in time, none is last."""

    async def handle(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(at_once)
        while True:
            for byte in then:
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(every_s)

    return handle


def stall() -> Handler:
    """Takes the request and says nothing."""

    async def handle(_: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    return handle


def endless(first: bytes, block: bytes) -> Handler:
    """``first``, then ``block`` again and again as fast as the client takes it."""

    async def handle(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while not writer.is_closing():
            writer.write(block)
            await writer.drain()

    return handle


def reset(first: bytes = b"") -> Handler:
    """``first``, then RST instead of an orderly end."""

    async def handle(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        await asyncio.sleep(0.05)  # let the bytes go out before the reset discards what is unsent
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return handle


def redirect(to: str, status: int = 302) -> Handler:
    """A redirect to ``to``."""
    return answer(b"", status, Location=to)


def in_turn(*handlers: Handler) -> Handler:
    """The handlers one after another, the last one for good."""
    left = list(handlers)

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(asked, writer)

    return handle


def gzipped(body: bytes, **headers: str | int) -> Handler:
    """``body`` under Content-Encoding gzip."""
    return answer(gzip.compress(body), Content_Encoding="gzip", **headers)


def bomb(decoded_bytes: int) -> bytes:
    """A gzip stream of zeros: a thousandth of ``decoded_bytes`` long."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = bytes(1_000_000)
    parts = [deflate.compress(block) for _ in range(decoded_bytes // len(block))]
    return b"".join(parts) + deflate.flush()
