"""What an error of DuckDB or of the lake's catalogue means for the person who meets it, and what to do about it."""

from __future__ import annotations

import errno
from pathlib import PurePath, PurePosixPath

from storage.errors import StorageError


class LakeName(PurePosixPath):
    """What messages call a lake, where they would name a file: ``lake news on db.example``."""


SNAPSHOT = "news.duckdb"

DAMAGED = (
    "the database file is damaged. Move {name} and {name}.wal aside, copy the newest of {home}/backups in its place as "
    "{name}, and run again. Without a backup keep a copy of {home}/news.duckdb first: a run then begins anew and "
    "publishes what it has. The pages are still archived in {home}/pages."
)
_DAMAGED_SNAPSHOT = (
    "the snapshot is damaged. Delete it: nothing is lost, the next ./atalaya run writes it anew from the warehouse."
)
_ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("no space left", "disk quota", "file too large", "could not write all bytes"),
        "the disk is full. What was committed is safe; make room and run again.",
    ),
    (
        ("permission denied", "read-only file system", "not permitted"),
        "this user may not read or write it. Change the rights of {home}, or choose another folder with --home DIR.",
    ),
    (
        ("conflicting lock", "could not set lock"),
        "another process has the database open. Close it; to read, open {home}/news.duckdb instead.",
    ),
    (
        ("with version number", "newer version of duckdb", "storage version"),
        "the file was written by another version of DuckDB. Use the version of Atalaya that wrote it, or another "
        "--home DIR.",
    ),
    (
        ("wal file", "replaying wal", "write-ahead log", "failure while replaying"),
        "the write-ahead log {name}.wal is damaged. Move {name}.wal aside (keep it) and run again: the last run's "
        "work is fetched again, all earlier rows are safe in {name}.",
    ),
    (
        (
            "checksum",
            "corrupt",
            "could not read enough bytes",
            "not a valid duckdb database",
            "serialization error",
            "deserialize",
            "database header",
        ),
        DAMAGED,
    ),
    (
        ("database has been invalidated", "fatal error"),
        "the session ended after an error. What was committed is safe; run again.",
    ),
    (("out of memory",), "not enough memory for this. Close other programs, or take fewer sources at a time."),
)

_LAKE_ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("does not match existing data path",),
        "the lake keeps its files in another place than `data` in the URL says. Write the one that stands below.",
    ),
    (
        ("password authentication failed", "no password supplied"),
        "PostgreSQL does not take this user's password. Put it into ~/.pgpass or PGPASSWORD.",
    ),
    (
        ("does not exist - and creating",),
        "there is no lake in this database yet. The first ./atalaya run makes it.",
    ),
    (
        ("role ", "database "),  # FATAL: database "x" does not exist
        "PostgreSQL does not know the user or the database of the URL. Make them with createuser and createdb.",
    ),
    (
        (
            "unable to connect to postgres",
            "connection refused",
            "could not translate host name",
            "server closed the connection",
            "terminating connection",
            "connection to server",
        ),
        "PostgreSQL, which holds the lake's catalogue, does not answer. What was committed is safe; run again when it "
        "does.",
    ),
    (
        ("http error", "http 4", "http 5", "could not establish connection", "curl"),
        "the object storage that holds the lake's files does not answer as it should. Look at AWS_ENDPOINT_URL, "
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and that the bucket exists.",
    ),
)


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_OURS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
MENDABLE = _FULL | _NOT_OURS
"""Errors of the system that the person before the screen can mend."""


def in_words(what: str, error: OSError) -> StorageError:
    """Return the error for people that ``what`` ("write /home/x") failed, with what to do about it."""
    if error.errno in _FULL:
        advice = "What was committed is safe; make room and run again."
    elif error.errno in _NOT_OURS:
        advice = "Give this user the right to write there, or choose another folder with --home DIR."
    else:
        advice = "Mend it, or choose another folder with --home DIR."
    return StorageError(f"Cannot {what} ({error.strerror or error}). {advice}")


def explain(error: Exception, where: PurePath) -> str:
    """Return what DuckDB's ``error`` on file or lake ``where`` means and what to do."""
    text = str(error).strip()
    low = text.lower()
    first = text.splitlines()[0] if text else type(error).__name__
    table = _LAKE_ADVICE if isinstance(where, LakeName) else _ADVICE
    for needles, words in table:
        if not any(needle in low for needle in needles):
            continue
        if needles == ("role ", "database ") and not ("fatal" in low and "does not exist" in low):
            continue
        advice = _DAMAGED_SNAPSHOT if words is DAMAGED and where.name == SNAPSHOT else words
        return f"{where}: {advice.format(path=where, name=where.name, home=where.parent)} (DuckDB: {first})"
    return f"{where}: {first}"
