"""Laws of the DataLoader: every caller gets an answer or an error, whatever the shared query does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.request_batching import DataLoader
from tests.patience import patient

PATIENCE_SECONDS = 20.0


async def _doubled(keys: list[int]) -> list[int]:
    return [2 * key for key in keys]


async def _one_too_few(keys: list[int]) -> list[int]:
    return [2 * key for key in keys[1:]]


async def _one_too_many(keys: list[int]) -> list[int]:
    return [0, *keys]


async def _broken(_: list[int]) -> list[int]:
    raise ConnectionError("away")


async def ask(grouped: DataLoader[int, int], keys: range) -> list[int | BaseException]:
    """What came of several questions that were put at the same moment."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        return await asyncio.gather(*[grouped.load(key) for key in keys], return_exceptions=True)


async def test_everybody_gets_what_belongs_to_their_key() -> None:
    """Answers come in the order of the keys, also beyond one group's size."""
    assert await ask(DataLoader(_doubled, max_batch=4), range(10)) == [2 * key for key in range(10)]


@pytest.mark.parametrize(
    ("load", "error"), [(_one_too_few, LookupError), (_one_too_many, LookupError), (_broken, ConnectionError)]
)
async def test_nobody_waits_for_an_answer_that_does_not_come(
    load: Callable[[list[int]], Awaitable[list[int]]], error: type[Exception]
) -> None:
    """Answers that can't be told apart are an error for all who asked, and so is an error; the next may ask again."""
    grouped = DataLoader(load, max_batch=4)
    for _ in range(2):
        assert {type(answer) for answer in await ask(grouped, range(10))} == {error}


async def test_nobody_waits_for_a_question_that_was_called_off() -> None:
    """If the task of the shared query is cancelled, as at the end of a program, every caller is cancelled."""
    asked = asyncio.Event()

    async def load(_: list[int]) -> list[int]:
        asking.append(asyncio.current_task())
        asked.set()
        await asyncio.Event().wait()
        return []

    asking: list[asyncio.Task[object] | None] = []
    answers = asyncio.create_task(ask(DataLoader(load, max_batch=4), range(10)))
    await asked.wait()
    assert asking[0] is not None
    asking[0].cancel()
    assert {type(answer) for answer in await answers} == {asyncio.CancelledError}
