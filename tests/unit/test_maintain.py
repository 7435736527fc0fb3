"""The nightly housekeeping: nothing that matters goes, copies are whole, and twice a night does no harm."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.maintain import maintain, prune_parts
from pipeline.settings import load_settings
from storage import upkeep
from storage.backend import LocalFile
from storage.dump import logical_dump
from storage.errors import LockBusy, StorageError
from storage.lock import WriterLock
from tests.cli import atalaya

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


def test_a_backup_is_the_warehouse_and_opens_by_itself(demo_copy: Path) -> None:
    """The copy says the same and can take the warehouse's place."""
    before = logical_dump(demo_copy / "warehouse.duckdb")
    backup = upkeep.back_up(demo_copy, LocalFile(demo_copy), NOW.date(), 3)
    assert logical_dump(backup) == before
    shutil.copy(backup, demo_copy / "warehouse.duckdb")
    assert atalaya("reprocess", "watches", "--home", str(demo_copy)).status == 0
    assert logical_dump(demo_copy / "warehouse.duckdb") == before


def test_only_the_newest_backups_are_kept(demo_copy: Path) -> None:
    """One a day; the oldest go."""
    for day in range(1, 6):
        for _ in range(2):
            upkeep.back_up(demo_copy, LocalFile(demo_copy), NOW.date() + timedelta(days=day), 3)
    kept = sorted(p.name for p in (demo_copy / "backups").iterdir())
    assert kept == [f"warehouse-2026-01-{d}.duckdb" for d in (13, 14, 15)]


def test_a_warehouse_written_anew_says_the_same_in_a_smaller_file(demo_copy: Path) -> None:
    """The content, its comments and its migrations come along."""
    path = demo_copy / "warehouse.duckdb"
    with LocalFile(demo_copy).session("test") as con:
        con.execute("CREATE TABLE ballast AS SELECT md5(i::VARCHAR) AS x FROM range(3_000_000) t(i)")
        con.execute("CHECKPOINT")
        con.execute("CREATE TABLE behind AS SELECT md5(i::VARCHAR) AS x FROM range(100_000) t(i)")
        con.execute("CHECKPOINT")  # what stands behind keeps the file from being cut short
        con.execute("DROP TABLE ballast")
    before = logical_dump(path)
    assert upkeep.free_share(demo_copy) > 0.5
    old, new = upkeep.rewrite(demo_copy)
    assert new < old / 2
    assert logical_dump(path) == before
    assert upkeep.free_share(demo_copy) < 0.3
    with LocalFile(demo_copy).session("test") as con:
        assert con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'articles'").fetchone()[0]


def test_a_copy_that_fails_leaves_the_warehouse_alone(demo_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong before the last step, the file in place is the old one, and no half copy fills the disk."""
    before = logical_dump(demo_copy / "warehouse.duckdb")
    files = sorted(p.name for p in demo_copy.rglob("*"))

    def broken(_path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(upkeep, "_verify", broken)
    with pytest.raises(StorageError, match=r"No space left on device.*make room"):
        upkeep.rewrite(demo_copy)
    with pytest.raises(StorageError, match=r"No space left on device.*make room"):
        upkeep.back_up(demo_copy, LocalFile(demo_copy), NOW.date(), 3)
    assert logical_dump(demo_copy / "warehouse.duckdb") == before
    assert sorted(p.name for p in demo_copy.rglob("*") if p.name != "backups") == files


def test_nothing_is_touched_while_another_process_writes(demo_copy: Path) -> None:
    """Not the warehouse, and not the copy that the other one may be making."""
    making = demo_copy / "backups" / ".warehouse.duckdb.tmp"
    making.parent.mkdir()
    making.touch()
    with WriterLock(demo_copy, "run"):
        with pytest.raises(LockBusy):
            upkeep.rewrite(demo_copy)
        with pytest.raises(LockBusy):
            upkeep.back_up(demo_copy, LocalFile(demo_copy), NOW.date(), 3)
    assert making.exists()


@pytest.mark.parametrize("words", [["maintain"], ["reprocess", "watches"]])
def test_a_moments_writing_by_another_process_is_waited_for(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Work is not lost, nor the snapshot unpublished, because a load or a translation just holds the warehouse."""
    other = WriterLock(demo_copy, "translate").__enter__()
    waits: list[float] = []

    def ends(seconds: float) -> None:
        waits.append(seconds)
        other.__exit__(None, None, None)

    monkeypatch.setattr("storage.lock.time.sleep", ends)
    done = atalaya(*words, "--home", str(demo_copy))
    assert done.status == 0, done.output
    assert len(waits) == 1


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    """What a run that is under way writes stays."""
    for name, days in (("old.warc.gz.part", 5), ("new.warc.gz.part", 1), ("old.warc.gz", 5)):
        (tmp_path / name).touch()
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (at, at))
    assert prune_parts(tmp_path, timedelta(days=3), NOW) == ["old.warc.gz.part"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.warc.gz.part", "old.warc.gz"]


def test_twice_a_night_leaves_the_same(demo_copy: Path) -> None:
    """Same backup, same report, same database; spools of dead runs are gone."""
    spool = demo_copy / "spool" / "20260101T000000Z-dead"
    spool.mkdir(parents=True)
    old = (NOW - timedelta(days=9)).timestamp()
    os.utime(spool, (old, old))
    before = logical_dump(demo_copy / "warehouse.duckdb")
    settings = load_settings(demo_copy, alerts={"run_hours": 1_000_000})
    first = maintain(settings, lambda: NOW)
    second = maintain(settings, lambda: NOW)
    assert (first.spools_removed, second.spools_removed) == ((spool.name,), ())
    assert first.backup == second.backup and first.report == second.report
    assert logical_dump(demo_copy / "warehouse.duckdb") == before
    report = first.report.read_text(encoding="utf-8")
    assert "| diario-marisma | Diario de la Marisma | ES | down |" in report


def test_the_command_says_what_it_did(demo_copy: Path) -> None:
    """In words, and the copy is there."""
    done = atalaya("maintain", "--home", str(demo_copy))
    assert done.status == 0
    assert "Backup: " in done.stdout and "Source health: " in done.stdout
    assert len(list((demo_copy / "backups").glob("*.duckdb"))) == 1
