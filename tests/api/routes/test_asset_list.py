"""Laws of GET /api/v1/assets over the real wiring: what was made and what was brought is listed, at once, for its
owner."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from application.clock import now
from application.ports import Cause
from domain.api_key import Scope
from domain.provider import Asset
from domain.upload import AssetUploaded
from services.state import Pixel
from services.upload_records import UploadRecords
from tests.api.conftest import running
from tests.api.keys import bearer, issued
from tests.api.simulated_provider import eventually
from tests.api.task_client import IMAGE, VIDEO, is_failure
from tests.samples import png, sample

ASSETS = "/api/v1/assets"


async def made(client: httpx.AsyncClient, body: dict[str, Any], kind: str = "image", **fields: Any) -> dict[str, Any]:
    """A task that has ended well."""
    url = f"/api/v1/generations/{kind}"
    answer = await client.post(url, json=body | fields, headers={"Prefer": "wait=60"})
    task = (await client.get(f"/api/v1/tasks/{answer.json()['data']['task_id']}")).json()["data"]
    assert task["status"] == "completed", task
    found: dict[str, Any] = task
    return found


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(ASSETS, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    items: list[dict[str, Any]] = answer.json()["data"]["items"]
    return items


async def test_an_output_is_listed_as_soon_as_its_task_shows_it(client: httpx.AsyncClient) -> None:
    """With its task, project, model, prompt and measures: the same as the task has."""
    task = await made(client, IMAGE, prompt="一座灯塔 " * 100, projectId="output", n=2)
    first, second = await listed(client, projectId="output")
    media = task["result"]["images"][1]
    assert first == {
        "asset": media["asset_id"],
        "kind": "image",
        "media_type": media["media_type"],
        "bytes": media["bytes"],
        "origin": "output",
        "created_at": first["created_at"],
        "width": media["width"],
        "height": media["height"],
        "task": task["id"],
        "project": "output",
        "model": "sandbox/image",
        "prompt": ("一座灯塔 " * 100)[:300],
    }
    assert second["asset"] == task["result"]["images"][0]["asset_id"]
    assert (await client.get(f"{ASSETS}/{first['asset']}")).status_code == 200


async def test_an_upload_is_listed_at_once_and_once(pixel: Pixel, client: httpx.AsyncClient) -> None:
    """The answer to an upload says from which position on the list has it; the same content again adds nothing."""
    answer = await client.post(ASSETS, files={"file": sample("audio/wav")})
    kept, position = answer.json()["data"], answer.headers["x-pixel-position"]
    [item] = await listed(client, kind="audio", origin="upload", atLeast=position)
    assert (item["asset"], item["seconds"], item["bytes"]) == (kept["id"], kept["duration"], kept["bytes"])
    assert item.keys() == {"asset", "kind", "media_type", "bytes", "origin", "created_at", "seconds"}
    head = await pixel.log.head()
    brought_elsewhere = AssetUploaded(asset=Asset(id=kept["id"], sha256="", bytes=1, media_type="audio/wav"), at=now())
    assert await recorded_by_another_process(pixel, brought_elsewhere) is None
    again = await asyncio.gather(*(client.post(ASSETS, files={"file": sample("audio/wav")}) for _ in range(3)))
    assert [each.status_code for each in again] == [200] * 3
    assert await pixel.log.head() == head
    assert len(await listed(client, kind="audio", origin="upload")) == 1


async def recorded_by_another_process(pixel: Pixel, upload: AssetUploaded) -> int | None:
    """What a process that knows nothing of the uploads of this one says to an upload."""
    records = UploadRecords(pixel.log)
    running_records = asyncio.create_task(records.run())
    try:
        return await records.record(upload, Cause(actor="test"))
    finally:
        running_records.cancel()
        await asyncio.wait([running_records])


async def test_the_conditions_are_those_of_the_query(client: httpx.AsyncClient) -> None:
    """Kind, origin, project and words, page by page."""
    picture = await made(client, IMAGE, projectId="mixed", prompt="a red boat")
    film = await made(client, VIDEO | {"duration": "2s"}, "video", projectId="mixed", prompt="红色的船")
    await client.post(ASSETS, files={"file": png()})

    async def tasks(**query: Any) -> list[str | None]:
        return [item.get("task") for item in await listed(client, **{"projectId": "mixed"} | query)]

    assert await tasks() == [film["id"], picture["id"]]
    assert await tasks(kind="video") == [film["id"]]
    assert await tasks(q="RED boat") == [picture["id"]]
    assert await tasks(q="色的") == [film["id"]]
    assert await tasks(q="boat", kind="video") == []
    assert await tasks(origin="upload") == []
    assert None in await tasks(projectId="", origin="upload", kind="image")
    page = (await client.get(ASSETS, params={"projectId": "mixed", "limit": 1})).json()["data"]
    assert await tasks(cursor=page["next_cursor"]) == [picture["id"]]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("kind=text", "kind"),
        ("origin=mine", "origin"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=nonsense", "cursor"),
        ("type=image", "type"),
        ("kind=image&kind=video", "kind"),
        (f"q={'a' * 201}", "q"),
        ("q=1+2+3+4+5+6+7+8+9", "q: may have 8 words at most, got 9"),
        ("q=%00", "NUL"),
        ("atLeast=999999999", "atLeast"),
    ],
)
async def test_a_wrong_query_is_refused_by_its_field(client: httpx.AsyncClient, query: str, problem: str) -> None:
    """What is asked for wrongly is named."""
    assert problem in is_failure(await client.get(f"{ASSETS}?{query}"), 400)


async def test_a_client_sees_its_own(database_url: str, tmp_path: Path) -> None:
    """An owner's gallery has the owner's media only, also where another owner has the same; auditors see all."""
    async with running(database_url, tmp_path) as (pixel, client):
        keys = {name: bearer(await issued(pixel, Scope.CLIENT, owner=name)) for name in ("anna", "bert")}
        auditor = bearer(await issued(pixel, Scope.AUDITOR, owner="audit"))
        analyst = bearer(await issued(pixel, Scope.ANALYST, owner="figures"))
        for headers in keys.values():
            client.headers.update(headers)
            await made(client, IMAGE, projectId="shared", prompt="the same picture")
            await client.post(ASSETS, files={"file": png()})
        for name, headers in keys.items():
            client.headers.update(headers)
            assert len(await listed(client)) == 2, name
            assert len(await listed(client, projectId="shared", q="picture")) == 1, name
        client.headers.update(auditor)
        assert len(await listed(client)) == 4
        assert len(await listed(client, q="same")) == 2
        assert is_failure(await client.get(ASSETS, headers=analyst), 403)


async def test_an_upload_does_not_depend_on_the_log(database_url: str, tmp_path: Path) -> None:
    """While PostgreSQL stores no event, a file is kept and answered; the list has it once events are stored."""
    async with running(database_url, tmp_path) as (_, client):
        owner = await asyncpg.connect(database_url)
        try:
            await owner.execute("BEGIN; LOCK TABLE stored_events IN ACCESS EXCLUSIVE MODE")
            answer = await client.post(ASSETS, files={"file": png()})
            assert (answer.status_code, "x-pixel-position" in answer.headers) == (200, False)
            await owner.execute("ROLLBACK")
        finally:
            await owner.close()

        async def is_listed() -> bool:
            answer = await client.get(ASSETS, params={"origin": "upload"})
            return answer.status_code == 200 and len(answer.json()["data"]["items"]) == 1

        await eventually(is_listed)
