"""The composition root: settings in, a running Pixel out. The only place that knows every folder."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from adapters.catalogue.file import Catalogue
from adapters.postgres import database
from adapters.postgres.array_types import ArrayConnection
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from adapters.postgres.signing_secret import shared_secret
from adapters.postgres.work_queue import WorkQueue
from adapters.providers.base import HttpProvider
from adapters.providers.registry import ProviderRegistry, load_catalogue, open_providers
from adapters.providers.sandbox.adapter import Sandbox
from adapters.request_batching import DataLoader
from application import api_keys
from application.catalogue import synchronise
from application.claimed_task import WorkerContext
from application.live_text import TextPiece
from application.log_tail import LogTail
from application.model_specs import ModelSpecs
from application.ports import Cause, InputReader, Provider
from application.rate_limits import Lanes
from application.storage import Storage
from application.turns import Turns
from domain.api_key import Scope, parse_key
from domain.base import Rejected
from projections import tasks
from projections.api_keys import API_KEYS
from projections.assets import ASSETS
from projections.base import ReadModel
from projections.builds import is_led
from projections.canvases import CANVASES
from projections.models import MODELS
from projections.monitoring import served_position, status
from projections.projects import PROJECTS
from projections.read_models import READ_MODELS
from projections.runner import Runner, Standby
from projections.runs import RUNS
from projections.spending import SPENDING
from projections.tasks import TASKS
from projections.work_list import CALLS
from runtime.database import START_SECONDS, Role, open_pools
from runtime.media import MediaTools, input_reader, open_media, open_spool
from runtime.providers import open_client
from runtime.runs import run_executor
from runtime.webhooks import open_webhooks
from services.background import Background
from services.batch_ends import BatchEnds
from services.batch_reader import BatchReader
from services.budget_guard import BudgetGuard
from services.callback_urls import callback_url
from services.canvas_reader import CanvasReader
from services.catalogue_updates import CatalogueUpdates
from services.event_stream import EventStream
from services.key_limits import KeyLimiter
from services.key_table import KeyTable
from services.key_uses import KeyUses
from services.list_reader import ListReader
from services.live_texts import LiveTexts
from services.media_links import MediaLinks
from services.model_registry import ModelRegistry
from services.read_your_writes import ReadYourWrites
from services.sessions import Sessions
from services.settings import Settings, WrongSetting
from services.signing import Signer
from services.state import Pixel
from services.task_ends import TaskEnds
from services.task_reader import TaskReader
from services.upload_records import UploadRecords
from services.worker import Worker, new_worker_id

API_START_SECONDS = 5.0

logger = structlog.get_logger("pixel")


class _Providers(NamedTuple):
    """`over_http` are those whose address and key are known; `all` has the sandbox in place of the `sandboxed`."""

    registry: ProviderRegistry
    over_http: dict[str, HttpProvider]
    sandboxed: set[str]
    all: dict[str, Provider]


@asynccontextmanager
async def open_pixel(settings: Settings, environment: Mapping[str, str], role: Role) -> AsyncGenerator[Pixel]:
    """Start everything that this role needs, and stop it in order: claims, steps in hand, appends, connections.

    Raises WrongSetting, CatalogueError and EmbeddedPostgresError when it can't start, and the driver's errors when the
    database can't be reached. A background task that dies cancels the caller."""
    catalogue = await asyncio.to_thread(load_catalogue, Path(settings.catalog))
    async with AsyncExitStack() as stack:
        dsn, pool, lists, list_size = await stack.enter_async_context(open_pools(settings, role))
        background = await stack.enter_async_context(Background())
        log, texts = await _open_log(settings, dsn, pool, background)
        updates = await _open_catalogue(settings, log, catalogue, background)
        providers = await stack.enter_async_context(_open_providers(settings, environment, catalogue, pool))
        media = await stack.enter_async_context(open_media(settings))
        lanes = Lanes({name: entry.lanes for name, entry in catalogue.providers.items()})
        budgets = BudgetGuard(pool, list(catalogue.budgets), catalogue.money)
        models = ModelRegistry(pool, providers.all, providers.registry, providers.sandboxed)
        tail, turns, read_your_writes = LogTail(log), Turns(), _read_your_writes(pool)
        events = EventStream(log, tail, models, max_listeners=settings.max_event_streams)
        task_ends, keys = await _open_followers(settings, pool, log, events, background)
        links, sessions = await _open_signing(settings, pool, keys)
        opening_worker = partial(_open_worker, settings, dsn, pool, log, texts, role=role, lanes=lanes, budgets=budgets)
        worker = await opening_worker(providers=providers, media=media, inputs=input_reader(settings, media, links))
        if worker:
            _start_followers(dsn, pool, log, tail, background, models=models, waited_for=read_your_writes)
            _start_worker(worker, providers, background, stack, drain_seconds=settings.drain_seconds)
        reader = TaskReader(log, DataLoader(partial(tasks.find_many, pool)), turns=turns, task_ends=task_ends)
        opening = open_webhooks(settings, pool, log, reader, background, links=links, role=role)
        webhooks = await stack.enter_async_context(opening)
        await _start_refreshing(background, pool, log, models, budgets, role=role)
        pixel = Pixel(
            settings=settings,
            dsn=dsn,
            pool=pool,
            log=log,
            tasks=reader,
            lists=ListReader(lists, size=list_size),
            turns=turns,
            canvases=CanvasReader(log, pool, turns),
            assets=media.assets,
            derivatives=media.derivatives,
            decoders=media.decoders,
            guard=media.guard,
            models=models,
            budgets=budgets,
            keys=keys,
            catalogue=updates,
            key_limits=KeyLimiter(pool, catalogue.money),
            lanes=lanes,
            providers=providers.over_http,
            task_ends=task_ends,
            events=events,
            texts=texts,
            read_your_writes=read_your_writes,
            links=links,
            sessions=sessions,
            uploads=_record_uploads(log, background),
            webhooks=webhooks,
            worker=worker,
        )
        yield _with_runs(pixel, tail, background)


