"""Laws of the runner: every event once and in order, rows and checkpoint together, one runner at a time."""

import asyncio

import asyncpg
import msgspec
import pytest

from adapters.postgres.database import Connection
from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from domain.base import replace
from projections import runner
from projections.base import StreamId
from projections.models import MODELS
from projections.runner import ReadModelStatus, prepare
from projections.tasks import TASKS, find_many
from projections.work_list import CALLS
from tests.projections.ground import (
    CAUSE,
    Gate,
    Ground,
    disconnect_everybody,
    running,
    stopped,
    struck,
    under,
    until,
)
from tests.projections.story import accepted, called, requested
from tests.projections.tally import TALLY, Tally, everything_was_told_once, tallies
from tests.projections.wire import Order, strung

# --- Following ---


async def test_a_backlog_is_worked_off_in_batches(ground: Ground) -> None:
    """A runner that starts late reads batch after batch, each ending at an event, and misses none."""
    streams = [await ground.begin(called()) for _ in range(15)]
    for stream in streams:
        await ground.append(stream, accepted())
    at: list[int] = []
    async with running(ground.runner(TALLY, batch=7, advanced=at.append)):
        await everything_was_told_once(ground)
    events = [recorded.position for recorded in await ground.log.read(0, 1000)]
    assert at == [events[6], events[13], events[20], events[27], events[34], events[41], events[44]]


