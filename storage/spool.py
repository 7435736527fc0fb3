"""Spool files: records on their way to the warehouse, as gzip-compressed JSON lines.

A worker that never opens the database writes one; the writer merges it. The same records give the same bytes, and a
file appears whole or not at all, so a rerun simply writes its own files again.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from storage import places
from storage.advice import in_words
from storage.errors import StorageError
from storage.records import Record
from storage.schema import decode, encode


def write_spool(place: str | Path, records: Iterable[Record]) -> None:
    """Write ``records`` to ``place`` (``….jsonl.gz``, a path or a URL, see `storage.places`), replacing what was there.

    Raises StorageError when the disk is full or the place cannot be written, ValueError for a value that no column
    can hold (see `storage.schema.encode`).
    """
    with places.writing(place) as path:
        try:
            # No name and no time in the header, else two runs would differ.
            with (
                path.open("wb") as file,
                gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed,
            ):
                for record in records:
                    packed.write(encode(record).encode() + b"\n")
        except OSError as error:
            raise in_words(f"write {place}", error) from error


def read_lines(place: str | Path) -> Iterator[str]:
    """Yield the lines of a spool file. Raises StorageError, before the first line, when it is missing or damaged."""
    with places.reading(place) as path:
        try:
            # The checksum stands at the end: read to it once, or damaged lines would be handed out before it is seen.
            with gzip.open(path, "rb") as whole:
                while whole.read(1 << 20):
                    pass
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
                for line in file:
                    yield line.rstrip("\n")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise StorageError(f"Cannot read the spool file {place} ({error}). Delete it and run again.") from error


def read_spool(place: str | Path) -> Iterator[Record]:
    """Yield the records of a spool file in the order they were written. Raises StorageError when it is damaged."""
    for line in read_lines(place):
        yield decode(line)
