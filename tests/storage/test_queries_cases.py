"""Stored questions over small worlds, for what the newsroom lacks: watched days, outages, silence that counts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.publish import publish
from storage.query import run_query, stored_question
from storage.records import Record
from storage.store import Store
from tests.storage.builders import NOON, article, at, feed, member, poll, source, story

DAY = 24


def ask(home: Path, name: str) -> list[dict[str, object]]:
    """Return the rows of a stored question."""
    found = run_query(home, stored_question(name).sql, 30)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def published(home: Path, records: list[Record]) -> None:
    """Make a snapshot of ``records``."""
    with Store.open(home, "test") as store:
        store.merge(records)
        publish(home, store)


def days(source_id: str, counts: dict[int, int], country: str = "VE") -> list[Record]:
    """Return so many articles of an outlet on each day from 8 January 2026."""
    return [
        article(
            f"{source_id}{day}-{n}", source_id, country=country, published_at=at(DAY * day), first_seen_at=at(DAY * day)
        )
        for day, count in counts.items()
        for n in range(count)
    ]


def polls(source_id: str, reasons: dict[int, str], gap: int | None = None) -> list[Record]:
    """Return one poll of an outlet on each day."""
    return [
        poll(f"{source_id}{day}", source_id, at(DAY * day), reason, possible_gap=day == gap)
        for day, reason in reasons.items()
    ]


@pytest.mark.parametrize(
    ("last", "reason", "gap", "verdict"),
    [
        (4, "ok", False, "as usual"),
        (9, "ok", False, "rise"),
        (1, "ok", False, "fall"),
        (0, "unreachable", False, "outage"),
        (9, "unreachable", False, "outage"),
        (1, "ok", True, "possible gap"),
        (4, "not_modified", False, "as usual"),
    ],
)
def test_a_spike_is_told_from_an_outage(tmp_path: Path, last: int, reason: str, gap: bool, verdict: str) -> None:
    """Five days of four articles, then another count: a rise or fall counts only where every outlet was heard whole."""
    counts = {**dict.fromkeys(range(5), 4), 5: last}
    reasons = {**dict.fromkeys(range(5), "ok"), 5: reason}
    published(tmp_path, [source(), *days("faro", counts), *polls("faro", reasons, 5 if gap else None)])
    rows = {int(str((r["day_caracas"] - at(0).date()).days)): r for r in ask(tmp_path, "spike_or_outage")}  # type: ignore[operator]
    assert rows[5]["verdict"] == verdict
    assert (rows[0]["verdict"], rows[1]["verdict"]) == ("first days", "as usual")
    assert rows[5]["usual"] == 4


def test_an_outage_is_no_yardstick(tmp_path: Path) -> None:
    """Days on which an outlet was down do not lower what is usual."""
    counts = {0: 8, 1: 8, 2: 0, 3: 0, 4: 8}
    reasons = {0: "ok", 1: "ok", 2: "unreachable", 3: "unreachable", 4: "ok"}
    published(tmp_path, [source(), *days("faro", counts), *polls("faro", reasons)])
    assert [(r["verdict"], r["usual"]) for r in ask(tmp_path, "spike_or_outage")] == [
        ("as usual", 8), ("outage", 8), ("outage", 8), ("as usual", 8), ("first days", None),
    ]  # fmt: skip


def test_silence_counts_where_it_was_heard(tmp_path: Path) -> None:
    """A story two independents have and the government's outlet has not: that it was watched, or was down, is said."""
    free = [source(i, alignment="independent") for i in ("uno", "dos")]
    state = source("estado", alignment="government")
    told = [article("a", "uno"), article("b", "dos")]
    story_of = [story("s", "a"), member("s", "a"), member("s", "b")]
    for number, (reason, whole) in enumerate({"ok": 0, "unreachable": 1}.items()):
        home = tmp_path / str(number)
        published(home, [*free, state, *told, *story_of, *polls("estado", {0: reason})])
        (row,) = ask(home, "state_media_silent")
        assert (row["story_id"], row["days_watched"], row["government_not_whole"]) == ("s", 1, whole)
    published(tmp_path / "n", [*free, *told, *story_of])
    assert ask(tmp_path / "n", "state_media_silent") == [], "nobody's silence where no such outlet is known"


