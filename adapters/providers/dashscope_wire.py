"""How is an order written for DashScope, and what did it make? The dialects, each with its path, as pure functions.

Which model speaks which dialect changes with every generation, so the catalogue says it, in the model's `wire`."""

import base64
from math import ceil
from typing import Any, Literal, NamedTuple

from adapters.providers.base import extra, wire_of
from adapters.providers.reading import said
from domain import offer
from domain.base import Value
from domain.model import Kind
from domain.provider import Finished, Input, Missing, Order, Output

EXPIRES_SECONDS = 24 * 3600.0
_AIGC = "/api/v1/services/aigc"
_AT_ONCE = f"{_AIGC}/multimodal-generation/generation"
_PICTURES = {
    "messages": _AT_ONCE,
    "messages_task": f"{_AIGC}/image-generation/generation",
    "text2image": f"{_AIGC}/text2image/image-synthesis",
    "image2image": f"{_AIGC}/image2image/image-synthesis",
}
_VIDEOS = f"{_AIGC}/video-generation/video-synthesis"
# Both are on at the vendor for some models: the one rewrites the prompt, the other marks the picture.
_UNLESS_SAID = {"prompt_extend": False, "watermark": False}


class Wire(Value):
    """A model's `wire`: its name at DashScope, `with_images` the name when there are reference images.

    `dialect` is for pictures: `messages` answers at once, the others make a task. For videos, `frames` says how images
    are given, `shape` how the size of a text-to-video is (`size` in pixels, or `ratio` beside the resolution), and
    `sizes` which size a resolution means where the catalogue offers names only. `parameters` go with every request as
    they are, `without` names those that this model does not know (`n`, `prompt_extend`)."""

    model: str
    with_images: str | None = None
    dialect: Literal["messages", "messages_task", "text2image", "image2image"] = "messages"
    frames: Literal["img_url", "media"] = "img_url"
    shape: Literal["size", "ratio"] = "size"
    sizes: dict[str, str] = {}
    parameters: dict[str, bool | int | str] = {}
    without: tuple[str, ...] = ()


class Sending(NamedTuple):
    """A request to make: `task` when the answer is a task's name, and nothing is made yet."""

    path: str
    body: dict[str, Any]
    task: bool


class _Part(Value):
    image: str | None = None


class _Message(Value):
    content: tuple[_Part, ...] | str | None = None


class _Choice(Value):
    message: _Message | None = None


class _Result(Value):
    url: str | None = None
    code: str | None = None
    message: str | None = None


class _Audio(Value):
    url: str | None = None


class Result(Value):
    """The `output` of an answer. What a task made lies in `results`, `choices` or `video_url`, by dialect."""

    task_id: str | None = None
    task_status: str | None = None
    code: str | None = None
    message: str | None = None
    results: tuple[_Result, ...] | None = None
    choices: tuple[_Choice, ...] | None = None
    video_url: str | None = None
    audio: _Audio | None = None


# --- There ---


def to_wire(order: Order) -> Sending:
    """The request of a picture, a video or a speech. Chats go through the compatible mode."""
    wire = wire_of(order.spec, Wire)
    match order.kind:
        case Kind.AUDIO:
            return Sending(_AT_ONCE, _speech(order, wire), task=False)
        case Kind.VIDEO:
            return Sending(_VIDEOS, _video(order, wire), task=True)
        case _:
            return Sending(_PICTURES[wire.dialect], _picture(order, wire), task=by_task(order))


def by_task(order: Order) -> bool:
    """Whether the order becomes a task, which can be listed and asked for."""
    return order.kind is Kind.VIDEO or (
        order.kind is Kind.IMAGE and wire_of(order.spec, Wire).dialect in {"messages_task", "text2image", "image2image"}
    )


def vendor_model(order: Order) -> str:
    """The model's name at DashScope, told without the media themselves: a lookup comes without them."""
    wire = wire_of(order.spec, Wire)
    return wire.with_images or wire.model if order.params.get("imageInputs") else wire.model


def unsendable(order: Order) -> str | None:
    """What DashScope would drop without a word, in words; None when it takes all of it."""
    if extra(order).get("loras"):
        return "DashScope takes no LoRA: leave extraParams.loras out."
    return None


def _picture(order: Order, wire: Wire) -> dict[str, Any]:
    params, size = order.params, offer.pixels(order.spec, order.params)
    images, negative = [_medium(picture) for picture in order.inputs], params.get("negativePrompt")
    wanted = {
        "n": params.get("n") or 1,
        "size": f"{size[0]}*{size[1]}" if size else None,
        "seed": extra(order).get("seed"),
    }
    if wire.dialect.startswith("messages"):
        content = [*({"image": image} for image in images), {"text": params["prompt"]}]
        given: dict[str, Any] = {"messages": [{"role": "user", "content": content}]}
        wanted["negative_prompt"] = negative
    else:
        given = {"prompt": params["prompt"], "negative_prompt": negative, "images": images or None}
    return _body(order, wire, given, wanted)


