"""What a second machine brings: ``python -m tests.bench.scale [SOURCES] [FOLDER]`` loads harvests by one and by four.

Prints, for the file in a home and for a lake, the seconds until the harvests of SOURCES outlets (default 40, 20 new
articles each) are in, by one loader and by four processes, and what publishing and planning cost after it. The baseline
of each line is the file with one loader, in the same run. Needs PostgreSQL on this machine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.load import plan_sources
from storage.publish import publish
from storage.records import Article, Entry, Feed
from storage.spool import write_spool
from storage.store import Store
from tests.conftest import ROOT
from tests.services import postgres
from tests.storage.builders import article, entry, feed, source

LOADER = """
import sys, time
from pipeline.batches import load_spools
from pipeline.runs import opener
from pipeline.settings import load_settings

url, home, *spools = sys.argv[1:]
settings = load_settings(home, store={"url": url})
with opener(settings)():
    pass
print("ready", flush=True)
sys.stdin.readline()
load_spools(settings, spools)
"""
WORDS = "el gobierno anunció ayer nuevas medidas para la costa y los vecinos esperan respuesta " * 25


def harvest(source_id: str, count: int) -> list[Article | Entry | Feed]:
    """Return what a poll of a source brings: its feed, entries and articles of 350 words."""
    ids = [f"{source_id}-{i}" for i in range(count)]
    articles = [article(f"a{i}", source_id, entry_id=i, text=f"{i} {WORDS}") for i in ids]
    return [feed(source_id), *(entry(i, source_id, article_id=f"a{i}") for i in ids), *articles]


def load(url: str, home: Path, spools: list[str], loaders: int) -> float:
    """Return the seconds from the moment ``loaders`` processes are ready until all spools are in."""
    running = []
    for number in range(loaders):
        place = home / str(number) if url else home
        words = [sys.executable, "-c", LOADER, url, str(place), *spools[number::loaders]]
        running.append(subprocess.Popen(words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    for process in running:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise SystemExit("a loader did not start")
    started = time.perf_counter()
    for process in running:  # all at once, then wait
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
    for process in running:
        process.communicate()
    took = time.perf_counter() - started
    if any(p.returncode for p in running):
        raise SystemExit("a loader failed")
    return took


def measure(name: str, url: str, home: Path, spools: list[str], loaders: int, baseline: float | None) -> float:
    """Load, publish and plan; print a line and return the seconds of loading."""
    with Store.open(home, "bench", url) as store:
        store.merge([source(Path(s).name.removesuffix(".jsonl.gz")) for s in spools])
    took = load(url, home, spools, loaders)
    with Store.open(home, "bench", url) as store:
        held = len(store.read(Article, "LIMIT 1000000"))
        started = time.perf_counter()
        publish(home, store)
        published = time.perf_counter() - started
        started = time.perf_counter()
        sources = [source(Path(s).name.removesuffix(".jsonl.gz")) for s in spools]
        plan_sources(store, sources, datetime.now(UTC) + timedelta(days=1), ignore_pauses=True)
        planned = time.perf_counter() - started
        started = time.perf_counter()
        store.compact()
        compacted = time.perf_counter() - started
    ratio = took / (baseline or took)
    print(
        f"{name:<20}{held:>7} articles  load {took:6.1f} s (x{ratio:.2f})  publish {published:5.1f} s  "
        f"plan {planned:5.2f} s  compact {compacted:5.1f} s",
        flush=True,
    )
    return took


def main() -> None:
    """Measure each place of the warehouse with one loader and, where that is possible, with four."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        base = Path(folder)
        spools = []
        for number in range(count):
            spools.append(str(base / "spool" / f"s{number:03d}.jsonl.gz"))
            write_spool(spools[-1], harvest(f"s{number:03d}", 20))
        baseline = measure("file, one loader", "", base / "file", spools, 1, None)
        for loaders in (1, 4):
            with postgres.lake(base / f"lake{loaders}") as url:
                measure(f"lake, {loaders} at once", url, base / f"home{loaders}", spools, loaders, baseline)


if __name__ == "__main__":
    main()
