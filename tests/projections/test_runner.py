"""Laws of the runner: every event once and in order, rows and checkpoint together, one runner at a time."""

import asyncio
import gc
import signal
import threading
from typing import Any

import asyncpg
import msgspec
import pytest

from adapters.postgres.database import Connection, open_pool
from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from application.ports import Recorded
from domain.base import replace
from domain.task.events import ProviderAccepted
from projections import following
from projections.base import ReadModel, StreamId, topics_of
from projections.builds import is_led, prepare
from projections.models import MODELS
from projections.monitoring import ReadModelStatus
from projections.parking import parked
from projections.runner import SILENCE_SECONDS, Runner, Standby
from projections.tasks import TASKS, find_many
from projections.work_list import CALLS
from tests.patience import COMMIT_SECONDS
from tests.projections.counting_model import COUNTING_MODEL, Versions, assert_each_event_seen_once, seen_versions
from tests.projections.own_process import own_process
from tests.projections.projection_rig import (
    CAUSE,
    Gate,
    ProjectionRig,
    disconnect_everybody,
    running,
    stopped,
    under,
    until,
    wait_for,
)
from tests.projections.scenario import accepted, called, requested
from tests.projections.tcp_proxy import Fault, tcp_proxy

# --- Following ---


async def test_a_backlog_is_worked_off_in_batches(rig: ProjectionRig) -> None:
    """A runner that starts late reads batch after batch, each ending at an event, and misses none."""
    streams = [await rig.begin(called()) for _ in range(15)]
    for stream in streams:
        await rig.append(stream, accepted())
    at: list[int] = []
    async with running(rig.runner(COUNTING_MODEL, batch=7, advanced=at.append)):
        await assert_each_event_seen_once(rig)
    events = [recorded.position for recorded in await rig.log.read(0, 1000)]
    assert at == [events[6], events[13], events[20], events[27], events[34], events[41], events[44]]


