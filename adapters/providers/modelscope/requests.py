"""How is an image ordered from ModelScope? The body, as a pure function."""

from typing import Any

from adapters.providers.base import extra_params, wire_config
from domain import capabilities
from domain.base import Value
from domain.provider import Order


class Wire(Value):
    """A model's `wire` section: the vendor's name (`Qwen/Qwen-Image`), and steps and guidance if they are to be set."""

    model: str
    steps: int | None = None
    guidance: float | None = None


def to_wire(order: Order) -> dict[str, Any]:
    """The body of an image order."""
    wire, params = wire_config(order.spec, Wire), order.params
    size = capabilities.pixels(order.spec, params)
    loras: list[dict[str, Any]] = extra_params(order).get("loras") or []
    optional = {
        "negative_prompt": params.get("negativePrompt"),
        "size": f"{size[0]}x{size[1]}" if size else None,
        "seed": extra_params(order).get("seed"),
        "steps": wire.steps,
        "guidance": wire.guidance,
        "image_url": _images(order),
        "loras": _weights(loras),
    }
    return {"model": wire.model, "prompt": params["prompt"]} | {
        name: value for name, value in optional.items() if value is not None
    }


def _images(order: Order) -> str | list[str] | None:
    urls = [image.url for image in order.inputs if image.url]
    return None if not urls else urls[0] if len(urls) == 1 else urls


def _weights(loras: list[dict[str, Any]]) -> dict[str, float] | str | None:
    """The weights of LoRAs by name; the catalogue check makes them add up to 1. A single LoRA is sent as its name."""
    if len(loras) == 1:
        return str(loras[0]["model"])
    return {lora["model"]: float(lora.get("weight") or 1.0) for lora in loras} or None
