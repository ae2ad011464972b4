"""`kill -9` of a real `pixel serve` at every step of a task, then a restart: nothing is lost, nothing is paid twice."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import laws
from tests.e2e.conftest import Databases
from tests.e2e.service import Service, eventually, picture, pixel, postgres_processes, sql

NEVER = "never:0:before"
# What a slow machine may do fewer times than the rehearsal did.
ELASTIC = ("poll", "lookup", "append.ProviderProgressed")
# The same in every story: one of them dies there for all.
COMMON = {
    "append.TaskRequested:1:before",
    "append.TaskRequested:1:after",
    "append.ProviderCalled:1:before",
    "append.ProviderCalled:1:after",
    "submit:1:before",
}


@dataclass
class Wish:
    """A task that somebody wants: the same key until it is answered, and stopped again until that is answered."""

    key: str
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
            answer = await service.client.post("/api/v1/generations/image", json=self.body, headers=headers)
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
    """One way that a task can go, and how it ends whatever is killed on the way."""

    name: str
    sandbox: dict[str, Any]
    n: int = 1
    stop: bool = False
    first: bool = False
    wishes: list[Wish] = field(default_factory=list[Wish])
    problems: list[str] = field(default_factory=list[str])

    def wish(self, at: str) -> Wish:
        """A new task whose steps count."""
        body = {**picture(at=at, **self.sandbox), "n": self.n}
        self.wishes.append(Wish(f"{self.name} {at} {len(self.wishes)}", body, self.stop))
        return self.wishes[-1]

    async def rehearse(self, dsn: str, folder: Path) -> list[str]:
        """One task without a kill: the steps that there are."""
        async with killable(dsn, folder, NEVER) as service:
            wish = self.wish(NEVER)
            await wish.press(service)
            await service.ended(str(wish.task))
            await service.stop()
        steps = [line.removeprefix("step ") for line in service.lines if line.startswith("step ")]
        return [step for step in steps if self.first or step not in COMMON]

    async def die_at(self, step: str, dsn: str, folder: Path) -> None:
        """Start, work off what the killed ones left, and die at the step of a new task."""
        async with killable(dsn, folder, step) as service:
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

    async def conclude(self, dsn: str, folder: Path) -> list[str]:
        """One last start, that is left alone: now everything has to end, and the books have to agree."""
        async with killable(dsn, folder, NEVER) as service:
            for left in self.wishes:
                await left.press(service)
            await laws.settled(dsn)
            for wish in self.wishes:
                self.problems += await self._of_the_answer(service, wish)
        tasks = {str(wish.task): "cancelled" if self.stop else "completed" for wish in self.wishes}
        books = await laws.read(dsn)
        self.problems += [f"{task} comes from a repeated key" for task in books.histories if task not in tasks]
        self.problems += [
            f"{wish.task}: {'a replay' if wish.replayed else 'no replay'}"
            for wish in self.wishes
            if wish.replayed != (wish.at == "append.TaskRequested:1:after")
        ]
        return [f"{self.name}: {self._with_step(each)}" for each in [*self.problems, *laws.broken(books, tasks)]]

    async def _of_the_answer(self, service: Service, wish: Wish) -> list[str]:
        view = await service.get(f"/api/v1/tasks/{wish.task}")
        if self.stop:
            return []
        images = view.get("result", {}).get("images", [])
        found = [(await service.client.get(image["url"])).status_code for image in images]
        return [] if found == [200] * self.n else [f"{wish.task}: of {self.n} images there are {found}"]

    def _with_step(self, problem: str) -> str:
        return next((f"killed at {wish.at}: {problem}" for wish in self.wishes if str(wish.task) in problem), problem)


@asynccontextmanager
async def killable(dsn: str, folder: Path, at: str) -> AsyncGenerator[Service]:
    settings = {"lease_seconds": 0.5, "database_connections": 3}
    async with pixel(dsn, folder, module="tests.e2e.killable", options=("--at", at), settings=settings) as service:
        yield service


STORIES = (
    Story("two images that take a while", {"latency": 0.5}, n=2, first=True),
    Story("no answer, and it was taken", {"fault": "timeout_after", "latency": 0.1}),
    Story("no answer, and nothing had arrived", {"fault": "timeout_before"}),
    Story("too many requests", {"fault": "rate_limited"}),
    Story("stopped on the way", {"latency": 60}, stop=True),
)


async def test_every_step(databases: Databases, folder: Path) -> None:
    """Killed before or after any append and any provider call: every task ends as it should, with one effect."""

    async def tell(story: Story) -> list[str]:
        async with databases() as dsn:
            for step in await story.rehearse(dsn, folder):
                await story.die_at(step, dsn, folder)
            return await story.conclude(dsn, folder)

    problems = [each for found in await asyncio.gather(*map(tell, STORIES)) for each in found]
    print(f"killed at {sum(len(story.wishes) - 1 for story in STORIES)} steps")
    assert not problems, "\n".join(problems)


async def test_a_stop_that_the_provider_confirmed_stays_confirmed(database: str, folder: Path) -> None:
    """Killed between the provider's "I stopped it" and its record, Pixel asks again and is told the same: nothing was
    charged."""
    step = "cancel:1:after"
    async with killable(database, folder, step) as service:
        task = await service.post("image", picture(at=step, latency=2))
        await service.said("append.ProviderAccepted:1:after")
        with pytest.raises(httpx.TransportError):
            await service.client.post(f"/api/v1/tasks/{task}/cancel", headers={"Prefer": "wait=60"})
        await service.gone()
    async with sql(database) as connection:

        async def it_would_be_done() -> bool:
            return bool(await connection.fetchval("SELECT now() > accepted_at + interval '2 s' FROM sandbox.jobs"))

        await eventually("the time when the job would have been done", it_would_be_done)
    async with pixel(database, folder) as service:
        view = await service.ended(task)
    assert (view["error"]["code"], view["error"]["charged"]) == ("cancelled", "no"), view


async def test_its_own_postgres_outlives_it(folder: Path) -> None:
    """Killed on its embedded PostgreSQL, Pixel leaves the server running; the next start joins it, goes on, and stops
    it in the end."""
    async with pixel(None, folder) as service:
        [before] = postgres_processes(folder)
        task = await service.post("image", picture(latency=1))
        await service.kill()
    assert postgres_processes(folder) == [before]
    async with pixel(None, folder) as service:
        assert postgres_processes(folder) == [before]
        assert (await service.ended(task))["status"] == "completed"
    assert not postgres_processes(folder)
