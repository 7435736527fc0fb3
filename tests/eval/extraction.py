"""Extraction of texts, titles and dates from real pages, beside trafilatura alone on the same pages.

Measures, each also with the prefix ``baseline_``: ``word_f1_<lang>``, ``word_f1_folder_<country>`` (mean over pages of
the overlap of words with the gold paragraphs), ``segment_precision|recall|f1_<lang>`` (gold segments, over all pages),
``rouge_lsum_f1_<lang>`` (the word overlap with optional paragraphs excused), ``title_accuracy``, ``date_accuracy``.
Only the page is given, no feed data. ``hangs`` are pages past the deadline, ``crashes`` processes that died.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.extract import Extractor
from pipeline.settings import ExtractSettings
from pipeline.steps import Extraction, PageInput
from pipeline.workers import WorkerFailure, WorkerPool
from tests.eval import Scores
from tests.eval._baseline import Plain
from tests.eval._gold import GoldPage, read_gold
from tests.eval._match import (
    rouge_lsum,
    same_day,
    same_title,
    segment_prf,
    segments,
    word_prf,
)

SETTINGS = ExtractSettings(workers=0, timeout_s=60.0, max_memory_mb=2048, min_words=1)
_HANG = "extract_timeout"
_CRASH = frozenset({"worker_crash", "worker_oom"})


def page_input(gold: GoldPage) -> PageInput:
    """Return the page as the pipeline gets it when the feed said nothing."""
    return PageInput(key=gold.key, url=gold.url, body=gold.body, content_type="text/html", source_id="gold")


def run_both(pages: list[GoldPage]) -> Iterator[tuple[GoldPage, Extraction, Plain]]:
    """Yield each page with what the pipeline and what trafilatura alone make of it."""
    with (
        Extractor(SETTINGS) as ours,
        WorkerPool[PageInput, Plain]("tests.eval._baseline:extract_plain", 0, 60.0, 2048) as theirs,
    ):
        mine = list(ours.run(map(page_input, pages)))
        for gold, extraction, (_, plain) in zip(pages, mine, theirs.run(map(page_input, pages)), strict=True):
            yield gold, extraction, Plain() if isinstance(plain, WorkerFailure) else plain


def read_all(paths: Iterable[Path]) -> list[GoldPage]:
    """Return the gold pages of all folders."""
    return [page for path in paths for page in read_gold(path)]


def evaluate(paths: list[Path]) -> Scores:
    """Score every gold page of the folders."""
    means: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rows: list[tuple[str, ...]] = []
    ends: Counter[str] = Counter()
    for gold, mine, plain in run_both(read_all(paths)):
        ends[mine.reason] += 1
        plain_date = datetime.fromisoformat(plain.date).replace(tzinfo=UTC) if plain.date else None
        cells = [gold.key, gold.lang]
        day_only = mine.published_precision == "day"
        for prefix, text, title, when, bare in (
            ("", mine.text, mine.title, mine.published_at, day_only),
            ("baseline_", plain.text, plain.title, plain_date, True),
        ):
            f1 = _add_text(prefix, text, gold, means, counts)
            if gold.title is not None:
                means[f"{prefix}title_accuracy"].append(same_title(title, gold.title))
            if gold.published is not None:
                means[f"{prefix}date_accuracy"].append(same_day(when, gold.published, bare))
            cells.append(f"{f1:.3f}")
        if gold.title is not None and not same_title(mine.title, gold.title):
            cells.append(f"title: {mine.title}")
        elif gold.published is not None and not same_day(mine.published_at, gold.published, day_only):
            cells.append(f"date: {mine.published_at}, gold {gold.published}")
        else:
            cells.append("" if mine.reason == "ok" else mine.reason)
        rows.append(tuple(cells))
    flat: dict[str, float | int | str] = {name: sum(v) / len(v) for name, v in sorted(means.items())}
    for name, count in sorted(counts.items()):
        prefix, _, lang = name.rpartition("/")
        scored = segment_prf(count)
        flat[f"{prefix}segment_precision_{lang}"] = scored.precision
        flat[f"{prefix}segment_recall_{lang}"] = scored.recall
        flat[f"{prefix}segment_f1_{lang}"] = scored.f1
    flat["files"] = sum(ends.values())
    flat["crashes"] = sum(ends[r] for r in _CRASH)
    flat["hangs"] = ends[_HANG]
    flat["empty"] = ends["extract_empty"] + ends["thin"]
    notes = tuple(f"{name} {value:.4f}" for name, value in flat.items() if isinstance(value, float))
    return Scores(flat, ("page", "lang", "F1", "alone", "remark"), tuple(rows), notes)


def _add_text(
    prefix: str, text: str, gold: GoldPage, means: dict[str, list[float]], counts: dict[str, Counter[str]]
) -> float:
    """Add one text's figures; return the page's own F1 for the table."""
    if gold.paragraphs is None:
        found = segments(text, gold.wanted, gold.unwanted)
        counts[f"{prefix}/{gold.lang}"].update(found)
        return segment_prf(found).f1
    if not gold.folder:
        score = rouge_lsum(text, gold.paragraphs).f1
        means[f"{prefix}rouge_lsum_f1_{gold.lang}"].append(score)
        means[f"{prefix}word_f1_{gold.lang}"].append(word_prf(text, "\n".join(gold.paragraphs)).f1)
        return score
    score = word_prf(text, "\n".join(gold.paragraphs)).f1
    means[f"{prefix}word_f1_{gold.lang}"].append(score)
    means[f"{prefix}word_f1_folder_{gold.folder}"].append(score)
    return score
