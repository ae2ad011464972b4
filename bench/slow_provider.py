"""How does Pixel work with a slow provider? Many orders at once, each of which takes long there."""

import asyncio
import time
from statistics import median
from typing import Any, LiteralString

import asyncpg
import msgspec

from bench import burst, claims, cost
from bench.payload import PROMPT
from bench.report import Row, at_most, percentile
from bench.rig import Rig, Unmeasurable, free_port

PATH = "/api/v1/generations/text"
GRACE_SECONDS = 60.0
SECONDS_AN_ORDER = 0.2


async def measure(rig: Rig) -> list[Row]:
    """Four rows: until all are accepted, from done to completed, processor time, claims."""
    count, latency = rig.pace.slow_orders, rig.pace.slow_seconds
    body = msgspec.json.encode(
        {"model": "sandbox/text", "prompt": PROMPT, "extraParams": {"sandbox": {"latency": latency}}}
    )
    async with rig.database("bench_slow") as dsn, claims.watched(rig, dsn, share=_share(count)) as seen:
        port = free_port()
        environment = rig.pixel_environment(dsn, port)
        async with rig.serving("runtime.cli.main", "serve", environment=environment, port=port) as process:
            rig.report_progress(f"slow provider: {count:,} orders of {latency:g} s")
            before, started = cost.cpu(rig, process.pid), time.perf_counter()
            await burst.post(port, PATH, body, count)
            posted = time.perf_counter() - started
            await _all_completed(dsn, count, latency + GRACE_SECONDS + SECONDS_AN_ORDER * count)
            seconds = time.perf_counter() - started
            spent = cost.cpu(rig, process.pid).since(before)
        found = await _found(dsn, latency)
    return _rows(count, latency, found, seen=seen, how=(posted, seconds, spent))


def _rows(
    count: int, latency: float, found: dict[str, Any], *, seen: claims.Claims, how: tuple[float, float, cost.Cpu]
) -> list[Row]:
    posted, seconds, spent = how
    late: list[float] = found["late"]
    what = f"{count:,} orders at once at a provider that takes {latency:g} s"
    cpu_ms = sum(spent) / count * 1000
    return [
        Row(
            what=f"{what}: until all are accepted",
            ours=f"{found['accepted']:.1f} s",
            value=found["accepted"],
            target=at_most(30, "s"),
            how=f"`pixel serve` (all roles, one process, its defaults); POSTs over 64 connections, all answered after "
            f"{posted:.1f} s. From the first request in the log to the last `ProviderAccepted`.",
            notes=(f"all completed after {seconds:.1f} s, of which {latency:g} s are the provider's",),
        ),
        Row(
            what=f"{what}: from done to `completed`, p95",
            ours=f"p50 {median(late):.2f} s, p95 {percentile(late, 95):.2f} s, p99 {percentile(late, 99):.2f} s",
            value=percentile(late, 95),
            target=at_most(1, "s"),
            how="From the moment at which the provider has the result, by its books, to `TaskCompleted` in the log.",
        ),
        Row(
            what=f"{what}: processor time a task",
            ours=f"{cpu_ms:.1f} ms",
            value=cpu_ms,
            target=at_most(8, "ms"),
            how="Of the service and of PostgreSQL, from the first request to the last end.",
            notes=(cost.shares(spent, count, seconds), f"events a task: {found['events'] / count:.1f}"),
        ),
        Row(
            what=f"{what}: claims",
            ours=str(seen),
            value=median(seen.milliseconds) if seen.milliseconds else 0.0,
            how="From PostgreSQL's log: a sample of the statements of the service, those with SKIP LOCKED among them.",
        ),
    ]


def _share(count: int) -> float:
    """The sample of statements: all where there are few tasks, for some thousand lines in any case."""
    return min(1.0, 200 / count)


async def _all_completed(dsn: str, count: int, max_seconds: float) -> None:
    """Look at new events only: PostgreSQL's processor time is measured."""
    connection = await asyncpg.connect(dsn)
    completed = position = 0
    try:
        async with asyncio.timeout(max_seconds):
            while completed < count:
                await asyncio.sleep(0.5)
                for at, topic in await connection.fetch(_ENDS, position):
                    if topic != "TaskCompleted":
                        raise Unmeasurable(f"a sandbox task ended with {topic}")
                    completed, position = completed + 1, at
    except TimeoutError:
        raise Unmeasurable(f"{completed} of {count} slow tasks were completed in {max_seconds:.0f} s") from None
    finally:
        await connection.close()


async def _found(dsn: str, latency: float) -> dict[str, Any]:
    connection = await asyncpg.connect(dsn)
    try:
        late = [float(row[0]) for row in await connection.fetch(_LATE, latency)]
        row = await connection.fetchrow(_ACCEPTED)
        assert row is not None
        return {"late": late, "accepted": float(row["seconds"]), "events": int(row["events"])}
    finally:
        await connection.close()


_ENDS: LiteralString = """
SELECT notification_id, topic FROM stored_events
WHERE notification_id > $1 AND topic IN ('TaskCompleted', 'TaskFailed', 'TaskCancelled') ORDER BY notification_id
"""
_ACCEPTED: LiteralString = """
SELECT extract(epoch FROM max(recorded_at) FILTER (WHERE topic = 'ProviderAccepted')
                          - min(recorded_at) FILTER (WHERE topic = 'TaskRequested')) AS seconds,
       count(*) AS events
FROM stored_events WHERE topic NOT LIKE 'Model%' AND topic <> 'DefaultModelChosen'
"""
_LATE: LiteralString = """
SELECT extract(epoch FROM ended.recorded_at - job.accepted_at) - $1::float8
FROM sandbox.jobs job
JOIN stored_events taken
    ON taken.topic = 'ProviderAccepted' AND convert_from(taken.state, 'UTF8')::jsonb ->> 'job' = job.job
JOIN stored_events ended ON ended.originator_id = taken.originator_id AND ended.topic = 'TaskCompleted'
"""
