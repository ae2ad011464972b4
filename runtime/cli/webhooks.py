"""`pixel webhooks …`: what `/api/v1/webhooks` does, on the command line, for the webhooks of every owner."""

import argparse
import getpass
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple, get_args

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.postgres import webhook_queue
from adapters.postgres.webhook_queue import DeliveryState
from application import webhooks
from application.ports import Cause
from domain.api_key import ANONYMOUS
from domain.ids import webhook_stream
from domain.webhook import KEEP_OLD_SECRETS_SECONDS, Changes, Webhook
from runtime.cli.event_loop import add_subcommand, in_event_loop
from runtime.cli.session import Session, appending, open_session
from runtime.webhooks import webhook_guard
from services.settings import Settings
from services.webhook_changes import WebhookChanges
from services.webhook_secrets import WebhookSecrets
from services.webhook_table import WebhookTable
from services.webhook_views import show, show_delivery

LISTED = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `create | list | show | change | rotate | remove | deliveries | redeliver`."""
    group = parser.add_subparsers(required=True)
    create = add_subcommand(group, "create", _create, "register a webhook, and print its secret: it is not shown again")
    create.add_argument("url", metavar="URL", help="where messages are posted")
    create.add_argument("--owner", default=ANONYMOUS, metavar="NAME", help="whose tasks it gets (anonymous)")
    add_subcommand(group, "list", _list, "print all webhooks, oldest first")
    change = add_subcommand(group, "change", _change, "change, disable or enable a webhook")
    change.add_argument("--url", metavar="URL", help="where messages are posted")
    switch = change.add_mutually_exclusive_group()
    switch.add_argument("--enable", dest="enabled", action="store_true", default=None, help="send what it missed, too")
    switch.add_argument("--disable", dest="enabled", action="store_false", help="send nothing for now")
    for sub in (create, change):
        sub.add_argument("--changes", choices=get_args(Changes), help="only the ends of tasks, or all changes")
    rotate = add_subcommand(group, "rotate", _rotate, "make a new secret, and print it: it is not shown again")
    seconds = "for how long the old ones sign as well (a day)"
    rotate.add_argument("--keep-seconds", type=int, default=KEEP_OLD_SECRETS_SECONDS, metavar="N", help=seconds)
    deliveries = add_subcommand(group, "deliveries", _deliveries, f"print the last {LISTED} deliveries, newest first")
    deliveries.add_argument("--state", choices=get_args(DeliveryState), help="only those in this state")
    redeliver = add_subcommand(group, "redeliver", _redeliver, "send one message again, or all behind a position")
    which = redeliver.add_mutually_exclusive_group(required=True)
    which.add_argument("--position", type=int, metavar="N", help="the delivery of the event at this position")
    which.add_argument("--since", type=int, metavar="N", help="all events behind this position")
    others = [
        add_subcommand(group, "show", _show, "print one webhook"),
        add_subcommand(group, "remove", _remove, "end a webhook for good"),
    ]
    for sub in (change, rotate, deliveries, redeliver, *others):
        sub.add_argument("webhook_id", metavar="WEBHOOK_ID")


class _Webhooks(NamedTuple):
    session: Session
    table: WebhookTable
    secrets: WebhookSecrets
    changes: WebhookChanges


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[_Webhooks]:
    async with open_session(settings, connections=2) as session, appending(session.log):
        table, secrets = WebhookTable(session.log), WebhookSecrets(settings.as_list("webhook_secret"))
        changes = WebhookChanges(session.log, session.pool, table, secrets, webhook_guard(settings))
        yield _Webhooks(session, table, secrets, changes)


@in_event_loop
async def _create(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        changes: Changes = options.changes or "ends"
        made = await opened.changes.register(owner=options.owner, url=options.url, changes=changes, cause=_cause())
        _tell(made, opened.secrets)
    return 0


@in_event_loop
async def _list(settings: Settings, _: argparse.Namespace) -> int:
    table = Table()
    table.add_column("webhook", no_wrap=True)  # to be copied
    for name in ("owner", "url", "changes", "state", "waiting"):
        table.add_column(name, overflow="fold")
    async with _opened(settings) as opened:
        await opened.table.refresh()
        states = await webhook_queue.states(opened.session.pool, list(opened.table.all))
        for loaded in opened.table.of(None):
            webhook = loaded.webhook
            state = states.get(webhook_stream(webhook.id))
            doing = "sent to" if webhook.enabled else f"disabled: {webhook.disabled_reason}"
            if webhook.enabled and state and state.failing_since:
                doing = f"failing since {state.failing_since:%F %R}"
            cells = (webhook.id, webhook.owner, webhook.url, webhook.changes, doing)
            table.add_row(*map(escape, cells), str(state.waiting if state else 0))
    Console().print(table if table.row_count else "no webhook is registered")
    return 0


@in_event_loop
async def _show(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        await _print(opened, await webhooks.load(opened.session.log, options.webhook_id))
    return 0


@in_event_loop
async def _change(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        wish = {"url": options.url, "changes": options.changes, "enabled": options.enabled}
        await _print(opened, await opened.changes.change(options.webhook_id, **wish, cause=_cause()))
    return 0


@in_event_loop
async def _rotate(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        rotated = await opened.changes.rotate(options.webhook_id, keep_seconds=options.keep_seconds, cause=_cause())
        _tell(rotated, opened.secrets)
    return 0


@in_event_loop
async def _remove(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        await webhooks.remove(opened.session.log, options.webhook_id, cause=_cause())
    sys.stderr.write(f"{options.webhook_id} is removed.\n")
    return 0


@in_event_loop
async def _deliveries(settings: Settings, options: argparse.Namespace) -> int:
    table = Table("position", "task", "version", "state", "attempts", "last answer", "next attempt (UTC)")
    async with _opened(settings) as opened:
        await webhooks.load(opened.session.log, options.webhook_id)
        found = await webhook_queue.list_deliveries(
            opened.session.pool, webhook_stream(options.webhook_id), state=options.state, before=None, limit=LISTED
        )
    for row in map(show_delivery, found):
        last = row.attempts[-1] if row.attempts else None
        answer = "" if last is None else f"{last.status or last.error} after {last.milliseconds} ms"
        later = row.next_attempt_at.strftime("%F %T") if row.next_attempt_at else ""
        cells = (
            str(row.position),
            row.task_id or row.batch_id or "",
            str(row.version),
            row.state,
            str(len(row.attempts)),
            answer,
            later,
        )
        table.add_row(*map(escape, cells))
    Console().print(table if table.row_count else "nothing was sent")
    return 0


@in_event_loop
async def _redeliver(settings: Settings, options: argparse.Namespace) -> int:
    async with _opened(settings) as opened:
        webhook = await webhooks.load(opened.session.log, options.webhook_id)
        await opened.changes.redeliver(webhook.id, position=options.position, since=options.since)
    sys.stderr.write("It will be sent by the running service.\n")
    return 0


def _tell(webhook: Webhook, secrets: WebhookSecrets) -> None:
    """Print id and secret alone on stdout, for scripts."""
    sys.stdout.write(f"{webhook.id} {secrets.newest(webhook)}\n")
    sys.stderr.write(f"{webhook.id} has the secret behind it. Keep it: it is not shown again.\n")


async def _print(opened: _Webhooks, webhook: Webhook) -> None:
    states = await webhook_queue.states(opened.session.pool, [webhook_stream(webhook.id)])
    shown = show(webhook, states.get(webhook_stream(webhook.id)))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n")


def _cause() -> Cause:
    name = "unknown"
    with suppress(OSError, KeyError):  # a user without a name, as in a container
        name = getpass.getuser()
    return Cause(actor=f"admin:{name}")
