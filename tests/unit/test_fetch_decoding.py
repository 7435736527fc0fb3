"""Content-Encoding undone in any slicing of the bytes, with the cap kept."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decoding import BodyDecoder, BodyError

ENCODERS = {
    "": lambda b: b,
    "gzip": lambda b: gzip.compress(b, mtime=0),
    "x-gzip": lambda b: gzip.compress(b[: len(b) // 2], mtime=0) + gzip.compress(b[len(b) // 2 :], mtime=0),
    "deflate": zlib.compress,
    "Deflate ": lambda b: zlib.compress(b)[2:-4],
}
# repeated blocks, so that compression has something to do; no body that is itself gzip
bodies = st.builds(lambda b, n: b * n, st.binary(min_size=1, max_size=200), st.integers(1, 500)).filter(
    lambda b: b[:2] != b"\x1f\x8b"
)


def decode(wire: bytes, encoding: str, cap: int, step: int, *, cut: bool = False) -> bytes:
    decoder = BodyDecoder(encoding, cap, cut=cut)
    for i in range(0, len(wire), step):
        decoder.feed(wire[i : i + step])
    return decoder.finish()


@given(bodies, st.sampled_from(sorted(ENCODERS)), st.integers(1, 4000))
def test_bytes_come_back_however_they_are_sliced(body: bytes, encoding: str, step: int) -> None:
    """What was encoded is decoded, at a cap of exactly its size."""
    assert decode(ENCODERS[encoding](body), encoding, len(body), step) == body


@given(bodies, st.sampled_from(sorted(ENCODERS)), st.integers(1, 4000), st.data())
def test_no_more_than_the_cap_comes_out(body: bytes, encoding: str, step: int, data: st.DataObject) -> None:
    """One byte over the cap is too_large; with `cut` the first bytes are kept."""
    cap = data.draw(st.integers(0, len(body) - 1))
    wire = ENCODERS[encoding](body)
    with pytest.raises(BodyError) as caught:
        decode(wire, encoding, cap, step)
    assert caught.value.reason == "too_large"
    assert decode(wire, encoding, cap, step, cut=True) == body[:cap]


@given(bodies, st.sampled_from(["gzip", "deflate"]), st.integers(1, 4000), st.data())
def test_a_compressed_stream_cut_anywhere_is_never_taken_for_whole(
    body: bytes, encoding: str, step: int, data: st.DataObject
) -> None:
    """Every proper prefix is truncated; no prefix gives the wrong bytes as right."""
    wire = ENCODERS[encoding](body)
    with pytest.raises(BodyError) as caught:
        decode(wire[: data.draw(st.integers(1, len(wire) - 1))], encoding, len(body), step)
    assert caught.value.reason == "truncated"


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "", "br", "gzip, gzip", ",", "identity"]))
def test_any_bytes_decode_or_end_in_a_reason(wire: bytes, encoding: str) -> None:
    """Garbage raises nothing but BodyError."""
    try:
        out = decode(wire, encoding, 1000, 7)
    except BodyError as error:
        assert error.reason in {"decode", "truncated", "too_large"}
    else:
        assert len(out) <= 1000


def test_no_bytes_at_all_are_an_empty_body() -> None:
    """A server may announce gzip and send nothing."""
    assert decode(b"", "gzip", 10, 1) == b""
