"""Which runs are there, and for which of them is something to be done? One row a run, without the requests of its plan.

Whoever executes runs takes those that are due from here, and looks into their streams: a row that is behind costs a
look, and nothing else."""

from typing import LiteralString, NamedTuple, get_args

import msgspec

from application.ports import Recorded
from domain.base import Value
from domain.run.events import RunEvent, RunRequested
from domain.run.next_step import Rest, next_step
from domain.run.state import Run, evolve
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of
from projections.run_view import RunView, view


class RunRow(Value):
    """A run as folded up to `version`. `position` is that of its request."""

    position: int
    version: int
    run: Run


class DueRun(NamedTuple):
    """A run for which something is to be done, and its place in the list."""

    position: int
    stream: StreamId


class ListedRun(NamedTuple):
    """A run on a page, and its place."""

    position: int
    view: RunView


def fold(row: RunRow | None, recorded: Recorded) -> RunRow | None:
    """The row after one more event."""
    event = recorded.event
    if isinstance(event, RunRequested):
        return RunRow(position=recorded.position, version=recorded.version, run=evolve(Run(), event))
    if row is None or not isinstance(event, RunEvent):
        return row
    return RunRow(position=row.position, version=recorded.version, run=evolve(row.run, event))


async def due(pool: Pool, *, after: int, limit: int) -> list[DueRun]:
    """Runs for which something is to be done, oldest first, behind a position. Raises the driver's errors."""
    return [DueRun(*row) for row in await pool.fetch(_DUE, after, limit)]


async def page(pool: Pool, *, owner: str | None, canvas: str | None, before: int | None, limit: int) -> list[ListedRun]:
    """Runs of an owner and of a canvas, None for any; newest first, behind a position. Raises the driver's errors."""
    rows = await pool.fetch(_PAGE, owner, canvas, before, limit)
    return [ListedRun(row[0], view(_ROW.decode(row[1]).run)) for row in rows]


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, RunRow]:
    return {row[0]: _ROW.decode(row[1]) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, RunRow]) -> None:
    runs = [row.run for row in rows.values()]
    await connection.execute(
        _SAVE,
        list(rows),
        [row.position for row in rows.values()],
        [run.owner for run in runs],
        [run.canvas for run in runs],
        [not isinstance(next_step(run), Rest) for run in runs],
        [_ENCODER.encode(row).decode() for row in rows.values()],
    )


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_ROW = msgspec.json.Decoder(RunRow)
_ENCODER = msgspec.json.Encoder()

_DDL: LiteralString = """
CREATE TABLE runs (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL,
    owner text NOT NULL,
    canvas text,
    due boolean NOT NULL,
    body json NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX runs_due ON runs (position) WHERE due;
CREATE INDEX runs_of_owner ON runs (owner, position);
CREATE INDEX runs_of_canvas ON runs (canvas, position);
"""
_LOAD: LiteralString = "SELECT stream, body FROM runs WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO runs (stream, position, owner, canvas, due, body)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::json[])
ON CONFLICT (stream) DO UPDATE SET due = excluded.due, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM runs WHERE stream = ANY($1::uuid[])"
_DUE: LiteralString = "SELECT position, stream FROM runs WHERE due AND position > $1 ORDER BY position LIMIT $2"
_PAGE: LiteralString = """
SELECT position, body FROM runs
WHERE ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR canvas = $2) AND ($3::bigint IS NULL OR position < $3)
ORDER BY position DESC LIMIT $4
"""

RUNS: ReadModel[RunRow] = ReadModel("runs", 1, _DDL, fold, _load, _save, _remove, topics_of(*get_args(RunEvent)))
