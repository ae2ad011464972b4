"""The laws of the event log: how appends are decided, numbered, answered and refused, and how they are read."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from itertools import pairwise
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.event_log import EventLog
from application.ports import Cause, Conflict, LogUnavailable, Receipt, Unreadable
from domain.base import replace
from domain.model import ModelRetired
from tests.adapters.postgres.event_log_rig import (
    AT,
    CAUSE,
    PATIENT,
    Wish,
    append_lock_held,
    connected,
    opened,
    phase_of,
    progress,
    stored,
    together,
    until,
    waiting_for_append_lock,
)
from tests.patience import patient


@pytest.fixture
async def log(database_url: str) -> AsyncGenerator[EventLog]:
    """A log on an empty database."""
    async with opened(database_url) as opened_log:
        yield opened_log


# --- Each command on its own ---


async def test_neighbours_are_decided_on_their_own(log: EventLog, database_url: str) -> None:
    """In one batch, the conflict of one command fails no other command."""
    taken, new, other = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    await together(log, [Wish(taken, 0, ("taken",))])
    first, conflict, last = await together(log, [Wish(new, 0, ("a",)), Wish(taken, 0, ("b",)), Wish(other, 0, ("c",))])
    assert (first, last) == (Receipt(1, 2), Receipt(1, 3))
    assert isinstance(conflict, Conflict)
    assert len({row.xid for row in (await stored(database_url))[1:]}) == 1, "it was one batch"


async def test_all_events_of_a_command_or_none(log: EventLog, database_url: str) -> None:
    """A command's events are stored all, next to each other and in order, or none of them."""
    stream, other = uuid.uuid4(), uuid.uuid4()
    await together(log, [Wish(stream, 0, ("a", "b", "c")), Wish(other, 0, ("x", "y"))])
    overlapping, ahead = await together(log, [Wish(stream, 2, ("no", "no")), Wish(other, 3, ("no", "no"))])
    assert isinstance(overlapping, Conflict)
    assert isinstance(ahead, Conflict)
    assert [(r.position, r.version, phase_of(r.event)) for r in await log.stream(stream)] == [
        (1, 1, "a"),
        (2, 2, "b"),
        (3, 3, "c"),
    ]
    assert [(row.position, row.stream) for row in await stored(database_url)][3:] == [(4, other), (5, other)]


async def test_one_stream_twice_in_a_batch(log: EventLog) -> None:
    """Commands for one stream are decided in their order: a chain succeeds, rivals conflict."""
    chain, contested = uuid.uuid4(), uuid.uuid4()
    wishes = [Wish(chain, n, (str(n),)) for n in range(20)]
    *passed, winner, loser = await together(log, [*wishes, Wish(contested, 0, ("a",)), Wish(contested, 0, ("b",))])
    assert [receipt.version for receipt in passed if isinstance(receipt, Receipt)] == list(range(1, 21))
    assert [phase_of(each.event) for each in await log.stream(chain)] == [str(n) for n in range(20)]
    assert isinstance(winner, Receipt)
    assert isinstance(loser, Conflict)
    assert [phase_of(each.event) for each in await log.stream(contested)] == ["a"]


