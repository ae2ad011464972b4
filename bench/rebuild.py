"""How fast is a read model rebuilt, and does its memory stay flat? 200,000 events into the tasks read model."""

import asyncio
import sys
import time
from collections.abc import Sequence
from statistics import median

import msgspec
import psutil
import uvloop

from bench import seed
from bench.payload import IN_FLIGHT
from bench.report import Row, at_least
from bench.rig import Rig, child
from projections.convoy import Convoy
from projections.read_models import READ_MODELS
from projections.runner import Runner
from runtime.garbage import collect_rarely

EVENTS = 200_000
MAX_GROWTH = 0.1


class Rebuilt(msgspec.Struct):
    """One rebuild: its duration in seconds, and the memory of its process after each batch, in bytes."""

    events: int
    seconds: float
    before: int
    rss: list[int]


async def measure(rig: Rig) -> list[Row]:
    """Two rows: speed and memory."""
    found: list[Rebuilt] = []
    async with rig.database("bench_rebuild") as dsn:
        rig.report_progress(f"rebuild: filling the log with {6 * rig.pace.rebuild_tasks:,} events")
        await seed.tasks(dsn, rig.pace.rebuild_tasks)
        await seed.models(dsn)
        for turn in range(rig.pace.rounds):
            rig.report_progress(f"rebuild, turn {turn + 1}")
            found.append(msgspec.convert(await child("bench.rebuild", dsn, "tasks"), Rebuilt))
    speed = median(each.events / each.seconds for each in found)
    # In the first tenth memory grows anyway: caches, prepared statements, buffers of the first batches.
    growth = median(max(each.rss) / each.rss[len(each.rss) // 10] - 1 for each in found)
    last = found[-1]
    mib = [f"{size / 2**20:.0f}" for size in (last.before, last.rss[len(last.rss) // 10], max(last.rss), last.rss[-1])]
    return [
        Row(
            what=f"rebuild of the tasks read model, {last.events:,} events",
            ours=f"{speed:,.0f} events/s",
            value=speed,
            target=at_least(80_000, "events/s"),
            how=f"{rig.pace.rounds} turns of `Runner.rebuild` in a process of its own, from the first event to the "
            f"moved view. {rig.pace.rebuild_tasks:,} tasks of six events each, {IN_FLIGHT} under way at a time.",
        ),
        Row(
            what="the same: memory",
            compared_with="the same at a tenth of the way",
            ours=f"start {mib[0]}, peak {mib[2]}, end {mib[3]} MiB",
            theirs=f"{mib[1]} MiB",
            value=1 + growth,
            target=_FLAT,
            how="Resident memory of that process, read after every batch; shown: the last turn.",
        ),
    ]


_FLAT = at_least(0)._replace(text="flat: ≤ 1.1 x", met=lambda value: value <= 1 + MAX_GROWTH)


async def _rebuild(dsn: str, names: Sequence[str]) -> Rebuilt:
    models = [model for model in READ_MODELS if model.name in names]
    process, rss = psutil.Process(), list[int]()
    async with seed.open_log(dsn) as log:
        events, convoy = await log.head(), Convoy(log, members=len(models))
        before, started = process.memory_info().rss, time.perf_counter()
        runners = [
            Runner(model, log, dsn, advanced=lambda _: rss.append(process.memory_info().rss)) for model in models
        ]
        await asyncio.gather(*(runner.rebuild(convoy=convoy) for runner in runners))
        return Rebuilt(events, time.perf_counter() - started, before, rss)


def main(arguments: Sequence[str]) -> None:
    """Build read models anew, side by side, and print how it went as JSON."""
    dsn, *names = arguments
    collect_rarely()  # as the command does
    sys.stdout.write(msgspec.json.encode(uvloop.run(_rebuild(dsn, names))).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
