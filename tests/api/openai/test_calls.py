"""Calls in OpenAI's form that go wrong: OpenAI's form of an error, and what a client should do next."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.openapi.errors_and_parameters import OPENAI_ERRORS
from services.state import Pixel
from tests.api.conftest import running
from tests.api.task_client import is_failure, tasks_accepted, until
from tests.postgres import fresh_database
from tests.samples import png, wav

IMAGES, EDITS, SPEECH = "/v1/images/generations", "/v1/images/edits", "/v1/audio/speech"
CHAT, VIDEOS = "/v1/chat/completions", "/v1/videos"
CAT: dict[str, Any] = {"model": "sandbox/image", "prompt": "a cat", "size": "512x512", "response_format": "url"}
TALK: dict[str, Any] = {"model": "sandbox/text", "messages": [{"role": "user", "content": "hi"}]}
SAY: dict[str, Any] = {"model": "sandbox/speech", "input": "hi"}
FILM: dict[str, Any] = {"model": "sandbox/video", "prompt": "a cat", "size": "480x480", "seconds": "2"}


def steered(**sandbox: Any) -> dict[str, Any]:
    """Options for the sandbox."""
    return {"pixel": {"extraParams": {"sandbox": sandbox}}}


HAPPENS: dict[str, dict[str, Any]] = {
    "a size that the model has not": {"url": VIDEOS, "json": FILM | {"size": "640x480"}},
    "what Pixel can't honour": {"url": IMAGES, "json": CAT | {"quality": "hd"}},
    "a format that the model has not": {"url": SPEECH, "json": SAY | {"response_format": "mp3"}},
    "a tool": {"url": CHAT, "json": TALK | {"tools": [{"type": "function"}]}},
    "wrong order": {"url": f"{VIDEOS}?order=asc", "method": "GET"},
    "unknown model": {"url": IMAGES, "json": CAT | {"model": "invalid/model"}},
    "model that can't be asked": {"url": "/v1/models/invalid/model", "method": "GET"},
    "unknown video": {"url": f"{VIDEOS}/task_abc123", "method": "GET"},
    "no form": {"url": EDITS, "json": CAT},
    "reused key": {"url": IMAGES, "json": CAT | {"n": 2}, "headers": {"Idempotency-Key": "order-17"}},
}
ELSEWHERE = {
    *("it is not done", "it has ended", "the provider failed", "not done in time"),  # below: they name a task
    *("over the budget", "unforeseen", "database away"),  # they need an accident: see the tests of Pixel's own routes
    *("no key", "wrong key", "missing scope", "two keys at once", "a key in the URL"),  # see test_access
    *("foreign page", "foreign host"),  # see test_origin_policy
}


def test_every_error_is_made_to_happen() -> None:
    """Each example of an error in OpenAI's form is checked."""
    assert HAPPENS.keys() | ELSEWHERE == OPENAI_ERRORS.keys()


@pytest.mark.parametrize("name", HAPPENS)
async def test_an_error_is_that_of_the_document(client: httpx.AsyncClient, name: str) -> None:
    """Status, message, parameter and code are those of the document, word for word."""
    await client.post(IMAGES, json=CAT, headers={"Idempotency-Key": "order-17"})
    wanted = OPENAI_ERRORS[name]
    answer = await client.request(**{"method": "POST"} | HAPPENS[name])
    assert is_failure(answer, wanted.status) == wanted.message
    error = answer.json()["error"]
    assert (error["param"], error["code"]) == (wanted.param, wanted.code)


