"""When has a batch ended? When the last of its tasks has, for the first time; an event of the batch says so.

Every worker follows the log and tries: the event is version 2 of the batch's stream, so the first one records it, and
the others find it there. A worker that dies in between leaves a batch without an end, which the next start finds."""

import asyncio
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.open_batches import OpenBatch, ended_among, open_batches
from application.batches import end_batch
from application.log_tail import LogTail
from application.log_throttle import LogThrottle
from application.ports import LogUnavailable, Recorded
from application.wakeup import wait_for_event
from domain.base import Rejected
from domain.batch import BatchEnded, BatchRequested
from domain.ids import task_stream
from domain.task.events import TaskCancelled, TaskCompleted, TaskFailed
from projections.base import topics_of
from services.batch_reader import BatchReader

MAX_TASKS = 100_000  # that are waited for; batches beyond are found when others have ended
PAGE = 500
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.05
RETRY_SECONDS = 1.0
_ENDS = (TaskCompleted, TaskFailed, TaskCancelled)

logger = structlog.get_logger("pixel.batches")


class BatchEnds:
    """Waits for the tasks of batches, and records the ends of batches. Its owner must run `run` as a task."""

    def __init__(self, log: EventLog, pool: Pool, tail: LogTail, reader: BatchReader) -> None:
        self._log = log
        self._pool = pool
        self._tail = tail
        self._reader = reader
        self._waiting: dict[UUID, set[UUID]] = {}  # the tasks of each batch that have not ended yet
        self._batches: dict[UUID, UUID] = {}  # the batch of each of them
        self._left_out = False
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """For ever: find the batches without an end, then follow the log. After an error all begins anew."""
        while True:
            try:
                await self._follow()
            except (LogUnavailable, *DRIVER_ERRORS) as error:
                if self._throttle.should_log():
                    logger.warning("ends of batches could not be recorded", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        appended = self._log.appended()
        position = await self._log.head()
        await self._find_open()
        while not (self._left_out and len(self._batches) < MAX_TASKS // 2):
            appended.clear()
            page = await self._tail.read(position, PAGE)
            for recorded in page.events:
                await self._look_at(recorded)
                position = recorded.position
            self._throttle.reset()
            if page.is_last:
                await wait_for_event(appended, POLL_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    async def _find_open(self) -> None:
        """Wait for all tasks of batches without an end, or record it."""
        self._waiting.clear()
        self._batches.clear()
        self._left_out = False
        after = 0
        while found := await open_batches(self._pool, after):
            for batch in found:
                await self._wait_for(batch)
            after = found[-1].position

    async def _wait_for(self, batch: OpenBatch) -> None:
        streams = {task_stream(task) for task in batch.tasks}
        if not streams:
            return
        left = streams - await ended_among(self._pool, list(streams), sorted(topics_of(*_ENDS)))
        if not left:
            await self._end(batch.stream)
        elif len(self._batches) + len(left) > MAX_TASKS:
            self._left_out = True
        else:
            self._waiting[batch.stream] = left
            self._batches.update(dict.fromkeys(left, batch.stream))

    async def _look_at(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, BatchRequested):
            if recorded.stream not in self._waiting:
                await self._wait_for(OpenBatch(recorded.position, recorded.stream, event.tasks))
        elif isinstance(event, BatchEnded):  # another worker was first
            for task in self._waiting.pop(recorded.stream, ()):
                self._batches.pop(task, None)
        elif isinstance(event, _ENDS) and (batch := self._batches.pop(recorded.stream, None)):
            left = self._waiting[batch]
            left.discard(recorded.stream)
            if not left:
                del self._waiting[batch]
                await self._end(batch)

    async def _end(self, stream: UUID) -> None:
        history = await self._log.stream(stream)
        if len(history) == 1 and isinstance(batch := history[0].event, BatchRequested):
            try:
                view = await self._reader.view(batch)
            except Rejected:  # a task that can't be read must not keep other batches from their ends
                logger.exception("the end of a batch can't be told", batch=batch.batch)
                return
            counts = view.counts
            await end_batch(
                self._log, stream, batch, completed=counts.completed, failed=counts.failed, cost=view.cost or {}
            )
