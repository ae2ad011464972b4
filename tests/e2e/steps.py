"""Dying at every step: a task is told once without a kill, and then once for each of its steps, killed there.

The kills of one story share a database: each start works off what the killed ones left, and dies in its turn."""

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
# What a slow machine may do fewer times than the rehearsal did.
ELASTIC = ("poll", "lookup", "append.ProviderProgressed")
# Nothing has been sent yet.
UNSENT = {"append.TaskRequested:1:before", "append.TaskRequested:1:after", "append.ProviderCalled:1:before"}


class Ground(NamedTuple):
    """Where a story happens."""

    dsn: str
    folder: Path
    settings: Mapping[str, object] = MappingProxyType({"lease_seconds": 0.5})
    environment: Mapping[str, str] = MappingProxyType({})

    def killable(self, at: str) -> AbstractAsyncContextManager[Service]:
        """A service that dies at a step."""
        return pixel(
            self.dsn,
            self.folder,
            module="tests.e2e.killable",
            options=("--at", at),
            wait="ready degraded",  # degraded: calls wait for a person
            settings={"database_connections": 3, **self.settings},
            environment=self.environment,
        )


@dataclass
class Wish:
    """A task that somebody wants: the same key until it is answered, and stopped again until that is answered."""

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

    async def press(self, service: Service) -> None:
        """Ask for what has not been answered yet. Raises TransportError when the service dies meanwhile."""
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
        return bool(view["status"] == "failed" or view.get("phase") == "rendering")


@dataclass
class Story:
    """One way that a task can go. `spared`: the steps at which another story dies for this one, being the same."""

    name: str
    kind: str
    body: dict[str, Any]
    stop: bool = False
    spared: Set[str] = frozenset()
    wishes: list[Wish] = field(default_factory=list[Wish])
    problems: list[str] = field(default_factory=list[str])

    def wish(self, at: str) -> Wish:
        """A new task whose steps count."""
        number = len(self.wishes)
        body = {**self.body, "prompt": f"wish{number}x {self.body['prompt']}", "metadata": {"at": at}}
        self.wishes.append(Wish(f"{self.name} {at} {number}", self.kind, body, self.stop))
        return self.wishes[-1]

    async def rehearse(self, ground: Ground) -> list[str]:
        """One task without a kill: the steps that there are."""
        async with ground.killable(NEVER) as service:
            wish = self.wish(NEVER)
            await wish.press(service)
            await service.ended(str(wish.task))
            await service.stop()
        steps = [line.removeprefix("step ") for line in service.lines if line.startswith("step ")]
        return [step for step in steps if step not in self.spared]

    async def die_at(self, step: str, ground: Ground) -> None:
        """Start, work off what the killed ones left, and die at the step of a new task."""
        async with ground.killable(step) as service:
            try:
                for left in self.wishes:
                    await left.press(service)
                wish = self.wish(step)
                await wish.press(service)
                await service.ended(str(wish.task))
                if not step.startswith(ELASTIC):
                    self.problems.append(f"{step} was never reached")
                await service.kill()
            except httpx.TransportError:
                pass
            if await service.gone() != -signal.SIGKILL:
                self.problems.append(f"{step}: ended with {service.process.returncode}\n{service.log()}")

    async def tell(self, ground: Ground, settled: Callable[[str], Awaitable[None]]) -> dict[str, dict[str, Any]]:
        """Die at every step, then start once more and leave it alone: now everything has to end. The views of all
        tasks, by their ids."""
        for step in await self.rehearse(ground):
            await self.die_at(step, ground)
        async with ground.killable(NEVER) as service:
            for left in self.wishes:
                await left.press(service)
            await settled(ground.dsn)
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

    def told(self, problems: Sequence[str]) -> list[str]:
        """All problems, each with the step that it comes from."""
        return [f"{self.name}: {self._with_step(problem)}" for problem in [*self.problems, *problems]]

    def _with_step(self, problem: str) -> str:
        return next((f"killed at {wish.at}: {problem}" for wish in self.wishes if str(wish.task) in problem), problem)


async def tell_all(stories: Sequence[Story], tell: Callable[[Story], Awaitable[list[str]]]) -> None:
    """All stories side by side. Raises AssertionError with every problem that any of them met."""
    problems = [each for found in await asyncio.gather(*map(tell, stories)) for each in found]
    print(f"killed at {sum(len(story.wishes) - 1 for story in stories)} steps")
    assert not problems, "\n".join(problems)