FORM = {"model": "sandbox/image", "prompt": "a cat"}
BAD: dict[str, tuple[dict[str, Any], int, str | None, str]] = {
    "no JSON": (
        {"url": CHAT, "content": b"{", "headers": {"Content-Type": "application/json"}},
        400,
        None,
        "valid JSON",
    ),
    "no object": ({"url": CHAT, "json": []}, 400, None, "must be a JSON object"),
    "no JSON at all": ({"url": CHAT, "content": b"a", "headers": {"Content-Type": "text/csv"}}, 415, None, "text/csv"),
    "a large body": ({"url": CHAT, "json": TALK | {"user": "x" * 2**21}}, 413, None, "too large"),
    "a model of OpenAI's": ({"url": IMAGES, "json": CAT | {"model": "dall-e-3"}}, 400, "model", "'provider/model_key'"),
    "a model for another route": ({"url": IMAGES, "json": CAT | {"model": "sandbox/text"}}, 400, "model", f"to {CHAT}"),
    "a limit of the model": ({"url": IMAGES, "json": CAT | {"n": 9}}, 400, "n", "from 1 to 4"),
    "a limit in other words": (
        {"url": CHAT, "json": TALK | {"max_completion_tokens": 9999}},
        400,
        "max_completion_tokens",
        "4096 at most",
    ),
    "an unknown voice": ({"url": SPEECH, "json": SAY | {"voice": "alloy"}}, 400, "voice", "choose one of en-us"),
    "Pixel's own field": (
        {"url": IMAGES, "json": CAT | {"pixel": {"source": 7}}},
        400,
        "pixel.source",
        "expected `str`",
    ),
    "a malformed key": ({"url": CHAT, "json": TALK, "headers": {"Idempotency-Key": ""}}, 400, None, "Idempotency-Key"),
    "no image": ({"url": EDITS, "data": FORM, "files": {"mask": png()}}, 400, "mask", "takes no masks"),
    "an empty file": ({"url": EDITS, "data": FORM, "files": {"image": ""}}, 400, None, "There are no bytes"),
    "an edit without a file": (
        {"url": EDITS, "data": FORM, "files": {"n": (None, "1")}},
        400,
        "image",
        "is required",
    ),
    "what is no media": ({"url": EDITS, "data": FORM, "files": {"image": b"a cat"}}, 415, None, "not an image"),
    "no image but audio": ({"url": EDITS, "data": FORM, "files": {"image": wav()}}, 400, "image[0]", "id of an image"),
    "many images": (
        {"url": EDITS, "data": FORM, "files": [("image[]", png()) for _ in range(17)]},
        400,
        "image",
        "16 files at most",
    ),
    "more images than the model takes": (
        {"url": EDITS, "data": FORM, "files": [("image[]", png()) for _ in range(5)]},
        400,
        "image",
        "4 at most",
    ),
    "two first frames": (
        {"url": VIDEOS, "data": FILM, "files": [("input_reference", png()), ("input_reference", png())]},
        400,
        "input_reference",
        "is there twice",
    ),
    "Pixel's own fields as no JSON": (
        {"url": VIDEOS, "data": FILM | {"pixel": "{"}, "files": {"input_reference": png()}},
        400,
        "pixel",
        "must be a JSON object",
    ),
    "an unknown query": ({"url": f"{VIDEOS}?sort=up", "method": "GET"}, 400, "sort", "is not known"),
    "an unknown page": ({"url": f"{VIDEOS}?after=task_abc123", "method": "GET"}, 400, "after", "no such video"),
    "a wrong limit": ({"url": f"{VIDEOS}?limit=0", "method": "GET"}, 400, None, "limit: must be a whole number"),
    "a route that is not there": ({"url": "/v1/embeddings", "json": {}}, 404, None, "nothing at /v1/embeddings"),
    "a method that is not there": ({"url": CHAT, "method": "PUT"}, 405, None, "PUT is not possible"),
    "a foreign page": (
        {"url": CHAT, "json": TALK, "headers": {"Origin": "https://evil"}},
        403,
        None,
        "Pages of this origin",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_input_leaves_nothing_behind(client: httpx.AsyncClient, pixel: Pixel, name: str) -> None:
    """An error in OpenAI's form names the parameter and the way out; no task is recorded."""
    given, status, param, text = BAD[name]
    before = await tasks_accepted(pixel)
    answer = await client.request(**{"method": "POST"} | given)
    assert text in is_failure(answer, status)
    assert answer.json()["error"]["param"] == param
    assert await tasks_accepted(pixel) == before


async def test_errors_elsewhere_keep_their_form(client: httpx.AsyncClient) -> None:
    """OpenAI's form is on /v1 only."""
    is_failure(await client.post("/api/v1/generations/image", json={}), 400)
    is_failure(await client.get("/v1x/models"), 404)


FAULTS = {
    "refused": (400, "provider_rejected", "false"),
    "content_rejected": (400, "content_policy_violation", "false"),
    "failed": (502, "generation_failed", "false"),
    "lost_result": (502, "result_lost", "false"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_task_that_fails_is_an_error_that_names_it(client: httpx.AsyncClient, fault: str) -> None:
    """The error has the task's code, and says whether to send the call again: not where it may have been paid for."""
    status, code, again = FAULTS[fault]
    answer = await client.post(CHAT, json=TALK | steered(fault=fault))
    message = is_failure(answer, status)
    assert answer.headers["x-pixel-task"] in message
    assert answer.json()["error"]["code"] == code
    assert answer.headers["x-should-retry"] == again


async def test_a_failure_in_a_stream_is_told_in_the_stream(client: httpx.AsyncClient) -> None:
    """The stream has begun when the task fails, so its error is the last piece."""
    answer = await client.post(CHAT, json=TALK | {"stream": True} | steered(fault="failed"))
    assert answer.status_code == 200
    last = answer.text.strip().split("\n\n")[-1]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "generation_failed"


async def test_videos_are_tasks_of_their_own_kind(client: httpx.AsyncClient) -> None:
    """Another task is no video; one that is not done has no file, and one that is cancelled is failed."""
    image = (await client.post(IMAGES, json=CAT)).headers["x-pixel-task"]
    for answer in (await client.get(f"{VIDEOS}/{image}"), await client.delete(f"{VIDEOS}/{image}")):
        assert "not found" in is_failure(answer, 404)
    video = (await client.post(VIDEOS, json=FILM | steered(latency=600))).json()["id"]
    assert "is not completed" in is_failure(await client.get(f"{VIDEOS}/{video}/content"), 409)
    assert "choose one of video, thumbnail" in is_failure(
        await client.get(f"{VIDEOS}/{video}/content?variant=spritesheet"), 400
    )
    for _ in range(2):
        assert (await client.delete(f"{VIDEOS}/{video}")).json() == {
            "id": video,
            "object": "video.deleted",
            "deleted": True,
        }
    shown = (await client.get(f"{VIDEOS}/{video}")).json()
    assert (shown["status"], shown["error"]["code"]) == ("failed", "cancelled")


async def test_the_list_of_videos_has_pages(client: httpx.AsyncClient) -> None:
    """Newest first, and a page begins behind the video that ended the one before."""
    made = [(await client.post(VIDEOS, json=FILM | steered(latency=600))).json()["id"] for _ in range(3)]
    seen: list[str] = []
    after = ""
    while True:
        page = (await client.get(f"{VIDEOS}?limit=2{after}")).json()
        seen += [video["id"] for video in page["data"]]
        if not page["has_more"]:
            break
        after = f"&after={page['last_id']}"
    assert seen[:3] == made[::-1]
    assert len(seen) == len(set(seen))
    for video in made:
        await client.delete(f"{VIDEOS}/{video}")


async def test_a_call_that_takes_too_long_loses_nothing(
    database_server: str, begun_template: str, tmp_path: Path
) -> None:
    """After the time that a call may wait it is answered, and the task goes on. With its key the call is sent again by
    the clients themselves, and is answered from the same task; without one they must not send it again."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path, openai_wait_seconds=0.3, drain_seconds=0.1) as (pixel, client),
    ):
        slow = SAY | steered(latency=2)
        keyed = {"Idempotency-Key": "order-17"}
        answers = [await client.post(SPEECH, json=slow), await client.post(SPEECH, json=slow, headers=keyed)]
        for answer, again in zip(answers, ("false", "true"), strict=True):
            assert f"GET /api/v1/tasks/{answer.headers['x-pixel-task']}" in is_failure(answer, 504)
            assert answer.headers["x-should-retry"] == again
        streamed = await client.post(CHAT, json=TALK | {"stream": True} | steered(latency=600))
        assert '"code":"task_unfinished"' in streamed.text
        await until(client, answers[1].headers["x-pixel-task"], status="completed")
        last = await client.post(SPEECH, json=slow, headers=keyed)
        assert last.status_code == 200, last.text
        assert last.headers["x-pixel-task"] == answers[1].headers["x-pixel-task"]
        assert last.headers["idempotent-replayed"] == "true"
        assert await pixel.pool.fetchval("SELECT count(*) FROM sandbox.jobs") == 3


async def test_a_call_is_answered_when_the_service_stops(
    database_server: str, begun_template: str, tmp_path: Path
) -> None:
    """Waits end with the service: the caller learns of the task, in a stream, too."""
    async with (
        fresh_database(database_server, begun_template) as dsn,
        running(dsn, tmp_path, drain_seconds=0.1) as (pixel, client),
    ):
        slow = TALK | steered(latency=600)
        calls = [asyncio.create_task(client.post(CHAT, json=slow | {"stream": stream})) for stream in (True, False)]
        while await pixel.pool.fetchval("SELECT count(*) FROM sandbox.jobs") < 2:
            await asyncio.sleep(0.02)
        pixel.task_ends.close()
        streamed, plain = await asyncio.gather(*calls)
        assert "goes on" in is_failure(plain, 504)
        assert '"code":"task_unfinished"' in streamed.text


async def test_who_asked_and_what_it_cost_are_in_the_task(client: httpx.AsyncClient) -> None:
    """A call is a task like any other, with what OpenAI has no word for."""
    answer = await client.post(CHAT, json=TALK | {"user": "me", "pixel": {"projectId": "p1", "source": "chat"}})
    task = (await client.get(f"/api/v1/tasks/{answer.json()['id']}")).json()["data"]
    assert (task["project_id"], task["source"], task["metadata"]) == ("p1", "chat", {"user": "me"})
    assert answer.headers["x-pixel-task"] == task["id"]
    assert msgspec.json.decode(answer.content)["choices"][0]["message"]["content"] == task["result"]["text"]
