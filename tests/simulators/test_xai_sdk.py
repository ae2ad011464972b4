"""OpenAI's client, which xAI names for its REST API, drives images and chats of the simulator.

xAI's own client speaks gRPC, and no client of others makes videos as xAI takes them."""

import base64
import io
from collections.abc import AsyncGenerator

import openai
import pytest

from adapters.media.probe import measure
from tests.simulators import media
from tests.simulators.serve import served
from tests.simulators.xai import XAI

KEY = "xai-0000000000000001"


@pytest.fixture
def simulator() -> XAI:
    return XAI()


@pytest.fixture
async def client(simulator: XAI) -> AsyncGenerator[openai.AsyncOpenAI]:
    async with (
        served(simulator) as address,
        openai.AsyncOpenAI(api_key=KEY, base_url=f"{address}/v1", max_retries=0) as client,
    ):
        yield client


async def test_images(client: openai.AsyncOpenAI, simulator: XAI) -> None:
    """As many images as ordered, in the ordered shape; what OpenAI does not know goes along as it is."""
    made = await client.images.generate(
        model="grok-imagine-image-2.0",
        prompt="a fox",
        n=2,
        response_format="b64_json",
        extra_body={"aspect_ratio": "2:1", "resolution": "1k", "quality": "low"},
    )
    assert made.data
    sizes = [measure(base64.b64decode(one.b64_json or "")) for one in made.data]
    assert [(one.width, one.height) for one in sizes] == [(2048, 1024)] * 2
    assert sum(simulator.effects.values()) == 1


async def test_chat(client: openai.AsyncOpenAI) -> None:
    """An answer, its tokens, and the tokens of reasoning beside them."""
    answer = await client.chat.completions.create(
        model="grok-4.7",
        messages=[{"role": "user", "content": "A haiku."}],
        max_completion_tokens=100,
        temperature=0.5,
    )
    assert answer.choices[0].message.content
    assert answer.usage
    assert answer.usage.completion_tokens_details
    assert answer.usage.completion_tokens_details.reasoning_tokens == 20
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens + 20


async def test_errors(client: openai.AsyncOpenAI, simulator: XAI) -> None:
    """Each error arrives as the client's own class for its status; a wrong key is a bad request at xAI."""
    for mark, kind in (
        ("rate_limited", openai.RateLimitError),
        ("no_balance", openai.PermissionDeniedError),
        ("model_gone", openai.NotFoundError),
        ("moderated_output", openai.BadRequestError),
    ):
        with pytest.raises(kind):
            await client.images.generate(model="grok-imagine-image-2.0", prompt=f"a fox [[{mark}]]")
    stranger = client.with_options(api_key="xai-9999999999999999")
    with pytest.raises(openai.BadRequestError) as raised:
        await stranger.images.generate(model="grok-imagine-image", prompt="a fox")
    assert "Incorrect API key" in str(raised.value.body)
    assert sum(simulator.effects.values()) == 1  # the one that moderation held back


async def test_what_the_vendor_does_not_take_is_refused(client: openai.AsyncOpenAI, simulator: XAI) -> None:
    """A size, and an edit as a form, which xAI's pages name as the things that OpenAI's client can't do there."""
    with pytest.raises(openai.BadRequestError) as refused:
        await client.images.generate(model="grok-imagine-image", prompt="a fox", size="1024x1024")
    assert "size" in str(refused.value.body)
    given = ("chair.png", io.BytesIO(media.png("a chair", 64, 64)), "image/png")
    with pytest.raises(openai.APIStatusError) as raised:
        await client.images.edit(model="grok-imagine-image", prompt="in blue", image=given)
    assert raised.value.status_code == 415
    assert not simulator.effects
