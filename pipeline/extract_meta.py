"""What a page says of itself: title, dates, authors, section, canonical address, from JSON-LD, meta tags and headings."""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.extract_dates import PageDate, parse_date, spelled_date, url_date
from pipeline.furniture import strip_relative_date, words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPES = re.compile(r"(?:Article|BlogPosting|Report|Review|NewsItem|OpinionPiece)$", re.I)
_ELSEWHERE = frozenset(
    "itemListElement hasPart liveBlogUpdate mentions relatedLink isPartOf comment video associatedMedia citation".split()
)
_SEPARATOR = re.compile(r"\s+[|–—\-:·•«»~]+\s+|\s*\|\s*")
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
    """Read the metadata of ``tree``, a page at ``url`` whose naive dates are local to ``timezone``. Pure; never raises
    on what a page may contain."""
    nodes = list(_json_ld(tree))
    by_id = {str(n["@id"]): n for n in nodes if "@id" in n and len(n) > 1}
    article = _article_node(nodes, tree, url)
    meta = _meta_tags(tree)
    titles = _titles(tree, meta, article)
    published = (
        parse_date(_text(article.get("datePublished")), timezone)
        or _first_date(meta, ("article:published_time", "datepublished", "date", "dc.date.issued", "dc.date", "pubdate",
                              "publishdate", "publish-date", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
                              "article:published", "og:published_time", "article.published", "fecha"), timezone)
        or _time_tag(tree, timezone)
        or url_date(url, timezone)
        or spelled_date(tree, timezone)
    )  # fmt: skip
    modified = parse_date(_text(article.get("dateModified")), timezone) or _first_date(
        meta, ("article:modified_time", "datemodified", "og:updated_time", "last-modified"), timezone
    )
    section = article.get("articleSection")
    if isinstance(section, list):
        section = section[0] if section else None
    free = article.get("isAccessibleForFree")
    return PageMeta(
        title=_best_title(titles, _site_name(meta, article, url)),
        titles=tuple(dict.fromkeys(t for _, t in titles)),
        description=clean_line(_text(article.get("description")) or meta.get("og:description") or meta.get("description") or ""),
        authors=_authors(article, by_id, meta, tree),
        published=published,
        modified=modified.at if modified else None,
        section=clean_line(_text(section) or meta.get("article:section") or "") or None,
        lang=_text(article.get("inLanguage")) or tree.get("lang") or None,
        canonical_url=canonical(tree, meta, url),
        article_body=_body_text(_text(article.get("articleBody"))),
        paywalled=str(free).lower() in {"false", "0"} if free is not None else False,
    )  # fmt: skip


def clean_line(text: str) -> str:
    """Return ``text`` on one line, entities resolved (twice escaped ones too), without invisible characters."""
    return " ".join(html.unescape(html.unescape(text)).replace("\u200b", "").split())


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
            if value and not merged.get(key):
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


def _titles(tree: HtmlElement, meta: Mapping[str, str], article: Mapping[str, object]) -> list[tuple[str, str]]:
    found = [
        ("og", meta.get("og:title", "")),
        ("headline", _text(article.get("headline"))),
        *(("h1", h.text_content()[:500]) for h in list(tree.iter("h1"))[:3]),
        ("twitter", meta.get("twitter:title", "")),
        *(("title", t.text_content()[:500]) for t in list(tree.iter("title"))[:1]),
    ]
    return [(kind, strip_relative_date(clean_line(t))) for kind, t in found if clean_line(t)]


def _site_name(meta: Mapping[str, str], article: Mapping[str, object], url: str) -> str:
    name = meta.get("og:site_name") or _text(article.get("publisher")) or meta.get("application-name") or ""
    host = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return "".join(words_of(name)) or (host[0] if host else "")


def _key(title: str) -> str:
    return " ".join(words_of(title.replace("’", "'").replace("‘", "'")))


def _best_title(titles: list[tuple[str, str]], site: str) -> str:
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
        found = clean_authors(
            [meta.get(n, "") for n in ("author", "article:author", "dc.creator", "parsely-author", "byl")]
        )
    if not found:
        found = clean_authors(
            [
                e.text_content()[:200]
                for e in tree.iter("a", "span", "p", "div")
                if e.get("rel") == "author"
                or e.get("itemprop") == "author"
                or (e.get("class") or "") in {"author", "byline", "autor"}
            ][:4]
        )
    return found


_BY = re.compile(r"^(?:by|por|per|de|written by|escrito por|reporting by|texto:?|autor:?|from)\s+", re.I)


def clean_authors(names: list[str]) -> tuple[str, ...]:
    """Return the names alone: no "By", addresses, handles or doubles; lists in one string are split."""
    seen: dict[str, str] = {}
    for raw in names:
        if re.search(r"https?:|www\.|@|\.com\b", raw):
            continue
        for part in re.split(r"\s*[;,|/]\s*|\s+(?:and|y|e|i|&)\s+(?=[A-ZÁÉÍÓÚÑ])", clean_line(raw)):
            name = _BY.sub("", part).strip(" .-–—•·:")
            if (
                not name
                or re.search(r"https?:|www\.|@|\.com\b", name)
                or not 2 <= len(name) <= 80
                or len(name.split()) > 8
            ):
                continue
            if sum(c.isdigit() for c in name) > 2:
                continue
            seen.setdefault(" ".join(words_of(name)), name)
    return tuple(seen.values())


def _body_text(raw: str) -> str:
    """Return ``articleBody`` as plain text; some outlets put HTML or block markup into it."""
    if not raw:
        return ""
    text = html.unescape(raw)
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
            full = urljoin(url, candidate.strip())
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
