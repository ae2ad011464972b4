"""How does a command use the database? For as long as it runs, whether a service runs at the same time or not."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from adapters.postgres import database
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from runtime.database import open_database
from services.settings import Settings


class Session(NamedTuple):
    """The database and its event log. To append, run `log.write` at the same time."""

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
