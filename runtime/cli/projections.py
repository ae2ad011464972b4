"""`pixel projections …`: how far the read models have got, and how one is built anew or repaired."""

import argparse
import asyncio
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from adapters.postgres.array_types import ArrayConnection
from projections import monitoring, parking
from projections.base import ReadModel
from projections.convoy import Convoy
from projections.read_models import READ_MODELS
from projections.runner import Runner
from runtime.cli.event_loop import add_subcommand, in_event_loop
from runtime.cli.session import open_session
from runtime.garbage import collect_rarely
from services.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `status | rebuild | replay`."""
    group = parser.add_subparsers(required=True)
    add_subcommand(group, "status", _status, "how far each read model has got")
    names = [read_model.name for read_model in READ_MODELS]
    rebuild = add_subcommand(group, "rebuild", _rebuild, "build read models anew beside those that serve, then switch")
    rebuild.add_argument("names", nargs="+", choices=names, help="several at once read the log once")
    replay = add_subcommand(group, "replay", _replay, "try the parked streams of a read model again")
    replay.add_argument("name", choices=names)


@in_event_loop
async def _status(settings: Settings, _: argparse.Namespace) -> int:
    async with open_session(settings) as session:
        builds = await monitoring.status(session.pool)
        parked = await parking.parked(session.pool)
    table = Table("read model", "generation", "version", "state", "position", "behind", "parked")
    for build in builds:
        state = "serving" if build.serving else "being built"
        numbers = (str(build.position), str(build.lag), str(build.parked))
        table.add_row(build.name, str(build.generation), str(build.version), state, *numbers)
    Console().print(table)
    for item in parked:
        Console().print(f"parked: {item.name} stream {item.stream} at position {item.position}: {item.error}")
    return 0


@in_event_loop
async def _rebuild(settings: Settings, options: argparse.Namespace) -> int:
    collect_rarely()
    read_models = [read_model for read_model in READ_MODELS if read_model.name in options.names]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with open_session(settings, connections=2) as session:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            convoy, total = Convoy(session.log, members=len(read_models)), await session.log.head()

            async def rebuild(read_model: ReadModel[Any]) -> None:
                bar = progress.add_task(f"rebuilding {read_model.name}", total=total)
                runner = Runner(
                    read_model,
                    session.log,
                    session.dsn,
                    advanced=lambda position: progress.update(bar, completed=position),
                    connection_class=ArrayConnection,
                )
                await runner.rebuild(convoy=convoy)

            # One that fails does not end the others.
            ends = await asyncio.gather(*(rebuild(read_model) for read_model in read_models), return_exceptions=True)
    for read_model, error in zip(read_models, ends, strict=True):
        if error is None:
            Console().print(f"{read_model.name} is rebuilt and serves")
    for error in ends:
        if error is not None:
            raise error
    return 0


@in_event_loop
async def _replay(settings: Settings, options: argparse.Namespace) -> int:
    async with open_session(settings) as session:
        count = await parking.retry_parked(session.pool, options.name)
    Console().print(f"{count} parked streams will be tried again by the running service")
    return 0
