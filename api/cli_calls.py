"""`pixel calls …`: what `/api/v1/admin/calls` does, for who sits at the machine."""

import argparse
import asyncio
import getpass
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from adapters import postgres
from adapters.assets import Assets
from adapters.event_log import EventLog
from adapters.postgres import Pool
from api.admin import found_result, told
from api.settings import Settings
from api.wiring import data_dir, open_database
from application import doubts, tasks
from application.ports import Cause
from projections import calls

MOST_LISTED = 200


class _Books(NamedTuple):
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
        sub.add_argument("--by", default=getpass.getuser(), help="who answers for it (default: %(default)s)")
        sub.add_argument("--note", default="", help="why; kept in the history")
        if name == "attach":
            sub.add_argument("--file", type=Path, action="append", default=[], metavar="FILE", help="a media file")
            sub.add_argument("--text", help="the text of an answer")


@asynccontextmanager
async def _books(settings: Settings) -> AsyncGenerator[_Books]:
    async with open_database(settings) as dsn:
        pool = await postgres.open_pool(dsn, size=2)
        log = EventLog(dsn, pool)
        writer = asyncio.create_task(log.write())
        try:
            yield _Books(pool, log)
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            await pool.close()


async def _list(settings: Settings, _: argparse.Namespace) -> int:
    table = Table("call", "state", "provider", "model", "called at (UTC)", "what is known")
    async with _books(settings) as books:
        for item in await calls.doubtful(books.pool, state=None, after=0, limit=MOST_LISTED):
            call = await told(books.log, item)
            if call:
                known = " ".join(filter(None, (call.reason, call.evidence)))
                at = call.called_at.strftime("%Y-%m-%d %H:%M:%S")
                table.add_row(call.call_id, call.state, call.provider, call.model, at, known)
    Console().print(table if table.row_count else "no call waits for anybody")
    return 0


async def _retry(settings: Settings, options: argparse.Namespace) -> int:
    async with _books(settings) as books:
        by, note = options.by, options.note
        return _done(await doubts.retry(books.log, options.call_id, by=by, note=note, cause=_cause(options)))


async def _abandon(settings: Settings, options: argparse.Namespace) -> int:
    async with _books(settings) as books:
        by, note = options.by, options.note
        return _done(await doubts.abandon(books.log, options.call_id, by=by, note=note, cause=_cause(options)))


async def _attach(settings: Settings, options: argparse.Namespace) -> int:
    assets = Assets.open(settings.assets_url or str(data_dir(settings) / "assets"))
    kept = [(await assets.keep(await asyncio.to_thread(file.read_bytes))).id for file in options.file]
    result = await found_result(assets, kept, options.text)
    async with _books(settings) as books:
        by, note = options.by, options.note
        outcome = await doubts.attach(
            books.log, options.call_id, by=by, note=note, result=result, cause=_cause(options)
        )
        return _done(outcome)


def _cause(options: argparse.Namespace) -> Cause:
    return Cause(actor=f"admin:{options.by}")


def _done(outcome: tasks.Outcome) -> int:
    Console().print(f"recorded; the task is {outcome.task.status}")
    return 0
