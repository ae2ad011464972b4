"""Laws of parked streams: a stream that can't be folded waits in order, is listed, and stops no other stream."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from projections import parking
from projections.base import ReadModel
from projections.monitoring import status
from projections.parking import parked, retry_parked
from projections.tasks import TASKS, find_many
from tests.projections.counting_model import COUNTING_MODEL, assert_each_event_seen_once, failing_model, seen_versions
from tests.projections.expected import assert_tasks_match_streams, expected_tasks, stored_tasks
from tests.projections.projection_rig import ProjectionRig, running, stopped, until, wait_for
from tests.projections.scenario import accepted, called
from tests.projections.tcp_proxy import Fault, tcp_proxy

# --- Four kinds of failing events ---


async def _append_unknown(rig: ProjectionRig, stream: UUID) -> int:
    state = b'{"event":"TaskTeleported","at":"2026-03-01T12:00:00Z"}'
    return (await rig.append_raw(stream, "TaskTeleported", state)).position


async def _append_damaged(rig: ProjectionRig, stream: UUID) -> int:
    return (await rig.append_raw(stream, "ProviderAccepted", b'{"event":"Provider\xff')).position


async def _append_plain(rig: ProjectionRig, stream: UUID) -> int:
    return (await rig.append(stream, accepted())).position


async def _append_refused(rig: ProjectionRig, stream: UUID) -> int:
    await rig.pool.execute("ALTER TABLE tally_1.tally ADD CHECK (NOT versions @> '{3}')")
    return await _append_plain(rig, stream)


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize(
    ("read_model", "poison", "error"),
    [
        pytest.param(failing_model(), _append_plain, "ValueError('what is a job?')", id="fold raises"),
        pytest.param(COUNTING_MODEL, _append_unknown, "can't read TaskTeleported: ", id="unknown event"),
        pytest.param(COUNTING_MODEL, _append_damaged, "can't read ProviderAccepted: ", id="damaged event"),
        pytest.param(COUNTING_MODEL, _append_refused, "CheckViolationError(", id="row refused"),
    ],
)
async def test_a_failing_stream_waits_alone(
    rig: ProjectionRig,
    read_model: ReadModel[Any],
    poison: Callable[[ProjectionRig, UUID], Awaitable[int]],
    error: str,
    batch: int,
) -> None:
    """The failing event and all later ones of its stream wait, at any batch size; the other streams go on."""
    first, sick = await rig.begin(), await rig.begin(called())
    await rig.append(first, called())
    position = await poison(rig, sick)
    await rig.append(sick, called(2))
    last = await rig.begin(called())
    wanted: dict[UUID, tuple[int, ...]] = {first: (1, 2), sick: (1, 2), last: (1, 2)}
    for _ in ("at first", "and after a restart"):
        async with running(rig.runner(read_model, batch=batch)):
            await rig.caught_up("tally")
            assert await seen_versions(rig) == wanted
            await rig.append(sick, called(3))
            new = await rig.begin()
            wanted[new] = (1,)
            await rig.caught_up("tally")
            assert await seen_versions(rig) == wanted
            (entry,) = await parked(rig.pool)
            assert (entry.name, entry.stream, entry.position) == ("tally", sick, position)
            assert error in entry.error
            head = await rig.log.head()
            (row,) = [row for row in await status(rig.pool) if row.name == "tally"]
            assert (row.position, row.lag, row.parked) == (head, 0, 1)
        await until(lambda: rig.is_left("tally"))


# --- Rows that can't be stored ---


@pytest.mark.parametrize(
    "project_id",
    ["nul \0 in it", "".join(chr(0x4E00 + n) for n in range(6000))],
    ids=["a character that text can't hold", "too long for the index"],
)
async def test_a_row_that_postgresql_refuses_parks_only_its_own_stream(rig: ProjectionRig, project_id: str) -> None:
    """A value that no row can hold parks its own task, and stops no other."""
    good = await rig.begin()
    bad = await rig.begin(project_id=project_id)
    await rig.append(good, called())
    last = await rig.begin()
    async with running(rig.runner(TASKS)):
        await rig.caught_up("tasks")
        await rig.append(bad, called())
        await rig.append(last, called())
        await rig.caught_up("tasks")
        assert await stored_tasks(rig) == await expected_tasks(rig, [good, last])
        assert [each.stream for each in await parked(rig.pool)] == [bad]


async def test_an_unreadable_row_parks_only_its_own_stream(rig: ProjectionRig) -> None:
    """A stored row that can't be decoded parks its own task; a retry folds the task from the start."""
    bad, good = await rig.begin(), await rig.begin()
    await rig.follow(TASKS)
    await rig.pool.execute("UPDATE tasks SET body = '{}' WHERE stream = $1", bad)
    async with running(rig.runner(TASKS)):
        await rig.append(bad, called())
        await rig.append(good, called())
        await rig.caught_up("tasks")
        (seen,) = await find_many(rig.pool, [good])
        assert seen.version == 2
        assert [each.stream for each in await parked(rig.pool)] == [bad]
        assert await retry_parked(rig.pool, "tasks") == 1
        await until(lambda: _nothing_parked(rig))
        await assert_tasks_match_streams(rig)


async def _nothing_parked(rig: ProjectionRig) -> bool:
    return not await parked(rig.pool)


# --- Trying again ---


