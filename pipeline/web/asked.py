"""What a request asks for, read from its address: bounded, checked, in records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

LANGUAGES = ("en", "es")
MAX_WORDS = 300
MAX_PAGE = 200

_SHAPES: Mapping[str, tuple[str, str]] = {
    "country": (r"[A-Z]{2}", "VE"),
    "language": (r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", "es"),
    "beat": (r"[\w.-]{1,60}", "venezuela"),
    "topic": (r"[\w:.-]{1,80}", "medtop:11000000"),
    "source": (r"[\w.-]{1,80}", "efecto-cocuyo"),
    "story": (r"[\w.-]{1,80}", "s45a8e70b8b9f9e82c3d2"),
    "reason": (r"[a-z_]{1,60}", "not_html"),
    "stage": (r"[a-z_]{1,60}", "entry"),
    "state": (r"ok|failing|down|never_polled|no_feed", "down"),
    "order": (r"relevance|newest", "newest"),
    "as": (r"sql", "sql"),
    "statement": (r"[0-9]{1,2}", "0"),
    "theme": (r"light|dark", "dark"),
    "size": (r"wide|narrow", "narrow"),
}
_DAYS = ("day", "since", "until")


class BadRequest(ValueError):
    """A parameter that cannot be used. ``name`` says which, ``sample`` what it looks like."""

    def __init__(self, name: str, sample: str) -> None:
        super().__init__(f"{name}: not understood. Example: {name}={sample}")
        self.name = name
        self.sample = sample


class NotThere(Exception):
    """What the address names is not in the snapshot."""


class NoPage(NotThere):
    """The page asked for lies past the end of a list."""


class Moved(Exception):
    """What the address names is known by another address now."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the language of the page, its path behind that, and its parameters, checked."""

    lang: str
    path: str
    values: Mapping[str, str]
    page: int = 1

    def get(self, name: str) -> str | None:
        """Return a parameter, or None where it was not given."""
        return self.values.get(name)

    def day(self, name: str) -> date | None:
        """Return a parameter that is a day."""
        found = self.values.get(name)
        return date.fromisoformat(found) if found else None

    def link(self, path: str | None = None, lang: str | None = None, **changes: str | int | None) -> str:
        """Return the address of this page with ``changes``, or of another page when ``path`` is given."""
        kept: dict[str, object] = {} if path is not None else {**self.values, "page": self.page}
        kept |= changes
        if kept.get("page") == 1:
            del kept["page"]
        query = urlencode({k: v for k, v in kept.items() if v is not None and v != ""})
        target = f"/{lang or self.lang}{self.path if path is None else path}"
        return f"{target}?{query}" if query else target


def read_request(lang: str, path: str, query: Mapping[str, str]) -> Asked:
    """Return what is asked for. Unknown parameters are left out; raises BadRequest for one that cannot be used."""
    values: dict[str, str] = {}
    page = 1
    for name, given in query.items():
        value = given.strip()
        if not value:
            continue
        if name == "q":
            if len(value) > MAX_WORDS or re.search(r"[\x00-\x1f\x7f]", value):
                raise BadRequest("q", "presos políticos")
        elif name == "page":
            if not re.fullmatch(r"[1-9][0-9]{0,3}", value) or int(value) > MAX_PAGE:
                raise BadRequest("page", "2")
            page = int(value)
            continue
        elif name in _DAYS:
            _check_day(name, value)
        elif name in _SHAPES:
            shape, sample = _SHAPES[name]
            if not re.fullmatch(shape, value):
                raise BadRequest(name, sample)
        else:
            continue
        values[name] = value
    return Asked(lang, path, values, page)


def check_id(value: str) -> str:
    """Return an id from a path as it is. Raises NotThere for what can be no id."""
    if not re.fullmatch(r"[\w:.-]{1,80}", value):
        raise NotThere
    return value


def _check_day(name: str, value: str) -> None:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) or not 1900 <= date.fromisoformat(value).year <= 2200:
            raise BadRequest(name, "2026-01-08")
    except ValueError as error:
        raise BadRequest(name, "2026-01-08") from error


def preferred_language(accept: str) -> str:
    """Return ``es`` or ``en`` by an Accept-Language header; English where neither is asked for."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        lang = tag.strip().lower().partition("-")[0]
        try:
            ranked.append((-float(weight or 1), position, lang))
        except ValueError:
            continue
    return next((lang for weight, _, lang in sorted(ranked) if lang in LANGUAGES and weight < 0), "en")
