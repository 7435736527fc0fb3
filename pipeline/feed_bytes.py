"""From the bytes of a feed to well-formed XML: encoding, junk, cap, entities, a missing end.

The parser behind this has a strict mode, fast and exact, and a loose one, slow and guessing. What is mended here goes
through the strict one; only what cannot be mended is left to the other.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from xml.parsers import expat

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<?" or "<r" begins in encodings that are not ASCII underneath, when no byte order mark says so.
_BARE_STARTS = (
    (re.compile(rb"<\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r ]\0)*[<{]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ])*\0[<{]\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})")
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# Codecs that are no character sets of documents, or that only ever hide something.
_NOT_CHARSETS = frozenset(
    {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "undefined", "mbcs", "oem"}
)

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PROLOG = re.compile(r"(?:\s+|<\?[^>]{0,2000}\?>|<!--.*?-->)+", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?P<name>[\w:.-]+)(?:[^\[>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}')*", re.IGNORECASE)
_FEED_START = re.compile(r"<\?xml\s|<(?:rss|feed|channel|(?:\w+:)?RDF|(?:\w+:)?feed)[\s>]", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_ITEM_START = re.compile(r"<(?:[A-Za-z][\w-]*:)?(?:item|entry)(?=[\s>])")
_ITEM_END = re.compile(r"</(?:[A-Za-z][\w-]*:)?(?:item|entry)\s*>")
# feedparser takes a picture's caption for the item's description; under a name of its own it stays apart.
_MEDIA_WORDS = re.compile(r"<(/?)(media):(?:description|text)(?:\s[^<>]{0,500}?)?(/?)>")
_SECTIONS = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))", re.DOTALL)
_TEXT_ELEMENTS = re.compile(
    r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|</?(?:title|description|summary|content:encoded|item|entry)(?:\s[^<>/]*)?>)",
    re.DOTALL,
)
_NUMERIC_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,12})|([0-9]{1,12}));?")
_AMPERSAND = re.compile(
    r"&(?:(#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};|(?:amp|lt|gt|quot|apos);)|([A-Za-z][A-Za-z0-9]{1,31});)?"
)
_STRAY_BRACKET = re.compile(r"<(?![A-Za-z_/?])")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']")
_DECLARED = re.compile(r"xmlns:([\w.-]+)\s*=")
_NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xlink": "http://www.w3.org/1999/xlink",
}

_NO_MEMORY = 1
_CUT_SHORT = frozenset({3, 5, 6, 20})  # expat: no element found, unclosed token, partial character, unclosed CDATA
_JUNK_AFTER_END = 9
_UNBOUND_PREFIX = 27
_REPAIRS = ("end", "junk", "namespaces", "entities", "markup")  # each is tried once


@dataclass(frozen=True, slots=True)
class FeedXml:
    """A feed as UTF-8 XML without doctype. ``partial``: its end is missing, or it could not be made well-formed."""

    data: bytes
    root: str
    partial: bool = False
    tossed: int = 0
    repairs: tuple[str, ...] = ()


def decode(body: bytes, content_type: str) -> str:
    """Return the text of a feed or JSON document, whatever its header and declaration claim.

    A byte order mark counts first, then the bytes themselves (valid UTF-8 beyond ASCII is no accident), then the XML
    declaration, then the HTTP header. ISO-8859-1 is read as windows-1252, as browsers do. Single wrong bytes in a text
    that is otherwise UTF-8 are read as windows-1252 too. Never raises.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    for pattern, name in _BARE_STARTS:
        if pattern.match(body):
            declared = _declared(body.decode(name, "replace")[:300].encode("ascii", "replace"), "")
            return body.decode(declared[0] if name == "cp037" and declared else name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        marked = body.decode("utf-8", "surrogateescape")
    names = _declared(body[:1000], content_type)
    wrong = sum(1 for c in marked if "\udc80" <= c <= "\udcff")
    right = sum(1 for c in marked if c > "\x7f") - wrong
    if right > wrong or (names and set(names) <= {"utf-8"} and right >= wrong):
        return "".join(_byte_1252(ord(c) - 0xDC00) if "\udc80" <= c <= "\udcff" else c for c in marked)
    for name in names:
        try:
            if name not in {"utf-8", "ascii", "cp1252"}:
                return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return "".join(map(_byte_1252, body)) if len(body) < 1000 else _all_1252(body)


def _declared(head: bytes, content_type: str) -> list[str]:
    """Return Python's names of the encodings that the declaration and the HTTP header give, in this order."""
    found: list[str] = []
    xml, http = _XML_ENCODING.search(head), _HTTP_CHARSET.search(content_type)
    for raw in (xml[1].decode() if xml else "", http[1] if http else ""):
        try:
            name = codecs.lookup(raw).name if raw else ""
        except LookupError:
            continue
        if name in {"iso8859-1", "latin-1"}:
            name = "cp1252"
        if name and name not in _NOT_CHARSETS and not name.startswith(("utf-16", "utf-32")) and name not in found:
            found.append(name)
    return found


def _byte_1252(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "ignore")


def _all_1252(body: bytes) -> str:
    return body.decode("cp1252", "ignore")


def prepare_xml(text: str, max_entries: int) -> FeedXml | None:
    """Return ``text`` as XML ready for a strict parser, cut to ``max_entries`` items; None where it is no XML at all.

    Junk before the document (a PHP warning, blanks) and after it goes, so does the doctype with all it declares: no
    entity is ever expanded and nothing is read from elsewhere.
    """
    text = _ILLEGAL.sub("", text)
    body = _without_prolog(text)
    if body is None:
        return None
    root = _ROOT.match(body)
    if root is None:
        return None
    repairs: list[str] = []
    body, tossed = _cut(body, max_entries)
    body = _MEDIA_WORDS.sub(r"<\1\2:words\3>", body)
    data = body.encode("utf-8")
    partial = False
    for _ in range(len(_REPAIRS) + 1):
        error = _defect(data)
        if error is None:
            break
        if error.code in _CUT_SHORT and "end" not in repairs:
            repairs.append("end")
            partial = True
            data = _close(data) or data
        elif error.code == _JUNK_AFTER_END and "junk" not in repairs:
            repairs.append("junk")
            data = data[: _position(data, error)]
        elif error.code == _UNBOUND_PREFIX and "namespaces" not in repairs:
            repairs.append("namespaces")
            data = _bind_prefixes(data.decode("utf-8")).encode("utf-8")
        elif "entities" not in repairs:
            repairs.append("entities")
            data = _mend_entities(data.decode("utf-8", "ignore")).encode("utf-8")
        elif "markup" not in repairs and root[1].lower() != "feed":
            repairs.append("markup")
            data = _escape_markup(data.decode("utf-8")).encode("utf-8")
        else:
            partial = True
            repairs.append(f"left to the loose parser: {expat.ErrorString(error.code)} in line {error.lineno}")
            break
    return FeedXml(data, root[1].lower(), partial, tossed, tuple(repairs))


def _without_prolog(text: str) -> str | None:
    """Return the document from its root element on, or None where no element is found."""
    start = _FEED_START.search(text[:50_000])
    first = _ROOT.search(text[:50_000])
    if start is not None and first is not None and first[1].lower() not in {"html", "body"}:
        text = text[start.start() :]
    at = 0
    for _ in range(20):
        prolog = _PROLOG.match(text, at)
        at = prolog.end() if prolog else at
        doctype = _DOCTYPE.match(text, at)
        if doctype is None:
            break
        at = _end_of_doctype(text, doctype.end())
    root = _ROOT.search(text, at, at + 50_000)
    return text[root.start() :] if root else None


def _end_of_doctype(text: str, at: int) -> int:
    if text[at : at + 1] == "[":
        stop = re.compile(r"\]\s*>").search(text, at)
        return stop.end() if stop else len(text)
    stop_at = text.find(">", at)
    return stop_at + 1 if stop_at >= 0 else len(text)


def _cut(text: str, max_entries: int) -> tuple[str, int]:
    """Return ``text`` with only the first ``max_entries`` items, and how many were left out.

    By looking for tags alone, because building 50,000 items takes the parser eleven seconds. The parser's own count
    is capped again afterwards, so a tag inside a CDATA section costs nothing worse than an item.
    """
    starts = [match.start() for match in _ITEM_START.finditer(text)]
    if len(starts) <= max_entries:
        return text, 0
    last_end = None
    for match in _ITEM_END.finditer(text, starts[-1]):
        last_end = match.end()
    tail = text[last_end:] if last_end else ""
    return text[: starts[max_entries]] + tail, len(starts) - max_entries


def _defect(data: bytes) -> expat.ExpatError | None:
    # The doctype is gone, so this parser has no entity to expand and nothing to fetch.
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if error.code == _NO_MEMORY:
            raise MemoryError from error
        return error
    return None


def _position(data: bytes, error: expat.ExpatError) -> int:
    """Return the byte at which ``error`` was found."""
    line_start = 0
    for _ in range(error.lineno - 1):
        line_start = data.index(b"\n", line_start) + 1
    return line_start + error.offset


class _Outline:
    """Where a document that ends too early can be cut so that whole elements remain."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._open: list[str] = []
        self._item_depth = 0
        self._children: set[str] = set()
        self._cut: tuple[int, tuple[str, ...]] | None = None
        self._item_cut: tuple[int, tuple[str, ...]] | None = None

    def best_cut(self) -> tuple[int, tuple[str, ...]] | None:
        """Return the byte to cut at and the elements still open there; None where there is no good place."""
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError:
            unfinished = self._item_depth > 0
            # An item without its title and link is of no use yet; the next poll brings it whole.
            whole_enough = "title" in self._children and self._children & {"link", "guid", "id"}
            return self._item_cut if unfinished and not whole_enough else self._cut
        return None

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if self._item_depth == 0 and name.rpartition(":")[2].lower() in {"item", "entry"}:
            self._item_cut = (self._parser.CurrentByteIndex, tuple(self._open))
            self._item_depth = len(self._open) + 1
            self._children = set()
        self._open.append(name)

    def _end(self, name: str) -> None:
        self._open.pop()
        depth = len(self._open)
        if depth > (self._item_depth or 8):
            return
        stop = self._data.find(b">", self._parser.CurrentByteIndex)
        self._cut = (stop + 1, tuple(self._open))
        if depth < self._item_depth:
            self._item_depth = 0
        else:
            self._children.add(name.rpartition(":")[2].lower())


def _close(data: bytes) -> bytes | None:
    cut = _Outline(data).best_cut()
    if cut is None:
        return None
    at, still_open = cut
    return data[:at] + b"".join(f"</{name}>".encode() for name in reversed(still_open))


def _mend_entities(text: str) -> str:
    """Return ``text`` with HTML's entities as characters; stray "&" and "<" and impossible references do no harm."""
    parts = _SECTIONS.split(text)
    for index in range(0, len(parts), 2):
        plain = _NUMERIC_REFERENCE.sub(_reference, parts[index])
        plain = _AMPERSAND.sub(_ampersand, plain)
        parts[index] = _STRAY_BRACKET.sub("&lt;", plain)
    return "".join(parts)


def _reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    if code in {0x26, 0x3C, 0x3E, 0x22, 0x27}:
        return f"&#{code};"
    character = html.unescape(f"&#{code};") if code <= 0x10FFFF else ""
    return "" if _ILLEGAL.search(character) or character == "\ufffd" else character


def _ampersand(match: re.Match[str]) -> str:
    if match[1]:
        return match[0]
    if match[2]:
        character = html.unescape(match[0])
        if character != match[0] and not set(character) & set("<&>\"'"):
            return character
    return f"&amp;{match[0][1:]}"


def _escape_markup(text: str) -> str:
    """Return ``text`` with the HTML that stands unescaped in titles and descriptions of RSS escaped, as it should be.

    Such HTML is seldom well-formed, and the loose parser takes quadratic time over it.
    """
    parts = _TEXT_ELEMENTS.split(text)
    inside = ""
    for index, part in enumerate(parts):
        if index % 2 and not part.startswith("<!"):
            name = part.strip("</>").split()[0]
            if (
                name in {"item", "entry"}
                or (not inside and not part.startswith("</"))
                or part.startswith(f"</{inside}")
            ):
                inside = "" if part.startswith("</") or name in {"item", "entry"} else name
                continue
        if inside and not part.startswith("<![CDATA["):
            parts[index] = part.replace("<", "&lt;")
    return "".join(parts)


def _bind_prefixes(text: str) -> str:
    """Return ``text`` with every prefix that is used and never declared bound in its root element."""
    used = {match[1] or match[2] for match in _PREFIX.finditer(text)} - {"xml", "xmlns"}
    missing = sorted(used - set(_DECLARED.findall(text)))
    bound = "".join(f' xmlns:{p}="{_NAMESPACES.get(p, "urn:unbound:" + p)}"' for p in missing)
    return _ROOT.sub(lambda m: m[0] + bound, text, count=1)
