"""The characters of a page: its bytes decoded as browsers would, with UTF-8 believed wherever it is valid."""

from __future__ import annotations

import codecs
import re

_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML_CHARSET = re.compile(rb"^<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"  # controls, surrogates
    r"\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc]"  # soft hyphens, bidi, marks
)
_HEAD = 4096  # bytes within which a page declares its character set
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LATIN = frozenset({"iso8859-1", "ascii", "iso8859-15"})


def decode_page(body: bytes, content_type: str) -> str:
    """Return the text of ``body``; never raises.

    In this order: a byte order mark; UTF-8, if the bytes are valid UTF-8 (other encodings almost never are by chance,
    while servers often declare another by mistake); the header's charset; the page's own; Windows-1252. As the WHATWG
    encoding standard has it, Latin-1 is read as Windows-1252. NUL characters are taken out: they end a document for
    libxml2, and what follows would silently be lost.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").replace("\x00", "")
    if (text := _as_utf8(body)) is not None:
        return text.replace("\x00", "")
    head = body[:_HEAD]
    declared = [m.group(1) for m in (_HEADER_CHARSET.search(content_type),) if m]
    declared += [
        m.group(1).decode("ascii", "replace") for m in (_META_CHARSET.search(head), _XML_CHARSET.search(head)) if m
    ]
    for name in declared:
        try:
            known = codecs.lookup(name).name
            return body.decode("cp1252" if known in _LATIN else known, "replace").replace("\x00", "")
        except (LookupError, ValueError):
            continue  # no such character set: the next place may know better
    return body.decode("cp1252", "replace").replace("\x00", "")


def _as_utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def strip_invisible(text: str) -> str:
    """Return ``text`` without controls (but TAB, LF, CR, NEL), lone surrogates, soft hyphens and bidi controls.

    Lone surrogates cannot be stored as UTF-8; the others make equal texts differ and can turn a line's order round.
    """
    return _INVISIBLE.sub("", text)
