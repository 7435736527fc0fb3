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

from pipeline.terms import fold

_WORD = re.compile(r"[^\W_]+")
_RATIO = 0.92  # English characters for a Spanish one
_VARIANCE = 8.6  # per character; Gale and Church have 6.8 for parliament's debates
_BEADS = {(1, 1): 0.0, (1, 0): 1.0, (0, 1): 1.0, (2, 1): 2.3, (1, 2): 2.3, (2, 2): 4.0, (3, 1): 3.9, (1, 3): 3.9}
"""Shapes of pairs and their cost (minus the logarithm of how rare they are beside one to one)."""
_MATCHED, _UNMATCHED = 1.6, 0.6
_FIRM_MATCHED, _FIRM_UNMATCHED = 4.0, 2.0  # figures and names
"""What a word that has, or has not, its like on the other side says, as a logarithm of a likelihood ratio."""
_STEM = 5
_GAIN_CAP = 8.0


@dataclass(frozen=True, slots=True)
class Parity:
    """Logarithm of the odds that the translation lacks a sentence (``dropped``), and that it has one too many
    (``added``), where half of all texts are so."""

    dropped: float
    added: float


_OPENERS = (
    "El La Los Las Un Una En Según Por Para Con Se Lo No Es Este Esta Estos Estas Desde Tras Ayer Hoy Su Sus Al"
    " Ya Cuando Como Aunque Si Pero Y Sin Entre Durante Después Además También Todo Todos Muchos Más Hay Así"
    " Entonces Sobre Ese Esa Uno Dos Tres Era Fue Son Las A De Que The A An In On According For With It He She"
    " They This These Those We But And If When While After Before As At By There One Two Three Many More Most Some"
    " All Its His Her Their Our No Not So To From What Under During Since"
)
_GLUED = re.compile(
    rf"(?<=[\w%\"”’)»]) +(?=[\"“«'(]?(?:{'|'.join(sorted(set(_OPENERS.split())))}) [\"“«']?[a-záéíóúñ0-9])"
)


def units(sentences: Sequence[str]) -> list[str]:
    """Return sentences, cut once more where a headline without a stop is glued to what follows it."""
    return [part for sentence in sentences for part in _GLUED.split(sentence) if part]


def parity(source: Sequence[str], translation: Sequence[str], lang: str = "es") -> Parity:
    """Pair two lists of sentences."""
    source, translation = units(source), units(translation)
    if not source or not translation:
        return Parity(math.inf if source else 0.0, math.inf if translation else 0.0)
    table = _Costs(source, translation, lang)
    whole = _best(table, [s for s in _BEADS if s[0] and s[1]])
    free = (
        _best(table, [s for s in _BEADS if s[0] and (s[1] or len(source) > 1)]),
        _best(table, [s for s in _BEADS if s[1] and (s[0] or len(translation) > 1)]),
    )
    gain, other = (min(whole - cost, _GAIN_CAP) if math.isfinite(cost) else 0.0 for cost in free)
    short = -_deviation(sum(map(len, source)), sum(map(len, translation)), 6.8)
    fewer = len(source) - len(translation)
    return Parity(_log_odds(gain, other, short, fewer), _log_odds(other, gain, -short, -fewer))


def _log_odds(gain: float, other: float, short: float, fewer: int) -> float:
    """Weigh the gain by the length and the number of sentences; logistic regression on newstest 2009 and 2010."""
    return 1.05 * gain + 0.36 * other + 1.14 * short + 0.45 * fewer - 2.6


class _Costs:
    def __init__(self, source: Sequence[str], translation: Sequence[str], lang: str) -> None:
        self.source = [(len(s), anchors(s, lang)) for s in source]
        self.translation = [(len(t), anchors(t, "en")) for t in translation]

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


def _deviation(source: int, translation: int, variance: float) -> float:
    """Return how many standard deviations a translation is longer than expected."""
    mean = (source + translation / _RATIO) / 2
    return (translation - source * _RATIO) / math.sqrt(max(1.0, mean) * variance)


