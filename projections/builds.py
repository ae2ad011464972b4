"""Which build of a read model serves, and which is being built?

A build has its rows in a schema of its own. Its number is the `generation` of the tables, the metrics and the health
check. The build that serves is seen through a view under the plain name; a rebuild, or code of another version, makes
the next one beside it and moves the view when it is ready."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, LiteralString, NamedTuple

import asyncpg
import msgspec
import structlog

from projections.base import Connection, Pool, ReadModel
from projections.errors import NewerVersion

NO_SETTINGS: Mapping[str, str] = {}
PREPARE_SECONDS = 30.0  # for the first build of a read model, and to wait for others that make one
_PREPARING: Mapping[str, str] = {"idle_in_transaction_session_timeout": str(int(PREPARE_SECONDS * 1000))}

logger = structlog.get_logger("pixel.projections")


class BuildSuperseded(Exception):
    """Another build serves now, or another runner moved the checkpoint: read the database, and start again."""


class Build(NamedTuple):
    """`position` is its checkpoint. `table` and `view` say whether they exist; `view` is True for one that does not
    serve, because it needs none."""

    name: str
    number: int
    version: int
    position: int
    serving: bool
    table: bool = True
    view: bool = True


class BuildState(NamedTuple):
    """`whole`: its table exists, and its view if it serves. `troubled`: a trouble of the read model is on record.
    `alone`: there is no other build."""

    position: int
    whole: bool
    troubled: bool
    alone: bool


async def prepare(dsn: str, read_models: Iterable[ReadModel[Any]]) -> None:
    """Make the first build of every read model that has none. An empty one serves: GET folds what it lacks.

    Raises the driver's errors."""
    connection = await connect(dsn, _PREPARING)
    try:
        made = {row[0] for row in await connection.fetch(_MADE)}
        await limit_transactions(connection, PREPARE_SECONDS)
        for read_model in read_models:
            if read_model.name in made:
                continue
            async with connection.transaction():
                await _lock_name(connection, read_model.name)
                if not await connection.fetch(_BUILDS, read_model.name):
                    build = await _create(connection, read_model, indexes=True)
                    await connection.execute(_SERVE, read_model.name, build.number)
    finally:
        await connection.close()


async def connect(
    dsn: str, settings: Mapping[str, str] = NO_SETTINGS, *, connection_class: type[Connection] = asyncpg.Connection
) -> Connection:
    """A connection with session settings. Statements make them, as PgBouncer refuses most parameters at the start.

    Raises the driver's errors."""
    connection = await asyncpg.connect(dsn, timeout=5, connection_class=connection_class)
    try:
        await connection.execute(_SETTINGS, msgspec.json.encode(settings).decode())
    except BaseException:
        connection.terminate()
        raise
    return connection


async def is_led(pool: Pool, read_model: ReadModel[Any]) -> bool:
    """Whether somebody keeps the build up that serves, so that a process of this version has nothing to do.
    Raises the driver's errors."""
    return bool(await pool.fetchval(_IS_LED, read_model.name, read_model.version, zlib.crc32(read_model.name.encode())))


async def create(connection: Connection, read_model: ReadModel[Any]) -> Build:
    """Make an empty build, locked for this connection."""
    async with connection.transaction():
        await _lock_name(connection, read_model.name)
        build = await _create(connection, read_model)
        # It is locked before others can see it: they would need the lock of the name.
        await connection.execute(_TRY_LOCK, _lock_key(read_model.name, build.number))
    return build


async def choose(connection: Connection, read_model: ReadModel[Any]) -> Build | None:
    """The build to run, locked for this connection: the one that serves, or one to build while none of our version
    does.

    None: other runners have them all, or a newer Pixel is at work. Raises NewerVersion."""
    async with connection.transaction():
        await _lock_name(connection, read_model.name)
        found = [Build(read_model.name, *row) for row in await connection.fetch(_BUILDS, read_model.name)]
        # Ours is kept up as long as it serves, whether or not a newer Pixel builds the next one.
        we_serve = any(build.serving and build.version == read_model.version for build in found)
        newer = [build for build in found if build.version > read_model.version]
        if newer and not we_serve:
            await _leave_to_newer(connection, read_model, newer)
            return None
        ours = [build for build in found if build.version == read_model.version and build.table]
        if not ours:
            ours = [await _create(connection, read_model)]
        for build in found:
            await _mend(connection, build)
    serving = [build for build in ours if build.serving]
    for build in sorted(serving or ours, key=lambda each: -each.number):
        if await connection.fetchval(_TRY_LOCK, _lock_key(build.name, build.number)):
            return build
    return None


