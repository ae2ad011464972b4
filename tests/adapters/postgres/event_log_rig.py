"""Shared by the tests of the event log: an open log, events to append, and waiting for a condition."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg

from adapters.postgres.database import Connection, open_pool
from adapters.postgres.event_log import EventLog
from application.ports import Cause, Receipt
from domain.task.events import ProviderProgressed
from tests.patience import patient

CAUSE = Cause(actor="test")
AT = datetime(2026, 1, 1, tzinfo=UTC)
APPEND_LOCK = 7235441291
PATIENT = 30.0
"""Seconds after which a wait has failed. No law depends on it."""


class Row(NamedTuple):
    """A stored event as SQL sees it."""

    position: int
    stream: UUID
    version: int
    topic: str
    state: bytes
    xid: int
    recorded_at: datetime


class Wish(NamedTuple):
    """A command for the log: events, by their phases, for a stream that ends at a version."""

    stream: UUID
    expected: int
    phases: tuple[str, ...]


@asynccontextmanager
async def opened(
    dsn: str,
    *,
    through: str | None = None,
    listening: bool = False,
    queue_limit: int = 10_000,
    patience_seconds: float = PATIENT,
) -> AsyncGenerator[EventLog]:
    """A log with its tasks running. `through` is another way to the same database, for the writer and the wake-ups."""
    pool = await open_pool(dsn, size=4)
    log = EventLog(through or dsn, pool, queue_limit=queue_limit, patience_seconds=patience_seconds)
    tasks = [asyncio.create_task(work()) for work in ((log.write, log.listen) if listening else (log.write,))]
    try:
        yield log
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(pool.close(), patient(PATIENT))
        assert [type(end) for end in ends] == [asyncio.CancelledError] * len(tasks), f"they go on for ever: {ends}"


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[Connection]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def append_lock_held(dsn: str) -> AsyncGenerator[None]:
    """Meanwhile every append waits inside PostgreSQL, as behind a slow writer of another process."""
    async with connected(dsn) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", APPEND_LOCK)
        yield


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(patient(PATIENT)):
        while not await condition():
            await asyncio.sleep(0.005)


async def waiting_for_append_lock(connection: Connection, count: int) -> None:
    """Wait until that many backends of this database queue for the lock of the appends, or for another advisory one."""

    async def queued() -> bool:
        return bool(await connection.fetchval(_QUEUED) >= count)

    await until(queued)


def progress(phase: str = "") -> ProviderProgressed:
    """An event. Its phase makes it recognisable."""
    return ProviderProgressed(at=AT, phase=phase)


def phase_of(event: Any) -> str | None:
    """What `progress` was called with."""
    assert isinstance(event, ProviderProgressed)
    return event.phase


async def together(log: EventLog, wishes: Iterable[Wish]) -> list[Receipt | BaseException]:
    """Appends that are waiting at the same moment, hence one batch, and what became of each."""
    appends = (log.append(wish.stream, wish.expected, [progress(p) for p in wish.phases], CAUSE) for wish in wishes)
    async with asyncio.timeout(patient(PATIENT)):
        return await asyncio.gather(*appends, return_exceptions=True)


async def stored(dsn: str) -> list[Row]:
    """The whole log, in order."""
    async with connected(dsn) as connection:
        return [Row(*row) for row in await connection.fetch(_STORED)]


_QUEUED: LiteralString = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_STORED: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state, xid::text::bigint, recorded_at
FROM stored_events ORDER BY notification_id
"""
