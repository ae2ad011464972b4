"""Is the service alive, is it ready, and which problems does it have? For load balancers, people and Prometheus."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.types import ASGIApp
from msgspec import Meta
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from adapters.media.decoder_pool import Decoders
from adapters.postgres import work_queue
from adapters.postgres.database import DRIVER_ERRORS, Pool
from adapters.postgres.event_log import EventLog
from adapters.providers.keyring import KeyState
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.origin_policy import is_local
from api.http.request_reader import AnyRequest
from api.http.responses import JsonResponse
from application.clock import now
from application.generations import AvailableModel
from application.model_endings import endings
from application.ports import LogUnavailable
from application.rate_limits import LaneState
from application.storage import StorageState
from domain.api_key import Scope
from domain.base import Value
from projections import monitoring, work_list
from projections.monitoring import ReadModelStatus
from projections.read_models import READ_MODELS
from services import webhook_health
from services.event_stream import EventStream
from services.key_table import KeyTable
from services.model_registry import ModelRegistry
from services.settings import Settings
from services.webhook_health import WebhookHealth
from services.webhook_table import WebhookTable
from services.worker import Worker, WorkerState

CHECK_SECONDS = 3.0
LAGGING_SECONDS = 10.0


class HealthDeps(NamedTuple):
    """What these handlers use. `worker` is None where none runs in this process."""

    settings: Settings
    pool: Pool
    log: EventLog
    models: ModelRegistry
    decoders: Decoders
    keys: KeyTable
    worker: Worker | None
    webhooks: WebhookTable
    gauges: "Gauges"
    events: EventStream


class Health(Value):
    """`status` is ready, degraded (works, but somebody should look) or unavailable. `problems` says what to look at."""

    status: Annotated[
        str,
        Meta(description="`ready`, `degraded` (works, but somebody should look) or `unavailable`", examples=["ready"]),
    ]
    database: Annotated[str, Meta(description="`ok`, or what went wrong", examples=["ok"])]
    models: Annotated[int, Meta(description="How many models are known", examples=[9])]
    read_models: Annotated[list[ReadModelStatus], Meta(description="How far the read models are")]
    workers: Annotated[int, Meta(description="How many workers were seen lately", examples=[1])]
    appends_waiting: Annotated[int, Meta(description="Appends that wait for their commit", examples=[0])]
    problems: Annotated[
        list[str],
        Meta(
            description="What to look at, for people",
            examples=[["worker: none is running; requests are accepted and wait"]],
        ),
    ]
    warnings: Annotated[
        list[str],
        Meta(
            description=(
                "What will need somebody, and changes no status: models that end within 60 days, webhooks that fail, "
                "a Pixel without API keys that other machines reach"
            ),
            examples=[
                ["model acme/painter: its last day is 2027-01-05, in 39 days; use 'acme/painter-2' from then on"]
            ],
        ),
    ] = []
    lanes: Annotated[list[LaneState], Meta(description="The ways to the providers, as each worker finds them")] = []
    keys: Annotated[
        dict[str, list[KeyState]], Meta(description="The keys of each provider, by their fingerprints")
    ] = {}
    doubtful_calls: Annotated[int, Meta(description="Calls whose outcome nobody knows", examples=[0])] = 0
    webhooks: Annotated[WebhookHealth, Meta(description="The webhooks, and how they are doing")] = WebhookHealth()
    storage: Annotated[
        list[StorageState], Meta(description="Of each worker: whether results can be kept, and what waits in its spool")
    ] = []


class Live(Value):
    """The process runs, or how it is."""

    status: Annotated[str, Meta(description="`live`; of `/health/ready` its status", examples=["live"])]


@get("/health/live")
async def live() -> Response[bytes]:
    """The process runs."""
    return Response(msgspec.json.encode(Live(status="live")), media_type="application/json")


@get("/health/ready")
async def ready(request: AnyRequest, deps: Injected[HealthDeps]) -> Response[bytes]:
    """Whether requests can be served, and the current problems. 503 when requests can't be served.

    Whoever may not see figures is told the status only."""
    health = await check(deps)
    status = 503 if health.status == "unavailable" else 200
    shown = health if caller_of(request).scopes & _SEES_PROBLEMS else Live(status=health.status)
    return Response(msgspec.json.encode(shown), status_code=status, media_type="application/json")


_SEES_PROBLEMS = frozenset({Scope.ANALYST, Scope.AUDITOR, Scope.ADMIN})


async def check(deps: HealthDeps) -> Health:
    """The state of the database, the read models, the workers and the providers. Takes 3 seconds at most."""
    problems: list[str] = []
    read_models: list[ReadModelStatus] = []
    workers: list[WorkerState] = []
    in_doubt = 0
    webhooks, webhook_lines = WebhookHealth(), list[str]()
    database = "ok"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            read_models = await monitoring.status(deps.pool)
            states = await work_queue.workers_alive(deps.pool, within_seconds=deps.settings.lease_seconds * 3)
            workers = [msgspec.json.decode(state, type=WorkerState) for state in states]
            in_doubt = await work_list.count_in_doubt(deps.pool)
            webhooks, webhook_lines = await webhook_health.look(deps.webhooks, deps.pool)
    except (TimeoutError, LogUnavailable, *DRIVER_ERRORS) as error:
        database = type(error).__name__
        problems.append("database: can't be reached")
    else:
        problems += _read_model_problems(read_models)
    if database == "ok" and not workers:
        problems.append("worker: none is running; requests are accepted and wait")
    lanes = [lane for worker in workers for lane in worker.lanes]
    problems += [
        f"provider {lane.provider}: nothing is sent for {lane.kind} now, its breaker is {lane.breaker}; tasks wait"
        for lane in lanes
        if lane.breaker != "closed"
    ]
    keys = _keys(workers)
    problems += [
        f"provider {name}: it refused the key {key.account} {f'for {key.kind} ' if key.kind else ''}({key.reason})"
        for name, states in keys.items()
        for key in states
        if key.reason
    ]
    if database == "ok" and (refused := deps.log.refused):
        problems.append(f"event log: PostgreSQL stores nothing ({refused}); what has to be stored is answered with 503")
    storage = [worker.storage for worker in workers]
    for state in storage:
        problems += _storage_problems(state)
    if in_doubt:
        wait = "1 call waits" if in_doubt == 1 else f"{in_doubt} calls wait"
        problems.append(f"{wait} for evidence or for a person; see `pixel calls list`")
    if webhooks.registered and deps.settings.webhook_secret is None:
        problems.append("webhooks: none is told anything, as PIXEL_WEBHOOK_SECRET is not set")
    if deps.decoders.problem:
        problems.append(deps.decoders.problem)
    if not deps.models.ready:
        problems.append("models: not read yet")
    unavailable = database != "ok" or not deps.models.ready
    return Health(
        status="unavailable" if unavailable else "degraded" if problems else "ready",
        database=database,
        models=len(deps.models.views),
        read_models=read_models,
        workers=len(workers),
        appends_waiting=deps.log.waiting,
        problems=problems,
        warnings=[*_open(deps), *_ending_models(deps.models.available), *webhook_lines],
        lanes=lanes,
        keys=keys,
        doubtful_calls=in_doubt,
        webhooks=webhooks,
        storage=storage,
    )


def _open(deps: HealthDeps) -> list[str]:
    if not deps.settings.open or is_local(deps.settings.host) or not deps.keys.is_open(deps.settings.admin_token):
        return []
    return ["access: there is no API key, so whoever reaches this Pixel may see everything and spend money"]


def _ending_models(offered: Mapping[str, AvailableModel]) -> list[str]:
    """A line for each available model that ends soon, or that has ended and is still on sale in the catalogue."""
    found = endings({name: one.model for name, one in offered.items()}, now())
    return [str(ending) for ending in found if offered[ending.model].unavailable is None]


def _read_model_problems(found: list[ReadModelStatus]) -> list[str]:
    problems: list[str] = []
    for name in (read_model.name for read_model in READ_MODELS):
        reasons: list[str] = []
        for build in (build for build in found if build.name == name):
            if build.error and not reasons:
                reasons.append(f"can't go on: {build.error}; mend that, or `pixel projections rebuild {name}`")
            if build.parked:
                reasons.append(f"{build.parked} streams parked; see `pixel projections status`")
            if build.serving and build.lag_seconds > LAGGING_SECONDS:
                reasons.append(f"{build.lag_seconds:.0f} seconds ({build.lag} events) behind")
        if not any(build.name == name and build.serving for build in found):
            reasons.append("none serves; a worker builds it")
        problems += [f"read model {name}: {reason}" for reason in reasons]
    return problems


def _storage_problems(state: StorageState) -> list[str]:
    """The problems of a worker's asset store and spool."""
    problems: list[str] = []
    if state.refuses:
        problems.append(f"no order goes out whose result would have to be kept: {state.refuses}; tasks wait")
    elif state.store:
        problems.append(f"asset store: {state.store}; results are put aside in the spool")
    elif state.spool:
        problems.append(f"spool: {state.spool}")
    if state.results:
        problems.append(f"spool: {state.results} results of {state.bytes} bytes wait until they can be stored")
    if state.refuses and state.held:
        problems.append(f"worker: {state.held} results are in memory only, and are lost if its process is killed")
    return problems


