"""Laws of lists: never older than what this process has answered, and the wait is bounded."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from projections import following
from services import read_your_writes
from services.state import Pixel
from tests.api.conftest import running
from tests.patience import patient

IMAGE = "/api/v1/generations/image"
CAT = {"prompt": "a cat", "model": "sandbox/image"}


@asynccontextmanager
async def held(database_url: str) -> AsyncGenerator[None]:
    """Meanwhile the read model of the tasks can be read and gets no further."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE tasks_1.tasks IN EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def waits(pixel: Pixel, asking: "asyncio.Task[httpx.Response]") -> None:
    """Wait until the list reads the position of its read model, or has its answer."""
    async with asyncio.timeout(patient(30)):
        while pixel.read_your_writes["tasks"]._reading is None and not asking.done():
            await asyncio.sleep(0.005)


async def ids(client: httpx.AsyncClient) -> set[str]:
    answer = await client.get("/api/v1/tasks")
    assert answer.status_code == 200, answer.text
    return {task["id"] for task in answer.json()["data"]["tasks"]}


async def test_a_list_holds_what_was_answered_before(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that POST accepted here, or whose newer state GET showed here, is in the next list; so is what another
    process has accepted, for who says its position."""
    monkeypatch.setattr(read_your_writes, "MAX_SECONDS", 30.0)
    async with (
        running(database_url, tmp_path) as (pixel, client),
        running(database_url, tmp_path, role="api") as (other, elsewhere),
    ):
        async with held(database_url):
            accepted = await client.post(IMAGE, json=CAT)
            task, position = accepted.json()["data"]["task_id"], int(accepted.headers["x-pixel-position"])
            here = asyncio.create_task(client.get("/api/v1/tasks"))
            told = asyncio.create_task(elsewhere.get("/api/v1/tasks", params={"atLeast": position}))
            await waits(pixel, here)
            await waits(other, told)
            assert (await elsewhere.get(f"/api/v1/tasks/{task}")).json()["data"]["id"] == task
            seen = asyncio.create_task(elsewhere.get("/api/v1/tasks"))
            await waits(other, seen)
        for answer in (await here, await told, await seen):
            assert [view["id"] for view in answer.json()["data"]["tasks"]] == [task]
            assert int(answer.headers["x-pixel-position"]) >= position
            assert "x-pixel-stale" not in answer.headers


async def test_who_waits_for_a_list_does_not_wait_for_more_events(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner that lets events come together stops doing so when a list needs them."""
    monkeypatch.setattr(read_your_writes, "MAX_SECONDS", 60.0)
    monkeypatch.setattr(following, "GATHER_SECONDS", 3600.0)
    async with running(database_url, tmp_path) as (_, client), asyncio.timeout(patient(50)):
        tasks: set[str] = set()
        for _ in range(3):
            tasks.add((await client.post(IMAGE, json=CAT)).json()["data"]["task_id"])
            assert await ids(client) == tasks


async def test_a_list_does_not_wait_for_ever(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a read model that gets no further, the list has what there is, and says so."""
    assert read_your_writes.MAX_SECONDS == 1
    monkeypatch.setattr(read_your_writes, "MAX_SECONDS", 0.3)
    async with running(database_url, tmp_path) as (pixel, client):
        first = (await client.post(IMAGE, json=CAT)).json()["data"]["task_id"]
        async with asyncio.timeout(patient(30)):
            while await ids(client) != {first}:
                await asyncio.sleep(0.01)
        async with held(database_url):
            second = (await client.post(IMAGE, json=CAT)).json()["data"]["task_id"]
            assert await ids(client) == {first}
            answer = await client.get("/api/v1/tasks")
            assert answer.headers["x-pixel-stale"] == "true"
            assert int(answer.headers["x-pixel-position"]) < pixel.log.newest
        async with asyncio.timeout(patient(30)):
            while await ids(client) != {first, second}:
                await asyncio.sleep(0.01)
