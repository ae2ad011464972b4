"""`pixel catalog …`: look after the catalogue of models."""

import argparse
from datetime import UTC, date, datetime, time
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Column, Table

from adapters.providers.registry import load_catalogue
from application.catalogue_upkeep import Finding, findings
from application.clock import now
from application.model_endings import Ending
from runtime.cli import catalogue_changes, catalogue_comparison
from runtime.cli.errors import NEEDS_SOMEBODY
from runtime.cli.event_loop import add_subcommand
from services.settings import Settings

WIDTH = 100  # where nobody says how wide the output is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `check`, `diff`, `apply`, `compare`, and the switches of models."""
    group = parser.add_subparsers(required=True)
    says = "check a catalogue, and list the models that need somebody; exit code 2: it has mistakes"
    check = add_subcommand(group, "check", _check, says)
    path = "a folder or a file (PIXEL_CATALOG, when left out)"
    check.add_argument("path", type=Path, nargs="?", metavar="PATH", help=path)
    check.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="look as on that day (today)")
    check.add_argument("--strict", action="store_true", help="exit code 3, when a model on sale has ended")
    says = "compare it with a vendor's own list of models; exit code 3: something on sale is gone"
    compare = add_subcommand(group, "compare", catalogue_comparison.compare_with_vendor, says)
    catalogue_comparison.add_arguments(compare)
    catalogue_changes.add_arguments(group)


def _check(settings: Settings, options: argparse.Namespace) -> int:
    path = options.path or Path(settings.catalog)
    at = datetime.combine(options.on, time.min, UTC) if options.on else now()
    catalogue = load_catalogue(path)
    paid = {name for name, provider in catalogue.providers.items() if provider.key}
    found = findings(catalogue.models, paid, at)
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    if found:
        console.print(_table(found))
    count = f"{len(catalogue.models)} models of {len(catalogue.providers)} providers"
    attention = f"; {len(found)} of them need somebody" if found else ""
    console.print(f"{path}: {count}, no problems{attention}", soft_wrap=True)
    ended = any(finding.ending and finding.ending.days_left < 0 for finding in found)
    return NEEDS_SOMEBODY if options.strict and ended else 0


def _table(found: list[Finding]) -> Table:
    longest = min(max(len(finding.model) for finding in found), 40)  # the names that follow are folded first
    columns = [Column("model", overflow="fold", min_width=longest), Column("last day", no_wrap=True)]
    columns += [Column("use instead", overflow="fold"), Column("price", no_wrap=True), Column("checked", no_wrap=True)]
    table = Table(*columns, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for finding in found:
        instead = (finding.ending.replacement or "nothing") if finding.ending else ""
        looked = (str(finding.checked) if finding.checked else "never") if finding.stale else ""
        table.add_row(finding.model, _when(finding.ending), instead, "none" if finding.no_price else "", looked)
    return table


def _when(ending: Ending | None) -> str:
    if ending is None:
        return ""
    left = {0: "today", 1: "tomorrow"}.get(ending.days_left, f"in {ending.days_left} days")
    return f"{ending.last_day} {'ended' if ending.days_left < 0 else left}"
