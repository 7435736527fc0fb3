"""Which articles of a large window a new one may have to do with: near by vector, or sharing rare words and names.

A window of sixty thousand articles is not grouped anew for each batch. Its vectors are compared with those of the new
articles alone, in blocks of one matrix product, and what is near is then weighed as everywhere (`grouping`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.identity.likeness import Background, Item, Weights, Window, common_directions, probabilities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 12
_FLOOR = 0.35
"""An article is weighed against the _MOST nearest by title and lead together, from this cosine on, and against those
that share rare words with it: enough to bring up a member of the stories it may be part of."""
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Period:
    """The articles of a window as numbers, in the order of their ids.

    ``at`` are hours since 1970 (noon for a date without a time), ``joint`` (n, 512) title and lead together, of length
    one or zero, ``signatures`` (n, 128) MinHash, ``sizes`` (n) numbers of 3-word runs, 0 where there is no signature.
    """

    ids: tuple[str, ...]
    at: NDArray[np.float64]
    langs: NDArray[np.str_]
    joint: NDArray[np.float32]
    signatures: NDArray[np.uint32]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, parts: Iterable[Mapping[str, NDArray[Any]]]) -> Period:
        """Return the period made of query results with article_id, at, lang, title_vector, lead_vector, minhash,
        shingle_count; a part at a time, so that the vectors as stored never stand in memory all together."""
        import numpy as np

        ids: list[str] = []
        at, langs, joint, signatures, sizes = ([] for _ in range(5))
        for part in parts:
            ids += part["article_id"].tolist()
            at.append(np.asarray(part["at"], dtype=np.float64) / 3600)
            langs.append(np.asarray(part["lang"].tolist(), dtype=np.str_))
            both = _unit(_rows(part["title_vector"], 512, np.float32)) + _unit(
                _rows(part["lead_vector"], 512, np.float32)
            )
            joint.append(_unit(both))
            signatures.append(_rows(part["minhash"], 128, np.uint32))
            present = np.array([len(m) > 0 for m in part["minhash"]], dtype=np.bool_)
            sizes.append(np.where(present, np.asarray(part["shingle_count"], dtype=np.int64), 0))
        if not ids:
            empty = np.zeros((0, 512), dtype=np.float32), np.zeros((0, 128), dtype=np.uint32)
            return cls((), np.zeros(0), np.zeros(0, dtype=np.str_), *empty, np.zeros(0, dtype=np.int64))
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__))
        arrays = [np.concatenate(x)[order] for x in (at, langs, joint, signatures, sizes)]
        return cls(tuple(ids[i] for i in order.tolist()), *arrays)

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


def linked(
    items: Sequence[Item],
    pairs: Iterable[tuple[str, str]],
    background: Background,
    weights: Weights,
    reach_hours: float,
) -> set[str]:
    """Return the ids of those in ``pairs`` whose likelihood could make them one story."""
    import numpy as np

    window = Window(items, background)
    row = {item.key: i for i, item in enumerate(window.items)}
    codes = sorted({(min(row[a], row[b]), max(row[a], row[b])) for a, b in pairs if a in row and b in row and a != b})
    if not codes:
        return set()
    found = np.array(codes, dtype=np.int64)
    strong = probabilities(window, found, weights) >= weights.threshold
    hours = np.array([i.hours for i in window.items])
    strong &= np.abs(hours[found[:, 0]] - hours[found[:, 1]]) <= reach_hours
    return {window.items[i].key for i in found[strong].ravel().tolist()}


def _rows(lists: NDArray[Any], width: int, dtype: Any) -> NDArray[Any]:
    import numpy as np

    out = np.zeros((len(lists), width), dtype=dtype)
    for row, values in enumerate(lists):
        if len(values) == width:
            out[row] = values
    return out


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    unit: NDArray[np.float32] = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return unit