async def test_events_gather_unless_somebody_waits(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first events after a rest are in a batch at once. Those after them come together in one batch, when the time
    is over, or as soon as somebody waits; a backlog is worked off without a pause."""
    monkeypatch.setattr(following, "GATHER_SECONDS", 3600.0)
    at: list[int] = []
    hurry = asyncio.Event()
    async with running(rig.runner(COUNTING_MODEL, batch=5, advanced=at.append, hurry=hurry)):
        stream = await rig.begin()
        await rig.caught_up("tally")
        first = await rig.log.head()
        for _ in range(2):
            await rig.append(stream, called(), accepted())
        assert at[-1] == first
        hurry.set()
        await assert_each_event_seen_once(rig)
        assert at[-2:] == [first, await rig.log.head()]
        streams = [await rig.begin(called()) for _ in range(10)]
        assert at[-1] < await rig.log.head()
        hurry.set()
        await assert_each_event_seen_once(rig)
        assert len(streams) == len(await seen_versions(rig)) - 1
    monkeypatch.setattr(following, "GATHER_SECONDS", 0.01)
    async with running(rig.runner(COUNTING_MODEL)):
        for _ in range(3):
            await rig.append(stream, called())
        await assert_each_event_seen_once(rig)


async def test_an_append_wakes_the_runner(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is only the safety net: a runner that would sleep for an hour follows at once."""
    monkeypatch.setattr(following, "POLL_SECONDS", 3600)
    async with running(rig.runner(COUNTING_MODEL)):
        for _ in range(5):
            await rig.begin()
            await assert_each_event_seen_once(rig)


async def test_a_silent_append_is_found_by_polling(rig: ProjectionRig) -> None:
    """Without a wake-up from another node, its events are found by polling."""
    elsewhere = EventLog(rig.dsn, rig.pool, patience_seconds=COMMIT_SECONDS)
    writing = asyncio.create_task(elsewhere.write())
    try:
        async with running(rig.runner(COUNTING_MODEL)):
            await until(lambda: rig.leaders("tally"))
            stream = new_stream()
            await elsewhere.append(stream, 0, [requested(stream), called()], CAUSE)
            await assert_each_event_seen_once(rig)
    finally:
        await stopped(writing)


async def test_events_of_other_topics_cost_a_read_model_nothing(
    rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that its fold ignores are read and passed over: no row is loaded, the checkpoint moves with the next event
    that concerns it, or after a while. Whoever waits for its rows is woken when a row has changed, and only then."""
    asked: list[StreamId] = []
    at: list[int] = []
    woken: list[int] = []

    async def load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, Versions]:
        asked.extend(streams)
        return await COUNTING_MODEL.load(connection, streams)

    choosy = COUNTING_MODEL._replace(load=load, topics=topics_of(ProviderAccepted))
    monkeypatch.setattr(following, "POLL_SECONDS", 3600)
    async with running(rig.runner(choosy, advanced=at.append, changed=lambda: woken.append(at[-1]))):
        await until(lambda: rig.leaders("tally"))
        await rig.begin(called(), accepted())
        await rig.caught_up("tally")
        for event in (asked, at, woken):
            event.clear()
        for _ in range(3):
            await rig.begin(called())
        stream = await rig.begin(called(), accepted())
        await rig.caught_up("tally")
        assert asked == [stream]
        assert at == woken == [await rig.log.head()]
        assert (await seen_versions(rig))[stream] == (3,)
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)
    async with running(rig.runner(choosy, advanced=at.append, changed=lambda: woken.append(at[-1]))):
        await rig.begin(called())
        await rig.caught_up("tally")
    assert asked == [stream]
    assert woken == at[:1]


async def test_an_event_of_an_unknown_topic_concerns_every_read_model(rig: ProjectionRig) -> None:
    """A newer Pixel's event may be one that the read model should have seen, so its stream is parked; one that is
    damaged, and of a topic that does not concern the read model, is passed over."""
    choosy = COUNTING_MODEL._replace(topics=topics_of(ProviderAccepted))
    newer, damaged = await rig.begin(), await rig.begin()
    await rig.append_raw(newer, "TaskPainted", b'{"event": "TaskPainted"}')
    await rig.append_raw(damaged, "ProviderCalled", b"{}")
    await rig.follow(choosy)
    assert [each.stream for each in await parked(rig.pool)] == [newer]
    async with running(rig.runner(choosy)):
        await rig.append(damaged, accepted())
        await rig.caught_up("tally")
    assert await seen_versions(rig) == {damaged: (3,)}


async def test_rows_and_checkpoint_are_seen_together(rig: ProjectionRig) -> None:
    """At every moment the rows are those of the events up to the checkpoint: no more, no fewer."""
    seen: list[tuple[int, dict[str, list[int]]]] = []

    async def look() -> None:
        while True:
            row = await rig.pool.fetchrow(
                "SELECT position, (SELECT json_object_agg(stream, versions) FROM tally)"
                " FROM read_models WHERE name = 'tally'"
            )
            assert row is not None
            seen.append((row[0], msgspec.json.decode(row[1] or "{}")))

    async with running(rig.runner(COUNTING_MODEL, batch=7)):
        looking = asyncio.create_task(look())
        try:
            async with rig.traffic():
                while len({position for position, _ in seen}) <= 5 and not looking.done():
                    await rig.begin()
            await assert_each_event_seen_once(rig)
        finally:
            await stopped(looking)
    events = await rig.log.read(0, 100_000)
    assert len({position for position, _ in seen}) > 5
    assert {position for position, _ in seen} <= {0, *(recorded.position for recorded in events)}
    for position, rows in seen:
        delivered: dict[str, list[int]] = {}
        for recorded in events:
            if recorded.position <= position:
                delivered.setdefault(str(recorded.stream), []).append(recorded.version)
        assert rows == delivered


async def test_a_runner_stops_when_it_is_cancelled(rig: ProjectionRig) -> None:
    """Also under load, and at the moment of a wake-up."""
    for _ in range(10):
        async with running(rig.runner(COUNTING_MODEL)):
            await assert_each_event_seen_once(rig)
            await rig.begin()  # returns at the wake-up


async def test_a_runner_stops_after_the_loss_of_its_connection(rig: ProjectionRig) -> None:
    """An error on the way out of a transaction does not hide a cancellation."""
    gate = Gate(COUNTING_MODEL)
    async with tcp_proxy(rig.dsn) as proxy, running(rig.runner(gate.read_model, dsn=proxy.dsn)):
        await rig.begin()
        await wait_for(gate.reached)
        await proxy.cut()
        await until(lambda: rig.is_left("tally"))
    await rig.follow(COUNTING_MODEL)
    await assert_each_event_seen_once(rig)


# --- Rows and checkpoint are one ---


@pytest.mark.parametrize("order", [Fault.CUT_BEFORE, Fault.CUT_AFTER], ids=lambda order: order.name)
async def test_a_connection_lost_at_the_commit_loses_and_doubles_nothing(rig: ProjectionRig, order: Fault) -> None:
    """Whether the commit arrived or not, the runner continues from the checkpoint in the database."""
    async with tcp_proxy(rig.dsn) as proxy, running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn)):
        await rig.begin(called())
        await assert_each_event_seen_once(rig)
        for _ in range(3):
            proxy.at(b"COMMIT;", order)
            await rig.begin(called(), accepted())
            await wait_for(proxy.triggered)
            await assert_each_event_seen_once(rig)


async def test_a_connection_lost_before_the_transaction_leaves_nothing_behind(rig: ProjectionRig) -> None:
    """The fold of a batch is begun within its transaction: one that can't begin leaves no coroutine unawaited."""
    async with tcp_proxy(rig.dsn) as proxy, running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn)):
        await assert_each_event_seen_once(rig)
        proxy.at(b"BEGIN;", Fault.CUT_BEFORE)
        await rig.begin(called())
        await wait_for(proxy.triggered)
        await assert_each_event_seen_once(rig)
    gc.collect()  # finds it now, and not in another test


