"""What placing costs, vectors given: ``python -m tests.bench.assign [--archive N,N] [--per-day N] [--batch N,N]``.

A warehouse of invented articles (`assign.sql`): seven days of 12,000 articles, of which 25,000 stories are in the five
days that a new article is compared with, and an archive before them of 10,000 and of 1,000,000 articles. A batch of new
articles is found due, read, decided and merged as in a run, on one thread; encoding is left out. Baselines in the same
run: the one-by-one loop of published online systems (each article against the centroid and the words of every active
story), and grouping the whole window anew. The warehouse is filled by another process and opened for the batch, as an
hourly run opens it: nothing of the window is in memory yet, and the peak of memory is that of placing.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is there: one core is meant

import numpy as np

from pipeline import placing
from pipeline.identity.embed import Embedder
from pipeline.identity.features import method_version
from pipeline.identity.grouping import items_of
from pipeline.identity.likeness import Item, Window, load_weights, probabilities
from pipeline.identity.stories import METHOD
from pipeline.settings import load_settings
from storage import db
from storage.records import Article, ArticleFeatures, StoryArticle
from storage.store import Store

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 8, tzinfo=UTC)
_LOOP = 20  # articles given to the slow baseline
_WHOLE = 3_000  # articles grouped anew by the other one: its cost is scaled to the window


class Clock:
    """CPU seconds by step: other processes of the machine do not count."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the CPU time of the block to ``name``."""
        start = time.process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - start


def fill(home: Path, archive: int, per_day: int, batch: int) -> None:
    """Fill an empty home with the archive, the window and the batch."""
    values = {
        "archive": str(archive), "per_day": str(per_day), "batch": str(batch),
        "features": db.quoted(method_version(Embedder())), "stories": db.quoted(METHOD),
    }  # fmt: skip
    text = (HERE / "assign.sql").read_text("utf-8")
    for name, value in values.items():
        text = text.replace(f"${name}", value)
    with Store.open(home, "bench") as store:
        store.con.execute("SET threads = 1")
        store.con.execute(text)


def place_batch(store: Store, settings: Any, clock: Clock) -> int:
    """Place what is due as `pipeline.placing.identify` does; return how many articles that were."""
    with clock.step("find what is due"):
        due = placing._to_place(store, "en")
    times, fresh = [at for at, _ in due], [mark.article_id for _, mark in due]
    with clock.step("read what it may have to do with"):
        work = placing.read_work(store, settings, fresh, min(times), max(times))
    with clock.step("decide"):
        copies, placement = placing.decide(work, settings, {}, None, NOW)
    with clock.step("merge"):
        placing.merge_work(store, work, copies, placement, [mark for _, mark in due])
    return len(due)


def right(store: Store) -> float:
    """Return the share of new articles that stand in a story with an older member, or alone, as they were made."""
    rows = store.con.execute((HERE / "assign_right.sql").read_text("utf-8")).fetchall()
    return float(rows[0][0])


def one_by_one(items: Sequence[Item], story_of: Mapping[str, str], new: Sequence[str]) -> float:
    """Return the CPU seconds an article of the published kind of loop: vector and words against every active story."""
    window = Window(items)
    row = {item.key: i for i, item in enumerate(window.items)}
    members: dict[str, list[int]] = defaultdict(list)
    for key, story in story_of.items():
        if key in row:
            members[story].append(row[key])
    centroids = [window.joint[rows].mean(axis=0) for rows in members.values()]
    bags = []
    for rows in members.values():
        bag = Counter(x for i in rows for x in window.items[i].features.terms)
        norm = math.sqrt(sum(n * n for n in bag.values())) or 1.0
        bags.append({x: n / norm for x, n in bag.items()})
    start = time.process_time()
    for key in new[:_LOOP]:
        item = window.items[row[key]]
        best = max(
            float(np.dot(window.joint[row[key]], centroid)) + sum(bag.get(x, 0.0) for x in item.features.terms)
            for centroid, bag in zip(centroids, bags, strict=True)
        )
        assert best > 0
    return (time.process_time() - start) / min(_LOOP, len(new))


def whole_window(items: Sequence[Item]) -> float:
    """Return the CPU seconds an article of measuring a whole window anew, from a part of it."""
    start = time.process_time()
    window = Window(items[:_WHOLE])
    probabilities(window, window.candidates(), load_weights())
    return (time.process_time() - start) / min(_WHOLE, len(items))


def run(archive: int, per_day: int, batch: int, baselines: bool) -> tuple[int, float]:
    """Fill, place and print for one size of archive and batch; return the articles placed and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder))
        filling = multiprocessing.get_context("spawn").Process(
            target=fill, args=(Path(folder), archive, per_day, batch)
        )
        filling.start()
        filling.join()
        with Store.open(Path(folder), "bench") as store:
            store.con.execute("SET threads = 1")
            active = store.con.execute((HERE / "assign_active.sql").read_text("utf-8")).fetchall()[0][0]
            clock = Clock()
            done = place_batch(store, settings, clock)
            total = sum(clock.seconds.values())
            print(f"archive of {archive:,}, window of {7 * per_day:,}, {active:,} active stories, {done} new articles")
            for name, seconds in clock.seconds.items():
                print(f"  {name:<34}{seconds:7.2f} s   {1000 * seconds / done:7.2f} ms an article")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  {done / total:,.0f} articles/s, all steps; peak memory so far {peak:,.0f} MB")
            print(f"  placed as made: {right(store):.1%}")
            if baselines:
                compare(store, done, total)
    return done, total


def compare(store: Store, done: int, total: float) -> None:
    """Print the baselines and how many times as fast ``done`` articles were placed in ``total`` seconds."""
    articles = {a.article_id: a for a in store.read(Article, "published_at >= TIMESTAMPTZ '2026-03-03 00:00:00+00'")}
    features = {f.article_id: f for f in store.read_in(ArticleFeatures, "article_id", list(articles))}
    items = items_of(articles, features, articles)
    story_of = {m.article_id: m.story_id for m in store.read_in(StoryArticle, "article_id", list(articles))}
    new = sorted(k for k in articles if k >= "a0100000000")
    loop = one_by_one(items, story_of, new)
    print(f"  baseline, one by one against all active stories: {1 / loop:,.1f}/s; ratio {done * loop / total:,.0f}")
    whole = len(items) * whole_window(items)
    print(f"  baseline, the whole window anew: {whole:,.0f} s a batch (likelihoods alone); ratio {whole / total:,.0f}")


def main() -> None:
    """Read the options and run for each size of archive."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.assign", description=__doc__)
    parser.add_argument(
        "--archive", default="10000,1000000", help="articles before the window, sizes separated by commas"
    )
    parser.add_argument("--per-day", type=int, default=12_000, help="articles on each of the seven days of the window")
    parser.add_argument("--batch", default="500,2500", help="new articles: sizes, with commas")
    parser.add_argument("--no-baselines", action="store_true", help="leave out the slow comparisons")
    options = parser.parse_args()
    archives, batches = ([int(n) for n in words.split(",")] for words in (options.archive, options.batch))
    for archive in archives:
        results = []
        for batch in batches:
            last = (archive, batch) == (archives[-1], batches[-1])
            results.append(run(archive, options.per_day, batch, last and not options.no_baselines))
        (few, low), (many, high) = results[0], results[-1]
        if many > few and high > low:
            rate = (many - few) / (high - low)
            print(f"  each article more: {rate:,.0f} articles/s; the window itself: {low - few / rate:.1f} s a batch")


if __name__ == "__main__":
    main()
