"""What a page says of itself in JSON-LD, meta tags and headings: title, dates, authors, section, address."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.extract_dates import PageDate, parse_date, spelled_date, url_date
from pipeline.extract_decode import strip_invisible
from pipeline.extract_title import best_title, clean_line, page_titles, site_name
from pipeline.furniture import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|Review|NewsItem|OpinionPiece)$", re.I)
_ELSEWHERE = frozenset(
    "itemListElement hasPart liveBlogUpdate mentions relatedLink isPartOf comment video citation".split()
)
_PUBLISHED_TAGS = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "date", "dc.date.issued",
    "dc.date", "pubdate", "publishdate", "publish-date", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "article.published", "fecha",
)  # fmt: skip
_AUTHOR_TAGS = ("author", "article:author", "og:article:author", "dc.creator", "parsely-author", "byl")
_MAX_JSON = 2_000_000


@dataclass(frozen=True, slots=True)
class PageMeta:
    """The page's own account; empty or None where it says nothing usable."""

    title: str
    titles: tuple[str, ...]  # every form of the title seen, for telling title lines in the text
    description: str
    authors: tuple[str, ...]
    published: PageDate | None
    modified: datetime | None
    section: str | None
    lang: str | None
    canonical_url: str | None
    article_body: str
    paywalled: bool


def read_meta(tree: HtmlElement, url: str, timezone: str) -> PageMeta:
    """Read the metadata of ``tree``, a page at ``url`` whose naive dates are local to ``timezone``.

    Pure; never raises on what a page may contain.
    """
    nodes = list(_json_ld(tree))
    by_id = {str(n["@id"]): n for n in nodes if "@id" in n and len(n) > 1}
    article = _article_node(nodes, tree, url)
    meta = _meta_tags(tree)
    titles = page_titles(tree, meta, _text(article.get("headline")))
    published = (
        parse_date(_text(article.get("datePublished")), timezone)
        or _first_date(meta, _PUBLISHED_TAGS, timezone)
        or _time_tag(tree, timezone)
        or url_date(url, timezone)
        or spelled_date(tree, timezone)
    )
    modified = parse_date(_text(article.get("dateModified")), timezone) or _first_date(
        meta, ("article:modified_time", "datemodified", "og:updated_time", "last-modified"), timezone
    )
    section = article.get("articleSection")
    if isinstance(section, list):
        section = section[0] if section else None
    free = article.get("isAccessibleForFree")
    return PageMeta(
        title=best_title(titles, site_name(meta, _text(article.get("publisher")), url)),
        titles=tuple(dict.fromkeys(t for _, t in titles)),
        description=clean_line(
            _text(article.get("description")) or meta.get("og:description") or meta.get("description") or ""
        ),
        authors=_authors(article, by_id, meta, tree),
        published=published,
        modified=modified.at if modified else None,
        section=clean_line(_text(section) or meta.get("article:section") or "") or None,
        lang=_text(article.get("inLanguage")) or tree.get("lang") or None,
        canonical_url=canonical(tree, meta, url),
        article_body=_body_text(_text(article.get("articleBody"))),
        paywalled=str(free).lower() in {"false", "0"} if free is not None else False,
    )  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0]
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        return str(value["name"])
    return ""


def _json_ld(tree: HtmlElement) -> Iterator[Mapping[str, object]]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        raw = (script.text or "").strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
        if not raw or len(raw) > _MAX_JSON:
            continue
        try:
            data = json.loads(raw, strict=False)
        except (ValueError, RecursionError):
            continue  # a broken block says nothing; the others and the meta tags still speak
        stack: list[tuple[object, int]] = [(data, 0)]
        while stack:
            node, depth = stack.pop()
            if depth > 8:
                continue
            if isinstance(node, list):
                stack.extend((n, depth + 1) for n in reversed(node))
            elif isinstance(node, dict):
                yield node
                stack.extend(
                    (v, depth + 1) for k, v in node.items() if k not in _ELSEWHERE and isinstance(v, dict | list)
                )


