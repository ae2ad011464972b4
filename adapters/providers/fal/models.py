"""Which endpoints does fal list? `GET /models` of its platform, by page, with the category of each.

Facts: docs/providers/fal.md#list-of-models."""

from collections.abc import Mapping
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page, kinds_of
from adapters.providers.tolerant_reader import as_text, decode_strictly, members
from application.catalogue_comparison import ListedModel
from domain.base import Value
from domain.model import Kind

KINDS = frozenset({Kind.IMAGE, Kind.VIDEO, Kind.AUDIO})
FIRST = {"limit": "100"}


class _Model(Value):
    endpoint_id: str
    metadata: Any = None


class _List(Value):
    models: tuple[_Model, ...]
    next_cursor: str | None


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:
    """One page."""
    found = decode_strictly(reply.body, _List)
    if found is None:
        return None
    following = {**query, "cursor": found.next_cursor} if found.next_cursor else None
    return Page(tuple(_listed(model) for model in found.models), following)


def _listed(model: _Model) -> ListedModel:
    """A category such as `text-to-video` ends in what is made. `deprecated` is an end without a day."""
    metadata = members(model.metadata)
    category, status = as_text(metadata.get("category")), as_text(metadata.get("status"))
    ends = status == "deprecated"
    return ListedModel(
        name=model.endpoint_id,
        kinds=kinds_of([category.rpartition("-to-")[2]]) if category else None,
        state="ending" if ends else "offered",
        says=status if ends else None,
    )
