"""Whether this machine's clock is right, by those of the servers that answered: who was first is told by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from statistics import median

from pipeline.dates import CLOCK_SKEW
from pipeline.politeness import http_date
from pipeline.steps import FetchResult

_OUTLETS = 3  # so many must agree that ours is wrong
_AGE = re.compile(r"[0-9]{1,9}")  # seconds; an answer with any other Age tells nothing


def clock_off(results: Iterable[FetchResult]) -> float | None:
    """Return the median of the seconds that servers' clocks are ahead of ours, None where no answer has a Date."""
    off = []
    for result in results:
        # a cache's Date is of when it was filled, its Age of how long ago that is
        age = result.headers.get("age", "0")
        if (date := http_date(result.headers.get("date"))) and _AGE.fullmatch(age):
            off.append((date - result.fetched_at).total_seconds() + int(age))
    return median(off) if off else None


def clock_warning(off: Sequence[float | None]) -> str | None:
    """Return in words that the clock is wrong, where those of several outlets say so; ``off``: `clock_off` of each."""
    told = [seconds for seconds in off if seconds is not None]
    ahead = median(told) if len(told) >= _OUTLETS else 0.0
    if abs(ahead) < CLOCK_SKEW.total_seconds():
        return None
    by = timedelta(seconds=round(abs(ahead)))
    return (
        f"This machine's clock is {by} {'behind' if ahead > 0 else 'ahead of'} those of {len(told)} outlets. Set it: "
        "what was seen when, and so who was first, is told by it, and dates later than its own are taken for mistakes."
    )
