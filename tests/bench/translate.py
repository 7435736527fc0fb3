"""How much faster translation is than `argostranslate.translate`, on the same package and beam, in one process.

    python -m tests.bench.translate [--articles N] [--beam N] [--package FOLDER]

Without ``--package`` (an installed Argos package es→en) a stand-in of the same size is built, whose words mean nothing
and whose output is as long as its input (`tests.bench._base_model`); that is kept in the temporary folder. Prints
words a second and, since other work on the machine distorts times, the ratio of processor time beside that of time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import CORPORA

_REPEATED = 0.4
_NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, measure, print one line a measure and one of JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.translate", description=__doc__)
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--beam", type=int, default=2)
    parser.add_argument("--package", type=Path)
    parser.add_argument("--threads", type=int, default=0, help="0: one per core; 1 gives steady processor times")
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.gettempdir()) / "atalaya-bench-translate"
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(folder / "xdg")
    os.environ["ARGOS_BEAM_SIZE"] = str(asked.beam)
    os.environ["ARGOS_INTRA_THREADS"] = str(asked.threads)
    package = asked.package or _stand_in(folder)
    cold = _articles(asked.articles)
    day = _day(cold)
    found: dict[str, object] = {
        "package": package.name, "beam": asked.beam, "threads": asked.threads or len(os.sched_getaffinity(0))
    }  # fmt: skip
    for name, texts in (("cold", cold), ("day", day)):
        theirs, ours = _argostranslate(package), _atalaya(package, asked.beam, asked.threads)
        theirs(["Una frase para empezar."])
        ours(["Una frase para empezar."])
        words = sum(len(t.split()) for t in texts)
        # theirs in two halves around ours, so that other work on the machine weighs on both
        half = len(texts) // 2
        before, fast, after = _timed(theirs, texts[:half]), _timed(ours, texts), _timed(theirs, texts[half:])
        slow = (before[0] + after[0], before[1] + after[1])
        found[name] = {
            "words": words,
            "argostranslate_words_s": round(words / slow[0]), "atalaya_words_s": round(words / fast[0]),
            "times": round(slow[0] / fast[0], 2), "times_cpu": round(slow[1] / fast[1], 2),
        }  # fmt: skip
        print(f"{name}: {found[name]}", flush=True)
    print(json.dumps(found))
    return 0


def _timed(work: Callable[[Sequence[str]], None], texts: Sequence[str]) -> tuple[float, float]:
    """Return seconds on the clock and of all processors."""
    at, cpu = time.perf_counter(), time.process_time()
    work(texts)
    return time.perf_counter() - at, time.process_time() - cpu


def _stand_in(folder: Path) -> Path:
    from tests.bench._base_model import build_package

    package = folder / "translate-es_en-base"
    if not (package / "metadata.json").exists():
        toy = CORPORA.parent / "tools" / "translate-es_en-toy.argosmodel"
        texts = [CORPORA / "mt-wmt" / f"wmt{year}.{lang}" for year in ("08", "09", "10", "11") for lang in ("es", "en")]
        build_package(folder, texts, toy)
    return package


def _articles(count: int) -> list[str]:
    """Return texts of the news test set, 18 sentences each, in paragraphs of one to three."""
    draw = random.Random(1)
    lines = iter((CORPORA / "mt-wmt" / "wmt12.es").read_text(encoding="utf-8").splitlines())
    texts = []
    for _ in range(count):
        left, paragraphs = 18, []
        while left:
            size = min(left, draw.randint(1, 3))
            paragraphs.append(" ".join(next(lines) for _ in range(size)))
            left -= size
        texts.append("\n".join(paragraphs))
    return texts


def _day(texts: Sequence[str]) -> list[str]:
    """Return a day of as many texts, of which 40 % repeat another one of the day, shuffled."""
    fresh = round(len(texts) * (1 - _REPEATED))
    day = [*texts[:fresh], *(texts[n % fresh] for n in range(len(texts) - fresh))]
    random.Random(2).shuffle(day)
    return day


def _argostranslate(folder: Path) -> Callable[[Sequence[str]], None]:
    """Return the baseline: the library's own way, text by text."""
    from argostranslate.package import Package
    from argostranslate.translate import CachedTranslation, Language, PackageTranslation

    spanish, english = Language("es", "Spanish"), Language("en", "English")
    translation = CachedTranslation(PackageTranslation(spanish, english, Package(folder)))

    def work(texts: Sequence[str]) -> None:
        for text in texts:
            translation.translate(text)

    return work


def _atalaya(folder: Path, beam: int, threads: int) -> Callable[[Sequence[str]], None]:
    """Return our way: splitting, engine, checks, memory and joining, as in a run; only failures are not tried again."""
    from pipeline.translate.argos import ArgosEngine, read_package
    from pipeline.translate.crew import Crew
    from pipeline.translate.stage import translate_articles
    from storage.ids import sha256_text
    from tests.storage.builders import article

    class Once(ArgosEngine):
        """Salad fails every check; a real model's output seldom does, so trying again is left out."""

        def alternatives(self, texts: Sequence[str], source: str, target: str) -> list[tuple[str, ...]]:
            return [() for _ in texts]

    crew = Crew((Once([read_package(folder)], threads=threads, beam=beam),))

    def work(texts: Sequence[str]) -> None:
        articles = [
            article(f"a{n}", lang="es", title="", text=t, text_sha256=sha256_text(t)) for n, t in enumerate(texts)
        ]
        translate_articles(articles, crew, {}, lambda: _NOW)

    return work


if __name__ == "__main__":
    sys.exit(main())
