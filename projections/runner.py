"""Keeps one read model up with the log: rows and checkpoint in one transaction, one runner at a time, no event skipped.

A read model is built in generations, each in a schema of its own. The one that serves is seen through a view under the
plain name; a rebuild, or code of another version, makes the next one beside it and moves the view when it is there."""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Annotated, Any, LiteralString, NamedTuple

import asyncpg
import msgspec
import structlog
from msgspec import Meta

from application.log_throttle import LogThrottle
from application.ports import Log, LogUnavailable, Recorded, Unreadable
from application.wakeup import wait_for_event
from domain.base import Value
from projections.base import Connection, Pool, ReadModel, StreamId

BATCH = 2000
POLL_SECONDS = 0.5
STANDBY_SECONDS = 1.0
MOVED_SECONDS = 0.05
MAX_PAUSE_SECONDS = 15.0
MAX_PARKED = 1000

GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that breaks off in the middle of an answer
    OSError,
    TimeoutError,
    LogUnavailable,
)
FAILED = (asyncpg.PostgresError, *GONE)
UNACCEPTABLE = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    msgspec.MsgspecError,
    ValueError,  # asyncpg's for a value that it can't send
)

logger = structlog.get_logger("pixel.projections")


class GenerationSuperseded(Exception):
    """Another generation serves now, or somebody else moved the checkpoint: start again from what the database says."""


class Generation(NamedTuple):
    """`table`, `view`: whether they are there; the view only if it serves."""

    number: int
    version: int
    position: int
    serving: bool
    table: bool = True
    view: bool = True


class ReadModelStatus(Value, omit_defaults=True):
    """How a generation is doing. `lag` in events, `lag_seconds` the age of the first of them; `parked` counts the
    streams that wait for a repair; `error` is why the read model can't go on. Generation 0: there is none."""

    name: Annotated[str, Meta(description="Which read model", examples=["tasks"])]
    generation: Annotated[int, Meta(description="Which of its builds", examples=[1])]
    version: Annotated[int, Meta(description="The version of its tables", examples=[1])]
    serving: Annotated[bool, Meta(description="Whether it is the build that answers", examples=[True])]
    position: Annotated[int, Meta(description="The last event that it has taken in", examples=[1042])]
    head: Annotated[int, Meta(description="The last event that there is", examples=[1042])]
    lag: Annotated[int, Meta(description="Events behind", examples=[0])]
    parked: Annotated[int, Meta(description="Streams set aside, because an event of theirs failed", examples=[0])]
    lag_seconds: Annotated[
        float, Meta(description="For how long the first of the events behind has waited", examples=[0.0])
    ]
    error: Annotated[
        str | None,
        Meta(
            description="Why it can't go on, when it can't",
            examples=['UndefinedTableError: relation "tasks" does not exist'],
        ),
    ] = None


async def prepare(dsn: str, models: Iterable[ReadModel[Any]]) -> None:
    """Make the first generation of every read model that has none. An empty one serves: GET folds what it lacks."""
    connection = await _connect(dsn, {})
    try:
        for model in models:
            async with connection.transaction():
                await connection.execute(_LOCK_TRANSACTION, _lock_key(model.name, 0))
                if not await connection.fetch(_GENERATIONS, model.name):
                    number = await _new_generation(connection, model)
                    await connection.execute(_SERVE, model.name, number)
    finally:
        await connection.close()


async def status(pool: Pool) -> list[ReadModelStatus]:
    """Every generation of every read model."""
    return [ReadModelStatus(**dict(row)) for row in await pool.fetch(_STATUS)]


async def served_position(pool: Pool, name: str) -> int:
    """How far the generation that serves has got; 0 while there is none."""
    return int(await pool.fetchval(_SERVED, name) or 0)


class Parked(NamedTuple):
    """A stream that waits for a repair: where it failed, and why."""

    name: str
    stream: StreamId
    position: int
    error: str


async def parked(pool: Pool) -> list[Parked]:
    """The streams that wait for a repair, the first that failed first, a thousand at most."""
    return [Parked(*row) for row in await pool.fetch(_ALL_PARKED, MAX_PARKED)]


async def retry_parked(pool: Pool, name: str) -> int:
    """Ask the runner to try the parked streams of a read model again; returns how many there are."""
    return len(await pool.fetch(_RETRY, name))


