"""Which models does Google list, and what do they make? `GET /models`, a thousand on a page.

Facts: docs/providers/gemini.md#list-of-models."""

from collections.abc import Mapping
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page
from adapters.providers.tolerant_reader import count, decode_strictly
from application.catalogue_comparison import ListedModel
from domain.base import Value
from domain.model import Kind

FIRST = {"pageSize": "1000"}
# What a method makes that Pixel can order; the others make nothing here. A method that is not known tells nothing.
_METHODS: dict[str, tuple[Kind, ...]] = {
    "generateContent": (Kind.IMAGE, Kind.AUDIO, Kind.LLM),  # one of them: the list does not tell which
    "predictLongRunning": (Kind.VIDEO,),
} | dict.fromkeys(
    (
        *("predict", "embedContent", "embedText", "batchEmbedContents", "asyncBatchEmbedContent", "generateAnswer"),
        *("bidiGenerateContent", "countTokens", "countTextTokens", "createCachedContent", "createTunedModel"),
        *("batchGenerateContent", "streamGenerateContent"),
    ),
    (),
)


class _Model(Value, rename="camel"):
    name: str
    output_token_limit: Any = None
    supported_generation_methods: Any = None


class _List(Value, rename="camel"):
    models: tuple[_Model, ...] = ()
    next_page_token: str | None = None


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:  # noqa: ARG001 - the token says it
    """One page."""
    found = decode_strictly(reply.body, _List)
    if found is None:
        return None
    models = tuple(
        ListedModel(
            name=model.name.removeprefix("models/"),
            kinds=_kinds(model.supported_generation_methods),
            max_output_tokens=count(model.output_token_limit) or None,
        )
        for model in found.models
    )
    return Page(models, FIRST | {"pageToken": found.next_page_token} if found.next_page_token else None)


def _kinds(methods: object) -> tuple[Kind, ...] | None:
    if not isinstance(methods, list):
        return None
    words: list[Any] = methods  # pyright: ignore[reportUnknownVariableType]
    known = [_METHODS.get(word) if isinstance(word, str) else None for word in words]
    made = {kind for kinds in known for kind in kinds or ()}
    return tuple(sorted(made)) if made or None not in known else None
