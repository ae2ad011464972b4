"""How is a body compressed? The content decides: a header may name a coding that was not used, or omit one that was.

Pixel asks for no compression, so a compressed body is the server's own choice. gzip has a signature that no stored
media type begins with. deflate has none, so it is tried only where the header names it. Any other value of the header
(`aws-chunked`, `utf-8`) is ignored, and the body stays as it is."""

import asyncio
import zlib
from typing import Final

_GZIP: Final = b"\x1f\x8b\x08"
_MAX_LAYERS: Final = 3


class TooLarge(Exception):
    """The uncompressed body is larger than the limit."""


def is_packed(head: bytes, coding: str) -> bool:
    """Whether a body that begins like this may be compressed."""
    return head.startswith(_GZIP) or "deflate" in coding.lower()


async def unpacked(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The uncompressed body; decompression runs in a thread. Raises TooLarge."""
    if not is_packed(body, coding):
        return body
    # At any size: a few compressed bytes can hold very many plain ones.
    return await asyncio.to_thread(unpack, body, coding, max_bytes)


def unpack(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The uncompressed body; blocking. A body that does not decompress completely is returned as it is. Raises
    TooLarge."""
    for _ in range(_MAX_LAYERS):
        if body.startswith(_GZIP):
            windows: tuple[int, ...] = (16 + zlib.MAX_WBITS,)
        elif "deflate" in coding.lower():  # with zlib's frame (the standard) or without (some servers)
            windows, coding = (zlib.MAX_WBITS, -zlib.MAX_WBITS), ""
        else:
            break
        plain = next((found for window in windows if (found := _inflated(body, window, max_bytes)) is not None), None)
        if plain is None:
            break
        body = plain
    return body


def _inflated(body: bytes, window: int, max_bytes: int) -> bytes | None:
    found, rest = bytearray(), body
    while rest:  # gzip may consist of several members
        engine = zlib.decompressobj(window)
        try:
            found += engine.decompress(rest, max_bytes + 1 - len(found))
        except zlib.error:
            return None
        if len(found) > max_bytes:
            raise TooLarge
        if not engine.eof:
            return None
        rest = engine.unused_data.lstrip(b"\0")
        if window < 0 or not rest.startswith(_GZIP):
            break
    return bytes(found)
