"""Servers that speak as OpenAI does: Ollama, vLLM, LocalAI, gateways, any number of them, each under a name of its own.

In the catalogue: `providers: {ollama: {adapter: openai_compatible, base_url: http://localhost:11434/v1}}`, with `key:`
where the server wants one. They cost what their models' price tables say: nothing, when there are none."""

from adapters.providers.base import Adapter, keys_in, missing_key
from adapters.providers.openai.adapter import OpenAI
from adapters.providers.openai.requests import Wire


class CompatibleWire(Wire, kw_only=True):
    """A model's `wire` section. Most servers know the token limit by its old name only."""

    max_tokens_field: str = "max_tokens"


class Compatible(OpenAI):
    """OpenAI's adapter, with the defaults that such servers understand."""

    wire = CompatibleWire


ADAPTER = Adapter(open=Compatible, wire=CompatibleWire, base_url=None, keys=keys_in, missing=missing_key)
