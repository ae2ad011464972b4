"""GET /models: what can be asked for, grouped by kind; and one model with the form that it wants filled in."""

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp

from api.http.responses import AnyRequest, JsonResponse, PackedOnce, json_only, ok
from application import generations
from domain import pricing
from domain.base import Value
from domain.money import Cost
from services.state import Pixel


@get("/api/v1/models")
async def get_models(request: AnyRequest) -> ASGIApp:
    """All models: enabled before disabled, the default first."""
    pixel: Pixel = request.app.state.pixel
    pack: PackedOnce = request.app.state.packed_models
    return JsonResponse(await pack(pixel.models.grouped))


@get("/api/v1/models/{provider:str}/{key:str}")
async def get_model(request: AnyRequest, provider: FromPath[str], key: FromPath[str]) -> ASGIApp:
    """One model."""
    pixel: Pixel = request.app.state.pixel
    view = pixel.models.views.get(f"{provider}/{key}")
    if view is None:
        raise NotFoundException(
            f"Model '{provider}/{key}' not found. Available models can be fetched from /api/v1/models"
        )
    return ok(view)


class Estimate(Value, omit_defaults=True):
    """What a request would cost at most. Without `estimated_cost` the model has no prices, which is not "free"."""

    model: str
    revision: int
    estimated_cost: Cost | None = None


@post("/api/v1/models/{provider:str}/{key:str}/estimate", status_code=200)
async def estimate(request: AnyRequest, provider: FromPath[str], key: FromPath[str]) -> ASGIApp:
    """Check a request and tell its price, without doing anything. The body is that of the generation."""
    pixel: Pixel = request.app.state.pixel
    json_only(request)
    chosen, params = generations.validate_for(pixel.models.offered, f"{provider}/{key}", await request.body())
    price = pricing.estimate(chosen.spec, params, revision=chosen.model.revision)
    return ok(Estimate(model=chosen.id, revision=chosen.model.revision, estimated_cost=price))


route_handlers = [get_models, get_model, estimate]
