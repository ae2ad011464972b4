"""How is an order written for DashScope, and what did it make? The dialects, each with its path, as pure functions.

Which model speaks which dialect changes with every generation, so the catalogue says it, in the model's `wire`."""

import re
from typing import Any, Literal, NamedTuple

from adapters.outbound.client import base64_of
from adapters.providers.base import extra_params, wire_config
from adapters.providers.redaction import redacted
from adapters.providers.sightings import output, unreadable_output
from adapters.providers.tolerant_reader import as_text, counts, elements, members
from domain import capabilities
from domain.base import Value, replace
from domain.model import Kind
from domain.provider import Finished, Input, Missing, Order, Output

EXPIRES_SECONDS = 24 * 3600.0
_AIGC = "/api/v1/services/aigc"
_AT_ONCE = f"{_AIGC}/multimodal-generation/generation"
_IMAGES = {
    "messages": _AT_ONCE,
    "messages_task": f"{_AIGC}/image-generation/generation",
    "text2image": f"{_AIGC}/text2image/image-synthesis",
    "image2image": f"{_AIGC}/image2image/image-synthesis",
}
_VIDEOS = f"{_AIGC}/video-generation/video-synthesis"
# Both are on at the vendor for some models: the one rewrites the prompt, the other marks the picture.
_DEFAULTS = {"prompt_extend": False, "watermark": False}


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


class WireRequest(NamedTuple):
    """A request to make: `task` when the answer is a task's name, and nothing is made yet."""

    path: str
    body: dict[str, Any]
    task: bool


class Result(Value):
    """The `output` of an answer. What a task made lies in `results`, `choices` or `video_url`, by dialect."""

    task_id: str | None = None
    task_status: Any = None
    code: Any = None
    message: Any = None
    results: Any = None
    choices: Any = None
    video_url: Any = None
    audio: Any = None


# --- There ---


def to_wire(order: Order) -> WireRequest:
    """The request of a picture, a video or a speech. Chats go through the compatible mode."""
    wire = wire_config(order.spec, Wire)
    match order.kind:
        case Kind.AUDIO:
            return WireRequest(_AT_ONCE, _speech(order, wire), task=False)
        case Kind.VIDEO:
            return WireRequest(_VIDEOS, _video(order, wire), task=True)
        case _:
            return WireRequest(_IMAGES[wire.dialect], _image(order, wire), task=is_asynchronous(order))


def is_asynchronous(order: Order) -> bool:
    """Whether the order becomes a task, which can be listed and asked for."""
    return order.kind is Kind.VIDEO or (
        order.kind is Kind.IMAGE
        and wire_config(order.spec, Wire).dialect in {"messages_task", "text2image", "image2image"}
    )


def vendor_model(order: Order) -> str:
    """The model's name at DashScope, told without the media themselves: a lookup comes without them."""
    wire = wire_config(order.spec, Wire)
    return wire.with_images or wire.model if order.params.get("imageInputs") else wire.model


def unsupported(order: Order) -> str | None:
    """What DashScope would drop without a word, in words; None when it takes all of it."""
    if extra_params(order).get("loras"):
        return "DashScope takes no LoRA: leave extraParams.loras out."
    return None


def _image(order: Order, wire: Wire) -> dict[str, Any]:
    params, size = order.params, capabilities.pixels(order.spec, order.params)
    images, negative = [_medium(picture) for picture in order.inputs], params.get("negativePrompt")
    parameters = {
        "n": params.get("n") or 1,
        "size": f"{size[0]}*{size[1]}" if size else None,
        "seed": extra_params(order).get("seed"),
    }
    if wire.dialect.startswith("messages"):
        content = [*({"image": image} for image in images), {"text": params["prompt"]}]
        given: dict[str, Any] = {"messages": [{"role": "user", "content": content}]}
        parameters["negative_prompt"] = negative
    else:
        given = {"prompt": params["prompt"], "negative_prompt": negative, "images": images or None}
    return _body(order, wire, given, parameters)


def _video(order: Order, wire: Wire) -> dict[str, Any]:
    params, images = order.params, [_medium(picture) for picture in order.inputs]
    level, seconds = (
        capabilities.resolution(order.spec, params.get("resolution")),
        capabilities.seconds(order.spec, params),
    )
    given: dict[str, Any] = {"prompt": params["prompt"], "negative_prompt": params.get("negativePrompt")}
    parameters: dict[str, Any] = {
        "duration": int(seconds) if seconds else None,
        "seed": extra_params(order).get("seed"),
    }
    if images and wire.frames == "media":
        kinds = ("first_frame", "last_frame")
        given["media"] = [{"type": kind, "url": url} for kind, url in zip(kinds, images, strict=False)]
    elif images:
        given["img_url"] = images[0]
    if images or wire.shape == "ratio":
        parameters["resolution"] = level.upper() if level else None
    if not images and wire.shape == "ratio":
        sizes = capabilities.aspect_ratios(order.spec, level)
        parameters["ratio"] = params.get("aspectRatio") or capabilities.default_ratio(order.spec, sizes)
    elif not images:
        size = capabilities.pixels(order.spec, params)
        parameters["size"] = f"{size[0]}*{size[1]}" if size else wire.sizes.get(level or "")
    return _body(order, wire, given, parameters)


