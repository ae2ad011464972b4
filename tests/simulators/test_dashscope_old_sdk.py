"""The first generation of the vendor's classes, which most of its documents show, drives the simulator.

They write members that the models make nothing of (`extend_prompt`, `function`, `is_async`), and report errors in the
answer instead of raising them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import dashscope
import httpx
import pytest
from dashscope import AioMultiModalConversation, ImageSynthesis, MultiModalConversation, VideoSynthesis
from dashscope.aigc.image_generation import AioImageGeneration, ImageGeneration
from dashscope.aigc.image_synthesis import AioImageSynthesis
from dashscope.aigc.video_synthesis import AioVideoSynthesis
from dashscope.api_entities.aio_session import close_shared_aio_session

from adapters.media.probe import measure
from tests.patience import patient
from tests.simulators.dashscope import DashScope
from tests.simulators.serve import served

T = TypeVar("T")
KEY = f"sk-{1:032x}"
FRAME = "https://example.com/first-frame.png"
MEDIA = [{"type": "first_frame", "url": FRAME}]
SAID: Any = [{"role": "user", "content": [{"text": "a red fox"}]}]
PATIENCE_SECONDS = 60


@pytest.fixture
def simulator() -> DashScope:
    return DashScope()


@pytest.fixture(autouse=True)
async def address(simulator: DashScope, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    """The classes have no client: their address and their key are settings of the whole package."""
    async with served(simulator) as at:
        monkeypatch.setattr(dashscope, "base_http_api_url", f"{at}/api/v1")
        monkeypatch.setattr(dashscope, "api_key", KEY)
        yield
        dashscope.close_shared_sync_session()
        await close_shared_aio_session()


async def blocking(do: Callable[[], T]) -> T:
    """Run the classes in a thread, because they block and the simulator runs here."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        return await asyncio.to_thread(do)


def good(answer: Any) -> Any:
    assert answer.status_code == 200, answer
    return answer.output


def fetched(url: str) -> tuple[int | None, int | None]:
    """The size of what lies at an address."""
    found = measure(httpx.get(url, trust_env=False).raise_for_status().content)
    return found.width, found.height


def ended(made: Any, fetch: Callable[[Any], Any]) -> Any:
    """The output of a task at its end, which the third look finds; `wait` of the classes would sleep for seconds."""
    assert good(made)["task_status"] == "PENDING"
    for _ in range(3):
        found = good(fetch(made))
    return found


VIDEOS: dict[str, dict[str, Any]] = {
    "wan2.6-t2v": {"size": "1280*720"},
    "wan2.6-i2v": {"img_url": FRAME, "resolution": "720P"},
    "wan2.7-i2v": {"media": MEDIA, "resolution": "720P"},
}


@pytest.mark.parametrize("model", VIDEOS)
async def test_a_video(model: str, simulator: DashScope) -> None:
    """A whole job in each dialect: ordered, polled, listed, fetched."""

    def drive() -> None:
        videos: Any = VideoSynthesis
        made = videos.async_call(model=model, prompt="it runs", duration=2, **VIDEOS[model])
        done = ended(made, videos.fetch)
        assert done.task_status == "SUCCEEDED"
        assert fetched(done.video_url) == (1280, 720)
        listed = videos.list(model_name=model, status="SUCCEEDED", region="cn-beijing")
        assert [task["task_id"] for task in good(listed)["data"]] == [made.output.task_id]

    await blocking(drive)
    assert sum(simulator.effects.values()) == 1


async def test_a_video_that_waits_can_be_cancelled(simulator: DashScope) -> None:
    """A cancelled task is not billed, and cannot be cancelled again."""

    def drive() -> None:
        made = VideoSynthesis.async_call(model="wan2.6-t2v", prompt="a fox", duration=2)
        assert VideoSynthesis.cancel(made).status_code == 200
        assert good(VideoSynthesis.fetch(made)).task_status == "CANCELED"
        assert VideoSynthesis.cancel(made).code == "UnsupportedOperation"
        assert good(VideoSynthesis.fetch("0000-unknown")).task_status == "UNKNOWN"

    await blocking(drive)
    assert not sum(simulator.effects.values())


IMAGES: dict[str, dict[str, Any]] = {
    "wan2.5-t2i-preview": {"n": 2, "size": "1280*1280"},
    "qwen-image-plus": {"size": "1328*1328"},
    "wan2.5-i2i-preview": {"n": 1, "size": "1280*1280", "images": [FRAME]},
}


