"""How likely two texts report the same event: measures of a pair, and the weights that join them.

A pair is measured by vectors of title and lead, by words, names and numbers weighted by their rarity in the window, and
by the time between the two. Weights are fitted by `tests/eval/_fit_stories.py`; `weights.json` says from what.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from storage.records import Article, ArticleFeatures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MEASURES = (
    "one", "title_cosine", "any_centred", "centred_cosine", "terms", "names", "numbers", "no_shared_name",
)  # fmt: skip
"""The measures of a pair, in the order of the weights."""

_NEIGHBOURS = 40
_FLOOR = 0.30
_RARE = 12
_CENTRE_PRIOR = 60.0
_IDF_PRIOR = 30.0
_OVERLAP_PRIOR = 30.0
"""Added to the squared length of every set of words, names or numbers: two sets whose only member is one common number
("2020") are not alike for that. With it the average precision of numbers alone rises from .08 to .17 on ECB+, that of
names from .71 to .73; anything from 10 to 100 does."""
_BLOCK = 1024
_HAVE = ("title", "lead", "full")
_FULL_SHINGLES = 80
"""Distinct 3-word runs from which a text is an article rather than a summary: words and names are then more and rarer
shared, so the measures mean something else."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is placed as one: an article, or all copies of one text, seen through one of its articles."""

    key: str
    lang: str
    hours: float
    features: ArticleFeatures


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight per measure for each regime: languages (same or cross)
    by what both texts have (full text, lead or title)."""

    regimes: Mapping[str, tuple[float, ...]]
    threshold: float
    per_day: float
    grace_days: float
    origin: str


def load_weights(path: Path | None = None) -> Weights:
    """Read the weights; the built-in ones unless ``path`` names others. Raises ValueError where one is missing."""
    raw = json.loads((path or Path(__file__).with_name("weights.json")).read_text(encoding="utf-8"))
    regimes = {}
    for name, values in raw["regimes"].items():
        if set(values) != set(MEASURES):
            raise ValueError(f"weights of regime {name}: expected {sorted(MEASURES)}, found {sorted(values)}")
        regimes[name] = tuple(float(values[m]) for m in MEASURES)
    return Weights(regimes, float(raw["threshold"]), float(raw["per_day"]), float(raw["grace_days"]), raw["origin"])


@dataclass(frozen=True)
class Background:
    """What is common in a period: against it a word is rare or not, and a vector tells or does not tell events apart.

    ``texts`` is the number of texts; ``terms``, ``names`` and ``numbers`` say how many of them hold each;  ``mean`` is
    what is taken from every joint vector, ``mean_of`` what is taken from those of one language besides (512 each).
    """

    texts: int
    terms: Mapping[str, int]
    names: Mapping[str, int]
    numbers: Mapping[str, int]
    mean: NDArray[np.float64]
    mean_of: Mapping[str, NDArray[np.float64]]

    @cached_property
    def rarities(self) -> tuple[Rarity, Rarity, Rarity]:
        """How rare each term, name and number is."""
        return Rarity(self.terms, self.texts), Rarity(self.names, self.texts), Rarity(self.numbers, self.texts)

    @classmethod
    def of(cls, items: Sequence[Item], joint: Vectors) -> Background:
        """Return the background that ``items`` are to themselves; ``joint`` are their joint vectors (n, 512)."""
        mean, mean_of = common_directions(joint, [i.lang for i in items])
        features = [i.features for i in items]
        return cls(
            len(items),
            Counter(x for f in features for x in set(f.terms)),
            Counter(x for f in features for x in set(f.names)),
            Counter(x for f in features for x in set(f.numbers)),
            mean,
            mean_of,
        )


class Rarity(dict[str, float]):
    """How rare words are: the logarithm of texts per text that holds the word, squared. One not counted is in one."""

    def __init__(self, counts: Mapping[str, int], texts: int) -> None:
        # As if 30 more texts had been seen: in a small window a word of two texts is not yet a common one.
        squared = {n: math.log((texts + _IDF_PRIOR) / (n + 0.5)) ** 2 for n in {1, *counts.values()}}
        super().__init__((word, squared[n]) for word, n in counts.items())
        self._once = squared[1]

    def __missing__(self, word: str) -> float:
        return self._once

    def weight(self, words: Iterable[str]) -> float:
        """Return the sum over ``words``, the same in any order."""
        return math.fsum(map(self.__getitem__, words))


def common_directions(
    joint: Vectors, languages: Sequence[str]
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Return what all joint vectors (n, 512) have in common, and what those of each language have besides.

    Small samples say little, so means are shrunk.
    """
    import numpy as np

    present = joint.any(axis=1)
    langs = np.array(languages, dtype=np.str_)
    counts = {lang: int((present & (langs == lang)).sum()) for lang in sorted(set(languages))}
    sums = {lang: np.zeros(joint.shape[1]) for lang in counts}
    for start in range(0, len(joint), _BLOCK):  # no copy of a whole language's vectors
        part = slice(start, start + _BLOCK)
        for lang in sums:
            sums[lang] += joint[part][langs[part] == lang].sum(axis=0, dtype=np.float64)
    total = sum(counts.values())
    mean = sum(sums.values(), np.zeros(joint.shape[1])) / (total + _CENTRE_PRIOR)
    mean_of = {lang: (sums[lang] - n * mean) / (n + _CENTRE_PRIOR) for lang, n in counts.items()}
    return mean, mean_of


