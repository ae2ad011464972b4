"""`pixel keys …`: what `/api/v1/admin/keys` does, on the command line. A new key is printed once, alone, on stdout."""

import argparse
import getpass
import sys
from contextlib import suppress
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from application import api_keys
from application.ports import Cause
from domain.api_key import NO_LIMITS, ApiKey, KeyLimits, Scope
from domain.base import Rejected
from projections import api_keys as read_model
from projections.api_keys import KeyView, view
from runtime.cli.event_loop import add_subcommand, in_event_loop
from runtime.cli.session import appending, open_session
from services.settings import Settings

PAGE = 200
_LISTS = {"projects": "--project", "models": "--model", "kinds": "--kind"}
_NUMBERS = ("requests_per_minute", "tasks_in_flight", "money_per_day", "money_per_month")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `create | list | show | change | revoke`."""
    group = parser.add_subparsers(required=True)
    create = add_subcommand(group, "create", _create, "issue a key, and print it: it is not shown again")
    create.add_argument("--owner", required=True, metavar="NAME", help="whose things its tasks are")
    add_subcommand(group, "list", _list, "print all keys, newest first")
    show = add_subcommand(group, "show", _show, "print one key")
    change = add_subcommand(group, "change", _change, "give a key other scopes or limits")
    revoke = add_subcommand(group, "revoke", _revoke, "end a key for good")
    for sub in (show, change, revoke):
        sub.add_argument("key_id", metavar="KEY_ID")
    revoke.add_argument("--reason", default="", help="why; kept in the history")
    for sub in (create, change):
        scopes = [*map(str, Scope)]
        sub.add_argument("--scope", choices=scopes, action="append", required=sub is create, help="what it may do")
        for name, option in _LISTS.items():
            sub.add_argument(option, dest=name, action="append", metavar=option[2:].upper(), help=f"the only {name}")
        for name in _NUMBERS:
            sub.add_argument(f"--{name.replace('_', '-')}", metavar="N", help=f"{name.replace('_', ' ')} at most")
    change.add_argument("--no-limits", action="store_true", help="take all limits away")


@in_event_loop
async def _create(settings: Settings, options: argparse.Namespace) -> int:
    limits = _limits(options, NO_LIMITS)
    async with open_session(settings, connections=2) as session, appending(session.log):
        issued = await api_keys.create(
            session.log, owner=options.owner, scopes=_scopes(options) or [], limits=limits, cause=_cause()
        )
    sys.stdout.write(f"{issued.text}\n")
    sys.stderr.write(f"{issued.key.id} is issued. Keep the key above: it is not shown again.\n")
    return 0


@in_event_loop
async def _list(settings: Settings, _: argparse.Namespace) -> int:
    table = Table()
    table.add_column("key", no_wrap=True)  # to be copied
    for name in ("owner", "scopes", "issued (UTC)", "last used", "revoked", "limits"):
        table.add_column(name, overflow="fold")
    async with open_session(settings) as session:
        before: int | None = None
        while found := await read_model.page(session.pool, before=before, limit=PAGE):
            before = found[-1].position
            for item in found:
                table.add_row(*map(escape, _cells(item.view)))
    Console().print(table if table.row_count else "no key was issued")
    return 0


def _cells(key: KeyView) -> list[str]:
    times = [at.strftime("%Y-%m-%d %H:%M") if at else "" for at in (key.issued_at, key.last_used_at, key.revoked_at)]
    limits: dict[str, Any] = msgspec.to_builtins(key.limits)
    shown = "; ".join(f"{name} {_joined(value)}" for name, value in limits.items())
    return [key.id, key.owner, ", ".join(key.scopes), *times, shown]


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]


@in_event_loop
async def _show(settings: Settings, options: argparse.Namespace) -> int:
    async with open_session(settings) as session:
        key = await api_keys.load(session.log, options.key_id)
        _print(key, view(key, await read_model.last_used(session.pool, key.id)))
    return 0


@in_event_loop
async def _change(settings: Settings, options: argparse.Namespace) -> int:
    async with open_session(settings, connections=2) as session, appending(session.log):
        before = (await api_keys.load(session.log, options.key_id)).limits
        limits = _limits(options, NO_LIMITS if options.no_limits else before)
        key = await api_keys.change(session.log, options.key_id, scopes=_scopes(options), limits=limits, cause=_cause())
    _print(key, view(key))
    return 0


@in_event_loop
async def _revoke(settings: Settings, options: argparse.Namespace) -> int:
    async with open_session(settings, connections=2) as session, appending(session.log):
        key = await api_keys.revoke(session.log, options.key_id, reason=options.reason, cause=_cause())
    _print(key, view(key))
    return 0


def _print(key: ApiKey, shown: KeyView) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n")
    if key.revoked_at:
        sys.stderr.write("It is revoked: every process refuses it within a second.\n")


def _scopes(options: argparse.Namespace) -> list[Scope] | None:
    return [Scope(name) for name in options.scope] if options.scope else None


def _limits(options: argparse.Namespace, before: KeyLimits) -> KeyLimits:
    """The limits with those that are given in place of what they were. Raises Rejected."""
    given: dict[str, Any] = {name: value for name in (*_LISTS, *_NUMBERS) if (value := getattr(options, name))}
    try:
        return msgspec.convert(msgspec.to_builtins(before) | given, KeyLimits, strict=False)
    except msgspec.ValidationError as error:
        message, _, field = str(error).partition(" - at `$.")
        option = _LISTS.get(field.partition("[")[0].strip("`"), f"--{field.strip('`').replace('_', '-')}")
        raise Rejected("invalid_request", f"{option}: {message[0].lower()}{message[1:]}") from None


def _cause() -> Cause:
    with suppress(OSError, KeyError):  # a user without a name, as in a container
        return Cause(actor=f"admin:{getpass.getuser()}")
    return Cause(actor="admin")
