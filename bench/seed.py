"""Fills a new database: the models as after a first start, and a log of many tasks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from adapters.catalogue.file import load as load_catalogue
from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from application import catalogue
from application.ports import Cause
from bench.payload import CAUSE, log_of
from projections.base import ReadModel
from projections.builds import prepare
from projections.models import MODELS
from projections.read_models import READ_MODELS
from projections.runner import Runner
from services.settings import DEFAULT_CATALOG

CATCH_UP_BATCH = 5000
COLUMNS = ("originator_id", "originator_version", "topic", "state", "metadata")


@asynccontextmanager
async def open_log(dsn: str) -> AsyncGenerator[EventLog]:
    """Yields a log whose writer and listener run."""
    pool = await open_pool(dsn, size=4)
    log = EventLog(dsn, pool)
    background = [asyncio.create_task(log.write()), asyncio.create_task(log.listen())]
    try:
        yield log
    finally:
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await pool.close()


async def models(dsn: str) -> None:
    """Append the catalogue's models, and build their read model: an API process then needs no worker."""
    await prepare(dsn, READ_MODELS)
    catalogue_file = load_catalogue(DEFAULT_CATALOG)
    async with open_log(dsn) as log:
        await catalogue.synchronise(log, catalogue_file.models, Cause(actor="catalogue"))
    await catch_up(dsn, MODELS)


async def catch_up(dsn: str, read_model: ReadModel[Any]) -> None:
    """Run a read model until it is at the end of the log."""
    async with open_log(dsn) as log:
        head, there = await log.head(), asyncio.Event()

        def advanced(position: int) -> None:
            if position >= head:
                there.set()

        runner = asyncio.create_task(Runner(read_model, log, dsn, batch=CATCH_UP_BATCH, advanced=advanced).run())
        try:
            await there.wait()
        finally:
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)


async def tasks(dsn: str, count: int, *, unfinished: int = 0) -> list[UUID]:
    """Copy the events of that many tasks into the table. Returns the streams; the last `unfinished` still run."""
    metadata = msgspec.json.encode(CAUSE).decode()
    events = list(log_of(count, unfinished=unfinished))
    connection = await asyncpg.connect(dsn)
    try:
        rows = [(*event, metadata) for event in events]
        await connection.copy_records_to_table("stored_events", records=rows, columns=COLUMNS)
        await connection.execute("VACUUM ANALYZE stored_events")
    finally:
        await connection.close()
    return [event.stream for event in events if event.version == 1]
