"""How is an order written for xAI? The bodies of its routes, as pure functions."""

from typing import Any, Literal

from adapters.providers import openai_chat
from adapters.providers.base import reference, wire_config
from domain import capabilities
from domain.base import Value
from domain.provider import Order, Refused


class Wire(Value):
    """A model's `wire` section: the vendor's name, and deviations of the model.

    `more` are fields that are sent with every order, such as `quality`. `images` says what the reference images of a
    video are: its first frame, or subjects that appear in it."""

    model: str
    more: dict[str, Any] = {}
    images: Literal["frame", "references"] = "frame"


def image_to_wire(order: Order) -> tuple[str, dict[str, Any]] | Refused:
    """The path and the body of an image order. xAI keeps the shape of a single reference image, so an order that
    asks for another one is refused here, before it costs."""
    params, images = order.params, [{"type": "image_url", "url": reference(given)} for given in order.inputs]
    if len(images) == 1 and params.get("aspectRatio"):
        message = "xAI keeps the shape of a single reference image; leave aspectRatio out, or give several images."
        return Refused(code="provider_rejected", message=message, provider_code="aspect_ratio")
    body = _body(order, {"n": params.get("n") or 1, "response_format": "b64_json"}, _shape(order))
    match images:
        case []:
            return "/images/generations", body
        case [image]:
            return "/images/edits", body | {"image": image}
        case _:
            return "/images/edits", body | {"images": images}


def video_to_wire(order: Order) -> dict[str, Any]:
    """The body of a video order."""
    images = [{"url": reference(given)} for given in order.inputs]
    named: dict[str, Any] = {"image": images[0]} if images else {}
    if wire_config(order.spec, Wire).images == "references":
        named = {"reference_images": images}
    seconds = capabilities.seconds(order.spec, order.params)
    return _body(order, named, {"duration": int(seconds) if seconds else None} | _shape(order))


def chat_to_wire(order: Order) -> dict[str, Any]:
    """The body of a chat order. The limit includes the tokens of reasoning, which are billed."""
    wire = wire_config(order.spec, Wire)
    return wire.more | openai_chat.to_wire(
        order, model=wire.model, max_tokens_field="max_completion_tokens", streams=openai_chat.STREAM
    )


def _shape(order: Order) -> dict[str, Any]:
    level = capabilities.resolution(order.spec, order.params.get("resolution"))
    return {
        "resolution": level.lower() if level else None,
        "aspect_ratio": capabilities.aspect_ratio(order.spec, order.params),
    }


def _body(order: Order, fields: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    wire = wire_config(order.spec, Wire)
    own = {"model": wire.model, "prompt": order.params["prompt"]}
    return wire.more | own | fields | {name: value for name, value in optional.items() if value is not None}
