"""Databases of the PostgreSQL on this machine, made for a test and dropped after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from tests.conftest import need

HOST, PORT = "127.0.0.1", 5432
USER = os.environ.get("PGUSER", "postgres")


def _connect(database: str) -> object:
    import psycopg2

    con = psycopg2.connect(host=HOST, port=PORT, user=USER, dbname=database, connect_timeout=3)
    con.autocommit = True
    return con


def execute(sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
    """Run one statement and return its rows, if it has any."""
    con = _connect(database)
    try:
        with con.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        con.close()  # type: ignore[attr-defined]


def need_postgres() -> None:
    """Skip with words where no PostgreSQL answers."""
    import psycopg2

    try:
        execute("SELECT 1")
        answers = True
    except psycopg2.OperationalError:
        answers = False
    need(answers, f"needs PostgreSQL on {HOST}:{PORT} that lets user {USER} in (PGUSER, PGPASSWORD) and make databases")


@contextmanager
def database() -> Iterator[str]:
    """Make a database with a name of its own; drop it at the end, whoever is still connected."""
    need_postgres()
    name = f"atalaya_test_{os.getpid()}_{uuid4().hex[:8]}"
    execute(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def lake(folder: Path) -> Iterator[str]:
    """Return the URL of a lake that does not exist yet: catalogue in a new database, files in ``folder``."""
    with database() as name:
        yield f"ducklake+postgres://{USER}@{HOST}:{PORT}/{name}?data={folder}"
