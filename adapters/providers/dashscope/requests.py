"""How is an order written for DashScope? The dialects, each with its path, as pure functions.

Which model uses which dialect changes with every generation, so the catalogue says it, in the model's `wire`
section."""

from typing import Any, Literal, NamedTuple

from adapters.providers.base import extra_params, reference, wire_config
from domain import capabilities
from domain.base import Value
from domain.model import Kind
from domain.provider import Order

_AIGC = "/api/v1/services/aigc"
_AT_ONCE = f"{_AIGC}/multimodal-generation/generation"
_IMAGES = {
    "messages": _AT_ONCE,
    "messages_task": f"{_AIGC}/image-generation/generation",
    "text2image": f"{_AIGC}/text2image/image-synthesis",
    "image2image": f"{_AIGC}/image2image/image-synthesis",
}
_VIDEOS = f"{_AIGC}/video-generation/video-synthesis"
_SPEECH = {"messages": _AT_ONCE, "synthesizer": "/api/v1/services/audio/tts/SpeechSynthesizer"}
# The vendor's default is on for some models: prompt_extend rewrites the prompt, watermark marks the image.
_DEFAULTS = {"prompt_extend": False, "watermark": False}


class Wire(Value):
    """A model's `wire` section: the vendor's name, and `with_images`, the name for orders with reference images.

    `dialect`: images have `messages`, which answers synchronously, and others, which create a task; speech has
    `messages` and `synthesizer`. For videos, `frames` says how images are sent and `images` what they are, `shape` how
    the size of a video is given that no frame decides on (`size` in pixels, or `ratio` with the resolution), and
    `sizes` maps a resolution to a size where the catalogue offers names only. `parameters` are sent with every order;
    `without` names parameters that the model does not know (`n`, `prompt_extend`)."""

    model: str
    with_images: str | None = None
    dialect: Literal["messages", "messages_task", "text2image", "image2image", "synthesizer"] = "messages"
    frames: Literal["img_url", "media"] = "img_url"
    images: Literal["frames", "references"] = "frames"
    shape: Literal["size", "ratio"] = "size"
    sizes: dict[str, str] = {}
    parameters: dict[str, bool | int | str] = {}
    without: tuple[str, ...] = ()


class WireRequest(NamedTuple):
    """A request to send. `task`: the answer names a task, and nothing is made yet."""

    path: str
    body: dict[str, Any]
    task: bool


def to_wire(order: Order) -> WireRequest:
    """The request for an image, a video or speech. Chat uses the compatible mode."""
    wire = wire_config(order.spec, Wire)
    match order.kind:
        case Kind.AUDIO:
            return WireRequest(_SPEECH[wire.dialect], _speech(order, wire), task=False)
        case Kind.VIDEO:
            return WireRequest(_VIDEOS, _video(order, wire), task=True)
        case _:
            return WireRequest(_IMAGES[wire.dialect], _image(order, wire), task=is_asynchronous(order))


def is_asynchronous(order: Order) -> bool:
    """Whether the order creates a task, which can be polled and listed."""
    return order.kind is Kind.VIDEO or (
        order.kind is Kind.IMAGE
        and wire_config(order.spec, Wire).dialect in {"messages_task", "text2image", "image2image"}
    )


def vendor_model(order: Order) -> str:
    """The vendor's name of the model. It does not need `order.inputs`, which a lookup does not have."""
    wire = wire_config(order.spec, Wire)
    return wire.with_images or wire.model if order.params.get("imageInputs") else wire.model


def unsupported(order: Order) -> str | None:
    """A message about parameters that DashScope would ignore; None when it takes all of them."""
    if extra_params(order).get("loras"):
        return "DashScope takes no LoRA: leave extraParams.loras out."
    return None


def _image(order: Order, wire: Wire) -> dict[str, Any]:
    params, size = order.params, capabilities.pixels(order.spec, order.params)
    images, negative = [reference(image) for image in order.inputs], params.get("negativePrompt")
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
    params, images = order.params, [reference(image) for image in order.inputs]
    level, seconds = (
        capabilities.resolution(order.spec, params.get("resolution")),
        capabilities.seconds(order.spec, params),
    )
    given: dict[str, Any] = {"prompt": params["prompt"], "negative_prompt": params.get("negativePrompt")}
    parameters: dict[str, Any] = {
        "duration": int(seconds) if seconds else None,
        "seed": extra_params(order).get("seed"),
    }
    is_framed = bool(images) and wire.images == "frames"
    if images and wire.frames == "media":
        kinds = ("first_frame", "last_frame") if is_framed else ("reference_image",) * len(images)
        given["media"] = [{"type": kind, "url": url} for kind, url in zip(kinds, images, strict=False)]
    elif images:
        given["img_url"] = images[0]
    if images or wire.shape == "ratio":
        parameters["resolution"] = level.upper() if level else None
    if not is_framed and wire.shape == "ratio":
        parameters["ratio"] = capabilities.aspect_ratio(order.spec, params)
    elif not is_framed:
        size = capabilities.pixels(order.spec, params)
        parameters["size"] = f"{size[0]}*{size[1]}" if size else wire.sizes.get(level or "")
    return _body(order, wire, given, parameters)


def _speech(order: Order, wire: Wire) -> dict[str, Any]:
    voices = order.spec.voices or ()
    voice = order.params.get("voice") or next((voice.id for voice in voices), None)
    given: dict[str, Any] = {"text": order.params["prompt"], "voice": voice}
    if wire.dialect == "synthesizer":
        given |= {"rate": order.params.get("speed"), **wire.parameters}
    else:
        given["language_type"] = "Auto"
    return {"model": wire.model, "input": _given(given)}


def _body(order: Order, wire: Wire, given: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    parameters = parameters | _DEFAULTS | wire.parameters
    known = {name: value for name, value in parameters.items() if name not in wire.without}
    return {"model": vendor_model(order), "input": _given(given), "parameters": _given(known)}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
