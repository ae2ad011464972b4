"""What is on a canvas? One row a canvas: its document at a version, and the columns of the lists.

Whoever reads a canvas takes the row and folds the events behind its version, so that it may be behind. Beside it are
snapshots of earlier versions, from which the past is folded."""

from contextlib import suppress
from typing import LiteralString, NamedTuple, get_args

import asyncpg

from application.decided_streams import Loaded
from application.ports import Recorded
from domain.canvas.events import CanvasCreated, CanvasEdited, CanvasEvent, is_of_canvas
from domain.canvas.ops import NodeAdd, NodeSet
from domain.canvas.state import Canvas, evolve
from domain.canvas.words import Node, Pick, media_of
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of
from projections.canvas_parts import StoredCanvas, decode, encode

SNAPSHOT_VERSIONS = 1000
_BEING_BUILT = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)


class Snapshot(NamedTuple):
    """A canvas at a version. `position` is that of its last event then."""

    version: int
    position: int
    canvas: Canvas


class CanvasRow(NamedTuple):
    """`position` is that of the first event in the log, `newest` that of the last one, `version` its place.

    `cover` is the image or video that was picked last. `snapshot` is the newest that is to be kept, if there is one
    since the row was loaded."""

    position: int
    newest: int
    version: int
    canvas: Canvas
    cover: str | None = None
    snapshot: Snapshot | None = None


class ListedCanvas(NamedTuple):
    """A canvas on a page without what is on it, its place, its cover, and how many nodes it has."""

    position: int
    found: Loaded[Canvas]
    nodes: int
    cover: str | None


class ProjectFigures(NamedTuple):
    """How many canvases of a project are in use, and the cover of the one that was changed last."""

    canvases: int = 0
    cover: str | None = None


def fold(row: CanvasRow | None, recorded: Recorded) -> CanvasRow | None:
    """The row after one more event; None before the canvas was made."""
    event = recorded.event
    position, version = recorded.position, recorded.version
    if isinstance(event, CanvasCreated):
        return CanvasRow(position, position, version, evolve(Canvas(), event))
    if row is None or not is_of_canvas(event):
        return row
    canvas = evolve(row.canvas, event)
    cover = _cover(canvas, event) if isinstance(event, CanvasEdited) else None
    snapshot = Snapshot(version, position, canvas) if version % SNAPSHOT_VERSIONS == 0 else row.snapshot
    return CanvasRow(row.position, position, version, canvas, cover or row.cover, snapshot)


def _cover(canvas: Canvas, event: CanvasEdited) -> str | None:
    """What an edit picked, if it can be shown."""
    for op in reversed(event.ops):
        match op:
            case NodeSet(id=id, field="pick"):
                node = canvas.nodes.get(id)
            case NodeAdd(node=node):
                pass
            case _:
                continue
        if node is not None and (shown := _shown(node, node.pick)):
            return shown
    return None


def _shown(node: Node, pick: Pick | None) -> str | None:
    return pick.asset if pick and pick.asset and media_of(node) in {"image", "video"} else None


async def find(pool: Pool, stream: StreamId) -> Loaded[Canvas] | None:
    """A canvas at the version of its row; None: it has no row, or the table is being built. Raises the driver's other
    errors."""
    return await _find(pool, _FIND, stream)


async def find_before(pool: Pool, stream: StreamId, version: int) -> Loaded[Canvas] | None:
    """A canvas at the newest snapshot up to a version. Answers and raises as `find` does."""
    return await _find(pool, _FIND_BEFORE, stream, version)


async def _find(pool: Pool, query: LiteralString, *asked: object) -> Loaded[Canvas] | None:
    try:
        row = await pool.fetchrow(query, *asked)
    except _BEING_BUILT:
        return None
    return Loaded(await decode(StoredCanvas(row[2], row[3])), row[0], row[1]) if row else None


async def page(
    pool: Pool, *, owner: str | None, project: str | None, archived: bool, before: int | None, limit: int
) -> list[ListedCanvas]:
    """Canvases of an owner, or of all, of a project, or of any, newest first: those before a position, None for the
    newest. Raises the driver's errors."""
    rows = await pool.fetch(_PAGE, owner, project, archived, before, limit)
    return [
        ListedCanvas(row[0], Loaded(await decode(StoredCanvas(row[3], [])), row[2], row[1]), row[4], row[5])
        for row in rows
    ]


async def cover_of(pool: Pool, stream: StreamId) -> str | None:
    """The image or video that was picked last on a canvas; None also while the table is being built. Raises the
    driver's other errors."""
    found: str | None = None
    with suppress(*_BEING_BUILT):
        found = await pool.fetchval(_COVER, stream)
    return found


async def of_projects(pool: Pool, projects: list[str]) -> dict[str, ProjectFigures]:
    """The figures of those projects that have canvases; none while the table is being built. Raises the driver's other
    errors."""
    found: dict[str, ProjectFigures] = {}
    with suppress(*_BEING_BUILT):
        found = {row[0]: ProjectFigures(row[1], row[2]) for row in await pool.fetch(_OF_PROJECTS, projects)}
    return found


