"""Servers that speak as OpenAI does: Ollama, vLLM, LocalAI, gateways, any number of them, each under a name of its own.

In the catalogue: `providers: {ollama: {adapter: openai_compatible, base_url: http://localhost:11434/v1}}`, with `key:`
where the server wants one. They cost what their models' price tables say: nothing, when there are none."""

from collections.abc import Sequence

from adapters.providers.base import Adapter, keys_in, missing_key
from adapters.providers.openai.adapter import OpenAI
from adapters.providers.openai.requests import Wire
from application.catalogue_comparison import ListedModel
from domain.model import Kind


class CompatibleWire(Wire, kw_only=True):
    """A model's `wire` section. Most servers know the token limit by its old name only, and not every one streams."""

    max_tokens_field: str = "max_tokens"
    streams: bool = False


class Compatible(OpenAI):
    """OpenAI's adapter, with the defaults that such servers understand."""

    wire = CompatibleWire

    def covered(self, kinds: frozenset[Kind], models: Sequence[ListedModel]) -> frozenset[Kind]:
        """The kinds of which this list has every model. Some gateways name the kind of each model and list chats
        only: such a list covers only the kinds that it names."""
        named = {kind for model in models for kind in model.kinds or ()}
        return frozenset(named) if named else kinds


ADAPTER = Adapter(open=Compatible, wire=CompatibleWire, base_url=None, keys=keys_in, missing=missing_key)