async def test_one_winner_among_nodes(database_url: str) -> None:
    """Of appends that two nodes decide on the same version of a stream exactly one is stored."""
    streams = [uuid.uuid4() for _ in range(50)]
    async with opened(database_url) as here, opened(database_url) as there:
        wishes = [Wish(stream, 0, ("x",)) for stream in streams]
        outcomes = await asyncio.gather(together(here, wishes), together(there, wishes))
    for one, other in zip(*outcomes, strict=True):
        assert {type(one), type(other)} == {Receipt, Conflict}
    assert len(await stored(database_url)) == len(streams)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 2), st.integers(1, 3)), min_size=1, max_size=8),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_history_is_decided_as_by_a_dictionary(
    log: EventLog, database_url: str, batches: list[list[tuple[int, int, int]]]
) -> None:
    """Whatever is appended: accepted exactly when the stream ends there, numbered without a gap, refused at no cost."""
    streams = [uuid.uuid4() for _ in range(5)]
    ends = dict.fromkeys(streams, 0)
    position = await log.head()
    for batch in batches:
        wishes = [Wish(streams[n], max(0, ends[streams[n]] + off), ("x",) * count) for n, off, count in batch]
        outcomes = await together(log, wishes)
        positions: list[int] = []
        for wish, outcome in zip(wishes, outcomes, strict=True):
            if wish.expected != ends[wish.stream]:
                assert isinstance(outcome, Conflict)
                continue
            assert isinstance(outcome, Receipt)
            ends[wish.stream] += len(wish.phases)
            assert outcome.version == ends[wish.stream]
            positions += range(outcome.position - len(wish.phases) + 1, outcome.position + 1)
        assert sorted(positions) == list(range(position + 1, position + 1 + len(positions)))
        position += len(positions)
    for stream, end in ends.items():
        assert [each.version for each in await log.stream(stream)] == list(range(1, end + 1))
    assert await log.head() == position


async def test_the_ends_of_tasks_are_found_without_reading_their_events(log: EventLog) -> None:
    """Page by page, in the order of the log, whatever else is in it, also an end that this Pixel can't decode."""
    streams = [uuid.uuid4() for _ in range(5)]
    ends = ("ProviderProgressed", "TaskCompleted", "TaskFailed", "TaskCancelled", "ModelRetired")
    for stream, topic in zip(streams, ends, strict=True):
        await log.append_encoded(stream, 0, [("TaskRequested", b"{}"), (topic, b"{}")], CAUSE)
    assert await log.ended(0, 100) == (streams[1:4], 10, 10)
    assert await log.ended(0, 5) == (streams[1:2], 5, 5)
    assert await log.ended(5, 4) == (streams[2:4], 9, 4) == await log.ended(5, 4)
    assert await log.ended(10, 5) == ([], 10, 0)


async def test_an_append_of_nothing_is_refused(log: EventLog) -> None:
    """An append without events has no version: it is refused at once, as a mistake of the caller."""
    with pytest.raises(ValueError, match="nothing"):
        await log.append(uuid.uuid4(), 0, [], CAUSE)


# --- Numbers and times ---


async def test_positions_follow_the_commits(log: EventLog, database_url: str) -> None:
    """Positions are contiguous in commit order; `recorded_at` and `xid` never fall with them."""
    receipts: list[Receipt] = []
    for n in range(10):
        wishes = [Wish(uuid.uuid4(), 0, ("x",) * (1 + (n + k) % 3)) for k in range(4)]
        receipts += [receipt for receipt in await together(log, wishes) if isinstance(receipt, Receipt)]
    rows = await stored(database_url)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert [receipt.position for receipt in receipts] == sorted(receipt.position for receipt in receipts)
    assert len({row.xid for row in rows}) == 10
    for earlier, later in pairwise(rows):
        assert (earlier.xid, earlier.recorded_at) <= (later.xid, later.recorded_at)
        assert (earlier.xid == later.xid) == (earlier.recorded_at == later.recorded_at), "one time for one commit"


async def test_conflict_burns_no_position(log: EventLog) -> None:
    """A refused append leaves no gap in the positions."""
    stream = uuid.uuid4()
    await together(log, [Wish(stream, 0, ("a",))])
    conflicts = await together(log, [Wish(stream, n, ("no",)) for n in (0, 0, 2, 9)])
    assert [type(each) for each in conflicts] == [Conflict] * 4
    assert await together(log, [Wish(stream, 1, ("b",))]) == [Receipt(2, 2)]


async def test_cause_is_stored(log: EventLog, database_url: str) -> None:
    """The cause is stored with every event of the command, and so is the id of the command."""
    cause = Cause(actor="me", request_id="r", correlation_id="c", causation_id="z")
    await log.append(uuid.uuid4(), 0, [progress(), progress()], cause)
    async with connected(database_url) as connection:
        one, other = await connection.fetch("SELECT metadata FROM stored_events ORDER BY notification_id")
    metadata = msgspec.json.decode(one["metadata"])
    assert one == other
    assert metadata.pop("command_id")
    assert metadata == {"actor": "me", "request_id": "r", "correlation_id": "c", "causation_id": "z"}


