"""What the figures of a story's texts come to: which outlets give which, and which give another for the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.figures import Figure, figures_of, stem
from pipeline.web.rows import StoryArticleRow, StoryText

MOST_ROWS = 12
_MOST_LACKING = 8
_TABLE = 10
"""More values of one word than this in one text are a table (votes by state), not a claim to set beside others'."""
_MOST_GIVEN = 1200
"""So many figures of a story are compared, the first of each text: what every pair of them costs has an end."""
_CHANCE = 1000
"""Above this a number that is not round is no chance, whatever the word beside it."""
_ROMANCE = frozenset({"es", "ca", "gl", "pt"})

# What texts count of their own: no two of them need to agree.
_OWN = frozenset(
    stem(word)
    for word in "% ano any year mes month semana setmana week dia day hora hour minuto minut minute vez veces time"
    " person persona people gent".split()
)
# Words for the same count in all languages, by how they begin: tolls that texts give anew as time goes by.
_ALIKE = {
    "freed": ("excarcel", "liberad", "liberaci", "salid", "allibera", "releas", "freed"),
    "dead": ("muert", "fallecid", "mort", "dead", "death", "killed"),
    "injured": ("herid", "lesionad", "ferit", "injur", "wounded"),
}
_PEOPLE = frozenset(stem(word) for word in "persona people person gent prisoner preso ciudadano citizen".split())


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


@dataclass(frozen=True, slots=True)
class _Given:
    """A figure in its text; ``keys`` are what it counts, in words that other texts may have too."""

    text: StoryText
    figure: Figure
    keys: frozenset[tuple[str, str]]


