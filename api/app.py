"""How is the HTTP application put together? Routes, dependencies, errors, limits, and the middlewares around them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Empty, EmptyType
from prometheus_client import CollectorRegistry

from api.http import errors
from api.http.auth import Gate
from api.http.dependencies import provide
from api.http.origin_policy import BasePath, OriginPolicy, origins
from api.http.request_log import RequestLog
from api.http.responses import PackedOnce
from api.http.studio_files import BUILT, StudioFiles
from api.openai import routes as openai
from api.openai.errors import around
from api.openai.tasks import OpenAIDeps
from api.routes import (
    access,
    admin,
    asset_list,
    asset_upload,
    assets,
    batches,
    callbacks,
    canvas_edits,
    canvases,
    catalogue,
    docs,
    estimates,
    events,
    generations,
    health,
    keys,
    models,
    projects,
    reruns,
    runs,
    session,
    spending,
    studio,
    task_list,
    tasks,
    webhooks,
)
from projections.api_keys import API_KEYS
from projections.assets import ASSETS
from projections.canvases import CANVASES
from projections.projects import PROJECTS
from projections.runs import RUNS
from projections.spending import SPENDING
from projections.tasks import TASKS
from projections.work_list import CALLS
from services.asset_access import AssetAccess
from services.batch_reader import BatchReader
from services.state import Pixel
from services.webhook_changes import WebhookChanges

MAX_EDIT_BYTES = 1024 * 1024
EXPOSED = [
    *("X-Request-ID", "ETag", "Location", "Retry-After", "Idempotent-Replayed", "Preference-Applied", "Sunset", "Link"),
    *("Content-Range", "Accept-Ranges", "X-Pixel-Position", "X-Pixel-Stale", "X-Pixel-Task", "X-Should-Retry"),
]


def create_app(pixel: Pixel, *, built_studio: Path = BUILT) -> ASGIApp:
    """The application over the live objects, which the caller closes. `built_studio` is what `make studio` makes."""
    registry = CollectorRegistry()
    patience = pixel.settings.append_patience_seconds
    outer = RequestLog(
        OriginPolicy(routed(pixel, registry, built_studio), pixel.settings), registry, patience_seconds=patience
    )
    return BasePath(outer, pixel.settings) if pixel.settings.public_path else outer


def routed(pixel: Pixel, registry: CollectorRegistry, built_studio: Path = BUILT) -> Litestar:
    """All routes with what their handlers need, without the middlewares."""
    return Litestar(
        route_handlers=[*_routers(pixel, registry), _studio(pixel, built_studio)],
        before_request=Gate(pixel.keys, pixel.settings.admin_token, pixel.sessions, access.ROUTES).check,
        exception_handlers=around(errors.HANDLERS),  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        request_max_body_size=pixel.settings.max_body_bytes,
        cors_config=_cors(pixel),
        openapi_config=None,
        logging_config=None,
    )


def _routers(pixel: Pixel, registry: CollectorRegistry) -> list[Router]:
    """A router for each module of routes: its handlers get the `deps` that the module defines, and no others."""
    settings, pool, log, written = pixel.settings, pixel.pool, pixel.log, pixel.read_your_writes
    asset_access = AssetAccess(pool, log, written[TASKS.name])
    generation_deps = generations.GenerationDeps(
        settings,
        log,
        pixel.models,
        pixel.budgets,
        key_limits=pixel.key_limits,
        assets=pixel.assets,
        access=asset_access,
        guard=pixel.guard,
        tasks=pixel.tasks,
        webhooks=pixel.webhooks.table,
    )
    hooks = pixel.webhooks
    webhook_deps = webhooks.WebhookDeps(
        log, pool, hooks.table, hooks.secrets, WebhookChanges(log, pool, hooks.table, hooks.secrets, hooks.guard)
    )
    batch_reader = BatchReader(log, pool)
    batch_deps = batches.BatchDeps(
        settings,
        log,
        pixel.models,
        pixel.budgets,
        key_limits=pixel.key_limits,
        assets=pixel.assets,
        access=asset_access,
        guard=pixel.guard,
        batches=batch_reader,
        webhooks=pixel.webhooks.table,
    )
    asset_list_deps = asset_list.AssetListDeps(log, pixel.lists, written[ASSETS.name])
    estimate_deps = estimates.EstimateDeps(
        settings, pixel.models, pixel.assets, asset_access, pixel.guard, pixel.turns, pixel.webhooks.table
    )
    task_deps = tasks.TaskDeps(settings, log, pixel.tasks, pixel.turns, pixel.links)
    upload_deps = asset_upload.UploadDeps(
        *(settings, pixel.assets, asset_access, pixel.guard),
        turns=asset_upload.UploadTurns(settings.max_uploads),
        records=pixel.uploads,
        links=pixel.links,
    )
    form_bytes = settings.max_upload_bytes + asset_upload.FRAME_BYTES
    asset_deps = assets.AssetDeps(pixel.assets, asset_access, pixel.derivatives, pixel.links)
    list_deps = task_list.TaskListDeps(settings, log, pixel.lists, written[TASKS.name], batch_reader, pixel.links)
    openai_deps = OpenAIDeps(
        *(settings, pixel.models, generation_deps, task_deps, list_deps),
        uploads=upload_deps,
        assets=asset_deps,
        texts=pixel.texts,
    )
    health_deps = health.HealthDeps(
        settings,
        pool,
        log,
        pixel.models,
        pixel.decoders,
        keys=pixel.keys,
        worker=pixel.worker,
        webhooks=hooks.table,
        gauges=health.Gauges(registry),
        events=pixel.events,
    )
    return [
        _router([*generations.route_handlers, *reruns.route_handlers], generation_deps),
        _router(tasks.route_handlers(task_deps), task_deps),
        _router(batches.route_handlers, batch_deps),
        _router(task_list.route_handlers, list_deps),
        _router(estimates.route_handlers, estimate_deps),
        _router(
            spending.route_handlers,
            spending.SpendingDeps(log, pixel.lists, pixel.budgets, pixel.key_limits, written[SPENDING.name]),
        ),
        _router(
            events.route_handlers,
            events.EventDeps(
                *(settings, log, pixel.tasks, pixel.canvases, pixel.events, pixel.keys, pixel.links),
                sessions=pixel.sessions,
                texts=pixel.texts,
            ),
        ),
        _router(
            models.route_handlers,
            models.ModelDeps(settings, pixel.models, PackedOnce(lambda: pixel.models.grouped_json)),
        ),
        _router(assets.route_handlers, asset_deps),
        _router(
            [*asset_upload.route_handlers, *asset_list.route_handlers(asset_list_deps)],
            upload_deps,
            max_body_bytes=form_bytes,
        ),
        _router(openai.route_handlers, openai_deps, max_body_bytes=form_bytes),
        _router(admin.route_handlers, admin.AdminDeps(pool, log, pixel.assets, written[CALLS.name])),
        _router(catalogue.route_handlers, catalogue.CatalogueDeps(log, pixel.catalogue)),
        _router(keys.route_handlers, keys.KeyDeps(pool, log, pixel.keys, written[API_KEYS.name])),
        _router(session.route_handlers, session.SessionDeps(settings, pixel.sessions)),
        _router(callbacks.route_handlers, callbacks.CallbackDeps(settings, pool, log, pixel.providers)),
        _router(webhooks.route_handlers, webhook_deps),
        _router(projects.route_handlers, projects.ProjectDeps(log, pool, written[PROJECTS.name])),
        _router(
            [*canvases.route_handlers, *canvas_edits.route_handlers],
            canvases.CanvasDeps(log, pool, pixel.canvases, pixel.turns, written[CANVASES.name]),
            max_body_bytes=min(settings.max_body_bytes, MAX_EDIT_BYTES),
        ),
        _router(
            runs.route_handlers,
            runs.RunDeps(
                settings,
                log,
                pool,
                pixel.models,
                pixel.key_limits.rates,
                pixel.canvases,
                assets=pixel.assets,
                access=asset_access,
                guard=pixel.guard,
                webhooks=pixel.webhooks.table,
                read_your_writes=written[RUNS.name],
            ),
        ),
        _router(health.route_handlers, health_deps),
        _router(docs.route_handlers, docs.DocsDeps(docs.document_file(settings.public_url))),
    ]


def _studio(pixel: Pixel, built: Path) -> Router:
    return _router(studio.route_handlers, studio.StudioDeps(StudioFiles(built), pixel.settings.public_path))


class _Router(Router):
    """A router of one application. Litestar would copy it, and all of its handlers, for another one."""

    def __deepcopy__(self, memo: object) -> Self:
        return self


def _router(handlers: Sequence[HTTPRouteHandler], deps: object, *, max_body_bytes: int | EmptyType = Empty) -> Router:
    return _Router(
        "/", route_handlers=handlers, dependencies={"deps": provide(deps)}, request_max_body_size=max_body_bytes
    )


def _cors(pixel: Pixel) -> CORSConfig | None:
    listed = pixel.settings.as_list("cors_origins")
    if not listed:
        return None
    return CORSConfig(
        allow_origins=["*"] if "*" in listed else [],
        allow_origin_regex=origins(pixel.settings),
        allow_methods=["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"],
        expose_headers=EXPOSED,
    )
