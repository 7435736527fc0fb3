"""Structured logs: what a run decided, as events with run, source and entry. The only module that knows structlog.

In a task of Airflow the events go to the task's log, by the scheduler's own settings. Elsewhere `to_file` writes them
to ``logs/RUN.jsonl`` of the home, one JSON object a line.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.records import FetchEvent, Outcome, Record

KEPT = 60
"""Files of so many runs are kept."""

_QUIET = frozenset({"stored", "read", "kept"})
"""Outcomes that are what should happen: counted, not told one by one."""


def log() -> Any:
    """Return the logger; events are short names, all else is keywords."""
    import structlog

    return structlog.get_logger("atalaya")


def log_harvest(run_id: str, source_id: str, records: Iterable[Record], counts: Mapping[str, object]) -> None:
    """Tell what a poll of one source brought: each request that failed, each item that was not stored, and the sums."""
    said = log().bind(run=run_id, source=source_id)
    for record in records:
        if isinstance(record, FetchEvent) and record.kind == "feed":
            said.info(
                "feed",
                url=record.url,
                reason=record.reason,
                status=record.http_status,
                entries=record.entry_count,
                new=record.new_count,
                ms=record.elapsed_ms,
            )
        elif isinstance(record, Outcome) and record.outcome not in _QUIET:
            said.info(
                "outcome",
                stage=record.stage,
                entry=record.key,
                outcome=record.outcome,
                reason=record.reason,
                detail=record.detail,
            )
    said.info("polled", **counts)


@contextmanager
def to_file(home: Path, run_id: str) -> Iterator[Path]:
    """Send the events of the block to ``home/logs/RUN.jsonl``; the oldest files go."""
    import structlog

    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id}.jsonl"
    for old in sorted(folder.glob("*.jsonl"))[: -KEPT + 1]:
        old.unlink()
    before = structlog.get_config() if structlog.is_configured() else None
    with path.open("a", encoding="utf-8") as file:
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=structlog.WriteLoggerFactory(file),
            cache_logger_on_first_use=False,
        )
        try:
            yield path
        finally:
            if before is None:
                structlog.reset_defaults()
            else:
                structlog.configure(**before)
