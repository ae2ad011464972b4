"""Laws of parked streams: what can't be followed waits, in order and in sight, and stops nobody else."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from projections import runner
from projections.base import ReadModel
from projections.runner import parked, retry_parked, status
from projections.tasks import TASKS, find_many
from tests.projections.ground import Ground, running, stopped, struck, until
from tests.projections.story import accepted, called
from tests.projections.tally import TALLY, breaking, everything_was_told_once, tallies
from tests.projections.truth import folded, tasks, the_tasks_are_right
from tests.projections.wire import Order, strung

# --- Four kinds of poison ---


async def _append_unknown(ground: Ground, stream: UUID) -> int:
    state = b'{"event":"TaskTeleported","at":"2026-03-01T12:00:00Z"}'
    return (await ground.append_raw(stream, "TaskTeleported", state)).position


async def _append_damaged(ground: Ground, stream: UUID) -> int:
    return (await ground.append_raw(stream, "ProviderAccepted", b'{"event":"Provider\xff')).position


async def _append_plain(ground: Ground, stream: UUID) -> int:
    return (await ground.append(stream, accepted())).position


async def _append_refused(ground: Ground, stream: UUID) -> int:
    await ground.pool.execute("ALTER TABLE tally_1.tally ADD CHECK (NOT versions @> '{3}')")
    return await _append_plain(ground, stream)


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize(
    ("model", "poison", "error"),
    [
        pytest.param(breaking(), _append_plain, "ValueError('what is a job?')", id="fold raises"),
        pytest.param(TALLY, _append_unknown, "can't read TaskTeleported: ", id="unknown event"),
        pytest.param(TALLY, _append_damaged, "can't read ProviderAccepted: ", id="damaged event"),
        pytest.param(TALLY, _append_refused, "CheckViolationError(", id="row refused"),
    ],
)
async def test_a_poisoned_stream_waits_alone(
    ground: Ground,
    model: ReadModel[Any],
    poison: Callable[[Ground, UUID], Awaitable[int]],
    error: str,
    batch: int,
) -> None:
    """The event that fails and all that follow it in its stream wait, whatever the batch; the other streams flow on."""
    first, sick = await ground.begin(), await ground.begin(called())
    await ground.append(first, called())
    position = await poison(ground, sick)
    await ground.append(sick, called(2))
    last = await ground.begin(called())
    wanted: dict[UUID, tuple[int, ...]] = {first: (1, 2), sick: (1, 2), last: (1, 2)}
    for _ in ("at first", "and after a restart"):
        async with running(ground.runner(model, batch=batch)):
            await ground.caught_up("tally")
            assert await tallies(ground) == wanted
            await ground.append(sick, called(3))
            new = await ground.begin()
            wanted[new] = (1,)
            await ground.caught_up("tally")
            assert await tallies(ground) == wanted
            (entry,) = await parked(ground.pool)
            assert (entry.name, entry.stream, entry.position) == ("tally", sick, position)
            assert error in entry.error
            head = await ground.log.head()
            (row,) = [row for row in await status(ground.pool) if row.name == "tally"]
            assert (row.position, row.lag, row.parked) == (head, 0, 1)
        await until(lambda: ground.is_left("tally"))


# --- Rows that can't be kept ---


@pytest.mark.parametrize(
    "project_id",
    ["nul \0 in it", "".join(chr(0x4E00 + n) for n in range(6000))],
    ids=["a character that text can't hold", "too long for the index"],
)
async def test_a_row_that_postgresql_refuses_parks_only_its_own_stream(ground: Ground, project_id: str) -> None:
    """A value that no row can hold stops nobody but its own task."""
    good = await ground.begin()
    bad = await ground.begin(project_id=project_id)
    await ground.append(good, called())
    last = await ground.begin()
    async with running(ground.runner(TASKS)):
        await ground.caught_up("tasks")
        await ground.append(bad, called())
        await ground.append(last, called())
        await ground.caught_up("tasks")
        assert await tasks(ground) == await folded(ground, [good, last])
        assert [each.stream for each in await parked(ground.pool)] == [bad]


async def test_a_row_that_nobody_can_read_parks_only_its_own_stream(ground: Ground) -> None:
    """A stored row that can't be decoded is trouble of its own task; asked to try again, it is folded afresh."""
    bad, good = await ground.begin(), await ground.begin()
    await ground.follow(TASKS)
    await ground.pool.execute("UPDATE tasks SET body = '{}' WHERE stream = $1", bad)
    async with running(ground.runner(TASKS)):
        await ground.append(bad, called())
        await ground.append(good, called())
        await ground.caught_up("tasks")
        (seen,) = await find_many(ground.pool, [good])
        assert seen.version == 2
        assert [each.stream for each in await parked(ground.pool)] == [bad]
        assert await retry_parked(ground.pool, "tasks") == 1
        await until(lambda: _nothing_parked(ground))
        await the_tasks_are_right(ground)


async def _nothing_parked(ground: Ground) -> bool:
    return not await parked(ground.pool)


# --- Trying again ---


