"""Stories: BCubed and cross-language F1 of `pipeline.identity.stories.place` against gold clusters.

Formats: ``cluster-og2021`` (uri, lang, published_at, title, cluster) and ``cluster-ecbplus`` (doc, text, story; with a
``split`` of which ``test`` is scored where there is one). Baselines in the same run: TF-IDF and vectors alone, each by
the plain single pass to the nearest earlier text, at the threshold that suits it best on the very set that is scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from pipeline.identity.features import compute_features
from pipeline.identity.stories import place
from storage.records import Article
from tests.eval import Scores
from tests.eval._identity import (
    bcubed,
    embedder,
    make_article,
    nearest_before,
    pairwise_cross,
    read_jsonl,
    split_title,
    tfidf,
)

_LANG = {"eng": "en", "spa": "es"}


@dataclass(frozen=True, slots=True)
class Gold:
    """Articles by time and the cluster each belongs to."""

    articles: tuple[Article, ...]
    cluster: dict[str, str]


def load(paths: Sequence[Path], split: str | None = "test") -> Gold:
    """Read gold clusters; of files with splits only ``split`` (all of them for None, or where it is not there)."""
    rows = [row for _, row in read_jsonl(paths)]
    splits = {row["split"] for row in rows if "split" in row}
    found: list[tuple[Article, str]] = []
    for row in rows:
        if "doc" in row:
            if split in splits and row["split"] != split:
                continue
            title, text = split_title(row["text"])
            found.append((make_article(row["doc"], "en", title, text), row["story"]))
        elif row["lang"] in _LANG:
            at = datetime.fromisoformat(row["published_at"]).replace(tzinfo=UTC)
            found.append((make_article(row["uri"], _LANG[row["lang"]], row["title"], at=at), row["cluster"]))
    found.sort(key=lambda pair: (pair[0].published_at, pair[0].article_id))
    return Gold(tuple(a for a, _ in found), {a.article_id: c for a, c in found})


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score the grouping of all articles at once, as one window."""
    import numpy as np

    gold = load(paths)
    if not gold.articles:
        raise ValueError(f"no articles with gold clusters in {', '.join(map(str, paths))}")
    started = perf_counter()
    features = {f.article_id: f for f in compute_features(gold.articles, embedder())}
    encoded = perf_counter()
    now = max(a.published_at for a in gold.articles)
    placement = place(gold.articles, features, (), (), now, window_days=3650)
    ended = perf_counter()
    found = {m.article_id: m.story_id for m in placement.members}
    flat: dict[str, float | int | str] = {
        "articles": len(gold.articles),
        "gold_clusters": len(set(gold.cluster.values())),
    }
    flat["clusters"] = len(set(found.values()))
    flat |= _scores(gold, found, "")
    texts = [f"{a.title}\n{a.text}" for a in gold.articles]
    vectors = embedder().encode([t.strip() for t in texts])
    for name, similarity in (("tfidf", tfidf(texts)), ("vectors", vectors @ vectors.T)):
        threshold, labels = _best_single_pass(gold, np.asarray(similarity))
        flat |= _scores(gold, labels, f"baseline_{name}_") | {f"baseline_{name}_threshold": threshold}
    flat["baseline_singletons_bcubed_f1"] = bcubed(gold.cluster, {k: k for k in gold.cluster})[2]
    flat["encode_articles_per_s"] = round(len(gold.articles) / (encoded - started), 1)
    flat["place_articles_per_s"] = round(len(gold.articles) / (ended - encoded), 1)
    return Scores(flat)


def _best_single_pass(gold: Gold, similarity: Any) -> tuple[float, dict[str, str]]:
    """Return the threshold that scores best on this very gold, and its labels: the baseline gets every advantage."""
    runs = []
    for step in range(3, 18):
        labels = nearest_before(gold.articles, similarity, step / 20, 3)
        runs.append((bcubed(gold.cluster, labels)[2], step / 20, labels))
    _, threshold, labels = max(runs, key=lambda r: (r[0], r[1]))
    return threshold, labels


def _scores(gold: Gold, found: dict[str, str], prefix: str) -> dict[str, Any]:
    lang = {a.article_id: a.lang for a in gold.articles}
    p, r, f1 = bcubed(gold.cluster, found)
    flat: dict[str, Any] = {f"{prefix}bcubed_p": p, f"{prefix}bcubed_r": r, f"{prefix}bcubed_f1": f1}
    if len(set(lang.values())) > 1:
        for code, name in (("en", "eng"), ("es", "spa")):
            part = {k: c for k, c in gold.cluster.items() if lang[k] == code}
            flat[f"{prefix}bcubed_f1_{name}"] = bcubed(part, found)[2]
        flat[f"{prefix}pairwise_f1_cross"] = pairwise_cross(gold.cluster, found, lang)
    return {k: round(v, 4) for k, v in flat.items()}
