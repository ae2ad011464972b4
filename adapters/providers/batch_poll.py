"""How are many jobs polled? In one request, where the vendor answers for many jobs at once."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Generic, TypeVar

from adapters.providers.keyring import Key
from adapters.request_batching import DataLoader
from domain.provider import NoVerdict

Answer = TypeVar("Answer")

MAX_BATCH = 50


class BatchPoll(Generic[Answer]):
    """Polls the jobs of one key that are asked for at the same moment with one request.

    `ask` takes the key and several jobs, and returns the answers by job. When it returns NoVerdict, every job gets that
    NoVerdict, and no job is asked for individually."""

    def __init__(self, ask: Callable[[Key, list[str]], Awaitable[Mapping[str, Answer] | NoVerdict]]) -> None:
        self._ask = ask
        self._groups: dict[str, DataLoader[str, Answer | NoVerdict | None]] = {}

    async def poll(self, key: Key, job: str) -> Answer | NoVerdict | None:
        """The answer for a job; None when the job must be polled individually."""
        if key.account not in self._groups:
            self._groups[key.account] = DataLoader(partial(self._load, key), max_batch=MAX_BATCH)
        return await self._groups[key.account].load(job)

    async def _load(self, key: Key, jobs: list[str]) -> list[Answer | NoVerdict | None]:
        unique = list(dict.fromkeys(jobs))
        if len(unique) == 1:
            return [None] * len(jobs)
        answers = await self._ask(key, unique)
        return [answers if isinstance(answers, NoVerdict) else answers.get(job) for job in jobs]
