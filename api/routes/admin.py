"""Which paid calls have an unknown outcome, and what does an administrator decide on them?"""

from typing import Annotated, Literal, NamedTuple, TypeVar

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.media.asset_store import ObjectAssetStore
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import AnyRequest, decode_body, read_query
from api.http.responses import ok
from api.routes.task_list import DEFAULT_PAGE, MAX_PAGE, encode_cursor, parse_cursor, read_model_headers
from application import admin_decisions
from application.admin_decisions import Attachment, Decision, check_decision
from application.ports import Cause
from domain.api_key import is_key_id
from domain.base import Value
from domain.task.state import CallState, Status
from projections import work_list
from services.doubtful_calls import InDoubtCall, describe_call, found_result
from services.read_your_writes import ReadYourWrites

D = TypeVar("D", bound="Decision")
STATES = {"in_doubt": None, "looking": CallState.IN_DOUBT, "unknown": CallState.UNKNOWN}


class AdminDeps(NamedTuple):
    """What these handlers use. `read_your_writes` is that of the list of calls."""

    pool: Pool
    log: EventLog
    assets: ObjectAssetStore
    read_your_writes: ReadYourWrites


class _ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    state: Literal["in_doubt", "looking", "unknown"] = "in_doubt"
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: str = ""
    at_least: Annotated[int, Meta(ge=0)] = msgspec.field(default=0, name="atLeast")


class CallPage(Value):
    """A page of doubtful calls, oldest first."""

    calls: Annotated[list[InDoubtCall], Meta(description="The calls, oldest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["1042"])
    ]


class Settled(Value):
    """What became of the task."""

    task_id: Annotated[str, Meta(description="The task", examples=["task_abc123"])]
    call_id: Annotated[str, Meta(description="The call", examples=["task_abc123.1"])]
    status: Annotated[Status, Meta(description="How the task stands now", examples=["pending"])]
    version: Annotated[int, Meta(description="The version of its stream now", examples=[6])]


@get("/api/v1/admin/calls")
async def list_calls(request: AnyRequest, deps: Injected[AdminDeps]) -> ASGIApp:
    """The calls in doubt, oldest first."""
    wish = read_query(request, _ListQuery)
    headers = await read_model_headers(deps.log, deps.read_your_writes, wish.at_least)
    after = parse_cursor("cursor", wish.cursor) if wish.cursor else 0
    found = await work_list.list_in_doubt(deps.pool, state=STATES[wish.state], after=after, limit=wish.limit + 1)
    listed = [await describe_call(deps.log, item) for item in found[: wish.limit]]
    cursor = encode_cursor(found[wish.limit - 1].position) if len(found) > wish.limit else None
    page = CallPage(calls=[call for call in listed if call], next_cursor=cursor)
    return ok(page, headers)


@post("/api/v1/admin/calls/{call_id:str}/retry", status_code=200)
async def retry_call(request: AnyRequest, deps: Injected[AdminDeps], call_id: FromPath[str]) -> ASGIApp:
    """Allow the call to be made, and paid, once more."""
    wish = await _read_decision(request, Decision)
    by, note, cause = wish.by, wish.note or "", _cause(request, wish)
    known = await admin_decisions.retry(deps.log, call_id, by=by, note=note, cause=cause)
    return _settled(call_id, known.task.status, known.version)


@post("/api/v1/admin/calls/{call_id:str}/abandon", status_code=200)
async def abandon_call(request: AnyRequest, deps: Injected[AdminDeps], call_id: FromPath[str]) -> ASGIApp:
    """Close the case: it stays unknown whether the call was paid."""
    wish = await _read_decision(request, Decision)
    by, note, cause = wish.by, wish.note or "", _cause(request, wish)
    known = await admin_decisions.abandon(deps.log, call_id, by=by, note=note, cause=cause)
    return _settled(call_id, known.task.status, known.version)


@post("/api/v1/admin/calls/{call_id:str}/attach", status_code=200)
async def attach_result(request: AnyRequest, deps: Injected[AdminDeps], call_id: FromPath[str]) -> ASGIApp:
    """Complete the task with a result that an administrator found."""
    wish = await _read_decision(request, Attachment)
    result = await found_result(deps.assets, wish.assets or [], wish.text)
    by, note, cause = wish.by, wish.note or "", _cause(request, wish)
    known = await admin_decisions.attach(deps.log, call_id, by=by, note=note, result=result, cause=cause)
    return _settled(call_id, known.task.status, known.version)


async def _read_decision(request: AnyRequest, shape: type[D]) -> D:
    wish = await decode_body(request, shape)
    check_decision(wish)
    return wish


def _cause(request: AnyRequest, wish: Decision) -> Cause:
    key = caller_of(request).key
    return Cause(actor=key if is_key_id(key) else f"admin:{wish.by}", request_id=REQUEST_ID.get())


def _settled(call_id: str, status: Status, version: int) -> ASGIApp:
    task_id = call_id.rpartition(".")[0]
    TASK_ID.set(task_id)
    return ok(Settled(task_id=task_id, call_id=call_id, status=status, version=version))


route_handlers = [list_calls, retry_call, abandon_call, attach_result]
