"""Listeners across `kill -9` of the API process and of PostgreSQL, and cuts of their own: every event once, in order.

PIXEL_TEST_STREAM_EVENTS, PIXEL_TEST_STREAM_CLIENTS and PIXEL_TEST_STREAM_KILLS say how much; 10000, 50 and 6 is a
good deal."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from adapters.postgres.database import migrate
from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from application.ports import Conflict, LogUnavailable
from domain.base import Event
from domain.ids import task_id
from domain.model import Kind
from domain.task.events import ProviderAccepted, ProviderCalled, ProviderProgressed, TaskCompleted, TaskRequested
from projections.task_view import TaskRow, fold
from tests.adapters.postgres.event_log_rig import CAUSE, opened
from tests.e2e.database import Server
from tests.e2e.service import Service, eventually, pixel
from tests.e2e.tcp_relay import TcpRelay
from tests.event_source import EventSource
from tests.patience import patient
from tests.web import PlainClient

LENGTH = 12  # events of a task
EVENTS = int(os.environ.get("PIXEL_TEST_STREAM_EVENTS", "600")) // LENGTH * LENGTH
CLIENTS = int(os.environ.get("PIXEL_TEST_STREAM_CLIENTS", "8"))
KILLS = int(os.environ.get("PIXEL_TEST_STREAM_KILLS", "2"))
SEED = int(os.environ.get("PIXEL_TEST_KILL_SEED", random.randrange(1_000_000)))
AT = datetime(2026, 2, 11, 10, tzinfo=UTC)
PROJECTS = 3
WRITERS = 8
NOBODY = "http://127.0.0.1:1"


def history(stream: UUID, project: str) -> list[Event]:
    """The events of a task that is made in small steps."""
    call = f"{task_id(stream)}.1"
    requested = TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model="sandbox/image",
        model_revision=1,
        params={"prompt": "a boat"},
        request_hash="0",
        finish_by=AT + timedelta(hours=1),
        project_id=project,
        at=AT,
    )
    called = ProviderCalled(attempt=1, provider="sandbox", call=call, digest="0", worker="w", epoch=1, at=AT)
    steps = range(LENGTH - 4)
    progress = [ProviderProgressed(percent=step, at=AT + timedelta(seconds=step)) for step in steps]
    return [requested, called, ProviderAccepted(call=call, job="j", at=AT), *progress, TaskCompleted(at=AT)]


@dataclass
class Progress:
    """How many events were written, and how many may be: some are left for after each kill."""

    written: int = 0
    allowed: int = 0

    async def reach(self, share: float, service: Service) -> None:
        """Wait until so much of all has been written."""

        async def there() -> bool:
            return self.written >= EVENTS * share

        await eventually(f"{share:.0%} of the events", there, service.log)


async def write(log: EventLog, streams: list[UUID], progress: Progress) -> None:
    """Append the events of these tasks one by one, whatever happens to the database."""
    while streams:
        stream = streams.pop()
        events = history(stream, str(stream.int % PROJECTS))
        version = 0
        while version < len(events):
            if progress.written >= progress.allowed:
                await asyncio.sleep(0.01)
                continue
            try:
                await log.append(stream, version, events[version : version + 1], CAUSE)
            except (Conflict, LogUnavailable):
                with suppress(LogUnavailable):
                    stored = await log.head_of(stream)  # it may be stored all the same
                    progress.written += stored - version
                    version = stored
                await asyncio.sleep(0.1)
                continue
            version += 1
            progress.written += 1
            await asyncio.sleep(0.02)


@asynccontextmanager
async def api(dsn: str, folder: Path, relay: TcpRelay) -> AsyncGenerator[Service]:
    """An API process behind the relay."""
    async with pixel(dsn, folder, role="api", wait="ready degraded") as service:
        relay.target = service.url
        yield service


async def come_and_go(source: EventSource, url: str, draw: random.Random, done: asyncio.Event) -> None:
    """Listen, and cut the line at random moments."""
    while not done.is_set():
        async with PlainClient(base_url=url, timeout=patient(60)) as client:
            following = asyncio.create_task(source.follow(client))
            with suppress(TimeoutError):
                async with asyncio.timeout(draw.uniform(0.2, 3)):
                    await done.wait()
            following.cancel()
            await asyncio.wait([following])
        await asyncio.sleep(draw.uniform(0, 0.3))


class Happened(NamedTuple):
    """An event of a task, and the view after it."""

    position: int
    task: str
    project: str | None
    view: str


async def expected(log: EventLog) -> list[Happened]:
    """Every event of every task, in the order of the log."""
    rows: dict[UUID, TaskRow | None] = {}
    found: list[Happened] = []
    position = 0
    while events := await log.read(position, 1000):
        for recorded in events:
            row = rows[recorded.stream] = fold(rows.get(recorded.stream), recorded)
            if row is not None:
                view = msgspec.json.encode(row.view).decode()
                found.append(Happened(recorded.position, row.view.id, row.view.project_id, view))
        position = events[-1].position
    return found


def is_wanted(one: Happened, source: EventSource) -> bool:
    """Whether an event is one of those that this client listens to."""
    if "projectId=" in source.path:
        return f"projectId={one.project}&" in source.path
    return "/tasks/" not in source.path or one.task in source.path


async def break_it(server: Server, folder: Path, relay: TcpRelay, progress: Progress) -> None:
    """Kill the API process, again and again; each second one lives through a crash of PostgreSQL before."""
    for number in range(KILLS):
        async with api(server.dsn, folder, relay) as service:
            progress.allowed = EVENTS * (number + 1) // (KILLS + 1)
            if number % 2:
                await progress.reach((number + 0.25) / (KILLS + 1), service)
                await server.end(signal.SIGKILL)
                async with server.running():  # the outer one stops it
                    pass
            await progress.reach((number + 0.5) / (KILLS + 1), service)
            await service.kill()
    progress.allowed = EVENTS


async def test_every_event_once_and_in_order(folder: Path) -> None:
    """Whoever listens to all, to a project or to a task gets each of its events once, in the order of the log, with the
    view after it, however often the line, the API process and PostgreSQL break."""
    draw = random.Random(SEED)
    streams = [new_stream() for _ in range(EVENTS // LENGTH)]
    server = Server(folder / "server")
    async with server.running(), TcpRelay.opened(NOBODY) as relay:
        await migrate(server.dsn)
        async with pixel(server.dsn, folder):
            pass  # registers the models
        async with opened(server.dsn, listening=True, patience_seconds=2) as log, asyncio.TaskGroup() as group:
            begin = await log.head()
            paths = [f"/api/v1/events?types=task&after={begin}"]
            paths += [f"/api/v1/events?projectId={number}&after={begin}" for number in range(PROJECTS)]
            paths.append(f"/api/v1/tasks/{task_id(streams[0])}/events?after={begin}")
            sources = [EventSource(paths[number % len(paths)]) for number in range(CLIENTS)]
            progress = Progress()
            done = asyncio.Event()
            left = [*streams]
            writing = [group.create_task(write(log, left, progress)) for _ in range(WRITERS)]
            for source in sources:
                group.create_task(come_and_go(source, relay.url, draw, done))
            await break_it(server, folder, relay, progress)
            async with api(server.dsn, folder, relay) as service:
                await asyncio.wait(writing)
                everything = await expected(log)
                wanted = [
                    [(one.position, one.view) for one in everything if is_wanted(one, source)] for source in sources
                ]

                async def complete() -> bool:
                    return all(source.last == own[-1][0] for source, own in zip(sources, wanted, strict=True))

                await eventually("everybody to have everything", complete, service.log)
                done.set()
    assert len(everything) == progress.written == len(streams) * LENGTH
    for source, own in zip(sources, wanted, strict=True):
        assert {sent.name for sent in source.events} == {"task"}
        assert [(sent.id, sent.data) for sent in source.events] == own, f"PIXEL_TEST_KILL_SEED={SEED}: {source.path}"
    print(f"seed {SEED}: {len(everything)} events, {sum(source.connected for source in sources)} connections")
