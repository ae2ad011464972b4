"""What is a read model? Rows that are folded from the log, stream by stream, and can always be folded again."""

from collections.abc import Awaitable, Callable
from typing import Generic, LiteralString, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from application.ports import Recorded

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row = TypeVar("Row")
StreamId: TypeAlias = UUID


class ReadModel(NamedTuple, Generic[Row]):
    """`ddl` makes an empty table called `name`. Another `version` is built anew, beside the one that serves.

    `fold` is pure: it returns the row of a stream after one more event, or None for no row. The runner owns
    connection, batch, transaction and checkpoint; `load`, `save` and `remove` only run SQL."""

    name: str
    version: int
    ddl: LiteralString
    fold: Callable[[Row | None, Recorded], Row | None]
    load: Callable[[Connection, list[StreamId]], Awaitable[dict[StreamId, Row]]]
    save: Callable[[Connection, dict[StreamId, Row]], Awaitable[None]]
    remove: Callable[[Connection, list[StreamId]], Awaitable[None]]
