"""Who waits for the end of a task is woken when it comes: one reader of the log for all who wait."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from application.ports import Log, LogUnavailable
from application.wakeup import wait_for_event
from domain.task.events import TaskCancelled, TaskCompleted, TaskFailed
from projections.base import StreamId

POLL_SECONDS = 1.0
PAGE = 500


class Completions:
    """Wakes waiters by stream. A wake-up is a hint: whoever is woken looks again, the log is the truth."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: defaultdict[StreamId, set[asyncio.Event]] = defaultdict(set)
        self._has_waiters = asyncio.Event()
        self.closed = False

    def close(self) -> None:
        """Nobody waits any longer: the service stops, and whoever waits is to have an answer before it is gone."""
        self.closed = True
        self._wake(list(self._waiting))

    @contextmanager
    def watch(self, stream: StreamId) -> Generator[asyncio.Event]:
        """An event that is set when the task ends. Watch first, look at the task then: so no end is missed."""
        ended = asyncio.Event()
        self._waiting[stream].add(ended)
        self._has_waiters.set()
        try:
            yield ended
        finally:
            self._waiting[stream].discard(ended)
            if not self._waiting[stream]:
                del self._waiting[stream]

    async def run(self) -> None:
        """Follow the log while somebody waits."""
        bell = self._log.appended()
        while True:
            self._has_waiters.clear()
            if not self._waiting:
                await self._has_waiters.wait()
            try:
                await self._follow(bell)
            except LogUnavailable:
                await asyncio.sleep(POLL_SECONDS)

    async def _follow(self, appended: asyncio.Event) -> None:
        position = await self._log.head()
        self._wake(list(self._waiting))  # theirs may have ended before we began to look
        while self._waiting:
            appended.clear()
            events = await self._log.read(position, PAGE)
            if events:
                position = events[-1].position
            self._wake([e.stream for e in events if isinstance(e.event, TaskCompleted | TaskFailed | TaskCancelled)])
            if len(events) < PAGE:
                await wait_for_event(appended, POLL_SECONDS)

    def _wake(self, streams: list[StreamId]) -> None:
        for stream in streams:
            for ended in self._waiting.get(stream, ()):
                ended.set()
