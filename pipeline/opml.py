"""Subscription lists (OPML) in and out. The only module that knows listparser.

An OPML file is somebody else's: it is never trusted with more than a size, a depth and a number of feeds, no entity of
it is expanded and nothing it names is opened. What is refused is reported, one reason each.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from pipeline.source_edit import NewSource
from pipeline.source_rules import ALIGNMENTS, MEDIA_TYPES, OWNERSHIPS, SCOPES, FeedDecl, check_url, feed_key
from pipeline.sources import Catalogue
from storage.records import Source

MAX_BYTES = 5_000_000
MAX_OUTLINES = 20_000
MAX_DEPTH = 32
MAX_FEEDS = 2_000
MAX_REJECTIONS = 1_000

Reason = Literal["too_large", "not_opml", "unsafe_xml", "too_deep", "bad_url", "same_feed", "known", "too_many"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """An outline, or with an empty ``url`` the whole file, that was not taken, and why."""

    url: str
    title: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an OPML file holds. ``sources`` are ready for `source_edit.add_sources`; nothing is written here.

    ``outlines`` counts all that were seen; ``rejected`` holds the first MAX_REJECTIONS, ``rejected_count`` all.
    """

    sources: tuple[NewSource, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    rejected_count: int = 0
    outlines: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an OPML file does not say of a source."""

    country: str
    languages: tuple[str, ...]
    media_type: str = "digital"
    ownership: str = "private"
    timezone: str | None = None


def import_opml(data: bytes, catalogue: Catalogue, defaults: Defaults) -> ImportReport:
    """Read a subscription list into sources that are not in ``catalogue`` yet.

    Feeds of one outlet become one source: those that `export_opml` marked as such, else those with one home page or,
    without it, one host. Never raises for what the file holds; a file refused whole gives one rejection.
    """
    try:
        scan = _scan(data)
    except _Refused as refused:
        return ImportReport(rejected=(Rejection("", "", refused.reason, refused.detail),), rejected_count=1)
    import listparser

    harvest = listparser.parse(scan.text)
    rejected: list[Rejection] = []
    count = 0

    def refuse(url: str, title: str, reason: Reason, detail: str) -> None:
        nonlocal count
        count += 1
        if len(rejected) < MAX_REJECTIONS:
            rejected.append(Rejection(_line(url, 300), _line(title, 100), reason, detail))

    groups: dict[str, _Group] = {}
    owners = {feed_key(f.feed_url): f.source_id for f in catalogue.feeds}
    seen: set[str] = set()
    for feed in harvest.feeds:
        url, title = str(feed.url), _line(str(feed.title), 200)
        if len(seen) >= MAX_FEEDS:
            refuse(url, title, "too_many", f"only the first {MAX_FEEDS} feeds of a file are taken.")
        elif problem := check_url(url):
            refuse(url, title, "bad_url", problem)
        elif feed_key(url) in seen:
            refuse(url, title, "same_feed", "stands in the file before.")
        elif owner := owners.get(feed_key(url)):
            refuse(url, title, "known", f"belongs to source {owner} already.")
        else:
            seen.add(feed_key(url))
            marks = _marks(feed.categories)
            home = scan.homes.get(url, "")
            key = marks.get("source") or (urlsplit(home or url).hostname or url).removeprefix("www.")
            scope = marks.get("scope")
            decl = FeedDecl(url, scope if scope in SCOPES else None)
            group = groups.get(key)
            groups[key] = _Group(
                group.title if group else title,
                group.home if group else home,
                group.marks if group else marks,
                (*(group.feeds if group else ()), decl),
            )
    for other in (*harvest.lists, *harvest.opportunities):
        refuse(
            str(other.url), str(other.title), "bad_url", "is not a feed but a page or another list; it is not opened."
        )
    taken = {s.source_id for s in catalogue.sources}
    sources: list[NewSource] = []
    for key, group in groups.items():
        source = _source(key, group, defaults, taken)
        taken.add(source.id)
        sources.append(source)
    title = _line(str(harvest.meta.get("title", "")), 200)
    return ImportReport(tuple(sources), tuple(rejected), count, scan.outlines, title)


@dataclass(frozen=True, slots=True)
class _Group:
    title: str
    home: str
    marks: dict[str, str]
    feeds: tuple[FeedDecl, ...]


@dataclass(frozen=True, slots=True)
class _Scan:
    text: bytes  # the document in UTF-8, fit for listparser
    outlines: int
    homes: dict[str, str]  # home page by feed address, which listparser does not keep


class _Refused(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


class _Scanner(HTMLParser):
    """Counts outlines and their depth and collects home pages, as forgiving of broken XML as listparser is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outlines = 0
        self.depth = 0
        self.opml = False
        self.homes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "outline"
        if self.depth > MAX_DEPTH:
            raise _Refused("too_deep", f"outlines stand more than {MAX_DEPTH} deep.")
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opml = self.opml or tag == "opml"
        if tag != "outline":
            return
        self.outlines += 1
        if self.outlines > MAX_OUTLINES:
            raise _Refused("too_many", f"the file has more than {MAX_OUTLINES} outlines. Split it.")
        named = {key: (value or "").strip() for key, value in attrs}
        home = named.get("htmlurl", "")
        if "xmlurl" in named and home and check_url(home) is None:
            self.homes.setdefault(named["xmlurl"], home)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "outline"

    def handle_decl(self, decl: str) -> None:
        raise _Refused("unsafe_xml", f"the file has a declaration, <!{_line(decl, 40)}>, which no list needs.")

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)


