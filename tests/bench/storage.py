"""What storage costs: ``python -m tests.bench.storage [ARTICLES]`` (default 5,000) prints seconds per step."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.dump import logical_dump
from storage.publish import publish
from storage.query import run_query
from storage.records import Article, ArticleFeatures, StoryArticle
from storage.spool import write_spool
from storage.store import Store
from tests.storage.builders import article, member, source, story, translation


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long the block took."""
    start = time.perf_counter()
    yield
    print(f"{name:<60}{time.perf_counter() - start:8.2f} s", flush=True)


def features(number: int, draw: random.Random) -> ArticleFeatures:
    """Return features of the size that the encoder makes: two vectors of 512 numbers, a signature of 128."""
    title, lead = (tuple(draw.random() for _ in range(512)) for _ in range(2))
    minhash = tuple(draw.getrandbits(32) for _ in range(128))
    return ArticleFeatures(f"a{number}", "x", title, lead, minhash, 100, ("t",) * 20, ("n",) * 5, ("1",), "bench")


def main() -> None:
    """Run all steps in a temporary home."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(5_000)]
    articles = [article(f"a{i}", text=" ".join(draw.choices(words, k=400))) for i in range(count)]
    vectors = [features(i, draw) for i in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with timed("open a new home (migrations)"), Store.open(home, "bench") as store:
            pass
        with timed(f"write a spool of {count} articles with their features"):
            write_spool(home / "s.jsonl.gz", [*articles, *vectors])
        with Store.open(home, "bench") as store:
            steps(store, home, count)
            with timed("publish"):
                publish(home, store)
        questions: dict[str, str] = {
            "ten stories": "FROM v_stories ORDER BY article_count DESC LIMIT 10",
            "articles of a day": "SELECT count(*) FROM v_articles WHERE day_caracas = DATE '2026-01-08'",
            "the mornings": "SELECT count(*) FROM v_morning",
        }
        for name, sql in questions.items():
            with timed(f"query: {name}"):
                run_query(home, sql, 600)
        with timed("logical dump"):
            logical_dump(home / "warehouse.duckdb")


def steps(store: Store, home: Path, count: int) -> None:
    """Time loading, merging and reading on an open store."""
    ids = [f"a{i}" for i in range(count)]
    loads: dict[str, Callable[[], object]] = {
        "merge the spool": lambda: store.merge_spool([home / "s.jsonl.gz"]),
        "merge the same spool again": lambda: store.merge_spool([home / "s.jsonl.gz"]),
        f"merge {count} translations": lambda: store.merge(translation(i) for i in ids),
        f"merge {count} memberships": lambda: store.merge(
            [
                source(),
                *(story(f"s{n}", ids[0]) for n in range(count // 5)),
                *(member(f"s{hash_of(i, count)}", i) for i in ids),
            ]
        ),
        "merge one article": lambda: store.merge([article("a1")]),
        "replace the members of 100 stories": lambda: store.replace(
            StoryArticle, "story_id", [f"s{n}" for n in range(100)], []
        ),
        f"read {count} features": lambda: store.read(ArticleFeatures),
        "read 1,000 articles by id": lambda: store.read_in(Article, "article_id", ids[:1_000]),
    }
    for name, step in loads.items():
        with timed(name):
            step()


def hash_of(article_id: str, count: int) -> int:
    """Return which of the stories an article is in."""
    return int(article_id[1:]) % (count // 5)


if __name__ == "__main__":
    main()
