"""What search costs: ``python -m tests.bench.search FOLDER [ARTICLES]`` prints milliseconds per kind of question.

Each question is asked as the web page and the command line ask it: the snapshot and the index opened afresh, the hits
joined with `v_articles`, snippets cut. The baseline is the same words looked for by LIKE in the same snapshot, and the
two are compared in the same run, so that a busy machine slows down both.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from pipeline.search import SearchQuery, search
from storage.query import open_reading
from tests.bench._big import ARTICLES, big_home

LIKE = Path(__file__).with_name("like.sql")


def words_of(home: Path, draw: random.Random) -> list[str]:
    """Return words of the texts themselves, common and rare ones as they come."""
    with open_reading(home, 60) as reading:
        texts = reading.ask("SELECT text FROM articles USING SAMPLE reservoir(200 ROWS) REPEATABLE (1)").rows
    found = sorted({w for (t,) in texts for w in re.findall(r"[^\W\d_]{4,}", str(t))})
    return draw.sample(found, min(len(found), 200))


def questions(words: Sequence[str], draw: random.Random) -> dict[str, list[SearchQuery]]:
    """Return what is asked, by kind."""
    one = [SearchQuery(w) for w in draw.sample(words, 30)]
    two = [SearchQuery(" ".join(draw.sample(words, 2))) for _ in range(30)]
    return {
        "one word": one,
        "two words": two,
        "two words or others": [SearchQuery(" OR ".join(draw.sample(words, 4))) for _ in range(20)],
        "a phrase": [SearchQuery(f'"{w} de {v}"') for w, v in zip(words[:20], words[20:40], strict=True)],
        "one word, country and week": [SearchQuery(q.words, countries=("ES",), since=timedelta(7)) for q in one],
        "the beginning of a word": [SearchQuery(f"{w[:4]}*") for w in words[:20]],
        "function words only": [SearchQuery("de la que en"), SearchQuery("the of and in"), SearchQuery('"de la"')],
        "a country, newest first": [SearchQuery(countries=(c,), order="newest") for c in ("VE", "ES", "US")],
        "the 100th page": [SearchQuery(q.words, offset=1_980) for q in one[:10]],
    }


def times(asked: Sequence[SearchQuery], ask: Callable[[SearchQuery], object]) -> list[float]:
    """Return the milliseconds that each question took."""
    found = []
    for query in asked:
        start = time.perf_counter()
        ask(query)
        found.append((time.perf_counter() - start) * 1_000)
    return found


def p95(values: Sequence[float]) -> float:
    """Return the value that one in twenty exceeds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def main() -> None:
    """Measure over the big home."""
    home = big_home(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ARTICLES)
    draw = random.Random(1)
    words = words_of(home, draw)
    asked = questions(words, draw)
    sql = LIKE.read_text(encoding="utf-8")

    def like(query: SearchQuery) -> object:
        with open_reading(home, 600) as reading:
            return reading.ask(sql, {"word": f"%{query.words}%"})

    times(asked["one word"][:3], lambda q: search(home, q, 60))  # files into memory, modules imported
    print(f"{'':<32}{'p50 ms':>10}{'p95 ms':>10}")
    everything: list[float] = []
    for name, group in asked.items():
        took = times(group, lambda q: search(home, q, 60))
        everything += took
        print(f"{name:<32}{statistics.median(took):>10.0f}{p95(took):>10.0f}", flush=True)
    base = times(asked["one word"][:10], like)
    print(f"{'all':<32}{statistics.median(everything):>10.0f}{p95(everything):>10.0f}")
    print(f"{'baseline: one word by LIKE':<32}{statistics.median(base):>10.0f}{p95(base):>10.0f}")
    print(
        f"LIKE takes {statistics.median(base) / statistics.median(everything):.1f} times as long as the median search"
    )


if __name__ == "__main__":
    main()
