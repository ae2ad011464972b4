"""Ark's own client drives the simulator: it sends null for each member that is not set, and leaves `stream` out."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from volcenginesdkarkruntime import Ark, AsyncArk
from volcenginesdkarkruntime import _exceptions as errors

from adapters.media.probe import measure
from tests.patience import patient
from tests.simulators import media
from tests.simulators.serve import served
from tests.simulators.volcengine import Volcengine

KEY = "00000000-0000-4000-8000-000000000001"
SEEDREAM, SEEDANCE, SEED = "doubao-seedream-4-5-251128", "doubao-seedance-2-0-260128", "doubao-seed-1-8-251228"
FRAME = "https://example.com/first-frame.png"
PATIENCE_SECONDS = 60


@pytest.fixture
def simulator() -> Volcengine:
    return Volcengine()


@pytest.fixture
async def address(simulator: Volcengine) -> AsyncGenerator[str]:
    async with served(simulator) as at:
        yield f"{at}/api/v3"


@pytest.fixture
async def ark(address: str) -> AsyncGenerator[AsyncArk]:
    async with AsyncArk(api_key=KEY, base_url=address, max_retries=0) as client:
        yield client


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


async def fetched(url: str) -> tuple[int | None, int | None]:
    """The size of what lies at an address."""
    async with httpx.AsyncClient(trust_env=False) as client:
        found = measure((await client.get(url)).raise_for_status().content)
    return found.width, found.height


async def test_an_image(ark: AsyncArk, simulator: Volcengine) -> None:
    """One image of the ordered size, and its tokens; a level in place of a size is taken, too."""
    for size in ("2048x2048", "2K"):
        made: Any = await ark.images.generate(model=SEEDREAM, prompt="a fox", size=size, watermark=False)
        assert await fetched(made.data[0].url) == (2048, 2048)
        assert (made.usage.generated_images, made.usage.output_tokens) == (1, 2048 * 2048 // 256)
    assert sum(simulator.effects.values()) == 2


async def test_an_image_with_nothing_but_a_prompt(ark: AsyncArk) -> None:
    """What is left out is null on the wire, and the vendor's default."""
    made: Any = await ark.images.generate(model=SEEDREAM, prompt="a fox")
    assert made.data[0].size == "2048x2048"


@pytest.mark.parametrize("several", [False, True])
async def test_an_edit(ark: AsyncArk, several: bool) -> None:
    """An edit is an order with an image, or with a list of them."""
    given = "data:image/png;base64," + base64.b64encode(media.png("a chair", 64, 64)).decode()
    made: Any = await ark.images.generate(
        model=SEEDREAM, prompt="in blue", image=[given, FRAME] if several else given, size="2304x1728"
    )
    assert await fetched(made.data[0].url) == (2304, 1728)


async def test_a_chat(ark: AsyncArk) -> None:
    """An answer with its thoughts and tokens; without thinking, none of them."""
    for thinking, thoughts in (({"type": "enabled"}, 50), ({"type": "disabled"}, 0), (None, 50)):
        asked: Any = {"messages": [{"role": "user", "content": "A haiku."}], "thinking": thinking}
        answer: Any = await ark.chat.completions.create(model=SEED, **asked)
        assert answer.choices[0].message.content
        assert answer.usage.completion_tokens_details.reasoning_tokens == thoughts
        assert (answer.choices[0].message.reasoning_content is not None) == bool(thoughts)


async def test_a_video(ark: AsyncArk) -> None:
    """A whole job: ordered, polled, listed, fetched, deleted, and no longer found."""
    tasks = ark.content_generation.tasks
    asked: Any = [text("it moves"), {"type": "image_url", "image_url": {"url": FRAME}, "role": "first_frame"}]
    made = await tasks.create(model=SEEDANCE, content=asked, resolution="480p", ratio="16:9", duration=4)
    statuses = [(await tasks.get(task_id=made.id)).status for _ in range(3)]
    assert statuses == ["queued", "running", "succeeded"]
    listed = await tasks.list(page_num=1, page_size=10, status="succeeded", task_ids=[made.id])
    assert [task.id for task in listed.items] == [made.id]
    done = await tasks.get(task_id=made.id)
    assert await fetched(done.content.video_url) == (864, 496)
    assert done.usage.completion_tokens == 864 * 496 * 24 * 4 // 1024
    await tasks.delete(made.id)
    with pytest.raises(errors.ArkNotFoundError):
        await tasks.get(task_id=made.id)


