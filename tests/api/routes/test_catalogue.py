"""The catalogue without a restart: shown, applied, followed by every node, or refused; and models switched by hand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from api.openapi.errors_and_parameters import ERRORS
from services.catalogue_updates import BROKEN
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import IMAGE, get, is_failure
from tests.patience import patient

CATALOG, MODELS = "/api/v1/admin/catalog", "/api/v1/admin/models"
HERE, ANNA = {"Host": "localhost"}, {"by": "anna"}
FIRST = """
providers: {sandbox: {}}
models:
  - {id: sandbox/image, name: First, type: image, default: true}
  - {id: sandbox/other, name: Other, type: image}
  - {id: sandbox/off, name: Resting, type: image, enabled: false}
"""
SECOND = """
providers: {sandbox: {}, acme: {adapter: openai_compatible, base_url: "http://localhost:1"}}
models:
  - {id: sandbox/image, name: Second, type: image, default: true, limits: {n: 2}}
  - {id: sandbox/new, name: New, type: image}
  - {id: sandbox/off, name: Resting, type: image, enabled: false}
budgets: [{most: 10}]
"""


@asynccontextmanager
async def with_catalogue(database_url: str, folder: Path) -> AsyncGenerator[tuple[Path, Pixel, httpx.AsyncClient]]:
    """A Pixel, and the file of its catalogue, which can be written again."""
    file = folder / "catalog.yaml"
    await write(file, FIRST)
    async with running(database_url, folder, catalog=str(file), sandbox_stands_in_for="") as (pixel, client):
        client.headers.update(HERE)
        yield file, pixel, client


async def write(file: Path, text: str) -> None:
    await asyncio.to_thread(file.write_text, text)


async def models(client: httpx.AsyncClient) -> dict[str, Any]:
    """The image models, by id."""
    found: dict[str, Any] = (await client.get("/api/v1/models")).json()["data"]["image"]
    return found


async def compared(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(CATALOG)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def switch(client: httpx.AsyncClient, model: str, verb: str, note: str | None = None) -> httpx.Response:
    body = ANNA | ({"note": note} if note else {})
    return await client.post(f"{MODELS}/{model}/{verb}", json=body)


async def until_models(client: httpx.AsyncClient, **wanted: dict[str, Any]) -> None:
    """Wait until models have these fields. Keys are model keys of the sandbox."""
    async with asyncio.timeout(patient(30)):
        while True:
            found = await models(client)
            if all(found.get(f"sandbox/{key}", {}).items() >= fields.items() for key, fields in wanted.items()):
                return
            await asyncio.sleep(0.01)


async def test_a_change_is_shown_applied_and_followed_by_every_node(new_database_url: str, tmp_path: Path) -> None:
    """The difference is shown as events and changes nothing; applied, every node follows by itself; what is read at a
    start only is named; a second time there is nothing to do."""
    async with with_catalogue(new_database_url, tmp_path) as (file, pixel, client):
        other = running(new_database_url, tmp_path / "other", role="api", catalog=str(file), sandbox_stands_in_for="")
        async with other as (_, beside):
            assert (await compared(client))["events"] == []
            await write(file, SECOND)
            head = await pixel.log.head()
            shown = await compared(client)
            assert await pixel.log.head() == head
            assert shown["applied"] is False
            assert [(event["model"], event["type"]) for event in shown["events"]] == [
                ("sandbox/image", "ModelRevised"),
                ("sandbox/new", "ModelRegistered"),
                ("sandbox/other", "ModelDisabled"),
            ]
            assert shown["events"][0]["changed"] == ["name", "limits"]
            assert shown["events"][0]["data"]["revision"] == 2
            assert shown["needs_restart"] == ["budgets", "providers.acme"]

            applied = (await client.post(CATALOG, json=ANNA)).json()["data"]
            assert applied["applied"] is True
            assert [(event["model"], event["type"]) for event in applied["events"]] == [
                (event["model"], event["type"]) for event in shown["events"]
            ]
            wanted: dict[str, dict[str, Any]] = {
                "image": {"name": "Second", "revision": 2},
                "new": {"enabled": True},
                "other": {"enabled": False},
            }
            await until_models(client, **wanted)
            await until_models(beside, **wanted)
            task = await beside.post("/api/v1/generations/image", json=IMAGE | {"model": "sandbox/new"})
            assert (await get(client, task.json()["data"]["task_id"], wait=30))["status"] == "completed"
            assert (await compared(client))["events"] == []
            assert (await client.post(CATALOG, json=ANNA)).json()["data"]["events"] == []
            actors = await pixel.pool.fetchval(
                "SELECT array_agg(DISTINCT metadata ->> 'actor') FROM stored_events WHERE notification_id > $1"
                " AND topic LIKE 'Model%'",
                head,
            )
            assert actors == ["admin:anna"]


async def test_a_broken_catalogue_changes_nothing_and_says_why(new_database_url: str, tmp_path: Path) -> None:
    """Every mistake is told with its line, by both routes, and nothing is appended; the service goes on as it was."""
    async with with_catalogue(new_database_url, tmp_path) as (file, pixel, client):
        before, head = await models(client), await pixel.log.head()
        broken = SECOND.replace("type: image}", "type: hologram}").replace("most: 10", "most: much")
        for text in (broken, "models: [", "", "providers: {sandbox: {}}\nmodels: 7\n"):
            await write(file, text)
            for answer in (await client.get(CATALOG), await client.post(CATALOG, json=ANNA)):
                message = is_failure(answer, 409)
                assert message.startswith(BROKEN)
                assert f"{file}:" in message
        await write(file, broken)
        message = is_failure(await client.get(CATALOG), 409)
        assert f"{file}:5" in message
        assert "hologram" in message
        assert f"{file}:7" in message
        await asyncio.to_thread(file.unlink)
        assert "No such file" in is_failure(await client.post(CATALOG, json=ANNA), 409)
        assert ERRORS["broken catalogue"].message.startswith(BROKEN)
        assert (await models(client), await pixel.log.head()) == (before, head)
        await write(file, FIRST)
        assert (await compared(client))["events"] == []


async def test_a_model_is_switched_off_and_on_by_hand(new_database_url: str, tmp_path: Path) -> None:
    """Off refuses requests with the reason, holds against the catalogue, and lets accepted tasks go on; on takes it
    back; twice is once; what the catalogue has off, nobody switches on."""
    async with with_catalogue(new_database_url, tmp_path) as (_, pixel, client):
        running_task = await client.post(
            "/api/v1/generations/image", json=IMAGE | {"extraParams": {"sandbox": {"latency": 0.5}}}
        )
        answer = await switch(client, "sandbox/image", "disable", "the vendor has an outage")
        assert answer.json()["data"] == {"id": "sandbox/image", "enabled": False, "revision": 1}
        await until_models(client, image={"enabled": False})
        head = await pixel.log.head()
        assert (await switch(client, "sandbox/image", "disable")).status_code == 200
        assert (await client.post(CATALOG, json=ANNA)).json()["data"]["events"] == []
        events = await pixel.log.model_events()
        assert events[-1].position <= head
        message = is_failure(await client.post("/api/v1/generations/image", json=IMAGE), 503)
        assert message == "Model 'sandbox/image' is disabled: the vendor has an outage."
        assert (await get(client, running_task.json()["data"]["task_id"], wait=30))["status"] == "completed"
        assert (await switch(client, "sandbox/image", "enable")).json()["data"]["enabled"] is True
        await until_models(client, image={"enabled": True})
        assert (await client.post("/api/v1/generations/image", json=IMAGE)).status_code == 200
        refused = await switch(client, "sandbox/off", "enable")
        assert is_failure(refused, 409) == ERRORS["off in the catalogue"].message
        assert "not found" in is_failure(await switch(client, "sandbox/nobody", "disable"), 404)
        assert "by:" in is_failure(await client.post(f"{MODELS}/sandbox/image/disable", json={"by": " "}), 400)


async def test_a_default_is_chosen_by_hand(new_database_url: str, tmp_path: Path) -> None:
    """It stands against the same catalogue, and gives way to one that names another default than before."""
    async with with_catalogue(new_database_url, tmp_path) as (file, _, client):
        assert (await switch(client, "sandbox/other", "default")).status_code == 200
        await until_models(client, other={"is_default": True}, image={"is_default": False})
        assert (await client.post(CATALOG, json=ANNA)).json()["data"]["events"] == []
        assert is_failure(await switch(client, "sandbox/off", "default"), 409) == ERRORS["off as a default"].message
        turned = FIRST.replace(", default: true", "").replace(
            "name: Resting, type: image, enabled: false", "name: Resting, type: image, default: true"
        )
        await write(file, turned)
        applied = (await client.post(CATALOG, json=ANNA)).json()["data"]["events"]
        assert [(event["model"], event["type"]) for event in applied] == [
            ("sandbox/off", "ModelEnabled"),
            ("sandbox/off", "DefaultModelChosen"),
        ]
        await until_models(client, off={"is_default": True, "enabled": True}, other={"is_default": False})
