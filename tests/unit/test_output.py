"""Rows as tables, JSON and CSV: complete, readable, and harmless in a spreadsheet or a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.output import counted, distinct, neutral, plain, shown, write_rows

AT = datetime(2026, 1, 8, 17, 5, tzinfo=UTC)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def written(format: str, columns: list[str], rows: list[tuple[object, ...]]) -> str:
    """Return what `write_rows` writes, tables included."""
    out = io.StringIO()
    write_rows(columns, rows, format, out, Console(file=out, width=160, no_color=True))
    return out.getvalue()


def test_json_is_one_array_on_one_line() -> None:
    """Objects in the order of rows, times in ISO form, lists as arrays, text as it is."""
    text = written("json", ["a", "at", "tags"], [("ñandú", AT, ["x", "y"]), (None, date(2026, 1, 8), ())])
    assert text.count("\n") == 1
    assert "ñandú" in text
    assert json.loads(text) == [
        {"a": "ñandú", "at": "2026-01-08T17:05:00+00:00", "tags": ["x", "y"]},
        {"a": None, "at": "2026-01-08", "tags": []},
    ]


def test_json_keeps_columns_of_one_name() -> None:
    """Two columns of one name, as a join gives them, are both there."""
    (found,) = json.loads(written("json", ["title", "title", "title_2"], [("a", "b", "c")]))
    assert found == {"title": "a", "title_2": "b", "title_2_2": "c"}


@given(st.lists(st.sampled_from(["a", "a_2", "a_2_2", "b"]), max_size=8))
def test_distinct_names_are_distinct(columns: list[str]) -> None:
    """However columns repeat, each gets a name of its own, and first ones keep theirs."""
    names = distinct(columns)
    assert len(set(names)) == len(columns)
    assert all(n.startswith(c) for n, c in zip(names, columns, strict=True))


def test_json_knows_only_numbers_of_json() -> None:
    """Decimals are numbers, NaN and infinities are null: every parser reads the line."""
    text = written("json", ["d", "n", "i"], [(Decimal("-1.5"), float("nan"), float("inf"))])
    assert json.loads(text, parse_constant=pytest.fail) == [{"d": -1.5, "n": None, "i": None}]


@pytest.mark.parametrize("start", FORMULA)
def test_csv_cells_are_no_formulas(start: str) -> None:
    """A title that begins as a formula does gets a mark in front; numbers below zero stay numbers."""
    text = written("csv", ["t", "n", "d"], [(f"{start}cmd|'/c calc'!A0", -3, Decimal("-1.5"))])
    header, row = list(csv.reader(io.StringIO(text)))
    assert header == ["t", "n", "d"]
    assert row == [f"'{start}cmd|'/c calc'!A0", "-3", "-1.5"]


def test_csv_names_are_no_formulas_either() -> None:
    """An alias is chosen by whoever wrote the question, not always by who opens the file."""
    assert written("csv", ["=1+1"], [(1,)]).splitlines()[0] == "'=1+1"


@given(st.one_of(st.text(), st.lists(st.text(max_size=5), max_size=3), st.none(), st.booleans(), st.datetimes()))
def test_no_cell_begins_a_formula(value: object) -> None:
    """Whatever text comes, also in a list or behind spaces, the cell begins with nothing a spreadsheet runs."""
    assert not neutral(value).lstrip(" ").startswith(FORMULA)


@given(
    st.lists(st.tuples(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.integers()), max_size=20)
)
def test_csv_comes_back(rows: list[tuple[object, ...]]) -> None:
    """Quotes, commas and any letters survive a CSV reader, but for the mark before formulas."""
    read = list(csv.reader(io.StringIO(written("csv", ["t", "n"], rows))))[1:]
    assert [(t.removeprefix("'"), n) for t, n in read] == [(str(t).removeprefix("'"), str(n)) for t, n in rows]


@pytest.mark.parametrize("format", ["table", "json", "csv"])
def test_rows_are_never_capped(format: str) -> None:
    """Ten thousand rows are asked for and ten thousand come, in order."""
    text = written(format, ["n"], [(n,) for n in range(10_000)])
    if format == "json":
        assert [r["n"] for r in json.loads(text)] == list(range(10_000))
    elif format == "csv":
        assert text.split() == ["n", *map(str, range(10_000))]
    else:
        found = [int(line.strip("│ ")) for line in text.splitlines() if line.startswith("│")]
        assert found == list(range(10_000))
        assert text.endswith("10000 rows\n")


@pytest.mark.parametrize("title", ["[bold]x", "[/red] y", "a [1] b", "[link=https://x.example]z[/link]", "\\[q]"])
def test_a_table_shows_brackets_as_they_are(title: str) -> None:
    """A title is text: what looks like markup is neither obeyed nor lost nor an error."""
    assert f"│ {title} " in written("table", ["t"], [(title,)])


def test_a_table_cuts_no_cell() -> None:
    """A long cell is folded, not shortened."""
    text = written("table", ["t"], [("x" * 500,)])
    assert text.count("x") == 500


def test_a_table_passes_no_command_to_the_terminal() -> None:
    """Escape sequences in a title (colours, titles, links of the terminal) are made visible."""
    text = written("table", ["t"], [("\x1b]0;pwned\x07\x1b[31mred\x9b2J",)])
    assert not set(text) & {"\x1b", "\x07", "\x9b"}
    assert "red" in text


def test_cells_for_people() -> None:
    """Nothing is empty, lists are words, times say their zone."""
    assert [shown(v) for v in (None, ["ES", "VE"], AT, 3, True)] == [
        "", "ES VE", "2026-01-08 17:05:00+0000", "3", "True",
    ]  # fmt: skip


_CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(), st.datetimes(), st.decimals(allow_nan=False), st.binary()
)


@given(st.recursive(_CELLS, lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=3), c, max_size=3)))
def test_everything_becomes_json(value: object) -> None:
    """Any value that a query may give has a form in strict JSON."""
    written = json.dumps(plain(value), allow_nan=False)
    assert json.dumps(json.loads(written)) == written


def test_numbers_with_nouns() -> None:
    """One is singular."""
    assert [counted(1, "row"), counted(0, "row"), counted(2, "story", "stories")] == ["1 row", "0 rows", "2 stories"]


def test_a_table_too_wide_is_written_row_by_row() -> None:
    """Where columns have no room side by side each row is a block of lines; where they have it is a table."""
    columns = ["story_id", "title", "first_outlet", "minutes_to_next_voice"]
    rows: list[tuple[object, ...]] = [("s45a8e70b8b9f9e82c3d2", "Una noticia muy larga " * 6, "La Ceiba", 45)]
    shown_at = {}
    for width in (80, 160):
        out = io.StringIO()
        write_rows(columns, rows, "table", out, Console(file=out, width=width, no_color=True))
        shown_at[width] = out.getvalue()
    assert shown_at[80].startswith("-- row 1 --")
    assert all(len(line) <= 80 for line in shown_at[80].splitlines())
    assert re.search(r"^minutes_to_next_voice +45 *$", shown_at[80], re.M)
    assert "┃ story_id" in shown_at[160]
    assert all(text.rstrip().endswith("1 row") for text in shown_at.values())


def test_rows_are_written_as_they_come() -> None:
    """JSON and CSV take rows from a generator and have written one before the next is asked for."""
    for format in ("json", "csv"):
        out = io.StringIO()

        def rows(out: io.StringIO = out) -> Iterator[tuple[object, ...]]:
            yield ("first",)
            assert "first" in out.getvalue()
            yield ("second",)

        write_rows(["a"], rows(), format, out, Console(file=out))
        assert "second" in out.getvalue()
    assert written("json", ["a"], []) == "[]\n"


def test_cells_of_a_spreadsheet_hold_lists_and_objects() -> None:
    """Lists are joined, objects are JSON, blanks and full-width signs do not hide a formula."""
    assert neutral(["a", "b"]) == "a; b"
    assert neutral({"a": [1, "ñ"]}) == '{"a": [1, "ñ"]}'
    for text in ("\u00a0=1", "\u2003+1", "＝1", "\u200b@x", " \u3000-1"):
        assert neutral(text).startswith("'"), repr(text)
