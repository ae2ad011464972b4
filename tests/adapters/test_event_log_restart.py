"""PostgreSQL is stopped, killed and started again under load: what was answered is in the log, once, and the log goes on.

On a server of its own, whose commits are waited for: the one of the other tests answers before they are on disk."""

import asyncio
import os
import shutil
import signal
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psutil
import pytest

from adapters.embedded import embedded_postgres
from adapters.event_log import EventLog
from adapters.postgres import migrate
from application.ports import LogUnavailable, Receipt
from tests.adapters.event_log_rig import CAUSE, PATIENT, opened, phase_of, progress, until

SETTINGS = {"fsync": "off", "full_page_writes": "off"}  # a process that dies takes nothing with it that was written
WRITERS = 16


class Server:
    """A PostgreSQL that can be stopped and comes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._joined = AsyncExitStack()

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self._folder / "postgres/postmaster.pid").read_text().split()[0]))

    async def start(self) -> str:
        """Its DSN."""
        return await self._joined.enter_async_context(
            embedded_postgres(self._folder, report=print, settings=SETTINGS)
        )

    async def stop(self, how: signal.Signals) -> None:
        """Returns when the postmaster has gone."""
        postmaster = self.postmaster
        os.kill(postmaster.pid, how)
        await asyncio.to_thread(postmaster.wait, PATIENT)

    async def leave(self) -> None:
        await self._joined.aclose()


@asynccontextmanager
async def own_server() -> AsyncGenerator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pixel-restart-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user
    server = Server(folder / "data")
    try:
        yield server
    finally:
        await server.leave()
        await asyncio.to_thread(shutil.rmtree, folder)


class Answer(NamedTuple):
    """What a writer was told: a receipt, or None for LogUnavailable."""

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

    async def more(self, *, answered: int = 0, refused: int = 0) -> None:
        """Wait until that many more were answered and refused."""
        wanted = (self._count(True) + answered, self._count(False) + refused)

        async def enough() -> bool:
            return self._count(True) >= wanted[0] and self._count(False) >= wanted[1]

        await until(enough)

    def _count(self, answered: bool) -> int:
        return sum((answer.receipt is not None) == answered for answer in self.answers)


async def test_restarts_under_load() -> None:
    """Killed and restarted at once, stopped until callers were refused, killed again: nothing answered is lost."""
    async with own_server() as server:
        dsn = await server.start()
        await migrate(dsn)
        async with opened(dsn, listening=True, patience_seconds=0.5) as log:
            load = Load(log)
            async with asyncio.TaskGroup() as group:
                for _ in range(WRITERS):
                    group.create_task(load.write())
                await load.more(answered=300)
                for how, refused in ((signal.SIGKILL, 0), (signal.SIGINT, WRITERS), (signal.SIGKILL, 1)):
                    await server.stop(how)
                    await load.more(refused=refused)
                    await server.start()
                    await load.more(answered=300)
                load.ended = True
            assert log.waiting == 0
            found = {phase_of(each.event): each for each in await log.read(0, 1_000_000)}
            copies = Counter(phase_of(each.event) for each in await log.read(0, 1_000_000))
            assert set(copies.values()) == {1}, "exactly once"
            for answer in load.answers:
                if answer.receipt is not None:
                    stored = found.pop(answer.phase)
                    assert (stored.stream, stored.version, stored.position) == (answer.stream, *answer.receipt)
            refused_phases = {answer.phase for answer in load.answers if answer.receipt is None}
            assert found.keys() <= refused_phases, "nothing else was stored"
            print(f"{len(load.answers)} appends, {len(refused_phases)} refused, of which {len(found)} stored")


async def test_restart_within_patience_is_not_noticed() -> None:
    """Whoever can wait as long as PostgreSQL takes to come back is answered as if nothing had happened."""
    async with own_server() as server:
        dsn = await server.start()
        await migrate(dsn)
        async with opened(dsn) as log:
            stream = uuid.uuid4()
            await log.append(stream, 0, [progress("before")], CAUSE)
            await server.stop(signal.SIGKILL)
            append = asyncio.create_task(log.append(stream, 1, [progress("meanwhile")], CAUSE))
            await asyncio.sleep(0)
            assert log.waiting == 1
            with pytest.raises(LogUnavailable):
                await log.head()
            await server.start()
            receipt = await asyncio.wait_for(append, PATIENT)
            assert receipt.version == 2
            assert [phase_of(each.event) for each in await log.stream(stream)] == ["before", "meanwhile"]
