"""Feeds: RSS of all ages, Atom, RDF and JSON Feed, as servers really send them, to items that can be kept.

`parse_feed` decides from the bytes alone. `FeedParser` runs it in worker processes that may die: a feed can cost its
own items at worst, never the run. The only module that imports feedparser.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit

from pipeline.feed_bytes import FeedXml, decode, prepare_xml
from pipeline.feed_items import FeedContext, RawItem, language_tag, make_items
from pipeline.feed_json import read_json_feed
from pipeline.steps import ParsedFeed
from pipeline.text import plain_text
from pipeline.urls import check_url
from pipeline.workers import WorkerFailure, WorkerPool

_WORKER_REASONS = {"timeout": "parse_timeout", "crash": "parse_crash", "oom": "worker_oom", "error": "parse_crash"}


@dataclass(frozen=True, slots=True)
class FeedInput:
    """The answer of a server that should be a feed. ``feed_url`` is the declared one, which ids are made from."""

    body: bytes
    feed_url: str
    content_type: str
    timezone: str
    fetched_at: datetime
    max_entries: int = 500


class FeedParser:
    """Parses feeds in worker processes; a context manager, made with the settings of ``[parse]``.

    ``timeout_s`` is the deadline of one feed, ``max_memory_mb`` a worker's address space, ``workers`` 0 one per core.
    A feed on which the worker dies, runs late or out of memory comes back as ``parse_crash``, ``parse_timeout`` or
    ``worker_oom``. Results come in the order of the inputs. From asyncio, use it in a thread.
    """

    def __init__(self, timeout_s: float = 30.0, max_memory_mb: int = 1024, workers: int = 0) -> None:
        self._pool: WorkerPool[FeedInput, ParsedFeed] = WorkerPool(
            "pipeline.feeds:parse_input", workers=workers, timeout_s=timeout_s, max_memory_mb=max_memory_mb
        )

    def __enter__(self) -> FeedParser:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, value, trace)

    def parse_many(self, inputs: Iterable[FeedInput]) -> Iterator[tuple[FeedInput, ParsedFeed]]:
        """Yield each input with its feed; never raises for what a feed holds."""
        for given, result in self._pool.run(inputs):
            if isinstance(result, WorkerFailure):
                yield given, ParsedFeed(_WORKER_REASONS[result.reason], detail=result.detail)
            else:
                yield given, result

    def parse(self, given: FeedInput) -> ParsedFeed:
        """Return the feed of one input."""
        return next(self.parse_many([given]))[1]


def parse_input(given: FeedInput) -> ParsedFeed:
    """Return `parse_feed` of ``given``: what a worker runs."""
    return parse_feed(
        given.body,
        feed_url=given.feed_url,
        content_type=given.content_type,
        timezone=given.timezone,
        fetched_at=given.fetched_at,
        max_entries=given.max_entries,
    )


def parse_feed(
    body: bytes, *, feed_url: str, content_type: str, timezone: str, fetched_at: datetime, max_entries: int
) -> ParsedFeed:
    """Return the feed in ``body``: a pure function, which may be slow or die on hostile input (see `FeedParser`).

    ``content_type`` is the HTTP header, ``timezone`` the source's (IANA), ``fetched_at`` the moment that later dates
    are refused against. Reasons: ``ok``, ``partial``, ``empty``, ``not_feed``, ``parse_crash``.
    """
    text = decode(body, content_type)
    stripped = text.strip("\ufeff\x00 \t\r\n")
    if not stripped:
        return ParsedFeed("empty", detail=f"{len(body)} bytes, none of them text")
    context = FeedContext(feed_url=feed_url, base=feed_url, timezone=timezone, now=fetched_at)
    if stripped[0] in "{[":
        return _parse_json(stripped, context, max_entries)
    prepared = prepare_xml(text, max_entries)
    if prepared is None or prepared.root in {"html", "body", "head"}:
        return ParsedFeed("not_feed", detail=f"begins with {plain_text(stripped[:200])[:80]!r}")
    return _parse_xml(prepared, context, max_entries)


def _parse_json(text: str, context: FeedContext, max_entries: int) -> ParsedFeed:
    try:
        feed = read_json_feed(text, max_entries)
    except (ValueError, RecursionError) as error:
        return ParsedFeed("not_feed", detail=f"JSON: {error}"[:200])
    if feed is None:
        return ParsedFeed("not_feed", detail="JSON, but no JSON Feed")
    lang = language_tag(feed.lang)
    items, repeated = make_items(feed.items, _with_home(context, feed.home, lang))
    return ParsedFeed(
        "ok", items, _detail((), items, repeated), plain_text(feed.title) or None, lang, feed.version,
        max(0, feed.total - max_entries), repeated,
    )  # fmt: skip


def _parse_xml(prepared: FeedXml, context: FeedContext, max_entries: int) -> ParsedFeed:
    import feedparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of feedparser's own looks at its own keys
        try:
            result = feedparser.parse(
                io.BytesIO(b"<?xml version='1.0' encoding='utf-8'?>" + prepared.data),
                # No address is given: links stay as written and are resolved by our own rules.
                response_headers={"content-type": "application/xml; charset=utf-8"},
                # Everything becomes plain text, so neither is needed, and both cost time and can fail.
                sanitize_html=False,
                resolve_relative_uris=False,
            )
        except MemoryError:
            raise  # the worker's limit, not the parser's fault
        except Exception as error:  # noqa: BLE001 - a parser may raise anything; the feed's reason records it
            return ParsedFeed("parse_crash", detail=f"{type(error).__name__}: {error}"[:200])
    entries = cast("list[Mapping[str, object]]", result["entries"])
    version = str(result.get("version") or "")
    if not version and not entries:
        return ParsedFeed("not_feed", detail=f"XML, but no feed: root element <{prepared.root}>")
    head = cast("Mapping[str, object]", result["feed"])
    lang = language_tag(_get(head, "language"))
    home = next((href for href in _alternates(head)), _get(head, "link"))
    raws = (_raw_item(entry) for entry in entries[:max_entries])
    items, repeated = make_items(raws, _with_home(context, home, lang))
    return ParsedFeed(
        reason="partial" if prepared.partial else "ok",
        items=items,
        detail=_detail(prepared.repairs, items, repeated),
        title=plain_text(_get(head, "title")) or None,
        lang=lang,
        version=version,
        tossed=prepared.tossed + max(0, len(entries) - max_entries),
        repeated=repeated,
    )


def _detail(repairs: tuple[str, ...], items: tuple[object, ...], repeated: int) -> str | None:
    words = [f"repaired: {', '.join(repairs)}"] if repairs else []
    if not items:
        words.append("no items")
    if repeated:
        words.append(f"{repeated} items repeat another")
    return "; ".join(words) or None


def _with_home(context: FeedContext, home: str, lang: str | None) -> FeedContext:
    """Return the context with the base for relative links: the feed's address, or the site's where they differ.

    A feed served by another host (a feed service, a CDN) has relative links of its site, not of that host.
    """
    site = check_url(home) if home else None
    other = site is not None and urlsplit(site).hostname != urlsplit(context.feed_url).hostname
    base = site if other and site is not None else context.feed_url
    return FeedContext(context.feed_url, base, context.timezone, context.now, lang)


def _get(entry: Mapping[str, object], key: str) -> str:
    """Return a text of feedparser's, by its exact key (its own look-up substitutes one date for another)."""
    value = entry.get(key) if key in entry else ""
    return value if isinstance(value, str) else ""


