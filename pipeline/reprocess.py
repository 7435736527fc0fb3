"""Run a stage again over what is held: after a new extractor, gazetteer, engine, method or topic set.

Pages are read from the archive, never fetched: what is labelled with a past day stays what was published that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline import enrich, load, translating
from pipeline.archive import ArchiveError, read_page
from pipeline.articles import full_article
from pipeline.beats import load_beats, tag_beats
from pipeline.extract import Extractor
from pipeline.identity.embed import Embedder
from pipeline.ingest import page_input, without_furniture
from pipeline.output import counted
from pipeline.report import Reporter
from pipeline.runs import enrich_all, opener, publish_snapshot, utc_now
from pipeline.settings import Settings, SettingsError, config_file
from pipeline.steps import PageInput
from pipeline.tools import crew_of, labels
from pipeline.watches import match_watches
from storage.backend import backend_at
from storage.errors import StorageError
from storage.lock import WriterLock
from storage.records import (
    Article,
    ArticleBeat,
    ArticleFeatures,
    Entry,
    Page,
    Source,
    StageMark,
)

_SINCE = re.compile(r"(\d+)([dh])")
_UNIT = {"d": "days", "h": "hours"}


def parse_since(words: str | None) -> datetime:
    """Return the time that ``--since`` means: ``7d``, ``12h`` or a date; without one, the beginning of time.

    Raises SettingsError for anything else.
    """
    if words is None:
        return datetime(1970, 1, 1, tzinfo=UTC)
    ago = _SINCE.fullmatch(words)
    try:
        at = utc_now() - timedelta(**{_UNIT[ago[2]]: int(ago[1])}) if ago else datetime.fromisoformat(words)
    except (ValueError, OverflowError) as error:
        raise SettingsError(f"--since {words}: write 7d, 12h or a date such as 2026-01-08.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def reprocess_stage(settings: Settings, stage: str, since: datetime, says: Reporter) -> list[str]:
    """Run ``stage`` again for articles published at or after ``since``, then what builds on it, then publish.

    Returns lines for people. Raises LockBusy while a run works on the same home, StorageError when the home is empty.
    """
    return _under_lock(settings, f"reprocess {stage}", lambda: STAGES[stage](settings, since, says))


def _under_lock(settings: Settings, command: str, work: Callable[[], str]) -> list[str]:
    if not backend_at(settings.home, settings.store.url).exists():
        raise StorageError(f"{settings.home} holds nothing yet. ./atalaya run fills it.")
    with WriterLock(settings.home, command, name="run.lock"):
        done = work()
        publish_snapshot(settings)
    return [done, f"Published {settings.home}/news.duckdb."]


def _articles(settings: Settings, since: datetime) -> list[Article]:
    with opener(settings, "reprocess")() as store:
        return store.read(Article, "published_at >= ?", [since])


def _extract(settings: Settings, since: datetime, says: Reporter) -> str:
    with opener(settings, "reprocess")() as store:
        articles = {a.entry_id: a for a in store.read(Article, "published_at >= ? AND page_id IS NOT NULL", [since])}
        pages = {p.page_id: p for p in store.read(Page)}
        entries = [e for e in store.read(Entry, "article_id IS NOT NULL") if e.entry_id in articles]
        sources = {s.source_id: s for s in store.read(Source)}
        furniture = load.known_furniture(store, utc_now())
    judges = labels(settings)
    beats = load_beats(config_file(settings, "beats.toml"))
    changed = unread = 0
    by_id = {e.entry_id: e for e in entries}
    with says.step("extract", len(entries)) as step, Extractor(settings.extract) as extractor:
        lost: list[str] = []
        for found in extractor.run(_archived(settings, entries, articles, pages, sources, lost)):
            step.advance()
            entry = by_id[found.key]
            clean = without_furniture(found, furniture.get(entry.source_id, {}), settings.extract.min_words)
            if clean.reason != "ok":
                unread += 1
                continue
            article = full_article(sources[entry.source_id], entry, clean, articles[entry.entry_id].page_id, judges)
            if article.text_sha256 == articles[entry.entry_id].text_sha256:
                continue
            changed += 1
            on = tag_beats([article], beats)
            renewed = replace(article, beats=tuple(sorted(b.beat for b in on)))
            with opener(settings, "reprocess")() as store:
                load.load_harvest(store, [_now_read(entry, articles[entry.entry_id]), renewed, *on], reread=True)
    if changed:
        enrich_all(settings, says)
    line = f"extract: {len(entries) - len(lost)} archived pages read again, {changed} texts differ from what was held"
    line += f"; {unread} gave no text, so what is held stays" if unread else ""
    return f"{line}; {len(lost)} are not in the archive any more ({lost[0]})." if lost else f"{line}."


def _now_read(entry: Entry, held: Article) -> Entry:
    """Return the entry of a page that gave a text: one that stood for the feed's words has its page's now."""
    return replace(entry, reason="new", detail=None, next_try_at=None) if held.kind == "feed_only" else entry


def _archived(
    settings: Settings,
    entries: Sequence[Entry],
    articles: dict[str, Article],
    pages: dict[str, Page],
    sources: dict[str, Source],
    lost: list[str],
) -> Iterator[PageInput]:
    """Yield the archived pages; those that cannot be read any more are named in ``lost``."""
    for entry in entries:
        page = pages[articles[entry.entry_id].page_id or ""]  # an article and its page commit together
        try:
            held = read_page(settings.home / "pages", page.warc_file, page.warc_offset)
        except (FileNotFoundError, ArchiveError) as error:
            lost.append(str(error))
            continue
        yield page_input(sources[entry.source_id], entry, held.body, held.content_type, page.final_url)


def _beats(settings: Settings, since: datetime, says: Reporter) -> str:
    articles = _articles(settings, since)
    found = tag_beats(articles, load_beats(config_file(settings, "beats.toml")))
    names: dict[str, list[str]] = {}
    for beat in found:
        names.setdefault(beat.article_id, []).append(beat.beat)
    renewed = [replace(a, beats=tuple(sorted(names.get(a.article_id, ())))) for a in articles]
    with opener(settings, "reprocess")() as store, store.transaction():
        store.replace(ArticleBeat, "article_id", [a.article_id for a in articles], found)
        store.merge(renewed)
    return f"beats: {len(names)} of {len(articles)} articles are on a beat."


def _translate(settings: Settings, since: datetime, says: Reporter) -> str:
    return _translate_again(settings, ("ok", *translating.ALL_STATUSES), since, says)


def _translate_again(settings: Settings, statuses: Collection[str], since: datetime, says: Reporter) -> str:
    open_store = opener(settings, "translate")
    crew = crew_of(settings)
    if not crew.engines:
        mends = "; ".join(f"{m.name}: {m.mend}" for m in crew.missing) or "ATALAYA_ENGINES allows none"
        return f"translate: nothing done, there is no engine. {mends}"
    plan = translating.plan_again(open_store, crew, statuses, since)
    counts = translating.translate(open_store, settings, plan.crew, utc_now, says, plan)
    # A story's English title may be a translation.
    embedder = Embedder()
    enrich.identify(open_store, settings, embedder, utc_now, says)
    enrich.tag(open_store, settings, embedder, says)
    shown = ", ".join(f"{k} {n}" for k, n in sorted(counts.statuses.items())) or "nothing to do"
    words = f"translate: {shown}; {counts.memory_hits} of {counts.sentences} sentences from memory"
    refused = "; ".join(f"{m.why} (to mend: {m.mend})" for m in plan.crew.missing if m.refused)
    return f"{words}, {counts.mended} of {counts.retried} failures mended." + (f" {refused}" if refused else "")


def retry_translations(settings: Settings, statuses: Collection[str], since: datetime, says: Reporter) -> list[str]:
    """Translate articles of some statuses once more, what follows from it, and publish; return lines for people.

    Raises LockBusy while a run works on the same home, StorageError when the home is empty.
    """
    return _under_lock(settings, "translate retry", lambda: _translate_again(settings, statuses, since, says))


def _stories(settings: Settings, since: datetime, says: Reporter) -> str:
    with opener(settings, "reprocess")() as store, store.transaction():
        ids = [a.article_id for a in store.read(Article, "published_at >= ?", [since])]
        store.delete(ArticleFeatures, "article_id", ids)
        store.merge([StageMark(i, "stories", "", "to do") for i in ids])
    embedder = Embedder()
    counts = enrich.identify(opener(settings, "reprocess"), settings, embedder, utc_now, says)
    enrich.tag(opener(settings, "reprocess"), settings, embedder, says)
    return f"stories: {counts.placed} articles in {counts.stories} stories, {counts.copies} copies."


def _topics(settings: Settings, since: datetime, says: Reporter) -> str:
    with opener(settings, "reprocess")() as store, store.transaction():
        articles = store.read(Article, "published_at >= ?", [since])
        store.merge([StageMark(a.article_id, "topics", "", "to do") for a in articles])
    count = enrich.tag(opener(settings, "reprocess"), settings, Embedder(), says)
    return f"topics: {count} articles tagged."


def _watches(settings: Settings, since: datetime, says: Reporter) -> str:
    with opener(settings, "reprocess")() as store, store.transaction():
        articles = store.read(Article, "published_at >= ?", [since])
        store.merge([StageMark(a.article_id, "watches", "", "to do") for a in articles])
    new = match_watches(opener(settings, "reprocess"), settings, utc_now, says)
    return f"watches: {len(articles)} articles matched anew, {counted(new, 'match', 'matches')} not known before."


STAGES: dict[str, Callable[[Settings, datetime, Reporter], str]] = {
    "extract": _extract,
    "beats": _beats,
    "translate": _translate,
    "stories": _stories,
    "topics": _topics,
    "watches": _watches,
}
"""The stages that can be run again."""
