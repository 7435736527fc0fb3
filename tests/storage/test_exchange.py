"""Rows handed to other processes in Parquet files."""

from __future__ import annotations

from pathlib import Path

from storage.exchange import read_rows, write_rows


def test_rows_round_trip(tmp_path: Path) -> None:
    """Rows come back in order, with None, quotes, line ends and NUL as they were; an empty file has no rows."""
    rows = [("a", None), ("b'\"\\,[]", "x\ny\x00"), ("", "é😀"), ("null", "[1]")]
    write_rows(tmp_path / "r.parquet", ("one", "two"), rows)
    assert read_rows(tmp_path / "r.parquet") == rows
    write_rows(tmp_path / "r.parquet", ("one", "two"), [])
    assert read_rows(tmp_path / "r.parquet") == []
    assert [p.name for p in tmp_path.iterdir()] == ["r.parquet"]
