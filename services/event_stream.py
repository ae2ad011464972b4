"""What happens, as it happens. One follower of the log feeds all who listen in this process, and each event is folded
and encoded once for all of them.

A listener has its position in the log, and a few frames that it has not taken yet. One that is slower than the log goes
on from its position in the window. Who is even further behind has to look at a list, and goes on from there."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Generator, Hashable
from contextlib import contextmanager
from typing import NamedTuple

from adapters.postgres.event_log import EventLog
from application.log_tail import LogTail
from application.ports import LogUnavailable
from application.wakeup import wait_for_event
from projections.base import StreamId
from services.event_frames import Frame, FrameMaker, Wanted, history
from services.event_window import PAGE, Window
from services.model_registry import ModelRegistry

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.01  # between two reads of a busy log: fewer and larger ones
MAX_PENDING, MAX_PENDING_BYTES = 100, 256 * 1024


class StreamsBusy(Exception):
    """There are as many listeners as there may be. `retry_after` in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Reset(NamedTuple):
    """The listener is too far behind: a list that is as new as `position` has what it missed."""

    position: int


class Listener:
    """One who listens behind a position. Frames come from the log (one task) or the window while it is behind, and
    then as they are put."""

    def __init__(self, log: EventLog, window: Window, wanted: Wanted, position: int | None) -> None:
        self._log = log
        self._window = window
        self.wanted = wanted
        self._position = position  # all up to here was given, or is not wanted; None: nothing yet
        self._is_behind = True
        self._takes = False  # whether what is put is kept
        self._pending: deque[Frame] = deque()
        self._pending_bytes = 0
        self._woken = asyncio.Event()
        self._history: AsyncGenerator[list[Frame]] | None = None
        self._nudged = False
        self._closed = False

    @property
    def position(self) -> int | None:
        """A position up to which all that is wanted was given; None while that is not known."""
        return None if self._is_behind or self._pending else self._window.position

    def close(self) -> None:
        """End it: `next` returns None from now on."""
        self._closed = True
        self._woken.set()

    def nudge(self) -> None:
        """Let `next` return soon, be it without frames."""
        self._nudged = True
        self._woken.set()

    def put(self, frame: Frame) -> None:
        """Take a frame that is wanted, the newest of all. Beyond the limits it is left to the window, or the log."""
        if not self._takes or (self._position is not None and frame.position <= self._position):
            return
        if len(self._pending) < MAX_PENDING and self._pending_bytes < MAX_PENDING_BYTES:
            self._pending.append(frame)
            self._pending_bytes += len(frame.body)
        else:
            if self._history is None:
                # Nothing is wanted between the last one and the first that is pending, which may be given already.
                self._position = max(self._position or 0, self._pending[0].position - 1)
            self._pending.clear()
            self._pending_bytes = 0
            self._is_behind, self._takes, self._history = True, False, None
        self._woken.set()

    async def next(self, seconds: float) -> list[Frame] | Reset | None:
        """The next frames, in order; none of them when nothing comes for so long; None at the end.

        Raises LogUnavailable. Nothing is lost by that: call it again."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._closed:
            if self._is_behind and self._window.position is not None:
                if found := await self._catch_up(self._window.position):
                    return found
                await asyncio.sleep(0)
            elif self._pending and not self._is_behind:
                if found := self._take_pending():
                    return found
            elif self._nudged:
                self._nudged = False
                return []
            else:
                self._woken.clear()
                if not await wait_for_event(self._woken, deadline - asyncio.get_running_loop().time()):
                    return []
        return None

    async def _catch_up(self, newest: int) -> list[Frame] | Reset:
        if self.wanted.stream is not None:
            return await self._read_history(self.wanted.stream)
        position = newest if self._position is None else self._position
        if not await self._window.reach(position):
            self._position = self._window.position or newest
            return Reset(self._position)
        found, self._position = self._window.scan(
            self.wanted, position, limit=MAX_PENDING, limit_bytes=MAX_PENDING_BYTES
        )
        # Nothing is put between the scan and this.
        self._is_behind = self._window.position is not None and self._position < self._window.position
        self._takes = not self._is_behind
        return found

    async def _read_history(self, stream: StreamId) -> list[Frame]:
        if self._history is None:
            self._pending.clear()
            self._pending_bytes = 0
            self._takes = True  # before the log is read: what comes later is put, and what comes twice is left out
            self._history = history(self._log, stream, after=self._position)
        reading = self._history
        try:
            frames = await anext(reading, None)
        except LogUnavailable:
            self._history = None
            raise
        if frames:
            self._position = frames[-1].position
            return [frame for frame in frames if self.wanted.matches(frame)]
        if self._history is reading:  # else too much was put meanwhile
            self._history, self._is_behind = None, False
        return []

    def _take_pending(self) -> list[Frame]:
        after = self._position or 0
        taken = [frame for frame in self._pending if frame.position > after]
        self._position = self._pending[-1].position
        self._pending.clear()
        self._pending_bytes = 0
        return taken


class EventStream:
    """The follower of the log, and those who listen to it. Its owner must run `run` as a task."""

    def __init__(self, log: EventLog, tail: LogTail, models: ModelRegistry, *, max_listeners: int) -> None:
        self._log = log
        self._tail = tail
        self._models = models
        self._max_listeners = max_listeners
        self._window = Window(log, models)
        self._listeners: set[Listener] = set()
        self._by_key: defaultdict[Hashable, set[Listener]] = defaultdict(set)
        self._has_listeners = asyncio.Event()
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def close(self) -> None:
        """End all listening, now and later: the service stops."""
        self._closed = True
        for listener in self._listeners:
            listener.close()

    def nudge(self) -> None:
        """Let everybody look whether it may still listen."""
        for listener in self._listeners:
            listener.nudge()

    @contextmanager
    def listen(self, wanted: Wanted, position: int | None) -> Generator[Listener]:
        """Listen for what is wanted behind a position. None is for one task only: what it is like now comes first.

        Raises StreamsBusy."""
        if len(self._listeners) >= self._max_listeners:
            raise StreamsBusy("Too many event streams are open. Try again shortly.", retry_after=10)
        listener = Listener(self._log, self._window, wanted, position)
        keys = _keys_of_listener(wanted)
        self._listeners.add(listener)
        for key in keys:
            self._by_key[key].add(listener)
        self._has_listeners.set()
        if self._closed:
            listener.close()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            for key in keys:
                self._by_key[key].discard(listener)
                if not self._by_key[key]:
                    del self._by_key[key]

    async def run(self) -> None:
        """For ever: follow the log while somebody listens. While it is away listeners wait, and miss nothing."""
        appended = self._log.appended()
        while True:
            self._has_listeners.clear()
            if not self._listeners:
                self._window.close()
                await self._has_listeners.wait()
            try:
                await self._follow(appended)
            except LogUnavailable:
                await asyncio.sleep(POLL_SECONDS)

    async def _follow(self, appended: asyncio.Event) -> None:
        maker = FrameMaker(self._log, self._models)
        if self._window.position is None:
            self._window.open(await self._log.head())
            for listener in self._listeners:
                listener.nudge()
        while self._listeners and self._window.position is not None:
            appended.clear()
            page = await self._tail.read(self._window.position, PAGE)
            async for frames, position in maker.make(page.events):
                self._window.add(frames, position)
                for frame in frames:
                    self._hand_out(frame)
            if page.is_last:
                await wait_for_event(appended, POLL_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    def _hand_out(self, frame: Frame) -> None:
        for key in _keys_of_frame(frame):
            for listener in self._by_key.get(key, ()):
                if listener.wanted.matches(frame):
                    listener.put(frame)


def _keys_of_listener(wanted: Wanted) -> list[Hashable]:
    """Where a listener is found: the narrowest of its conditions but that on models."""
    keys: list[Hashable] = []
    if set(wanted.names) - {"model"}:
        conditions: dict[str, Hashable] = {
            "stream": wanted.stream,
            "batch": wanted.batch,
            "source_id": wanted.source_id,
            "project_id": wanted.project_id,
            "source": wanted.source,
            "owner": wanted.owner,
        }
        keys.append(next((named for named in conditions.items() if named[1] is not None), _EVERY_TASK))
    if "model" in wanted.names:
        keys.append(_EVERY_MODEL)
    return keys


def _keys_of_frame(frame: Frame) -> tuple[Hashable, ...]:
    if frame.name == "model":
        return (_EVERY_MODEL,)
    labels = frame.labels
    return (
        _EVERY_TASK,
        ("stream", frame.stream),
        ("batch", labels.batch),
        ("source_id", labels.source_id),
        ("project_id", labels.project_id),
        ("source", labels.source),
        ("owner", labels.owner),
    )


_EVERY_TASK, _EVERY_MODEL = ("task", None), ("model", None)
