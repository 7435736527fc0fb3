"""Full-text search over the published snapshot: words in the original and in English, filters, hits joined in SQL.

The index belongs to the snapshot (see `storage.search_index`): a hit is always an article that `v_articles` has, in the
wording it has. What was found can be had as SQL that runs in any DuckDB client.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pipeline.search_words import Marks, Part, Wish, missing_words, parse
from storage.db import quoted, sql_file
from storage.errors import QueryError, SearchError, SearchMistake, StorageError
from storage.query import Reading, open_reading
from storage.search_find import IndexHits, IndexQuery, SearchIndex, open_index

__all__ = [
    "OpenSearch",
    "Part",
    "SearchError",
    "SearchHit",
    "SearchPage",
    "SearchQuery",
    "day_span",
    "moment",
    "open_search",
    "search",
    "search_in",
]

MAX_LIMIT = 1_000
MAX_REACH = 10_000
_TRIES = 5
CARACAS = ZoneInfo("America/Caracas")
_AGO = re.compile(r"(\d{1,6})([hdw])")
_ALL_SOURCES = './atalaya query "SELECT source_id, name, country FROM sources"'
_ALL_TOPICS = './atalaya query "SELECT topic_id, name_en, name_es FROM topics"'
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. ``words`` is what a person types (see `pipeline.search_words`); it may be empty.

    ``topics`` are codes or names in either language, their children included. ``since`` and ``until`` bound
    ``published_at``, half open; a timedelta counts back from the snapshot's ``data_through``.
    """

    words: str = ""
    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    beats: tuple[str, ...] = ()
    since: datetime | timedelta | None = None
    until: datetime | timedelta | None = None
    order: Literal["relevance", "newest"] = "relevance"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An article that was found. ``snippet`` is from the text named by ``snippet_lang``; parts are plain text."""

    article_id: str
    story_id: str | None
    source_id: str
    source_name: str
    country: str
    lang: str
    title: str
    title_en: str | None
    title_parts: tuple[Part, ...]
    snippet: tuple[Part, ...]
    snippet_lang: Literal["original", "en"]
    translation_status: str
    published_at: datetime
    published_precision: str
    kind: str
    genre: str
    agency: str | None
    alignment: str | None
    text_group_id: str
    copy_kind: str | None
    url: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits. ``total`` counts all articles found; ``notes`` are sentences that help where little was."""

    hits: tuple[SearchHit, ...]
    total: int
    as_sql: str
    notes: tuple[str, ...]
    data_through: datetime | None


