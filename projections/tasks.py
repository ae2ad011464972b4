"""Where is my task? One row a task: the answer of `GET /tasks/{id}`, and the columns and indexes of the lists.

Beside it a row for each owner and asset of its tasks: who may read the asset."""

from collections.abc import Iterator
from typing import LiteralString, NamedTuple

import asyncpg
import msgspec

from domain.ids import task_stream
from projections.base import Connection, Pool, ReadModel, StreamId
from projections.task_view import Media, Result, TaskRow, TaskView, fold

# --- Queries ---


class TaskSnapshot(NamedTuple):
    """The row of a task, encoded, with its version, and the version of its stream (`head`).

    `body` is None, and `version` 0, when there is no row yet; `head` is 0 when there is no such task. `position` is
    that of the last event of its stream in the log. `owner` is None when it is not known: without a row, and of a build
    that an older Pixel made."""

    body: bytes | None
    version: int
    head: int
    ended: bool
    position: int
    owner: str | None = None


async def find_many(pool: Pool, streams: list[StreamId]) -> list[TaskSnapshot]:
    """The rows of many tasks in one query, in the order of `streams`. No task has a row while the table is missing: if
    it was dropped by hand, it is being rebuilt. Raises the driver's other errors."""
    try:
        rows = await pool.fetch(_FIND, streams)
    except asyncpg.UndefinedColumnError:
        rows = await pool.fetch(_FIND_OWNERLESS, streams)
    except asyncpg.UndefinedTableError:
        rows = await pool.fetch(_HEADS, streams)
    return [
        TaskSnapshot(row[0].encode() if row[0] else None, row[1] or 0, row[2] or 0, bool(row[3]), row[4] or 0, row[5])
        for row in rows
    ]


async def may_read(pool: Pool, owner: str, asset_id: str) -> bool:
    """Whether the owner has a task or an upload with this asset. Raises the driver's errors."""
    return bool(await pool.fetchval(_MAY_READ, asset_id, owner))


class InFlight(NamedTuple):
    """How many tasks of a caller are unfinished, at a position of the log."""

    position: int
    tasks: int


async def in_flight(pool: Pool, caller: str) -> InFlight:
    """The unfinished tasks of a caller. Raises the driver's errors, as `spending_days.read_caller` does."""
    row = await pool.fetchrow(_IN_FLIGHT, caller)
    assert row is not None  # noqa: S101 - a SELECT without FROM
    return InFlight(row[0] or 0, row[1])


# --- Storage ---


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, TaskRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {row[0]: TaskRow(row[1], row[2], _VIEW.decode(row[3]), row[4], row[5]) for row in rows}


async def _save(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
    await connection.execute(_SAVE, *zip(*_records(rows), strict=True))
    await _save_assets(connection, rows)


async def _insert(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
    await connection.copy_records_to_table("tasks", records=_records(rows), columns=_COLUMNS)
    await _save_assets(connection, rows)


async def _save_assets(connection: Connection, rows: dict[StreamId, TaskRow]) -> None:
    if assets := {(media.asset_id, row.owner) for row in rows.values() for media in _media(row.view)}:
        await connection.execute(_SAVE_ASSETS, *map(list, zip(*assets, strict=True)))


def _media(view: TaskView) -> Iterator[Media]:
    result = view.result or Result()
    for media in (result.images, result.videos, result.audios, view.late_results):
        yield from media or ()


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
            owner,
            caller,
        )
        for stream, (position, version, view, owner, caller) in rows.items()
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
    "owner",
    "caller",
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
    owner text NOT NULL,
    caller text NOT NULL,
    CHECK (octet_length(concat(source_id, source, project_id, model)) <= 2600)
) WITH (fillfactor = 70);
CREATE TABLE tasks_assets (
    asset text NOT NULL,
    owner text NOT NULL,
    PRIMARY KEY (asset, owner)
);
"""
_INDEXES: LiteralString = """
CREATE UNIQUE INDEX IF NOT EXISTS tasks_position ON tasks (position) INCLUDE (created_at);
CREATE INDEX IF NOT EXISTS tasks_created ON tasks ((position >> 16), created_at);
CREATE INDEX IF NOT EXISTS tasks_state ON tasks (status, kind, position) INCLUDE (created_at);
CREATE INDEX IF NOT EXISTS tasks_owner ON tasks (owner, status, kind, position)
    INCLUDE (created_at, source, project_id, model);
