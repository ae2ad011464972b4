"""A body is decompressed by its bytes, under any header, and never to more than the limit."""

import gzip
import zlib

import pytest

from adapters.outbound.content_coding import TooLarge, unpack, unpacked

TEXT = b'{"a": 1}' * 1000


def deflated(body: bytes, window: int) -> bytes:
    """deflate with zlib's frame, or without."""
    engine = zlib.compressobj(wbits=window)
    return engine.compress(body) + engine.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), ""),
        (gzip.compress(TEXT), "identity"),
        (gzip.compress(gzip.compress(TEXT)), "gzip, gzip"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + bytes(20), "gzip"),
        (deflated(TEXT, zlib.MAX_WBITS), "deflate"),
        (deflated(TEXT, -zlib.MAX_WBITS), "Deflate"),
        (gzip.compress(deflated(TEXT, zlib.MAX_WBITS)), "deflate, gzip"),
        (TEXT, "gzip"),
        (TEXT, "br"),
        (TEXT, "aws-chunked"),
        (TEXT, ""),
    ],
    ids=range(12),
)
async def test_the_same_comes_out(body: bytes, coding: str) -> None:
    """Compressed or not, with a header or without."""
    assert await unpacked(body, coding, 100_000) == TEXT


@pytest.mark.parametrize(
    "body",
    [b"", gzip.compress(TEXT)[:-10], b"\x1f\x8b\x08 no gzip", b"\x78\x9c no zlib"],
    ids=["nothing", "cut", "gzip's mark only", "zlib's mark only"],
)
async def test_what_does_not_unpack_stays_as_it_is(body: bytes) -> None:
    """A body that is cut off, or only looks compressed, is returned unchanged."""
    assert await unpacked(body, "gzip, deflate", 100_000) == body


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_unpacked(coding: str) -> None:
    """A few bytes that stand for very many are refused at the bound."""
    bomb = gzip.compress(bytes(10_000_000)) if coding == "gzip" else deflated(bytes(10_000_000), zlib.MAX_WBITS)
    with pytest.raises(TooLarge):
        unpack(bomb, coding, 1_000_000)


def test_many_layers_are_not_unpacked_for_ever() -> None:
    """Compressed again and again: after three times it is left as it is."""
    body = TEXT
    for _ in range(6):
        body = gzip.compress(body)
    assert unpack(body, "gzip", 100_000).startswith(b"\x1f\x8b")
