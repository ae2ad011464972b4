"""OpenAI's own client speaks to Pixel: each route, with the sandbox's models, against a service of its own."""

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from adapters.media.probe import measure
from tests.e2e.conftest import Databases
from tests.e2e.service import Service, data_folder, eventually, pixel, sql
from tests.patience import patient
from tests.samples import png

# The vendor has ended its own videos, and its client warns at every call.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
PATIENCE_SECONDS = 120
HAIKU: list[ChatCompletionMessageParam] = [
    {"role": "developer", "content": "You are a poet."},
    {"role": "user", "content": [{"type": "text", "text": "Write a haiku about the sea."}]},
]


@pytest.fixture(scope="module")
async def database(databases: Databases) -> AsyncGenerator[str]:
    """The database of the service."""
    async with databases() as dsn:
        yield dsn


@pytest.fixture(scope="module")
async def service(database: str) -> AsyncGenerator[Service]:
    """One service for all of these tests."""
    with data_folder() as folder:
        async with pixel(database, folder) as running:
            yield running
            assert running.trouble() == []


@pytest.fixture
async def client(service: Service) -> AsyncGenerator[openai.AsyncOpenAI]:
    """The client, as it comes: it has a key of OpenAI's, and sends a call again after some errors."""
    async with openai.AsyncOpenAI(
        api_key="sk-proj-0000000000000001", base_url=f"{service.url}/v1", timeout=patient(PATIENCE_SECONDS)
    ) as made:
        yield made


def steered(**sandbox: Any) -> dict[str, Any]:
    """A body's addition: options for the sandbox."""
    return {"pixel": {"extraParams": {"sandbox": sandbox}}}


async def test_models(client: openai.AsyncOpenAI) -> None:
    """The list has the models that can be asked, and each is found by its id, slash and all."""
    listed = [model async for model in client.models.list()]
    assert {model.id for model in listed} == {"sandbox/image", "sandbox/video", "sandbox/speech", "sandbox/text"}
    assert all(0 <= time.time() - model.created < 3600 for model in listed)
    assert await client.models.retrieve("sandbox/image") == listed[0]
    with pytest.raises(openai.NotFoundError) as error:
        await client.models.retrieve("gpt-4o")
    assert error.value.status_code == 404
    with pytest.raises(openai.NotFoundError, match="can't be asked now"):
        await client.models.retrieve("dashscope/qwen-image")


async def test_images(client: openai.AsyncOpenAI, service: Service) -> None:
    """As many images as asked for, of that size, as files or by addresses that anybody can open."""
    files = await client.images.generate(model="sandbox/image", prompt="a boat", size="512x512", n=2)
    assert files.data
    found = [measure(base64.b64decode(image.b64_json or "")) for image in files.data]
    assert [(image.media_type, image.width, image.height) for image in found] == [("image/png", 512, 512)] * 2
    assert (files.output_format, files.size) == ("png", "512x512")

    shown = await client.images.generate(prompt="a boat", size="512x288", response_format="url")
    assert shown.data
    assert shown.data[0].url
    kept = measure((await service.client.get(shown.data[0].url)).content)
    assert (kept.width, kept.height) == (512, 288)


@pytest.mark.parametrize("count", [1, 2])
async def test_edits(client: openai.AsyncOpenAI, service: Service, count: int) -> None:
    """Files become assets, which the task names as its inputs."""
    files = [png() for _ in range(count)]
    given = [(f"{number}.png", io.BytesIO(file), "image/png") for number, file in enumerate(files)]
    raw = await client.images.with_raw_response.edit(
        model="sandbox/image", prompt="a boat", image=given[0] if count == 1 else given, size="512x512", n=1
    )
    made = raw.parse()
    assert made.data
    assert measure(base64.b64decode(made.data[0].b64_json or "")).width == 512
    task = await service.get(f"/api/v1/tasks/{raw.headers['x-pixel-task']}")
    inputs = [await service.client.get(f"/api/v1/assets/{asset}") for asset in task["params"]["imageInputs"]]
    assert [each.content for each in inputs] == files


async def test_speech(client: openai.AsyncOpenAI) -> None:
    """The answer is the audio, in the format that the model makes."""
    said = await client.audio.speech.create(model="sandbox/speech", voice="en-gb", input="hello", response_format="wav")
    assert said.response.headers["content-type"] == "audio/wav"
    assert measure(said.content).duration_seconds
    async with client.audio.speech.with_streaming_response.create(
        model="sandbox/speech", voice="de", input="hallo", speed=2
    ) as streamed:
        assert (await streamed.read()).startswith(b"RIFF")


async def test_chat(client: openai.AsyncOpenAI, service: Service) -> None:
    """An answer, its tokens, and where it was cut off; it goes back into the conversation as it came."""
    first = await client.chat.completions.create(model="sandbox/text", messages=HAIKU, max_completion_tokens=12, seed=7)
    assert first.usage
    assert (first.choices[0].finish_reason, first.usage.completion_tokens) == ("length", 12)
    said = first.choices[0].message
    more: list[Any] = [*HAIKU, said, {"role": "user", "content": "Another."}]
    second = await client.chat.completions.create(model="sandbox/text", messages=more, user="me", temperature=0.5)
    assert second.choices[0].finish_reason == "stop"
    task = await service.get(f"/api/v1/tasks/{second.id}")
    assert task["result"]["text"] == second.choices[0].message.content
    assert task["params"]["messages"][2] == {"role": "assistant", "content": said.content}


