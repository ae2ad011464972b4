"""What a read model is: rows that are folded, stream by stream, from the log, and can always be folded again."""

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
    """One read model. `name` is its table, of which `ddl` makes an empty one; another `version` is another table.

    `fold` is pure: the row of a stream after one more event, None when there is (or stays) no row. The runner owns
    connection, batch, transaction and checkpoint; `load`, `save` and `remove` only speak SQL."""

    name: str
    version: int
    ddl: LiteralString
    fold: Callable[[Row | None, Recorded], Row | None]
    load: Callable[[Connection, list[StreamId]], Awaitable[dict[StreamId, Row]]]
    save: Callable[[Connection, dict[StreamId, Row]], Awaitable[None]]
    remove: Callable[[Connection, list[StreamId]], Awaitable[None]]
