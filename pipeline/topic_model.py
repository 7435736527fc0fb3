"""The small classifier behind the level-1 topics: multinomial logistic regression over sentence vectors.

Trained by `pipeline.topic_train`; the weights and their origin stand in ``pipeline/data/topic_model.npz``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

MODEL_FILE = Path(__file__).resolve().parent / "data" / "topic_model.npz"


class TopicModelError(ValueError):
    """The weights file cannot be used; the message says why and how to make it again."""


@dataclass(frozen=True, slots=True)
class TopicModel:
    """Weights (513, classes), a row per component of the vector and the bias last, and what they were made of."""

    labels: tuple[str, ...]
    weights: Matrix
    origin: Mapping[str, str]

    @property
    def version(self) -> str:
        """Return the version that stands in the tags' method version."""
        return self.origin["version"]

    def logits(self, vectors: Matrix) -> Matrix:
        """Return (n, classes) for vectors (n, 512); a row of zeros (no text) gives zeros: no opinion."""
        import numpy as np

        known = np.abs(vectors).sum(axis=1, keepdims=True) > 0
        scores: Matrix = np.where(known, vectors @ self.weights[:-1] + self.weights[-1], 0).astype(np.float32)
        return scores


def load_model(path: Path = MODEL_FILE) -> TopicModel:
    """Read the weights; raises TopicModelError when the file is not one of `save_model`."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as data:
            weights, labels, origin = data["weights"].astype(np.float32), data["labels"], str(data["origin"])
    except (OSError, ValueError, KeyError) as error:
        raise TopicModelError(f"{path}: {error}. Make it again with python -m pipeline.topic_train") from error
    return TopicModel(tuple(str(x) for x in labels), weights, json.loads(origin))


def save_model(model: TopicModel, path: Path = MODEL_FILE) -> None:
    """Write the weights as float16 (the answers stay the same to three digits) with labels and origin."""
    import numpy as np

    np.savez_compressed(
        path,
        weights=model.weights.astype(np.float16),
        labels=np.array(model.labels),
        origin=np.array(json.dumps(dict(model.origin), sort_keys=True)),
    )


def combine(vectors: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Return the direction of the sum of the vectors that are there (title, lead): length 1, or 0 without any."""
    import numpy as np

    total = np.zeros(512)
    for vector in vectors:
        if len(vector):
            row = np.asarray(vector, dtype=np.float64)
            length = float(np.linalg.norm(row))
            if length > 0:
                total += row / length
    length = float(np.linalg.norm(total))
    return tuple((total / length if length > 0 else total).tolist())


def fit(vectors: Matrix, classes: Sequence[int], sample_weights: Sequence[float], count: int, l2: float) -> Matrix:
    """Return the weights (513, count) that minimise weighted cross-entropy plus ``l2``/2 times the squared weights.

    Nesterov's accelerated gradient from zero with a fixed step and a fixed number of steps: the same data give the
    same weights. The bias is not penalised.
    """
    import numpy as np

    x = np.hstack([vectors, np.ones((len(vectors), 1))]).astype(np.float64)
    truth = np.eye(count)[np.asarray(classes)]
    share = np.asarray(sample_weights, dtype=np.float64)
    share = share / share.sum()
    step = 1.0 / (0.5 * np.linalg.norm(x * np.sqrt(share)[:, None], 2) ** 2 + l2)
    weights = np.zeros((x.shape[1], count))
    ahead, pace = weights, 1.0
    for _ in range(300):
        z = x @ ahead
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        p /= p.sum(axis=1, keepdims=True)
        decay = ahead.copy()
        decay[-1] = 0
        updated = ahead - step * (x.T @ ((p - truth) * share[:, None]) + l2 * decay)
        next_pace = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = updated + (pace - 1) / next_pace * (updated - weights)
        weights, pace = updated, next_pace
    result: Matrix = weights.astype(np.float32)
    return result