def _start_worker(
    worker: Worker, providers: _Providers, background: Background, stack: AsyncExitStack, *, drain_seconds: float
) -> None:
    background.start("worker", partial(worker.run, providers.all))
    stack.push_async_callback(worker.drain, drain_seconds)


def _with_runs(pixel: Pixel, tail: LogTail, background: Background) -> Pixel:
    """The same objects, of which a worker's carry out runs."""
    if pixel.worker is not None:
        background.start("runs", run_executor(pixel, tail).run)
    return pixel


def _read_your_writes(pool: Pool) -> dict[str, ReadYourWrites]:
    """For the read models whose lists are asked for by who has just written."""
    read_back = (TASKS, CALLS, SPENDING, API_KEYS, ASSETS, PROJECTS, CANVASES, RUNS)
    return {each.name: ReadYourWrites(partial(served_position, pool, each.name)) for each in read_back}


async def _open_log(settings: Settings, dsn: str, pool: Pool, background: Background) -> tuple[EventLog, LiveTexts]:
    """The log, and what is heard over its connection of texts that are being written."""
    log = EventLog(dsn, pool, queue_limit=settings.append_queue, patience_seconds=settings.append_patience_seconds)
    background.start("event log writer", log.write)
    texts = LiveTexts()
    log.hear_text(texts.put)
    background.start("event log wake-ups", log.listen)
    return log, texts


def _record_uploads(log: EventLog, background: Background) -> UploadRecords:
    records = UploadRecords(log)
    background.start("records of uploads", records.run)
    return records


async def _open_followers(
    settings: Settings, pool: Pool, log: EventLog, events: EventStream, background: Background
) -> tuple[TaskEnds, KeyTable]:
    """What follows the log in every process. When a key changes, those who listen may have to stop.

    Raises WrongSetting when the first key has the id of another one."""
    task_ends, keys = TaskEnds(log), KeyTable(log, events.nudge)
    await keys.refresh()
    await _issue_first_key(settings, log, keys)
    background.start("task ends", task_ends.run)
    background.start("event stream", events.run)
    background.start("keys", keys.run)
    background.start("uses of keys", KeyUses(pool, keys).run)
    return task_ends, keys


async def _open_signing(settings: Settings, pool: Pool, keys: KeyTable) -> tuple[MediaLinks, Sessions]:
    """What callers are given to come back with: all processes know it again by the same secret."""
    secret, is_open = await shared_secret(pool), partial(keys.is_open, settings.admin_token)
    return MediaLinks(Signer(secret), settings.asset_url_seconds, is_open), Sessions(secret)


async def _issue_first_key(settings: Settings, log: EventLog, keys: KeyTable) -> None:
    first = parse_key(settings.first_admin_key or "")
    if first is None:
        return
    if keys.is_open(None):
        logger.info("the first API key is issued; `pixel keys create` makes others", key=first.id)
    try:
        await api_keys.ensure(log, first, owner="admin", scope=Scope.ADMIN, cause=Cause(actor="settings"))
    except Rejected as refusal:
        raise WrongSetting(f"PIXEL_FIRST_ADMIN_KEY: {refusal.message}") from None
    await keys.refresh()


async def _open_catalogue(
    settings: Settings, log: EventLog, catalogue: Catalogue, background: Background
) -> CatalogueUpdates:
    """Record the catalogue, and take it over again when somebody asks for it."""
    appended = await synchronise(log, catalogue.models, Cause(actor="catalogue"))
    if appended:
        logger.info("catalogue compared", events=appended)
    updates = CatalogueUpdates(log, Path(settings.catalog), catalogue)
    background.start("catalogue updates", updates.run)
    return updates


