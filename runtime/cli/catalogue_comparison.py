"""`pixel catalog compare PROVIDER`: what does the vendor's own list of models say of the catalogue?

The question is free of charge, and needs neither the database nor a running service."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.outbound.client import ProviderClient
from adapters.providers.base import HttpProvider
from adapters.providers.registry import ProviderRegistry, load_catalogue, open_provider
from application.catalogue import Entry
from application.catalogue_comparison import Finding, ModelList, Offer, compare
from application.clock import now
from domain.model import Kind, split_model_id
from domain.provider import NoVerdict, Refused
from runtime.cli.errors import FAILED, NEEDS_SOMEBODY
from runtime.cli.event_loop import in_event_loop
from runtime.providers import open_client
from services.settings import Settings, WrongSetting

WIDTH = 100  # where nobody says how wide the output is
_LABELS = {"gone": "gone", "ends": "ends", "limit": "limit", "listed": "still there", "new": "new"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the provider, and the choice of kind and of JSON."""
    parser.add_argument("provider", metavar="PROVIDER", help="its name in the catalogue")
    parser.add_argument("--kind", choices=list(Kind), help="only models that may be of this kind")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


@in_event_loop
async def compare_with_vendor(settings: Settings, options: argparse.Namespace) -> int:
    """Print the differences. Exit code 0: nothing on sale is gone; 1: the vendor gave no list; 2: there is nobody to
    ask; 3: something on sale is gone, or ends on a day that the catalogue does not have."""
    catalogue = load_catalogue(Path(settings.catalog))
    name: str = options.provider
    entries = [entry for entry in catalogue.models if split_model_id(entry.id)[0] == name]
    async with open_client(settings) as client:
        provider = _open(ProviderRegistry(catalogue.providers, os.environ), name, client, entries)
        listed = await provider.list_models()
    if not isinstance(listed, ModelList):
        sys.stderr.write(f"pixel: {name} gave no list of models: {_reason(listed)}\n")
        return FAILED
    offers = [Offer(entry=entry, names=provider.listed_names(entry.spec)) for entry in entries]
    today = now().date()
    found = [
        finding
        for finding in compare(offers, listed, today)
        if options.kind is None or finding.kinds is None or options.kind in finding.kinds
    ]
    if options.json:
        sys.stdout.writelines(msgspec.json.encode(finding).decode() + "\n" for finding in found)
    else:
        _print(provider, [offer for offer in offers if offer.is_on_sale(today)], listed, found)
    return NEEDS_SOMEBODY if any(finding.is_urgent for finding in found) else 0


def _open(registry: ProviderRegistry, name: str, client: ProviderClient, entries: Sequence[Entry]) -> HttpProvider:
    """The provider, if it can be asked. Raises WrongSetting, which says what is missing."""
    if name not in registry.entries:
        raise WrongSetting(f"the catalogue has no provider '{name}'. It has: {', '.join(sorted(registry.entries))}")
    provider = open_provider(registry, name, client, lambda _name, _call: None)
    if provider is None and registry.adapter(name) is not None:
        variable = f"{name.upper().replace('-', '_')}_BASE_URL"
        raise WrongSetting(f"{name} has no address: set base_url in the catalogue, or {variable}")
    if provider is None or provider.list_format is None:
        raise WrongSetting(f"{name} has no list of models that Pixel asks for, so nothing was compared")
    kinds = provider.list_format.kinds
    if not any(provider.key_serves(key, min(kinds)) for key in provider.keys.all()):
        missing = {registry.missing(name, entry.spec) for entry in entries if entry.spec.type in kinds} - {None}
        wanted = sorted(map(str, missing)) or [registry.entries[name].key or "its key"]
        raise WrongSetting(f"{name} has no key: set {', or '.join(wanted)}")
    return provider


def _reason(seen: Refused | NoVerdict) -> str:
    if isinstance(seen, NoVerdict):
        return seen.reason
    vendor = ": ".join(word for word in (seen.provider_code, seen.provider_message) if word)
    return f"{seen.message} ({vendor})" if vendor else seen.message


def _print(provider: HttpProvider, on_sale: Sequence[Offer], listed: ModelList, found: Sequence[Finding]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    dated = [finding for finding in found if finding.dated_version_of is not None]
    table = Table("", "kind", "vendor's name", "in the catalogue", "what is said")
    for column in table.columns:
        column.overflow = "fold"
    for finding in found:
        if finding in dated:
            continue
        kinds = "?" if finding.kinds is None else ", ".join(finding.kinds)
        row = (_LABELS[finding.what], kinds, finding.name, finding.model or "-", finding.says)
        table.add_row(*map(escape, row), style="bold" if finding.is_urgent else None)
    if table.rows:
        console.print(table)
    counts = Counter(finding.what for finding in found)
    compared = [offer for offer in on_sale if offer.entry.spec.type in listed.covers]
    of_these = f"{counts['gone']} gone, {counts['ends']} ending, {counts['limit']} with another limit"
    lines = [
        f"{provider.name} lists {len(listed.models)} models to the key {listed.account}.",
        f"Of {len(compared)} on sale that it should have: {of_these}.",
        *(f"The vendor refused the key {account}." for account in listed.refused),
    ]
    if dated:
        lines.append(f"Not shown: {len(dated)} dated versions of listed models.")
    if unknown := sorted({offer.entry.spec.type for offer in on_sale} - listed.covers):
        lines.append(f"The list does not cover {', '.join(unknown)}: what is missing there was not looked at.")
    for line in lines:
        console.print(line, markup=False, highlight=False)
