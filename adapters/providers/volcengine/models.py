"""Which models does Ark list? `GET /models`, all at once, with what each makes and whether it is being retired.

Facts: docs/providers/volcengine.md#list-of-models."""

from collections.abc import Mapping
from typing import Any, Literal

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page
from adapters.providers.redaction import redacted
from adapters.providers.tolerant_reader import as_text, count, decode_strictly, elements, members
from application.catalogue_comparison import ListedModel
from domain.base import Value
from domain.model import Kind

KINDS = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.LLM})
"""Speech is sold by openspeech, which has no list."""
_DOMAINS = {"LLM": Kind.LLM, "VLM": Kind.LLM, "ImageGeneration": Kind.IMAGE, "VideoGeneration": Kind.VIDEO}
_STATES: dict[str | None, Literal["ending", "ended"]] = {"Retiring": "ending", "Shutdown": "ended"}


class _Model(Value):
    id: str
    domain: Any = None
    task_type: Any = None
    status: Any = None
    token_limits: Any = None


class _List(Value):
    data: tuple[_Model, ...]


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:  # noqa: ARG001 - there is one page
    """The whole list. `status` is absent where a model is simply offered; Ark tells no day."""
    found = decode_strictly(reply.body, _List)
    return Page(tuple(_listed(model) for model in found.data)) if found else None


def _listed(model: _Model) -> ListedModel:
    status = as_text(model.status)
    return ListedModel(
        name=model.id,
        kinds=_kinds(model),
        state=_STATES.get(status, "offered"),
        says=redacted(status) if status else None,
        max_output_tokens=count(members(model.token_limits).get("max_output_token_length")) or None,
    )


def _kinds(model: _Model) -> tuple[Kind, ...] | None:
    domain = as_text(model.domain)
    if domain is None:
        return None
    embeds = any("Embedding" in str(task) for task in elements(model.task_type) or ())
    return (_DOMAINS[domain],) if domain in _DOMAINS and not embeds else ()
