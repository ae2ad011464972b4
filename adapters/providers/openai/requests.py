"""What does a model's `wire` section say, and how is a form written?"""

from collections.abc import Mapping
from typing import Any, Literal

from adapters.media.probe import EXTENSIONS
from adapters.outbound.client import compact_json
from domain.base import Value
from domain.provider import Input


class Wire(Value, kw_only=True):
    """A model's `wire` section: the vendor's name, and deviations of the model.

    `more` are fields that are sent with every order, such as `quality` or `reasoning_effort`. `response_format` is for
    images and speech; GPT image models refuse it. `negative_prompt` is sent as a field, or behind a bar in the prompt,
    as LocalAI wants it. `streams`: chats come as streams where that is asked for, with their tokens at the end."""

    model: str
    more: dict[str, Any] = {}
    response_format: Literal["url", "b64_json", "mp3", "opus", "aac", "flac", "wav"] | None = None
    max_tokens_field: str = "max_completion_tokens"
    negative_prompt: Literal["field", "in_prompt"] = "field"
    streams: bool = True


def form_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, as text; other values as JSON."""
    return {name: value if isinstance(value, str) else compact_json(value) for name, value in fields.items()}


def form_file(name: str, medium: Input) -> tuple[str, bytes, str]:
    """A file of a form, with file name and media type: the vendor refuses files without them."""
    media_type = medium.media_type or "application/octet-stream"
    return f"{name}.{EXTENSIONS.get(media_type, 'bin')}", medium.data, media_type
