"""Articles made for the tests of topics and beats."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.records import Article


def article(key: str, title: str, text: str, lang: str = "es") -> Article:
    """Return an article with this title and text; all else is as plain as can be."""
    at = datetime(2026, 1, 9, 12, tzinfo=UTC)
    return Article(
        article_id=key, entry_id=f"e{key}", source_id="outlet", country="ES", lang=lang, lang_origin="text",
        url=f"https://outlet.example/{key}", canonical_url=f"https://outlet.example/{key}", title=title,
        title_origin="feed", summary="", text=text, text_sha256="", authors=(), kind="full", genre="news", agency=None,
        published_at=at, published_at_origin="feed", published_precision="second", modified_at=None, first_seen_at=at,
        backfill=False, word_count=len(text.split()), page_id=None, extractor="test", version=1,
    )  # fmt: skip
