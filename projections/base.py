"""What is a read model? Rows that are folded from the log, stream by stream, and can always be folded again."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, LiteralString, NamedTuple, TypeAlias, TypeVar, get_args
from uuid import UUID

import asyncpg

from application.ports import AnyEvent, Recorded, Unreadable
from domain.base import Event

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row = TypeVar("Row")
StreamId: TypeAlias = UUID


class ReadModel(NamedTuple, Generic[Row]):
    """`ddl` makes an empty table called `name`, and `indexes` those that a build makes at its end, where they cost
    less. Another `version` is built anew, beside the one that serves.

    `fold` is pure: it returns the row of a stream after one more event, or None for no row. The runner owns
    connection, batch, transaction and checkpoint; `load`, `save`, `remove` and `insert` only run SQL. `insert` saves
    rows that are certainly not in the table; None for a read model that saves them like others.

    `weight` is about how many bytes a row takes in memory, where rows may be large.

    `topics` are those of the events that `fold` looks at, None for all: any other event leaves every row as it is."""

    name: str
    version: int
    ddl: LiteralString
    fold: Callable[[Row | None, Recorded], Row | None]
    load: Callable[[Connection, list[StreamId]], Awaitable[dict[StreamId, Row]]]
    save: Callable[[Connection, dict[StreamId, Row]], Awaitable[None]]
    remove: Callable[[Connection, list[StreamId]], Awaitable[None]]
    topics: frozenset[str] | None = None
    indexes: LiteralString = ""
    insert: Callable[[Connection, dict[StreamId, Row]], Awaitable[None]] | None = None
    weight: Callable[[Row], int] | None = None


def topics_of(*events: type[Event]) -> frozenset[str]:
    """The topics under which these events are stored."""
    return frozenset(str(event.__struct_config__.tag) for event in events)


def concerns(read_model: ReadModel[Any], recorded: Recorded) -> bool:
    """Whether an event may change a row of a read model. One of a topic that this Pixel does not know may."""
    if read_model.topics is None:
        return True
    event = recorded.event
    topic = event.topic if isinstance(event, Unreadable) else event.__struct_config__.tag
    return topic in read_model.topics or topic not in _KNOWN_TOPICS


_KNOWN_TOPICS = topics_of(*get_args(AnyEvent))
