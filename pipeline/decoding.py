"""Undo a Content-Encoding while the bytes come in, and stop at a cap on what comes out.

Our own, because the client's decoding has no cap (200 KB of gzip became 200 MB) and takes a truncated gzip for a whole
one. Only gzip and deflate are offered to servers, so only these are known here.
"""

from __future__ import annotations

import zlib

ACCEPT_ENCODING = "gzip, deflate"
_GZIP_MAGIC = b"\x1f\x8b\x08"
_MAX_MEMBERS = 1_000
"""A gzip body of more members is made to burn time: half a million empty ones fit under the cap on bytes."""


class BodyError(Exception):
    """A body that cannot be used: ``reason`` is ``too_large``, ``decode`` or ``truncated``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BodyDecoder:
    """Collects one body. ``encoding`` is the header Content-Encoding, ``cap`` the bytes that may come out.

    With ``cut`` what is beyond the cap is left out and `full` becomes true, instead of an error (robots.txt).
    """

    def __init__(self, encoding: str, cap: int, *, cut: bool = False) -> None:
        codings = [c.strip().lower() for c in encoding.split(",") if c.strip()]
        self._codings = [c for c in codings if c != "identity"]
        if len(self._codings) > 1:
            raise BodyError("decode", f"encoded more than once: {encoding[:80]}")
        if self._codings and self._codings[0] not in {"gzip", "x-gzip", "deflate"}:
            raise BodyError("decode", f"an encoding that was not asked for: {encoding[:80]}")
        self._kind = self._codings[0] if self._codings else ""
        self._cap = cap
        self._cut = cut
        self._out = bytearray()
        self._raw = 0
        self._head = b""
        self._inflate: zlib._Decompress | None = None
        self._members = 0
        self._over = False
        self.full = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes off the wire. Raises BodyError(too_large | decode)."""
        if self.full:
            return
        self._raw += len(chunk)
        if not self._kind:
            self._keep(chunk)
            return
        if self._raw > self._cap + 65_536 and not self._cut:
            # Compressed bytes that yield next to nothing could go on for ever below the cap on decoded ones.
            raise BodyError("too_large", f"more than {self._cap} bytes on the wire")
        try:
            self._decode(chunk)
        except zlib.error as error:
            raise BodyError("decode", f"not {self._kind}: {error}") from error

    def finish(self) -> bytes:
        """Return the decoded body. Raises BodyError(truncated | decode) where the stream did not end as it should."""
        if self._kind and self._raw and not self.full:
            if self._inflate is None or not self._inflate.eof:
                raise BodyError("truncated", f"the {self._kind} stream ended early")
            if self._out[:3] == _GZIP_MAGIC:
                raise BodyError("decode", "compressed twice")
        return bytes(self._out)

    def partial(self) -> bytes:
        """Return what was decoded so far."""
        return bytes(self._out)

    def _keep(self, data: bytes) -> None:
        room = self._cap - len(self._out)
        if len(data) > room:
            if not self._cut:
                raise BodyError("too_large", f"more than {self._cap} bytes")
            self.full = True
        self._out += data[:room]

    def _decode(self, data: bytes) -> None:
        while data and not self.full and not self._over:
            if self._inflate is None or self._inflate.eof:
                self._head += data
                if len(self._head) < 2:
                    return
                data, self._head = self._head, b""
                if self._inflate is not None and (self._kind == "deflate" or not data.startswith(_GZIP_MAGIC[:2])):
                    self._over = True  # padding after the stream: browsers ignore it, so do we
                    return
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise BodyError("decode", f"more than {_MAX_MEMBERS} gzip members")
                self._inflate = self._new(data)
            # one byte more than there is room for: enough to know that the cap is passed, never more in memory
            self._keep(self._inflate.decompress(data, self._cap - len(self._out) + 1))
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    def _new(self, start: bytes) -> zlib._Decompress:
        if self._kind != "deflate":
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        # "deflate" means zlib (RFC 9110, 8.4.1.2), yet some servers send the bare stream, as the RFC itself notes.
        is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
