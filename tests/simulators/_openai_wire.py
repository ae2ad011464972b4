"""What do all routes of the OpenAI simulator share? Errors, facts about each model, strict checks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.simulators.base import Answer, require

STANDARD = {"1024x1024", "1536x1024", "1024x1536", "auto"}


class ImageModel(NamedTuple):
    """What an image model accepts. `local`: a compatible server's, which has no tokens and other fields."""

    any_size: bool = False
    fidelity: bool = False
    qualities: frozenset[str] = frozenset({"auto", "low", "medium", "high"})
    local: bool = False


_FINE = ImageModel(any_size=True, qualities=frozenset({"auto", "low", "medium", "high", "xhigh", "max"}))
IMAGE_MODELS = {
    "gpt-image-2.6-sunburst": ImageModel(),
    "gpt-image-2.6-flare": ImageModel(),
    "gpt-image-2.5-sunburst": _FINE,
    "gpt-image-2.5-flare": _FINE,
    "gpt-image-2": ImageModel(any_size=True),
    "gpt-image-1.5": ImageModel(fidelity=True),
    "gpt-image-1-mini": ImageModel(),
    "local-image": ImageModel(any_size=True, local=True),
}
VOICES = frozenset(
    ["alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin", "cedar"]
)
_FEWER = VOICES - {"ballad", "verse", "marin", "cedar"}
SPEECH_MODELS = {
    "gpt-4o-mini-tts": VOICES,
    "tts-1": _FEWER,
    "tts-1-hd": _FEWER,
    "local-speech": frozenset({"anna"}),
}
CHAT_MODELS = {"gpt-4.1-mini": False} | dict.fromkeys(
    ("gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.5", "gpt-5.4-mini"), True
)
"""Whether it reasons, and so refuses a temperature."""
LOCAL_CHAT = "local-chat"
VIDEO_MODELS = {
    "sora-2": {"720x1280", "1280x720"},
    "sora-2-pro": {"720x1280", "1280x720", "1024x1792", "1792x1024"},
}

SHUTDOWNS = {
    "gpt-image-1.5": "2026-12-01",
    "gpt-image-1-mini": "2026-12-01",
    "gpt-4o-mini-tts": "2027-01-06",
    "tts-1": "2027-01-06",
    "tts-1-hd": "2027-01-06",
    "gpt-4.1-mini": "2027-01-14",
}
"""The last days that the vendor has announced."""
OTHERS = {"gpt-4.1-mini-2025-04-14", "text-embedding-3-small", "whisper-1", "omni-moderation-latest"}
"""Models that the list has as well."""


def listed() -> list[dict[str, Any]]:
    """The models of the list. `shutdown_date` is null where no last day is announced."""
    about = {"object": "model", "created": 1795000000, "owned_by": "system"}
    names = {*IMAGE_MODELS, *SPEECH_MODELS, *CHAT_MODELS, *VIDEO_MODELS, *OTHERS, LOCAL_CHAT}
    return [{"id": name} | about | {"shutdown_date": SHUTDOWNS.get(name)} for name in sorted(names)]


def error(
    status: int,
    message: str,
    *,
    type_: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
    details: dict[str, Any] | None = None,
) -> Answer:
    """An error in OpenAI's form."""
    body: dict[str, Any] = {"message": message, "type": type_, "param": param, "code": code}
    return Answer(status, json={"error": body | (details or {})}, headers=headers)


def blocked(stage: str) -> Answer:
    """The error of the moderation, for a prompt or for a result."""
    return error(
        400,
        "Your request was rejected by the safety system.",
        type_="image_generation_user_error",
        code="moderation_blocked",
        details={"moderation_details": {"moderation_stage": stage, "categories": ["violence"]}},
    )


def invalid(param: str, value: object) -> Answer:
    """The error for a value that is not allowed."""
    return error(400, f"Invalid value: '{value}'.", param=param, code="invalid_value")


def no_model(model: object) -> Answer:
    """The error for a model that does not exist, or no longer."""
    text = f"The model '{model}' does not exist or you do not have access to it."
    return error(404, text, param="model", code="model_not_found")


Choices = type | set[Any] | frozenset[Any] | range


def check(body: Mapping[str, Any], known: Mapping[str, Choices], *, needed: tuple[str, ...]) -> None:
    """Check for unknown fields, missing ones, wrong types and wrong values, in this order. `range` is for integers."""
    for name in body:
        require(name in known, error(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter"))
    for name in needed:
        text = f"Missing required parameter: '{name}'."
        require(body.get(name) not in (None, "", []), error(400, text, param=name, code="missing_required_parameter"))
    for name, value in body.items():
        choices = known[name]
        if isinstance(choices, type):
            right = isinstance(value, (int, float) if choices is float else choices) and not (
                isinstance(value, bool) and choices is not bool
            )
            text = f"Invalid type for '{name}': expected {choices.__name__}."
            require(right, error(400, text, param=name, code="invalid_type"))
        elif isinstance(choices, range):
            require(isinstance(value, int) and value in choices, error(400, f"{name}", param=name, code="invalid_type"))
        else:
            require(value in choices, invalid(name, value))
