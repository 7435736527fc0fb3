"""What is true of the newsroom by its gold and its declarations alone: the measure of the stored questions.

Nothing here reads what the pipeline stored, but for the ids by which an answer names an article or a story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.newsroom import CONFIG
from pipeline.newsroom.content import load_newsroom
from pipeline.newsroom.gold import Gold, GoldArticle, load_gold
from pipeline.settings import load_settings
from pipeline.sources import load_sources
from storage.query import run_query, stored_question
from storage.records import Source

CARACAS = ZoneInfo("America/Caracas")


@dataclass(frozen=True, slots=True)
class Facts:
    """The newsroom after both polls, with the ids that the snapshot in ``home`` has for its articles and stories."""

    home: Path
    gold: Gold
    sources: dict[str, Source]
    key_of: dict[str, str]
    story_of: dict[str, str]
    backfill: frozenset[str]

    def answer(self, name: str) -> list[dict[str, object]]:
        """Return the rows of a stored question, articles and stories by their names in the gold."""
        found = run_query(self.home, stored_question(name).sql, 60)
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        for row in rows:
            for column in ("article_id", "original_article_id"):
                row.update({column: self.key_of[str(row[column])]} if row.get(column) else {})
            row.update({"story_id": self.story_of[str(row["story_id"])]} if row.get("story_id") else {})
        return rows

    def by_story(self, articles: Iterable[GoldArticle] | None = None) -> dict[str, list[GoldArticle]]:
        """Return articles (all of them) by the name of their story, in the order they came out."""
        found: dict[str, list[GoldArticle]] = defaultdict(list)
        for article in sorted(self.gold.articles if articles is None else articles, key=self.by):
            found[article.story].append(article)
        return dict(found)

    def of(self, article: GoldArticle) -> Source:
        """Return the outlet of an article."""
        return self.sources[article.source_id]

    def country(self, article: GoldArticle) -> str:
        """Return the country of an article's outlet."""
        return self.of(article).country

    def by(self, article: GoldArticle) -> datetime:
        """Return by when an article was out: with a bare date at the end of the outlet's day."""
        if article.published_precision != "day":
            return article.published_at
        zone = ZoneInfo(self.of(article).timezone)
        day = article.published_at.astimezone(zone).date()
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)

    def exact(self, article: GoldArticle) -> bool:
        """Tell whether its time can make an article the first: no bare date, and not from the first poll."""
        return article.published_precision != "day" and article.key not in self.backfill

    def first(self, members: list[GoldArticle]) -> tuple[datetime | None, bool]:
        """Return when the first article of a story came (None: nobody can be called first), and whether it is sure."""
        exact = [a.published_at for a in members if self.exact(a)]
        old = [a.published_at for a in members if a.key in self.backfill]
        loose = [a.published_at for a in members if not self.exact(a)]
        if not exact or (old and min(old) <= min(exact)):
            return None, False
        return min(exact), not loose or min(exact) < min(loose)

    def through(self) -> datetime:
        """Return the time of the newest article."""
        return max(a.published_at for a in self.gold.articles)


def caracas_day(article: GoldArticle) -> date:
    """Return the day of an article in Caracas."""
    return article.published_at.astimezone(CARACAS).date()


def texts(articles: Iterable[GoldArticle]) -> int:
    """Count different texts, copies folded."""
    return len({a.text_group for a in articles})


def load_facts(home: Path) -> Facts:
    """Return the facts, with the ids of the snapshot in ``home``."""
    gold = load_gold(2)
    newsroom = load_newsroom()
    catalogue = load_sources(load_settings(home, CONFIG))
    keys = {(a.source_id, a.canonical_url): a for a in gold.articles}
    rows = run_query(home, "SELECT source_id, canonical_url, article_id, story_id FROM v_articles", 60).rows
    named = {str(r[2]): (keys[str(r[0]), str(r[1])], str(r[3])) for r in rows}
    return Facts(
        home=home,
        gold=gold,
        sources={s.source_id: s for s in catalogue.sources},
        key_of={i: article.key for i, (article, _) in named.items()},
        story_of={story: article.story for article, story in named.values()},
        backfill=frozenset(p.key for p in newsroom.first if p.round == 1),
    )
