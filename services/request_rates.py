"""How often may somebody ask? A key so many times a minute; an address with wrong keys, after some, only slowly.

Each API process counts for itself, in memory."""

import asyncio

from application.clock import monotonic

MINUTE_SECONDS = 60.0
WRONG_KEYS_PER_MINUTE = 10
WRONG_KEY_SECONDS = 1.0
MAX_REMEMBERED = 10_000


class RateExceeded(Exception):
    """The key has been used too often in this minute. `retry_after` in seconds."""

    def __init__(self, limit: int, *, retry_after: int) -> None:
        super().__init__(f"This API key may be used {limit} times a minute. Try again in {retry_after} seconds.")
        self.limit = limit
        self.retry_after = retry_after


class _Minutes:
    """Counts by name, each in minutes of its own, which begin with its first count."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}

    def count(self, name: str) -> tuple[int, float]:
        """Count once more. Returns the count of the minute, and the seconds until its end."""
        now = monotonic()
        began, count = self._counts.get(name, (now, 0))
        if now - began >= MINUTE_SECONDS:
            began, count = now, 0
        if len(self._counts) >= MAX_REMEMBERED and name not in self._counts:
            self._counts.clear()
        self._counts[name] = (began, count + 1)
        return count + 1, began + MINUTE_SECONDS - now


class RequestRates:
    """The requests of keys that have a limit."""

    def __init__(self) -> None:
        self._minutes = _Minutes()

    def take(self, key: str, limit: int) -> None:
        """Count a request. Raises RateExceeded for one too many."""
        count, left = self._minutes.count(key)
        if count > limit:
            raise RateExceeded(limit, retry_after=max(1, round(left + 0.5)))


class WrongKeys:
    """The wrong keys of each address."""

    def __init__(self) -> None:
        self._minutes = _Minutes()

    async def slow_down(self, address: str) -> None:
        """Count a wrong key. Takes a second when the address has sent too many in this minute."""
        count, _ = self._minutes.count(address)
        if count > WRONG_KEYS_PER_MINUTE:
            await asyncio.sleep(WRONG_KEY_SECONDS)
