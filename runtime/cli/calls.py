"""`pixel calls …`: what `/api/v1/admin/calls` does, on the command line."""

import argparse
import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.probe import UnreadableMedia
from application import admin_decisions
from application.admin_decisions import Decision, check_decision
from application.commands import LoadedTask
from application.ports import Cause
from domain.base import Rejected
from domain.provider import RawAnswer
from projections import work_list
from runtime.cli.event_loop import add_subcommand, in_event_loop
from runtime.cli.session import Session, appending, open_session
from runtime.media import open_assets
from services.doubtful_calls import describe_call, found_result
from services.settings import Settings

MAX_LISTED = 200
MAX_BODY_CHARACTERS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `list | retry | attach | abandon`."""
    group = parser.add_subparsers(required=True)
    add_subcommand(group, "list", _list, "print the calls that wait for evidence or for a person")
    for name, command, summary in (
        ("retry", _retry, "let a call be made once more; it may be paid for twice, and you answer for it"),
        ("attach", _attach, "complete the task of a call with a result that was found"),
        ("abandon", _abandon, "close the case: it stays unknown whether it was paid for"),
    ):
        sub = add_subcommand(group, name, command, summary)
        sub.add_argument("call_id", metavar="CALL_ID")
        sub.add_argument("--by", help="who answers for it (default: your login)")
        sub.add_argument("--note", default="", help="why; kept in the history")
        if name == "attach":
            sub.add_argument("--file", type=Path, action="append", default=[], metavar="FILE", help="a media file")
            sub.add_argument("--text", help="the text of an answer")


@in_event_loop
async def _list(settings: Settings, _: argparse.Namespace) -> int:
    table = Table()
    table.add_column("call", no_wrap=True)  # to be copied
    for name in ("state", "provider", "model", "called at (UTC)", "what is known"):
        table.add_column(name, overflow="fold")
    async with open_session(settings, connections=2) as session:
        found = await work_list.list_in_doubt(session.pool, state=None, after=0, limit=MAX_LISTED + 1)
        for item in found[:MAX_LISTED]:
            call = await describe_call(session.log, item)
            if call:
                known = "; ".join(filter(None, (call.reason, call.evidence, *map(_describe_answer, call.answers))))
                at = call.called_at.strftime("%Y-%m-%d %H:%M:%S")
                table.add_row(call.call_id, call.state, call.provider, call.model, at, escape(known))
    Console().print(table if table.row_count else "no call waits for anybody")
    if len(found) > MAX_LISTED:
        Console().print(f"these are the {MAX_LISTED} oldest; there are more")
    return 0


def _describe_answer(answer: RawAnswer) -> str:
    """An unreadable answer, for people: the ids that may name the job, and the beginning of its body."""
    ids = "".join(f" {name}={value}" for name, value in answer.ids.items())
    return f"it answered (HTTP {answer.status}){ids}: {answer.body[:MAX_BODY_CHARACTERS]}"


@in_event_loop
async def _retry(settings: Settings, options: argparse.Namespace) -> int:
    by = answerable(options)

    async def retry(session: Session) -> LoadedTask:
        return await admin_decisions.retry(session.log, options.call_id, by=by, note=options.note, cause=_cause(by))

    return await _settle(settings, retry)


@in_event_loop
async def _abandon(settings: Settings, options: argparse.Namespace) -> int:
    by = answerable(options)

    async def abandon(session: Session) -> LoadedTask:
        return await admin_decisions.abandon(session.log, options.call_id, by=by, note=options.note, cause=_cause(by))

    return await _settle(settings, abandon)


@in_event_loop
async def _attach(settings: Settings, options: argparse.Namespace) -> int:
    by = answerable(options)
    async with Decoders() as decoders:
        assets = open_assets(settings, decoders)
        stored = [await _keep(assets, file) for file in options.file]

        async def attach(session: Session) -> LoadedTask:
            note, result = options.note, await found_result(assets, stored, options.text)
            return await admin_decisions.attach(
                session.log, options.call_id, by=by, note=note, result=result, cause=_cause(by)
            )

        return await _settle(settings, attach)


async def _keep(assets: ObjectAssetStore, file: Path) -> str:
    try:
        return (await assets.keep(await asyncio.to_thread(file.read_bytes), by="callers")).id
    except OSError as error:
        raise Rejected("invalid_request", f"--file {file}: {error.strerror}") from None
    except UnreadableMedia as error:
        raise Rejected("unreadable_media", f"--file {file}: {error}") from None


def answerable(options: argparse.Namespace) -> str:
    """The person who answers for the decision, checked as the API does. Raises Rejected."""
    try:
        by = options.by if options.by is not None else getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in a container
        raise Rejected("invalid_request", "--by: say who answers for it; this user has no name") from None
    try:
        decision = msgspec.convert({"by": by, "note": options.note}, Decision)
    except msgspec.ValidationError as error:
        raise Rejected("invalid_request", str(error).replace("$.", "--")) from None
    check_decision(decision)
    return decision.by


def _cause(by: str) -> Cause:
    return Cause(actor=f"admin:{by}")


async def _settle(settings: Settings, decide: Callable[[Session], Awaitable[LoadedTask]]) -> int:
    async with open_session(settings, connections=2) as session, appending(session.log):
        known = await decide(session)
    Console().print(f"recorded; the task is {known.task.status}")
    return 0
