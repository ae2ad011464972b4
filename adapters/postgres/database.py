"""PostgreSQL: a pool of connections, the migrations, and the one place where driver errors get a meaning."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, LiteralString, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from adapters.postgres.array_types import ArrayConnection
from application.shared_task import shared_task

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Borrowed: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
T = TypeVar("T")

MIGRATIONS = Path(__file__).parents[2] / "migrations"
CONNECT_SECONDS = 5.0
SHARED = (
    "behind this address sessions are shared (PgBouncer's pool_mode transaction or statement, or a pooler like it):"
    " give Pixel the direct address, or a pool whose mode is session"
)
LEAST_VERSION = 140000  # idle_session_timeout
_MIGRATION_LOCK = 7235441290

PATIENCE_SECONDS: ContextVar[float] = ContextVar("patience_seconds", default=15.0)
"""How long a caller of the pool waits for its answer. HTTP requests wait for less time than background work."""


class DatabaseAway(Exception):
    """PostgreSQL can't be reached, or does not answer in time."""


# What the pool and `connect` may raise. Not OSError, which also means a full disk or a closed pipe of our own.
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, DatabaseAway)
RAW_ERRORS = (*DRIVER_ERRORS, OSError, TimeoutError)  # what a single connection may raise
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


class WrongDatabase(Exception):
    """Pixel can't work with this database. The text says why, in one line."""


def is_away(error: BaseException) -> bool:
    """Whether the database is unavailable for now, as opposed to a mistake of ours (wrong types, bad SQL)."""
    return isinstance(error, _AWAY) and not isinstance(error, ValueError)


def translated(error: Exception) -> Exception:
    """An error of a single connection as one of DRIVER_ERRORS."""
    if isinstance(error, OSError | TimeoutError):
        return DatabaseAway(str(error) or "no answer in time")
    return error


def is_refusal(error: BaseException) -> bool:
    """Whether the database is reachable and refuses to write now: disk full, read-only, out of memory."""
    return isinstance(error, _REFUSES)


def is_refused(error: BaseException) -> bool:
    """Whether the user lacks a privilege."""
    return isinstance(error, asyncpg.InsufficientPrivilegeError)


class ChangedMigration(Exception):
    """A migration file differs from what was applied under its name."""


async def connect(dsn: str, **settings: str) -> Connection:
    """Open a single connection, with `settings` of PostgreSQL. Raises one of DRIVER_ERRORS, or WrongDatabase."""
    try:
        connection: Connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, connection_class=ArrayConnection)
        try:
            await prepare_session(connection, settings)
        except BaseException:
            connection.terminate()
            raise
    except (OSError, TimeoutError) as error:
        raise translated(error) from error
    except (ValueError, LookupError):  # the driver quotes the part that it can't read, which may be the password
        raise WrongDatabase("the address can't be read") from None
    return connection


async def prepare_session(connection: Connection, settings: Mapping[str, str] = MappingProxyType({})) -> None:
    """Set the search path to the schema public, whatever the login's own path is. Uses statements and not startup
    parameters, most of which PgBouncer refuses. Raises the driver's errors."""
    await connection.execute(_SET, msgspec.json.encode({"search_path": "public", **settings}).decode())


class PatientPool(asyncpg.Pool):  # pyright: ignore[reportMissingTypeArgument]
    """A pool whose callers get an answer, or DatabaseAway, within PATIENCE_SECONDS. That includes waiting for a
    connection and returning it. A query that hangs is cleaned up in the background."""

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

        asking = shared_task(borrow_and_ask())
        try:
            await asyncio.wait({asking}, timeout=seconds)
        finally:
            if not asking.done():
                asking.cancel()
        try:
            if asking.done():
                return asking.result()
        except (OSError, TimeoutError) as error:
            raise translated(error) from error
        raise DatabaseAway(f"no answer within {seconds:g} seconds")


async def open_pool(dsn: str, *, size: int, least: int = 1, settings: Mapping[str, str] = MappingProxyType({})) -> Pool:
    """A pool of at most `size` connections, with `settings` of PostgreSQL. The `least` connections that it keeps are
    opened now, so that a wrong address fails here. Raises one of DRIVER_ERRORS."""
    pool = PatientPool(
        dsn,
        min_size=least,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        init=partial(prepare_session, settings=settings),
        reset=_keep,
        loop=None,
        connection_class=ArrayConnection,
        record_class=asyncpg.Record,
        command_timeout=15,
        timeout=CONNECT_SECONDS,
    )
    try:
        return await pool
    except (OSError, TimeoutError) as error:
        raise translated(error) from error


