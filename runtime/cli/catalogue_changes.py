"""`pixel catalog diff | apply | disable | enable | default`: change what is on offer, while Pixel runs or not."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.providers.registry import load_catalogue
from application import model_switches
from application.catalogue import changes, synchronise
from application.ports import Cause
from runtime.cli.calls import answerable
from runtime.cli.event_loop import add_subcommand, in_event_loop
from runtime.cli.session import appending, open_session
from services.catalogue_updates import CatalogueChange, shown
from services.settings import Settings

RESTART = "Providers, budgets and exchange rates are read at the start of each process only."


def add_arguments(group: Any) -> None:
    """Add the commands to the group of `pixel catalog`."""
    for name, command, summary in (
        ("diff", _diff, "print the events that the catalogue would make; changes nothing"),
        ("apply", _apply, "append the events that the catalogue makes; every node follows within a second"),
    ):
        sub = add_subcommand(group, name, command, summary)
        path = "a folder or a file (PIXEL_CATALOG, when left out)"
        sub.add_argument("path", type=Path, nargs="?", metavar="PATH", help=path)
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
    for name, summary in (
        ("disable", "switch a model off, whatever the catalogue says"),
        ("enable", "switch a model on that was switched off with `disable`"),
        ("default", "make a model the default of its type"),
    ):
        sub = add_subcommand(group, name, _switch, summary)
        sub.set_defaults(verb=name)
        sub.add_argument("model", metavar="PROVIDER/KEY")
        sub.add_argument("--by", help="who answers for it (default: your login)")
        sub.add_argument("--note", default="", help="why; callers see it while the model is off")


@in_event_loop
async def _diff(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = load_catalogue(options.path or Path(settings.catalog))
    async with open_session(settings) as session:
        found = changes(catalogue.models, await session.log.model_events())
    _print([shown(change) for change in found], done="would change", as_json=options.json)
    return 0


@in_event_loop
async def _apply(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = load_catalogue(options.path or Path(settings.catalog))
    async with open_session(settings, connections=2) as session, appending(session.log):
        found = changes(catalogue.models, await session.log.model_events())
        await synchronise(session.log, catalogue.models, Cause(actor="catalogue"))
    _print([shown(change) for change in found], done="changed", as_json=options.json)
    return 0


def _print(found: Sequence[CatalogueChange], *, done: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.writelines(msgspec.json.encode(change).decode() + "\n" for change in found)
        return
    table = Table("model", "event", "what")
    for change in found:
        data = msgspec.json.decode(change.data)
        what = ", ".join(change.changed) or data.get("reason") or data.get("replacement") or data.get("kind") or ""
        table.add_row(*map(escape, (change.model, change.type, str(what))))
    console = Console()
    if found:
        console.print(table)
    models = len({change.model for change in found})
    console.print(f"{len(found)} events of {models} models {done}. {RESTART}", markup=False, highlight=False)


@in_event_loop
async def _switch(settings: Settings, options: argparse.Namespace) -> int:
    by = answerable(options)
    cause = Cause(actor=f"admin:{by}")
    async with open_session(settings, connections=2) as session, appending(session.log):
        if options.verb == "disable":
            state = await model_switches.disable(session.log, options.model, by=by, note=options.note, cause=cause)
        elif options.verb == "enable":
            state = await model_switches.enable(session.log, options.model, by=by, cause=cause)
        else:
            state = await model_switches.choose_default(session.log, options.model, by=by, cause=cause)
    now = "the default of its type" if options.verb == "default" else "on" if state.enabled else "off"
    Console().print(f"recorded; {options.model} is {now}", markup=False, highlight=False)
    return 0
