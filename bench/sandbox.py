"""How many tasks go through a whole Pixel, and how long does each stage take? Sandbox models without latency."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, LiteralString

import asyncpg
import httpx

from application.clock import new_stream, now
from bench import cost, seed
from bench.payload import CAUSE, PROMPT, requested
from bench.report import Row, percentile
from bench.rig import Rig, Unmeasurable, free_port
from domain.base import replace
from domain.ids import task_stream
from domain.model import Kind

MAX_SECONDS = 90.0
MAX_ALONE = 15
IMAGE: dict[str, Any] = {"model": "sandbox/image", "prompt": PROMPT, "resolution": "512", "aspectRatio": "1:1"}
TEXT: dict[str, Any] = {"model": "sandbox/text", "prompt": PROMPT}


async def measure(rig: Rig) -> list[Row]:
    """Two rows: text, which takes no time to make, and images of 512 x 512, which take some."""
    rows: list[Row] = []
    for kind, body, count in (
        ("text", TEXT, rig.pace.sandbox_texts),
        ("image", IMAGE, rig.pace.sandbox_images),
    ):
        async with rig.database(f"bench_{kind}") as dsn, _service(rig, dsn) as (client, pid):
            rig.report_progress(f"sandbox/{kind}: one at a time")
            await _send(client, kind, body, 3)  # warms up
            alone_seconds = await _send(client, kind, body, few := min(MAX_ALONE, rig.pace.sandbox_images))
            alone = await _stages(dsn, few)
            rig.report_progress(f"sandbox/{kind}: {count} at once")
            before, started = cost.cpu(rig, pid), time.perf_counter()
            await _request(dsn, kind, body, count)
            await _all_ended(dsn)
            seconds, spent = time.perf_counter() - started, cost.cpu(rig, pid).since(before)
            crowd = await _stages(dsn, count)
        rows.append(
            Row(
                what=f"sandbox/{kind}{' 512' if kind == 'image' else ''} tasks, zero latency, start to `completed`",
                ours=f"{count / seconds:,.0f} tasks/s; one alone: {median(alone_seconds) * 1000:.0f} ms",
                value=count / seconds,
                how=f"`pixel serve` (all roles, one process, its defaults): {count} requests appended at once, until "
                f"the last is completed. Alone: {few} POSTs one after the other, with `Prefer: wait`.",
                notes=(
                    f"one alone: {alone}",
                    f"{count} at once: {crowd}",
                    f"CPU a task, {count} at once: {cost.shares(spent, count, seconds)}",
                ),
            )
        )
    return rows


@asynccontextmanager
async def _service(rig: Rig, dsn: str) -> AsyncGenerator[tuple[httpx.AsyncClient, int]]:
    port = free_port()
    environment = rig.pixel_environment(dsn, port)
    async with (
        rig.serving("runtime.cli.main", "serve", environment=environment, port=port) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client, process.pid


async def _send(client: httpx.AsyncClient, kind: str, body: dict[str, Any], count: int) -> list[float]:
    """POST so many requests, one after the other, each to its end. Returns the seconds of each."""
    took: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        answer = await client.post(f"/api/v1/generations/{kind}", json=body, headers={"Prefer": "wait=30"})
        if answer.status_code != 200:
            raise Unmeasurable(f"POST was answered with {answer.status_code}: {answer.text[:300]}")
        took.append(time.perf_counter() - started)
    return took


async def _request(dsn: str, kind: str, body: dict[str, Any], count: int) -> None:
    """Append so many requests to the log at once, as the API of another node does."""
    params = {name: value for name, value in body.items() if name != "model"}
    word = Kind.LLM if kind == "text" else Kind(kind)
    async with seed.open_log(dsn) as log:
        at = now()
        events = [
            replace(requested(stream, at), kind=word, model=body["model"], params=params)
            for stream in (new_stream() for _ in range(count))
        ]
        await asyncio.gather(*(log.append(task_stream(event.task), 0, [event], CAUSE) for event in events))


async def _all_ended(dsn: str) -> None:
    """Wait until the log has the end of every task. Raises Unmeasurable when a task did not complete."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(MAX_SECONDS):
            while (row := await connection.fetchrow(_ENDS)) and row["completed"] < row["requested"]:
                if row["failed"]:
                    raise Unmeasurable(f"{row['failed']} sandbox tasks failed")
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Unmeasurable(f"not all tasks were completed in {MAX_SECONDS:.0f} s") from None
    finally:
        await connection.close()


async def _stages(dsn: str, newest: int) -> str:
    """The stages of the newest tasks, from the times at which their events were recorded."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(_STAGES, newest)
    finally:
        await connection.close()
    parts: list[str] = []
    for name, label in (("called", "requested → called"), ("accepted", "→ accepted"), ("completed", "→ completed")):
        figures = [float(row[name]) * 1000 for row in rows]
        parts.append(f"{label} {median(figures):.0f} ms (p99 {percentile(figures, 99):.0f})")
    return ", ".join(parts)


_ENDS: LiteralString = """
SELECT count(*) FILTER (WHERE topic = 'TaskRequested') AS requested,
       count(*) FILTER (WHERE topic = 'TaskCompleted') AS completed,
       count(*) FILTER (WHERE topic IN ('TaskFailed', 'TaskCancelled')) AS failed
FROM stored_events
"""
_STAGES: LiteralString = """
WITH newest AS (
    SELECT originator_id, recorded_at AS requested FROM stored_events
    WHERE topic = 'TaskRequested' ORDER BY notification_id DESC LIMIT $1
), times AS (
    SELECT n.requested,
           (SELECT min(recorded_at) FROM stored_events e
            WHERE e.originator_id = n.originator_id AND topic = 'ProviderCalled') AS called,
           (SELECT min(recorded_at) FROM stored_events e
            WHERE e.originator_id = n.originator_id AND topic = 'ProviderAccepted') AS accepted,
           (SELECT min(recorded_at) FROM stored_events e
            WHERE e.originator_id = n.originator_id AND topic = 'TaskCompleted') AS completed
    FROM newest n
)
SELECT extract(epoch FROM called - requested) AS called,
       extract(epoch FROM accepted - called) AS accepted,
       extract(epoch FROM completed - accepted) AS completed
FROM times
"""
