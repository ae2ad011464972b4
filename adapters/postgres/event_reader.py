"""How is the event log read? By stream, by position, or for an audit; always in commit order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import LiteralString, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import DRIVER_ERRORS, Pool, is_away
from application.ports import AnyEvent, Cause, LogUnavailable, Recorded, Unreadable
from application.turns import Turns

STEP_EVENTS = 100  # to decode so many takes a millisecond or two
AWAY = "The event log can't be reached at the moment."


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


class EventReader:
    """Reads of the log. Each raises LogUnavailable while the database can't be reached."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turns = Turns()
        self.newest = 0
        """The position of the newest event that this process has appended or read in a stream."""

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

    async def before(self, versions: Mapping[UUID, int]) -> dict[UUID, list[Recorded]]:
        """The events of each stream before a version of it, oldest first, read at once. Raises LogUnavailable."""
        found: dict[UUID, list[Recorded]] = {stream: [] for stream in versions}
        for recorded in await self._fetch(_BEFORE, list(versions), list(versions.values())):
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

    async def version_at(self, stream: UUID, at: datetime) -> int:
        """The version of one stream at a time; 0: it did not exist. Raises LogUnavailable."""
        rows = await self._rows(_VERSION_AT, stream, at)
        return rows[0][0] if rows else 0

    async def edit_version(self, stream: UUID, edit: str) -> int | None:
        """The version of a canvas that an edit made, by an index of its own; None: there is no such edit. Raises
        LogUnavailable."""
        rows = await self._rows(_EDIT_VERSION, stream, edit)
        return rows[0][0] if rows else None

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

    async def key_events(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events of API keys behind a position, in order, by an index of their own. Raises
        LogUnavailable."""
        return await self._fetch(_KEY_EVENTS, after, limit)

    async def webhook_events(self, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` events of webhooks behind a position, in order, by an index of their own. Raises
        LogUnavailable."""
        return await self._fetch(_WEBHOOK_EVENTS, after, limit)

    async def ended(self, after: int, limit: int) -> EndedTasks:
        """The tasks that ended in the next `limit` events behind a position; no event is decoded. Raises
        LogUnavailable."""
        try:
            row = await self._pool.fetchrow(_ENDED, after, limit)
        except DRIVER_ERRORS as error:
            raise unavailable(error) from error
        assert row is not None  # noqa: S101 - a SELECT without FROM
        return EndedTasks(*row)

    async def head(self) -> int:
        """The position of the last event; 0 for an empty log. Raises LogUnavailable."""
        try:
            return int(await self._pool.fetchval(_HEAD))
        except DRIVER_ERRORS as error:
            raise unavailable(error) from error

    async def _fetch(self, query: LiteralString, *args: object) -> list[Recorded]:
        rows = await self._rows(query, *args)
        if len(rows) <= STEP_EVENTS:
            return _decoded(rows)
        found: list[Recorded] = []
        for begin in range(0, len(rows), STEP_EVENTS):
            found += await self._turns.take(partial(_decoded, rows[begin : begin + STEP_EVENTS]))
        return found

    async def _rows(self, query: LiteralString, *args: object) -> list[asyncpg.Record]:
        try:
            return await self._pool.fetch(query, *args)
        except DRIVER_ERRORS as error:
            raise unavailable(error) from error


_EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode(topic: str, state: bytes) -> AnyEvent | Unreadable:
    """An event from its stored form; Unreadable when this version can't decode it."""
    try:
        return _EVENT.decode(state)
    except _UNDECODABLE as error:
        return Unreadable(topic=topic, problem=str(error))


def _decoded(rows: list[asyncpg.Record]) -> list[Recorded]:
    decode_event = _EVENT.decode
    try:  # nearly always all of them can be decoded
        return [
            Recorded(position, stream, version, decode_event(state)) for position, stream, version, _, state in rows
        ]
    except _UNDECODABLE:
        return [Recorded(row[0], row[1], row[2], decode(row[3], row[4])) for row in rows]


def unavailable(error: BaseException) -> BaseException:
    """LogUnavailable for an unavailable database; any other error unchanged."""
    if not is_away(error):
        return error
    return LogUnavailable(AWAY, retry_after=2)


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
_BEFORE: LiteralString = """
SELECT e.* FROM unnest($1::uuid[], $2::bigint[]) AS asked (stream, version) CROSS JOIN LATERAL (
    SELECT notification_id, originator_id, originator_version, topic, state
    FROM stored_events WHERE originator_id = asked.stream AND originator_version < asked.version
    ORDER BY originator_version
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
_KEY_EVENTS: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE topic IN ('ApiKeyIssued', 'ApiKeyChanged', 'ApiKeyRevoked') AND notification_id > $1
ORDER BY notification_id LIMIT $2
"""
_WEBHOOK_EVENTS: LiteralString = """
SELECT notification_id, originator_id, originator_version, topic, state
FROM stored_events
WHERE topic IN ('WebhookRegistered', 'WebhookChanged', 'WebhookSecretRotated', 'WebhookDisabled', 'WebhookEnabled',
                'WebhookRemoved')
  AND notification_id > $1
ORDER BY notification_id LIMIT $2
"""
_VERSION_AT: LiteralString = """
SELECT originator_version FROM stored_events
WHERE originator_id = $1 AND recorded_at <= $2 ORDER BY originator_version DESC LIMIT 1
"""
_EDIT_VERSION: LiteralString = """
SELECT originator_version FROM stored_events
WHERE topic = 'CanvasEdited' AND originator_id = $1 AND metadata ->> 'correlation_id' = $2
ORDER BY originator_version LIMIT 1
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
