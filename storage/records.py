"""The records of Atalaya: one frozen dataclass per table of the warehouse.

Read this file to know what is kept. Each class names its table in ``TABLE`` and the columns that identify a row in
``KEY``; the fields stand in the order of the columns. `tests/storage/test_records.py` holds classes and tables equal.

Times are timezone-aware ``datetime`` in UTC. Lists are tuples. Every id is a stable string derived from content
(see `storage.ids`), never a counter, so that the same day processed twice gives the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

EntryState = Literal["stored", "duplicate", "skipped", "quarantined", "pending"]
DateOrigin = Literal["feed", "page", "url", "seen"]
Precision = Literal["second", "minute", "day"]
ArticleKind = Literal["full", "feed_only"]
Genre = Literal["news", "opinion", "live", "service", "other"]
TranslationStatus = Literal["ok", "partial", "quarantined", "pending", "not_needed"]
CopyKind = Literal["verbatim", "cut", "edited", "translated"]
TitleOrigin = Literal["member", "machine"]
Step = Annotated[int, "SMALLINT"]
"""A component of a vector, in steps of 1/256: what the embedder rounds to. A fifth of what single precision takes."""


class Record:
    """Base of all records: names the table and its key."""

    __slots__ = ()
    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source(Record):
    """An outlet, as declared in ``config/sources``."""

    TABLE: ClassVar[str] = "sources"
    KEY: ClassVar[tuple[str, ...]] = ("source_id",)
    source_id: str
    name: str
    country: str
    languages: tuple[str, ...]
    homepage: str
    media_type: str
    ownership: str
    timezone: str
    owner_group: str | None = None
    alignment: str | None = None
    evidence: str | None = None
    verified_at: datetime | None = None
    based_in: str | None = None
    parent_id: str | None = None
    paywall: bool = False
    panel: str | None = None
    fictional: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed(Record):
    """One feed of a source and what the poller remembers of it."""

    TABLE: ClassVar[str] = "feeds"
    KEY: ClassVar[tuple[str, ...]] = ("feed_url",)
    feed_url: str
    source_id: str
    scope: str | None = None
    position: int = 0
    """Order within the source's declaration: of two feeds that list one page, the first declared owns it."""
    etag: str | None = None
    last_modified: str | None = None
    first_polled_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_full_at: datetime | None = None
    next_due_at: datetime | None = None
    failures: int = 0
    last_reason: str | None = None
    proposed_url: str | None = None
    last_entry_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchEvent(Record):
    """One request that was made (or refused before it was made) and how it ended."""

    TABLE: ClassVar[str] = "fetch_events"
    KEY: ClassVar[tuple[str, ...]] = ("fetch_id",)
    fetch_id: str
    run_id: str
    source_id: str
    kind: Literal["feed", "page"]
    url: str
    final_url: str | None
    http_status: int | None
    reason: str
    detail: str | None
    bytes: int
    elapsed_ms: int
    fetched_at: datetime
    entry_count: int | None = None
    new_count: int | None = None
    possible_gap: bool = False


@dataclass(frozen=True, slots=True)
class Entry(Record):
    """A feed item and its one recorded outcome."""

    TABLE: ClassVar[str] = "entries"
    KEY: ClassVar[tuple[str, ...]] = ("entry_id",)
    entry_id: str
    source_id: str
    feed_url: str
    guid: str | None
    url: str | None
    canonical_url: str | None
    title: str
    summary: str
    content: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    lang: str | None
    published_at: datetime | None
    published_at_origin: DateOrigin
    published_precision: Precision
    updated_at: datetime | None
    seen_at: datetime
    content_sha256: str
    backfill: bool
    state: EntryState
    reason: str
    detail: str | None = None
    article_id: str | None = None
    attempts: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Record):
    """A fetched page and where its bytes stand in the archive."""

    TABLE: ClassVar[str] = "pages"
    KEY: ClassVar[tuple[str, ...]] = ("page_id",)
    page_id: str
    source_id: str
    url: str
    final_url: str
    http_status: int
    content_type: str
    bytes: int
    body_sha256: str
    fetched_at: datetime
    warc_file: str
    warc_offset: int


@dataclass(frozen=True, slots=True)
class Furniture(Record):
    """A paragraph that stood on several pages of one source: part of the page, not of any article."""

    TABLE: ClassVar[str] = "furniture"
    KEY: ClassVar[tuple[str, ...]] = ("source_id", "paragraph_sha256")
    source_id: str
    paragraph_sha256: str
    page_count: int


