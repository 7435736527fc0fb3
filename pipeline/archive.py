"""The page archive: every fetched page in a WARC file, read back one at a time by file and offset. Knows warcio.

Each record is a gzip member of its own (WARC 1.1, ISO 28500:2017, annex D), so any WARC tool reads the files too.
"""

from __future__ import annotations

import io
import os
import uuid
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pipeline.steps import FetchResult
from storage.advice import in_words

_UNDONE = {"content-encoding", "transfer-encoding", "content-length"}
"""Headers that described the bytes on the wire. The body is stored decoded, so they are kept under another name."""


class ArchiveError(ValueError):
    """There is no whole page record at this place of the archive; the message names file and offset."""


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page as it was fetched. ``body`` is decoded (no Content-Encoding), ``content_type`` as the server gave it."""

    url: str
    body: bytes
    content_type: str
    fetched_at: datetime


class PageArchive:
    """Writes ``folder/name.warc.gz``; use as a context manager.

    The file has its name only once it is whole: a run that is killed or fails leaves a ``.part`` at most, and a rerun
    under the same name begins it anew and replaces the file. So a name belongs to one batch of pages, whose references
    are stored after the archive is closed. Without a page no file is made.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = f"{name}.warc.gz"
        self._part = folder / f"{self._name}.part"
        self._out: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is None:
            return
        out, self._out = self._out, None
        if kind is not None:
            self._give_up(out)
            return
        try:
            out.flush()
            os.fsync(out.fileno())
            out.close()
            self._part.replace(self._folder / self._name)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)  # without it the rename itself may be lost with the power
            finally:
                os.close(folder)
        except OSError as failed:
            self._give_up(out)
            raise in_words(f"write {self._part}", failed) from failed

    def _give_up(self, out: BinaryIO) -> None:
        with suppress(OSError):  # what is still to be written, to a disk that may be full
            out.close()
        self._part.unlink(missing_ok=True)

    def write(self, result: FetchResult) -> tuple[str, int]:
        """Append the page of ``result`` and return the file's name and the record's offset in it, in bytes.

        Raises StorageError when the disk is full or the folder cannot be written.
        """
        try:
            return self._append(result)
        except OSError as error:
            raise in_words(f"write {self._part}", error) from error

    def _append(self, result: FetchResult) -> tuple[str, int]:
        from warcio.statusandheaders import StatusAndHeaders
        from warcio.warcwriter import WARCWriter

        if self._out is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._out = self._part.open("wb")
        out = self._out
        offset = out.tell()
        url = result.final_url or result.request.url
        date = result.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        http = [(f"x-archive-orig-{k}" if k in _UNDONE else k, _one_line(v)) for k, v in result.headers.items()]
        http.append(("content-length", str(len(result.body))))
        writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
        record = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(result.body),
            length=len(result.body),
            http_headers=StatusAndHeaders(f"{result.status or 200} Archived", http, protocol="HTTP/1.1"),
            warc_headers_dict={
                # from the content, so that a rerun over the same answers writes the same bytes
                "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{url} {date}')}>",
                "WARC-Date": date,
            },
        )
        writer.write_record(record)
        return self._name, offset


def read_page(folder: Path, warc_file: str, offset: int) -> ArchivedPage:
    """Read the one page record at ``offset`` of ``folder/warc_file``.

    Raises FileNotFoundError where the file is missing, ArchiveError where no whole record stands at the offset.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    where = f"{warc_file} at {offset}"
    with (folder / warc_file).open("rb") as file:
        file.seek(offset)
        member = _read_member(file, where)
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(member))), None)
    except ArchiveLoadFailed as error:
        raise ArchiveError(f"{where}: {error}") from error
    if record is None or record.rec_type != "response" or record.http_headers is None:
        raise ArchiveError(f"{where}: no page record here")
    return ArchivedPage(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        body=record.content_stream().read(),
        content_type=record.http_headers.get_header("content-type") or "",
        fetched_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
    )


def _read_member(file: BinaryIO, where: str) -> bytes:
    """Return the gzip member at the file's position, checksum verified (warcio takes a cut record for a whole one)."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    out = bytearray()
    try:
        while not inflate.eof:
            chunk = file.read(65_536)
            if not chunk:
                raise ArchiveError(f"{where}: the file ends here or within the record")
            out += inflate.decompress(chunk)
    except zlib.error as error:
        raise ArchiveError(f"{where}: {error}") from error
    return bytes(out)


def _one_line(value: str) -> str:
    # ASCII only: warcio would rewrite other characters into a form that no reader of Content-Type knows
    return " ".join(value.encode("ascii", "replace").decode("ascii").split())