async def test_an_append_wakes_the_runner(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is only the safety net: a runner that would sleep for an hour follows at once."""
    monkeypatch.setattr(runner, "POLL_SECONDS", 3600)
    async with running(ground.runner(TALLY)):
        for _ in range(5):
            await ground.begin()
            await everything_was_told_once(ground)


async def test_a_silent_append_is_found_by_polling(ground: Ground) -> None:
    """When no wake-up comes from another node, its events are found all the same."""
    elsewhere = EventLog(ground.dsn, ground.pool)
    writing = asyncio.create_task(elsewhere.write())
    try:
        async with running(ground.runner(TALLY)):
            await until(lambda: ground.leaders("tally"))
            stream = new_stream()
            await elsewhere.append(stream, 0, [requested(stream), called()], CAUSE)
            await everything_was_told_once(ground)
    finally:
        await stopped(writing)


async def test_rows_and_checkpoint_are_seen_together(ground: Ground) -> None:
    """At every moment the rows are those of the events up to the checkpoint: no more, no fewer."""
    seen: list[tuple[int, dict[str, list[int]]]] = []

    async def look() -> None:
        while True:
            row = await ground.pool.fetchrow(
                "SELECT position, (SELECT json_object_agg(stream, versions) FROM tally)"
                " FROM read_models WHERE name = 'tally'"
            )
            assert row is not None
            seen.append((row[0], msgspec.json.decode(row[1] or "{}")))

    async with running(ground.runner(TALLY, batch=7)):
        looking = asyncio.create_task(look())
        try:
            async with ground.traffic():
                while len({position for position, _ in seen}) <= 5 and not looking.done():
                    await ground.begin()
            await everything_was_told_once(ground)
        finally:
            await stopped(looking)
    events = await ground.log.read(0, 100_000)
    assert len({position for position, _ in seen}) > 5
    assert {position for position, _ in seen} <= {0, *(recorded.position for recorded in events)}
    for position, rows in seen:
        told: dict[str, list[int]] = {}
        for recorded in events:
            if recorded.position <= position:
                told.setdefault(str(recorded.stream), []).append(recorded.version)
        assert rows == told


async def test_a_runner_stops_when_it_is_told_to(ground: Ground) -> None:
    """However busy it is, even at the very moment at which it is woken up."""
    for _ in range(10):
        async with running(ground.runner(TALLY)):
            await everything_was_told_once(ground)
            await ground.begin()  # returns as the bell rings


async def test_a_runner_stops_though_its_connection_is_gone(ground: Ground) -> None:
    """What fails on the way out of a transaction does not hide that it was told to stop."""
    gate = Gate(TALLY)
    async with strung(ground.dsn) as wire, running(ground.runner(gate.model, dsn=wire.dsn)):
        await ground.begin()
        await struck(gate.reached)
        await wire.cut()
        await until(lambda: ground.is_left("tally"))
    await ground.follow(TALLY)
    await everything_was_told_once(ground)


# --- Rows and checkpoint are one ---


@pytest.mark.parametrize("order", [Order.CUT_BEFORE, Order.CUT_AFTER], ids=lambda order: order.name)
async def test_a_connection_lost_at_the_commit_loses_and_doubles_nothing(ground: Ground, order: Order) -> None:
    """Whether the commit arrived or not, the runner goes on from what the database says."""
    async with strung(ground.dsn) as wire, running(ground.runner(TALLY, dsn=wire.dsn)):
        await ground.begin(called())
        await everything_was_told_once(ground)
        for _ in range(3):
            wire.at(b"COMMIT;", order)
            await ground.begin(called(), accepted())
            await struck(wire.struck)
            await everything_was_told_once(ground)


async def test_a_connection_killed_between_rows_and_checkpoint_loses_and_doubles_nothing(ground: Ground) -> None:
    """Rows that were written without their checkpoint are gone with the connection, and written again."""
    killed: list[int] = []

    async def save(connection: Connection, rows: dict[StreamId, Tally]) -> None:
        await TALLY.save(connection, rows)
        if len(killed) < 3:
            killed.append(connection.get_server_pid())
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    for _ in range(4):
        await ground.begin(called(), accepted())
    async with running(ground.runner(TALLY._replace(save=save), batch=5)):
        await everything_was_told_once(ground)
        await ground.begin()
        await everything_was_told_once(ground)
    assert len(set(killed)) == 3


async def test_a_checkpoint_that_somebody_moved_is_believed(ground: Ground) -> None:
    """Compare-and-set: the runner drops what it was about to commit, and restarts from the database's word."""
    gate = Gate(TALLY)
    at: list[int] = []
    async with running(ground.runner(gate.model, advanced=at.append)):
        await ground.begin(called())
        await struck(gate.reached)
        head = await ground.log.head()
        await ground.pool.execute("UPDATE read_models SET position = $1 WHERE name = 'tally'", head)
        gate.opened.set()
        stream = await ground.begin()
        await ground.caught_up("tally")
        assert await tallies(ground) == {stream: (1,)}
        assert at == [head + 1]


async def test_an_idle_runner_notices_a_checkpoint_that_was_set_back(ground: Ground) -> None:
    """Who sets the checkpoint back has the log read again, though nothing new happens."""
    lost, kept = await ground.begin(called()), await ground.begin()
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        await ground.pool.execute("DELETE FROM tasks WHERE stream = $1", lost)
        await ground.pool.execute("UPDATE read_models SET position = 0 WHERE name = 'tasks'")
        await ground.caught_up("tasks")
        assert [seen.version for seen in await find_many(ground.pool, [lost, kept])] == [2, 1]


# --- One runner ---


async def test_of_two_runners_one_works_and_the_other_takes_over(ground: Ground) -> None:
    """A read model has one runner at a time; when it goes, the one that stood by goes on where it was."""
    first_at: list[int] = []
    second_at: list[int] = []
    async with running(ground.runner(TALLY, advanced=first_at.append)) as first:
        await until(lambda: ground.leaders("tally"))
        (leader,) = await ground.leaders("tally")
        async with running(ground.runner(TALLY, advanced=second_at.append)):
            for _ in range(20):
                await ground.begin(called())
                await everything_was_told_once(ground)
                assert await ground.leaders("tally") == [leader]
            assert second_at == []
            await stopped(first)
            done = list(first_at)
            for _ in range(3):
                await ground.begin(called())
                await everything_was_told_once(ground)
            assert first_at == done
            assert len(second_at) >= 3
            assert min(second_at) > max(done)


async def test_a_leader_that_hangs_loses_the_lead(ground: Ground) -> None:
    """PostgreSQL ends the session of a leader that says nothing for long; what it had not committed never was."""
    gate = Gate(TALLY)
    async with running(ground.runner(gate.model, silence_seconds=0.3)):
        stream = await ground.begin(called())
        await struck(gate.reached)
        async with running(ground.runner(TALLY)):
            await everything_was_told_once(ground)
            gate.opened.set()
            await ground.append(stream, accepted())
            await everything_was_told_once(ground)


async def test_a_crowd_of_runners_tells_every_event_once(ground: Ground) -> None:
    """However many start at once and whoever is cut off in between, nothing is told twice or lost."""
    async with (
        strung(ground.dsn) as wire,
        running(ground.runner(TALLY, dsn=wire.dsn, batch=3)),
        running(ground.runner(TALLY, dsn=wire.dsn, batch=3)),
        running(ground.runner(TALLY, dsn=wire.dsn, batch=3)),
    ):
        for _ in range(5):
            async with ground.traffic():
                await until(lambda: ground.leaders("tally"))
                wire.at(b"COMMIT;", Order.CUT_BEFORE)
                await struck(wire.struck)
        await everything_was_told_once(ground)


# --- Without PostgreSQL for a while ---


async def test_an_idle_runner_outlives_its_connection(ground: Ground) -> None:
    """PostgreSQL drops everybody while nothing happens; the next event is followed all the same."""
    async with running(ground.runner(TALLY)):
        await ground.begin()
        await everything_was_told_once(ground)
        for _ in range(3):
            (leader,) = await ground.leaders("tally")
            await disconnect_everybody(ground.dsn)
            await until(lambda leader=leader: _another_leads(ground, leader))  # type: ignore[misc]
            await ground.begin(called())
            await everything_was_told_once(ground)


async def _another_leads(ground: Ground, leader: int) -> bool:
    try:
        return await ground.leaders("tally") not in ([], [leader])
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        return False  # the pool's own connections were dropped too


async def test_a_runner_may_start_before_postgresql(ground: Ground) -> None:
    """A runner that finds nobody tries again until somebody is there."""
    async with strung(ground.dsn) as wire:
        dsn, port = wire.dsn, wire.port
    await ground.begin()
    async with running(ground.runner(TALLY, dsn=dsn)) as task:
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(dsn)
        async with strung(ground.dsn, port=port):
            await everything_was_told_once(ground)
            assert not task.done()


# --- Preparing and telling ---


async def test_preparing_twice_at_once_is_preparing_once(ground: Ground) -> None:
    """Nodes may start together, and start again: each read model gets one generation, which serves at once, empty."""
    models = [under(TALLY, "here"), under(TALLY, "there")]
    await asyncio.gather(*[prepare(ground.dsn, models) for _ in range(4)])
    await prepare(ground.dsn, models)
    for name in ("here", "there"):
        assert await ground.generations(name) == [(1, 1, True)]
        assert await ground.pool.fetch(f"SELECT * FROM {name}") == []


async def test_preparing_leaves_a_newer_version_to_its_runner(ground: Ground) -> None:
    """A start with new code keeps what serves: only the runner builds beside it."""
    await prepare(ground.dsn, [TASKS._replace(version=TASKS.version + 1)])
    assert await ground.generations("tasks") == [(1, TASKS.version, True)]


async def test_an_unprepared_read_model_serves_when_it_is_there(ground: Ground) -> None:
    """A runner needs no preparation: it builds the first generation, which is first seen when it has caught up."""
    gate = Gate(under(TALLY, "here"))
    stream = await ground.begin()
    async with running(ground.runner(gate.model)), running(ground.runner(gate.model)):
        await struck(gate.reached)
        assert await ground.generations("here") == [(1, 1, False)]
        with pytest.raises(asyncpg.UndefinedTableError):
            await ground.pool.fetch("SELECT * FROM here")
        gate.opened.set()
        await until(lambda: ground.serves("here", 1))
        rows = await ground.pool.fetch("SELECT stream, versions FROM here")
        assert [tuple(row) for row in rows] == [(stream, [1])]


async def test_status_tells_how_far_each_generation_is(ground: Ground) -> None:
    """Every generation of every read model is told, with its place, the head of the log, and how far it is behind."""
    await ground.begin(called())
    await ground.follow(TALLY)
    await ground.begin()
    new = ReadModelStatus(
        name="", generation=1, version=1, serving=True, position=0, head=3, lag=3, parked=0, lag_seconds=0.0
    )
    assert await ground.standing() == [
        replace(new, name="calls", version=CALLS.version),
        replace(new, name="models", version=MODELS.version),
        replace(new, name="tally", position=2, lag=1),
        replace(new, name="tasks", version=TASKS.version),
    ]
