"""Pixel in front of simulators that run as processes of their own, and the laws of money after any crash."""

import asyncio
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import yaml

from services.settings import DEFAULT_CATALOG
from tests.e2e.fork_server import Forked
from tests.e2e.laws import Happened, read
from tests.e2e.service import LOOK_SECONDS, SETTLING_SECONDS, Service, patience, sql
from tests.simulators.example_requests import PLACES
from tests.web import PlainClient

MARKS = {
    None: 12,
    "rate_limited": 2,
    "500_before": 1,
    "500_after": 2,
    "reset_before": 2,
    "reset_after": 3,
    "cut_body": 2,
    "truncated_json": 1,
    "slow_headers": 3,
    "job_failed": 1,
    "unknown_status": 1,
}
ASKED = {str(body["model"]).partition("/")[0] for place in PLACES.values() for _, body in place.wishes}
"""The providers of the example requests; one simulator may stand for several."""
PRESSING = 4
UP = ("ready", "degraded")  # degraded: calls wait for a person
SETTINGS = {"lease_seconds": 0.5, "sandbox": "false"}
LOOKUP_AFTER_SECONDS = 3.0


class Away(Exception):
    """Pixel answers that it can't accept requests now."""


@dataclass
class World:
    """The addresses of the simulators, and the catalogue of Pixel.

    `catalogue` is the shipped one with ComfyUI enabled and with shorter waits: a simulator has an order at once or
    never, and ends it soon."""

    addresses: dict[str, str]
    catalogue: Path

    @property
    def environment(self) -> dict[str, str]:
        """Keys, addresses, and the permission to use them."""
        found = {"PIXEL_PRIVATE_HOSTS": ",".join(urlsplit(at).netloc for at in self.addresses.values())}
        found["PIXEL_CATALOG"] = str(self.catalogue)
        for name, address in self.addresses.items():
            found |= PLACES[name].settings(address)
        return found

    async def ledger(self) -> dict[str, str]:
        """The text of each billed order, as often as it was billed, by a running number."""
        orders: list[str] = []
        async with PlainClient() as client:
            for address in self.addresses.values():
                ledger = (await client.get(f"{address}/_simulator/ledger")).json()
                for digest, times in ledger["effects"].items():
                    orders += [ledger["texts"][digest]] * times
        return {str(number): text for number, text in enumerate(orders)}

    async def fault(self, name: str, fault: str, *, route: str, times: int) -> None:
        """Let the next requests of a route meet a fault; 0 times takes it away."""
        async with PlainClient() as client:
            wish = {"fault": fault, "route": route, "times": times}
            await client.post(f"{self.addresses[name]}/_simulator/faults", json=wish)


@asynccontextmanager
async def world(names: Sequence[str]) -> AsyncGenerator[World]:
    """Start simulators."""
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(_simulator(name)) for name in names]
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pixel-e2e-catalogue-")))
        yield World(dict(zip(names, addresses, strict=True)), _catalogue(folder))


@asynccontextmanager
async def _simulator(name: str) -> AsyncGenerator[str]:
    """One simulator, in a process that outlives a killed Pixel; yields its address."""
    process = await Forked.spawn("tests.simulators.serve", [name], os.environ)
    try:
        async with patience(f"the simulator of {name} to be up"):
            line = (await process.stdout.readline()).decode()
        yield line.split()[-1]
    finally:
        process.kill()
        await process.wait()


def _catalogue(folder: Path) -> Path:
    written = shutil.copytree(DEFAULT_CATALOG, folder / "catalog")
    for name, text in _files().items():
        (written / name).write_text(text)
    return written


@cache
def _files() -> dict[str, str]:
    """The files of the shipped catalogue, as simulators need them."""
    return {file.name: _for_simulators(file.read_text()) for file in DEFAULT_CATALOG.glob("*.yaml")}


def _for_simulators(text: str) -> str:
    shipped: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for name, entry in shipped["providers"].items():
        if name in ASKED:
            entry["lookup_after_seconds"] = LOOKUP_AFTER_SECONDS
    for model in shipped["models"]:
        model.get("limits", {}).pop("usual_seconds", None)  # a simulator is done at once
        for date in ("ends", "replacement"):  # and makes what its vendor made, whatever day it is
            model.pop(date, None)
        model["enabled"] = model.get("enabled", True) or model["id"].startswith("comfyui/")
    return yaml.safe_dump(shipped, allow_unicode=True, sort_keys=False)


@dataclass
class Crowd:
    """Clients that request all kinds from every provider, with all kinds of faults, and again after each kill."""

    random: random.Random
    names: Sequence[str]
    marks: Mapping[str | None, int] = field(default_factory=lambda: MARKS)
    open: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list[tuple[str, str, dict[str, Any]]])
    answered: dict[str, str] = field(default_factory=dict[str, str])
    """The key of each task that a POST has answered."""
    asked: int = 0
    max_wishes: int = 1_000_000
    pause_seconds: float = 0.2

    async def press(self, service: Service) -> None:
        """Send requests until the service dies, or until there were enough."""
        async with asyncio.TaskGroup() as group:
            for _ in range(PRESSING):
                group.create_task(self._press(service))

    async def _press(self, service: Service) -> None:
        while self.open or self.asked < self.max_wishes:
            wish = self.open.pop() if self.open else self._wish()
            try:
                await self.ask(service, *wish)
            except httpx.TransportError:
                self.open.append(wish)
                return
            except Away:
                self.open.append(wish)
                await asyncio.sleep(0.2)
            await asyncio.sleep(self.random.uniform(0.25, 1.5) * self.pause_seconds)

    async def ask(self, service: Service, key: str, kind: str, body: dict[str, Any]) -> None:
        """One request."""
        headers = {"Idempotency-Key": key}
        answer = await service.client.post(f"/api/v1/generations/{kind}", json=body, headers=headers)
        if answer.status_code == 503 and "retry-after" in answer.headers:
            raise Away
        assert answer.status_code == 200, answer.text
        self.answered[answer.json()["data"]["task_id"]] = key

    def _wish(self) -> tuple[str, str, dict[str, Any]]:
        self.asked += 1
        place = PLACES[self.random.choice(list(self.names))]
        wishes = [wish for wish in place.wishes if "imageInputs" not in wish[1]]
        weights = [1 if kind == "video" else 4 for kind, _ in wishes]  # videos take long: they are rare
        kind, body = self.random.choices(wishes, weights)[0]
        mark = self.random.choices(list(self.marks), list(self.marks.values()))[0]
        key = f"wish{self.asked}x"
        return key, kind, body | {"prompt": f"{key} a small boat" + (f" [[{mark}]]" if mark else "")}


