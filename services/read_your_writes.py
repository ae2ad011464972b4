"""Read your writes: a list waits until its read model has what this process has answered before, for a bounded time.

So a task that POST made, or that GET folded from its events, is in the next list."""

import asyncio
from collections.abc import Awaitable, Callable

from application.wakeup import wait_for_event

MAX_SECONDS = 2.0
LOOK_SECONDS = 0.01


class ReadYourWrites:
    """Waits for positions of one read model. `position` reads it from the database, once for all who wait."""

    def __init__(self, position: Callable[[], Awaitable[int]]) -> None:
        self._read_position = position
        self._reached = 0
        self._read = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def reach(self, position: int) -> bool:
        """Wait until the read model has this position, for MAX_SECONDS at most. Returns whether it has.

        Raises what reading the position raises."""
        deadline = asyncio.get_running_loop().time() + MAX_SECONDS
        while self._reached < position:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            if self._reading is None or self._reading.done():
                self._read = asyncio.Event()
                self._reading = asyncio.create_task(self._read_once(self._read))
            looking = self._reading
            await wait_for_event(self._read, left)
            if looking.done():
                looking.result()
        return True

    async def _read_once(self, moved: asyncio.Event) -> None:
        try:
            before = self._reached
            self._reached = await self._read_position()
            if self._reached <= before:
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            moved.set()
