"""A read model that shows which events it was told of: (1, 2, 3 … head) is every one, once, in order."""

from collections.abc import Callable
from typing import Any, LiteralString
from uuid import UUID

from adapters.postgres.database import Connection
from application.ports import Recorded
from domain.task.events import ProviderAccepted
from projections.base import ReadModel, StreamId
from tests.projections.ground import Ground

Tally = tuple[int, ...]


async def tallies(ground: Ground) -> dict[UUID, Tally]:
    """What it was told, by stream."""
    return {row[0]: tuple(row[1]) for row in await ground.pool.fetch("SELECT stream, versions FROM public.tally")}


async def everything_was_told_once(ground: Ground) -> None:
    """The law of them all, when the read model has caught up."""
    await ground.caught_up("tally")
    assert await tallies(ground) == {row[0]: tuple(row[1]) for row in await ground.pool.fetch(_WHOLE)}


def breaking(broken: Callable[[], bool] = lambda: True) -> ReadModel[Tally]:
    """The same, but its fold can't take a job as long as it is broken."""

    def fold(row: Tally | None, recorded: Recorded) -> Tally | None:
        if isinstance(recorded.event, ProviderAccepted) and broken():
            raise ValueError("what is a job?")
        return _fold(row, recorded)

    return TALLY._replace(fold=fold)


def _fold(row: Tally | None, recorded: Recorded) -> Tally | None:
    return (*(row or ()), recorded.version)


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, Tally]:
    return {row[0]: tuple(row[1]) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, Any]) -> None:
    await connection.executemany(_SAVE, [(stream, list(row)) for stream, row in rows.items()])


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_DDL: LiteralString = "CREATE TABLE tally (stream uuid PRIMARY KEY, versions bigint[] NOT NULL);"
_LOAD: LiteralString = "SELECT stream, versions FROM tally WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO tally (stream, versions) VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET versions = excluded.versions
"""
_REMOVE: LiteralString = "DELETE FROM tally WHERE stream = ANY($1::uuid[])"
_WHOLE: LiteralString = """
SELECT originator_id, array_agg(originator_version ORDER BY notification_id) FROM stored_events GROUP BY originator_id
"""

TALLY: ReadModel[Tally] = ReadModel("tally", 1, _DDL, _fold, _load, _save, _remove)
