"""The rows of reports: morning digests, standing queries and what they found. See `pipeline.web.rows`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DigestLine:
    digest_id: str
    morning: date
    beat: str
    state: str
    note: str
    data_through: datetime | None
    generated_at: datetime
    sent_at: datetime | None
    stories: int
    changes: int
    found: int
    title: str | None
    """Of its first story, with what that is called in each language today."""
    title_en: str | None
    title_es: str | None
    title_en_origin: str | None
    title_es_origin: str | None
    down: int
    total: int


@dataclass(frozen=True, slots=True)
class WatchRow:
    watch_id: str
    name: str
    definition: str
    texts: int
    articles: int
    newest_title: str | None
    newest_id: str | None
    newest_lang: str | None
    newest_at: datetime | None
    newest_precision: str | None
    last_match_at: datetime | None


@dataclass(frozen=True, slots=True)
class WatchMatchRow:
    article_id: str
    evidence: tuple[str, ...]
    matched_at: datetime
    article_count: int
    source_id: str
    source_name: str | None
    country: str
    lang: str
    title: str
    title_en: str | None
    published_at: datetime
    published_precision: str
    story_id: str | None
    total: int