async def test_a_video_with_nothing_but_a_prompt(ark: AsyncArk) -> None:
    """The task has the vendor's resolution, ratio and length."""
    tasks = ark.content_generation.tasks
    asked: Any = [text("a cat")]
    made = await tasks.create(model=SEEDANCE, content=asked)
    task = await tasks.get(task_id=made.id)
    assert (task.resolution, task.ratio, task.duration) == ("720p", "adaptive", 5)


async def test_a_video_that_waits_can_be_cancelled_once(ark: AsyncArk) -> None:
    """Deleting a queued task cancels it; deleting a cancelled one is refused."""
    tasks = ark.content_generation.tasks
    asked: Any = [text("a cat")]
    made = await tasks.create(model=SEEDANCE, content=asked)
    await tasks.delete(made.id)
    assert (await tasks.get(task_id=made.id)).status == "cancelled"
    with pytest.raises(errors.ArkBadRequestError):
        await tasks.delete(made.id)


async def test_a_failed_video_has_the_reason(ark: AsyncArk) -> None:
    """A task whose result is held back has failed, with the code of the moderation."""
    tasks = ark.content_generation.tasks
    asked: Any = [text("a cat [[moderated_output]]")]
    made = await tasks.create(model=SEEDANCE, content=asked)
    for _ in range(3):
        task = await tasks.get(task_id=made.id)
    assert (task.status, task.error.code) == ("failed", "OutputVideoSensitiveContentDetected")


@pytest.mark.parametrize(
    ("mark", "kind", "code"),
    [
        ("rate_limited", errors.ArkRateLimitError, "ModelAccountIpmRateLimitExceeded"),
        ("no_balance", errors.ArkPermissionDeniedError, "AccountOverdueError"),
        ("moderated_input", errors.ArkBadRequestError, "InputTextSensitiveContentDetected"),
        ("model_gone", errors.ArkNotFoundError, "InvalidEndpointOrModel.NotFound"),
    ],
)
async def test_errors(
    ark: AsyncArk, simulator: Volcengine, mark: str, kind: type[errors.ArkAPIStatusError], code: str
) -> None:
    """Each error arrives as the client's own class for it, with its code, and nothing is billed."""
    asked: Any = [text(f"a fox [[{mark}]]")]
    with pytest.raises(kind) as video:
        await ark.content_generation.tasks.create(model=SEEDANCE, content=asked)
    with pytest.raises(kind) as image:
        await ark.images.generate(model=SEEDREAM, prompt=f"a fox [[{mark}]]")
    assert video.value.code == image.value.code == code
    assert not simulator.effects


async def test_a_wrong_key(address: str) -> None:
    """A key that the vendor does not know is an error of authentication."""
    async with AsyncArk(api_key="not-a-key", base_url=address, max_retries=0) as stranger:
        with pytest.raises(errors.ArkAuthenticationError):
            await stranger.images.generate(model=SEEDREAM, prompt="a fox")


async def test_what_is_wrong_is_refused(ark: AsyncArk, simulator: Volcengine) -> None:
    """Null says nothing, but a value that the model does not take is refused."""
    for wrong in ({"seed": 5}, {"guidance_scale": 2.5}, {"size": "1K"}):
        asked: Any = wrong
        with pytest.raises(errors.ArkBadRequestError):
            await ark.images.generate(model=SEEDREAM, prompt="a fox", **asked)
    content: Any = [text("a cat")]
    with pytest.raises(errors.ArkBadRequestError):
        await ark.content_generation.tasks.create(model=SEEDANCE, content=content, frames=57)
    assert not simulator.effects


async def test_the_client_that_blocks(address: str) -> None:
    """The other client of the package: an image, a chat and a whole video."""

    def drive() -> None:
        ark = Ark(api_key=KEY, base_url=address, max_retries=0)
        try:
            made: Any = ark.images.generate(model=SEEDREAM, prompt="a fox")
            assert made.usage.generated_images == 1
            answer: Any = ark.chat.completions.create(model=SEED, messages=[{"role": "user", "content": "A haiku."}])
            assert answer.usage.total_tokens == 69
            tasks, content = ark.content_generation.tasks, [text("a cat")]
            task = tasks.create(model=SEEDANCE, content=content, resolution="480p", duration=4)
            statuses = [tasks.get(task_id=task.id).status for _ in range(3)]
            assert statuses[-1] == "succeeded"
            assert tasks.list(page_num=1, page_size=10).total == 1
            tasks.delete(task.id)
        finally:
            ark.close()

    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        await asyncio.to_thread(drive)