def _length_cost(source: int, translation: int) -> float:
    tail = math.erfc(abs(_deviation(source, translation, _VARIANCE)) / math.sqrt(2))
    return min(12.0, -math.log(max(tail, 1e-9)))


def _word_cost(source: Sequence[Anchor], translation: Sequence[Anchor]) -> float:
    """Return minus the log likelihood ratio of the words' matches: of sentences that belong together, over any two."""
    left: dict[str, list[bool]] = {}
    for word, firm in translation:
        left.setdefault(word, []).append(firm)
    cost = 0.0
    for word, firm in source:
        there = left.get(word)
        if there:
            cost -= _FIRM_MATCHED if there.pop() or firm else _MATCHED
        else:
            cost += (_FIRM_UNMATCHED if firm else _UNMATCHED) / 2
    return cost + sum((_FIRM_UNMATCHED if firm else _UNMATCHED) / 2 for firms in left.values() for firm in firms)


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


Anchor = tuple[str, bool]


@lru_cache(maxsize=8192)
def anchors(text: str, lang: str) -> tuple[Anchor, ...]:
    """Return what can be recognised in the other language, and whether it is firm: a figure or, it seems, a name."""
    found = []
    meanings = _dictionary(lang)
    words = _WORD.findall(text)
    headline = sum(w[0].isupper() for w in words) > 0.5 * len(words)
    for at, original in enumerate(words):
        word = fold(original)
        if word in _STOP:
            continue
        if word in meanings:
            found.append((meanings[word], False))
        elif word.isdigit():
            found.append((word, len(word) > 1))
        elif len(word) >= 4:
            found.append((_stem(word), at > 0 and original[0].isupper() and not headline))
    return tuple(found)


_SPELLINGS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"ph", "f"), (r"th", "t"), (r"(.)\1", r"\1"), (r"qu", "c"), (r"k", "c"), (r"ch", "c"), (r"y", "i"),
        (r"^es(?=[ptc])", "s"), (r"^ex", "es"), (r"^s(?=[ptc])", "s"), (r"tion", "cion"), (r"gn", "n"), (r"sc", "c"),
        (r"h", ""), (r"z", "s"), (r"x", "j"), (r"w", "v"), (r"im(?=m)", "in"),
    )
)  # fmt: skip
"""Spellings of one sound in both languages: philosophy and filosofía, quality and calidad, special and especial."""


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    for pattern, to in _SPELLINGS:
        word = pattern.sub(to, word)
    return word[:_STEM]


_STOP = frozenset(
    "que para con como esta este esto estas estos esos esas ese esa eso sobre desde hasta entre pero sino sido"
    " son fue fueron era eran ser estar estan estaba estaban han habia habian hay haber hace hacer tiene tienen"
    " ella ellos ello ellas cual cuales unos unas algunos algunas alguna algun algo tanto tal asi muy mas ya"
    " tambien solo sera seran seria tras puede pueden debe deben hacia ante embargo nuestro nuestra nuestros"
    " nuestras cuyo cuya pues aquel aquellos mismo with that this from have has had been were was are they their"
    " them there these those which will would what when where who whom into than then such some also very more"
    " most only just about over upon your ours its being does did doing could should might shall must make made"
    " like even still while because however".split()
)
"""Words that stand in nearly every sentence and tell nothing about which belong together."""


@cache
def _dictionary(lang: str) -> dict[str, str]:
    """Return the meaning (its first English word) of frequent words; English words map to it as well."""
    table = tomllib.loads(files("pipeline.data").joinpath("frequent_words.toml").read_text(encoding="utf-8"))
    pairs = [(es.split(), en.split()) for es, en in table["es"].items()]
    if lang == "en":
        return {word: f"={en[0]}" for _, en in pairs for word in en}
    return {fold(word): f"={en[0]}" for es, en in pairs for word in es} if lang == "es" else {}
