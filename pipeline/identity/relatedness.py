"""How alike two texts are in subject and words, whether or not they report one event.

Unlike the likelihood of one event, which is near 0 or 1, this grades what lies between.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.identity.likeness import MEASURES, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNRELATED, _ALIKE = 0.1, 0.6


def relatedness(window: Window, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each pair (m, 2) of row numbers of ``window`` how alike the two texts are, 0 to 1.

    The mean of the cosine of the centred vectors and of the root of that of the words (a root, since even close texts
    share few), cut off where people no longer tell degrees apart. A word weighs by its rarity and by its rank among
    those of its text, as in discounted cumulative gain: what a text dwells on counts for more than what it mentions.
    """
    import numpy as np

    bags = [_weighted(item.features.terms, window) for item in window.items]
    lengths = [math.sqrt(math.fsum(v * v for v in bag.values())) or 1.0 for bag in bags]
    words = [
        math.fsum(v * bags[b][x] for x, v in bags[a].items() if x in bags[b]) / (lengths[a] * lengths[b])
        for a, b in pairs.tolist()
    ]
    nearness = (window.measures(pairs)[:, MEASURES.index("centred_cosine")] + np.sqrt(np.array(words))) / 2
    found: NDArray[np.float64] = (np.clip(nearness, _UNRELATED, _ALIKE) - _UNRELATED) / (_ALIKE - _UNRELATED)
    return found


def _weighted(terms: Sequence[str], window: Window) -> dict[str, float]:
    return {term: window.rarity(term) / math.log2(rank + 2) for rank, term in enumerate(terms)}