class Window:
    """The items of a time window and the measures of pairs among them. Depends on the set of items, not their order.

    A pair's measures depend on its two items and on the ``background`` alone, so that a part of a window measured
    against the background of the whole has the same likelihoods. Without one the items are their own background.
    """

    def __init__(self, items: Sequence[Item], background: Background | None = None) -> None:
        self.items = sorted(items, key=lambda i: i.key)
        self.background = background or Background.of(self.items, self.joint)
        self._terms = [frozenset(i.features.terms) for i in self.items]
        self._names = [frozenset(i.features.names) for i in self.items]
        self._numbers = [frozenset(i.features.numbers) for i in self.items]
        self._words = tuple(zip((self._terms, self._names, self._numbers), self.background.rarities, strict=True))
        self._norms = [
            [math.sqrt(rarity.weight(words) + _OVERLAP_PRIOR) for words in held] for held, rarity in self._words
        ]

    @cached_property
    def titles(self) -> Vectors:
        """Title vectors (n, 512), zero rows where there is none."""
        return _stack([i.features.title_vector for i in self.items])

    @cached_property
    def leads(self) -> Vectors:
        """Lead vectors (n, 512), zero rows where there is none."""
        return _stack([i.features.lead_vector for i in self.items])

    @cached_property
    def joint(self) -> Vectors:
        """Title and lead together, of length one."""
        return unit(self.titles + self.leads)

    @cached_property
    def centred(self) -> Vectors:
        """The joint vectors less what the window, and each language in it, has in common; of length one.

        In a window with one theme (the Games, one country's crisis) all vectors point the same way; without their mean,
        what tells the events apart weighs more. Texts in one language share a direction too: without it, a Spanish and
        an English report compare nearly as two of one language do.
        """
        return self._centre(self.joint)

    @cached_property
    def centred_titles(self) -> Vectors:
        """Title vectors, centred like the joint ones."""
        return self._centre(self.titles)

    @cached_property
    def centred_leads(self) -> Vectors:
        """Lead vectors, centred like the joint ones."""
        return self._centre(self.leads)

    def _centre(self, vectors: Vectors) -> Vectors:
        import numpy as np

        shifted = vectors - self.background.mean
        for lang, mean in self.background.mean_of.items():
            shifted[[i.lang == lang for i in self.items]] -= mean
        shifted[np.abs(vectors).sum(axis=1) == 0] = 0.0
        return unit(shifted.astype(np.float32))

    def candidates(self) -> NDArray[np.int64]:
        """Return the pairs (m, 2), i < j, sorted, that are worth measuring: near by vector or sharing rare names."""
        import numpy as np

        n = len(self.items)
        codes: set[int] = set()
        for start in range(0, n, _BLOCK):
            rows = self.joint[start : start + _BLOCK]
            near = np.maximum(rows @ self.joint.T, self.centred[start : start + _BLOCK] @ self.centred.T)
            near[np.arange(len(rows)), np.arange(start, start + len(rows))] = -1.0
            take = min(_NEIGHBOURS, n - 1)
            if take <= 0:
                continue
            # Everything as near as the k-th neighbour is taken, so that ties do not depend on the sort.
            kth = np.partition(near, n - take, axis=1)[:, n - take]
            found = np.argwhere(near >= np.maximum(kth, _FLOOR)[:, None])
            low, high = np.minimum(found[:, 0] + start, found[:, 1]), np.maximum(found[:, 0] + start, found[:, 1])
            codes.update((low * n + high).tolist())
        for held in (self._names, self._terms):
            shelves: dict[str, list[int]] = defaultdict(list)
            for i, words in enumerate(held):
                for word in words:
                    shelves[word].append(i)
            shared: Counter[int] = Counter()
            for shelf in shelves.values():
                if 1 < len(shelf) <= _RARE:
                    shared.update(a * n + b for k, a in enumerate(shelf) for b in shelf[k + 1 :])
            codes.update(code for code, count in shared.items() if count >= 2)
        ordered = np.array(sorted(codes), dtype=np.int64)
        return np.stack([ordered // max(n, 1), ordered % max(n, 1)], axis=1)

    def measures(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the measures (m, len(MEASURES)) of pairs (m, 2)."""
        import numpy as np

        i, j = pairs[:, 0], pairs[:, 1]
        title = _largest_dots((self.titles,), i, j)
        centred = _largest_dots((self.centred,), i, j)
        largest = _largest_dots((self.centred_titles, self.centred_leads), i, j)
        words = np.array([self._overlaps(a, b) for a, b in pairs.tolist()], dtype=np.float64).reshape(-1, 4)
        return np.column_stack([np.ones(len(pairs)), title, largest, centred, words])

    def complete(self, groups: Sequence[Sequence[int]], linked: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
        """Return all pairs (m, 2), i < j, sorted, within the ``groups`` of row numbers and between those ``linked``."""
        import numpy as np

        rows = [np.array(group, dtype=np.int64) for group in groups]
        found = [np.zeros((0, 2), dtype=np.int64)]
        for a, b in sorted({*linked, *((g, g) for g in range(len(rows)))}):
            left, right = np.repeat(rows[a], len(rows[b])), np.tile(rows[b], len(rows[a]))
            pairs = np.column_stack([np.minimum(left, right), np.maximum(left, right)])
            found.append(pairs[pairs[:, 0] < pairs[:, 1]])
        return np.unique(np.concatenate(found), axis=0)

    def rarity(self, term: str) -> float:
        """Return how rare a word is: the logarithm of texts per text that holds it."""
        return math.sqrt(self.background.rarities[0][term])

    def number_rarity(self, number: str) -> float:
        """Return how rare a number is, by the same measure."""
        return math.sqrt(self.background.rarities[2][number])

    def regimes(self, pairs: NDArray[np.int64]) -> list[str]:
        """Return the regime of each pair: ``same`` or ``cross`` language, by what both have: full text, lead, title."""
        held = [_has(i.features) for i in self.items]
        langs = [i.lang for i in self.items]
        return [
            f"{'same' if langs[a] == langs[b] else 'cross'}_{_HAVE[min(held[a], held[b])]}" for a, b in pairs.tolist()
        ]

    def _overlaps(self, a: int, b: int) -> tuple[float, float, float, float]:
        found = [
            rarity.weight(held[a] & held[b]) / (norms[a] * norms[b])
            for (held, rarity), norms in zip(self._words, self._norms, strict=True)
        ]
        names = self._names[a] and self._names[b]
        return found[0], found[1], found[2], float(bool(names) and found[1] == 0.0)


def probabilities(window: Window, pairs: NDArray[np.int64], weights: Weights) -> NDArray[np.float64]:
    """Return for each pair (m, 2) the likelihood, 0 to 1, that both report one event."""
    import numpy as np

    if not len(pairs):
        return np.zeros(0)
    measured = window.measures(pairs)
    chosen = np.array([weights.regimes[r] for r in window.regimes(pairs)])
    days = np.array([abs(window.items[a].hours - window.items[b].hours) / 24 for a, b in pairs.tolist()])
    logit = (measured * chosen).sum(axis=1) - weights.per_day * np.maximum(0.0, days - weights.grace_days)
    result: NDArray[np.float64] = 1 / (1 + np.exp(-logit))
    return np.round(result, 6)


def _has(features: ArticleFeatures) -> int:
    """Return how much there is of an article, as an index of _HAVE."""
    if not features.lead_vector:
        return 0
    return 2 if features.shingle_count >= _FULL_SHINGLES else 1


def item_of(article: Article, features: ArticleFeatures) -> Item:
    """Return an article as an item; a date without a time stands for the middle of its day."""
    hours = article.published_at.timestamp() / 3600 + (12 if article.published_precision == "day" else 0)
    return Item(article.article_id, article.lang.split("-")[0], hours, features)


def _stack(vectors: Sequence[Sequence[float]]) -> Vectors:
    import numpy as np

    out = np.zeros((len(vectors), 512), dtype=np.float32)
    for row, vector in enumerate(vectors):
        if vector:
            out[row] = vector
    return unit(out)


def unit(vectors: Vectors) -> Vectors:
    """Return the rows with length one; those that are zero stay so."""
    import numpy as np

    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    found: Vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return found


def _largest_dots(kinds: Sequence[Vectors], i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each pair of rows the largest product of a vector of the one, of any kind, and one of the other."""
    import numpy as np

    out = np.zeros(len(i), dtype=np.float64)
    for start in range(0, len(i), _BLOCK):  # a few megabytes at a time stay where the processor has them
        part = slice(start, start + _BLOCK)
        left, right = [v[i[part]] for v in kinds], [v[j[part]] for v in kinds]
        out[part] = np.max([np.einsum("ij,ij->i", a, b) for a in left for b in right], axis=0)
    return out
