"""How soon does a read model show what a command did? 500 tasks a second, each timed from answer to visible row."""

import asyncio
import random
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from statistics import median

import msgspec
import uvloop

from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from bench import seed
from bench.payload import CAUSE, requested
from bench.report import Row, at_most, percentile
from bench.rig import Rig, child
from projections.builds import prepare
from projections.read_models import READ_MODELS
from projections.runner import Runner
from projections.tasks import TASKS

PER_SECOND = 500
SETTLE_SECONDS = 0.5
MAX_WAIT_SECONDS = 20.0

Steps = list[tuple[float, int]]
"""The commits of the read model: time (on the clock that all processes share), and position."""


class Waits(msgspec.Struct):
    """Seconds from the answer of each command to its row, and how late the commands themselves were sent."""

    waits: list[float]
    latest_start: float


async def measure(rig: Rig) -> list[Row]:
    """Two rows: the read models in the process that appends, and in another one."""
    rows: list[Row] = []
    places = {
        "together": ("`--role all`: the runner is in the process that appends", "wake-up"),
        "apart": ("`--role api` and `--role worker`: the runner is in another process", "NOTIFY"),
    }
    for place, (label, how) in places.items():
        async with rig.database(f"bench_visible_{place}") as dsn:
            await prepare(dsn, READ_MODELS)
            rig.report_progress(f"command to visible row, {place}")
            printed = await child("bench.visibility", place, dsn, str(rig.pace.visible_seconds))
        seen = msgspec.convert(printed, Waits)
        p50, p99 = median(seen.waits) * 1000, percentile(seen.waits, 99) * 1000
        rows.append(
            Row(
                what=f"command to visible row, {PER_SECOND} tasks/s",
                compared_with=label,
                ours=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max(seen.waits) * 1000:.1f} ms",
                value=p99,
                target=at_most(100, "ms"),
                how=f"{len(seen.waits):,} commands in {rig.pace.visible_seconds} s, arriving at random (Poisson), "
                f"never waiting for each other, the latest {seen.latest_start * 1000:.0f} ms late. From the answer of "
                f"the append to the commit of the tasks read model that covers its position, woken by {how}; all three "
                "read models run.",
            )
        )
    return rows


async def _together(dsn: str, seconds: float) -> Waits:
    async with seed.open_log(dsn) as log, _following(log, dsn) as steps:
        answers, latest = await _arrivals(log, seconds)
        await _until_seen(steps, answers)
        return Waits(_waits(steps, answers), latest)


async def _apart(dsn: str, seconds: float) -> Waits:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bench.visibility", "follow", dsn, "0")
    follower = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        assert follower.stdout is not None
        await follower.stdout.readline()  # it has started to follow
        async with seed.open_log(dsn) as log:
            answers, latest = await _arrivals(log, seconds)
        await asyncio.sleep(2 * SETTLE_SECONDS)
        output, _ = await asyncio.wait_for(follower.communicate(b""), MAX_WAIT_SECONDS)
        return Waits(_waits(msgspec.json.decode(output, type=Steps), answers), latest)
    finally:
        if follower.returncode is None:
            follower.kill()
            await follower.wait()


async def _follow(dsn: str, _: float) -> Steps:
    """Run the read models until standard input ends."""
    async with seed.open_log(dsn) as log, _following(log, dsn) as steps:
        sys.stdout.write("following\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        return steps


@asynccontextmanager
async def _following(log: EventLog, dsn: str) -> AsyncGenerator[Steps]:
    """Run all read models. Yields the commits of the measured one."""
    steps: Steps = []
    advanced = {TASKS.name: lambda position: steps.append((time.monotonic(), position))}
    runners = [Runner(model, log, dsn, advanced=advanced.get(model.name, lambda _: None)) for model in READ_MODELS]
    running = [asyncio.create_task(runner.run()) for runner in runners]
    await asyncio.sleep(SETTLE_SECONDS)
    try:
        yield steps
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _arrivals(log: EventLog, seconds: float) -> tuple[Steps, float]:
    """Send commands at random times that were drawn before. Returns the time of each answer, with its position."""
    answers: Steps = []
    latest = 0.0

    async def command(at: float) -> None:
        nonlocal latest
        latest = max(latest, time.monotonic() - at)
        stream = new_stream()
        receipt = await log.append(stream, 0, [requested(stream)], CAUSE)
        answers.append((time.monotonic(), receipt.position))

    draw, started = random.Random(7), time.monotonic()
    at = started
    async with asyncio.TaskGroup() as group:
        while (at := at + draw.expovariate(PER_SECOND)) < started + seconds:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            group.create_task(command(at))
    return answers, latest


async def _until_seen(steps: Steps, answers: Steps) -> None:
    last = max(position for _, position in answers)
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while not steps or steps[-1][1] < last:
            await asyncio.sleep(0.05)


def _waits(steps: Steps, answers: Steps) -> list[float]:
    """The seconds from each answer to the commit that made its row visible; 0 when that came first."""
    reached = [position for _, position in steps]
    return [max(0.0, steps[bisect_left(reached, position)][0] - at) for at, position in answers]


def main(arguments: Sequence[str]) -> None:
    """Run one side, and print its times as JSON."""
    place, dsn, seconds = arguments
    work = {"together": _together, "apart": _apart, "follow": _follow}[place]
    sys.stdout.write(msgspec.json.encode(uvloop.run(work(dsn, float(seconds)))).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
