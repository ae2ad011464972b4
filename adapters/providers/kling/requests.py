"""What is sent to Kling, in its two dialects? Pure functions.

The old dialect is flat, with `model_name` in the body and durations as text. The new one has the model in the path,
`settings` and `options`, and durations as numbers. Where Kling's defaults surprise (watermarks, several shots, the
model), the field is always sent."""

from typing import Any, Literal

from adapters.outbound.client import base64_of
from adapters.providers.base import wire_config
from domain import capabilities
from domain.base import Value
from domain.provider import Input, Order


class Wire(Value, forbid_unknown_fields=True):
    """A model's `wire` section. `endpoint` decides the dialect; `model` is the vendor's name, None for speech.

    `modes` maps a resolution level to a mode (old dialect). `sound` (old) and `audio`, `multi_shot` (new) are sent
    where the model has them. `image_reference` says what a reference image is used for, `images` what those of
    `omni-video` are."""

    endpoint: Literal[
        "videos/text2video",
        "videos/image2video",
        "images/generations",
        "images/omni-image",
        "audio/tts",
        "text-to-video",
        "image-to-video",
        "omni-video",
    ]
    model: str | None = None
    modes: dict[str, str] = {}
    sound: Literal["on", "off"] | None = None
    audio: Literal["native", "off"] | None = None
    multi_shot: bool | None = None
    image_reference: Literal["subject", "face"] | None = None
    images: Literal["frames", "references"] = "frames"

    @property
    def is_new_dialect(self) -> bool:
        return self.endpoint in {"text-to-video", "image-to-video", "omni-video"}

    @property
    def path(self) -> str:
        """The path of orders."""
        return f"/{self.endpoint}/{self.model}" if self.is_new_dialect else f"/v1/{self.endpoint}"


def to_wire(order: Order, *, callback: str | None = None) -> dict[str, Any]:
    """The body of an order. `callback` is the URL for Kling's callbacks."""
    wire = wire_config(order.spec, Wire)
    call = {"callback_url": callback, "external_task_id": order.call_id, "watermark_info": {"enabled": False}}
    match wire.endpoint:
        case "audio/tts":
            return _speech(order)
        case "images/generations":
            body = _image(order, wire) | call
        case "images/omni-image":
            body = _from_images(order, wire) | call
        case "videos/text2video" | "videos/image2video":
            body = _video(order, wire) | call
        case "text-to-video" | "image-to-video" | "omni-video":
            return _new_video(order, wire) | {"options": _given(call)}
    return _given(body)


def _image(order: Order, wire: Wire) -> dict[str, Any]:
    image = next(iter(_inputs(order)), None)
    return {
        "model_name": wire.model,
        "prompt": order.params["prompt"],
        "negative_prompt": order.params.get("negativePrompt"),
        "image": image,
        "image_reference": wire.image_reference if image else None,
        **_size(order),
        "n": order.params.get("n") or 1,
    }


def _from_images(order: Order, wire: Wire) -> dict[str, Any]:
    images = _inputs(order)
    return {
        "model_name": wire.model,
        "prompt": _naming_all(order, [f"<<<image_{place}>>>" for place in range(1, len(images) + 1)]),
        "image_list": [{"image": image} for image in images] or None,
        "result_type": "single",
        **_size(order),
        "n": order.params.get("n") or 1,
    }


def _video(order: Order, wire: Wire) -> dict[str, Any]:
    frames = _inputs(order)
    return {
        "model_name": wire.model,
        "prompt": order.params["prompt"],
        "negative_prompt": order.params.get("negativePrompt"),
        "image": frames[0] if frames else None,
        "image_tail": frames[1] if len(frames) > 1 else None,
        "mode": wire.modes.get(_level(order) or ""),
        "sound": wire.sound,
        "aspect_ratio": None if wire.endpoint == "videos/image2video" else _ratio(order),
        "duration": str(_seconds(order)),
    }


def _new_video(order: Order, wire: Wire) -> dict[str, Any]:
    images = _inputs(order)
    is_framed = bool(images) and wire.images == "frames"
    settings = {
        "multi_shot": wire.multi_shot,
        "audio": wire.audio,
        "resolution": _level(order),
        "duration": _seconds(order),
        "aspect_ratio": None if is_framed else _ratio(order),
    }
    if wire.endpoint == "text-to-video":
        return {"prompt": order.params["prompt"], "settings": _given(settings)}
    if is_framed:
        prompt: str = order.params["prompt"]
        given = [{"type": kind, "url": url} for kind, url in zip(("first_frame", "last_frame"), images, strict=False)]
    else:
        ids = [f"image_{place}" for place in range(1, len(images) + 1)]
        prompt = _naming_all(order, [f"@{id_}" for id_ in ids])
        given = [{"type": "refer_image", "url": url, "id": id_} for id_, url in zip(ids, images, strict=True)]
    return {"contents": [{"type": "prompt", "text": prompt}, *given], "settings": _given(settings)}


def _naming_all(order: Order, names: list[str]) -> str:
    """The prompt. Reference images count only where it names them, so it gets the missing names at its end."""
    prompt = str(order.params["prompt"])
    return " ".join([prompt, *(name for name in names if name not in prompt)])


def _speech(order: Order) -> dict[str, Any]:
    """Kling requires the language of the voice, and rounds the speed to tenths."""
    voices = {voice.id: voice for voice in order.spec.voices or ()}
    voice = voices[order.params.get("voice") or next(iter(voices))]
    return {
        "text": order.params["prompt"],
        "voice_id": voice.id,
        "voice_language": voice.language.partition("-")[0],
        "voice_speed": round(float(order.params.get("speed") or 1.0), 1),
    }


def _size(order: Order) -> dict[str, str | None]:
    return {"resolution": (_level(order) or "").lower() or None, "aspect_ratio": _ratio(order)}


def _level(order: Order) -> str | None:
    return capabilities.resolution(order.spec, order.params.get("resolution"))


def _ratio(order: Order) -> str | None:
    return capabilities.aspect_ratio(order.spec, order.params)


def _seconds(order: Order) -> int:
    return int(capabilities.seconds(order.spec, order.params) or 5)


def _inputs(order: Order) -> list[str]:
    return [_encoded(image) for image in order.inputs]


def _encoded(image: Input) -> str:
    """A URL, or base64 without the prefix of a data URL, which Kling refuses."""
    return image.url or base64_of(image.data)


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
