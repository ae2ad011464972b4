"""Commands that are coroutines: how they are run, and how they are added to the command line."""

import argparse
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import uvloop

from adapters import logging
from services.settings import Settings

Command = Callable[[Settings, argparse.Namespace], int]


def in_event_loop(command: Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]) -> Command:
    """A command that configures the logs and runs the coroutine to its end."""

    @wraps(command)
    def run(settings: Settings, options: argparse.Namespace) -> int:
        logging.configure(settings.log_format, settings.log_level)
        return uvloop.run(command(settings, options))

    return run


def add_subcommand(group: Any, name: str, command: Command, summary: str) -> argparse.ArgumentParser:
    """Add a command to a group, which `add_subparsers` made. Returns its parser, for its arguments."""
    parser: argparse.ArgumentParser = group.add_parser(name, help=summary, description=summary)
    parser.set_defaults(command=command)
    return parser
