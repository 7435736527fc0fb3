"""Questions to the snapshot: all rows, closed off, bounded in time, errors that help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storage import db
from storage.db import SQL_DIR
from storage.errors import QueryError
from storage.publish import publish
from storage.query import open_reading, run_query, stored_question
from storage.store import Store
from tests.conftest import ROOT
from tests.storage.builders import article, member, source, story


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home")
    with Store.open(path, "test") as store:
        store.merge([source(), story("s", "a"), article("a"), article("b"), member("s", "a"), member("s", "b")])
        publish(path, store)
    return path


def test_columns_and_rows(home: Path) -> None:
    """Column names and rows come back as they are asked for; with several statements the last one's."""
    found = run_query(home, "SELECT article_id AS id, country FROM v_articles ORDER BY 1", 10)
    assert (found.columns, found.rows) == (("id", "country"), [("a", "VE"), ("b", "VE")])
    assert run_query(home, "SELECT 1; SELECT 2 AS b", 10).rows == [(2,)]
    assert run_query(home, "SELECT 1 WHERE false", 10).rows == []


def test_rows_are_never_capped(home: Path) -> None:
    """All rows come back, however many."""
    assert len(run_query(home, "SELECT * FROM range(123457)", 60).rows) == 123_457


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname.csv'",
        "SELECT * FROM glob('/etc/*')",
        "ATTACH '{home}/warehouse.duckdb' AS w",
        "COPY (SELECT 1) TO '{home}/out.csv'",
        "EXPORT DATABASE '{home}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://faro.example/x.csv')",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET memory_limit",
    ],
)
def test_everything_else_is_closed(home: Path, sql: str) -> None:
    """Files, other databases, the network, extensions and settings are denied, and nothing is written."""
    before = sorted(home.iterdir())
    with pytest.raises(QueryError, match="Only the snapshot can be read here"):
        run_query(home, sql.format(home=home), 10)
    assert sorted(home.iterdir()) == before


@pytest.mark.parametrize(
    "sql", ["DELETE FROM articles", "CREATE TABLE x (a INT)", "DROP VIEW v_articles", "UPDATE articles SET title = ''"]
)
def test_snapshot_cannot_be_changed(home: Path, sql: str) -> None:
    """Whatever would change the snapshot is refused with the reason."""
    with pytest.raises(QueryError, match="read-only"):
        run_query(home, sql, 10)


def test_variables_of_the_program_are_out_of_reach(home: Path) -> None:
    """DuckDB's reading of Python variables by name is switched off."""
    import numpy

    secret = {"a": numpy.array([1])}
    with pytest.raises(QueryError, match="secret does not exist"):
        run_query(home, "SELECT * FROM secret", 10)
    assert secret


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7",
        "FROM range(100000000000)",
    ],
)
def test_endless_query_is_stopped(home: Path, sql: str) -> None:
    """A query beyond its time is interrupted, while computing as while handing out rows, with advice."""
    with pytest.raises(QueryError, match=r"stopped after 0\.2 s.*query_timeout_s"):
        run_query(home, sql, 0.2)


def test_a_call_that_hears_no_interrupt_ends_with_its_process(home: Path, tmp_path: Path) -> None:
    """One call of a function may outlive its time by the grace and no more: the command says so and ends."""
    (tmp_path / "settings.toml").write_text("[publish]\nquery_timeout_s = 0.5\n")
    words = [sys.executable, "-P", "-m", "pipeline", "query", "--home", str(home), "--config", str(tmp_path)]
    start = time.monotonic()
    call = "SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000))"  # minutes, in one call
    ran = subprocess.run([*words, call], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("atalaya: The query was stopped after 0.5 s.")
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(100000000000)",
        "FROM range(100000000000)",
        "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",  # minutes, in one call
    ],
)
def test_ctrl_c_ends_a_question(home: Path, sql: str) -> None:
    """Between two steps, while rows are printed and within one call of a function: one word, and 130 within seconds."""
    # where the tests run in the background of a shell, interrupts are ignored unless asked for
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    words = [
        sys.executable,
        "-P",
        "-c",
        f"{hear}; from pipeline.cli import main; main()",
        "query",
        "--home",
        str(home),
        "--format",
        "csv",
    ]
    pause = threading.Event()
    process = subprocess.Popen(
        [*words, sql], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0
    )
    held = Path(f"/proc/{process.pid}/fd")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not pause.wait(0.1):
        if any(os.path.realpath(fd) == str(home / "news.duckdb") for fd in held.iterdir()):
            pause.wait(0.5)  # the snapshot is open: the statement starts next
            break
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    assert process.communicate(timeout=60)[1].strip() == "atalaya: Stopped."
    assert process.returncode == 130
    assert time.monotonic() - start < 15


