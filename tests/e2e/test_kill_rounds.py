"""`kill -9` at any moment, with everything under way, again and again: `PIXEL_TEST_KILL_ROUNDS=20` for twenty times."""

import asyncio
import os
import random
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e import laws
from tests.e2e.providers import UP
from tests.e2e.service import Died, Service, pixel, until_ready

SHORT_LEASE = {"lease_seconds": 0.5}
FAULTS = {
    None: "completed",
    "rate_limited": "completed",
    "unreachable": "completed",
    "timeout_before": "completed",
    "timeout_after": "completed",
    "refused": "failed",
    "content_rejected": "failed",
    "failed": "failed",
    "lost_result": "failed",
    "partial": "completed",
}
KINDS: dict[str, dict[str, Any]] = {
    "image": {"prompt": "a boat", "model": "sandbox/image", "resolution": "512", "n": 2},
    "video": {"prompt": "a boat", "model": "sandbox/video", "resolution": "480p", "duration": "2s", "n": 2},
    "audio": {"prompt": "A boat.", "model": "sandbox/speech"},
    "text": {"prompt": "a boat", "model": "sandbox/text"},
}
PRESSING = 4  # clients
PAUSE_SECONDS = 0.1  # of each of them, so that the end of all tasks does not take longer than the kills


@dataclass
class Crowd:
    """Clients that send requests of all kinds, with all kinds of faults, and repeat them after each kill."""

    random: random.Random
    open: list[tuple[str, str, dict[str, Any], str]] = field(default_factory=list[tuple[str, str, dict[str, Any], str]])
    answered: dict[str, str] = field(default_factory=dict[str, str])
    keys: int = 0

    async def press(self, service: Service) -> None:
        """Send requests until the service dies."""
        async with asyncio.TaskGroup() as group:
            for _ in range(PRESSING):
                group.create_task(self._press(service))

    async def _press(self, service: Service) -> None:
        while True:
            wish = self.open.pop() if self.open else self._wish()
            try:
                await self.ask(service, *wish)
            except httpx.TransportError:
                self.open.append(wish)
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def ask(self, service: Service, key: str, kind: str, body: dict[str, Any], end: str) -> None:
        """One request, and perhaps its cancellation."""
        task = await service.post(kind, body, key)
        self.answered.setdefault(task, end)
        if not end:
            await service.client.post(f"/api/v1/tasks/{task}/cancel", headers={"Prefer": "wait=1"})

    def _wish(self) -> tuple[str, str, dict[str, Any], str]:
        self.keys += 1
        kind = self.random.choices(list(KINDS), (12, 1, 4, 4))[0]
        fault, end = self.random.choice(list(FAULTS.items()))
        if fault == "partial" and kind == "audio":
            end = "failed"  # the only output is missing
        options: dict[str, Any] = {"latency": self.random.choice((0, 0.2, 1))} | ({"fault": fault} if fault else {})
        body = {**KINDS[kind], "extraParams": {"sandbox": options}}
        return f"key {self.keys}", kind, body, "" if self.random.random() < 0.1 else end


async def test_at_any_moment(database_url: str, folder: Path) -> None:
    """Killed again and again at random moments, start-up included, with every kind of task and fault under way: in the
    end each has ended, none is lost, and none has two effects. PIXEL_TEST_KILL_ROUNDS says how often."""
    rounds = int(os.environ.get("PIXEL_TEST_KILL_ROUNDS", "3"))
    seed = int(os.environ.get("PIXEL_TEST_KILL_SEED", random.randrange(1_000_000)))
    crowd = Crowd(random.Random(seed))
    for number in range(rounds):
        moment = crowd.random.uniform(0.3, 1.2) if number % 4 == 0 else crowd.random.uniform(1.2, 4.0)
        async with pixel(database_url, folder, wait="", settings=SHORT_LEASE) as service:

            async def ask(service: Service = service) -> None:
                await until_ready(service, *UP)
                await crowd.press(service)

            asking = asyncio.create_task(ask())
            await asyncio.sleep(moment)
            await service.kill()
            with suppress(Died):
                await asking
    async with pixel(database_url, folder, wait=" ".join(UP), settings=SHORT_LEASE) as service:
        for wish in crowd.open:
            await crowd.ask(service, *wish)
        await laws.settled(database_url)
    books = await laws.read(database_url)
    problems = laws.broken(books, crowd.answered)
    problems += [
        f"{books.describe(task)}: no POST has answered it" for task in books.histories if task not in crowd.answered
    ]
    print(f"seed {seed}: {rounds} kills, {len(books.histories)} tasks, {sum(map(len, books.effects.values()))} effects")
    assert not problems, "\n".join([f"PIXEL_TEST_KILL_SEED={seed}", *problems])
