"""The addresses of assets where Pixel is closed: whoever is given one can load it for a while, and nothing else."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.postgres.database import open_pool
from adapters.postgres.signing_secret import SECRET_BYTES, shared_secret
from api.routes.assets import OVER, UNSIGNED
from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from runtime.media import MediaTools, input_reader
from services.settings import Settings
from services.state import Pixel
from tests.api.conftest import running
from tests.api.keys import bearer
from tests.api.live_server import served
from tests.api.task_client import is_failure
from tests.event_source import listening
from tests.postgres import fresh_database
from tests.samples import png

FREE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}
IMAGE = "/api/v1/generations/image"


class Closed(NamedTuple):
    """A closed Pixel, a client with a key, and one without."""

    pixel: Pixel
    client: httpx.AsyncClient
    nobody: httpx.AsyncClient
    older: str  # the path of an asset that was made while Pixel was open


@pytest.fixture(scope="module")
async def closed(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Closed]:
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as (pixel, nobody),
    ):
        open_task = await made(nobody)  # of the owner `anonymous`
        assert urlsplit(address(open_task)).query == ""
        key = await api_keys.create(
            pixel.log, owner="anna", scopes=[Scope.CLIENT], limits=KeyLimits(), cause=Cause(actor="test")
        )
        await pixel.keys.refresh()
        headers = {"Authorization": f"Bearer {key.text}"}
        async with httpx.AsyncClient(
            transport=nobody._transport, base_url="http://pixel.test", headers=headers
        ) as client:
            yield Closed(pixel, client, nobody, urlsplit(address(open_task)).path)


async def made(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A completed task, as GET shows it."""
    answer = await client.post(IMAGE, json=FREE | fields, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    task: dict[str, Any] = (await client.get(f"/api/v1/tasks/{answer.json()['data']['task_id']}")).json()["data"]
    assert task["status"] == "completed"
    return task


def address(task: dict[str, Any]) -> str:
    return str(task["result"]["images"][0]["url"])


async def test_an_address_of_an_answer_is_loaded_without_a_key(closed: Closed) -> None:
    """Whole, in part and as a variant; a cache may keep it as long as it holds, and no longer."""
    url = address(await made(closed.client))
    whole = await closed.nobody.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/png")
    private, age, _ = whole.headers["cache-control"].split(", ")
    assert private == "private"
    assert 24 * 3600 - 60 < int(age.removeprefix("max-age=")) <= 30 * 3600
    part = await closed.nobody.get(url, headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, whole.content[:8])
    small = await closed.nobody.get(f"{url}&variant=thumbnail&width=256")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert (await closed.nobody.head(url)).status_code == 200


async def test_without_a_right_or_a_signature_there_is_nothing(closed: Closed) -> None:
    """No key, and a key of another owner: 404. A key that does not work: 401. A signature that is changed, or of
    another asset: 404, also for the assets that were made while Pixel was open."""
    first, second = address(await made(closed.client)), address(await made(closed.client, prompt="a dog"))
    bare, query = first.split("?")
    assert is_failure(await closed.nobody.get(bare), 404) == UNSIGNED
    wrong_key = await closed.nobody.get(bare, headers=bearer("pxl_000000000000_" + "0" * 43))
    is_failure(wrong_key, 401)
    for wrong in (query[:-1] + ("A" if query[-1] != "A" else "B"), second.split("?")[1], "signature=x", "expires=1"):
        answer = await closed.nobody.get(f"{bare}?{wrong}")
        assert is_failure(answer, 404) == (OVER if "signature=" in wrong else UNSIGNED)
    assert is_failure(await closed.nobody.get(f"{closed.older}?signature=x&expires=9"), 404) == OVER
    assert (await closed.client.get(closed.older)).status_code == 404
    assert (await closed.client.get(f"{bare}?signature=x&expires=9")).status_code == 200  # the key has the right


async def test_an_address_expires(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time it is gone, and the next answer has a new one; until a quarter of the time has passed, all answers
    have the same. A caller who has kept an answer is not told that it is still good."""
    task = await made(closed.client)
    url, path = address(task), f"/api/v1/tasks/{task['id']}"
    now = await closed.client.get(path)
    version = now.headers["etag"]
    assert address(now.json()["data"]) == url
    begin = time.time()
    monkeypatch.setattr(time, "time", lambda: begin + 31 * 3600)
    assert is_failure(await closed.nobody.get(url), 404) == OVER
    again = await closed.client.get(path, headers={"If-None-Match": version})
    assert again.status_code == 200
    assert (await closed.nobody.get(address(again.json()["data"]))).status_code == 200


async def test_lists_and_events_have_signed_addresses(closed: Closed) -> None:
    """Wherever a task is shown, its media can be loaded."""
    task = await made(closed.client)
    listed = (await closed.client.get("/api/v1/tasks", params={"ids": task["id"]})).json()["data"]["tasks"][0]
    path = f"/api/v1/tasks/{task['id']}"
    version = (await closed.client.get(path)).headers["etag"].strip('"')
    past = (await closed.client.get(path, params={"version": version})).json()["data"]
    assert {address(listed), address(past)} == {address(task)}
    async with served(closed.pixel) as live:
        live.headers.update(closed.client.headers)
        async with listening(live, f"{path}/events") as stream:
            (sent,) = await stream.events(1)
    assert urlsplit(address(sent.json)).query == urlsplit(address(task)).query


async def test_what_a_caller_wrote_is_not_signed(closed: Closed) -> None:
    """A link in the caller's own fields stays as it is, and gives nobody a right."""
    asset = urlsplit(address(await made(closed.client))).path
    task = await made(closed.client, metadata={"url": asset}, prompt="a bird")
    assert task["metadata"] == {"url": asset}
    assert parse_qs(urlsplit(address(task)).query).keys() == {"expires", "signature"}


async def test_a_signed_address_may_be_an_input(closed: Closed) -> None:
    """It names the asset of this Pixel, as the bare address does; another owner still may not use it."""
    url = address(await made(closed.client))
    task = await made(closed.client, imageInputs=[url])
    assert task["status"] == "completed"


async def test_an_upload_is_answered_with_such_an_address(closed: Closed) -> None:
    """What was brought is loaded by the address in the answer, and not by its id alone."""
    answer = await closed.client.post("/api/v1/assets", files={"file": ("a.png", png())})
    kept = answer.json()["data"]
    assert (await closed.nobody.get(kept["url"])).status_code == 200
    is_failure(await closed.nobody.get(f"/api/v1/assets/{kept['id']}"), 404)


async def test_a_provider_is_given_such_an_address(closed: Closed) -> None:
    """Where a provider takes addresses, it can load the input, though it has no key."""
    pixel, asset = closed.pixel, urlsplit(address(await made(closed.client))).path.rpartition("/")[2]
    settings = Settings(public_url="https://pixel.example.com/media")
    read = input_reader(settings, MediaTools(pixel.assets, pixel.decoders, pixel.derivatives, pixel.guard), pixel.links)
    (given,) = await read([asset], takes_urls=True)
    assert given.url is not None
    assert given.url.startswith(f"https://pixel.example.com/media/api/v1/assets/{asset}?expires=")
    path = given.url.removeprefix("https://pixel.example.com/media")
    assert (await closed.nobody.get(path)).status_code == 200


async def test_the_secret_is_made_once(new_database_url: str, closed: Closed) -> None:
    """Processes of one database sign alike, also when they start at once, and so does the next start; another database
    has another secret."""
    pool = await open_pool(new_database_url, size=4)
    try:
        made = await asyncio.gather(*(shared_secret(pool) for _ in range(8)))
        assert {*made, await shared_secret(pool)} == {made[0]}
        assert len(made[0]) == SECRET_BYTES
        assert await shared_secret(closed.pixel.pool) != made[0]
    finally:
        await pool.close()
