"""The vendor's own SDK drives the simulator: an answer that the SDK can read has the vendor's form, as far as the SDK
knows."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, TypeVar

import dashscope
import httpx
import pytest
from dashscope.audio.http_tts import HttpSpeechSynthesizer
from dashscope.v2 import errors
from dashscope.v2.errors import DashScopeError

from adapters.media.probe import measure
from tests.patience import patient
from tests.simulators.serve import make, served

T = TypeVar("T")
KEY = f"sk-{1:032x}"
FRAME = "https://example.com/first-frame.png"
FAST: dict[str, Any] = {"poll_interval": 0.01, "max_interval": 0.05}
PATIENCE_SECONDS = 60


@pytest.fixture
async def address() -> AsyncGenerator[str]:
    """The address of the simulator."""
    async with served(make("dashscope")) as at:
        yield at


async def blocking(do: Callable[[], T]) -> T:
    """Run the SDK in a thread, because it blocks and the simulator runs here."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        return await asyncio.to_thread(do)


def client(address: str, key: str = KEY) -> Any:
    """The SDK's client of the simulator."""
    return dashscope.Client(api_key=key, base_url=f"{address}/api/v1", max_retries=0)


def image_size(url: str) -> tuple[int | None, int | None]:
    """Fetch an image as users of the SDK do; returns its size."""
    media = measure(httpx.get(url, trust_env=False).raise_for_status().content)
    return media.width, media.height


async def test_an_image_by_task(address: str) -> None:
    """Submit, poll and fetch in the older dialect: as many images as were ordered."""

    def drive() -> None:
        with client(address) as sdk:
            asked: dict[str, Any] = {"model": "wan2.5-t2i-preview", "prompt": "a red fox", "n": 2, "size": "1280x1280"}
            job = sdk.images.jobs.create(**asked)
            assert (job.status, bool(job.task_id)) == ("PENDING", True)
            done = sdk.images.jobs.wait(job, **FAST)
            assert done.succeeded
            assert [image_size(url) for url in done.image_urls] == [(1280, 1280)] * 2
            assert done.submitted_at
            assert done.finished_at

    await blocking(drive)


async def test_an_image_at_once(address: str) -> None:
    """The multimodal dialect answers with the images, one choice for each."""

    def drive() -> None:
        with client(address) as sdk:
            job = sdk.images.generate(model="wan2.6-t2i", prompt="a red fox", n=2, size="1280*1280")
            assert job.succeeded
            assert [image_size(url) for url in job.image_urls] == [(1280, 1280)] * 2

    await blocking(drive)


@pytest.mark.parametrize("model", ["wan2.6-i2v", "wan2.7-i2v"])
async def test_a_video_from_an_image(address: str, model: str) -> None:
    """The SDK writes `img_url` for 2.6 and `media` for 2.7, and finds the video in both."""

    def drive() -> None:
        with client(address) as sdk:
            asked: dict[str, Any] = {
                "model": model,
                "prompt": "it runs",
                "image_url": FRAME,
                "resolution": "720P",
                "duration": 2,
            }
            done = sdk.videos.jobs.wait(sdk.videos.jobs.create(**asked), **FAST)
            assert done.succeeded
            video = measure(httpx.get(done.video_url, trust_env=False).content)
            assert (video.width, video.height) == (1280, 720)

    await blocking(drive)


async def test_edits_and_speech_at_once(address: str) -> None:
    """The older half of the SDK: one multimodal call edits an image, another one speaks."""

    def drive() -> None:
        at: dict[str, Any] = {"api_key": KEY, "base_address": f"{address}/api/v1"}
        content = [{"image": FRAME}, {"text": "make it snow"}]
        edited: Any = dashscope.MultiModalConversation.call(
            model="qwen-image-edit-plus", messages=[{"role": "user", "content": content}], n=2, size="1024*1024", **at
        )
        assert edited.status_code == 200, edited
        parts = edited.output.choices[0].message.content
        assert [image_size(part["image"]) for part in parts] == [(1024, 1024)] * 2
        spoken: Any = dashscope.MultiModalConversation.call(
            model="qwen3-tts-flash", text="Hello.", voice="Cherry", language_type="English", **at
        )
        assert spoken.status_code == 200, spoken
        assert measure(httpx.get(spoken.output.audio["url"], trust_env=False).content).media_type == "audio/wav"
        assert spoken.usage["characters"] == 6

    await blocking(drive)


@pytest.mark.filterwarnings("ignore:dashscope 2.0 audio API is a preview:FutureWarning")
async def test_speech_of_the_synthesizer(address: str) -> None:
    """Both generations of the SDK send it to its own address, and find the sound in the answer."""

    def drive() -> None:
        with client(address) as sdk:
            spoken = sdk.audio.tts.http.synthesize(
                "Hello.",
                model="qwen-audio-3.0-tts-plus",
                voice="longanlingxin",
                format="mp3",
                extra_input={"rate": 1.5},
            )
        assert measure(httpx.get(spoken.audio_url, trust_env=False).content).media_type == "audio/mpeg"
        older: Any = HttpSpeechSynthesizer.call(
            "qwen-audio-3.0-tts-flash", "Hello.", "loongmary", api_key=KEY, url=f"{address}/api/v1"
        )
        assert measure(httpx.get(older.audio_url, trust_env=False).content).media_type == "audio/wav"

    await blocking(drive)


