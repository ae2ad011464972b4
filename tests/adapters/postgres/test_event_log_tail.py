"""Many writers, one reader that remembers the last position it saw: it misses nothing, because appends take a lock.

The control is the same load through the same function without that lock, which leaves a bare sequence: there the same
reader must miss events. It proves that the test is able to fail."""

import asyncio
import json
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import accumulate, pairwise
from pathlib import Path
from typing import LiteralString, NamedTuple

from adapters.postgres.event_log import EventLog
from tests.adapters.postgres.event_log_rig import PATIENT, connected, opened, stored, until, waiting_for_append_lock
from tests.patience import patient

ROOT = Path(__file__).parents[3]
PROCESSES, WRITERS = 2, 16
LOAD_SECONDS = 3.0
LOCK = "PERFORM pg_advisory_xact_lock(7235441291);"


class Answered(NamedTuple):
    """An append as its writer saw it. Times by the machine's monotonic clock."""

    position: int
    events: int
    began: float
    ended: float


class Reader:
    """Follows the log by `position > checkpoint`, as every read model does."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.checkpoint = 0
        self.reads = 0
        self.seen: list[int] = []

    async def follow(self) -> None:
        while True:
            events = await self._log.read(self.checkpoint, 200)
            self.reads += 1
            self.seen += [event.position for event in events]
            if events:
                self.checkpoint = events[-1].position
            else:
                await asyncio.sleep(0.001)

    async def is_past(self, position: int) -> None:
        """Wait until it has seen what lies behind this position."""

        async def past() -> bool:
            return self.checkpoint > position

        await until(past)


async def test_reader_misses_nothing(database_url: str) -> None:
    """32 writers in 2 processes, one that stalls, one that rolls back: it reads all events once, in commit order."""
    async with opened(database_url) as log, _following(log) as reader, connected(database_url) as watcher:

        async def all_wait_and_reading_goes_on(_: int) -> None:
            await waiting_for_append_lock(watcher, PROCESSES)
            before = reader.reads

            async def read() -> bool:
                return reader.reads >= before + 20

            await until(read)

        async with _writers(database_url) as answers:
            stalled: list[int] = []
            loop = asyncio.get_running_loop()
            end = loop.time() + LOAD_SECONDS
            while loop.time() < end:
                stalled.append(await _append_slowly(database_url, reader, all_wait_and_reading_goes_on, "COMMIT"))
                hole = await _append_slowly(database_url, reader, all_wait_and_reading_goes_on, "ROLLBACK")
                await reader.is_past(hole)
            answered = await answers()
        await reader.is_past(await log.head() - 1)

    rows = await stored(database_url)
    positions = [row.position for row in rows]
    assert set(positions) - set(reader.seen) == set(), "missed"
    assert len(reader.seen) == len(set(reader.seen)), "seen twice"
    assert reader.seen == positions
    written = [place for each in answered for place in range(each.position - each.events + 1, each.position + 1)]
    assert sorted(written + stalled) == positions
    _assert_in_commit_order(answered)
    for earlier, later in pairwise(rows):
        assert earlier.xid <= later.xid
        assert earlier.recorded_at <= later.recorded_at
    print(f"{len(rows)} events, {len(stalled)} stalls, {len(stalled)} rollbacks, {reader.reads} reads")


async def test_control_without_the_lock_misses_events(database_url: str) -> None:
    """On a bare sequence the same reader misses what took its numbers before others and was committed after them."""
    async with connected(database_url) as setter:
        function: str = await setter.fetchval("SELECT pg_get_functiondef('pixel_append_commands'::regproc)")
        assert function.count(LOCK) == 1
        await setter.execute(function.replace(LOCK, ""))
    async with opened(database_url) as log, _following(log) as reader, _writers(database_url) as answers:
        late = {await _append_slowly(database_url, reader, reader.is_past, "COMMIT") for _ in range(3)}
        await answers()
        await reader.is_past(await log.head() - 1)
    rows = await stored(database_url)
    missed = {row.position for row in rows} - set(reader.seen)
    assert missed >= late
    print(f"the control missed {len(missed)} of {len(rows)} events")


@asynccontextmanager
async def _following(log: EventLog) -> AsyncGenerator[Reader]:
    reader = Reader(log)
    following = asyncio.create_task(reader.follow())
    try:
        yield reader
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


@asynccontextmanager
async def _writers(dsn: str) -> AsyncGenerator[Callable[[], Awaitable[list[Answered]]]]:
    """Processes full of writers. Yields, when all of them write, what ends them and returns what they were answered."""
    command = (sys.executable, "-m", "tests.adapters.postgres.event_log_writer", dsn, str(WRITERS))
    processes: list[Process] = []

    async def answers() -> list[Answered]:
        outputs = await asyncio.gather(*(process.communicate(b"") for process in processes))
        assert [process.returncode for process in processes] == [0] * PROCESSES
        return [Answered(*each) for output, _ in outputs for each in json.loads(output)]

    try:
        while len(processes) < PROCESSES:
            processes.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE))
        for process in processes:
            assert process.stdout is not None
            assert await asyncio.wait_for(process.stdout.readline(), patient(PATIENT)) == b"ready\n"
        yield answers
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.communicate()


async def _append_slowly(
    dsn: str, reader: Reader, before_the_end: Callable[[int], Awaitable[None]], end: LiteralString
) -> int:
    """An append whose transaction was open before it, while others committed, and stays open; its position."""
    async with connected(dsn) as connection:
        await connection.execute("BEGIN")
        await reader.is_past(reader.checkpoint)
        position: int = await connection.fetchval(_APPEND_ONE, uuid.uuid4())
        await before_the_end(position)
        await connection.execute(end)
        return position


def _assert_in_commit_order(answered: list[Answered]) -> None:
    """What was answered before another append began has the lower position."""
    by_end = sorted(answered, key=lambda each: each.ended)
    highest = list(accumulate((each.position for each in by_end), max))
    ended = 0
    for append in sorted(answered, key=lambda each: each.began):
        while ended < len(by_end) and by_end[ended].ended < append.began:
            ended += 1
        assert ended == 0 or highest[ended - 1] < append.position


_APPEND_ONE: LiteralString = """
SELECT position FROM pixel_append_commands(ARRAY['slow'], ARRAY['{}'::jsonb], ARRAY[1], ARRAY[$1::uuid],
                                           ARRAY[0::bigint], ARRAY[1], ARRAY[1::bigint], ARRAY['Slow'],
                                           ARRAY['{}'::bytea])
"""
