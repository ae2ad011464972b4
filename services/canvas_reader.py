"""The state of a canvas: now, never older than what any POST has answered, and as it was before.

Canvases that are in use are kept in memory, each at a version; the events behind that are read and folded whenever it
is asked for, so that another process may have edited it. A canvas that is not kept is loaded from its row."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from adapters.postgres.database import Pool
from adapters.postgres.event_reader import EventReader, StoredEvent
from application.canvases import Version
from application.decided_streams import Loaded
from application.ports import Unreadable
from application.turns import Turns
from domain.base import Rejected
from domain.canvas.events import CanvasEvent
from domain.canvas.state import Canvas, fold
from projections import canvases
from projections.canvases import SNAPSHOT_VERSIONS

PAGE = 200
STEP_BYTES = 64 * 1024  # of events: to decode and fold so many takes a millisecond or two
MAX_KNOWN_BYTES = 16 * 1024 * 1024  # of canvases as JSON: in memory they take several times as much
_LEAST_BYTES = 4096
_LOCKS = 64


class CanvasReader:
    """Reads canvases. `turns` are those of all long work of the process."""

    def __init__(self, log: EventReader, pool: Pool, turns: Turns) -> None:
        self._log = log
        self._pool = pool
        self._turns = turns
        self._known: OrderedDict[UUID, Loaded[Canvas]] = OrderedDict()
        self._known_bytes = 0
        self._turns_to_edit = [asyncio.Lock() for _ in range(_LOCKS)]
        self._locks = [asyncio.Lock() for _ in range(_LOCKS)]  # who asks for a canvas that is being loaded waits

    async def current(self, stream: UUID) -> Loaded[Canvas]:
        """The canvas as its stream has it; version 0 for an empty one.

        Raises Rejected `canvas_unknown` for a stream of another kind and `stream_unreadable`, and LogUnavailable."""
        async with self._locks[hash(stream) % _LOCKS]:
            before = self._known.get(stream) or await canvases.find(self._pool, stream)
            found = await self._fold(stream, before or Loaded(Canvas()))
            if found.version:
                self._keep(stream, found)
            return found

    @asynccontextmanager
    async def turn(self, stream: UUID) -> AsyncGenerator[None]:
        """While it lasts nobody else in this process edits the canvas: two that did would only decide again."""
        async with self._turns_to_edit[hash(stream) % _LOCKS]:
            yield

    def forget(self) -> None:
        """Keep no canvas: each is loaded from its row when it is asked for."""
        self._known.clear()
        self._known_bytes = 0

    async def at_version(self, stream: UUID, version: int) -> Loaded[Canvas]:
        """The canvas as it was at a version. Raises what `current` raises."""
        known = self._known.get(stream)
        before = known if known and known.version <= version else None
        if before is None or version - before.version > SNAPSHOT_VERSIONS:
            kept = await canvases.find_before(self._pool, stream, version)
            before = max((each for each in (before, kept) if each), key=_version_of, default=None)
        return await self._fold(stream, before or Loaded(Canvas()), version=version)

    async def at_time(self, stream: UUID, at: datetime) -> Loaded[Canvas]:
        """The canvas as it was at a time; version 0: it did not exist. Raises what `current` raises."""
        version = await self._log.version_at(stream, at)
        return await self.at_version(stream, version) if version else Loaded(Canvas())

    async def between(self, stream: UUID, after: int, until: int) -> AsyncIterator[list[Version]]:
        """The events behind one version up to another, some at a time. Raises what `current` raises."""
        async for versions in self._read(stream, after, version=until):
            yield versions

    async def edit_version(self, stream: UUID, edit: str) -> int | None:
        """The version that an edit made; None: there is no such edit. Raises LogUnavailable."""
        return await self._log.edit_version(stream, edit)

    async def _fold(self, stream: UUID, before: Loaded[Canvas], *, version: int | None = None) -> Loaded[Canvas]:
        found = before
        async for versions in self._read(stream, before.version, version=version):
            state = await self._turns.take(partial(fold, found.state, [each.event for each in versions]))
            found = Loaded(state, versions[-1].version, versions[-1].position)
        return found

    async def _read(self, stream: UUID, after: int, *, version: int | None = None) -> AsyncIterator[list[Version]]:
        while True:
            page = await self._log.stream_until(stream, after=after, limit=PAGE, version=version)
            begin = size = 0
            for end, stored in enumerate(page, 1):
                size += len(stored.state)
                if size >= STEP_BYTES or end == len(page):
                    yield await self._turns.take(partial(_decoded, page[begin:end]))
                    begin, size = end, 0
            if len(page) < PAGE:
                return
            after = page[-1].version

    def _keep(self, stream: UUID, found: Loaded[Canvas]) -> None:
        if before := self._known.pop(stream, None):
            self._known_bytes -= _size(before)
        self._known[stream] = found
        self._known_bytes += _size(found)
        while self._known_bytes > MAX_KNOWN_BYTES and len(self._known) > 1:
            _, dropped = self._known.popitem(last=False)
            self._known_bytes -= _size(dropped)


def _version_of(found: Loaded[Canvas]) -> int:
    return found.version


def _size(found: Loaded[Canvas]) -> int:
    return _LEAST_BYTES + found.state.bytes + 200 * len(found.state.edges)


def _decoded(page: list[StoredEvent]) -> list[Version]:
    return [_version(stored) for stored in page]


def _version(stored: StoredEvent) -> Version:
    event = stored.decoded().event
    if isinstance(event, CanvasEvent):
        return Version(stored.version, stored.position, event, len(stored.state))
    if isinstance(event, Unreadable):
        raise Rejected("stream_unreadable", f"Version {stored.version} of the stream ({stored.topic}) can't be read.")
    raise Rejected("canvas_unknown", "This is no id of a canvas.")
