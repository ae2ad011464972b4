"""Batches over HTTP: all or each, once under a key, within the budgets, and what became of them together."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import AUDIO, IMAGE, TEXT, VIDEO, get, is_failure, until
from tests.patience import patient
from tests.postgres import fresh_database

BATCHES = "/api/v1/batches"
IMAGE_ITEM, VIDEO_ITEM, AUDIO_ITEM = (
    {"kind": k} | b for k, b in (("image", IMAGE), ("video", VIDEO), ("audio", AUDIO))
)
TEXT_ITEM = {"kind": "text"} | TEXT
SLOW = IMAGE_ITEM | {"extraParams": {"sandbox": {"latency": 600}}}
FAILING = IMAGE_ITEM | {"extraParams": {"sandbox": {"fault": "content_rejected"}}}
UNKNOWN = {"kind": "image", "prompt": "a cat", "model": "invalid/model"}
MODELS = """
providers:
  sandbox: {}
models:
  - {id: sandbox/image, name: P, type: image, currency: USD, prices: [{unit: image, amount: 0.04}], limits: {n: 4}}
  - {id: sandbox/free, name: Free, type: image, currency: EUR, prices: [{unit: call, amount: 0}]}
budgets: [{most: 0.1, project: "*"}]
"""


async def make(client: httpx.AsyncClient, *requests: Any, key: str | None = None, **fields: Any) -> dict[str, Any]:
    """A batch that is accepted."""
    answer = await post(client, *requests, key=key, **fields)
    assert answer.status_code == 200, answer.text
    batch: dict[str, Any] = answer.json()["data"]
    assert answer.headers["location"] == f"{BATCHES}/{batch['id']}"
    return batch


async def post(client: httpx.AsyncClient, *requests: Any, key: str | None = None, **fields: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(BATCHES, json={"requests": list(requests)} | fields, headers=headers)


async def read(client: httpx.AsyncClient, batch: str) -> dict[str, Any]:
    answer = await client.get(f"{BATCHES}/{batch}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def ended(client: httpx.AsyncClient, batch: str) -> dict[str, Any]:
    """The batch, once all of its tasks have ended."""
    async with asyncio.timeout(patient(60)):
        while not (found := await read(client, batch))["ended"]:
            await asyncio.sleep(0.02)
    return found


async def count(pixel: Pixel) -> int:
    """How many events there are of requests, and of batches of them."""
    found: int = await pixel.pool.fetchval(
        "SELECT count(*) FROM stored_events WHERE topic IN ('TaskRequested', 'BatchRequested')"
    )
    return found


# --- Accepted ---


async def test_requests_of_all_kinds_become_tasks_in_one_commit(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Each request becomes a task of its kind, in their order, and all events are of one transaction."""
    batch = await make(client, IMAGE_ITEM, VIDEO_ITEM, AUDIO_ITEM, TEXT_ITEM, TEXT_ITEM | {"kind": "llm"})
    assert (batch["mode"], batch["ended"]) == ("all", False)
    assert batch["counts"] == {"pending": 5, "processing": 0, "completed": 0, "failed": 0}
    assert [task["index"] for task in batch["tasks"]] == [0, 1, 2, 3, 4]
    found = await ended(client, batch["id"])
    assert found["counts"] == {"pending": 0, "processing": 0, "completed": 5, "failed": 0}
    tasks = [await get(client, task["task_id"]) for task in found["tasks"]]
    assert [task["type"] for task in tasks] == ["image", "video", "audio", "llm", "llm"]
    assert {task["batch_id"] for task in tasks} == {batch["id"]}
    assert found["ended_at"] == max(task["finished_at"] for task in tasks)
    commits = await pixel.pool.fetchval(
        "SELECT count(DISTINCT xid) FROM stored_events "
        "WHERE topic IN ('TaskRequested', 'BatchRequested') AND convert_from(state, 'UTF8')::jsonb ->> 'batch' = $1",
        batch["id"],
    )
    assert commits == 1


