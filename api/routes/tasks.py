"""How is a task read, cancelled and refetched? Answers are current, even when the read model is behind."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, NamedTuple

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from adapters.postgres.event_reader import Past
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import (
    AnyRequest,
    base_url,
    etag_matches,
    idempotency_key,
    parse_time,
    point_in_time,
    reject_repeated,
    wait_seconds,
)
from api.http.responses import POSITION, JsonResponse, ok, ok_encoded
from application import clock, commands
from application.ports import Cause
from application.turns import Turns
from domain.base import Rejected, Value
from domain.ids import task_stream
from domain.task import output_fetch
from domain.task.lifecycle import cancel
from domain.task.state import Status
from projections.base import StreamId
from projections.task_view import TaskView
from services.media_links import MediaLinks
from services.settings import Settings
from services.task_reader import STEP_EVENTS, CurrentTask, TaskReader

RETRY_AFTER_SECONDS = "2"
CANCEL_WAIT_SECONDS = 5
MAX_HISTORY = 500  # what a page of history has by default, too
MAX_AFTER = 999_999_999


class TaskDeps(NamedTuple):
    """What these handlers use."""

    settings: Settings
    log: EventLog
    tasks: TaskReader
    turns: Turns
    links: MediaLinks


async def get_task(deps: TaskDeps, request: AnyRequest, task_id: str) -> ASGIApp:
    """Where is my task?"""
    stream = task_stream(task_id)
    TASK_ID.set(task_id)
    if request.scope["query_string"] and (past := point_in_time(request)):
        return await _past_task(deps, request, stream, task_id, past)
    seconds = wait_seconds(request)
    headers = {"Cache-Control": "no-store"}
    if seconds:
        headers["Preference-Applied"] = f"wait={seconds}"
    seen = await deps.tasks.wait_for_end(stream, task_id, seconds, sees_only=caller_of(request).sees_only)
    headers["ETag"] = f'"{seen.version}"'
    headers[POSITION] = str(seen.position)
    if not seen.ended:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if etag_matches(request, seen.version) and not deps.links.expire(seen.body):
        return JsonResponse(b"", headers, status=304)
    return ok_encoded(deps.links.with_absolute_urls(seen.body, base_url(request, deps.settings)), headers)


async def _past_task(
    deps: TaskDeps, request: AnyRequest, stream: StreamId, task_id: str, given: Mapping[str, str]
) -> JsonResponse:
    """The task at an earlier version or time: the fold of its events up to there."""
    await deps.tasks.require(stream, task_id, sees_only=caller_of(request).sees_only)
    position = await deps.log.head()
    head = await deps.log.head_of(stream)
    if not head:
        raise Rejected("task_unknown", f"Task '{task_id}' not found")
    version = parse_integer("version", given["version"], 1, head) if "version" in given else None
    at = parse_time("at", given["at"]) if "at" in given else None
    row = await deps.tasks.fold_until(stream, version=version, at=at)
    if row is None:
        raise Rejected("task_unknown", f"Task '{task_id}' did not exist at {given.get('at')}")
    return ok_encoded(
        deps.links.with_absolute_urls(msgspec.json.encode(row.view), base_url(request, deps.settings)),
        {"ETag": f'"{row.version}"', POSITION: str(position)},
    )


class Cancellation(Value):
    """What came of a wish to stop. `outcome` is `requested` until the provider has answered."""

    task_id: Annotated[str, Meta(description="The task", examples=["task_abc123"])]
    status: Annotated[
        Status,
        Meta(
            description="How it stands now: a cancelled task is `failed` with `error.code` `cancelled`",
            examples=["failed"],
        ),
    ]
    outcome: Annotated[
        str,
        Meta(
            description=(
                "What the provider said: `not_called`, `confirmed`, `too_late`, `unsupported`, "
                "`unknown`; or `requested`, or `already_ended`"
            ),
            examples=["confirmed"],
        ),
    ]
    message: Annotated[
        str,
        Meta(
            description="The same for people",
            examples=["Cancelled by anonymous. It had not been sent to the provider."],
        ),
    ]


@post("/api/v1/tasks/{task_id:str}/cancel", status_code=200)
async def cancel_task(request: AnyRequest, deps: Injected[TaskDeps], task_id: FromPath[str]) -> ASGIApp:
    """Cancel a task. A second request changes nothing."""
    idempotency_key(request)  # only validated: a second request changes nothing anyway
    seen = await cancelled(request, deps, task_id)
    return ok(_cancellation(msgspec.json.decode(seen.body, type=TaskView)), {POSITION: str(seen.position)})


async def cancelled(request: AnyRequest, deps: TaskDeps, task_id: str) -> CurrentTask:
    """The task after a wish to stop it, and after a moment for what the provider says. Raises Rejected."""
    stream = task_stream(task_id)
    TASK_ID.set(task_id)
    caller = caller_of(request)
    await deps.tasks.require(stream, task_id, sees_only=caller.changes_only)
    cause = Cause(actor=caller.key, request_id=REQUEST_ID.get())
    try:
        await commands.decide(deps.log, stream, lambda task: cancel(task, by=caller.key, at=clock.now()), cause)
    except Rejected as refusal:
        raise Rejected(refusal.code, f"Task '{task_id}' not found") from None
    return await deps.tasks.wait_for_end(
        stream, task_id, wait_seconds(request) or CANCEL_WAIT_SECONDS, sees_only=caller.changes_only
    )


@post("/api/v1/tasks/{task_id:str}/refetch", status_code=200)
async def refetch_task(request: AnyRequest, deps: Injected[TaskDeps], task_id: FromPath[str]) -> ASGIApp:
    """Fetch paid outputs again whose download failed. A second request changes nothing."""
    stream = task_stream(task_id)
    TASK_ID.set(task_id)
    idempotency_key(request)
    caller = caller_of(request)
    await deps.tasks.require(stream, task_id, sees_only=caller.changes_only)
    cause = Cause(actor=caller.key, request_id=REQUEST_ID.get())
    try:
        await commands.decide(
            deps.log, stream, lambda task: output_fetch.refetch(task, by=caller.key, at=clock.now()), cause
        )
    except Rejected as refusal:
        if refusal.code == "task_unknown":
            raise Rejected(refusal.code, f"Task '{task_id}' not found") from None
        raise
    seen = await deps.tasks.wait_for_end(stream, task_id, wait_seconds(request), sees_only=caller.changes_only)
    return ok_encoded(
        deps.links.with_absolute_urls(seen.body, base_url(request, deps.settings)),
        {"ETag": f'"{seen.version}"', "Cache-Control": "no-store", POSITION: str(seen.position)},
    )


def _cancellation(view: TaskView) -> Cancellation:
    if view.error and view.error.code == "cancelled":
        outcome, message = view.error.provider_code or "unknown", view.error.message
    elif view.status.final:
        outcome, message = "already_ended", f"The task had ended before: it is {view.status}."
    else:
        outcome, message = (
            "requested",
            "The provider has been asked to stop it, or will be. The task shows its answer.",
        )
    return Cancellation(task_id=view.id, status=view.status, outcome=outcome, message=message)


class HistoryEvent(Value):
    """One event of a task. `time` is when it was recorded, `actor` who made it happen, `data` the event itself."""

    position: Annotated[int, Meta(description="Its place in the whole log", examples=[1041])]
    version: Annotated[
        int,
        Meta(description="Its place in the task, from 1; `?version=` shows the task as it stood then", examples=[1]),
    ]
    type: Annotated[str, Meta(description="What happened", examples=["TaskRequested"])]
    time: Annotated[datetime, Meta(description="When it was recorded", examples=["2026-02-11T10:00:00Z"])]
    actor: Annotated[str | None, Meta(description="Who made it happen", examples=["anonymous"])]
    request_id: Annotated[str | None, Meta(description="The request that it goes back to", examples=["req_123456"])]
    data: Annotated[
        msgspec.Raw,
        Meta(
            description="The event itself, as it is stored",
            examples=[
                {
                    "event": "TaskRequested",
                    "task": "task_abc123",
                    "kind": "image",
                    "model": "dashscope/qwen-image",
                    "model_revision": 1,
                    "params": {
                        "prompt": "a beautiful sunset over mountains",
                        "resolution": "2K",
                        "aspectRatio": "16:9",
                    },
                    "finish_by": "2026-02-11T10:15:00Z",
                    "at": "2026-02-11T10:00:00Z",
                    "request_hash": "47aac8625eb88aa636b71c99006030df6931730a1f0e30267ded0ae2c30f2db0",
                }
            ],
        ),
    ]


class History(Value):
    """The events of a task, oldest first, a page at a time."""

    task_id: Annotated[str, Meta(description="The task", examples=["task_abc123"])]
    events: Annotated[list[HistoryEvent], Meta(description="Its events, oldest first")]
    next_after: Annotated[
        int | None, Meta(description="`after` for the next page; null on the last one", examples=[500])
    ]


@get("/api/v1/tasks/{task_id:str}/history")
async def get_history(request: AnyRequest, deps: Injected[TaskDeps], task_id: FromPath[str]) -> ASGIApp:
    """The events of a task, oldest first, a page at a time."""
    reject_repeated(request, "after", "limit")
    given = request.query_params
    after = parse_integer("after", given.get("after") or "0", 0, MAX_AFTER)
    limit = parse_integer("limit", given.get("limit") or str(MAX_HISTORY), 1, MAX_HISTORY)
    stream = task_stream(task_id)
    await deps.tasks.require(stream, task_id, sees_only=caller_of(request).sees_only)
    position = await deps.log.head()
    found = await deps.log.history(stream, after=after, limit=limit + 1)
    if not found.head:
        raise Rejected("task_unknown", f"Task '{task_id}' not found")
    past = found.events[:limit]
    events: list[HistoryEvent] = []
    for start in range(0, len(past), STEP_EVENTS):
        events += await deps.turns.take(partial(_shown, past[start : start + STEP_EVENTS]))
    next_after = past[-1].version if len(found.events) > limit else None
    headers = {"ETag": f'"{found.head}"', POSITION: str(position)}
    return ok(History(task_id=task_id, events=events, next_after=next_after), headers)


def _shown(past: list[Past]) -> list[HistoryEvent]:
    return [
        HistoryEvent(
            position=item.position,
            version=item.version,
            type=item.topic,
            time=item.recorded_at,
            actor=cause.actor,
            request_id=cause.request_id,
            data=msgspec.Raw(item.state),
        )
        for item in past
        for cause in (item.cause,)
    ]


def parse_integer(field: str, text: str, minimum: int, maximum: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not minimum <= int(text) <= maximum:
        raise Rejected("invalid_request", f"{field}: must be a whole number from {minimum} to {maximum}")
    return int(text)


def route_handlers(deps: TaskDeps) -> list[HTTPRouteHandler]:
    """The handlers. That of `get_task` is made here, with its objects: a dependency would cost 3 % of its time."""

    @get("/api/v1/tasks/{task_id:str}")
    async def bound_get_task(request: AnyRequest, task_id: FromPath[str]) -> ASGIApp:
        return await get_task(deps, request, task_id)

    return [bound_get_task, cancel_task, refetch_task, get_history]
