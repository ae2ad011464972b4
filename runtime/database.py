"""Which database does Pixel use? The one that is set, or an embedded one below the data folder."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

import structlog

from adapters.postgres import connection_budget, database
from adapters.postgres.database import Pool
from adapters.postgres.embedded import embedded_postgres
from projections.builds import prepare
from projections.read_models import READ_MODELS
from runtime.data_folder import data_dir
from services import list_reader
from services.settings import Settings, WrongSetting

Role = Literal["all", "api", "worker"]
OWN_CONNECTIONS = 2  # in addition to the pool: one appends, one listens
LIST_CONNECTIONS = 2  # of the pool's number, where lists are answered
WORKER_CONNECTIONS = 1 + len(READ_MODELS)  # one claims
START_SECONDS = 30.0
CLOSE_SECONDS = 5.0

logger = structlog.get_logger("pixel")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[str]:
    """Yields the address of a migrated database.

    Raises WrongSetting when migrations are pending, EmbeddedPostgresError when the embedded server can't start, and
    the driver's errors when the database that is set can't be reached."""
    if settings.database_url:
        await database.wait_for(settings.database_url, seconds=START_SECONDS)
        pending = await database.pending_migrations(settings.database_url)
        if pending:
            raise WrongSetting(f"PIXEL_DATABASE_URL: run `pixel migrate` first; to be applied: {', '.join(pending)}")
        yield settings.database_url
        return
    async with embedded_postgres(data_dir(settings), report=_print_error) as dsn:
        await database.migrate(dsn)
        yield dsn


class Database(NamedTuple):
    """The address of a database with all read models, and two pools: `pool`, and `lists` with `list_connections`.

    The address names this process and the number of connections that it may open."""

    dsn: str
    pool: Pool
    lists: Pool
    list_connections: int


@asynccontextmanager
async def open_pools(settings: Settings, role: Role) -> AsyncGenerator[Database]:
    """Open the database, and yield its pools. A worker serves no lists, so its main pool gets all connections.
    Raises what `open_database` raises."""
    wanted = settings.database_connections + OWN_CONNECTIONS + (0 if role == "api" else WORKER_CONNECTIONS)
    async with open_database(settings) as address:
        dsn = connection_budget.named(address, role, wanted)
        await prepare(dsn, READ_MODELS)
        of_lists = min(LIST_CONNECTIONS, settings.database_connections // 2)
        others = settings.database_connections - (0 if role == "worker" else of_lists)
        pool = await database.open_pool(dsn, size=others)
        lists = await database.open_pool(dsn, size=of_lists, least=0, settings=list_reader.session())
        try:
            found = await connection_budget.count(pool, leaders=len(READ_MODELS))
            if found.wanted > found.allowed:  # said at the start, and not when the last connection is taken under load
                logger.warning(
                    "PostgreSQL may run out of connections", allowed=found.allowed, may_be_opened=found.wanted
                )
            yield Database(dsn, pool, lists, of_lists)
        finally:
            await asyncio.gather(_close(pool), _close(lists))


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


def _print_error(line: str) -> None:
    sys.stderr.write(f"pixel: {line}\n")
