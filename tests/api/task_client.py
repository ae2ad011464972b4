"""Requests to the API in tests: plain bodies, reading and awaiting a task, and the form of every error."""

import asyncio
from typing import Any

import httpx

from api.openai.errors import is_openai
from services.state import Pixel
from tests.patience import patient

IMAGE: dict[str, Any] = {"prompt": "a cat", "model": "sandbox/image"}
SMALL: dict[str, Any] = {**IMAGE, "resolution": "512"}  # made in half the time
VIDEO: dict[str, Any] = {"prompt": "a cat", "model": "sandbox/video"}
AUDIO: dict[str, Any] = {"prompt": "hello", "model": "sandbox/speech"}
TEXT: dict[str, Any] = {"prompt": "hello", "model": "sandbox/text"}


async def get(client: httpx.AsyncClient, task_id: str, *, wait: int = 0, query: str = "") -> dict[str, Any]:
    """The task, after waiting up to `wait` seconds for its end."""
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    answer = await client.get(f"/api/v1/tasks/{task_id}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    task: dict[str, Any] = answer.json()["data"]
    return task


async def until(client: httpx.AsyncClient, task_id: str, **wanted: Any) -> dict[str, Any]:
    """The task, once its fields have these values."""
    async with asyncio.timeout(patient(30)):
        while True:
            task = await get(client, task_id)
            if all(task.get(name) == value for name, value in wanted.items()):
                return task
            await asyncio.sleep(0.02)


async def tasks_accepted(pixel: Pixel) -> int:
    """How many tasks were ever accepted. Unlike the end of the log it stays while other tests' tasks go on."""
    return int(await pixel.pool.fetchval("SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'"))


def is_failure(answer: httpx.Response, status: int) -> str:
    """Check the error body, in the form that its path has; returns its message."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    if is_openai(answer.request.url.path):
        assert list(body["error"]) == ["message", "type", "param", "code"]
        return str(body["error"]["message"])
    assert list(body) == ["code", "message", "request_id"]
    assert body["code"] == str(status)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"].startswith("application/json")
    return str(body["message"])
