"""Which models does DashScope list? `GET /api/v1/models`, by page, with what each can do.

Facts: docs/providers/dashscope.md#list-of-models."""

from collections.abc import Mapping
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page
from adapters.providers.tolerant_reader import count, decode_strictly, members
from application.catalogue_comparison import ListedModel
from domain.base import Value
from domain.model import Kind

_PAGE = 100
FIRST = {"page_no": "1", "page_size": str(_PAGE)}
# What a capability makes; the others that are known (speech recognition, embeddings, realtime, 3D) make nothing here.
_CAPABILITIES: dict[str, Kind | None] = {
    "TG": Kind.LLM,
    "Reasoning": Kind.LLM,
    "VU": Kind.LLM,
    "IG": Kind.IMAGE,
    "VG": Kind.VIDEO,
    "TTS": Kind.AUDIO,
} | dict.fromkeys(
    (
        *("ASR", "ME", "TR", "Realtime-Omni", "Multimodal-Omni", "Realtime-Text-to-Speech", "Realtime-ASR"),
        *("Realtime-Audio-Translate", "Realtime-Chatting", "3D-generation"),
    )
)


class _Model(Value):
    model: str
    capabilities: Any = None
    model_info: Any = None


class _Output(Value):
    models: tuple[_Model, ...]
    total: int


class _List(Value):
    output: _Output


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:
    """One page."""
    found = decode_strictly(reply.body, _List)
    if found is None:
        return None
    number = int(query["page_no"])
    models = tuple(
        ListedModel(
            name=model.model,
            kinds=_kinds(model.capabilities),
            max_output_tokens=count(members(model.model_info).get("max_output_tokens")) or None,
        )
        for model in found.output.models
    )
    has_more = number * _PAGE < found.output.total
    return Page(models, FIRST | {"page_no": str(number + 1)} if has_more else None)


def _kinds(capabilities: object) -> tuple[Kind, ...] | None:
    if not isinstance(capabilities, list):
        return None
    words: list[Any] = capabilities  # pyright: ignore[reportUnknownVariableType]
    known = [_CAPABILITIES[word] for word in words if isinstance(word, str) and word in _CAPABILITIES]
    return tuple(sorted({kind for kind in known if kind is not None})) if known else None
