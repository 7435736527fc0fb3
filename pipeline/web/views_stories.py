"""The pages of stories: a day, its matrix, one story."""

from __future__ import annotations

from datetime import date, timedelta

from pipeline.web import rows, rows_lists
from pipeline.web.asked import Asked, Moved, NotThere
from pipeline.web.desk import Desk
from pipeline.web.facts import (
    by_country,
    country_order,
    edge_day,
    fold,
    lanes,
    local_day,
    matrix,
    paragraphs,
    titles,
    voices,
)
from pipeline.web.figures import story_figures
from pipeline.web.statements import Value
from pipeline.web.view import PAGE_SIZE, View, paging
from pipeline.web.words import Words

MAX_ARTICLES = 400
MAX_TEXTS = 12
_MOST_HOPS = 5  # of an old story id to the one it has now


def _filters(asked: Asked) -> dict[str, Value]:
    return {name: asked.get(name) for name in ("country", "language", "beat", "topic")}


def _chosen_day(desk: Desk, asked: Asked) -> date | None:
    """Return the day asked for, or the last one there is; None where the snapshot is empty."""
    state = desk.once("state", rows.State)
    return asked.day("day") or (state.last_day)


def day(desk: Desk, asked: Asked, words: Words) -> View:
    """The stories of one day, by independent voices, with countries and languages at a glance."""
    chosen = _chosen_day(desk, asked)
    if chosen is None:
        return View("empty", words.t("day.empty_title"), {})
    when = chosen.isoformat()
    offset = (asked.page - 1) * PAGE_SIZE
    stories = desk.ask("day_stories", rows.StoryCard, day=when, limit=PAGE_SIZE, offset=offset, **_filters(asked))
    countries = desk.ask("day_countries", rows.CountryDay, day=when)
    values = {
        "day": chosen,
        "stories": stories,
        "paging": paging(asked.page, stories[0].total if stories else 0),
        "countries": countries,
        "most": max((c.article_count for c in countries), default=0),
        "languages": desk.ask("day_languages", rows.LanguageDay, day=when),
        "topics": desk.ask("day_topics", rows.TopicDay, day=when),
        "near": desk.one("day_neighbours", rows.Neighbours, day=when),
        "choices": desk.once("filters", rows.Filters),
        "is_filtered": any(_filters(asked).values()),
        "plot_rows": desk.ask(
            "plot_days", rows_lists.PlotDay, first_day=(chosen - timedelta(days=13)).isoformat(), last_day=when
        ),
    }
    return View("day", words.t("day.title"), values)


def day_matrix(desk: Desk, asked: Asked, words: Words) -> View:
    """Which outlets told the most told stories of a day."""
    chosen = _chosen_day(desk, asked)
    if chosen is None:
        return View("empty", words.t("day.empty_title"), {})
    when = chosen.isoformat()
    stories = desk.ask("day_stories", rows.StoryCard, day=when, limit=25, offset=0, **_filters(asked))
    cells = desk.ask("matrix", rows.MatrixCell, day=when, **_filters(asked))
    values = {
        "day": chosen,
        "stories": stories,
        "matrix": matrix(cells),
        "near": desk.one("day_neighbours", rows.Neighbours, day=when),
        "choices": desk.once("filters", rows.Filters),
        "topics": desk.ask("day_topics", rows.TopicDay, day=when),
        "is_filtered": any(_filters(asked).values()),
    }
    return View("matrix", words.t("matrix.title"), values)


def story(desk: Desk, asked: Asked, words: Words, key: str) -> View:
    """One story: timeline, what each country says, who told it, original beside English, topics, citation."""
    head = desk.one("story", rows.StoryHead, story=key)
    if head is None:
        raise _moved_or_gone(desk, asked, key)
    articles = desk.ask("story_articles", rows.StoryArticleRow, story=key, limit=MAX_ARTICLES)
    texts = desk.ask("story_texts", rows.StoryText, story=key, articles=voices(articles)[:MAX_TEXTS])
    countries = country_order(head.countries)
    figures = story_figures(texts, articles, asked.lang)
    days = [local_day(a.published_at, a.published_precision) for a in articles]
    first = edge_day(head.first_published_at, head.first_is_day)
    last = edge_day(head.last_published_at, head.last_is_day)
    values = {
        "story": head,
        "titles": titles(head, asked.lang),
        "countries": countries,
        "lanes": lanes(countries),
        "articles": articles,
        "days": days,
        "by_id": {a.article_id: a for a in articles},
        "said": by_country(articles, countries, figures.lacks),
        "folded": fold(articles),
        "texts": [(t, paragraphs(t.text, t.text_en if t.lang != "en" else None)) for t in texts],
        "figures": figures.rows,
        "topics": desk.ask("story_topics", rows.TopicEvidence, story=key),
        "silent": desk.ask(
            "story_silent", rows.SilentSource, story=key, first_day=first.isoformat(), last_day=last.isoformat()
        ),
        "history": desk.ask("story_history", rows.OldId, story=key),
    }
    return View("story", titles(head, asked.lang)[0].text, values)


def _moved_or_gone(desk: Desk, asked: Asked, key: str) -> Exception:
    """Return where a story's old id leads now, or that there is nothing."""
    now = key
    for _ in range(_MOST_HOPS):
        alias = desk.one("story_alias", rows.StoryAliasRow, story=now)
        if alias is None or alias.story_id == now:
            break
        now = alias.story_id
    return Moved(asked.link(f"/stories/{now}")) if now != key else NotThere()
