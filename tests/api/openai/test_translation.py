"""Requests in OpenAI's form and Pixel's own say the same: each translation as a table, without a service."""

import base64
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_type_hints

import msgspec
import pytest
from openai.types import image_edit_params, image_generate_params, video_create_params
from openai.types.audio import speech_create_params
from openai.types.chat import completion_create_params

from adapters.catalogue.file import load
from api.openai import chat, fields, images, models, speech, videos
from api.openai.fields import OpenAIBody, Parameters, Translated, read
from domain.base import Rejected, replace
from domain.model import Kind, ModelSpec
from domain.provider import CUT_OFF
from domain.request import REQUESTS
from domain.task.state import Status
from projections.task_view import Media, Result, TaskError, TaskView
from services.model_registry import ModelView
from services.settings import DEFAULT_CATALOG

SPECS: dict[str, ModelSpec] = {entry.id: entry.spec for entry in load(DEFAULT_CATALOG).models}
NO_SIZES = replace(SPECS["sandbox/image"], resolutions=None)
AT = datetime(2026, 2, 11, 10, tzinfo=UTC)


def image(sent: Mapping[str, Any], spec: ModelSpec | None = SPECS["sandbox/image"]) -> Translated:
    return images.to_body(read(images.OpenAIImageRequest, sent, images.PARAMETERS), "sandbox/image", spec)


def edit(sent: Mapping[str, Any]) -> Translated:
    asked = read(images.OpenAIImageEdit, sent, images.PARAMETERS, of_text=True)
    return images.to_body(asked, "sandbox/image", SPECS["sandbox/image"])


def talk(sent: dict[str, Any]) -> Translated:
    given: dict[str, Any] = {"model": "sandbox/text", "messages": [{"role": "user", "content": "hi"}], **sent}
    return chat.to_body(chat.read_chat(given))


def say(sent: Mapping[str, Any], spec: ModelSpec = SPECS["sandbox/speech"]) -> Translated:
    given = {"model": "sandbox/speech", "input": "hi", **sent}
    return speech.to_body(read(speech.OpenAISpeechRequest, given, speech.PARAMETERS), spec)


def film(sent: Mapping[str, Any]) -> Translated:
    asked = read(videos.OpenAIVideoRequest, {"prompt": "a cat", **sent}, videos.PARAMETERS, of_text=True)
    return videos.to_body(asked, "sandbox/video", SPECS["sandbox/video"])


