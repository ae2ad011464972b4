"""The command line: `pixel serve`, and what an operator asks a Pixel that runs or does not run."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from adapters import logging
from adapters.catalogue.file import CatalogueError
from adapters.catalogue.file import load as load_catalogue
from adapters.postgres import database
from adapters.postgres.embedded_account import EmbeddedPostgresError
from adapters.postgres.event_log import EventLog, Past
from adapters.providers.registry import check_wire_configs
from application.ports import AssetsUnavailable, Conflict, LogUnavailable
from domain.base import Rejected
from domain.ids import task_stream
from projections import runner
from projections.read_models import READ_MODELS
from projections.runner import Runner
from runtime.cli import calls as doubts
from runtime.database import data_dir, open_database
from runtime.server import serve
from services.settings import Settings, WrongSetting, load

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]
WRONG_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit code 0: done; 1: it failed; 2: used or configured wrongly."""
    options = _parser().parse_args(arguments)
    try:
        settings = load(os.environ)
        logging.configure(settings.log_format, settings.log_level)
        command: Command = options.command
        code = uvloop.run(command(settings, options))
        sys.stdout.flush()  # here, where what goes wrong with it can be told
    except (WrongSetting, CatalogueError, EmbeddedPostgresError, database.ChangedMigration) as error:
        sys.stderr.write(f"pixel: {error}\n")
        return WRONG_USE
    except Rejected as error:
        sys.stderr.write(f"pixel: {error.message}\n")
        return 1
    except (AssetsUnavailable, Conflict, LogUnavailable) as error:
        sys.stderr.write(f"pixel: {error}; try again\n")
        return 1
    except database.WrongDatabase as error:
        sys.stderr.write(f"pixel: PIXEL_DATABASE_URL: {error}\n")
        return WRONG_USE
    except database.DRIVER_ERRORS as error:
        if database.is_refused(error):
            sys.stderr.write(f"pixel: PIXEL_DATABASE_URL: {database.describe(error)}\n")
            return WRONG_USE
        if not database.is_away(error):
            raise
        sys.stderr.write(f"pixel: the database can't be reached: {database.describe(error)} (PIXEL_DATABASE_URL)\n")
        return 1
    except OSError as error:
        # What is left in the buffer would fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # whoever read it has enough
            return 128 + signal.SIGPIPE
        sys.stderr.write(f"pixel: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pixel", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, says: str, group: Any = commands) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = group.add_parser(name, help=says, description=says)
        sub.set_defaults(command=command)
        return sub

    run = add("serve", _serve, "run the service (settings: docs/configuration.md)")
    run.add_argument("--role", choices=["all", "api", "worker"], default="all", help="which part of it (default: all)")
    run.add_argument("--host", help="address to listen on (PIXEL_HOST)")
    run.add_argument("--port", type=int, help="port to listen on (PIXEL_PORT)")
    add("migrate", _migrate, "bring the database's tables up to date")
    history = add("history", _history, "print every event of a task")
    history.add_argument("task_id", metavar="TASK_ID")
    history.add_argument("--json", action="store_true", help="one JSON object a line")
    models = commands.add_parser("projections", help="look after the read models").add_subparsers(required=True)
    add("status", _status, "how far each read model has got", models)
    for name, command, says in (
        ("rebuild", _rebuild, "build a read model anew beside the one that serves, then switch"),
        ("replay", _replay, "try the parked streams of a read model again"),
    ):
        add(name, command, says, models).add_argument("name", choices=[model.name for model in READ_MODELS])
    check = commands.add_parser("catalog", help="look after the catalogue").add_subparsers(required=True)
    add("check", _check_catalog, "check a catalogue file", check).add_argument("file", type=Path, metavar="FILE")
    doubts.add_commands(commands, add)
    add("config", _config, "print the settings in force, secrets hidden")
    add("version", _version, "print the version")
    return parser


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    if options.port is not None and not 0 <= options.port <= 65535:
        raise WrongSetting("--port: must be from 0 to 65535")
    changes = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    await serve(msgspec.structs.replace(settings, **changes), os.environ, options.role)
    return 0


async def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    if settings.database_url:
        await database.wait_for(settings.database_url, seconds=60)
        applied = await database.migrate(settings.database_url)
        await runner.prepare(settings.database_url, READ_MODELS)
    else:
        async with open_database(settings):
            applied = []
    Console().print(f"applied: {', '.join(applied)}" if applied else "the database is up to date")
    return 0