def _list(entry: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = entry.get(key) if key in entry else None
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []


def _alternates(entry: Mapping[str, object]) -> list[str]:
    """Return the addresses of the page itself among the entry's links, HTML first."""
    links = [link for link in _list(entry, "links") if _get(link, "rel") == "alternate" and _get(link, "href")]
    links.sort(key=lambda link: "html" not in _get(link, "type"))
    return [_get(link, "href") for link in links]


def _raw_item(entry: Mapping[str, object]) -> RawItem:
    detail = entry.get("title_detail")
    bodies = [
        b
        for b in _list(entry, "content")
        if _get(b, "type").startswith(("text/", "application/xhtml")) or not _get(b, "type")
    ]
    body = max(bodies, key=lambda b: len(_get(b, "value")), default={})
    people = [_get(person, "name") for person in _list(entry, "authors")]
    published, updated = _get(entry, "published"), _get(entry, "updated")
    return RawItem(
        guid=_get(entry, "id"),
        link=_get(entry, "feedburner_origlink") or next(iter(_alternates(entry)), "") or _get(entry, "link"),
        title=_get(entry, "title"),
        summary=_get(entry, "summary"),
        content=_get(body, "value"),
        caption=_get(entry, "media_words"),
        authors=tuple(people) if any(people) else (_get(entry, "author"),),
        categories=tuple(_get(tag, "label") or _get(tag, "term") for tag in _list(entry, "tags")),
        lang=_get(detail, "language") if isinstance(detail, Mapping) else "",
        published=published or _get(entry, "created"),
        updated=updated,
    )
