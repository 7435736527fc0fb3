"""How things stand, read from the snapshot."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.settings import load_settings
from pipeline.status import SECTIONS, Section, Status, print_status, read_status, texts_to_retry, verified_sources
from storage.errors import QueryError
from storage.query import run_query


def test_every_section_is_there(demo_home: Path) -> None:
    """Runs, entries, translations and sources, each with its columns and rows."""
    status = read_status(load_settings(demo_home))
    assert [s.name for s in status.sections] == list(SECTIONS)
    by_name = {s.name: s for s in status.sections}
    assert [r[1] for r in by_name["runs"].rows] == ["demo", "demo"]
    assert ("ca", "pending", None, 6) in [row[:4] for row in by_name["translations"].rows]
    assert [row[4] is None for row in by_name["translations"].rows] == [
        row[1] != "pending" for row in by_name["translations"].rows
    ]
    assert by_name["sources"].rows[0][:4] == ("diario-marisma", "https://diariomarisma.example/rss", "unreachable", 2)


def test_entries_add_up(demo_home: Path) -> None:
    """Each entry is in one line of the status: the lines add up to the table."""
    (entries,) = read_status(load_settings(demo_home), ("entries",)).sections
    total = run_query(demo_home, "SELECT count(*) FROM entries", 10.0).rows[0][0]
    assert sum(int(str(r[2])) for r in entries.rows) == total == 91


def test_json_names_sections_and_columns(demo_home: Path) -> None:
    """One line; times are text."""
    line = read_status(load_settings(demo_home)).as_json()
    found = json.loads(line)
    assert "\n" not in line
    assert set(found) == {"home", *SECTIONS}
    assert found["runs"][0]["started_at"] > found["runs"][1]["started_at"]
    assert {e["reason"] for e in found["entries"]} >= {"new", "same_url", "no_key", "bad_url"}


def test_before_the_first_run(tmp_path: Path) -> None:
    """There is nothing to read yet, and that is said; no source was reached."""
    with pytest.raises(QueryError, match="no snapshot yet"):
        read_status(load_settings(tmp_path))
    assert verified_sources(load_settings(tmp_path)) == {}
    assert texts_to_retry(load_settings(tmp_path), ["es"]) == 0


def test_what_could_be_translated_again_is_counted_by_language(demo_home: Path) -> None:
    """Pending, partial and withheld translations of the languages asked for; the rest does not count."""
    settings = load_settings(demo_home)
    assert texts_to_retry(settings, ["ca"]) == 6
    ((wanted,),) = run_query(
        demo_home,
        "SELECT count(*) FROM v_articles WHERE lang = 'es' AND translation_status NOT IN ('ok', 'not_needed')",
        10.0,
    ).rows
    assert texts_to_retry(settings, ["es"]) == wanted
    assert texts_to_retry(settings, ["en", "pt"]) == 0


def test_tables_show_words_as_they_are() -> None:
    """A reason or address with brackets is no markup; nothing is an empty cell."""
    out = io.StringIO()
    status = Status("data", (Section("sources", ("a", "b"), (("[red]", None),)),))
    print_status(Console(file=out, width=80, no_color=True), status)
    assert "│ [red] │   │" in out.getvalue()