class Runner:
    """Runs one read model. `advanced` is called after every commit that moved it."""

    def __init__(
        self,
        model: ReadModel[Any],
        log: Log,
        dsn: str,
        *,
        batch: int = BATCH,
        advanced: Callable[[int], None] = lambda _: None,
        silence_seconds: float = 30.0,
    ) -> None:
        self._model = model
        self._log = log
        self._dsn = dsn
        self._batch = batch
        self._advanced = advanced
        # A leader that hangs (a machine asleep, a line cut) would keep its locks from the others for hours.
        limit = str(int(silence_seconds * 1000))
        self._session = {
            "idle_session_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
            # Rows and checkpoint are lost together, if at all, and then folded again: nobody need wait for the disk.
            "synchronous_commit": "off",
        }
        self._parked: set[StreamId] = set()
        self._failed = 0  # times in a row
        self._line = LogThrottle()

    async def run(self) -> None:
        """For ever: take the lead when nobody has it, then follow the log."""
        while True:
            pause = STANDBY_SECONDS
            try:
                await self._lead(until_serving=False)
            except (GenerationSuperseded, *FAILED) as error:
                _stop_if_told_to()
                pause = self._pause_after(error)
                if self._line.should_log():
                    name, said = self._model.name, _told(error)
                    logger.warning("read model interrupted", read_model=name, error=said, again_in_seconds=pause)
            await asyncio.sleep(pause)

    def _pause_after(self, error: Exception) -> float:
        """A database that is back is to be found soon; what fails by itself is tried seldomer and seldomer."""
        self._failed += 1
        if isinstance(error, GONE):
            return STANDBY_SECONDS
        first = MOVED_SECONDS if isinstance(error, GenerationSuperseded) else STANDBY_SECONDS
        return min(first * 2.0 ** min(self._failed - 1, 20), MAX_PAUSE_SECONDS)

    async def rebuild(self) -> None:
        """Build a new generation beside the one that serves, let it serve, and return."""
        twin = Runner(self._model, self._log, self._dsn, batch=self._batch, advanced=self._advanced)
        await twin._build()  # what is parked belongs to a generation, and this runner may be running another one

    async def _build(self) -> None:
        connection = await _connect(self._dsn, {"synchronous_commit": "off"})
        try:
            async with connection.transaction():
                await connection.execute(_LOCK_TRANSACTION, _lock_key(self._model.name, 0))
                number = await _new_generation(connection, self._model)
                # Before anybody else can see the new generation: nobody else has the lock.
                await connection.execute(_TRY_LOCK, _lock_key(self._model.name, number))
            await self._follow(connection, Generation(number, self._model.version, 0, False), until_serving=True)
        finally:
            await connection.close()

    async def _lead(self, *, until_serving: bool) -> None:
        connection = await _connect(self._dsn, self._session)
        try:
            generation = await self._choose(connection)
            if generation is None:
                return
            await self._follow(connection, generation, until_serving=until_serving)
        except asyncpg.PostgresError as error:
            _stop_if_told_to()
            if not isinstance(error, GONE):
                with suppress(*FAILED):
                    await connection.execute(_TROUBLE, self._model.name, _told(error))
            raise
        finally:
            connection.terminate()

    async def _choose(self, connection: Connection) -> Generation | None:
        """The generation to run, locked for us: the one that serves, else one to be built. None: stand by."""
        async with connection.transaction():
            await connection.execute(_LOCK_TRANSACTION, _lock_key(self._model.name, 0))
            rows = [Generation(*row) for row in await connection.fetch(_GENERATIONS, self._model.name)]
            if newer := [row for row in rows if row.version > self._model.version]:
                await self._leave_to_a_newer(connection, newer)
                return None
            ours = [row for row in rows if row.version == self._model.version and row.table]
            if not ours:
                number = await _new_generation(connection, self._model)
                ours = [Generation(number, self._model.version, 0, False)]
            for row in rows:
                await self._mend(connection, row)
        for generation in sorted(ours, key=lambda row: (not row.serving, -row.number)):
            if await connection.fetchval(_TRY_LOCK, _lock_key(self._model.name, generation.number)):
                return generation
        return None

    async def _leave_to_a_newer(self, connection: Connection, newer: list[Generation]) -> None:
        """A newer Pixel is at work, whose generation will serve. If it is not (it was taken back), say so."""
        for generation in newer:
            if not await connection.fetchval(_TRY_LOCK_TRANSACTION, _lock_key(self._model.name, generation.number)):
                return
        error = f"a newer Pixel made version {newer[-1].version} of it, and none runs; this one has version"
        await connection.execute(_TROUBLE, self._model.name, f"{error} {self._model.version}")

    async def _mend(self, connection: Connection, generation: Generation) -> None:
        """Somebody may have dropped things by hand. A view is made again; without its table a generation is struck off,
        and another one takes its place."""
        name = self._model.name
        if not generation.table:
            logger.warning("read model lost its table, built anew", read_model=name, generation=generation.number)
            await connection.execute(_STRIKE_OFF, name, generation.number)
        elif not generation.view:
            logger.warning("read model lost its view, made again", read_model=name, generation=generation.number)
            await connection.execute(_SERVE, name, generation.number)

    async def _follow(self, connection: Connection, generation: Generation, *, until_serving: bool) -> None:
        await connection.execute(_SEARCH_PATH, f"{self._model.name}_{generation.number}")
        position, serving = (await self._standing(connection, generation)).position, generation.serving
        clock = asyncio.get_running_loop().time
        bell = self._log.appended()
        await self._try_parked_again(connection, generation, position, everything=True)
        looked_at = clock()
        while True:
            bell.clear()
            events = await self._log.read(position, self._batch)
            if events:
                await self._project(connection, generation, position, events)
                position = events[-1].position
                self._advanced(position)
            self._failed = 0
            if clock() - looked_at > POLL_SECONDS:
                await self._try_parked_again(connection, generation, position, everything=False)
                looked_at = clock()
            if len(events) == self._batch:
                continue
            if not serving:
                serving = await self._serve(connection, generation, position)
            if until_serving and serving:
                return
            if not events:
                await wait_for_event(bell, POLL_SECONDS)

    async def _standing(self, connection: Connection, generation: Generation) -> "_Standing":
        """Where the generation stands, asked after we have its lock: before, another runner may have moved it."""
        row = await connection.fetchrow(_STANDING, self._model.name, generation.number)
        if row is None:
            raise GenerationSuperseded(f"{self._model.name} has no generation {generation.number} any more")
        return _Standing(*row)

    async def _serve(self, connection: Connection, generation: Generation, position: int) -> bool:
        """Let this generation serve, unless the one that does is further on: what readers see never goes back."""
        try:
            async with connection.transaction():
                await connection.execute(_LOCK_TIMEOUT)
                await connection.execute(_LOCK_TRANSACTION, _lock_key(self._model.name, 0))
                if (await connection.fetchval(_SERVED_POSITION, self._model.name) or 0) > position:
                    return False
                await connection.execute(_SERVE, self._model.name, generation.number)
        except asyncpg.LockNotAvailableError:
            return (
                False  # somebody reads for long: whoever queued behind us would wait for them too, so try again later
            )
        await connection.execute(_DROP, self._model.name)
        logger.info("read model serves", read_model=self._model.name, generation=generation.number)
        return True

    async def _project(
        self, connection: Connection, generation: Generation, position: int, events: list[Recorded]
    ) -> None:
        by_stream: defaultdict[StreamId, list[Recorded]] = defaultdict(list)
        for recorded in events:
            if recorded.stream not in self._parked:
                by_stream[recorded.stream].append(recorded)
        failed: dict[StreamId, tuple[int, str]] = {}
        async with connection.transaction():
            try:
                async with connection.transaction():
                    await self._apply(connection, by_stream, failed)
            except Exception as refused:
                if not _is_about_rows(refused):
                    raise
                for stream, history in by_stream.items():
                    await self._apply_alone(connection, stream, history, failed)
            for stream, (first, error) in failed.items():
                await connection.execute(_PARK, self._model.name, generation.number, stream, first, error[:2000])
            await self._move_checkpoint(connection, generation, position, events[-1].position)
        for stream, (first, error) in failed.items():
            self._parked.add(stream)
            logger.error("stream parked", read_model=self._model.name, stream=str(stream), position=first, error=error)

    async def _apply(
        self, connection: Connection, by_stream: dict[StreamId, list[Recorded]], failed: dict[StreamId, tuple[int, str]]
    ) -> None:
        rows = await self._model.load(connection, list(by_stream))
        saved: dict[StreamId, Any] = {}
        removed: list[StreamId] = []
        for stream, history in by_stream.items():
            before = rows.get(stream)
            row, failure = self._fold(before, history)
            if failure:
                failed[stream] = failure
            if row is not None and row != before:
                saved[stream] = row
            elif row is None and before is not None:
                removed.append(stream)
        if saved:
            await self._model.save(connection, saved)
        if removed:
            await self._model.remove(connection, removed)

    def _fold(self, row: Any, history: list[Recorded]) -> tuple[Any, tuple[int, str] | None]:
        for recorded in history:
            if isinstance(recorded.event, Unreadable):
                return row, (recorded.position, f"can't read {recorded.event.topic}: {recorded.event.problem}")
            try:
                row = self._model.fold(row, recorded)
            except Exception as error:  # noqa: BLE001 - whatever a fold raises parks its stream, and nothing else
                return row, (recorded.position, repr(error))
        return row, None

    async def _apply_alone(
        self, connection: Connection, stream: StreamId, history: list[Recorded], failed: dict[StreamId, tuple[int, str]]
    ) -> None:
        for recorded in history:
            try:
                async with connection.transaction():
                    await self._apply(connection, {stream: [recorded]}, failed)
            except Exception as error:
                if not _is_about_rows(error):
                    raise
                failed[stream] = (recorded.position, repr(error))
            if stream in failed:
                return

    async def _move_checkpoint(self, connection: Connection, generation: Generation, old: int, new: int) -> None:
        if await connection.execute(_CHECKPOINT, self._model.name, generation.number, old, new) != "UPDATE 1":
            raise GenerationSuperseded(f"{self._model.name} is no longer at {old}")

    async def _try_parked_again(
        self, connection: Connection, generation: Generation, position: int, *, everything: bool
    ) -> None:
        """Fold parked streams afresh from their first event: at start (the code may be mended) and when asked to.

        It also notices a generation that serves no more or has lost its table, and a connection that is gone, with
        its lock. Once it is through, whatever trouble there was is over."""
        rows = await connection.fetch(_PARKED, self._model.name, generation.number, everything)
        if everything:
            self._parked = {row["stream"] for row in rows}
        for row in rows:
            await self._try_again(connection, generation, position, row["stream"])
        standing = await self._standing(connection, generation)
        if standing.position != position or not standing.whole:
            raise GenerationSuperseded(f"{self._model.name} is no longer at {position}, or not whole")
        if not everything:  # a lead that begins has not shown yet that it can go on
            self._line.reset()
            if standing.troubled:
                await connection.execute(_NO_TROUBLE, self._model.name)

    async def _try_again(self, connection: Connection, generation: Generation, position: int, stream: StreamId) -> None:
        history = [event for event in await self._log.stream(stream) if event.position <= position]
        failed: dict[StreamId, tuple[int, str]] = {}
        async with connection.transaction():
            await self._model.remove(connection, [stream])
            await self._apply_alone(connection, stream, history, failed)
            await connection.execute(_UNPARK, self._model.name, generation.number, stream)
            for first, error in failed.values():
                await connection.execute(_PARK, self._model.name, generation.number, stream, first, error[:2000])
        if not failed:
            self._parked.discard(stream)
            logger.info("stream no longer parked", read_model=self._model.name, stream=str(stream))