async def test_the_list_of_tasks(address: str) -> None:
    """The account's tasks by model and by status.

    This SDK looks for them under `tasks`, where the vendor's page and the older classes have `data`."""

    def drive() -> None:
        with client(address) as sdk:
            for prompt in ("a fox", "a cat"):
                sdk.videos.jobs.create(model="wan2.6-t2v", prompt=prompt, duration=2)
            sdk.images.jobs.create(model="wan2.5-t2i-preview", prompt="a fox", n=1)
            listed = sdk.videos.jobs.list(model_name="wan2.6-t2v", status="PENDING", page_size=10)
            assert (listed.total, listed.page_size) == (2, 10)

    await blocking(drive)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ("rate_limited", errors.RateLimitError),
        ("no_balance", errors.PermissionDeniedError),
        ("moderated_input", errors.ContentFilterError),
        ("model_gone", errors.NotFoundError),
        ("internal", errors.InternalServerError),
    ],
)
async def test_errors(address: str, mark: str, kind: type[DashScopeError]) -> None:
    """Each error arrives as the SDK's own class for it, of an order by task and of one at once."""

    def drive() -> None:
        with client(address) as sdk:
            with pytest.raises(kind):
                sdk.videos.jobs.create(model="wan2.6-t2v", prompt=f"a fox [[{mark}]]")
            with pytest.raises(kind):
                sdk.images.generate(model="wan2.6-t2i", prompt=f"a fox [[{mark}]]", n=1)

    await blocking(drive)


async def test_the_client_that_does_not_block(address: str) -> None:
    """The SDK's other client: a whole video, and an image at once."""
    async with dashscope.AsyncClient(api_key=KEY, base_url=f"{address}/api/v1", max_retries=0) as sdk:
        job = await sdk.videos.jobs.create(model="wan2.6-t2v", prompt="a fox", size="1280*720", duration=2)
        done = await sdk.videos.jobs.wait(job, **FAST)
        assert (done.succeeded, bool(done.video_url)) == (True, True)
        made = await sdk.images.generate(model="wan2.6-t2i", prompt="a red fox", n=1, size="1280*1280")
        assert len(made.image_urls) == 1
        listed = await sdk.models.list(page_size=100)
        assert listed.total_count >= len(listed.models) > 1
        assert (await sdk.models.get("wan2.6-t2v")).model == "wan2.6-t2v"


async def test_cancelling_and_what_is_refused(address: str) -> None:
    """A waiting task can be cancelled; a wrong key, a failed task and an unknown task are reported as the SDK
    expects."""

    def drive() -> None:
        with client(address) as sdk:
            job = sdk.videos.jobs.create(model="wan2.6-t2v", prompt="a fox", size="1280*720", duration=2)
            sdk.videos.jobs.cancel(job.task_id)
            assert sdk.videos.jobs.fetch(job.task_id).status == "CANCELED"
            assert sdk.videos.jobs.fetch("0000-unknown").status == "UNKNOWN"
            failing = sdk.videos.jobs.create(model="wan2.6-t2v", prompt="a fox [[job_failed]]", size="1280*720")
            with pytest.raises(DashScopeError) as failed:
                sdk.videos.jobs.wait(failing, **FAST)
            assert failed.value.code == "InternalError.Algo"
        with client(address, f"sk-{9:032x}") as stranger, pytest.raises(DashScopeError) as refused:
            stranger.videos.jobs.create(model="wan2.6-t2v", prompt="a fox")
        assert refused.value.code == "InvalidApiKey"

    await blocking(drive)


async def test_the_list_of_models(address: str) -> None:
    """Page by page, each model once; a wrong key gets none."""

    def drive() -> None:
        at: dict[str, Any] = {"api_key": KEY, "base_address": f"{address}/api/v1"}
        models: Any = dashscope.Models  # the package's types do not know what it inherits
        pages: list[Any] = [models.list(page, 100, **at) for page in (1, 2, 3)]
        assert {page.status_code for page in pages} == {200}
        names = [model["model"] for page in pages for model in page.output["models"]]
        assert len(names) == len(set(names)) == pages[0].output["total"]
        assert {"qwen-image-2.0", "wan2.6-t2v", "qwen3-tts-flash", "qwen-plus"} <= set(names)
        refused: Any = models.list(1, 100, **at | {"api_key": f"sk-{9:032x}"})
        assert (refused.status_code, refused.code) == (401, "InvalidApiKey")

    await blocking(drive)
