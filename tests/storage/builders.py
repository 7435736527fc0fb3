"""Small records for tests: every field has a sensible value, a test names only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.db import SNAPSHOT, open_memory, quoted
from storage.ids import sha256_text
from storage.publish import publish
from storage.records import Article, Copy, Entry, Feed, FetchEvent, Source, Story, StoryArticle, Translation
from storage.store import Store

NOON = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return the time ``hours`` after noon of 8 January 2026 (UTC)."""
    return NOON + timedelta(hours=hours)


def source(source_id: str = "faro", country: str = "VE", **changes: object) -> Source:
    made = Source(
        source_id=source_id,
        name=source_id.title(),
        country=country,
        languages=("es",),
        homepage=f"https://{source_id}.example/",
        media_type="digital",
        ownership="private",
        timezone="America/Caracas",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def feed(source_id: str = "faro", **changes: object) -> Feed:
    return replace(Feed(f"https://{source_id}.example/feed", source_id), **changes)  # type: ignore[arg-type]


def entry(entry_id: str, source_id: str = "faro", **changes: object) -> Entry:
    made = Entry(
        entry_id=entry_id,
        source_id=source_id,
        feed_url=f"https://{source_id}.example/feed",
        guid=None,
        url=f"https://{source_id}.example/{entry_id}",
        canonical_url=f"https://{source_id}.example/{entry_id}",
        title=f"Título {entry_id}",
        summary="",
        content="",
        authors=(),
        categories=(),
        lang="es",
        published_at=NOON,
        published_at_origin="feed",
        published_precision="second",
        updated_at=None,
        seen_at=NOON,
        content_sha256=sha256_text(entry_id),
        backfill=False,
        state="stored",
        reason="new",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def article(article_id: str, source_id: str = "faro", **changes: object) -> Article:
    made = Article(
        article_id=article_id,
        entry_id=f"e{article_id}",
        source_id=source_id,
        country="VE",
        lang="es",
        lang_origin="text",
        url=f"https://{source_id}.example/{article_id}",
        canonical_url=f"https://{source_id}.example/{article_id}",
        title=f"Título {article_id}",
        title_origin="page",
        summary="Resumen",
        text=f"Texto de {article_id}.",
        text_sha256=sha256_text(article_id),
        authors=("Ana Prueba",),
        kind="full",
        genre="news",
        agency=None,
        published_at=NOON,
        published_at_origin="feed",
        published_precision="second",
        modified_at=None,
        first_seen_at=NOON,
        backfill=False,
        word_count=3,
        page_id=None,
        extractor="test",
        version=1,
        beats=("venezuela",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def translation(article_id: str, status: str = "ok", **changes: object) -> Translation:
    made = Translation(
        article_id=article_id,
        target="en",
        title=f"Title {article_id}",
        text=f"Text of {article_id}.",
        engine="argos",
        engine_version="1",
        status=status,  # type: ignore[arg-type]
        checks=(),
        source_sha256=sha256_text(article_id),
        translated_at=NOON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def story(story_id: str, lead: str, **changes: object) -> Story:
    made = Story(story_id, f"Story {story_id}", "member", f"Historia {story_id}", "member", lead, NOON, NOON, NOON)
    return replace(made, **changes)  # type: ignore[arg-type]


def member(story_id: str, article_id: str, **changes: object) -> StoryArticle:
    return replace(StoryArticle(story_id, article_id, 1.0, "vector", "t", NOON), **changes)  # type: ignore[arg-type]


def copy_of(article_id: str, group: str, original: str | None = None) -> Copy:
    return Copy(article_id, original, group, "verbatim", 1.0, None, "t")


def poll(fetch_id: str, source_id: str, when: datetime, reason: str = "ok", **changes: object) -> FetchEvent:
    made = FetchEvent(
        fetch_id=fetch_id,
        run_id="r",
        source_id=source_id,
        kind="feed",
        url=f"https://{source_id}.example/feed",
        final_url=None,
        http_status=200,
        reason=reason,
        detail=None,
        bytes=1,
        elapsed_ms=1,
        fetched_at=when,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def publish_as_before(home: Path) -> None:
    """Publish one article, and make the snapshot one of a version that had no editions and fewer columns."""
    with Store.open(home, "test") as store:
        store.merge([source(), article("a")])
        publish(home, store)
    file = home / SNAPSHOT
    file.chmod(0o644)
    with open_memory() as con:
        con.execute(f"ATTACH {quoted(str(file))} AS news")
        con.execute("USE news")
        con.execute("DROP VIEW v_snapshot")
        con.execute("ALTER TABLE snapshot DROP COLUMN edition")
        con.execute("CREATE VIEW v_snapshot AS SELECT published_at, search_version FROM snapshot")