# --- What PostgreSQL refuses ---

GOOD = [("Known", b"{}")]


@pytest.mark.parametrize(
    ("expected", "events", "cause"),
    [
        pytest.param(0, GOOD, Cause(actor="a\x00b"), id="metadata with NUL"),
        pytest.param(0, [("a\x00b", b"")], CAUSE, id="topic with NUL"),
        pytest.param(0, [("\ud800", b"")], CAUSE, id="topic that is no UTF-8"),
        pytest.param(2**63, GOOD, CAUSE, id="version that is no bigint"),
    ],
)
async def test_bad_command_fails_alone(
    log: EventLog, expected: int, events: list[tuple[str, bytes]], cause: Cause
) -> None:
    """Data that PostgreSQL refuses fails its own command with that error, and no other command."""
    taken, bad = uuid.uuid4(), uuid.uuid4()
    await together(log, [Wish(taken, 0, ("taken",))])
    before, failed, conflict, after = await asyncio.gather(
        log.append_encoded(uuid.uuid4(), 0, GOOD, CAUSE),
        log.append_encoded(bad, expected, events, cause),
        log.append_encoded(taken, 0, GOOD, CAUSE),
        log.append_encoded(uuid.uuid4(), 0, GOOD, CAUSE),
        return_exceptions=True,
    )
    assert isinstance(before, Receipt)
    assert isinstance(failed, (asyncpg.PostgresError, asyncpg.DataError))
    assert isinstance(conflict, Conflict)
    assert isinstance(after, Receipt)
    assert await log.stream(bad) == []
    assert await together(log, [Wish(bad, 0, ("good",))]) == [Receipt(1, after.position + 1)]


async def test_history_cannot_be_changed(log: EventLog, database_url: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused, even when they would touch no row."""
    await together(log, [Wish(uuid.uuid4(), 0, ("a",))])
    before = await stored(database_url)
    async with connected(database_url) as connection:
        for statement in (
            "UPDATE stored_events SET topic = 'other'",
            "UPDATE stored_events SET topic = 'other' WHERE false",
            "DELETE FROM stored_events",
            "TRUNCATE stored_events",
            "INSERT INTO stored_events TABLE stored_events ON CONFLICT (notification_id) DO UPDATE SET topic = 'other'",
        ):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(statement)
    assert await stored(database_url) == before


# --- Answers ---


async def test_answered_only_after_the_commit(log: EventLog, database_url: str) -> None:
    """While the COMMIT is under way there is no answer, although everything was inserted."""
    await together(log, [Wish(uuid.uuid4(), 0, ("warm",))])
    async with connected(database_url) as setter, connected(database_url) as holder:
        await setter.execute("""
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER held AFTER INSERT ON stored_events DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION hold()
        """)
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock(1)")
            append = asyncio.create_task(log.append(uuid.uuid4(), 0, [progress("late")], CAUSE))
            await waiting_for_append_lock(setter, 1)
            await asyncio.sleep(0)
            assert not append.done()
            assert await log.head() == 1
        assert await append == Receipt(1, 2)
        assert await log.head() == 2


async def test_failed_commit_is_no_success(log: EventLog, database_url: str) -> None:
    """A command whose COMMIT fails is refused, and those that were to be committed with it are stored."""
    bad = uuid.uuid4()
    async with connected(database_url) as setter:
        await setter.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
            CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON stored_events DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.topic = 'Bad') EXECUTE FUNCTION refuse()
        """)
    good, refused = await asyncio.gather(
        log.append(uuid.uuid4(), 0, [progress()], CAUSE),
        log.append_encoded(bad, 0, [("Bad", b"")], CAUSE),
        return_exceptions=True,
    )
    assert isinstance(good, Receipt)
    assert isinstance(refused, asyncpg.RaiseError)
    assert await log.stream(bad) == []


