"""Laws of generations: a rebuild or a new version grows beside what serves, and no reader is disturbed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from adapters.postgres.database import Connection
from application.clock import new_stream
from application.ports import Recorded
from domain.base import replace
from projections.base import ReadModel, StreamId
from projections.runner import parked
from projections.task_view import TaskRow, fold
from projections.tasks import TASKS, find_many
from tests.projections.ground import Gate, Ground, running, stopped, struck, until
from tests.projections.story import accepted, called
from tests.projections.tally import TALLY, Tally, breaking, tallies
from tests.projections.truth import the_tasks_are_right
from tests.projections.wire import Order, strung

# --- Rebuilding ---


@asynccontextmanager
async def watched(ground: Ground, expected: set[UUID]) -> AsyncGenerator[asyncio.Event]:
    """Somebody asks the view all the time, and always finds these tasks. Yields a bell that every look rings."""
    looked = asyncio.Event()

    async def look() -> None:
        while True:
            assert expected <= {row[0] for row in await ground.pool.fetch("SELECT stream FROM tasks")}
            assert all(row.body for row in await find_many(ground.pool, list(expected)))
            looked.set()

    looking = asyncio.create_task(look())
    try:
        yield looked
    finally:
        await stopped(looking)


async def test_a_rebuild_while_appending_disturbs_nobody(ground: Ground) -> None:
    """The old generation serves, kept up to date, until the new one is there; then there is only the new one."""
    before = {await ground.begin(called()) for _ in range(30)}
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        async with watched(ground, before) as looked, ground.traffic():
            for _ in range(2):
                await ground.runner(TASKS, batch=20).rebuild()
                looked.clear()
                await struck(looked)
        await the_tasks_are_right(ground)
        assert await ground.generations("tasks") == [(3, TASKS.version, True)]
        assert await ground.schemas("tasks") == ["tasks_3"]
        await ground.append(await ground.begin(), called())
        await the_tasks_are_right(ground)


async def test_the_old_generation_stays_fresh_during_a_rebuild(ground: Ground) -> None:
    """However long a rebuild takes, the view follows the log meanwhile."""
    first = await ground.begin()
    gate = Gate(TASKS)
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        rebuilding = asyncio.create_task(ground.runner(gate.model).rebuild())
        try:
            await struck(gate.reached)
            await ground.append(first, called())
            await ground.begin()
            await the_tasks_are_right(ground)
            assert await ground.generations("tasks") == [(1, TASKS.version, True), (2, TASKS.version, False)]
        finally:
            gate.opened.set()
            await rebuilding
        (seen,) = await find_many(ground.pool, [first])  # at once: the view never goes back
        assert (seen.version, seen.head) == (2, 2)
        assert await ground.generations("tasks") == [(2, TASKS.version, True)]
        await the_tasks_are_right(ground)


async def test_an_idle_runner_takes_up_the_new_generation(ground: Ground) -> None:
    """A runner learns of a rebuild though nothing else happens, so that the new generation is never without one."""
    await ground.begin()
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        await ground.runner(TASKS).rebuild()
        await until(lambda: ground.leaders("tasks"))


async def test_a_rebuild_mends_what_was_broken(ground: Ground) -> None:
    """Rows that somebody spoilt, added or lost are right again."""
    streams = [await ground.begin() for _ in range(3)]
    await ground.follow(TASKS)
    await ground.pool.execute("UPDATE tasks SET body = '{}' WHERE stream = $1", streams[0])
    await ground.pool.execute("DELETE FROM tasks WHERE stream = $1", streams[1])
    await ground.pool.execute("UPDATE tasks SET stream = $2 WHERE stream = $1", streams[2], new_stream())
    await ground.runner(TASKS).rebuild()
    await the_tasks_are_right(ground)


async def test_a_rebuild_switches_while_the_old_generation_is_written(ground: Ground) -> None:
    """A runner in the middle of its transaction is waited for; neither it nor the rebuild is a victim of the other."""
    gate = Gate(TASKS)
    async with running(ground.runner(gate.model)):
        await ground.begin()
        await struck(gate.reached)
        rebuilding = asyncio.create_task(ground.runner(TASKS).rebuild())
        try:
            await until(lambda: _somebody_waits_for_a_lock(ground))
        finally:
            gate.opened.set()
            await rebuilding
        await ground.begin()
        await the_tasks_are_right(ground)
        assert await ground.generations("tasks") == [(2, TASKS.version, True)]


async def test_a_switch_does_not_queue_everybody_behind_one_slow_reader(ground: Ground) -> None:
    """While somebody's long query holds the view, others still read it and it still follows; the switch comes after."""
    stream = await ground.begin()
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        async with ground.pool.acquire() as slow, slow.transaction():
            await slow.fetch("SELECT * FROM tasks")
            rebuilding = asyncio.create_task(ground.runner(TASKS).rebuild())
            await until(lambda: _somebody_waits_for_a_lock(ground))
            await ground.append(stream, called())
            await the_tasks_are_right(ground)
            assert not rebuilding.done()
        await rebuilding
        await the_tasks_are_right(ground)
        assert await ground.generations("tasks") == [(2, TASKS.version, True)]