def _speech(order: Order, wire: Wire) -> dict[str, Any]:
    voices = order.spec.voices or ()
    voice = order.params.get("voice") or next((voice.id for voice in voices), None)
    return {"model": wire.model, "input": {"text": order.params["prompt"], "voice": voice, "language_type": "Auto"}}


def _body(order: Order, wire: Wire, given: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    parameters = parameters | _DEFAULTS | wire.parameters
    known = {name: value for name, value in parameters.items() if name not in wire.without}
    return {"model": vendor_model(order), "input": _given(given), "parameters": _given(known)}


def _medium(picture: Input) -> str:
    if picture.url:
        return picture.url
    return f"data:{picture.media_type};base64,{base64_of(picture.data)}"


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


# --- And back ---

Item = Output | Missing
_ADDRESSES = ("image", "image_url", "video", "video_url", "url")
_LINK = re.compile(r"\s*(?i:https?://|data:)")


def finished(order: Order, result: Result, usage: Any) -> Finished:
    """What came of an order: outputs by their index, what is missing of those asked for, and what was measured.

    Where there is nothing that could hold an output, all of them count as made and unreadable: it was a success."""
    asked = int(order.params.get("n") or 1)
    found = items(order, result)
    known = [unreadable_output(index) for index in range(asked)] if found is None else found
    outputs = tuple(item for item in known if isinstance(item, Output))
    missing = tuple(item for item in known if isinstance(item, Missing)) + tuple(
        Missing(index=index, code="missing", message="DashScope did not make it.") for index in range(len(known), asked)
    )
    paid = len(outputs) + sum(item.code == "unreadable" for item in missing)
    return Finished(
        outputs=outputs,
        missing=missing,
        usage=_usage(order, counts(usage), paid),
        expires_seconds=EXPIRES_SECONDS,
    )


def items(order: Order, result: Result) -> list[Item] | None:
    """What was made, in its order; None when nothing in the answer is of the form that could hold it."""
    match order.kind:
        case Kind.AUDIO:
            return _audio(result.audio)
        case Kind.VIDEO:
            places = (result.video_url, *(elements(result.results) or ()), *_parts(result.choices))
            return next(([item] for place in places if (item := _item(0, place))), None)
        case _:
            given = elements(result.results)
            if given is not None:
                return [_result(index, each) for index, each in enumerate(given)]
            return None if elements(result.choices) is None else _images(result.choices)


def _audio(audio: Any) -> list[Item] | None:
    if not isinstance(audio, dict):
        return [item] if (item := _item(0, audio)) else None
    fields = members(audio)  # pyright: ignore[reportUnknownArgumentType]
    found = _item(0, fields.get("url")) or _item(0, fields.get("data"), inline=True)
    return [found] if found else [] if fields.keys() & {"url", "data"} else None


def _result(index: int, given: Any) -> Item:
    """One picture of the older dialects, or why there is none."""
    fields = members(given) or {"url": given}
    code, message = as_text(fields.get("code")), as_text(fields.get("message"))
    found = _item(index, fields.get("url"))
    if found is None and (code or message):
        return Missing(index=index, code=code or "missing", message=redacted(message))
    return found or unreadable_output(index)


def _images(choices: Any) -> list[Item]:
    """Those of the multimodal dialect: parts of messages, between which there may be text."""
    parts = [part for part in _parts(choices) if not _is_text(part)]
    return [_item(index, part) or unreadable_output(index) for index, part in enumerate(parts)]


def _is_text(part: Any) -> bool:
    if isinstance(part, str):
        return not _LINK.match(part)
    fields = members(part)
    return isinstance(fields.get("text"), str) and not any(fields.get(name) for name in _ADDRESSES)


def _parts(choices: Any) -> list[Any]:
    """The parts of all messages; something unreadable in the place of a message that can't be read."""
    found: list[Any] = []
    for choice in elements(choices) or ():
        content: Any = members(members(choice).get("message")).get("content")
        parts = elements(content)
        found += [content] if parts is None else parts
    return found


def _item(index: int, value: Any, *, inline: bool = False) -> Item | None:
    """One output out of an address, or an object that holds one; None where nothing is said."""
    for _ in range(2):
        if fields := members(value):
            value = next((fields[name] for name in _ADDRESSES if fields.get(name)), None)
    if not value:
        return None
    found = output(index, value, inline=inline) if isinstance(value, str) else None
    if found is None:
        return unreadable_output(index)
    return replace(found, url=_safely(found.url)) if found.url else found


def _safely(url: str) -> str:
    """Speech comes with an http address of the vendor's store, which answers to https as well."""
    plain, host = url.removeprefix("http://"), url.partition("://")[2].partition("/")[0]
    return f"https://{plain}" if plain != url and host.endswith(".aliyuncs.com") else url


def _usage(order: Order, counted: dict[str, int], paid: int) -> dict[str, int]:
    """The vendor's own counts, and the unit that is billed. Seconds come as an int or a float, and are rounded up."""
    match order.kind:
        case Kind.IMAGE:
            return counted | {"image": counted.get("image_count", paid)}
        case Kind.AUDIO:
            return counted | ({"character": counted["characters"]} if "characters" in counted else {})
        case _:
            words = ("duration", "video_duration", "output_video_duration")
            seconds = next((counted[each] for each in words if counted.get(each)), None)
            return counted | ({"second": seconds} if seconds else {})
