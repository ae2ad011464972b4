"""The end of a batch: one event, whoever records it, that listeners and webhooks of its owner are told of."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from application import api_keys
from application.clock import now
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from domain.ids import batch_stream, task_stream
from domain.task.events import TaskCompleted
from services.state import Pixel
from tests.api.conftest import running
from tests.api.live_server import served
from tests.api.task_client import IMAGE, TEXT
from tests.event_source import listening
from tests.patience import patient
from tests.webhook_receiver import receiving, status

BATCHES = "/api/v1/batches"
TEXT_ITEM = {"kind": "text"} | TEXT
FAILING = {"kind": "image"} | IMAGE | {"extraParams": {"sandbox": {"fault": "content_rejected"}}}
CAUSE = Cause(actor="test")


async def made(client: httpx.AsyncClient, *requests: Any) -> dict[str, Any]:
    answer = await client.post(BATCHES, json={"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    batch: dict[str, Any] = answer.json()["data"]
    return batch


async def ends_of(pixel: Pixel, batch: str) -> list[dict[str, Any]]:
    """The ends of a batch, once there is one, as they are stored."""
    async with asyncio.timeout(patient(60)):
        while True:
            rows = await pixel.pool.fetch(
                "SELECT state FROM stored_events WHERE originator_id = $1 AND topic = 'BatchEnded'", batch_stream(batch)
            )
            if rows:
                return [json.loads(row[0]) for row in rows]
            await asyncio.sleep(0.05)


async def test_listeners_are_told_of_the_end(database_url: str, tmp_path: Path) -> None:
    """After the last change of its tasks comes the end, once, with what became of them; it comes again to whoever
    resumes before it, and not to whoever resumes behind it."""
    async with running(database_url, tmp_path) as (pixel, _), served(pixel) as live:
        begin = await pixel.log.head()
        batch = await made(live, TEXT_ITEM, TEXT_ITEM, FAILING)
        stream_of = f"/api/v1/events?batch={batch['id']}&after={begin}"
        async with listening(live, stream_of) as stream:
            told = [(await stream.events(1))[0]]
            while told[-1].name != "batch":
                told += await stream.events(1)
        (stored,) = await ends_of(pixel, batch["id"])
        end = told[-1].json
        assert end | {"cost": None} == {
            "id": batch["id"],
            "ended": True,
            "ended_at": stored["at"],
            "counts": {"completed": 2, "failed": 1},
            "cost": None,
        }
        finals = [each.json["id"] for each in told[:-1] if each.json["status"] in {"completed", "failed"}]
        assert set(finals) == {task["task_id"] for task in batch["tasks"]}
        async with listening(live, f"/api/v1/events?types=batch&after={int(told[-1].id or 0) - 1}") as stream:
            (again,) = await stream.events(1)
        assert (again.id, again.json) == (told[-1].id, end)
        other = await made(live, TEXT_ITEM)
        async with listening(live, f"/api/v1/events?types=batch&after={told[-1].id}") as stream:
            (another,) = await stream.events(1)
        assert another.json["id"] == other["id"]


async def test_an_end_that_was_not_recorded_is_recorded_at_the_next_start(database_url: str, tmp_path: Path) -> None:
    """A batch whose tasks all ended while no worker was there to say so - it died in between, or knew no such event -
    gets its end from the workers that start next, once, though two of them start together; one with a task that has not
    ended gets none."""
    async with running(database_url, tmp_path / "api", role="api") as (pixel, client):
        async with running(database_url, tmp_path / "first"):  # the models need a worker once
            async with asyncio.timeout(patient(60)):
                while "sandbox/text" not in (await client.get("/api/v1/models")).text:
                    await asyncio.sleep(0.05)
        done, open_one = await made(client, TEXT_ITEM, TEXT_ITEM), await made(client, TEXT_ITEM, TEXT_ITEM)
        tasks = [task["task_id"] for task in done["tasks"]]
        for task in [*tasks, open_one["tasks"][0]["task_id"]]:
            await pixel.log.append(task_stream(task), 1, [TaskCompleted(at=now())], CAUSE)
        assert not await pixel.pool.fetchval("SELECT count(*) FROM stored_events WHERE topic = 'BatchEnded'")
        async with (
            running(database_url, tmp_path / "second") as (_, _client),
            running(database_url, tmp_path / "third") as (_, _other),
        ):
            (end,) = await ends_of(pixel, done["id"])
            assert (end["completed"], end["failed"]) == (2, 0)
            await ends_of(pixel, open_one["id"])  # its other task was left to the workers
        for batch in (done, open_one):
            assert len(await ends_of(pixel, batch["id"])) == 1


async def test_webhooks_of_the_owner_are_told(database_url: str, tmp_path: Path) -> None:
    """The owner's webhook gets one message of the end, signed like any other, and the delivery names the batch; nobody
    else's gets it."""
    async with receiving() as mine, receiving() as theirs:
        mine.answer = theirs.answer = lambda _: status(200)
        options: dict[str, Any] = {
            "webhook_secret": "a-secret-of-this-test-of-some-length",
            "webhook_private_hosts": f"{mine.place},{theirs.place}",
        }
        async with running(database_url, tmp_path, **options) as (pixel, client):
            headers = {}
            for owner in ("studio", "other"):
                key = await api_keys.create(
                    pixel.log, owner=owner, scopes=[Scope.CLIENT], limits=KeyLimits(), cause=CAUSE
                )
                headers[owner] = {"Authorization": f"Bearer {key.text}"}
            await pixel.keys.refresh()
            hooks = {}
            for owner, receiver in (("studio", mine), ("other", theirs)):
                answer = await client.post("/api/v1/webhooks", json={"url": receiver.url}, headers=headers[owner])
                hooks[owner] = answer.json()["data"]
            ours = client.__class__(transport=client._transport, base_url=client.base_url, headers=headers["studio"])
            batch = await made(ours, TEXT_ITEM, TEXT_ITEM)
            await ends_of(pixel, batch["id"])
            async with asyncio.timeout(patient(60)):
                while not (found := [each for each in mine.messages if each.id == f"{batch['id']}.2"]):
                    mine.arrived.clear()
                    await mine.arrived.wait()
            message = found[0].verified(hooks["studio"]["secret"])
            assert message["type"] == "batch"
            assert message["data"]["counts"] == {"completed": 2, "failed": 0}
            path = f"/api/v1/webhooks/{hooks['studio']['webhook']['id']}/deliveries"
            rows = (await ours.get(path)).json()["data"]["deliveries"]
            assert [row["message"] for row in rows if row.get("batch_id") == batch["id"]] == [f"{batch['id']}.2"]
            assert all("task_id" in row for row in rows if "batch_id" not in row)
        assert theirs.messages == []
