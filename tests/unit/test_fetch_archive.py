"""The page archive: what goes in comes out, one record at a time, and no half file has a real name."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive import ArchivedPage, ArchiveError, PageArchive, read_page
from pipeline.steps import FetchRequest, FetchResult

AT = datetime(2026, 9, 1, 11, 0, 0, 123456, tzinfo=UTC)


def result(url: str, body: bytes, **headers: str) -> FetchResult:
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    return FetchResult(FetchRequest("https://diario.example/", "page", "d"), "ok", AT, None, url, 200, named, body)


@given(
    st.lists(st.binary(max_size=3000), min_size=1, max_size=5),
    st.text(max_size=30),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
)
def test_pages_come_back_by_offset(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], odd: str, at: datetime
) -> None:
    """Any bytes, any header value, any time: each record is found by its file and offset alone, in any order."""
    folder = tmp_path_factory.mktemp("pages")
    places = []
    with PageArchive(folder, "lote") as archive:
        for i, body in enumerate(bodies):
            page = FetchResult(
                FetchRequest("https://diario.example/", "page", "d"), "ok", at + timedelta(seconds=i), None,
                f"https://diario.example/{i}", 200, {"content-type": "text/html; charset=utf-8", "x-odd": odd}, body,
            )  # fmt: skip
            places.append(archive.write(page))
    for i, (file, offset) in reversed(list(enumerate(places))):
        expected = ArchivedPage(
            f"https://diario.example/{i}", bodies[i], "text/html; charset=utf-8", at + timedelta(seconds=i)
        )
        assert read_page(folder, file, offset) == expected


def test_headers_of_the_wire_are_kept_under_another_name(tmp_path: Path) -> None:
    """The body is stored decoded, so Content-Encoding may not stand beside it; a plain gunzip shows the record."""
    with PageArchive(tmp_path, "lote") as archive:
        archive.write(
            result("https://diario.example/1", b"<html>", content_encoding="gzip", content_length="99", etag="x")
        )
    text = gzip.decompress((tmp_path / "lote.warc.gz").read_bytes()).decode()
    assert text.startswith("WARC/1.1\r\n")
    for line in (
        "WARC-Type: response",
        "WARC-Target-URI: https://diario.example/1",
        "WARC-Date: 2026-09-01T11:00:00.123456Z",
        "x-archive-orig-content-encoding: gzip",
        "content-length: 6",
        "etag: x",
    ):
        assert f"{line}\r\n" in text
    assert "\ncontent-encoding" not in text


def test_a_file_has_its_name_only_when_whole(tmp_path: Path) -> None:
    """While pages are written, and after a failure, no file of the name is there."""
    with pytest.raises(KeyError), PageArchive(tmp_path, "lote") as archive:
        archive.write(result("https://diario.example/1", b"x"))
        assert [p.name for p in tmp_path.iterdir()] == ["lote.warc.gz.part"]
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_rerun_writes_the_same_bytes_over_what_a_killed_run_left(tmp_path: Path) -> None:
    """The same answers under the same name: the same file, whatever stood there."""
    (tmp_path / "lote.warc.gz.part").write_bytes(b"half a record")
    seen = []
    for _ in range(2):
        with PageArchive(tmp_path, "lote") as archive:
            archive.write(result("https://diario.example/1", b"uno"))
        seen.append((tmp_path / "lote.warc.gz").read_bytes())
    assert seen[0] == seen[1]
    assert [p.name for p in tmp_path.iterdir()] == ["lote.warc.gz"]


def test_without_pages_nothing_is_written_or_overwritten(tmp_path: Path) -> None:
    """A batch without a page leaves the folder as it was."""
    with PageArchive(tmp_path / "pages", "lote"):
        pass
    assert not (tmp_path / "pages").exists()


def test_damage_is_noticed(tmp_path: Path) -> None:
    """Cut anywhere, read at a wrong offset, or with any byte of the compressed record changed: ArchiveError."""
    with PageArchive(tmp_path, "lote") as archive:
        file, _ = archive.write(result("https://diario.example/1", b"uno" * 50))
        _, second = archive.write(result("https://diario.example/2", b"dos" * 50))
    whole = (tmp_path / file).read_bytes()
    page = read_page(tmp_path, file, second)
    for offset in (1, second + 1, len(whole), len(whole) + 10):
        with pytest.raises(ArchiveError):
            read_page(tmp_path, file, offset)
    for cut in range(second, len(whole)):
        (tmp_path / "cut.warc.gz").write_bytes(whole[:cut])
        with pytest.raises(ArchiveError):
            read_page(tmp_path, "cut.warc.gz", second)
    for i in range(second + 10, len(whole)):  # after the gzip header, whose flags and time carry nothing
        flipped = bytearray(whole)
        flipped[i] ^= 0x10
        (tmp_path / "flip.warc.gz").write_bytes(flipped)
        with pytest.raises(ArchiveError):
            read_page(tmp_path, "flip.warc.gz", second)
    assert page.body == b"dos" * 50


def test_a_missing_file_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    """FileNotFoundError: the archive was moved, not broken."""
    with pytest.raises(FileNotFoundError):
        read_page(tmp_path, "no.warc.gz", 0)
