"""The contract, word for word: every JSON example of it, field by field, against the whole application."""

import asyncio
import re
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.patience import patient

IMAGE = {
    "prompt": "a beautiful sunset over mountains",
    "model": "dashscope/qwen-image",
    "negativePrompt": "blurry, low quality",
    "resolution": "2K",
    "aspectRatio": "16:9",
    "n": 1,
    "imageInputs": ["https://example.com/ref-image.jpg"],
    "extraParams": {"loras": [{"model": "dashscope/anime-style", "weight": 0.8}]},
    "projectId": "proj_123",
    "source": "canvas",
    "sourceId": "canvas_456",
}
VIDEO = {
    "prompt": "a cat playing with a ball",
    "model": "dashscope/wan2.6-video",
    "negativePrompt": "static, blurry",
    "duration": "5s",
    "resolution": "720p",
    "n": 1,
    "imageInputs": ["https://example.com/first-frame.jpg"],
    "projectId": "proj_123",
}
AUDIO = {
    "prompt": "Hello, welcome to Pixel AI!",
    "model": "volcengine/doubao-tts",
    "voice": "zh_female_qingxin",
    "speed": 1.0,
    "projectId": "proj_123",
}

MODELS: dict[str, dict[str, dict[str, Any]]] = {
    "image": {
        "dashscope/qwen-image": {
            "id": "dashscope/qwen-image",
            "name": "Qwen Image",
            "type": "image",
            "provider": "dashscope",
            "model_key": "qwen-image",
            "is_default": True,
            "enabled": True,
            "capabilities": {"supportsLora": True, "supportsRefImage": True},
            "resolutions": {
                "1K": {"16:9": "1280*720", "1:1": "1024*1024"},
                "2K": {"16:9": "2560*1440", "1:1": "2048*2048"},
            },
        },
        "modelscope/qwen-image": {
            "id": "modelscope/qwen-image",
            "name": "ModelScope Qwen Image",
            "type": "image",
            "provider": "modelscope",
            "model_key": "qwen-image",
            "is_default": False,
            "enabled": True,
            "capabilities": {"supportsLora": True},
        },
    },
    "video": {
        "dashscope/wan2.6-video": {
            "id": "dashscope/wan2.6-video",
            "name": "Wan 2.6 Video",
            "type": "video",
            "provider": "dashscope",
            "model_key": "wan2.6-video",
            "is_default": True,
            "enabled": True,
            "durations": {"5s": "5秒", "10s": "10秒"},
        }
    },
    "audio": {
        "volcengine/doubao-tts": {
            "id": "volcengine/doubao-tts",
            "name": "豆包 TTS",
            "type": "audio",
            "provider": "volcengine",
            "model_key": "doubao-tts",
            "is_default": True,
            "enabled": True,
            "voices": [{"id": "zh_female_qingxin", "name": "清新女声", "language": "zh"}],
        }
    },
    "llm": {
        "dashscope/qwen-plus": {
            "id": "dashscope/qwen-plus",
            "name": "Qwen Plus",
            "type": "llm",
            "provider": "dashscope",
            "model_key": "qwen-plus",
            "is_default": True,
            "enabled": True,
        }
    },
}


async def finished(client: httpx.AsyncClient, task_id: str) -> dict[str, Any]:
    """The task after its end, as the contract's own polling loop finds it."""
    async with asyncio.timeout(patient(60)):
        while True:
            answer = await client.get(f"/api/v1/tasks/{task_id}", headers={"Prefer": "wait=20"})
            task: dict[str, Any] = answer.json()["data"]
            if task["status"] in ("completed", "failed"):
                return task


async def test_models_are_those_of_the_example(client: httpx.AsyncClient) -> None:
    """GET /models holds every model of the example, with its documented fields and values; others are only added."""
    answer = await client.get("/api/v1/models")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["code"], body["message"]) == ("200", "success")
    assert list(body["data"]) == ["image", "video", "audio", "llm"]
    for kind, models in MODELS.items():
        for model, example in models.items():
            found = body["data"][kind][model]
            assert {name: found[name] for name in example} == example
            assert None not in found.values()


async def test_the_first_model_of_a_kind_is_its_enabled_default(client: httpx.AsyncClient) -> None:
    """The contract's example takes the first key, so that is the default; disabled ones come last."""
    data = (await client.get("/api/v1/models")).json()["data"]
    for models in data.values():
        first = next(iter(models.values()))
        assert first["is_default"]
        assert first["enabled"]
        enabled = [model["enabled"] for model in models.values()]
        assert enabled == sorted(enabled, reverse=True)


