"""When was each key last used? Recorded beside the log, at most once a minute for each key, over all processes."""

import asyncio
from typing import LiteralString

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.log_throttle import LogThrottle
from services.key_table import KeyTable

EVERY_SECONDS = 60.0

logger = structlog.get_logger("pixel.keys")


class KeyUses:
    """Writes down which keys were used since it last did."""

    def __init__(self, pool: Pool, keys: KeyTable) -> None:
        self._pool = pool
        self._keys = keys
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """For ever: once a minute. What can't be written is tried again a minute later."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.record()
                self._throttle.reset()
            except DRIVER_ERRORS as error:
                if self._throttle.should_log():
                    logger.warning("the uses of keys could not be recorded", error=type(error).__name__)

    async def record(self) -> None:
        """Write down the keys that were used. Raises the driver's errors."""
        used = self._keys.take_used()
        if used:
            try:
                await self._pool.execute(_RECORD, sorted(used))
            except BaseException:
                self._keys.used |= used
                raise


# Sorted, so that two processes that record at the same time lock the rows in one order.
_RECORD: LiteralString = """
INSERT INTO api_key_uses AS uses (key, used_at)
SELECT unnest($1::text[]), now()
ON CONFLICT (key) DO UPDATE SET used_at = excluded.used_at
WHERE uses.used_at <= excluded.used_at - interval '1 minute'
"""
