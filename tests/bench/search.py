"""What search costs: ``python -m tests.bench.search FOLDER [ARTICLES]`` prints milliseconds per kind of question.

Each question is asked as the web page asks it, with snapshot and index held open, and as the command line does, which
opens both: hits found, their columns and texts read, snippets cut. Processor time stands beside the clock, which says
little on a busy machine. The baseline is the same words looked for by LIKE in the same snapshot.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipeline.search import SearchQuery, open_search, search, search_in
from storage.held import HeldSnapshot
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


@dataclass(slots=True)
class Times:
    """What questions took: milliseconds of each, by the clock and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def line(self) -> str:
        """Return median and 95th percentile of both."""
        return "".join(f"{statistics.median(v):>8.0f}{p95(v):>8.0f}" for v in (self.wall, self.processor))


def times(asked: Sequence[SearchQuery], ask: Callable[[SearchQuery], object]) -> Times:
    """Return what each question took."""
    found = Times()
    for query in asked:
        start, used = time.perf_counter(), time.process_time()
        ask(query)
        found.wall.append((time.perf_counter() - start) * 1_000)
        found.processor.append((time.process_time() - used) * 1_000)
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

    snapshot = HeldSnapshot(home)
    with snapshot.reading(60) as held:
        opened = open_search(home, held.reading)

    def on_page(query: SearchQuery) -> object:
        with snapshot.reading(60) as held:
            return search_in(opened, held.reading, query)

    def afresh(query: SearchQuery) -> object:
        return search(home, query, 60)

    times(asked["one word"][:3], afresh)  # files into memory, modules imported
    head = "".join(f"{w:>8}" for w in ("p50", "p95", "cpu p50", "cpu p95"))
    print(f"{'milliseconds':<32}{head} |{head}\n{'':<32}{'held open':>32} |{'opened afresh':>32}")
    both = (Times(), Times())
    for name, group in asked.items():
        took = [times(group, ask) for ask in (on_page, afresh)]
        for whole, one in zip(both, took, strict=True):
            whole.wall += one.wall
            whole.processor += one.processor
        print(f"{name:<32}{took[0].line()} |{took[1].line()}", flush=True)
    print(f"{'all':<32}{both[0].line()} |{both[1].line()}")
    base = times(asked["one word"][:10], like)
    print(f"{'baseline: one word by LIKE':<32}{'':>32} |{base.line()}")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
