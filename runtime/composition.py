"""The composition root: settings in, a running Pixel out. The only place that knows every folder."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog

from adapters.catalogue.file import Catalogue, CatalogueError
from adapters.catalogue.file import load as load_catalogue
from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import DerivativeCache
from adapters.media.durable_files import FOLDER_MODE
from adapters.media.result_spool import FolderSpool
from adapters.outbound.client import ProviderClient
from adapters.outbound.media_download import image_fetcher, image_preparer
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres import connection_budget, database
from adapters.postgres.database import Pool
from adapters.postgres.embedded import default_data_dir, embedded_postgres
from adapters.postgres.event_log import EventLog
from adapters.providers.registry import ProviderRegistry, check_wire_configs, open_providers
from adapters.providers.sandbox.adapter import Sandbox
from adapters.request_batching import DataLoader
from application import catalogue
from application.execution import WorkerContext
from application.inputs import resolve
from application.ports import Cause, InputReader, Provider, SpoolUnavailable
from application.rate_limits import Lanes
from application.storage import Storage
from domain.provider import Input
from projections import tasks
from projections.base import StreamId
from projections.models import MODELS
from projections.runner import Runner, prepare, served_position, status
from projections.tasks import TASKS, TaskSnapshot
from projections.work_list import CALLS
from services.background import Background
from services.budget_guard import BudgetGuard
from services.callback_urls import callback_url
from services.completions import Completions
from services.model_registry import ModelRegistry
from services.read_your_writes import ReadYourWrites
from services.settings import Settings, WrongSetting
from services.state import READ_MODELS, Pixel
from services.worker import Worker, new_worker_id

Role = Literal["all", "api", "worker"]
OWN_CONNECTIONS = 2  # beside the pool: one that appends, one that listens; and each read model that is kept has one
START_SECONDS = 30.0
API_START_SECONDS = 5.0

logger = structlog.get_logger("pixel")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[str]:
    """A migrated database: the one that is set, or an embedded one below the data folder. Yields its address."""
    if settings.database_url:
        await database.wait_for(settings.database_url, seconds=START_SECONDS)
        pending = await database.pending_migrations(settings.database_url)
        if pending:
            raise WrongSetting(f"PIXEL_DATABASE_URL: run `pixel migrate` first; to be applied: {', '.join(pending)}")
        yield settings.database_url
        return
    async with embedded_postgres(data_dir(settings), report=_stderr) as dsn:
        await database.migrate(dsn)
        yield dsn


@asynccontextmanager
async def _connected(settings: Settings, role: Role) -> AsyncGenerator[tuple[str, Pool]]:
    """The database with its read models, and a pool. Its address names this process and the most that it opens."""
    most = settings.database_connections + OWN_CONNECTIONS + (0 if role == "api" else len(READ_MODELS))
    async with open_database(settings) as address:
        dsn = connection_budget.named(address, role, most)
        await prepare(dsn, READ_MODELS)
        pool = await database.open_pool(dsn, size=settings.database_connections)
        try:
            found = await connection_budget.count(pool)
            if found.wanted > found.allowed:  # told now, and not when everybody is busy and the last one is taken
                logger.warning(
                    "PostgreSQL may run out of connections", allowed=found.allowed, may_be_opened=found.wanted
                )
            yield dsn, pool
        finally:
            await _close(pool)


def data_dir(settings: Settings) -> Path:
    """Where Pixel keeps what it keeps on disk."""
    try:
        return Path(settings.data_dir).expanduser() if settings.data_dir else default_data_dir()
    except RuntimeError:
        raise WrongSetting("PIXEL_DATA_DIR: name a folder; whoever runs Pixel has no home here") from None


def open_assets(settings: Settings, decoders: Decoders) -> ObjectAssetStore:
    """The asset store that is set, or a folder below the data folder, which is closed to others, whoever made it."""
    own = data_dir(settings) / "assets"
    try:
        assets = ObjectAssetStore.open(settings.assets_url or str(own), decoders, keep_places=settings.keep_locations)
    except ValueError as error:
        raise WrongSetting(f"PIXEL_ASSETS_URL: {error}") from None
    if not settings.assets_url:
        with suppress(OSError):  # somebody else's, and so for them to decide
            own.chmod(FOLDER_MODE)
    return assets


@asynccontextmanager
async def open_pixel(settings: Settings, environment: Mapping[str, str], role: Role) -> AsyncGenerator[Pixel]:
    """Start everything that this role needs, and stop it in order: claims, steps in hand, appends, connections."""
    shelf = await asyncio.to_thread(load_catalogue, Path(settings.catalog))
    if problems := check_wire_configs(shelf.providers, shelf.models):
        raise CatalogueError("\n".join(f"{settings.catalog}: {problem}" for problem in problems))
    async with AsyncExitStack() as stack:
        dsn, pool = await stack.enter_async_context(_connected(settings, role))
        log = EventLog(dsn, pool, queue_limit=settings.append_queue, patience_seconds=settings.append_patience_seconds)
        background = await stack.enter_async_context(Background())
        background.start("event log writer", log.write())
        background.start("event log wake-ups", log.listen())
        appended = await catalogue.synchronise(log, shelf.models, Cause(actor="catalogue"))
        if appended:
            logger.info("catalogue compared", events=appended)
        sandboxed = _sandboxed(settings, shelf)
        outside = ProviderClient(_guard(settings))
        stack.push_async_callback(outside.close)
        lanes = Lanes({name: entry.lanes for name, entry in shelf.providers.items()})
        reach = ProviderRegistry(shelf.providers, environment)
        reached = open_providers(reach, outside, partial(callback_url, settings))
        providers: dict[str, Provider] = {**reached, **dict.fromkeys(sandboxed, Sandbox(pool))}
        budgets = BudgetGuard(pool, list(shelf.budgets), shelf.money)
        offers = ModelRegistry(pool, providers, reach, sandboxed)
        decoders = await stack.enter_async_context(Decoders())
        assets = await asyncio.to_thread(open_assets, settings, decoders)
        variants = DerivativeCache(assets, decoders)
        stack.push_async_callback(variants.close)
        guard = Guard()  # of users' URLs: no private host is theirs to name
        worker = None
        if role != "api":
            caller = WorkerContext(
                log=log,
                providers=providers,
                storage=Storage(assets, await asyncio.to_thread(_spool, settings), _log_step),
                inputs=_inputs(settings, assets, guard, decoders),
                lanes=lanes,
                worker=new_worker_id(),
                note=_log_step,
                over_budget=budgets.over,
            )
            worker = Worker(
                caller,
                pool,
                concurrency=settings.provider_concurrency,
                lease_seconds=settings.lease_seconds,
                keys=lambda: {name: provider.keys.states() for name, provider in reached.items()},
            )
            advanced = {MODELS.name: offers.refresh_soon, CALLS.name: worker.wake}
            for model in READ_MODELS:
                runner = Runner(
                    model,
                    log,
                    dsn,
                    advanced=advanced.get(model.name, _nothing),
                    silence_seconds=max(3 * settings.lease_seconds, 3.0),
                )
                background.start(f"read model {model.name}", runner.run())
            background.start("worker", worker.run(providers))
            stack.push_async_callback(worker.drain, settings.drain_seconds)
        endings = Completions(log)
        background.start("endings", endings.run())
        await _wait_for_models(pool, await log.head(), seconds=START_SECONDS if worker else API_START_SECONDS)
        for refresh in (offers.refresh, budgets.refresh):
            with suppress(*database.DRIVER_ERRORS):  # a table is being built anew: tried again, and not ready meanwhile
                await refresh()
        background.start("models", offers.run())
        background.start("budgets", budgets.run())

        async def find(streams: list[StreamId]) -> list[TaskSnapshot]:
            return await tasks.find_many(pool, streams)

        yield Pixel(
            settings=settings,
            dsn=dsn,
            pool=pool,
            log=log,
            tasks=DataLoader(find),
            assets=assets,
            variants=variants,
            decoders=decoders,
            guard=guard,
            models=offers,
            budgets=budgets,
            lanes=lanes,
            providers=reached,
            completions=endings,
            fresh={model.name: ReadYourWrites(partial(served_position, pool, model.name)) for model in (TASKS, CALLS)},
            worker=worker,
        )


def _guard(settings: Settings) -> Guard:
    """The way out to providers; the private hosts that an administrator lists are for them alone."""
    try:
        return Guard(private_hosts=settings.listed("private_hosts"))
    except ValueError as error:
        raise WrongSetting(f"PIXEL_PRIVATE_HOSTS: {error}") from None


def _spool(settings: Settings) -> FolderSpool:
    """Where results wait on this machine while the asset store is away."""
    folder = Path(settings.spool_path).expanduser() if settings.spool_path else data_dir(settings) / "spool"
    try:
        return FolderSpool.open(folder.absolute(), settings.spool_bytes)
    except (OSError, SpoolUnavailable) as error:
        raise WrongSetting(f"PIXEL_SPOOL_PATH: {error}") from None


def _inputs(settings: Settings, assets: ObjectAssetStore, guard: Guard, decoders: Decoders) -> InputReader:
    fetch, prepare = image_fetcher(guard, decoders), image_preparer(decoders)

    async def read(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        return await resolve(
            references,
            store=assets,
            fetch=fetch,
            prepare=prepare,
            public_url=settings.public_url,
            takes_urls=takes_urls,
        )

    return read


async def _wait_for_models(pool: Pool, head: int, *, seconds: float) -> None:
    """Wait until the read model has what the catalogue said. An API without any worker yet goes on, not ready."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        models = [model for model in await status(pool) if model.name == MODELS.name and model.serving]
        if models and models[0].position >= head:
            return
        await asyncio.sleep(0.02)
    logger.warning("the models are not up to date; is a worker running?")


def _sandboxed(settings: Settings, shelf: Catalogue) -> set[str]:
    """The providers that the sandbox answers for."""
    stands_in = set(settings.listed("sandbox_stands_in_for"))
    unknown = stands_in - set(shelf.providers)
    if unknown:
        known = ", ".join(sorted(shelf.providers))
        raise WrongSetting(f"PIXEL_SANDBOX_STANDS_IN_FOR: no such provider: {', '.join(unknown)}. Known: {known}")
    return stands_in | ({"sandbox"} if settings.sandbox else set())


async def _close(pool: Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), 5)
    except TimeoutError:
        pool.terminate()


def _log_step(event: str, **facts: Any) -> None:
    structlog.get_logger("pixel.calls").info(event, **facts)


def _nothing(_: int) -> None:
    """Nobody waits for this read model."""


def _stderr(line: str) -> None:
    sys.stderr.write(f"pixel: {line}\n")
