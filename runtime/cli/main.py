"""The command line: `pixel serve` runs the service; the other commands look into it or repair it, running or not."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name
from typing import NamedTuple

from services.settings import Settings, load


class _Entry(NamedTuple):
    """`add_arguments` is the module and the function that add the command's arguments and set `command`."""

    add_arguments: str
    description: str


# Only the module of the chosen command is imported: all of them together take a second.
COMMANDS = {
    "serve": _Entry("runtime.cli.serve:add_arguments", "run the service (settings: docs/configuration.md)"),
    "migrate": _Entry("runtime.cli.migrate:add_arguments", "bring the database's tables up to date"),
    "history": _Entry("runtime.cli.history:add_arguments", "print every event of a task"),
    "projections": _Entry("runtime.cli.projections:add_arguments", "look after the read models"),
    "catalog": _Entry("runtime.cli.catalogue:add_arguments", "look after the catalogue"),
    "calls": _Entry("runtime.cli.calls:add_arguments", "settle calls whose outcome nobody knows"),
    "keys": _Entry("runtime.cli.keys:add_arguments", "issue, look at, change and revoke API keys"),
    "webhooks": _Entry("runtime.cli.webhooks:add_arguments", "look after webhooks, and send again"),
    "config": _Entry("runtime.cli.about:add_config_arguments", "print the settings in force, secrets hidden"),
    "version": _Entry("runtime.cli.about:add_version_arguments", "print the version"),
}
EXPLAIN = "runtime.cli.errors:explain"  # imported when something went wrong: it knows the errors of all layers


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit code 0: done; 1: it failed; 2: used or configured wrongly; 3: a model on sale is
    gone, for `catalog compare`. Raises what is a bug."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    command: Callable[[Settings, argparse.Namespace], int] = options.command
    try:
        code = command(load(os.environ), options)
        sys.stdout.flush()  # an error of it is explained like any other
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        explain: Callable[[Exception], int | None] = resolve_name(EXPLAIN)
        explained = explain(error)
        if explained is None:
            raise
        return explained
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows the name of every command, and the arguments of the chosen one."""
    parser = argparse.ArgumentParser(prog="pixel", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, entry in COMMANDS.items():
        command = commands.add_parser(name, help=entry.description, description=entry.description)
        if name == chosen:
            add_arguments: Callable[[argparse.ArgumentParser], None] = resolve_name(entry.add_arguments)
            add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