def _keys(workers: list[WorkerState]) -> dict[str, list[KeyState]]:
    """The keys of all workers by provider, each once. A key that any worker set aside is shown as set aside."""
    found: dict[str, dict[str, KeyState]] = {}
    for worker in workers:
        for name, states in worker.keys.items():
            ring = found.setdefault(name, {})
            for key in states:
                if key.account not in ring or key.usable_in_seconds > ring[key.account].usable_in_seconds:
                    ring[key.account] = key
    return {name: list(ring.values()) for name, ring in found.items()}


class Gauges:
    """The gauges that are set from `Health` at each scrape. Counters live in the registry and need no setting."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._lag = Gauge(
            "pixel_read_model_lag_events", "Events behind.", ["read_model", "generation"], registry=registry
        )
        self._late = Gauge(
            "pixel_read_model_lag_seconds", "Age of the first of them.", ["read_model", "generation"], registry=registry
        )
        self._stuck = Gauge("pixel_read_model_stuck", "1 while it can't go on.", ["read_model"], registry=registry)
        self._parked = Gauge("pixel_read_model_parked_streams", "Streams parked.", ["read_model"], registry=registry)
        self._head = Gauge("pixel_log_position", "Position of the last event.", registry=registry)
        self._waiting = Gauge("pixel_appends_waiting", "Appends that wait for their commit.", registry=registry)
        self._workers = Gauge("pixel_workers", "Workers seen lately.", registry=registry)
        self._busy = Gauge("pixel_steps_under_way", "Steps of calls under way.", ["provider"], registry=registry)
        lane = ["provider", "kind"]
        self._breaker = Gauge("pixel_lane_open", "1 while orders go out.", lane, registry=registry)
        self._pace = Gauge("pixel_lane_pace", "1 at full speed, less after 429s.", lane, registry=registry)
        self._keys_aside = Gauge("pixel_keys_set_aside", "Keys that were refused.", ["provider"], registry=registry)
        self._in_doubt = Gauge("pixel_calls_doubtful", "Calls of unknown outcome.", registry=registry)
        self._webhooks = Gauge("pixel_webhooks", "Webhooks by state.", ["state"], registry=registry)
        self._undelivered = Gauge("pixel_webhook_deliveries_waiting", "Deliveries that wait.", registry=registry)
        self._spooled = Gauge("pixel_spooled_results", "Results that wait in spools.", registry=registry)
        self._refused = Gauge(
            "pixel_workers_refusing", "Workers that send no order, for want of room for results.", registry=registry
        )
        self._streams = Gauge("pixel_event_streams", "Open event streams.", registry=registry)
        self._up = Gauge("pixel_database_up", "1 when the database answers.", registry=registry)

    def set_from(self, health: Health, busy: dict[str, int], *, streams: int) -> None:
        """Set the gauges."""
        self._streams.set(streams)
        self._up.set(health.database == "ok")
        self._waiting.set(health.appends_waiting)
        self._workers.set(health.workers)
        for gauge in (self._lag, self._late, self._stuck):
            gauge.clear()
        for build in health.read_models:
            self._lag.labels(build.name, str(build.generation)).set(build.lag)
            self._late.labels(build.name, str(build.generation)).set(build.lag_seconds)
            self._stuck.labels(build.name).set(build.error is not None)
            if build.serving:
                self._parked.labels(build.name).set(build.parked)
            self._head.set(build.head)
        self._in_doubt.set(health.doubtful_calls)
        hooks = health.webhooks
        self._webhooks.labels("registered").set(hooks.registered)
        self._webhooks.labels("disabled").set(hooks.disabled)
        self._webhooks.labels("failing").set(hooks.failing)
        self._undelivered.set(hooks.waiting)
        self._spooled.set(sum(state.results for state in health.storage))
        self._refused.set(sum(state.refuses is not None for state in health.storage))
        for gauge in (self._breaker, self._pace, self._keys_aside):
            gauge.clear()  # of a worker that is gone nothing is known
        for where in {(lane.provider, lane.kind) for lane in health.lanes}:  # each worker has lanes of its own
            same = [lane for lane in health.lanes if (lane.provider, lane.kind) == where]
            self._breaker.labels(*where).set(all(lane.breaker == "closed" for lane in same))
            self._pace.labels(*where).set(min(lane.pace for lane in same))
        for name, keys in health.keys.items():
            self._keys_aside.labels(name).set(len({key.account for key in keys if key.reason}))
        for provider, steps in busy.items():
            self._busy.labels(provider).set(steps)


@get("/metrics")
async def metrics(deps: Injected[HealthDeps]) -> ASGIApp:
    """Prometheus metrics."""
    deps.gauges.set_from(await check(deps), deps.worker.busy if deps.worker else {}, streams=deps.events.listeners)
    return JsonResponse(generate_latest(deps.gauges.registry), media=CONTENT_TYPE_LATEST)


route_handlers: list[Any] = [live, ready, metrics]