def _scan(data: bytes) -> _Scan:
    """Look at the file before listparser does. Raises _Refused where it is not to be read at all.

    Nothing here or in listparser expands an entity or opens an address: both read the text as HTML, which has neither.
    A DOCTYPE is refused all the same, so that this does not rest on another library's ways.
    """
    if len(data) > MAX_BYTES:
        raise _Refused("too_large", f"the file has {len(data)} bytes; {MAX_BYTES} are read at most.")
    text = _decoded(data)
    if "<!doctype" in text[:5000].lower() or "<!entity" in text.lower():
        raise _Refused("unsafe_xml", "the file has a DOCTYPE or an entity, which no list needs. Remove it.")
    scanner = _Scanner()
    scanner.feed(text)
    scanner.close()
    if not scanner.opml:
        raise _Refused("not_opml", "the file has no <opml>.")
    return _Scan(f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode(), scanner.outlines, scanner.homes)


def _decoded(data: bytes) -> str:
    """Return the text without its XML declaration. Raises _Refused for an encoding that no list is written in."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    else:
        named = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})["']""", data)
        name = named[1].decode("ascii").lower() if named else "utf-8"
    if not re.fullmatch(r"utf-?8|utf-16|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}|(windows-|cp)125\d", name):
        raise _Refused("not_opml", f"the file says that it is written in {name}. Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig" if name in ("utf-8", "utf8") else name, "replace")
    except LookupError:
        raise _Refused("not_opml", f"the file says that it is written in {name}. Save it as UTF-8.") from None
    if not text.strip() or "\0" in text:
        raise _Refused("not_opml", "the file is empty, or not text in the encoding that it names.")
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text, count=1)


def _marks(categories: list[list[str]]) -> dict[str, str]:
    """Return what `export_opml` wrote into category="source/…,country/…": pairs, the first of a name wins."""
    marks: dict[str, str] = {}
    for pair in categories:
        if len(pair) == 2:
            marks.setdefault(pair[0], pair[1])
    return marks


def _source(key: str, group: _Group, defaults: Defaults, taken: set[str]) -> NewSource:
    marks = group.marks
    first = urlsplit(group.feeds[0].url)
    home = group.home or f"{first.scheme}://{first.netloc}/"

    def marked(name: str, allowed: tuple[str, ...], default: str) -> str:
        return marks[name] if marks.get(name) in allowed else default

    alignment = marks.get("alignment")
    ours = "source" in marks and "country" in marks and "language" in marks
    return NewSource(
        id=_free_id(key, taken),
        name=group.title or key,
        country=marks["country"] if ours else defaults.country,
        languages=tuple(marks["language"].split("+")) if ours else defaults.languages,
        homepage=home,
        media_type=marked("media_type", MEDIA_TYPES, defaults.media_type),
        ownership=marked("ownership", OWNERSHIPS, defaults.ownership),
        feeds=group.feeds,
        timezone=marks["timezone"].replace("+", "/") if ours and "timezone" in marks else defaults.timezone,
        alignment=alignment if alignment in ALIGNMENTS else None,
        comment="imported from OPML",
    )


def _free_id(words: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-") or "source"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _line(text: str, length: int) -> str:
    """Return ``text`` as one line without control characters, cut to ``length``."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length].strip()


def export_opml(catalogue: Catalogue, title: str = "Atalaya sources") -> str:
    """Return the catalogue as OPML 2.0: a folder a country, an outline a feed; `import_opml` reads it back."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{quoteattr(title)[1:-1]}</title></head>",
        "  <body>",
    ]
    for country in sorted({s.country for s in catalogue.sources}):
        lines.append(f"    <outline text={quoteattr(country)}>")
        for source in (s for s in catalogue.sources if s.country == country):
            for feed in catalogue.feeds_of(source.source_id):
                lines.append(
                    f'      <outline type="rss" text={quoteattr(source.name)} xmlUrl={quoteattr(feed.feed_url)} '
                    f"htmlUrl={quoteattr(source.homepage)} category={quoteattr(_category(source, feed.scope))}/>"
                )
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _category(source: Source, scope: str | None) -> str:
    """Return the marks of a source as OPML categories: slashes part name and value, commas part categories."""
    marks = {
        "source": source.source_id,
        "country": source.country,
        "language": "+".join(source.languages),
        "media_type": source.media_type,
        "ownership": source.ownership,
        "timezone": source.timezone.replace("/", "+"),
        "alignment": source.alignment,
        "scope": scope,
    }
    return ",".join(f"/{name}/{value}" for name, value in marks.items() if value)
