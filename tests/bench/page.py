"""How fast the page is: ``python -m tests.bench.page [FOLDER [ARTICLES [ROUNDS]]]``.

Builds a home of 200,000 articles (see `_big.py`; kept in FOLDER when one is given), serves it by the real command, and
asks for every kind of page over HTTP, each round for other days, stories, articles, topics and words, so that no answer
can come from a cache. Prints median and 95th percentile by page, and as a ratio to a page that asks the snapshot
for no more than its state (``/en/guide``, kept since the first request) in the same rounds: that ratio, and the
server's own processor time, are what to compare between machines. Plots are drawn once per snapshot, so they are
timed apart.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from storage.query import run_query
from tests.bench._big import ARTICLES, big_home
from tests.web.conftest import Served, serving

_WORDS = ("presos políticos", "oil", "elecciones", "earthquake", "devaluación", "tribunal juez", "border", "huelga")
_GOAL_MS = {"all pages but search": 200.0, "search": 500.0}


def column(home: Path, sql: str) -> list[str]:
    """Return the first column of a question to the snapshot."""
    return [str(row[0]) for row in run_query(home, sql, 600).rows]


def rounds(home: Path, count: int) -> Iterator[dict[str, str]]:
    """Yield the addresses of each round by kind of page."""
    days = column(home, "SELECT DISTINCT day_caracas FROM day_facts ORDER BY day_caracas DESC")
    stories = column(home, f"SELECT story_id FROM story_facts ORDER BY hash(story_id) LIMIT {count}")
    widest = column(home, f"SELECT story_id FROM story_facts ORDER BY article_count DESC LIMIT {count}")
    articles = column(home, f"SELECT article_id FROM articles ORDER BY hash(article_id) LIMIT {count}")
    topics = column(home, "SELECT topic_id FROM topics ORDER BY hash(topic_id)")
    sources = column(home, "SELECT source_id FROM sources ORDER BY hash(source_id)")
    for n in range(count):
        yield {
            "nothing asked (the baseline)": "/en/guide",
            "stories of a day": f"/en/?day={days[n % len(days)]}",
            "stories of a day, filtered": f"/es/?day={days[n % len(days)]}&country=VE&beat=venezuela",
            "a story": f"/en/stories/{stories[n % len(stories)]}",
            "one of the widest stories": f"/es/stories/{widest[n % len(widest)]}",
            "an article": f"/en/articles/{articles[n % len(articles)]}",
            "stories by outlet": f"/en/matrix?day={days[n % len(days)]}",
            "search": f"/es/search?q={_WORDS[n % len(_WORDS)]}&since={days[-1 - n % len(days)]}",
            "topics": "/en/topics",
            "a topic": f"/en/topics/{topics[n % len(topics)]}",
            "outlets": "/en/sources",
            "an outlet": f"/en/sources/{sources[n % len(sources)]}",
            "dropped": f"/en/drops?page={1 + n % 50}",
        }


def at_share(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def processor_ms(pid: int) -> float:
    """Return the milliseconds of processor time that a process has used (Linux; to a hundredth of a second)."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(parts[11]) + int(parts[12])) * 1_000 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Times:
    """What one kind of page took: milliseconds of each request, and processor time of all together."""

    wall: list[float] = field(default_factory=list)
    processor: float = 0.0


def measure(served: Served, count: int) -> dict[str, Times]:
    """Return the times of each kind of page, a request for each round; the first round warms up."""
    found: dict[str, Times] = {}
    with httpx.Client(base_url=served.base, timeout=60) as client:
        for number, pages in enumerate(rounds(served.home, count + 1)):
            for name, path in pages.items():
                used, start = processor_ms(served.pid), time.perf_counter()
                answer = client.get(path)
                took = (time.perf_counter() - start) * 1_000
                assert answer.status_code == 200, f"{path}: {answer.status_code}"
                if number:
                    times = found.setdefault(name, Times())
                    times.wall.append(took)
                    times.processor += processor_ms(served.pid) - used
    return found


def plots(served: Served) -> list[float]:
    """Return the milliseconds of plots that were not drawn before, after a first one that starts the renderer."""
    found = []
    days = column(served.home, "SELECT DISTINCT day_caracas FROM day_facts ORDER BY day_caracas DESC LIMIT 12")
    for day in days:
        start = time.perf_counter()
        assert served.get(f"/en/plots/days.svg?day={day}").status_code == 200
        found.append((time.perf_counter() - start) * 1_000)
    return found[1:]


def report(found: dict[str, Times]) -> bool:
    """Print a line for each kind of page; return whether the goals are reached."""
    base = at_share(next(iter(found.values())).wall, 0.5)
    pages = [times for name, times in found.items() if name != "search"]
    whole = Times([v for t in pages for v in t.wall], sum(t.processor for t in pages))
    found["all pages but search"] = whole
    print(f"{'page':<34}{'median ms':>10}{'p95 ms':>10}{'median / baseline':>20}{'processor ms':>14}")
    for name, times in found.items():
        middle = at_share(times.wall, 0.5)
        mean = times.processor / len(times.wall)
        print(f"{name:<34}{middle:>10.0f}{at_share(times.wall, 0.95):>10.0f}{middle / base:>20.1f}{mean:>14.0f}")
    print(f"goals, p95 in ms: {_GOAL_MS}; load of the machine {os.getloadavg()[0]:.1f}")
    return all(at_share(found[name].wall, 0.95) < goal for name, goal in _GOAL_MS.items())


def main() -> None:
    """Build, serve, measure, report."""
    words = sys.argv[1:]
    articles = int(words[1]) if len(words) > 1 else ARTICLES
    count = int(words[2]) if len(words) > 2 else 30
    with tempfile.TemporaryDirectory() as folder:
        home = big_home(Path(words[0]) if words else Path(folder), articles)
        with serving(home) as served:
            reached = report(measure(served, count))
            drawn = plots(served)
    print(f"{'a plot drawn anew':<34}{at_share(drawn, 0.5):>10.0f}{at_share(drawn, 0.95):>10.0f}")
    raise SystemExit(0 if reached else 1)


if __name__ == "__main__":
    main()