USER = [{"role": "user", "content": "hi"}]
CAT = {"prompt": "a cat", "model": "sandbox/image"}
TRANSLATED: dict[str, tuple[Translated, Kind, dict[str, Any]]] = {
    "an image": (image({"prompt": "a cat"}), Kind.IMAGE, CAT),
    "nulls": (image({"prompt": "a cat", "n": None, "style": None}), Kind.IMAGE, CAT),
    "what happens anyway": (
        image({"prompt": "a cat", "size": "auto", "quality": "auto", "background": "auto", "stream": False}),
        Kind.IMAGE,
        CAT,
    ),
    "a size": (
        image({"prompt": "a cat", "size": "1280x720", "n": 2}),
        Kind.IMAGE,
        CAT | {"resolution": "1K", "aspectRatio": "16:9", "n": 2},
    ),
    "a size of an unknown model": (image({"prompt": "a cat", "size": "1x1"}, None), Kind.IMAGE, CAT),
    "Pixel's own fields": (
        image({"prompt": "a cat", "pixel": {"projectId": "p", "resolution": "2K", "seed": None}}),
        Kind.IMAGE,
        CAT | {"projectId": "p", "resolution": "2K"},
    ),
    "who asks": (
        image({"prompt": "a cat", "user": "me", "safety_identifier": "h", "pixel": {"source": "canvas"}}),
        Kind.IMAGE,
        CAT | {"source": "canvas", "metadata": {"user": "me", "safety_identifier": "h"}},
    ),
    "an edit in a form": (
        edit({"prompt": "a cat", "image": ["asset_1.png"], "n": "2", "stream": "false"}),
        Kind.IMAGE,
        CAT | {"imageInputs": ["asset_1.png"], "n": 2},
    ),
    "a chat": (talk({}), Kind.LLM, {"model": "sandbox/text", "messages": USER}),
    "roles and parts": (
        talk(
            {
                "messages": [
                    {"role": "developer", "content": "Be brief."},
                    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                    {"role": "assistant", "content": "c", "refusal": None, "tool_calls": None},
                ]
            }
        ),
        Kind.LLM,
        {
            "model": "sandbox/text",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "ab"},
                {"role": "assistant", "content": "c"},
            ],
        },
    ),
    "limits of an answer": (
        talk({"max_tokens": 5, "temperature": 0, "seed": 7, "metadata": {"a": "b"}, "n": 1, "top_p": 1.0}),
        Kind.LLM,
        {
            "model": "sandbox/text",
            "messages": USER,
            "maxTokens": 5,
            "temperature": 0.0,
            "extraParams": {"seed": 7},
            "metadata": {"a": "b"},
        },
    ),
    "a seed beside other parameters": (
        talk({"seed": 7, "pixel": {"extraParams": {"sandbox": {"latency": 1}}}, "max_completion_tokens": 9}),
        Kind.LLM,
        {
            "model": "sandbox/text",
            "messages": USER,
            "maxTokens": 9,
            "extraParams": {"sandbox": {"latency": 1}, "seed": 7},
        },
    ),
    "speech": (
        say({"voice": "en-gb", "speed": 1.5, "response_format": "wav", "stream_format": "audio"}),
        Kind.AUDIO,
        {"model": "sandbox/speech", "prompt": "hi", "voice": "en-gb", "speed": 1.5},
    ),
    "a voice by its id": (
        say({"voice": {"id": "de"}}),
        Kind.AUDIO,
        {"model": "sandbox/speech", "prompt": "hi", "voice": "de"},
    ),
    "a video": (
        film({"seconds": "5", "size": "1280x720", "input_reference": "asset_1.png"}),
        Kind.VIDEO,
        {
            "model": "sandbox/video",
            "prompt": "a cat",
            "duration": "5s",
            "resolution": "720p",
            "aspectRatio": "16:9",
            "imageInputs": ["asset_1.png"],
        },
    ),
    "a video after an image at an address": (
        film({"seconds": 2, "input_reference": {"image_url": "https://example.com/a.png"}}),
        Kind.VIDEO,
        {
            "model": "sandbox/video",
            "prompt": "a cat",
            "duration": "2s",
            "imageInputs": ["https://example.com/a.png"],
        },
    ),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_request_becomes_pixels_own(name: str) -> None:
    """Each parameter stands in the body that Pixel's own route takes, and nothing beside them."""
    made, kind, wanted = TRANSLATED[name]
    assert made.body == wanted
    msgspec.convert(made.body, REQUESTS[kind])


