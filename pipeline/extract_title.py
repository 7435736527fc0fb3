"""The title of a page: the forms it gives, what of them is the site's signature, and which one most places agree on."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.extract_decode import strip_invisible
from pipeline.furniture import strip_relative_date, words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SEPARATOR = re.compile(r"\s+[|–—\-:·•«»~]+\s+|\s*\|\s*")

_WEIGHTS = {"h1": 3.0, "og": 1.5, "headline": 1.0, "title": 0.9, "twitter": 0.4}


def clean_line(text: str) -> str:
    """Return ``text`` on one line, entities resolved (twice escaped ones too), without invisible characters."""
    return " ".join(strip_invisible(html.unescape(html.unescape(text))).split())


def page_titles(tree: HtmlElement, meta: Mapping[str, str], headline: str) -> list[tuple[str, str]]:
    """Return the forms of the title as ``(place, text)``: og, headline (JSON-LD), h1, twitter, title."""
    found = [
        ("og", meta.get("og:title", "")),
        ("headline", headline),
        *(("h1", " ".join(h.itertext())[:500]) for h in list(tree.iter("h1"))[:3]),
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
    """Return the title of the article, without the site's name.

    The heading that readers see comes first, where it is a heading of this article: another place agrees with it in
    most words. Otherwise the forms vote, and ``og:title``, the outlet's own choice, breaks ties. A form that another
    one continues behind a separator (" | TechCrunch", " - Sección - Diario") is the title, the rest a signature.
    """
    short = [t for kind, t in titles if kind in {"h1", "headline"} and len(words_of(t)) >= 3]
    forms = [(kind, _without_site(title, short, site)) for kind, title in titles]
    others = [set(words_of(t)) for kind, t in forms if kind != "h1"]
    votes: defaultdict[str, float] = defaultdict(float)
    spelling: dict[str, str] = {}
    heading_seen = False
    declared = [t for kind, t in forms if kind in {"og", "headline"}]
    for kind, form in forms:
        title = _without_kicker(form, declared) if kind == "h1" else form
        own = set(words_of(title))
        weight = _WEIGHTS[kind]
        if kind == "h1":
            if heading_seen or (others and (len(own) < 3 or max(len(own & o) / len(own) for o in others) < 0.5)):
                continue  # the outlet's name in large letters, or the heading of another box
            heading_seen = True
        if key := _key(title):
            votes[key] += weight
            spelling.setdefault(key, title)
    return spelling[max(votes, key=votes.__getitem__)] if votes else ""


def _without_kicker(heading: str, others: list[str]) -> str:
    """Return the form in ``others`` that ``heading`` only puts a section's name before or behind, else ``heading``."""
    own = _key(heading)
    for other in others:
        key = _key(other)
        if len(key.split()) >= 4 and own != key and (own.endswith(" " + key) or own.startswith(key + " ")):
            return other
    return heading


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
