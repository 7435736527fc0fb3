"""JSON Feed (https://www.jsonfeed.org/version/1.1/), which the XML parser does not read."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipeline.feed_items import RawItem


@dataclass(frozen=True, slots=True)
class JsonFeed:
    """A JSON Feed in its own words."""

    version: str
    title: str
    home: str
    lang: str
    items: tuple[RawItem, ...]
    total: int


def read_json_feed(text: str, max_entries: int) -> JsonFeed | None:
    """Return the feed in ``text``, at most ``max_entries`` items of it, or None where it is no JSON Feed.

    Raises ValueError or RecursionError for JSON that is broken or nested without end.
    """
    top = json.loads(text)
    if not isinstance(top, dict):
        return None
    items, version = top.get("items"), _text(top, "version")
    if not isinstance(items, list) or "jsonfeed.org" not in version:
        return None
    return JsonFeed(
        version="json" + version.rstrip("/").rpartition("/")[2],
        title=_text(top, "title"),
        home=_text(top, "home_page_url"),
        lang=_text(top, "language"),
        items=tuple(_item(entry) for entry in items[:max_entries] if isinstance(entry, dict)),
        total=len(items),
    )


def _item(entry: dict[str, object]) -> RawItem:
    people = entry.get("authors")
    authors = [*people] if isinstance(people, list) else []
    authors.append(entry.get("author"))
    tags = entry.get("tags")
    html_text = _text(entry, "content_html") or _escaped(_text(entry, "content_text"))
    return RawItem(
        guid=_text(entry, "id"),
        link=_text(entry, "url"),
        title=_escaped(_text(entry, "title")),
        summary=_escaped(_text(entry, "summary")),
        content=html_text,
        authors=tuple(_text(a, "name") for a in authors if isinstance(a, dict)),
        categories=tuple(t for t in tags if isinstance(t, str)) if isinstance(tags, list) else (),
        lang=_text(entry, "language"),
        published=_text(entry, "date_published"),
        updated=_text(entry, "date_modified"),
    )


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _escaped(text: str) -> str:
    """Return plain text as it would stand in HTML, line ends kept."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
