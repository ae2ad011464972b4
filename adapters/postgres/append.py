"""How does a batch of appends get into the table? In one call when no command conflicts, else command by command."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg

from adapters.postgres.database import Connection
from application.ports import Conflict, Receipt


class Part(NamedTuple):
    """The events, as (topic, state), that a command appends to one stream, and the version at which that must end."""

    stream: UUID
    expected: int
    events: Sequence[tuple[str, bytes]]


class Command(NamedTuple):
    """One append that waits for its commit: all of its parts or none, each for another stream. The answer has a receipt
    for each part. `deadline` by the loop's clock."""

    parts: Sequence[Part]
    id: str
    metadata: str
    answer: asyncio.Future[list[Receipt]]
    deadline: float


async def store(writer: Connection, batch: list[Command], *, seconds: float) -> list[list[Receipt] | Conflict]:
    """Commit the batch in one call when no command conflicts, else command by command. No two commands have a stream in
    common. Each call has `seconds` as its timeout.

    Returns for each command its receipts, one a part, or a Conflict. Raises the driver's errors and TimeoutError."""
    positions = await writer.fetch(_APPEND_UNOPPOSED, *_events(batch), timeout=seconds)
    if not positions:
        rows = iter(await writer.fetch(_APPEND, *_columns(batch), timeout=seconds))
        return [_end(command, list(islice(rows, len(command.parts)))) for command in batch]
    receipts: list[list[Receipt] | Conflict] = []
    end = 0
    for command in batch:
        own: list[Receipt] = []
        for part in command.parts:
            end += len(part.events)
            own.append(Receipt(part.expected + len(part.events), positions[end - 1][0]))
        receipts.append(own)
    return receipts


def _end(command: Command, rows: list[asyncpg.Record]) -> list[Receipt] | Conflict:
    """What became of a command: its parts are accepted together, or none is."""
    if all(row[0] for row in rows):
        return [Receipt(row[1], row[2]) for row in rows]
    opposed = [(part, row[1]) for part, row in zip(command.parts, rows, strict=True) if row[1] != part.expected]
    return Conflict("; ".join(f"a stream ends at version {head}, not {part.expected}" for part, head in opposed))


def _events(batch: list[Command]) -> tuple[list[Any], ...]:
    """The batch as the arrays that `pixel_append_unopposed` takes, one element an event."""
    rows = [
        (part.stream, part.expected, version, topic, state, command.metadata)
        for command in batch
        for part in command.parts
        for version, (topic, state) in enumerate(part.events, part.expected + 1)
    ]
    return tuple(map(list, zip(*rows, strict=True)))


def _columns(batch: list[Command]) -> tuple[list[Any], ...]:
    """The batch as the arrays that `pixel_append_commands` takes: for the commands, their parts and their events."""
    parts = [(number, part) for number, command in enumerate(batch, 1) for part in command.parts]
    events = [
        (number, version, topic, state)
        for number, (_, part) in enumerate(parts, 1)
        for version, (topic, state) in enumerate(part.events, part.expected + 1)
    ]
    return (
        [command.id for command in batch],
        [command.metadata for command in batch],
        [number for number, _ in parts],
        [part.stream for _, part in parts],
        [part.expected for _, part in parts],
        *map(list, zip(*events, strict=True)),
    )


_APPEND: LiteralString = (
    "SELECT accepted, version, position FROM pixel_append_commands($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)
_APPEND_UNOPPOSED: LiteralString = "SELECT pixel_append_unopposed($1, $2, $3, $4, $5, $6)"
