"""What is new in the log? Read and decoded once for all who follow it in this process."""

import asyncio
from bisect import bisect_right
from typing import NamedTuple

from application.clock import monotonic
from application.ports import Log, Recorded

MAX_EVENTS = 2000
FRESH_SECONDS = 0.25  # below the pause after which followers look by themselves, should an announcement get lost


class Page(NamedTuple):
    """Events after a position, in order. `is_last`: there were no more when the page was read.

    To follow the log: clear an event of `Log.appended`, read a page, and wait for that event only after the last
    page. Then no append is missed."""

    events: list[Recorded]
    is_last: bool


class _End(NamedTuple):
    """The position at which a read that began at `since` found the end of the log. Any append that it did not see sets
    `appended`."""

    position: int
    since: float
    appended: asyncio.Event


class LogTail:
    """The last events that were read, at most MAX_EVENTS. Whoever is further behind reads for itself.

    Where the log ended a moment ago is known, too, until an append is announced: one read answers all followers."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._events: list[Recorded] = []
        self._after = 0  # the position before the first of them
        self._reading: tuple[int, asyncio.Event] | None = None
        self._end: _End | None = None

    async def read(self, after: int, limit: int) -> Page:
        """Up to `limit` events behind a position. Raises LogUnavailable."""
        if self._reading is not None and self._reading[0] == after:
            await self._reading[1].wait()
        recent = self._recent(after, limit)
        is_last = self._is_end(recent[-1].position if recent else after)
        if recent or is_last:
            return Page(recent, is_last)
        done = asyncio.Event()
        since, appended = monotonic(), self._log.appended()
        self._reading = mine = (after, done)
        try:
            events = await self._log.read(after, limit)
            self._keep(after, events)
            if len(events) < limit:
                self._end = _End(events[-1].position if events else after, since, appended)
        finally:
            done.set()
            if self._reading is mine:
                self._reading = None
        return Page(events, is_last=len(events) < limit)

    def _is_end(self, position: int) -> bool:
        end = self._end
        if end is None or end.position != position or end.appended.is_set():
            return False
        return monotonic() - end.since < FRESH_SECONDS

    def _recent(self, after: int, limit: int) -> list[Recorded]:
        if not self._events or not self._after <= after < self._events[-1].position:
            return []
        first = bisect_right(self._events, after, key=lambda recorded: recorded.position)
        return self._events[first : first + limit]

    def _keep(self, after: int, events: list[Recorded]) -> None:
        newest = self._events[-1].position if self._events else 0
        if not events or events[-1].position <= newest:
            return
        remembered = [*self._events, *events] if after == newest and self._events else events
        if len(remembered) > MAX_EVENTS:
            self._after = remembered[-MAX_EVENTS - 1].position
            remembered = remembered[-MAX_EVENTS:]
        elif remembered is events:
            self._after = after
        self._events = remembered
