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
from pipeline.identity.likeness import Background, Item, Weights, Window, common_directions, probabilities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    langs: NDArray[np.str_]
    joint: NDArray[np.float32]

    @classmethod
    def of(cls, parts: Iterable[Mapping[str, NDArray[Any]]]) -> Period:
        """Return the period made of query results with article_id, seconds (since 1970), lang, title_vector and
        lead_vector; a part at a time, so that the vectors as stored never stand in memory all together."""
        import numpy as np

        ids: list[str] = []
        at = [np.zeros(0)]
        langs: list[str] = []
        joint = [np.zeros((0, DIMENSIONS), dtype=np.float32)]
        for part in parts:
            ids += part["article_id"].tolist()
            langs += part["lang"].tolist()
            at.append(np.asarray(part["seconds"], dtype=np.float64) / 3600)
            joint.append(_unit(_unit(_matrix(part["title_vector"])) + _unit(_matrix(part["lead_vector"]))))
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
        return cls(
            tuple(ids[i] for i in order.tolist()),
            np.concatenate(at)[order],
            np.array(langs, dtype=np.str_)[order],
            np.concatenate(joint)[order],
        )

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
        mean, mean_of = common_directions(self.joint, self.langs.tolist())
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


def _matrix(lists: NDArray[Any]) -> NDArray[np.float32]:
    """Return vectors as rows; one that is not there as zeros."""
    import numpy as np

    if all(len(values) == DIMENSIONS for values in lists):
        return (
            np.stack(list(lists)).astype(np.float32, copy=False)
            if len(lists)
            else np.zeros((0, DIMENSIONS), np.float32)
        )
    out = np.zeros((len(lists), DIMENSIONS), dtype=np.float32)
    for row, values in enumerate(lists):
        if len(values) == DIMENSIONS:
            out[row] = values
    return out


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    unit: NDArray[np.float32] = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return unit
