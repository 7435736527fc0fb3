"""From an entry and its page to an article, and from an incoming article to what the warehouse should hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.steps import Extraction
from storage.ids import article_id, sha256_text
from storage.records import Article, ArticleKind, ArticleVersion, DateOrigin, Entry, Genre, Precision, Source

FEED_EXTRACTOR = "feed/1"


@dataclass(frozen=True, slots=True)
class Labels:
    """The small judgements an article carries, as functions: its genre, the agency behind it, its language."""

    genre: Callable[[str, str, str | None, tuple[str, ...], str], Genre]  # url, title, section, categories, media type
    agency: Callable[[tuple[str, ...], str, str], str | None]  # authors, text, source id
    language: Callable[[str, str | None, str | None], tuple[str, str]]  # text, feed's, source's -> language, origin


def feed_text(entry: Entry) -> str:
    """Return the feed's own words for an entry: its content, or its summary where that says more."""
    return max((entry.content, entry.summary), key=len).strip()


def full_article(source: Source, entry: Entry, found: Extraction, page_id: str | None, labels: Labels) -> Article:
    """Return the article that a page gives, with the feed's title, date and authors where they are better."""
    published, origin, precision = _published(entry, found)
    title = found.title or entry.title
    return _article(
        source,
        entry,
        labels,
        kind="full",
        title=title,
        title_origin=found.title_origin if found.title else "feed",
        text=found.text,
        authors=found.authors or entry.authors,
        published=(published, origin, precision),
        modified_at=found.modified_at or entry.updated_at,
        section=found.section,
        lang=(found.lang, found.lang_origin) if found.lang else None,
        page_id=page_id,
        extractor=found.extractor,
    )


def feed_only_article(source: Source, entry: Entry, page_id: str | None, labels: Labels) -> Article | None:
    """Return the article made of the feed's own words, or None where the feed has none."""
    text = feed_text(entry)
    if not text:
        return None
    return _article(
        source,
        entry,
        labels,
        kind="feed_only",
        title=entry.title,
        title_origin="feed",
        text=text,
        authors=entry.authors,
        published=_published(entry, None),
        modified_at=entry.updated_at,
        section=None,
        lang=None,
        page_id=page_id,
        extractor=FEED_EXTRACTOR,
    )


def _published(entry: Entry, found: Extraction | None) -> tuple[datetime, DateOrigin, Precision]:
    """The feed's date comes first: it is written by a machine for machines. Then the page's, then the time seen."""
    if entry.published_at is not None:
        if (
            found is not None
            and found.published_at is not None
            and entry.published_precision == "day"
            and found.published_precision != "day"
            and abs((found.published_at - entry.published_at).total_seconds()) < 36 * 3600
        ):
            return found.published_at, found.published_at_origin, found.published_precision
        return entry.published_at, entry.published_at_origin, entry.published_precision
    if found is not None and found.published_at is not None:
        return found.published_at, found.published_at_origin, found.published_precision
    return entry.seen_at, "seen", "second"


def _article(
    source: Source,
    entry: Entry,
    labels: Labels,
    *,
    kind: ArticleKind,
    title: str,
    title_origin: str,
    text: str,
    authors: tuple[str, ...],
    published: tuple[datetime, DateOrigin, Precision],
    modified_at: datetime | None,
    section: str | None,
    lang: tuple[str, str] | None,
    page_id: str | None,
    extractor: str,
) -> Article:
    canonical = entry.canonical_url or ""
    own = source.languages[0] if source.languages else None
    language, lang_origin = lang or labels.language(f"{title}\n{text}", entry.lang, own)
    return Article(
        article_id=article_id(source.source_id, canonical),
        entry_id=entry.entry_id,
        source_id=source.source_id,
        country=source.country,
        lang=language,
        lang_origin=lang_origin,  # type: ignore[arg-type]
        url=entry.url or canonical,
        canonical_url=canonical,
        title=title,
        title_origin=title_origin,  # type: ignore[arg-type]
        summary=entry.summary,
        text=text,
        text_sha256=sha256_text(f"{title}\n{text}"),
        authors=authors,
        kind=kind,
        genre=labels.genre(canonical, title, section, entry.categories, source.media_type),
        agency=labels.agency(authors, text, source.source_id),
        published_at=published[0],
        published_at_origin=published[1],
        published_precision=published[2],
        modified_at=modified_at,
        first_seen_at=entry.seen_at,
        backfill=entry.backfill,
        word_count=len(text.split()),
        page_id=page_id,
        extractor=extractor,
        version=1,
    )


def version_of(article: Article) -> ArticleVersion:
    """Return the wording an article has now as a version record."""
    return ArticleVersion(
        article_id=article.article_id,
        text_sha256=article.text_sha256,
        version=article.version,
        title=article.title,
        text=article.text,
        modified_at=article.modified_at,
        seen_at=article.first_seen_at,
        page_id=article.page_id,
        extractor=article.extractor,
    )


def reconcile(
    incoming: Article,
    held: Article | None,
    versions: Collection[ArticleVersion],
    seen_at: datetime,
    *,
    reread: bool = False,
) -> tuple[Article, ArticleVersion] | None:
    """Return the article and version to store, or None where the warehouse already knows better.

    ``versions`` are all wordings held. What was learnt first stays: the earliest publication date, the first time
    seen, whether it was backfill. What was served before, or says of itself that it is older than what is held, is no
    new version (caches serve old pages again), and the feed's words never replace a full text. ``reread``: an archived
    page was extracted anew, so that a page held before may well give another text.
    """
    if held is None:
        return incoming, version_of(incoming)
    if incoming.text_sha256 in {v.text_sha256 for v in versions}:
        return None
    if held.kind == "full" and incoming.kind == "feed_only":
        return None
    served_before = incoming.page_id is not None and incoming.page_id in {v.page_id for v in versions}
    older = bool(held.modified_at and incoming.modified_at and incoming.modified_at < held.modified_at)
    if not reread and held.kind == incoming.kind and (served_before or older):
        return None
    earlier = _earlier(held, incoming)
    merged = replace(
        incoming,
        entry_id=held.entry_id,
        published_at=earlier.published_at,
        published_at_origin=earlier.published_at_origin,
        published_precision=earlier.published_precision,
        first_seen_at=held.first_seen_at,
        backfill=held.backfill,
        version=held.version + 1,
    )
    return merged, replace(version_of(merged), seen_at=seen_at)


def _earlier(held: Article, incoming: Article) -> Article:
    if held.published_at_origin == "seen" and incoming.published_at_origin != "seen":
        return incoming  # a stand-in gives way to any real date
    if incoming.published_at_origin == "seen":
        return held
    return min(held, incoming, key=lambda a: a.published_at)


def count_paragraphs(known: Mapping[str, int], pages: Collection[Collection[str]]) -> dict[str, int]:
    """Return the counts of paragraph hashes after these pages, for those seen on more than one page.

    ``pages`` holds the paragraph hashes of each page. A paragraph counts once a page.
    """
    counts = dict(known)
    for page in pages:
        for paragraph in set(page):
            counts[paragraph] = counts.get(paragraph, 0) + 1
    return {h: n for h, n in counts.items() if n > 1}
