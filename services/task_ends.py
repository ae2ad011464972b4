"""Wakes requests that wait for the end of a task (`Prefer: wait`), with one reader of the log for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from adapters.postgres.event_log import EventLog
from application.ports import LogUnavailable
from application.wakeup import wait_for_event
from projections.base import StreamId

POLL_SECONDS = 1.0
PAGE = 500


class TaskEnds:
    """Wakes waiters by stream. A wake-up is a hint: the waiter reads the task again."""

    def __init__(self, log: EventLog) -> None:
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
            ended = await self._log.ended(position, PAGE)
            position = ended.position
            self._wake(ended.streams)
            if ended.looked < PAGE:
                await wait_for_event(appended, POLL_SECONDS)

    def _wake(self, streams: list[StreamId]) -> None:
        for stream in streams:
            for ended in self._waiting.get(stream, ()):
                ended.set()
