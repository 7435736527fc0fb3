"""How alike two texts are in subject and words, whether or not they report one event.

Unlike the likelihood of one event, which is near 0 or 1, this grades what lies between.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pipeline.identity.likeness import MEASURES, Window
from storage.records import ArticleFeatures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_UNRELATED, _ALIKE = 0.1, 0.55
_NUMBER = 0.5
"""What a number weighs beside a word as rare: two reports of one event often differ in them."""


def relatedness(window: Window, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each pair (m, 2) of row numbers of ``window`` how alike the two texts are, 0 to 1.

    The mean of two likenesses, cut off where people no longer tell degrees apart: of vectors, the nearest of title and
    lead together and each alone (a title may say what the other's lead does), centred; and of words and numbers, the
    root of their cosine (a root, since even close texts share few). A word weighs by its rarity and by its rank among
    those of its text, as in discounted cumulative gain: what a text dwells on counts for more than what it mentions.
    """
    import numpy as np

    bags = [_weighted(item.features, window) for item in window.items]
    lengths = [math.sqrt(math.fsum(v * v for v in bag.values())) or 1.0 for bag in bags]
    words = [
        math.fsum(v * bags[b][x] for x, v in bags[a].items() if x in bags[b]) / (lengths[a] * lengths[b])
        for a, b in pairs.tolist()
    ]
    nearest = window.measures(pairs)[:, [MEASURES.index("centred_cosine"), MEASURES.index("any_centred")]].max(axis=1)
    nearness = (nearest + np.sqrt(np.array(words))) / 2
    found: NDArray[np.float64] = (np.clip(nearness, _UNRELATED, _ALIKE) - _UNRELATED) / (_ALIKE - _UNRELATED)
    return found


def _weighted(features: ArticleFeatures, window: Window) -> dict[str, float]:
    ranked = [(term, window.rarity(term)) for term in features.terms]
    numbers = [(number, _NUMBER * window.number_rarity(number)) for number in features.numbers]
    return {
        held: weight / math.log2(rank + 2) for words in (ranked, numbers) for rank, (held, weight) in enumerate(words)
    }
