"""One HTTP request, bounded in time, headers and decoded bytes, to an address that the guard allows. Knows aiohttp.

Redirects, robots and spacing are decided elsewhere (`pipeline.fetch`); here every failure becomes a reason code.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from pipeline.decoding import BodyDecoder, BodyError
from pipeline.lookup import Lookup, system_lookup
from pipeline.netguard import AddressGuard, Target, mapped_endpoint
from pipeline.settings import FetchSettings

if TYPE_CHECKING:
    import aiohttp

_CHUNK = 65_536
_MAX_HEADERS = 128


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: ``headers`` by lower-case name, the last value winning; ``body`` decoded, empty but for 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Sink(Protocol):
    """Takes a body block by block. ``idle_s``: seconds it may take from one block to the next."""

    idle_s: float

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Be told status and headers (lower-case names) before the first block."""
        ...

    def take(self, block: bytes) -> None: ...


class TransportError(Exception):
    """A request that brought no usable answer: ``reason`` is a code of `pipeline.reasons`.

    ``status`` and ``headers`` are set once the server's headers had come, ``partial`` holds what was decoded by then.
    """

    def __init__(
        self,
        reason: str,
        detail: str,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        partial: bytes = b"",
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.status = status
        self.headers = headers or {}
        self.partial = partial


class Transport:
    """A pool of connections, all behind one guard. Use as an async context manager, in one event loop.

    No cookies are kept, no proxy is taken from the environment, no redirect is followed. ``resolve`` maps a host to the
    ``address:port`` where it is asked in clear text, under its own name.
    """

    def __init__(
        self, settings: FetchSettings, guard: AddressGuard, resolve: Mapping[str, str], lookup: Lookup = system_lookup
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._lookup = lookup
        self._resolve = resolve
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        import aiohttp

        connector = aiohttp.TCPConnector(
            limit=0,  # the caller bounds how many are under way
            use_dns_cache=False,  # the address that was checked is the address that is connected to
            resolver=_resolver(self._lookup, self._guard, self._settings.connect_timeout_s),
            socket_factory=self._open_socket,
            ssl=_tls_context(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_timeout_s),
            max_line_size=min(self._settings.max_header_bytes, 16_384),
            max_field_size=max(self._settings.max_header_bytes // 2, 1_024),
            max_headers=_MAX_HEADERS,
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept"),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        target: Target,
        headers: Mapping[str, str],
        *,
        max_bytes: int,
        deadline_s: float,
        cut: bool = False,
        sink: Sink | None = None,
    ) -> Answer:
        """Ask once, within ``deadline_s`` seconds for everything from the name lookup to the last byte.

        ``cut`` keeps the first ``max_bytes`` decoded bytes of a longer body instead of failing. A ``sink`` gets a body
        too large for memory block by block, as it is sent; the answer's own is then empty.
        Raises TransportError with the reason code, Refused where settings ``resolve`` are wrong.
        """
        progress: dict[str, Any] = {}
        try:
            async with asyncio.timeout(deadline_s):
                return await self._get(target, headers, max_bytes, cut, progress, sink)
        except TimeoutError as error:
            if _is_aiohttp(error):
                raise _failure(error, progress) from error
            what = "headers came, the body did not end" if progress else "no answer"
            raise TransportError("timeout", f"deadline passed: {what}", **progress) from error
        except BodyError as error:
            raise TransportError(error.reason, error.detail, **progress) from error
        except (OSError, ValueError, _client_error()) as error:
            raise _failure(error, progress) from error

    async def _get(
        self,
        target: Target,
        headers: Mapping[str, str],
        max_bytes: int,
        cut: bool,
        progress: dict[str, Any],
        sink: Sink | None,
    ) -> Answer:
        from yarl import URL

        if self._session is None:
            raise RuntimeError("Transport is used as an async context manager")
        url = target.url
        endpoint = mapped_endpoint(target.host, self._resolve)
        if endpoint is not None:
            address, port = endpoint
            url = f"http://{f'[{address}]' if ':' in address else address}:{port}{target.path}"
        sent = {"Host": target.authority, **headers}
        async with self._session.get(URL(url, encoded=True), headers=sent, allow_redirects=False) as response:
            got = {name.lower(): value for name, value in response.headers.items()}
            progress.update(status=response.status, headers=got)
            size = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
            if size > self._settings.max_header_bytes:
                response.close()
                raise TransportError("header_limit", f"{size} bytes of headers", **progress)
            if not 200 <= response.status < 300:
                return Answer(response.status, got)
            if sink is not None:
                await self._pour(response, sink, max_bytes, progress)
                return Answer(response.status, got)
            decoder = BodyDecoder(response.headers.get("Content-Encoding", ""), max_bytes, cut=cut)
            lost = _watch_loss(response)
            try:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    decoder.feed(chunk)
                    if decoder.full:
                        break
                body = decoder.finish()
            except BaseException as error:
                response.close()  # a body that is refused is not read to its end
                progress["partial"] = decoder.partial()
                if isinstance(error, _client_error()) and lost:
                    # The client's own exception speaks of an unfinished body only, as after an orderly end.
                    raise ConnectionResetError(*lost[0].args) from error
                raise
            if decoder.full:
                response.close()
            return Answer(response.status, got, body)

    async def _pour(
        self, response: aiohttp.ClientResponse, sink: Sink, max_bytes: int, progress: dict[str, Any]
    ) -> None:
        """Hand a body to ``sink``, at most ``max_bytes`` of it, with a bound on the time between two blocks."""
        try:
            if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise BodyError("decode", "encoded, although nothing of the kind was asked for")
            sink.begin(response.status, {name.lower(): value for name, value in response.headers.items()})
            left = max_bytes
            blocks = response.content.iter_chunked(_CHUNK).__aiter__()
            while True:
                async with asyncio.timeout(sink.idle_s):
                    block = await anext(blocks, None)
                if block is None:
                    return
                left -= len(block)
                if left < 0:
                    raise BodyError("too_large", f"more than {max_bytes} bytes")
                sink.take(block)
        except BaseException:
            response.close()
            raise

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for one connection: the last fence, and the only one that IP addresses in URLs meet."""
        family, kind, proto, _, address = info
        problem = self._guard.problem(str(address[0]), int(address[1]))
        if problem is not None:
            raise PermissionError(errno.EACCES, problem)
        return socket.socket(family, kind, proto)


def _resolver(lookup: Lookup, guard: AddressGuard, timeout_s: float) -> aiohttp.abc.AbstractResolver:
    from aiohttp.abc import AbstractResolver, ResolveResult

    class GuardedResolver(AbstractResolver):
        """Looks names up and hands on the allowed addresses only."""

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            try:
                async with asyncio.timeout(timeout_s):
                    addresses = await lookup(host, port)
            except TimeoutError as error:
                raise TransportError("unreachable", f"{host}: no answer from DNS in {timeout_s:g} s") from error
            except OSError as error:
                raise TransportError("unreachable", f"{host}: {error.strerror or error}") from error
            if not addresses:
                raise TransportError("unreachable", f"{host}: no address")
            problems = {a: guard.problem(a, port) for a in addresses}
            allowed = [a for a in addresses if problems[a] is None]
            if not allowed:
                raise TransportError("blocked_address", f"{host}: {'; '.join(filter(None, problems.values()))}")
            return [
                ResolveResult(
                    hostname=host,
                    host=a,
                    port=port,
                    family=socket.AF_INET6 if ":" in a else socket.AF_INET,
                    proto=socket.IPPROTO_TCP,
                    flags=socket.AI_NUMERICHOST,
                )
                for a in allowed
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return GuardedResolver()


def _watch_loss(response: aiohttp.ClientResponse) -> list[OSError]:
    """Return a list that gets the error with which the connection breaks, should it break while the body comes in."""
    broken: list[OSError] = []

    def note(closed: asyncio.Future[None]) -> None:
        error = None if closed.cancelled() else closed.exception()
        if error is not None and isinstance(error.__cause__, OSError):
            broken.append(error.__cause__)

    protocol = response.connection.protocol if response.connection else None
    if protocol is not None and protocol.closed is not None:
        protocol.closed.add_done_callback(note)
    return broken


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        # A bare machine without the package ca-certificates: take the roots that come with the installed packages.
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _client_error() -> type[Exception]:
    import aiohttp

    return aiohttp.ClientError


def _is_aiohttp(error: BaseException) -> bool:
    return isinstance(error, _client_error())


def _failure(error: BaseException, progress: Mapping[str, Any]) -> TransportError:
    """Name the failure: the client's exceptions, most special first."""
    import aiohttp
    from aiohttp.http_exceptions import LineTooLong

    chain = _causes(error)
    words = " ".join(str(getattr(error, "message", "") or error or type(error).__name__).split())[:300]
    os_error = getattr(error, "os_error", None)
    if isinstance(os_error, OSError) and os_error.errno == errno.EACCES:
        return TransportError("blocked_address", (os_error.strerror or str(os_error))[:300])
    table: tuple[tuple[Any, str], ...] = (
        (aiohttp.ClientConnectorDNSError, "unreachable"),
        ((aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError), "tls"),
        ((aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError), "unreachable"),
        (aiohttp.TooManyRedirects, "redirect_limit"),
        (aiohttp.InvalidURL, "bad_url"),
        (ConnectionResetError, "connection_reset"),
        (aiohttp.ClientPayloadError, "truncated"),
        (LineTooLong, "header_limit"),
        (aiohttp.ClientResponseError, "bad_http"),
        ((aiohttp.ClientConnectionError, OSError), "connection_reset"),
    )
    reason = next((r for kinds, r in table if any(isinstance(e, kinds) for e in chain)), "bad_http")
    if reason == "bad_http" and "too many headers" in words.lower():
        reason = "header_limit"
    return TransportError(reason, words, **progress)


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain and len(chain) < 8:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