@pytest.mark.parametrize("model", IMAGES)
async def test_an_image_by_task(model: str) -> None:
    """The older dialect, from a text and from an image."""

    def drive() -> None:
        made = ImageSynthesis.async_call(model=model, prompt="a red fox", **IMAGES[model])
        done = ended(made, ImageSynthesis.fetch)
        side = int(IMAGES[model]["size"][:4])
        assert [fetched(result.url) for result in done.results] == [(side, side)] * IMAGES[model].get("n", 1)

    await blocking(drive)


async def test_an_image_of_messages() -> None:
    """The multimodal dialect, at once and by task."""

    def drive() -> None:
        at_once = good(ImageGeneration.call(model="wan2.6-t2i", messages=SAID, n=1))
        assert fetched(at_once.choices[0].message.content[0]["image"]) == (1280, 1280)
        done = ended(ImageGeneration.async_call(model="wan2.6-t2i", messages=SAID, n=2), ImageGeneration.fetch)
        assert [fetched(each.message.content[0]["image"]) for each in done.choices] == [(1280, 1280)] * 2

    await blocking(drive)


async def test_an_image_and_speech_at_once() -> None:
    """One class draws and speaks; what is left out is the vendor's default."""

    def drive() -> None:
        drawn = good(MultiModalConversation.call(model="qwen-image-2.0", messages=SAID))
        assert fetched(drawn.choices[0].message.content[0]["image"]) == (1024, 1024)
        spoken = good(MultiModalConversation.call(model="qwen3-tts-flash", text="Hello.", voice="Cherry"))
        assert measure(httpx.get(spoken.audio["url"], trust_env=False).content).media_type == "audio/wav"

    await blocking(drive)


@pytest.mark.parametrize(
    ("mark", "status", "code"),
    [
        ("rate_limited", 429, "Throttling.RateQuota"),
        ("no_balance", 400, "Arrearage"),
        ("moderated_input", 400, "DataInspectionFailed"),
        ("model_gone", 404, "ModelNotFound"),
    ],
)
async def test_errors(mark: str, status: int, code: str, simulator: DashScope) -> None:
    """An error is an answer with the vendor's status and code, and nothing is billed."""

    def drive() -> None:
        video: Any = VideoSynthesis.async_call(model="wan2.6-t2v", prompt=f"a fox [[{mark}]]")
        image: Any = ImageSynthesis.async_call(model="wan2.5-t2i-preview", prompt=f"a fox [[{mark}]]", n=1)
        assert (video.status_code, video.code) == (image.status_code, image.code) == (status, code)

    await blocking(drive)
    assert not simulator.effects


async def test_a_wrong_key() -> None:
    """A key that the vendor does not know is an error of authentication."""

    def drive() -> None:
        refused: Any = VideoSynthesis.async_call(model="wan2.6-t2v", prompt="a fox", api_key=f"sk-{9:032x}")
        assert (refused.status_code, refused.code) == (401, "InvalidApiKey")

    await blocking(drive)


async def test_what_is_wrong_is_refused(simulator: DashScope) -> None:
    """The members of the classes are taken, but no value that a model does not have, and no other member."""

    def drive() -> None:
        for wrong in ({"size": "100*100"}, {"duration": 99}, {"resolution": "720P"}, {"template": "a-style"}):
            more: dict[str, Any] = wrong
            refused: Any = VideoSynthesis.async_call(model="wan2.6-t2v", prompt="a fox", **more)
            assert (refused.status_code, refused.code) == (400, "InvalidParameter"), wrong

    await blocking(drive)
    assert not simulator.effects


async def test_the_classes_that_do_not_block() -> None:
    """The same classes for asyncio: a video, an image by task, an image of messages, speech."""
    asked: dict[str, Any] = {"model": "wan2.6-t2v", "prompt": "a fox", "size": "1280*720", "duration": 2}
    video: Any = await AioVideoSynthesis.async_call(**asked)
    image: Any = await AioImageSynthesis.async_call(model="wan2.5-t2i-preview", prompt="a fox", n=1)
    drawn: Any = await AioImageGeneration.async_call(model="wan2.6-t2i", messages=SAID, n=1)
    for made, kind in ((video, AioVideoSynthesis), (image, AioImageSynthesis), (drawn, AioImageGeneration)):
        task: Any = made.output["task_id"]
        for _ in range(3):
            done: Any = await kind.fetch(task)
        assert good(done)["task_status"] == "SUCCEEDED"
    spoken: Any = await AioMultiModalConversation.call(model="qwen3-tts-flash", text="Hello.", voice="Cherry")
    assert good(spoken).audio["url"]