async def _somebody_waits_for_a_lock(ground: Ground) -> bool:
    waiting = await ground.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return bool(waiting)


async def test_an_interrupted_rebuild_can_be_run_again(ground: Ground) -> None:
    """Half a generation serves nobody and harms nobody; the next rebuild takes it away."""
    for _ in range(20):
        await ground.begin(called())
    await ground.follow(TASKS)
    halfway = asyncio.Event()
    rebuilding = asyncio.create_task(ground.runner(TASKS, batch=3, advanced=lambda _: halfway.set()).rebuild())
    await struck(halfway)
    await stopped(rebuilding)
    assert await ground.generations("tasks") == [(1, TASKS.version, True), (2, TASKS.version, False)]
    await the_tasks_are_right(ground)
    await ground.runner(TASKS).rebuild()
    assert await ground.generations("tasks") == [(3, TASKS.version, True)]
    assert await ground.schemas("tasks") == ["tasks_3"]
    await the_tasks_are_right(ground)


async def test_an_interrupted_rebuild_is_finished_by_who_stands_by(ground: Ground) -> None:
    """A generation that was left half-way is taken up where it was by a runner that has nothing else to do."""
    for _ in range(20):
        await ground.begin(called())
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        halfway = asyncio.Event()
        rebuilding = asyncio.create_task(ground.runner(TASKS, batch=3, advanced=lambda _: halfway.set()).rebuild())
        await struck(halfway)
        await stopped(rebuilding)
        at: list[int] = []
        async with running(ground.runner(TASKS, advanced=at.append)):
            await until(lambda: ground.serves("tasks", 2))
            assert len(at) == 1  # the rest was one batch
            await ground.begin()
            await the_tasks_are_right(ground)


async def test_two_rebuilds_at_once_leave_one_generation(ground: Ground) -> None:
    """Whichever is first, one of them succeeds and what serves is whole."""
    for _ in range(20):
        await ground.begin(called())
    async with running(ground.runner(TASKS)):
        rebuilds = [ground.runner(TASKS, batch=5).rebuild() for _ in range(2)]
        ends = await asyncio.gather(*rebuilds, return_exceptions=True)
        assert None in ends
        await ground.begin()
        await the_tasks_are_right(ground)
    assert [serving for _, _, serving in await ground.generations("tasks")] == [True]


