"""How does a request become a task? It is recorded, and the answer has its id at once."""

import contextlib
from functools import partial

from litestar import post
from litestar.types import ASGIApp

from adapters.outbound.media_download import refusal
from adapters.postgres.database import DRIVER_ERRORS
from api.http.dependencies import Injected
from api.http.request_log import REQUEST_ID, TASK_ID
from api.http.request_reader import AnyRequest, base_url, idempotency_key, json_only, wait_seconds
from api.http.responses import JsonResponse, TaskCreated, location, ok
from api.http.sunset import sunset_headers
from application import generations, inputs
from application.ports import Cause, LogUnavailable
from domain.model import Kind
from services.state import Pixel
from services.task_reader import wait_for_end

CALLER = "anonymous"  # there is no authentication yet; the contract has none


async def _generate(request: AnyRequest, pixel: Pixel, kind: Kind) -> JsonResponse:
    json_only(request)
    key, seconds = idempotency_key(request), wait_seconds(request)
    accepted = await generations.accept(
        pixel.log,
        pixel.models.available,
        kind,
        await request.body(),
        caller=CALLER,
        key=key,
        cause=Cause(actor=CALLER, request_id=REQUEST_ID.get()),
        reserve=pixel.budgets.reserve,
        check_inputs=partial(
            inputs.check,
            store=pixel.assets,
            ours=(base_url(request, pixel.settings), pixel.settings.public_url),
            refusal=partial(refusal, pixel.guard),
        ),
    )
    TASK_ID.set(accepted.task_id)
    headers = {"Location": location(pixel.settings, f"/api/v1/tasks/{accepted.task_id}"), "Cache-Control": "no-store"}
    headers |= sunset_headers(pixel.settings, pixel.models.available, accepted.model)
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    if seconds:
        headers["Preference-Applied"] = f"wait={seconds}"
        with contextlib.suppress(
            LogUnavailable, *DRIVER_ERRORS
        ):  # the task is recorded: a failed wait must not turn into an error
            await wait_for_end(pixel, accepted.stream, accepted.task_id, seconds)
    return ok(TaskCreated(task_id=accepted.task_id, estimated_cost=accepted.estimate), headers)


@post("/api/v1/generations/image", status_code=200)
async def generate_image(request: AnyRequest, pixel: Injected[Pixel]) -> ASGIApp:
    """Make an image."""
    return await _generate(request, pixel, Kind.IMAGE)


@post("/api/v1/generations/video", status_code=200)
async def generate_video(request: AnyRequest, pixel: Injected[Pixel]) -> ASGIApp:
    """Make a video."""
    return await _generate(request, pixel, Kind.VIDEO)


@post("/api/v1/generations/audio", status_code=200)
async def generate_audio(request: AnyRequest, pixel: Injected[Pixel]) -> ASGIApp:
    """Speak a text."""
    return await _generate(request, pixel, Kind.AUDIO)


@post("/api/v1/generations/text", status_code=200)
async def generate_text(request: AnyRequest, pixel: Injected[Pixel]) -> ASGIApp:
    """Write a text."""
    return await _generate(request, pixel, Kind.LLM)


route_handlers = [generate_image, generate_video, generate_audio, generate_text]
