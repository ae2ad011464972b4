"""What do canvases belong to? Projects are made, renamed, put away and taken out again."""

from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from litestar import get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, decode_body, idempotency_key, read_query, wanted_version
from api.http.responses import POSITION, ok
from api.routes.task_list import DEFAULT_PAGE, MAX_PAGE, encode_cursor, parse_cursor, read_model_headers
from application import projects
from application.decided_streams import Loaded
from application.ports import Cause
from domain.base import Value
from domain.project import MAX_NAME, Project
from domain.request import Body
from projections.canvases import ProjectFigures, of_projects
from projections.projects import page
from services.read_your_writes import ReadYourWrites

MAX_POSITION = 999_999_999_999_999_999


class ProjectDeps(NamedTuple):
    """What these handlers use."""

    log: EventLog
    pool: Pool
    read_your_writes: ReadYourWrites


Name = Annotated[str, Meta(max_length=MAX_NAME, description="Its name", examples=["The harbour"])]


class NameBody(Body):
    """A name for something."""

    name: Name


class ProjectView(Value, omit_defaults=True):
    """A project."""

    id: Annotated[str, Meta(description="The project's id", examples=["project_abc123"])]
    name: Name
    version: Annotated[int, Meta(description="Its version, which each change makes one more", examples=[1])]
    created_at: Annotated[datetime, Meta(description="When it was made", examples=["2026-02-11T10:00:00Z"])]
    updated_at: Annotated[datetime, Meta(description="When it was last changed", examples=["2026-02-11T10:00:00Z"])]
    archived: Annotated[bool, Meta(description="Whether it is put away", examples=[False])]
    canvases: Annotated[int, Meta(description="How many canvases in use it has", examples=[3])]
    cover: Annotated[
        str | None,
        Meta(description="What was picked last on the canvas that was changed last", examples=["asset_9f86d0….png"]),
    ] = None


class ProjectPage(Value):
    """A page of projects, newest first."""

    projects: Annotated[list[ProjectView], Meta(description="The projects, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEyMzQ"])
    ]


class ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The query of a list of projects; that of canvases has more."""

    archived: bool = False
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: str = ""
    at_least: Annotated[int, Meta(ge=0, le=MAX_POSITION)] = 0


@post("/api/v1/projects", status_code=200)
async def create_project(request: AnyRequest, deps: Injected[ProjectDeps]) -> ASGIApp:
    """Make a project."""
    wish = await decode_body(request, NameBody)
    key = idempotency_key(request)
    made = await projects.create(deps.log, name=wish.name, caller=caller_of(request), key=key, cause=cause_of(request))
    return await _answer(deps, made)


@get("/api/v1/projects")
async def list_projects(request: AnyRequest, deps: Injected[ProjectDeps]) -> ASGIApp:
    """Projects, newest first, a page at a time."""
    wish = read_query(request, ListQuery)
    before = parse_cursor("cursor", wish.cursor) if wish.cursor else None
    headers = await read_model_headers(deps.log, deps.read_your_writes, wish.at_least)
    found = await page(
        deps.pool,
        owner=caller_of(request).sees_only,
        archived=wish.archived,
        before=before,
        limit=wish.limit + 1,
    )
    shown = found[: wish.limit]
    figures = await of_projects(deps.pool, [each.found.state.id for each in shown])
    views = [_view(each.found, figures.get(each.found.state.id, ProjectFigures())) for each in shown]
    cursor = encode_cursor(shown[-1].position) if len(found) > wish.limit else None
    return ok(ProjectPage(projects=views, next_cursor=cursor), headers)


@get("/api/v1/projects/{project_id:str}")
async def get_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """One project."""
    found = await projects.load(deps.log, project_id, owner=caller_of(request).sees_only)
    return await _answer(deps, found)


@patch("/api/v1/projects/{project_id:str}")
async def rename_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """Give a project another name."""
    wish = await decode_body(request, NameBody)
    renamed = await projects.rename(
        deps.log,
        project_id,
        name=wish.name,
        caller=caller_of(request),
        version=wanted_version(request),
        cause=cause_of(request),
    )
    return await _answer(deps, renamed)


@post("/api/v1/projects/{project_id:str}/archive", status_code=200)
async def archive_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """Put a project away. A second time changes nothing."""
    changed = await projects.archive(deps.log, project_id, caller=caller_of(request), cause=cause_of(request))
    return await _answer(deps, changed)


@post("/api/v1/projects/{project_id:str}/restore", status_code=200)
async def restore_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """Take a project into use again. A second time changes nothing."""
    changed = await projects.restore(deps.log, project_id, caller=caller_of(request), cause=cause_of(request))
    return await _answer(deps, changed)


def cause_of(request: AnyRequest) -> Cause:
    """Who and what a change goes back to."""
    return Cause(actor=caller_of(request).key, request_id=REQUEST_ID.get())


def version_headers(version: int, position: int) -> dict[str, str]:
    """The headers of an answer about something that has versions."""
    return {"Cache-Control": "no-store", "ETag": f'"{version}"', POSITION: str(position)}


async def _answer(deps: ProjectDeps, found: Loaded[Project]) -> ASGIApp:
    figures = await of_projects(deps.pool, [found.state.id])
    view = _view(found, figures.get(found.state.id, ProjectFigures()))
    return ok(view, version_headers(found.version, found.position))


def _view(found: Loaded[Project], figures: ProjectFigures) -> ProjectView:
    state = found.state
    assert state.created_at is not None and state.updated_at is not None  # noqa: S101, PT018 - it was created
    return ProjectView(
        id=state.id,
        name=state.name,
        version=found.version,
        created_at=state.created_at,
        updated_at=state.updated_at,
        archived=state.archived_at is not None,
        canvases=figures.canvases,
        cover=figures.cover,
    )


route_handlers = [create_project, list_projects, get_project, rename_project, archive_project, restore_project]
