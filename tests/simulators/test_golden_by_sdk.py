"""What Pixel sends, said again by the vendors' own clients: a member that the client does not know, or writes in
another way, is one that Pixel has made up."""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from google import genai
from google.genai import types
from volcenginesdkarkruntime import AsyncArk

from tests.simulators import media
from tests.simulators._google import camel_case
from tests.simulators.base import Request, without_nulls
from tests.simulators.serve import make, served

GOLDEN = Path(__file__).parents[1] / "adapters" / "providers" / "golden"
# Not replayed: Ark's client has no speech, and Google's has no operations outside of its enterprise platform.
WITHOUT_CLIENT = ("/tts", ":predictLongRunning")
PNG = base64.b64encode(media.png("a reference", 64, 64)).decode()
IMAGES = {"gemini": PNG, "openai": PNG, "volcengine": f"data:image/png;base64,{PNG}"}
KEYS = {
    "gemini": "gemini-key-0000000001",
    "openai": "sk-proj-0000000000000001",
    "volcengine": "00000000-0000-4000-8000-000000000001",
}


def golden() -> list[Any]:
    """The golden requests of the vendors whose clients name each member, without those that no client can send."""
    found = [(file, json.loads(file.read_text())["request"]) for file in sorted(GOLDEN.glob("*.json"))]
    return [
        pytest.param(file.name.split(".")[0], request["path"], request["body"], id=file.stem)
        for file, request in found
        if file.name.split(".")[0] in KEYS and not any(path in request["path"] for path in WITHOUT_CLIENT)
    ]


def whole(value: Any, data: str) -> Any:
    """A golden body with an image wherever one was left out for its length."""
    if isinstance(value, dict):
        return {name: whole(item, data) for name, item in value.items()}
    if isinstance(value, list):
        return [whole(item, data) for item in value]
    return data if isinstance(value, str) and re.fullmatch(r"\(\d+ letters\)", value) else value


def form(fields: list[list[Any]]) -> dict[str, Any]:
    """A golden form as the arguments of a client: numbers are numbers, files have bytes, several are a list."""
    found: dict[str, Any] = {}
    size = next((value for name, value in fields if name == "size" and name != "auto"), "64x64")
    for name, value in fields:
        if isinstance(value, list):
            width, height = map(int, size.split("x"))
            file = (value[0], media.png("a reference", width, height), value[1])
            found.setdefault(name.removesuffix("[]"), []).append(file)
        else:
            found[name] = int(value) if name == "n" else value
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in found.items()}


async def by_openai(address: str, path: str, body: Any) -> None:
    """OpenAI's client, whose methods take the members as arguments."""
    async with openai.AsyncOpenAI(api_key=KEYS["openai"], base_url=f"{address}/v1", max_retries=0) as client:
        sends: dict[str, Callable[..., Awaitable[Any]]] = {
            "/v1/chat/completions": client.chat.completions.create,
            "/v1/images/generations": client.images.generate,
            "/v1/images/edits": client.images.edit,
            "/v1/audio/speech": client.audio.speech.create,
            "/v1/videos": client.videos.create,
        }
        await sends[path](**(form(body) if isinstance(body, list) else body))


async def by_ark(address: str, path: str, body: Any) -> None:
    """Ark's client, likewise."""
    async with AsyncArk(api_key=KEYS["volcengine"], base_url=f"{address}/api/v3", max_retries=0) as client:
        sends: dict[str, Callable[..., Awaitable[Any]]] = {
            "/api/v3/chat/completions": client.chat.completions.create,
            "/api/v3/images/generations": client.images.generate,
            "/api/v3/contents/generations/tasks": client.content_generation.tasks.create,
        }
        await sends[path](**body)


async def by_google(address: str, path: str, body: Any) -> None:
    """Google's client, whose types forbid members that they do not have."""
    client = genai.Client(api_key=KEYS["gemini"], http_options=types.HttpOptions(base_url=address))
    try:
        async with client.aio as waiting:
            if path.endswith("/interactions"):
                await waiting.interactions.create(**body)
                return
            said = [types.Content.model_validate(turn) for turn in body["contents"]]
            config = {name: value for name, value in body.items() if name not in {"contents", "generationConfig"}}
            wanted = types.GenerateContentConfig.model_validate(config | body.get("generationConfig", {}))
            model = path.rpartition("/")[2].partition(":")[0]
            await waiting.models.generate_content(model=model, contents=said, config=wanted)
    finally:
        client.close()


CLIENTS = {"gemini": by_google, "openai": by_openai, "volcengine": by_ark}


def members(request: Request) -> dict[str, Any]:
    """What arrived, member by member, in one way of writing; files by their media types."""
    if request.headers["content-type"].startswith("multipart/"):
        return {
            part.name.removesuffix("[]"): part.media_type if part.file else part.data.decode()
            for part in request.parts()
        }
    body = without_nulls(request.json())
    return dict(camel_case(body)) if ":generateContent" in request.path else body


def expected(body: Any) -> dict[str, Any]:
    """What Pixel sent, in the same way of writing."""
    if isinstance(body, list):
        return {name.removesuffix("[]"): value[1] if isinstance(value, list) else value for name, value in body}
    # Google's client packs the input of an interaction into a step, adds a role to an instruction, and writes base64 in
    # another alphabet; OpenAI's leaves out that nothing is streamed. All of that, the simulator has checked.
    other = {"input", "contents", "systemInstruction", "stream"}
    return {name: value for name, value in body.items() if name not in other}


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
@pytest.mark.parametrize(("vendor", "path", "body"), golden())
async def test_a_client_can_send_what_pixel_sends(vendor: str, path: str, body: Any) -> None:
    """The vendor's client takes each member of a golden request, and the same members arrive with the same values."""
    simulator, asked = make(vendor), whole(body, IMAGES[vendor])
    async with served(simulator) as address:
        await CLIENTS[vendor](address, path, asked)
    (request, answer), *_ = simulator.orders
    assert answer.status == 200
    sent, arrived = expected(asked), members(request)
    assert {name: arrived.get(name) for name in sent} == sent
