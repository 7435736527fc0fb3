"""The stages after loading and translation: features, copies, stories, topics.

Each stage is three steps: read the work (store open), compute (store closed), merge (store open again). So a long
translation never holds the warehouse, and a stage that dies leaves what the stages before it brought.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.identity.embed import Embedder
from pipeline.placing import IdentityCounts, OpenStore, identify
from pipeline.report import Reporter
from pipeline.settings import Settings, config_file
from pipeline.topics import load_topics, tag_articles, tag_stories
from storage.records import (
    Article,
    ArticleFeatures,
    ArticleTopic,
    Copy,
    StageMark,
    StoryArticle,
    StoryTopic,
    Topic,
)

__all__ = ["IdentityCounts", "identify", "tag"]

_CHUNK = 50  # articles between two commits


def _read_chunks(open_store: OpenStore, ids: Sequence[str]) -> Iterator[list[Article]]:
    """Yield the articles of ``ids`` in that order, few at a time: a day's texts never stand in memory together."""
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        with open_store() as store:
            found = {a.article_id: a for a in store.read_in(Article, "article_id", part)}
        yield [found[key] for key in part if key in found]


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
        held = [a for ids in members.values() for a in ids]
        for row in store.read_in(ArticleTopic, "article_id", held):
            by_article.setdefault(row.article_id, []).append(row)
        groups = {c.article_id: c.text_group_id for c in store.read_in(Copy, "article_id", held)}
        store.merge(tag_stories(members, by_article, groups))
        # All tags are of this set now: a topic that was taken out of it is no article's any more.
        gone = [t.topic_id for t in store.read(Topic) if t.topic_id not in topics.specs]
        if gone:
            store.delete(Topic, "topic_id", gone)
    return len(todo)


def _topic_mark(article: Article, version: str) -> StageMark:
    return StageMark(article.article_id, "topics", article.text_sha256, version)
