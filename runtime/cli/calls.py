"""`pixel calls …`: what `/api/v1/admin/calls` does, for who sits at the machine."""

import argparse
import asyncio
import getpass
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.probe import UnreadableMedia
from adapters.postgres import database
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from application import resolutions
from application.commands import Outcome
from application.ports import Cause
from application.resolutions import Decision, check
from domain.base import Rejected
from domain.provider import RawAnswer
from projections import work_list
from runtime.database import open_database
from runtime.media import open_assets
from services.doubtful_calls import describe_call, found_result
from services.settings import Settings

MAX_LISTED = 200
MAX_TOLD = 300


class _Session(NamedTuple):
    pool: Pool
    log: EventLog


def add_commands(commands: Any, add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add `calls list | retry | attach | abandon` to the command line."""
    group = commands.add_parser("calls", help="settle calls whose outcome nobody knows").add_subparsers(required=True)
    add("list", _list, "print the calls that wait for evidence or for a person", group)
    for name, command, says in (
        ("retry", _retry, "let a call be made once more; it may be paid for twice, and you answer for it"),
        ("attach", _attach, "complete the task of a call with a result that was found"),
        ("abandon", _abandon, "close the case: it stays unknown whether it was paid for"),
    ):
        sub = add(name, command, says, group)
        sub.add_argument("call_id", metavar="CALL_ID")
        sub.add_argument("--by", help="who answers for it (default: your login)")
        sub.add_argument("--note", default="", help="why; kept in the history")
        if name == "attach":
            sub.add_argument("--file", type=Path, action="append", default=[], metavar="FILE", help="a media file")
            sub.add_argument("--text", help="the text of an answer")


@asynccontextmanager
async def _session(settings: Settings) -> AsyncGenerator[_Session]:
    async with open_database(settings) as dsn:
        pool = await database.open_pool(dsn, size=2)
        log = EventLog(dsn, pool)
        writer = asyncio.create_task(log.write())
        try:
            yield _Session(pool, log)
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            await pool.close()


async def _list(settings: Settings, _: argparse.Namespace) -> int:
    table = Table()
    table.add_column("call", no_wrap=True)  # to be copied
    for name in ("state", "provider", "model", "called at (UTC)", "what is known"):
        table.add_column(name, overflow="fold")
    async with _session(settings) as books:
        found = await work_list.list_in_doubt(books.pool, state=None, after=0, limit=MAX_LISTED + 1)
        for item in found[:MAX_LISTED]:
            call = await describe_call(books.log, item)
            if call:
                known = "; ".join(filter(None, (call.reason, call.evidence, *map(_told, call.answers))))
                at = call.called_at.strftime("%Y-%m-%d %H:%M:%S")
                table.add_row(call.call_id, call.state, call.provider, call.model, at, escape(known))
    Console().print(table if table.row_count else "no call waits for anybody")
    if len(found) > MAX_LISTED:
        Console().print(f"these are the {MAX_LISTED} oldest; there are more")
    return 0


def _told(answer: RawAnswer) -> str:
    """An answer that could not be read: what may name the job, and how it begins."""
    ids = "".join(f" {name}={value}" for name, value in answer.ids.items())
    return f"it answered (HTTP {answer.status}){ids}: {answer.body[:MAX_TOLD]}"


async def _retry(settings: Settings, options: argparse.Namespace) -> int:
    by = _who(options)

    async def retry(books: _Session) -> Outcome:
        return await resolutions.retry(books.log, options.call_id, by=by, note=options.note, cause=_cause(by))

    return await _settle(settings, retry)


async def _abandon(settings: Settings, options: argparse.Namespace) -> int:
    by = _who(options)

    async def abandon(books: _Session) -> Outcome:
        return await resolutions.abandon(books.log, options.call_id, by=by, note=options.note, cause=_cause(by))

    return await _settle(settings, abandon)


async def _attach(settings: Settings, options: argparse.Namespace) -> int:
    by = _who(options)
    async with Decoders() as decoders:
        assets = open_assets(settings, decoders)
        kept = [await _keep(assets, file) for file in options.file]

        async def attach(books: _Session) -> Outcome:
            note, result = options.note, await found_result(assets, kept, options.text)
            return await resolutions.attach(
                books.log, options.call_id, by=by, note=note, result=result, cause=_cause(by)
            )

        return await _settle(settings, attach)


async def _keep(assets: ObjectAssetStore, file: Path) -> str:
    try:
        return (await assets.keep(await asyncio.to_thread(file.read_bytes), by="callers")).id
    except OSError as error:
        raise Rejected("invalid_request", f"--file {file}: {error.strerror}") from None
    except UnreadableMedia as error:
        raise Rejected("unreadable_media", f"--file {file}: {error}") from None


def _who(options: argparse.Namespace) -> str:
    """Who answers for it, held to what the API wants of it."""
    try:
        by = options.by if options.by is not None else getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in a container
        raise Rejected("invalid_request", "--by: say who answers for it; this user has no name") from None
    try:
        decision = msgspec.convert({"by": by, "note": options.note}, Decision)
    except msgspec.ValidationError as error:
        raise Rejected("invalid_request", str(error).replace("$.", "--")) from None
    check(decision)
    return decision.by


def _cause(by: str) -> Cause:
    return Cause(actor=f"admin:{by}")


async def _settle(settings: Settings, verdict: Callable[[_Session], Awaitable[Outcome]]) -> int:
    async with _session(settings) as books:
        outcome = await verdict(books)
    Console().print(f"recorded; the task is {outcome.task.status}")
    return 0