async def test_two_hundred_are_accepted_and_no_more(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """200 requests are a batch; 201 and 0 are refused, and nothing is stored of them."""
    batch = await make(client, *[TEXT_ITEM] * 200)
    assert len({task["task_id"] for task in batch["tasks"]}) == 200
    before = await count(pixel)
    for number in (0, 201):
        message = is_failure(await post(client, *[TEXT_ITEM] * number), 400)
        assert message == f"requests: must be 1 to 200, got {number}"
    assert await count(pixel) == before
    assert (await ended(client, batch["id"]))["counts"]["completed"] == 200


async def test_a_batch_is_current_before_any_read_model_has_it(database_url: str, tmp_path: Path) -> None:
    """While no read model follows the log, a batch is read from its events."""
    async with running(database_url, tmp_path / "all") as (_, client):
        batch = await make(client, TEXT_ITEM, FAILING)
        await ended(client, batch["id"])
    async with running(database_url, tmp_path / "api", role="api") as (_, client):
        second = await make(client, SLOW, TEXT_ITEM)
        await client.post(f"/api/v1/tasks/{second['tasks'][0]['task_id']}/cancel")
        assert (await read(client, second["id"]))["counts"] == {
            "pending": 1,
            "processing": 0,
            "completed": 0,
            "failed": 1,
        }
        assert (await read(client, batch["id"]))["counts"]["completed"] == 1


# --- Refused ---


async def test_one_bad_item_refuses_all_and_every_problem_is_told(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """In mode `all` nothing is recorded, and each item's problems are told under its index."""
    before = await count(pixel)
    wrong = IMAGE_ITEM | {"n": 99, "aspectRatio": "7:3"}
    answer = await post(client, IMAGE_ITEM, wrong, TEXT_ITEM, UNKNOWN, {"kind": "hologram"}, 7, {"prompt": "no kind"})
    message = is_failure(answer, 400)
    for told in (
        "requests[1]: aspectRatio: '7:3' is not offered",
        "n: must be from 1 to",
        "requests[3]: Model 'invalid/model' not found",
        "requests[4]: kind: choose one of image, video, audio, text",
        "requests[5]: must be a JSON object",
        "requests[6]: kind: choose one of",
    ):
        assert told in message
    assert "requests[0]" not in message
    assert "requests[2]" not in message
    assert await count(pixel) == before


async def test_a_batch_of_two_hundred_with_one_bad_item_stores_nothing(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """The one is told, by its index and with its own status."""
    before = await count(pixel)
    answer = await post(client, *[TEXT_ITEM] * 142, UNKNOWN, *[TEXT_ITEM] * 57)
    assert is_failure(answer, 404).startswith("requests[142]: Model 'invalid/model' not found")
    assert await count(pixel) == before


async def test_each_takes_the_good_and_tells_the_bad(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """In mode `each` the good requests are recorded, and the refused ones are kept with their reasons."""
    batch = await make(client, UNKNOWN, TEXT_ITEM, {"kind": "image"}, IMAGE_ITEM, mode="each")
    assert [task["index"] for task in batch["tasks"]] == [1, 3]
    assert [(each["index"], each["code"]) for each in batch["refused"]] == [
        (0, "model_not_found"),
        (2, "invalid_request"),
    ]
    found = await ended(client, batch["id"])
    assert found["counts"]["completed"] == 2
    assert found["refused"] == batch["refused"]
    before = await count(pixel)
    assert "requests[1]" in is_failure(await post(client, UNKNOWN, UNKNOWN, mode="each"), 404)
    assert await count(pixel) == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "Expected `object`"),
        (b'{"requests": {}}', "requests: Expected `array`"),
        (b"{}", "requests"),
        (b'{"requests": [], "mode": "some"}', "mode: Invalid enum value 'some'"),
        (b'{"requests": [], "model": "x"}', "unknown field `model`"),
        (b'{"requests": [' + b"[" * 100_000, "not valid JSON"),
        (b'{"requests": [{"kind": "text", "prompt": "\\u0000", "model": "sandbox/text"}]}', "NUL"),
        (b'{"requests": [{"kind": "text", "prompt": "\xff", "model": "sandbox/text"}]}', "not valid JSON"),
        (b'{"requests": [{"kind": "text", "prompt": 1e999, "model": "sandbox/text"}]}', "not valid JSON"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
async def test_a_bad_body_is_told(pixel: Pixel, client: httpx.AsyncClient, body: bytes, told: str) -> None:
    """What is no batch is refused with what is wrong, and stores nothing."""
    before = await count(pixel)
    answer = await client.post(BATCHES, content=body, headers={"Content-Type": "application/json"})
    assert told in is_failure(answer, 400)
    assert await count(pixel) == before


async def test_an_unknown_batch_is_404(client: httpx.AsyncClient) -> None:
    """A batch that is not there, a malformed id, and the id of a task are no batches; and a batch is no task."""
    task = (await client.post("/api/v1/generations/text", json=TEXT)).json()["data"]["task_id"]
    for wrong in ("batch_01kh5rfm0se1jb4gcrc1rz1bq0", "batch_x", task, task.replace("task", "batch")):
        for answer in (await client.get(f"{BATCHES}/{wrong}"), await client.post(f"{BATCHES}/{wrong}/cancel")):
            assert is_failure(answer, 404) == f"Batch '{wrong}' not found"
    as_task = (await make(client, TEXT_ITEM))["id"].replace("batch", "task")
    assert is_failure(await client.get(f"/api/v1/tasks/{as_task}"), 404)
    for verb in ("cancel", "refetch", "rerun"):
        assert is_failure(await client.post(f"/api/v1/tasks/{as_task}/{verb}"), 404)


# --- Once ---


async def test_the_same_batch_under_a_key_is_one_batch(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """A key makes a batch idempotent as a whole: the same body, in any order of its fields, is the same batch, as it is
    by now; another is refused; and a key of a batch is no key of a single request."""
    first = await make(client, TEXT_ITEM, UNKNOWN, key="order-17", mode="each")
    before = await count(pixel)
    await ended(client, first["id"])
    turned = dict(reversed(TEXT_ITEM.items()))
    answer = await post(client, turned, UNKNOWN, key="order-17", mode="each")
    assert answer.headers["idempotent-replayed"] == "true"
    again = answer.json()["data"]
    assert again["id"] == first["id"]
    assert again["counts"]["completed"] == 1
    assert again["refused"] == first["refused"]
    for other in ([TEXT_ITEM], [TEXT_ITEM, TEXT_ITEM]):
        assert "another batch" in is_failure(await post(client, *other, key="order-17"), 422)
    assert await count(pixel) == before
    single = await client.post("/api/v1/generations/text", json=TEXT, headers={"Idempotency-Key": "order-17"})
    assert single.status_code == 200
    assert "idempotent-replayed" not in single.headers


async def test_one_of_many_at_once_under_a_key_is_recorded(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Of the same batch sent many times at the same moment one is recorded, and all get the same answer."""
    before = await count(pixel)
    batches = await asyncio.gather(*(make(client, *[TEXT_ITEM] * 20, key="at-once") for _ in range(8)))
    assert len({(batch["id"], *(task["task_id"] for task in batch["tasks"])) for batch in batches}) == 1
    assert await count(pixel) == before + 21


# --- Money ---


async def test_budgets_hold_for_the_sum(new_database_url: str, tmp_path: Path) -> None:
    """What a budget bears one by one and not together is refused with the figures, and the money of a refused batch is
    free again; the sums of an accepted one are told by currency."""
    file = tmp_path / "catalog.yaml"
    await asyncio.to_thread(file.write_text, MODELS)
    cat = {"kind": "image", "prompt": "a cat", "model": "sandbox/image", "projectId": "p"}
    async with running(new_database_url, tmp_path, catalog=str(file), sandbox_stands_in_for="") as (pixel, client):
        for _ in range(3):
            message = is_failure(await post(client, cat, cat, cat), 402)
            assert message.startswith("requests[2]: This would go beyond the day's budget of project p")
            assert "of which 0.08 are committed" in message
        assert await count(pixel) == 0
        batch = await make(client, cat, cat, cat, cat | {"model": "sandbox/free"}, mode="each")
        assert [task["index"] for task in batch["tasks"]] == [0, 1, 3]
        assert [(each["index"], each["code"]) for each in batch["refused"]] == [(2, "budget_exceeded")]
        assert {currency: Decimal(sum_) for currency, sum_ in batch["estimated_cost"].items()} == {
            "USD": Decimal("0.08"),
            "EUR": Decimal(0),
        }
        found = await ended(client, batch["id"])
        assert Decimal(found["cost"]["USD"]) == Decimal("0.08")
        assert is_failure(await client.post("/api/v1/generations/image", json=IMAGE | {"projectId": "p"}), 402)
        await make(client, cat | {"projectId": "q"}, cat | {"projectId": "r", "n": 2})


# --- Afterwards ---


async def test_a_cancelled_batch_stops_what_has_not_ended(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """Every task that has not ended is cancelled, those that have stay as they are, and twice is once."""
    batch = await make(client, TEXT_ITEM, *[SLOW] * 30)
    await until(client, batch["tasks"][0]["task_id"], status="completed")
    await client.post(f"{BATCHES}/{batch['id']}/cancel")
    found = await ended(client, batch["id"])
    assert found["counts"] == {"pending": 0, "processing": 0, "completed": 1, "failed": 30}
    errors = [(await get(client, task["task_id"]))["error"]["code"] for task in found["tasks"][1:]]
    assert set(errors) == {"cancelled"}
    head = await pixel.log.head()
    again = await client.post(f"{BATCHES}/{batch['id']}/cancel")
    assert again.json()["data"] == found
    assert await pixel.log.head() == head


async def test_a_list_of_a_batch(client: httpx.AsyncClient) -> None:
    """`batch` lists the tasks of a batch, with the other conditions, and page by page; an unknown batch has none."""
    await make(client, TEXT_ITEM)
    batch = await make(client, *[TEXT_ITEM] * 3, FAILING)
    ids = [task["task_id"] for task in batch["tasks"]]
    await ended(client, batch["id"])

    async def listed(query: str) -> tuple[list[str], str | None]:
        answer = await client.get(f"/api/v1/tasks?{query}")
        assert answer.status_code == 200, answer.text
        page = answer.json()["data"]
        return [task["id"] for task in page["tasks"]], page["next_cursor"]

    assert await listed(f"batch={batch['id']}") == (ids[::-1], None)
    assert await listed(f"batch={batch['id']}&status=failed") == ([ids[3]], None)
    assert await listed(f"batch={batch['id']}&ids={ids[1]},task_abc") == ([ids[1]], None)
    first, cursor = await listed(f"batch={batch['id']}&limit=3")
    assert (first, await listed(f"batch={batch['id']}&limit=3&cursor={cursor}")) == (ids[:0:-1], ([ids[0]], None))
    assert await listed("batch=batch_01kh5rfm0se1jb4gcrc1rz1bq0") == ([], None)
    message = is_failure(await client.get("/api/v1/tasks?batch=x&rerunOf=y"), 400)
    assert message == "rerunOf: must be the id of a task; batch: must be the id of a batch"


async def test_a_batch_survives_a_restart(database_server: str, begun_template: str, tmp_path: Path) -> None:
    """Another process answers for the batch, and its key."""
    async with fresh_database(database_server, begun_template) as dsn:
        async with running(dsn, tmp_path) as (_, client):
            batch = await make(client, TEXT_ITEM, TEXT_ITEM, key="k")
        async with running(dsn, tmp_path) as (_, client):
            assert (await make(client, TEXT_ITEM, TEXT_ITEM, key="k"))["id"] == batch["id"]
            assert (await ended(client, batch["id"]))["counts"]["completed"] == 2
