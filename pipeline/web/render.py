"""Writes HTML: the templates and what they may call. Everything is escaped; only http(s) addresses become links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipeline.web.asked import LANGUAGES, Asked
from pipeline.web.facts import CARACAS, country_order, edge_day, local_day, titles
from pipeline.web.rows import TopicEvidence
from pipeline.web.statements import Statement
from pipeline.web.view import View
from pipeline.web.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Never shown: they have no glyph, and some reverse the direction of what follows.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _finalize(value: object) -> object:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


@cache
def environment() -> Environment:
    """Return the environment of the templates, with escaping on for all of them."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["safe_url"] = safe_url
    made.globals.update(
        dict=dict, zip=zip, titles=titles, local_day=local_day, country_order=country_order, static=static_address
    )
    return made


def safe_url(url: str | None) -> str | None:
    """Return ``url`` when it is an http(s) address with a host, else None: nothing else becomes a link."""
    if not url or _CONTROLS.search(url) or re.search(r"[\s\\]", url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


@cache
def static_address(name: str) -> str:
    """Return the address of a file of ``static/``; it changes with the file, so that browsers may keep it."""
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={version}"


class Times:
    """Times as people read them, in Caracas time and in the page's language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def _month(self, month: int) -> str:
        return self._words.t(f"month.{month}")

    def day(self, day: date) -> str:
        """Return a day: 8 Jan 2026."""
        return f"{day.day} {self._month(day.month)} {day.year}"

    def long_day(self, day: date) -> str:
        """Return a day with its weekday: Thursday, 8 January 2026."""
        weekday, month = self._words.t(f"weekday.{day.weekday()}"), self._words.t(f"long_month.{day.month}")
        return self._words.t("time.long_day", weekday=weekday, day=day.day, month=month, year=day.year)

    def moment(self, when: datetime) -> str:
        """Return a time: 8 Jan 2026, 12:40."""
        local = when.astimezone(CARACAS)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def published(self, when: datetime, precision: str) -> str:
        """Return when something was published: without a time where its outlet gives none."""
        return self.day(local_day(when, precision)) if precision == "day" else self.moment(when)

    def edge(self, by: datetime, is_day: bool) -> str:
        """Return when a story began or ended: without a time where its outlet gives only the date."""
        return self.day(edge_day(by, True)) if is_day else self.moment(by)

    def clock(self, when: datetime) -> str:
        """Return the time of day in Caracas."""
        return f"{when.astimezone(CARACAS):%H:%M}"

    def machine(self, when: datetime) -> str:
        """Return a time for machines, in UTC."""
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def span(self, minutes: int) -> str:
        """Return a span of minutes: 2 h 15 min."""
        days, rest = divmod(max(0, minutes), 1440)
        hours, left = divmod(rest, 60)
        if days:
            return f"{days} d {hours} h" if hours else f"{days} d"
        return f"{hours} h {left:02} min" if hours else f"{left} min"


def _topic_words(lang: str, topics: Sequence[TopicEvidence]) -> dict[str, str]:
    return {t.topic_id: t.name_es if lang == "es" else t.name_en for t in topics}


def render(view: View, asked: Asked, shared: dict[str, Any]) -> str:
    """Return the HTML of ``view``. ``shared`` is what every page has (state, beats, snapshot)."""
    words = Words(asked.lang)
    template = environment().get_template(f"{view.template}.html.j2")
    return template.render(
        {
            **shared,
            **view.values,
            "page_title": view.title,
            "asked": asked,
            "lang": asked.lang,
            "languages_of_page": LANGUAGES,
            "words": words,
            "t": words.t,
            "n": words.n,
            "number": words.number,
            "name": words.name,
            "times": Times(words),
            "topic_words": partial(_topic_words, asked.lang),
        }
    )


def shown_sql(asked: Sequence[Statement], extra: str | None) -> list[tuple[str, str]]:
    """Return question and text of what was asked, each once, in order; ``extra`` (a search's) comes first."""
    shown = {s.text: s.question for s in asked if s.name != "state"}
    if extra:
        first = extra.partition("\n")[0]
        shown = {extra: first.removeprefix("-- ") if first.startswith("--") else ""} | shown
    return [(question, text) for text, question in shown.items()]
