"""Runs of a real service: canvases with something to make, clients that repeat their wishes, and the laws of runs."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from domain.ids import run_id
from tests.canvas_samples import add, connect
from tests.e2e import laws
from tests.e2e.service import LOOK_SECONDS, Service, patience, sql

ENDED = {"completed", "failed", "cancelled"}


def chain(**sandbox: Any) -> list[dict[str, Any]]:
    """A text, an image of it, an image of that; beside them an image that meets a fault."""
    small = {"resolution": "512"}
    faulty = small | {"extraParams": {"sandbox": sandbox}}
    return [
        add("write", "text", model="sandbox/text", prompt="A hero."),
        add("draw", model="sandbox/image", prompt="in ink", params=small),
        add("redraw", model="sandbox/image", prompt="in oil", params=small),
        add("alone", model="sandbox/image", prompt="a boat", params=faulty),
        connect("a", "write", "draw"),
        connect("b", "draw", "redraw", "reference"),
    ]


NODES = ["write", "draw", "redraw", "alone"]


@dataclass
class WantedRun:
    """A run of a client who does not give up: every request is sent until it is answered. Each canvas has one."""

    key: str
    ops: list[dict[str, Any]]
    stop: bool = False
    canvas: str | None = None
    run: str | None = None
    edited: bool = False
    stopped: bool = False

    async def submit(self, service: Service, project: str) -> None:
        """Send what has no answer yet. Raises TransportError when the service dies meanwhile."""
        client = service.client
        if self.canvas is None:
            body = {"project": project, "name": "Episode 1"}
            answer = await client.post("/api/v1/canvases", json=body, headers={"Idempotency-Key": self.key})
            self.canvas = _data(answer)["id"]
        if not self.edited:
            edit = {"base": 1, "edit": "edit_1", "session": "tab_1", "label": "test", "ops": self.ops}
            _data(await client.post(f"/api/v1/canvases/{self.canvas}/edits", json=edit))
            self.edited = True
        if self.run is None:
            asked = {"nodes": NODES, "mode": "missing"}
            path = f"/api/v1/canvases/{self.canvas}/runs"
            self.run = _data(await client.post(path, json=asked, headers={"Idempotency-Key": self.key}))["id"]
        if self.stop and not self.stopped:
            _data(await client.post(f"/api/v1/runs/{self.run}/cancel"))
            self.stopped = True

    async def ended(self, service: Service) -> dict[str, Any]:
        """The run, once it has ended. One that waits for a person is resumed. Raises as `submit` does."""
        async with patience(f"{self.run} to end", service.log):
            while True:
                found = _data(await service.client.get(f"/api/v1/runs/{self.run}"))
                if found["status"] in ENDED:
                    return found
                if found["status"] == "paused" and found["reason"] != "in_doubt":
                    await service.client.post(f"/api/v1/runs/{self.run}/resume")
                await asyncio.sleep(LOOK_SECONDS * 5)


async def new_project(service: Service) -> str:
    """A project for the canvases."""
    return str(_data(await service.client.post("/api/v1/projects", json={"name": "The harbour"}))["id"])


def _data(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


@dataclass
class RunBooks:
    """What the log says of runs: the events of each, and the tasks that were requested for its nodes."""

    histories: dict[str, list[tuple[str, dict[str, Any]]]] = field(
        default_factory=dict[str, list[tuple[str, dict[str, Any]]]]
    )
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


async def read(dsn: str) -> RunBooks:
    """Read the runs, and of each task the run and the node that it is for."""
    books = RunBooks()
    async with sql(dsn) as connection:
        for stream, topic, state in await connection.fetch(_EVENTS):
            data = json.loads(state)
            if topic == "TaskRequested":
                metadata = data.get("metadata") or {}
                if "run" in metadata:
                    books.tasks[data["task"]] = metadata["run"], metadata["node"]
            else:
                books.histories.setdefault(run_id(stream), []).append((topic, data))
    return books


async def broken(dsn: str, wanted: list[WantedRun]) -> list[str]:
    """The laws that do not hold, a sentence each: of runs, of their tasks, and of the effects of those."""
    books, effects = await read(dsn), await laws.read(dsn)
    problems = laws.broken(effects, {})
    asked = {wish.run for wish in wanted}
    problems += [f"{run} was never answered to anybody" for run in books.histories if run not in asked]
    problems += [f"{run} was answered and is lost" for run in asked if run not in books.histories]
    for run, history in books.histories.items():
        starts = [data for topic, data in history if topic == "StepStarted"]
        attempts = Counter((data["step"], data["attempt"]) for data in starts)
        problems += [f"{run}: {attempt} began {count} times" for attempt, count in attempts.items() if count > 1]
        begun = {data["task"]: (run, data["step"]) for data in starts}
        made = {task: place for task, place in books.tasks.items() if place[0] == run}
        if begun != made:
            problems.append(f"{run}: by its events it has the tasks {begun}, and by theirs {made}")
        ends = [topic for topic, _ in history if topic in {"RunCompleted", "RunFailed", "RunCancelled"}]
        if len(ends) != 1:
            problems.append(f"{run} has the ends {ends}")
    return problems


_EVENTS = """
SELECT originator_id, topic, convert_from(state, 'UTF8') FROM stored_events
WHERE topic LIKE 'Run%' OR topic LIKE 'Step%' OR topic LIKE 'Plan%' OR topic = 'TaskRequested'
ORDER BY notification_id
"""
