"""The event log on PostgreSQL: appends are decided one by one, committed together, and read in commit order.

The parts: `append_queue` commits, `event_reader` reads, `wake_ups` tells followers of what was appended."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from adapters.postgres.append import Part
from adapters.postgres.append_queue import AppendQueue
from adapters.postgres.database import Pool
from adapters.postgres.event_reader import EventReader
from adapters.postgres.wake_ups import WakeUps
from application.live_text import TextPiece
from application.ports import Append, Cause, Receipt


class EventLog(EventReader):
    """Appends and reads. Its owner must run `write` and `listen` as tasks."""

    def __init__(self, dsn: str, pool: Pool, *, queue_limit: int = 10_000, patience_seconds: float = 3.0) -> None:
        super().__init__(pool)
        self._wake_ups = WakeUps(dsn)
        self._appends = AppendQueue(dsn, self._after_commit, queue_limit=queue_limit, patience_seconds=patience_seconds)

    async def append(self, stream: UUID, expected: int, events: Sequence[Any], cause: Cause) -> Receipt:
        """Append all of the events, or none, to a stream that ends at version `expected` (0: a new stream).

        Raises Conflict when the stream ends elsewhere, LogUnavailable when the commit could not be confirmed, and
        ValueError without events."""
        [receipt] = await self.append_all([Append(stream, expected, events)], cause)
        return receipt

    async def append_all(self, appends: Sequence[Append], cause: Cause) -> list[Receipt]:
        """Append to several streams at once: the events of all of them are stored, one stream after the other, or none.
        Returns a receipt for each.

        Raises Conflict when one of the streams ends elsewhere, LogUnavailable when the commit could not be confirmed,
        and ValueError without events, or for two appends to one stream."""
        return await self._appends.put([_encoded(*each) for each in appends], cause)

    async def append_encoded(
        self, stream: UUID, expected: int, events: Sequence[tuple[str, bytes]], cause: Cause
    ) -> Receipt:
        """Append events that are (topic, state) already. Raises what `append` raises."""
        [receipt] = await self._appends.put([Part(stream, expected, events)], cause)
        return receipt

    def _after_commit(self, newest: int) -> None:
        self.newest = max(self.newest, newest)
        self._wake_ups.announce()

    def appended(self) -> asyncio.Event:
        """An asyncio.Event that is set after every append, on this node or another. The waiter clears it, and must poll
        as well."""
        return self._wake_ups.follower()

    def send_text(self, piece: TextPiece) -> None:
        """Tell other nodes what a provider has just written. It may get lost, and never waits."""
        self._wake_ups.send_text(piece)

    def hear_text(self, heard: Callable[[TextPiece], None]) -> None:
        """Call `heard` with what other nodes tell of what providers write."""
        self._wake_ups.hear_text(heard)

    @property
    def waiting(self) -> int:
        """The number of appends that wait for their commit."""
        return self._appends.waiting

    @property
    def refused(self) -> str | None:
        """Why PostgreSQL refused the last write although it is reachable (disk full, read-only); None otherwise."""
        return self._appends.refused

    async def write(self) -> None:
        """Commit the queue, for ever. When it ends, every waiting append fails with LogUnavailable."""
        await self._appends.write()

    async def drain(self) -> None:
        """Wait until every queued append has its result."""
        await self._appends.drain()

    async def listen(self) -> None:
        """Notify other nodes of our appends and receive theirs, for ever."""
        await self._wake_ups.listen()


_ENCODER = msgspec.json.Encoder()


def _encoded(stream: UUID, expected: int, events: Sequence[Any]) -> Part:
    return Part(stream, expected, [(event.__struct_config__.tag, _ENCODER.encode(event)) for event in events])
