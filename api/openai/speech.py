"""Speech in OpenAI's form: what is asked for. The answer is the audio itself."""

from typing import Annotated, Final

from msgspec import Meta

from api.openai.fields import OpenAIBody, OpenAIRequest, Parameters, Translated, translated, wrong
from domain.model import ModelSpec


class OpenAIVoice(OpenAIBody):
    """A voice by its id."""

    id: Annotated[str, Meta(description="One of the model's voices", examples=["en-gb"])]


class OpenAISpeechRequest(OpenAIRequest, kw_only=True):
    """A text to speak."""

    input: Annotated[str, Meta(description="The text", examples=["Hello, welcome to Pixel AI!"])]
    model: Annotated[str, Meta(description="Which model", examples=["sandbox/speech"])]
    voice: Annotated[str | OpenAIVoice, Meta(description="One of the model's; its first when left out")] | None = None
    speed: (
        Annotated[float, Meta(description="How fast, within the model's limits; 1 when left out", examples=[1.0])]
        | None
    ) = None
    response_format: (
        Annotated[
            str,
            Meta(description="The format, where the model says which it has; its own when left out", examples=["wav"]),
        ]
        | None
    ) = None


PARAMETERS: Final = Parameters(
    meaningless={"stream_format": ("audio",)},
    refused={
        "instructions": "Pixel has no such choice; leave it out",
        "stream_format": "audio comes whole; leave it out",
    },
)
NAMES: Final = {"prompt": "input"}


def to_body(asked: OpenAISpeechRequest, spec: ModelSpec | None) -> Translated:
    """Pixel's request for the same speech. `spec` is that of the model, where it is known. Raises Rejected."""
    if asked.response_format is not None and spec is not None:
        _check_format(asked.response_format, spec)
    voice = asked.voice.id if isinstance(asked.voice, OpenAIVoice) else asked.voice
    fields = {"prompt": asked.input, "model": asked.model, "voice": voice, "speed": asked.speed}
    return translated(asked, fields, NAMES)


def _check_format(asked: str, spec: ModelSpec) -> None:
    """The formats in which a model speaks are in its entry in the catalogue: `capabilities.audioFormats`."""
    offered: list[str] = (spec.capabilities or {}).get("audioFormats", [])
    if not offered:
        raise wrong("response_format", f"'{spec.name}' does not say which formats it has; leave it out")
    if asked not in offered:
        raise wrong("response_format", f"'{asked[:64]}' is not offered; choose one of {', '.join(offered)}")
