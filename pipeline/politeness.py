"""When a host may be asked again: spacing within a run, Retry-After, and the pauses after failures between runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pipeline.reasons import REASONS

FIRST_PAUSE = {"temporary": timedelta(minutes=5), "soft": timedelta(minutes=30), "hard": timedelta(days=1)}
"""The pause after a first failure, by its kind; it doubles with each further one."""
LONGEST_PAUSE = {"temporary": timedelta(hours=4), "soft": timedelta(days=1), "hard": timedelta(days=1)}

DEFAULT_RATE_PAUSE_S = 900.0
"""A host that says 429 without a usable Retry-After is left alone for a quarter of an hour."""
MAX_WAIT_S = 60.0
"""A request that would have to wait longer for its turn (a long Crawl-delay) is left for a later run instead."""
MAX_SILENCES = 3
"""After so many requests in a row without any answer, the rest of the host's requests wait for a later run."""


def next_try(failures: int, reason: str, retry_at: datetime | None, now: datetime) -> datetime:
    """Return the earliest time of the next try after the ``failures``-th failure in a row, which ended in ``reason``.

    Never before ``retry_at`` (Retry-After). A request that was put off (``host_deferred``) has not failed: it may be
    made at ``retry_at``. Reasons that are no errors give ``retry_at`` or ``now``. Raises KeyError for a reason that
    `pipeline.reasons` does not know.
    """
    kind = REASONS[reason].kind
    if kind == "none" or (reason == "host_deferred" and retry_at is not None):
        return max(now, retry_at) if retry_at else now
    doublings = min(max(failures, 1) - 1, 16)
    pause = min(FIRST_PAUSE[kind] * (1 << doublings), LONGEST_PAUSE[kind])
    return max(now + pause, retry_at) if retry_at else now + pause


def retry_after_seconds(value: str | None, now: datetime, cap_s: float, server_date: str | None = None) -> float | None:
    """Return the seconds that the header Retry-After (RFC 9110, 10.2.3) asks to wait, at most ``cap_s``.

    ``server_date`` is the answer's Date header: with it a date is read on the server's clock, which may be wrong.
    None for anything that is no wait: absent, garbage, zero, negative, in the past.
    """
    if value is None:
        return None
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,18}", value):
        seconds = float(value)
    else:
        until = http_date(value)
        if until is None:
            return None
        seconds = (until - (http_date(server_date) or now)).total_seconds()
    return min(seconds, cap_s) if seconds > 0 else None


def http_date(value: str | None) -> datetime | None:
    """Return the moment that a header such as Date names, in UTC; None where there is none or it makes no sense."""
    if not value:
        return None
    try:
        when: datetime = parsedate_to_datetime(value)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


class Deferred(Exception):
    """The host is not to be asked now; ``seconds`` from now it may be."""

    def __init__(self, seconds: float, detail: str) -> None:
        super().__init__(detail)
        self.seconds = seconds
        self.detail = detail


@dataclass(slots=True)
class _Lane:
    """What is known of one host in this run; times on the monotonic clock."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    last_end: float | None = None
    last_counted_end: float | None = None
    closed_until: float = 0.0
    closed_why: str = ""
    silences: int = 0


class Lanes:
    """One lane per host: one request at a time in it, and a pause between two.

    The pause runs from the end of a request to the start of the next, so the server too sees at least that much.
    """

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[object]]) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, name: str, delay_s: float, crawl_delay_s: float = 0.0) -> AsyncIterator[None]:
        """Wait for the lane and hold it. ``crawl_delay_s`` counts only between requests that have one themselves.

        Raises Deferred, at once, where the host asked to wait, fell silent, or the turn is more than MAX_WAIT_S away.
        """
        lane = self._lanes.setdefault(name, _Lane())
        async with lane.lock:
            left = lane.closed_until - self._monotonic()
            if left > 0:
                raise Deferred(left, lane.closed_why)
            wait = self._wait(lane, delay_s, crawl_delay_s)
            if wait > MAX_WAIT_S:
                raise Deferred(wait, f"Crawl-delay of {crawl_delay_s:g} s: one page a run")
            while wait > 0:
                await self._sleep(wait)
                wait = self._wait(lane, delay_s, crawl_delay_s)
            try:
                yield
            finally:
                lane.last_end = self._monotonic()
                if crawl_delay_s:
                    lane.last_counted_end = lane.last_end

    def _wait(self, lane: _Lane, delay_s: float, crawl_delay_s: float) -> float:
        now = self._monotonic()
        waits = [0.0]
        if lane.last_end is not None:
            waits.append(lane.last_end + delay_s - now)
        if lane.last_counted_end is not None:
            waits.append(lane.last_counted_end + crawl_delay_s - now)
        return max(waits)

    def close(self, name: str, seconds: float, why: str) -> None:
        """Let nobody through to the host for ``seconds``."""
        lane = self._lanes.setdefault(name, _Lane())
        until = self._monotonic() + seconds
        if until > lane.closed_until:
            lane.closed_until, lane.closed_why = until, why

    def heard(self, name: str, answered: bool) -> None:
        """Note whether the host answered at all; silent too often, it is closed for a while."""
        lane = self._lanes.setdefault(name, _Lane())
        lane.silences = 0 if answered else lane.silences + 1
        if lane.silences >= MAX_SILENCES:
            self.close(name, DEFAULT_RATE_PAUSE_S, f"no answer to {lane.silences} requests in a row")