CREATE INDEX IF NOT EXISTS tasks_in_flight ON tasks (caller)
    WHERE caller <> 'anonymous' AND status IN ('pending', 'processing');
CREATE INDEX IF NOT EXISTS tasks_project ON tasks (project_id, status, kind, position)
    INCLUDE (created_at, source, model, owner) WHERE project_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_source ON tasks (source, status, kind, position) INCLUDE (created_at, owner)
    WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_source_id ON tasks (source_id, status, kind, position)
    INCLUDE (created_at, source, project_id, model, owner) WHERE source_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_model ON tasks (model, status, kind, position)
    INCLUDE (created_at, source, owner);
CREATE INDEX IF NOT EXISTS tasks_rerun_of ON tasks (rerun_of, status, kind, position) INCLUDE (created_at, owner)
    WHERE rerun_of IS NOT NULL;
"""
_LOAD: LiteralString = "SELECT stream, position, version, body, owner, caller FROM tasks WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO tasks (stream, position, version, kind, status, model, project_id, source, source_id,
                   created_at, updated_at, body, rerun_of, owner, caller)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::json[], $13::uuid[],
                     $14::text[], $15::text[])
ON CONFLICT (stream) DO UPDATE
SET version = excluded.version, status = excluded.status, updated_at = excluded.updated_at, body = excluded.body
"""
_IN_FLIGHT: LiteralString = """
SELECT (SELECT position FROM public.read_models WHERE name = 'tasks' AND serving),
       (SELECT count(*) FROM tasks
        WHERE caller = $1 AND caller <> 'anonymous' AND status IN ('pending', 'processing'))
"""
_SAVE_ASSETS: LiteralString = """
INSERT INTO tasks_assets (asset, owner) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
"""
_MAY_READ: LiteralString = """
SELECT EXISTS (SELECT FROM tasks_assets WHERE asset = $1 AND owner = $2)
    OR EXISTS (SELECT FROM public.asset_uploads WHERE asset = $1 AND owner = $2)
"""
_REMOVE: LiteralString = "DELETE FROM tasks WHERE stream = ANY($1::uuid[])"
_FIND: LiteralString = """
SELECT t.body, t.version, head.version, t.status IN ('completed', 'failed'), head.position, t.owner
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN tasks t ON t.stream = asked.stream
LEFT JOIN LATERAL (
    SELECT e.originator_version AS version, e.notification_id AS position FROM public.stored_events e
    WHERE e.originator_id = asked.stream ORDER BY e.originator_version DESC LIMIT 1
) head ON true
ORDER BY asked.n
"""
_FIND_OWNERLESS: LiteralString = """
SELECT t.body, t.version, head.version, t.status IN ('completed', 'failed'), head.position, NULL::text
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN tasks t ON t.stream = asked.stream
LEFT JOIN LATERAL (
    SELECT e.originator_version AS version, e.notification_id AS position FROM public.stored_events e
    WHERE e.originator_id = asked.stream ORDER BY e.originator_version DESC LIMIT 1
) head ON true
ORDER BY asked.n
"""
_HEADS: LiteralString = """
SELECT NULL::text, NULL::bigint, head.version, false, head.position, NULL::text
FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (stream, n)
LEFT JOIN LATERAL (
    SELECT e.originator_version AS version, e.notification_id AS position FROM public.stored_events e
    WHERE e.originator_id = asked.stream ORDER BY e.originator_version DESC LIMIT 1
) head ON true
ORDER BY asked.n
"""

TASKS: ReadModel[TaskRow] = ReadModel("tasks", 5, _DDL, fold, _load, _save, _remove, indexes=_INDEXES, insert=_insert)