REFUSED: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "a size that is not offered": (image, {"prompt": "x", "size": "1x1"}, "size", "choose one of 512x512"),
    "a size without sizes": (
        lambda sent: image(sent, NO_SIZES),
        {"prompt": "x", "size": "1024x1024"},
        "size",
        "has no sizes in pixels; leave it out, or give pixel.resolution",
    ),
    "no prompt": (image, {}, "prompt", "is required"),
    "a wrong type": (image, {"prompt": "x", "n": "two"}, "n", "expected `int"),
    "a flag for a number": (talk, {"n": True}, "n", "there is one answer"),
    "nobody's parameter": (image, {"prompt": "x", "colour": "red"}, "colour", "is not known"),
    "given twice": (image, {"prompt": "x", "pixel": {"prompt": "y"}}, "pixel.prompt", "is given outside of it already"),
    "a mask": (edit, {"prompt": "x", "image": ["a"], "mask": "b"}, "mask", "takes no masks"),
    "an edit of nothing": (edit, {"prompt": "x", "image": []}, "image", "length >= 1"),
    "an image for the other route": (image, {"prompt": "x", "image": "a"}, "image", "/v1/images/edits"),
    "tools": (talk, {"tools": [{"type": "function"}]}, "tools", "calls no tools"),
    "an image in a chat": (
        talk,
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        "messages[0].content[0].type",
        "invalid enum value 'image_url'",
    ),
    "another role": (talk, {"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role", "invalid enum value"),
    "both limits": (talk, {"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "give one of the two"),
    "options of no stream": (talk, {"stream_options": {"include_usage": True}}, "stream_options", "set stream"),
    "two seeds": (
        talk,
        {"seed": 1, "pixel": {"extraParams": {"seed": 2}}},
        "pixel.extraParams.seed",
        "outside of it already",
    ),
    "a format that is not offered": (say, {"response_format": "mp3"}, "response_format", "choose one of wav"),
    "a format of a model that says none": (
        lambda sent: say(sent, replace(SPECS["sandbox/speech"], capabilities=None)),
        {"response_format": "mp3"},
        "response_format",
        "does not say which formats it has",
    ),
    "instructions": (say, {"instructions": "whisper"}, "instructions", "leave it out"),
    "a duration that is not offered": (film, {"seconds": "4"}, "seconds", "choose one of 2, 5, 10"),
    "a file of OpenAI's": (
        film,
        {"input_reference": {"file_id": "file-1"}},
        "input_reference.file_id",
        "is not known",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_the_parameter(name: str) -> None:
    """What can't be translated is refused, and the refusal names the parameter and says what would help."""
    translate, sent, field, text = REFUSED[name]
    with pytest.raises(Rejected) as refusal:
        translate(sent)
    assert refusal.value.code == "invalid_request"
    assert refusal.value.problems[0][0] == field
    assert text in refusal.value.message


ROUTES: list[tuple[type[OpenAIBody], Parameters, list[type]]] = [
    (images.OpenAIImageRequest, images.PARAMETERS, [image_generate_params.ImageGenerateParamsStreaming]),
    (images.OpenAIImageEdit, images.PARAMETERS, [image_edit_params.ImageEditParamsStreaming]),
    (speech.OpenAISpeechRequest, speech.PARAMETERS, [speech_create_params.SpeechCreateParams]),
    (chat.OpenAIChatRequest, chat.PARAMETERS, [completion_create_params.CompletionCreateParamsStreaming]),
    (videos.OpenAIVideoRequest, videos.PARAMETERS, [video_create_params.VideoCreateParams]),
]


@pytest.mark.parametrize(("struct", "known", "theirs"), ROUTES, ids=lambda part: getattr(part, "__name__", ""))
def test_every_parameter_of_the_client_is_honoured_or_refused_with_a_reason(
    struct: type[OpenAIBody], known: Parameters, theirs: list[type]
) -> None:
    """Whatever OpenAI's client can send is honoured, or has a sentence that says why it can't be."""
    sent = {name for params in theirs for name in get_type_hints(params)}
    honoured = {field.encode_name for field in msgspec.structs.fields(struct)}
    assert sent - honoured - set(known.refused) == set()
    assert set(known.meaningless) <= set(known.refused)


def test_refusals_of_pixels_fields_name_the_parameters() -> None:
    """A refusal that Pixel words for its own body names what the caller has sent."""
    refusal = Rejected(
        "invalid_request",
        "",
        [
            ("prompt", "a"),
            ("imageInputs[1]", "b"),
            ("extraParams.seed", "c"),
            ("deadline.startSeconds", "d"),
            ("x", "e"),
        ],
    )
    made = fields.renamed(
        refusal, {"prompt": "input", "imageInputs": "image", "extraParams.seed": "seed", "deadline": "pixel.deadline"}
    )
    assert made.message == "input: a; image[1]: b; seed: c; pixel.deadline.startSeconds: d; x: e"
    assert fields.renamed(Rejected("too_large", "x"), {}).message == "x"


def view(kind: Kind = Kind.LLM, status: Status = Status.COMPLETED, **more: Any) -> TaskView:
    return TaskView(
        id="task_1",
        type=kind,
        status=status,
        model="sandbox/x",
        params={"prompt": "a cat"},
        created_at=AT,
        updated_at=AT,
        finished_at=AT if status.final else None,
        **more,
    )


@pytest.mark.parametrize(
    ("counted", "wanted"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 9}, (1, 2, 9)),
        ({"input_token": 1, "output_token": 2}, (1, 2, 3)),
        ({"input_tokens": 1, "output_tokens": 0}, (1, 0, 1)),
        ({"output_tokens": 2}, None),
        ({}, None),
    ],
)
def test_tokens_in_openais_words(counted: dict[str, int], wanted: tuple[int, int, int] | None) -> None:
    """Tokens are told where the provider counted both; nothing is made up."""
    made = chat.usage(counted)
    assert (made and (made.prompt_tokens, made.completion_tokens, made.total_tokens)) == wanted


@pytest.mark.parametrize("text", ["", "word", "two words", "x" * 500, "多い" * 100, "a\n\n  b" * 40, " " * 100])
@pytest.mark.parametrize("with_usage", [True, False])
@pytest.mark.parametrize("early", [0, 3])
def test_the_pieces_are_the_answer(text: str, with_usage: bool, early: int) -> None:
    """The pieces of a stream are the text, whatever it is and however much of it was sent before the end; the last ones
    say how it ended, and the tokens if asked."""
    done = view(result=Result(text=text, notes=(CUT_OFF,)), usage={"input_token": 1, "output_token": 2})
    head = chat.head("task_1", "sandbox/x", 0)
    written = [chat.piece(head, text[:early], with_usage=with_usage)] if text[:early] else []
    rest = chat.rest(done, head, sent=len(text[:early]), with_usage=with_usage)
    sent = [chat.beginning(head, with_usage=with_usage), *written, *rest]
    said = [msgspec.json.decode(piece.removeprefix(b"data: ")) for piece in sent]
    choices = [piece["choices"][0] for piece in said if piece["choices"]]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == text
    assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["length"]
    assert [piece.get("usage", "none") for piece in said[:-1]] == [None if with_usage else "none"] * (len(said) - 1)
    if with_usage:
        assert said[-1]["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def test_an_answer_says_who_gave_it() -> None:
    """The model is the one that served the task, and an answer that is whole ends with `stop`."""
    made = chat.completion(view(result=Result(text="hi"), served_by="other/y"))
    assert (made.model, made.choices[0].finish_reason, made.usage) == ("other/y", "stop", None)


VIDEO = Media(url="/a", width=10, height=20, duration=2.04, asset_id="asset_1.mp4")
SHOWN: dict[str, tuple[TaskView, ModelSpec | None, dict[str, Any]]] = {
    "waiting": (
        view(Kind.VIDEO, Status.PENDING),
        SPECS["sandbox/video"],
        {"status": "queued", "progress": 0, "size": "854x480", "seconds": "2", "completed_at": None, "error": None},
    ),
    "of a model that is gone": (view(Kind.VIDEO, Status.PENDING), None, {"size": None, "seconds": None}),
    "under way": (
        view(Kind.VIDEO, Status.PROCESSING, progress=40),
        SPECS["sandbox/video"],
        {"status": "in_progress", "progress": 40},
    ),
    "done": (
        view(Kind.VIDEO, result=Result(videos=(VIDEO,))),
        SPECS["sandbox/video"],
        {"status": "completed", "progress": 100, "size": "10x20", "seconds": "2.04", "completed_at": 1770804000},
    ),
    "failed": (
        view(Kind.VIDEO, Status.FAILED, error=TaskError(code="x", message="y", retryable=False, charged="no")),
        SPECS["sandbox/video"],
        {"status": "failed", "error": {"code": "x", "message": "y"}, "completed_at": None},
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_task_as_a_video(name: str) -> None:
    """Sizes and seconds are those that were measured, and before that those asked for."""
    task, spec, wanted = SHOWN[name]
    made = msgspec.to_builtins(videos.video(task, spec))
    assert made | wanted == made


async def test_files_in_base64_whatever_the_pieces() -> None:
    """The streamed answer is the JSON of the whole, however the store cuts the files."""
    files = {"asset_1.png": b"abcdefgh", "asset_2.png": b"", "asset_3.png": bytes(range(256))}
    media = tuple(Media(url="/x", width=1, height=1, media_type="image/png", asset_id=name) for name in files)

    async def pieces(image: Media) -> AsyncIterator[bytes]:
        data = files[image.asset_id or ""]
        for at in range(0, len(data), 5):
            yield data[at : at + 5]

    done = view(Kind.IMAGE, result=Result(images=media))
    answer = msgspec.json.decode(b"".join([piece async for piece in images.with_files(done, pieces)]))
    assert [base64.b64decode(image["b64_json"]) for image in answer["data"]] == list(files.values())
    assert (answer["created"], answer["output_format"], answer["size"]) == (1770804000, "png", "1x1")


def test_only_models_that_can_be_asked_are_listed() -> None:
    """A model that can't be asked now is not in the list; the last day of one is told."""
    common: dict[str, Any] = {
        "name": "X",
        "type": Kind.IMAGE,
        "provider": "acme",
        "model_key": "x",
        "is_default": False,
    }
    can = ModelView(id="acme/x", enabled=True, ends_at=AT, **common)
    found = models.model_list([can, ModelView(id="acme/y", enabled=False, **common)], {"acme/x": AT, "acme/y": AT})
    assert [(model.id, model.owned_by, model.created, model.shutdown_date) for model in found.data] == [
        ("acme/x", "acme", int(AT.timestamp()), "2026-02-11")
    ]
