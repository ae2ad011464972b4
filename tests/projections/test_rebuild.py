"""Laws of builds: a rebuild or a new version is built while the old one serves, and no reader is disturbed."""

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
from projections import builds
from projections.base import ReadModel, StreamId
from projections.builds import prepare
from projections.parking import parked
from projections.task_view import TaskRow, fold
from projections.tasks import TASKS, find_many
from tests.projections.counting_model import (
    COUNTING_MODEL,
    Versions,
    assert_each_event_seen_once,
    failing_model,
    seen_versions,
)
from tests.projections.expected import assert_tasks_match_streams, expected_tasks, stored_tasks
from tests.projections.own_process import own_process
from tests.projections.projection_rig import Gate, ProjectionRig, running, stopped, under, until, wait_for
from tests.projections.scenario import accepted, called
from tests.projections.tcp_proxy import Fault, tcp_proxy

# --- Rebuilding ---


@asynccontextmanager
async def watched(rig: ProjectionRig, expected: set[UUID]) -> AsyncGenerator[asyncio.Event]:
    """Somebody asks the view all the time, and always finds these tasks. Yields a bell that every look rings."""
    looked = asyncio.Event()

    async def look() -> None:
        while True:
            assert expected <= {row[0] for row in await rig.pool.fetch("SELECT stream FROM tasks")}
            assert all(row.body for row in await find_many(rig.pool, list(expected)))
            looked.set()

    looking = asyncio.create_task(look())
    try:
        yield looked
    finally:
        await stopped(looking)


async def test_a_rebuild_while_appending_disturbs_nobody(rig: ProjectionRig) -> None:
    """The old build serves, kept up to date, until the new one is there; then there is only the new one."""
    before = {await rig.begin(called()) for _ in range(30)}
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        async with watched(rig, before) as looked, rig.traffic():
            for _ in range(2):
                await rig.runner(TASKS).rebuild(batch=20)
                looked.clear()
                await wait_for(looked)
        await assert_tasks_match_streams(rig)
        assert await rig.builds("tasks") == [(3, TASKS.version, True)]
        assert await rig.schemas("tasks") == ["tasks_3"]
        await rig.append(await rig.begin(), called())
        await assert_tasks_match_streams(rig)


async def test_the_old_build_stays_fresh_during_a_rebuild(rig: ProjectionRig) -> None:
    """During a rebuild of any length the view follows the log."""
    first = await rig.begin()
    gate = Gate(TASKS)
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        rebuilding = asyncio.create_task(rig.runner(gate.read_model).rebuild())
        try:
            await wait_for(gate.reached)
            await rig.append(first, called())
            await rig.begin()
            await assert_tasks_match_streams(rig)
            assert await rig.builds("tasks") == [(1, TASKS.version, True), (2, TASKS.version, False)]
        finally:
            gate.opened.set()
            await rebuilding
        (seen,) = await find_many(rig.pool, [first])  # at once: the view never goes back
        assert (seen.version, seen.head) == (2, 2)
        assert await rig.builds("tasks") == [(2, TASKS.version, True)]
        await assert_tasks_match_streams(rig)


async def test_an_idle_runner_takes_up_the_new_build(rig: ProjectionRig) -> None:
    """A runner notices a rebuild without any new event, so the new build always has a runner."""
    await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        await rig.runner(TASKS).rebuild()
        await until(lambda: rig.leaders("tasks"))


async def test_a_rebuild_repairs_wrong_rows(rig: ProjectionRig) -> None:
    """After a rebuild, rows that were changed, added or deleted by hand are right again."""
    streams = [await rig.begin() for _ in range(3)]
    await rig.follow(TASKS)
    await rig.pool.execute("UPDATE tasks SET body = '{}' WHERE stream = $1", streams[0])
    await rig.pool.execute("DELETE FROM tasks WHERE stream = $1", streams[1])
    await rig.pool.execute("UPDATE tasks SET stream = $2 WHERE stream = $1", streams[2], new_stream())
    await rig.runner(TASKS).rebuild()
    await assert_tasks_match_streams(rig)