def story_figures(texts: Sequence[StoryText], articles: Sequence[StoryArticleRow], lang: str) -> StoryFigures:
    """Return the figures of ``texts``, one for each voice; ``lang`` says which wording goes before others.

    A row needs two outlets that give a value for the same thing, or that give other values for one word. A country
    lacks what at least two outlets elsewhere give; nothing is said to be lacking where one of its texts was not read.
    """
    most = max(_TABLE, _MOST_GIVEN // max(len(texts), 1))
    given = [one for t in texts[: _MOST_GIVEN // _TABLE] for one in _of_text(t, most)]
    by_value: dict[tuple[Fraction, bool], list[_Given]] = {}
    for one in given:
        by_value.setdefault((one.figure.value, one.figure.partial), []).append(one)
    things = [thing for held in by_value.values() for thing in _things(held)]
    shared = [thing for thing in things if len(_outlets(thing)) > 1]
    otherwise = _otherwise(given)
    rows: list[FigureRow] = []
    told: set[_Given] = set()
    for held in sorted(things, key=lambda h: (len(_outlets(h)) < 2, -len(_outlets(h)), h[0].figure.value)):
        others = [*dict.fromkeys(other for one in held for other in otherwise.get(one, ()))]
        if len(_outlets(held)) > 1 or (others and told.isdisjoint(held)):
            others.sort(key=lambda g: g.text.published_at)
            rows.append(FigureRow(held[0].figure.value, _said(held), _said(others)))
            told.update(others)
    return StoryFigures(tuple(rows[:MOST_ROWS]), _lacks(shared, texts, articles, lang))


def _figures(text: StoryText) -> tuple[Figure, ...]:
    return figures_of(f"{text.title}\n{text.text}", text.lang)


def _of_text(text: StoryText, most: int) -> list[_Given]:
    """Return the first figures of a text, tables left out; what each counts is also asked of its English, figure by
    figure of one value."""
    own = _figures(text)
    values = Counter(f.noun for f in own)
    own = tuple(f for f in own if values[f.noun] <= _TABLE)[:most]
    english = (
        () if text.lang == "en" or not text.text_en else figures_of(f"{text.title_en or ''}\n{text.text_en}", "en")
    )
    given = []
    for figure in own:
        mine = [f for f in own if f.value == figure.value]
        theirs = [f for f in english if f.value == figure.value]
        if len(mine) == len(theirs):
            theirs = [theirs[mine.index(figure)]]
        keys = {*_keys(figure, text.lang)}.union(*(_keys(f, "en") for f in theirs))
        given.append(_Given(text, figure, frozenset(keys)))
    return given


def _keys(figure: Figure, lang: str) -> set[tuple[str, str]]:
    """Return what a figure counts, as (language, stem): in English and of people the second word too, "Spanish" say."""
    if figure.noun in ("%", "magnitud"):
        return {("", figure.noun)}
    space = "romance" if lang in _ROMANCE else lang
    stems = {figure.noun, figure.qualifier} if lang == "en" or figure.noun in _PEOPLE else {figure.noun}
    kind = _kind(figure)
    return {(space, s) for s in stems if s} | ({("", kind)} if kind else set())


def _kind(figure: Figure) -> str | None:
    """Return the toll of `_ALIKE` that a figure is part of; of "once personas heridas" the second word says it."""
    word = figure.qualifier if figure.noun in _PEOPLE and figure.qualifier else figure.noun
    return next((kind for kind, begins in _ALIKE.items() if word.startswith(begins)), None)


def _outlets(given: Iterable[_Given]) -> set[str]:
    return {g.text.source_id for g in given}


def _things(given: Sequence[_Given]) -> list[list[_Given]]:
    """Return the figures of one value by what they count: forty minutes and forty houses are two things.

    All that at least two outlets give stands together, before what only one does.
    """
    value = given[0].figure.value
    by_chance = value <= _CHANCE or value.denominator > 1 or value % 100 == 0
    things: list[list[_Given]] = []
    for one in given:
        met = [t for t in things if not by_chance or any(g.keys & one.keys for g in t)]
        things = [*(t for t in things if t not in met), [*(g for t in met for g in t), one]]
    shared = [g for t in things if len(_outlets(t)) > 1 for g in t]
    alone = [t for t in things if len(_outlets(t)) == 1]
    return [shared, *alone] if shared else alone


def _said(given: Sequence[_Given]) -> tuple[Said, ...]:
    """Return what is counted, by value, language and word; what most texts say first, each text once."""
    held: dict[tuple[Fraction, str, str], dict[str, _Given]] = {}
    for g in given:
        held.setdefault((g.figure.value, g.text.lang, g.figure.noun), {}).setdefault(g.text.article_id, g)
    found = []
    for (_, lang, _), by_text in held.items():
        some = list(by_text.values())
        found.append(Said(some[0].figure.words, lang, tuple((g.text, g.figure.sentence) for g in some)))
    return tuple(sorted(found, key=lambda s: -len(s.texts)))


def _word(given: _Given) -> tuple[str, str]:
    """Return under which word a figure is compared with others: a toll's in any language, else in its own."""
    kind = _kind(given.figure)
    return ("", kind) if kind else (given.text.lang, given.figure.noun)


def _otherwise(given: Sequence[_Given]) -> dict[_Given, list[_Given]]:
    """Return for a figure the other values that other outlets' texts have for the same word, if not its own for it too.

    Where both have a second word it must be the same: political prisoners are not compared with common ones. A count of
    the rest ("otros cuatro") is compared with nothing.
    """
    by_word: dict[tuple[str, str], dict[str, list[_Given]]] = {}
    for g in given:
        if not g.figure.partial and (g.figure.noun not in _OWN or _kind(g.figure)):
            by_word.setdefault(_word(g), {}).setdefault(g.text.article_id, []).append(g)
    found: dict[_Given, list[_Given]] = {}
    for told in by_word.values():
        for mine in told.values():
            values = {g.figure.value for g in mine}
            for theirs in told.values():
                if mine[0].text.source_id == theirs[0].text.source_id:
                    continue
                if not values.isdisjoint(g.figure.value for g in theirs):
                    continue
                for one in mine:
                    fitting = [o for o in theirs if _comparable(one.figure, o.figure)]
                    if fitting:
                        found.setdefault(one, []).extend(fitting)
    return found


def _comparable(one: Figure, other: Figure) -> bool:
    if _kind(one):
        return True
    return not one.qualifier or not other.qualifier or one.qualifier == other.qualifier


def _lacks(
    shared: Sequence[Sequence[_Given]],
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
        # the number alone is enough to have it: a word for it may be one that this page does not know as the same
        has = {f.value for t in texts if group.get(t.article_id) in groups for f in _figures(t)}
        lacking = [
            (len(elsewhere), _wording(held, lang))
            for held in shared
            if held[0].figure.value not in has and len(elsewhere := _outlets(held) - outlets) > 1
        ]
        lacking.sort(key=lambda one: -one[0])
        found[country] = tuple(words for _, words in lacking[:_MOST_LACKING])
    return found


def _wording(given: Sequence[_Given], lang: str) -> str:
    said = _said(given)
    return next((s.words for s in said if s.lang == lang), said[0].words)
