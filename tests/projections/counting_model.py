"""A read model whose row is the versions of the events that it got: (1, 2, 3 … head) means each one, once, in order."""

from collections.abc import Callable
from typing import Any, LiteralString
from uuid import UUID

from adapters.postgres.database import Connection
from application.ports import Recorded
from domain.task.events import ProviderAccepted
from projections.base import ReadModel, StreamId
from tests.projections.projection_rig import ProjectionRig

Versions = tuple[int, ...]


async def seen_versions(rig: ProjectionRig) -> dict[UUID, Versions]:
    """The versions that it got, by stream."""
    return {row[0]: tuple(row[1]) for row in await rig.pool.fetch("SELECT stream, versions FROM public.tally")}


async def assert_each_event_seen_once(rig: ProjectionRig) -> None:
    """Wait until it has caught up; then it must have got each event of each stream once, in order."""
    await rig.caught_up("tally")
    assert await seen_versions(rig) == {row[0]: tuple(row[1]) for row in await rig.pool.fetch(_WHOLE)}


def failing_model(broken: Callable[[], bool] = lambda: True) -> ReadModel[Versions]:
    """The same, but its fold raises for ProviderAccepted while `broken` is true."""

    def fold(row: Versions | None, recorded: Recorded) -> Versions | None:
        if isinstance(recorded.event, ProviderAccepted) and broken():
            raise ValueError("what is a job?")
        return _fold(row, recorded)

    return COUNTING_MODEL._replace(fold=fold)


def _fold(row: Versions | None, recorded: Recorded) -> Versions | None:
    return (*(row or ()), recorded.version)


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, Versions]:
    return {row[0]: tuple(row[1]) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, Any]) -> None:
    await connection.executemany(_SAVE, [(stream, list(row)) for stream, row in rows.items()])


async def _insert(connection: Connection, rows: dict[StreamId, Any]) -> None:
    records = [(stream, list(row)) for stream, row in rows.items()]
    await connection.copy_records_to_table("tally", records=records, columns=("stream", "versions"))


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

COUNTING_MODEL: ReadModel[Versions] = ReadModel("tally", 1, _DDL, _fold, _load, _save, _remove, insert=_insert)
