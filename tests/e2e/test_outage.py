"""PostgreSQL goes and comes back under load: honest answers meanwhile, nothing lost, and Pixel runs on."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.postgres.database import migrate
from tests.e2e import laws
from tests.e2e.database import Server
from tests.e2e.providers import UP
from tests.e2e.service import Service, eventually, image_request, pixel, until_ready
from tests.patience import patient


class Load:
    """Clients that never pause: they request images, read old ones, and list. Counts the answers by kind of request.

    Right answers are: 200, and 503 that says when to come back, both in the documented form."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.answered: dict[str, str] = {}
        self.seen: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self._number = 0

    async def post(self) -> None:
        """One request for an image; repeated with its key until it is answered."""
        self._number += 1
        # Rarely, and never one failure after another, because a lane that slows down is not tested here.
        fault = {3: "rate_limited", 8: "timeout_before", 13: "timeout_after", 18: "unreachable"}.get(self._number % 20)
        body = image_request(latency=0.3, **({"fault": fault} if fault else {}))
        headers = {"Idempotency-Key": f"key-{self._number}"}
        while (
            answer := await self._ask("post", "POST", "/api/v1/generations/image", json=body, headers=headers)
        ) is None:
            await asyncio.sleep(0.05)
        self.answered[answer["task_id"]] = "completed"

    async def look(self) -> None:
        """One read of the newest task, in each way."""
        task = next(reversed(self.answered), None)
        if task is not None:
            await self._ask("get", "GET", f"/api/v1/tasks/{task}")
            await self._ask("history", "GET", f"/api/v1/tasks/{task}/history")
        await self._ask("list", "GET", "/api/v1/tasks?limit=1")

    async def _ask(self, what: str, method: str, path: str, **options: Any) -> Any:
        try:
            answer = await self.service.client.request(method, path, **options)
        except httpx.TransportError as error:
            self.wrong.append(f"{what}: {error!r}")
            return None
        self.seen[what, answer.status_code] += 1
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.status_code == 200:
            return body["data"]
        if answer.status_code != 503 or "retry-after" not in answer.headers or set(body) != FAILURE:
            self.wrong.append(f"{what}: {answer.status_code} {dict(answer.headers)} {answer.text}")
        return None

    async def until(self, status: int, *, asked: set[str]) -> None:
        """Wait until everything that is asked has got such an answer from now on."""
        before = Counter(self.seen)

        async def all_seen() -> bool:
            return all(self.seen[what, status] > before[what, status] for what in asked)

        await eventually(f"{status} for {asked}", all_seen, self.described)

    def described(self) -> str:
        """The answers and the log of the service, for a failed test."""
        return "\n".join([str(dict(self.seen)), *self.wrong[:5], self.service.log(25)])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Four clients that post, two that look."""
        stop = asyncio.Event()

        async def again(one: Any) -> None:
            while not stop.is_set():
                await one()
                await asyncio.sleep(0.03)

        async with asyncio.TaskGroup() as group:
            for one in (self.post, self.post, self.post, self.post, self.look, self.look):
                group.create_task(again(one))
            try:
                yield
            finally:
                stop.set()


FAILURE = {"code", "message", "request_id"}
ASKED = {"post", "get", "list", "history"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["crash", "restart"])
async def test_pixel_outlives_its_database(folder: Path, how: signal.Signals) -> None:
    """While PostgreSQL is away every request is answered by 503 with Retry-After; when it is back everything goes on
    in the same process, and every task that was answered is there and ends."""
    server = Server(folder / "server")
    async with server.running():
        await migrate(server.dsn)
        async with pixel(server.dsn, folder, settings={"append_patience_seconds": 1}) as service:
            load = Load(service)
            async with load.running():
                await load.until(200, asked=ASKED)
                await server.end(how)
                await load.until(503, asked=ASKED)
                assert (await service.client.get("/health/live")).status_code == 200
                away = await service.client.get("/health/ready")
                assert (away.status_code, away.json()["status"]) == (503, "unavailable"), away.text
                assert (await service.client.get("/metrics")).status_code == 200
                assert (await service.get("/api/v1/models"))["image"]
                async with server.running():  # the outer one stops it
                    pass
                await load.until(200, asked=ASKED)
                await until_ready(service, *UP)  # some of the load's calls are always in doubt
            await laws.settled(server.dsn)
            await until_ready(service)
            problems = laws.broken(await laws.read(server.dsn), load.answered)
            assert not problems, "\n".join(problems)
            assert not load.wrong, "\n".join(load.wrong)
            assert load.answered
            assert not service.trouble(), "\n".join(service.trouble())


async def test_a_database_that_hangs_keeps_nobody_waiting(folder: Path) -> None:
    """PostgreSQL stands still, as on a disk that hangs: it is not gone, and says nothing. Everybody has an answer long
    before it goes on, by the patience that is set; then everything goes on, and nothing is there twice."""
    server = Server(folder / "server")
    async with server.running():
        await migrate(server.dsn)
        async with pixel(server.dsn, folder, settings={"append_patience_seconds": 1}) as service:
            task = await service.post("image", image_request())
            await service.ended(task)
            headers = {"Idempotency-Key": "one"}
            with server.standing_still():
                asked = {
                    "post": service.client.post("/api/v1/generations/image", json=image_request(), headers=headers),
                    "get": service.client.get(f"/api/v1/tasks/{task}"),
                    "wait": service.client.get(f"/api/v1/tasks/{task}", headers={"Prefer": "wait=5"}),
                    "list": service.client.get("/api/v1/tasks"),
                    "history": service.client.get(f"/api/v1/tasks/{task}/history"),
                    "past": service.client.get(f"/api/v1/tasks/{task}?version=1"),
                    "cancel": service.client.post(f"/api/v1/tasks/{task}/cancel"),
                    "calls": service.client.get("/api/v1/admin/calls"),
                    "ready": service.client.get("/health/ready"),
                }
                crowd = [service.client.get(f"/api/v1/tasks?limit={n}") for n in range(1, 20)]
                async with asyncio.timeout(patient(12)):  # 15 seconds was what the driver waited before
                    answers = await asyncio.gather(*asked.values(), *crowd)
                found = {name: answer.status_code for name, answer in zip(asked, answers, strict=False)}
                assert found == dict.fromkeys(asked, 503)
                assert {answer.status_code for answer in answers[len(asked) :]} == {503}
                assert all("retry-after" in answer.headers for answer in answers[: len(asked) - 1])
                assert (await service.client.get("/metrics")).status_code == 200
            await until_ready(service)
            again = [await service.post("image", image_request(), key="one") for _ in range(2)]
            assert again[0] == again[1]
            assert (await service.ended(again[0]))["status"] == "completed"
            assert {view["id"] for view in (await service.get("/api/v1/tasks"))["tasks"]} == {task, again[0]}
            assert not service.trouble(), "\n".join(service.trouble())


async def test_a_start_waits_for_its_database(folder: Path) -> None:
    """Started before its database, as after a power cut, it waits for it; then it serves."""
    server = Server(folder / "server")
    async with server.running():
        await migrate(server.dsn)
        await server.end(signal.SIGINT)
        async with pixel(server.dsn, folder, wait="") as service:
            await asyncio.sleep(1.5)
            assert service.alive, service.log()
            async with server.running():
                pass
            await until_ready(service)
