"""Text as others send it, made plain: markup and entities resolved, control, bidi and broken characters gone.

Every string that comes out of here may stand in a table or a terminal; a web page must still escape it.
"""

from __future__ import annotations

import html
import re
import unicodedata

_MAX_CHARS = 2_000_000  # one text; longer is hostile or a mistake, and the rest is cut

# C0 and C1 controls except TAB, LF, CR and NEL; surrogates; non-characters.
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
# Marks that reorder or hide text. Our languages run left to right, so none of them is ever needed; ZWJ and ZWNJ stay,
# since emoji are built with them.
_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
_DELETE = re.compile(f"[{_CONTROLS}{_INVISIBLE}]")
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINES = re.compile(r" *\n[ \n]*")

# One tag: quoted attribute values may hold ">". Possessive quantifiers and the bounds keep it linear.
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_.-]{0,60}+)(?P<rest>(?:[^<>\"']|\"[^\"]{0,8000}\"|'[^']{0,8000}'){0,400}+)>"
    r"|<(?P<odd>[!?])"
    # A tag that never ends properly (a quote left open, an attribute that was cut off): up to the next bracket.
    r"|<(?P<broken>/?(?:[A-Za-z][A-Za-z0-9]{0,20}\s[^<>]{0,8000}=[^<>]{0,8000}))(?:>|$)"
)
_CLOSED = re.compile(r"</([A-Za-z][A-Za-z0-9:_.-]{0,60})")
_NAMED = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_HIDDEN_ELEMENTS = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head"})
_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary table tbody td tfoot th thead tr"
    " ul".split()
)
_INLINES = frozenset(
    "a abbr acronym applet area audio b base basefont bdi bdo big button canvas cite code col colgroup data datalist"
    " del dfn em embed font frame frameset i img input ins kbd label legend link map mark marquee meta meter nobr"
    " noframes object optgroup option output param picture progress q rp rt ruby s samp select small source span"
    " strike strong sub sup textarea time title track tt u var video wbr".split()
)

_MOJIBAKE = re.compile("[\u00c2-\u00c3\u00e2][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020-\u2022\u2018-\u201d]")

_READ_ON = (
    r"(?:read (?:more|the full (?:article|story)|full (?:article|story))|continue reading|keep reading|more\s*[»›→]"
    r"|leer m[áa]s|lee m[áa]s|leer (?:la )?nota completa|leer (?:el )?art[íi]culo completo|seguir leyendo"
    r"|sigue leyendo|sigue leyendo en|continuar leyendo|continúa leyendo|ver m[áa]s|leer completo|ampliar noticia"
    r"|llegir m[ée]s|llegeix m[ée]s|continua llegint|seguir lendo|ler m[áa]is|leia mais|irakurri gehiago"
    r"|lire la suite|leer(?=[\s»›→>…\]).]*$))"
)
_READ_ON_WHERE = (
    r"(?:\s*(?:[:»›→>…]|\b(?:at|on|en|in|a|al|aquí|here|about|sobre|de|from)\b)(?:[^.\n]|\.(?=\S)){0,120})?"
)
_TAILS = (
    # WordPress: "The post X appeared first on Y." in the languages of our outlets.
    re.compile(
        r"\s*(?:the post|la entrada|el art[íi]culo|la noticia|l[’']entrada|a entrada|o post|l[’']article)\s.{1,400}?\s"
        r"(?:(?:first )?appeared (?:first )?on|se public[óo] primero en|aparece primero en|apareci[óo] primero en"
        r"|ha aparegut primer a|s[’']ha publicat primer a|es va publicar primer a|apareceu primeiro en"
        r"|apareceu primeiro em|est apparu en premier sur)\s.{1,200}$",
        re.IGNORECASE | re.DOTALL,
    ),
    # A sentence of its own at the end; "quieren leer más" within one is no tail.
    re.compile(rf"(?:(?<=[.!?…:;»”\"')\]]\s)|(?<=[.…\[(\n])|^)[\[(]?{_READ_ON}{_READ_ON_WHERE}[\s»›→>…\])\.]*$", re.I),
    re.compile(r"\s*[›→]+\s*$|\s+»\s*$"),  # an arrow; "»" at a word closes a quotation
)
_CUT_MARK = re.compile(r"\s*(?:\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3,}|…)[\s….]*$")


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, bidi, zero-width and broken characters; line ends become LF."""
    text = _LINE_ENDS.sub("\n", text[:_MAX_CHARS])
    return unicodedata.normalize("NFC", _DELETE.sub("", text))


def one_line(text: str) -> str:
    """Return ``text`` cleaned, with every run of white space turned into one blank."""
    return " ".join(clean(text).split())


def paragraphs(text: str) -> str:
    """Return ``text`` cleaned: blanks collapsed within lines, empty lines gone, paragraphs separated by one LF."""
    return _AROUND_LINES.sub("\n", _SPACES.sub(" ", clean(text))).strip()


def plain_text(markup: str, *, lines: bool = False) -> str:
    """Return the words of a piece of HTML or of text that may hold some.

    Tags go, block elements end a paragraph, scripts and other unseen elements go with their content, entities become
    characters, doubly escaped ones (``&amp;aacute;``, ``&amp;lt;b&amp;gt;``) too. A bare ``<name>`` that is no HTML
    element stays, as "<" does in "5 < 6". With ``lines`` paragraphs are separated by one LF, otherwise all is one line.
    """
    text = markup[:_MAX_CHARS]
    # Twice, because feeds escape once too often; a third level is what the author meant to show.
    for _ in range(2):
        if "<" in text:
            text = _strip_tags(text, lines)
        if "&" not in text:
            break
        text = _NAMED.sub(_character, text)
    if "<" in text:
        text = _strip_tags(text, lines)
    text = undo_mojibake(text)
    return paragraphs(text) if lines else one_line(text)


def _strip_tags(text: str, lines: bool) -> str:
    pieces: list[str] = []
    at = 0
    lowered = ""
    closed = frozenset(found.lower() for found in _CLOSED.findall(text))
    while (match := _TAG.search(text, at)) is not None:
        start, end = match.span()
        pieces.append(text[at:start])
        name = (match["name"] or "").lower()
        if match["odd"]:
            end = _end_of_declaration(text, start)
        elif name in _HIDDEN_ELEMENTS and not match["close"] and not match["rest"].endswith("/"):
            lowered = lowered or text.lower()
            stop = (lowered if len(lowered) == len(text) else text).find(f"</{name}", end)
            # An object or a frame that is never closed has hidden nothing; of an open script the rest is script.
            end = stop if stop >= 0 else len(text) if name in {"script", "style"} else end
        elif name in _BLOCKS:
            pieces.append("\n" if lines else " ")
        elif name and not _is_element(match, closed):
            pieces.append(text[start:end])
        at = end
    pieces.append(text[at:])
    return "".join(pieces).replace("]]>", "") if "<![CDATA[" in text else "".join(pieces)


def _end_of_declaration(text: str, start: int) -> int:
    """Return where a comment, a CDATA mark, a doctype or an instruction that begins at ``start`` ends."""
    if text.startswith("<![CDATA[", start):
        return start + 9  # a second CDATA section, escaped once too often: its content is text
    mark = "-->" if text.startswith("<!--", start) else ">"
    stop = text.find(mark, start + 2)
    return stop + len(mark) if stop >= 0 else len(text)


def _is_element(match: re.Match[str], closed: frozenset[str]) -> bool:
    """Whether this tag is markup rather than a word in angle brackets, such as ``<iostream>``."""
    name = match["name"].lower()
    known = name in _INLINES or name in _HIDDEN_ELEMENTS or name in closed
    return known or bool(match["close"]) or bool(match["rest"].strip()) or ":" in name or "-" in name


def _character(match: re.Match[str]) -> str:
    return html.unescape(match[0])


def undo_mojibake(text: str) -> str:
    """Return ``text`` with UTF-8 that was once read as windows-1252 ("JosÃ©") put right; other text is unchanged.

    Only a text that makes the whole round trip is changed, so a right one never is in practice.
    """
    if not _MOJIBAKE.search(text):
        return text
    try:
        raw = b"".join(c.encode("cp1252") if ord(c) > 0x9F or ord(c) < 0x80 else bytes([ord(c)]) for c in text)
        return raw.decode("utf-8")
    except UnicodeError:
        return text


def without_tail(summary: str) -> str:
    """Return a feed's summary without "Read more", "La entrada … se publicó primero en …" and the like.

    A mark of cutting ("[…]", "...") at the end becomes one "…".
    """
    for _ in range(3):
        before = summary
        for tail in _TAILS:
            # Tails are short: looking at the end alone keeps hostile text from costing quadratic time.
            head, end = summary[:-900], summary[-900:]
            summary = (head + tail.sub("", end)).rstrip(" \n")
        if summary == before:
            break
    return _CUT_MARK.sub("…", summary) if summary.strip(".… []()") else ""


def lead(text: str, limit: int = 500) -> str:
    """Return the first paragraphs of ``text`` on one line, at most ``limit`` characters, cut between words with "…"."""
    flat = " ".join(text[: limit * 4].split())
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    stop = cut.rfind(". ")
    if stop > limit // 2:
        return cut[: stop + 1]
    return cut[: cut.rfind(" ")].rstrip(" ,;:") + "…" if " " in cut else cut + "…"
