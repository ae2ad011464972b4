"""What has to be done? One row for each task that has a next step, or a call or outputs that are not settled yet.

Calls in doubt are listed and jobs in flight are counted from it. Workers claim from a queue
(adapters/postgres/work_queue.py), so a rebuild of this list neither frees a call that is being made nor delays a
task."""

from typing import LiteralString, NamedTuple

import msgspec

from application.ports import Recorded
from domain.base import Value
from domain.ids import task_id
from domain.model import Kind, split_model_id
from domain.task.events import TaskRequested, is_of_task
from domain.task.lifecycle import next_deadline
from domain.task.next_step import Done, Fetch, MakeCall, next_step
from domain.task.state import CallState, Task, evolve
from projections.base import Connection, Pool, ReadModel, StreamId


class CallRow(Value):
    """The task as folded up to `version`. `position` is that of its request: the oldest task is claimed first."""

    position: int
    version: int
    provider: str
    task: Task


def fold(row: CallRow | None, recorded: Recorded) -> CallRow | None:
    """The row after one more event; None when nothing is left to do."""
    event = recorded.event
    if isinstance(event, TaskRequested):
        provider, _ = split_model_id(event.model)
        task = evolve(Task(), event)
        return CallRow(position=recorded.position, version=recorded.version, provider=provider, task=task)
    if row is None or not is_of_task(event):
        return row
    task = evolve(row.task, event)
    moved = task.model is not None and task.model is not row.task.model
    provider = split_model_id(task.model.model)[0] if task.model and moved else row.provider
    if isinstance(next_step(task), Done) and not _is_unsettled(task):
        return None
    return CallRow(position=row.position, version=recorded.version, provider=provider, task=task)


def _is_unsettled(task: Task) -> bool:
    """Whether an answer or a person may still settle it: a call of unknown outcome, or outputs that are paid for, could
    not be downloaded, and can still be refetched."""
    unknown = task.call is not None and task.call.state is CallState.UNKNOWN
    return unknown or (task.delivery is not None and bool(task.delivery.outputs))


# --- Reading ---


class InFlight(NamedTuple):
    """How many of our jobs a provider has, by kind, as of the log's position `at`."""

    jobs: dict[Kind, int]
    at: int


async def count_in_flight(pool: Pool, provider: str) -> InFlight:
    """Count the calls that were made and have no outcome yet. Raises the driver's errors."""
    rows = await pool.fetch(_IN_FLIGHT, provider)
    return InFlight({Kind(row[0]): row[1] for row in rows if row[0]}, max((row[2] for row in rows), default=0))


class InDoubtRow(NamedTuple):
    """A task with a call of unknown outcome. `state` is `in_doubt` during reconciliation, `unknown` after it failed."""

    stream: StreamId
    position: int
    state: CallState
    task: Task


async def list_in_doubt(pool: Pool, *, state: CallState | None, after: int, limit: int) -> list[InDoubtRow]:
    """Up to `limit` calls in doubt behind a position, oldest first; `state` None: both states.

    Raises the driver's errors."""
    wanted = [state] if state else [CallState.IN_DOUBT, CallState.UNKNOWN]
    rows = await pool.fetch(_LIST_IN_DOUBT, wanted, after, limit)
    return [InDoubtRow(row[0], row[1], CallState(row[2]), _ROW.decode(row[3]).task) for row in rows]


async def count_in_doubt(pool: Pool) -> int:
    """How many calls are in doubt or unknown. Raises the driver's errors."""
    return int(await pool.fetchval(_COUNT_IN_DOUBT))


# --- Storage ---


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, CallRow]:
    return {row[0]: _ROW.decode(row[1]) for row in await connection.fetch(_LOAD, streams)}


async def _save(connection: Connection, rows: dict[StreamId, CallRow]) -> None:
    tasks = [row.task for row in rows.values()]
    steps = [next_step(task) for task in tasks]
    calls = [task.call for task in tasks]
    await connection.execute(
        _SAVE,
        list(rows),
        [task_id(stream) for stream in rows],
        [row.provider for row in rows.values()],
        [task.request.kind for task in tasks if task.request],
        [type(step).__name__ for step in steps],
        [call.id if call else None for call in calls],
        [call.state if call else None for call in calls],
        [step.not_before if isinstance(step, MakeCall | Fetch) else None for step in steps],
        [next_deadline(task) for task in tasks],
        [row.position for row in rows.values()],
        [_ENCODER.encode(row).decode() for row in rows.values()],
    )


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_ROW = msgspec.json.Decoder(CallRow)
_ENCODER = msgspec.json.Encoder()

_DDL: LiteralString = """
CREATE TABLE calls (
    stream uuid PRIMARY KEY,
    task_id text NOT NULL,
    provider text NOT NULL,
    kind text NOT NULL,
    step text NOT NULL,
    call text,
    call_state text,
    not_before timestamptz,
    finish_by timestamptz NOT NULL,
    position bigint NOT NULL,
    body json NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX calls_in_flight ON calls (provider, kind) WHERE call_state IN ('made', 'accepted', 'in_doubt');
CREATE INDEX calls_doubtful ON calls (position) WHERE call_state IN ('in_doubt', 'unknown');
"""
_LOAD: LiteralString = "SELECT stream, body FROM calls WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO calls (stream, task_id, provider, kind, step, call, call_state, not_before, finish_by, position, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::json[])
ON CONFLICT (stream) DO UPDATE
SET provider = excluded.provider, step = excluded.step, call = excluded.call, call_state = excluded.call_state,
    not_before = excluded.not_before, finish_by = excluded.finish_by, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM calls WHERE stream = ANY($1::uuid[])"

# One statement sees rows and checkpoint as of the same moment: they are committed together.
_IN_FLIGHT: LiteralString = """
SELECT c.kind, count(c.kind)::int, r.position
FROM public.read_models r LEFT JOIN calls c
  ON c.provider = $1 AND c.call_state IN ('made', 'accepted', 'in_doubt')
WHERE r.name = 'calls' AND r.serving GROUP BY c.kind, r.position
"""
_LIST_IN_DOUBT: LiteralString = """
SELECT stream, position, call_state, body FROM calls
WHERE call_state = ANY($1::text[]) AND call_state IN ('in_doubt', 'unknown') AND position > $2
ORDER BY position LIMIT $3
"""
_COUNT_IN_DOUBT: LiteralString = "SELECT count(*) FROM calls WHERE call_state IN ('in_doubt', 'unknown')"

CALLS: ReadModel[CallRow] = ReadModel("calls", 4, _DDL, fold, _load, _save, _remove)
