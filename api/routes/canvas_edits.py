"""How does what is on a canvas change, and what was changed? An edit is sent until it is answered: it is done once."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest, decoded, json_only, reject_repeated
from api.http.responses import THREAD_FROM_BYTES, ok_encoded
from api.routes.canvases import CanvasDeps, seen
from api.routes.projects import cause_of, version_headers
from api.routes.tasks import MAX_AFTER, MAX_HISTORY, parse_integer
from application import canvases
from application.canvases import Edit
from domain.base import Rejected, Value
from domain.canvas.checks import stray_field
from domain.canvas.events import CanvasEdited
from domain.canvas.ops import Op
from domain.canvas.words import Id
from domain.ids import canvas_stream
from domain.request import Body
from domain.request_parsing import decode_object
from services.canvas_views import CanvasChange, VersionOf, change

MAX_LABEL = 200
MAX_MISSED, MAX_MISSED_BYTES = 500, 1024 * 1024


class EditBody(Body):
    """What somebody has done to a canvas."""

    base: Annotated[int, Meta(ge=0, description="The version that the editor knows", examples=[811])]
    edit: Id
    session: Id
    label: Annotated[
        str, Meta(max_length=MAX_LABEL, description="What the person did, as a word for programs", examples=["move"])
    ]
    ops: Annotated[list[Op], Meta(description="The operations, in order: all are done, or none; 500 at most")]


class MissedEdit(Value):
    """An edit that came between the base and this one."""

    version: VersionOf
    edit: Id
    session: Id
    label: Annotated[str, Meta(description="What the person did", examples=["move"])]
    actor: Annotated[str, Meta(description="The API key, or `anonymous`", examples=["anonymous"])]
    at: Annotated[datetime, Meta(description="When", examples=["2026-02-11T10:00:00Z"])]
    ops: Annotated[tuple[Op, ...], Meta(description="Its operations")]


class EditAnswer(Value, omit_defaults=True):
    """The edit is done. The same edit sent again gets the same answer."""

    version: Annotated[int, Meta(description="The version that it made", examples=[812])]
    missed: Annotated[list[MissedEdit], Meta(description="What others did since the base, in order")]
    more: Annotated[
        bool,
        Meta(description="`missed` is not all: the history has the rest", examples=[True]),
    ] = False


class CanvasHistoryPage(Value):
    """What happened to a canvas, a page at a time."""

    items: Annotated[list[CanvasChange], Meta(description="What happened, oldest first")]
    next: Annotated[int | None, Meta(description="`after` for the next page; null on the last one", examples=[500])]


@post("/api/v1/canvases/{canvas_id:str}/edits", status_code=200)
async def edit_canvas(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Edit a canvas."""
    json_only(request)
    body = await request.body()
    wish = await _aside(partial(_read, body), len(body))
    edit = Edit(wish.base, wish.edit, wish.session, wish.label, wish.ops)
    caller, cause = caller_of(request), cause_of(request)
    done = await canvases.edit(deps.log, deps.canvases, canvas_id, edit, caller=caller, cause=cause)
    answer, size = await _answer(deps, canvas_id, wish.base, done.version)
    encoded = await _aside(partial(msgspec.json.encode, answer), size)
    replayed = {"Idempotent-Replayed": "true"} if done.replayed else {}
    return ok_encoded(encoded, version_headers(done.version, done.position) | replayed)


@get("/api/v1/canvases/{canvas_id:str}/history")
async def get_canvas_history(request: AnyRequest, deps: Injected[CanvasDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """What happened to a canvas, oldest first, a page at a time."""
    reject_repeated(request, "after", "limit")
    given = request.query_params
    after = parse_integer("after", given.get("after") or "0", 0, MAX_AFTER)
    limit = parse_integer("limit", given.get("limit") or str(MAX_HISTORY), 1, MAX_HISTORY)
    found = await seen(request, deps, canvas_id)
    until = min(found.version, after + limit)
    items: list[CanvasChange] = []
    size = 0
    async for versions in deps.canvases.between(canvas_stream(canvas_id), after, until):
        items += [change(each) for each in versions]
        size += sum(each.bytes for each in versions)
        if size > MAX_MISSED_BYTES:
            break
    last = items[-1].version if items else found.version
    page = CanvasHistoryPage(items=items, next=last if last < found.version else None)
    encoded = await _aside(partial(msgspec.json.encode, page), size)
    return ok_encoded(encoded, version_headers(found.version, found.position))


def _read(body: bytes) -> EditBody:
    """The edit in a body. Raises Rejected, which names an operation by its index."""
    wish = decoded(body, EditBody)
    sent = decode_object(body)  # fields that nobody knows are not decoded before
    for index, (op, plain) in enumerate(zip(wish.ops, sent["ops"], strict=True)):
        if stray := stray_field(plain, type(op)):
            raise Rejected("invalid_request", f"ops[{index}]: '{stray[:64]}' is not known here")
    return wish


async def _answer(deps: CanvasDeps, canvas_id: str, base: int, version: int) -> tuple[EditAnswer, int]:
    """The answer to an edit, and about how many bytes it has."""
    missed: list[MissedEdit] = []
    size = 0
    if base < version - 1:
        async for versions in deps.canvases.between(canvas_stream(canvas_id), base, version - 1):
            for each in versions:
                if not isinstance(each.event, CanvasEdited):
                    continue
                size += each.bytes
                if missed and (len(missed) == MAX_MISSED or size > MAX_MISSED_BYTES):
                    return EditAnswer(version=version, missed=missed, more=True), size
                missed.append(_missed(each.version, each.event))
    return EditAnswer(version=version, missed=missed), size


def _missed(version: int, event: CanvasEdited) -> MissedEdit:
    return MissedEdit(
        version=version,
        edit=event.edit,
        session=event.session,
        label=event.label,
        actor=event.by,
        at=event.at,
        ops=event.ops,
    )


async def _aside(work: Any, size: int) -> Any:
    """The result of some work: in a thread, when it is on so many bytes."""
    return await asyncio.to_thread(work) if size > THREAD_FROM_BYTES else work()


route_handlers = [edit_canvas, get_canvas_history]