def _is_article(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type")
    return any(isinstance(k, str) and _ARTICLE_TYPES.search(k) for k in (kinds if isinstance(kinds, list) else [kinds]))


def _article_node(nodes: list[Mapping[str, object]], tree: HtmlElement, url: str) -> Mapping[str, object]:
    """Return the node that describes this page's article: by address or headline where there are several; merged with
    others of the same headline, since some pages split an article over two blocks."""
    articles = [n for n in nodes if _is_article(n)]
    if not articles:
        return {}
    heads = {" ".join(words_of(h.text_content()[:500])) for h in tree.iter("h1")}
    path = urlsplit(url).path.rstrip("/")

    def fit(node: Mapping[str, object]) -> int:
        address = _text(node.get("url")) or _text(node.get("mainEntityOfPage"))
        entity = node.get("mainEntityOfPage")
        if not address and isinstance(entity, Mapping):
            address = _text(entity.get("@id"))
        return (
            4 * (bool(path) and urlsplit(address).path.rstrip("/") == path)
            + 4 * (" ".join(words_of(clean_line(_text(node.get("headline"))))) in heads)
            + 2 * ("datePublished" in node)
            + ("articleBody" in node)
        )

    ranked = sorted(articles, key=fit, reverse=True)
    best = ranked[0]
    same = [n for n in ranked[1:] if words_of(_text(n.get("headline"))) == words_of(_text(best.get("headline")))]
    merged: dict[str, object] = {}
    for node in (best, *same):
        for key, value in node.items():
            if value not in (None, "", [], {}) and key not in merged:  # False is an answer (isAccessibleForFree)
                merged[key] = value
    return merged


def _meta_tags(tree: HtmlElement) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = tag.get("content")
        if name and content and content.strip():
            tags.setdefault(name.strip().lower(), content.strip())
    return tags


def _first_date(meta: Mapping[str, str], names: tuple[str, ...], timezone: str) -> PageDate | None:
    for name in names:
        if name in meta and (found := parse_date(meta[name], timezone)):
            return found
    return None


def _time_tag(tree: HtmlElement, timezone: str) -> PageDate | None:
    """Return the first ``<time>`` that is marked as the date of publication, or the first inside an article's head."""
    plain: PageDate | None = None
    for tag in list(tree.iter("time"))[:20]:
        found = parse_date(tag.get("datetime") or "", timezone)
        if found is None:
            continue
        marks = f"{tag.get('itemprop', '')} {tag.get('class', '')} {tag.get('pubdate', '')}".lower()
        if "publish" in marks or "entry-date" in marks or tag.get("pubdate") is not None:
            return found
        if plain is None and "update" not in marks and "modif" not in marks:
            plain = found
    return plain


def _authors(
    article: Mapping[str, object], by_id: Mapping[str, Mapping[str, object]], meta: Mapping[str, str], tree: HtmlElement
) -> tuple[str, ...]:
    people: list[str] = []
    bodies: list[str] = []
    raw = article.get("author") or article.get("creator")
    for item in raw if isinstance(raw, list) else [raw]:
        node: object = item
        if isinstance(node, Mapping) and "name" not in node and "byline" not in node:
            node = by_id.get(str(node.get("@id")), node)
        if isinstance(node, Mapping):
            name = _text(node.get("name")) or _text(node.get("byline"))
            kinds = node.get("@type")
            person = "Person" in (kinds if isinstance(kinds, list) else [kinds])
            (people if person else bodies).append(name)
        elif isinstance(node, str):
            people.append(node)
    found = clean_authors(people) or clean_authors(bodies)
    if not found:
        found = clean_authors([meta.get(n, "") for n in _AUTHOR_TAGS])
    if not found:
        found = clean_authors(
            [
                e.text_content()[:200]
                for e in tree.iter("a", "span", "p", "div")
                if e.get("rel") == "author"
                or _AUTHOR_PAGE.search(e.get("href") or "")
                or e.get("itemprop") == "author"
                or (e.get("class") or "") in {"author", "byline", "autor"}
            ][:1]
        )
    return found


_HANDLE = re.compile(r"\s*\(?@\w+\)?")
_AUTHOR_PAGE = re.compile(r"/(?:author|autor|autores|authors|newsteam|firmas?|staff)/[\w%-]{3,}/?$", re.I)
_NOBODY = frozenset({"no author", "admin", "administrador", "editor", "unknown", "anonymous"})
_BY = re.compile(r"^(?:by|por|per|de|written by|escrito por|reporting by|texto:?|autor:?|from)\s+", re.I)


def clean_authors(names: list[str]) -> tuple[str, ...]:
    """Return the names alone: no "By", addresses, handles or doubles; lists in one string are split."""
    seen: dict[str, str] = {}
    for raw in names:
        if re.search(r"https?:|www\.|\w@\w", raw):
            continue
        for part in re.split(r"\s*[;,|/]\s*|\s+(?:and|y|e|i|&)\s+(?=[A-ZÁÉÍÓÚÑ])", _HANDLE.sub("", clean_line(raw))):
            name = _BY.sub("", part).strip(" .-–—•·:")
            if (
                not name
                or re.search(r"https?:|www\.|@|\.com\b", name)
                or not 2 <= len(name) <= 80
                or len(name.split()) > 8
            ):
                continue
            if sum(c.isdigit() for c in name) > 2 or name.lower() in _NOBODY:
                continue
            seen.setdefault(" ".join(words_of(name)), name)
    return tuple(seen.values())


def _body_text(raw: str) -> str:
    """Return ``articleBody`` as plain text; some outlets put HTML or block markup into it."""
    if not raw:
        return ""
    text = strip_invisible(html.unescape(raw))
    text = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>", " ", text, flags=re.S | re.I)
    text = re.sub(r"</?(?:p|br|div|h\d|li|ul|blockquote)\b[^>]*>", "\n", text, flags=re.I)
    text = re.sub(r"<[^>]{1,500}>", "", text)
    return re.sub(r"[ \t\xa0]+", " ", html.unescape(text)).strip()


def canonical(tree: HtmlElement, meta: Mapping[str, str], url: str) -> str | None:
    """Return the address the page declares for itself where it can be believed: same site, and neither the home page
    nor a section above the page (some templates declare those, and every article would become one)."""
    declared = [
        link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    here = urlsplit(url)
    for candidate in [*declared, meta.get("og:url", "")]:
        try:
            full = strip_invisible(urljoin(url, candidate.strip()))
            there = urlsplit(full)
        except ValueError:
            continue
        if (
            not candidate.strip()
            or there.scheme not in {"http", "https"}
            or not _same_site(there.hostname, here.hostname)
        ):
            continue
        if _plausible(there.path, here.path) or (there.query and there.path == here.path):
            return str(there._replace(fragment="").geturl())
    return None


def _same_site(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    a, b = (re.sub(r"^(?:www\d?|m|amp|mobile)\.", "", h.lower()) for h in (one, other))
    return a == b or a.endswith("." + b) or b.endswith("." + a)


def _plausible(path: str, here: str) -> bool:
    there, page = path.strip("/"), here.strip("/")
    if not there:
        return False
    if there == page:
        return True
    if page.startswith(there + "/"):
        return re.fullmatch(r"(?:amp|\d{1,3}|index\.\w+)", page.removeprefix(there + "/")) is not None
    slug = there.rsplit("/", 1)[-1]
    return "-" in slug or "_" in slug or any(c.isdigit() for c in slug) or "." in slug