async def _keep(_: object) -> None:
    """No borrower changes the session, so a reset would only cost a round trip."""


async def wait_for(dsn: str, *, seconds: float) -> None:
    """Wait until PostgreSQL accepts connections, and check that Pixel can work with it. Raises WrongDatabase when it
    can't, and one of DRIVER_ERRORS after `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            if await _is_shared(dsn):
                raise WrongDatabase(SHARED)
            connection = await connect(dsn)
            try:
                await _check(connection)
            finally:
                connection.terminate()
        except DRIVER_ERRORS as error:
            if not is_away(error):
                raise WrongDatabase(describe(error)) from error
            if loop.time() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return


def describe(error: BaseException) -> str:
    """The first line of an error; the other lines may hold values."""
    return (str(error.args[0]) if error.args else type(error).__name__).partition("\n")[0]


async def _check(connection: Connection) -> None:
    """Raise WrongDatabase for a database that would cause failures later; the text says how to repair it."""
    found = await connection.fetchrow(_FACTS)
    assert found is not None  # noqa: S101 - a SELECT without FROM
    if found["version"] < LEAST_VERSION:
        raise WrongDatabase(f"PostgreSQL {LEAST_VERSION // 10000} or later is needed, this is {found['named']}")
    if found["encoding"] != "UTF8":
        raise WrongDatabase(f"the database has the encoding {found['encoding']}, and must have UTF8: make it anew")
    if not found["in_database"]:
        raise WrongDatabase("the user may not make schemas: GRANT CREATE ON DATABASE … TO …")
    if not found["in_public"]:
        raise WrongDatabase("the user may not make tables in the schema public: GRANT CREATE ON SCHEMA public TO …")
    if found["stray"]:
        raise WrongDatabase(
            f"Pixel's tables lie in the schema {found['stray']}, and must lie in public: begin with an empty database,"
            f" or move them with ALTER TABLE … SET SCHEMA public"
        )


async def _is_shared(dsn: str) -> bool:
    """Whether another client gets our session between two of our transactions. Locks and LISTEN would not work."""
    token = os.urandom(8).hex()
    async with _unprepared(dsn) as ours, _unprepared(dsn) as other:
        for _ in range(3):
            try:
                async with ours.transaction():
                    await ours.fetchval(_LEAVE, token)
            except asyncpg.PostgresError as error:
                if "pooling mode" in describe(error):  # PgBouncer's, which shares each statement
                    return True
                raise
            async with other.transaction():
                if await other.fetchval(_FIND) == token:  # it got the session that we had just returned
                    return True
                async with ours.transaction():
                    if await ours.fetchval(_FIND) != token:  # our session is the other's now
                        return True
    return False


@asynccontextmanager
async def _unprepared(dsn: str) -> AsyncGenerator[Connection]:
    """A connection without prepared statements, which works behind any pooler."""
    try:
        connection: Connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, statement_cache_size=0)
    except (OSError, TimeoutError) as error:
        raise translated(error) from error
    try:
        yield connection
    finally:
        connection.terminate()


async def migrate(dsn: str) -> list[str]:
    """Apply the missing files of `migrations/`, in order, each in its own transaction; returns their names.

    Raises ChangedMigration when an applied file has been changed, else one of DRIVER_ERRORS."""
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
    """The names of the migrations that are not applied yet. Raises one of DRIVER_ERRORS."""
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


_FACTS: LiteralString = """
SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS named,
       current_setting('server_encoding') AS encoding,
       has_database_privilege(current_database(), 'CREATE') AS in_database,
       coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS in_public,
       (SELECT min(schemaname) FROM pg_tables t
        WHERE tablename = 'stored_events' AND to_regclass('public.stored_events') IS NULL
          AND to_regclass('public.schema_migrations') IS NOT NULL) AS stray
"""
_LEAVE: LiteralString = "SELECT set_config('pixel.probe', $1, false)"
_FIND: LiteralString = "SELECT current_setting('pixel.probe', true)"
_SET: LiteralString = "SELECT set_config(key, value, false) FROM json_each_text($1::json)"
_CREATE_JOURNAL: LiteralString = """
CREATE TABLE IF NOT EXISTS public.schema_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_JOURNAL: LiteralString = "SELECT name, sha256 FROM public.schema_migrations"
_NOTE: LiteralString = "INSERT INTO public.schema_migrations (name, sha256) VALUES ($1, $2)"
