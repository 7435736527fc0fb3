"""The full-text index beside the snapshot, and the only module that imports tantivy.

Each published state of the documents has a folder of its own, ``home/search/VERSION``, named by a hash of what it
holds; the snapshot says which one is its own (`v_snapshot.search_version`). A new folder starts from hard links to the
files of the one before, which tantivy writes once and never changes, and takes only what is new. It has its name before
the snapshot is swapped in, and the one before stays until the next publish: whoever opens a snapshot finds its index.

Words are compared in lower case, without accents, by their stem: Spanish (Snowball, after the accents are gone, so that
it makes no difference whether they were typed) in the original, English in the English text. docs/decisions/search.md
has the figures behind that.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from storage import db
from storage.errors import StorageError

if TYPE_CHECKING:
    from tantivy import IndexWriter, Query, Schema, Searcher, TextAnalyzer

FOLDER = "search"
_FORMAT = "1"  # changes with the schema or the analysis: the index is then built anew
_KEPT = "documents.parquet"
_OWN_FILES = frozenset({"meta.json", ".managed.json", ".tantivy-meta.lock", ".tantivy-writer.lock", _KEPT})
_KEYS = ("source_id", "country", "lang", "topics", "beats")
_FIELDS: dict[str, tuple[Literal["es", "en"], float]] = {
    "title": ("es", 3.0),
    "text": ("es", 1.0),
    "title_en": ("en", 3.0),
    "text_en": ("en", 1.0),
}
"""Text fields: the language of their stems, and what a hit in them weighs."""
_TIE = 0.3  # a word found in several fields of an article counts for little more than one found in the best of them
_HEAP = 64_000_000
_BATCH = 500
_ENGINE_ERRORS = (ValueError, OSError, RuntimeError)
"""What tantivy raises on files that are damaged, missing or cannot be written."""


@dataclass(frozen=True, slots=True)
class Words:
    """Something to find: one word, the beginning of words, or words in a row."""

    text: str
    kind: Literal["word", "prefix", "phrase"] = "word"


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What to find: one of each group of ``needed``, none of ``refused``; empty filters let everything through.

    ``since`` and ``until`` are microseconds since 1970 (UTC), half open. Without words everything is found.
    """

    needed: tuple[tuple[Words, ...], ...] = ()
    refused: tuple[Words, ...] = ()
    source_id: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    newest: bool = False
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class IndexHits:
    """How many articles were found, and the asked-for ones in order with their score (0 where order is by time)."""

    total: int
    hits: tuple[tuple[str, float], ...]


