"""Which models does xAI list? One list for each kind, each on one page.

Facts: docs/providers/xai.md#list-of-models."""

from collections.abc import Mapping

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page
from adapters.providers.tolerant_reader import decode_strictly
from application.catalogue_comparison import ListedModel
from domain.base import Value
from domain.model import Kind

_LISTS = {"language-models": Kind.LLM, "image-generation-models": Kind.IMAGE, "video-generation-models": Kind.VIDEO}
KINDS = frozenset(_LISTS.values())
FIRST = {"list": "language-models"}


class _Model(Value):
    id: str
    aliases: tuple[str, ...] | None = None


class _List(Value):
    models: tuple[_Model, ...]


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:
    """One page: a whole list, whose name is the last part of the path. In our query it is called `list`."""
    found = decode_strictly(reply.body, _List)
    if found is None:
        return None
    names = list(_LISTS)
    rest = names[names.index(query["list"]) + 1 :]
    kinds = (_LISTS[query["list"]],)
    models = tuple(ListedModel(name=model.id, aliases=model.aliases or (), kinds=kinds) for model in found.models)
    return Page(models, {"list": rest[0]} if rest else None)