@dataclass(frozen=True, slots=True)
class Article(Record):
    """One text by one source, in the words it was published in."""

    TABLE: ClassVar[str] = "articles"
    KEY: ClassVar[tuple[str, ...]] = ("article_id",)
    article_id: str
    entry_id: str
    source_id: str
    country: str
    lang: str
    lang_origin: Literal["text", "feed", "source"]
    url: str
    canonical_url: str
    title: str
    title_origin: Literal["page", "feed"]
    summary: str
    text: str
    text_sha256: str
    authors: tuple[str, ...]
    kind: ArticleKind
    genre: Genre
    agency: str | None
    published_at: datetime
    published_at_origin: DateOrigin
    published_precision: Precision
    modified_at: datetime | None
    first_seen_at: datetime
    backfill: bool
    word_count: int
    page_id: str | None
    extractor: str
    version: int
    beats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleVersion(Record):
    """One wording of an article; an edit adds a version, it never overwrites one."""

    TABLE: ClassVar[str] = "article_versions"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "text_sha256")
    article_id: str
    text_sha256: str
    version: int
    title: str
    text: str
    modified_at: datetime | None
    seen_at: datetime
    page_id: str | None
    extractor: str


@dataclass(frozen=True, slots=True)
class ArticleFeatures(Record):
    """What identity and topics compute once per wording of an article."""

    TABLE: ClassVar[str] = "article_features"
    KEY: ClassVar[tuple[str, ...]] = ("article_id",)
    article_id: str
    text_sha256: str
    title_vector: tuple[Step, ...]
    lead_vector: tuple[Step, ...]
    minhash: tuple[int, ...]
    shingle_count: int
    terms: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    method_version: str


@dataclass(frozen=True, slots=True)
class ArticleBeat(Record):
    """That an article is about a beat, with the gazetteer terms that say so."""

    TABLE: ClassVar[str] = "article_beats"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "beat")
    article_id: str
    beat: str
    score: float
    evidence: tuple[str, ...]
    method_version: str


@dataclass(frozen=True, slots=True)
class Translation(Record):
    """The text of an article in another language, and how it came about."""

    TABLE: ClassVar[str] = "translations"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "target")
    article_id: str
    target: str
    title: str | None
    text: str | None
    engine: str | None
    engine_version: str | None
    status: TranslationStatus
    checks: tuple[str, ...]
    source_sha256: str
    translated_at: datetime | None
    engines_asked: str | None = None
    gate_version: str | None = None
    glossary_version: str | None = None


@dataclass(frozen=True, slots=True)
class TranslationMemory(Record):
    """One sentence and its translation by one engine version."""

    TABLE: ClassVar[str] = "translation_memory"
    KEY: ClassVar[tuple[str, ...]] = ("sentence_sha256", "source_lang", "target", "engine", "engine_version")
    sentence_sha256: str
    source_lang: str
    target: str
    engine: str
    engine_version: str
    sentence: str
    translation: str
    checks: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Copy(Record):
    """That an article repeats another's text. ``original_article_id`` is None where the original is not held."""

    TABLE: ClassVar[str] = "copies"
    KEY: ClassVar[tuple[str, ...]] = ("article_id",)
    article_id: str
    original_article_id: str | None
    text_group_id: str
    kind: CopyKind
    similarity: float
    agency: str | None
    method_version: str


@dataclass(frozen=True, slots=True)
class Story(Record):
    """One news event across outlets and languages."""

    TABLE: ClassVar[str] = "stories"
    KEY: ClassVar[tuple[str, ...]] = ("story_id",)
    story_id: str
    title_en: str | None
    title_en_origin: TitleOrigin | None
    title_es: str | None
    title_es_origin: TitleOrigin | None
    lead_article_id: str
    first_published_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class StoryArticle(Record):
    """The one current membership of an article."""

    TABLE: ClassVar[str] = "story_articles"
    KEY: ClassVar[tuple[str, ...]] = ("article_id",)
    story_id: str
    article_id: str
    score: float
    reason: str
    method_version: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class StoryAlias(Record):
    """An id a story was once known by, so that old links still resolve."""

    TABLE: ClassVar[str] = "story_aliases"
    KEY: ClassVar[tuple[str, ...]] = ("alias_id",)
    alias_id: str
    story_id: str
    reason: Literal["merged", "split", "renamed"]
    since: datetime


