"""The clock and the random numbers of the application: no other module of it reads either."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back, for pauses and rates."""
    return time.monotonic()


def new_stream() -> UUID:
    """A new UUIDv7 (RFC 9562): later ids sort later, so that the index of the log grows at its end."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