def day_span(day: date) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a day in Caracas."""
    begin = datetime.combine(day, time(), CARACAS)
    return begin.astimezone(UTC), datetime.combine(day + timedelta(days=1), time(), CARACAS).astimezone(UTC)


def moment(words: str | None, *, end: bool = False) -> datetime | timedelta | None:
    """Return the time that a person means: ``7d`` or ``12h`` (before the newest news), a day in Caracas, or a time.

    A day is its beginning, or its ``end``. Raises SearchMistake for anything else.
    """
    if not words:
        return None
    ago = _AGO.fullmatch(words.strip())
    try:
        if ago:
            return timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if _DAY.fullmatch(words.strip()):
            return day_span(date.fromisoformat(words.strip()))[1 if end else 0]
        at = datetime.fromisoformat(words.strip())
    except (ValueError, OverflowError) as error:
        raise SearchMistake(
            f"{words[:40]!r} is no time: write 7d, 12h, a day such as 2026-01-08, or 2026-01-08T07:00."
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=CARACAS)


def search(home: Path, query: SearchQuery, timeout_s: float = 10.0) -> SearchPage:
    """Return a page of what ``query`` finds in the snapshot of ``home``.

    Raises SearchMistake when the words or a filter cannot be understood, SearchError when there is no snapshot or no
    index, or when reading takes longer than ``timeout_s`` seconds. Every message says what to do.
    """
    try:
        for _ in range(_TRIES):
            with open_reading(home, timeout_s) as reading:
                try:
                    index = open_search(home, reading)
                except FileNotFoundError:
                    continue  # two publishes went by since the snapshot was opened: open the newest
                return search_in(index, reading, query)
    except SearchError:
        raise
    except StorageError as error:
        raise SearchError(str(error)) from error
    raise SearchError(f"{home}/search lacks the index of this snapshot. The next ./atalaya run builds it.")


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """What all searches of one snapshot have in common: its index, and through when its news go."""

    index: SearchIndex
    through: datetime | None


def open_search(home: Path, reading: Reading) -> OpenSearch:
    """Open the index of the snapshot of ``home`` that ``reading`` has, for any number of searches, also side by side.

    Raises FileNotFoundError where the index is gone, since newer snapshots have been published, and SearchError.
    """
    try:
        ((version, through),) = reading.ask(sql_file("search", "snapshot.sql")).rows
    except QueryError as error:
        if "v_snapshot" not in str(error):
            raise
        raise SearchError(
            "This snapshot was made before there was a search. The next ./atalaya run adds it."
        ) from error
    return OpenSearch(open_index(home, str(version)), through if isinstance(through, datetime) else None)


def search_in(opened: OpenSearch, reading: Reading, query: SearchQuery) -> SearchPage:
    """Return a page of what ``query`` finds in the snapshot that ``reading`` has. Raises StorageError, see `search`."""
    if not 1 <= query.limit <= MAX_LIMIT or query.offset < 0 or query.offset + query.limit > MAX_REACH:
        raise SearchMistake(
            f"A page has 1 to {MAX_LIMIT} hits, and only the first {MAX_REACH} can be paged through. Narrow the search."
        )
    wish = parse(query.words)
    asked = _index_query(reading, query, wish, opened.through)
    if not (wish.needed or wish.refused or _is_filtered(asked)):
        raise SearchMistake("Nothing is asked for. Give words, or a filter such as a country, a topic or a day.")
    if wish.refused and not (wish.needed or _is_filtered(asked)):
        raise SearchMistake("There are only words to leave out. Name at least one to look for, or a filter.")
    found = opened.index.find(asked)
    hits = _hits(reading, found, Marks(wish))
    notes = () if found.total else _why_nothing(opened.index, asked, wish)
    return SearchPage(hits, found.total, _as_sql(query, found), notes, opened.through)


def _is_filtered(asked: IndexQuery) -> bool:
    bounds = asked.since is not None or asked.until is not None
    return bounds or bool(asked.source_id or asked.country or asked.lang or asked.topics or asked.beats)


def _index_query(reading: Reading, query: SearchQuery, wish: Wish, through: datetime | None) -> IndexQuery:
    sources = reading.ask(sql_file("search", "sources.sql")).rows if query.sources or query.countries else []
    topics = reading.ask(sql_file("search", "topics.sql")).rows if query.topics else []
    beats = reading.ask(sql_file("search", "beats.sql")).rows if query.beats else []
    return IndexQuery(
        needed=wish.needed,
        refused=wish.refused,
        source_id=_chosen("source", query.sources, _names((r[1], r[0]) for r in sources), _ALL_SOURCES),
        country=_chosen("country", query.countries, _names((r[2], r[2]) for r in sources)),
        lang=tuple(code.lower() for code in query.languages),
        topics=topics_within([(str(r[0]), str(r[1]), str(r[2]), r[3]) for r in topics], query.topics),
        beats=_chosen("beat", query.beats, _names((r[0], r[0]) for r in beats)),
        since=_micros(query.since, through),
        until=_micros(query.until, through),
        newest=query.order == "newest" or not wish.needed,
        limit=query.limit,
        offset=query.offset,
    )


def _names(rows: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Return ids by what people may call them, in lower case, from (name, id): the id itself goes before any name."""
    held = list(rows)
    return {str(name).casefold(): str(i) for name, i in held} | {str(i).casefold(): str(i) for _, i in held}


