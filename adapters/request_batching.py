"""Questions that wait at the same moment are asked as one: one round trip for all of them, not one each."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")


class DataLoader(Generic[Key, Found]):
    """Collects keys while the question before is under way. `load` answers a list of keys in the order asked for."""

    def __init__(self, load: Callable[[list[Key]], Awaitable[list[Found]]], *, most: int = 256) -> None:
        self._load = load
        self._most = most
        self._waiting: list[tuple[Key, asyncio.Future[Found]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def load(self, key: Key) -> Found:
        """What `load` finds for this key. Raises what it raises."""
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        batch: list[tuple[Key, asyncio.Future[Found]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._answer(batch)
        finally:
            self._asking = None
            left, self._waiting = [*batch, *self._waiting], []
            for _, answer in left:  # only if we are cancelled: nobody waits for what nobody asks any longer
                answer.cancel()

    async def _answer(self, batch: list[tuple[Key, asyncio.Future[Found]]]) -> None:
        try:
            found = await self._load([key for key, _ in batch])
            if len(found) != len(batch):  # whose is which?
                raise LookupError(f"{len(batch)} asked, {len(found)} answered")  # noqa: TRY301 - told as any other
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), value in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(value)
