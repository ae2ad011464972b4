"""How do many requests become tasks at once, and what became of them together?"""

from functools import partial
from typing import Annotated, Literal, NamedTuple, TypeAlias

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.media.asset_store import ObjectAssetStore
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.input_check import input_check
from api.http.request_log import REQUEST_ID
from api.http.request_reader import AnyRequest, idempotency_key, json_only
from api.http.responses import location, ok
from application.batches import accept_batch, cancel_batch, load_batch
from application.ports import Cause
from domain.batch import MAX_REQUESTS
from domain.ids import batch_stream
from domain.request import AudioRequest, Body, ImageRequest, TextRequest, VideoRequest
from services.asset_access import AssetAccess
from services.batch_reader import BatchReader, new_view
from services.budget_guard import BudgetGuard
from services.key_limits import KeyLimiter
from services.model_registry import ModelRegistry
from services.settings import Settings
from services.webhook_table import WebhookTable

NO_STORE = {"Cache-Control": "no-store"}


class BatchDeps(NamedTuple):
    """What these handlers use. `guard` is for the URLs of callers."""

    settings: Settings
    log: EventLog
    models: ModelRegistry
    budgets: BudgetGuard
    key_limits: KeyLimiter
    assets: ObjectAssetStore
    access: AssetAccess
    guard: Guard
    batches: BatchReader
    webhooks: WebhookTable


# For the OpenAPI document only: a request is parsed by its kind, so that each of its problems is told.


class ImageItem(ImageRequest, tag_field="kind", tag="image"):
    """An image to make, in a batch."""


class VideoItem(VideoRequest, tag_field="kind", tag="video"):
    """A video to make, in a batch."""


class AudioItem(AudioRequest, tag_field="kind", tag="audio"):
    """Text to speak, in a batch."""


class TextItem(TextRequest, tag_field="kind", tag="text"):
    """Text to write, in a batch."""


BatchItem: TypeAlias = ImageItem | VideoItem | AudioItem | TextItem


class BatchRequest(Body):
    """Requests to accept together."""

    requests: Annotated[
        list[BatchItem],
        Meta(
            min_length=1,
            max_length=MAX_REQUESTS,
            description="Each is the body of the route of its `kind`, `/api/v1/generations/{kind}`",
        ),
    ]
    mode: Annotated[
        Literal["all", "each"] | None,
        Meta(
            description="`all` (when left out): one request that is refused refuses all; `each`: only itself",
            examples=["each"],
        ),
    ] = None


@post("/api/v1/batches", status_code=200)
async def make_batch(request: AnyRequest, deps: Injected[BatchDeps]) -> ASGIApp:
    """Make many things at once."""
    json_only(request)
    caller = caller_of(request)
    accepted = await accept_batch(
        deps.log,
        deps.models.available,
        await request.body(),
        caller=caller,
        idempotency_key=idempotency_key(request),
        cause=Cause(actor=caller.key, request_id=REQUEST_ID.get()),
        reserve=await deps.key_limits.reserver(caller, deps.budgets.reserve),
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller.owner),
    )
    batch = accepted.batch
    headers = NO_STORE | {"Location": location(deps.settings, f"/api/v1/batches/{batch.batch}")}
    if accepted.replayed:
        return ok(await deps.batches.view(batch), headers | {"Idempotent-Replayed": "true"})
    return ok(new_view(batch, accepted.tasks), headers)


@get("/api/v1/batches/{batch_id:str}")
async def get_batch(request: AnyRequest, deps: Injected[BatchDeps], batch_id: FromPath[str]) -> ASGIApp:
    """Where is my batch?"""
    return ok(await deps.batches.read(batch_id, sees_only=caller_of(request).sees_only), NO_STORE)


@post("/api/v1/batches/{batch_id:str}/cancel", status_code=200)
async def cancel_whole_batch(request: AnyRequest, deps: Injected[BatchDeps], batch_id: FromPath[str]) -> ASGIApp:
    """Cancel every task of a batch that has not ended. A second request changes nothing."""
    idempotency_key(request)  # only validated: a second request changes nothing anyway
    caller = caller_of(request)
    batch = await load_batch(deps.log, batch_id, batch_stream(batch_id), sees_only=caller.changes_only)
    await cancel_batch(deps.log, batch, by=caller.key, cause=Cause(actor=caller.key, request_id=REQUEST_ID.get()))
    return ok(await deps.batches.view(batch), NO_STORE)


route_handlers = [make_batch, get_batch, cancel_whole_batch]
