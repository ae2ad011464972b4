"""How soon does an event reach those who listen, and what do they cost? One API process with many open streams."""

import asyncio
import re
import resource
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from statistics import median
from typing import cast
from uuid import UUID

import msgspec
import psutil
import uvloop

from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from bench import seed
from bench.load import describe, fire, median_load
from bench.payload import CAUSE, history
from bench.report import Row, at_least, at_most, percentile
from bench.rig import Rig, child, free_port
from bench.web import POST, SERVE
from domain.base import Event, replace
from domain.task.events import TaskRequested

PER_SECOND = 200
LISTENERS = 10  # of each event
AT_ONCE = 50
OPEN_SECONDS = 120.0
LATE_SECONDS = 20.0


class Waits(msgspec.Struct):
    """Seconds from the answer of each append to the arrival at each of its listeners, and how late appends were."""

    waits: list[float]
    missing: int
    latest_start: float


async def measure(rig: Rig) -> list[Row]:
    """Two rows: the time to a client, with the memory of a stream; and POST with the streams open and without."""
    count, seconds = rig.pace.streams, rig.pace.stream_seconds
    async with rig.database("bench_streams") as dsn:
        await seed.models(dsn)
        port = free_port()
        bounds = {"PIXEL_MAX_EVENT_STREAMS": str(count), "PIXEL_CONNECTIONS_PER_ADDRESS": str(count + 1000)}
        environment = rig.pixel_environment(dsn, port) | bounds
        async with rig.serving(*SERVE, environment=environment, port=port) as process:
            await fire(rig, port, POST, seconds=1)
            server = psutil.Process(process.pid)
            before = server.memory_info().rss
            async with _held(port, count):
                each = (server.memory_info().rss - before) / count
            rig.report_progress(f"event to client, {count:,} streams")
            printed = await child("bench.streams", "listen", str(port), str(count), dsn, str(seconds))
            seen = msgspec.convert(printed, Waits)
            without, beside = [], []
            for turn in range(rig.pace.rounds):
                rig.report_progress(f"POST without streams and with them, turn {turn + 1}")
                without.append(await fire(rig, port, POST, seconds=rig.pace.seconds))
                async with _held(port, count):
                    beside.append(await fire(rig, port, POST, seconds=rig.pace.seconds))
    p50, p99 = median(seen.waits) * 1000, percentile(seen.waits, 99) * 1000
    a, b = median_load(beside), median_load(without)
    return [
        Row(
            what=f"event to client, {count:,} open streams, {PER_SECOND} task events/s",
            ours=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max(seen.waits) * 1000:.1f} ms",
            value=p99,
            target=at_most(250, "ms"),
            how=f"`pixel serve --role api`; another process appends one event each {1000 / PER_SECOND:g} ms for "
            f"{seconds} s, the latest {seen.latest_start * 1000:.0f} ms late, and listens: each stream to a project, "
            f"{LISTENERS} streams to each. From the answer of the append to the arrival at each of the {LISTENERS}: "
            f"{len(seen.waits):,} arrivals, {seen.missing} missing.",
            notes=[f"memory: {each / 1024:.0f} KiB for each open stream (resident, of the API process)"],
        ),
        Row(
            what="POST generation with these streams open",
            compared_with="the same process without them",
            ours=describe(a),
            theirs=describe(b),
            value=a.per_second / b.per_second,
            target=at_least(0.8),
            short="The follower of the log makes the view of each task that is posted, in the process that answers the "
            "POSTs, as somebody may want it.",
            how=f"wrk as for the POST above, {rig.pace.rounds} turns of {rig.pace.seconds} s each. The streams are "
            "opened for each turn; no event is one of theirs, but the follower reads all.",
        ),
    ]


# --- The other process: many clients, and whoever appends ---


