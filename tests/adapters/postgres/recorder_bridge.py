"""The eventsourcing library's recorder interface over our log: blocking calls, with asyncio in a thread of its own.

It exists so that the library's own tests can test the log."""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any, LiteralString, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)

from adapters.postgres.database import Pool, open_pool
from adapters.postgres.event_log import EventLog
from application.ports import Cause, Conflict, LogUnavailable
from tests.adapters.postgres.event_log_rig import opened

T = TypeVar("T")


class _Inside(NamedTuple):
    """What lives in the thread."""

    loop: asyncio.AbstractEventLoop
    log: EventLog
    pool: Pool
    end: asyncio.Event


class EventLogRecorder(ApplicationRecorder):
    """Writes through EventLog, reads its table. To be closed."""

    def __init__(self, dsn: str) -> None:
        started: Future[_Inside] = Future()
        self._thread = Thread(target=asyncio.run, args=(_live(dsn, started),))
        self._thread.start()
        self._inside = started.result()

    def close(self) -> None:
        self._inside.loop.call_soon_threadsafe(self._inside.end.set)
        self._thread.join()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        if not stored_events:
            return None
        first, count = stored_events[0], len(stored_events)
        if {event.originator_id for event in stored_events} != {first.originator_id}:
            raise ProgrammingError("an append is for one stream")
        versions = [event.originator_version for event in stored_events]
        if versions != list(range(first.originator_version, first.originator_version + count)):
            raise IntegrityError("versions follow each other")
        encoded = [(event.topic, event.state) for event in stored_events]
        append = self._inside.log.append_encoded(
            _uuid(first.originator_id), first.originator_version - 1, encoded, Cause(actor="library")
        )
        try:
            end = self.run(append).position
        except Conflict as error:
            raise IntegrityError(str(error)) from error
        except LogUnavailable as error:
            raise OperationalError(str(error)) from error
        return list(range(end - count + 1, end + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        query = _NEWEST_FIRST if desc else _OLDEST_FIRST
        return [StoredEvent(*row) for row in self.run(self._inside.pool.fetch(query, originator_id, gt, lte, limit))]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = None if start is None else start - inclusive_of_start
        rows = self.run(self._inside.pool.fetch(_NOTIFICATIONS, after, stop, list(topics) or None, limit))
        return [Notification(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        return self.run(self._inside.log.head()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "EventLogSubscription":
        return EventLogSubscription(self, gt=gt, topics=topics)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the thread, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._inside.loop).result()

    def on_append(self, rung: Any) -> "Future[None]":
        """Call `rung` at every append, until the future is cancelled."""
        return asyncio.run_coroutine_threadsafe(_follow(self._inside.log, rung), self._inside.loop)


class EventLogSubscription(ListenNotifySubscription[EventLogRecorder]):
    """Woken at each append to the log."""

    def __init__(self, recorder: EventLogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._follower = recorder.on_append(self._has_been_notified.set)

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        self._follower.cancel()
        super().__exit__(*args, **kwargs)


async def _live(dsn: str, started: "Future[_Inside]") -> None:
    try:
        async with opened(dsn, listening=True) as log, await open_pool(dsn, size=8) as pool:
            end = asyncio.Event()
            started.set_result(_Inside(asyncio.get_running_loop(), log, pool, end))
            await end.wait()
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


async def _follow(log: EventLog, rung: Any) -> None:
    appended = log.appended()
    while True:
        await appended.wait()
        appended.clear()
        rung()


def _uuid(originator: UUID | str) -> UUID:
    return originator if isinstance(originator, UUID) else UUID(originator)


_OLDEST_FIRST: LiteralString = """
SELECT originator_id, originator_version, topic, state FROM stored_events
WHERE originator_id = $1 AND ($2::bigint IS NULL OR originator_version > $2)
  AND ($3::bigint IS NULL OR originator_version <= $3)
ORDER BY originator_version LIMIT $4
"""
_NEWEST_FIRST: LiteralString = """
SELECT originator_id, originator_version, topic, state FROM stored_events
WHERE originator_id = $1 AND ($2::bigint IS NULL OR originator_version > $2)
  AND ($3::bigint IS NULL OR originator_version <= $3)
ORDER BY originator_version DESC LIMIT $4
"""
_NOTIFICATIONS: LiteralString = """
SELECT originator_id, originator_version, topic, state, notification_id FROM stored_events
WHERE ($1::bigint IS NULL OR notification_id > $1) AND ($2::bigint IS NULL OR notification_id <= $2)
  AND ($3::text[] IS NULL OR topic = ANY($3))
ORDER BY notification_id LIMIT $4
"""
