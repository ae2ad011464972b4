"""The last events of the log as frames, for listeners that have fallen behind, or come back."""

import asyncio
from bisect import bisect_right
from typing import NamedTuple

from adapters.postgres.event_log import EventLog
from services.event_frames import Frame, FrameMaker, Wanted
from services.model_registry import ModelRegistry

MAX_EVENTS, MAX_BYTES = 10_000, 32 * 1024 * 1024
PAGE = 200
SCAN_EVENTS = 1000  # to look through so many takes a millisecond


class Scan(NamedTuple):
    """The frames that were wanted, and the position up to which was looked."""

    frames: list[Frame]
    position: int


class Window:
    """The frames behind `start` up to `position`, MAX_EVENTS and MAX_BYTES at most. `position` is that of the follower
    of the log; None while nobody follows."""

    def __init__(self, log: EventLog, models: ModelRegistry) -> None:
        self._log = log
        self._models = models
        self._frames: list[Frame] = []
        self._bytes = 0
        self._start = 0
        self._extending = asyncio.Lock()
        self.position: int | None = None

    def open(self, position: int) -> None:
        """Begin with an empty window at the end of the log."""
        self._start = self.position = position

    def close(self) -> None:
        """Forget all: nobody listens."""
        self._frames, self._bytes, self.position = [], 0, None

    def add(self, frames: list[Frame], position: int) -> None:
        """Add what the follower has read, up to a position."""
        self._frames += frames
        self._bytes += _size(frames)
        self.position = position
        self._trim()

    def scan(self, wanted: Wanted, after: int, *, limit: int, limit_bytes: int) -> Scan:
        """Up to `limit` wanted frames behind a position, which must not be before the window."""
        found: list[Frame] = []
        size = 0
        first = bisect_right(self._frames, after, key=_position)
        for frame in self._frames[first : first + SCAN_EVENTS]:
            after = frame.position
            if wanted.matches(frame):
                found.append(frame)
                size += len(frame.body)
                if len(found) == limit or size >= limit_bytes:
                    return Scan(found, after)
        if first + SCAN_EVENTS >= len(self._frames):
            after = max(after, self.position or 0)
        return Scan(found, after)

    async def reach(self, position: int) -> bool:
        """Read from the log what is between a position and the window; one at a time does. False: that is too much.

        Raises LogUnavailable."""
        async with self._extending:
            while self.position is not None and position < self._start:
                end = self._start
                older = await self._read(position, end) if self.position - position <= MAX_EVENTS else None
                if older is None:
                    return False
                if self._start == end:  # else the window has moved on meanwhile
                    self._frames[:0] = older
                    self._bytes += _size(older)
                    self._start = position
                    self._trim()
            return True

    async def _read(self, position: int, end: int) -> list[Frame] | None:
        """The frames behind a position up to `end`; None when they are too large."""
        maker = FrameMaker(self._log, self._models)
        frames: list[Frame] = []
        size = 0
        while events := [event for event in await self._log.read(position, PAGE) if event.position <= end]:
            async for made, _ in maker.make(events):
                frames += made
                size += _size(made)
                if size + self._bytes > MAX_BYTES:
                    return None
            position = events[-1].position
        return frames

    def _trim(self) -> None:
        """Drop the oldest frames beyond the limits."""
        dropped = max(0, len(self._frames) - MAX_EVENTS)
        size = _size(self._frames[:dropped])
        while self._bytes - size > MAX_BYTES:
            size += len(self._frames[dropped].body)
            dropped += 1
        if dropped:
            self._start = self._frames[dropped - 1].position
            self._bytes -= size
            del self._frames[:dropped]


def _position(frame: Frame) -> int:
    return frame.position


def _size(frames: list[Frame]) -> int:
    return sum(len(frame.body) for frame in frames)
