"""The evaluation of extraction: the comparison functions, and the figures the project promises on real pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import need
from tests.eval import extraction, languages
from tests.eval._gold import gold_format
from tests.eval._match import rouge_lsum, same_authors, same_day, same_title, segment_prf, segments, word_prf


def test_word_overlap_counts_each_word_as_often_as_it_stands() -> None:
    """Two of three words found, one of three invented."""
    score = word_prf("uno dos dos", "uno dos tres")
    assert (score.precision, score.recall) == (2 / 3, 2 / 3)
    assert word_prf("", "uno").f1 == 0.0


def test_segments_are_found_whatever_the_spacing() -> None:
    """Precision counts unwanted segments that are there, recall wanted ones that are."""
    counts = segments("La ley\nsale adelante. Lea más", ("La ley sale", "nunca"), ("Lea más", "Temas"))
    score = segment_prf(counts)
    assert (score.precision, score.recall) == (0.5, 0.5)


def test_optional_paragraphs_count_only_where_they_are_given() -> None:
    """Square brackets mark what may stand in a text or not."""
    gold = ("La ley sale adelante.", "[Con dos votos.]")
    assert rouge_lsum("La ley sale adelante.", gold).f1 == 1.0
    assert rouge_lsum("La ley sale adelante.\nCon dos votos.", gold).f1 == 1.0
    assert rouge_lsum("La ley.", gold).recall == 0.5


def test_titles_days_and_names_compare_as_people_do() -> None:
    """Shape of quotes, offset of the gold, order and accents of names do not matter; the rest does."""
    assert same_title("La ley ‘difícil’ ", "La ley 'difícil'")
    assert not same_title("La ley", "La ley de puertos")
    assert same_day(datetime(2026, 3, 5, 2, tzinfo=UTC), "2026-03-04T22:00:00-04:00")
    assert same_day(datetime(2026, 3, 5, 2, tzinfo=UTC), "2026-03-04")
    assert not same_day(datetime(2026, 3, 5, 2, tzinfo=UTC), "2026-03-04", day_only=True)
    assert not same_day(datetime(2026, 3, 5, 12, tzinfo=UTC), "2026-03-04")
    assert not same_day(None, "2026-03-04")
    assert same_authors(("Tomas Rey", "Nuria Sala"), ("Nuria Sala", "Tomás Rey"))


def test_a_folder_without_gold_is_refused(tmp_path: Path) -> None:
    """With words that say what was looked for."""
    with pytest.raises(ValueError, match=r"gold\.json"):
        gold_format(tmp_path)


@pytest.mark.corpora
def test_real_pages_come_out_better_than_from_trafilatura_alone(corpora: Path) -> None:
    """Word F1 by country and by language above the baseline on the same pages; every date right; nothing lost."""
    folder = corpora / "extract-fundus-tests"
    need(folder.is_dir(), f"needs {folder}")
    flat = extraction.evaluate([folder]).flat
    for name in ("word_f1_folder_es", "word_f1_folder_us", "word_f1_es", "word_f1_en", "title_accuracy"):
        assert float(flat[name]) > float(flat[f"baseline_{name}"]), name
    assert flat["date_accuracy"] == 1.0
    assert float(flat["title_accuracy"]) >= 0.95  # one outlet shows readers another title than its metadata has
    assert (flat["crashes"], flat["hangs"], flat["empty"]) == (0, 0, 0)


@pytest.mark.corpora
def test_boilerplate_of_real_spanish_pages_stays_out(corpora: Path) -> None:
    """Segment F1 above the baseline in both languages, and Spanish precision far above it."""
    folder = corpora / "extract-trafilatura"
    need(folder.is_dir(), f"needs {folder}")
    flat = extraction.evaluate([folder]).flat
    assert float(flat["segment_f1_es"]) > float(flat["baseline_segment_f1_es"])
    assert float(flat["segment_f1_en"]) > float(flat["baseline_segment_f1_en"])
    assert float(flat["segment_precision_es"]) >= 0.93
    assert (flat["crashes"], flat["hangs"]) == (0, 0)


@pytest.mark.corpora
def test_the_language_of_short_real_sentences_is_told(corpora: Path) -> None:
    """Sentence by sentence, without a hint."""
    folder = corpora / "topic-sib200"
    need(folder.is_dir(), f"needs {folder}")
    flat = languages.evaluate([folder]).flat
    assert float(flat["accuracy_es"]) >= 0.99
    assert float(flat["accuracy_en"]) >= 0.99
