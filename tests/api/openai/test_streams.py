"""A chat as a stream, over real wiring: what was sent, and what the task has at its end."""

import asyncio
import json
from typing import Any

import httpx

from application.live_text import TextPiece
from services.state import Pixel

CHAT = "/v1/chat/completions"
TALK: dict[str, Any] = {"model": "sandbox/text", "messages": [{"role": "user", "content": "hi"}]}


def events(answer: httpx.Response) -> list[Any]:
    """The data of the events, without the last one that says that it is the last."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def text(sent: list[Any]) -> str:
    """What was said."""
    return "".join(choice["delta"].get("content", "") for each in sent for choice in each.get("choices", ()))


async def begun(client: httpx.AsyncClient, key: str, latency: float) -> str:
    """A task that is not written as a stream, so that nobody hands its text on. The same call under its key is it."""
    body = TALK | {"extraParams": {"sandbox": {"latency": latency}}}
    answer = await client.post("/api/v1/generations/text", json=body, headers={"Idempotency-Key": key})
    return str(answer.json()["data"]["task_id"])


async def follow(client: httpx.AsyncClient, key: str, latency: float) -> httpx.Response:
    """The task as a stream."""
    body = TALK | {"stream": True, "pixel": {"extraParams": {"sandbox": {"latency": latency}}}}
    return await client.post(CHAT, json=body, headers={"Idempotency-Key": key})


async def test_who_hears_nothing_has_the_whole_text(client: httpx.AsyncClient) -> None:
    """Every piece was lost: the text comes at the end."""
    task = await begun(client, "unheard", 0.3)
    answer = await follow(client, "unheard", 0.3)
    assert answer.headers["x-pixel-task"] == task
    view = (await client.get(f"/api/v1/tasks/{task}")).json()["data"]
    assert text(events(answer)) == view["result"]["text"]
    assert answer.text.endswith("data: [DONE]\n\n")


async def test_an_answer_that_was_begun_anew_ends_with_an_error(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """Another call has another text: what was sent can't be taken back, and the task has the whole."""
    task = await begun(client, "anew", 0.5)
    pixel.texts.put(TextPiece(task=task, call=f"{task}.1", offset=0, text="Something else"))
    sent = events(await follow(client, "anew", 0.5))
    assert text(sent) == "Something else"
    error = sent[-1]["error"]
    assert error["code"] == "answer_begun_anew"
    assert f"GET /api/v1/tasks/{task}" in error["message"]
    view = (await client.get(f"/api/v1/tasks/{task}")).json()["data"]
    assert not view["result"]["text"].startswith("Something else")


async def test_the_sandbox_writes_word_by_word(client: httpx.AsyncClient, pixel: Pixel) -> None:
    """Its text is handed on while it is written, and is the same at every time of asking."""
    body = TALK | {"stream": True, "seed": 7, "pixel": {"extraParams": {"sandbox": {"latency": 0.6}}}}
    first, second = await asyncio.gather(*(client.post(CHAT, json=body) for _ in range(2)))
    assert text(events(first)) == text(events(second))
    task = first.headers["x-pixel-task"]
    view = (await client.get(f"/api/v1/tasks/{task}")).json()["data"]
    assert view["params"]["stream"] is True
    assert text(events(first)) == view["result"]["text"]
    with pixel.texts.listen(task) as texts:
        assert view["result"]["text"].startswith((await texts.next()).text)