async def _connect(dsn: str, settings: Mapping[str, str]) -> Connection:
    """A connection with settings of its own: by statements, since PgBouncer refuses most parameters of the start."""
    connection: Connection = await asyncpg.connect(dsn, timeout=5)
    try:
        for name, value in settings.items():
            await connection.execute(_SETTING, name, value)
    except BaseException:
        connection.terminate()
        raise
    return connection


class _Standing(NamedTuple):
    """`whole`: nobody dropped its table or its view; `troubled`: there is a trouble on record."""

    position: int
    whole: bool
    troubled: bool


def _is_about_rows(error: Exception) -> bool:
    """Whether a row is refused, can't be read, or breaks the code: then it is found out whose it is."""
    return isinstance(error, UNACCEPTABLE) or not isinstance(error, FAILED)


def _told(error: Exception) -> str:
    """An error for logs and health: what PostgreSQL says besides of rows, and asyncpg of values, is the callers'."""
    if isinstance(error, asyncpg.DataError | ValueError):
        return type(error).__name__
    return repr(error)[:300]


def _stop_if_told_to() -> None:
    """A rollback that fails while we are cancelled hides the cancellation; without this, we would go on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _new_generation(connection: Connection, model: ReadModel[Any]) -> int:
    number = int(await connection.fetchval(_NEW_GENERATION, model.name, model.version))
    await connection.execute(_SEARCH_PATH_HERE, f"{model.name}_{number}")
    await connection.execute(model.ddl)
    await connection.execute(_SEARCH_PATH_HERE, "public")
    return number


def _lock_key(name: str, generation: int) -> int:
    return zlib.crc32(name.encode()) << 31 | generation


_LOCK_TRANSACTION: LiteralString = "SELECT pg_advisory_xact_lock($1)"
_LOCK_TIMEOUT: LiteralString = "SET LOCAL lock_timeout = '200ms'"
_TRY_LOCK: LiteralString = "SELECT pg_try_advisory_lock($1)"
_SETTING: LiteralString = "SELECT set_config($1, $2, false)"
_SEARCH_PATH: LiteralString = "SELECT set_config('search_path', $1, false)"
_SEARCH_PATH_HERE: LiteralString = "SELECT set_config('search_path', $1, true)"
_NEW_GENERATION: LiteralString = "SELECT public.pixel_new_generation($1, $2)"
_SERVE: LiteralString = "SELECT public.pixel_serve_generation($1, $2)"
_DROP: LiteralString = "SELECT public.pixel_drop_generations($1)"
_TRY_LOCK_TRANSACTION: LiteralString = "SELECT pg_try_advisory_xact_lock($1)"
_STRIKE_OFF: LiteralString = "DELETE FROM public.read_models WHERE name = $1 AND generation = $2"
_GENERATIONS: LiteralString = """
SELECT generation, version, position, serving,
       to_regclass(format('%I.%I', name || '_' || generation, name)) IS NOT NULL,
       NOT serving OR to_regclass(format('public.%I', name)) IS NOT NULL