@pytest.mark.parametrize(("kind", "body"), [("image", IMAGE), ("video", VIDEO), ("audio", AUDIO)])
async def test_a_generation_answers_with_its_task(client: httpx.AsyncClient, kind: str, body: dict[str, Any]) -> None:
    """Every request example is accepted, and answered with the envelope around a task id; what it should cost is added
    where the model has prices, and nothing else."""
    answer = await client.post(f"/api/v1/generations/{kind}", json=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    data = answer.json()
    assert (data["code"], data["message"]) == ("200", "success")
    priced = {"image": True, "video": True, "audio": False}[kind]
    assert list(data["data"]) == ["task_id", *(["estimated_cost"] if priced else [])]
    assert re.fullmatch(r"task_[0-9a-z]{26}", data["data"]["task_id"])
    assert answer.headers["location"] == f"/api/v1/tasks/{data['data']['task_id']}"


async def test_a_completed_task_has_the_documented_shape(client: httpx.AsyncClient) -> None:
    """GET /tasks/{id}: id, type, status, model, params as sent, result with url and size, times in UTC with Z."""
    sent = {"prompt": "a beautiful sunset over mountains", "resolution": "2K", "aspectRatio": "16:9"}
    answer = await client.post("/api/v1/generations/image", json={**sent, "model": "dashscope/qwen-image"})
    task_id = answer.json()["data"]["task_id"]
    task = await finished(client, task_id)
    assert task["id"] == task_id
    assert (task["type"], task["status"], task["model"]) == ("image", "completed", "dashscope/qwen-image")
    assert task["params"] == sent
    (image,) = task["result"]["images"]
    assert (image["width"], image["height"]) == (2560, 1440)
    for field in ("created_at", "updated_at"):
        assert task[field].endswith("Z")
        assert datetime.fromisoformat(task[field]).tzinfo is not None
    media = await client.get(image["url"])
    assert media.status_code == 200
    assert media.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("kind", "body", "media"),
    [
        ("video", {**VIDEO, "imageInputs": None, "duration": "5s"}, "videos"),
        ("audio", AUDIO, "audios"),
    ],
)
async def test_video_and_audio_come_out_like_images(
    client: httpx.AsyncClient, kind: str, body: dict[str, Any], media: str
) -> None:
    """The result of a video or an audio task has a list of its own, with url and measured length."""
    answer = await client.post(f"/api/v1/generations/{kind}", json=body)
    task = await finished(client, answer.json()["data"]["task_id"])
    assert task["status"] == "completed"
    assert task["type"] == kind
    (item,) = task["result"][media]
    assert item["duration"] > 0
    assert (await client.get(item["url"])).headers["content-type"] == {"video": "video/mp4", "audio": "audio/wav"}[kind]


async def test_text_is_a_task_like_the_others(client: httpx.AsyncClient) -> None:
    """POST /generations/text takes a prompt or messages, and ends with result.text and usage."""
    messages = {"messages": [{"role": "user", "content": "hello"}], "system": "Be brief.", "temperature": 0.2}
    for body in ({"prompt": "hello"}, {**messages, "maxTokens": 5}):
        answer = await client.post("/api/v1/generations/text", json={**body, "model": "dashscope/qwen-plus"})
        task = await finished(client, answer.json()["data"]["task_id"])
        assert task["type"] == "llm"
        assert task["result"]["text"]
        assert task["usage"] == task["result"]["usage"]
        assert task["usage"]["completion_tokens"] <= body.get("maxTokens", 1000)


@pytest.mark.parametrize(
    ("model", "status", "message"),
    [
        (
            "qwen-image",
            400,
            "Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'",
        ),
        (
            "invalid/model",
            404,
            "Model 'invalid/model' not found. Available models can be fetched from /api/v1/models",
        ),
    ],
)
async def test_the_two_documented_errors(client: httpx.AsyncClient, model: str, status: int, message: str) -> None:
    """The two error texts are word for word those of the contract, in the documented body."""
    answer = await client.post("/api/v1/generations/image", json={"prompt": "a cat", "model": model})
    assert answer.status_code == status
    body = answer.json()
    assert list(body) == ["code", "message", "request_id"]
    assert (body["code"], body["message"]) == (str(status), message)
    assert body["request_id"] == answer.headers["x-request-id"]


async def test_a_body_without_a_content_type_header_of_ours_works(client: httpx.AsyncClient) -> None:
    """The contract's fetch examples send no header, which browsers turn into text/plain: it is taken as JSON."""
    for headers in ({"content-type": "text/plain;charset=UTF-8"}, {}):
        content = b'{"prompt":"a cat","model":"sandbox/image"}'
        answer = await client.post("/api/v1/generations/image", content=content, headers=headers)
        assert answer.status_code == 200
