"""Which texts may be copies: MinHash signatures with banding (Broder 1997; Leskovec, Rajaraman and Ullman, ch. 3).

What is found here is only likely; `pipeline.identity.copies` compares the texts themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BAND_ROWS = 2
"""Such short bands bring up even a third of a text; what they bring too much, the estimate and the texts throw out."""
_CROWD = 64
"""In a band that more texts share than this (a wire that all took, or a subscription line that all carry) texts are not
compared each with each but with _GUIDES of the crowd and with their neighbour: enough to hold a group together, and no
copy is lost to a limit."""
_GUIDES = 12
_EDITED = 0.5
_CONTAINED = 0.75
_BLOCK = 20_000
_SLOT_BITS = 18
_MIX = 0x9E3779B97F4A7C15
"""Knuth's multiplicative hashing: 2^64 by the golden ratio."""


def likely_pairs(
    signatures: NDArray[np.uint32], sizes: NDArray[np.int64], fresh: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the pairs (m, 2), i < j, sorted, that share a band and may, by their estimate, be copies.

    ``signatures`` (n, 128) come from `features.minhash`, ``sizes`` (n) are the numbers of distinct 3-word runs. Only
    pairs with at least one ``fresh`` text are returned: the window is passed over once, all else grows with the fresh
    texts alone. Give the rows in the order of their ids, so that crowds are the same in whatever order texts came.
    """
    import numpy as np

    n = len(signatures)
    if n < 2 or not fresh.any():
        return np.empty((0, 2), dtype=np.int64)
    found = [_band_pairs(_bands(signatures, at), fresh) for at in range(0, signatures.shape[1], _BAND_ROWS)]
    codes = np.unique(np.concatenate(found))
    kept = [codes[:0]]
    for start in range(0, len(codes), _BLOCK):
        block = codes[start : start + _BLOCK]
        kept.append(block[_may_be_copies(signatures, sizes, block // n, block % n)])
    held = np.concatenate(kept)
    return np.stack([held // n, held % n], axis=1)


def _bands(signatures: NDArray[np.uint32], at: int) -> NDArray[np.uint64]:
    import numpy as np

    band = signatures[:, at].astype(np.uint64)
    for row in range(at + 1, at + _BAND_ROWS):
        band = (band << np.uint64(32)) ^ signatures[:, row]
    return band


def _band_pairs(band: NDArray[np.uint64], fresh: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return codes (i * n + j, i < j) of the pairs that one band brings up."""
    import numpy as np

    n = len(band)
    # Only what may share a band with a fresh text is sorted: a small table of hashes leaves out nearly all the rest.
    slots = (band * np.uint64(_MIX)) >> np.uint64(64 - _SLOT_BITS)
    table = np.zeros(1 << _SLOT_BITS, dtype=np.bool_)
    table[slots[fresh]] = True
    near = np.flatnonzero(table[slots])
    order = near[np.argsort(band[near], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(band[order]) != 0])
    lengths = np.diff(np.r_[starts, len(order)])
    shared = (lengths > 1) & (np.add.reduceat(fresh[order], starts) > 0)
    starts, lengths = starts[shared], lengths[shared]
    codes = [np.empty(0, dtype=np.int64)]
    for length in np.unique(lengths).tolist():
        ids = order[starts[lengths == length][:, None] + np.arange(length)]  # ascending, since the sort is stable
        if length <= _CROWD:
            left, right = np.triu_indices(length, 1)
        else:
            guides = np.repeat(np.arange(_GUIDES), length), np.tile(np.arange(length), _GUIDES)
            left = np.concatenate([guides[0], np.arange(length - 1)])
            right = np.concatenate([guides[1], np.arange(1, length)])
            left, right = left[left < right], right[left < right]
        i, j = ids[:, left].ravel(), ids[:, right].ravel()
        touched = fresh[i] | fresh[j]
        codes.append(i[touched].astype(np.int64) * n + j[touched])
    return np.concatenate(codes)


def _may_be_copies(
    signatures: NDArray[np.uint32], sizes: NDArray[np.int64], i: NDArray[np.int64], j: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say of each pair whether its signatures leave room for a copy, three standard errors granted."""
    import numpy as np

    estimate = (signatures[i] == signatures[j]).mean(axis=1)
    shared = estimate * (sizes[i] + sizes[j]) / (1 + estimate)
    contained = shared / np.maximum(np.minimum(sizes[i], sizes[j]), 1)
    floor = np.maximum(estimate, 0.02)
    slack = 3 * np.sqrt(floor / signatures.shape[1])
    likely: NDArray[np.bool_] = (estimate + slack >= _EDITED) | (contained * (1 + slack / floor) >= _CONTAINED)
    return likely
