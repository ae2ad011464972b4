"""What would many requests cost, and which of them would be refused?"""

from functools import partial
from typing import Annotated, NamedTuple

from litestar import post
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.media.asset_store import ObjectAssetStore
from adapters.outbound.ssrf_guard import Guard
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.input_check import input_check
from api.http.request_reader import AnyRequest, json_only
from api.http.responses import ok
from api.routes.batches import NO_STORE, BatchItem
from application.estimates import RequestEstimate, estimate_each
from application.turns import Turns
from domain.base import Value
from domain.batch import MAX_REQUESTS
from domain.money import Cost
from domain.request import Body
from services.asset_access import AssetAccess
from services.model_registry import ModelRegistry
from services.settings import Settings
from services.webhook_table import WebhookTable


class EstimateDeps(NamedTuple):
    """What this handler uses. `guard` is for the URLs of callers."""

    settings: Settings
    models: ModelRegistry
    assets: ObjectAssetStore
    access: AssetAccess
    guard: Guard
    turns: Turns
    webhooks: WebhookTable


class EstimatesRequest(Body):
    """Requests whose price is asked for."""

    # For the OpenAPI document only: a request is parsed by its kind, so that each of its problems is told.
    requests: Annotated[
        list[BatchItem],
        Meta(
            min_length=1,
            max_length=MAX_REQUESTS,
            description="Each is the body of the route of its `kind`, `/api/v1/generations/{kind}`",
        ),
    ]


class FieldProblem(Value):
    """What is wrong with one field of a request."""

    field: Annotated[str, Meta(description="Which field; empty for the whole request", examples=["prompt"])]
    message: Annotated[str, Meta(description="What is wrong, for people", examples=["is required"])]


class EstimatedRequest(Value, omit_defaults=True):
    """What one request would cost at most, and why it would be refused.

    Of a model that takes no requests at the moment both are told. The day's budgets are not looked at."""

    cost: Annotated[Cost | None, Meta(description="What it would cost at most, where that is known")] = None
    unpriced: Annotated[
        bool, Meta(description="`true`: nobody knows what it would cost, which is not free", examples=[True])
    ] = False
    problems: Annotated[
        tuple[FieldProblem, ...], Meta(description="Every reason why it would be refused; without any it would not be")
    ] = ()


class Estimates(Value):
    """An estimate for each request."""

    items: Annotated[tuple[EstimatedRequest, ...], Meta(description="In the order of the requests")]


@post("/api/v1/estimates", status_code=200)
async def estimate_many(request: AnyRequest, deps: Injected[EstimateDeps]) -> ASGIApp:
    """Check many requests and answer the price of each; nothing is recorded."""
    json_only(request)
    found = await estimate_each(
        deps.models.available,
        await request.body(),
        turns=deps.turns,
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller_of(request).owner),
    )
    return ok(Estimates(items=tuple(map(_item, found))), NO_STORE)


def _item(found: RequestEstimate) -> EstimatedRequest:
    return EstimatedRequest(
        cost=found.cost,
        unpriced=found.cost is None and not found.problems,
        problems=tuple(FieldProblem(field=field, message=message) for field, message in found.problems),
    )


route_handlers = [estimate_many]
