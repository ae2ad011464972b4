"""How many bytes may be in memory at once? A fixed number; those who wait get them in the order in which they came."""

import asyncio
from collections import deque


class ByteBudget:
    """So many bytes are in use at most. One who needs more than all of them gets them alone."""

    def __init__(self, max_bytes: int) -> None:
        self.used = 0
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits for bytes."""
        return bool(self._waiting)

    def try_take(self, size: int) -> bool:
        """Take bytes, unless there are too few, or others wait already. Returns whether they were taken."""
        if self.is_waited_for or not self._fits(size):
            return False
        self.used += size
        return True

    async def take(self, size: int) -> None:
        """Take bytes, after all who have asked before."""
        if self.try_take(size):
            return
        turn = asyncio.get_running_loop().create_future()
        waiting = (size, turn)
        self._waiting.append(waiting)
        try:
            await turn
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                self._go_on()
            else:  # it had its turn at the same moment
                self.give(size)
            raise

    def give(self, size: int) -> None:
        """Give bytes back."""
        self.used -= size
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            size, turn = self._waiting.popleft()
            self.used += size
            turn.set_result(None)

    def _fits(self, size: int) -> bool:
        return self.used == 0 or self.used + size <= self._max_bytes
