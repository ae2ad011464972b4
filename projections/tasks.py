"""Where is my task? One row a task: the answer of `GET /tasks/{id}`, and the columns and indexes of the lists."""

from typing import LiteralString, NamedTuple

import asyncpg
import msgspec

from domain.ids import task_stream
from projections.base import Connection, Pool, ReadModel, StreamId
from projections.task_view import TaskRow, TaskView, fold

# --- Queries ---


class TaskSnapshot(NamedTuple):
    """The row of a task, encoded, with its version, and the version of its stream (`head`).

    `body` is None, and `version` 0, when there is no row yet; `head` is 0 when there is no such task. `position` is
    that of the last event of its stream in the log."""

    body: bytes | None
    version: int
    head: int
    ended: bool
    position: int


async def find_many(pool: Pool, streams: list[StreamId]) -> list[TaskSnapshot]:
    """The rows of many tasks in one query, in the order of `streams`. No task has a row while the table is missing: if
    it was dropped by hand, it is being rebuilt. Raises the driver's other errors."""
    try:
        rows = await pool.fetch(_FIND, streams)
    except asyncpg.UndefinedTableError:
        rows = await pool.fetch(_HEADS, streams)
    return [
        TaskSnapshot(row[0].encode() if row[0] else None, row[1] or 0, row[2] or 0, bool(row[3]), row[4] or 0)
        for row in rows
    ]


# --- Storage ---


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, TaskRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {row[0]: TaskRow(row[1], row[2], _VIEW.decode(row[3])) for row in rows}


async def _save(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
    await connection.execute(_SAVE, *zip(*_records(rows), strict=True))


async def _insert(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
    await connection.copy_records_to_table("tasks", records=_records(rows), columns=_COLUMNS)


def _records(rows: dict[StreamId, TaskRow]) -> list[tuple[object, ...]]:
    """The values of _COLUMNS."""
    return [
        (
            stream,
            position,
            version,
            view.type.value,
            view.status.value,
            view.model,
            view.project_id,
            view.source,
            view.source_id,
            view.created_at,
            view.updated_at,
            _ENCODER.encode(view).decode(),
            task_stream(view.rerun_of) if view.rerun_of else None,
        )
        for stream, (position, version, view) in rows.items()
    ]


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_COLUMNS = (
    "stream",
    "position",
    "version",
    "kind",
    "status",
    "model",
    "project_id",
    "source",
    "source_id",
    "created_at",
    "updated_at",
    "body",
    "rerun_of",
)
_VIEW = msgspec.json.Decoder(TaskView)
_ENCODER = msgspec.json.Encoder()

# What is too long for an index is refused at once, although the indexes may come later.
_DDL: LiteralString = """
CREATE TABLE tasks (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    model text NOT NULL,
    project_id text,
    source text,
    source_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    body json NOT NULL,
    rerun_of uuid,
    CHECK (octet_length(concat(source_id, source, project_id, model)) <= 2600)
) WITH (fillfactor = 70);
"""
_INDEXES: LiteralString = """
CREATE UNIQUE INDEX IF NOT EXISTS tasks_position ON tasks (position) INCLUDE (created_at);
CREATE INDEX IF NOT EXISTS tasks_created ON tasks ((position >> 16), created_at);
CREATE INDEX IF NOT EXISTS tasks_state ON tasks (status, kind, position) INCLUDE (created_at);
CREATE INDEX IF NOT EXISTS tasks_project ON tasks (project_id, status, kind, position)
    INCLUDE (created_at, source, model) WHERE project_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_source ON tasks (source, status, kind, position) INCLUDE (created_at)
    WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_source_id ON tasks (source_id, status, kind, position)
    INCLUDE (created_at, source, project_id, model) WHERE source_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_model ON tasks (model, status, kind, position) INCLUDE (created_at, source);
CREATE INDEX IF NOT EXISTS tasks_rerun_of ON tasks (rerun_of, status, kind, position) INCLUDE (created_at)
    WHERE rerun_of IS NOT NULL;
"""
_LOAD: LiteralString = "SELECT stream, position, version, body FROM tasks WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO tasks (stream, position, version, kind, status, model, project_id, source, source_id,
                   created_at, updated_at, body, rerun_of)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::json[], $13::uuid[])
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, status = excluded.status, updated_at = excluded.updated_at, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM tasks WHERE stream = ANY($1::uuid[])"
_FIND: LiteralString = """
SELECT t.body, t.version, head.version, t.status IN ('completed', 'failed'), head.position
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN tasks t ON t.stream = asked.stream
LEFT JOIN LATERAL (
    SELECT e.originator_version AS version, e.notification_id AS position FROM public.stored_events e
    WHERE e.originator_id = asked.stream ORDER BY e.originator_version DESC LIMIT 1
) head ON true
ORDER BY asked.n
"""
_HEADS: LiteralString = """
SELECT NULL::text, NULL::bigint, head.version, false, head.position
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN LATERAL (
    SELECT e.originator_version AS version, e.notification_id AS position FROM public.stored_events e
    WHERE e.originator_id = asked.stream ORDER BY e.originator_version DESC LIMIT 1
) head ON true
ORDER BY asked.n
"""

TASKS: ReadModel[TaskRow] = ReadModel("tasks", 4, _DDL, fold, _load, _save, _remove, indexes=_INDEXES, insert=_insert)
