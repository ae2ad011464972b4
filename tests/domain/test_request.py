"""How a body is read: a request, or every problem at once, or a refusal; and never any other error."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import request
from domain.base import Rejected
from domain.model import Kind
from domain.request import (
    AudioRequest,
    Draft,
    ExtraParams,
    ImageRequest,
    Lora,
    Message,
    Problem,
    TextRequest,
    VideoRequest,
    digest,
    params,
    read,
)
from tests.domain.strategies import JSON

# The bodies of the contract, field for field.
IMAGE: dict[str, Any] = {
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
VIDEO: dict[str, Any] = {
    "prompt": "a cat playing with a ball",
    "model": "dashscope/wan2.6-video",
    "negativePrompt": "static, blurry",
    "duration": "5s",
    "resolution": "720p",
    "n": 1,
    "imageInputs": ["https://example.com/first-frame.jpg"],
    "projectId": "proj_123",
}
AUDIO: dict[str, Any] = {
    "prompt": "Hello, welcome to Pixel AI!",
    "model": "volcengine/doubao-tts",
    "voice": "zh_female_qingxin",
    "speed": 1.0,
    "projectId": "proj_123",
}
TEXT: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Write a haiku about the sea."}],
    "model": "dashscope/qwen-plus",
    "system": "You are a poet.",
    "temperature": 0.7,
    "maxTokens": 256,
}
BODIES = {Kind.IMAGE: IMAGE, Kind.VIDEO: VIDEO, Kind.AUDIO: AUDIO, Kind.LLM: TEXT}
SHORT = {"prompt": "a cat", "model": "a/b"}


def encoded(body: object) -> bytes:
    return json.dumps(body).encode()


def problems(body: object, kind: Kind = Kind.IMAGE) -> dict[str, str]:
    """What is wrong, by field."""
    found = read(kind, encoded(body)).problems
    assert len({problem.field for problem in found}) == len(found), "a field is told of twice"
    return {problem.field: problem.says for problem in found}


# --- Good requests ---


def test_the_contract_is_read() -> None:
    """Every field of the documented image request arrives."""
    assert read(Kind.IMAGE, encoded(IMAGE)) == Draft(
        ImageRequest(
            prompt="a beautiful sunset over mountains",
            model="dashscope/qwen-image",
            negative_prompt="blurry, low quality",
            resolution="2K",
            aspect_ratio="16:9",
            n=1,
            image_inputs=["https://example.com/ref-image.jpg"],
            extra_params=ExtraParams(loras=[Lora(model="dashscope/anime-style", weight=0.8)]),
            project_id="proj_123",
            source="canvas",
            source_id="canvas_456",
        ),
        [],
    )


@pytest.mark.parametrize(("kind", "body"), BODIES.items())
def test_every_kind_is_read(kind: Kind, body: dict[str, Any]) -> None:
    """The documented request of every kind has no problem."""
    assert problems(body, kind) == {}


def test_every_kind_has_its_own_fields() -> None:
    """A request is what its endpoint takes."""
    assert read(Kind.VIDEO, encoded(VIDEO)).request == VideoRequest(
        prompt="a cat playing with a ball",
        model="dashscope/wan2.6-video",
        negative_prompt="static, blurry",
        duration="5s",
        resolution="720p",
        n=1,
        image_inputs=["https://example.com/first-frame.jpg"],
        project_id="proj_123",
    )
    assert read(Kind.AUDIO, encoded(AUDIO)).request == AudioRequest(
        prompt="Hello, welcome to Pixel AI!",
        model="volcengine/doubao-tts",
        voice="zh_female_qingxin",
        speed=1.0,
        project_id="proj_123",
    )
    assert read(Kind.LLM, encoded(TEXT)).request == TextRequest(
        messages=[Message(role="user", content="Write a haiku about the sea.")],
        model="dashscope/qwen-plus",
        system="You are a poet.",
        temperature=0.7,
        max_tokens=256,
    )


@pytest.mark.parametrize(("kind", "body"), BODIES.items())
def test_null_is_as_good_as_absent(kind: Kind, body: dict[str, Any]) -> None:
    """A frontend that sends every field, empty or not, asks for the same as one that leaves the empty ones out."""
    names = [field.encode_name for field in request.REQUESTS[kind].__struct_config__ and fields(kind)]
    for name in names:
        if name in {"prompt", "model"}:
            continue
        without = {key: value for key, value in body.items() if key != name}
        assert read(kind, encoded({**body, name: None})) == read(kind, encoded(without))
