"""How does a batch of appends get into the table? In one call when nobody opposes it, else decided one by one."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg

from adapters.postgres.database import Connection
from application.ports import Conflict, Receipt


class Command(NamedTuple):
    """One append that waits for its commit. `deadline` by the loop's clock."""

    stream: UUID
    expected: int
    id: str
    metadata: str
    events: Sequence[tuple[str, bytes]]
    answer: asyncio.Future[Receipt]
    deadline: float


async def store(writer: Connection, batch: list[Command], *, seconds: float) -> list[Receipt | Conflict]:
    """Commit the batch in one call when nobody opposes it, else command by command. Each call has `seconds` as its
    timeout.

    Returns a Receipt or a Conflict for each command. Raises the driver's errors and TimeoutError."""
    positions = await writer.fetch(_APPEND_UNOPPOSED, *_events(batch), timeout=seconds)
    if not positions:
        rows = await writer.fetch(_APPEND, *_columns(batch), timeout=seconds)
        return [_end(command, row) for command, row in zip(batch, rows, strict=True)]
    last = accumulate(len(command.events) for command in batch)
    return [
        Receipt(command.expected + len(command.events), positions[end - 1][0])
        for command, end in zip(batch, last, strict=True)
    ]


def _end(command: Command, row: asyncpg.Record) -> Receipt | Conflict:
    accepted, version, position = row
    if accepted:
        return Receipt(version, position)
    return Conflict(f"the stream ends at version {version}, not {command.expected}")


def _events(batch: list[Command]) -> tuple[list[Any], ...]:
    """The batch as the arrays that `pixel_append_unopposed` takes, one element an event."""
    rows = [
        (command.stream, command.expected, version, topic, state, command.metadata)
        for command in batch
        for version, (topic, state) in enumerate(command.events, command.expected + 1)
    ]
    return tuple(map(list, zip(*rows, strict=True)))


def _columns(batch: list[Command]) -> tuple[list[Any], ...]:
    """The batch as the arrays that `pixel_append` takes: four for the commands, four for their events."""
    owners: list[int] = []
    versions: list[int] = []
    topics: list[str] = []
    states: list[bytes] = []
    for owner, command in enumerate(batch, 1):
        for version, (topic, state) in enumerate(command.events, command.expected + 1):
            owners.append(owner)
            versions.append(version)
            topics.append(topic)
            states.append(state)
    streams = [command.stream for command in batch]
    expected = [command.expected for command in batch]
    ids = [command.id for command in batch]
    return streams, expected, ids, [command.metadata for command in batch], owners, versions, topics, states


_APPEND: LiteralString = "SELECT accepted, version, position FROM pixel_append($1, $2, $3, $4, $5, $6, $7, $8)"
_APPEND_UNOPPOSED: LiteralString = "SELECT pixel_append_unopposed($1, $2, $3, $4, $5, $6)"
