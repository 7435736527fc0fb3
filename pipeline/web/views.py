"""The other pages: article, search, topics, sources, what was dropped, how to read it all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipeline.web import rows, rows_lists
from pipeline.web.asked import Asked, NoPage, NotThere
from pipeline.web.desk import Desk
from pipeline.web.facts import paragraphs
from pipeline.web.view import PAGE_SIZE, View, paging
from pipeline.web.words import Words
from storage.errors import SearchMistake, StorageError

if TYPE_CHECKING:
    from pipeline.search import SearchPage, SearchQuery

_SEARCH_TIMEOUT_S = 10.0
_HITS = 20


def article(desk: Desk, asked: Asked, words: Words, key: str) -> View:
    """One article: original beside English, how each value came about, copies, wordings, citation."""
    found = desk.one("article", rows.ArticlePage, article=key)
    if found is None:
        raise NotThere
    versions = desk.ask("article_versions", rows.VersionRow, article=key)
    values = {
        "article": found,
        "pairs": paragraphs(found.text or found.summary, found.text_en if found.lang != "en" else None),
        "copies": desk.ask(
            "article_copies", rows.CopyRow, article=key, text_group=found.text_group_id, story=found.story_id or ""
        ),
        "topics": desk.ask("article_topics", rows.TopicEvidence, article=key),
        "beats": desk.ask("article_beats", rows.BeatEvidence, article=key),
        "versions": versions,
        "story": desk.one("story", rows.StoryHead, story=found.story_id) if found.story_id else None,
    }
    return View("article", found.title, values)


def search(desk: Desk, asked: Asked, words: Words) -> View:
    """What the words and filters of the form find."""
    from pipeline.search import SearchQuery, day_span

    def one(name: str) -> tuple[str, ...]:
        value = asked.get(name)
        return (value,) if value else ()

    since, until = asked.day("since"), asked.day("until")
    query = SearchQuery(
        words=asked.get("q") or "",
        sources=one("source"),
        countries=one("country"),
        languages=one("language"),
        topics=one("topic"),
        beats=one("beat"),
        since=day_span(since)[0] if since else None,
        until=day_span(until)[1] if until else None,
        order="newest" if asked.get("order") == "newest" else "relevance",
        limit=_HITS,
        offset=(asked.page - 1) * _HITS,
    )
    names = ("q", "source", "country", "language", "topic", "beat", "since", "until")
    is_asked = any(asked.get(name) for name in names)
    found: SearchPage | None = None
    problem, status = None, 200
    try:
        found = _find(desk, query) if is_asked else None
    except StorageError as error:
        problem, status = str(error), 400 if isinstance(error, SearchMistake) else 503
    values = {
        "found": found,
        "problem": problem,
        "is_asked": is_asked,
        "choices": desk.once("filters", rows.Filters),
        "paging": paging(asked.page, found.total if found else 0, _HITS),
        "extra_sql": found.as_sql if found else None,
    }
    return View("search", words.t("search.title"), values, status=status)


def _find(desk: Desk, query: SearchQuery) -> SearchPage:
    from pipeline.search import open_search, search, search_in

    try:
        opened = desk.keep("search", lambda: open_search(desk.home, desk.reading))
    except FileNotFoundError:  # this request waited through two publishes
        return search(desk.home, query, _SEARCH_TIMEOUT_S)
    return search_in(opened, desk.reading, query)


def _period(desk: Desk, days: int) -> tuple[date, date] | None:
    state = desk.once("state", rows.State)
    if state.last_day is None:
        return None
    return state.last_day - timedelta(days=days - 1), state.last_day


def topics(desk: Desk, asked: Asked, words: Words) -> View:
    """All topics with how much each country wrote on them in the last thirty days."""
    period = _period(desk, 30)
    if period is None:
        return View("empty", words.t("topics.title"), {})
    span = {"first_day": period[0].isoformat(), "last_day": period[1].isoformat()}
    found = desk.ask("topics", rows_lists.TopicCount, **span)
    children: dict[str, list[rows_lists.TopicCount]] = {}
    known = {t.topic_id for t in found}
    for topic in found:
        if topic.parent_id in known:
            children.setdefault(str(topic.parent_id), []).append(topic)
    values = {
        "roots": [t for t in found if t.parent_id not in known],
        "children": children,
        "most": max((t.article_count for t in found), default=0),
        "first_day": period[0],
        "last_day": period[1],
        "mix": desk.ask("plot_topics", rows_lists.PlotTopic, **span),
    }
    return View("topics", words.t("topics.title"), values)


def topic(desk: Desk, asked: Asked, words: Words, key: str) -> View:
    """One topic: its stories, newest first, and who writes about it."""
    head = desk.one("topic", rows_lists.TopicHead, topic=key)
    period = _period(desk, 30)
    if head is None or period is None:
        raise NotThere
    stories = desk.ask("topic_stories", rows.StoryCard, topic=key, limit=PAGE_SIZE, offset=(asked.page - 1) * PAGE_SIZE)
    if not stories and asked.page > 1:
        raise NoPage
    span = {"first_day": period[0].isoformat(), "last_day": period[1].isoformat()}
    values = {
        "topic": head,
        "stories": stories,
        "paging": paging(asked.page, stories[0].total if stories else 0),
        "sources": desk.ask("topic_sources", rows_lists.SourceCount, topic=key),
        "plot_rows": desk.ask("plot_topic", rows_lists.PlotDay, topic=key, **span),
        "last_day": period[1],
    }
    return View("topic", head.name_es if asked.lang == "es" else head.name_en, values)


def sources(desk: Desk, asked: Asked, words: Words) -> View:
    """All outlets: which are heard, and what they brought."""
    found = desk.ask("sources", rows_lists.SourceLine, country=asked.get("country"), state=asked.get("state"))
    counts: dict[str, int] = {}
    for source_line in found:
        counts[source_line.state] = counts.get(source_line.state, 0) + 1
    values = {"sources": found, "counts": counts, "choices": desk.once("filters", rows.Filters)}
    return View("sources", words.t("sources.title"), values)


def source(desk: Desk, asked: Asked, words: Words, key: str) -> View:
    """One outlet: what it is, how it is heard, what it published last."""
    head = desk.one("source", rows_lists.SourceHead, source=key)
    if head is None:
        raise NotThere
    latest = desk.ask("source_latest", rows_lists.ArticleId, source=key, limit=PAGE_SIZE)
    days = desk.ask("source_days", rows_lists.SourceDay, source=key)
    values = {
        "source": head,
        "days": days,
        "most": max((d.article_count for d in days), default=0),
        "feeds": desk.ask("source_feeds", rows_lists.FeedRow, source=key),
        "articles": desk.ask("source_articles", rows_lists.SourceArticle, articles=tuple(a.article_id for a in latest)),
        "drops": desk.ask("source_drops", rows_lists.SourceDrop, source=key),
    }
    return View("source", head.source_name, values)


def drops(desk: Desk, asked: Asked, words: Words) -> View:
    """What was dropped, and why."""
    found = desk.ask(
        "drops",
        rows_lists.DropRow,
        reason=asked.get("reason"),
        source=asked.get("source"),
        stage=asked.get("stage"),
        limit=PAGE_SIZE,
        offset=(asked.page - 1) * PAGE_SIZE,
    )
    values = {
        "reasons": desk.ask("drops_reasons", rows_lists.DropReason),
        "drops": found,
        "paging": paging(asked.page, found[0].total if found else 0),
        "is_filtered": any(asked.get(n) for n in ("reason", "source", "stage")),
    }
    return View("drops", words.t("drops.title"), values)


def guide(desk: Desk, asked: Asked, words: Words) -> View:
    """How to read the pages."""
    return View("guide", words.t("guide.title"), {})
