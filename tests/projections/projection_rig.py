"""The rig of these tests: a real log on a real PostgreSQL, runners, and waits for a position."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg

from adapters.postgres.database import Connection, Pool
from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from application.ports import Cause, Receipt
from domain.base import replace
from projections.base import ReadModel, StreamId
from projections.monitoring import ReadModelStatus, status
from projections.runner import SILENCE_SECONDS, Runner
from tests.patience import patient
from tests.projections.scenario import accepted, called, requested

CAUSE = Cause(actor="test")
PATIENCE_SECONDS = 20.0


async def until(true: Callable[[], Awaitable[object]]) -> None:
    """Wait until a condition holds. Raises TimeoutError when it never does."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        while not await true():
            await asyncio.sleep(0.005)


async def wait_for(event: asyncio.Event) -> None:
    """Wait for an event. Raises TimeoutError when it never comes."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        await event.wait()


@asynccontextmanager
async def running(runner: Runner) -> AsyncGenerator["asyncio.Task[None]"]:
    """Run a runner until the end of the block. Raises the error that it died of."""
    task = asyncio.create_task(runner.run())
    try:
        yield task
    finally:
        await stopped(task)


async def stopped(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait for its end. Raises the error that it died of."""
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=patient(PATIENCE_SECONDS))
        stuck = not task.done()
        task.cancel()
        assert not stuck, "it does not stop when it is cancelled"
    if not task.cancelled():
        task.result()


class ProjectionRig(NamedTuple):
    """A migrated database of one test, and the log in it. Its writer and listener run."""

    dsn: str
    pool: Pool
    log: EventLog

    # --- Events ---

    async def append(self, stream: UUID, *events: Any) -> Receipt:
        """Append to the end of a stream, all events of the call at once."""
        return await self.log.append(stream, len(await self.log.stream(stream)), events, CAUSE)

    async def append_raw(self, stream: UUID, topic: str, state: bytes) -> Receipt:
        """Append an event in its stored form, also one that no Pixel writes."""
        return await self.log.append_encoded(stream, len(await self.log.stream(stream)), [(topic, state)], CAUSE)

    async def begin(self, *later: Any, **request: Any) -> UUID:
        """Append a new task: its request, then the later events."""
        stream = new_stream()
        await self.append(stream, requested(stream, **request), *later)
        return stream

    @asynccontextmanager
    async def traffic(self) -> AsyncGenerator[None]:
        """Append new tasks and their events until the end of the block."""
        over = asyncio.Event()

        async def write() -> None:
            while not over.is_set():
                stream = await self.begin()
                await self.append(stream, called(), accepted())

        writers = [asyncio.create_task(write()) for _ in range(2)]
        try:
            yield
        finally:
            over.set()
            await asyncio.gather(*writers)

    # --- Runners ---

    def runner(
        self,
        read_model: ReadModel[Any],
        *,
        dsn: str = "",
        batch: int = 500,
        advanced: Callable[[int], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
        hurry: asyncio.Event | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> Runner:
        return Runner(
            read_model,
            self.log,
            dsn or self.dsn,
            batch=batch,
            advanced=advanced,
            changed=changed,
            hurry=hurry,
            silence_seconds=silence_seconds,
        )

    async def follow(self, read_model: ReadModel[Any]) -> None:
        """Run a read model until it has caught up, then stop it."""
        async with running(self.runner(read_model)):
            await self.caught_up(read_model.name)
        await until(lambda: self.is_left(read_model.name))

    async def caught_up(self, name: str) -> None:
        """Wait until the build that serves has all events that are in the log now."""
        head = await self.log.head()
        await until(lambda: self._has_reached(name, head))

    async def _has_reached(self, name: str, position: int) -> bool:
        return bool(await self.pool.fetchval(_HAS_REACHED, name, position))

    # --- State ---

    async def builds_status(self) -> list[ReadModelStatus]:
        """The status of each build, without the fields that change by themselves: `lag_seconds` and `error`."""
        return [replace(found, lag_seconds=0.0, error=None) for found in await status(self.pool)]

    async def leaders(self, name: str) -> list[int]:
        """The backends that hold the lock of a build of a read model: one for each running leader."""
        return [row[0] for row in await self.pool.fetch(_LEADERS, name)]

    async def is_left(self, name: str) -> bool:
        """Whether PostgreSQL has noticed the end of the last runner."""
        return not await self.leaders(name)

    async def builds(self, name: str) -> list[tuple[int, int, bool]]:
        """Number, version, and whether it serves."""
        rows = [row for row in await status(self.pool) if row.name == name]
        return [(row.generation, row.version, row.serving) for row in rows]

    async def serves(self, name: str, build: int) -> bool:
        return any(number == build and serving for number, _, serving in await self.builds(name))

    async def schemas(self, name: str) -> list[str]:
        """The schemas of the tables of a read model."""
        return [row[0] for row in await self.pool.fetch(_SCHEMAS, name)]


class Gate:
    """Holds a read model in the middle of its transaction: rows are written, and nothing is committed."""

    def __init__(self, read_model: ReadModel[Any]) -> None:
        async def save(connection: Connection, rows: dict[StreamId, Any]) -> None:
            await read_model.save(connection, rows)
            await self._hold()

        async def insert(connection: Connection, rows: dict[StreamId, Any]) -> None:
            await (read_model.insert or read_model.save)(connection, rows)
            await self._hold()

        self.read_model = read_model._replace(save=save, insert=insert)
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def _hold(self) -> None:
        self.reached.set()
        await self.opened.wait()


def under(read_model: ReadModel[Any], name: str) -> ReadModel[Any]:
    """The same read model under another name, so that several can run side by side."""
    return read_model._replace(
        name=name, ddl=f"{read_model.ddl}\nCREATE VIEW {name} AS SELECT * FROM {read_model.name}"
    )


async def disconnect_everybody(dsn: str) -> None:
    """Close every connection to this database at once, as a restart of PostgreSQL does."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_DISCONNECT)
    finally:
        await connection.close()


_HAS_REACHED: LiteralString = "SELECT position >= $2 FROM public.read_models WHERE name = $1 AND serving"
# The lock that a runner holds ends in the number of its build; number 0 stands for the name, and is held briefly.
_LEADERS: LiteralString = """
SELECT l.pid FROM pg_locks l JOIN public.read_models m ON l.objid::bigint & 2147483647 = m.generation
WHERE m.name = $1 AND l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SCHEMAS: LiteralString = "SELECT nspname FROM pg_namespace WHERE nspname ~ ('^' || $1 || '_[0-9]+$') ORDER BY 1"
_DISCONNECT: LiteralString = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
