"""From an item as a feed writes it to one we keep: plain text, a checked link, dates in UTC, stable ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pipeline.dates import FeedDate, parse_date
from pipeline.steps import FeedItem
from pipeline.text import lead, one_line, plain_text, without_tail
from pipeline.urls import canonical_url, check_url
from storage.ids import entry_id, sha256_text

MAX_TITLE_CHARS = 1000
MAX_SUMMARY_CHARS = 5000
MAX_CONTENT_CHARS = 500_000
ARTICLE_CHARS = 1200  # a description longer than this is the article rather than its summary
MAX_NAMES = 30

_BY = re.compile(r"^(?:por|by|per|de|redacci[óo]n:)\s+(?=[A-ZÁÉÍÓÚÑ])", re.IGNORECASE)
_BETWEEN_NAMES = tuple(
    re.compile(separator)
    for separator in (r"\s*[/|;]\s*", r",\s+(?:(?:and|y|e|i|&)\s+)?|\s+(?:and|&)\s+", r"\s+(?:y|e|i)\s+")
)
# Two words or more that begin like a name, or an agency's capitals; "and" within is left for the next separator.
_FULL_NAME = re.compile(r"[A-ZÁÉÍÓÚÑÜÇ][\w.’'-]*(?:\s+[\w.’'-]+){1,8}|[A-Z]{2,8}")
_NO_NAME = re.compile(r"^(?:https?://\S*|\S+@\S+|admin|administrator|root|unknown|none|null)$", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_LIKE_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/|www\.", re.IGNORECASE)
_ISO_639_1 = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en"
    " eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv"
    " ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne"
    " ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st"
    " su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
_LANGUAGE_NAMES = {
    "spanish": "es", "español": "es", "castellano": "es", "english": "en", "catalan": "ca", "català": "ca",
    "spa": "es", "esp": "es", "eng": "en", "cat": "ca", "glg": "gl", "eus": "eu", "baq": "eu", "por": "pt", "fra": "fr",
    "fre": "fr",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item in the feed's own words, markup and all; an empty string is what the feed does not give."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    caption: str = ""
    """What stands with the item's picture; some feeds keep their summary there and nowhere else."""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    lang: str = ""
    published: str = ""
    updated: str = ""


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What an item is read against: addresses are relative to ``base``, times without a zone are in ``timezone``."""

    feed_url: str
    base: str
    timezone: str
    now: datetime
    lang: str | None = None


def language_tag(raw: str) -> str | None:
    """Return the BCP 47 primary language of ``es-VE``, ``en_us``, ``Spanish`` …, or None."""
    word = raw.strip().lower()
    if word in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[word]
    match = _LANGUAGE.fullmatch(word)
    code = _LANGUAGE_NAMES.get(match[1], match[1]) if match else ""
    return code if code in _ISO_639_1 else None


def make_items(raws: Iterable[RawItem], context: FeedContext) -> tuple[tuple[FeedItem, ...], int]:
    """Return the items in the feed's order, each id once (the first stays), and how many repeated an id."""
    kept: dict[str, FeedItem] = {}
    count = 0
    for raw in raws:
        item = make_item(raw, context)
        kept.setdefault(item.entry_id, item)
        count += 1
    return tuple(kept.values()), count - len(kept)


def make_item(raw: RawItem, context: FeedContext) -> FeedItem:
    """Return one cleaned item; its ``problem`` and ``notes`` say what is wrong. Never raises for what a feed says."""
    title = plain_text(raw.title)[:MAX_TITLE_CHARS].rstrip()
    summary, content = _texts(raw)
    guid = one_line(raw.guid)[:2000] or None
    url, problem, notes = _address(raw.link, guid, context)
    canonical = canonical_url(url) if url else None
    published, updated, unreadable = _dates(raw, context)
    if unreadable:
        notes = (*notes, "bad_date")
    own_text = sha256_text("\x1f".join((title, summary, content)))
    return FeedItem(
        entry_id=entry_id(context.feed_url, canonical or guid or own_text),
        guid=guid,
        url=url,
        canonical_url=canonical,
        title=title,
        summary=summary,
        content=content,
        authors=_names(name for byline in raw.authors for name in split_byline(plain_text(byline))),
        categories=_names(raw.categories),
        lang=language_tag(raw.lang) or context.lang,
        published_at=published.value if published else None,
        published_at_origin="feed" if published else "seen",
        published_precision=published.precision if published else "second",
        updated_at=updated.value if updated else None,
        content_sha256=sha256_text(
            "\x1f".join((title, summary, content, updated.value.isoformat() if updated else ""))
        ),
        problem=problem,
        notes=notes,
    )


def _texts(raw: RawItem) -> tuple[str, str]:
    """Return summary (one line) and content (paragraphs); one text that plays both parts is the content."""
    content = without_tail(plain_text(raw.content, lines=True))
    summary = content if raw.summary == raw.content else without_tail(plain_text(raw.summary, lines=True))
    if not content and not summary:
        summary = without_tail(plain_text(raw.caption, lines=True))
    if not content and len(summary) > ARTICLE_CHARS:
        content = summary
    if content and (not summary or summary == content):
        summary = lead(content)
    return " ".join(summary.split())[:MAX_SUMMARY_CHARS], content[:MAX_CONTENT_CHARS]


def _address(link: str, guid: str | None, context: FeedContext) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return the item's address, its problem and notes: the link, else a guid that is a web address."""
    link = link.strip()
    if link == guid and not _LIKE_ADDRESS.match(link):
        link = ""  # the parser offers a guid as the link; "12345" is no relative address
    url = check_url(link, context.base) if link else None
    if url is not None:
        return url, None, ()
    if guid is not None and _LIKE_ADDRESS.match(guid):
        from_guid = check_url(guid)
        if from_guid is not None:
            return from_guid, None, ("bad_url",) if link else ()
    return None, "bad_url" if link or guid else "no_key", ()


def _dates(raw: RawItem, context: FeedContext) -> tuple[FeedDate | None, FeedDate | None, bool]:
    """Return published, updated, and whether the feed gave dates of which none can be used."""

    def read(text: str) -> FeedDate | None:
        return parse_date(text, timezone=context.timezone, now=context.now) if text.strip() else None

    published, updated = read(raw.published), read(raw.updated)
    unreadable = published is None and updated is None and bool(raw.published.strip() or raw.updated.strip())
    if published is not None and updated is not None and updated.value <= published.value:
        updated = None  # the same moment written twice, or nonsense: either way no later edit
    return published or updated, updated, unreadable


def split_byline(byline: str) -> tuple[str, ...]:
    """Return the people (and agencies) of a byline: "Por Ana Pérez y Luis Gil / EFE" names three.

    Split only where every part looks like a name, so that "José Ortega y Gasset" and "Caracas, Venezuela" stay whole.
    """
    byline = _BY.sub("", byline.strip(" ,;|"))
    if _NO_NAME.match(byline):
        return ()
    for separator in _BETWEEN_NAMES:
        parts = [part.strip() for part in separator.split(byline) if part.strip()]
        if len(parts) > 1 and all(_FULL_NAME.fullmatch(part) for part in parts):
            return tuple(name for part in parts for name in split_byline(part))
    return (byline,) if byline else ()


def _names(raws: Iterable[str]) -> tuple[str, ...]:
    """Return names of people or subjects, cleaned, each once, at most MAX_NAMES."""
    cleaned = (plain_text(raw)[:200].strip(" ,;|") for raw in raws)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:MAX_NAMES]