async def test_a_parked_stream_is_told_afresh_when_asked(ground: Ground) -> None:
    """When the code can take the event, the whole stream is folded, the entry goes, and what comes next flows."""
    well: list[bool] = []
    sick = await ground.begin(called(), accepted(), called(2))
    async with running(ground.runner(breaking(lambda: not well))):
        await ground.caught_up("tally")
        await ground.append(sick, called(3))
        await ground.caught_up("tally")
        assert (await tallies(ground))[sick] == (1, 2)
        well.append(True)
        assert await retry_parked(ground.pool, "tally") == 1
        await until(lambda: _nothing_parked(ground))
        assert await tallies(ground) == {sick: (1, 2, 3, 4, 5)}
        await ground.append(sick, called(4))
        await everything_was_told_once(ground)


async def test_mended_code_heals_at_its_start(ground: Ground) -> None:
    """A runner tries what is parked once when it begins: a release that mends the fold needs no command."""
    sick, good = await ground.begin(called(), accepted(), called(2)), await ground.begin(called())
    await ground.follow(breaking())
    assert [each.stream for each in await parked(ground.pool)] == [sick]
    await ground.append(sick, called(3))
    await ground.append(good, called(2))
    async with running(ground.runner(TALLY)):
        await until(lambda: _nothing_parked(ground))
        await everything_was_told_once(ground)
        await ground.append(sick, called(4))
        await everything_was_told_once(ground)


async def test_a_stream_that_is_still_sick_stays_parked(ground: Ground) -> None:
    """Trying again changes nothing when nothing is mended: not the row, not the entry; and it is tried once."""
    sick = await ground.begin(called(), accepted(), called(2))
    async with running(ground.runner(breaking())):
        await ground.caught_up("tally")
        before = await parked(ground.pool)
        assert await retry_parked(ground.pool, "tally") == 1
        await until(lambda: _nothing_to_retry(ground))
        await ground.append(sick, called(3))
        await ground.caught_up("tally")
        assert await parked(ground.pool) == before
        assert await tallies(ground) == {sick: (1, 2)}
    assert await retry_parked(ground.pool, "tasks") == 0


async def _nothing_to_retry(ground: Ground) -> bool:
    return not await ground.pool.fetchval("SELECT count(*) FROM parked_streams WHERE retry")


async def test_parked_streams_are_tried_again_in_the_thick_of_traffic(ground: Ground) -> None:
    """A repair does not wait for a quiet moment."""
    well: list[bool] = []
    sick = await ground.begin(called(), accepted())
    async with running(ground.runner(breaking(lambda: not well), batch=1)):
        await ground.caught_up("tally")
        well.append(True)
        for _ in range(200):
            await ground.begin()
        async with ground.traffic():
            assert await retry_parked(ground.pool, "tally") == 1
            await until(lambda: _nothing_parked(ground))
        await everything_was_told_once(ground)
    assert (await tallies(ground))[sick] == (1, 2, 3)


async def test_every_parked_stream_waits_however_many_there_are(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart may try some of them only, but goes on with none of them."""
    monkeypatch.setattr(runner, "MAX_PARKED", 2)
    sick = [await ground.begin(accepted(), called()) for _ in range(5)]
    for _ in ("at first", "and after a restart"):
        async with running(ground.runner(breaking())):
            for stream in sick:
                await ground.append(stream, called(2))
            await ground.caught_up("tally")
            assert await tallies(ground) == dict.fromkeys(sick, (1,))
        await until(lambda: ground.is_left("tally"))
    async with running(ground.runner(TALLY)):
        for _ in sick:
            await retry_parked(ground.pool, "tally")
            await until(lambda: _nothing_to_retry(ground))
        await everything_was_told_once(ground)


async def test_a_stream_parked_meanwhile_stays_parked(ground: Ground) -> None:
    """A runner that takes over believes what the database says after it has the lead, not what it said before."""
    sick = await ground.begin()
    first = breaking()
    async with strung(ground.dsn) as wire, running(ground.runner(first)) as one:
        await ground.caught_up("tally")
        wire.at(b"pg_try_advisory_lock", Order.HOLD)
        async with running(ground.runner(first, dsn=wire.dsn)):
            await struck(wire.struck)
            await ground.append(sick, accepted())
            await ground.caught_up("tally")
            await stopped(one)
            await until(lambda: ground.is_left("tally"))
            wire.go_on()
            await until(lambda: ground.leaders("tally"))
            await ground.append(sick, called())
            await ground.begin()
            await ground.caught_up("tally")
            assert (await tallies(ground))[sick] == (1,)
            assert [each.stream for each in await parked(ground.pool)] == [sick]


async def test_a_rebuild_meets_the_poison_itself(ground: Ground) -> None:
    """What is parked belongs to a generation: a new one parks anew, or not, and the old entries go with the old one."""
    sick = await ground.begin(called(), accepted())
    await ground.follow(breaking())
    await ground.runner(breaking()).rebuild()
    assert await tallies(ground) == {sick: (1, 2)}
    assert [each.stream for each in await parked(ground.pool)] == [sick]
    assert [row.parked for row in await status(ground.pool) if row.name == "tally"] == [1]
    await ground.runner(TALLY).rebuild()
    assert await tallies(ground) == {sick: (1, 2, 3)}
    assert await parked(ground.pool) == []
