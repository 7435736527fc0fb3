"""Numbers that changed places: "41 presos y 5 españoles" is not "5 prisoners and 41 Spaniards".

Clauses may trade places in a translation, and each number then takes along what stands behind it. So two numbers that
come in another order are looked at with their company: words that are alike in both languages, or in the small
dictionary of `pipeline.translate.align`. Where more of it stands with the other number, they were exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from pipeline.translate.align import anchors
from pipeline.translate.numbers import Mention, numbers_in

_REACH = 32  # characters behind a number that count as its company


def exchanged_numbers(source: str, translation: str, lang: str = "es", target: str = "en") -> bool:
    """Return whether two numbers of the sentence stand in each other's place."""
    pairs = _pairs(numbers_in(source, lang), numbers_in(translation, target))
    here, there = [s for s, _ in pairs], [t for _, t in pairs]
    own = others = 0
    for (one, its), (two, theirs) in combinations(pairs, 2):
        if its.start < theirs.start:
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


def _company(text: str, number: Mention, numbers: Sequence[Mention], lang: str) -> set[str]:
    """Return what can be recognised behind a number, as far as the next one."""
    end = min([m.start for m in numbers if m.start >= number.end] + [number.end + _REACH, len(text)])
    after = text[number.end : end]
    if end < len(text) and text[end].isalnum():
        after = after.rpartition(" ")[0]  # a word that is cut in two is no word
    return {word if word[0] == "=" else word[:4] for word, _ in anchors(after, lang)}
