"""`pixel history`: every event of a task, for people or as JSON."""

import argparse
import sys

import msgspec
from rich.console import Console
from rich.table import Table

from adapters.postgres.event_reader import Past
from domain.base import Rejected
from domain.ids import task_stream
from runtime.cli.event_loop import in_event_loop
from runtime.cli.session import open_session
from services.settings import Settings

PAGE_EVENTS = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the task, and the choice of JSON."""
    parser.set_defaults(command=_history)
    parser.add_argument("task_id", metavar="TASK_ID")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


@in_event_loop
async def _history(settings: Settings, options: argparse.Namespace) -> int:
    stream, past = task_stream(options.task_id), list[Past]()
    async with open_session(settings) as session:
        while page := (await session.log.history(stream, after=len(past), limit=PAGE_EVENTS)).events:
            past += page
    if not past:
        raise Rejected("task_unknown", f"Task '{options.task_id}' not found")
    if options.json:
        sys.stdout.writelines(_json_line(item) + "\n" for item in past)
    else:
        Console().print(_table(options.task_id, past))
    return 0


def _table(task_id: str, past: list[Past]) -> Table:
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
        table.add_row(str(item.position), str(item.version), time, item.topic, item.cause.actor, what)
    return table


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return (text if len(text) <= 60 else text[:57] + "…").replace("[", "\\[")


def _json_line(item: Past) -> str:
    line = {
        "position": item.position,
        "version": item.version,
        "type": item.topic,
        "time": item.recorded_at,
        "cause": item.cause,
        "data": msgspec.Raw(item.state),
    }
    return msgspec.json.encode(line).decode()
