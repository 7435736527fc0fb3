"""The title of a page: the forms it gives, what of them is the site's signature, and which one most places agree on."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.furniture import strip_relative_date, words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SEPARATOR = re.compile(r"\s+[|–—\-:·•«»~]+\s+|\s*\|\s*")


def clean_line(text: str) -> str:
    """Return ``text`` on one line, entities resolved (twice escaped ones too), without invisible characters."""
    return " ".join(html.unescape(html.unescape(text)).replace("\u200b", "").split())


def page_titles(tree: HtmlElement, meta: Mapping[str, str], headline: str) -> list[tuple[str, str]]:
    """Return the forms of the title as ``(place, text)``: og, headline (JSON-LD), h1, twitter, title."""
    found = [
        ("og", meta.get("og:title", "")),
        ("headline", headline),
        *(("h1", h.text_content()[:500]) for h in list(tree.iter("h1"))[:3]),
        ("twitter", meta.get("twitter:title", "")),
        *(("title", t.text_content()[:500]) for t in list(tree.iter("title"))[:1]),
    ]
    return [(kind, strip_relative_date(clean_line(t))) for kind, t in found if clean_line(t)]


def site_name(meta: Mapping[str, str], publisher: str, url: str) -> str:
    """Return the words of the site\'s name run together in lower case, for telling its signature in a title."""
    name = meta.get("og:site_name") or publisher or meta.get("application-name") or ""
    host = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return "".join(words_of(name)) or (host[0] if host else "")


def _key(title: str) -> str:
    return " ".join(words_of(title.replace("’", "'").replace("‘", "'")))


def best_title(titles: list[tuple[str, str]], site: str) -> str:
    """Return the title most places agree on, without the site's name.

    A form that another form continues behind a separator (" | TechCrunch", " - Sección - Diario") is the title, the
    rest is the site's signature. The forms vote; ``og:title`` is the outlet's own choice and breaks ties.
    """
    weight = {"og": 1.5, "headline": 1.0, "h1": 1.0, "title": 0.9, "twitter": 0.4}
    short = [t for kind, t in titles if kind in {"h1", "headline"} and len(words_of(t)) >= 3]
    votes: defaultdict[str, float] = defaultdict(float)
    form: dict[str, str] = {}
    for kind, title in titles:
        bare = _without_site(title, short, site)
        if kind == "h1" and len(words_of(bare)) < 3 and len(titles) > 1:
            continue  # the outlet's own name in large letters
        key = _key(bare)
        if not key:
            continue
        votes[key] += weight[kind]
        form.setdefault(key, bare)
    if not votes:
        return ""
    return form[max(votes, key=votes.__getitem__)]


def _without_site(title: str, short: list[str], site: str) -> str:
    own = _key(title)
    for other in short:
        key = _key(other)
        if key != own and (own.startswith(key + " ") or own.endswith(" " + key)) and _SEPARATOR.search(title):
            for piece in _cuts(title):
                if _key(piece) == key:
                    return piece
    for piece in _cuts(title):
        rest = "".join(words_of(title)).removeprefix("".join(words_of(piece)))
        if rest == "".join(words_of(title)):
            rest = rest.removesuffix("".join(words_of(piece)))
        if site and len(words_of(piece)) >= 3 and len(rest) >= 3 and (rest.endswith(site) or site.startswith(rest)):
            return piece
    return title


def _cuts(title: str) -> Iterator[str]:
    """Yield what is left when signatures are cut off at a separator: behind it, shortest cut last; then before it."""
    marks = list(_SEPARATOR.finditer(title))
    for mark in marks:
        yield title[: mark.start()].strip()
    for mark in reversed(marks):
        yield title[mark.end() :].strip()
