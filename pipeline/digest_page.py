"""A digest as one self-contained HTML file and as Markdown. Everything that came from outlets is escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.digest import CARACAS, QUERIES, MorningDigest, shown_time

if TYPE_CHECKING:
    from datetime import date, datetime

    from jinja2 import Environment

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_MARKUP = re.compile(r"([\\`*_\[\]<>~|])")  # what is markup within a line; no text of an outlet begins one
_SPACE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.I)


def render_html(digest: MorningDigest) -> str:
    """Return the digest as a page without scripts, images or addresses of its own."""
    return _render("digest.html.j2", digest)


def render_markdown(digest: MorningDigest) -> str:
    """Return the digest as Markdown (CommonMark)."""
    return re.sub(r"\n{3,}", "\n\n", _render("digest.md.j2", digest)).strip() + "\n"


def _render(template: str, digest: MorningDigest) -> str:
    return _environment().get_template(template).render(
        d=digest, day=shown_day(digest.morning), time=shown_time, date=_date, questions=QUERIES
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    made.filters.update(md=markdown_text, link=_link, web=is_web, sentence=_sentence)
    return made


def shown_day(day: date) -> str:
    """Return a day as readers see it: Friday 9 January 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _date(at: datetime) -> str:
    local = at.astimezone(CARACAS)
    return f"{local.day} {local:%b %Y}"


def markdown_text(text: str) -> str:
    """Return ``text`` on one line with every character that Markdown could take for markup escaped."""
    return _MARKUP.sub(r"\\\1", _BIDI.sub("", _SPACE.sub(" ", text)).strip()).replace("&", "&amp;")


def is_web(url: str) -> bool:
    """Tell whether an address may become a link: the web's own schemes and no character that ends it early."""
    return _WEB.fullmatch(url) is not None


def _link(text: str, url: str) -> str:
    # in angle brackets an address may hold brackets of its own; those that end it are refused by `is_web`
    return f"[{markdown_text(text)}](<{url}>)" if is_web(url) and "\\" not in url else markdown_text(text)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
