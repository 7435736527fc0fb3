"""The logical dump: what a warehouse says, without when and how it was told. Two runs are compared by it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from storage import db
from storage.errors import StorageError
from storage.records import RECORDS
from storage.schema import columns

LEFT_OUT_TABLES = frozenset({"runs", "fetch_events", "outcomes", "digests", "digest_items", "alerts"})
"""Records of one run or one morning each: a second run over the same world adds to them. So do schema ``log`` and
``schema_migrations``, which have no record type."""

LEFT_OUT_COLUMNS: Mapping[str, frozenset[str]] = {
    "sources": frozenset({"verified_at"}),
    "feeds": frozenset(
        {
            "etag",
            "last_modified",
            "first_polled_at",
            "last_polled_at",
            "last_ok_at",
            "last_full_at",
            "next_due_at",
            "failures",
            "last_reason",
            "proposed_url",
            "last_entry_ids",
        }
    ),
    "entries": frozenset({"seen_at", "attempts", "next_try_at"}),
    "pages": frozenset({"fetched_at", "warc_file", "warc_offset"}),
    "articles": frozenset({"first_seen_at"}),
    "article_versions": frozenset({"seen_at"}),
    # Vectors are computed in batches of whatever came together: their last bits may differ, what follows may not.
    "article_features": frozenset({"title_vector", "lead_vector"}),
    "translations": frozenset({"translated_at"}),
    "translation_memory": frozenset({"created_at"}),
    "stories": frozenset({"first_seen_at", "last_seen_at"}),
    "story_articles": frozenset({"joined_at"}),
    "story_aliases": frozenset({"since"}),
    "watch_matches": frozenset({"matched_at"}),
}
"""Times of processing, the poller's state and places in the archive: they differ between runs that mean the same."""

MASKED: Mapping[str, Mapping[str, str]] = {
    "entries": {"published_at": "t.published_at_origin <> 'seen'"},
    "articles": {"published_at": "t.published_at_origin <> 'seen'"},
    "stories": {
        "first_published_at": "t.story_id IN (SELECT m.story_id FROM story_articles m JOIN articles a "
        "ON a.article_id = m.article_id WHERE a.published_at_origin <> 'seen')"
    },
}
"""Columns that hold a time of processing unless the condition holds; they are dumped as null then."""


def logical_dump(source: Path | db.Connection) -> str:
    """Return the content of a warehouse as stable text: per table its name, then its rows as JSON in sorted order.

    ``source`` is the path of a warehouse that no process has open, or an open connection. Raises StorageError.
    """
    if not isinstance(source, Path):
        return _dump(source, Path(db.WAREHOUSE))
    with db.reading(source) as con:
        return _dump(con, source)


def _dump(con: db.Connection, path: Path) -> str:
    parts = []
    for record_type in RECORDS:
        table = record_type.TABLE
        if table in LEFT_OUT_TABLES:
            continue
        masks = MASKED.get(table, {})
        kept = [c.name for c in columns(record_type) if c.name not in LEFT_OUT_COLUMNS.get(table, ())]
        if not kept:
            raise StorageError(f"nothing of {table} is left to dump")
        fields = ", ".join(
            f'"{name}": CASE WHEN {masks[name]} THEN t."{name}" END' if name in masks else f'"{name}": t."{name}"'
            for name in kept
        )
        # Names come from the record types, conditions from the constant above.
        rows = db.fetch(con, path, db.sql_file("read", "dump.sql").format(fields=fields, table=table))
        parts.append(f"== {table} ({len(rows)})")
        parts += sorted(str(row[0]) for row in rows)
    return "\n".join(parts) + "\n"
