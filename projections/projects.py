"""Which projects has an owner? One row a project, as its events made it."""

from typing import LiteralString, NamedTuple, get_args

import msgspec

from application.decided_streams import Loaded
from application.ports import Recorded
from domain import project
from domain.project import Project, ProjectCreated, ProjectEvent
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of


class ProjectRow(NamedTuple):
    """`position` is that of the first event in the log, `newest` that of the last one, `version` its place."""

    position: int
    newest: int
    version: int
    project: Project


class ListedProject(NamedTuple):
    """A project on a page, and its place."""

    position: int
    found: Loaded[Project]


def fold(row: ProjectRow | None, recorded: Recorded) -> ProjectRow | None:
    """The row after one more event; None before the project was made."""
    event = recorded.event
    if isinstance(event, ProjectCreated):
        made = project.evolve(Project(), event)
        return ProjectRow(recorded.position, recorded.position, recorded.version, made)
    if row is None or not isinstance(event, ProjectEvent):
        return row
    return ProjectRow(row.position, recorded.position, recorded.version, project.evolve(row.project, event))


async def page(pool: Pool, *, owner: str | None, archived: bool, before: int | None, limit: int) -> list[ListedProject]:
    """Projects of an owner, or of all, newest first: those before a position, None for the newest. Raises the driver's
    errors."""
    rows = await pool.fetch(_PAGE, owner, archived, before, limit)
    return [ListedProject(row[0], Loaded(_PROJECT.decode(row[3]), row[2], row[1])) for row in rows]


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, ProjectRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {row[0]: ProjectRow(row[1], row[2], row[3], _PROJECT.decode(row[4])) for row in rows}


async def _save(connection: Connection, rows: dict[StreamId, ProjectRow]) -> None:
    made = list(rows.values())
    await connection.execute(
        _SAVE,
        list(rows),
        [row.position for row in made],
        [row.newest for row in made],
        [row.version for row in made],
        [row.project.owner for row in made],
        [row.project.archived_at is not None for row in made],
        [msgspec.json.encode(row.project).decode() for row in made],
    )


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_PROJECT = msgspec.json.Decoder(Project)

_DDL: LiteralString = """
CREATE TABLE projects (
    stream uuid PRIMARY KEY,
    position bigint NOT NULL UNIQUE,
    newest bigint NOT NULL,
    version bigint NOT NULL,
    owner text NOT NULL,
    archived boolean NOT NULL,
    body json NOT NULL
);
CREATE INDEX projects_owner ON projects (owner, archived, position);
"""
_LOAD: LiteralString = "SELECT stream, position, newest, version, body FROM projects WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO projects (stream, position, newest, version, owner, archived, body)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::boolean[], $7::json[])
ON CONFLICT (stream) DO UPDATE
SET newest = excluded.newest, version = excluded.version, archived = excluded.archived, body = excluded.body
"""
_REMOVE: LiteralString = "DELETE FROM projects WHERE stream = ANY($1::uuid[])"
_PAGE: LiteralString = """
SELECT position, newest, version, body FROM projects
WHERE ($1::text IS NULL OR owner = $1) AND archived = $2 AND ($3::bigint IS NULL OR position < $3)
ORDER BY position DESC LIMIT $4
"""

PROJECTS: ReadModel[ProjectRow] = ReadModel(
    "projects", 1, _DDL, fold, _load, _save, _remove, topics_of(*get_args(ProjectEvent))
)
