"""Which models are there, what does each accept, and what would a request cost?"""

from typing import Annotated, NamedTuple

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest, etag_matches, json_only
from api.http.responses import JsonResponse, PackedOnce, ok
from api.http.sunset import sunset_headers
from application import generations
from domain import pricing
from domain.base import Value
from domain.money import Cost
from services.model_registry import ModelRegistry, ModelView
from services.settings import Settings


class ModelDeps(NamedTuple):
    """What these handlers use. `all_packed` is the answer that lists all models, compressed once."""

    settings: Settings
    models: ModelRegistry
    all_packed: PackedOnce


class ModelsByType(Value):
    """The models by type, each under its id: enabled before disabled, the default first."""

    # For the OpenAPI document only: the registry keeps this answer as JSON.
    image: Annotated[dict[str, ModelView], Meta(description="Models of type `image`")]
    video: Annotated[dict[str, ModelView], Meta(description="Models of type `video`")]
    audio: Annotated[dict[str, ModelView], Meta(description="Models of type `audio`")]
    llm: Annotated[dict[str, ModelView], Meta(description="Models of type `llm`")]


@get("/api/v1/models")
async def get_models(request: AnyRequest, deps: Injected[ModelDeps]) -> ASGIApp:
    """All models: enabled before disabled, the default first. They change seldom: 304 for who has them."""
    found = await deps.all_packed()
    headers = {"ETag": f'"{found.digest}"', "Cache-Control": "no-cache"}
    if etag_matches(request, found.digest):
        return JsonResponse(b"", headers, status=304)
    return JsonResponse(found, headers)


@get("/api/v1/models/{provider:str}/{key:str}")
async def get_model(deps: Injected[ModelDeps], provider: FromPath[str], key: FromPath[str]) -> ASGIApp:
    """One model."""
    view = deps.models.views.get(f"{provider}/{key}")
    if view is None:
        raise NotFoundException(
            f"Model '{provider}/{key}' not found. Available models can be fetched from /api/v1/models"
        )
    return ok(view, sunset_headers(deps.settings, deps.models.available, view.id))


class Estimate(Value, omit_defaults=True):
    """What a request would cost at most. Without `estimated_cost` the model has no prices, which is not "free"."""

    model: Annotated[str, Meta(description="Which model", examples=["dashscope/qwen-image"])]
    revision: Annotated[int, Meta(description="The revision whose prices were used", examples=[1])]
    estimated_cost: Annotated[
        Cost | None, Meta(description="What it would cost at most; without prices there is none, which is not free")
    ] = None


@post("/api/v1/models/{provider:str}/{key:str}/estimate", status_code=200)
async def estimate(
    request: AnyRequest, deps: Injected[ModelDeps], provider: FromPath[str], key: FromPath[str]
) -> ASGIApp:
    """Check a request and answer its price; nothing is recorded. The body is that of the generation."""
    json_only(request)
    offered = deps.models.available
    chosen, params = generations.validate_for(offered, f"{provider}/{key}", await request.body())
    price = pricing.estimate(chosen.spec, params, revision=chosen.model.revision)
    answer = Estimate(model=chosen.id, revision=chosen.model.revision, estimated_cost=price)
    return ok(answer, sunset_headers(deps.settings, offered, chosen.id))


route_handlers = [get_models, get_model, estimate]