async def test_a_runner_may_rebuild_what_it_runs(ground: Ground) -> None:
    """What is parked in the generation that serves is no matter of the one that is being built: it parks by itself."""
    reached, opened = asyncio.Event(), asyncio.Event()

    async def save(connection: Connection, rows: dict[StreamId, Tally]) -> None:
        await TALLY.save(connection, rows)
        if await connection.fetchval("SELECT current_schema()") == "tally_2":
            reached.set()
            await opened.wait()

    both = ground.runner(breaking()._replace(save=save), batch=1)
    good, sick = await ground.begin(), await ground.begin(called())
    async with running(both):
        await ground.caught_up("tally")
        rebuilding = asyncio.create_task(both.rebuild())
        try:
            await struck(reached)
            await ground.append(sick, accepted())
            await ground.caught_up("tally")
        finally:
            opened.set()
            await rebuilding
        await ground.append(sick, called(2))
        await ground.append(good, called())
        await ground.caught_up("tally")
        assert await tallies(ground) == {good: (1, 2), sick: (1, 2)}
        assert [each.stream for each in await parked(ground.pool)] == [sick]


# --- Versions ---


def _shouting(row: TaskRow | None, recorded: Recorded) -> TaskRow | None:
    row = fold(row, recorded)
    return row and row._replace(view=replace(row.view, phase=f"{row.view.phase or ''}!"))


NEWER: ReadModel[TaskRow] = TASKS._replace(
    version=TASKS.version + 1,
    fold=_shouting,
    ddl=f"{TASKS.ddl}\nALTER TABLE tasks ADD COLUMN loud boolean NOT NULL DEFAULT true;",
)


async def only_the_new(ground: Ground) -> bool:
    """The old tables go in a transaction of their own, after the switch."""
    return await ground.schemas("tasks") == ["tasks_2"]


async def test_a_new_version_is_built_beside_the_old_one(ground: Ground) -> None:
    """The old version serves, and is kept up by its own runner, until the new one has caught up; then it goes."""
    streams = [await ground.begin(called()) for _ in range(3)]
    gate = Gate(NEWER)
    old_at: list[int] = []
    async with running(ground.runner(TASKS, advanced=old_at.append)), AsyncExitStack() as later:
        await ground.caught_up("tasks")
        await later.enter_async_context(running(ground.runner(gate.model, batch=4)))
        await struck(gate.reached)
        streams.append(await ground.begin(called()))
        await the_tasks_are_right(ground)
        assert await ground.generations("tasks") == [(1, TASKS.version, True), (2, NEWER.version, False)]
        with pytest.raises(asyncpg.UndefinedColumnError):
            await ground.pool.fetch("SELECT loud FROM tasks")

        gate.opened.set()
        await until(lambda: ground.serves("tasks", 2))
        assert await ground.generations("tasks") == [(2, NEWER.version, True)]
        await until(lambda: only_the_new(ground))
        moved = list(old_at)
        streams.append(await ground.begin(called()))
        await ground.caught_up("tasks")
        rows = await ground.pool.fetch("SELECT stream, body ->> 'phase', loud FROM tasks ORDER BY position")
        assert [tuple(row) for row in rows] == [(stream, "submitting!", True) for stream in streams]
        assert old_at == moved


async def test_an_older_runner_stands_by(ground: Ground) -> None:
    """Code of an older version touches nothing when a newer one is there, were it only being built and left alone."""
    await ground.begin()
    await ground.follow(TASKS)
    gate = Gate(NEWER)
    async with running(ground.runner(gate.model)):
        await struck(gate.reached)
    await until(lambda: ground.is_left("tasks"))
    await ground.begin()
    before = await ground.standing()
    at: list[int] = []
    async with strung(ground.dsn) as wire:
        wire.at(b"FROM public.read_models WHERE name = $1 ORDER BY", Order.HOLD)
        async with running(ground.runner(TASKS, dsn=wire.dsn, advanced=at.append)):
            await struck(wire.struck)  # it is about to look
            wire.at(b"FROM public.read_models WHERE name = $1 ORDER BY", Order.HOLD)
            wire.go_on()
            await struck(wire.struck)  # it has looked, and is about to look again
            wire.go_on()
            assert await ground.standing() == before
            assert at == []
    await until(lambda: ground.is_left("tasks"))
    async with running(ground.runner(NEWER)):
        await until(lambda: ground.serves("tasks", 2))
