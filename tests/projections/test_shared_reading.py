"""Laws of shared reading: an event is read and decoded once, and no follower misses one."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from adapters.postgres.event_log import EventLog
from application import log_tail
from application.clock import new_stream
from application.log_tail import LogTail, Page
from application.ports import Recorded
from projections.base import ReadModel
from projections.convoy import Convoy
from projections.runner import Runner
from tests.projections.counting_model import COUNTING_MODEL
from tests.projections.projection_rig import CAUSE, ProjectionRig, running, stopped, under, until
from tests.projections.scenario import accepted, called, requested


class CountingLog(EventLog):
    """The log, which counts the decodings of each position, and the queries."""

    def __init__(self, rig: ProjectionRig) -> None:
        super().__init__(rig.dsn, rig.pool)
        self.reads = 0
        self.decoded: list[int] = []

    async def read(self, after: int, limit: int) -> list[Recorded]:
        events = await super().read(after, limit)
        self.reads += 1
        self.decoded += [recorded.position for recorded in events]
        return events


# --- The tail ---


async def test_followers_of_a_process_read_an_event_once(rig: ProjectionRig) -> None:
    """Followers that read at the same time, or a little later, get the same events, which were read once."""
    await rig.begin(called(), accepted())
    log = CountingLog(rig)
    tail = LogTail(log)
    pages = await asyncio.gather(*(tail.read(0, 100) for _ in range(4)))
    pages += [await tail.read(0, 100), await tail.read(0, 2)]
    assert log.reads == 1
    whole = pages[0].events
    assert [recorded.position for recorded in whole] == log.decoded == [1, 2, 3]
    assert [page.events for page in pages] == [whole] * 5 + [whole[:2]]
    assert (await tail.read(1, 100)).events == whole[1:]
    assert log.reads == 1


async def test_only_an_answer_of_the_log_itself_is_the_last_page(rig: ProjectionRig) -> None:
    """Remembered events may have later ones by now, so their reader has to read again."""
    await rig.begin(called())
    tail = LogTail(rig.log)
    assert (await tail.read(0, 2)).is_last is False  # a full page
    assert (await tail.read(0, 100)).is_last is False  # the remembered events
    assert await tail.read(2, 100) == Page([], is_last=True)
    await rig.begin()
    page = await tail.read(2, 100)
    assert ([recorded.position for recorded in page.events], page.is_last) == ([3], True)


async def test_the_end_of_the_log_is_asked_for_once(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for more than there is gets the end without a query, until an append is announced or some time is
    over."""
    log = CountingLog(rig)
    writing = asyncio.create_task(log.write())
    try:
        tail, stream = LogTail(log), new_stream()
        await log.append(stream, 0, [requested(stream), called()], CAUSE)
        assert [page.is_last for page in await asyncio.gather(*(tail.read(0, 100) for _ in range(4)))] == [True] * 4
        assert [(await tail.read(after, 100)).is_last for after in (0, 1, 2)] == [True] * 3
        assert (await tail.read(0, 1)).is_last is False
        assert log.reads == 1
        await log.append(stream, 2, [accepted()], CAUSE)
        assert (await tail.read(0, 100)).is_last is False
        page = await tail.read(2, 100)
        assert ([recorded.position for recorded in page.events], page.is_last) == ([3], True)
        assert await tail.read(3, 100) == Page([], is_last=True)
        assert log.reads == 2
        monkeypatch.setattr(log_tail, "FRESH_SECONDS", 0.0)
        assert await tail.read(3, 100) == Page([], is_last=True)
        assert log.reads == 3
    finally:
        await stopped(writing)