def test_only_time_in_the_database_counts(home: Path) -> None:
    """Who reads an answer slowly, in a pager for example, loses nothing of it."""
    with open_reading(home, 0.4) as reading:
        _, batches = reading.stream("FROM range(50000)")
        count = 0
        for batch in batches:
            count += len(batch)
            threading.Event().wait(0.2)
        assert count == 50_000
        assert reading.ask("SELECT 1").rows == [(1,)]


def test_errors_help(home: Path, tmp_path: Path) -> None:
    """No snapshot, an unknown table, a slip of the pen and an empty question each say what to do."""
    with pytest.raises(QueryError, match=r"no snapshot yet. Run \./atalaya run"):
        run_query(tmp_path, "SELECT 1", 10)
    with pytest.raises(QueryError, match=r"v_stories(?s:.*)SHOW TABLES"):
        run_query(home, "SELECT * FROM v_storis", 10)
    with pytest.raises(QueryError, match="syntax error"):
        run_query(home, "SELEC 1", 10)
    with pytest.raises(QueryError, match="no statement"):
        run_query(home, " -- nothing", 10)


def test_damaged_snapshot_is_named(tmp_path: Path) -> None:
    """A snapshot that is no database gives an error that names the file."""
    (tmp_path / "news.duckdb").write_bytes(b"x" * 20_000)
    with pytest.raises(QueryError, match=r"news\.duckdb: the snapshot is damaged"):
        run_query(tmp_path, "SELECT 1", 10)


def test_rows_come_in_batches(home: Path) -> None:
    """A long answer can be read on without ever being held whole, and a later batch keeps the time limit."""
    with open_reading(home, 60) as reading:
        columns, batches = reading.stream("SELECT range AS n FROM range(1000000000000)")
        assert columns == ("n",)
        assert next(batches)[0] == (0,)
        assert next(batches)[0][0] == 10_000
    with open_reading(home, 0.5) as reading:
        _, batches = reading.stream("SELECT range FROM range(1000000000000)")
        with pytest.raises(QueryError, match=r"stopped after 0\.5 s"):
            for _ in batches:
                pass


def test_memory_is_bounded(home: Path) -> None:
    """A question that needs more than it may take fails with advice, and takes nothing from the disk instead."""
    sql = "SELECT list(range ORDER BY hash(range)) FROM range(30000000)"
    with open_reading(home, 60, memory_mb=64) as reading, pytest.raises(QueryError, match="query_memory_mb"):
        reading.ask(sql)


def test_stored_questions_by_name() -> None:
    """A stored question is found by its name; a slip of the pen is answered with what comes close."""
    assert stored_question("who_was_first").question.startswith("Who published each story first")
    with pytest.raises(QueryError, match=r"'who_is_first'\. Close: who_was_first.*--list"):
        stored_question("who_is_first")
    with pytest.raises(QueryError, match="No stored question"):
        stored_question("../publish/trim")


@pytest.mark.parametrize("path", sorted((SQL_DIR / "queries").glob("*.sql")), ids=lambda p: p.stem)
def test_stored_questions(home: Path, path: Path) -> None:
    """Each stored query begins with the question it answers, in words, and runs as it stands."""
    sql = path.read_text(encoding="utf-8")
    assert sql.startswith("-- ")
    assert sql.splitlines()[0].endswith("?")
    assert run_query(home, sql, 30).columns


def test_nothing_draws_on_the_standard_output(tmp_path: Path) -> None:
    """DuckDB draws a progress bar for whatever takes two seconds: no connection of ours does, or JSON would break."""
    with Store.open(tmp_path, "test") as store:
        store.merge([article("a")])
        publish(tmp_path, store)
        cons = [store.con, db.open_snapshot(tmp_path)]
        with db.open_memory() as memory, db.reading(tmp_path / "news.duckdb") as held:
            for con in (*cons, memory, held):
                assert con.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]
        cons[1].close()
