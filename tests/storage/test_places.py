"""Spools travel through folders and through object storage alike: whole or not at all, under names that stay."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import places
from storage.errors import StorageError
from storage.exchange import read_rows, write_rows
from storage.spool import read_spool, write_spool
from tests.services import s3
from tests.storage.builders import article


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of a bucket on loopback."""
    with pytest.MonkeyPatch.context() as patch, s3.storage(patch) as url:
        yield url


@pytest.fixture(params=["path", "file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place of each kind; its name has a blank and a letter beyond ASCII."""
    if request.param == "s3":
        bucket = request.getfixturevalue("bucket")
        return f"{bucket}/{tmp_path.name}/señal uno"
    folder = tmp_path / "señal uno"
    return str(folder) if request.param == "path" else folder.as_uri()


def test_records_travel_and_a_rerun_overwrites_its_own(place: str) -> None:
    """What was written is read back, the same name holds the latest, and nothing else is left beside it."""
    target = places.join(place, "run", "batch-000", "faro.jsonl.gz")
    assert not places.exists(target)
    write_spool(target, [article("old")])
    write_spool(target, [article("a"), article("b")])
    assert list(read_spool(target)) == [article("a"), article("b")]
    assert places.exists(target)
    assert files_below(place) == ["run/batch-000/faro.jsonl.gz"]


def test_rows_travel(place: str) -> None:
    """So do rows of text."""
    target = places.join(place, "known.parquet")
    write_rows(target, ("a", "b"), [("1", None), ("", "ñ\n")])
    assert read_rows(target) == [("1", None), ("", "ñ\n")]


def test_a_failed_write_shows_nothing(place: str) -> None:
    """A writer that dies on the way leaves what was there, and no half of its own."""
    target = places.join(place, "faro.jsonl.gz")
    write_spool(target, [article("a")])

    def broken() -> Iterator[object]:
        yield article("b")
        raise RuntimeError("worker died")

    with pytest.raises(RuntimeError):
        write_spool(target, broken())  # type: ignore[arg-type]
    assert list(read_spool(target)) == [article("a")]
    assert files_below(place) == ["faro.jsonl.gz"]


def test_a_missing_file_is_named(place: str) -> None:
    """Reading what is not there says which file that is."""
    with pytest.raises(StorageError, match=r"nothing\.jsonl\.gz"):
        list(read_spool(places.join(place, "nothing.jsonl.gz")))


def test_removing(place: str) -> None:
    """A run's folder goes with all that is in it; one that is not there is no error."""
    write_spool(places.join(place, "r1", "batch-000", "a.jsonl.gz"), [article("a")])
    write_spool(places.join(place, "r10", "a.jsonl.gz"), [article("a")])
    places.remove_folder(places.join(place, "r1"))
    places.remove_folder(places.join(place, "r1"))
    assert files_below(place) == ["r10/a.jsonl.gz"]


def test_orphans_are_pruned_by_their_newest_file(place: str) -> None:
    """Folders go when nothing in them was written for the time given: a run that is at work keeps its own."""
    assert places.prune_folders(place, timedelta(0), datetime.now(UTC)) == []
    for run in ("r1", "r2"):
        write_spool(places.join(place, run, "batch-000", "a.jsonl.gz"), [article("a")])
    now = datetime.now(UTC)
    assert places.prune_folders(place, timedelta(days=2), now) == []
    path = places.local_path(place)
    if path is not None:  # object storage tells its own time: there only the clock can be moved
        then = (now - timedelta(days=3)).timestamp()
        for old in ("r1/batch-000/a.jsonl.gz", "r1/batch-000", "r1"):
            os.utime(path / old, (then, then))
        assert places.prune_folders(place, timedelta(days=2), now) == ["r1"]
        assert files_below(place) == ["r2/batch-000/a.jsonl.gz"]
    assert places.prune_folders(place, timedelta(days=2), now + timedelta(days=3))[-1] == "r2"
    assert files_below(place) == []


def test_storage_that_refuses_is_named(bucket: str) -> None:
    """A bucket that is not there, and a file that is not, end in words with the variables to set."""
    with pytest.raises(StorageError, match=r"s3://no-such-bucket/x.*AWS_ENDPOINT_URL"):
        write_spool("s3://no-such-bucket/x", [article("a")])
    with pytest.raises(StorageError, match=r"Cannot read .*/x .*AWS_ACCESS_KEY_ID"):
        list(read_spool(f"{bucket}/x"))


def test_an_unknown_kind_of_place() -> None:
    """A scheme that no installed library knows is an error that says so."""
    with pytest.raises(StorageError, match="nowhere://x"):
        places.exists("nowhere://x/y")


def files_below(place: str) -> list[str]:
    """Return the names of all files below a place, hidden ones too."""
    path = places.local_path(place)
    if path is not None:
        return sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file())
    import fsspec

    storage, root = fsspec.url_to_fs(place, use_listings_cache=False)
    return sorted(name.removeprefix(f"{root}/") for name in storage.find(root))