async def test_own_append_is_readable_at_once(database_url: str) -> None:
    """After the receipt every node can read the event."""
    async with opened(database_url) as here, opened(database_url) as there:
        for _ in range(50):
            stream = uuid.uuid4()
            receipt = await here.append(stream, 0, [progress()], CAUSE)
            assert [each.position for each in await there.read(receipt.position - 1, 10)] == [receipt.position]
            assert [each.version for each in await there.stream(stream)] == [1]


async def test_full_queue_refuses(database_url: str) -> None:
    """If the queue is full, the refusal has a retry time, and the waiting appends lose nothing."""
    async with opened(database_url, queue_limit=3) as log, connected(database_url) as watcher:
        async with append_lock_held(database_url):
            appends = [_append(log)]
            await waiting_for_append_lock(watcher, 1)
            appends += [_append(log) for _ in range(3)]
            await asyncio.sleep(0)
            assert log.waiting == 3
            for refused in await together(log, [Wish(uuid.uuid4(), 0, ("too many",))] * 20):
                assert isinstance(refused, LogUnavailable)
                assert refused.retry_after >= 1
            assert log.waiting == 3
        assert [receipt.version for receipt in await asyncio.gather(*appends)] == [1] * 4
        await log.append(uuid.uuid4(), 0, [progress()], CAUSE)
    assert len(await stored(database_url)) == 5


async def test_caller_who_left_the_queue(database_url: str) -> None:
    """An append whose caller gives up before its turn is never stored, and keeps nobody from being stored."""
    async with opened(database_url) as log, connected(database_url) as watcher:
        async with append_lock_held(database_url):
            first = _append(log)
            await waiting_for_append_lock(watcher, 1)
            leaving, staying = _append(log), _append(log)
            await asyncio.sleep(0)
            leaving.cancel()
        await asyncio.wait([first, leaving, staying])
        assert leaving.cancelled()
    assert [row.position for row in await stored(database_url)] == [first.result().position, staying.result().position]


async def test_caller_who_left_during_the_commit(database_url: str) -> None:
    """An append whose caller gives up during its commit is stored all the same, and its neighbours are answered."""
    async with opened(database_url) as log, connected(database_url) as watcher:
        async with append_lock_held(database_url):
            leaving, staying = _append(log), _append(log)
            await waiting_for_append_lock(watcher, 1)
            leaving.cancel()
        assert await staying == Receipt(1, 2)
        assert await _append(log) == Receipt(1, 3)


async def test_end_of_the_writer_answers_everybody(database_url: str) -> None:
    """After a stop of the writer, appends under way, waiting and later ones raise LogUnavailable."""
    async with connected(database_url) as watcher, append_lock_held(database_url):
        async with opened(database_url) as log:
            being_committed = [_append(log), _append(log)]
            await waiting_for_append_lock(watcher, 1)
            waiting = [_append(log), _append(log)]
            await asyncio.sleep(0)
        later = [_append(log)]
        await asyncio.wait([*being_committed, *waiting, *later], timeout=patient(5))
        ends = [[_end(append) for append in appends] for appends in (being_committed, waiting, later)]
        assert ends == [[LogUnavailable] * 2, [LogUnavailable] * 2, [LogUnavailable]]


async def test_drain_waits_for_what_is_being_committed(database_url: str) -> None:
    """A drain ends when all appends are answered: those under way, and those that wait."""
    async with opened(database_url) as log, connected(database_url) as watcher:
        async with append_lock_held(database_url):
            appends = [_append(log)]
            await waiting_for_append_lock(watcher, 1)
            drained = asyncio.create_task(log.drain())
            await asyncio.sleep(0)  # it looks who is there
            await asyncio.sleep(0)
            early = drained.done()
            appends.append(_append(log))
            await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.gather(drained, *appends), patient(PATIENT))
        assert not early


# --- Reading ---


