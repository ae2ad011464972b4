"""How is a body compressed? Told by what comes: a header may name a coding that nobody used, or none that was.

Pixel asks for no compression, so what comes compressed is a server's own idea. gzip says so in its first bytes, which
no medium that is kept begins with; deflate has no such mark and is tried where the header names it. Whatever else the
header says (`aws-chunked`, `utf-8`, nothing) is what happened on the way, and the body is as it stands."""

import asyncio
import zlib
from typing import Final

_GZIP: Final = b"\x1f\x8b\x08"
_MAX_LAYERS: Final = 3


class TooLarge(Exception):
    """More comes out than may."""


async def unpacked(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The body without its compression, unpacked in a thread. Raises TooLarge."""
    if not body.startswith(_GZIP) and "deflate" not in coding.lower():
        return body
    # Whatever its size: a few compressed bytes can hold very many plain ones.
    return await asyncio.to_thread(unpack, body, coding, max_bytes)


def unpack(body: bytes, coding: str, max_bytes: int) -> bytes:
    """The same at once. What does not unpack to its end is left as it is. Raises TooLarge."""
    for _ in range(_MAX_LAYERS):
        if body.startswith(_GZIP):
            windows: tuple[int, ...] = (16 + zlib.MAX_WBITS,)
        elif "deflate" in coding.lower():  # with zlib's frame, as the standard says, or without, as some do
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
    while rest:  # gzip may come in several members
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
