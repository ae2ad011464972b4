"""Which batches have not ended, and which of their tasks have? By the log itself: no read model is asked."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple
from uuid import UUID

import msgspec

from adapters.postgres.database import Pool
from domain.base import Value

PAGE = 50


class OpenBatch(NamedTuple):
    """A batch without an end. `tasks` are the ids of its tasks; none where the event can't be read."""

    position: int
    stream: UUID
    tasks: tuple[str, ...]


class _Tasks(Value):
    """The part of a BatchRequested event that is needed."""

    tasks: tuple[str, ...]


async def open_batches(pool: Pool, after: int) -> list[OpenBatch]:
    """Up to PAGE of them behind a position of the log, in its order. Raises what the database raises."""
    found: list[OpenBatch] = []
    for position, stream, state in await pool.fetch(_OPEN, after, PAGE):
        try:
            tasks = _TASKS.decode(state).tasks
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            tasks = ()
        found.append(OpenBatch(position, stream, tasks))
    return found


async def ended_among(pool: Pool, streams: Sequence[UUID], topics: Sequence[str]) -> set[UUID]:
    """Those of the streams that have an event of one of these topics. Raises what the database raises."""
    return {row[0] for row in await pool.fetch(_ENDED, list(streams), list(topics))}


_TASKS = msgspec.json.Decoder(_Tasks)
_OPEN: LiteralString = """
SELECT b.notification_id, b.originator_id, b.state FROM stored_events b
WHERE b.topic = 'BatchRequested' AND b.notification_id > $1
  AND NOT EXISTS (SELECT FROM stored_events e WHERE e.originator_id = b.originator_id AND e.originator_version = 2)
ORDER BY b.notification_id LIMIT $2
"""
_ENDED: LiteralString = """
SELECT s.stream FROM unnest($1::uuid[]) AS s (stream)
WHERE EXISTS (SELECT FROM stored_events e WHERE e.originator_id = s.stream AND e.topic = ANY($2::text[]))
"""
