"""Pixel with a simulated provider, usually ModelScope, whose simulator can leave calls in doubt."""

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
from litestar.types import ASGIApp

from api.app import create_app
from services.settings import Settings
from services.state import Pixel
from tests.api.conftest import running
from tests.patience import patient
from tests.simulators.base import Simulator
from tests.simulators.example_requests import PLACES
from tests.simulators.serve import make, served
from tests.web import PlainClient

PATIENCE_SECONDS = 30.0
NAME = "modelscope"
KLING = {"model": "kling/kling-v3-image", "resolution": "1K", "aspectRatio": "16:9"}
IMAGE = {"model": "modelscope/qwen-image", "resolution": "1K", "aspectRatio": "16:9"}
TEXT = {"model": "modelscope/qwen3-235b"}
WISHES: dict[str, dict[str, Any]] = {"image": IMAGE, "text": TEXT}
_NUMBER = itertools.count(1)


@dataclass
class World:
    """The provider, Pixel, and a client at the same machine."""

    simulator: Simulator
    pixel: Pixel
    client: httpx.AsyncClient

    async def ask(self, kind: str = "image", *, mark: str = "", **fields: Any) -> str:
        """Request something new; returns the task's id."""
        prompt = f"a small boat, number {next(_NUMBER)} {mark}".strip()
        body = WISHES[kind] | {"prompt": prompt} | fields
        answer = await self.client.post(f"/api/v1/generations/{kind}", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["task_id"])

    async def doubt(self, kind: str = "image", *, mend: bool = True) -> str:
        """The id of a call that was paid for and whose answer was lost: its task has ended as `outcome_unknown`.

        `mend`: another wish goes well afterwards, or the breaker opens after some lost ones."""
        task = await self.ask(kind, mark="[[reset_after]]")
        view = await self.ended(task)
        assert view["error"]["code"] == "outcome_unknown"
        if mend:
            await self.ended(await self.ask(kind))
        call = f"{task}.1"
        await eventually(lambda: self._is_listed(call))
        return call

    async def ended(self, task: str) -> dict[str, Any]:
        """The task, once it has ended."""
        async with asyncio.timeout(patient(PATIENCE_SECONDS)):
            while True:
                view = await self.task(task, wait=20)
                if view["status"] in {"completed", "failed"}:
                    return view

    async def task(self, task: str, *, wait: int = 0) -> dict[str, Any]:
        """The task as it is."""
        answer = await self.client.get(f"/api/v1/tasks/{task}", headers={"Prefer": f"wait={wait}"} if wait else {})
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()["data"]
        return view

    async def history(self, task: str) -> list[dict[str, Any]]:
        """Its events."""
        events: list[dict[str, Any]] = (await self.client.get(f"/api/v1/tasks/{task}/history")).json()["data"]["events"]
        return events

    async def listed(self, **query: Any) -> list[dict[str, Any]]:
        """The calls in doubt."""
        answer = await self.client.get("/api/v1/admin/calls", params={"limit": 200} | query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["calls"]
        return found

    async def fault(self, fault: str, route: str, times: int = 1) -> None:
        """What the next requests of a route meet."""
        async with PlainClient() as client:
            body = {"fault": fault, "route": route, "times": times}
            await client.post(f"http://{self.pixel.settings.private_hosts}/_simulator/faults", json=body)

    def billed(self, prompt: str) -> int:
        """How many times the provider has billed a prompt."""
        return sum(
            times for digest, times in self.simulator.effects.items() if f'"{prompt}"' in self.simulator.texts[digest]
        )

    async def _is_listed(self, call: str) -> bool:
        return call in {item["call_id"] for item in await self.listed()}


@asynccontextmanager
async def simulated(database_url: str, folder: Path, *, name: str = NAME, **changes: object) -> AsyncGenerator[World]:
    """Start both; the client's requests come from this machine, and say so."""
    simulator = make(name)
    async with served(simulator) as address:
        keys = PLACES[name].settings(address)
        settings: dict[str, Any] = {"sandbox_stands_in_for": "", "private_hosts": urlsplit(address).netloc}
        settings |= {"lease_seconds": 1.0} | changes
        async with running(database_url, folder, environment=keys, **settings) as (pixel, client):
            client.base_url = httpx.URL("http://localhost")
            yield World(simulator, pixel, client)


@asynccontextmanager
async def seen_by(pixel: Pixel, address: str, **changes: object) -> AsyncGenerator[httpx.AsyncClient]:
    """The same Pixel as a caller at an address meets it, under other settings of what is public."""
    app = _application(pixel, msgspec.structs.replace(pixel.settings, **changes))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50123))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def _application(pixel: Pixel, settings: Settings) -> ASGIApp:
    """The application of a Pixel under other settings, which many tests of a module share."""
    for made_for, made_with, app in _APPLICATIONS:
        if made_for is pixel and made_with == settings:
            return app
    _APPLICATIONS.append((pixel, settings, create_app(pixel._replace(settings=settings))))
    return _APPLICATIONS[-1][2]


_APPLICATIONS: deque[tuple[Pixel, Settings, ASGIApp]] = deque(maxlen=8)


async def eventually(check: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    """Wait until a condition holds, for a bounded time."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        while not await check():
            await asyncio.sleep(0.02)
