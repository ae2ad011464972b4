"""The event log on PostgreSQL: appends are decided one by one, committed together, and read in commit order.

Appends of one process are collected while the commit before is under way ("group commit"): one lock, one fsync and
one round trip for all of them. An answer is given only after the commit."""

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, LiteralString, NamedTuple
from uuid import UUID
from weakref import WeakSet

import asyncpg
import msgspec
import structlog

from adapters.postgres.append import Command, store
from adapters.postgres.database import (
    DRIVER_ERRORS,
    RAW_ERRORS,
    Connection,
    Pool,
    connect,
    is_away,
    is_refusal,
    translated,
)
from application.log_throttle import LogThrottle
from application.ports import Cause, Conflict, LogUnavailable, Receipt, Recorded, Unreadable
from domain.base import replace
from domain.model import ModelEvent
from domain.task.events import TaskEvent

BATCH = 512
RETRY_SECONDS = (0.02, 0.1, 0.25, 0.5)
NOTIFY_SECONDS = 0.02
NOTICE_SECONDS = 15.0
LEAST_SECONDS = 0.05
REFUSED_SECONDS = 600.0  # nobody may have tried since
CHANNEL = "pixel_appended"
AWAY = "The event log can't be reached at the moment."

logger = structlog.get_logger("pixel.event_log")


class StoredEvent(NamedTuple):
    """An event in its stored form."""

    position: int
    stream: UUID
    version: int
    topic: str
    state: bytes

    def decoded(self) -> Recorded:
        """The event itself."""
        return Recorded(self.position, self.stream, self.version, decode(self.topic, self.state))


class Past(NamedTuple):
    """An event for an audit: its places, its stored form, the time when it was recorded, and its cause."""

    position: int
    version: int
    topic: str
    state: bytes
    recorded_at: datetime
    metadata: str

    @property
    def cause(self) -> Cause:
        """Who and what caused it."""
        return msgspec.json.decode(self.metadata, type=Cause)


class HistoryPage(NamedTuple):
    """Some events of a stream, oldest first. `head` is the version of the stream; 0: there is none."""

    head: int
    events: list[Past]


class EndedTasks(NamedTuple):
    """The tasks that ended between two positions. `position` is that of the last event that was looked at, and `looked`
    how many there were."""

    streams: list[UUID]
    position: int
    looked: int


