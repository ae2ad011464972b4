"""What does a model's `wire` section say, and how does an order go out? What Ark's images, videos and chats share."""

from typing import Any, Literal

from adapters.outbound.client import base64_of
from adapters.providers import openai_chat
from adapters.providers.base import wire_config
from domain.base import Value
from domain.provider import Input, Order


class Speech(Value):
    """How a voice is asked for at openspeech.

    `resource` is what V3 bills by and must fit the voices; `cluster` is V1's word. `speakers` gives the vendor's name
    of a voice where the catalogue has one of its own. `sample_rate` in Hz."""

    dialect: Literal["v3", "v1"] = "v3"
    resource: str = "seed-tts-1.0"
    cluster: str = "volcano_tts"
    speakers: dict[str, str] = {}
    sample_rate: int = 24000


class Wire(Value):
    """A model's `wire`: its name at Ark (or an endpoint's id, `ep-…`), or `speech` for a voice.

    `audio`: whether a film comes with sound; left out where the model knows no such field. `thinking`: as Ark has it,
    for chats."""

    model: str = ""
    speech: Speech | None = None
    audio: bool | None = None
    thinking: Literal["enabled", "disabled", "auto"] | None = None

    def __post_init__(self) -> None:
        if bool(self.model) == (self.speech is not None):
            raise ValueError("give either model or speech")


def reference(given: Input) -> str:
    """A reference picture: an address, or its bytes, whose format must stand in lower case."""
    if given.url:
        return given.url
    return f"data:{(given.media_type or 'image/png').lower()};base64,{base64_of(given.data)}"


def chat_to_wire(order: Order) -> dict[str, Any]:
    """Where the model thinks, its thoughts are paid for: then the limit holds for both."""
    wire = wire_config(order.spec, Wire)
    limit = "max_tokens" if wire.thinking == "disabled" else "max_completion_tokens"
    more = {"thinking": {"type": wire.thinking}} if wire.thinking else None
    return openai_chat.to_wire(order, model=wire.model, max_tokens_field=limit, more=more)