async def test_a_tail_remembers_so_much_and_no_more(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower that is further behind than the memory reads for itself, from the first event that it lacks."""
    monkeypatch.setattr(log_tail, "MAX_EVENTS", 4)
    for _ in range(10):
        await rig.begin()
    log = CountingLog(rig)
    tail = LogTail(log)
    for after in range(0, 10, 2):
        await tail.read(after, 2)
    assert log.reads == 5
    assert [recorded.position for recorded in (await tail.read(6, 100)).events] == [7, 8, 9, 10]
    assert log.reads == 5
    assert [recorded.position for recorded in (await tail.read(5, 3)).events] == [6, 7, 8]
    assert log.reads == 6
    assert [recorded.position for recorded in (await tail.read(9, 100)).events] == [10]
    assert log.reads == 6


async def test_a_reader_that_is_cancelled_leaves_the_others_their_answer(rig: ProjectionRig) -> None:
    """Followers that wait for the same page get it, although the one that queried the log was cancelled."""
    await rig.begin()
    tail = LogTail(rig.log)
    first = asyncio.create_task(tail.read(0, 100))
    others = [asyncio.create_task(tail.read(0, 100)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    assert [[recorded.position for recorded in page.events] for page in await asyncio.gather(*others)] == [[1]] * 3


async def test_read_models_that_share_a_tail_miss_nothing(rig: ProjectionRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under traffic of two processes, with hardly anything remembered, each of them gets each event once, in order."""
    monkeypatch.setattr(log_tail, "MAX_EVENTS", 3)
    tail = LogTail(rig.log)
    read_models = [under(COUNTING_MODEL, f"tally{number}") for number in range(3)]
    async with AsyncExitStack() as stack:
        for read_model in read_models:
            await stack.enter_async_context(running(Runner(read_model, rig.log, rig.dsn, tail=tail, batch=5)))
        async with rig.traffic():
            for _ in range(20):
                await rig.begin(called())
        for read_model in read_models:
            await until(lambda read_model=read_model: _has_each_event(rig, read_model))  # type: ignore[misc]


async def _has_each_event(rig: ProjectionRig, read_model: ReadModel[Any]) -> bool:
    if not await rig.pool.fetchval("SELECT to_regclass($1) IS NOT NULL", read_model.name):
        return False
    seen = {row[0]: list(row[1]) for row in await rig.pool.fetch(f"SELECT stream, versions FROM {read_model.name}")}
    stored = await rig.pool.fetch(
        "SELECT originator_id, array_agg(originator_version ORDER BY notification_id) FROM stored_events GROUP BY 1"
    )
    return seen == {row[0]: list(row[1]) for row in stored}


# --- Convoys of rebuilds ---


async def test_rebuilds_side_by_side_read_the_log_once(rig: ProjectionRig) -> None:
    """Several read models are rebuilt from one reading of the log, while it grows."""
    for _ in range(40):
        await rig.begin(called(), accepted())
    before = await rig.log.head()
    log = CountingLog(rig)
    read_models = [under(COUNTING_MODEL, f"tally{number}") for number in range(3)]
    convoy = Convoy(log, members=3)
    async with rig.traffic():
        await asyncio.gather(
            *(Runner(read_model, log, rig.dsn).rebuild(batch=50, convoy=convoy) for read_model in read_models)
        )
    assert [log.decoded.count(position) for position in range(1, before + 1)] == [1] * before
    async with AsyncExitStack() as stack:
        for read_model in read_models:
            await stack.enter_async_context(running(rig.runner(read_model)))
            await until(lambda read_model=read_model: _has_each_event(rig, read_model))  # type: ignore[misc]


async def test_a_rebuild_that_fails_does_not_hold_up_the_others(rig: ProjectionRig) -> None:
    """One rebuild of a convoy ends with its error, and the others complete."""
    for _ in range(12):
        await rig.begin(called())

    broken = COUNTING_MODEL._replace(name="tally1", ddl="CREATE TABLE tally1 (stream uuid REFERENCES nothing)")
    read_models = [under(COUNTING_MODEL, "tally0"), broken, under(COUNTING_MODEL, "tally2")]
    convoy = Convoy(rig.log, members=3)
    ends = await asyncio.gather(
        *(Runner(read_model, rig.log, rig.dsn).rebuild(batch=5, convoy=convoy) for read_model in read_models),
        return_exceptions=True,
    )
    assert [type(end).__name__ for end in ends] == ["NoneType", "UndefinedTableError", "NoneType"]
    assert await _has_each_event(rig, read_models[0])
    assert await _has_each_event(rig, read_models[2])
