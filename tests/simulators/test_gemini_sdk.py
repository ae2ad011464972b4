"""Google's own client drives the simulator: it calls `/v1`, mixes snake_case into its names, and writes base64 in the
alphabet for URLs."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from google import genai
from google.genai import _interactions_errors as interactions  # it has no public name
from google.genai import errors, types

from adapters.media.probe import measure
from tests.patience import patient
from tests.simulators import media
from tests.simulators.gemini import Gemini
from tests.simulators.serve import served

KEY = "gemini-key-0000000001"
IMAGE, SPEECH, CHAT, VIDEO = (
    "gemini-3.1-flash-image",
    "gemini-3.8-flash-tts",
    "gemini-3.8-flash",
    "gemini-omni-1.1-flash",
)
WANTED = {"type": "video", "delivery": "uri", "aspect_ratio": "9:16", "resolution": "720p", "duration": "4s"}
ONCE = types.HttpRetryOptions(attempts=1)
PATIENCE_SECONDS = 60
# The client makes itself a kind of aiohttp's session, and aiohttp discourages that.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


@pytest.fixture
def simulator() -> Gemini:
    return Gemini()


@pytest.fixture
async def address(simulator: Gemini) -> AsyncGenerator[str]:
    async with served(simulator) as at:
        yield at


def client(address: str, key: str = KEY) -> genai.Client:
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=address, retry_options=ONCE))


@pytest.fixture
async def google(address: str) -> AsyncGenerator[Any]:
    """The client that waits without blocking."""
    whole = client(address)
    try:
        async with whole.aio as waiting:
            yield waiting
    finally:
        whole.close()


def inline(answer: Any) -> Any:
    """What was made, beside the thoughts."""
    parts = answer.candidates[0].content.parts
    return next(part.inline_data for part in parts if part.inline_data and not part.thought)


async def test_an_image(google: Any, simulator: Gemini) -> None:
    """An image of the ordered form and level, and its tokens."""
    made = await google.models.generate_content(
        model=IMAGE,
        contents="a fox",
        config=types.GenerateContentConfig(
            response_modalities=["IMAGE"], image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K")
        ),
    )
    found = measure(inline(made).data)
    assert (found.width, found.height) == (2752, 1536)
    assert made.usage_metadata.candidates_token_count == 9 + 1680
    assert sum(simulator.effects.values()) == 1


async def test_an_image_with_nothing_but_a_prompt(google: Any) -> None:
    """The modality, the form and the level are the vendor's."""
    made = await google.models.generate_content(model=IMAGE, contents="a fox")
    found = measure(inline(made).data)
    assert (found.width, found.height) == (1024, 1024)


async def test_an_edit(google: Any) -> None:
    """An edit is an order with an image, whose bytes the client writes in the alphabet for URLs."""
    given = types.Part.from_bytes(data=media.png("a chair", 64, 64), mime_type="image/png")
    made = await google.models.generate_content(model=IMAGE, contents=[given, "in blue"])
    assert measure(inline(made).data).media_type == "image/png"
    assert made.usage_metadata.prompt_token_count == 12 + 560


async def test_speech(google: Any) -> None:
    """Audio of the ordered voice, bare, with its rate in the media type."""
    voice = types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Kore"))
    made = await google.models.generate_content(
        model=SPEECH,
        contents="Hello there.",
        config=types.GenerateContentConfig(
            response_modalities=["AUDIO"], speech_config=types.SpeechConfig(voice_config=voice)
        ),
    )
    assert inline(made).mime_type.startswith("audio/L16;codec=pcm;rate=")
    assert len(inline(made).data) > 1000


async def test_a_chat(google: Any) -> None:
    """An answer without its thoughts, and the tokens of both."""
    answer = await google.models.generate_content(
        model=CHAT,
        contents="A haiku.",
        config=types.GenerateContentConfig(system_instruction="Be brief.", max_output_tokens=100),
    )
    assert answer.text == "A quiet sea, a small boat."
    assert (answer.usage_metadata.candidates_token_count, answer.usage_metadata.thoughts_token_count) == (7, 21)


