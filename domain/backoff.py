"""How long is it waited before something is tried again? Twice as long each time, within bounds, not all at once."""

import zlib

MAX_SECONDS = 60.0


def delay_seconds(attempts: int, *, jitter_key: str) -> float:
    """The pause after so many tries. What failed together is spread over the second half of it, each by its name `of`:
    the domain draws no random numbers, and a decision that is made again is the same."""
    whole = min(2.0 ** min(max(attempts - 1, 0), 10), MAX_SECONDS)
    share = zlib.crc32(f"{jitter_key}/{attempts}".encode()) / 2**32
    return whole * (0.5 + share / 2)
