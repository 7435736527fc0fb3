"""The rows of lists: topics, outlets, what was dropped, plots. See `pipeline.web.rows`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class TopicCount:
    topic_id: str
    name_en: str
    name_es: str
    parent_id: str | None
    level: int
    article_count: int
    ve_count: int
    es_count: int
    us_count: int


@dataclass(frozen=True, slots=True)
class TopicHead:
    topic_id: str
    name_en: str
    name_es: str
    parent_id: str | None
    parent_en: str | None
    parent_es: str | None
    child_ids: tuple[str, ...]
    child_en: tuple[str, ...]
    child_es: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceCount:
    source_id: str
    source_name: str | None
    country: str
    article_count: int


@dataclass(frozen=True, slots=True)
class SourceLine:
    source_id: str
    source_name: str
    country: str
    state: str
    feed_count: int
    failing_feed_count: int
    failures: int
    last_reasons: tuple[str, ...]
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    article_count: int
    full_count: int
    pending_count: int
    last_published_at: datetime | None
    last_published_precision: str | None
    media_type: str
    ownership: str
    alignment: str | None
    evidenced: bool
    states: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SourceHead:
    source_id: str
    source_name: str
    country: str
    languages: tuple[str, ...]
    homepage: str
    media_type: str
    ownership: str
    owner_group: str | None
    alignment: str | None
    evidence: str | None
    based_in: str | None
    timezone: str
    paywall: bool
    panel: str | None
    verified_at: datetime | None
    fictional: bool
    state: str
    feed_count: int
    failing_feed_count: int
    last_reasons: tuple[str, ...]
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    entry_count: int
    pending_count: int
    article_count: int
    full_count: int
    last_published_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceDay:
    day_caracas: date
    polls_due: int
    polls_ok: int
    possible_gap: bool
    state: str
    article_count: int


@dataclass(frozen=True, slots=True)
class FeedRow:
    feed_url: str
    scope: str | None
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    next_due_at: datetime | None
    failures: int
    last_reason: str | None
    proposed_url: str | None


@dataclass(frozen=True, slots=True)
class ArticleId:
    article_id: str


@dataclass(frozen=True, slots=True)
class SourceArticle:
    article_id: str
    lang: str
    title: str
    title_en: str | None
    published_at: datetime
    published_precision: str
    kind: str
    genre: str
    agency: str | None
    copy_kind: str | None
    story_id: str | None
    translation_status: str


@dataclass(frozen=True, slots=True)
class SourceDrop:
    stage: str
    outcome: str
    reason: str
    items: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class DropReason:
    stage: str
    outcome: str
    reason: str
    items: int
    source_count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class DropRow:
    stage: str
    key: str
    source_id: str
    source_name: str | None
    country: str | None
    outcome: str
    reason: str
    detail: str | None
    title: str | None
    url: str | None
    dropped_at: datetime
    times: int
    total: int


@dataclass(frozen=True, slots=True)
class PlotDay:
    day_caracas: date
    country: str
    story_count: int
    article_count: int


@dataclass(frozen=True, slots=True)
class PlotTopic:
    country: str
    topic_id: str
    name_en: str
    name_es: str
    article_count: int
    country_count: int
    """Articles of the country in all."""