async def test_a_connection_killed_between_rows_and_checkpoint_loses_and_doubles_nothing(rig: ProjectionRig) -> None:
    """Rows that were written without their checkpoint are gone with the connection, and written again."""
    killed: list[int] = []

    async def save(connection: Connection, rows: dict[StreamId, Versions]) -> None:
        await COUNTING_MODEL.save(connection, rows)
        if len(killed) < 3:
            killed.append(connection.get_server_pid())
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    for _ in range(4):
        await rig.begin(called(), accepted())
    async with running(rig.runner(COUNTING_MODEL._replace(save=save), batch=5)):
        await assert_each_event_seen_once(rig)
        await rig.begin()
        await assert_each_event_seen_once(rig)
    assert len(set(killed)) == 3


async def test_a_checkpoint_that_was_moved_is_respected(rig: ProjectionRig) -> None:
    """Compare-and-set: the runner drops its batch, and restarts from the checkpoint in the database."""
    gate = Gate(COUNTING_MODEL)
    at: list[int] = []
    async with running(rig.runner(gate.read_model, advanced=at.append)):
        await rig.begin(called())
        await wait_for(gate.reached)
        head = await rig.log.head()
        await rig.pool.execute("UPDATE read_models SET position = $1 WHERE name = 'tally'", head)
        gate.opened.set()
        stream = await rig.begin()
        await rig.caught_up("tally")
        assert await seen_versions(rig) == {stream: (1,)}
        assert at == [head + 1]


async def test_an_idle_runner_notices_a_checkpoint_that_was_set_back(rig: ProjectionRig) -> None:
    """A checkpoint that is set back by hand makes the runner read the log again, even without new events."""
    lost, there = await rig.begin(called()), await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        await rig.pool.execute("DELETE FROM tasks WHERE stream = $1", lost)
        await rig.pool.execute("UPDATE read_models SET position = 0 WHERE name = 'tasks'")
        await rig.caught_up("tasks")
        assert [seen.version for seen in await find_many(rig.pool, [lost, there])] == [2, 1]


# --- Rows in memory ---


