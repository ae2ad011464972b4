"""Tasks over HTTP: current state, cheap polling, waiting, lists, cancelling, history, past versions."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.ids import task_stream
from projections import tasks as read_model
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import get, until
from tests.patience import patient

SLOW = {"sandbox": {"latency": 60}}


async def create(client: httpx.AsyncClient, **fields: Any) -> str:
    """A small image task; returns its id."""
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512", **fields}
    answer = await client.post("/api/v1/generations/image", json=body)
    assert answer.status_code == 200, answer.text
    task_id: str = answer.json()["data"]["task_id"]
    return task_id


async def test_a_task_exists_when_post_has_answered(database_url: str, tmp_path: Path) -> None:
    """Read your writes: with no projector and no worker running at all, GET knows the task at once, and its changes."""
    async with running(database_url, tmp_path):
        pass  # registers the models, and stops the projector for good
    async with running(database_url, tmp_path, role="api") as (pixel, client):
        task_id = await create(client, projectId="p", metadata={"node": 7})
        task = await get(client, task_id)
        assert (task["status"], task["phase"]) == ("pending", "queued")
        assert (task["project_id"], task["metadata"]) == ("p", {"node": 7})
        await client.post(f"/api/v1/tasks/{task_id}/cancel")
        task = await get(client, task_id)
        assert (task["status"], task["error"]["code"]) == ("failed", "cancelled")
        (seen,) = await read_model.find_many(pixel.pool, [task_stream(task_id)])
        assert seen.body is None


async def test_a_stale_row_is_not_trusted(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """A row that is behind its stream is not shown: the stream is folded instead."""
    task_id = await create(client)
    done = await get(client, task_id, wait=30)
    await pixel.pool.execute(
        'UPDATE tasks SET version = 1, body = \'{"id":"stale"}\' WHERE stream = $1', task_stream(task_id)
    )
    assert await get(client, task_id) == done


async def test_polling_is_cheap_and_paced(client: httpx.AsyncClient) -> None:
    """ETag is the version of the stream; If-None-Match gives 304; Retry-After is there until the end, and not after."""
    task_id = await create(client)
    await get(client, task_id, wait=30)
    done = await client.get(f"/api/v1/tasks/{task_id}")
    history = (await client.get(f"/api/v1/tasks/{task_id}/history")).json()["data"]["events"]
    assert done.headers["etag"] == f'"{len(history)}"'
    for answer in (
        await client.get(f"/api/v1/tasks/{task_id}/history"),
        await client.get(f"/api/v1/tasks/{task_id}", params={"version": len(history)}),
    ):
        assert int(answer.headers["x-pixel-position"]) >= history[-1]["position"]
    assert "retry-after" not in done.headers
    for tag in (done.headers["etag"], f"W/{done.headers['etag']}", f'"x", {done.headers["etag"]}', "*"):
        unchanged = await client.get(f"/api/v1/tasks/{task_id}", headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["etag"] == done.headers["etag"]
    changed = await client.get(f"/api/v1/tasks/{task_id}", headers={"If-None-Match": '"1"'})
    assert changed.status_code == 200
    slow = await client.get(f"/api/v1/tasks/{await create(client, extraParams=SLOW)}")
    assert int(slow.headers["retry-after"]) > 0


async def test_waiting_ends_with_the_task(client: httpx.AsyncClient) -> None:
    """Prefer: wait on POST and GET answers early at the end, and with an unfinished task when the time is up."""
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
    answer = await client.post("/api/v1/generations/image", json=body, headers={"Prefer": "wait=30"})
    assert answer.headers["preference-applied"] == "wait=30"
    task_id = answer.json()["data"]["task_id"]
    assert (await get(client, task_id))["status"] == "completed"
    slow = await create(client, extraParams=SLOW)
    answer = await client.get(f"/api/v1/tasks/{slow}", headers={"Prefer": "respond-async, wait=1"})
    assert answer.json()["data"]["status"] in ("pending", "processing")


async def test_many_wait_for_many(client: httpx.AsyncClient) -> None:
    """Every waiter is woken by the end of its own task."""
    ids = [await create(client, extraParams={"sandbox": {"latency": 0.3}}) for _ in range(8)]
    done = await asyncio.gather(*(get(client, task_id, wait=30) for task_id in ids for _ in range(3)))
    assert {task["status"] for task in done} == {"completed"}


async def test_an_idempotency_key_makes_one_task(client: httpx.AsyncClient) -> None:
    """Same key, same body: the same task, with a header. Same key, another body: 422, and nothing is made."""
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
    headers = {"Idempotency-Key": "order-66"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/generations/image", json=body, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["task_id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 4
    reordered = dict(reversed(body.items()))
    again = await client.post("/api/v1/generations/image", json=reordered, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/api/v1/generations/image", json={**body, "n": 2}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "422")
    text = {"prompt": "a cat", "model": "sandbox/text"}
    assert (await client.post("/api/v1/generations/text", json=text, headers=headers)).status_code == 422
    task_id = again.json()["data"]["task_id"]
    assert (await client.post(f"/api/v1/tasks/{task_id}/cancel", headers=headers)).status_code == 200


async def test_a_failed_task_has_the_reason(client: httpx.AsyncClient) -> None:
    """The error of a failed task: our code and words, the provider's, whether to retry, whether it was charged."""
    task = await get(client, await create(client, extraParams={"sandbox": {"fault": "content_rejected"}}), wait=30)
    assert task["status"] == "failed"
    assert task["error"] == {
        "code": "content_rejected_input",
        "message": "The sandbox found the prompt indecent, as asked.",
        "retryable": False,
        "charged": "no",
        "provider_code": "content_policy",
    }
    assert task["finished_at"] >= task["started_at"] >= task["created_at"]


