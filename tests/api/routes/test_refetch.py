"""Laws of `POST /api/v1/tasks/{id}/refetch`: paid outputs that could not be downloaded can be requested again."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.api.simulated_provider import World, simulated
from tests.postgres import fresh_database

NOBODY = "task_01h455vb4pex5vsknk084sn02q"


@pytest.fixture(scope="module")
async def world(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    """One Pixel and one provider for all tests of the module."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        simulated(dsn, tmp_path_factory.mktemp("pixel")) as world,
    ):
        yield world


async def refetch(world: World, task: str, **headers: str) -> httpx.Response:
    """Try again."""
    return await world.client.post(f"/api/v1/tasks/{task}/refetch", headers=headers)


async def unfetched(world: World, *, times: int = 1) -> str:
    """A task whose image was made and paid for, and could not be fetched, nor the next times."""
    await world.fault("gone_for_good", "/_files/.*", times)
    task = await world.ask()
    view = await world.ended(task)
    assert (view["status"], view["error"]["code"], view["error"]["charged"]) == ("failed", "outputs_not_fetched", "yes")
    return task


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """What happened."""
    return [event["type"] for event in events]


async def test_a_refetch_brings_home_what_was_paid_for(world: World) -> None:
    """The failed task goes on, its image is fetched, nothing is paid again, and the history names the caller."""
    task = await unfetched(world)
    prompt = (await world.task(task))["params"]["prompt"]
    answer = await refetch(world, task, Prefer="wait=20")
    assert answer.status_code == 200, answer.text
    view = answer.json()["data"]
    assert (view["id"], view["status"], len(view["result"]["images"])) == (task, "completed", 1)
    assert "error" not in view
    events = await world.history(task)
    assert answer.headers["etag"] == f'"{len(events)}"'
    assert kinds(events)[-3:] == ["RefetchRequested", "OutputStored", "TaskCompleted"]
    (asked,) = [event for event in events if event["type"] == "RefetchRequested"]
    assert (asked["actor"], asked["data"]["by"]) == ("anonymous", "anonymous")
    assert kinds(events).count("ProviderCalled") == 1
    assert world.billed(prompt) == 1


async def test_a_refetch_that_fails_may_be_repeated(world: World) -> None:
    """It ends as it did before, and the next one may bring it."""
    task = await unfetched(world, times=2)
    again = (await refetch(world, task, Prefer="wait=20")).json()["data"]
    assert (again["status"], again["error"]["code"]) == ("failed", "outputs_not_fetched")
    done = (await refetch(world, task, Prefer="wait=20")).json()["data"]
    assert done["status"] == "completed"
    assert kinds(await world.history(task)).count("RefetchRequested") == 2


async def test_asking_twice_is_asking_once(world: World) -> None:
    """During the download another refetch adds nothing; afterwards there is nothing left to fetch."""
    task = await unfetched(world)
    answers = [await refetch(world, task), await refetch(world, task)]
    assert answers[0].status_code == 200
    assert answers[0].json()["data"]["status"] in {"processing", "completed"}
    assert answers[1].status_code in {200, 409}  # it may be there already
    assert (await world.ended(task))["status"] == "completed"
    assert kinds(await world.history(task)).count("RefetchRequested") == 1
    late = await refetch(world, task)
    assert (late.status_code, late.json()["message"]) == (
        409,
        "This task has no output that is still to be fetched.",
    )


async def test_there_has_to_be_something_to_fetch(world: World) -> None:
    """A task that is not there, that made a text, or whose outcome nobody knows, has nothing to fetch."""
    for task in (NOBODY, "task_", "nonsense"):
        answer = await refetch(world, task)
        assert (answer.status_code, answer.json()["message"]) == (404, f"Task '{task}' not found")
    text = await world.ask("text")
    await world.ended(text)
    doubt = (await world.doubt("text")).removesuffix(".1")
    for task in (text, doubt):
        before = await world.history(task)
        assert (await refetch(world, task)).status_code == 409
        assert await world.history(task) == before
    assert (await refetch(world, text, **{"Idempotency-Key": ""})).status_code == 400