@asynccontextmanager
async def _open_providers(
    settings: Settings, environment: Mapping[str, str], catalogue: Catalogue, pool: Pool
) -> AsyncGenerator[_Providers]:
    sandboxed = _sandboxed(settings, catalogue)
    registry = ProviderRegistry(catalogue.providers, environment)
    async with open_client(settings) as client:
        over_http = open_providers(registry, client, partial(callback_url, settings))
        yield _Providers(registry, over_http, sandboxed, {**over_http, **dict.fromkeys(sandboxed, Sandbox(pool))})


def _sandboxed(settings: Settings, catalogue: Catalogue) -> set[str]:
    """The providers that the sandbox answers for. Raises WrongSetting for one that the catalogue does not have."""
    stands_in = set(settings.as_list("sandbox_stands_in_for"))
    unknown = stands_in - set(catalogue.providers)
    if unknown:
        known = ", ".join(sorted(catalogue.providers))
        raise WrongSetting(f"PIXEL_SANDBOX_STANDS_IN_FOR: no such provider: {', '.join(unknown)}. Known: {known}")
    return stands_in | ({"sandbox"} if settings.sandbox else set())


async def _open_worker(
    settings: Settings,
    dsn: str,
    pool: Pool,
    log: EventLog,
    texts: LiveTexts,
    *,
    role: Role,
    providers: _Providers,
    media: MediaTools,
    inputs: InputReader,
    lanes: Lanes,
    budgets: BudgetGuard,
) -> Worker | None:
    if role == "api":
        return None

    def send_text(piece: TextPiece) -> None:
        texts.put(piece)  # for those who watch here
        log.send_text(piece)

    context = WorkerContext(
        log=log,
        specs=ModelSpecs(log),
        providers=providers.all,
        storage=Storage(media.assets, await asyncio.to_thread(open_spool, settings), _log_step),
        inputs=inputs,
        lanes=lanes,
        worker=new_worker_id(),
        log_step=_log_step,
        over_budget=budgets.over_budget,
        send_text=send_text,
    )
    return Worker(
        context,
        WorkQueue(dsn, context.worker, lease_seconds=settings.lease_seconds),
        pool,
        concurrency=settings.provider_concurrency,
        lease_seconds=settings.lease_seconds,
        keys=lambda: {name: provider.keys.states() for name, provider in providers.over_http.items()},
    )


def _start_followers(
    dsn: str,
    pool: Pool,
    log: EventLog,
    tail: LogTail,
    background: Background,
    *,
    models: ModelRegistry,
    waited_for: Mapping[str, ReadYourWrites],
) -> None:
    """Start what follows the log in workers: a runner for each read model, and the ends of batches. Those in `changed`
    wake a service when rows of theirs have changed."""
    background.start("ends of batches", BatchEnds(log, pool, tail, BatchReader(log, pool)).run)
    changed = {MODELS.name: models.refresh_soon}
    standby = Standby(partial(_is_led, pool))
    for read_model in READ_MODELS:
        wake = changed.get(read_model.name, _ignore)
        waiting = waited_for.get(read_model.name)
        hurry = waiting.hurry if waiting else None
        runner = Runner(
            *(read_model, log, dsn),
            tail=tail,
            standby=standby,
            changed=wake,
            hurry=hurry,
            connection_class=ArrayConnection,
        )
        background.start(f"read model {read_model.name}", runner.run)


async def _is_led(pool: Pool, read_model: ReadModel[Any]) -> bool:
    """Whether another process leads. Nobody knows while the database is away: the runner finds out, and waits."""
    with suppress(*database.DRIVER_ERRORS):
        return await is_led(pool, read_model)
    return False


async def _wait_for_models(pool: Pool, head: int, *, seconds: float) -> None:
    """Wait until the read model has the events of the catalogue. An API without a worker starts all the same, and is
    not ready."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        found = [build for build in await status(pool) if build.name == MODELS.name and build.serving]
        if found and found[0].position >= head:
            return
        await asyncio.sleep(0.02)
    logger.warning("the models are not up to date; is a worker running?")


async def _start_refreshing(
    background: Background, pool: Pool, log: EventLog, models: ModelRegistry, budgets: BudgetGuard, *, role: Role
) -> None:
    await _wait_for_models(pool, await log.head(), seconds=API_START_SECONDS if role == "api" else START_SECONDS)
    for refresh in (models.refresh, budgets.refresh):
        with suppress(*database.DRIVER_ERRORS):  # its table is being rebuilt: not ready, and tried again below
            await refresh()
    background.start("models", models.run)
    background.start("budgets", budgets.run)


def _log_step(event: str, **facts: Any) -> None:
    structlog.get_logger("pixel.calls").info(event, **facts)


def _ignore() -> None:
    """For the read models that nobody waits for."""
