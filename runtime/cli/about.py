"""`pixel config` and `pixel version`: what is installed and set here. Both work without a database."""

import argparse
import os
import sys
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from runtime.data_folder import data_dir
from services.settings import Settings


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing but the command: it takes no arguments."""
    parser.set_defaults(command=_config)


def add_version_arguments(parser: argparse.ArgumentParser) -> None:
    """The command `version` takes no arguments."""
    parser.set_defaults(command=_version)


def _config(settings: Settings, _: argparse.Namespace) -> int:
    table = Table("setting", "value", "set by")
    for name, value in settings.redacted().items():
        table.add_row(name, "" if value is None else str(value), "environment" if name in os.environ else "default")
    console = Console()
    console.print(table)
    if settings.database_url is None:
        console.print(f"database: embedded PostgreSQL below {data_dir(settings)}")
    return 0


def _version(_: Settings, __: argparse.Namespace) -> int:
    sys.stdout.write(f"pixel {version('pixel')}\n")
    return 0
