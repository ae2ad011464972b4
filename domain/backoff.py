"""How long is it waited before something is tried again? Twice as long each time, within bounds, not all at once."""

import zlib

LONGEST_SECONDS = 60.0


def pause(tries: int, *, of: str) -> float:
    """The pause after so many tries. What failed together is spread over the second half of it, each by its name `of`:
    the domain draws no random numbers, and a decision that is made again is the same."""
    whole = min(2.0 ** min(max(tries - 1, 0), 10), LONGEST_SECONDS)
    share = zlib.crc32(f"{of}/{tries}".encode()) / 2**32
    return whole * (0.5 + share / 2)
