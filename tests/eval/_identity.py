"""Shared by the identity tasks: gold material as articles, BCubed and pairwise scores, plain baselines."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.identity.embed import Embedder
from pipeline.identity.words import content_terms, sentences
from storage.ids import sha256_text
from storage.records import Article

EPOCH = datetime(2026, 1, 5, 12, tzinfo=UTC)


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """Return the one embedder of this process."""
    return Embedder()


def make_article(
    key: str, lang: str, title: str, text: str = "", *, at: datetime = EPOCH, summary: str = "", **changes: Any
) -> Article:
    """Return an article with what identity reads of it; ``changes`` set any other field."""
    values: dict[str, Any] = {
        "article_id": key, "entry_id": f"e-{key}", "source_id": f"source-{key}", "country": "XX", "lang": lang,
        "lang_origin": "text", "url": f"https://outlet.example/{key}", "canonical_url": f"https://outlet.example/{key}",
        "title": title, "title_origin": "feed", "summary": summary, "text": text, "text_sha256": sha256_text(text),
        "authors": (), "kind": "full" if text else "feed_only", "genre": "news", "agency": None, "published_at": at,
        "published_at_origin": "feed", "published_precision": "second", "modified_at": None, "first_seen_at": at,
        "backfill": False, "word_count": len(text.split()), "page_id": None, "extractor": "none", "version": 1,
    }  # fmt: skip
    return Article(**(values | changes))


def read_jsonl(paths: Iterable[Path]) -> Iterable[tuple[Path, dict[str, Any]]]:
    """Yield the rows of every ``.jsonl`` file in ``paths`` (files or folders, folders searched at all depths)."""
    for path in paths:
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    yield file, json.loads(line)


def split_title(text: str) -> tuple[str, str]:
    """Return the first sentence and the rest, for material that does not mark its titles."""
    found = sentences(text.strip(), 1)
    title = found[0] if found else ""
    return title, text.strip()[len(title) :].strip() if text.strip().startswith(title) else text


def bcubed(gold: Mapping[str, str], found: Mapping[str, str]) -> tuple[float, float, float]:
    """Return BCubed precision, recall and F1 (Bagga and Baldwin 1998) over the keys of ``gold``."""
    both = Counter((gold[k], found[k]) for k in gold)
    gold_size, found_size = Counter(gold.values()), Counter(found[k] for k in gold)
    precision = sum(n * n / found_size[f] for (_, f), n in both.items()) / len(gold)
    recall = sum(n * n / gold_size[g] for (g, _), n in both.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def pairwise_cross(gold: Mapping[str, str], found: Mapping[str, str], lang: Mapping[str, str]) -> float:
    """Return the F1 over pairs of articles in different languages."""

    def count(labels: Mapping[str, tuple[str, ...]]) -> int:
        groups: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for key, label in labels.items():
            groups[label][lang[key]] += 1
        return sum((sum(c.values()) ** 2 - sum(n * n for n in c.values())) // 2 for c in groups.values())

    together = count({k: (gold[k], found[k]) for k in gold})
    held, wanted = count({k: (found[k],) for k in gold}), count({k: (gold[k],) for k in gold})
    return 2 * together / (held + wanted) if held + wanted else 0.0


def nearest_before(articles: Sequence[Article], similarity: Any, threshold: float, days: float) -> dict[str, str]:
    """Return the labels of the plain single pass: each article joins the nearest earlier one within ``days``.

    ``similarity`` is an (n, n) array over the articles in the order given, which is by time.
    """
    import numpy as np

    times = np.array([a.published_at.timestamp() for a in articles])
    label: dict[str, str] = {}
    for i, article in enumerate(articles):
        label[article.article_id] = article.article_id
        start = int(np.searchsorted(times[:i], times[i] - days * 86_400))
        if start < i:
            best = start + int(np.argmax(similarity[i, start:i]))
            if similarity[i, best] >= threshold:
                label[article.article_id] = label[articles[best].article_id]
    return label


def tfidf(texts: Sequence[str]) -> Any:
    """Return the (n, n) cosines of TF-IDF over words and word pairs."""
    import numpy as np

    bags = []
    for text in texts:
        words = content_terms(text, 400)
        bags.append([*words, *(f"{a} {b}" for a, b in pairwise(words))])
    df = Counter(w for bag in bags for w in set(bag))
    shelves: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for i, bag in enumerate(bags):
        weights = {w: (1 + math.log(n)) * math.log((1 + len(bags)) / (1 + df[w])) for w, n in Counter(bag).items()}
        norm = math.sqrt(sum(v * v for v in weights.values())) or 1.0
        for word, value in weights.items():
            shelves[word].append((i, value / norm))
    out = np.zeros((len(bags), len(bags)), dtype=np.float32)
    for shelf in shelves.values():
        ids = np.array([i for i, _ in shelf])
        values = np.array([v for _, v in shelf], dtype=np.float32)
        out[np.ix_(ids, ids)] += np.outer(values, values)
    return out
