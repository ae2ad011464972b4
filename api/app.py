"""How is the HTTP application put together? Routes, dependencies, errors, limits, and the middlewares around them."""

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp
from prometheus_client import CollectorRegistry

from api.http import errors
from api.http.dependencies import provide
from api.http.origin_policy import BasePath, OriginPolicy, origins
from api.http.request_log import RequestLog
from api.http.responses import PackedOnce
from api.routes import admin, asset_upload, assets, callbacks, docs, generations, health, models, task_list, tasks
from api.routes.asset_upload import UploadTurns
from api.routes.assets import StoredMedia
from api.routes.health import Gauges
from services.state import Pixel

EXPOSED = [
    *("X-Request-ID", "ETag", "Location", "Retry-After", "Idempotent-Replayed", "Preference-Applied", "Sunset", "Link"),
    *("Content-Range", "Accept-Ranges"),
]


def create_app(pixel: Pixel) -> ASGIApp:
    """The application over the live objects, which the caller closes."""
    registry = CollectorRegistry()
    patience = pixel.settings.append_patience_seconds
    outer = RequestLog(OriginPolicy(routed(pixel, registry), pixel.settings), registry, patience_seconds=patience)
    return BasePath(outer, pixel.settings) if pixel.settings.public_path else outer


def routed(pixel: Pixel, registry: CollectorRegistry) -> Litestar:
    """All routes with what their handlers need, without the middlewares."""
    files = Router(
        "/",
        route_handlers=asset_upload.route_handlers,
        request_max_body_size=pixel.settings.max_upload_bytes + asset_upload.FRAME_BYTES,
    )
    return Litestar(
        route_handlers=[
            *generations.route_handlers,
            *tasks.route_handlers(pixel),
            *task_list.route_handlers,
            *models.route_handlers,
            *assets.route_handlers,
            files,
            *admin.route_handlers,
            *callbacks.route_handlers,
            *health.route_handlers,
            *docs.route_handlers,
        ],
        dependencies={
            "pixel": provide(pixel),
            "log": provide(pixel.log),
            "media": provide(StoredMedia(pixel.assets, pixel.derivatives)),
            "packed_models": provide(PackedOnce(lambda: pixel.models.grouped_json)),
            "turns": provide(UploadTurns(pixel.settings.max_uploads)),
            "gauges": provide(Gauges(registry)),
            "document": provide(docs.document_file(pixel.settings.public_url)),
        },
        exception_handlers=errors.HANDLERS,  # pyright: ignore[reportUnknownMemberType]
        request_max_body_size=pixel.settings.max_body_bytes,
        cors_config=_cors(pixel),
        openapi_config=None,
        logging_config=None,
    )


def _cors(pixel: Pixel) -> CORSConfig | None:
    listed = pixel.settings.as_list("cors_origins")
    if not listed:
        return None
    return CORSConfig(
        allow_origins=["*"] if "*" in listed else [],
        allow_origin_regex=origins(pixel.settings),
        allow_methods=["GET", "POST", "HEAD", "OPTIONS"],
        expose_headers=EXPOSED,
    )
