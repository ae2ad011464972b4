"""The vendor's own client drives every route of the simulator, which keeps the simulator honest."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import fal_client
import pytest
from fal_client import client as fal_module

from adapters.media.probe import measure
from tests.simulators import media
from tests.simulators.fal import KEYS, Fal
from tests.simulators.serve import served
from tests.web import PlainClient

KEY = min(KEYS)
SCHNELL = "fal-ai/flux/schnell"
FRAME = fal_client.encode(media.png("a harbour", 640, 360), "image/png")


@pytest.fixture
def simulator() -> Fal:
    return Fal()


@asynccontextmanager
async def opened(key: str) -> AsyncGenerator[fal_client.AsyncClient]:
    """The vendor's client, which has no way to close it but this."""
    client = fal_client.AsyncClient(key=key)
    yield client
    await (await client._client).aclose()


@pytest.fixture
async def client(simulator: Fal, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[fal_client.AsyncClient]:
    """The client has its addresses in constants, which lead to the simulator here."""
    async with served(simulator) as address, opened(KEY) as client:
        monkeypatch.setattr(fal_module, "QUEUE_URL_FORMAT", f"{address}/")
        yield client


async def fetched(url: str) -> bytes:
    async with PlainClient() as client:
        return (await client.get(url)).content


async def test_an_image_job(client: fal_client.AsyncClient, simulator: Fal) -> None:
    """Submitted, followed from the queue to its end, and its images fetched: of the ordered number and size."""
    handle = await client.submit(
        SCHNELL,
        {"prompt": "a fox", "image_size": {"width": 1024, "height": 768}, "num_images": 2, "seed": 7},
        priority="low",
        start_timeout=60,
    )
    states = [type(state) async for state in handle.iter_events(with_logs=True, interval=0.001)]
    assert states == [fal_client.Queued, fal_client.InProgress, fal_client.Completed]
    made = await handle.get(interval=0.001)
    sizes = [measure(await fetched(image["url"])) for image in made["images"]]
    assert [(size.width, size.height) for size in sizes] == [(1024, 768)] * 2
    assert sum(simulator.effects.values()) == 1


async def test_a_job_by_its_id(client: fal_client.AsyncClient) -> None:
    """The client makes a request's addresses by owner and app, without the sub-path, as Pixel does."""
    submitted = await client.submit(
        "fal-ai/kling-video/v2.5-turbo/pro/image-to-video", {"prompt": "it moves", "image_url": FRAME, "duration": "5"}
    )
    handle = await client.get_handle("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", submitted.request_id)
    assert (handle.status_url, handle.response_url) == (submitted.status_url, submitted.response_url)
    made = await handle.get(interval=0.001)
    assert measure(await fetched(made["video"]["url"])).duration_seconds == 5.0


async def test_speech(client: fal_client.AsyncClient) -> None:
    """A file with a voice."""
    made = await client.subscribe(
        "fal-ai/minimax/speech-2.8-hd", {"prompt": "Hello.", "voice_setting": {"voice_id": "Abbess"}}, interval=0.001
    )
    assert measure(await fetched(made["audio"]["url"])).media_type == "audio/mpeg"


async def test_a_request_is_cancelled(client: fal_client.AsyncClient) -> None:
    """In the queue it is taken off; when it is done, that is said."""
    handle = await client.submit(SCHNELL, {"prompt": "a fox"})
    await handle.cancel()
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await handle.get(interval=0.001)
    assert (raised.value.status_code, raised.value.error_type) == (499, "client_cancelled")
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await handle.cancel()
    assert raised.value.status_code == 400


@pytest.mark.parametrize(
    ("mark", "status", "kind"),
    [
        ("no_balance", 403, None),
        ("model_gone", 404, None),
        ("job_failed", 500, None),
        ("moderated_input", 422, None),
        ("runner_lost", 503, "runner_disconnected"),
        ("expired", 504, "request_timeout"),
    ],
)
async def test_errors(client: fal_client.AsyncClient, mark: str, status: int, kind: str | None) -> None:
    """Each error reaches the client with its status and its type, whether at once or as the result of the job."""
    with pytest.raises(fal_client.FalClientHTTPError) as raised:
        await client.subscribe(SCHNELL, {"prompt": f"a fox [[{mark}]]"}, interval=0.001)
    assert (raised.value.status_code, raised.value.error_type) == (status, kind)


async def test_a_refused_key(simulator: Fal, client: fal_client.AsyncClient) -> None:
    """A key that fal does not know submits nothing."""
    async with opened("stranger") as stranger:
        with pytest.raises(fal_client.FalClientHTTPError) as raised:
            await stranger.submit(SCHNELL, {"prompt": "a fox"})
    assert raised.value.status_code == 401
    assert not simulator.jobs
