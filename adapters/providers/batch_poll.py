"""How are many jobs asked after? In one question, where the vendor answers for many at once."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Generic, TypeVar

from adapters.providers.keyring import Key
from adapters.request_batching import DataLoader
from domain.provider import NoVerdict

Told = TypeVar("Told")

MAX_BATCH = 50


class BatchPoll(Generic[Told]):
    """What is asked after at the same moment, with the same key, goes out as one question.

    `ask` is given several jobs and answers with what it was told, by job. A provider in trouble is Unclear about all of
    them, and is not asked one by one for it."""

    def __init__(self, ask: Callable[[Key, list[str]], Awaitable[Mapping[str, Told] | NoVerdict]]) -> None:
        self._ask = ask
        self._groups: dict[str, DataLoader[str, Told | NoVerdict | None]] = {}

    async def poll(self, key: Key, job: str) -> Told | NoVerdict | None:
        """What was told of a job; None for one that is to be asked after by itself."""
        if key.account not in self._groups:
            self._groups[key.account] = DataLoader(partial(self._load, key), most=MAX_BATCH)
        return await self._groups[key.account].load(job)

    async def _load(self, key: Key, jobs: list[str]) -> list[Told | NoVerdict | None]:
        different = list(dict.fromkeys(jobs))
        if len(different) == 1:
            return [None] * len(jobs)
        told = await self._ask(key, different)
        return [told if isinstance(told, NoVerdict) else told.get(job) for job in jobs]
