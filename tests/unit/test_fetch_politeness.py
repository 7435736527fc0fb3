"""Back-off and Retry-After as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import next_try
from pipeline.politeness import LONGEST_PAUSE, retry_after_seconds
from pipeline.reasons import REASONS

NOW = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

reasons = st.sampled_from(sorted(REASONS))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("failures", "reason", "minutes"),
    [
        (1, "timeout", 5), (2, "timeout", 10), (3, "unreachable", 20), (20, "server_error", 240),
        (1, "not_found", 30), (2, "not_feed", 60), (4, "tls", 240), (20, "forbidden", 1440),
        (1, "gone", 1440), (9, "robots_denied", 1440), (0, "timeout", 5), (10**9, "timeout", 240),
    ],
)  # fmt: skip
def test_pauses_grow_by_kind(failures: int, reason: str, minutes: int) -> None:
    """Temporary failures are tried again soon, soft ones with growing pauses, hard ones once a day."""
    assert next_try(failures, reason, None, NOW) == NOW + minutes * MINUTE


def test_success_sets_no_pause() -> None:
    """ok and 304 are no failures."""
    assert next_try(0, "ok", None, NOW) == NOW
    assert next_try(0, "not_modified", None, NOW) == NOW


def test_a_request_put_off_is_due_when_the_host_said() -> None:
    """host_deferred was not even tried: no pause on top of the host's wish."""
    until = NOW + MINUTE
    assert next_try(7, "host_deferred", until, NOW) == until
    assert next_try(1, "rate_limited", until, NOW) == NOW + 5 * MINUTE
    assert next_try(1, "rate_limited", NOW + 99 * MINUTE, NOW) == NOW + 99 * MINUTE


@given(st.integers(0, 50), reasons, st.none() | moments, moments)
def test_the_next_try_is_never_before_now_nor_before_retry_after(
    failures: int, reason: str, retry_at: datetime | None, now: datetime
) -> None:
    """Whatever the reason; and without a wish of the host it is at most the longest pause away."""
    due = next_try(failures, reason, retry_at, now)
    assert due >= now
    if retry_at is not None:
        assert due >= retry_at
    else:
        assert due - now <= max(LONGEST_PAUSE.values())


@given(st.integers(1, 40), st.sampled_from([r.code for r in REASONS.values() if r.kind != "none"]))
def test_more_failures_never_mean_less_pause(failures: int, reason: str) -> None:
    """Back-off is monotonic."""
    assert next_try(failures, reason, None, NOW) <= next_try(failures + 1, reason, None, NOW)


@given(st.text(max_size=40) | st.integers(-(10**30), 10**30).map(str), st.none() | st.text(max_size=30))
def test_any_retry_after_is_no_wait_or_a_bounded_one(value: str, date: str | None) -> None:
    """Garbage, negative and huge values neither raise nor wait beyond the cap."""
    seconds = retry_after_seconds(value, NOW, 86_400, date)
    assert seconds is None or 0 < seconds <= 86_400


@given(st.integers(1, 10**6))
def test_seconds_and_the_date_they_mean_give_the_same_wait(seconds: int) -> None:
    """Both forms of RFC 9110 agree, with the server's own clock where it is given."""
    until = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    expected = min(seconds, 86_400)
    assert retry_after_seconds(str(seconds), NOW, 86_400) == expected
    assert retry_after_seconds(until, NOW, 86_400) == expected
    assert retry_after_seconds(until, NOW - timedelta(days=9), 86_400, format_datetime(NOW, usegmt=True)) == expected


@pytest.mark.parametrize("value", [None, "", "0", "-1", "soon", "1.5", "٣", "Tue, 01 Sep 2026 10:59:59 GMT"])
def test_what_is_no_wait_is_none(value: str | None) -> None:
    """Absent, zero, negative, not a number, in the past."""
    assert retry_after_seconds(value, NOW, 86_400) is None