class EventLog:
    """Appends and reads. Its owner must run `write` and `listen` as tasks."""

    def __init__(self, dsn: str, pool: Pool, *, queue_limit: int = 10_000, patience_seconds: float = 3.0) -> None:
        self._dsn = dsn
        self._pool = pool
        self._queue: deque[Command] = deque()
        self._taken: list[Command] = []  # being committed
        self._ended = False
        self._id = os.urandom(12).hex()  # random, so that command ids are unique among all processes
        self._numbers = count(1)
        self._queue_limit = queue_limit
        self._patience_seconds = patience_seconds
        self._wanted = asyncio.Event()
        self._committed = asyncio.Event()
        self._writer: Connection | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._refused: tuple[str, float] | None = None
        self.newest = 0
        """The position of the newest event that this process has appended or read in a stream."""
        self._bells: WeakSet[asyncio.Event] = WeakSet()
        self._away, self._deaf = LogThrottle(), LogThrottle()

    async def append(self, stream: UUID, expected: int, events: Sequence[Any], cause: Cause) -> Receipt:
        """Append all of the events, or none, to a stream that ends at version `expected` (0: a new stream).

        Raises Conflict when the stream ends elsewhere, LogUnavailable when the commit could not be confirmed, and
        ValueError without events."""
        return await self._asked(
            stream, expected, [(event.__struct_config__.tag, _ENCODER.encode(event)) for event in events], cause
        )

    async def append_encoded(
        self, stream: UUID, expected: int, events: Sequence[tuple[str, bytes]], cause: Cause
    ) -> Receipt:
        """Append events that are (topic, state) already. Raises what `append` raises."""
        return await self._asked(stream, expected, events, cause)

    def _asked(
        self, stream: UUID, expected: int, events: Sequence[tuple[str, bytes]], cause: Cause
    ) -> asyncio.Future[Receipt]:
        """Put a command into the queue."""
        if not events:
            raise ValueError("an append of nothing has no place in the log")
        if self._ended:
            raise LogUnavailable("Pixel is shutting down.", retry_after=2)
        if len(self._queue) >= self._queue_limit:
            raise LogUnavailable("Too many requests are waiting to be stored.", retry_after=1)
        loop = asyncio.get_running_loop()
        command_id = f"{self._id}-{next(self._numbers)}"
        metadata = _ENCODER.encode(replace(cause, command_id=command_id)).decode()
        deadline = loop.time() + self._patience_seconds
        command = Command(stream, expected, command_id, metadata, events, loop.create_future(), deadline)
        self._queue.append(command)
        self._wanted.set()
        if self._clock is None:
            self._clock = loop.call_at(deadline, self._refuse_the_late)
        return command.answer

    def _refuse_the_late(self) -> None:
        """Refuse commands whose deadline has passed, so that a commit that hangs keeps nobody waiting."""
        loop = asyncio.get_running_loop()
        for command in [*self._taken, *self._queue]:
            if command.deadline <= loop.time():
                _refuse(command, LogUnavailable(AWAY, retry_after=2))
        self._queue = deque(command for command in self._queue if not command.answer.done())
        waiting = [command.deadline for command in [*self._taken, *self._queue] if not command.answer.done()]
        self._clock = None
        if waiting:
            again = max(min(waiting), loop.time() + LEAST_SECONDS)
            self._clock = loop.call_at(again, self._refuse_the_late)

    async def stream(self, stream: UUID) -> list[Recorded]:
        """Every event of one stream, oldest first. Raises LogUnavailable."""
        events = await self._fetch(_STREAM, stream)
        if events:
            self.newest = max(self.newest, events[-1].position)
        return events

    async def streams(self, streams: Sequence[UUID]) -> dict[UUID, list[Recorded]]:
        """Every event of each of the streams, oldest first, read at once. Raises LogUnavailable."""
        found: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
        for recorded in await self._fetch(_STREAMS, list(found)):
            found[recorded.stream].append(recorded)
        return found

    async def stream_until(
        self, stream: UUID, *, after: int, limit: int, version: int | None = None, at: datetime | None = None
    ) -> list[StoredEvent]:
        """Up to `limit` events of one stream behind the version `after`, oldest first: those up to a version, and
        those recorded until a time. Raises LogUnavailable."""
        rows = await self._rows(_STREAM_UNTIL, stream, after, limit, version, at)
        if rows:
            self.newest = max(self.newest, rows[-1][0])
        return [StoredEvent(*row) for row in rows]

    async def history(self, stream: UUID, *, after: int, limit: int) -> HistoryPage:
        """Up to `limit` events of one stream behind the version `after`, with their metadata. Raises
        LogUnavailable."""
        rows = await self._rows(_HISTORY, stream, after, limit)
        return HistoryPage(rows[0][0] or 0, [Past(*row[1:]) for row in rows if row[1] is not None])

    async def head_of(self, stream: UUID) -> int:
        """The version of one stream; 0 for an empty one. Raises LogUnavailable."""
        return (await self.history(stream, after=0, limit=0)).head

    async def read(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events after a position, in order. No event can appear later at or before the last one
        returned. Raises LogUnavailable."""
        return await self._fetch(_READ, after, limit)

    async def model_events(self) -> list[Recorded]:
        """The events of all model streams, in order, by an index of their own. Raises LogUnavailable."""
        return await self._fetch(_MODEL_EVENTS)

    async def ended(self, after: int, limit: int) -> EndedTasks:
        """The tasks that ended in the next `limit` events behind a position; no event is decoded. Raises
        LogUnavailable."""
        try:
            row = await self._pool.fetchrow(_ENDED, after, limit)
        except DRIVER_ERRORS as error:
            raise _unavailable(error) from error
        assert row is not None  # noqa: S101 - a SELECT without FROM
        return EndedTasks(*row)

    async def head(self) -> int:
        """The position of the last event; 0 for an empty log. Raises LogUnavailable."""
        try:
            return int(await self._pool.fetchval(_HEAD))
        except DRIVER_ERRORS as error:
            raise _unavailable(error) from error

    def appended(self) -> asyncio.Event:
        """An asyncio.Event that is set after every append, on this node or another. The waiter clears it, and must poll
        as well."""
        bell = asyncio.Event()
        self._bells.add(bell)
        return bell

    @property
    def waiting(self) -> int:
        """The number of appends that wait for their commit."""
        return len(self._queue)

    @property
    def refused(self) -> str | None:
        """Why PostgreSQL refused the last write although it is reachable (disk full, read-only); None otherwise."""
        if self._refused is None or self._refused[1] < asyncio.get_running_loop().time() - REFUSED_SECONDS:
            return None
        return self._refused[0]

    async def _fetch(self, query: LiteralString, *args: object) -> list[Recorded]:
        rows = await self._rows(query, *args)
        return [Recorded(row[0], row[1], row[2], decode(row[3], row[4])) for row in rows]

    async def _rows(self, query: LiteralString, *args: object) -> list[asyncpg.Record]:
        try:
            return await self._pool.fetch(query, *args)
        except DRIVER_ERRORS as error:
            raise _unavailable(error) from error

    # --- writing ---

    async def write(self) -> None:
        """Commit the queue, for ever. When it ends, every waiting append fails with LogUnavailable."""
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                while batch := self._take():
                    self._taken = batch
                    await self._commit(batch)
                    self._taken = []
        finally:
            self._ended = True
            for command in [*self._taken, *self._queue]:
                _refuse(command, LogUnavailable("Pixel is shutting down.", retry_after=2))
            self._queue.clear()
            if self._clock is not None:
                self._clock.cancel()
            await self._disconnect()

    async def drain(self) -> None:
        """Wait until every queued append has its result."""
        answers = [command.answer for command in [*self._taken, *self._queue]]
        if answers:
            await asyncio.wait(answers)

    def _take(self) -> list[Command]:
        """The next batch, with at most one command per stream, because a second one depends on the first."""
        batch: dict[UUID, Command] = {}
        later: list[Command] = []
        while self._queue and len(batch) + len(later) < BATCH:
            command = self._queue.popleft()
            if command.answer.done():  # its caller has gone
                continue
            if command.stream in batch:
                later.append(command)
            else:
                batch[command.stream] = command
        self._queue.extendleft(reversed(later))
        return list(batch.values())

    async def _commit(self, batch: list[Command]) -> None:
        attempt = 0
        while batch:
            try:
                if self._writer is None:
                    # What is no longer waited for is not stored later, as far as PostgreSQL can help it.
                    limit = str(int(self._patience_seconds * 1000))
                    self._writer = await connect(self._dsn, statement_timeout=limit)
                batch = [
                    command for command in batch if not command.answer.done()
                ]  # refused, or cancelled by its caller
                if not batch:
                    return
                ends = await store(self._writer, batch, seconds=self._patience_seconds + 1)
            except Exception as raised:  # noqa: BLE001 - of one batch, whatever it is: the others go on
                error = translated(raised)
                await self._disconnect()
                if is_refusal(error):
                    self._refused = type(error).__name__, asyncio.get_running_loop().time()
                if not is_away(error):
                    await self._commit_singly(batch, error)
                    return
                batch = self._keep_patient(batch, error)
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1
            else:
                self._away.reset()
                self._refused = None
                self._answer(batch, ends)
                return

    async def _commit_singly(self, batch: list[Command], error: BaseException) -> None:
        """A command of the batch is invalid or can't be encoded: commit each by itself, so that the others succeed."""
        if len(batch) == 1:
            _refuse(batch[0], error)
            return
        for command in batch:
            await self._commit([command])

    def _keep_patient(self, batch: list[Command], error: BaseException) -> list[Command]:
        """After a lost connection, keep the commands whose deadline has not passed, to send them again under the same
        id."""
        now = asyncio.get_running_loop().time()
        if self._away.should_log():
            logger.warning("event log unavailable", error=type(error).__name__, waiting=len(batch) + len(self._queue))
        for command in [*batch, *self._queue]:
            if command.deadline <= now:
                _refuse(command, _unavailable(error))
        self._queue = deque(command for command in self._queue if not command.answer.done())
        return [command for command in batch if not command.answer.done()]

    def _answer(self, batch: list[Command], ends: list[Receipt | Conflict]) -> None:
        for command, end in zip(batch, ends, strict=True):
            if command.answer.done():
                continue
            if isinstance(end, Receipt):
                self.newest = max(self.newest, end.position)
                command.answer.set_result(end)
            else:
                command.answer.set_exception(end)
        self._committed.set()
        self._ring()

    async def _disconnect(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.terminate()

    # --- waking followers up ---

    def _ring(self, *_: object) -> None:
        for bell in self._bells:
            bell.set()

    async def listen(self) -> None:
        """Notify other nodes of our appends and receive theirs, for ever. NOTIFY never runs in an append, because it
        locks."""
        while True:
            try:
                await self._listen_once()
            except RAW_ERRORS as error:
                if self._deaf.should_log():
                    logger.warning("wake-ups interrupted, polling goes on", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        connection = await connect(self._dsn)
        try:
            await connection.add_listener(CHANNEL, self._ring)
            # A lost connection rings too: the next NOTIFY then fails, and we connect again.
            connection.add_termination_listener(lambda _: self._committed.set())
            self._ring()  # for appends of others while nobody listened
            self._committed.set()  # and for our own that were not announced
            while True:
                await self._committed.wait()
                self._committed.clear()
                await connection.execute(_NOTIFY, timeout=NOTICE_SECONDS)
                self._deaf.reset()
                await asyncio.sleep(NOTIFY_SECONDS)
        finally:
            connection.terminate()


_EVENT: msgspec.json.Decoder[TaskEvent | ModelEvent] = msgspec.json.Decoder(TaskEvent | ModelEvent)
_ENCODER = msgspec.json.Encoder()


def decode(topic: str, state: bytes) -> TaskEvent | ModelEvent | Unreadable:
    """An event from its stored form; Unreadable when this version can't decode it."""
    try:
        return _EVENT.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(topic=topic, problem=str(error))


def _refuse(command: Command, error: BaseException) -> None:
    if not command.answer.done():
        command.answer.set_exception(error)


def _unavailable(error: BaseException) -> BaseException:
    """LogUnavailable for an unavailable database; any other error unchanged."""
    if not is_away(error):
        return error
    return LogUnavailable(AWAY, retry_after=2)


_NOTIFY: LiteralString = "NOTIFY pixel_appended"
_HEAD: LiteralString = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
_STREAM: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events WHERE originator_id = $1 ORDER BY originator_version
"""
_STREAM_UNTIL: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE originator_id = $1 AND originator_version > $2
  AND ($4::bigint IS NULL OR originator_version <= $4) AND ($5::timestamptz IS NULL OR recorded_at <= $5)
ORDER BY originator_version LIMIT $3
"""
# The subquery keeps the planner from a join, for which it might read the whole log.
_STREAMS: LiteralString = """
SELECT e.* FROM unnest($1::uuid[]) AS asked CROSS JOIN LATERAL (
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events WHERE originator_id = asked ORDER BY originator_version
) e
"""
_HISTORY: LiteralString = """
SELECT stream.head, event.*
FROM (SELECT max(originator_version) AS head FROM stored_events WHERE originator_id = $1) AS stream
LEFT JOIN LATERAL (
    SELECT notification_id, originator_version, topic, state, recorded_at, metadata
    FROM stored_events WHERE originator_id = $1 AND originator_version > $2 ORDER BY originator_version LIMIT $3
) AS event ON true
ORDER BY event.originator_version
"""
_MODEL_EVENTS: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE topic IN ('ModelRegistered', 'ModelRevised', 'ModelEnabled', 'ModelDisabled', 'DefaultModelChosen',
                'ModelRetired')
ORDER BY notification_id
"""
_ENDED: LiteralString = """
WITH page AS MATERIALIZED (
    SELECT notification_id, originator_id, topic
    FROM stored_events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2
)
SELECT array(SELECT originator_id FROM page WHERE topic IN ('TaskCompleted', 'TaskFailed', 'TaskCancelled')),
       (SELECT coalesce(max(notification_id), $1) FROM page), (SELECT count(*) FROM page)
"""
_READ: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2
"""
