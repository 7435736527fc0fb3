"""A small HTTP server on loopback that answers for many hosts at once, by the Host header.

It serves fixed answers and is meant for the fictional newsroom and for replaying recorded feeds and pages in tests:
validators (ETag, Last-Modified) are real, every request is logged, and a host may be down (its port refuses).
"""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Response:
    """One fixed answer. A 200 gets an ETag of its bytes unless ``headers`` name one or ``conditional`` is false."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    conditional: bool = True

    def validators(self) -> dict[str, str]:
        """Return the validators to send: those of ``headers`` and, where none is given, an ETag of the bytes."""
        given = {k.lower(): v for k, v in self.headers.items()}
        found: dict[str, str] = {k: given[k] for k in ("etag", "last-modified") if k in given}
        if self.conditional and self.status == 200 and "etag" not in found:
            found["etag"] = f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'
        return found


@dataclass(frozen=True, slots=True)
class Site:
    """What one host serves: path, with or without its query, to answer. A host that is ``down`` refuses connections."""

    host: str
    pages: Mapping[str, Response] = field(default_factory=dict)
    down: bool = False

    def find(self, target: str) -> Response | None:
        """Return the answer for a request target: an exact match first, else the one for its path alone."""
        found = self.pages.get(target)
        return found if found is not None else self.pages.get(urlsplit(target).path)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it came in and the status it was answered with. Header names are lower-case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    at: datetime
    status: int


def answer(sites: Mapping[str, Site], host: str, target: str, headers: Mapping[str, str]) -> Response:
    """Decide what to answer; ``headers`` are the request's, names in lower case.

    If-None-Match wins over If-Modified-Since (RFC 9110, 13.1.3). An unknown host gets 421, an unknown path 404.
    """
    site = sites.get(host)
    if site is None:
        return Response(421, b"unknown host\n", {"Content-Type": "text/plain"})
    found = site.find(target)
    if found is None:
        return Response(404, b"not found\n", {"Content-Type": "text/plain"})
    if found.status != 200 or not found.conditional:
        return found
    validators = found.validators()
    if "if-none-match" in headers:
        wanted = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
        unchanged = "*" in wanted or validators["etag"].removeprefix("W/") in wanted
    else:
        unchanged = _not_modified_since(validators.get("last-modified"), headers.get("if-modified-since"))
    if unchanged:
        return Response(304, b"", validators)
    return replace(found, headers={**found.headers, **validators})


def _not_modified_since(last_modified: str | None, since: str | None) -> bool:
    if last_modified is None or since is None:
        return False
    try:
        return parsedate_to_datetime(last_modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # a date we cannot read is no condition (RFC 9110, 13.1.3)
        return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece: two small writes would wait for a delayed ACK
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0].lower()
        headers = {k.lower(): v for k, v in self.headers.items()}
        response = answer(self.server.owner.sites, host, self.path, headers)
        self.server.owner.log(LoggedRequest(self.command, host, self.path, headers, datetime.now(UTC), response.status))
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: requests stand in the server's own log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, owner: HostServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep errors of our own for the test to see; a client that hangs up is no error."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.owner.errors.append(error)


class HostServer:
    """A server for ``sites``, started and stopped as a context manager; thread-safe.

    ``sites`` may be changed while it runs. ``errors`` holds exceptions of the handlers (there should be none).
    """

    def __init__(self, sites: Iterable[Site] = ()) -> None:
        self.sites: dict[str, Site] = {s.host: s for s in sites}
        self.errors: list[BaseException] = []
        self._requests: list[LoggedRequest] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._closed_port: socket.socket | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on an ephemeral loopback port; raises OSError when none can be had."""
        # A bound socket that does not listen refuses connections, and no one else can be given its port.
        self._closed_port = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._closed_port.bind(("127.0.0.1", 0))
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="host-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and free both ports."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._closed_port is not None:
            self._closed_port.close()
            self._closed_port = None

    @property
    def port(self) -> int:
        """The port in use; raises RuntimeError when the server is not running."""
        if self._server is None:
            raise RuntimeError("the server is not running: use it in a with statement")
        return int(self._server.server_address[1])

    def hosts(self) -> dict[str, str]:
        """Return host to ``127.0.0.1:port``, as ``settings.fetch.resolve`` takes it; hosts that are down refuse."""
        closed = self._closed_port
        if closed is None:
            raise RuntimeError("the server is not running: use it in a with statement")
        refused = int(closed.getsockname()[1])
        return {h: f"127.0.0.1:{refused if s.down else self.port}" for h, s in sorted(self.sites.items())}

    def set_sites(self, sites: Iterable[Site]) -> None:
        """Serve ``sites`` from now on, in place of all former ones."""
        self.sites = {s.host: s for s in sites}

    def log(self, request: LoggedRequest) -> None:
        """Append to the request log."""
        with self._lock:
            self._requests.append(request)

    def requests(self, host: str | None = None) -> tuple[LoggedRequest, ...]:
        """Return the requests so far, in order of arrival, of one host or of all."""
        with self._lock:
            return tuple(r for r in self._requests if host is None or r.host == host)

    def clear_log(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()
