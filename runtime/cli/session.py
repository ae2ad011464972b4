"""How does a command use the database? For as long as it runs, whether a service runs at the same time or not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from adapters.postgres import database
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from runtime.database import open_database
from services.settings import Settings


class Session(NamedTuple):
    """The database and its event log. To append, use `appending`."""

    dsn: str
    pool: Pool
    log: EventLog


@asynccontextmanager
async def open_session(settings: Settings, *, connections: int = 1) -> AsyncGenerator[Session]:
    """Yields a session with so many connections. Raises what `open_database` does."""
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=connections)
        try:
            yield Session(dsn, pool, EventLog(dsn, pool))
        finally:
            await pool.close()


@asynccontextmanager
async def appending(log: EventLog) -> AsyncGenerator[None]:
    """Let the log take appends inside the block."""
    writer = asyncio.create_task(log.write())
    try:
        yield
    finally:
        writer.cancel()
        await asyncio.wait([writer])
