"""How does long work share the event loop? It runs in steps; each turn of the loop runs one step, of one caller."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Turns:
    """Runs steps, at most one in a turn of the event loop, so that others wait for one step and no longer."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def take(self, step: Callable[[], T]) -> T:
        """Run a step in a turn of its own. Raises what it raises."""
        async with self._turn:
            done = step()
            await asyncio.sleep(0)
            return done


async def each(items: Iterable[T], work: Callable[[T], Awaitable[R]], *, at_once: int) -> list[R]:
    """Do work on every item, on so many at once, and let others have their turn in between. Returns the results in the
    order of the items. All of it is done before the first error, if there is one, is raised."""
    places = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with places:
            await asyncio.sleep(0)
            return await work(item)

    done = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    results: list[R] = []
    for result in done:
        if isinstance(result, BaseException):
            raise result
        results.append(result)
    return results
