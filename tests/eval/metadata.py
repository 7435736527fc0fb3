"""Titles, dates and authors from real pages (no feed data given), beside trafilatura alone, per language."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from tests.eval import Scores
from tests.eval._match import same_authors, same_day, same_title
from tests.eval.extraction import read_all, run_both


def evaluate(paths: list[Path]) -> Scores:
    """Score every annotated field of the gold pages; the table shows what is wrong."""
    hits: dict[str, list[bool]] = defaultdict(list)
    rows: list[tuple[str, ...]] = []
    files = 0
    for gold, mine, plain in run_both(read_all(paths)):
        files += 1
        plain_date = datetime.fromisoformat(plain.date).replace(tzinfo=UTC) if plain.date else None
        plain_authors = tuple(a for a in plain.author.split("; ") if a)
        checks: list[tuple[str, bool, bool, str, str]] = []
        if gold.title is not None:
            checks.append(
                (
                    "title",
                    same_title(mine.title, gold.title),
                    same_title(plain.title, gold.title),
                    mine.title,
                    gold.title,
                )
            )
        if gold.published is not None:
            checks.append(
                (
                    "date",
                    same_day(mine.published_at, gold.published, mine.published_precision == "day"),
                    same_day(plain_date, gold.published, True),
                    str(mine.published_at),
                    gold.published,
                )
            )
        if gold.authors is not None:
            checks.append(
                (
                    "author",
                    same_authors(mine.authors, gold.authors),
                    same_authors(plain_authors, gold.authors),
                    "; ".join(mine.authors),
                    "; ".join(gold.authors),
                )
            )
        for name, right, alone, found, want in checks:
            for suffix in ("", f"_{gold.lang}"):
                hits[f"{name}_accuracy{suffix}"].append(right)
                hits[f"baseline_{name}_accuracy{suffix}"].append(alone)
            if not right:
                rows.append((gold.key, name, found, want))
    flat: dict[str, float | int | str] = {name: sum(v) / len(v) for name, v in sorted(hits.items())}
    flat["files"] = files
    notes = tuple(f"{name} {value:.4f}" for name, value in flat.items() if isinstance(value, float))
    return Scores(flat, ("page", "field", "found", "gold"), tuple(rows), notes)
