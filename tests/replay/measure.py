"""Run the pipeline over the replay and compare what it stored with the gold of the real pages."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.report import RunSummary, Step
from pipeline.runs import RunOptions, run
from pipeline.settings import Settings
from pipeline.sources import Catalogue
from storage.records import Article, Entry
from storage.store import Store
from tests.eval._match import Prf, segment_prf, segments, word_prf
from tests.replay.world import World


@dataclass
class StageClock:
    """A reporter that notes how long each step took, in seconds. ``poll`` includes loading what was polled."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Step]:
        started = time.monotonic()
        yield self
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started

    def advance(self, note: str = "", count: int = 1) -> None:
        """Note nothing: only whole steps are timed."""

    def say(self, line: str) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a warehouse holds after a run; ``articles`` by id."""

    entries: tuple[Entry, ...]
    articles: dict[str, Article]

    def states(self) -> Counter[str]:
        """Return the number of entries in each state."""
        return Counter(e.state for e in self.entries)

    def outcomes(self) -> Counter[str]:
        """Return the number of entries by ``state/reason``."""
        return Counter(f"{e.state}/{e.reason}" for e in self.entries)


@dataclass(frozen=True, slots=True)
class PageFigures:
    """How the real pages came out. ``word_f1`` is by page address, of pages whose gold is the whole text."""

    full: int
    lost: tuple[str, ...]  # address and outcome of each page not stored as full
    word_f1: dict[str, float]
    segments: Prf  # over all pages whose gold is segments
    wrong_language: tuple[str, ...]

    @property
    def word_f1_mean(self) -> float:
        """The mean over pages; one that was not stored counts as 0."""
        return sum(self.word_f1.values()) / len(self.word_f1)


def replay(settings: Settings, catalogue: Catalogue) -> tuple[RunSummary, StageClock]:
    """Do a run; return its summary and the time of each stage."""
    clock = StageClock()
    return run(settings, catalogue, RunOptions(), clock), clock


def held(home: Path) -> Held:
    """Read entries and articles from the warehouse of a home that no process has open."""
    with Store.open(home, "replay") as store:
        return Held(tuple(store.read(Entry)), {a.article_id: a for a in store.read(Article)})


def page_figures(world: World, found: Held) -> PageFigures:
    """Compare the stored texts of the real pages with their gold."""
    by_url = {e.url: e for e in found.entries if e.feed_url not in world.recorded}
    lost, wrong_language = [], []
    word_f1: dict[str, float] = {}
    counts: Counter[str] = Counter()
    for url, page in world.pages.items():
        entry = by_url.get(url)
        article = found.articles.get(entry.article_id or "") if entry is not None else None
        text = article.text if article is not None and article.kind == "full" else ""
        if not text:
            lost.append(f"{url}: {f'{entry.state}/{entry.reason} {entry.detail}' if entry else 'no entry'}")
        elif article is not None and article.lang != page.lang:
            wrong_language.append(f"{url}: {article.lang}, not {page.lang}")
        if page.paragraphs is not None:
            word_f1[url] = word_prf(text, "\n".join(page.paragraphs)).f1
        else:
            counts.update(segments(text, page.wanted, page.unwanted))
    return PageFigures(
        len(world.pages) - len(lost), tuple(lost), word_f1, segment_prf(counts), tuple(wrong_language)
    )  # fmt: skip
