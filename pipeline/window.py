"""A large window as it is read: by the rows of its articles, vectors and signatures as arrays of numbers.

Which rows they are is asked once; all else is then read by their numbers, so that a million articles before the window
cost one look through their ids. Nothing is kept between batches: reading the numbers of sixty thousand articles takes
less than comparing them with a thousand new ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.identity.embed import DIMENSIONS
from pipeline.identity.features import PERMUTATIONS
from pipeline.identity.neighbours import Period
from pipeline.identity.signatures import likely_pairs
from storage.db import as_json
from storage.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.identity.neighbours import Vectors

_PART = 8_192  # rows whose vectors are read at once: 32 MB, for which no new memory is asked of the system each time


@dataclass(frozen=True, slots=True)
class Rows:
    """Articles that have features, in the order of their ids: the number of their row in ``article_features``, language
    without region, when published and, as ``middle``, the same with noon for a date without a time (seconds since
    1970)."""

    row: NDArray[np.int64]
    article_id: NDArray[np.object_]
    lang: NDArray[np.object_]
    published: NDArray[np.float64]
    middle: NDArray[np.float64]

    @classmethod
    def read(cls, store: Store, start: datetime, end: datetime) -> Rows:
        """Read the rows of the articles published from ``start`` until before ``end``."""
        return cls(**store.arrays("window_rows", start=start, end=end))

    def between(self, start: datetime, end: datetime) -> Rows:
        """Return those published from ``start`` until before ``end``."""
        inside = (self.published >= start.timestamp()) & (self.published < end.timestamp())
        return Rows(**{f.name: getattr(self, f.name)[inside] for f in fields(self)})

    def places(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places here of rows that are among these."""
        import numpy as np

        by_row = np.argsort(self.row)
        found: NDArray[np.int64] = by_row[np.searchsorted(self.row, row, sorter=by_row)]
        return found

    def numbers(self) -> str:
        """Return the numbers of the rows as SQL takes them."""
        return as_json(self.row.tolist())


def likely_copies(store: Store, rows: Rows, fresh: Collection[str], reach_days: float) -> set[str]:
    """Return the articles whose signatures say that they may be copies of a fresh one, or it of them."""
    import numpy as np

    found = store.arrays("window_signatures", rows=rows.numbers())["numbers"].reshape(-1, 2 + PERMUTATIONS)
    place = rows.places(found[:, 0])
    order = np.argsort(place)
    place = place[order]
    ids, at = rows.article_id[place], rows.published[place]
    new = set(fresh)
    is_fresh = np.array([k in new for k in ids], dtype=np.bool_)
    pairs = likely_pairs(found[order, 2:], found[order, 1].astype(np.int64), is_fresh)
    near = np.abs(at[pairs[:, 0]] - at[pairs[:, 1]]) <= reach_days * 86_400
    return set(ids[pairs[near].ravel()].tolist())


def period_of(store: Store, rows: Rows) -> Period:
    """Read the vectors of ``rows`` as a period."""
    return Period.of(rows.article_id.tolist(), rows.middle / 3600, rows.lang.tolist(), _vectors(store, rows))


def _vectors(store: Store, rows: Rows) -> Iterator[Vectors]:
    """Yield the vectors of ``rows``, in parts that lie together in the table."""
    import numpy as np

    ordered = np.sort(rows.row)
    for start in range(0, len(ordered), _PART):
        found = store.arrays("window_vectors", rows=as_json(ordered[start : start + _PART].tolist()), size=DIMENSIONS)
        place = rows.places(found["row"][::DIMENSIONS])
        yield place, *(found[name].reshape(-1, DIMENSIONS) for name in ("title", "lead"))
