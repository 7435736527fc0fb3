"""Who came first, with the care that dates need."""

from __future__ import annotations

from datetime import datetime

from storage.records import Article

Precedence = tuple[bool, datetime, str]


def precedence(article: Article) -> Precedence:
    """Return a sort key: earliest first, ties by id.

    A date without a time, and a time that is only when we saw the page, come after every exact time: neither makes
    anyone first.
    """
    vague = article.published_precision == "day" or article.published_at_origin == "seen"
    return vague, article.published_at, article.article_id
