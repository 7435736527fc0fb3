"""The scores of the identity tasks, on cases that can be checked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.eval import copies, pairs, stories
from tests.eval._identity import bcubed, pairwise_cross
from tests.unit.identity_texts import ENGLISH, PORT_EN, PORT_ES, QUAKE_NORTH, QUAKE_NORTH_EN, QUAKE_SOUTH, RATES, WIRE


def test_bcubed_of_a_known_case() -> None:
    """Four articles, three of one event, found as two pairs: precision 3/4, recall 2/3."""
    gold, found = dict(zip("abcd", "xxxy", strict=True)), dict(zip("abcd", "ppqq", strict=True))
    precision, recall, f1 = bcubed(gold, found)
    assert (precision, recall) == (0.75, pytest.approx(2 / 3))
    assert f1 == pytest.approx(2 * 0.75 * (2 / 3) / (0.75 + 2 / 3))


def test_cross_language_pairs_only() -> None:
    """Pairs within one language do not count: of two true cross pairs one is found, and no false one."""
    gold = dict.fromkeys("abc", "x")
    lang = {"a": "en", "b": "es", "c": "es"}
    assert pairwise_cross(gold, {"a": "p", "b": "p", "c": "q"}, lang) == pytest.approx(2 / 3)
    assert pairwise_cross(gold, gold, lang) == 1.0


def test_the_tasks_read_their_formats(tmp_path: Path) -> None:
    """Each task scores a small file of its format with the keys that others read."""
    rows = [
        {"uri": "1", "lang": "spa", "published_at": "2026-01-12 09:00:00", "title": QUAKE_NORTH, "cluster": "n"},
        {"uri": "2", "lang": "eng", "published_at": "2026-01-12 10:00:00", "title": QUAKE_NORTH_EN, "cluster": "n"},
        {"uri": "3", "lang": "spa", "published_at": "2026-01-12 11:00:00", "title": RATES, "cluster": "r"},
    ]
    (tmp_path / "titles.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    flat = stories.evaluate([tmp_path]).flat
    assert flat["bcubed_f1"] == flat["pairwise_f1_cross"] == 1.0
    assert {"bcubed_f1_eng", "bcubed_f1_spa", "baseline_tfidf_bcubed_f1", "baseline_vectors_bcubed_f1"} <= set(flat)

    scored = [
        {"text1": a, "text2": b, "lang1": "es", "lang2": "es", "overall": o}
        for a, b, o in (
            (WIRE, WIRE, 1.0),
            (QUAKE_NORTH, QUAKE_SOUTH, 3.0),
            (WIRE, RATES, 4.0),
            (RATES, QUAKE_SOUTH, 4.0),
        )
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, scored)), encoding="utf-8")
    assert float(pairs.evaluate([file]).flat["pearson_es"]) > 0.9

    groups = [
        {"id": str(i), "group": g, "text": t} for i, (g, t) in enumerate((("w", WIRE), ("w", WIRE), ("e", ENGLISH)))
    ]
    file.write_text("\n".join(map(json.dumps, groups)), encoding="utf-8")
    flat = copies.evaluate([file]).flat
    assert (flat["precision"], flat["recall"]) == (1.0, 1.0)
    two = [{"id": c, "group": "p", "lang": c, "text": t} for c, t in (("en", PORT_EN), ("es", PORT_ES))]
    file.write_text("\n".join(map(json.dumps, two)), encoding="utf-8")
    flat = copies.evaluate([file]).flat
    assert (flat["translated_precision"], flat["translated_recall"]) == (1.0, 1.0)
