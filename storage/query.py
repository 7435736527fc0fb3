"""Read-only questions to the snapshot: bounded in time, closed off from everything else, with errors in words."""

from __future__ import annotations

import difflib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import db, edition
from storage.errors import QueryError, StorageError

_FETCH = 10_000
GRACE_S = 2.0
"""So long a question may go on after it was interrupted."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer: column names and rows, all of them."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question of ``storage/sql/queries``: its name, itself in words, and the statement that answers it."""

    name: str
    question: str
    sql: str


class Reading:
    """One snapshot held open for several questions: all see the same state and share one limit of time."""

    def __init__(self, con: db.Connection, watch: _Watch, timeout_s: float) -> None:
        self._con, self._watch, self._timeout_s = con, watch, timeout_s

    def ask(self, sql: str, params: Mapping[str, object] | None = None) -> QueryResult:
        """Run one statement with ``params`` bound to its ``$names`` and return all its rows.

        Raises QueryError with the cause and what to do.
        """
        columns, batches = self.stream(sql, params)
        return QueryResult(columns, [row for batch in batches for row in batch])

    def stream(
        self, sql: str, params: Mapping[str, object] | None = None
    ) -> tuple[tuple[str, ...], Iterator[list[tuple[object, ...]]]]:
        """Run one statement and return its columns and its rows in batches, never all of them in memory.

        The next statement ends the one before. Raises QueryError, at once or from a later batch.
        """
        with self._errors():
            # A statement that the limit cut off leaves nothing for the next one to start with.
            self._in_time()
            self._con.execute(sql, params)
            columns = tuple(str(d[0]) for d in self._con.description or ())
            first = self._con.fetchmany(_FETCH) if columns else []
        if not columns:
            raise QueryError("There is no statement to run. Example: SELECT * FROM v_stories LIMIT 10")
        return columns, self._batches(first)

    def _batches(self, batch: list[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
        while batch:
            self._in_time()
            yield batch
            with self._errors():
                batch = self._con.fetchmany(_FETCH)

    def _in_time(self) -> None:
        if self._watch.expired:
            raise QueryError(_too_slow(self._timeout_s))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with self._watch.working():
                yield
        except db.engine_error() as error:
            raise QueryError(_too_slow(self._timeout_s) if self._watch.expired else self._words(error)) from error
        except RuntimeError as error:
            if "interrupted" not in str(error):
                raise
            raise KeyboardInterrupt from None  # which the driver turned into an error of its own

    def _words(self, error: Exception) -> str:
        lacks = str(error).startswith(("Binder Error", "Catalog Error"))  # a column or a table
        if lacks and edition.is_other(self._con):
            return f"{edition.OTHER_EDITION} ({str(error).strip().splitlines()[0]})"
        return _explain(error)

    def named(self, name: str, params: Mapping[str, object] | None = None) -> QueryResult:
        """Run ``storage/sql/statements/NAME.sql``. See `ask`."""
        return self.ask(db.sql_file("statements", f"{name}.sql"), params)


def statement_text(name: str, params: Mapping[str, str | int]) -> str:
    """Return ``storage/sql/statements/NAME.sql`` with ``params`` written into it, for people to run themselves."""

    def literal(found: re.Match[str]) -> str:
        value = params[found[1]]
        return db.quoted(value) if isinstance(value, str) else str(value)

    return re.sub(r"\$([a-z_]+)", literal, db.sql_file("statements", f"{name}.sql")).strip()


@contextmanager
def open_reading(
    home: Path, timeout_s: float, memory_mb: int = 2_048, overrun: Callable[[str], None] | None = None
) -> Iterator[Reading]:
    """Hold ``home/news.duckdb`` open for the questions of the block, which are stopped after ``timeout_s`` seconds.

    Only time in the database counts. An interrupt is heard between two steps of a plan, not within one call of a
    function: where a question goes on for `GRACE_S` after its time, ``overrun`` is called with what to say, in a thread
    of its own. Only the end of the process stops such a question. One that needs more than ``memory_mb`` megabytes
    fails. Nothing but the snapshot can be read and nothing written. Raises QueryError with the cause and what to do.
    Who reads often uses `storage.held`.
    """
    try:
        con = db.open_snapshot(home, memory_mb)
    except StorageError as error:
        raise QueryError(str(error)) from error
    try:
        with reading_on(con, timeout_s, overrun) as reading:
            yield reading
    finally:
        con.close()


@contextmanager
def reading_on(con: db.Connection, timeout_s: float, overrun: Callable[[str], None] | None = None) -> Iterator[Reading]:
    """Let the block ask the open snapshot ``con``, until ``timeout_s`` seconds are over. See `open_reading`."""
    watch = _Watch(con, timeout_s, overrun)
    with watch:
        yield Reading(con, watch, timeout_s)


def run_query(home: Path, sql: str, timeout_s: float) -> QueryResult:
    """Run ``sql`` on ``home/news.duckdb`` and return all its rows; stop it after ``timeout_s`` seconds.

    Nothing but the snapshot can be read and nothing written. Raises QueryError with the cause and what to do.
    """
    with open_reading(home, timeout_s) as reading:
        return reading.ask(sql)


class _Watch:
    """Interrupts ``con`` once the database has worked for ``seconds``, and again until the block ends.

    Once is not enough: an interrupt that arrives just before a statement starts is forgotten. What the reader does
    between two batches (a pager that waits for a key) takes nothing of the time.
    """

    def __init__(self, con: db.Connection, seconds: float, overrun: Callable[[str], None] | None = None) -> None:
        self._overrun = overrun
        self._con = con
        self._seconds = seconds
        self._clock: tuple[float, float | None] = 0.0, None  # seconds worked before, and since when it works now
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def used(self) -> float:
        """Return for how many seconds the database has worked."""
        before, since = self._clock
        return before if since is None else before + time.monotonic() - since

    @property
    def expired(self) -> bool:
        """Tell whether the time is over."""
        return self.used >= self._seconds

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count the time of the block."""
        self._clock = self._clock[0], time.monotonic()
        try:
            yield
        finally:
            self._clock = self.used, None

    def _run(self) -> None:
        # Time passes no faster for the database than for all, so what is left of it may be slept through.
        while not self._done.wait(max(self._seconds - self.used, 0.05)):
            if not self.expired or self._clock[1] is None:
                continue
            self._con.interrupt()
            if self._overrun is not None and self.used > self._seconds + GRACE_S:
                self._overrun(_too_slow(self._seconds))
                return

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def _too_slow(seconds: float) -> str:
    return (
        f"The query was stopped after {seconds:g} s. Narrow it (a WHERE on day_caracas or story_id, a LIMIT), or raise "
        "query_timeout_s in [publish] of settings.toml."
    )


def _explain(error: Exception) -> str:
    """Return DuckDB's message with an advice where its own words are not enough."""
    text = str(error).strip()
    low = text.lower()
    if "disabled by configuration" in low or "configuration has been locked" in low or "permission error" in low:
        return (
            f"Only the snapshot can be read here: files, other databases, settings and extensions are closed. ({text})"
        )
    if "read-only" in low:
        return f"The snapshot is read-only: only questions (SELECT) are possible. ({text})"
    if "out of memory" in low:
        return (
            "The query needs more memory than it may take. Narrow it, take fewer columns (leave out text), or raise "
            f"query_memory_mb in [publish] of settings.toml. ({text})"
        )
    if "does not exist" in low:
        return f"{text}\nSHOW TABLES lists tables and views; docs/data-dictionary.md describes their columns."
    return text


def run_named(home: Path, name: str, timeout_s: float) -> QueryResult:
    """Run ``storage/sql/statements/NAME.sql``, a statement without parameters, on the snapshot. See `run_query`."""
    return run_query(home, db.sql_file("statements", f"{name}.sql"), timeout_s)


def stored_questions() -> tuple[StoredQuestion, ...]:
    """Return the questions of ``storage/sql/queries``, by name. Each statement begins with its question, commented."""
    found = []
    for file in sorted((db.SQL_DIR / "queries").glob("*.sql")):
        sql = file.read_text(encoding="utf-8")
        found.append(StoredQuestion(file.stem, sql.partition("\n")[0].removeprefix("-- "), sql))
    return tuple(found)


def stored_question(name: str) -> StoredQuestion:
    """Return one of them; raises QueryError naming those that come close."""
    known = {q.name: q for q in stored_questions()}
    if name not in known:
        close = difflib.get_close_matches(name, known, 3, 0.4)
        hint = f" Close: {', '.join(close)}." if close else ""
        raise QueryError(f"No stored question is called {name!r}.{hint} ./atalaya query --list shows all.")
    return known[name]
