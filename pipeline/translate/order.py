"""Numbers that changed places: "41 presos y 5 españoles" is not "5 prisoners and 41 Spaniards".

Clauses may trade places in a translation, and each number then takes along what stands behind it. So two numbers that
come in another order are looked at with their company: words that are alike in both languages, or in the small
dictionary of `pipeline.translate.align`. Where more of it stands with the other number, they were exchanged.

What a number says beside its amount, a day or percent or another unit, it loses to the other number when they are
exchanged. Two that are of other kinds, and each still of its own in the translation, did not change places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from pipeline.terms import fold
from pipeline.translate.align import anchors
from pipeline.translate.kinds import is_calendar, unit_beside
from pipeline.translate.numbers import Mention, numbers_in

_REACH = 32  # characters behind a number that count as its company
_PLACE = re.compile(r"(?:st|nd|rd|th|[.]?[ºª°])(?!\w)")
_LAST_DAY = 31
_BEFORE = re.compile(r"([^\W\d_]+)[.]?(?: the)? $")
_BEHIND = re.compile(r",?(?: de| of)? ([^\W\d_]+)")
_OF_A_DAY = frozenset({"el", "del", "al", "dia", "day"})
"""What stands before a day of the month: el 24 murieron seis; before a count it would be in the plural."""

Kind = frozenset[str]


def exchanged_numbers(source: str, translation: str, lang: str = "es", target: str = "en") -> bool:
    """Return whether two numbers of the sentence stand in each other's place."""
    pairs = _pairs(numbers_in(source, lang), numbers_in(translation, target))
    here, there = [s for s, _ in pairs], [t for _, t in pairs]
    own = others = 0
    for (one, its), (two, theirs) in combinations(pairs, 2):
        if its.start < theirs.start:
            continue
        kinds = _kind(source, one, lang), _kind(source, two, lang)
        kept = _kind(translation, its, target), _kind(translation, theirs, target)
        if not _alike(*kinds) and all(map(_alike, kinds, kept)):
            continue
        a, b = _company(source, one, here, lang), _company(source, two, here, lang)
        c, d = _company(translation, its, there, target), _company(translation, theirs, there, target)
        a, b, c, d = a - b, b - a, c - d, d - c
        own += len(a & c) + len(b & d)
        others += len(a & d) + len(b & c)
    return others > own


def _pairs(there: Sequence[Mention], here: Sequence[Mention]) -> list[tuple[Mention, Mention]]:
    """Return the numbers that can be paired in one way only."""
    there, here = [m for m in there if m.needed], [m for m in here if m.needed]
    found = []
    for mention in there:
        like = [m for m in here if m.values & mention.values]
        if len(like) == 1 and sum(bool(m.values & like[0].values) for m in there) == 1:
            found.append((mention, like[0]))
    return found


def _kind(text: str, number: Mention, lang: str) -> Kind:
    """Return what a number says beside its amount: "day", or the units it may be in; nothing where it counts things."""
    units = [meanings for _, meanings in unit_beside(text, number.start, number.end, lang)]
    if units:
        return frozenset().union(*units)
    written = text[number.start : number.end]
    if not written.isdigit() or int(written) > _LAST_DAY:
        return frozenset()
    before, behind = _BEFORE.search(text, 0, number.start), _BEHIND.match(text, number.end)
    dated = any(m is not None and is_calendar(m[1], lang) for m in (before, behind))
    of_a_day = before is not None and fold(before[1]) in _OF_A_DAY
    return frozenset({"day"}) if dated or of_a_day or _PLACE.match(text, number.end) else frozenset()


def _alike(kind: Kind, other: Kind) -> bool:
    return bool(kind & other) or not (kind or other)


def _company(text: str, number: Mention, numbers: Sequence[Mention], lang: str) -> set[str]:
    """Return what can be recognised behind a number, as far as the next one."""
    end = min([m.start for m in numbers if m.start >= number.end] + [number.end + _REACH, len(text)])
    after = text[number.end : end]
    if end < len(text) and text[end].isalnum():
        after = after.rpartition(" ")[0]  # a word that is cut in two is no word
    return {word if word[0] == "=" else word[:4] for word, _ in anchors(after, lang)}
