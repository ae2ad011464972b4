"""PostgreSQL: a pool of connections, the migrations, and the one place where driver errors get a meaning."""

import asyncio
import hashlib
from pathlib import Path
from typing import LiteralString, TypeAlias

import asyncpg

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

MIGRATIONS = Path(__file__).parents[1] / "migrations"
_MIGRATION_LOCK = 7235441290

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # "connection is closed" and the like
    asyncpg.InternalClientError,  # "cannot switch to state": PostgreSQL said that it goes, on a line not closed yet
    asyncpg.exceptions.OperatorInterventionError,  # shutting down, starting up
    asyncpg.exceptions.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # a standby that is about to be promoted
)

_WRONG_ADDRESS = (
    asyncpg.ClientConfigurationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def is_away(error: BaseException) -> bool:
    """Whether the database can't be worked with for now, as opposed to a mistake of ours (wrong types, bad SQL)."""
    return isinstance(error, _AWAY) and not isinstance(error, ValueError)


def is_wrong_address(error: BaseException) -> bool:
    """Whether it is the address that is wrong: its form, the database's name, the user or the password."""
    return isinstance(error, _WRONG_ADDRESS)


class ChangedMigration(Exception):
    """A migration file is not what was applied under its name."""


async def open_pool(dsn: str, *, size: int) -> Pool:
    """A pool of at most `size` connections. It opens the first one now, so that a wrong address fails here."""
    return await asyncpg.create_pool(dsn, min_size=1, max_size=size, command_timeout=15, timeout=5, reset=_keep)


async def _keep(_: object) -> None:
    """Nobody who borrows a connection leaves anything behind in its session: a reset would be a wasted round trip."""


async def wait_for(dsn: str, *, seconds: float) -> None:
    """Wait until PostgreSQL takes connections. Raises what the last attempt raised when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            connection = await asyncpg.connect(dsn, timeout=5)
        except DRIVER_ERRORS as error:
            if not is_away(error) or loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            await connection.close()
            return


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing from `migrations/`, in order, each file in a transaction; returns their names.

    Raises ChangedMigration when a file that was applied has been changed since."""
    files = await asyncio.to_thread(_files)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await connection.execute(_CREATE_JOURNAL)
        done: dict[str, str] = {row["name"]: row["sha256"] for row in await connection.fetch(_JOURNAL)}
        applied: list[str] = []
        for name, sha256, sql in files:
            if name not in done:
                async with connection.transaction():
                    await connection.execute(sql)
                    await connection.execute(_NOTE, name, sha256)
                applied.append(name)
            elif done[name] != sha256:
                raise ChangedMigration(f"{name} was changed after it had been applied. Add a new migration instead.")
        return applied
    finally:
        await connection.close()


async def pending_migrations(dsn: str) -> list[str]:
    """The names of the migrations that are still to be applied."""
    files = await asyncio.to_thread(_files)
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('public.schema_migrations')") is None:
            return [name for name, _, _ in files]
        done = {row["name"] for row in await connection.fetch(_JOURNAL)}
        return [name for name, _, _ in files if name not in done]
    finally:
        await connection.close()


def _files() -> list[tuple[str, str, str]]:
    texts = [(path.name, path.read_bytes()) for path in sorted(MIGRATIONS.glob("*.sql"))]
    return [(name, hashlib.sha256(text).hexdigest(), text.decode()) for name, text in texts]


_CREATE_JOURNAL: LiteralString = """
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_JOURNAL: LiteralString = "SELECT name, sha256 FROM public.schema_migrations"
_NOTE: LiteralString = "INSERT INTO public.schema_migrations (name, sha256) VALUES ($1, $2)"
