"""Dates as feeds and pages write them, read by rules of our own and turned into UTC.

Rules of our own, because the usual readers guess: epoch seconds become the year 1767, month 13 becomes January, "VET"
becomes UTC and Spanish names of months nothing at all. Here a date is read whole or refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.records import Precision

OLDEST = datetime(1971, 1, 1, tzinfo=UTC)  # epoch 0 and what is near it mean "no date"; archives do go back this far
CLOCK_SKEW = timedelta(minutes=10)  # a server's clock may run ahead this far; later dates are refused

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january ene enero janeiro gen gener xan xaneiro urt urtarrila urtarrilak urtarrilaren janv janvier",
            "feb february febrero fev fevereiro febr febrer febreiro ots otsaila otsailak otsailaren fevr fevrier",
            "mar march marzo marco marc mars martxoa martxoak martxoaren",
            "apr april abr abril api apirila apirilak apirilaren avr avril",
            "may mayo maio mai maig mai maiatza maiatzak maiatzaren",
            "jun june junio junho juny xun xuno xuño eka ekaina ekainak ekainaren juin",
            "jul july julio julho juliol xul xullo uzt uztaila uztailak uztailaren juil juillet",
            "aug august ago agosto agost abu abuztua abuztuak abuztuaren aout",
            "sep sept september septiembre setiembre set setembro setembre ira iraila irailak irailaren septembre",
            "oct october octubre out outubro octubre octubr urr urria urriak urriaren octobre",
            "nov november noviembre novembro novembre aza azaroa azaroak azaroaren",
            "dec december dic diciembre dez dezembro des desembre decembro abe abendua abenduak abenduaren decembre",
        ),
        start=1,
    )
    for name in unicodedata.normalize("NFKD", names).encode("ascii", "ignore").decode().split()
}

_HOURS: dict[str, float] = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9,
    "nst": -3.5, "ndt": -2.5, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
    "art": -3, "brt": -3, "uyt": -3, "clst": -3, "clt": -4, "bot": -4, "gyt": -4, "pyt": -4, "cot": -5, "pet": -5,
    "ect": -5,
}  # fmt: skip
_ZONES = {"vet": "America/Caracas", "hlv": "America/Caracas", "vst": "America/Caracas", "et": "America/New_York",
          "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}  # fmt: skip
_MONTH_FIRST = (  # zones whose outlets write month/day/year
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix",
    "America/Detroit", "America/Anchorage", "America/Boise", "America/Puerto_Rico", "Pacific/Honolulu", "US/",
)  # fmt: skip

_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})")
_ISO = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})-(?P<d>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})|(?P<m3>\d\d)(?P<d3>\d\d)"
    r"|-?W(?P<week>\d\d)-?(?P<wd>[1-7])|-?(?P<yday>\d{3}))(?:\s*[t ]\s*(?P<rest>\d.*))?",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th|[ºªo°])?[\s.-]+(?P<mon>[a-z]{3,})\.?[\s,.-]+(?P<y>\d{4}|\d\d)(?!\d|:)"
)
_MONTH_DAY = re.compile(
    r"(?P<mon>[a-z]{3,})\.?[\s-]+(?P<d>\d{1,2})(?:st|nd|rd|th|[ºªo°])?(?:[\s,-]+(?P<y>\d{4})(?!\d))?(?=[\s,]|$)"
)
_BASQUE = re.compile(r"(?P<y>\d{4})(?:\(?e?ko\)?)?\s+(?P<mon>[a-z]{3,})\s+(?P<d>\d{1,2})[a-z]?")
_NUMERIC = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d\d)(?![\d/-])")
_TIME = re.compile(
    r"(?<![\d+-])(?P<h>\d{1,2})[:h.](?P<min>\d{1,2})(?:[:.](?P<s>\d{1,2})(?:[.,:]\d{1,9})?)?(?!\d)\s*(?:h(?:rs?|oras?)?\b\.?)?"
    r"\s*(?P<half>[ap]\.?\s?m\b\.?)?|(?<![\d:.+-])(?P<h2>\d{1,2})\s*(?P<half2>[ap]\.?\s?m\b\.?)"
)
_COMPACT_TIME = re.compile(r"(?P<h>\d\d)(?P<min>\d\d)(?P<s>\d\d)?(?:[.,]\d+)?(?![\d:])")
_OFFSET = re.compile(r"(?:\b(?:gmt|utc|ut)\s?)?(?P<sign>[+\-−])\s?(?P<h>\d{1,2})(?::?(?P<m>\d\d))?(?!\d)")
_NAME = re.compile(r"(?<![a-z])(?P<name>[a-z]{1,5})(?![a-z])")
_PARENTHESES = re.compile(r"\([^)]*\)")
_JOINING = re.compile(r"\b(?:de|del|d'|a las?|a les|as|of|at|on|el|la|le|les|du|i|y|e|ko)\b|\bd['’]")


@dataclass(frozen=True, slots=True)
class FeedDate:
    """A moment in UTC. With precision ``day`` it is the start of the day where the source is.

    ``note`` is ``zone_assumed`` where the text named no zone we know and the source's own was taken, ``midnight``
    where a time of exactly local midnight is taken for no time at all, else None.
    """

    value: datetime
    precision: Precision
    note: str | None = None


def parse_date(raw: str, *, timezone: str, now: datetime) -> FeedDate | None:
    """Return the moment that ``raw`` names, or None where it cannot be read or makes no sense.

    ``timezone`` is the source's (IANA name): it stands in where the text has no zone, says whether 1/2/2026 is the
    second of January (United States) or the first of February, and where a day begins. Reads RFC 822 and 2822 with
    the usual slips, ISO 8601, asctime, epoch seconds and milliseconds, numeric dates, and dates in English, Spanish,
    Portuguese, Catalan, Galician, Basque and French. Refused are dates before 1971 and more than ten minutes after
    ``now``. A month without a day is refused too. Raises ValueError where ``timezone`` is not a zone.
    """
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"not a time zone: {timezone!r}") from error
    try:
        found = _read(raw[:200], zone)
    except (ValueError, OverflowError):  # month 13, hour 25, year 0: datetime's own judgement
        return None
    if found is None or not OLDEST <= found.value <= now + CLOCK_SKEW:
        return None
    return found


def _read(raw: str, zone: ZoneInfo) -> FeedDate | None:
    text = unicodedata.normalize("NFKD", raw.lower())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = " ".join(_PARENTHESES.sub(" ", text).split()).strip(" .,;|")
    if (epoch := _EPOCH.fullmatch(text)) is not None:
        seconds = int(epoch[1]) if epoch[1] else int(epoch[2]) / 1000
        return FeedDate(datetime.fromtimestamp(int(seconds), UTC), "second")
    if (iso := _ISO.fullmatch(text)) is not None:
        return _finish(_iso_day(iso), iso["rest"] or "", zone, compact=True)
    spaced = " ".join(_JOINING.sub(" ", text).split())
    for pattern in (_DAY_MONTH, _MONTH_DAY, _BASQUE, _NUMERIC):
        for match in pattern.finditer(spaced):
            day = _numeric_day(match, zone) if pattern is _NUMERIC else _named_day(match, spaced)
            if day is not None:
                return _finish(day, f"{spaced[: match.start()]} {spaced[match.end() :]}", zone)
    return None


def _iso_day(match: re.Match[str]) -> datetime:
    year = int(match["y"])
    if match["week"]:
        return datetime.fromisocalendar(year, int(match["week"]), int(match["wd"]))
    if match["yday"]:
        day = datetime(year, 1, 1) + timedelta(days=int(match["yday"]) - 1)
        if day.year != year:
            raise ValueError("day of the year out of range")
        return day
    month = match["m"] or match["m2"] or match["m3"]
    return datetime(year, int(month), int(match["d"] or match["d2"] or match["d3"]))


def _named_day(match: re.Match[str], text: str) -> datetime | None:
    month = _MONTHS.get(match["mon"])
    if month is None:
        return None
    year = match["y"]
    if year is None:
        # asctime: "Thu Jan 8 10:00:00 GMT 2026", the year stands last
        last = re.search(r"\s(\d{4})$", text[match.end() :])
        if last is None:
            return None
        year = last[1]
    return datetime(_year(year), month, int(match["d"]))


def _numeric_day(match: re.Match[str], zone: ZoneInfo) -> datetime:
    first, second = int(match["a"]), int(match["b"])
    if zone.key.startswith(_MONTH_FIRST) and first <= 12 and match["sep"] != ".":
        return datetime(_year(match["y"]), first, second)
    if second > 12 >= first:
        return datetime(_year(match["y"]), first, second)
    return datetime(_year(match["y"]), second, first)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 70 else 1900)
    return year


def _finish(day: datetime, rest: str, zone: ZoneInfo, *, compact: bool = False) -> FeedDate:
    """Return ``day`` (naive) with the time and zone that ``rest`` holds. Raises ValueError for impossible ones."""
    time = _TIME.search(rest) or (_COMPACT_TIME.match(rest) if compact else None)
    if time is None:
        return FeedDate(day.replace(tzinfo=zone).astimezone(UTC), "day")
    groups = time.groupdict()
    hour = int(groups["h"] or groups["h2"])
    minute, second = int(groups["min"] or 0), int(groups["s"] or 0)
    half = (groups.get("half") or groups.get("half2") or "")[:1]
    if half and hour > 12:
        half = ""  # "15:30 PM"
    elif half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute, second) == (24, 0, 0):
        day, hour = day + timedelta(days=1), 0
    naive = day.replace(hour=hour, minute=minute, second=min(second, 59) if second <= 60 else second)
    found, known = _zone(rest[time.end() :], naive, zone)
    aware = naive.replace(tzinfo=found)
    value = aware.astimezone(UTC)
    if (hour, minute, second) == (0, 0, 0) and groups["s"] and aware.utcoffset() == value.astimezone(zone).utcoffset():
        # Software that has a date and no time writes midnight. To the second, by the source's own clock, it is far
        # more often that than a text published at midnight; as a day it can at least not make anyone first.
        return FeedDate(value, "day", "midnight")
    precision: Precision = "second" if groups["s"] else "minute"
    return FeedDate(value, precision, None if known else "zone_assumed")


def _zone(text: str, naive: datetime, zone: ZoneInfo) -> tuple[tzinfo, bool]:
    """Return the zone that stands after a time, and whether it was known; else the source's own."""
    offset = _OFFSET.search(text)
    if offset is not None:
        hours, minutes = int(offset["h"]), int(offset["m"] or 0)
        if hours > 14 or minutes > 59:
            return zone, False
        delta = timedelta(hours=hours, minutes=minutes)
        return timezone(delta if offset["sign"] == "+" else -delta), True
    for match in _NAME.finditer(text):
        name = match["name"]
        # The source's own abbreviations come first: CST is Havana's as well as Chicago's.
        if zone.tzname(naive) == name.upper():
            return zone, True
        if name in _ZONES:
            return ZoneInfo(_ZONES[name]), True  # so that Venezuela's years at -04:30 come out right
        if name in _HOURS:
            return timezone(timedelta(hours=_HOURS[name])), True
    return zone, False
