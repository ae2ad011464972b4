"""A rival for whole tasks: DBOS. A workflow of three durable steps behind FastAPI, with the defaults of both.

`uvicorn bench.dbos_rival:app`, with the address of its system database in BENCH_DBOS_URL."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from dbos import DBOS
from fastapi import FastAPI
from pydantic import BaseModel


class Request(BaseModel):
    """What of the body is looked at: other fields are ignored, where Pixel refuses them."""

    model: str
    prompt: str


@asynccontextmanager
async def _launched(_: FastAPI) -> AsyncGenerator[None]:
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()


DBOS(
    config={
        "name": "bench",
        "system_database_url": os.environ["BENCH_DBOS_URL"],
        "log_level": "WARNING",
        "application_version": "1",
    }
)
app = FastAPI(lifespan=_launched)


@app.post("/api/v1/generations/text")
async def generate(request: Request) -> dict[str, Any]:
    """The workflow is stored when the answer leaves, and runs by itself."""
    handle = await DBOS.start_workflow_async(make, request.model_dump())
    return {"task_id": handle.workflow_id}


@DBOS.workflow()
async def make(request: dict[str, Any]) -> dict[str, Any]:
    """As many steps as a task of Pixel has between the request and its end: the call, its receipt, the result."""
    job = await call(request)
    text = await receive(job)
    return await keep(text)


@DBOS.step()
async def call(request: dict[str, Any]) -> str:
    return f"job of {len(request['prompt'])} characters"


@DBOS.step()
async def receive(job: str) -> str:
    return f"what {job} has made"


@DBOS.step()
async def keep(text: str) -> dict[str, Any]:
    return {"text": text, "usage": {"total_tokens": len(text)}}
