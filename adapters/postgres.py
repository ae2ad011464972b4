"""PostgreSQL: a pool of connections, the migrations, and the one place where driver errors get a meaning."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, LiteralString, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Borrowed: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
T = TypeVar("T")

MIGRATIONS = Path(__file__).parents[1] / "migrations"
CONNECT_SECONDS = 5.0
_MIGRATION_LOCK = 7235441290

PATIENCE_SECONDS: ContextVar[float] = ContextVar("patience_seconds", default=15.0)
"""How long whoever asks the pool waits for the answer. A request has less patience than what runs in the background."""


class DatabaseAway(Exception):
    """PostgreSQL can't be reached, or does not answer in time."""


# What the pool and `connect` may raise. Not OSError: a disk that is full, or a pipe that is closed, is no database.
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, DatabaseAway)
RAW_ERRORS = (*DRIVER_ERRORS, OSError, TimeoutError)  # what a connection in hand may raise
_AWAY = (
    DatabaseAway,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,  # "connection is closed" and the like
    asyncpg.InternalClientError,  # "cannot switch to state": PostgreSQL said that it goes, on a line not closed yet
    asyncpg.exceptions.OperatorInterventionError,  # shutting down, starting up
    asyncpg.exceptions.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # a standby that is about to be promoted
)

_REFUSES = (
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.exceptions.PostgresIOError,
)
_WRONG_ADDRESS = (
    asyncpg.ClientConfigurationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def is_away(error: BaseException) -> bool:
    """Whether the database can't be worked with for now, as opposed to a mistake of ours (wrong types, bad SQL)."""
    return isinstance(error, _AWAY) and not isinstance(error, ValueError)


def told(error: Exception) -> Exception:
    """What a connection of one's own has raised, in the words of DRIVER_ERRORS."""
    if isinstance(error, OSError | TimeoutError):
        return DatabaseAway(str(error) or "no answer in time")
    return error


def is_refusal(error: BaseException) -> bool:
    """Whether the database is there and will not write now: its disk is full, it is read-only, it lacks memory."""
    return isinstance(error, _REFUSES)


def is_wrong_address(error: BaseException) -> bool:
    """Whether it is the address that is wrong: its form, the database's name, the user or the password."""
    return isinstance(error, _WRONG_ADDRESS)


class ChangedMigration(Exception):
    """A migration file is not what was applied under its name."""


async def connect(dsn: str, **settings: str) -> Connection:
    """A connection of one's own, with some settings of PostgreSQL's. Raises one of DRIVER_ERRORS."""
    try:
        connection: Connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
        try:
            await prepare_session(connection, settings)
        except BaseException:
            connection.terminate()
            raise
    except (OSError, TimeoutError) as error:
        raise told(error) from error
    return connection


async def prepare_session(connection: Connection, settings: Mapping[str, str] = MappingProxyType({})) -> None:
    """Make a session ours: everything lies in the schema public, whatever the login's own path is. By statements and
    not by parameters of the start, most of which PgBouncer refuses."""
    for name, value in {"search_path": "public", **settings}.items():
        await connection.fetchval(_SET, name, value)


class PatientPool(asyncpg.Pool):  # pyright: ignore[reportMissingTypeArgument]
    """A pool whose callers have their answer, or DatabaseAway, within PATIENCE_SECONDS: waiting for a connection, the
    question and the way back included. What a question that hangs leaves behind is tidied up without them."""

    async def fetch(self, query: str, *args: object, **options: Any) -> Any:
        return await self._within(lambda connection: connection.fetch(query, *args, **options))

    async def fetchval(self, query: str, *args: object, **options: Any) -> Any:
        return await self._within(lambda connection: connection.fetchval(query, *args, **options))

    async def fetchrow(self, query: str, *args: object, **options: Any) -> Any:
        return await self._within(lambda connection: connection.fetchrow(query, *args, **options))

    async def execute(self, query: str, *args: object, **options: Any) -> str:
        return await self._within(lambda connection: connection.execute(query, *args, **options))

    async def _within(self, ask: "Callable[[Borrowed], Awaitable[T]]") -> T:
        seconds = PATIENCE_SECONDS.get()

        async def borrow_and_ask() -> T:
            async with self.acquire(timeout=seconds) as connection:
                return await ask(connection)

        asking = asyncio.create_task(borrow_and_ask())
        try:
            await asyncio.wait({asking}, timeout=seconds)
        finally:
            if not asking.done():
                asking.cancel()
                asking.add_done_callback(_forget)
        try:
            if asking.done():
                return asking.result()
        except (OSError, TimeoutError) as error:
            raise told(error) from error
        raise DatabaseAway(f"no answer within {seconds:g} seconds")


def _forget(asking: "asyncio.Task[Any]") -> None:
    """Whatever came of it: whoever asked has gone."""
    if not asking.cancelled():
        asking.exception()


async def open_pool(dsn: str, *, size: int) -> Pool:
    """A pool of at most `size` connections. It opens the first one now, so that a wrong address fails here."""
    pool = PatientPool(
        dsn,
        min_size=1,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        init=prepare_session,
        reset=_keep,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        command_timeout=15,
        timeout=CONNECT_SECONDS,
    )
    try:
        return await pool
    except (OSError, TimeoutError) as error:
        raise told(error) from error


async def _keep(_: object) -> None:
    """Nobody who borrows a connection leaves anything behind in its session: a reset would be a wasted round trip."""


async def wait_for(dsn: str, *, seconds: float) -> None:
    """Wait until PostgreSQL takes connections. Raises what the last attempt raised when the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            connection = await connect(dsn)
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
    connection = await connect(dsn)
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
    connection = await connect(dsn)
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


_SET: LiteralString = "SELECT set_config($1, $2, false)"
_CREATE_JOURNAL: LiteralString = """
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_JOURNAL: LiteralString = "SELECT name, sha256 FROM public.schema_migrations"
_NOTE: LiteralString = "INSERT INTO public.schema_migrations (name, sha256) VALUES ($1, $2)"
