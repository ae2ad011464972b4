"""GET /models: what can be asked for, grouped by kind; and one model with the form that it wants filled in."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp

from api.answers import AnyRequest, good, good_value
from api.wiring import Pixel


@get("/api/v1/models")
async def get_models(request: AnyRequest) -> ASGIApp:
    """All models: enabled before disabled, the default first."""
    pixel: Pixel = request.app.state.pixel
    return good(pixel.offers.grouped)


@get("/api/v1/models/{provider:str}/{key:str}")
async def get_model(request: AnyRequest, provider: FromPath[str], key: FromPath[str]) -> ASGIApp:
    """One model."""
    pixel: Pixel = request.app.state.pixel
    view = pixel.offers.views.get(f"{provider}/{key}")
    if view is None:
        raise NotFoundException(
            f"Model '{provider}/{key}' not found. Available models can be fetched from /api/v1/models"
        )
    return good_value(view)


route_handlers = [get_models, get_model]
