"""The vendor's own client drives every route of the simulator, which keeps the simulator honest."""

import asyncio
import base64
import io
from collections.abc import AsyncGenerator

import openai
import pytest

from adapters.media.probe import measure
from tests.patience import patient
from tests.simulators import media
from tests.simulators.openai import OpenAI
from tests.simulators.serve import make, served

KEY = "sk-proj-0000000000000001"
PATIENCE_SECONDS = 60
# The vendor has ended the service, and its client warns at every call; gateways still serve this wire.
WIRE_LIVES_ON = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")


@pytest.fixture
def simulator() -> OpenAI:
    return OpenAI()


@pytest.fixture
async def client(simulator: OpenAI) -> AsyncGenerator[openai.AsyncOpenAI]:
    async with (
        served(simulator) as address,
        openai.AsyncOpenAI(api_key=KEY, base_url=f"{address}/v1", max_retries=0) as client,
    ):
        yield client


async def test_images(client: openai.AsyncOpenAI, simulator: OpenAI) -> None:
    """As many images as ordered, of the ordered size, and their tokens."""
    made = await client.images.generate(
        model="gpt-image-2.5-flare", prompt="a fox", n=2, size="1536x864", quality="low"
    )
    assert made.data
    assert made.usage
    assert made.usage.output_tokens_details
    sizes = [measure(base64.b64decode(one.b64_json or "")) for one in made.data]
    assert [(one.width, one.height) for one in sizes] == [(1536, 864)] * 2
    assert sum(simulator.effects.values()) == 1


@pytest.mark.parametrize("count", [1, 2])
async def test_edits(client: openai.AsyncOpenAI, count: int) -> None:
    """One image or several as input."""
    given = [(f"{number}.png", io.BytesIO(media.png("a chair", 640, 480)), "image/png") for number in range(count)]
    made = await client.images.edit(
        model="gpt-image-1.5", prompt="in blue", image=given[0] if count == 1 else given, size="1024x1536", n=1
    )
    assert made.data
    found = measure(base64.b64decode(made.data[0].b64_json or ""))
    assert (found.width, found.height) == (1024, 1536)


async def test_speech(client: openai.AsyncOpenAI) -> None:
    """Audio in the ordered format."""
    spoken = await client.audio.speech.create(
        model="gpt-4o-mini-tts", voice="marin", input="Hello there.", speed=1.5, instructions="Cheerful."
    )
    assert measure(spoken.content).media_type == "audio/mpeg"


async def test_chat(client: openai.AsyncOpenAI) -> None:
    """An answer and its tokens."""
    answer = await client.chat.completions.create(
        model="gpt-5.4-mini", messages=[{"role": "user", "content": "A haiku."}], max_completion_tokens=100
    )
    assert answer.choices[0].message.content
    assert answer.usage
    assert answer.usage.completion_tokens_details
    assert answer.usage.completion_tokens_details.reasoning_tokens == 20


@WIRE_LIVES_ON
async def test_a_video(client: openai.AsyncOpenAI) -> None:
    """A complete job: ordered with an image, polled until it is done, listed, fetched, deleted."""
    frame = ("frame.png", media.png("a harbour", 1280, 720), "image/png")
    video = await client.videos.create_and_poll(
        model="sora-2", prompt="it moves", seconds="4", size="1280x720", input_reference=frame, poll_interval_ms=1
    )
    assert (video.status, video.progress, video.seconds) == ("completed", 100, "4")
    assert [one.id async for one in client.videos.list(limit=10)] == [video.id]
    found = measure((await client.videos.download_content(video.id)).content)
    assert (found.width, found.height, found.duration_seconds) == (1280, 720, 4.0)
    assert (await client.videos.delete(video.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await client.videos.retrieve(video.id)


@WIRE_LIVES_ON
async def test_a_video_without_an_image(client: openai.AsyncOpenAI) -> None:
    """The client sends a form in this case, too, and leaves the defaults to the vendor."""
    video = await client.videos.create(prompt="a cat")
    assert (video.model, video.seconds, video.size, video.status) == ("sora-2", "4", "720x1280", "queued")


async def test_errors(client: openai.AsyncOpenAI) -> None:
    """Each error arrives as the client's own class for it, with its code."""
    for mark, kind, code in (
        ("rate_limited", openai.RateLimitError, "rate_limit_exceeded"),
        ("no_balance", openai.RateLimitError, "insufficient_quota"),
        ("moderated_input", openai.BadRequestError, "moderation_blocked"),
        ("model_gone", openai.NotFoundError, "model_not_found"),
    ):
        with pytest.raises(kind) as raised:
            await client.images.generate(model="gpt-image-2", prompt=f"a fox [[{mark}]]")
        assert isinstance(raised.value, openai.APIStatusError)
        assert raised.value.code == code
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="sk-proj-9999999999999999").images.generate(
            model="gpt-image-2", prompt="a fox"
        )


async def test_null_equals_absence(client: openai.AsyncOpenAI, simulator: OpenAI) -> None:
    """The client writes null where its caller gives None, and the vendor takes its default."""
    made = await client.images.generate(model="gpt-image-2", prompt="a fox", n=None, size=None, quality=None)
    assert made.data
    assert len(made.data) == 1
    answer = await client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": "A haiku."}], temperature=None, stream=None
    )
    assert answer.choices[0].message.content
    assert sum(simulator.effects.values()) == 2


