"""The full-text index beside the snapshot: built when a snapshot is published. `storage.search_find` reads it.

Each published state of the documents has a folder of its own, ``home/search/VERSION``, named by a hash of what it
holds; the snapshot says which one is its own (`v_snapshot.search_version`). A new folder starts from hard links to the
files of the one before, which tantivy writes once and never changes, and takes only what is new. It has its name before
the snapshot is swapped in, and the one before stays until the next publish: whoever opens a snapshot finds its index.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage import db
from storage.errors import StorageError
from storage.search_find import ENGINE_ERRORS, FIELDS, FOLDER, KEYS, analyser, no_panic, opened

if TYPE_CHECKING:
    from tantivy import IndexWriter, Schema

_FORMAT = "1"  # changes with the schema or the analysis: the index is then built anew
_KEPT = "documents.parquet"
_OWN_FILES = frozenset({"meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock", _KEPT})
_HEAP = 64_000_000
_BATCH = 500


def update(con: db.Connection, path: Path, home: Path) -> str:
    """Build the index of the snapshot ``path``, the current database of ``con``, and return its version.

    The caller holds the writer's lock. Raises StorageError when it cannot be written (a full disk, say); what was there
    stays. An index before that is damaged is not built upon.
    """
    root = home / FOLDER
    try:
        root.mkdir(exist_ok=True)
        for left in root.glob(".*"):  # only the holder of the lock builds: halves are nobody's
            shutil.rmtree(left)
        db.execute(con, path, db.sql_file("search", "documents.sql"))
        db.execute(con, path, db.sql_file("search", "fingerprints.sql"))
        ((version, count),) = db.fetch(con, path, db.sql_file("search", "version.sql"), {"format": _FORMAT})
        target, documents = root / str(version), int(str(count))
        if not _holds(target, documents):
            shutil.rmtree(target, ignore_errors=True)
            _build(con, path, root, target, documents)
        os.utime(target)
    except OSError as error:
        raise StorageError(f"Cannot write the search index in {root} ({error}). What was published stays.") from error
    finally:
        with suppress(StorageError):  # after a full disk the session is gone; the first error is the one to show
            db.execute(con, path, db.sql_file("search", "done.sql"))
    return target.name


def forget_old(home: Path, version: str) -> None:
    """Delete the indexes before ``version`` but the last: it is still open to who opened the snapshot before."""
    for folder in _generations(home / FOLDER, but=version)[1:]:
        shutil.rmtree(folder, ignore_errors=True)  # what stays goes next time


def _generations(root: Path, but: str) -> list[Path]:
    """Return the index folders, the last built first."""
    found = [p for p in root.iterdir() if p.name != but and not p.name.startswith(".")] if root.is_dir() else []
    return sorted(found, key=lambda p: p.stat().st_mtime_ns, reverse=True)


def _build(con: db.Connection, path: Path, root: Path, target: Path, documents: int) -> None:
    before = next((g for g in _generations(root, but=target.name) if (g / _KEPT).exists()), None)
    building = root / f".{target.name}.{os.getpid()}"
    try:
        if before is not None:
            with suppress(*ENGINE_ERRORS, StorageError):  # damaged, or of another format: built anew below
                _fill(con, path, building, before)
        if not _holds(building, documents):
            shutil.rmtree(building, ignore_errors=True)
            _fill(con, path, building, None)
        for name in ("meta.json", ".managed.json"):
            (building / name).chmod(0o644)  # made private by the library; other accounts search too
        building.rename(target)
    except ENGINE_ERRORS as error:
        raise StorageError(f"Cannot build the search index in {root} ({error}). What was there stays.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


@no_panic()
def _fill(con: db.Connection, path: Path, building: Path, before: Path | None) -> None:
    """Make ``building`` hold the documents of now, from those of ``before`` where there is one."""
    import tantivy

    building.mkdir()
    if before is None:
        db.execute(con, path, db.sql_file("search", "nothing_before.sql"))
        index = tantivy.Index(_schema(), path=str(building))
    else:
        db.execute(con, path, db.sql_file("search", "before.sql").format(file=db.quoted(str(before / _KEPT))))
        _link(before, building)
        index = tantivy.Index.open(str(building))
    for name in ("es", "en"):
        index.register_tokenizer(name, analyser(name))
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    for (article_id,) in db.fetch(con, path, db.sql_file("search", "gone.sql")):
        writer.delete_documents_by_term("article_id", str(article_id))
    with db.translated(path):
        con.execute(db.sql_file("search", "fresh.sql"))
        while rows := con.fetchmany(_BATCH):
            _add(writer, rows)
    writer.commit()
    writer.wait_merging_threads()
    db.execute(con, path, db.sql_file("search", "keep.sql").format(file=db.quoted(str(building / _KEPT))))


def _link(before: Path, building: Path) -> None:
    for file in before.iterdir():
        if file.name in {"meta.json", ".managed.json"}:
            shutil.copyfile(file, building / file.name)
        elif file.name not in _OWN_FILES:
            try:
                os.link(file, building / file.name)
            except OSError:  # a file system without hard links
                shutil.copyfile(file, building / file.name)


def _add(writer: IndexWriter, rows: Sequence[tuple[Any, ...]]) -> None:
    from tantivy import Document

    names = ("article_id", "source_id", "country", "lang", *FIELDS, "topics", "beats", "published")
    for row in rows:
        writer.add_document(Document(**dict(zip(names, row, strict=True))))


def _schema() -> Schema:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("article_id", stored=True, tokenizer_name="raw", index_option="basic")
    for key in KEYS:
        builder.add_text_field(key, tokenizer_name="raw", index_option="basic")
    for field, (language, _) in FIELDS.items():
        builder.add_text_field(field, tokenizer_name=language)
    builder.add_integer_field("published", indexed=True, fast=True)
    return builder.build()


def _holds(folder: Path, documents: int) -> bool:
    """Tell whether ``folder`` is a whole index of so many documents, and not mostly of deleted ones."""
    try:
        if not (folder / _KEPT).exists():
            return False
        segments = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
        live = opened(folder)[1].num_docs
    except (*ENGINE_ERRORS, KeyError):
        return False
    return live == documents and sum(s["max_doc"] for s in segments) <= 2 * documents + 1_000
