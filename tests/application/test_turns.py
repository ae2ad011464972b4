"""Laws of sharing the event loop: one step in a turn, so many at once, and every result in its place."""

import asyncio
from itertools import pairwise

import pytest

from application.turns import Turns, each
from tests.patience import patient


class Broken(Exception):
    """What a step raises in these tests."""


async def test_each_turn_has_one_step() -> None:
    """Whoever asks at once waits for the steps before it; in between, everybody else has a turn."""
    turns, done = Turns(), list[str]()

    def step(name: str) -> str:
        done.append(name)
        return name

    async def take(name: str) -> str:
        return await turns.take(lambda: step(name))

    async def others() -> None:
        while True:
            done.append("others")
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    steps = asyncio.gather(take("a"), take("b"), take("c"))
    assert list(await asyncio.wait_for(steps, patient(0.5))) == ["a", "b", "c"]
    beside.cancel()
    assert [name for name in done if name != "others"] == ["a", "b", "c"]
    places = [done.index(name) for name in ("a", "b", "c")]
    assert "others" in done[places[0] : places[1]]
    assert "others" in done[places[1] : places[2]]


async def test_a_step_that_fails_leaves_the_turn_to_the_next() -> None:
    """Its error is that of who asked."""
    turns = Turns()

    def fail() -> int:
        raise Broken

    with pytest.raises(Broken):
        await turns.take(fail)
    assert await asyncio.wait_for(turns.take(lambda: 7), patient(0.5)) == 7


async def test_results_stand_in_the_order_of_the_items() -> None:
    """Whichever is done first. Without any, there are none."""
    waits = [asyncio.Event() for _ in range(3)]

    async def work(number: int) -> int:
        if number:
            waits[number - 1].set()
        if number < 2:
            await waits[number].wait()
        return number * 10

    assert await asyncio.wait_for(each(range(3), work, at_once=3), patient(0.5)) == [0, 10, 20]
    assert await each([], work, at_once=1) == []


@pytest.mark.parametrize("at_once", [1, 3])
async def test_so_many_are_worked_on_at_once(at_once: int) -> None:
    """As many as may, and never more."""
    working, seen = 0, list[int]()

    async def work(_: int) -> None:
        nonlocal working
        working += 1
        seen.append(working)
        await asyncio.sleep(0)
        working -= 1

    await asyncio.wait_for(each(range(8), work, at_once=at_once), patient(0.5))
    assert (len(seen), max(seen)) == (8, at_once)


async def test_all_is_done_before_the_first_error_is_told() -> None:
    """One that fails does not stop the others, and of several errors the first item's is raised."""
    done: list[int] = []

    async def work(number: int) -> None:
        if number in {1, 3}:
            raise Broken(number)
        await asyncio.sleep(0)
        done.append(number)

    with pytest.raises(Broken) as first:
        await each(range(5), work, at_once=2)
    assert first.value.args == (1,)
    assert done == [0, 2, 4]


async def test_others_have_their_turn_between_two_items() -> None:
    """Work that never waits would hold up a process."""
    order: list[str] = []

    async def work(number: int) -> None:
        order.append(f"work {number}")

    async def others() -> None:
        while True:
            order.append("others")
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await asyncio.wait_for(each(range(4), work, at_once=1), patient(0.5))
    beside.cancel()
    places = [order.index(f"work {number}") for number in range(4)]
    assert all("others" in order[a:b] for a, b in pairwise(places))