@pytest.mark.parametrize("batch", [1, 3, 7, 500])
async def test_a_build_inserts_each_row_once_and_makes_the_indexes_at_its_end(rig: ProjectionRig, batch: int) -> None:
    """Rows of streams that begin in a batch are copied into the new table, later changes update them, and a row that is
    refused parks its own stream only. No build serves without its indexes."""
    streams = [await rig.begin(project_id="project" if number % 2 else None) for number in range(6)]
    refused = await rig.begin(project_id="nul \0 in it")
    for stream in [*streams, refused]:
        await rig.append(stream, called())
    for stream in streams[::2]:
        await rig.append(stream, accepted())
    inserted: list[UUID] = []

    async def insert(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
        assert TASKS.insert
        assert await connection.fetchval(_INDEXES, "tasks_2") == KEYS
        await TASKS.insert(connection, rows)
        inserted.extend(rows)

    await rig.runner(TASKS._replace(insert=insert)).rebuild(batch=batch)
    assert [each.stream for each in await parked(rig.pool)] == [refused]
    assert await stored_tasks(rig) == await expected_tasks(rig, streams)
    assert inserted or batch >= 7  # then the refused one is in their batch, which goes row by row
    assert len(inserted) == len(set(inserted))
    assert set(inserted) <= set(streams)
    if batch == 1:
        assert inserted == streams
    await prepare(rig.dsn, [under(TASKS, "first")])
    assert await rig.pool.fetchval(_INDEXES, "tasks_2") == await rig.pool.fetchval(_INDEXES, "first_1")


async def test_a_build_is_gone_on_with_where_it_was_interrupted(rig: ProjectionRig) -> None:
    """What an interrupted build has committed is not inserted again, and a new version gets its indexes."""
    streams = [await rig.begin(called()) for _ in range(20)]
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
    halfway = asyncio.Event()
    async with running(rig.runner(NEWER, batch=3, advanced=lambda _: halfway.set())):
        await wait_for(halfway)
    await until(lambda: rig.is_left("tasks"))
    for stream in streams:
        await rig.append(stream, accepted())
    await rig.follow(NEWER)
    rows = await rig.pool.fetch("SELECT stream, version, body ->> 'phase' FROM tasks ORDER BY position")
    assert [tuple(row) for row in rows] == [(stream, 3, "submitted!") for stream in streams]
    assert len(await rig.pool.fetchval(_INDEXES, "tasks_2")) == TASKS.indexes.count("INDEX") + len(KEYS)


KEYS = ["tasks_assets_pkey", "tasks_pkey"]  # an index that a table has from its beginning
_INDEXES = "SELECT array_agg(indexname ORDER BY indexname) FROM pg_indexes WHERE schemaname = $1"


async def test_a_rebuild_switches_while_the_old_build_is_written(rig: ProjectionRig) -> None:
    """A runner in the middle of its transaction is waited for; neither it nor the rebuild is a victim of the other."""
    gate = Gate(TASKS)
    async with running(rig.runner(gate.read_model)):
        await rig.begin()
        await wait_for(gate.reached)
        rebuilding = asyncio.create_task(rig.runner(TASKS).rebuild())
        try:
            await until(lambda: _somebody_waits_for_a_lock(rig))
        finally:
            gate.opened.set()
            await rebuilding
        await rig.begin()
        await assert_tasks_match_streams(rig)
        assert await rig.builds("tasks") == [(2, TASKS.version, True)]


async def test_a_switch_does_not_queue_everybody_behind_one_slow_reader(rig: ProjectionRig) -> None:
    """While a long query holds the view, others read it and the rows are kept up; the switch comes afterwards."""
    stream = await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        async with rig.pool.acquire() as slow, slow.transaction():
            await slow.fetch("SELECT * FROM tasks")
            rebuilding = asyncio.create_task(rig.runner(TASKS).rebuild())
            await until(lambda: _somebody_waits_for_a_lock(rig))
            await rig.append(stream, called())
            await assert_tasks_match_streams(rig)
            assert not rebuilding.done()
        await rebuilding
        await assert_tasks_match_streams(rig)
        assert await rig.builds("tasks") == [(2, TASKS.version, True)]


async def _somebody_waits_for_a_lock(rig: ProjectionRig) -> bool:
    waiting = await rig.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return bool(waiting)


async def test_an_interrupted_rebuild_can_be_run_again(rig: ProjectionRig) -> None:
    """While no worker runs, an unfinished build stays, does not serve, and the next rebuild drops it."""
    for _ in range(20):
        await rig.begin(called())
    await rig.follow(TASKS)
    halfway = asyncio.Event()
    rebuilding = asyncio.create_task(rig.runner(TASKS, advanced=lambda _: halfway.set()).rebuild(batch=3))
    await wait_for(halfway)
    await stopped(rebuilding)
    assert await rig.builds("tasks") == [(1, TASKS.version, True), (2, TASKS.version, False)]
    await assert_tasks_match_streams(rig)
    await rig.runner(TASKS).rebuild()
    assert await rig.builds("tasks") == [(3, TASKS.version, True)]
    assert await rig.schemas("tasks") == ["tasks_3"]
    await assert_tasks_match_streams(rig)


async def test_a_killed_rebuild_is_dropped_by_who_leads(rig: ProjectionRig) -> None:
    """A rebuild that was killed by -9 leaves nothing behind, whether one worker runs or two; one that goes on, however
    slowly, is left alone."""
    await rig.begin(called())
    async with running(rig.runner(COUNTING_MODEL)), running(rig.runner(COUNTING_MODEL)), AsyncExitStack() as later:
        await rig.caught_up("tally")
        rebuild = await later.enter_async_context(own_process(rig, "rebuild"))
        assert await rig.builds("tally") == [(1, 1, True), (2, 1, False)]
        await leader_has_looked_twice(rig)
        assert await rig.builds("tally") == [(1, 1, True), (2, 1, False)]
        rebuild.kill()
        await until(lambda: _only_the_first(rig))
        assert await rig.builds("tally") == [(1, 1, True)]
        await rig.begin(called())
        await assert_each_event_seen_once(rig)
        await rig.runner(COUNTING_MODEL).rebuild()
        await assert_each_event_seen_once(rig)


async def _only_the_first(rig: ProjectionRig) -> bool:
    return await rig.schemas("tally") == ["tally_1"]


async def leader_has_looked_twice(rig: ProjectionRig) -> None:
    """Wait until the leader has been through its regular check: it clears a trouble there."""
    for _ in range(2):
        await rig.pool.execute("INSERT INTO read_model_troubles (name, error) VALUES ('tally', 'what is the matter?')")
        await until(lambda: _trouble_is_cleared(rig))


async def _trouble_is_cleared(rig: ProjectionRig) -> bool:
    return not await rig.pool.fetchval("SELECT count(*) FROM read_model_troubles")


async def test_the_next_leader_drops_tables_without_a_build(rig: ProjectionRig) -> None:
    """A rebuild killed between the switch and the drop leaves tables without a build: they are dropped."""
    await rig.begin()
    await rig.follow(COUNTING_MODEL)
    await rig.pool.execute("CREATE SCHEMA tally_7; CREATE TABLE tally_7.tally (stream uuid)")
    async with running(rig.runner(COUNTING_MODEL)):
        await until(lambda: _only_the_first(rig))


async def test_who_led_before_drops_nothing_of_what_serves_now(rig: ProjectionRig) -> None:
    """A leader that has not noticed a finished rebuild drops no build: the new one may have no leader yet."""
    await rig.begin()
    connection = await builds.connect(rig.dsn)
    try:
        led = await builds.choose(connection, TASKS)
        assert led is not None
        assert led.serving
        await rig.runner(TASKS).rebuild()
        await builds.drop_abandoned(connection, led)
        assert await rig.builds("tasks") == [(2, TASKS.version, True)]
        assert await rig.schemas("tasks") == ["tasks_2"]
        await assert_tasks_match_streams(rig)
    finally:
        await connection.close()


async def test_an_unfinished_newer_build_is_left_to_its_version(rig: ProjectionRig) -> None:
    """An upgrade whose worker was killed goes on when the next one starts: the older leader does not drop its work."""
    await rig.begin(called())
    newer = COUNTING_MODEL._replace(version=2)
    async with running(rig.runner(COUNTING_MODEL)):
        await rig.caught_up("tally")
        gate = Gate(newer)
        async with running(rig.runner(gate.read_model)):
            await wait_for(gate.reached)
        await leader_has_looked_twice(rig)
        assert await rig.builds("tally") == [(1, 1, True), (2, 2, False)]
        async with running(rig.runner(newer)):
            await until(lambda: rig.serves("tally", 2))
            await assert_each_event_seen_once(rig)


async def test_two_rebuilds_at_once_leave_one_build(rig: ProjectionRig) -> None:
    """One of them succeeds, and the serving build is complete."""
    for _ in range(20):
        await rig.begin(called())
    async with running(rig.runner(TASKS)):
        rebuilds = [rig.runner(TASKS).rebuild(batch=5) for _ in range(2)]
        ends = await asyncio.gather(*rebuilds, return_exceptions=True)
        assert None in ends
        await rig.begin()
        await assert_tasks_match_streams(rig)
    assert [serving for _, _, serving in await rig.builds("tasks")] == [True]


async def test_a_runner_may_rebuild_what_it_runs(rig: ProjectionRig) -> None:
    """Streams parked in the build that serves do not concern the one that is being built: it parks its own."""
    reached, opened = asyncio.Event(), asyncio.Event()

    async def save(connection: Connection, rows: dict[StreamId, Versions]) -> None:
        await COUNTING_MODEL.save(connection, rows)
        if await connection.fetchval("SELECT current_schema()") == "tally_2":
            reached.set()
            await opened.wait()

    both = rig.runner(failing_model()._replace(save=save), batch=1)
    good, sick = await rig.begin(), await rig.begin(called())
    async with running(both):
        await rig.caught_up("tally")
        rebuilding = asyncio.create_task(both.rebuild(batch=1))
        try:
            await wait_for(reached)
            await rig.append(sick, accepted())
            await rig.caught_up("tally")
        finally:
            opened.set()
            await rebuilding
        await rig.append(sick, called(2))
        await rig.append(good, called())
        await rig.caught_up("tally")
        assert await seen_versions(rig) == {good: (1, 2), sick: (1, 2)}
        assert [each.stream for each in await parked(rig.pool)] == [sick]


# --- Versions ---


def _shouting(row: TaskRow | None, recorded: Recorded) -> TaskRow | None:
    row = fold(row, recorded)
    return row and row._replace(view=replace(row.view, phase=f"{row.view.phase or ''}!"))


NEWER: ReadModel[TaskRow] = TASKS._replace(
    version=TASKS.version + 1,
    fold=_shouting,
    ddl=f"{TASKS.ddl}\nALTER TABLE tasks ADD COLUMN loud boolean NOT NULL DEFAULT true;",
)


async def only_the_new(rig: ProjectionRig) -> bool:
    """The old tables are dropped in a separate transaction, after the switch."""
    return await rig.schemas("tasks") == ["tasks_2"]


async def test_a_new_version_is_built_while_the_old_one_serves(rig: ProjectionRig) -> None:
    """The old version serves, updated by its own runner, until the new one has caught up; then it is dropped."""
    streams = [await rig.begin(called()) for _ in range(3)]
    gate = Gate(NEWER)
    old_at: list[int] = []
    async with running(rig.runner(TASKS, advanced=old_at.append)), AsyncExitStack() as later:
        await rig.caught_up("tasks")
        await later.enter_async_context(running(rig.runner(gate.read_model, batch=4)))
        await wait_for(gate.reached)
        streams.append(await rig.begin(called()))
        await assert_tasks_match_streams(rig)
        assert await rig.builds("tasks") == [(1, TASKS.version, True), (2, NEWER.version, False)]
        with pytest.raises(asyncpg.UndefinedColumnError):
            await rig.pool.fetch("SELECT loud FROM tasks")

        gate.opened.set()
        await until(lambda: rig.serves("tasks", 2))
        assert await rig.builds("tasks") == [(2, NEWER.version, True)]
        await until(lambda: only_the_new(rig))
        moved = list(old_at)
        streams.append(await rig.begin(called()))
        await rig.caught_up("tasks")
        rows = await rig.pool.fetch("SELECT stream, body ->> 'phase', loud FROM tasks ORDER BY position")
        assert [tuple(row) for row in rows] == [(stream, "submitting!", True) for stream in streams]
        assert old_at == moved


async def test_an_older_runner_keeps_its_own_build_up(rig: ProjectionRig) -> None:
    """Code of an older version that starts while a newer one is being built, or was left unfinished, follows the
    log with its own, which serves, and does not touch the newer one."""
    await rig.begin()
    await rig.follow(TASKS)
    gate = Gate(NEWER)
    async with running(rig.runner(gate.read_model)):
        await wait_for(gate.reached)
        await rig.begin()
        await rig.follow(TASKS)
        await assert_tasks_match_streams(rig)
    await until(lambda: rig.is_left("tasks"))
    await rig.begin()
    await rig.follow(TASKS)
    await assert_tasks_match_streams(rig)
    assert await rig.builds("tasks") == [(1, TASKS.version, True), (2, NEWER.version, False)]
    async with running(rig.runner(NEWER)):
        await until(lambda: rig.serves("tasks", 2))


async def test_an_older_runner_stands_by(rig: ProjectionRig) -> None:
    """Code of an older version touches nothing while a newer build serves, and runs again after a rebuild."""
    await rig.begin()
    async with running(rig.runner(NEWER)):
        await until(lambda: rig.serves("tasks", 2))
        before = await rig.builds_status()
        at: list[int] = []
        async with tcp_proxy(rig.dsn) as proxy:
            proxy.at(b"FROM public.read_models WHERE name = $1 ORDER BY", Fault.HOLD)
            async with running(rig.runner(TASKS, dsn=proxy.dsn, advanced=at.append)):
                await wait_for(proxy.triggered)  # it is about to look
                proxy.at(b"FROM public.read_models WHERE name = $1 ORDER BY", Fault.HOLD)
                proxy.go_on()
                await wait_for(proxy.triggered)  # it has looked, and is about to look again
                proxy.go_on()
                assert await rig.builds_status() == before
                assert at == []
