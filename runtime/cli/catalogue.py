"""`pixel catalog …`: look after the catalogue of models."""

import argparse
from pathlib import Path

from rich.console import Console

from adapters.catalogue.file import CatalogueError, load
from adapters.providers.registry import check_wire_configs
from runtime.cli.event_loop import add_subcommand
from services.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `check FILE`."""
    check = add_subcommand(parser.add_subparsers(required=True), "check", _check, "check a catalogue file")
    check.add_argument("file", type=Path, metavar="FILE")


def _check(_: Settings, options: argparse.Namespace) -> int:
    catalogue = load(options.file)
    if problems := check_wire_configs(catalogue.providers, catalogue.models):
        raise CatalogueError("\n".join(f"{options.file}: {problem}" for problem in problems))
    count = f"{len(catalogue.models)} models of {len(catalogue.providers)} providers"
    Console().print(f"{options.file}: {count}, no problems")
    return 0
