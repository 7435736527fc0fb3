"""Match articles with the analysts' standing queries: a stage like the others, after topics.

What is new, reworded, newly translated or newly tagged is matched; with other watches everything held is. A match
keeps the time it was first found, so that each is delivered once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from pipeline.report import Reporter
from pipeline.settings import Settings, config_file
from pipeline.topic_set import load_topics
from pipeline.watch_set import Watched, WatchSet, load_watches
from storage.records import Article, ArticleTopic, StageMark, Translation, Watch, WatchMatch
from storage.store import Store

OpenStore = Callable[[], AbstractContextManager[Store]]
_CHUNK = 200
_SHOWN = frozenset({"ok", "partial"})


def watches_of(settings: Settings) -> WatchSet:
    """Return the watches that ``settings`` name. Raises WatchError or TopicError."""
    return load_watches(config_file(settings, "watches.toml"), load_topics(config_file(settings, "topics.toml")))


def match_watches(open_store: OpenStore, settings: Settings, clock: Callable[[], datetime], says: Reporter) -> int:
    """Match what waits and return the number of new matches; watches that are gone go with their matches."""
    watches = watches_of(settings)
    target = settings.translate.target
    with open_store() as store:
        declared = {s.watch_id for s in watches.specs}
        gone = sorted(w.watch_id for w in store.read(Watch) if w.watch_id not in declared)
        with store.transaction():
            # A watch that is declared again later is matched anew: its articles may not count as dealt with.
            told = {m.article_id for m in store.read_in(WatchMatch, "watch_id", gone)}
            store.merge(StageMark(key, "watches", "", "to do") for key in sorted(told))
            store.delete(Watch, "watch_id", gone)
            store.delete(WatchMatch, "watch_id", gone)
            store.merge(s.record() for s in watches.specs)
        rows = store.statement("unwatched", version=watches.version, target=target)
    marks = [StageMark(str(key), "watches", str(sha), str(mark)) for key, sha, mark in rows]
    new = 0
    with says.step("watches", len(marks)) as step:
        for start in range(0, len(marks), _CHUNK):
            chunk = marks[start : start + _CHUNK]
            ids = [m.article_id for m in chunk]
            with open_store() as store:
                articles = store.read_in(Article, "article_id", ids)
                shown = store.read_in(Translation, "article_id", ids, "target = $target", target=target)
                topics = store.read_in(ArticleTopic, "article_id", ids)
                held = {(m.watch_id, m.article_id): m for m in store.read_in(WatchMatch, "article_id", ids)}
            found = match_articles(articles, shown, topics, watches, held, clock())
            with open_store() as store, store.transaction():
                store.replace(WatchMatch, "article_id", ids, found)
                store.merge(chunk)
            new += sum((m.watch_id, m.article_id) not in held for m in found)
            step.advance(count=len(chunk))
    return new


def match_articles(
    articles: Sequence[Article],
    translations: Sequence[Translation],
    topics: Sequence[ArticleTopic],
    watches: WatchSet,
    held: Mapping[tuple[str, str], WatchMatch],
    now: datetime,
) -> list[WatchMatch]:
    """Return the matches of ``articles``, those found before with the time they were found.

    English counts only where it passed its checks.
    """
    english = {t.article_id: t for t in translations if t.status in _SHOWN}
    tagged: dict[str, list[str]] = {}
    for topic in topics:
        tagged.setdefault(topic.article_id, []).append(topic.topic_id)
    found: list[WatchMatch] = []
    for article in articles:
        texts = [(article.title, article.text or article.summary)]
        if article.article_id in english:
            texts.append((english[article.article_id].title or "", english[article.article_id].text or ""))
        watched = Watched(
            texts=tuple(texts),
            source_id=article.source_id,
            country=article.country,
            lang=article.lang,
            genre=article.genre,
            beats=article.beats,
            topics=tuple(sorted(tagged.get(article.article_id, ()))),
        )
        for spec, evidence in watches.match(watched):
            before = held.get((spec.watch_id, article.article_id))
            at = before.matched_at if before else now
            found.append(WatchMatch(spec.watch_id, article.article_id, evidence, spec.version, at))
    return found
