"""Words of closed classes that a translation exchanged for another of their class: March for May, euros for dollars.

A number that is right can still mislead: another month, currency or unit beside it, another place in order, a fall
where there was a rise. People leave such words out, add them and put them otherwise all the time, so neither a lack nor
an addition says anything. What they hardly ever do is both at once within one class, and that is what is looked for.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files

from pipeline.terms import fold
from pipeline.translate.number_reader import LANGUAGES, Value, number_words
from pipeline.translate.numbers import numbers_in

_TOKEN = re.compile(r"[^\W\d_]+|[%€$£¥]")
_BESIDE = re.compile(r"\s?(%)|(?:[\s-]+(?:de|of))?[\s-]+([^\W\d_]+|€)(?:[\s-]+([^\W\d_]+))?|()")
_SIGN = re.compile(r"([€$£¥]|\b(?:Bs|USD|EUR)\b)[.\s]?$")
_PERCENT = re.compile(r"\s(?:por|per|pel|polo) ?(?:ciento|cent|cento|cien)\b", re.IGNORECASE)
_MEASURES = ("currency", "time", "length", "weight", "volume", "area", "power", "share")
_CALENDAR = frozenset({"month", "weekday"})
_LAST_ORDINAL = 12
_SHOUT = 0.7  # share of words in capitals from which capitals tell nothing

Meanings = frozenset[str]


def exchanged(source: str, translation: str, lang: str = "es", target: str = "en") -> tuple[str, ...]:
    """Return the checks of `gate.CHECKS` that fail: of ``date``, ``ordinal``, ``unit``, ``direction``."""
    if lang not in LANGUAGES or target not in LANGUAGES:
        return ()
    there, here = _said(source, lang), _said(translation, target)
    found = []
    if any(_swapped(there.get(kind, ()), here.get(kind, ())) for kind in ("month", "weekday")):
        found.append("date")
    if _other_place(there.get("ordinal", ()), here.get("ordinal", ()), source, translation, lang, target):
        found.append("ordinal")
    if _other(there.get("currency", ()), here.get("currency", ())) or _other_unit(source, translation, lang, target):
        found.append("unit")
    if _turned(there, here):
        found.append("direction")
    return tuple(found)


def _swapped(there: Iterable[Meanings], here: Iterable[Meanings]) -> bool:
    """Return whether each side has one more often than the other side has it."""
    one, other = Counter(there), Counter(here)
    return bool(one - other) and bool(other - one)


def _other(there: Iterable[Meanings], here: Iterable[Meanings]) -> bool:
    """Return whether each side has one that the other lacks altogether, however often."""
    one, other = list(there), list(here)
    return any(not any(m & o for o in other) for m in one) and any(not any(m & o for o in one) for m in other)


def _other_place(
    there: Iterable[Meanings], here: Iterable[Meanings], source: str, translation: str, lang: str, target: str
) -> bool:
    """As `_other`, where a number may answer for a place: el tercero, the 3rd."""
    counts, counted = _values(source, lang), _values(translation, target)
    return _other(
        (m for m in there if not any(Fraction(v) in counted for v in m)),
        (m for m in here if not any(Fraction(v) in counts for v in m)),
    )


def _values(text: str, lang: str) -> set[Value]:
    """Return the numbers of a text that are surely numbers: "una" and "only" are no first place, II is a second."""
    sure = (m for m in numbers_in(text, lang) if m.needed or text[m.start : m.end].isupper())
    return {v for m in sure for v in m.values}


def _turned(there: Mapping[str, list[Meanings]], here: Mapping[str, list[Meanings]]) -> bool:
    """As `_swapped`, where words that say more than one thing may answer for what is gone."""
    one, other = Counter(there.get("direction", ())), Counter(here.get("direction", ()))
    gone = set(one - other) - set(here.get("maybe", ()))
    return bool(gone) and bool(other - one)


@lru_cache(maxsize=4096)
def _said(text: str, lang: str) -> dict[str, list[Meanings]]:
    """Return what a text says of each class, in order. A form may have several meanings ($: dollars or pesos)."""
    table, found = _table(lang), dict[str, list[Meanings]]()
    tokens = [m[0] for m in _TOKEN.finditer(text)]
    shouts = sum(t.isupper() for t in tokens) > _SHOUT * len(tokens)
    for at, token in enumerate(tokens):
        for kind, meanings in (table.get(token.lower()) or table.get(fold(token)) or {}).items():
            if kind not in _CALENDAR or shouts or (at == 0 and lang != "en") or _dates(token, lang):
                found.setdefault(kind, []).append(meanings)
    return found


def is_calendar(word: str, lang: str) -> bool:
    """Return whether a word inside a sentence is a month or a day of the week."""
    return _dates(word, lang) and not _CALENDAR.isdisjoint(_table(lang).get(fold(word), ()))


def _dates(word: str, lang: str) -> bool:
    """Julio Borges and Santo Domingo are no dates; in English dates have capitals, and "may" is none."""
    return word[0].isupper() if lang == "en" else word[0].islower()


def _other_unit(source: str, translation: str, lang: str, target: str) -> bool:
    """Return whether one number of both texts counts another unit here than there: 3 days and 3 weeks."""
    there, here = _units(source, lang), _units(translation, target)
    for value, units in there.items():
        others = here.get(value, [])
        if len(units) != len(others):
            continue  # it stands for more than one thing
        for kind in _MEASURES:
            one, other = [u[kind] for u in units if kind in u], [u[kind] for u in others if kind in u]
            if len(one) == len(other) == len(units) and _other(one, other):
                return True
    return False


@lru_cache(maxsize=4096)
def _units(text: str, lang: str) -> dict[Value, list[dict[str, Meanings]]]:
    found: dict[Value, list[dict[str, Meanings]]] = {}
    for mention in numbers_in(text, lang):
        units = dict(unit_beside(text, mention.start, mention.end, lang))
        for value in mention.values:
            found.setdefault(value, []).append(units)
    return found


def unit_beside(text: str, start: int, end: int, lang: str) -> Iterator[tuple[str, Meanings]]:
    """Yield the unit that stands at a number; the second word behind it counts where the first is none."""
    table = _table(lang)
    sign = _SIGN.search(text, max(0, start - 5), start)
    if sign is not None:
        yield from table.get(sign[1].lower(), {}).items()
        return
    if _PERCENT.match(text, end):
        yield "share", frozenset({"percent"})
        return
    after = _BESIDE.match(text, end)
    for word in after.groups() if after is not None else ():
        units = [(k, m) for k, m in table.get(fold(word or ""), {}).items() if k in _MEASURES]
        if units:
            yield from units
            return


@cache
def _table(lang: str) -> dict[str, dict[str, Meanings]]:
    """Return the classes and meanings of each form."""
    data = tomllib.loads(files("pipeline.data").joinpath("kinds.toml").read_text(encoding="utf-8"))
    words = number_words(lang)
    pairs = [(form, "month", str(month)) for form, month in words.months.items()]
    pairs += [(form, "ordinal", str(n)) for form, n in words.ordinals.items() if n <= _LAST_ORDINAL]
    for kind, meanings in data.items():
        for meaning, forms in meanings.items():
            pairs += [(form, kind, meaning) for form in forms.get(lang, "").split()]
            pairs += [(form, "maybe", meaning) for form in forms.get("maybe", "").split() if lang == "en"]
    found: dict[str, dict[str, Meanings]] = {}
    for form, kind, meaning in pairs:
        of = found.setdefault(form, {})
        of[kind] = of.get(kind, frozenset()) | {meaning}
    return found
