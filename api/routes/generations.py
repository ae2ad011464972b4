"""How does a request become a task? It is recorded, and the answer has its id at once."""

import contextlib
from functools import partial
from typing import NamedTuple

from litestar import post
from litestar.types import ASGIApp

from adapters.media.asset_store import ObjectAssetStore
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres.database import DRIVER_ERRORS
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.input_check import input_check
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import AnyRequest, idempotency_key, json_only, wait_seconds
from api.http.responses import POSITION, JsonResponse, TaskCreated, location, ok
from api.http.sunset import sunset_headers
from application import generations
from application.ports import Cause, LogUnavailable
from domain.model import Kind
from services.asset_access import AssetAccess
from services.budget_guard import BudgetGuard
from services.key_limits import KeyLimiter
from services.model_registry import ModelRegistry
from services.settings import Settings
from services.task_reader import TaskReader
from services.webhook_table import WebhookTable


class GenerationDeps(NamedTuple):
    """What these handlers use. `guard` is for the URLs of callers."""

    settings: Settings
    log: EventLog
    models: ModelRegistry
    budgets: BudgetGuard
    key_limits: KeyLimiter
    assets: ObjectAssetStore
    access: AssetAccess
    guard: Guard
    tasks: TaskReader
    webhooks: WebhookTable


async def accept(request: AnyRequest, deps: GenerationDeps, kind: Kind, body: bytes) -> generations.AcceptedRequest:
    """Record the task of a body, under the caller and the Idempotency-Key of the request.

    Raises what `generations.accept` raises."""
    caller = caller_of(request)
    accepted = await generations.accept(
        deps.log,
        deps.models.available,
        kind,
        body,
        caller=caller,
        idempotency_key=idempotency_key(request),
        cause=Cause(actor=caller.key, request_id=REQUEST_ID.get()),
        reserve=await deps.key_limits.reserver(caller, deps.budgets.reserve),
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller.owner),
    )
    TASK_ID.set(accepted.task_id)
    return accepted


async def _generate(request: AnyRequest, deps: GenerationDeps, kind: Kind) -> JsonResponse:
    json_only(request)
    seconds = wait_seconds(request)
    accepted = await accept(request, deps, kind, await request.body())
    headers = {"Location": location(deps.settings, f"/api/v1/tasks/{accepted.task_id}"), "Cache-Control": "no-store"}
    headers |= sunset_headers(deps.settings, deps.models.available, accepted.model)
    if accepted.position is not None:
        headers[POSITION] = str(accepted.position)
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    if seconds:
        headers["Preference-Applied"] = f"wait={seconds}"
        with contextlib.suppress(
            LogUnavailable, *DRIVER_ERRORS
        ):  # the task is recorded: a failed wait must not turn into an error
            await deps.tasks.wait_for_end(accepted.stream, accepted.task_id, seconds, sees_only=None)
    return ok(TaskCreated(task_id=accepted.task_id, estimated_cost=accepted.estimate), headers)


@post("/api/v1/generations/image", status_code=200)
async def generate_image(request: AnyRequest, deps: Injected[GenerationDeps]) -> ASGIApp:
    """Make an image."""
    return await _generate(request, deps, Kind.IMAGE)


@post("/api/v1/generations/video", status_code=200)
async def generate_video(request: AnyRequest, deps: Injected[GenerationDeps]) -> ASGIApp:
    """Make a video."""
    return await _generate(request, deps, Kind.VIDEO)


@post("/api/v1/generations/audio", status_code=200)
async def generate_audio(request: AnyRequest, deps: Injected[GenerationDeps]) -> ASGIApp:
    """Speak a text."""
    return await _generate(request, deps, Kind.AUDIO)


@post("/api/v1/generations/text", status_code=200)
async def generate_text(request: AnyRequest, deps: Injected[GenerationDeps]) -> ASGIApp:
    """Write a text."""
    return await _generate(request, deps, Kind.LLM)


route_handlers = [generate_image, generate_video, generate_audio, generate_text]