async def _leave_to_newer(connection: Connection, read_model: ReadModel[Any], newer: list[Build]) -> None:
    """Raise NewerVersion when no runner of the newer Pixel is there."""
    for build in newer:
        if not await connection.fetchval(_TRY_LOCK_TRANSACTION, _lock_key(build.name, build.number)):
            return
    versions = f"a newer Pixel made version {newer[-1].version} of it, and none runs; this one has version"
    raise NewerVersion(f"{versions} {read_model.version}")


async def _mend(connection: Connection, build: Build) -> None:
    """Repair what was dropped by hand: make a view again, and forget a build whose table is gone."""
    if not build.table:
        logger.warning("read model lost its table, built anew", read_model=build.name, generation=build.number)
        await connection.execute(_FORGET, build.name, build.number)
    elif not build.view:
        logger.warning("read model lost its view, made again", read_model=build.name, generation=build.number)
        await connection.execute(_SERVE, build.name, build.number)


async def use_schema(connection: Connection, build: Build) -> None:
    """Let the SQL of the read model mean the table of this build."""
    await connection.execute(_SEARCH_PATH, f"{build.name}_{build.number}")


async def read_state(connection: Connection, build: Build) -> BuildState:
    """The state now. Ask again after taking the lock: until then another runner may move the checkpoint.

    Raises BuildSuperseded when the build is gone."""
    row = await connection.fetchrow(_STATE, build.name, build.number)
    if row is None:
        raise BuildSuperseded(f"{build.name} has no generation {build.number} any more")
    return BuildState(*row)


async def limit_transactions(connection: Connection, seconds: float) -> None:
    """Let PostgreSQL end this session when a transaction takes longer. Before PostgreSQL 17 this does nothing.

    A process may be frozen between the two messages of a statement that is sent for the first time. Its session is not
    idle then, so that no other limit ends it, and it would hold its locks as long as it is frozen."""
    await connection.execute(_LIMIT_TRANSACTIONS, str(int(seconds * 1000)))


async def index(connection: Connection, read_model: ReadModel[Any]) -> None:
    """Make the indexes of a build, which takes minutes for a large one."""
    async with connection.transaction():
        await connection.execute(_UNLIMITED_TRANSACTION)
        await connection.execute(read_model.indexes)


async def move_checkpoint(connection: Connection, build: Build, old: int, new: int) -> None:
    """Move the checkpoint inside a transaction. Raises BuildSuperseded when it is not at `old`."""
    if await connection.execute(_CHECKPOINT, build.name, build.number, old, new) != "UPDATE 1":
        raise BuildSuperseded(f"{build.name} is no longer at {old}")


async def try_to_serve(connection: Connection, build: Build, position: int) -> bool:
    """Let this build serve, and drop the others. False: not yet.

    It must not be behind the one that serves, since readers must never see an older state. While a long query holds the
    view, it gives up at once and is tried later, so that other readers do not queue behind it."""
    try:
        async with connection.transaction():
            await connection.execute(_LOCK_TIMEOUT)
            await _lock_name(connection, build.name)
            if (await connection.fetchval(_SERVED_POSITION, build.name) or 0) > position:
                return False
            await connection.execute(_SERVE, build.name, build.number)
    except asyncpg.LockNotAvailableError:
        return False
    await connection.execute(_DROP, build.name)
    logger.info("read model serves", read_model=build.name, generation=build.number)
    return True


async def drop_abandoned(connection: Connection, served: Build) -> None:
    """Drop unfinished builds beside the one that serves whose builder was killed. Those of a newer Pixel are left to
    it. Also drop the tables of builds that were struck off by a process that was killed before it dropped them.

    Nothing is dropped when another build serves by now: it may have no leader yet, and its lock is free, too."""
    async with connection.transaction():
        await _lock_name(connection, served.name)
        found = [Build(served.name, *row[:4]) for row in await connection.fetch(_BUILDS, served.name)]
        if [each.number for each in found if each.serving] != [served.number]:
            return
        for each in found:
            if each.serving or each.version > served.version:
                continue
            if await connection.fetchval(_TRY_LOCK_TRANSACTION, _lock_key(served.name, each.number)):
                logger.warning("unfinished generation dropped", read_model=served.name, generation=each.number)
                await connection.execute(_FORGET, served.name, each.number)
    await connection.execute(_DROP, served.name)


async def record_trouble(connection: Connection, name: str, error: str) -> None:
    """Let health show why the read model can't go on."""
    await connection.execute(_TROUBLE, name, error)


