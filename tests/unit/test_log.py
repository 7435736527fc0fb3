"""The log of a run: JSON lines that say what was decided, about which outlet and entry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from pipeline.log import KEPT, log, log_harvest, to_file
from storage.records import FetchEvent, Outcome, Record
from tests.storage.builders import poll

AT = datetime(2026, 1, 9, 10, 30, tzinfo=UTC)


def outcome(outcome: str, reason: str) -> Outcome:
    """Return what became of an entry."""
    made: dict[str, object] = {
        "run_id": "r",
        "stage": "page",
        "key": "https://faro.example/a",
        "source_id": "faro",
        "outcome": outcome,
        "reason": reason,
        "detail": "«ñ»\n[red]",
        "at": AT,
    }
    return Outcome(**made)  # type: ignore[arg-type]


HARVEST: list[Record] = [
    poll("f", "faro", AT, "timeout", http_status=None),
    FetchEvent("g", "r", "faro", "page", "https://faro.example/a", None, 200, "ok", None, 1, 1, AT),
    outcome("failed", "timeout"),
    outcome("stored", "new"),
]


def lines(path: Path) -> list[dict[str, object]]:
    """Return the objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_decision_is_one_line_with_run_source_and_entry(tmp_path: Path) -> None:
    """A feed's poll, each item that was not stored, the sums; what went well and single pages are only counted."""
    with to_file(tmp_path, "20260109T103000Z-1f2e") as path:
        log_harvest("20260109T103000Z-1f2e", "faro", HARVEST, {"stored": 1, "failed": 1})
    found = lines(path)
    assert path == tmp_path / "logs" / "20260109T103000Z-1f2e.jsonl"
    assert [one["event"] for one in found] == ["feed", "outcome", "polled"]
    assert all((one["run"], one["source"], one["level"]) == ("20260109T103000Z-1f2e", "faro", "info") for one in found)
    assert all(datetime.fromisoformat(str(one["timestamp"])).tzinfo for one in found)
    feed, failed, sums = found
    assert (feed["url"], feed["reason"]) == ("https://faro.example/feed", "timeout")
    assert (failed["stage"], failed["entry"], failed["outcome"]) == ("page", "https://faro.example/a", "failed")
    assert (failed["reason"], failed["detail"]) == ("timeout", "«ñ»\n[red]"), "whole, in a line of its own"
    assert (sums["stored"], sums["failed"]) == (1, 1)


def test_an_error_is_logged_with_its_traceback_in_the_same_line(tmp_path: Path) -> None:
    """So a reader of lines has all of it."""
    with to_file(tmp_path, "r") as path:
        try:
            raise ValueError("broken")
        except ValueError:
            log().exception("bug", source="faro")
    (line,) = lines(path)
    assert line["level"] == "error" and "ValueError: broken" in str(line["exception"])


def test_after_a_run_the_log_is_as_it_was(tmp_path: Path) -> None:
    """Also when the run fails: nothing is written to a file that is closed."""
    before = structlog.get_config()
    with pytest.raises(RuntimeError), to_file(tmp_path, "r"):
        raise RuntimeError
    assert structlog.get_config() == before
    log().info("afterwards")


def test_a_run_that_is_continued_adds_to_its_file_and_the_oldest_files_go(tmp_path: Path) -> None:
    """So many runs are kept, the newest by their ids, this one among them."""
    for n in range(KEPT + 5):
        with to_file(tmp_path, f"run-{n:03}"):
            log().info("one")
    with to_file(tmp_path, f"run-{KEPT + 4:03}") as path:
        log().info("two")
    assert [one["event"] for one in lines(path)] == ["one", "two"]
    held = sorted(p.name for p in (tmp_path / "logs").iterdir())
    assert len(held) <= KEPT and held[-1] == path.name and "run-000.jsonl" not in held
