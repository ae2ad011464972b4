"""`pixel migrate`: bring the database's tables up to date, and make the first build of each read model."""

import argparse

from rich.console import Console

from adapters.postgres import database
from projections.builds import prepare
from projections.read_models import READ_MODELS
from runtime.cli.event_loop import in_event_loop
from runtime.database import open_database
from services.settings import Settings

START_SECONDS = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing but the command: it takes no arguments."""
    parser.set_defaults(command=_migrate)


@in_event_loop
async def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    applied: list[str] = []
    if settings.database_url:
        await database.wait_for(settings.database_url, seconds=START_SECONDS)
        applied = await database.migrate(settings.database_url)
        await prepare(settings.database_url, READ_MODELS)
    else:
        async with open_database(settings):  # it migrates the embedded one by itself
            pass
    Console().print(f"applied: {', '.join(applied)}" if applied else "the database is up to date")
    return 0
