"""Which sentences of a text and of its translation belong together, to find one that was dropped or made up.

The method is Gale and Church's (1993): a translation's length goes with the original's, and the cheapest way to pair
the sentences one to one, two to one or one to none is found by dynamic programming. Words that look alike in both
languages (names, figures, "presidente" and "president") and a small dictionary of frequent words add evidence, as in
Simard, Foster and Isabelle (1992): without them a short sentence could be dropped beside a long one unseen.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from pipeline.translate.numbers import fold

_WORD = re.compile(r"[^\W_]+")
_RATIO = 0.92  # English characters for a Spanish one
_VARIANCE = 6.8  # Gale and Church's, per character
_BEADS = {(1, 1): 0.0, (1, 0): 4.5, (0, 1): 4.5, (2, 1): 2.3, (1, 2): 2.3, (2, 2): 4.4, (3, 1): 4.5, (1, 3): 4.5}
"""Shapes of pairs and their cost (minus the logarithm of how rare they are beside one to one)."""
_LIKE_WEIGHT = 1.1
_UNLIKE_WEIGHT = 0.55
_STEM = 5


@dataclass(frozen=True, slots=True)
class Parity:
    """By how much the texts pair up better when a sentence of the source may stay without a partner (``dropped``), and
    when one of the translation may (``added``); 0 when that does not help. Natural logarithms of likelihood ratios."""

    dropped: float
    added: float


def parity(source: Sequence[str], translation: Sequence[str], lang: str = "es") -> Parity:
    """Pair two lists of sentences."""
    if not source or not translation:
        return Parity(math.inf if source else 0.0, math.inf if translation else 0.0)
    table = _Costs(source, translation, lang)
    whole = _best(table, [s for s in _BEADS if s[0] and s[1]])
    return Parity(
        dropped=whole - _best(table, [s for s in _BEADS if s[0] and (s[1] or len(source) > 1)]),
        added=whole - _best(table, [s for s in _BEADS if s[1] and (s[0] or len(translation) > 1)]),
    )


class _Costs:
    def __init__(self, source: Sequence[str], translation: Sequence[str], lang: str) -> None:
        self.source = [(len(s), _anchors(s, lang)) for s in source]
        self.translation = [(len(t), _anchors(t, "en")) for t in translation]

        self._known: dict[tuple[int, int, tuple[int, int]], float] = {}

    def bead(self, i: int, j: int, shape: tuple[int, int]) -> float:
        """Return the cost of pairing ``shape`` sentences that end before i and j."""
        if (i, j, shape) not in self._known:
            self._known[i, j, shape] = self._cost(i, j, shape)
        return self._known[i, j, shape]

    def _cost(self, i: int, j: int, shape: tuple[int, int]) -> float:
        di, dj = shape
        there, here = self.source[i - di : i], self.translation[j - dj : j]
        cost = _BEADS[shape]
        if not di or not dj:
            return cost
        length = sum(n for n, _ in there)
        cost += _length_cost(length, sum(n for n, _ in here))
        return cost + _word_cost([a for _, w in there for a in w], [a for _, w in here for a in w])


def _length_cost(source: int, translation: int) -> float:
    mean = (source + translation / _RATIO) / 2
    delta = (translation - source * _RATIO) / math.sqrt(max(1.0, mean) * _VARIANCE)
    tail = math.erfc(abs(delta) / math.sqrt(2))
    return min(12.0, -math.log(max(tail, 1e-9)))


def _word_cost(source: Sequence[str], translation: Sequence[str]) -> float:
    """Return a cost below zero where words of both sides match, above where most have no match."""
    if not source or not translation:
        return 0.0
    left = list(translation)
    matched = 0
    for word in source:
        if word in left:
            left.remove(word)
            matched += 1
    smaller = min(len(source), len(translation))
    return _UNLIKE_WEIGHT * (smaller - matched) / math.sqrt(smaller) - _LIKE_WEIGHT * matched / math.sqrt(smaller)


def _best(costs: _Costs, shapes: Sequence[tuple[int, int]]) -> float:
    """Return the cost of the cheapest pairing with these shapes; infinite where there is none."""
    n, m = len(costs.source), len(costs.translation)
    best = {(0, 0): 0.0}
    for i in range(n + 1):
        for j in range(m + 1):
            for shape in shapes:
                before = best.get((i - shape[0], j - shape[1]))
                if before is not None:
                    cost = before + costs.bead(i, j, shape)
                    best[i, j] = min(cost, best.get((i, j), math.inf))
    return best.get((n, m), math.inf)


@lru_cache(maxsize=8192)
def _anchors(text: str, lang: str) -> tuple[str, ...]:
    """Return what can be recognised in the other language: stems of longer words, figures, words of the dictionary."""
    found = []
    meanings = _dictionary(lang)
    for match in _WORD.finditer(text):
        word = fold(match[0])
        if word in meanings:
            found.append(meanings[word])
        elif word.isdigit():
            found.append(word)
        elif len(word) >= 4:
            found.append(_stem(word))
    return tuple(found)


_SPELLINGS = [(re.compile(a), b) for a, b in (
    (r"ph", "f"), (r"th", "t"), (r"(.)\1", r"\1"), (r"qu", "c"), (r"k", "c"), (r"ch", "c"), (r"y", "i"), (r"^es(?=[ptc])", "s"),
    (r"^ex", "es"), (r"^s(?=[ptc])", "s"), (r"tion", "cion"), (r"gn", "n"), (r"sc", "c"), (r"h", ""), (r"z", "s"), (r"x", "j"), (r"w", "v"), (r"im(?=m)", "in"),
)]  # fmt: skip


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    for pattern, to in _SPELLINGS:
        word = pattern.sub(to, word)
    return word[:_STEM]


@cache
def _dictionary(lang: str) -> dict[str, str]:
    """Return the meaning (its first English word) of frequent words; English words map to it as well."""
    table = tomllib.loads(files("pipeline.data").joinpath("frequent_words.toml").read_text(encoding="utf-8"))
    pairs = [(es.split(), en.split()) for es, en in table["es"].items()]
    if lang == "en":
        return {word: f"={en[0]}" for _, en in pairs for word in en}
    return {fold(word): f"={en[0]}" for es, en in pairs for word in es} if lang == "es" else {}
