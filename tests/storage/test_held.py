"""A snapshot held open by a process of many questions: always the newest one, closed off, and nothing left behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from storage import db
from storage.errors import QueryError
from storage.held import HeldSnapshot
from storage.publish import publish
from storage.store import Store
from tests.storage.builders import article, source

COUNT = "SELECT count(*) FROM v_articles"


def publish_with(home: Path, *ids: str) -> None:
    """Publish a snapshot to which these articles have come."""
    with Store.open(home, "test") as store:
        store.merge([source(), *(article(i) for i in ids)])
        publish(home, store)


def open_files(home: Path) -> int:
    """Return how often this process has a snapshot of ``home`` open, deleted ones included."""
    links = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing's own
            links.append(str(handle.readlink()))
    return sum(link.startswith(str(home / db.SNAPSHOT)) for link in links)


def test_each_block_sees_the_newest(tmp_path: Path) -> None:
    """What is published during a block is for the next one; the answers kept of a state go with it."""
    publish_with(tmp_path, "a")
    snapshot = HeldSnapshot(tmp_path)
    with snapshot.reading(10) as old:
        old.kept["count"] = 1
        publish_with(tmp_path, "b")
        with snapshot.reading(10) as new:
            assert new.reading.ask(COUNT).rows == [(2,)]
            assert new.stamp != old.stamp
            assert new.kept == {}
        assert old.reading.ask(COUNT).rows == [(1,)]
        assert old.kept == {"count": 1}
    with snapshot.reading(10) as again:
        assert again.stamp == new.stamp
        assert again.kept is new.kept


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_old_openings_are_closed(tmp_path: Path) -> None:
    """An opening is closed when its last block ends and a newer one is there: one file stays open, at the end none."""
    publish_with(tmp_path, "a")
    snapshot = HeldSnapshot(tmp_path)
    for n in range(3):
        with snapshot.reading(10) as held:
            held.reading.ask(COUNT)
            publish_with(tmp_path, f"b{n}")
            with snapshot.reading(10) as newer:
                newer.reading.ask(COUNT)
                assert open_files(tmp_path) == 2
        assert open_files(tmp_path) == 1
    snapshot.close()
    assert open_files(tmp_path) == 0


def test_sessions_are_apart(tmp_path: Path) -> None:
    """Blocks run side by side; the one whose time is over is stopped alone."""
    publish_with(tmp_path, "a")
    snapshot = HeldSnapshot(tmp_path)

    def endless() -> str:
        with pytest.raises(QueryError, match=r"stopped after 0\.3 s") as stopped, snapshot.reading(0.3) as held:
            held.reading.ask(
                "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7"
            )
        return str(stopped.value)

    def short() -> list[tuple[object, ...]]:
        with snapshot.reading(10) as held:
            return held.reading.ask(COUNT).rows

    with ThreadPoolExecutor(4) as threads:
        slow = threads.submit(endless)
        assert [threads.submit(short).result() for _ in range(20)] == [[(1,)]] * 20
        assert slow.result()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT * FROM read_text('/etc/hostname')", "Only the snapshot can be read"),
        ("ATTACH '{home}/warehouse.duckdb' AS w", "Only the snapshot can be read"),
        ("SET enable_external_access = true", "Only the snapshot can be read"),
        ("SET TimeZone = 'America/Caracas'", "Only the snapshot can be read"),
        ("DELETE FROM articles", "read-only"),
    ],
)
def test_sessions_are_closed_off(tmp_path: Path, sql: str, says: str) -> None:
    """A further session may do no more than the first, and has times in UTC."""
    publish_with(tmp_path, "a")
    with HeldSnapshot(tmp_path).reading(10) as held:
        assert held.reading.ask("SELECT current_setting('TimeZone')").rows == [("UTC",)]
        with pytest.raises(QueryError, match=says):
            held.reading.ask(sql.format(home=tmp_path))


def test_what_is_not_there(tmp_path: Path) -> None:
    """Without a snapshot the error says what to do, and once there is one it is read."""
    snapshot = HeldSnapshot(tmp_path)
    with pytest.raises(QueryError, match=r"Run \./atalaya run"), snapshot.reading(10):
        pass
    publish_with(tmp_path, "a")
    with snapshot.reading(10) as held:
        assert held.reading.ask(COUNT).rows == [(1,)]


def test_an_opening_that_failed_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error that ends all sessions of an opening, the next block has another."""
    import duckdb

    publish_with(tmp_path, "a")
    snapshot = HeldSnapshot(tmp_path)
    with snapshot.reading(10) as before:
        before.kept["opening"] = "first"
    whole, failures = db.session_on, [duckdb.FatalException("database has been invalidated")]

    def failing(con: db.Connection) -> db.Connection:
        if failures:
            raise failures.pop()
        return whole(con)

    monkeypatch.setattr(db, "session_on", failing)
    with snapshot.reading(10) as held:
        assert held.reading.ask(COUNT).rows == [(1,)]
        assert held.kept == {}
