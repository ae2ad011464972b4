"""What do canvases belong to? Projects are made, renamed, put away and taken out again."""

from datetime import datetime
from typing import Annotated, NamedTuple

from litestar import get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, decode_body, etag_matches, idempotency_key, wanted_version
from api.http.responses import POSITION, JsonResponse, ok
from application import projects
from application.decided_streams import Loaded
from application.ports import Cause
from domain.base import Value
from domain.project import MAX_NAME, Project
from domain.request import Body


class ProjectDeps(NamedTuple):
    """What these handlers use."""

    log: EventLog


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


@post("/api/v1/projects", status_code=200)
async def create_project(request: AnyRequest, deps: Injected[ProjectDeps]) -> ASGIApp:
    """Make a project."""
    wish = await decode_body(request, NameBody)
    key = idempotency_key(request)
    made = await projects.create(deps.log, name=wish.name, caller=caller_of(request), key=key, cause=cause_of(request))
    return _answer(made)


@get("/api/v1/projects/{project_id:str}")
async def get_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """One project."""
    found = await projects.load(deps.log, project_id, owner=caller_of(request).sees_only)
    if etag_matches(request, found.version):
        return JsonResponse(b"", version_headers(found.version, found.position), status=304)
    return _answer(found)


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
    return _answer(renamed)


@post("/api/v1/projects/{project_id:str}/archive", status_code=200)
async def archive_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """Put a project away. A second time changes nothing."""
    return _answer(await projects.archive(deps.log, project_id, caller=caller_of(request), cause=cause_of(request)))


@post("/api/v1/projects/{project_id:str}/restore", status_code=200)
async def restore_project(request: AnyRequest, deps: Injected[ProjectDeps], project_id: FromPath[str]) -> ASGIApp:
    """Take a project into use again. A second time changes nothing."""
    return _answer(await projects.restore(deps.log, project_id, caller=caller_of(request), cause=cause_of(request)))


def cause_of(request: AnyRequest) -> Cause:
    """Who and what a change goes back to."""
    return Cause(actor=caller_of(request).key, request_id=REQUEST_ID.get())


def version_headers(version: int, position: int) -> dict[str, str]:
    """The headers of an answer about something that has versions."""
    return {"Cache-Control": "no-store", "ETag": f'"{version}"', POSITION: str(position)}


def _answer(found: Loaded[Project]) -> ASGIApp:
    state = found.state
    assert state.created_at is not None and state.updated_at is not None  # noqa: S101, PT018 - it was created
    view = ProjectView(
        id=state.id,
        name=state.name,
        version=found.version,
        created_at=state.created_at,
        updated_at=state.updated_at,
        archived=state.archived_at is not None,
    )
    return ok(view, version_headers(found.version, found.position))


route_handlers = [create_project, get_project, rename_project, archive_project, restore_project]
