"""Dates on pages: ISO forms from machine-readable places, dates in addresses, and dates spelled out in es and en."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.records import Precision

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FIRST_YEAR = 1995  # earlier dates on news pages are mistakes (epoch, month 0)
_LAST_YEAR = 2100
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene january jan gener janeiro xaneiro", "febrero feb february febrer fevereiro",
            "marzo mar march març março",
            "abril abr april apr", "mayo may maig maio", "junio jun june juny junho xuño",
            "julio jul july juliol julho xullo",
            "agosto ago august aug agost", "septiembre setiembre sep sept set september setembre setembro",
            "octubre oct october outubro", "noviembre nov november novembre novembro",
            "diciembre dic december dec desembre dezembro decembro",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})º?(?:\s+de|\s+d['’])?\s+([a-zç]{3,10})\.?,?(?:\s+del?|\s+de)?,?\s+((?:19|20)\d\d)\b", re.I
)
_MONTH_DAY = re.compile(r"\b([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b", re.I)
_IN_URL = re.compile(r"[/_-]((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_\-.]|\d{6}|$)")
_SPELLED_TAGS = ("time", "p", "span", "div", "li", "small")


@dataclass(frozen=True, slots=True)
class PageDate:
    """A date found on a page: UTC, how exact it is, and where it was found."""

    at: datetime
    precision: Precision
    origin: Literal["page", "url"] = "page"


def zone(name: str) -> ZoneInfo:
    """Return the named time zone, UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def parse_date(text: str, timezone: str) -> PageDate | None:
    """Read an ISO 8601 date or date and time; one without an offset is local to ``timezone``.

    A date alone, or midnight sharp, has precision ``day`` and stands for the start of that local day. Returns None for
    anything else and for years before 1995 or after 2100.
    """
    text = re.sub(r"\s+", " ", text).strip().replace(" UTC", "Z")
    text = re.sub(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d.*)$", r"\1T\2", text)
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    if moment.hour == moment.minute == moment.second == 0:
        precision: Precision = "day"
    else:
        precision = "second" if moment.second or re.search(r"T\d\d:?\d\d:?\d\d", text) else "minute"
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(timezone))
    return PageDate(moment.astimezone(UTC).replace(microsecond=0), precision)


def _day(year: int, month: int, day: int, timezone: str, origin: Literal["page", "url"]) -> PageDate | None:
    try:
        local = datetime(year, month, day, tzinfo=zone(timezone))
    except ValueError:
        return None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return PageDate(local.astimezone(UTC), "day", origin)


def url_date(url: str, timezone: str) -> PageDate | None:
    """Return the date in an address such as ``/2026/03/05/`` or ``_20260305``, precision ``day``, origin ``url``."""
    found = _IN_URL.search(url)
    return _day(int(found[1]), int(found[2]), int(found[3]), timezone, "url") if found else None


def spelled_date(tree: HtmlElement, timezone: str) -> PageDate | None:
    """Return the first date spelled out in a short line of the page ("5 de marzo de 2026", "March 5, 2026").

    Only lines of at most 120 characters are read, since a date inside a paragraph is about the news, not of it.
    """
    for element in tree.iter(*_SPELLED_TAGS):
        own = element.text_content() if len(element) <= 6 else (element.text or "")
        line = " ".join(own[:400].split())
        if 8 <= len(line) <= 120 and (found := _read_spelled(line, timezone)):
            return found
    return None


def _read_spelled(line: str, timezone: str) -> PageDate | None:
    for day, month, year in _DAY_MONTH.findall(line):
        if number := _MONTHS.get(month.lower()):
            return _day(int(year), number, int(day), timezone, "page")
    for month, day, year in _MONTH_DAY.findall(line):
        if number := _MONTHS.get(month.lower()):
            return _day(int(year), number, int(day), timezone, "page")
    return None
