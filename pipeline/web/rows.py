"""The rows that the statements of ``storage/sql/page`` give: fields stand in the order of the columns.

Times are aware and in UTC, days are Caracas days, lists are tuples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class State:
    data_through: datetime | None
    last_run_at: datetime | None
    first_day: date | None
    last_day: date | None
    article_count: int
    story_count: int
    source_count: int
    sources_down: tuple[str, ...]
    fictional: bool


@dataclass(frozen=True, slots=True)
class Filters:
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    beats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story: all columns of story_facts."""

    story_id: str
    title_en: str | None
    title_es: str | None
    title: str | None
    title_en_origin: str | None
    title_es_origin: str | None
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    beats: tuple[str, ...]
    source_count: int
    article_count: int
    voice_count_min: int
    voice_count_max: int
    topics: tuple[str, ...]
    topic_names_en: tuple[str, ...]
    topic_names_es: tuple[str, ...]
    first_published_at: datetime
    last_published_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    lead_article_id: str
    fictional: bool
    country_article_counts: tuple[int, ...]
    country_voice_counts: tuple[int, ...]
    first_source_ids: tuple[str, ...]
    first_source_names: tuple[str, ...]
    first_at: datetime | None
    first_is_sure: bool | None
    first_agency: str | None


@dataclass(frozen=True, slots=True)
class StoryCard(StoryRow):
    """A story in a list."""

    new_article_count: int
    is_new: bool
    total: int


@dataclass(frozen=True, slots=True)
class StoryHead(StoryRow):
    """A story on its own page."""

    first_is_day: bool
    last_is_day: bool


@dataclass(frozen=True, slots=True)
class CountryDay:
    country: str
    article_count: int
    voice_count: int
    story_count: int
    source_count: int


@dataclass(frozen=True, slots=True)
class LanguageDay:
    language: str
    article_count: int


@dataclass(frozen=True, slots=True)
class TopicDay:
    topic_id: str
    name_en: str | None
    name_es: str | None
    article_count: int


@dataclass(frozen=True, slots=True)
class MatrixCell:
    story_id: str
    source_id: str
    source_name: str | None
    country: str
    article_count: int
    cell: str
    article_id: str


@dataclass(frozen=True, slots=True)
class StoryAliasRow:
    story_id: str


@dataclass(frozen=True, slots=True)
class OldId:
    alias_id: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class StoryArticleRow:
    position: int
    article_id: str
    source_id: str
    source_name: str | None
    country: str
    lang: str
    title: str
    title_en: str | None
    published_at: datetime
    published_precision: str
    published_by: datetime
    exact: bool
    is_first: bool | None
    first_is_sure: bool | None
    minutes_after_first: int | None
    agency: str | None
    version: int
    kind: str
    genre: str
    text_group_id: str
    copy_kind: str | None
    alignment: str | None
    alignment_status: str | None
    url: str
    original_article_id: str | None
    word_count: int
    ownership: str | None
    evidenced: bool


@dataclass(frozen=True, slots=True)
class StoryText:
    article_id: str
    source_id: str
    source_name: str | None
    country: str
    lang: str
    title: str
    title_en: str | None
    text: str
    text_en: str | None
    translation_status: str
    translation_engine: str | None
    published_at: datetime
    published_precision: str
    url: str
    genre: str
    kind: str


@dataclass(frozen=True, slots=True)
class TopicEvidence:
    topic_id: str
    name_en: str
    name_es: str
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SilentSource:
    source_id: str
    source_name: str
    country: str
    ownership: str
    alignment: str | None
    state: str


@dataclass(frozen=True, slots=True)
class ArticlePage:
    article_id: str
    source_id: str
    source_name: str | None
    country: str
    lang: str
    title: str
    title_en: str | None
    summary: str
    text: str
    text_en: str | None
    translation_status: str
    translation_engine: str | None
    translation_version: str | None
    translation_checks: tuple[str, ...]
    translated_at: datetime | None
    authors: tuple[str, ...]
    agency: str | None
    kind: str
    genre: str
    beats: tuple[str, ...]
    published_at: datetime
    published_at_origin: str
    published_precision: str
    modified_at: datetime | None
    first_seen_at: datetime
    backfill: bool
    word_count: int
    version: int
    url: str
    story_id: str | None
    text_group_id: str
    original_article_id: str | None
    copy_kind: str | None
    ownership: str | None
    alignment: str | None
    alignment_status: str | None
    evidenced: bool
    extractor: str
    title_origin: str
    lang_origin: str


@dataclass(frozen=True, slots=True)
class CopyRow:
    article_id: str
    source_id: str
    source_name: str | None
    country: str
    lang: str
    title: str
    published_at: datetime
    published_precision: str
    copy_kind: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: int
    title: str
    seen_at: datetime
    modified_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class BeatEvidence:
    beat: str
    score: float
    evidence: tuple[str, ...]