async def test_partial_outputs_are_delivered_and_the_missing_are_named(client: httpx.AsyncClient) -> None:
    """A task with some outputs missing is completed with the others, and names the missing ones with the reason."""
    task = await get(client, await create(client, n=4, extraParams={"sandbox": {"fault": "partial"}}), wait=30)
    assert task["status"] == "completed"
    assert len(task["result"]["images"]) + len(task["result"]["missing"]) == 4
    assert {item["code"] for item in task["result"]["missing"]} == {"render_error"}


@pytest.mark.parametrize("fault", ["rate_limited", "unreachable", "timeout_before", "timeout_after"])
async def test_passing_trouble_is_ridden_out_with_one_effect(
    pixel: Pixel, client: httpx.AsyncClient, fault: str
) -> None:
    """A retryable refusal, no connection, no answer: the task completes, and the work is done once."""
    task_id = await create(client, extraParams={"sandbox": {"fault": fault}})
    assert (await get(client, task_id, wait=30))["status"] == "completed"
    assert await pixel.pool.fetchval("SELECT count(*) FROM sandbox.jobs WHERE task_id = $1", task_id) == 1


async def test_cancelling_reports_what_the_provider_said(client: httpx.AsyncClient) -> None:
    """A running job is cancelled at the provider; the task fails with code cancelled; a second request adds nothing."""
    task_id = await create(client, extraParams=SLOW)
    await until(client, task_id, phase="submitted")
    answers = [(await client.post(f"/api/v1/tasks/{task_id}/cancel")).json()["data"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["status"], answers[0]["outcome"]) == ("failed", "confirmed")
    task = await get(client, task_id)
    assert (task["error"]["code"], task["error"]["charged"]) == ("cancelled", "no")
    types = [e["type"] for e in (await client.get(f"/api/v1/tasks/{task_id}/history")).json()["data"]["events"]]
    assert types.count("CancellationRequested") == types.count("TaskCancelled") == 1


async def test_cancelling_what_has_ended_changes_nothing(client: httpx.AsyncClient) -> None:
    """A completed task stays completed."""
    task_id = await create(client)
    done = await get(client, task_id, wait=30)
    answer = (await client.post(f"/api/v1/tasks/{task_id}/cancel")).json()["data"]
    assert (answer["status"], answer["outcome"]) == ("completed", "already_ended")
    assert await get(client, task_id) == done


async def test_history_holds_every_event(client: httpx.AsyncClient) -> None:
    """Position, version, type, time, actor and data of every event, in order; the request's id is with its event."""
    body = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
    answer = await client.post("/api/v1/generations/image", json=body, headers={"X-Request-ID": "my-request.1"})
    assert answer.headers["x-request-id"] == "my-request.1"
    task_id = answer.json()["data"]["task_id"]
    await get(client, task_id, wait=30)
    events = (await client.get(f"/api/v1/tasks/{task_id}/history")).json()["data"]["events"]
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    positions = [event["position"] for event in events]
    assert positions == sorted(positions)
    assert [event["type"] for event in events] == [
        *("TaskRequested", "ProviderCalled", "ProviderAccepted", "OutputStored", "TaskCompleted")
    ]
    assert (events[0]["actor"], events[0]["request_id"]) == ("anonymous", "my-request.1")
    assert events[1]["actor"].startswith("worker:")
    assert events[0]["data"]["params"]["prompt"] == "a cat"
    assert all({"position", "version", "type", "time", "actor", "data"} <= event.keys() for event in events)


async def test_a_task_at_an_earlier_time(client: httpx.AsyncClient) -> None:
    """?version and ?at give the task of that moment, folded from its events."""
    task_id = await create(client)
    done = await get(client, task_id, wait=30)
    events = (await client.get(f"/api/v1/tasks/{task_id}/history")).json()["data"]["events"]
    statuses = [(await get(client, task_id, query=f"?version={event['version']}"))["status"] for event in events]
    assert statuses == ["pending", "processing", "processing", "processing", "completed"]
    assert await get(client, task_id, query=f"?version={len(events)}") == done
    middle = await get(client, task_id, query=f"?at={events[1]['time'].replace('+', '%2B')}")
    assert middle["status"] == "processing"
    assert (await client.get(f"/api/v1/tasks/{task_id}?at=2020-01-01T00:00:00Z")).status_code == 404
    for wrong in ("version=0", f"version={len(events) + 1}", "version=x", "at=x", "at=2026-01-01&version=1"):
        assert (await client.get(f"/api/v1/tasks/{task_id}?{wrong}")).status_code == 400


async def test_a_list_is_filtered_and_paged_in_a_stable_order(client: httpx.AsyncClient) -> None:
    """Newest first; a page goes on where the page before ended, whatever has come in since."""
    ids = [await create(client, projectId="list", source="canvas", sourceId=f"node{i % 2}") for i in range(7)]
    for task_id in ids:
        await get(client, task_id, wait=30)
    async with asyncio.timeout(patient(20)):
        while len((await listed(client, "projectId=list&status=completed"))["tasks"]) < 7:
            await asyncio.sleep(0.02)
    seen: list[str] = []
    query = "projectId=list&limit=3"
    for _ in range(3):
        page = await listed(client, query)
        seen += [task["id"] for task in page["tasks"]]
        # The task does not end during the test, so the list of completed tasks stays the same.
        await create(client, projectId="list", extraParams={"sandbox": {"latency": 600}})
        if page["next_cursor"] is None:
            break
        query = f"projectId=list&limit=3&cursor={page['next_cursor']}"
    assert seen == ids[::-1]
    assert [task["id"] for task in (await listed(client, "projectId=list&sourceId=node1"))["tasks"]] == ids[5::-2]
    some = await listed(client, f"ids={ids[0]},{ids[2]},task_nonsense")
    assert [task["id"] for task in some["tasks"]] == [ids[2], ids[0]]
    first = await get(client, ids[0])
    for query, count in (
        *(("type=image&projectId=list&status=completed", 7), ("type=video&projectId=list", 0)),
        *(("model=sandbox/image&projectId=list&status=failed", 0), ("source=elsewhere&projectId=list", 0)),
        *((f"projectId=list&createdBefore={first['created_at']}", 0), ("projectId=nothing", 0)),
        *((f"projectId=list&sourceId=node0&createdAfter={first['created_at']}", 3), ("ids=task_nonsense", 0)),
    ):
        assert len((await listed(client, query))["tasks"]) == count, query
    image = (await listed(client, f"ids={ids[0]}"))["tasks"][0]["result"]["images"][0]
    assert image["url"].startswith("http://pixel.test/api/v1/assets/")


@pytest.mark.parametrize("said", ["nothing of it", '"url":"/api/v1/assets/x"'])
@pytest.mark.parametrize("metadata", [{"node": 7}, {"url": "/api/v1/assets/mine", "n": [{"url": "/api/v1/assets/y"}]}])
async def test_links_are_whole_and_only_ours(client: httpx.AsyncClient, said: str, metadata: dict[str, Any]) -> None:
    """Media have whole addresses; what the caller wrote comes back as it was, even where it looks like one of ours."""
    task_id = await create(client, prompt=said, metadata=metadata)
    task = await get(client, task_id, wait=30)
    assert task["status"] == "completed"
    assert [image["url"].partition("asset_")[0] for image in task["result"]["images"]] == [
        "http://pixel.test/api/v1/assets/"
    ]
    assert task["params"]["prompt"] == said
    assert task["metadata"] == metadata


async def listed(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    """A page of tasks."""
    answer = await client.get(f"/api/v1/tasks?{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()["data"]
    return page


async def test_unknown_query_parameters_of_a_task_are_ignored(client: httpx.AsyncClient) -> None:
    """A frontend may add a cache buster to its polls."""
    assert await get(client, await create(client), query="?_=17")
