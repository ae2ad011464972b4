"""A rival for whole tasks: procrastinate. One plain job behind FastAPI, with the worker in the same process.

`uvicorn bench.procrastinate_rival:app`, with the address of its database in BENCH_PROCRASTINATE_URL. The worker has as
many places as Pixel has for a provider."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from procrastinate import App, PsycopgConnector
from pydantic import BaseModel

from services.settings import Settings

PLACES = Settings().provider_concurrency
jobs = App(connector=PsycopgConnector(conninfo=os.environ["BENCH_PROCRASTINATE_URL"], max_size=PLACES))


class Request(BaseModel):
    """What of the body is looked at: other fields are ignored, where Pixel refuses them."""

    model: str
    prompt: str


@asynccontextmanager
async def _working(_: FastAPI) -> AsyncGenerator[None]:
    async with jobs.open_async():
        await jobs.schema_manager.apply_schema_async()
        worker = asyncio.create_task(jobs.run_worker_async(concurrency=PLACES, install_signal_handlers=False))
        try:
            yield
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


app = FastAPI(lifespan=_working)


@app.post("/api/v1/generations/text")
async def generate(request: Request) -> dict[str, Any]:
    """The job is stored when the answer leaves, and a worker takes it."""
    job = await make.defer_async(model=request.model, prompt=request.prompt)
    return {"task_id": str(job)}


@jobs.task(name="make")
async def make(model: str, prompt: str) -> dict[str, Any]:
    """The result is not stored: procrastinate keeps that a job has succeeded, and no more."""
    return {"text": f"what {model} makes of {len(prompt)} characters"}
