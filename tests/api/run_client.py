"""What tests ask of runs over HTTP, and the models that they are made with."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from services.state import Pixel
from tests.api.conftest import running
from tests.patience import patient

RUNS = "/api/v1/runs"
MODELS = """
providers:
  sandbox: {}
models:
  - {id: sandbox/text, name: Text, type: llm, currency: USD, prices: [{unit: call, amount: 0.01}]}
  - id: sandbox/image
    name: Image
    type: image
    capabilities: {supportsRefImage: true}
    limits: {image_inputs: 4}
    currency: USD
    prices: [{unit: image, amount: 0.04}]
  - id: sandbox/video
    name: Video
    type: video
    capabilities: {supportsRefImage: true}
    durations: {2s: 2 seconds}
    limits: {image_inputs: 1}
    currency: USD
    prices: [{unit: call, amount: 0.5}]
  - {id: sandbox/secret, name: Secret, type: image}
"""


@asynccontextmanager
async def with_models(
    database_url: str, folder: Path, models: str = MODELS
) -> AsyncGenerator[tuple[Pixel, httpx.AsyncClient]]:
    """A Pixel with these models."""
    file = folder / "catalog.yaml"
    await asyncio.to_thread(file.write_text, models)
    async with running(database_url, folder, catalog=str(file), sandbox_stands_in_for="") as both:
        yield both


async def start(client: httpx.AsyncClient, canvas: str, *nodes: str, key: str = "", **fields: Any) -> httpx.Response:
    """The answer to a wish to make these nodes."""
    body = {"nodes": list(nodes), "mode": "missing"} | fields
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(f"/api/v1/canvases/{canvas}/runs", json=body, headers=headers)


async def started(client: httpx.AsyncClient, canvas: str, *nodes: str, **fields: Any) -> str:
    """A run that was accepted; its id."""
    answer = await start(client, canvas, *nodes, **fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["id"])


async def command(client: httpx.AsyncClient, run: str, verb: str, **body: Any) -> dict[str, Any]:
    """The run after a person's decision."""
    answer = await client.post(f"{RUNS}/{run}/{verb}", json=body) if body else await client.post(f"{RUNS}/{run}/{verb}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def look(client: httpx.AsyncClient, run: str) -> dict[str, Any]:
    """The run as it is."""
    answer = await client.get(f"{RUNS}/{run}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def until(client: httpx.AsyncClient, run: str, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The run, once it is as wanted."""
    found: dict[str, Any] = {}
    try:
        async with asyncio.timeout(patient(60)):
            while not wanted(found := await look(client, run)):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"still {found}") from None
    return found


async def ended(client: httpx.AsyncClient, run: str, status: str = "completed") -> dict[str, Any]:
    """The run, once it has this status."""
    return await until(client, run, lambda found: found["status"] == status)


def steps(run: dict[str, Any]) -> dict[str, str]:
    """The steps of a run and how they stand."""
    return {step["node"]: step["status"] for step in run["steps"]}


async def tasks_of(client: httpx.AsyncClient, run: str) -> list[dict[str, Any]]:
    """The tasks that were ever made for a run, with their histories' metadata left out."""
    found: list[dict[str, Any]] = (await client.get("/api/v1/tasks", params={"limit": 100})).json()["data"]["tasks"]
    return [task for task in found if (task.get("metadata") or {}).get("run") == run]
