"""The kill matrix: a scenario runs once without a kill, and then once for each of its steps, killed at that step.

The runs of one scenario share a database: each start finishes the tasks of the killed ones before it dies itself."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx

from tests.e2e.service import Service, eventually, pixel

NEVER = "never:0:before"
# Steps that a slow machine may reach fewer times than the rehearsal did.
ELASTIC = ("poll", "lookup", "append.ProviderProgressed")
# On a slow machine the short lease of these tests may expire before the call: then it is not sent, but repeated.
LATE = "the lease ran out before the call was sent"
MAX_REHEARSALS = 5
# Steps before any request has left for the provider.
UNSENT = {"append.TaskRequested:1:before", "append.TaskRequested:1:after", "append.ProviderCalled:1:before"}


class KillRig(NamedTuple):
    """The database, the folder and the settings of a scenario's services."""

    dsn: str
    folder: Path
    settings: Mapping[str, object] = MappingProxyType({"lease_seconds": 0.5})
    environment: Mapping[str, str] = MappingProxyType({})

    def service_killed_at(self, at: str) -> AbstractAsyncContextManager[Service]:
        """A service that kills itself at a step."""
        return pixel(
            self.dsn,
            self.folder,
            module="tests.e2e.failpoints",
            options=("--at", at),
            wait="ready degraded",  # degraded: calls wait for a person
            settings={"database_connections": 3, **self.settings},
            environment=self.environment,
        )


@dataclass
class WantedTask:
    """A task of a caller who does not give up: one idempotency key until POST is answered, then a cancel if wanted."""

    key: str
    kind: str
    body: dict[str, Any]
    stop: bool = False
    task: str | None = None
    replayed: bool = False
    stopped: bool = False

    @property
    def at(self) -> str:
        """The step at which the process was killed."""
        return str(self.body["metadata"]["at"])

    async def submit(self, service: Service) -> None:
        """Repeat the requests that have no answer yet. Raises TransportError when the service dies meanwhile."""
        if self.task is None:
            headers = {"Idempotency-Key": self.key}
            answer = await service.client.post(f"/api/v1/generations/{self.kind}", json=self.body, headers=headers)
            assert answer.status_code == 200, answer.text
            self.task, self.replayed = answer.json()["data"]["task_id"], "idempotent-replayed" in answer.headers
        if self.stop and not self.stopped:
            await eventually(f"{self.task} to be under way", lambda: self._under_way(service))
            answer = await service.client.post(f"/api/v1/tasks/{self.task}/cancel")
            assert answer.status_code == 200, answer.text
            self.stopped = True

    async def _under_way(self, service: Service) -> bool:
        view = await service.get(f"/api/v1/tasks/{self.task}")
        return bool(view["status"] == "failed" or view.get("phase") in {"submitted", "rendering"})


@dataclass
class Scenario:
    """One course of a task. `spared`: steps that it has in common with another scenario, which covers them."""

    name: str
    kind: str
    body: dict[str, Any]
    stop: bool = False
    spared: Set[str] = frozenset()
    wishes: list[WantedTask] = field(default_factory=list[WantedTask])
    problems: list[str] = field(default_factory=list[str])

    def wish(self, at: str) -> WantedTask:
        """A new task whose steps are counted."""
        number = len(self.wishes)
        body = {**self.body, "prompt": f"wish{number}x {self.body['prompt']}", "metadata": {"at": at}}
        self.wishes.append(WantedTask(f"{self.name} {at} {number}", self.kind, body, self.stop))
        return self.wishes[-1]

    async def rehearse(self, rig: KillRig) -> list[str]:
        """Run one task without a kill. Returns its steps: those of a task whose call was sent in time."""
        for _ in range(MAX_REHEARSALS):
            async with rig.service_killed_at(NEVER) as service:
                wish = self.wish(NEVER)
                await wish.submit(service)
                await service.ended(str(wish.task))
                await service.stop()
            if LATE not in service.log():
                steps = [line.removeprefix("step ") for line in service.lines if line.startswith("step ")]
                return [step for step in steps if step not in self.spared]
        raise AssertionError(f"{self.name}: in {MAX_REHEARSALS} rehearsals no call was sent in time")

    async def die_at(self, step: str, rig: KillRig) -> None:
        """Start, finish the tasks of the killed runs, and die at the step of a new task."""
        async with rig.service_killed_at(step) as service:
            try:
                for left in self.wishes:
                    await left.submit(service)
                wish = self.wish(step)
                await wish.submit(service)
                await service.ended(str(wish.task))
                if not step.startswith(ELASTIC) and LATE not in service.log():
                    self.problems.append(f"{step} was never reached")
                await service.kill()
            except httpx.TransportError:
                pass
            if await service.gone() != -signal.SIGKILL:
                self.problems.append(f"{step}: ended with {service.process.returncode}\n{service.log()}")

    async def run(self, rig: KillRig, settled: Callable[[str], Awaitable[None]]) -> dict[str, dict[str, Any]]:
        """Die at every step, then start once more without a kill, so that all tasks must end.

        Returns the views of all tasks by id."""
        for step in await self.rehearse(rig):
            await self.die_at(step, rig)
        async with rig.service_killed_at(NEVER) as service:
            for left in self.wishes:
                await left.submit(service)
            await settled(rig.dsn)
            views = [await service.get(f"/api/v1/tasks/{wish.task}") for wish in self.wishes]
            for view in views:
                images = view.get("result", {}).get("images", [])
                found = [(await service.client.get(image["url"])).status_code for image in images]
                if view["status"] == "completed" and found != [200] * self.body.get("n", 1):
                    self.problems.append(f"{view['id']}: its images answer {found}")
        self.problems += [
            f"{wish.task}: {'a replay' if wish.replayed else 'no replay'}"
            for wish in self.wishes
            if wish.replayed != (wish.at == "append.TaskRequested:1:after")
        ]
        return {view["id"]: view for view in views}

    def described(self, problems: Sequence[str]) -> list[str]:
        """All problems, each with the step that caused it."""
        return [f"{self.name}: {self._with_step(problem)}" for problem in [*self.problems, *problems]]

    def _with_step(self, problem: str) -> str:
        return next((f"killed at {wish.at}: {problem}" for wish in self.wishes if str(wish.task) in problem), problem)


async def run_all(scenarios: Sequence[Scenario], run: Callable[[Scenario], Awaitable[list[str]]]) -> None:
    """Run all scenarios side by side. Raises AssertionError with the problems of all of them."""
    problems = [each for found in await asyncio.gather(*map(run, scenarios)) for each in found]
    print(f"killed at {sum(len(scenario.wishes) - 1 for scenario in scenarios)} steps")
    assert not problems, "\n".join(problems)