# ---------------------------------------------------------------------------------------------------------- writing


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
            with suppress(*_ENGINE_ERRORS, StorageError):  # damaged, or of another format: built anew below
                _fill(con, path, building, before)
        if not _holds(building, documents):
            shutil.rmtree(building, ignore_errors=True)
            _fill(con, path, building, None)
        for name in ("meta.json", ".managed.json"):
            (building / name).chmod(0o644)  # made private by the library; other accounts search too
        building.rename(target)
    except _ENGINE_ERRORS as error:
        raise StorageError(f"Cannot build the search index in {root} ({error}). What was there stays.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


@contextmanager
def _no_panic() -> Iterator[None]:
    """Turn a panic of the library, which damaged files can cause, into an error like its others."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no class of it can be imported
            raise
        raise RuntimeError(f"the library gave up: {error}") from error


@_no_panic()
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
        index.register_tokenizer(name, _analyser(name))
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

    names = ("article_id", "source_id", "country", "lang", *_FIELDS, "topics", "beats", "published")
    for row in rows:
        writer.add_document(Document(**dict(zip(names, row, strict=True))))


def _schema() -> Schema:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("article_id", stored=True, tokenizer_name="raw", index_option="basic")
    for key in _KEYS:
        builder.add_text_field(key, tokenizer_name="raw", index_option="basic")
    for field, (language, _) in _FIELDS.items():
        builder.add_text_field(field, tokenizer_name=language)
    builder.add_integer_field("published", indexed=True, fast=True)
    return builder.build()


def _holds(folder: Path, documents: int) -> bool:
    """Tell whether ``folder`` is a whole index of so many documents, and not mostly of deleted ones."""
    try:
        if not (folder / _KEPT).exists():
            return False
        segments = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
        live = _opened(folder)[1].num_docs
    except (*_ENGINE_ERRORS, KeyError):
        return False
    return live == documents and sum(s["max_doc"] for s in segments) <= 2 * documents + 1_000


# ---------------------------------------------------------------------------------------------------------- reading


class SearchIndex:
    """An open index. Make one with `open_index`."""

    def __init__(self, folder: Path, schema: Schema, searcher: Searcher) -> None:
        self._folder, self._schema, self._searcher = folder, schema, searcher

    def find(self, query: IndexQuery) -> IndexHits:
        """Return what ``query`` finds. The best come first, or the newest. Raises StorageError where it is damaged."""
        with self._readable():
            return self._find(query)

    def knows(self, words: Words) -> bool:
        """Tell whether any article has these words. Raises StorageError where the index is damaged."""
        with self._readable():
            return self._searcher.search(self._words(words), limit=1, count=False).hits != []

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            with _no_panic():
                yield
        except _ENGINE_ERRORS as error:
            raise _damaged(self._folder, error) from error

    def _find(self, query: IndexQuery) -> IndexHits:
        from tantivy import Order

        found = self._searcher.search(
            self._whole(query),
            limit=query.limit,
            offset=query.offset,
            order_by_field="published" if query.newest else None,
            order=Order.Desc,
        )
        hits = [
            (str(self._searcher.doc(address)["article_id"][0]), 0.0 if query.newest else round(float(score), 4))
            for score, address in found.hits
        ]
        return IndexHits(found.count, tuple(hits))  # type: ignore[attr-defined]  # the stub forgets it

    def _whole(self, query: IndexQuery) -> Query:
        from tantivy import FieldType, Occur, Query

        parts = [(Occur.Must, self._any(group)) for group in query.needed]
        parts += [(Occur.MustNot, self._words(w)) for w in query.refused]
        filters = [
            Query.term_set_query(self._schema, key, list(values)) for key in _KEYS if (values := getattr(query, key))
        ]
        if query.since is not None or query.until is not None:
            last = None if query.until is None else query.until - 1  # an open end must be inclusive
            bounds = (FieldType.Integer, query.since, last)
            filters.append(Query.range_query(self._schema, "published", *bounds))
        parts += [(Occur.Must, Query.const_score_query(f, 0.0)) for f in filters]
        if not query.needed and not filters:
            parts.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(parts)

    def _any(self, group: tuple[Words, ...]) -> Query:
        from tantivy import Occur, Query

        return Query.boolean_query([(Occur.Should, self._words(w)) for w in group])

    def _words(self, words: Words) -> Query:
        from tantivy import Query

        fields = [(self._in_field(words, f, language), weight) for f, (language, weight) in _FIELDS.items()]
        return Query.disjunction_max_query([Query.boost_query(q, w) for q, w in fields if q is not None], _TIE)

    def _in_field(self, words: Words, field: str, language: str) -> Query | None:
        from tantivy import Query

        if words.kind == "prefix":
            return Query.regex_query(self._schema, field, _beginning(words.text, language))
        stems = stems_of(words.text, language)
        if len(stems) > 1:
            return Query.phrase_query(self._schema, field, list(stems))
        return Query.term_query(self._schema, field, stems[0]) if stems else None


def open_index(home: Path, version: str) -> SearchIndex:
    """Open the index of the snapshot that says ``version``.

    Raises FileNotFoundError where it is gone (a newer one has been published since), StorageError where it is damaged.
    """
    folder = home / FOLDER / version
    if not (folder / "meta.json").exists():
        raise FileNotFoundError(f"{folder}: there is no search index")
    try:
        return SearchIndex(folder, *_opened(folder))
    except _ENGINE_ERRORS as error:
        if not (folder / "meta.json").exists():
            raise FileNotFoundError(f"{folder}: the search index is gone") from error
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        f"{folder}: the search index is damaged ({error}). Delete this folder: nothing is lost, the next "
        "./atalaya run builds it anew."
    )


@_no_panic()
def _opened(folder: Path) -> tuple[Schema, Searcher]:
    """Open the index in ``folder``, also where this account may only read: opening makes and locks a file.

    Its files are mapped into memory: they may be unlinked once it is open.
    """
    import tantivy

    if os.access(folder, os.W_OK):
        index = tantivy.Index.open(str(folder))
        return index.schema, index.searcher()
    with tempfile.TemporaryDirectory(prefix="atalaya-search-") as aside:
        for file in folder.iterdir():
            if file.suffix != ".lock":
                (Path(aside) / file.name).symlink_to(file.resolve())
        index = tantivy.Index.open(aside)
        return index.schema, index.searcher()


# ------------------------------------------------------------------------------------------------------------ words


def stems_of(text: str, language: str) -> tuple[str, ...]:
    """Return the words of ``text`` as the index compares them, in order. ``language``: es or en."""
    return tuple(_analyser(language).analyze(text))


def keys_of(word: str) -> frozenset[str]:
    """Return what a word is compared by in either language; two words with a key in common find each other."""
    return frozenset(f"{language} {stem}" for language in ("es", "en") for stem in stems_of(word, language))


@cache
def _analyser(language: str) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    made = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60)).filter(Filter.lowercase())
    made = made.filter(Filter.ascii_fold())
    return made.filter(Filter.stemmer({"es": "spanish", "en": "english"}[language])).build()


def _beginning(text: str, language: str) -> str:
    """Return a pattern of the stems of words that begin with ``text``.

    A stem may be shorter than the beginning asked for ("excarcel" for "excarcela…"): such ones count too.
    """
    folded = "".join(_folding().analyze(text))
    shorter = {folded[:n] for n in range(max(4, len(folded) - 4), len(folded))}
    return "|".join([f"{folded}.*", *sorted(shorter | set(stems_of(folded, language)))])


@cache
def _folding() -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build()
