"""Stable ids: short hashes of what a thing is, so that the same input gives the same id anywhere and in any order."""

from __future__ import annotations

import hashlib


def sha256_text(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8 as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def make_id(prefix: str, *parts: str) -> str:
    """Return ``prefix`` + 20 hex digits of the hash of ``parts`` (80 bits: no collision expected below 10^11 items)."""
    return f"{prefix}{sha256_text(chr(31).join(parts))[:20]}"


def entry_id(feed_url: str, key: str) -> str:
    """Return the id of a feed item; ``key`` is its canonical URL or, without one, its guid or its own text."""
    return make_id("e", feed_url, key)


def article_id(source_id: str, canonical_url: str) -> str:
    """Return the id of an article: one text by one source."""
    return make_id("a", source_id, canonical_url)


def story_id(founding_article_id: str) -> str:
    """Return the id of the story that ``founding_article_id`` founds."""
    return make_id("s", founding_article_id)


def text_group_id(original: str) -> str:
    """Return the id that all copies of one text share; ``original`` is an article id or a stable stand-in for one."""
    return make_id("t", original)


def page_id(source_id: str, url: str, body_sha256: str) -> str:
    """Return the id of a fetched page: the same bytes at the same address are the same page."""
    return make_id("p", source_id, url, body_sha256)
