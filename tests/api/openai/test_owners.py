"""Calls in OpenAI's form with keys of Pixel's own: what another owner has does not exist."""

from collections.abc import AsyncGenerator

import httpx
import pytest

from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from tests.api.conftest import running
from tests.api.task_client import is_failure
from tests.postgres import fresh_database
from tests.samples import png

VIDEOS = "/v1/videos"
FILM = {"model": "sandbox/video", "prompt": "a cat", "size": "480x480", "seconds": "2"}
SLOW = {"pixel": {"extraParams": {"sandbox": {"latency": 600}}}}


@pytest.fixture(scope="module")
async def clients(
    database_server: str, begun_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[dict[str, httpx.AsyncClient]]:
    """Clients of a closed Pixel, by the owner of their key; `stranger` has a key of OpenAI's."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path_factory.mktemp("pixel")) as (pixel, client),
    ):
        texts = {"stranger": "sk-proj-0000000000000001"}
        for owner in ("anna", "bert"):
            made = await api_keys.create(
                pixel.log, owner=owner, scopes=[Scope.CLIENT], limits=KeyLimits(), cause=Cause(actor="test")
            )
            texts[owner] = made.text
        await pixel.keys.refresh()
        yield {
            owner: httpx.AsyncClient(
                transport=client._transport, base_url="http://pixel.test", headers={"Authorization": f"Bearer {text}"}
            )
            for owner, text in texts.items()
        }


async def test_a_closed_pixel_asks_for_a_key_of_its_own(clients: dict[str, httpx.AsyncClient]) -> None:
    """A key of OpenAI's gets in nowhere, and the error is the one that OpenAI's clients know."""
    answer = await clients["stranger"].get("/v1/models")
    assert "no API key that works" in is_failure(answer, 401)
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_video_of_another_owner_is_not_there(clients: dict[str, httpx.AsyncClient]) -> None:
    """It can't be seen, listed, downloaded, stopped, or named as the end of a page."""
    video = (await clients["anna"].post(VIDEOS, json=FILM | SLOW)).json()["id"]
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        assert "not found" in is_failure(await clients["bert"].request(method, f"{VIDEOS}/{video}{path}"), 404)
    assert (await clients["bert"].get(VIDEOS)).json()["data"] == []
    assert "no such video" in is_failure(await clients["bert"].get(f"{VIDEOS}?after={video}"), 400)
    assert [each["id"] for each in (await clients["anna"].get(VIDEOS)).json()["data"]] == [video]
    assert (await clients["anna"].delete(f"{VIDEOS}/{video}")).json()["deleted"] is True


async def test_a_file_of_an_edit_is_its_owners(clients: dict[str, httpx.AsyncClient]) -> None:
    """Whoever sends a file may use it; its id is of no use to another owner."""
    form = {"model": "sandbox/image", "prompt": "a cat", "size": "512x512", "response_format": "url"}
    answer = await clients["anna"].post("/v1/images/edits", data=form, files={"image": png()})
    assert answer.status_code == 200, answer.text
    task = (await clients["anna"].get(f"/api/v1/tasks/{answer.headers['x-pixel-task']}")).json()["data"]
    [asset] = task["params"]["imageInputs"]
    body = {"model": "sandbox/image", "prompt": "a cat", "pixel": {"imageInputs": [asset]}}
    assert "there is no asset" in is_failure(await clients["bert"].post("/v1/images/generations", json=body), 400)
    signed = answer.json()["data"][0]["url"]
    output = signed.partition("?")[0]
    assert (await clients["bert"].get(output)).status_code == 404
    assert (await clients["anna"].get(output)).status_code == 200
    assert (await clients["stranger"].get(output)).status_code == 401
    assert (await clients["stranger"].get(signed)).status_code == 200  # whoever was given it, until it expires
