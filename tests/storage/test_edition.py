"""After an update: a snapshot of the version before is told in a sentence, and written anew where that is possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.renew import renew_snapshot
from pipeline.settings import load_settings
from storage.db import SNAPSHOT, WAREHOUSE
from storage.edition import edition, is_outdated
from storage.errors import QueryError
from storage.publish import publish
from storage.query import run_query
from storage.store import Store
from tests.cli import atalaya
from tests.storage.builders import publish_as_before


def test_a_snapshot_says_of_which_edition_it_is(tmp_path: Path) -> None:
    """What this code publishes is its own; where there is no snapshot none is outdated."""
    assert not is_outdated(tmp_path)
    with Store.open(tmp_path, "test") as store:
        publish(tmp_path, store)
    assert not is_outdated(tmp_path)
    assert run_query(tmp_path, "SELECT edition FROM snapshot", 10).rows == [(edition(),)]
    assert renew_snapshot(load_settings(tmp_path)) == ""


def test_what_an_older_snapshot_lacks_is_told_in_a_sentence(tmp_path: Path) -> None:
    """A column or table of today: what to do. What it has it answers; a slip of the pen is DuckDB's to tell."""
    publish_as_before(tmp_path)
    assert is_outdated(tmp_path)
    with pytest.raises(QueryError, match=r"another version of Atalaya.*\./atalaya run writes it anew"):
        run_query(tmp_path, "SELECT last_run_at FROM v_snapshot", 10)
    assert run_query(tmp_path, "SELECT count(*) FROM articles", 10).rows == [(1,)]
    with pytest.raises(QueryError, match="syntax error"):
        run_query(tmp_path, "SELEC 1", 10)


def test_it_is_written_anew_where_that_can_be_done(tmp_path: Path) -> None:
    """By what starts; without the warehouse the snapshot stays as it is, and the words say why."""
    publish_as_before(tmp_path)
    settings = load_settings(tmp_path)
    warehouse = tmp_path / WAREHOUSE
    warehouse.rename(tmp_path / "away")
    before = (tmp_path / SNAPSHOT).read_bytes()
    assert "no warehouse beside it" in renew_snapshot(settings)
    assert (tmp_path / SNAPSHOT).read_bytes() == before
    assert not warehouse.exists()
    (tmp_path / "away").rename(warehouse)
    assert "has been written anew" in renew_snapshot(settings)
    assert renew_snapshot(settings) == ""
    assert run_query(tmp_path, "SELECT last_run_at FROM v_snapshot", 10).rows == [(None,)]


def test_a_digest_over_an_older_snapshot_comes(tmp_path: Path) -> None:
    """The morning after an update has its digest."""
    publish_as_before(tmp_path)
    assert atalaya("digest", "--home", str(tmp_path), "--date", "2026-01-09").status == 0
    assert not is_outdated(tmp_path)
