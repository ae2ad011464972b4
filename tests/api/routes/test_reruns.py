"""A task once more: as it was, with other fields, once under a key, and never silently different."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.ids import task_stream
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import IMAGE, TEXT, get, is_failure, tasks_accepted
from tests.samples import png

MODELS = """
providers: {sandbox: {}}
models:
  - {id: sandbox/image, name: First, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.04}]}
  - {id: sandbox/other, name: Other, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.02}]}
"""
LATER = """
providers: {sandbox: {}}
models:
  - {id: sandbox/image, name: Second, type: image, resolutions: {1K: {"1:1": 64*64}},
     currency: USD, prices: [{unit: image, amount: 0.50}]}
  - {id: sandbox/other, name: Other, type: image, resolutions: {1K: {"1:1": 64*64}},
     retired: {replacement: sandbox/image}}
"""
FULL = {
    "prompt": "a cat",
    "model": "sandbox/image",
    "projectId": "p",
    "source": "canvas",
    "sourceId": "c1",
    "metadata": {"scene": 3},
    "extraParams": {"seed": 7},
    "fallbackModels": ["sandbox/other"],
    "deadline": {"finishSeconds": 60, "startSeconds": 30},
}
OF_THE_REQUEST = ("type", "model", "params", "project_id", "source", "source_id", "metadata")


async def make(client: httpx.AsyncClient, body: dict[str, Any], kind: str = "image") -> str:
    answer = await client.post(f"/api/v1/generations/{kind}", json=body)
    assert answer.status_code == 200, answer.text
    task_id: str = answer.json()["data"]["task_id"]
    return task_id


async def rerun(client: httpx.AsyncClient, task: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    answer = await post(client, task, key, **changes)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["data"]
    assert made["rerun_of"] == task
    assert answer.headers["location"] == f"/api/v1/tasks/{made['task_id']}"
    return made


async def post(client: httpx.AsyncClient, task: str, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"with": changes} if changes else None
    return await client.post(f"/api/v1/tasks/{task}/rerun", json=body, headers=headers)


async def requested(client: httpx.AsyncClient, task: str) -> dict[str, Any]:
    """The event that made the task."""
    event: dict[str, Any] = (await client.get(f"/api/v1/tasks/{task}/history")).json()["data"]["events"][0]
    data: dict[str, Any] = event["data"]
    return data


def seconds(event: dict[str, Any], field: str) -> float:
    """How long after the request a deadline is."""
    return (datetime.fromisoformat(event[field]) - datetime.fromisoformat(event["at"])).total_seconds()


async def test_a_rerun_has_the_request_and_the_revision_of_then(new_database_url: str, tmp_path: Path) -> None:
    """After a change of the catalogue the same request is made at the revision and the prices of then; what can't be as
    it was is told; with changed fields it is a new request, and that its model has changed is told."""
    first, later = tmp_path / "first.yaml", tmp_path / "later.yaml"
    await asyncio.to_thread(first.write_text, MODELS)
    await asyncio.to_thread(later.write_text, LATER)
    folder = tmp_path / "data"
    async with running(new_database_url, folder, catalog=str(first), sandbox_stands_in_for="") as (_, client):
        old = await make(client, FULL)
        of_other = await make(client, IMAGE | {"model": "sandbox/other"})
        await get(client, old, wait=30)
    async with running(new_database_url, folder, catalog=str(later), sandbox_stands_in_for="") as (_, client):
        made = await rerun(client, old)
        assert made["estimated_cost"]["amount"] == "0.04"
        assert made["differences"] == ["fallbackModels: 'sandbox/other' can't be had any more, and won't take over"]
        one, other = await get(client, old), await get(client, made["task_id"], wait=30)
        assert {name: one[name] for name in OF_THE_REQUEST} == {name: other[name] for name in OF_THE_REQUEST}
        assert (other["rerun_of"], other["status"]) == (old, "completed")
        assert other["cost"]["amount"] == "0.04"
        assert [image["asset_id"] for image in other["result"]["images"]] == [
            image["asset_id"] for image in one["result"]["images"]
        ], "the same seed"
        event = await requested(client, made["task_id"])
        assert (event["model_revision"], event["rerun_of"]) == (1, old)
        assert (seconds(event, "finish_by"), seconds(event, "start_by")) == (60, 30)

        changed = await rerun(client, old, prompt="a dog", fallbackModels=None, extraParams={"seed": 8})
        assert changed["estimated_cost"]["amount"] == "0.5"
        assert changed["differences"] == ["model: 'sandbox/image' is at revision 2 by now, and was at 1"]
        event = await requested(client, changed["task_id"])
        assert event["params"] == {"prompt": "a dog", "extraParams": {"seed": 8}}
        assert (event["project_id"], event["metadata"], event.get("fallbacks")) == ("p", {"scene": 3}, None)
        assert (seconds(event, "finish_by"), seconds(event, "start_by")) == (60, 30)

        message = is_failure(await post(client, of_other), 400)
        assert message.startswith(
            "Model 'sandbox/other' is retired. Use 'sandbox/image' instead. A task can be made ag"
        )
        assert (await rerun(client, of_other, model="sandbox/image"))["task_id"]


async def test_old_and_new_are_linked_both_ways(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """The new task names the old one, in its view and as the cause of its event; lists find the new ones by the old."""
    old, stranger = await make(client, TEXT, "text"), await make(client, TEXT, "text")
    new = [(await rerun(client, old))["task_id"] for _ in range(3)]
    again = (await rerun(client, new[0]))["task_id"]
    await rerun(client, stranger)

    async def listed(query: str) -> list[str]:
        answer = await client.get(f"/api/v1/tasks?{query}")
        return [task["id"] for task in answer.json()["data"]["tasks"]]

    assert await listed(f"rerunOf={old}") == new[::-1]
    assert await listed(f"rerunOf={old}&type=llm&limit=2") == new[:0:-1]
    assert await listed(f"rerunOf={new[0]}") == [again]
    assert await listed(f"rerunOf={again}") == []
    cause = await pixel.pool.fetchval(
        "SELECT metadata ->> 'causation_id' FROM stored_events WHERE originator_version = 1 AND originator_id = $1",
        task_stream(new[0]),
    )
    assert cause == old


async def test_one_rerun_under_a_key(client: httpx.AsyncClient) -> None:
    """The same key, task and changes are the same new task, also when sent at once; anything else is refused, and so is
    the key of another request."""
    old, other = await make(client, TEXT, "text"), await make(client, TEXT, "text")
    made = await asyncio.gather(*(rerun(client, old, "again") for _ in range(5)))
    assert len({each["task_id"] for each in made}) == 1
    answer = await post(client, old, "again")
    assert answer.headers["idempotent-replayed"] == "true"
    for task, changes in ((other, {}), (old, {"prompt": "goodbye"})):
        assert "another request" in is_failure(await post(client, task, "again", **changes), 422)
    single = {"Idempotency-Key": "single"}
    assert (await client.post("/api/v1/generations/text", json=TEXT, headers=single)).status_code == 200
    assert "another request" in is_failure(await post(client, old, "single"), 422)


async def test_an_input_that_is_gone_is_told(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """When an asset of the request is no longer there, the rerun is refused and says which, and what to do."""
    upload = await client.post("/api/v1/assets", files={"file": png()})
    asset = upload.json()["data"]["id"]
    old = await make(client, IMAGE | {"imageInputs": [asset]})
    await get(client, old, wait=30)
    for file in await asyncio.to_thread(lambda: list(Path(str(pixel.settings.data_dir)).rglob(f"*{asset[6:70]}*"))):
        await asyncio.to_thread(file.unlink)
    message = is_failure(await post(client, old), 400)
    assert message.startswith(f"imageInputs[0]: there is no asset '{asset}'")
    assert message.endswith('such as {"with": {"model": "…"}}.')
    assert (await rerun(client, old, imageInputs=None))["task_id"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "not valid JSON"),
        (b'{"with": 7}', "with: expected `object | null`"),
        (b'{"without": {}}', "unknown field `without`"),
        (b'{"with": {"colour": "red", "n": 99}}', "colour: is not known"),
        (b'{"with": {"model": "invalid/model"}}', "Model 'invalid/model' not found"),
        (b'{"with": {"prompt": null}}', "prompt: is required"),
        (b'{"with": {"prompt": "\\u0000"}}', "NUL"),
    ],
    ids=repr,
)
async def test_bad_changes_are_told_and_nothing_is_made(
    pixel: Pixel, client: httpx.AsyncClient, body: bytes, told: str
) -> None:
    """What is wrong with a rerun is told as for any request, and nothing is stored."""
    old = await make(client, IMAGE)
    await get(client, old, wait=30)
    before = await tasks_accepted(pixel)
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"/api/v1/tasks/{old}/rerun", content=body, headers=headers)
    assert told in is_failure(answer, answer.status_code)
    assert answer.status_code in {400, 404}
    assert await tasks_accepted(pixel) == before


async def test_only_a_task_can_be_made_again(client: httpx.AsyncClient) -> None:
    """An unknown or malformed id is 404."""
    for wrong in ("task_01kh5rfm0se1jb4gcrc1rz1bq0", "task_x", "batch_01kh5rfm0se1jb4gcrc1rz1bq0"):
        assert is_failure(await post(client, wrong), 404) == f"Task '{wrong}' not found"