def _video(order: Order, wire: Wire) -> dict[str, Any]:
    params, images = order.params, [_medium(picture) for picture in order.inputs]
    level, seconds = offer.resolution(order.spec, params.get("resolution")), offer.seconds(order.spec, params)
    given: dict[str, Any] = {"prompt": params["prompt"], "negative_prompt": params.get("negativePrompt")}
    wanted: dict[str, Any] = {
        "duration": int(seconds) if seconds else None,
        "seed": extra(order).get("seed"),
    }
    if images and wire.frames == "media":
        kinds = ("first_frame", "last_frame")
        given["media"] = [{"type": kind, "url": url} for kind, url in zip(kinds, images, strict=False)]
    elif images:
        given["img_url"] = images[0]
    if images or wire.shape == "ratio":
        wanted["resolution"] = level.upper() if level else None
    if not images and wire.shape == "ratio":
        sizes = offer.aspect_ratios(order.spec, level)
        wanted["ratio"] = params.get("aspectRatio") or offer.default_ratio(order.spec, sizes)
    elif not images:
        size = offer.pixels(order.spec, params)
        wanted["size"] = f"{size[0]}*{size[1]}" if size else wire.sizes.get(level or "")
    return _body(order, wire, given, wanted)


def _speech(order: Order, wire: Wire) -> dict[str, Any]:
    voices = order.spec.voices or ()
    voice = order.params.get("voice") or next((voice.id for voice in voices), None)
    return {"model": wire.model, "input": {"text": order.params["prompt"], "voice": voice, "language_type": "Auto"}}


def _body(order: Order, wire: Wire, given: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    parameters = wanted | _UNLESS_SAID | wire.parameters
    known = {name: value for name, value in parameters.items() if name not in wire.without}
    return {"model": vendor_model(order), "input": _given(given), "parameters": _given(known)}


def _medium(picture: Input) -> str:
    if picture.url:
        return picture.url
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


# --- And back ---


def made(order: Order, result: Result, usage: dict[str, Any] | None) -> Finished:
    """What came of an order: outputs by their index, what is missing of those asked for, and what was measured."""
    match order.kind:
        case Kind.AUDIO:
            items = _one(result.audio.url if result.audio else None)
        case Kind.VIDEO:
            items = _one(result.video_url)
        case _:
            items = _pictures(result)
    outputs = tuple(item for item in items if isinstance(item, Output))
    missing = tuple(item for item in items if isinstance(item, Missing)) + tuple(
        Missing(index=index, code="missing", message="DashScope did not make it.")
        for index in range(len(items), order.params.get("n") or 1)
    )
    return Finished(
        outputs=outputs,
        missing=missing,
        usage=_usage(order, usage or {}, len(outputs)),
        expires_seconds=EXPIRES_SECONDS,
    )


def _one(url: str | None) -> list[Output | Missing]:
    return [Output(index=0, url=_safely(url))] if url else []


def _pictures(result: Result) -> list[Output | Missing]:
    if result.results is not None:
        return [
            Output(index=index, url=item.url)
            if item.url
            else Missing(index=index, code=item.code or "missing", message=said(item.message))
            for index, item in enumerate(result.results)
        ]
    parts = [
        part
        for choice in result.choices or ()
        if choice.message and isinstance(choice.message.content, tuple)
        for part in choice.message.content
    ]
    return [Output(index=index, url=url) for index, url in enumerate(part.image for part in parts if part.image)]


def _safely(url: str) -> str:
    """Speech comes with an http address of the vendor's store, which answers to https as well."""
    plain, host = url.removeprefix("http://"), url.partition("://")[2].partition("/")[0]
    return f"https://{plain}" if plain != url and host.endswith(".aliyuncs.com") else url


def _usage(order: Order, usage: dict[str, Any], made: int) -> dict[str, int]:
    """The vendor's own counts, and the unit that is billed. Seconds come as an int or a float, and are rounded up."""
    counts = {name: ceil(value) for name, value in usage.items() if type(value) in {int, float}}
    match order.kind:
        case Kind.IMAGE:
            return counts | {"image": counts.get("image_count", made)}
        case Kind.AUDIO:
            return counts | ({"character": counts["characters"]} if "characters" in counts else {})
        case _:
            words = ("duration", "video_duration", "output_video_duration")
            seconds = next((counts[word] for word in words if counts.get(word)), None)
            return counts | ({"second": seconds} if seconds else {})
