"""How does long work share the event loop? It runs in steps; each turn of the loop runs one step, of one caller."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


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
