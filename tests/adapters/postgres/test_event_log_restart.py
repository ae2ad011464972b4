"""PostgreSQL is stopped, killed and started again under load: each answered append is stored once.

On a server of its own, whose commits are waited for: the one of the other tests answers before they are on disk."""

import asyncio
import os
import shutil
import signal
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psutil
import pytest

from adapters.postgres.database import migrate
from adapters.postgres.embedded import embedded_postgres
from adapters.postgres.event_log import EventLog
from application.ports import LogUnavailable, Receipt
from tests.adapters.postgres.event_log_rig import CAUSE, PATIENT, opened, phase_of, progress, until
from tests.patience import patient
from tests.postgres import fresh_database
from tests.temp_folder import temp_folder

SETTINGS = {"fsync": "off", "full_page_writes": "off"}  # a process that dies takes nothing with it that was written
WRITERS = 16


class Server:
    """A PostgreSQL that can be stopped and comes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._joined = AsyncExitStack()
        self.dsn = ""

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self._folder / "postgres/postmaster.pid").read_text().split()[0]))

    async def start(self) -> None:
        self.dsn = await self._joined.enter_async_context(
            embedded_postgres(self._folder, report=print, settings=SETTINGS)
        )

    async def stop(self, how: signal.Signals) -> None:
        """Returns when the postmaster has gone."""
        postmaster = self.postmaster
        os.kill(postmaster.pid, how)
        await asyncio.to_thread(postmaster.wait, PATIENT)

    async def leave(self) -> None:
        await self._joined.aclose()


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[Server]:
    """A server that may be killed."""
    folder = temp_folder("restart")
    server = Server(folder / "data")
    try:
        await server.start()
        yield server
    finally:
        await server.leave()
        await asyncio.to_thread(shutil.rmtree, folder)


@pytest.fixture
async def dsn(server: Server) -> AsyncGenerator[str]:
    """A migrated database on it."""
    async with fresh_database(server.dsn, "template1") as fresh:
        await migrate(fresh)
        yield fresh


class Answer(NamedTuple):
    """The answer to a writer: a receipt, or None for LogUnavailable."""

    stream: UUID
    phase: str
    receipt: Receipt | None


class Load:
    """Writers that append for ever, each to its own stream, and look what is there after each refusal."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.answers: list[Answer] = []
        self.ended = False

    async def write(self) -> None:
        stream, version, n = uuid.uuid4(), 0, 0
        while not self.ended:
            n += 1
            phase = f"{stream}/{n}"
            try:
                receipt = await self._log.append(stream, version, [progress(phase)], CAUSE)
            except LogUnavailable:
                self.answers.append(Answer(stream, phase, None))
                version = await self._look(stream)
            else:
                self.answers.append(Answer(stream, phase, receipt))
                version = receipt.version

    async def _look(self, stream: UUID) -> int:
        while True:
            try:
                return len(await self._log.stream(stream))
            except LogUnavailable:
                await asyncio.sleep(0.02)

    async def some(self, *, refused: bool, count: int) -> None:
        """Wait until that many from now on were refused, or answered."""
        since = len(self.answers)

        async def enough() -> bool:
            return sum((answer.receipt is None) == refused for answer in self.answers[since:]) >= count

        await until(enough)


async def test_restarts_under_load(server: Server, dsn: str) -> None:
    """Killed, stopped until appends were refused, restarted at once: every answered append is stored once."""
    async with opened(dsn, listening=True, patience_seconds=0.5) as log:
        load = Load(log)
        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(load.write())
            await load.some(refused=False, count=300)
            for how in (signal.SIGKILL, signal.SIGINT):
                refused = asyncio.create_task(load.some(refused=True, count=1))
                await server.stop(how)
                await refused
                await server.start()
                await load.some(refused=False, count=300)
            await server.stop(signal.SIGKILL)
            await server.start()
            await load.some(refused=False, count=300)
            load.ended = True
        assert log.waiting == 0
        events = await log.read(0, 1_000_000)

    found = {phase_of(each.event): each for each in events}
    assert len(found) == len(events), "exactly once"
    for answer in load.answers:
        if answer.receipt is not None:
            stored = found.pop(answer.phase)
            assert (stored.stream, stored.version, stored.position) == (answer.stream, *answer.receipt)
    refused_phases = {answer.phase for answer in load.answers if answer.receipt is None}
    assert found.keys() <= refused_phases, "nothing that was never asked for"
    print(f"{len(load.answers)} appends, {len(refused_phases)} refused, of which {len(found)} stored")


async def test_restart_within_patience_is_not_noticed(server: Server, dsn: str) -> None:
    """An append whose patience outlasts the restart gets a normal answer."""
    stream = uuid.uuid4()
    async with opened(dsn) as log:
        await log.append(stream, 0, [progress("before")], CAUSE)
        await server.stop(signal.SIGKILL)
        append = asyncio.create_task(log.append(stream, 1, [progress("meanwhile")], CAUSE))
        with pytest.raises(LogUnavailable):
            await log.head()
        assert not append.done()
        await server.start()
        assert (await asyncio.wait_for(append, patient(PATIENT))).version == 2
        assert [phase_of(each.event) for each in await log.stream(stream)] == ["before", "meanwhile"]
