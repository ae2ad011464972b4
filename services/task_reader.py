"""The state of a task: now, never older than what any POST has answered, at its end, and as it stood before."""

import asyncio
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from adapters.postgres.event_log import EventLog
from adapters.postgres.event_reader import StoredEvent
from adapters.request_batching import DataLoader
from application.turns import Turns
from application.wakeup import wait_for_event
from domain.base import Rejected
from projections.base import StreamId
from projections.task_view import TaskRow, fold_all
from projections.tasks import TaskSnapshot
from services.task_ends import TaskEnds

STEP_EVENTS = 100  # to fold so many takes 2 ms


class CurrentTask(NamedTuple):
    """The encoded view of a task, the version of its stream, whether it has ended, and a position in the log up to
    which it has everything."""

    body: bytes
    version: int
    ended: bool
    position: int


class TaskReader:
    """Reads tasks: the row of the read model while it is current, else the fold of the task's events."""

    def __init__(
        self, log: EventLog, snapshots: DataLoader[StreamId, TaskSnapshot], *, turns: Turns, task_ends: TaskEnds
    ) -> None:
        """`turns` are those of all long work of the process."""
        self._log = log
        self._snapshots = snapshots
        self._turns = turns
        self._task_ends = task_ends

    @property
    def closing(self) -> bool:
        """Whether the service stops, and waits end at once."""
        return self._task_ends.closed

    async def read_task(self, stream: StreamId, task_id: str, *, sees_only: str | None) -> CurrentTask:
        """The task, never older than what POST has answered: a row that is behind its stream is not trusted. For a
        caller who `sees_only` the tasks of one owner, those of others do not exist.

        Raises Rejected `task_unknown`, LogUnavailable, and what the database raises."""
        seen = await self._snapshots.load(stream)
        if seen.body is not None and seen.version == seen.head and (sees_only is None or seen.owner is not None):
            _require_owner(seen.owner, sees_only, task_id)
            return CurrentTask(seen.body, seen.version, seen.ended, seen.position)
        row: TaskRow | None = None
        if seen.head > STEP_EVENTS:
            row = await self.fold_until(stream)
        elif seen.head:
            row = fold_all(await self._log.stream(stream))
        if row is None:
            raise _not_found(task_id)
        _require_owner(row.owner, sees_only, task_id)
        return CurrentTask(msgspec.json.encode(row.view), row.version, row.view.status.final, seen.position)

    async def wait_for_end(
        self, stream: StreamId, task_id: str, seconds: float, *, sees_only: str | None
    ) -> CurrentTask:
        """The task once it has ended, or as it is when the time is up or the service stops.

        Raises what `read_task` raises."""
        if seconds <= 0:
            return await self.read_task(stream, task_id, sees_only=sees_only)
        deadline = asyncio.get_running_loop().time() + seconds
        with self._task_ends.watch(stream) as ended:
            while True:
                seen = await self.read_task(stream, task_id, sees_only=sees_only)
                left = deadline - asyncio.get_running_loop().time()
                if seen.ended or left <= 0 or self._task_ends.closed:
                    return seen
                await wait_for_event(ended, left)
                ended.clear()

    async def require(self, stream: StreamId, task_id: str, *, sees_only: str | None) -> None:
        """Raise Rejected `task_unknown` when the task does not exist for this caller, and what `read_task` raises.

        Nothing is read for a caller who sees everything: whoever decides on the task finds out."""
        if sees_only is not None:
            await self.read_task(stream, task_id, sees_only=sees_only)

    async def fold_until(
        self, stream: StreamId, *, version: int | None = None, at: datetime | None = None
    ) -> TaskRow | None:
        """The row of a task as its events up to a version or a time made it; None: it did not exist. A long stream is
        read and folded in steps.

        Raises LogUnavailable."""
        row: TaskRow | None = None
        after = 0
        while True:
            events = await self._log.stream_until(stream, after=after, limit=STEP_EVENTS, version=version, at=at)
            row = await self._turns.take(partial(_fold, events, row))
            if len(events) < STEP_EVENTS:
                return row
            after = events[-1].version


def _not_found(task_id: str) -> Rejected:
    return Rejected("task_unknown", f"Task '{task_id}' not found")


def _require_owner(owner: str | None, sees_only: str | None, task_id: str) -> None:
    """Raise Rejected for a task of another owner, with the words for a task that is not there."""
    if sees_only is not None and owner != sees_only:
        raise _not_found(task_id)


def _fold(events: list[StoredEvent], row: TaskRow | None) -> TaskRow | None:
    return fold_all((event.decoded() for event in events), row)
