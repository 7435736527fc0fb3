"""What a page says beyond its rows, worked out from them alone: titles, lanes, folds, paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from pipeline.web.rows import MatrixCell, StoryArticleRow

CARACAS = ZoneInfo("America/Caracas")
_HOME_COUNTRIES = ("VE", "ES", "US")
MAX_LANES = 6


class Titled(Protocol):
    """What has the titles of a story."""

    @property
    def title(self) -> str | None: ...
    @property
    def title_en(self) -> str | None: ...
    @property
    def title_en_origin(self) -> str | None: ...
    @property
    def title_es(self) -> str | None: ...
    @property
    def title_es_origin(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Title:
    """A title with its language (None: not known) and whether a machine wrote it."""

    text: str
    lang: str | None
    machine: bool = False


def titles(story: Titled, lang: str) -> tuple[Title, ...]:
    """Return the title to show first and, where there is one in the other language, that one too."""
    held = {
        "en": Title(story.title_en, "en", story.title_en_origin == "machine") if story.title_en else None,
        "es": Title(story.title_es, "es", story.title_es_origin == "machine") if story.title_es else None,
    }
    other = "es" if lang == "en" else "en"
    found = [t for t in (held[lang], held[other]) if t is not None]
    if not found:
        return (Title(story.title or "…", None),)
    return tuple(found)


def country_order(countries: Iterable[str]) -> list[str]:
    """Return countries with Venezuela, Spain and the United States first, the others by their code."""
    rank = {c: i for i, c in enumerate(_HOME_COUNTRIES)}
    return sorted(set(countries), key=lambda c: (rank.get(c, len(rank)), c))


def lanes(countries: Sequence[str]) -> Mapping[str, int]:
    """Return the lane (from 1) of each country on a timeline; the last lane takes all beyond `MAX_LANES`."""
    return {c: min(i + 1, MAX_LANES) for i, c in enumerate(countries)}


def local_day(when: datetime, precision: str) -> date:
    """Return the day that a time is shown under: in Caracas, or for a bare date the outlet's own day.

    A bare date is midnight where the outlet is, so half a day later it is that date in UTC too, in any zone.
    """
    if precision == "day":
        return (when + timedelta(hours=12)).astimezone(UTC).date()
    return when.astimezone(CARACAS).date()


def edge_day(by: datetime, is_day: bool) -> date:
    """Return the day of a time by which something was out; of a bare date that is the end of its day there."""
    return local_day(by - timedelta(days=1), "day") if is_day else by.astimezone(CARACAS).date()


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with the copies of it; ``held`` is False where the original itself is not in the story."""

    article: StoryArticleRow
    copies: tuple[StoryArticleRow, ...]

    @property
    def held(self) -> bool:
        return self.article.copy_kind is None


def fold(articles: Sequence[StoryArticleRow]) -> list[Folded]:
    """Return the articles with copies folded under their original, or under the first of them where it is not held."""
    groups: dict[str, list[StoryArticleRow]] = {}
    for article in articles:
        groups.setdefault(article.text_group_id, []).append(article)
    folded = []
    for group in groups.values():
        head = next((a for a in group if a.copy_kind is None), group[0])
        folded.append(Folded(head, tuple(a for a in group if a is not head)))
    return folded


def voices(articles: Sequence[StoryArticleRow]) -> tuple[str, ...]:
    """Return the ids of the whole texts, one of each: the original, where it is not held the first of its copies."""
    return tuple(f.article.article_id for f in fold([a for a in articles if a.kind == "full"]))


@dataclass(frozen=True, slots=True)
class Said:
    """What the outlets of one country say: their own texts with copies folded, and what only others have."""

    country: str
    voices: tuple[Folded, ...]
    article_count: int
    lacks: tuple[str, ...]


def by_country(
    articles: Sequence[StoryArticleRow], countries: Sequence[str], lacks: Mapping[str, tuple[str, ...]]
) -> list[Said]:
    """Return what each country says. A copy stands under its country's first text of the group.

    ``lacks`` has by country the figures that only outlets elsewhere give.
    """
    found = []
    for country in countries:
        own = [a for a in articles if a.country == country]
        found.append(Said(country, tuple(fold(own)), len(own), lacks.get(country, ())))
    return found


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph and its English; ``english`` is None where there is none to show."""

    original: str
    english: str | None


def paragraphs(text: str, english: str | None) -> list[Pair]:
    """Return a text paragraph by paragraph beside its English.

    The translation keeps the lines of its original; should it not, all its paragraphs stand in one pair at the end.
    """
    own = text.split("\n")
    if english is None:
        return [Pair(p, None) for p in own if p.strip()]
    other = english.split("\n")
    if len(own) == len(other):
        return [Pair(a, b) for a, b in zip(own, other, strict=True) if a.strip() or b.strip()]
    return [Pair("\n\n".join(p for p in own if p.strip()), "\n\n".join(p for p in other if p.strip()))]


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """An outlet as a column of the matrix."""

    source_id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Stories by outlets: ``cells`` by story and outlet, outlets by country, busiest first."""

    columns: tuple[MatrixColumn, ...]
    cells: Mapping[str, Mapping[str, MatrixCell]]
    left_out: int


def matrix(cells: Sequence[MatrixCell], most: int = 40) -> Matrix:
    """Return the table of stories by outlets; beyond ``most`` outlets those with the fewest stories are left out."""
    by_source: dict[str, list[MatrixCell]] = {}
    for cell in cells:
        by_source.setdefault(cell.source_id, []).append(cell)
    order = sorted(by_source, key=lambda s: (-len(by_source[s]), s))
    rank = {c: i for i, c in enumerate(country_order(c.country for c in cells))}
    kept = sorted(order[:most], key=lambda s: (rank[by_source[s][0].country], order.index(s)))
    columns = tuple(MatrixColumn(s, by_source[s][0].source_name or s, by_source[s][0].country) for s in kept)
    stories: dict[str, dict[str, MatrixCell]] = {}
    for cell in cells:
        stories.setdefault(cell.story_id, {})[cell.source_id] = cell
    return Matrix(columns, stories, len(order) - len(kept))