async def test_reading_by_position(log: EventLog) -> None:
    """`read` goes on behind any position, `stream` and `model_events` select, and `head` is the last position."""
    assert (await log.read(0, 10), await log.stream(uuid.uuid4()), await log.model_events(), await log.head()) == (
        [],
        [],
        [],
        0,
    )
    stream, model = uuid.uuid4(), uuid.uuid4()
    await together(log, [Wish(stream, 0, ("a", "b"))])
    await log.append(model, 0, [ModelRetired(at=AT)], CAUSE)
    await together(log, [Wish(stream, 2, ("c",))])
    everything = await log.read(0, 10)
    assert [(each.position, each.stream, each.version) for each in everything] == [
        (1, stream, 1),
        (2, stream, 2),
        (3, model, 1),
        (4, stream, 3),
    ]
    assert await log.read(1, 2) == everything[1:3]
    assert await log.read(4, 10) == []
    assert await log.stream(stream) == [*everything[:2], everything[3]]
    assert await log.model_events() == [everything[2]]
    assert await log.head() == 4


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        pytest.param("FromTheFuture", b'{"event":"FromTheFuture","at":"2026-01-01T00:00:00Z"}', id="unknown event"),
        pytest.param("ProviderProgressed", b'{"event":"ProviderProgressed"}', id="field missing"),
        pytest.param("ProviderProgressed", b'{"event":"ProviderProg', id="cut"),
        pytest.param("ProviderProgressed", b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param("ProviderProgressed", b"", id="empty"),
        pytest.param("ProviderProgressed", b'{"from_the_future":' + b"[" * 100_000, id="bottomless"),
    ],
)
async def test_what_cannot_be_decoded_is_unreadable(log: EventLog, topic: str, state: bytes) -> None:
    """An event that this version can't decode is Unreadable at its place; the others are read normally."""
    stream = uuid.uuid4()
    await log.append_encoded(stream, 0, [(topic, state)], CAUSE)
    await together(log, [Wish(stream, 1, ("readable",))])
    unreadable, readable = await log.read(0, 10)
    assert isinstance(unreadable.event, Unreadable)
    assert unreadable.event.topic == topic
    assert unreadable.event.problem
    assert (unreadable.position, unreadable.version) == (1, 1)
    assert phase_of(readable.event) == "readable"


async def test_history_has_everything(log: EventLog, database_url: str) -> None:
    """The history has the stored form, the time and the cause of each event of a stream."""
    stream, cause = uuid.uuid4(), Cause(actor="me", request_id="r")
    await log.append(stream, 0, [progress("a"), progress("b")], cause)
    await log.append_encoded(stream, 2, [("FromTheFuture", b"?")], CAUSE)
    await together(log, [Wish(uuid.uuid4(), 0, ("other",))])
    head, past = await log.history(stream, after=0, limit=10)
    events = await log.stream(stream)
    assert head == len(past)
    assert [(each.position, each.version) for each in past] == [(each.position, each.version) for each in events]
    assert await log.history(stream, after=1, limit=1) == (head, past[1:2])
    assert await log.history(stream, after=head, limit=1) == (head, [])
    assert await log.history(uuid.uuid4(), after=0, limit=1) == (0, [])
    rows = [row for row in await stored(database_url) if row.stream == stream]
    assert [(p.topic, p.state, p.recorded_at) for p in past] == [(r.topic, r.state, r.recorded_at) for r in rows]
    commands = [each.cause.command_id for each in past]
    assert [replace(each.cause, command_id=None) for each in past] == [cause, cause, CAUSE]
    assert None not in commands
    assert (commands[0] == commands[1], commands[1] == commands[2]) == (True, False)


async def test_mistake_in_reading_stays_what_it_is(log: EventLog) -> None:
    """A query that PostgreSQL refuses is a bug of ours, not an outage, and its error is raised unchanged."""
    with pytest.raises(asyncpg.PostgresError, match="LIMIT must not be negative"):
        await log.read(0, -1)


async def test_newer_fields_are_tolerated(log: EventLog) -> None:
    """A field that a newer Pixel added does not make an event unreadable."""
    stream = uuid.uuid4()
    state = b'{"event":"ProviderProgressed","at":"2026-01-01T00:00:00Z","phase":"x","from_the_future":[1]}'
    await log.append_encoded(stream, 0, [("ProviderProgressed", state)], CAUSE)
    assert [each.event for each in await log.stream(stream)] == [progress("x")]


