"""`kill -9` while runs are under way: each goes on, and no step of any is paid for twice."""

import asyncio
import os
import random
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from tests.e2e import runs
from tests.e2e.runs import NODES, WantedRun, chain
from tests.e2e.service import Died, Service, pixel, until_ready

NEVER = "never:0:before"
UP = ("ready", "degraded")  # without a worker it is degraded
SHORT_LEASE = {"lease_seconds": 0.5}
FAULTS: tuple[dict[str, Any], ...] = (
    {},
    {"latency": 0.5},
    {"fault": "rate_limited"},
    {"fault": "timeout_before"},
    {"fault": "timeout_after"},
    {"fault": "content_rejected"},
    {"fault": "failed"},
    {"fault": "lost_result"},
)


async def test_every_append_of_a_run(database: str, folder: Path) -> None:
    """Killed before or after any append, also of the request itself: the same wish under the same key is the same run,
    which makes each node once, and its results are chosen."""

    def service_killed_at(step: str) -> Any:
        options = ("--at", step)
        module = "tests.e2e.run_failpoints"
        return pixel(database, folder, module=module, options=options, wait="", settings=SHORT_LEASE)

    wishes: list[WantedRun] = []

    async def wish(service: Service, project: str) -> None:
        wishes.append(WantedRun(f"run {len(wishes)}", chain()))
        await wishes[-1].submit(service, project)
        await wishes[-1].ended(service)

    async with service_killed_at(NEVER) as service:
        await until_ready(service)
        project = await runs.new_project(service)
        await wish(service, project)
        await service.stop()
    steps = [line.removeprefix("step ") for line in service.lines if line.startswith("step ")]
    assert {step.partition(":")[0] for step in steps} == {
        *("PlanApproved", "StepStarted+TaskRequested", "StepCompleted", "RunCompleted", "CanvasEdited")
    }
    chosen = [step for step in steps if ":1:" in step or ":3:" in step]
    for step in chosen:
        async with service_killed_at(step) as service:
            with suppress(httpx.TransportError, Died):  # those before go on at once, and may get to the step first
                await until_ready(service)
                for left in wishes:
                    await left.submit(service, project)
                await wish(service, project)
            assert await service.gone() == -signal.SIGKILL, step
    async with service_killed_at(NEVER) as service:
        await until_ready(service)
        for left in wishes:
            await left.submit(service, project)
            done = await left.ended(service)
            assert done["status"] == "completed", done
            nodes = (await service.get(f"/api/v1/canvases/{left.canvas}"))["nodes"]
            tasks = {each["node"]: each["task"] for each in done["steps"]}
            assert {name: nodes[name]["pick"]["task"] for name in NODES} == tasks
    print(f"killed at {len(chosen)} steps")
    assert not await runs.broken(database, wishes)


async def test_at_any_moment(database: str, folder: Path) -> None:
    """Killed again and again, an API process or one of two workers, with faults, cancellations and failed branches
    under way: each run ends, and no attempt at a step has two tasks, nor a task two effects.

    PIXEL_TEST_RUN_KILLS says how often."""
    kills = int(os.environ.get("PIXEL_TEST_RUN_KILLS", "5"))
    seed = int(os.environ.get("PIXEL_TEST_KILL_SEED", random.randrange(1_000_000)))
    chance = random.Random(seed)
    wishes: list[WantedRun] = []
    project = ""
    async with pixel(database, folder, role="api", wait="", settings=SHORT_LEASE) as service:
        await until_ready(service, *UP)
        project = await runs.new_project(service)

    async def press(service: Service) -> None:
        """Repeat what was not answered, and wish for more until the service dies."""
        await until_ready(service, *UP)
        for left in wishes:
            await left.submit(service, project)
        for _ in range(2):
            stop = chance.random() < 0.15
            wishes.append(WantedRun(f"run {len(wishes)}", chain(**chance.choice(FAULTS)), stop))
            await wishes[-1].submit(service, project)

    async def life(role: str, moment: float) -> None:
        async with pixel(database, folder, role=role, wait="", settings=SHORT_LEASE) as service:
            pressing = asyncio.create_task(press(service)) if role == "api" else None
            with suppress(Died, TimeoutError):
                async with asyncio.timeout(30):
                    await (service.said('"pixel is up"') if role == "worker" else until_ready(service, *UP))
            await asyncio.sleep(moment)
            await service.kill()
            if pressing is not None:
                with suppress(Died, httpx.TransportError):
                    await pressing

    left = kills
    while left > 0:
        dying = ["api", "worker", "worker"][: max(1, min(3, left))]
        await asyncio.gather(*(life(role, chance.uniform(0.3, 2.5)) for role in dying))
        left -= len(dying)
    async with pixel(database, folder, settings=SHORT_LEASE) as service:
        for wish in wishes:
            await wish.submit(service, project)
        ends = [(await wish.ended(service))["status"] for wish in wishes]
    problems = await runs.broken(database, wishes)
    print(f"seed {seed}: {kills} kills, {len(wishes)} runs, {ends.count('completed')} completed")
    assert not problems, "\n".join([f"PIXEL_TEST_KILL_SEED={seed}", *problems])
