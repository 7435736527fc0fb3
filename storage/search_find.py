"""Finding in the full-text index of a snapshot (see `storage.search_index`): what words become, and what they find.

Words are compared in lower case, without accents, by their stem: Spanish (Snowball, after the accents are gone, so that
it makes no difference whether they were typed) in the original, English in the English text. docs/decisions/search.md
has the figures behind that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from storage.errors import StorageError

if TYPE_CHECKING:
    from tantivy import Query, Schema, Searcher, TextAnalyzer

FOLDER = "search"
KEYS = ("source_id", "country", "lang", "topics", "beats")
FIELDS: dict[str, tuple[Literal["es", "en"], float]] = {
    "title": ("es", 3.0),
    "text": ("es", 1.0),
    "title_en": ("en", 3.0),
    "text_en": ("en", 1.0),
}
"""Text fields: the language of their stems, and what a hit in them weighs."""
_TIE = 0.3  # a word found in several fields of an article counts for little more than one found in the best of them
ENGINE_ERRORS = (ValueError, OSError, RuntimeError)
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


@contextmanager
def no_panic() -> Iterator[None]:
    """Turn a panic of the library, which damaged files can cause, into an error like its others."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no class of it can be imported
            raise
        raise RuntimeError(f"the library gave up: {error}") from error


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
            with no_panic():
                yield
        except ENGINE_ERRORS as error:
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
            Query.term_set_query(self._schema, key, list(values)) for key in KEYS if (values := getattr(query, key))
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

        fields = [(self._in_field(words, f, language), weight) for f, (language, weight) in FIELDS.items()]
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
        return SearchIndex(folder, *opened(folder))
    except ENGINE_ERRORS as error:
        if not (folder / "meta.json").exists():
            raise FileNotFoundError(f"{folder}: the search index is gone") from error
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        f"{folder}: the search index is damaged ({error}). Delete this folder: nothing is lost, the next "
        "./atalaya run builds it anew."
    )


@no_panic()
def opened(folder: Path) -> tuple[Schema, Searcher]:
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


def stems_of(text: str, language: str) -> tuple[str, ...]:
    """Return the words of ``text`` as the index compares them, in order. ``language``: es or en."""
    return tuple(analyser(language).analyze(text))


def keys_of(word: str) -> frozenset[str]:
    """Return what a word is compared by in either language; two words with a key in common find each other."""
    return frozenset(f"{language} {stem}" for language in ("es", "en") for stem in stems_of(word, language))


@cache
def analyser(language: str) -> TextAnalyzer:
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
