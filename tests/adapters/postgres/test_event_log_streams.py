"""The laws of a command that spans streams: it is accepted or refused as a whole, and nobody else notices."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.event_log import EventLog
from application.ports import Append, Cause, Conflict, Receipt
from tests.adapters.postgres.event_log_rig import (
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
from tests.adapters.postgres.proxy import proxied, visible
from tests.patience import patient


@pytest.fixture
async def log(database_url: str) -> AsyncGenerator[EventLog]:
    """A log on an empty database."""
    async with opened(database_url) as opened_log:
        yield opened_log


async def spanning(log: EventLog, wishes: Sequence[Wish]) -> list[Receipt]:
    """One command for several streams."""
    return await log.append_all([Append(w.stream, w.expected, [progress(p) for p in w.phases]) for w in wishes], CAUSE)


async def side_by_side(log: EventLog, commands: Sequence[Sequence[Wish]]) -> list[list[Receipt] | BaseException]:
    """Commands that are waiting at the same moment, hence in one batch, and what became of each."""
    async with asyncio.timeout(patient(PATIENT)):
        return await asyncio.gather(*(spanning(log, wishes) for wishes in commands), return_exceptions=True)


async def test_all_parts_or_none(log: EventLog, database_url: str) -> None:
    """All streams of a command get their events, next to each other, or none does when one of them has moved."""
    a, b, c, d = (uuid.uuid4() for _ in range(4))
    assert await spanning(log, [Wish(a, 0, ("1", "2")), Wish(b, 0, ("3",)), Wish(c, 0, ("4",))]) == [
        Receipt(2, 2),
        Receipt(1, 3),
        Receipt(1, 4),
    ]
    with pytest.raises(Conflict, match="ends at version 1, not 0"):
        await spanning(log, [Wish(a, 2, ("no",)), Wish(b, 0, ("no",)), Wish(d, 0, ("no",))])
    rows = await stored(database_url)
    assert [(row.position, row.stream, row.version) for row in rows] == [(1, a, 1), (2, a, 2), (3, b, 1), (4, c, 1)]
    assert len({(row.xid, row.recorded_at) for row in rows}) == 1
    assert await spanning(log, [Wish(a, 2, ("5",)), Wish(d, 0, ("6",))]) == [Receipt(3, 5), Receipt(1, 6)]


async def test_a_refused_command_fails_no_neighbour(log: EventLog, database_url: str) -> None:
    """In one batch, a command of several streams that is refused costs the others nothing, however many streams they
    have; and a conflict of theirs costs it nothing."""
    taken, *new = (uuid.uuid4() for _ in range(6))
    await spanning(log, [Wish(taken, 0, ("taken",))])
    before, refused, whole, alone = await side_by_side(
        log,
        [
            [Wish(new[0], 0, ("a",)), Wish(new[1], 0, ("a",))],
            [Wish(new[2], 0, ("no",)), Wish(taken, 0, ("no",)), Wish(new[3], 0, ("no",))],
            [Wish(new[4], 0, ("b", "b"))],
            [Wish(taken, 5, ("no",))],
        ],
    )
    assert (before, whole) == ([Receipt(1, 2), Receipt(1, 3)], [Receipt(2, 5)])
    assert isinstance(refused, Conflict)
    assert isinstance(alone, Conflict)
    rows = await stored(database_url)
    assert {row.stream for row in rows} == {taken, new[0], new[1], new[4]}
    assert len({row.xid for row in rows[1:]}) == 1, "it was one batch"


@pytest.mark.parametrize("shared", [0, 1, 2])
async def test_commands_with_a_stream_in_common_keep_their_order(log: EventLog, shared: int) -> None:
    """Of commands that wait together and have a stream in common, a later one sees what an earlier one appended, also
    when a third stands between them."""
    streams = [uuid.uuid4() for _ in range(3)]
    first = [Wish(stream, 0, ("first",)) for stream in streams]
    second = [Wish(streams[shared], 1, ("second",)), Wish(uuid.uuid4(), 0, ("x",))]
    third = [Wish(second[1].stream, 1, ("third",)), Wish(uuid.uuid4(), 0, ("y",))]
    outcomes = await side_by_side(log, [first, second, third, [Wish(third[1].stream, 1, ("fourth",))]])
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert [phase_of(each.event) for each in await log.stream(streams[shared])] == ["first", "second"]
    assert [phase_of(each.event) for each in await log.stream(second[1].stream)] == ["x", "third"]
    assert [phase_of(each.event) for each in await log.stream(third[1].stream)] == ["y", "fourth"]


PART = st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 0, -1, 1]), st.integers(1, 2))
COMMAND = st.lists(PART, min_size=1, max_size=4, unique_by=lambda part: part[0])


@given(st.lists(st.lists(COMMAND, min_size=1, max_size=6), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_commands_are_decided_as_by_a_dictionary(
    log: EventLog, batches: list[list[list[tuple[int, int, int]]]]
) -> None:
    """Whatever is appended together: a command is accepted exactly when each of its streams ends where it says; then
    its events stand next to each other, part after part, and a refused one leaves no trace and no gap."""
    streams = [uuid.uuid4() for _ in range(6)]
    ends = dict.fromkeys(streams, 0)
    position = await log.head()
    for batch in batches:
        commands = [
            [Wish(streams[n], max(0, ends[streams[n]] + off), ("x",) * count) for n, off, count in command]
            for command in batch
        ]
        outcomes = await side_by_side(log, commands)
        positions: list[int] = []
        for wishes, outcome in zip(commands, outcomes, strict=True):
            if any(wish.expected != ends[wish.stream] for wish in wishes):
                assert isinstance(outcome, Conflict)
                continue
            assert not isinstance(outcome, BaseException)
            for wish, receipt in zip(wishes, outcome, strict=True):
                ends[wish.stream] += len(wish.phases)
                assert receipt.version == ends[wish.stream]
            count = sum(len(wish.phases) for wish in wishes)
            first = outcome[-1].position - count + 1
            assert [receipt.position for receipt in outcome] == [
                first + sum(len(wish.phases) for wish in wishes[: n + 1]) - 1 for n in range(len(wishes))
            ]
            positions += range(first, first + count)
        assert sorted(positions) == list(range(position + 1, position + 1 + len(positions)))
        position += len(positions)
    for stream, end in ends.items():
        assert [each.version for each in await log.stream(stream)] == list(range(1, end + 1))
    assert await log.head() == position


async def test_one_winner_among_nodes(database_url: str) -> None:
    """Of commands over the same streams that two nodes decide at once one is stored, whole, and the other is not."""
    async with opened(database_url) as here, opened(database_url) as there:
        for _ in range(10):
            a, b, c = sorted(uuid.uuid4() for _ in range(3))
            outcomes = await asyncio.gather(
                side_by_side(here, [[Wish(a, 0, ("here",)), Wish(b, 0, ("here",))]]),
                side_by_side(there, [[Wish(c, 0, ("there",)), Wish(b, 0, ("there",))]]),
            )
            assert {type(outcome) for [outcome] in outcomes} == {list, Conflict}
            phases = [[phase_of(each.event) for each in await here.stream(stream)] for stream in (a, b, c)]
            assert phases in ([["here"], ["here"], []], [[], ["there"], ["there"]])


async def test_a_large_command_is_one_commit(log: EventLog, database_url: str) -> None:
    """A command of more streams than a batch has is one commit all the same, and so is its conflict."""
    wishes = [Wish(uuid.uuid4(), 0, ("x",)) for _ in range(700)]
    neighbours, receipts = await asyncio.gather(
        together(log, [Wish(uuid.uuid4(), 0, ("n",)) for _ in range(20)]), spanning(log, wishes)
    )
    assert [type(neighbour) for neighbour in neighbours] == [Receipt] * 20
    assert [receipt.version for receipt in receipts] == [1] * 700
    own = {wish.stream for wish in wishes}
    assert len({row.xid for row in await stored(database_url) if row.stream in own}) == 1
    with pytest.raises(Conflict):
        await spanning(log, [*(Wish(uuid.uuid4(), 0, ("no",)) for _ in range(600)), wishes[0]])
    assert await log.head() == 720


async def test_one_bad_part_refuses_the_command_alone(log: EventLog, database_url: str) -> None:
    """What PostgreSQL refuses in one part refuses the whole command, and no other."""
    good, bad, neighbour = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    refused, receipt = await asyncio.gather(
        log.append_all([Append(good, 0, [progress()]), Append(bad, 2**63, [progress()])], CAUSE),
        log.append(neighbour, 0, [progress()], CAUSE),
        return_exceptions=True,
    )
    assert isinstance(refused, asyncpg.DataError)
    assert receipt == Receipt(1, 1)
    assert [row.stream for row in await stored(database_url)] == [neighbour]


async def test_the_cause_is_the_same_in_every_stream(log: EventLog, database_url: str) -> None:
    """All events of a command have its cause and its command id."""
    wishes = [Append(uuid.uuid4(), 0, [progress(), progress()]), Append(uuid.uuid4(), 0, [progress()])]
    await log.append_all(wishes, Cause(actor="me", request_id="r"))
    async with connected(database_url) as connection:
        rows = await connection.fetch("SELECT DISTINCT metadata FROM stored_events")
    assert len(rows) == 1


async def test_a_command_of_nothing_or_twice_for_a_stream_is_a_mistake(log: EventLog) -> None:
    """Without parts, with an empty one, or with two for one stream it is refused at once."""
    stream = uuid.uuid4()
    for wishes in ([], [Wish(stream, 0, ()), Wish(uuid.uuid4(), 0, ("x",))], [Wish(stream, 0, ("x",))] * 2):
        with pytest.raises(ValueError, match="an append"):
            await spanning(log, wishes)
    assert await log.head() == 0


# --- When the answer is lost ---


@pytest.mark.parametrize("opposed", [False, True], ids=["unopposed", "beside a conflict"])
async def test_committed_but_not_answered(database_url: str, *, opposed: bool) -> None:
    """A command of several streams that was committed and whose reply was lost is found again by its id: it gets its
    own receipts, once, even if one of its streams has moved on."""
    a, b, taken = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:
        await spanning(log, [Wish(taken, 0, ("taken",))])

        async def overtake() -> None:
            await visible(database_url, "last-part")()
            async with opened(database_url) as other:
                await spanning(other, [Wish(b, 1, ("theirs",))])

        proxy.cut_at("last-part", delivered=True, meanwhile=overtake, passes=1 if opposed else 0)
        commands = [[Wish(a, 0, ("x", "x")), Wish(b, 0, ("last-part",))]]
        outcomes = await side_by_side(log, [*commands, *([[Wish(taken, 0, ("no",))]] if opposed else [])])
        assert proxy.cuts == 1
    assert outcomes[0] == [Receipt(2, 3), Receipt(1, 4)]
    assert [type(outcome) for outcome in outcomes[1:]] == [Conflict] * opposed
    rows = await stored(database_url)
    assert [(row.stream, row.version) for row in rows] == [(taken, 1), (a, 1), (a, 2), (b, 1), (b, 2)]


async def test_lost_and_beaten_in_one_stream(database_url: str) -> None:
    """A lost command is a conflict as a whole if another one was stored in one of its streams: none of its parts is."""
    a, b = uuid.uuid4(), uuid.uuid4()
    async with proxied(database_url) as proxy, opened(database_url, through=proxy.dsn) as log:

        async def beat() -> None:
            async with opened(database_url) as other:
                await spanning(other, [Wish(b, 0, ("theirs",))])

        proxy.cut_at("mine", delivered=False, meanwhile=beat)
        with pytest.raises(Conflict):
            await spanning(log, [Wish(a, 0, ("mine",)), Wish(b, 0, ("mine",))])
        assert proxy.cuts == 1
    assert [(row.stream, row.version) for row in await stored(database_url)] == [(b, 1)]


async def test_a_caller_who_left_is_stored_whole_or_not_at_all(database_url: str) -> None:
    """A command whose caller gives up during its commit is stored whole; one whose caller left before is not stored."""
    a, b, c, d = (uuid.uuid4() for _ in range(4))
    async with opened(database_url) as log, connected(database_url) as watcher:
        async with append_lock_held(database_url):
            leaving = asyncio.create_task(spanning(log, [Wish(a, 0, ("x",)), Wish(b, 0, ("x",))]))
            await waiting_for_append_lock(watcher, 1)
            early = asyncio.create_task(spanning(log, [Wish(c, 0, ("x",)), Wish(d, 0, ("x",))]))
            await asyncio.sleep(0)
            leaving.cancel()
            early.cancel()

        async def there() -> bool:
            return await log.head() == 2

        await until(there)
        await log.drain()
    assert {row.stream for row in await stored(database_url)} == {a, b}
