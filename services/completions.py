"""Wakes requests that wait for the end of a task (`Prefer: wait`), with one reader of the log for all of them."""

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
    """Wakes waiters by stream. A wake-up is a hint: the waiter reads the task again."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: defaultdict[StreamId, set[asyncio.Event]] = defaultdict(set)
        self._has_waiters = asyncio.Event()
        self.closed = False

    def close(self) -> None:
        """End all waits, now and later: the service stops, and each waiter should still get its answer."""
        self.closed = True
        self._wake(list(self._waiting))

    @contextmanager
    def watch(self, stream: StreamId) -> Generator[asyncio.Event]:
        """Yields an event that is set when the task ends. Read the task inside the block, so that no end is missed."""
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
        """For ever: follow the log while somebody waits."""
        appended = self._log.appended()
        while True:
            self._has_waiters.clear()
            if not self._waiting:
                await self._has_waiters.wait()
            try:
                await self._follow(appended)
            except LogUnavailable:
                await asyncio.sleep(POLL_SECONDS)

    async def _follow(self, appended: asyncio.Event) -> None:
        position = await self._log.head()
        self._wake(list(self._waiting))  # their tasks may have ended before this position
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
