"""Which adapters are there? A provider of the catalogue uses the adapter that it names, or the one of its own name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from adapters.catalogue.file import Catalogue, CatalogueError, ProviderEntry, load
from adapters.outbound.client import ProviderClient
from adapters.providers.base import Access, Adapter, HttpProvider
from adapters.providers.comfyui.adapter import ADAPTER as COMFYUI
from adapters.providers.dashscope.adapter import ADAPTER as DASHSCOPE
from adapters.providers.fal.adapter import ADAPTER as FAL
from adapters.providers.gemini.adapter import ADAPTER as GEMINI
from adapters.providers.keyring import Keyring
from adapters.providers.kling.adapter import ADAPTER as KLING
from adapters.providers.minimax.adapter import ADAPTER as MINIMAX
from adapters.providers.modelscope.adapter import ADAPTER as MODELSCOPE
from adapters.providers.openai.adapter import ADAPTER as OPENAI
from adapters.providers.openai.compatible import ADAPTER as OPENAI_COMPATIBLE
from adapters.providers.volcengine.adapter import ADAPTER as VOLCENGINE
from adapters.providers.xai.adapter import ADAPTER as XAI
from application.catalogue import Entry
from domain.model import ModelSpec, split_model_id

ADAPTERS: Mapping[str, Adapter] = {
    "comfyui": COMFYUI,
    "dashscope": DASHSCOPE,
    "fal": FAL,
    "gemini": GEMINI,
    "kling": KLING,
    "minimax": MINIMAX,
    "modelscope": MODELSCOPE,
    "openai": OPENAI,
    "openai_compatible": OPENAI_COMPATIBLE,
    "volcengine": VOLCENGINE,
    "xai": XAI,
}


class ProviderRegistry(NamedTuple):
    """The providers of a catalogue: their entries, and the environment with keys and addresses."""

    entries: Mapping[str, ProviderEntry]
    environment: Mapping[str, str]

    def __repr__(self) -> str:  # the environment holds the keys
        return f"ProviderRegistry({', '.join(self.entries)})"

    def adapter(self, provider: str) -> Adapter | None:
        """The adapter of a provider; None when there is none."""
        entry = self.entries.get(provider)
        return ADAPTERS.get(entry.adapter or provider) if entry else None

    def base_url(self, provider: str) -> str | None:
        """A provider's address: from the environment, else the catalogue, else the vendor's default. None when there is
        none."""
        adapter = self.adapter(provider)
        variable = f"{provider.upper().replace('-', '_')}_BASE_URL"
        at = (
            self.environment.get(variable) or self.entries[provider].base_url or (adapter.base_url if adapter else None)
        )
        return at.rstrip("/") if at else None

    def missing(self, provider: str, spec: ModelSpec) -> str | None:
        """The setting that a model still needs, in words; None when nothing is missing."""
        adapter = self.adapter(provider)
        if adapter is None:
            return None
        if self.base_url(provider) is None:
            return f"base_url in the catalogue, or {provider.upper().replace('-', '_')}_BASE_URL"
        return adapter.missing(self.environment, self.entries[provider].key, spec)


CallbackUrl = Callable[[str, str], str | None]
"""Maps a provider and a call id to the URL for the vendor's callbacks, or to None."""


def open_providers(
    registry: ProviderRegistry, client: ProviderClient, callback_url: CallbackUrl
) -> dict[str, HttpProvider]:
    """Open every provider that has an adapter, an address and a key. Returns them by name."""
    opened = {name: open_provider(registry, name, client, callback_url) for name in registry.entries}
    return {name: provider for name, provider in opened.items() if provider is not None and provider.keys.all()}


def open_provider(
    registry: ProviderRegistry, name: str, client: ProviderClient, callback_url: CallbackUrl
) -> HttpProvider | None:
    """Open one provider, with the keys that there are, even if there are none. None without an adapter or an
    address."""
    adapter, base_url = registry.adapter(name), registry.base_url(name)
    if adapter is None or base_url is None:
        return None
    entry = registry.entries[name]
    return adapter.open(
        Access(
            name=name,
            base_url=base_url,
            keys=Keyring(adapter.keys(registry.environment, entry.key), place=base_url),
            client=client,
            wire=adapter.wire,
            environment=registry.environment,
            lookup_after_seconds=entry.lookup_after_seconds,
            callback_url=partial(callback_url, name),
        )
    )


def load_catalogue(path: Path) -> Catalogue:
    """Read the catalogue, and ask the adapters about its `wire` sections. Raises CatalogueError with every problem."""
    catalogue = load(path)
    if problems := check_wire_configs(catalogue.providers, catalogue.models):
        raise CatalogueError("\n".join(f"{catalogue.places[model]}: {model}: {message}" for model, message in problems))
    return catalogue


def check_wire_configs(entries: Mapping[str, ProviderEntry], models: list[Entry]) -> list[tuple[str, str]]:
    """The problems of a catalogue's `wire` sections, each with the id of its model; includes models that offer more
    than their adapter can do."""
    problems: list[tuple[str, str]] = []
    registry = ProviderRegistry(entries, {})
    for model in models:
        provider, _ = split_model_id(model.id)
        adapter = registry.adapter(provider)
        if adapter is None:
            continue
        try:
            msgspec.convert(model.spec.wire or {}, adapter.wire)
        except msgspec.ValidationError as error:
            problems.append((model.id, f"wire: {error}"))
        else:
            problems += ((model.id, problem) for problem in adapter.check(model.spec))
    return problems
