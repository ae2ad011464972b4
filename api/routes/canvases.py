"""How is a canvas made, looked at, named and put away? What is on it changes by `canvas_edits`."""

from collections.abc import Mapping
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
from api.http.request_reader import (
    AnyRequest,
    decode_body,
    etag_matches,
    idempotency_key,
    parse_time,
    point_in_time,
    read_query,
    wanted_version,
)
from api.http.responses import JsonResponse, ok, ok_encoded
from api.routes.projects import ListQuery, Name, NameBody, cause_of, version_headers
from api.routes.task_list import encode_cursor, parse_cursor, read_model_headers
from api.routes.tasks import parse_integer
from application import canvases
from application.decided_streams import Loaded
from application.turns import Turns
from domain.base import Rejected, Value
from domain.canvas.events import Origin
from domain.canvas.state import Canvas
from domain.ids import canvas_stream
from domain.request import Body
from projections.canvases import cover_of, page
from services.canvas_reader import CanvasReader
from services.canvas_views import CanvasView, encode_document, view
from services.read_your_writes import ReadYourWrites


class CanvasDeps(NamedTuple):
    """What these handlers use, and those of `canvas_edits`."""

    log: EventLog
    pool: Pool
    canvases: CanvasReader
    turns: Turns
    read_your_writes: ReadYourWrites


class OriginBody(Body):
    """A version of a canvas."""

    canvas: Annotated[str, Meta(description="The canvas", examples=["canvas_abc123"])]
    version: Annotated[int, Meta(ge=1, description="Its version", examples=[812])]


class CanvasBody(Body):
    """A canvas to make."""

    project: Annotated[str, Meta(description="The project that it belongs to", examples=["project_abc123"])]
    name: Name
    origin: Annotated[
        OriginBody | None,
        Meta(description="It begins as this canvas was at this version"),
    ] = msgspec.field(name="from", default=None)


class VersionBody(Body):
    """A name for a version of a canvas."""

    version: Annotated[int, Meta(ge=1, description="The version", examples=[812])]
    name: Name


class CanvasPage(Value):
    """A page of canvases, newest first."""

    canvases: Annotated[list[CanvasView], Meta(description="The canvases, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEyMzQ"])
    ]


class _ListQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    project_id: str | None = None


@post("/api/v1/canvases", status_code=200)
async def create_canvas(request: AnyRequest, deps: Injected[CanvasDeps]) -> ASGIApp:
    """Make a canvas, empty or from another one."""
    wish = await decode_body(request, CanvasBody)
    origin = Origin(canvas=wish.origin.canvas, version=wish.origin.version) if wish.origin else None
    made = await canvases.create(
        deps.log,
        deps.canvases,
        project=wish.project,
        name=wish.name,
        origin=origin,
        caller=caller_of(request),
        key=idempotency_key(request),
        cause=cause_of(request),
    )
    return await _answer(deps, made)


@get("/api/v1/canvases")
async def list_canvases(request: AnyRequest, deps: Injected[CanvasDeps]) -> ASGIApp:
    """Canvases, newest first, a page at a time."""
    wish = read_query(request, _ListQuery)
    before = parse_cursor("cursor", wish.cursor) if wish.cursor else None
    headers = await read_model_headers(deps.log, deps.read_your_writes, wish.at_least)
    found = await page(
        deps.pool,
        owner=caller_of(request).sees_only,
        project=wish.project_id,
        archived=wish.archived,
        before=before,
        limit=wish.limit + 1,
    )
    shown = found[: wish.limit]
    views = [view(each.found, nodes=each.nodes, cover=each.cover) for each in shown]
    cursor = encode_cursor(shown[-1].position) if len(found) > wish.limit else None
    return ok(CanvasPage(canvases=views, next_cursor=cursor), headers)


@get("/api/v1/canvases/{canvas_id:str}")
async def get_canvas(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """A canvas with all that is on it, now or as it was."""
    given = point_in_time(request)
    found = await seen(request, deps, canvas_id)
    if given:
        found = await _past(deps, canvas_id, found, given)
    headers = version_headers(found.version, found.position)
    if not given and etag_matches(request, found.version):
        return JsonResponse(b"", headers, status=304)
    return ok_encoded(await encode_document(found, deps.turns), headers)


@patch("/api/v1/canvases/{canvas_id:str}")
async def rename_canvas(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Give a canvas another name."""
    wish = await decode_body(request, NameBody)
    renamed = await canvases.rename(
        deps.log,
        deps.canvases,
        canvas_id,
        name=wish.name,
        caller=caller_of(request),
        version=wanted_version(request),
        cause=cause_of(request),
    )
    return await _answer(deps, renamed)


@post("/api/v1/canvases/{canvas_id:str}/archive", status_code=200)
async def archive_canvas(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Put a canvas away. A second time changes nothing."""
    caller, cause = caller_of(request), cause_of(request)
    changed = await canvases.archive(deps.log, deps.canvases, canvas_id, caller=caller, cause=cause)
    return await _answer(deps, changed)


@post("/api/v1/canvases/{canvas_id:str}/restore", status_code=200)
async def restore_canvas(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Take a canvas into use again. A second time changes nothing."""
    caller, cause = caller_of(request), cause_of(request)
    changed = await canvases.restore(deps.log, deps.canvases, canvas_id, caller=caller, cause=cause)
    return await _answer(deps, changed)


@post("/api/v1/canvases/{canvas_id:str}/versions", status_code=200)
async def name_canvas_version(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Give a version of a canvas a name."""
    wish = await decode_body(request, VersionBody)
    named = await canvases.name_version(
        deps.log,
        deps.canvases,
        canvas_id,
        version=wish.version,
        name=wish.name,
        caller=caller_of(request),
        cause=cause_of(request),
    )
    return await _answer(deps, named)


async def seen(request: AnyRequest, deps: CanvasDeps, canvas_id: str) -> Loaded[Canvas]:
    """The canvas as it is now, if the caller may see it. Raises Rejected `canvas_unknown`, and LogUnavailable."""
    found = await deps.canvases.current(canvas_stream(canvas_id))
    canvases.require_owner(found.state, canvas_id, caller_of(request).sees_only)
    return found


async def _past(deps: CanvasDeps, canvas_id: str, newest: Loaded[Canvas], given: Mapping[str, str]) -> Loaded[Canvas]:
    """The canvas at an earlier version or time."""
    stream = canvas_stream(canvas_id)
    if "version" in given:
        return await deps.canvases.at_version(stream, parse_integer("version", given["version"], 1, newest.version))
    found = await deps.canvases.at_time(stream, parse_time("at", given["at"]))
    if not found.version:
        raise Rejected("canvas_unknown", f"Canvas '{canvas_id}' did not exist at {given['at']}")
    return found


async def _answer(deps: CanvasDeps, found: Loaded[Canvas]) -> ASGIApp:
    cover = await cover_of(deps.pool, canvas_stream(found.state.id))
    shown = view(found, nodes=len(found.state.nodes), cover=cover)
    return ok(shown, version_headers(found.version, found.position))


route_handlers = [
    create_canvas,
    list_canvases,
    get_canvas,
    rename_canvas,
    archive_canvas,
    restore_canvas,
    name_canvas_version,
]
