"""The clock and the chance that the application uses: the one place in it that looks outside."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only ever rise, for pauses and paces."""
    return time.monotonic()


def new_stream() -> UUID:
    """A new UUIDv7 (RFC 9562): ids made later sort later, so that the index of the log grows at its end."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
