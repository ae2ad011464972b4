"""`pixel catalog …`: look after the catalogue of models."""

import argparse
from pathlib import Path

from rich.console import Console

from adapters.providers.registry import load_catalogue
from runtime.cli.event_loop import add_subcommand
from services.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `check [PATH]`."""
    check = add_subcommand(parser.add_subparsers(required=True), "check", _check, "check a catalogue")
    says = "a folder or a file (PIXEL_CATALOG, when left out)"
    check.add_argument("path", type=Path, nargs="?", metavar="PATH", help=says)


def _check(settings: Settings, options: argparse.Namespace) -> int:
    path = options.path or Path(settings.catalog)
    catalogue = load_catalogue(path)
    count = f"{len(catalogue.models)} models of {len(catalogue.providers)} providers"
    Console().print(f"{path}: {count}, no problems")
    return 0
