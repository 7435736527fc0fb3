"""What a run tells people: plain lines in a log, a summary in which every figure stands."""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from rich.console import Console

from pipeline.report import QuietReporter, RichReporter, RunSummary, SourceLine, StoryLine, print_summary

LINES = (
    SourceLine("el-faro", 2, {}, 30, 5, 20, 3, 1, 1, defaultdict(int, same_url=3, no_key=1)),
    SourceLine("la-torre", 0, {"https://latorre.example/rss": "timeout"}, 0, 0, 0, 0, 0, 0, {}),
)
SUMMARY = RunSummary(
    run_id="r1",
    home="data",
    status="ok",
    exit_status=0,
    seconds=12.4,
    sources=LINES,
    translations=Counter(ok=3, pending=2),
    sentences=40,
    memory_hits=7,
    missing_engines={"argos": "install [argos]"},
    articles=20,
    stories=1,
    copies=2,
    top_stories=(StoryLine("s1", "[/bold] Título", ("ES", "VE"), ("es",), 4, 2),),
)


def printed(summary: RunSummary, width: int = 160) -> str:
    """Return the summary as it is printed where no terminal is, or on one of ``width`` columns."""
    out = io.StringIO()
    print_summary(Console(file=out, width=width, no_color=True), summary, './atalaya query "FROM v_stories"')
    return out.getvalue()


def steps(total: int, notes: list[str]) -> list[str]:
    """Return the lines of a step in a log."""
    out = io.StringIO()
    with RichReporter(Console(file=out, width=160, no_color=True)).step("poll", total) as step:
        for note in notes:
            step.advance(note)
    return out.getvalue().splitlines()


def test_a_source_is_one_line_with_its_reasons() -> None:
    """Counts in the order of the columns, then why, the most frequent first."""
    rows = [[c.strip() for c in line.split("│")[1:-1]] for line in printed(SUMMARY).splitlines() if "│" in line]
    assert rows[0] == ["el-faro", "2 ok", "30", "20", "3", "5", "1", "1", "same_url 3, no_key 1"]
    assert rows[1] == ["la-torre", "0 ok, 1 failed", "0", "0", "0", "0", "0", "0", "timeout 1"]
    assert rows[2] == ["2 sources", "2 ok, 1 failed", "30", "20", "3", "5", "1", "1", ""]


def test_a_terminal_of_80_columns_shows_names_whole() -> None:
    """Columns of noughts are left out and the reasons stand below; with all columns it fits as well."""
    lines = printed(SUMMARY, 80).splitlines()
    assert lines[2].split() == ["source", "feeds", "seen", "stored", "duplicate", "known", "waiting", "dropped"]
    assert [line.split() for line in lines[4:6]] == [
        ["el-faro", "2", "ok", "30", "20", "3", "5", "1", "1"],
        ["la-torre", "0", "ok,", "1", "failed", "0", "0", "0", "0", "0", "0"],
    ]
    assert "el-faro: same_url 3, no_key 1" in lines
    few = replace(SUMMARY, sources=(SUMMARY.sources[1],))
    assert printed(few, 80).splitlines()[2].split() == ["source", "feeds"]
    assert max(len(line.rstrip()) for line in lines[:10]) <= 80


def test_of_many_sources_those_without_news_share_a_line() -> None:
    """A run over hundreds of outlets shows the ones that brought something or failed."""
    quiet = tuple(SourceLine(f"s{n}", 1, {}, 9, 9, 0, 0, 0, 0, {}) for n in range(30))
    rows = [line for line in printed(replace(SUMMARY, sources=(*SUMMARY.sources, *quiet))).splitlines() if "│" in line]
    assert [r.split("│")[1].strip() for r in rows[:4]] == ["el-faro", "la-torre", "30 others", "32 sources"]
    assert [cell.strip() for cell in rows[2].split("│")[2:5]] == ["30 ok", "270", "0"]


def test_the_summary_says_what_to_do_next() -> None:
    """Stories, texts that wait with the command that mends it, where the database is and a first question."""
    text = printed(SUMMARY)
    assert "Run r1: ok in 12 s" in text
    assert "│ [/bold] Título │ ES VE     │ es        │ 4        │ 2       │" in text
    assert "1 story from 20 articles, 2 copies folded." in text
    assert "Translations: ok 3, pending 2; 40 sentences, 7 from memory." in text
    assert "No argos here, so texts wait in their own language. To mend: install [argos]" in text
    assert "Database for analysts: data/news.duckdb" in text
    assert 'Try: ./atalaya query "FROM v_stories"' in text


def test_an_error_stands_on_one_line() -> None:
    """However long, so that a log can be searched for it."""
    words = "No feed could be reached. " * 20
    assert words.strip() in printed(RunSummary("r", "data", "failed", 1, 1.0, (), error=words.strip()))


def test_json_is_one_flat_line() -> None:
    """For machines: everything that people see, and nothing that breaks a line."""
    line = SUMMARY.as_json()
    assert "\n" not in line
    found = json.loads(line)
    assert (found["exit_status"], found["error"], found["missing_engines"]) == (0, None, {"argos": "install [argos]"})
    assert found["sources"][0]["reasons"] == {"same_url": 3, "no_key": 1}
    assert found["translations"] == {"ok": 3, "pending": 2}
    assert found["top_stories"][0]["countries"] == ["ES", "VE"]


def test_a_log_shows_where_a_long_step_is() -> None:
    """A line at every tenth of the work, none for each item."""
    lines = steps(100, [f"source-{n}" for n in range(100)])
    assert (lines[0], lines[1], lines[-1]) == ("poll: 100 to do", "poll: 10/100 source-9", "poll: 100 done")
    assert len(lines) == 11


def test_a_log_of_a_short_step_is_two_lines() -> None:
    """What is to do and that it is done; nothing to do is said once."""
    assert steps(3, ["a", "b", "c"]) == ["poll: 3 to do", "poll: 3 done"]
    assert steps(0, []) == ["poll: nothing to do"]


def test_a_step_that_fails_is_not_said_to_be_done() -> None:
    """An error goes up through the step and leaves no false line."""
    out = io.StringIO()
    reporter = RichReporter(Console(file=out, width=160))
    with pytest.raises(RuntimeError), reporter.step("poll", 2) as step:
        step.advance()
        raise RuntimeError("x")
    assert "done" not in out.getvalue()


def test_a_terminal_gets_bars() -> None:
    """On a terminal the step is a bar that ends full."""
    out = io.StringIO()
    with RichReporter(Console(file=out, width=80, force_terminal=True)).step("poll", 2) as step:
        step.advance("el-faro")
        step.advance("la-torre")
    assert "2/2" in out.getvalue()


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """For machines and tests: a step can be taken and nothing is printed."""
    with QuietReporter().step("poll", 1) as step:
        step.advance()
    QuietReporter().say("x")
    assert capsys.readouterr() == ("", "")
