"""How is a task made once more?"""

from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.input_check import input_check
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import AnyRequest, decode_body, idempotency_key
from api.http.responses import location, ok
from api.routes.generations import GenerationDeps
from application import reruns
from application.commands import load
from application.ports import Cause
from domain.base import Rejected, Value
from domain.ids import task_stream
from domain.money import Cost
from domain.request import Body


class RerunRequest(Body):
    """What should be different, if anything."""

    with_: Annotated[
        dict[str, Any] | None,
        Meta(
            description="Fields of the request that are different this time; null takes one away",
            examples=[{"prompt": "a dog", "extraParams": {"seed": 8}}],
        ),
    ] = msgspec.field(name="with", default=None)


class RerunCreated(Value, omit_defaults=True):
    """The new task, and what can't be as it was."""

    task_id: Annotated[str, Meta(description="The new task", examples=["task_xyz789"])]
    rerun_of: Annotated[str, Meta(description="The task that it repeats", examples=["task_abc123"])]
    differences: Annotated[
        tuple[str, ...],
        Meta(
            description="What can't be as it was then",
            examples=[["fallbackModels: 'acme/old-image' can't be had any more, and won't take over"]],
        ),
    ] = ()
    estimated_cost: Annotated[
        Cost | None, Meta(description="What it should cost at most, where its model has prices")
    ] = None


@post("/api/v1/tasks/{task_id:str}/rerun", status_code=200)
async def rerun_task(request: AnyRequest, deps: Injected[GenerationDeps], task_id: FromPath[str]) -> ASGIApp:
    """Make a task once more."""
    caller, key = caller_of(request), idempotency_key(request)
    changes = (await decode_body(request, RerunRequest, empty=RerunRequest())).with_ or {}
    try:
        known = await load(deps.log, task_stream(task_id))
    except Rejected as refused:
        if refused.code == "task_unknown":
            raise Rejected("task_unknown", f"Task '{task_id}' not found") from None
        raise
    if known.request is None or caller.changes_only not in {None, known.request.owner}:
        raise Rejected("task_unknown", f"Task '{task_id}' not found")
    accepted = await reruns.rerun(
        deps.log,
        deps.models.available,
        known.request,
        changes,
        caller=caller,
        idempotency_key=key,
        cause=Cause(actor=caller.key, request_id=REQUEST_ID.get()),
        reserve=await deps.key_limits.reserver(caller, deps.budgets.reserve),
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller.owner),
    )
    TASK_ID.set(accepted.task_id)
    headers = {"Location": location(deps.settings, f"/api/v1/tasks/{accepted.task_id}"), "Cache-Control": "no-store"}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    made = RerunCreated(
        task_id=accepted.task_id,
        rerun_of=known.request.task,
        differences=accepted.differences,
        estimated_cost=accepted.estimate,
    )
    return ok(made, headers)


route_handlers = [rerun_task]