async def test_the_older_name_of_a_limit(client: openai.AsyncOpenAI) -> None:
    """Models that do not reason take `max_tokens` still."""
    answer = await client.chat.completions.create(
        model="gpt-4.1-mini", messages=[{"role": "user", "content": "A haiku."}], max_tokens=100
    )
    assert answer.choices[0].message.content


@WIRE_LIVES_ON
async def test_the_client_that_blocks(simulator: OpenAI) -> None:
    """The other client of the package: an image, an edit, speech, a chat and a whole video."""

    def drive(address: str) -> None:
        with openai.OpenAI(api_key=KEY, base_url=f"{address}/v1", max_retries=0) as client:
            assert client.images.generate(model="gpt-image-2", prompt="a fox").data
            given = ("chair.png", media.png("a chair", 640, 480), "image/png")
            assert client.images.edit(model="gpt-image-2", prompt="in blue", image=given).data
            spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.", response_format="wav")
            assert measure(spoken.content).media_type == "audio/wav"
            answer = client.chat.completions.create(
                model="gpt-5.4-mini", messages=[{"role": "user", "content": "A haiku."}]
            )
            assert answer.choices[0].message.content
            video = client.videos.create_and_poll(model="sora-2", prompt="a cat", seconds="4", poll_interval_ms=1)
            assert measure(client.videos.download_content(video.id).content).duration_seconds == 4.0
            assert client.videos.delete(video.id).deleted

    async with served(simulator) as address, asyncio.timeout(patient(PATIENCE_SECONDS)):
        await asyncio.to_thread(drive, address)


CHATS = {
    "dashscope": (f"sk-{1:032x}", "/compatible-mode/v1", "qwen-plus"),
    "modelscope": ("ms-0000000000000001", "/v1", "Qwen/Qwen3-32B"),
    "volcengine": ("00000000-0000-4000-8000-000000000001", "/api/v3", "doubao-seed-1-8-251228"),
}


@pytest.mark.parametrize("vendor", CHATS)
async def test_chats_of_vendors_that_speak_as_openai(vendor: str) -> None:
    """These vendors' documents have OpenAI's client pointed to them, and it leaves `stream` out."""
    key, path, model = CHATS[vendor]
    async with (
        served(make(vendor)) as address,
        openai.AsyncOpenAI(api_key=key, base_url=address + path, max_retries=0) as client,
        openai.AsyncOpenAI(api_key="not-a-key", base_url=address + path, max_retries=0) as stranger,
    ):
        answer = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "A haiku."}], max_tokens=100
        )
        assert answer.choices[0].message.content
        assert answer.usage
        assert answer.usage.total_tokens
        # DashScope's list speaks a dialect of its own, which its own clients read.
        assert vendor == "dashscope" or model in [each.id async for each in client.models.list()]
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="no-such", messages=[{"role": "user", "content": "A haiku."}])
        with pytest.raises(openai.AuthenticationError):
            await stranger.chat.completions.create(model=model, messages=[{"role": "user", "content": "A haiku."}])


async def test_what_the_vendor_does_not_know_is_refused(client: openai.AsyncOpenAI, simulator: OpenAI) -> None:
    """A field that GPT image models do not have, and one that reasoning models do not have."""
    with pytest.raises(openai.BadRequestError) as raised:
        await client.images.generate(model="gpt-image-2", prompt="a fox", response_format="url")
    assert raised.value.code == "unknown_parameter"
    with pytest.raises(openai.BadRequestError) as raised:
        await client.chat.completions.create(
            model="gpt-5.4-mini", messages=[{"role": "user", "content": "A haiku."}], max_tokens=100
        )
    assert raised.value.code == "unsupported_parameter"
    assert not simulator.effects


async def test_the_list_of_models(client: openai.AsyncOpenAI, simulator: OpenAI) -> None:
    """Every model with its announced last day, where there is one; a wrong key gets none."""
    models = {model.id: model async for model in client.models.list()}
    assert {"gpt-image-2", "tts-1", "gpt-5.4-mini", "sora-2"} <= models.keys()
    assert models["tts-1"].shutdown_date == "2027-01-06"
    assert models["gpt-image-2"].shutdown_date is None
    with pytest.raises(openai.AuthenticationError):
        await client.with_options(api_key="sk-proj-9999999999999999").models.list()
    assert not simulator.effects
