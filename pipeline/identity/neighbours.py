"""Which articles of a large window a new one may have to do with: near by vector, or sharing rare words and names.

A window of sixty thousand articles is not grouped anew for each batch. Its vectors are compared with those of the new
articles alone, in blocks of one matrix product, and what is near is then weighed as everywhere (`grouping`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from pipeline.identity.embed import DIMENSIONS
from pipeline.identity.likeness import (
    Background,
    Item,
    Weights,
    Window,
    common_directions,
    probabilities,
    unit,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.int16]]
    """Numbers of rows, and the vectors (n, 512) of their titles and leads, in steps; zeros where there is none."""

_MOST = 8
_FLOOR = 0.35
"""An article is weighed against the _MOST nearest by title and lead together, from this cosine on, and against those
that share rare words with it: enough to bring up a member of the stories it may be part of."""
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Period:
    """The articles of a window as numbers, in the order of their ids.

    ``at`` are hours since 1970 (noon for a date without a time), ``joint`` (n, 512) title and lead together, of length
    one or zero.
    """

    ids: tuple[str, ...]
    at: NDArray[np.float64]
    langs: tuple[str, ...]
    joint: NDArray[np.float32]

    @classmethod
    def of(
        cls, ids: Sequence[str], at: NDArray[np.float64], langs: Sequence[str], vectors: Iterable[Vectors]
    ) -> Period:
        """Return the period of articles in the order of their ``ids``; ``vectors`` bring those of some rows at a time,
        so that the vectors as stored never stand in memory all together."""
        import numpy as np

        joint = np.zeros((len(ids), DIMENSIONS), dtype=np.float32)
        for rows, titles, leads in vectors:
            for start in range(0, len(rows), _BLOCK):
                part = slice(start, start + _BLOCK)
                title, lead = (unit(v[part].astype(np.float32)) for v in (titles, leads))
                joint[rows[part]] = unit(title + lead)
        return cls(tuple(ids), at, tuple(langs), joint)

    def rows(self, keys: Collection[str]) -> NDArray[np.int64]:
        """Return the rows of ``keys``, ascending."""
        import numpy as np

        wanted = set(keys)
        return np.array([i for i, k in enumerate(self.ids) if k in wanted], dtype=np.int64)

    def near(self, keys: Collection[str], reach_hours: float, most: int = _MOST) -> dict[str, list[tuple[str, float]]]:
        """Return for each of ``keys`` the ``most`` articles nearest to it within ``reach_hours``, with their cosine."""
        import numpy as np

        rows = self.rows(keys)
        found: dict[str, list[tuple[str, float]]] = {}
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            cosines = self.joint[block] @ self.joint.T
            for row, likes in zip(block.tolist(), cosines, strict=True):
                likes[row] = -1.0
                near = np.flatnonzero(likes >= _FLOOR)
                near = near[np.abs(self.at[near] - self.at[row]) <= reach_hours]
                best = near[np.lexsort((near, -likes[near]))][:most]
                found[self.ids[row]] = [(self.ids[i], float(likes[i])) for i in best.tolist()]
        return found

    def background(self, words: Mapping[str, NDArray[Any]]) -> Background:
        """Return what is common in this period; ``words`` has columns kind (t, n or d), word and articles."""
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        columns = (words[c].tolist() for c in ("kind", "word", "articles"))
        for kind, word, count in zip(*columns, strict=True):
            counts[kind][word] = int(count)
        mean, mean_of = common_directions(self.joint, self.langs)
        return Background(len(self.ids), counts["t"], counts["n"], counts["d"], mean, mean_of)


def sharing(holders: Iterable[tuple[str, str]], fresh: Collection[str]) -> set[tuple[str, str]]:
    """Return the pairs of a fresh article and another that hold two words of one kind in common.

    ``holders`` are pairs of article id and rare word, the word with its kind before it (``t:`` or ``n:``).
    """
    new = set(fresh)
    shelves: dict[str, list[str]] = defaultdict(list)
    for key, word in holders:
        shelves[word].append(key)
    shared: Counter[tuple[str, str, str]] = Counter()
    for word, keys in shelves.items():
        for key in keys:
            if key in new:
                shared.update((key, other, word[0]) for other in keys if other != key)
    return {(a, b) for (a, b, _), count in shared.items() if count >= 2}


def within(story_of: Mapping[str, str], links: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the pairs of articles that are in one story, or would be if all ``links`` held (see `linked`).

    A mean over all pairs of two groups needs all of them, not those alone that were near enough to be noticed.
    """
    members: dict[str, set[str]] = defaultdict(set)
    for key, story in story_of.items():
        members[story].add(key)
    for key, other in links:
        members[story_of.get(other, other)].update((key, other))
    return {pair for keys in members.values() for pair in combinations(sorted(keys), 2)}


def linked(
    items: Sequence[Item],
    pairs: Iterable[tuple[str, str]],
    story_of: Mapping[str, str],
    background: Background,
    weights: Weights,
    reach_hours: float,
) -> set[tuple[str, str]]:
    """Return those of ``pairs`` (fresh article, other) whose fresh one could be placed with the other: one a story.

    A story is one to be placed with when its nearest members, three at most, want the article on average: linkage asks
    that of the mean over all members, resettling of the nearest three (see `cluster`).
    """
    import numpy as np

    window = Window(items, background)
    row = {item.key: i for i, item in enumerate(window.items)}
    known = sorted({(a, b) for a, b in pairs if a in row and b in row and a != b})
    if not known:
        return set()
    codes = np.array([(row[a], row[b]) for a, b in known], dtype=np.int64)
    likely = probabilities(window, np.sort(codes, axis=1), weights)
    hours = np.array([i.hours for i in window.items])
    likely[np.abs(hours[codes[:, 0]] - hours[codes[:, 1]]) > reach_hours] = 0.0
    wanted: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for (a, b), p in zip(known, likely.tolist(), strict=True):
        wanted[a, story_of.get(b, b)].append((p, b))
    found: set[tuple[str, str]] = set()
    for (key, _), members in wanted.items():
        nearest = sorted(members, reverse=True)[:3]
        if sum(p for p, _ in nearest) >= weights.threshold * len(nearest):
            found.add((key, nearest[0][1]))
    return found
