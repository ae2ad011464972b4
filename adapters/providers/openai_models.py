"""The list of models in OpenAI's form: at OpenAI itself, and at everybody who copies its API."""

from collections.abc import Mapping
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.model_list import Page, kinds_of, last_day
from adapters.providers.tolerant_reader import decode_strictly, members
from application.catalogue_comparison import ListedModel
from domain.base import Value


class _Model(Value):
    """`shutdown_date` is OpenAI's. `architecture` and `output_modalities` are members of gateways, which tell kinds."""

    id: str
    shutdown_date: Any = None
    architecture: Any = None
    output_modalities: Any = None


class _List(Value):
    data: tuple[_Model, ...]
    has_more: Any = None


def from_wire(reply: Reply, query: Mapping[str, str]) -> Page | None:  # noqa: ARG001 - the last name says it
    """One page. OpenAI sends all models on one page. A server that says `has_more` is queried again, from the last
    name on."""
    found = decode_strictly(reply.body, _List)
    if found is None:
        bare = decode_strictly(reply.body, tuple[_Model, ...])  # some gateways leave the envelope out
        if bare is None:
            return None
        found = _List(data=bare)
    has_more = found.has_more is True and found.data
    return Page(tuple(_listed(model) for model in found.data), {"after": found.data[-1].id} if has_more else None)


def _listed(model: _Model) -> ListedModel:
    ends, says = last_day(model.shutdown_date)
    modalities = model.output_modalities or members(model.architecture).get("output_modalities")
    return ListedModel(
        name=model.id,
        aliases=(model.id.removesuffix(":latest"),) if model.id.endswith(":latest") else (),  # Ollama takes both
        kinds=kinds_of(modalities),
        ends=ends,
        state="ending" if ends or says else "offered",
        says=says,
    )
