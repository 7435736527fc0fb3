"""What the figures of a story's texts come to: which outlets give which, and which give another for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.figures import Figure, figures_of
from pipeline.web.rows import StoryArticleRow, StoryText

MOST_ROWS = 12
_MOST_LACKING = 8
_CHANCE = 10
"""Up to here two languages may give the same value for two different things: three days, three tugs."""

# What texts count of their own: no two of them need to agree.
_OWN = frozenset(
    "% ano anos anys year years mes meses mesos month months semana week weeks dia dias day days hora horas hour hours"
    " minuto minute minuts vez veces times person people gent".split()
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is counted in one language: the wording of the first text, and the texts with their sentences."""

    words: str
    lang: str
    texts: tuple[tuple[StoryText, str], ...]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One value, how it is worded, and (``otherwise``) what others give for the same word in the same language."""

    value: Fraction
    said: tuple[Said, ...]
    otherwise: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class StoryFigures:
    """The rows, those that most outlets give first; ``lacks`` has by country what only outlets elsewhere give."""

    rows: tuple[FigureRow, ...]
    lacks: Mapping[str, tuple[str, ...]]


_Given = tuple[StoryText, Figure]


def story_figures(texts: Sequence[StoryText], articles: Sequence[StoryArticleRow], lang: str) -> StoryFigures:
    """Return the figures of ``texts``, one for each voice; ``lang`` says which wording goes before others.

    A row needs two outlets: that both give it, or that they give different values for the same word. A country lacks
    what at least two outlets elsewhere give; nothing is said to be lacking where a text of the country was not read.
    """
    given = [(t, f) for t in texts for f in figures_of(f"{t.title}\n{t.text}", t.lang)]
    by_value: dict[Fraction, list[_Given]] = {}
    for one in given:
        by_value.setdefault(one[1].value, []).append(one)
    shared = {value: held for value, held in by_value.items() if _is_shared(held)}
    otherwise = _otherwise(given)
    order = sorted(by_value, key=lambda v: (v not in shared, -len(_outlets(by_value[v])), v))
    rows: list[FigureRow] = []
    told: set[Fraction] = set()
    for value in order:
        others = otherwise.get(value, [])
        if value in shared or (others and value not in told):
            rows.append(FigureRow(value, _said(by_value[value]), _said(others)))
            told |= {f.value for _, f in others}
    return StoryFigures(tuple(rows[:MOST_ROWS]), _lacks(shared, texts, articles, lang))


def _outlets(given: Sequence[_Given]) -> set[str]:
    return {text.source_id for text, _ in given}


def _is_shared(given: Sequence[_Given]) -> bool:
    """Return whether two outlets give a value for the same thing: by the same word, or a value that is no chance."""
    by_word: dict[tuple[str, str], set[str]] = {}
    for text, figure in given:
        by_word.setdefault((text.lang, figure.noun), set()).add(text.source_id)
    return any(len(who) > 1 for who in by_word.values()) or (given[0][1].value > _CHANCE and len(_outlets(given)) > 1)


def _said(given: Sequence[_Given]) -> tuple[Said, ...]:
    """Return what is counted, by value, language and word; what most texts say first, each text once."""
    held: dict[tuple[Fraction, str, str], dict[str, _Given]] = {}
    for text, figure in given:
        held.setdefault((figure.value, text.lang, figure.noun), {}).setdefault(text.article_id, (text, figure))
    found = []
    for (_, lang, _), by_text in held.items():
        some = list(by_text.values())
        found.append(Said(some[0][1].words, lang, tuple((t, f.sentence) for t, f in some)))
    return tuple(sorted(found, key=lambda s: -len(s.texts)))


def _otherwise(given: Sequence[_Given]) -> dict[Fraction, list[_Given]]:
    """Return for a value what texts of other outlets give for the same word, if they have not that value for it too."""
    by_word: dict[tuple[str, str], dict[str, list[_Given]]] = {}
    for text, figure in given:
        if figure.noun not in _OWN:
            by_word.setdefault((text.lang, figure.noun), {}).setdefault(text.article_id, []).append((text, figure))
    found: dict[Fraction, list[_Given]] = {}
    for told in by_word.values():
        for mine in told.values():
            values = {f.value for _, f in mine}
            for theirs in told.values():
                if values.isdisjoint(f.value for _, f in theirs) and mine[0][0].source_id != theirs[0][0].source_id:
                    for value in values:
                        found.setdefault(value, []).extend(g for g in theirs if g not in found.get(value, []))
    return found


def _lacks(
    by_value: Mapping[Fraction, Sequence[_Given]],
    texts: Sequence[StoryText],
    articles: Sequence[StoryArticleRow],
    lang: str,
) -> dict[str, tuple[str, ...]]:
    group = {a.article_id: a.text_group_id for a in articles}
    read = {group.get(t.article_id) for t in texts}
    found: dict[str, tuple[str, ...]] = {}
    for country in {a.country for a in articles}:
        own = [a for a in articles if a.country == country]
        groups = {a.text_group_id for a in own}
        if any(a.kind == "full" and a.text_group_id not in read for a in own):
            continue
        outlets = {a.source_id for a in own}
        lacking = [
            (len(elsewhere), _wording(held, lang))
            for held in by_value.values()
            if not any(group.get(t.article_id) in groups for t, _ in held)
            and len(elsewhere := _outlets(held) - outlets) > 1
        ]
        lacking.sort(key=lambda one: -one[0])
        found[country] = tuple(words for _, words in lacking[:_MOST_LACKING])
    return found


def _wording(given: Sequence[_Given], lang: str) -> str:
    said = _said(given)
    return next((s.words for s in said if s.lang == lang), said[0].words)