async def test_a_leader_knows_the_rows_that_it_wrote(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of a stream is not loaded again as long as it is among the last that were written; a leader that lost its
    connection, or failed to commit, knows none."""
    monkeypatch.setattr(following, "MAX_RECENT", 2)
    asked: list[StreamId] = []

    async def load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, Versions]:
        asked.extend(streams)
        return await COUNTING_MODEL.load(connection, streams)

    async with tcp_proxy(rig.dsn) as proxy, running(rig.runner(COUNTING_MODEL._replace(load=load), dsn=proxy.dsn)):
        first = await rig.begin()
        await assert_each_event_seen_once(rig)
        await rig.append(first, called())
        await assert_each_event_seen_once(rig)
        assert asked == []  # a stream that begins has no row
        for _ in range(3):
            await rig.begin()
        await assert_each_event_seen_once(rig)
        await rig.append(first, accepted())
        await assert_each_event_seen_once(rig)
        assert asked == [first]
        proxy.at(b"COMMIT;", Fault.CUT_BEFORE)
        await rig.append(first, called(2))
        await wait_for(proxy.triggered)
        await assert_each_event_seen_once(rig)
        assert asked == [first, first]


async def test_a_checkpoint_that_was_set_back_leaves_no_row_of_an_ended_stream(rig: ProjectionRig) -> None:
    """The later row of a stream is removed, although the stream begins and ends within one batch."""

    def fold(row: Versions | None, recorded: Recorded) -> Versions | None:
        return None if isinstance(recorded.event, ProviderAccepted) else COUNTING_MODEL.fold(row, recorded)

    ending = COUNTING_MODEL._replace(fold=fold)
    ended, goes_on = await rig.begin(called()), await rig.begin()
    await rig.follow(ending)
    await rig.pool.execute("UPDATE read_models SET position = 0 WHERE name = 'tally'")
    await rig.append(ended, accepted())
    await rig.follow(ending)
    assert await seen_versions(rig) == {goes_on: (1,)}


# --- One runner ---


async def test_of_two_runners_one_works_and_the_other_takes_over(rig: ProjectionRig) -> None:
    """A read model has one runner at a time; after its end, the standby continues from its checkpoint."""
    first_at: list[int] = []
    second_at: list[int] = []
    async with running(rig.runner(COUNTING_MODEL, advanced=first_at.append)) as first:
        await until(lambda: rig.leaders("tally"))
        (leader,) = await rig.leaders("tally")
        async with running(rig.runner(COUNTING_MODEL, advanced=second_at.append)):
            for _ in range(20):
                await rig.begin(called())
                await assert_each_event_seen_once(rig)
                assert await rig.leaders("tally") == [leader]
            assert second_at == []
            await stopped(first)
            done = list(first_at)
            for _ in range(3):
                await rig.begin(called())
                await assert_each_event_seen_once(rig)
            assert first_at == done
            assert len(second_at) >= 3
            assert min(second_at) > max(done)


async def test_a_leader_that_hangs_loses_the_lead(rig: ProjectionRig) -> None:
    """PostgreSQL ends the session of a leader that is silent for long; its open transaction is rolled back."""
    gate = Gate(COUNTING_MODEL)
    async with running(rig.runner(gate.read_model, silence_seconds=0.3)):
        stream = await rig.begin(called())
        await wait_for(gate.reached)
        async with running(rig.runner(COUNTING_MODEL)):
            await assert_each_event_seen_once(rig)
            gate.opened.set()
            await rig.append(stream, accepted())
            await assert_each_event_seen_once(rig)


async def test_a_standby_holds_no_connection(rig: ProjectionRig) -> None:
    """A process whose read models are all kept up by others looks through its pool, and connects when a lead is free;
    of several read models one at a time."""
    looks: list[bool] = []

    async def led(read_model: ReadModel[Any]) -> bool:
        looks.append(await is_led(rig.pool, read_model))
        return looks[-1]

    dsn = f"{rig.dsn}{'&' if '?' in rig.dsn else '?'}application_name=standing-by"
    opened = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'standing-by'"
    async with running(rig.runner(COUNTING_MODEL)) as first:
        await until(lambda: rig.leaders("tally"))
        async with running(Runner(COUNTING_MODEL, rig.log, dsn, standby=Standby(led))):
            await until(lambda: _is_longer(looks, 5))
            assert all(looks)
            assert await rig.pool.fetchval(opened) == 0
            await stopped(first)
            await rig.begin(called())
            await assert_each_event_seen_once(rig)
            assert await rig.pool.fetchval(opened) == 1


async def _is_longer(looks: list[bool], count: int) -> bool:
    return len(looks) > count


async def test_another_runner_takes_over_from_a_frozen_leader(rig: ProjectionRig) -> None:
    """A process that is suspended while it leads does not keep the others waiting for long; when it comes back, it has
    lost the lead, and nothing is folded twice."""
    stream = await rig.begin(called())
    async with own_process(rig, "run") as first, running(rig.runner(COUNTING_MODEL)):
        await assert_each_event_seen_once(rig)
        first.send_signal(signal.SIGSTOP)
        try:
            await rig.append(stream, accepted())
            await assert_each_event_seen_once(rig)
        finally:
            first.send_signal(signal.SIGCONT)
        async with rig.traffic():
            for _ in range(5):
                await rig.begin()
        await assert_each_event_seen_once(rig)


@pytest.mark.parametrize("words", [b"FROM public.read_models WHERE name = $1 ORDER BY", b"SET position = $4"])
async def test_a_runner_that_is_frozen_within_a_statement_gives_way(rig: ProjectionRig, words: bytes) -> None:
    """A statement is sent in two messages the first time. Between them its session is not idle, and holds its locks:
    the limit of its transaction ends it. Others can start meanwhile, and take over."""
    async with tcp_proxy(rig.dsn) as proxy:
        proxy.at(words, Fault.HOLD_NEXT)
        async with running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn, silence_seconds=0.5)):
            await rig.begin(called())
            await wait_for(proxy.triggered)
            await prepare(rig.dsn, [COUNTING_MODEL])
            async with running(rig.runner(COUNTING_MODEL)):
                await assert_each_event_seen_once(rig)
            proxy.go_on()


async def test_a_leader_that_computes_for_long_keeps_the_lead(rig: ProjectionRig) -> None:
    """A leader whose batch takes longer than the time-out sends a sign of life between two streams."""

    def slow_fold(row: Versions | None, recorded: Recorded) -> Versions | None:
        threading.Event().wait(SILENCE_SECONDS / 20)  # the whole loop stands still, as it does while it computes
        return COUNTING_MODEL.fold(row, recorded)

    async with running(rig.runner(COUNTING_MODEL._replace(fold=slow_fold))):
        await until(lambda: rig.leaders("tally"))
        leader = await rig.leaders("tally")
        events = [rig.begin() for _ in range(30)]
        await asyncio.gather(*events)
        await assert_each_event_seen_once(rig)
        assert await rig.leaders("tally") == leader


async def test_a_leader_that_waits_for_the_log_keeps_the_lead(rig: ProjectionRig) -> None:
    """While others hold all connections of its pool, the leader sends signs of life over its own connection."""
    pool = await open_pool(rig.dsn, size=1)
    try:
        async with running(Runner(COUNTING_MODEL, EventLog(rig.dsn, pool, patience_seconds=COMMIT_SECONDS), rig.dsn)):
            await rig.begin()
            await assert_each_event_seen_once(rig)
            leader = await rig.leaders("tally")
            await pool.execute("SELECT pg_sleep(8)")
            await rig.begin()
            await assert_each_event_seen_once(rig)
            assert await rig.leaders("tally") == leader
    finally:
        await pool.close()


async def test_many_runners_fold_every_event_once(rig: ProjectionRig) -> None:
    """Many runners start at once and some are cut off: no event is folded twice or lost."""
    async with (
        tcp_proxy(rig.dsn) as proxy,
        running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn, batch=3)),
        running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn, batch=3)),
        running(rig.runner(COUNTING_MODEL, dsn=proxy.dsn, batch=3)),
    ):
        for _ in range(5):
            async with rig.traffic():
                await until(lambda: rig.leaders("tally"))
                proxy.at(b"COMMIT;", Fault.CUT_BEFORE)
                await wait_for(proxy.triggered)
        await assert_each_event_seen_once(rig)


# --- Without PostgreSQL for a while ---


async def test_an_idle_runner_outlives_its_connection(rig: ProjectionRig) -> None:
    """PostgreSQL closes all connections while nothing happens; the next event is still followed."""
    async with running(rig.runner(COUNTING_MODEL)):
        await rig.begin()
        await assert_each_event_seen_once(rig)
        for _ in range(3):
            (leader,) = await rig.leaders("tally")
            await disconnect_everybody(rig.dsn)
            await until(lambda leader=leader: _another_leads(rig, leader))  # type: ignore[misc]
            await rig.begin(called())
            await assert_each_event_seen_once(rig)


async def _another_leads(rig: ProjectionRig, leader: int) -> bool:
    try:
        return await rig.leaders("tally") not in ([], [leader])
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        return False  # the pool's own connections were dropped too


async def test_a_runner_may_start_before_postgresql(rig: ProjectionRig) -> None:
    """A runner without a database tries again until there is one."""
    async with tcp_proxy(rig.dsn) as proxy:
        dsn, port = proxy.dsn, proxy.port
    await rig.begin()
    async with running(rig.runner(COUNTING_MODEL, dsn=dsn)) as task:
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(dsn)
        async with tcp_proxy(rig.dsn, port=port):
            await assert_each_event_seen_once(rig)
            assert not task.done()


# --- Preparation and status ---


async def test_simultaneous_preparations_make_one_build(rig: ProjectionRig) -> None:
    """Nodes may start together, and start again: each read model gets one build, which serves at once, empty."""
    read_models = [under(COUNTING_MODEL, "here"), under(COUNTING_MODEL, "there")]
    await asyncio.gather(*[prepare(rig.dsn, read_models) for _ in range(4)])
    await prepare(rig.dsn, read_models)
    for name in ("here", "there"):
        assert await rig.builds(name) == [(1, 1, True)]
        assert await rig.pool.fetch(f"SELECT * FROM {name}") == []


async def test_preparing_leaves_a_newer_version_to_its_runner(rig: ProjectionRig) -> None:
    """A start with new code leaves the serving build alone: only the runner builds the new one."""
    await prepare(rig.dsn, [TASKS._replace(version=TASKS.version + 1)])
    assert await rig.builds("tasks") == [(1, TASKS.version, True)]


async def test_an_unprepared_read_model_serves_once_it_is_built(rig: ProjectionRig) -> None:
    """A runner needs no preparation: it builds the first build, which is first seen when it has caught up."""
    gate = Gate(under(COUNTING_MODEL, "here"))
    stream = await rig.begin()
    async with running(rig.runner(gate.read_model)), running(rig.runner(gate.read_model)):
        await wait_for(gate.reached)
        assert await rig.builds("here") == [(1, 1, False)]
        with pytest.raises(asyncpg.UndefinedTableError):
            await rig.pool.fetch("SELECT * FROM here")
        gate.opened.set()
        await until(lambda: rig.serves("here", 1))
        rows = await rig.pool.fetch("SELECT stream, versions FROM here")
        assert [tuple(row) for row in rows] == [(stream, [1])]


async def test_status_has_the_position_of_each_build(rig: ProjectionRig) -> None:
    """The status has every build of every read model, with its position, the head of the log, and its lag."""
    await rig.begin(called())
    await rig.follow(COUNTING_MODEL)
    await rig.begin()
    new = ReadModelStatus(
        name="", generation=1, version=1, serving=True, position=0, head=3, lag=3, parked=0, lag_seconds=0.0
    )
    assert await rig.builds_status() == [
        replace(new, name="calls", version=CALLS.version),
        replace(new, name="models", version=MODELS.version),
        replace(new, name="tally", position=2, lag=1),
        replace(new, name="tasks", version=TASKS.version),
    ]