@dataclass(frozen=True, slots=True)
class Topic(Record):
    """A subject: an IPTC Media Topic (``medtop:…``) or a local child of one (``ata:…``)."""

    TABLE: ClassVar[str] = "topics"
    KEY: ClassVar[tuple[str, ...]] = ("topic_id",)
    topic_id: str
    name_en: str
    name_es: str
    parent_id: str | None
    level: int


@dataclass(frozen=True, slots=True)
class ArticleTopic(Record):
    """That an article is about a topic, with what says so."""

    TABLE: ClassVar[str] = "article_topics"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "topic_id")
    article_id: str
    topic_id: str
    score: float
    evidence: tuple[str, ...]
    method_version: str


@dataclass(frozen=True, slots=True)
class StoryTopic(Record):
    """That a story is about a topic: its articles' topics, weighed."""

    TABLE: ClassVar[str] = "story_topics"
    KEY: ClassVar[tuple[str, ...]] = ("story_id", "topic_id")
    story_id: str
    topic_id: str
    score: float
    evidence: tuple[str, ...]
    method_version: str


@dataclass(frozen=True, slots=True)
class StageMark(Record):
    """That a stage has dealt with a wording of an article by a method: a new wording or method marks what to redo."""

    TABLE: ClassVar[str] = "stage_marks"
    KEY: ClassVar[tuple[str, ...]] = ("article_id", "stage")
    article_id: str
    stage: str
    text_sha256: str
    method_version: str


@dataclass(frozen=True, slots=True)
class Run(Record):
    """One invocation of the pipeline and its counters (JSON text)."""

    TABLE: ClassVar[str] = "runs"
    KEY: ClassVar[tuple[str, ...]] = ("run_id",)
    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    status: Literal["running", "ok", "failed"]
    counts: str
    software_version: str


@dataclass(frozen=True, slots=True)
class Outcome(Record):
    """What became of one item at one stage: the log of every decision that was not simply 'stored'."""

    TABLE: ClassVar[str] = "outcomes"
    KEY: ClassVar[tuple[str, ...]] = ("run_id", "stage", "key")
    run_id: str
    stage: str
    key: str
    source_id: str
    outcome: str
    reason: str
    detail: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Watch(Record):
    """A standing query of an analyst, as declared; ``definition`` is JSON text."""

    TABLE: ClassVar[str] = "watches"
    KEY: ClassVar[tuple[str, ...]] = ("watch_id",)
    watch_id: str
    name: str
    definition: str
    version: str


@dataclass(frozen=True, slots=True)
class WatchMatch(Record):
    """That an article matches a watch, with what says so."""

    TABLE: ClassVar[str] = "watch_matches"
    KEY: ClassVar[tuple[str, ...]] = ("watch_id", "article_id")
    watch_id: str
    article_id: str
    evidence: tuple[str, ...]
    version: str
    matched_at: datetime


@dataclass(frozen=True, slots=True)
class Digest(Record):
    """A morning digest that was made; ``data_through`` is that of the snapshot it was read from."""

    TABLE: ClassVar[str] = "digests"
    KEY: ClassVar[tuple[str, ...]] = ("digest_id",)
    digest_id: str
    morning: date
    beat: str
    state: Literal["complete", "incomplete"]
    note: str
    data_through: datetime | None
    generated_at: datetime
    sources_down: tuple[str, ...]
    sent_at: datetime | None = None
    last_run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DigestItem(Record):
    """One thing that a digest said; ``counts`` is JSON text."""

    TABLE: ClassVar[str] = "digest_items"
    KEY: ClassVar[tuple[str, ...]] = ("digest_id", "kind", "item_id")
    digest_id: str
    kind: Literal["story", "merged", "split", "watch"]
    item_id: str
    rank: int
    title: str
    counts: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Alert(Record):
    """Something amiss with the running, from when it was noticed until it is over."""

    TABLE: ClassVar[str] = "alerts"
    KEY: ClassVar[tuple[str, ...]] = ("alert_id",)
    alert_id: str
    kind: Literal["country_dark", "source_down", "untranslated", "no_run"]
    subject: str
    words: str
    since: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    over_sent_at: datetime | None = None


RECORDS: tuple[type[Record], ...] = (
    Source, Feed, FetchEvent, Entry, Page, Furniture, Article, ArticleVersion, ArticleFeatures, ArticleBeat,
    Translation, TranslationMemory, Copy, Story, StoryArticle, StoryAlias, Topic, ArticleTopic, StoryTopic,
    StageMark, Run, Outcome, Watch, WatchMatch, Digest, DigestItem, Alert,
)  # fmt: skip
"""Every record type, parents before children."""
