"""How is a generateContent request written? Images, speech and chat, as pure functions."""

from typing import Any, Literal

from adapters.outbound.client import base64_of
from adapters.providers.base import extra_params, wire_config
from domain import capabilities
from domain.base import Value
from domain.model import Kind
from domain.provider import Input, Order


class Wire(Value):
    """A model's `wire` section: the vendor's name, and whether the model takes `imageSize` (models of one size do not).

    `video` says how videos are ordered: as an `interaction`; as an `operation` that is polled by its name; or as Vertex
    does, by `fetch_operation`. `images` says what the reference images of an interaction are: its first frame, or what
    the video shows."""

    model: str
    image_size: bool = True
    video: Literal["interaction", "operation", "fetch_operation"] = "interaction"
    images: Literal["frame", "references"] = "frame"


def to_wire(order: Order) -> dict[str, Any]:
    """The body of a generateContent request."""
    match order.kind:
        case Kind.LLM:
            return _chat(order)
        case Kind.AUDIO:
            voice = order.params.get("voice") or next(voice.id for voice in order.spec.voices or ())
            speech = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
            config: dict[str, Any] = {"responseModalities": ["AUDIO"], "speechConfig": speech}
            return {"contents": [_turn("user", order.params["prompt"])], "generationConfig": config}
        case _:
            # With TEXT, because some models refuse to answer with an image alone.
            config = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": _size(order)}
            images = [_image(given) for given in order.inputs]
            return {"contents": [_turn("user", order.params["prompt"], *images)], "generationConfig": config}


def _size(order: Order) -> dict[str, str]:
    """Both members are always sent, because the vendor's defaults depend on the reference images."""
    level = order.params.get("resolution")
    optional = {
        "aspectRatio": capabilities.aspect_ratio(order.spec, order.params),
        "imageSize": capabilities.resolution(order.spec, level) if wire_config(order.spec, Wire).image_size else None,
    }
    return {name: value for name, value in optional.items() if value is not None}


def _chat(order: Order) -> dict[str, Any]:
    params = order.params
    messages = list(params.get("messages") or ())
    system = [params["system"]] if params.get("system") is not None else []
    system += [message["content"] for message in messages if message["role"] == "system"]
    roles = {"user": "user", "assistant": "model"}
    turns = [_turn(roles[said_by], message["content"]) for message in messages if (said_by := message["role"]) in roles]
    if params.get("prompt") is not None:
        turns.append(_turn("user", params["prompt"]))
    optional = {
        "temperature": params.get("temperature"),
        "maxOutputTokens": params.get("maxTokens") or order.spec.limits.max_tokens,
        "seed": extra_params(order).get("seed"),
    }
    body: dict[str, Any] = {"contents": turns}
    if system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in system]}
    return body | {"generationConfig": {name: value for name, value in optional.items() if value is not None}}


def _turn(role: str, text: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text}, *more]}


def _image(given: Input) -> dict[str, Any]:
    return {"inlineData": {"mimeType": given.media_type or "image/png", "data": base64_of(given.data)}}
