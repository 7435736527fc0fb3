"""The stages after loading and translation: features, copies, stories, topics.

Each stage is three steps: read the work (store open), compute (store closed), merge (store open again). So a long
translation never holds the warehouse, and a stage that dies leaves what the stages before it brought.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.identity.copies import find_copies
from pipeline.identity.embed import Embedder
from pipeline.identity.features import compute_features, method_version
from pipeline.identity.stories import METHOD as STORIES_VERSION
from pipeline.identity.stories import Placed, Placement, place
from pipeline.report import Reporter
from pipeline.settings import Settings, config_file
from pipeline.topics import load_topics, tag_articles, tag_stories
from storage.records import (
    Article,
    ArticleFeatures,
    ArticleTopic,
    Copy,
    StageMark,
    Story,
    StoryArticle,
    StoryTopic,
    Translation,
)
from storage.store import Store

OpenStore = Callable[[], AbstractContextManager[Store]]
Clock = Callable[[], datetime]
_CHUNK = 50  # articles between two commits


def _read_chunks(open_store: OpenStore, ids: Sequence[str]) -> Iterator[list[Article]]:
    """Yield the articles of ``ids`` in that order, few at a time: a day's texts never stand in memory together."""
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        with open_store() as store:
            found = {a.article_id: a for a in store.read_in(Article, "article_id", part)}
        yield [found[key] for key in part if key in found]


@dataclass(frozen=True, slots=True)
class IdentityCounts:
    """What placing changed."""

    placed: int
    copies: int
    stories: int
    merged_or_split: int


def identify(
    open_store: OpenStore, settings: Settings, embedder: Embedder, clock: Clock, says: Reporter
) -> IdentityCounts:
    """Compute features of new wordings, find copies and place articles into stories, one time window after another."""
    version = method_version(embedder)
    with open_store() as store:
        fresh = [str(row[0]) for row in store.statement("unfeatured", version=version)]
    with says.step("read", len(fresh)) as step:
        for chunk in _read_chunks(open_store, fresh):
            found = compute_features(chunk, embedder)
            with open_store() as store, store.transaction():
                store.merge(found)
            step.advance(count=len(chunk))
    placed = copies = stories = changed = 0
    with open_store() as store:
        due = _to_place(store, settings.translate.target)
    reach = max(settings.identity.story_window_days, settings.identity.copy_window_days)
    windows = _windows([at for at, _ in due], timedelta(days=reach))
    marks = [mark for _, mark in due]
    with says.step("stories", len(windows)) as step:
        for start_at, end_at in windows:
            work = _read_window(open_store, settings, start_at, end_at)
            found_copies = find_copies(work.articles, work.articles, work.features, work.copies)
            placement = place(
                work.articles,
                work.features,
                found_copies,
                work.existing,
                clock(),
                window_days=settings.identity.story_window_days,
                translations=work.translations,
            )
            _merge_placement(open_store, work, found_copies, placement, marks)
            placed += len(placement.members)
            copies += len(found_copies)
            stories += len(placement.stories)
            changed += len(placement.aliases)
            step.advance()
    return IdentityCounts(placed, copies, stories, changed)


def _to_place(store: Store, target: str) -> list[tuple[datetime, StageMark]]:
    """Publication times and marks of articles that are new, reworded, or whose translation has another status.

    (A story's English title may be a translation, so a text that is translated later brings its story up again.)
    """
    rows = store.statement("unplaced", target=target, version=STORIES_VERSION)
    return [(at, StageMark(key, "stories", sha, method)) for at, key, sha, method in rows]


def _windows(times: Sequence[datetime], reach: timedelta) -> list[tuple[datetime, datetime]]:
    """Return the periods that must be placed anew: around each time, joined where they overlap.

    Old items of a feed's first poll thus make small windows of their own instead of one that spans years.
    """
    windows: list[tuple[datetime, datetime]] = []
    for at in times:
        start, end = at - reach, at + reach
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(windows[-1][1], end))
        else:
            windows.append((start, end))
    return windows


@dataclass(frozen=True, slots=True)
class _Window:
    articles: list[Article]
    features: dict[str, ArticleFeatures]
    existing: list[Placed]
    copies: list[Copy]
    translations: list[Translation]


def _read_window(open_store: OpenStore, settings: Settings, start: datetime, end: datetime) -> _Window:
    """Read the articles of a window, and the other members of the stories they are in."""
    with open_store() as store:
        ids = [row[0] for row in store.statement("window_articles", start=start, end=end)]
        articles = store.read_in(Article, "article_id", ids)
        features = store.read_in(ArticleFeatures, "article_id", ids)
        members = store.read_in(StoryArticle, "article_id", ids)
        copies = store.read_in(Copy, "article_id", ids)
        target = settings.translate.target
        translations = store.read_in(Translation, "article_id", ids, "target = $target", target=target)
    articles.sort(key=lambda a: (a.published_at, a.article_id))
    return _Window(articles, {f.article_id: f for f in features}, members, copies, translations)


def _merge_placement(
    open_store: OpenStore, work: _Window, copies: Sequence[Copy], placement: Placement, marks: Sequence[StageMark]
) -> None:
    ids = [a.article_id for a in work.articles]
    with open_store() as store, store.transaction():
        store.replace(Copy, "article_id", ids, copies)
        held = set(ids)
        store.merge([*placement.stories, *placement.members, *placement.aliases])
        store.merge([m for m in marks if m.article_id in held])
        store.delete(Story, "story_id", placement.retired)
        # Their members may have changed, so their topics are to be weighed anew (see `tag`)
        touched = {*placement.retired, *(s.story_id for s in placement.stories)}
        store.delete(StoryTopic, "story_id", sorted(touched))


def tag(open_store: OpenStore, settings: Settings, embedder: Embedder, says: Reporter) -> int:
    """Tag articles whose wording or topic set is new, and the stories that need it; return the number of articles."""
    topics = load_topics(config_file(settings, "topics.toml"))
    with open_store() as store:
        todo = [str(row[0]) for row in store.statement("untagged", version=topics.version)]
        with store.transaction():
            store.merge(topics.records())
    with says.step("topics", len(todo)) as step:
        for chunk in _read_chunks(open_store, todo):
            ids = [a.article_id for a in chunk]
            with open_store() as store:
                features = {f.article_id: f for f in store.read_in(ArticleFeatures, "article_id", ids)}
            found = tag_articles(chunk, features, topics, embedder)
            with open_store() as store, store.transaction():
                store.replace(ArticleTopic, "article_id", ids, found)
                store.merge([_topic_mark(a, topics.version) for a in chunk])
                # a story whose article has other topics is weighed anew, also if this process ends here
                stories = {m.story_id for m in store.read_in(StoryArticle, "article_id", ids)}
                store.delete(StoryTopic, "story_id", sorted(stories))
            step.advance(count=len(chunk))
    with open_store() as store, store.transaction():
        untagged = [str(row[0]) for row in store.statement("untagged_stories")]
        members: dict[str, list[str]] = {}
        for member in store.read_in(StoryArticle, "story_id", untagged):
            members.setdefault(member.story_id, []).append(member.article_id)
        by_article: dict[str, list[ArticleTopic]] = {}
        for row in store.read_in(ArticleTopic, "article_id", [a for ids in members.values() for a in ids]):
            by_article.setdefault(row.article_id, []).append(row)
        store.merge(tag_stories(members, by_article))
    return len(todo)


def _topic_mark(article: Article, version: str) -> StageMark:
    return StageMark(article.article_id, "topics", article.text_sha256, version)
