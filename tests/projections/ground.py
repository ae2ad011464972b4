"""What these tests stand on: a real log over a real PostgreSQL, runners for a while, and waiting for a position."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg

from adapters.event_log import EventLog
from adapters.postgres import Connection, Pool
from application.ports import Cause, Receipt, Recorded
from application.tasks import new_stream
from domain.base import replace
from domain.ids import task_id
from domain.model import Kind
from domain.provider import Asset
from domain.task import CancellationRequested, ProviderAccepted, ProviderCalled, TaskRequested
from projections.base import Key, ReadModel
from projections.runner import Runner

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAUSE = Cause(actor="test")
PATIENCE_SECONDS = 20.0

Tally = tuple[int, ...]


class Gate:
    """Stops a read model in the middle of its transaction: rows are written, nothing is committed."""

    def __init__(self, model: ReadModel[Any]) -> None:
        async def save(connection: Connection, rows: dict[Key, Any]) -> None:
            await model.save(connection, rows)
            self.reached.set()
            await self.opened.wait()

        self.model = model._replace(save=save)
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()


class Ground(NamedTuple):
    """A migrated database of one test, and the log in it. Its writer and listener run."""

    dsn: str
    pool: Pool
    log: EventLog

    async def append(self, stream: UUID, *events: Any) -> Receipt:
        """Add to a stream, wherever it ends. All events of one call are one append."""
        return await self.log.append(stream, await self.version(stream), events, CAUSE)

    async def append_raw(self, stream: UUID, topic: str, state: bytes) -> Receipt:
        """The same for an event that this Pixel could not have written."""
        return await self.log.append_encoded(stream, await self.version(stream), [(topic, state)], CAUSE)

    async def version(self, stream: UUID) -> int:
        return len(await self.log.stream(stream))

    async def begin(self, *later: Any, **request: Any) -> UUID:
        """A new task: its request, then what came later."""
        stream = new_stream()
        await self.append(stream, requested(stream, **request), *later)
        return stream

    async def position(self, name: str) -> int:
        """The checkpoint of the generation that serves."""
        return int(await self.pool.fetchval(_POSITION, name))

    async def caught_up(self, name: str) -> None:
        """Wait until the generation that serves stands at the end of the log as it is now."""
        head = await self.log.head()
        await until(lambda: self._is_at(name, head))

    async def _is_at(self, name: str, position: int) -> bool:
        return await self.position(name) >= position

    async def follow(self, model: ReadModel[Any]) -> None:
        """Run a read model until it has caught up."""
        async with running(self.runner(model)):
            await self.caught_up(model.name)

    def runner(
        self, model: ReadModel[Any], *, dsn: str = "", batch: int = 500, advanced: Callable[[int], None] | None = None
    ) -> Runner:
        return Runner(model, self.log, dsn or self.dsn, batch=batch, advanced=advanced or (lambda _: None))

    async def leaders(self, name: str) -> list[int]:
        """The backends that hold a generation of a read model: one for each that is being worked on."""
        return [row[0] for row in await self.pool.fetch(_LEADERS, name)]

    async def no_leader(self, name: str) -> None:
        """Wait until PostgreSQL has noticed that the runner is gone."""
        await until(lambda: self._has_no_leader(name))

    async def _has_no_leader(self, name: str) -> bool:
        return not await self.leaders(name)


@asynccontextmanager
async def running(runner: Runner) -> AsyncGenerator["asyncio.Task[None]"]:
    """A runner for a while. What it dies of, if it does, is raised at the end."""
    task = asyncio.create_task(runner.run())
    try:
        yield task
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def until(true: Callable[[], Awaitable[object]]) -> None:
    """Wait for something that will come true. The deadline is there for the day when it does not."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await true():
            await asyncio.sleep(0.005)


# --- What happened ---


def after(seconds: float) -> datetime:
    """A time after the request."""
    return AT + timedelta(seconds=seconds)


def requested(stream: UUID, **changes: Any) -> TaskRequested:
    plain = TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model="sandbox/image-1",
        model_revision=1,
        params={"prompt": "a cat"},
        request_hash="hash",
        finish_by=after(900),
        at=AT,
    )
    return replace(plain, **changes)


def called(attempt: int = 1, *, at: float = 1) -> ProviderCalled:
    call = f"call-{attempt}"
    return ProviderCalled(
        attempt=attempt, provider="sandbox", call=call, digest="digest", worker="worker", epoch=1, at=after(at)
    )


def accepted(attempt: int = 1, *, at: float = 2) -> ProviderAccepted:
    return ProviderAccepted(call=f"call-{attempt}", job=f"job-{attempt}", at=after(at))


def cancelling(*, at: float = 3) -> CancellationRequested:
    return CancellationRequested(by="alice", at=after(at))


def picture(name: str = "cat") -> Asset:
    return Asset(
        id=f"asset_{name}.png", sha256=name.encode().hex(), bytes=70, media_type="image/png", width=8, height=6
    )


# --- A read model of which events it was told: exactly once and in order is (1, 2, 3 … head) ---


def _tally(row: Tally | None, recorded: Recorded) -> Tally | None:
    return (*(row or ()), recorded.version)


async def _load(connection: Connection, streams: list[Key]) -> dict[Key, Tally]:
    rows = await connection.fetch("SELECT stream, versions FROM tally WHERE stream = ANY($1::uuid[])", streams)
    return {row[0]: tuple(row[1]) for row in rows}


async def _save(connection: Connection, rows: dict[Key, Tally]) -> None:
    await connection.executemany(_SAVE, [(stream, list(row)) for stream, row in rows.items()])


async def _remove(connection: Connection, streams: list[Key]) -> None:
    await connection.execute("DELETE FROM tally WHERE stream = ANY($1::uuid[])", streams)


async def tallies(ground: Ground) -> dict[UUID, Tally]:
    """What the read model was told, by stream."""
    return {row[0]: tuple(row[1]) for row in await ground.pool.fetch("SELECT stream, versions FROM public.tally")}


async def whole(ground: Ground) -> dict[UUID, Tally]:
    """What it should have been told."""
    rows = await ground.pool.fetch(_WHOLE)
    return {row[0]: tuple(row[1]) for row in rows}


_SAVE: LiteralString = """
INSERT INTO tally (stream, versions) VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET versions = excluded.versions
"""
_WHOLE: LiteralString = """
SELECT originator_id, array_agg(originator_version ORDER BY notification_id) FROM stored_events GROUP BY originator_id
"""
_POSITION: LiteralString = "SELECT position FROM public.read_models WHERE name = $1 AND serving"
# The lock that a runner holds ends in the number of its generation.
_LEADERS: LiteralString = """
SELECT l.pid FROM pg_locks l, public.read_models m
WHERE l.locktype = 'advisory' AND l.granted AND m.name = $1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.objid::bigint & 2147483647 = m.generation
"""

TALLY: ReadModel[Tally] = ReadModel(
    "tally",
    1,
    "CREATE TABLE tally (stream uuid PRIMARY KEY, versions bigint[] NOT NULL);",
    _tally,
    _load,
    _save,
    _remove,
)


def under(model: ReadModel[Any], name: str) -> ReadModel[Any]:
    """The same read model under another name, so that several live beside each other."""
    return model._replace(name=name, ddl=f"{model.ddl}\nCREATE VIEW {name} AS SELECT * FROM {model.name}")


async def disconnect_everybody(dsn: str) -> None:
    """What a restart of PostgreSQL does to its clients: every connection to this database is gone at once."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
