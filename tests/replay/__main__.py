"""Print the figures of the replay: ``python -m tests.replay [CORPORA] [--home DIR] [--json]``.

Serves every recorded feed and PAGE_COUNT real pages over loopback, runs the whole pipeline over them twice and prints
feeds, entries by outcome, pages stored whole, agreement with the gold, and seconds by stage. ``ATALAYA_ENGINES=none``
leaves the translation out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from pipeline.newsroom.server import HostServer
from tests.conftest import CORPORA
from tests.replay.measure import Held, held, page_figures, replay
from tests.replay.world import World, build_world, replay_settings


def figures(world: World, home: Path) -> tuple[dict[str, float | int], list[str]]:
    """Run over the world twice; return the figures, flat, and remarks for people."""
    with HostServer(world.sites()) as server:
        settings = replay_settings(home, server.hosts())
        first, clock = replay(settings, world.catalogue())
        stored = held(home)
        asked = len(server.requests())
        second, _ = replay(settings, world.catalogue())
        statuses = [r.status for r in server.requests()[asked:]]
    flat: dict[str, float | int] = {
        "exit_status": first.exit_status,
        "recorded_feeds": len(world.recorded),
        "feeds_ok": sum(s.feeds_ok for s in first.sources),
        "feeds_failed": sum(len(s.feeds_failed) for s in first.sources),
    }
    flat |= _entries(stored)
    pages = page_figures(world, stored)
    flat |= {
        "pages": len(world.pages),
        "pages_full": pages.full,
        "word_f1": round(pages.word_f1_mean, 4),
        "word_f1_pages": len(pages.word_f1),
        "segment_precision": round(pages.segments.precision, 4),
        "segment_recall": round(pages.segments.recall, 4),
        "wrong_language": len(pages.wrong_language),
        "stories": first.stories,
        "copies": first.copies,
        "requests": asked,
        "seconds": round(first.seconds, 1),
    }
    flat |= {f"seconds_{name}": round(s, 1) for name, s in clock.seconds.items()}
    flat |= {
        "second_requests": len(statuses),
        "second_not_modified": statuses.count(304),
        "second_seconds": round(second.seconds, 1),
    }
    failed = [f"feed failed: {url}: {why}" for s in first.sources for url, why in s.feeds_failed.items()]
    worst = sorted(pages.word_f1.items(), key=lambda p: p[1])[:5]
    remarks = [
        *failed,
        *(f"page not stored whole: {line}" for line in pages.lost),
        *(f"language: {line}" for line in pages.wrong_language),
        *(f"word F1 {f1:.3f}: {url}" for url, f1 in worst),
    ]
    return flat, remarks


def _entries(stored: Held) -> dict[str, float | int]:
    counts: dict[str, float | int] = {"entries": len(stored.entries)}
    counts |= {f"entries_{outcome}": n for outcome, n in sorted(stored.outcomes().items())}
    counts["articles"] = len(stored.articles)
    return counts


def main() -> int:
    """Print the figures; return the run's exit status, or 2 where the corpora are not there."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="?", default=CORPORA)
    parser.add_argument("--home", type=Path, help="keep what the run writes (default: a folder that is removed)")
    parser.add_argument("--json", action="store_true", help="one flat JSON object, last on standard output")
    args = parser.parse_args()
    if not (args.corpora / "feeds-recorded-news").is_dir():
        print(f"{args.corpora}: no recorded feeds there (set ATALAYA_CORPORA)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        flat, remarks = figures(build_world(args.corpora), args.home or Path(scratch) / "home")
    for name, value in flat.items():
        print(f"{name:<28} {value}")
    for remark in remarks:
        print(remark)
    if args.json:
        print(json.dumps(flat, ensure_ascii=False))
    return int(flat["exit_status"])


if __name__ == "__main__":
    sys.exit(main())
