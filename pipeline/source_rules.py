"""What a source declaration may say: the fields, their allowed values, and the words for everything that is wrong.

Pure functions from parsed TOML to problems. All problems are collected, so that one reading mends a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.source_codes import COUNTRIES, LANGUAGES

MEDIA_TYPES = ("agency", "newspaper", "broadcaster", "digital", "magazine", "ngo")
OWNERSHIPS = ("state", "public", "private", "independent", "nonprofit", "party")
ALIGNMENTS = ("government", "opposition", "independent", "mixed")
SCOPES = ("front", "section")
DEFAULT_TIMEZONES = {"VE": "America/Caracas", "ES": "Europe/Madrid", "US": "America/New_York"}
MAX_URL = 2048

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)


@dataclass(frozen=True, slots=True)
class FeedDecl:
    """A feed as declared: its address, and ``scope`` (``front``: all of the outlet, ``section``: part of it)."""

    url: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a declaration: where it stands and what to do about it."""

    file: str
    source: str
    field: str
    message: str

    def __str__(self) -> str:
        where = [self.file, *([f"source {self.source}"] if self.source else []), *([self.field] if self.field else [])]
        return f"{': '.join(where)}: {self.message}"


Check = Callable[[object], str | None]
"""Returns what is wrong with a value, or None."""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _near(value: object, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(str(value).lower(), allowed, n=1, cutoff=0.5)
    return f' Did you mean "{near[0]}"?' if near else ""


def one_of(allowed: tuple[str, ...]) -> Check:
    """Return the check that a value is one of these words."""

    def check(value: object) -> str | None:
        if value in allowed:
            return None
        return f"{_shown(value)} is not known. Write one of {', '.join(allowed)}.{_near(value, allowed)}"

    return check


def check_text(value: object) -> str | None:
    """Accept a line of text of at most 200 characters."""
    if not isinstance(value, str) or not value.strip():
        return f"{_shown(value)} is not a text. Write it in double quotes, not empty."
    if len(value) > 200 or any(not c.isprintable() for c in value):
        return "longer than 200 characters or with control characters. Write one short line."
    return None


def check_id(value: object) -> str | None:
    """Accept lower-case words joined by hyphens, at most 64 characters."""
    if isinstance(value, str) and len(value) <= 64 and _ID.fullmatch(value):
        return None
    return f'{_shown(value)} is not an id. Use lower-case letters, digits and hyphens, as in "efecto-cocuyo".'


def check_country(value: object) -> str | None:
    """Accept an ISO 3166-1 alpha-2 code."""
    if isinstance(value, str) and value in COUNTRIES:
        return None
    upper = f' Write "{value.upper()}".' if isinstance(value, str) and value.upper() in COUNTRIES else ""
    return f'{_shown(value)} is not a country. Write its ISO 3166-1 code of two capitals, as in "VE".{upper}'


def check_languages(value: object) -> str | None:
    """Accept a list, not empty, of BCP 47 tags whose language is in ISO 639-1 (``es``, ``ca``, ``es-VE``)."""
    advice = 'Write a list of BCP 47 codes, as in ["es"] or ["ca", "es"].'
    if not isinstance(value, list) or not value:
        return f"{_shown(value)} is not a list of languages. {advice}"
    for tag in value:
        parts = tag.split("-") if isinstance(tag, str) else [""]
        if parts[0] not in LANGUAGES or not all(re.fullmatch(r"[A-Za-z0-9]{2,8}", p) for p in parts[1:]):
            return f"{_shown(tag)} is not a language. {advice}"
    if len(set(value)) < len(value):
        return f"{_shown(value)} names a language twice. {advice}"
    return None


def check_url(value: object) -> str | None:
    """Accept an absolute http(s) address with a host and no user name, blanks or fragment."""
    if not isinstance(value, str) or not value:
        return f'{_shown(value)} is not a web address. Write it whole, as in "https://outlet.example/feed/".'
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"{_shown(value)} is not a web address ({error})."
    wrong = (
        ("only http and https are fetched", parts.scheme not in ("http", "https")),
        ("it has no host", not host),
        (f"it is longer than {MAX_URL} characters", len(value) > MAX_URL),
        ("it holds blanks or control characters", any(c.isspace() or not c.isprintable() for c in value)),
        ("it holds a user name or password", "@" in parts.netloc),
        ("the part after # is never sent", bool(parts.fragment)),
        ("its port is not a port", port == 0),
        ("its host is not a host name", bool(host) and not _is_host(host)),
    )
    reasons = [words for words, holds in wrong if holds]
    return f"{_shown(value)} cannot be used: {', '.join(reasons)}." if reasons else None


def _is_host(host: str) -> bool:
    if ":" in host:  # an IPv6 literal: urlsplit has checked it
        return True
    try:
        ascii_host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return False
    return _HOST.fullmatch(ascii_host) is not None


def check_timezone(value: object) -> str | None:
    """Accept a name of the time zone database."""
    try:
        zone = ZoneInfo(value) if isinstance(value, str) and value else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    if zone is not None:
        return None
    return f'{_shown(value)} is not a time zone. Write a name of the tz database, as in "America/Caracas".'


def check_flag(value: object) -> str | None:
    """Accept true or false."""
    return None if isinstance(value, bool) else f"{_shown(value)} is not a flag. Write true or false, without quotes."


def check_date(value: object) -> str | None:
    """Accept a TOML date or date with time."""
    return None if isinstance(value, date) else f"{_shown(value)} is not a date. Write it bare, as in 2024-05-31."


REQUIRED: dict[str, tuple[Check, str]] = {
    "id": (check_id, 'Add one, as in id = "efecto-cocuyo"; it never changes again.'),
    "name": (check_text, "Add the outlet's name."),
    "country": (check_country, 'Add the outlet\'s country, as in country = "VE".'),
    "languages": (check_languages, 'Add them, as in languages = ["es"].'),
    "homepage": (check_url, 'Add it, as in homepage = "https://outlet.example/".'),
    "media_type": (one_of(MEDIA_TYPES), f"Add one of {', '.join(MEDIA_TYPES)}."),
    "ownership": (one_of(OWNERSHIPS), f"Add one of {', '.join(OWNERSHIPS)}."),
}
OPTIONAL: dict[str, Check] = {
    "timezone": check_timezone,
    "owner_group": check_text,
    "alignment": one_of(ALIGNMENTS),
    "evidence": check_url,
    "based_in": check_country,
    "parent_id": check_id,
    "paywall": check_flag,
    "sitemap": check_url,
    "panel": check_text,
    "fictional": check_flag,
    "valid_from": check_date,
    "valid_to": check_date,
}
FIELDS = (*REQUIRED, "feeds", *OPTIONAL)


def feed_decls(raw: Mapping[str, object]) -> tuple[FeedDecl, ...]:
    """Return the feeds of a declaration that `check_catalogue` found right."""
    feeds = raw.get("feeds")
    found: list[FeedDecl] = []
    for item in feeds if isinstance(feeds, list) else []:
        if isinstance(item, str):
            found.append(FeedDecl(item))
        elif isinstance(item, Mapping):
            scope = item.get("scope")
            found.append(FeedDecl(str(item["url"]), str(scope) if scope is not None else None))
    return tuple(found)


def feed_key(url: str) -> str:
    """Return what makes two addresses the same feed: host, path and query; not scheme, ``www.`` or a last slash."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    return f"{host}{port}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"


def _check_feeds(value: object) -> Iterator[tuple[str, str, str | None]]:
    """Yield (field, problem, usable address) for each item of ``feeds``; problem is empty when there is none."""
    if not isinstance(value, list) or not value:
        yield "feeds", 'is missing or empty. Add at least one, as in feeds = ["https://outlet.example/feed/"].', None
        return
    for number, item in enumerate(value, 1):
        field = f"feeds, number {number}"
        if isinstance(item, Mapping):
            for key in sorted(set(item) - {"url", "scope"}):
                yield field, f"unknown key {key!r}. A feed has url and scope.{_near(key, ('url', 'scope'))}", None
            if "scope" in item and (wrong := one_of(SCOPES)(item["scope"])):
                yield field, f"scope: {wrong}", None
            url = item.get("url")
        else:
            url = item
        problem = check_url(url)
        yield field, problem or "", None if problem else str(url)


def check_catalogue(documents: Mapping[str, Mapping[str, object]]) -> list[Problem]:
    """Return everything wrong with parsed declaration files (by file name), in the order of the files."""
    problems: list[Problem] = []
    placed: list[_Placed] = []
    for file, document in documents.items():
        for key in sorted(set(document) - {"source"}):
            words = "unknown key at the top of a file. Each source starts with [[source]]."
            problems.append(Problem(file, "", key, words))
        tables = document.get("source", [])
        if not isinstance(tables, list) or not all(isinstance(t, Mapping) for t in tables):
            problems.append(Problem(file, "", "source", "is not a list. Write [[source]] with two brackets."))
            continue
        for number, raw in enumerate(tables, 1):
            known = isinstance(raw.get("id"), str) and raw["id"]
            source = _Placed(file, str(raw["id"]) if known else f"number {number}", raw)
            placed.append(source)
            problems.extend(source.problem(field, words) for field, words in _check_fields(raw))
    return problems + list(_check_ids(placed)) + list(_check_all_feeds(placed))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A declaration and where it stands; ``label`` is its id, or its number in the file without one."""

    file: str
    label: str
    raw: Mapping[str, object]

    def problem(self, field: str, words: str) -> Problem:
        return Problem(self.file, self.label, field, words)


def _check_ids(placed: list[_Placed]) -> Iterator[Problem]:
    """Yield ids taken twice and parents that are no other source."""
    first: dict[str, _Placed] = {}
    for source in placed:
        if source.raw.get("id") == source.label and first.setdefault(source.label, source) is not source:
            yield source.problem("id", f"is taken already, in {first[source.label].file}. Choose another.")
    for source in placed:
        parent = source.raw.get("parent_id")
        if isinstance(parent, str) and (parent not in first or parent == source.label):
            near = _near(parent, tuple(first))
            yield source.problem("parent_id", f"{parent!r} is no other source's id.{near}")


def _check_all_feeds(placed: list[_Placed]) -> Iterator[Problem]:
    """Yield what is wrong with feeds, one that stands in two sources or twice in one included."""
    owners: dict[str, _Placed] = {}
    for source in placed:
        for field, words, url in _check_feeds(source.raw.get("feeds")):
            if words:
                yield source.problem(field, words)
            if url is None:
                continue
            key = feed_key(url)
            owner = owners.get(key)
            if owner is source:
                yield source.problem(field, f"{url} stands here twice. Keep one.")
            elif owner is not None:
                yield source.problem(
                    field,
                    f"{url} belongs to source {owner.label} in {owner.file} already. "
                    "Keep it in one of them; one outlet is one source.",
                )
            owners.setdefault(key, source)


def _check_fields(raw: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) for one declaration, feeds and what depends on other sources aside."""
    for key in raw:
        if key not in FIELDS:
            yield key, f"unknown field.{_near(key, FIELDS)} Known: {', '.join(FIELDS)}."
    for name, (check, advice) in REQUIRED.items():
        if name not in raw:
            yield name, f"is missing. {advice}"
        elif problem := check(raw[name]):
            yield name, problem
    for name, optional in OPTIONAL.items():
        if name in raw and (problem := optional(raw[name])):
            yield name, problem
    country = raw.get("country")
    if "timezone" not in raw and isinstance(country, str) and country in COUNTRIES and country not in DEFAULT_TIMEZONES:
        yield "timezone", f'is missing, and {country} has no default. Add one, as in timezone = "America/Bogota".'
    first, last = raw.get("valid_from"), raw.get("valid_to")
    if isinstance(first, date) and isinstance(last, date) and str(last) < str(first):
        yield "valid_to", f"{last} lies before valid_from, {first}. Exchange them or remove one."