def weight(row: CanvasRow) -> int:
    """How much memory a row takes, roughly."""
    held = 8 * row.canvas.bytes + 500 * len(row.canvas.edges)
    return 4000 + held * (2 if row.snapshot else 1)


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, CanvasRow]:
    return {
        row[0]: CanvasRow(row[1], row[2], row[3], await decode(StoredCanvas(row[5], row[6])), row[4])
        for row in await connection.fetch(_LOAD, streams)
    }


async def _save(connection: Connection, rows: dict[StreamId, CanvasRow]) -> None:
    for stream, row in rows.items():
        canvas, stored = row.canvas, await encode(row.canvas)
        await connection.execute(
            _SAVE,
            stream,
            row.position,
            row.newest,
            row.version,
            canvas.owner,
            canvas.project,
            canvas.archived_at is not None,
            canvas.updated_at,
            len(canvas.nodes),
            row.cover,
            stored.head,
            stored.parts,
        )
    await _keep(connection, {stream: row.snapshot for stream, row in rows.items() if row.snapshot})


async def _keep(connection: Connection, snapshots: dict[StreamId, Snapshot]) -> None:
    """Save those that are not there yet: a row has its last one for as long as it is in memory."""
    if not snapshots:
        return
    versions = [snapshot.version for snapshot in snapshots.values()]
    kept = {row[0] for row in await connection.fetch(_KEPT, list(snapshots), versions)}
    for stream, snapshot in snapshots.items():
        if stream not in kept:
            stored = await encode(snapshot.canvas)
            await connection.execute(_KEEP, stream, snapshot.version, snapshot.position, stored.head, stored.parts)


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE_SNAPSHOTS, streams)
    await connection.execute(_REMOVE, streams)


_DDL: LiteralString = """
CREATE TABLE canvases (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL UNIQUE,
    newest bigint NOT NULL,
    version bigint NOT NULL,
    owner text NOT NULL,
    project text NOT NULL,
    archived boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    nodes bigint NOT NULL,
    cover text,
    head json NOT NULL,
    parts json[] NOT NULL
);
CREATE INDEX canvases_owner ON canvases (owner, archived, position);
CREATE INDEX canvases_project ON canvases (project, archived, position);
CREATE TABLE canvases_snapshots (
    stream uuid NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    head json NOT NULL,
    parts json[] NOT NULL,
    PRIMARY KEY (stream, version)
);
"""
_LOAD: LiteralString = """
SELECT stream, position, newest, version, cover, head, parts FROM canvases WHERE stream = ANY($1::uuid[])
"""
_SAVE: LiteralString = """
INSERT INTO canvases
    (stream, position, newest, version, owner, project, archived, updated_at, nodes, cover, head, parts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::json, $12::text[]::json[])
ON CONFLICT (stream) DO UPDATE
SET newest = excluded.newest, version = excluded.version, archived = excluded.archived,
    updated_at = excluded.updated_at, nodes = excluded.nodes, cover = excluded.cover, head = excluded.head,
    parts = excluded.parts
"""
_KEPT: LiteralString = """
SELECT asked.stream FROM unnest($1::uuid[], $2::bigint[]) AS asked (stream, version)
JOIN canvases_snapshots kept USING (stream, version)
"""
_KEEP: LiteralString = """
INSERT INTO canvases_snapshots (stream, version, position, head, parts)
VALUES ($1, $2, $3, $4::text::json, $5::text[]::json[]) ON CONFLICT DO NOTHING
"""
_REMOVE: LiteralString = "DELETE FROM canvases WHERE stream = ANY($1::uuid[])"
_REMOVE_SNAPSHOTS: LiteralString = "DELETE FROM canvases_snapshots WHERE stream = ANY($1::uuid[])"
_FIND: LiteralString = "SELECT version, newest, head, parts FROM canvases WHERE stream = $1"
_FIND_BEFORE: LiteralString = """
SELECT version, position, head, parts FROM canvases_snapshots
WHERE stream = $1 AND version <= $2 ORDER BY version DESC LIMIT 1
"""
_COVER: LiteralString = "SELECT cover FROM canvases WHERE stream = $1"
_PAGE: LiteralString = """
SELECT position, newest, version, head, nodes, cover FROM canvases
WHERE ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR project = $2) AND archived = $3
  AND ($4::bigint IS NULL OR position < $4)
ORDER BY position DESC LIMIT $5
"""
_OF_PROJECTS: LiteralString = """
SELECT project, count(*), (array_agg(cover ORDER BY updated_at DESC) FILTER (WHERE cover IS NOT NULL))[1]
FROM canvases WHERE project = ANY($1::text[]) AND NOT archived GROUP BY project
"""

CANVASES: ReadModel[CanvasRow] = ReadModel(
    "canvases", 1, _DDL, fold, _load, _save, _remove, topics_of(*get_args(CanvasEvent)), weight=weight
)