async def test_a_parked_stream_is_folded_again_on_request(rig: ProjectionRig) -> None:
    """When the code can fold the event, the complete stream is folded, its entry goes, later events follow."""
    well: list[bool] = []
    sick = await rig.begin(called(), accepted(), called(2))
    async with running(rig.runner(failing_model(lambda: not well))):
        await rig.caught_up("tally")
        await rig.append(sick, called(3))
        await rig.caught_up("tally")
        assert (await seen_versions(rig))[sick] == (1, 2)
        well.append(True)
        assert await retry_parked(rig.pool, "tally") == 1
        await until(lambda: _nothing_parked(rig))
        assert await seen_versions(rig) == {sick: (1, 2, 3, 4, 5)}
        await rig.append(sick, called(4))
        await assert_each_event_seen_once(rig)


async def test_repaired_code_retries_parked_streams_at_its_start(rig: ProjectionRig) -> None:
    """A runner retries parked streams once at its start: a release that repairs the fold needs no command."""
    sick, good = await rig.begin(called(), accepted(), called(2)), await rig.begin(called())
    await rig.follow(failing_model())
    assert [each.stream for each in await parked(rig.pool)] == [sick]
    await rig.append(sick, called(3))
    await rig.append(good, called(2))
    async with running(rig.runner(COUNTING_MODEL)):
        await until(lambda: _nothing_parked(rig))
        await assert_each_event_seen_once(rig)
        await rig.append(sick, called(4))
        await assert_each_event_seen_once(rig)


async def test_a_stream_that_still_fails_stays_parked(rig: ProjectionRig) -> None:
    """Without a repair a retry changes neither the row nor the entry; and there is one retry."""
    sick = await rig.begin(called(), accepted(), called(2))
    async with running(rig.runner(failing_model())):
        await rig.caught_up("tally")
        before = await parked(rig.pool)
        assert await retry_parked(rig.pool, "tally") == 1
        await until(lambda: _nothing_to_retry(rig))
        await rig.append(sick, called(3))
        await rig.caught_up("tally")
        assert await parked(rig.pool) == before
        assert await seen_versions(rig) == {sick: (1, 2)}
    assert await retry_parked(rig.pool, "tasks") == 0


async def _nothing_to_retry(rig: ProjectionRig) -> bool:
    return not await rig.pool.fetchval("SELECT count(*) FROM parked_streams WHERE retry")


async def test_parked_streams_are_retried_under_traffic(rig: ProjectionRig) -> None:
    """A repair does not wait for a quiet moment."""
    well: list[bool] = []
    sick = await rig.begin(called(), accepted())
    async with running(rig.runner(failing_model(lambda: not well), batch=1)):
        await rig.caught_up("tally")
        well.append(True)
        for _ in range(200):
            await rig.begin()
        async with rig.traffic():
            assert await retry_parked(rig.pool, "tally") == 1
            await until(lambda: _nothing_parked(rig))
        await assert_each_event_seen_once(rig)
    assert (await seen_versions(rig))[sick] == (1, 2, 3)


async def test_every_one_of_many_parked_streams_waits(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart may retry some of them only, and continues none of them without success."""
    monkeypatch.setattr(parking, "MAX_PARKED", 2)
    sick = [await rig.begin(accepted(), called()) for _ in range(5)]
    for _ in ("at first", "and after a restart"):
        async with running(rig.runner(failing_model())):
            for stream in sick:
                await rig.append(stream, called(2))
            await rig.caught_up("tally")
            assert await seen_versions(rig) == dict.fromkeys(sick, (1,))
        await until(lambda: rig.is_left("tally"))
    async with running(rig.runner(COUNTING_MODEL)):
        for _ in sick:
            await retry_parked(rig.pool, "tally")
            await until(lambda: _nothing_to_retry(rig))
        await assert_each_event_seen_once(rig)


async def test_a_stream_parked_meanwhile_stays_parked(rig: ProjectionRig) -> None:
    """A runner that takes over reads the parked streams after it has the lead, not before."""
    sick = await rig.begin()
    first = failing_model()
    async with tcp_proxy(rig.dsn) as proxy, running(rig.runner(first)) as one:
        await rig.caught_up("tally")
        proxy.at(b"pg_try_advisory_lock", Fault.HOLD)
        async with running(rig.runner(first, dsn=proxy.dsn)):
            await wait_for(proxy.triggered)
            await rig.append(sick, accepted())
            await rig.caught_up("tally")
            await stopped(one)
            await until(lambda: rig.is_left("tally"))
            proxy.go_on()
            await until(lambda: rig.leaders("tally"))
            await rig.append(sick, called())
            await rig.begin()
            await rig.caught_up("tally")
            assert (await seen_versions(rig))[sick] == (1,)
            assert [each.stream for each in await parked(rig.pool)] == [sick]


async def test_a_rebuild_parks_failing_streams_itself(rig: ProjectionRig) -> None:
    """Parked streams belong to a build: a new one parks its own, the old entries go with the old one."""
    sick = await rig.begin(called(), accepted())
    await rig.follow(failing_model())
    await rig.runner(failing_model()).rebuild()
    assert await seen_versions(rig) == {sick: (1, 2)}
    assert [each.stream for each in await parked(rig.pool)] == [sick]
    assert [row.parked for row in await status(rig.pool) if row.name == "tally"] == [1]
    await rig.runner(COUNTING_MODEL).rebuild()
    assert await seen_versions(rig) == {sick: (1, 2, 3)}
    assert await parked(rig.pool) == []