async def test_a_chat_as_a_stream(google: Any, simulator: Gemini) -> None:
    """The words as they come, and the tokens at the end; an error in the middle ends it."""
    came = [event async for event in await google.models.generate_content_stream(model=CHAT, contents="A haiku.")]
    assert len(came) > 5
    assert "".join(event.text or "" for event in came) == "A quiet sea, a small boat."
    assert came[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert came[-1].usage_metadata.candidates_token_count == 7
    with pytest.raises(errors.ServerError):
        async for _ in await google.models.generate_content_stream(model=CHAT, contents="[[error_in_stream]]"):
            pass
    assert sum(simulator.effects.values()) == 2


async def test_a_conversation(google: Any) -> None:
    """The client's own object for a conversation sends all turns again."""
    chat = google.chats.create(model=CHAT)
    first, second = await chat.send_message("A haiku."), await chat.send_message("Another one.")
    assert first.text == second.text == "A quiet sea, a small boat."


async def finished(google: Any, interaction: Any) -> Any:
    """The interaction at its end: the third look finds it there."""
    for _ in range(3):
        if interaction.status not in {"queued", "in_progress"}:
            break
        interaction = await google.interactions.get(id=interaction.id)
    return interaction


async def test_a_video(google: Any, simulator: Gemini) -> None:
    """A whole job: ordered, polled, downloaded, deleted, and no longer found."""
    ordered = await google.interactions.create(
        model=VIDEO,
        input="a fox runs",
        background=True,
        response_format=WANTED,
        generation_config={"video_config": {"task": "text_to_video"}},
    )
    assert ordered.status == "queued"
    done = await finished(google, ordered)
    assert (done.status, done.usage.total_output_tokens) == ("completed", 4 * 5792 + 90)
    file = done.output_video.uri.partition("files/")[2].partition(":")[0]
    assert file.isalnum(), "the client takes nothing else out of an address"
    found = measure(await google.files.download(file=f"files/{file}"))
    assert (found.width, found.height, found.duration_seconds) == (720, 1280, 4.0)
    await google.interactions.delete(id=ordered.id)
    with pytest.raises(interactions.BadRequestError, match="Invalid interaction name"):
        await google.interactions.get(id=ordered.id)
    assert sum(simulator.effects.values()) == 1


async def test_a_video_from_an_image(google: Any) -> None:
    """The client packs contents into a step of the user, and leaves out what is not said."""
    frame = {
        "type": "image",
        "data": base64.b64encode(media.png("a harbour", 64, 64)).decode(),
        "mime_type": "image/png",
    }
    ordered = await google.interactions.create(
        model=VIDEO, input=[frame, {"type": "text", "text": "it moves"}], background=True
    )
    done = await finished(google, ordered)
    assert done.status == "completed"
    assert done.output_video.data


async def test_a_video_while_the_caller_waits(google: Any) -> None:
    """Without `background` the answer is the finished video."""
    done = await google.interactions.create(model=VIDEO, input="a fox runs", response_format={"type": "video"})
    assert (done.status, done.output_video.mime_type) == ("completed", "video/mp4")


async def test_a_video_is_cancelled(google: Any) -> None:
    """What is under way can be cancelled, once."""
    ordered = await google.interactions.create(model=VIDEO, input="a fox runs", background=True)
    assert (await google.interactions.cancel(id=ordered.id)).status == "cancelled"
    assert (await google.interactions.get(id=ordered.id)).status == "cancelled"
    with pytest.raises(interactions.BadRequestError, match="not in progress"):
        await google.interactions.cancel(id=ordered.id)


async def test_a_failed_video_has_the_reason(google: Any) -> None:
    """A video that is held back has failed, with the reason among the errors."""
    ordered = await google.interactions.create(model=VIDEO, input="a fox [[moderated_output]]", background=True)
    done = await finished(google, ordered)
    assert (done.status, done.errors[0].code) == ("failed", "PROHIBITED_CONTENT")


@pytest.mark.parametrize(
    ("mark", "kind", "of_interactions", "status"),
    [
        ("rate_limited", errors.ClientError, interactions.RateLimitError, "RESOURCE_EXHAUSTED"),
        ("no_balance", errors.ClientError, interactions.RateLimitError, "RESOURCE_EXHAUSTED"),
        ("denied", errors.ClientError, interactions.PermissionDeniedError, "PERMISSION_DENIED"),
        ("model_gone", errors.ClientError, interactions.NotFoundError, "NOT_FOUND"),
        ("overloaded", errors.ServerError, interactions.InternalServerError, "UNAVAILABLE"),
    ],
)
async def test_errors(
    address: str,
    mark: str,
    kind: type[errors.APIError],
    of_interactions: type[interactions.APIStatusError],
    status: str,
) -> None:
    """Each error arrives as the client's own class for it, with its status."""
    whole = client(address)
    try:
        async with whole.aio as google:
            with pytest.raises(kind) as raised:
                await google.models.generate_content(model=CHAT, contents=f"hello [[{mark}]]")
            assert raised.value.status == status
            with pytest.raises(of_interactions):
                await google.interactions.create(model=VIDEO, input=f"a fox [[{mark}]]", background=True)
    finally:
        whole.close()


async def test_a_blocked_prompt_is_an_answer(google: Any) -> None:
    """A prompt that is blocked comes as an answer without candidates, which says why."""
    answer = await google.models.generate_content(model=CHAT, contents="hello [[moderated_input]]")
    assert not answer.candidates
    assert answer.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


async def test_the_list_of_models(google: Any, simulator: Gemini) -> None:
    """Page by page, each model once, with what can be done with it."""
    found = {model.name: model.supported_actions async for model in await google.models.list(config={"page_size": 5})}
    assert {f"models/{name}" for name in (IMAGE, SPEECH, CHAT, VIDEO)} <= found.keys()
    assert "generateContent" in found[f"models/{CHAT}"]
    assert len(simulator.requests) > 1
    assert not simulator.effects


async def test_a_wrong_key(address: str) -> None:
    """A key that the vendor does not know is a bad request, as Google says it."""
    whole = client(address, "no-key-of-theirs")
    try:
        async with whole.aio as stranger:
            with pytest.raises(errors.ClientError, match="API key not valid") as raised:
                await stranger.models.generate_content(model=CHAT, contents="hello")
    finally:
        whole.close()
    assert raised.value.code == 400


async def test_what_is_wrong_is_refused(google: Any, simulator: Gemini) -> None:
    """Names in any form are taken, but no value that the model does not have, and no length it does not make."""
    with pytest.raises(errors.ClientError, match="not for images"):
        await google.models.generate_content(
            model=IMAGE, contents="a fox", config=types.GenerateContentConfig(temperature=0.5)
        )
    for wrong in ({"type": "video", "duration": 5}, {"type": "video", "duration": "99s"}):
        with pytest.raises(interactions.BadRequestError, match="duration"):
            await google.interactions.create(model=VIDEO, input="a fox", background=True, response_format=wrong)
    assert not simulator.effects


async def test_the_client_that_blocks(address: str) -> None:
    """The other client of the package: a chat, an image, and a whole video."""

    def drive() -> None:
        with client(address) as google:
            assert google.models.generate_content(model=CHAT, contents="A haiku.").text
            assert inline(google.models.generate_content(model=IMAGE, contents="a fox")).data
            made: Any = google.interactions.create(model=VIDEO, input="a fox runs", background=True)
            for _ in range(2):
                made = google.interactions.get(id=made.id)
            assert (made.status, bool(made.output_video.data)) == ("completed", True)

    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        await asyncio.to_thread(drive)
