"""How long is the delay before the next attempt? It doubles each time, up to a maximum, with jitter."""

import zlib

MAX_SECONDS = 60.0


def delay_seconds(attempts: int, *, jitter_key: str) -> float:
    """The delay in seconds after this many failed attempts: 1, 2, 4 … up to MAX_SECONDS, less up to half of it.

    The jitter is a hash of `jitter_key`, not a random number, so that the same decision gives the same delay again."""
    longest = min(2.0 ** min(max(attempts - 1, 0), 10), MAX_SECONDS)
    share = zlib.crc32(f"{jitter_key}/{attempts}".encode()) / 2**32
    return longest * (0.5 + share / 2)
