"""Pairs: Pearson correlation of likeness with human scores of how similar two news articles are.

Format: ``pairs-semeval2022`` (text1, text2, lang1, lang2, overall from 1, the same story, to 4, unrelated). The sign is
turned, so that more is better. Keys are by language, ``pearson_es``, ``pearson_en`` and, for pairs across languages,
``pearson_cross``. Baseline: the cosine of the vectors of both texts, 2,000 characters each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.identity.features import compute_features
from pipeline.identity.likeness import Window, item_of, load_weights, probabilities
from pipeline.identity.relatedness import relatedness
from storage.ids import sha256_text
from storage.records import Article
from tests.eval import Scores
from tests.eval._identity import embedder, make_article, read_jsonl, split_title

_BASELINE_CHARS = 2000


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score the pairs of all files together; all their texts are one window."""
    import numpy as np

    articles: dict[str, Article] = {}
    ends: list[tuple[str, str]] = []
    human: list[float] = []
    groups: dict[str, list[int]] = defaultdict(list)
    for _, row in read_jsonl(paths):
        if "overall" not in row:
            continue
        ends.append((_add(articles, row["text1"], row["lang1"]), _add(articles, row["text2"], row["lang2"])))
        human.append(-float(row["overall"]))
        groups[row["lang1"] if row["lang1"] == row["lang2"] else "cross"].append(len(human) - 1)
    if not human:
        raise ValueError(f"no scored pairs in {', '.join(map(str, paths))}")
    ordered = [articles[k] for k in sorted(articles)]
    features = compute_features(ordered, embedder())
    window = Window([item_of(a, f) for a, f in zip(ordered, features, strict=True)])
    at = {item.key: i for i, item in enumerate(window.items)}
    pairs = np.array([(at[a], at[b]) for a, b in ends], dtype=np.int64)
    vectors = embedder().encode([a.text[:_BASELINE_CHARS] for a in ordered])
    scores: dict[str, Any] = {
        "": relatedness(window, pairs),
        "likelihood_": probabilities(window, pairs, load_weights()),
        "baseline_vectors_": np.einsum("ij,ij->i", vectors[pairs[:, 0]], vectors[pairs[:, 1]]),
    }
    flat: dict[str, float | int | str] = {"pairs": len(human)}
    for lang, rows in sorted(groups.items()):
        if len(rows) > 2:
            for name, values in scores.items():
                flat[f"{name}pearson_{lang}"] = round(float(np.corrcoef(values[rows], np.array(human)[rows])[0, 1]), 4)
    return Scores(flat)


def _add(articles: dict[str, Article], text: str, lang: str) -> str:
    text = text.strip()
    key = sha256_text(f"{lang}{text}")[:20]
    if key not in articles:
        articles[key] = make_article(key, lang, split_title(text)[0], text)
    return key