class _Client(asyncio.Protocol):
    """One stream. Notes when each id came."""

    def __init__(self, path: str, opened: asyncio.Event, arrivals: list[tuple[int, float]]) -> None:
        self._path = path
        self._opened = opened
        self._arrivals = arrivals
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        cast(asyncio.Transport, transport).write(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % self._path.encode())

    def data_received(self, data: bytes) -> None:
        """Look for ids; the data of an event have no line breaks."""
        now = time.monotonic()
        data = self._rest + data
        if not self._opened.is_set() and b"retry: " in data:
            self._opened.set()
        whole, _, self._rest = data.rpartition(b"\n")
        self._arrivals += [(int(found), now) for found in re.findall(rb"^id: (\d+)$", whole, re.MULTILINE)]


async def _open(port: int, count: int) -> tuple[list[asyncio.BaseTransport], list[tuple[int, float]]]:
    """Open the streams, some at a time. Returns them, and where they note what comes."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    arrivals: list[tuple[int, float]] = []
    transports: list[asyncio.BaseTransport] = []
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(OPEN_SECONDS):
        for begin in range(0, count, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, count))
            opened = [asyncio.Event() for _ in numbers]
            for number, event in zip(numbers, opened, strict=True):
                path = f"/api/v1/events?projectId={number // LISTENERS}"
                made = partial(_Client, path, event, arrivals)
                transport, _ = await loop.create_connection(made, "127.0.0.1", port)
                transports.append(transport)
            for event in opened:
                await event.wait()
    return transports, arrivals


async def _listen(port: int, count: int, dsn: str, seconds: float) -> Waits:
    transports, arrivals = await _open(port, count)
    async with seed.open_log(dsn) as log:
        answers, latest = await _append(log, max(1, count // LISTENERS), seconds)
        deadline = time.monotonic() + LATE_SECONDS
        while len(arrivals) < len(answers) * LISTENERS and time.monotonic() < deadline:
            await asyncio.sleep(0.05)  # in here: a log that is closed does not announce its last append any more
    for transport in transports:
        transport.close()
    waits = [max(0.0, at - answers[position]) for position, at in arrivals if position in answers]
    return Waits(waits, len(answers) * LISTENERS - len(waits), latest)


async def _append(log: EventLog, projects: int, seconds: float) -> tuple[dict[int, float], float]:
    """Append the events of tasks at a steady pace. Returns when each position was answered, and the worst delay."""
    answers: dict[int, float] = {}
    latest = 0.0
    tasks = deque([(new_stream(), number, 0) for number in range(projects)])

    async def command(stream: UUID, project: int, version: int) -> None:
        receipt = await log.append(stream, version, [_event(stream, project, version)], CAUSE)
        answers[receipt.position] = time.monotonic()
        done = version + 1 == len(history(stream))
        tasks.append((new_stream(), project, 0) if done else (stream, project, version + 1))

    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * PER_SECOND)):
            at = started + number / PER_SECOND
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            latest = max(latest, time.monotonic() - at)
            while not tasks:
                await asyncio.sleep(0.001)
            group.create_task(command(*tasks.popleft()))
    return answers, latest


def _event(stream: UUID, project: int, version: int) -> Event:
    event = history(stream)[version]
    return replace(event, project_id=str(project)) if isinstance(event, TaskRequested) else event


@asynccontextmanager
async def _held(port: int, count: int) -> AsyncGenerator[None]:
    """Meanwhile the streams are open, in another process."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bench.streams", "hold", str(port), str(count), "", "0")
    holder = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert holder.stdout is not None
        async with asyncio.timeout(OPEN_SECONDS):
            assert await holder.stdout.readline() == b"open\n"
        yield
        await asyncio.wait_for(holder.communicate(b""), LATE_SECONDS)
    finally:
        if holder.returncode is None:
            holder.kill()
            await holder.wait()


async def _hold(port: int, count: int) -> None:
    """Keep the streams open until standard input ends."""
    transports, _ = await _open(port, count)
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for transport in transports:
        transport.close()


def main(arguments: Sequence[str]) -> None:
    """Listen and print the times as JSON, or hold."""
    what, port, count, dsn, seconds = arguments
    if what == "hold":
        uvloop.run(_hold(int(port), int(count)))
        return
    waits = uvloop.run(_listen(int(port), int(count), dsn, float(seconds)))
    sys.stdout.write(msgspec.json.encode(waits).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