FROM public.read_models WHERE name = $1 ORDER BY generation
"""
_STANDING: LiteralString = """
SELECT position,
       to_regclass(format('%I.%I', name || '_' || generation, name)) IS NOT NULL
           AND (NOT serving OR to_regclass(format('public.%I', name)) IS NOT NULL),
       EXISTS (SELECT FROM public.read_model_troubles t WHERE t.name = m.name)
FROM public.read_models m WHERE name = $1 AND generation = $2
"""
_TROUBLE: LiteralString = """
INSERT INTO public.read_model_troubles (name, error) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET error = excluded.error
"""
_NO_TROUBLE: LiteralString = "DELETE FROM public.read_model_troubles WHERE name = $1"
_SERVED: LiteralString = "SELECT position FROM public.read_models WHERE name = $1 AND serving"
_SERVED_POSITION: LiteralString = "SELECT position FROM public.read_models WHERE name = $1 AND serving FOR UPDATE"
_CHECKPOINT: LiteralString = """
UPDATE public.read_models SET position = $4, updated_at = now()
WHERE name = $1 AND generation = $2 AND position = $3
"""
_PARK: LiteralString = """
INSERT INTO public.parked_streams (name, generation, stream, position, error) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (name, generation, stream) DO NOTHING
"""
_PARKED: LiteralString = """
SELECT stream FROM public.parked_streams WHERE name = $1 AND generation = $2 AND (retry OR $3) ORDER BY position
"""
_ALL_PARKED: LiteralString = """
SELECT name, stream, position, error FROM public.parked_streams ORDER BY position LIMIT $1
"""
_UNPARK: LiteralString = "DELETE FROM public.parked_streams WHERE name = $1 AND generation = $2 AND stream = $3"
_RETRY: LiteralString = "UPDATE public.parked_streams SET retry = true WHERE name = $1 RETURNING stream"
_STATUS: LiteralString = """
SELECT coalesce(m.name, t.name) AS name, coalesce(m.generation, 0) AS generation, coalesce(m.version, 0) AS version,
       coalesce(m.serving, false) AS serving, coalesce(m.position, 0) AS position, head.position AS head,
       greatest(head.position - coalesce(m.position, 0), 0) AS lag,
       (SELECT count(*) FROM public.parked_streams p WHERE p.name = m.name AND p.generation = m.generation) AS parked,
       coalesce((SELECT greatest(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)
                 FROM public.stored_events e WHERE e.notification_id > coalesce(m.position, 0)
                 ORDER BY e.notification_id LIMIT 1), 0)::float8 AS lag_seconds,
       coalesce(t.error, CASE WHEN to_regclass(format('%I.%I', m.name || '_' || m.generation, m.name)) IS NULL
                                OR (m.serving AND to_regclass(format('public.%I', m.name)) IS NULL)
                              THEN 'somebody dropped its table or its view' END) AS error
FROM public.read_models m FULL JOIN public.read_model_troubles t ON t.name = m.name,
     (SELECT coalesce(max(notification_id), 0) AS position FROM public.stored_events) head
ORDER BY 1, 2
"""
