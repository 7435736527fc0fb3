"""Fetch feeds and pages: politely, within bounds, many hosts at once; every request ends in one `FetchResult`.

    async with Fetcher(settings.fetch) as fetcher:
        async for result in fetcher.fetch_all(requests):
            ...

What may be asked is decided in `pipeline.netguard` and `pipeline.robots`, when in `pipeline.politeness`; one hop is
made by `pipeline.transport`. This module follows the hops. Why aiohttp: `docs/decisions/fetching.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from pipeline.answers import REDIRECTS, page_problem, status_reason, usable_validator, user_agent, validators
from pipeline.decoding import ACCEPT_ENCODING
from pipeline.lookup import Lookup, system_lookup
from pipeline.netguard import AddressGuard, Refused, Target, is_loopback, literal_problem, parse_target
from pipeline.politeness import DEFAULT_RATE_PAUSE_S, Deferred, Lanes, next_try, retry_after_seconds
from pipeline.robots import MAX_ROBOTS_BYTES, RobotsFile, read_robots
from pipeline.settings import FetchSettings
from pipeline.steps import FetchRequest, FetchResult
from pipeline.transport import Answer, Transport, TransportError

__all__ = ["Fetcher", "next_try", "page_problem", "user_agent"]

_PERMANENT = {301, 308}
_SILENT = {"unreachable"}
_ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.1",
    "robots": "text/plain, */*;q=0.5",
}


@dataclass(slots=True)
class _Journey:
    """What is known so far of one request on its way through redirects."""

    request: FetchRequest
    seconds_left: float
    target: Target | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    permanent: bool = True
    permanent_url: str | None = None
    network_s: float = 0.0


class _Stop(Exception):
    """The end of a journey that is not ``ok``."""

    def __init__(self, reason: str, detail: str, *, wait_s: float | None = None, body: bytes = b"") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.wait_s = wait_s
        self.body = body


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


class Fetcher:
    """Fetches. An async context manager, bound to the event loop it is entered in; nothing outlives it.

    ``clock`` tells the time for results, ``monotonic`` and ``sleep`` space requests, ``lookup`` finds addresses,
    ``guard`` says where sockets may connect (by default from the settings). Requests to loopback are spaced only with
    ``space_loopback``. What is learnt of hosts (robots.txt, requests to wait) is kept for the Fetcher's life: one run.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        lookup: Lookup = system_lookup,
        guard: AddressGuard | None = None,
        space_loopback: bool = False,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._guard = guard or AddressGuard(allow_private=settings.allow_private_network)
        self._space_loopback = space_loopback
        self._resolve = {host.lower(): endpoint for host, endpoint in settings.resolve.items()}
        self._transport = Transport(settings, self._guard, self._resolve, lookup)
        self._lanes = Lanes(monotonic, sleep)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._robots: dict[str, RobotsFile] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}
        self._agent = user_agent(settings.contact)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._transport)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """Fetch ``request`` and say how it ended. Never raises for anything that a server or the network does."""
        journey = _Journey(request, self._settings.total_timeout_s)
        try:
            answer = await self._travel(journey)
        except (_Stop, Refused) as stop:
            wait = stop.wait_s if isinstance(stop, _Stop) else None
            body = stop.body if isinstance(stop, _Stop) else b""
            return self._result(journey, stop.reason, stop.detail, body=body, wait_s=wait)
        except Exception as error:  # noqa: BLE001 - one request's bug is recorded as its outcome, the run goes on
            return self._result(journey, "bug", f"{type(error).__name__}: {error}")
        if answer.status == 304:
            return self._result(journey, "not_modified")
        if not answer.body.strip():
            return self._result(journey, "empty", f"status {answer.status} without content")
        return self._result(journey, "ok", body=answer.body)

    async def fetch_all(self, requests: Iterable[FetchRequest]) -> AsyncGenerator[FetchResult, None]:
        """Fetch all, yielding results as they come, in no promised order.

        One worker a host, so a stalled host delays only its own requests, and at most `concurrency` requests under way
        at once. Results that wait to be taken are bounded too: each worker holds one until the caller is ready.
        """
        by_host: dict[str, deque[FetchRequest]] = {}
        for request in requests:
            by_host.setdefault(_host_of(request.url), deque()).append(request)
        results: asyncio.Queue[FetchResult] = asyncio.Queue(maxsize=1)
        left = sum(len(q) for q in by_host.values())

        async def work(queue: deque[FetchRequest]) -> None:
            while queue:
                await results.put(await self.fetch(queue.popleft()))

        workers = [asyncio.create_task(work(queue)) for queue in by_host.values()]
        try:
            for _ in range(left):
                yield await results.get()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _travel(self, journey: _Journey) -> Answer:
        request = journey.request
        conditional = validators(request)
        cap = self._settings.max_feed_bytes if request.kind == "feed" else self._settings.max_page_bytes
        headers = {"Accept": _ACCEPT[request.kind], **conditional}
        seen: set[str] = set()
        target = parse_target(request.url)
        while True:
            journey.target = target
            seen.add(target.url)
            crawl_delay = await self._ask_robots(target) if request.kind == "page" else 0.0
            answer = await self._hop(journey, target, headers, cap, crawl_delay)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                break
            target = self._next(journey, target, answer, seen)
        if answer.status == 304 and not conditional:
            raise _Stop("http_error", "304 to a request that asked for the whole")
        return answer

    def _next(self, journey: _Journey, target: Target, answer: Answer, seen: set[str]) -> Target:
        """Decide where a redirect leads. Raises _Stop or Refused where it is not followed."""
        journey.permanent = journey.permanent and answer.status in _PERMANENT
        following = parse_target(answer.headers["location"], base=target)
        if following.url in seen:
            raise _Stop("redirect_limit", f"a loop back to {following.url[:200]}")
        if len(seen) > self._settings.max_redirects:
            raise _Stop("redirect_limit", f"more than {self._settings.max_redirects} redirects")
        if target.scheme == "https" and following.scheme == "http":
            journey.permanent = False  # never propose to give up TLS for good
        journey.permanent_url = following.url if journey.permanent else None
        return following

    async def _hop(
        self,
        journey: _Journey,
        target: Target,
        headers: Mapping[str, str],
        cap: int,
        crawl_delay_s: float = 0.0,
        *,
        cut: bool = False,
    ) -> Answer:
        """Make one request in its host's lane and judge the status. Raises _Stop for all but 2xx, 3xx and 304."""
        problem = None if target.host in self._resolve else literal_problem(target, self._guard)
        if problem:
            raise _Stop("blocked_address", problem)
        local = is_loopback(target, self._resolve) and not self._space_loopback
        try:
            async with self._lanes.turn(target.lane, 0.0 if local else self._settings.min_delay_s, crawl_delay_s):
                async with self._slots:
                    answer = await self._request(journey, target, headers, cap, cut)
                journey.status, journey.headers = answer.status, answer.headers
                self._judge(target, answer)
                return answer
        except Deferred as deferred:
            raise _Stop("host_deferred", f"{target.lane}: {deferred.detail}", wait_s=deferred.seconds) from deferred

    async def _request(
        self, journey: _Journey, target: Target, headers: Mapping[str, str], cap: int, cut: bool
    ) -> Answer:
        sent = {"User-Agent": self._agent, "Accept-Encoding": ACCEPT_ENCODING, **headers}
        started = time.monotonic()
        try:
            answer = await self._transport.get(
                target, sent, max_bytes=cap, deadline_s=max(journey.seconds_left, 0.001), cut=cut
            )
        except TransportError as error:
            journey.status, journey.headers = error.status, error.headers
            silent = error.reason in _SILENT or (error.reason == "timeout" and error.status is None)
            self._lanes.heard(target.lane, answered=not silent)
            detail = error.detail
            if error.reason == "blocked_address" and target.host in self._resolve:
                detail += f" (settings [fetch.resolve] sends {target.host} there: add --allow-private-network)"
            raise _Stop(error.reason, detail, body=error.partial if error.reason == "truncated" else b"") from error
        finally:
            took = time.monotonic() - started
            journey.network_s += took
            journey.seconds_left -= took
        self._lanes.heard(target.lane, answered=True)
        return answer

    def _judge(self, target: Target, answer: Answer) -> None:
        """Raise _Stop for a status that ends the journey; close the lane where the host asks to wait."""
        reason = status_reason(answer.status, answer.headers)
        if reason is None:
            return
        wait: float | None = None
        if reason == "rate_limited":
            wait = retry_after_seconds(
                answer.headers.get("retry-after"),
                self._clock(),
                self._settings.retry_after_cap_s,
                answer.headers.get("date"),
            )
            wait = wait or DEFAULT_RATE_PAUSE_S
            self._lanes.close(target.lane, wait, f"the host answered {answer.status} and asked to wait")
        raise _Stop(reason, f"status {answer.status}", wait_s=wait)

    async def _ask_robots(self, target: Target) -> float:
        """Return the seconds to keep between pages of the host. Raises _Stop where the page may not be fetched."""
        if not self._settings.respect_robots:
            return 0.0
        lock = self._robots_locks.setdefault(target.origin, asyncio.Lock())
        async with lock:
            robots = self._robots.get(target.origin)
            if robots is None:
                robots = await self._fetch_robots(target)
                self._robots[target.origin] = robots
        if robots.state == "unreadable":
            raise _Stop("robots_deferred", robots.detail)
        if not robots.allows(target.url):
            raise _Stop("robots_denied", f"{target.origin}/robots.txt disallows {target.path[:200]}")
        return robots.crawl_delay_s

    async def _fetch_robots(self, target: Target) -> RobotsFile:
        """Fetch robots.txt of the target's origin. Raises _Stop only where the page itself must stop."""
        journey = _Journey(FetchRequest(f"{target.origin}/robots.txt", "page", ""), self._settings.total_timeout_s)
        current = parse_target(journey.request.url)
        seen: set[str] = set()
        try:
            while True:
                seen.add(current.url)
                answer = await self._hop(journey, current, {"Accept": _ACCEPT["robots"]}, MAX_ROBOTS_BYTES, cut=True)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return read_robots("ok" if answer.status < 300 else "http_error", answer.status, answer.body)
                current = self._next(journey, current, answer, seen)
        except (_Stop, Refused) as stop:
            if stop.reason in {"host_deferred", "rate_limited", "blocked_address"}:
                # The page would end in the same way, and a wait may be over when the next page is asked for.
                reason = "host_deferred" if stop.reason == "rate_limited" else stop.reason
                wait = stop.wait_s if isinstance(stop, _Stop) else None
                raise _Stop(reason, f"robots.txt: {stop.detail}", wait_s=wait) from stop
            return read_robots(stop.reason, journey.status, b"", stop.detail)

    def _result(
        self,
        journey: _Journey,
        reason: str,
        detail: str | None = None,
        *,
        body: bytes = b"",
        wait_s: float | None = None,
    ) -> FetchResult:
        now = self._clock()
        good = reason in {"ok", "not_modified"}
        headers = journey.headers
        return FetchResult(
            request=journey.request,
            reason=reason,
            fetched_at=now,
            detail=detail,
            final_url=journey.target.url if journey.target else None,
            status=journey.status,
            headers=headers,
            body=body,
            elapsed_ms=round(journey.network_s * 1000),
            etag=usable_validator(headers.get("etag") or (journey.request.etag if reason == "not_modified" else None)),
            last_modified=usable_validator(
                headers.get("last-modified") or (journey.request.last_modified if reason == "not_modified" else None)
            ),
            permanent_url=journey.permanent_url if good else None,
            retry_at=now + timedelta(seconds=wait_s) if wait_s is not None else None,
        )


def _host_of(url: str) -> str:
    try:
        return parse_target(url).lane
    except Refused:
        return ""