def topics_within(topics: Sequence[tuple[str, str, str, object]], wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the ``wanted`` topics (ids or names, capitals aside) and of all below them.

    ``topics`` are (id, English name, Spanish name, parent's id or None). Raises SearchMistake for one that is
    not there.
    """
    by_name = {name.casefold(): t[0] for t in topics for name in (t[2], t[1], t[0])}
    found = {*_chosen("topic", wanted, by_name, _ALL_TOPICS)}
    while more := {t[0] for t in topics if t[3] in found} - found:
        found |= more
    return tuple(sorted(found))


_MOST_NAMED = 12


def _chosen(what: str, wanted: Iterable[str], known: dict[str, str], everything: str = "") -> tuple[str, ...]:
    """Return what the words of a filter stand for, by ``known``, which has ids and names in lower case.

    Raises SearchMistake naming all there is where that is little, else what comes close and what lists ``everything``.
    """
    found = []
    for word in wanted:
        if word.casefold() not in known:
            ids = sorted(set(known.values()))
            few = len(ids) <= _MOST_NAMED
            listed = {i.casefold() for i in ids} if few else set()
            close = [c for c in difflib.get_close_matches(word.casefold(), known, 5, 0.5) if c not in listed]
            hint = f"Close: {', '.join(close)}. " if close else ""
            hint += f"There are: {', '.join(ids) or 'none yet'}." if few else f"All of them: {everything}"
            raise SearchMistake(f"No {what} here is called {word[:60]!r}. {hint}")
        found.append(known[word.casefold()])
    return tuple(dict.fromkeys(found))


def _micros(at: datetime | timedelta | None, through: datetime | None) -> int | None:
    if at is None:
        return None
    if isinstance(at, timedelta):
        if through is None:
            return None
        try:
            at = through - at
        except OverflowError:
            return None
    return (at - _EPOCH) // timedelta(microseconds=1)


def _hits(reading: Reading, found: IndexHits, marks: Marks) -> tuple[SearchHit, ...]:
    held = _by_id(reading, "found", [i for i, _ in found.hits])
    rows = {str(row[0]): dict(zip(_COLUMNS, row, strict=True)) for row in held.values()}
    snippets = {i: marks.snippet(str(row[1])) for i, row in _by_id(reading, "texts", list(rows)).items()}
    # Words that are not in the original are in the English
    elsewhere = [i for i, (_, count) in snippets.items() if not count]
    english = {i: marks.snippet(str(row[1])) for i, row in _by_id(reading, "texts_en", elsewhere).items()}
    return tuple(
        _hit(rows[i], score, marks, snippets[i][0], english[i][0] if i in english and english[i][1] else None)
        for i, score in found.hits
    )


_COLUMNS = (
    "article_id", "story_id", "source_id", "source_name", "country", "lang", "title", "title_en", "translation_status",
    "published_at", "published_precision", "kind", "genre", "agency", "alignment", "text_group_id",
    "copy_kind", "url",
)  # fmt: skip


def _by_id(reading: Reading, name: str, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """Return rows by their first column. The ids, which are hashes of ours, stand in the statement, several times."""
    if not ids:
        return {}
    rows = reading.ask(sql_file("search", f"{name}.sql").format(ids=", ".join(map(quoted, ids)))).rows
    return {str(row[0]): row for row in rows}


def _hit(
    row: dict[str, Any], score: float, marks: Marks, snippet: tuple[Part, ...], english: tuple[Part, ...] | None
) -> SearchHit:
    return SearchHit(
        **row,
        title_parts=marks.marked(row["title"]),
        snippet=snippet if english is None else english,
        snippet_lang="original" if english is None else "en",
        score=score,
    )


def _why_nothing(index: SearchIndex, asked: IndexQuery, wish: Wish) -> tuple[str, ...]:
    unknown = [w.text for w in missing_words(wish) if not index.knows(w)]
    if unknown:
        return (f"No article here has: {', '.join(unknown)}.",)
    if _is_filtered(asked):
        return ("Articles have these words, but not within these filters.",)
    return ("Articles have each of these words, but none has all of them.",) if len(wish.needed) > 1 else ()


def _as_sql(query: SearchQuery, found: IndexHits) -> str:
    """Return SQL that joins the hits with `v_articles`. Ids are hashes of ours; words go into a comment of one line."""
    rows = [f"({n}, {quoted(i)}, {score})" for n, (i, score) in enumerate(found.hits, query.offset + 1)]
    nothing = "SELECT NULL::INTEGER, NULL::VARCHAR, NULL::DOUBLE WHERE false"
    values = "VALUES\n    " + ",\n    ".join(rows) if rows else nothing
    words = " ".join("".join(c if c.isprintable() else " " for c in query.words).split())
    head = f"-- {words or 'Articles by filter'}: {len(rows)} of {found.total} articles found\n"
    return head + sql_file("search", "as_sql.sql").format(values=values)