async def test_a_streamed_chat(client: openai.AsyncOpenAI, service: Service) -> None:
    """The pieces are the text of the task, in order; the last one has the tokens."""
    stream = await client.chat.completions.create(
        model="sandbox/text", messages=HAIKU, stream=True, stream_options={"include_usage": True}
    )
    pieces = [piece async for piece in stream]
    task = await service.get(f"/api/v1/tasks/{pieces[0].id}")
    choices = [piece.choices[0] for piece in pieces if piece.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == task["result"]["text"]
    assert choices[-1].finish_reason == "stop"
    assert pieces[-1].usage
    assert pieces[-1].usage.total_tokens == task["usage"]["total_tokens"]
    assert len(choices) > 3


async def test_videos(client: openai.AsyncOpenAI) -> None:
    """A video is made, looked after, downloaded and listed; one under way is stopped, one that is done is kept."""
    of_pixels: Any = {"seconds": "2", "size": "480x480"}  # the client's types know the vendor's own only
    begun = await client.videos.create(
        model="sandbox/video", prompt="a boat", input_reference=("a.png", png()), **of_pixels
    )
    assert (begun.object, begun.size, begun.seconds, begun.error) == ("video", "480x480", "2", None)
    done = await client.videos.poll(begun.id, poll_interval_ms=50)
    assert (done.status, done.progress, done.seconds) == ("completed", 100, "2")
    film = measure((await client.videos.download_content(done.id)).content)
    assert (film.media_type, film.width, film.height, film.duration_seconds) == ("video/mp4", 480, 480, 2.0)
    small = measure((await client.videos.download_content(done.id, variant="thumbnail")).content)
    assert (small.media_type, small.width) == ("image/webp", 256)

    slow = await client.videos.create(prompt="a boat", extra_body={"pixel": json.dumps(steered(latency=600)["pixel"])})
    assert (await client.videos.delete(slow.id)).deleted
    stopped = await client.videos.retrieve(slow.id)
    assert stopped.error
    assert (stopped.status, stopped.error.code) == ("failed", "cancelled")
    assert [video.id async for video in client.videos.list(limit=1)] == [slow.id, done.id]
    with pytest.raises(openai.ConflictError, match="completed already"):
        await client.videos.delete(done.id)


REFUSALS: dict[str, tuple[type[openai.APIStatusError], dict[str, Any], str, str]] = {
    "quality": (openai.BadRequestError, {"quality": "hd"}, "quality", "invalid_request"),
    "size": (openai.BadRequestError, {"size": "1792x1024"}, "size", "invalid_request"),
    "model": (openai.NotFoundError, {"model": "invalid/model"}, "model", "model_not_found"),
    "kind": (openai.BadRequestError, {"model": "sandbox/video"}, "model", "wrong_kind"),
    "dall-e": (openai.BadRequestError, {"model": "dall-e-3"}, "model", "invalid_request"),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_is_the_clients_own_exception(client: openai.AsyncOpenAI, name: str) -> None:
    """The client raises its own class of error, with parameter and code, and does not send the call again."""
    error_class, wrong, param, code = REFUSALS[name]
    with pytest.raises(error_class) as error:
        await client.images.generate(**{"model": "sandbox/image", "prompt": "a boat"} | wrong)
    assert (error.value.param, error.value.code, error.value.type) == (param, code, "invalid_request_error")
    assert error.value.request_id


async def test_a_failed_task_is_asked_for_once(client: openai.AsyncOpenAI, database: str) -> None:
    """The client sends a call again after errors of a server, unless it is told not to: what may be paid for is not."""
    with pytest.raises(openai.InternalServerError) as error:
        await client.chat.completions.create(model="sandbox/text", messages=HAIKU, extra_body=steered(fault="failed"))
    assert error.value.code == "generation_failed"
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(
            model="sandbox/text", messages=HAIKU, extra_body=steered(fault="content_rejected")
        )
    assert refused.value.code == "content_policy_violation"
    stream = await client.chat.completions.create(
        model="sandbox/text", messages=HAIKU, stream=True, extra_body=steered(fault="lost_result")
    )
    with pytest.raises(openai.APIError) as broken:
        async for _ in stream:
            pass
    assert broken.value.code == "result_lost"
    assert await orders(database, "failed") == 1
    assert await orders(database, "lost_result") == 1


async def test_who_hangs_up_pays_once(client: openai.AsyncOpenAI, service: Service, database: str) -> None:
    """Callers hang up, in the middle of a stream, too, and send the same call again with its key: it is one task, made
    once."""
    body = {"model": "sandbox/text", "messages": HAIKU, "seed": 4711} | steered(latency=1)
    for stream in (False, True):
        key = {"Idempotency-Key": f"order-{stream}"}
        with pytest.raises(TimeoutError):
            async with (
                asyncio.timeout(0.3),
                service.client.stream(
                    "POST", "/v1/chat/completions", json=body | {"stream": stream}, headers=key
                ) as answer,
            ):
                await answer.aread()
        again = [
            client.chat.completions.create(
                model="sandbox/text", messages=HAIKU, seed=4711, extra_headers=key, extra_body=steered(latency=1)
            )
            for _ in range(2)
        ]
        first, second = await asyncio.gather(*again)
        assert first.id == second.id
    assert await orders(database, "4711") == 2
    await eventually("all of the calls to end", lambda: _idle(service), service.log)


async def _idle(service: Service) -> bool:
    return bool((await service.client.get("/health/ready")).json()["status"] == "ready")


async def orders(database: str, text: str) -> int:
    """How many orders the sandbox has with this text in them."""
    async with sql(database) as connection:
        found = await connection.fetchval(
            'SELECT count(*) FROM sandbox.jobs WHERE position($1::bytea in "order") > 0', text.encode()
        )
    return int(found)
