"""Read your writes: a list waits until its read model has what this process has answered before, for a bounded time.

So a task that POST made, or that GET folded from its events, is in the next list; and so is what another process has
answered, for whoever says the position of that answer."""

import asyncio
from collections.abc import Awaitable, Callable

from application.shared_task import shared_task

MAX_SECONDS = 1.0
LOOK_SECONDS = 0.01


class ReadYourWrites:
    """Waits for positions of one read model. `position` reads it from the database, once for all who wait. `hurry` is
    set while somebody waits: a runner in this process then gathers no more events, and clears it."""

    def __init__(self, position: Callable[[], Awaitable[int]]) -> None:
        self._read_position = position
        self._reached = 0
        self._reading: asyncio.Task[None] | None = None
        self.hurry = asyncio.Event()

    async def reach(self, position: int) -> int:
        """Wait until the read model has this position, for MAX_SECONDS at most. Returns the position that it has.

        Raises what reading the position raises."""
        deadline = asyncio.get_running_loop().time() + MAX_SECONDS
        while True:
            if self._reading is None or self._reading.done():
                self._reading = shared_task(self._read())
            reading = self._reading
            left = deadline - asyncio.get_running_loop().time()
            await asyncio.wait({reading}, timeout=max(left, 0))
            if reading.done():
                reading.result()
            if self._reached >= position or left <= 0:
                return self._reached
            self.hurry.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def _read(self) -> None:
        self._reached = await self._read_position()