async def clear_trouble(connection: Connection, name: str) -> None:
    """The read model goes on."""
    await connection.execute(_NO_TROUBLE, name)


async def _create(connection: Connection, read_model: ReadModel[Any], *, indexes: bool = False) -> Build:
    number = int(await connection.fetchval(_NEW_BUILD, read_model.name, read_model.version))
    await connection.execute(_SEARCH_PATH_HERE, f"{read_model.name}_{number}")
    await connection.execute(read_model.ddl)
    if indexes and read_model.indexes:
        await connection.execute(read_model.indexes)
    await connection.execute(_SEARCH_PATH_HERE, "public")
    return Build(read_model.name, number, read_model.version, 0, False)


async def _lock_name(connection: Connection, name: str) -> None:
    await connection.execute(_LOCK_TRANSACTION, _lock_key(name, 0))


def _lock_key(name: str, build: int) -> int:
    """Build 0 stands for the name: its lock is held while builds are made, chosen or switched."""
    return zlib.crc32(name.encode()) << 31 | build


_LOCK_TRANSACTION: LiteralString = "SELECT pg_advisory_xact_lock($1)"
_LOCK_TIMEOUT: LiteralString = "SET LOCAL lock_timeout = '200ms'"
_LIMIT_TRANSACTIONS: LiteralString = """
SELECT set_config('transaction_timeout', $1, false) WHERE current_setting('transaction_timeout', true) IS NOT NULL
"""
_UNLIMITED_TRANSACTION: LiteralString = """
SELECT set_config('transaction_timeout', '0', true) WHERE current_setting('transaction_timeout', true) IS NOT NULL
"""
_TRY_LOCK: LiteralString = "SELECT pg_try_advisory_lock($1)"
_TRY_LOCK_TRANSACTION: LiteralString = "SELECT pg_try_advisory_xact_lock($1)"
_SETTINGS: LiteralString = "SELECT set_config(key, value, false) FROM json_each_text($1::json)"
_SEARCH_PATH: LiteralString = "SELECT set_config('search_path', $1, false)"
_SEARCH_PATH_HERE: LiteralString = "SELECT set_config('search_path', $1, true)"
_NEW_BUILD: LiteralString = "SELECT public.pixel_new_generation($1, $2)"
_SERVE: LiteralString = "SELECT public.pixel_serve_generation($1, $2)"
_DROP: LiteralString = "SELECT public.pixel_drop_generations($1)"
_FORGET: LiteralString = "DELETE FROM public.read_models WHERE name = $1 AND generation = $2"
_MADE: LiteralString = "SELECT DISTINCT name FROM public.read_models"
_BUILDS: LiteralString = """
SELECT generation, version, position, serving,
       to_regclass(format('%I.%I', name || '_' || generation, name)) IS NOT NULL,
       NOT serving OR to_regclass(format('public.%I', name)) IS NOT NULL
FROM public.read_models WHERE name = $1 ORDER BY generation
"""
# A lock of 64 bits is shown in two halves; it is made by _lock_key.
_IS_LED: LiteralString = """
SELECT EXISTS (
    SELECT FROM public.read_models m JOIN pg_locks l
      ON l.classid::bigint << 32 | l.objid::bigint = $3::bigint << 31 | m.generation
    WHERE m.name = $1 AND m.version >= $2 AND m.serving AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""
_STATE: LiteralString = """
SELECT position,
       to_regclass(format('%I.%I', name || '_' || generation, name)) IS NOT NULL
           AND (NOT serving OR to_regclass(format('public.%I', name)) IS NOT NULL),
       EXISTS (SELECT FROM public.read_model_troubles t WHERE t.name = m.name),
       NOT EXISTS (SELECT FROM public.read_models o WHERE o.name = m.name AND o.generation <> m.generation)
FROM public.read_models m WHERE name = $1 AND generation = $2
"""
_TROUBLE: LiteralString = """
INSERT INTO public.read_model_troubles (name, error) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET error = excluded.error WHERE read_model_troubles.error <> excluded.error
"""
_NO_TROUBLE: LiteralString = "DELETE FROM public.read_model_troubles WHERE name = $1"
_SERVED_POSITION: LiteralString = "SELECT position FROM public.read_models WHERE name = $1 AND serving FOR UPDATE"
_CHECKPOINT: LiteralString = """
UPDATE public.read_models SET position = $4, updated_at = now()
WHERE name = $1 AND generation = $2 AND position = $3
"""