async def settled(dsn: str) -> None:
    """Wait until nothing is left to do but what waits for a person. As long as something is done, it is waited for."""
    async with sql(dsn) as connection:
        left = ""
        while await connection.fetchval(_UNDONE):
            before, left = left, await _left(connection)
            async with patience(f"the work list to move on from {left}", seconds=SETTLING_SECONDS):
                while left == before and await connection.fetchval(_UNDONE):
                    await asyncio.sleep(LOOK_SECONDS * 10)
                    left = await _left(connection)


async def _left(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """The tasks that have not ended, and the head of the log."""
    rows = await connection.fetch(_LEFT)
    head = await connection.fetchval("SELECT max(notification_id) FROM stored_events")
    return ", ".join(f"{row[0]} {row[1]}: {row[2]}" for row in rows) + f"; at {head}"


async def calls_in_doubt(dsn: str) -> set[str]:
    """The tasks that wait for a person."""
    async with sql(dsn) as connection:
        return {row[0] for row in await connection.fetch(_CALLS_IN_DOUBT)}


def broken(
    histories: Mapping[str, list[Happened]], bills: Mapping[str, str], answered: Iterable[str], waiting: set[str]
) -> list[str]:
    """The laws that do not hold, a sentence each. `answered`: the tasks that a POST has answered."""
    problems = [f"{task} was answered and is lost" for task in answered if task not in histories]
    billed = Counter(key for text in bills.values() for key in set(re.findall(r"wish\d+x", text)))
    keys = {task: key for task, history in histories.items() if (key := _key(history))}
    for task, history in histories.items():
        context = f"({task}: {' → '.join(event.type for event in history)}; billed {billed[keys.get(task, '')]} times)"
        types = [event.type for event in history]
        ends = [event for event in history if event.type in {"TaskCompleted", "TaskFailed", "TaskCancelled"}]
        times = billed[keys.get(task, "")]
        if times > 1:
            problems.append(f"was paid {times} times {context}")
        if len(ends) != 1:
            problems.append(f"has {len(ends)} ends {context}")
            continue
        if ends[0].type == "TaskCompleted" and times != 1:
            problems.append(f"is completed and was billed {times} times {context}")
        if times and "ProviderCalled" not in types:
            problems.append(f"was billed without an intent {context}")
        unknown = ends[0].data.get("code") == "outcome_unknown"
        if unknown and task not in waiting and "LateResultSeen" not in types:
            problems.append(f"its outcome is unknown, and it is not listed for a person {context}")
        if times and ends[0].data.get("charged") == "no" and "ProviderAccepted" not in types and not _failed(history):
            problems.append(f"has a cost of nothing, and it was billed {context}")
        problems += [f"{problem} {context}" for problem in _calls(history)]
    return problems


def _calls(history: list[Happened]) -> list[str]:
    """Before each call but the first, the one before it certainly had no effect."""
    problems: list[str] = []
    calls: set[str] = set()
    nothing: set[str] = set()
    for event in history:
        match event.type:
            case "ProviderCalled":
                problems += [f"called again, though {call} may have happened" for call in calls - nothing]
                calls.add(event.data["call"])
            case "ProviderRefused" if event.data["charged"] == "no":
                nothing.add(event.data["call"])
            case "ProviderCallReconciled" if event.data["outcome"] == "did_not_happen":
                nothing.add(event.data["call"])
            case _:
                pass
    return problems


def _failed(history: list[Happened]) -> bool:
    """Whether the provider made nothing in the end, and bills nothing."""
    return any(event.type == "ProviderRefused" and event.data["code"] != "rate_limited" for event in history)


def _key(history: list[Happened]) -> str | None:
    prompt = history[0].data.get("params", {}).get("prompt", "")
    found = re.match(r"wish\d+x", prompt)
    return found[0] if found else None


async def look(database: str, world: World, crowd: Crowd, what: str) -> None:
    """Read histories and ledgers, and check the laws."""
    histories = (await read(database)).histories
    waiting = await calls_in_doubt(database)
    bills = await world.ledger()
    print(f"{what}, {len(histories)} tasks, {len(bills)} effects, {len(waiting)} wait for a person")
    problems = broken(histories, bills, crowd.answered, waiting)
    assert not problems, "\n".join([what, *problems])


_UNDONE = """
SELECT EXISTS (SELECT FROM calls WHERE step <> 'Done') OR EXISTS (
    SELECT FROM read_models
    WHERE serving AND position < (SELECT coalesce(max(notification_id), 0) FROM stored_events)
)
"""
_LEFT = "SELECT provider, step, count(*) FROM calls WHERE step <> 'Done' GROUP BY 1, 2 ORDER BY 1, 2"
_CALLS_IN_DOUBT = "SELECT task_id FROM calls WHERE call_state IN ('in_doubt', 'unknown')"
