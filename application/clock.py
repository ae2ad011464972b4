"""The clock and the random numbers of the application: no other module of it reads either."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # 32, of which none is taken for another


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back, for pauses and rates."""
    return time.monotonic()


def new_key_id() -> str:
    """A new id of an API key: `key_` and 16 lower-case letters and digits, of 80 random bits."""
    return "key_" + "".join(_DIGITS[byte % 32] for byte in os.urandom(16))


def new_secret() -> str:
    """256 random bits, in hexadecimal digits."""
    return os.urandom(32).hex()


def new_stream() -> UUID:
    """A new UUIDv7 (RFC 9562): later ids sort later, so that the index of the log grows at its end."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)
