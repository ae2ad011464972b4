"""What does a model's `wire` section say? And what do the requests to Ark share?"""

from typing import Any, Literal

from adapters.providers import openai_chat
from adapters.providers.base import wire_config
from domain.base import Value
from domain.provider import Order


class Speech(Value):
    """How sound is ordered at openspeech: a voice in V3 or V1, or, with `create`, whatever the prompt describes.

    `resource` is the billed resource of V3 and must fit the voices, or the model of `create`; `cluster` is its
    counterpart in V1. `speakers` maps the catalogue's voice ids to the vendor's names. `sample_rate` in Hz."""

    dialect: Literal["v3", "v1", "create"] = "v3"
    resource: str = "seed-tts-1.0"
    cluster: str = "volcano_tts"
    speakers: dict[str, str] = {}
    sample_rate: int = 24000


class Wire(Value):
    """A model's `wire` section: the vendor's name at Ark (or an endpoint's id, `ep-…`), or `speech` for voices.

    `audio`: whether videos have audio; None for models without that field. `images` says what the reference images of
    a video are. `safety_identifier`: videos carry the call id in this field, which Ark repeats in its list, so that a
    lost answer is found. `thinking` is Ark's setting for chats. `more` are fields that are sent with every order, such
    as `sequential_image_generation`."""

    model: str = ""
    speech: Speech | None = None
    audio: bool | None = None
    images: Literal["frames", "references"] = "frames"
    safety_identifier: bool = False
    thinking: Literal["enabled", "disabled", "auto"] | None = None
    more: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if bool(self.model) == (self.speech is not None):
            raise ValueError("give either model or speech")


def chat_to_wire(order: Order) -> dict[str, Any]:
    """The body of a chat order. Reasoning tokens are billed, so the limit includes them where the model reasons."""
    wire = wire_config(order.spec, Wire)
    limit = "max_tokens" if wire.thinking == "disabled" else "max_completion_tokens"
    thinking = {"thinking": {"type": wire.thinking}} if wire.thinking else {}
    return openai_chat.to_wire(
        order, model=wire.model, max_tokens_field=limit, more=thinking | wire.more, streams=openai_chat.STREAM
    )
