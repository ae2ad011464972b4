"""Event streams of canvases: each version once, in order, with its operations, for whoever may see them."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from application import api_keys
from application.ports import Cause
from domain.api_key import KeyLimits, Scope
from services.state import Pixel
from tests.api.canvas_client import CANVASES, edit, new_canvas
from tests.api.live_server import served
from tests.api.task_client import is_failure
from tests.canvas_samples import add, put
from tests.event_source import Sent, listening
from tests.patience import patient

EVENTS = "/api/v1/events"
IMAGE = {"prompt": "a cat", "model": "sandbox/image", "resolution": "512"}


@pytest.fixture
async def live(pixel: Pixel) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the shared Pixel, over a socket."""
    async with asyncio.timeout(patient(60)), served(pixel) as client:
        yield client


async def history(client: httpx.AsyncClient, canvas: str) -> list[dict[str, Any]]:
    """What happened to a canvas, as the stream has it."""
    items = (await client.get(f"{CANVASES}/{canvas}/history")).json()["data"]["items"]
    return [item | {"canvas": canvas} for item in items]


def seen(events: list[Sent]) -> list[dict[str, Any]]:
    assert {sent.name for sent in events} <= {"canvas"}
    return [sent.json for sent in events]


async def test_each_version_of_a_canvas_comes_once(live: httpx.AsyncClient) -> None:
    """Live and from a position: every event of the canvas, as its history has it, and no other canvas's."""
    async with listening(live, EVENTS, types="canvas") as everything:
        begin = int(everything.response.headers["x-pixel-position"])
        canvas = await new_canvas(live, add("a", prompt="one"))
        await edit(live, canvas, 2, put("a", "prompt", "one", "two"))
        await live.patch(f"{CANVASES}/{canvas}", json={"name": "Episode 2"})
        expected = await history(live, canvas)
        assert [each["version"] for each in expected] == [1, 2, 3, 4]
        assert seen(await everything.events(4)) == expected
    other = await new_canvas(live)
    async with listening(live, EVENTS, canvas=canvas, after=begin) as stream:
        assert seen(await stream.events(4)) == expected
        await edit(live, other, 1, add("b"))
        await edit(live, canvas, 4, put("a", "prompt", "two", "three"))
        (sent,) = await stream.events(1)
        assert (sent.json["canvas"], sent.json["version"]) == (canvas, 5)
        answer = await live.get(f"{CANVASES}/{canvas}")
        assert str(sent.id) == answer.headers["x-pixel-position"]


async def test_what_is_made_on_a_canvas_comes_with_it(live: httpx.AsyncClient) -> None:
    """The tasks whose source is the canvas come in the stream of the canvas, and no other task."""
    canvas = await new_canvas(live)
    async with listening(live, EVENTS, canvas=canvas) as stream:
        url = "/api/v1/generations/image"
        await live.post(url, json=IMAGE | {"source": "canvas", "sourceId": await new_canvas(live)})
        made = await live.post(url, json=IMAGE | {"source": "canvas", "sourceId": canvas})
        (first,) = await stream.events(1)
        assert (first.name, first.json["id"]) == ("task", made.json()["data"]["task_id"])


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("canvas=x", 404, "Canvas 'x' not found"),
        ("canvas=canvas_01h455vb4pex5vsknk084sn02q", 404, "Canvas 'canvas_01h455vb4pex5vsknk084sn02q' not found"),
        ("canvas={canvas}&sourceId=x", 400, "canvas: can't stand beside sourceId"),
        ("canvas={canvas}&types=drawing", 400, "types: choose from task"),
    ],
)
async def test_a_wrong_stream_of_a_canvas_is_refused(
    client: httpx.AsyncClient, query: str, status: int, problem: str
) -> None:
    """The message names the canvas that is not there, or the parameter."""
    answer = await client.get(f"{EVENTS}?{query.format(canvas=await new_canvas(client))}")
    assert is_failure(answer, status).startswith(problem)


async def test_nobody_hears_of_another_owners_canvas(live: httpx.AsyncClient, pixel: Pixel) -> None:
    """With keys, a stream has the canvases of its owner only; that of another one can't be listened to. (The keys close
    this Pixel: it is the last test.)"""
    keys: dict[str, dict[str, str]] = {}
    for owner in ("anna", "bert"):
        made = await api_keys.create(
            pixel.log, owner=owner, scopes=[Scope.CLIENT], limits=KeyLimits(), cause=Cause(actor="test")
        )
        keys[owner] = {"Authorization": f"Bearer {made.text}"}
    await pixel.keys.refresh()
    live.headers.update(keys["anna"])
    async with listening(live, EVENTS, types="canvas") as stream:
        live.headers.update(keys["bert"])
        foreign = await new_canvas(live, add("a"))
        live.headers.update(keys["anna"])
        own = await new_canvas(live)
        (first,) = await stream.events(1)
        assert first.json["canvas"] == own
        is_failure(await live.get(EVENTS, params={"canvas": foreign}), 404)
