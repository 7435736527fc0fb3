"""Fetch the index and package files: bounded in time, resumed where they broke off, through the guarded transport."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.answers import REDIRECTS, user_agent
from pipeline.netguard import AddressGuard, Refused, Target, is_loopback, literal_problem, parse_target
from pipeline.report import Reporter, Step
from pipeline.settings import FetchSettings
from pipeline.translate.index import SetupError
from pipeline.transport import Answer, Transport, TransportError

MAX_INDEX_BYTES = 20_000_000
MAX_PACKAGE_BYTES = 2_000_000_000
_MAX_REDIRECTS = 5
_FRUITLESS = 3  # tries in a row that brought nothing
_PAUSE_S = 1.0
_PASSING = frozenset({408, 416, 429})  # statuses after which the same request may do
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the whole, for the index, and from one block of a package to the next."""

    total_s: float = 3600.0
    index_s: float = 30.0
    idle_s: float = 30.0

    def begin(self) -> Deadline:
        """Start the clock."""
        return Deadline(time.monotonic() + self.total_s)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock."""

    at: float

    @property
    def left_s(self) -> float:
        """Seconds until then, never negative."""
        return max(0.0, self.at - time.monotonic())


class Web:
    """Fetches for `setup`: one file after another. ``trusted``: a person named the server, so it may be inside."""

    def __init__(self, settings: FetchSettings, *, trusted: bool, limits: Limits, deadline: Deadline) -> None:
        private = settings.allow_private_network or trusted
        self._settings, self._limits, self._deadline = settings, limits, deadline
        self._guard = AddressGuard(allow_private=private)

    def index(self, address: str) -> bytes:
        """Return the index. Raises SetupError when it does not come."""
        return asyncio.run(self._index(address))

    def package(self, address: str, part: Path, says: Reporter) -> None:
        """Fetch a package into ``part``, going on where an earlier try broke off. Raises SetupError."""
        asyncio.run(self._package(address, part, says))

    async def _index(self, address: str) -> bytes:
        async with self._transport() as transport:
            answer = await self._get(transport, address, {}, MAX_INDEX_BYTES, self._limits.index_s, None)
        if answer.status != 200:
            raise SetupError(f"{address} answered with status {answer.status}")
        return answer.body

    async def _package(self, address: str, part: Path, says: Reporter) -> None:
        fruitless = 0
        with ExitStack() as stack:
            file = _Part(part, self._limits.idle_s, stack, says)
            async with self._transport() as transport:
                while True:
                    problem = await self._some(transport, address, file)
                    if not problem:
                        return
                    fruitless = 0 if file.brought else fruitless + 1
                    if fruitless >= _FRUITLESS or self._deadline.left_s <= _PAUSE_S:
                        kept = f"{file.have} bytes are kept, and the next try goes on from there"
                        raise SetupError(f"{address} did not come whole ({problem}); {kept}")
                    await asyncio.sleep(_PAUSE_S if fruitless else 0)

    async def _some(self, transport: Transport, address: str, file: _Part) -> str:
        """Fetch what is lacking of a file; return why it is not whole yet, or nothing. Raises SetupError."""
        file.brought = False
        try:
            left = self._deadline.left_s
            answer = await self._get(transport, address, file.headers(), MAX_PACKAGE_BYTES, left, file)
            if file.settle(answer):
                return ""
            if 400 <= answer.status < 500 and answer.status not in _PASSING:
                raise SetupError(f"{address} answered with status {answer.status}")
            return f"status {answer.status}" if answer.status >= 400 else "it ended early"
        except TransportError as error:
            if error.reason in ("blocked_address", "tls", "too_large", "decode"):
                raise SetupError(f"{address}: {error.reason}: {error.detail}") from error
            return f"{error.reason}: {error.detail}"
        finally:
            file.close()

    def _transport(self) -> Transport:
        resolve = {host.lower(): endpoint for host, endpoint in self._settings.resolve.items()}
        return Transport(self._settings, self._guard, resolve)

    async def _get(
        self,
        transport: Transport,
        address: str,
        headers: Mapping[str, str],
        most: int,
        seconds: float,
        sink: _Part | None,
    ) -> Answer:
        """Ask ``address``, following redirects. Raises TransportError, or SetupError where it may not be asked."""
        sent = {
            "User-Agent": user_agent(self._settings.contact),
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **headers,
        }
        until = time.monotonic() + min(seconds, self._deadline.left_s)
        try:
            target = parse_target(address)
            for _ in range(_MAX_REDIRECTS + 1):
                problem = literal_problem(target, self._guard)
                if problem:
                    raise SetupError(f"{target.url} is not asked: {problem}")
                left = max(0.001, until - time.monotonic())
                answer = await transport.get(target, sent, max_bytes=most, deadline_s=left, sink=sink)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return answer
                target = self._following(target, answer.headers["location"])
        except Refused as error:
            raise SetupError(f"{address}: {error.detail}") from error
        except TransportError as error:
            if sink is None:
                raise SetupError(f"{address} did not come ({error.reason}: {error.detail})") from error
            raise
        raise SetupError(f"{address} leads in circles")

    def _following(self, target: Target, location: str) -> Target:
        following = parse_target(location, base=target)
        if target.scheme == "https" and following.scheme == "http" and not is_loopback(following, {}):
            raise SetupError(f"{target.url} leads to an address without TLS: {following.url}")
        return following


@dataclass
class _Part:
    """A file that comes in, perhaps in several goes; beside it stands by what the server knows it again."""

    path: Path
    idle_s: float
    stack: ExitStack
    says: Reporter
    brought: bool = False
    _total: int | None = None
    _file: BinaryIO | None = None
    _step: Step | None = None
    _shown: int = 0
    _refused: bool = False

    @property
    def have(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest."""
        if not self.have:
            return {}
        validator = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            validator = str(json.loads(self._note.read_text(encoding="utf-8")).get("validator", ""))
        return {"Range": f"bytes={self.have}-"} | ({"If-Range": validator} if validator else {})

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Open the file at the place that the answer is for. Raises SetupError."""
        part = _RANGE.fullmatch(headers.get("content-range", "")) if status == 206 else None
        self._refused = status == 206 and (part is None or int(part[1]) != self.have)
        if self._refused:
            return  # another piece than was asked for
        length = part[2] if part is not None else headers.get("content-length", "")
        self._total = int(length) if length.isdigit() else None
        etag = headers.get("etag", "")
        validator = etag if etag.startswith('"') else headers.get("last-modified", "")
        try:
            self._note.write_text(json.dumps({"validator": validator}), encoding="utf-8")
            self._file = self.path.open("ab" if part is not None else "wb")
        except OSError as error:
            raise SetupError(f"{self.path} cannot be written ({error.strerror}).") from error
        if self._total and self._step is None:
            self._step = self.stack.enter_context(self.says.step("download, kB", -(-self._total // 1000)))
        self._show()

    def take(self, block: bytes) -> None:
        """Append a block. Raises SetupError."""
        if self._file is None:
            return
        try:
            self._file.write(block)
            self._file.flush()
        except OSError as error:
            raise SetupError(f"{self.path} cannot be written ({error.strerror}).") from error
        self.brought = True
        self._show()

    def _show(self) -> None:
        done = -(-self.have // 1000)
        if self._step is not None and done > self._shown:
            self._step.advance(count=done - self._shown)
            self._shown = done

    def close(self) -> None:
        """Close the file, whatever came."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def settle(self, answer: Answer) -> bool:
        """Return whether the file is whole; what cannot be gone on with is thrown away."""
        self.close()
        if answer.status == 416 or self._refused:
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
            return False
        return answer.status in (200, 206) and self._total in (None, self.have)


def leave(part: Path) -> None:
    """Remove a download and what stands beside it."""
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".json").unlink(missing_ok=True)
