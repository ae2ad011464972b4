"""Lists of tasks and of media, and sums of what was spent, over connections of their own: however slow they are,
nobody else waits for them.

A caller waits for its turn for a bounded time, in a bounded queue, and PostgreSQL ends a list that takes too long."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from adapters.postgres.database import Pool
from projections import asset_lists, spending_sums, task_lists
from projections.asset_lists import AssetFilter, AssetPage
from projections.spending_sums import Spending, SpendingFilter, Way
from projections.task_lists import Filter

LIST_SECONDS = 2.0
WAIT_SECONDS = 1.0
MAX_WAITING = 100


class ListsBusy(Exception):
    """A list can't be read now: too many are being read, or this one took too long. `retry_after` in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ListReader:
    """Reads lists, at most `size` at a time. `pool` has as many connections, with the settings of `session`."""

    def __init__(self, pool: Pool, *, size: int) -> None:
        self._pool = pool
        self._free = asyncio.Semaphore(size)
        self._waiting = 0
        self._indexed = False

    async def page(self, wanted: Filter, limit: int) -> list[tuple[int, bytes]]:
        """Tasks, newest first, as (position, encoded view).

        Raises ListsBusy and the driver's other errors."""
        async with self._turn():
            self._indexed = self._indexed or await task_lists.is_indexed(self._pool)
            return await task_lists.page(self._pool, wanted, limit, indexed=self._indexed)

    async def assets(self, wanted: AssetFilter, limit: int) -> AssetPage:
        """Media, newest first. Raises ListsBusy and the driver's other errors."""
        async with self._turn():
            return await asset_lists.page(self._pool, wanted, limit)

    async def spending(self, way: Way, wanted: SpendingFilter) -> Spending:
        """The sums of a period. Raises ListsBusy and the driver's other errors."""
        async with self._turn():
            return await spending_sums.add_up(self._pool, way, wanted)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        if self._waiting >= MAX_WAITING:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        except asyncpg.UndefinedColumnError:  # the generation of an older Pixel serves until ours is built
            raise ListsBusy("This list is being built. Try again shortly.", retry_after=5) from None
        except asyncpg.QueryCanceledError:
            raise ListsBusy(
                f"This list takes longer than {LIST_SECONDS:g} seconds. Ask for less, or try again later.",
                retry_after=5,
            ) from None
        finally:
            self._free.release()


def session() -> dict[str, str]:
    """The settings of PostgreSQL for the connections of lists."""
    return {**task_lists.SESSION, "statement_timeout": str(int(LIST_SECONDS * 1000))}


def _busy() -> ListsBusy:
    return ListsBusy("Too many lists are being read. Try again shortly.", retry_after=1)