async def test_stored_form_is_json_under_its_tag(log: EventLog, database_url: str) -> None:
    """SQL reads an event: the topic is its tag, the state is JSON in UTF-8."""
    await log.append(uuid.uuid4(), 0, [progress("ü")], CAUSE)
    async with connected(database_url) as connection:
        rows = await connection.fetch("SELECT topic, convert_from(state, 'UTF8')::jsonb ->> 'phase' FROM stored_events")
    assert [tuple(row) for row in rows] == [("ProviderProgressed", "ü")]


# --- Waking followers up ---


async def test_other_nodes_are_woken(database_url: str) -> None:
    """A follower on another node is woken by an append without polling, and can then read the event."""
    async with opened(database_url, listening=True) as here, opened(database_url, listening=True) as there:
        appended = there.appended()
        await _rung(appended)  # it listens now
        for n in range(1, 6):
            appended.clear()
            append = _append(here)
            seen = 0
            while seen < n:
                await _rung(appended)
                appended.clear()
                seen = len(await there.read(0, 10))
            await append


async def test_followers_here_need_no_notify(log: EventLog) -> None:
    """A follower in the process is woken by the commit itself."""
    events = [log.appended(), log.appended()]
    await together(log, [Wish(uuid.uuid4(), 0, ("a",))])
    assert all(appended.is_set() for appended in events)


async def test_no_notify_inside_an_append(log: EventLog, database_url: str) -> None:
    """An append by itself notifies nobody: a NOTIFY in its transaction would serialise the commits of the server."""
    async with connected(database_url) as listener, connected(database_url) as other:
        payloads, last = await _listened(listener)
        await together(log, [Wish(uuid.uuid4(), n, ("a",)) for n in range(3)])
        await other.execute("NOTIFY pixel_appended, 'last'")  # notifications come in the order of their commits
        await asyncio.wait_for(last.wait(), patient(PATIENT))
    assert payloads == ["last"]


async def test_notifies_are_coalesced(database_url: str) -> None:
    """Many appends, few notifications: one notification is for all commits since the last one."""
    async with connected(database_url) as listener, connected(database_url) as other:
        async with opened(database_url, listening=True) as log:
            appended = log.appended()
            await _rung(appended)
            payloads, last = await _listened(listener)
            await together(log, [Wish(uuid.uuid4(), 0, ("a",)) for _ in range(300)])

            async def notified() -> bool:
                return bool(payloads)

            await until(notified)
        await other.execute("NOTIFY pixel_appended, 'last'")
        await asyncio.wait_for(last.wait(), patient(PATIENT))
    assert 1 <= len(payloads) - 1 < 30


async def test_lost_wake_ups_come_back(database_url: str) -> None:
    """A node that appends nothing itself is woken again after its listening connection was cut."""
    async with opened(database_url, listening=True) as here, opened(database_url, listening=True) as there:
        appended = there.appended()
        await _rung(appended)
        async with connected(database_url) as killer:
            await killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        appended.clear()

        async def woken() -> bool:
            await here.append(uuid.uuid4(), 0, [progress()], CAUSE)
            return appended.is_set()

        async with asyncio.timeout(patient(10)):
            await until(woken)


def _append(log: EventLog) -> asyncio.Task[Receipt]:
    return asyncio.create_task(log.append(uuid.uuid4(), 0, [progress()], CAUSE))


def _end(append: asyncio.Task[Receipt]) -> type[object] | None:
    """The type of its refusal; None when it was not answered at all."""
    append.cancel()
    return type(append.exception()) if append.done() else None


async def _rung(appended: asyncio.Event) -> None:
    await asyncio.wait_for(appended.wait(), patient(PATIENT))


async def _listened(connection: Any) -> tuple[list[str], asyncio.Event]:
    """The payloads on the channel of the wake-ups from now on, and whether one of them was "last"."""
    payloads: list[str] = []
    last = asyncio.Event()

    def hear(_: object, __: int, ___: str, payload: object) -> None:
        payloads.append(str(payload))
        if payload == "last":
            last.set()

    await connection.add_listener("pixel_appended", hear)
    return payloads, last
