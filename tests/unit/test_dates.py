"""Dates of feeds and pages: read whole or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates import CLOCK_SKEW, OLDEST, FeedDate, parse_date

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
TEN_CARACAS = datetime(2026, 1, 8, 14, 0, tzinfo=UTC)


def read(raw: str, timezone: str = "America/Caracas", now: datetime = NOW) -> FeedDate | None:
    return parse_date(raw, timezone=timezone, now=now)


@pytest.mark.parametrize(
    "raw",
    [
        "Thu, 08 Jan 2026 10:00:00 -0400",
        "Thu, 08 Jan 2026 10:00:00 -04:00",
        "Thu, 08 Jan 2026 10:00:00 GMT-0400",
        "Thu, 08 Jan 2026 10:00:00 GMT-4",
        "Thu, 08 Jan 2026 10:00:00 UTC-04:00",
        "Thu, 08 Jan 2026 10:00:00 VET",
        "Thu, 08 Jan 2026 10:00:00 HLV",
        "Thu, 08 Jan 2026 10:00:00 (hora legal)",
        "Thu, 08 Jan 2026 10:00:00",
        "Thu, 08 Jan 2026 14:00:00 GMT",
        "Wed, 08 Jan 2026 14:00:00 Z",
        "Thu,8 Jan 2026 14:0:0 GMT",
        "Thu, 08 Jan 26 09:00:00 EST",
        "jue, 08 ene 2026 10:00:00 -0400",
        "Jueves, 8 de enero de 2026 10:00:00",
        "8 de enero de 2026 a las 10:00:00 a. m.",
        "Thu Jan 08 2026 10:00:00 GMT-0400 (hora de Venezuela)",
        "Thu Jan  8 14:00:00 GMT 2026",
        "2026-01-08T14:00:00Z",
        "2026-01-08T10:00:00.000-04:00",
        "2026-01-08 T 10:00:00-0400",
        "2026-01-08 10:00:00",
        "20260108T140000Z",
        "2026-W02-4T14:00:00Z",
        "2026-008T14:00:00Z",
        "08/01/2026 10:00:00",
        "1767880800",
        "1767880800000",
    ],
)
def test_reads_one_moment_however_it_is_written(raw: str) -> None:
    """The usual forms and their usual slips give the same second, Venezuelan zones and Spanish months included."""
    found = read(raw)
    assert found is not None
    assert (found.value, found.precision) == (TEN_CARACAS, "second")


@pytest.mark.parametrize(
    ("raw", "timezone"),
    [
        ("Thu, 08 Jan 2026 10:00 -0400", "UTC"),
        ("2026-01-08T10:00-04:00", "UTC"),
        ("8 de enero de 2026, 10:00 a.m.", "America/Caracas"),
        ("January 8, 2026 9:00 AM EST", "Europe/Madrid"),
        ("1/8/2026 9:00 AM", "America/New_York"),
        ("8 gener 2026 15.00 h", "Europe/Madrid"),
        ("8 janvier 2026 à 15h00", "Europe/Paris"),
    ],
)
def test_time_without_seconds_has_precision_minute(raw: str, timezone: str) -> None:
    """Hours and minutes alone are precise to the minute."""
    found = read(raw, timezone)
    assert found is not None
    assert (found.value, found.precision) == (TEN_CARACAS, "minute")


@pytest.mark.parametrize(
    "raw",
    ["2026-01-08", "8 de enero de 2026", "8 d’enero 2026", "Jan. 8, 2026", "08/01/2026", "2026ko urtarrilaren 8a",
     "8 de gener de 2026", "Xoves, 8 de xaneiro de 2026", "20260108", "2026/01/08"],
)  # fmt: skip
def test_date_without_time_is_the_sources_day(raw: str) -> None:
    """A date alone has precision day and the start of that day where the source is."""
    assert read(raw) == FeedDate(datetime(2026, 1, 8, 4, 0, tzinfo=UTC), "day")
    assert read(raw, "Europe/Madrid") == FeedDate(datetime(2026, 1, 7, 23, 0, tzinfo=UTC), "day")


def test_local_midnight_to_the_second_is_a_day() -> None:
    """Software writes midnight where it has no time; midnight elsewhere (20:00 in Caracas) is a time like any other."""
    assert read("2026-01-08T00:00:00-04:00") == FeedDate(datetime(2026, 1, 8, 4, tzinfo=UTC), "day", "midnight")
    assert read("Thu, 08 Jan 2026 00:00:00 +0000") == FeedDate(datetime(2026, 1, 8, tzinfo=UTC), "second")


@pytest.mark.parametrize(
    "raw",
    [
        "", "hoy", "hace 3 horas", "2026", "2026-01", "enero de 2026", "0", "1", "9999-01-01T00:00:00Z",
        "2026-13-08T10:00:00Z", "2026-00-08", "2026-02-30", "2026-01-08T25:00:00Z", "2026-01-08T10:61:00Z",
        "Thu, 08 Foo 2026 10:00:00 GMT", "Thu, 32 Jan 2026 10:00:00 GMT", "08/13/26x", "2026-366",
        "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01", "0001-01-01T00:00:00", "Sun, 09 Feb 1806 23:59:45 +0000",
        "99999999999999999999", "12026-01-08",
    ],
)  # fmt: skip
def test_refuses_what_makes_no_sense(raw: str) -> None:
    """Month 13, epoch 0, year 9999, a month alone and plain words give nothing rather than a guess."""
    assert read(raw) is None


def test_refuses_the_future_beyond_clock_skew() -> None:
    """A clock may run ahead a little; a later date cannot be true."""
    assert read((NOW + CLOCK_SKEW).isoformat()) is not None
    assert read((NOW + CLOCK_SKEW + timedelta(seconds=1)).isoformat()) is None


def test_naive_and_unknown_zones_are_the_sources_and_say_so() -> None:
    """Without a zone we know, the source's own counts, summer time included, and the note tells."""
    madrid = datetime(2025, 7, 8, 8, 0, tzinfo=UTC)
    assert read("2025-07-08T10:00:00", "Europe/Madrid") == FeedDate(madrid, "second", "zone_assumed")
    assert read("Tue, 08 Jul 2025 10:00:00 XYZT", "Europe/Madrid") == FeedDate(madrid, "second", "zone_assumed")
    assert read("Tue, 08 Jul 2025 10:00:00 CEST", "Europe/Madrid") == FeedDate(madrid, "second")


