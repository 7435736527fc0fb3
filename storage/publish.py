"""The snapshot that readers open: built beside the warehouse and swapped in whole.

A reader never meets a writer: it has `news.duckdb` open, and a publish replaces the name, not the file. Whoever reads
goes on reading the old one; whoever opens next sees the new. The full-text index of the new one is in place before it.
"""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

from storage import db, search_index
from storage.backend import LocalFile
from storage.edition import edition
from storage.errors import StorageError
from storage.lock import WriterLock
from storage.store import Store

VIEWS = (
    "v_outlets",
    "v_articles",
    "v_stories",
    "v_coverage",
    "v_timeline",
    "v_morning",
    "v_source_days",
    "v_source_health",
    "v_untranslated",
    "v_drops",
    "v_watch_matches",
    "v_snapshot",
)
"""In the order they build on each other."""

FACTS = ("timeline_facts", "story_facts", "day_facts", "topic_facts", "source_facts", "source_day_facts")
"""Tables of the snapshot that are computed once from the views, so that a page need not count all articles again."""

_COPIED_SPECIALLY = {"translations": "translations.sql", "article_features": "article_features.sql"}


def publish(home: Path, store: Store | None = None, url: str = "") -> Path:
    """Build ``home/news.duckdb`` from the warehouse (or the lake ``url``), swap it in, and return its path.

    Opens the warehouse unless the caller hands its open ``store``, which must not be in a transaction. One publish at
    a time in a home. Raises LockBusy or StorageError; the snapshot that was there then stays as it was.
    """
    if store is None:
        with Store.open(home, "publish", url) as own:
            return publish(home, own)
    if store.in_transaction:
        raise StorageError("publish: commit the transaction first")
    # A file's session holds the home's lock already; a lake's leaves the home alone, and others may publish there.
    with nullcontext() if isinstance(store.backend, LocalFile) else WriterLock(home, "publish"):
        return _publish(home, store)


def _publish(home: Path, store: Store) -> Path:
    target = home / db.SNAPSHOT
    # Only the holder of the lock builds, so what a killed one left behind is nobody's.
    for left in home.glob(f".{db.SNAPSHOT}.*"):
        left.unlink()
    building = home / f".{db.SNAPSHOT}.{os.getpid()}.tmp"
    try:
        version = _build(store.con, building, home)
        _swap(building, target)
        search_index.forget_old(home, version)
    except OSError as error:
        raise StorageError(f"Cannot publish {target} ({error.strerror}). The snapshot before it stays.") from error
    finally:
        building.unlink(missing_ok=True)
        building.with_name(building.name + ".wal").unlink(missing_ok=True)
    return target


def shape(con: db.Connection, path: Path) -> None:
    """Turn the warehouse's tables, in the database that ``con`` uses, into the snapshot's: fewer, with the views."""
    # One transaction: each statement by itself would be a write to disk.
    with db.transaction(con, path):
        db.execute(con, path, db.sql_file("publish", "trim.sql"))
        for view in VIEWS:
            db.execute(con, path, db.sql_file("views", f"{view}.sql"))
        for name, column, words in db.fetch(con, path, db.sql_file("publish", "uncommented.sql")):
            db.execute(con, path, f'COMMENT ON COLUMN "{name}"."{column}" IS {db.quoted(str(words))}')
        for table in FACTS:
            db.execute(con, path, _facts("create", table))
        db.execute(con, path, db.sql_file("facts", "comments.sql"))
        for name, column, words in db.fetch(con, path, db.sql_file("facts", "uncommented.sql")):
            db.execute(con, path, f'COMMENT ON COLUMN "{name}"."{column}" IS {db.quoted(str(words))}')


def _facts(verb: str, table: str) -> str:
    """Return the statement that creates or fills a computed table from its question."""
    return db.sql_file("facts", f"{verb}.sql").format(table=table, select=db.sql_file("facts", f"{table}.sql"))


def _build(con: db.Connection, path: Path, home: Path) -> str:
    """Build the snapshot in the file ``path``, and its search index; return that one's version."""
    warehouse = str(db.fetch(con, path, "SELECT current_database()")[0][0])
    db.execute(con, path, f"ATTACH {db.quoted(str(path))} AS news")
    try:
        # With all comments, in a tenth of the time that replaying the migrations takes.
        db.execute(con, path, f'COPY FROM DATABASE "{warehouse}" TO news (SCHEMA)')
        db.execute(con, path, "USE news")
        shape(con, path)
        _copy(con, path, warehouse)
        with db.transaction(con, path):
            for table in FACTS:
                db.execute(con, path, _facts("fill", table))
        db.execute(con, path, db.sql_file("publish", "indexes.sql"))
        version = search_index.update(con, path, home)
        stamp = {"published_at": datetime.now(UTC), "search_version": version, "edition": edition()}
        db.execute(con, path, db.sql_file("publish", "stamp.sql"), stamp)
        db.execute(con, path, "CHECKPOINT")
    finally:
        with suppress(StorageError):  # after a full disk the session is gone; the first error is the one to show
            db.execute(con, path, f'USE "{warehouse}"')
            db.execute(con, path, "DETACH news")
    return version


def _copy(con: db.Connection, path: Path, warehouse: str) -> None:
    """Copy the rows of all tables from the database ``warehouse`` into the one that ``con`` uses."""
    with db.transaction(con, path):
        for schema, table in db.fetch(con, path, db.sql_file("publish", "tables.sql")):
            if table in FACTS:
                continue
            copy = db.sql_file("publish", _COPIED_SPECIALLY.get(str(table), "plain.sql"))
            names = {"target": f'news."{schema}"."{table}"', "source": f'"{warehouse}"."{schema}"."{table}"'}
            db.execute(con, path, copy.format(**names))


def _swap(building: Path, target: Path) -> None:
    """Give ``building`` the name ``target``, durably, so that nothing older can be replayed into it."""
    building.chmod(0o444)
    with building.open("rb") as file:
        os.fsync(file.fileno())
    # A write-ahead log left by a killed reader would be replayed into the new file.
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    building.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
