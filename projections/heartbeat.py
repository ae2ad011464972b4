"""Is the leader alive? PostgreSQL ends the session of one that is silent, so one that computes or waits says a word."""

import asyncio
from collections.abc import Awaitable
from typing import LiteralString, TypeVar

from application.clock import monotonic
from projections.base import Connection

T = TypeVar("T")


class Heartbeat:
    """Sends a statement over an idle connection, every so many seconds.

    It is sent from the event loop on purpose: a process whose loop stands still does not lead."""

    def __init__(self, connection: Connection, *, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._sent_at = monotonic()

    async def beat(self) -> None:
        """Send one if it is time. Call it between the pieces of a long computation, also within a transaction.

        Raises the driver's errors."""
        if monotonic() - self._sent_at > self._seconds:
            await self._connection.execute(_ALIVE)
            self._sent_at = monotonic()

    async def during(self, waiting: Awaitable[T]) -> T:
        """Wait for something that does not use the connection. Raises what it raises, and the driver's errors."""
        task = asyncio.ensure_future(waiting)
        try:
            while not (await asyncio.wait({task}, timeout=self._seconds))[0]:
                await self.beat()
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})


_ALIVE: LiteralString = "SELECT"