def test_venezuelan_time_follows_its_history() -> None:
    """From December 2007 to April 2016 Venezuela was at -04:30; its abbreviation follows, from any source."""
    assert read("Thu, 08 Jan 2015 10:00:00 VET", "America/New_York") == FeedDate(
        datetime(2015, 1, 8, 14, 30, tzinfo=UTC), "second"
    )


def test_korean_style_offset() -> None:
    """Short hours and "GMT+9" are read."""
    assert read("Thu,28 Jul 2022 4:35:5 GMT+9") == FeedDate(datetime(2022, 7, 27, 19, 35, 5, tzinfo=UTC), "second")


def test_numeric_order_follows_the_source() -> None:
    """2/1 is the second of January except in the United States; a number beyond 12 decides by itself."""
    assert read("02/01/2026", "Europe/Madrid") == FeedDate(datetime(2026, 1, 1, 23, tzinfo=UTC), "day")
    assert read("02/01/2026", "America/Chicago") == FeedDate(datetime(2026, 2, 1, 6, tzinfo=UTC), "day")
    assert read("1/20/2026") == FeedDate(datetime(2026, 1, 20, 4, tzinfo=UTC), "day")


def test_unknown_timezone_is_our_own_error() -> None:
    """A source declared with a zone that does not exist is refused loudly."""
    with pytest.raises(ValueError, match="not a time zone"):
        read("2026-01-08", "America/Atlantida")


MOMENTS = st.datetimes(datetime(1971, 1, 2), datetime(2026, 5, 30)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC))
ZONES = st.sampled_from(["America/Caracas", "Europe/Madrid", "America/New_York", "UTC", "Asia/Seoul"])


@given(MOMENTS, ZONES, ZONES)
def test_round_trip_of_standard_forms(moment: datetime, written: str, source: str) -> None:
    """RFC 2822 and ISO 8601 with an offset give back the moment, whatever the source's zone."""
    local = moment.astimezone(ZoneInfo(written))
    offset = local.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return
    for raw in (format_datetime(local), local.isoformat()):
        found = read(raw, source)
        assert found is not None
        assert found.value == moment


@given(st.text(alphabet="0123456789-/:. TZaeinorstuvGMT+,de", max_size=40), ZONES)
def test_never_raises_and_stays_in_range(raw: str, timezone: str) -> None:
    """Any text gives None or a moment between the oldest date and now."""
    found = read(raw, timezone)
    assert found is None or OLDEST <= found.value <= NOW + CLOCK_SKEW