def test_questions_count_from_the_newest_article_not_from_today(tmp_path: Path) -> None:
    """An archive that ended months ago still has news of its last day; a date in the future does not end it early."""
    old, new, wrong = at(-40), at(0), at(24 * 365)
    records = [
        source(), feed(), poll("p", "faro", at(1)),
        article("a", published_at=old), article("b", published_at=new), article("c", published_at=wrong),
        *(story(f"s{i}", i) for i in "abc"), *(member(f"s{i}", i) for i in "abc"),
    ]  # fmt: skip
    published(tmp_path, records)
    (stamp,) = run_query(
        tmp_path, "SELECT data_through, last_poll_at, article_count, story_count FROM v_snapshot", 10
    ).rows
    assert stamp == (at(1), at(1), 3, 3)
    assert {r["story_id"] for r in ask(tmp_path, "new_stories")} == {"sb", "sc"}
    assert {r["story_id"] for r in ask(tmp_path, "new_on_venezuela")} == {"sb", "sc"}


def test_undated_articles_do_not_say_through_when(tmp_path: Path) -> None:
    """What has the time it was seen is no news of the world, unless there is nothing else."""
    seen = article("b", published_at=at(90), published_at_origin="seen")
    published(tmp_path / "1", [source(), article("a"), seen])
    published(tmp_path / "2", [source(), seen])
    published(tmp_path / "3", [source()])
    through = [run_query(tmp_path / n, "SELECT data_through FROM v_snapshot", 10).rows for n in "123"]
    assert through == [[(NOON,)], [(NOON + timedelta(hours=90),)], [(None,)]]


def test_shared_figures_do_not_differ(tmp_path: Path) -> None:
    """Texts that share a number for a word agree, whatever else they count; 1.140 and 1,140 are one figure."""
    words = {
        "a": "Hay 11 heridos y 1.140 evacuados en la zona.",
        "b": "Los 13 heridos y 1,140 evacuados siguen allí.",
        "c": "Eran 2 heridos, luego 11 heridos. Desde 2024 son 9 de enero.",
    }
    records = [source(), source("dos"), source("tres"), story("s", "a")]
    outlets = zip(words, ("faro", "dos", "tres"), strict=True)
    records += [article(i, o, text=words[i], title="Sismo") for i, o in outlets]  # type: ignore[misc]
    published(tmp_path, [*records, *(member("s", i) for i in words)])
    rows = ask(tmp_path, "figures_that_differ")
    assert [(r["word"], r["figures"]) for r in rows] == [("herido", "tres: 2 11; faro: 11; dos: 13")]


def test_latency_counts_only_what_came_out_while_somebody_listened(tmp_path: Path) -> None:
    """An article from before the first poll is counted, not measured; bare dates and a first poll's are neither."""
    records = [
        source(),
        feed("faro", first_polled_at=at(1)),
        article("old", published_at=at(0), first_seen_at=at(9)),
        article("new", published_at=at(2), first_seen_at=at(2.5)),
        article("later", published_at=at(3), first_seen_at=at(3.25)),
        article("day", published_at=at(4), first_seen_at=at(9), published_precision="day"),
        article("first", published_at=at(0), first_seen_at=at(1), backfill=True),
    ]
    published(tmp_path, records)
    (row,) = ask(tmp_path, "latency")
    assert (row["articles"], row["measured"]) == (3, 2)
    assert (row["median_minutes"], row["least_minutes"]) == (22.5, 15.0)


def test_an_empty_archive_answers_every_question(tmp_path: Path) -> None:
    """Before anything was polled each question has no rows, and no error."""
    from storage.query import stored_questions

    published(tmp_path, [source()])
    wrong = {q.name: rows for q in stored_questions() if (rows := ask(tmp_path, q.name))}
    assert set(wrong) == {"silent_outlets"}
