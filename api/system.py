"""Is it alive, is it ready, how is it doing: for load balancers, people and Prometheus."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get
from litestar.types import ASGIApp
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from adapters.postgres import DRIVER_ERRORS
from api.answers import Answer, AnyRequest
from api.wiring import Pixel
from domain.base import Value
from projections import calls, runner
from projections.runner import ReadModelStatus

CHECK_SECONDS = 3.0
LAGGING_EVENTS = 5000


class Health(Value):
    """`status` is ready, degraded (works, but somebody should look) or unavailable. `problems` says what to look at."""

    status: str
    database: str
    models: int
    read_models: list[ReadModelStatus]
    workers: int
    appends_waiting: int
    problems: list[str]


@get("/health/live")
async def live() -> Response[bytes]:
    """The process runs."""
    return Response(b'{"status":"live"}', media_type="application/json")


@get("/health/ready")
async def ready(request: AnyRequest) -> Response[bytes]:
    """Whether requests can be served, and what is not as it should be. 503 when they can't."""
    health = await check(request.app.state.pixel)
    status = 503 if health.status == "unavailable" else 200
    return Response(msgspec.json.encode(health), status_code=status, media_type="application/json")


async def check(pixel: Pixel) -> Health:
    """Look at the database, the read models and the workers."""
    problems: list[str] = []
    read_models: list[ReadModelStatus] = []
    workers = 0
    database = "ok"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            read_models = await runner.status(pixel.pool)
            workers = await calls.workers_alive(pixel.pool, within_seconds=pixel.settings.lease_seconds * 3)
    except DRIVER_ERRORS as error:
        database = type(error).__name__
        problems.append("database: can't be reached")
    for model in read_models:
        if model.parked:
            problems.append(f"read model {model.name}: {model.parked} streams parked; see `pixel projections status`")
        if model.serving and model.lag > LAGGING_EVENTS:
            problems.append(f"read model {model.name}: {model.lag} events behind")
    if database == "ok" and not workers:
        problems.append("worker: none is running; requests are accepted and wait")
    if not pixel.offers.ready:
        problems.append("models: not read yet")
    unavailable = database != "ok" or not pixel.offers.ready
    return Health(
        status="unavailable" if unavailable else "degraded" if problems else "ready",
        database=database,
        models=len(pixel.offers.views),
        read_models=read_models,
        workers=workers,
        appends_waiting=pixel.log.waiting,
        problems=problems,
    )


class Metrics:
    """What Prometheus reads: counters live in the registry, the rest is asked for when it is scraped."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._lag = Gauge(
            "pixel_read_model_lag_events", "Events behind.", ["read_model", "generation"], registry=registry
        )
        self._parked = Gauge("pixel_read_model_parked_streams", "Streams parked.", ["read_model"], registry=registry)
        self._head = Gauge("pixel_log_position", "Position of the last event.", registry=registry)
        self._waiting = Gauge("pixel_appends_waiting", "Appends that wait for their commit.", registry=registry)
        self._workers = Gauge("pixel_workers", "Workers seen lately.", registry=registry)
        self._busy = Gauge("pixel_steps_under_way", "Steps of calls under way.", ["provider"], registry=registry)
        self._up = Gauge("pixel_database_up", "1 when the database answers.", registry=registry)

    def take(self, health: Health, busy: dict[str, int]) -> None:
        """Set the gauges."""
        self._up.set(health.database == "ok")
        self._waiting.set(health.appends_waiting)
        self._workers.set(health.workers)
        self._lag.clear()
        for model in health.read_models:
            self._lag.labels(model.name, str(model.generation)).set(model.lag)
            if model.serving:
                self._parked.labels(model.name).set(model.parked)
            self._head.set(model.head)
        for provider, steps in busy.items():
            self._busy.labels(provider).set(steps)


@get("/metrics")
async def metrics(request: AnyRequest) -> ASGIApp:
    """Prometheus metrics."""
    pixel: Pixel = request.app.state.pixel
    gauges: Metrics = request.app.state.metrics
    gauges.take(await check(pixel), pixel.worker.busy if pixel.worker else {})
    return Answer(generate_latest(gauges.registry), media=CONTENT_TYPE_LATEST)


route_handlers: list[Any] = [live, ready, metrics]
