"""How do many lookups share a round trip? Keys that are requested while a load runs go into the next load."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Found = TypeVar("Found")


class DataLoader(Generic[Key, Found]):
    """Collects keys and loads them in batches of at most `max_batch`.

    `load` takes a list of keys and returns the values in the same order. Its errors go to every caller of the batch."""

    def __init__(self, load: Callable[[list[Key]], Awaitable[list[Found]]], *, max_batch: int = 256) -> None:
        self._load = load
        self._max_batch = max_batch
        self._waiting: list[tuple[Key, asyncio.Future[Found]]] = []
        self._loading: asyncio.Task[None] | None = None

    async def load(self, key: Key) -> Found:
        """The value of this key. Raises what `load` raises, and LookupError when it returns another number of
        values."""
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._loading is None:
            self._loading = asyncio.create_task(self._answer_all())
        return await answer

    async def _answer_all(self) -> None:
        batch: list[tuple[Key, asyncio.Future[Found]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
                await self._answer(batch)
        finally:
            self._loading = None
            left, self._waiting = [*batch, *self._waiting], []
            for _, answer in left:  # only when this task is cancelled: no answer will come
                answer.cancel()

    async def _answer(self, batch: list[tuple[Key, asyncio.Future[Found]]]) -> None:
        try:
            found = await self._load([key for key, _ in batch])
            if len(found) != len(batch):  # the values can't be assigned to keys
                raise LookupError(f"{len(batch)} asked, {len(found)} answered")  # noqa: TRY301 - handled as any other error
        except Exception as error:  # noqa: BLE001 - every caller gets the error
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), value in zip(batch, found, strict=True):
            if not answer.done():
                answer.set_result(value)