async def _history(settings: Settings, options: argparse.Namespace) -> int:
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=1)
        try:
            past = await EventLog(dsn, pool).history(task_stream(options.task_id))
        finally:
            await pool.close()
    if not past:
        raise Rejected("task_unknown", f"Task '{options.task_id}' not found")
    if options.json:
        sys.stdout.writelines(_json_line(item) + "\n" for item in past)
    else:
        Console().print(history_table(options.task_id, past))
    return 0


def history_table(task_id: str, past: list[Past]) -> Table:
    """The history of a task, for people."""
    table = Table(title=f"History of {task_id}", title_justify="left")
    table.add_column("position", justify="right", style="dim")
    table.add_column("v", justify="right")
    table.add_column("time (UTC)", style="dim")
    table.add_column("event", style="bold")
    table.add_column("actor", style="dim")
    table.add_column("what", overflow="fold")
    for item in past:
        facts = msgspec.json.decode(item.state)
        what = "  ".join(f"[dim]{k}[/dim] {_short(v)}" for k, v in facts.items() if k not in ("event", "at", "task"))
        time = item.recorded_at.strftime("%H:%M:%S.%f")[:-3]
        at = item.recorded
        table.add_row(str(at.position), str(at.version), time, item.topic, item.cause.actor, what)
    return table


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return (text if len(text) <= 60 else text[:57] + "…").replace("[", "\\[")


def _json_line(item: Past) -> str:
    line = {
        "position": item.recorded.position,
        "version": item.recorded.version,
        "type": item.topic,
        "time": item.recorded_at,
        "cause": item.cause,
        "data": msgspec.Raw(item.state),
    }
    return msgspec.json.encode(line).decode()


async def _status(settings: Settings, _: argparse.Namespace) -> int:
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=1)
        try:
            models = await runner.status(pool)
            parked = await runner.parked(pool)
        finally:
            await pool.close()
    table = Table("read model", "generation", "version", "state", "position", "behind", "parked")
    for model in models:
        state = "serving" if model.serving else "being built"
        numbers = (str(model.position), str(model.lag), str(model.parked))
        table.add_row(model.name, str(model.generation), str(model.version), state, *numbers)
    Console().print(table)
    for item in parked:
        Console().print(f"parked: {item.name} stream {item.stream} at position {item.position}: {item.error}")
    return 0


async def _rebuild(settings: Settings, options: argparse.Namespace) -> int:
    model = next(model for model in READ_MODELS if model.name == options.name)
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=2)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        try:
            log = EventLog(dsn, pool)
            with Progress(*columns, console=Console(stderr=True)) as progress:
                bar = progress.add_task(f"rebuilding {model.name}", total=await log.head())
                await Runner(
                    model, log, dsn, advanced=lambda position: progress.update(bar, completed=position)
                ).rebuild()
        finally:
            await pool.close()
    Console().print(f"{model.name} is rebuilt and serves")
    return 0


async def _replay(settings: Settings, options: argparse.Namespace) -> int:
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=1)
        try:
            count = await runner.retry_parked(pool, options.name)
        finally:
            await pool.close()
    Console().print(f"{count} parked streams will be tried again by the running service")
    return 0


async def _check_catalog(_: Settings, options: argparse.Namespace) -> int:
    shelf = await asyncio.to_thread(load_catalogue, options.file)
    if problems := check_wire_configs(shelf.providers, shelf.models):
        raise CatalogueError("\n".join(f"{options.file}: {problem}" for problem in problems))
    Console().print(f"{options.file}: {len(shelf.models)} models of {len(shelf.providers)} providers, no problems")
    return 0


async def _config(settings: Settings, _: argparse.Namespace) -> int:
    table = Table("setting", "value", "set by")
    for name, value in settings.shown().items():
        table.add_row(name, "" if value is None else str(value), "environment" if name in os.environ else "default")
    console = Console()
    console.print(table)
    if settings.database_url is None:
        console.print(f"database: embedded PostgreSQL below {data_dir(settings)}")
    return 0


async def _version(_: Settings, __: argparse.Namespace) -> int:
    Console().print(f"pixel {version('pixel')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
