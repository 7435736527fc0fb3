"""What docs/sql.md and docs/notebook.py show runs on the demonstration and gives what is shown."""

from __future__ import annotations

import inspect
import re
import runpy
import shutil
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from storage.query import run_query, stored_question, stored_questions
from tests.conftest import ROOT

SQL_PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


def blocks(language: str, page: str = SQL_PAGE) -> list[str]:
    """Return the fenced blocks of a language."""
    return [text for name, text in _BLOCK.findall(page) if name == language]


def session(block: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the statements of a shell session with the rows that it shows, header first."""
    for part in block.split("D ")[1:]:
        statement, _, output = part.partition(";\n")
        lines = [line for line in output.splitlines() if line.startswith("│")]
        yield statement, [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


def test_the_shell_session(demo_home: Path) -> None:
    """Each statement of the DuckDB shell session gives the rows that stand below it."""
    shown = [s for block in blocks("duckdb") for s in session(block)]
    assert len(shown) >= 3
    for statement, rows in shown:
        found = run_query(demo_home, statement, 10)
        cells = [[re.sub(r"\+00:00$", "+00", str(cell)) for cell in row] for row in found.rows]
        assert rows == [list(found.columns), *cells], statement


@pytest.mark.parametrize("page", ["sql.md", "search.md"])
def test_statements_run(demo_home: Path, page: str) -> None:
    """Each SQL block runs as it stands."""
    found = blocks("sql", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert found
    for statement in found:
        assert run_query(demo_home, statement, 10).columns


def test_the_python_sample(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sample runs in a checkout beside the demo's home, and prints who takes texts from whom."""
    shutil.copytree(ROOT / "storage" / "sql", tmp_path / "storage" / "sql")
    (tmp_path / "data-demo").symlink_to(demo_home)
    monkeypatch.chdir(tmp_path)
    for code in blocks("python"):
        exec(compile(code, "docs/sql.md", "exec"), {})  # noqa: S102 - what our own page shows
    assert "la-ceiba takes texts from agencia-tepuy\n" in capsys.readouterr().out


def test_the_page_lists_every_stored_question() -> None:
    """The table of questions names each of them once, and their number is right."""
    names = [q.name for q in stored_questions()]
    table = SQL_PAGE[SQL_PAGE.index("| you ask |") : SQL_PAGE.index("## In the DuckDB shell")]
    assert sorted(re.findall(r"`(\w+)`", table)) == names
    assert f"{len(names)} statements" in SQL_PAGE


class _App:
    """What marimo's App is to a notebook: it collects the cells."""

    def __init__(self) -> None:
        self.cells: list[Callable[..., tuple[object, ...]]] = []

    def cell(self, function: Callable[..., tuple[object, ...]]) -> Callable[..., tuple[object, ...]]:
        self.cells.append(function)
        return function


def test_the_notebook(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, fed by what other cells return, as marimo would run it; the plot is a plot."""
    marimo = types.ModuleType("marimo")
    marimo.App = _App  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    monkeypatch.setenv("ATALAYA_HOME", str(demo_home))
    cells = runpy.run_path(str(ROOT / "docs" / "notebook.py"))["app"].cells
    values: dict[str, object] = {}
    for cell in cells:
        wanted = inspect.signature(cell).parameters
        (names,) = re.findall(r"return \(([\w, ]+)\)", inspect.getsource(cell))[-1:]
        values |= dict(zip(re.findall(r"\w+", names), cell(**{n: values[n] for n in wanted}), strict=True))
    assert (values["article_count"], values["story_count"]) == (86, 25)
    share = run_query(demo_home, stored_question("beat_share").sql, 10).rows
    totals = {c: [sum(int(str(r[n])) for r in share if r[1] == c) for n in (3, 4)] for c in ("ES", "US", "VE")}
    assert values["share"] == [(c, round(100 * on / of, 1)) for c, (on, of) in totals.items()]
    assert values["plot"].to_dict()["mark"]["type"] == "bar"  # type: ignore[attr-defined]
    timeline = values["timeline"]
    assert isinstance(timeline, list)
    assert len(timeline) == 16
    news = values["news"]
    assert isinstance(news, duckdb.DuckDBPyConnection)
    news.close()
