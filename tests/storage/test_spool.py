"""Spool files: what goes in comes out, and the same records give the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import StorageError
from storage.records import RECORDS, Record
from storage.schema import decode, encode
from storage.spool import read_spool, write_spool
from tests.storage.builders import article
from tests.storage.strategies import records

ANY = st.sampled_from(RECORDS).flatmap(records)


@given(ANY)
def test_line_round_trip(record: Record) -> None:
    """Any record read back from its line equals itself, in every value and type."""
    again = decode(encode(record))
    assert again == record
    assert repr(again) == repr(record)


@settings(max_examples=25)
@given(st.lists(ANY, max_size=6))
def test_file_round_trip(tmp_path_factory: pytest.TempPathFactory, found: list[Record]) -> None:
    """A file gives its records back in order, and writing them again gives the same bytes."""
    folder = tmp_path_factory.mktemp("spool")
    write_spool(folder / "a.jsonl.gz", found)
    write_spool(folder / "b.jsonl.gz", iter(found))
    assert list(read_spool(folder / "a.jsonl.gz")) == found
    assert (folder / "a.jsonl.gz").read_bytes() == (folder / "b.jsonl.gz").read_bytes()
    assert sorted(p.name for p in folder.iterdir()) == ["a.jsonl.gz", "b.jsonl.gz"]


def test_times_are_written_in_utc() -> None:
    """Equal times in two zones give equal lines; a time without a zone is refused."""
    caracas = timezone(timedelta(hours=-4))
    there = article("a", published_at=datetime(2026, 1, 8, 8, tzinfo=caracas))
    here = article("a", published_at=datetime(2026, 1, 8, 12, tzinfo=UTC))
    assert encode(there) == encode(here)
    with pytest.raises(ValueError, match=r"articles\.published_at: a time without a zone"):
        encode(article("a", published_at=datetime(2026, 1, 8)))


def test_lone_surrogates_are_replaced() -> None:
    """Half a character cannot be stored: it becomes U+FFFD, and two halves that belong together become one."""
    line = encode(article("a", title="x\ud800y", text="\ud83d\ude00"))
    again = decode(line)
    assert (again.title, again.text) == ("x\ufffdy", "😀")  # type: ignore[attr-defined]


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When a record cannot be written the file that was there stays, and nothing half-written is left."""
    path = tmp_path / "s.jsonl.gz"
    write_spool(path, [article("a")])

    def broken() -> object:
        yield article("b")
        raise RuntimeError("worker died")

    with pytest.raises(RuntimeError):
        write_spool(path, broken())  # type: ignore[arg-type]
    assert list(read_spool(path)) == [article("a")]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("damage", ["cut", "flip", "words", "missing"])
def test_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    """A cut, flipped, foreign or missing file raises StorageError that names it."""
    path = tmp_path / "s.jsonl.gz"
    write_spool(path, [article(f"a{i}") for i in range(50)])
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[:-20])
    elif damage == "flip":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :])
    elif damage == "words":
        path.write_bytes(b"not gzip")
    else:
        path.unlink()
    with pytest.raises(StorageError, match=r"s\.jsonl\.gz"):
        list(read_spool(path))


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{}", '{"table":"nowhere"}', '{"table":"topics","topic_id":"x"}', '{"table":"topics","what":1}'],
)
def test_foreign_line_is_refused(line: str) -> None:
    """A line that is no record of ours raises StorageError."""
    with pytest.raises(StorageError):
        decode(line)


def test_field_added_later_takes_its_default() -> None:
    """A line written before a field with a default existed can still be read."""
    line = encode(article("a", beats=())).replace(',"beats":[]', "")
    assert decode(line) == article("a", beats=())
