"""How is an order written for MiniMax? The bodies of all its routes, as pure functions."""

from typing import Any, Literal

from adapters.providers import openai_chat
from adapters.providers.base import extra_params, reference, wire_config
from domain import capabilities
from domain.base import Value
from domain.provider import Order, Refused


class Wire(Value):
    """A model's `wire` section: the vendor's name and, for videos, the generation of the API.

    `pictures` says what the reference images of a video are: its first and last frame, or subjects. `prompt_expansion`
    is for H3 Max, `thinking` for M3; each is sent only when it is given."""

    model: str
    api: Literal["v1", "v2"] = "v1"
    pictures: Literal["frames", "references"] = "frames"
    audio_format: Literal["mp3", "wav", "flac"] = "mp3"
    thinking: Literal["adaptive", "disabled"] | None = None
    prompt_expansion: Literal["disabled", "balanced", "quality"] | None = None


def image_to_wire(order: Order) -> dict[str, Any]:
    """The body of an image order. A reference image shows the person or thing that shall appear."""
    params = order.params
    optional = {
        "aspect_ratio": capabilities.aspect_ratio(order.spec, params),
        "seed": extra_params(order).get("seed"),
        "subject_reference": [{"type": "character", "image_file": reference(image)} for image in order.inputs] or None,
    }
    return {
        "model": wire_config(order.spec, Wire).model,
        "prompt": params["prompt"],
        "n": params.get("n") or 1,
        "response_format": "url",
        "prompt_optimizer": False,
        "aigc_watermark": False,
    } | {name: value for name, value in optional.items() if value is not None}


def speech_to_wire(order: Order) -> dict[str, Any]:
    """The body of a speech order. The audio comes complete in the answer."""
    wire, params = wire_config(order.spec, Wire), order.params
    voice = params.get("voice") or next((voice.id for voice in order.spec.voices or ()), None)
    speed = params.get("speed")
    return {
        "model": wire.model,
        "text": params["prompt"],
        "stream": False,
        "output_format": "hex",
        "voice_setting": {"voice_id": voice} | ({"speed": speed} if speed is not None else {}),
        "audio_setting": {"format": wire.audio_format},
    }


def chat_to_wire(order: Order) -> dict[str, Any] | Refused:
    """The body of a chat order, or a refusal for a temperature that MiniMax does not take."""
    wire, temperature = wire_config(order.spec, Wire), order.params.get("temperature")
    if temperature is not None and not 0 < temperature <= 1:
        return Refused(code="provider_rejected", message="MiniMax takes a temperature above 0 and up to 1.")
    more = {"thinking": {"type": wire.thinking}} if wire.thinking else {}
    return openai_chat.to_wire(
        order, model=wire.model, max_tokens_field="max_completion_tokens", more=more, streams={"stream": True}
    )


def v1_to_wire(order: Order, *, callback: str | None) -> dict[str, Any]:
    """The body of a video order of v1. The aspect ratio is 16:9, or that of the first frame."""
    wire, params = wire_config(order.spec, Wire), order.params
    level = capabilities.resolution(order.spec, params.get("resolution"))
    frames = dict(zip(("first_frame_image", "last_frame_image"), map(reference, order.inputs), strict=False))
    optional = {"resolution": level.upper() if level else None, "callback_url": callback}
    return {
        "model": wire.model,
        "prompt": params["prompt"],
        "duration": _seconds(order),
        "prompt_optimizer": False,
        "aigc_watermark": False,
        **frames,
    } | {name: value for name, value in optional.items() if value is not None}


def v2_to_wire(order: Order, *, callback: str | None) -> dict[str, Any]:
    """The body of a video order of v2. Without an `aspectRatio` the catalogue's ratio counts, else `adaptive`."""
    wire, params = wire_config(order.spec, Wire), order.params
    level = capabilities.resolution(order.spec, params.get("resolution")) or ""
    roles = ("first_frame", "last_frame") if wire.pictures == "frames" else ("reference_image",) * len(order.inputs)
    images = [
        {"type": "image_url", "role": role, "image_url": {"url": reference(image)}}
        for role, image in zip(roles, order.inputs, strict=False)
    ]
    optional = {
        "callback_url": callback,
        "extra": {"prompt_expansion_mode": wire.prompt_expansion} if wire.prompt_expansion else None,
    }
    return {
        "model": wire.model,
        "content": [{"type": "text", "text": params["prompt"]}, *images],
        "resolution": level.upper(),
        "duration": _seconds(order),
        "ratio": capabilities.aspect_ratio(order.spec, params) or "adaptive",
    } | {name: value for name, value in optional.items() if value is not None}


def _seconds(order: Order) -> int:
    return round(capabilities.seconds(order.spec, order.params) or 0)
