"""How do lists, claims, budgets and rebuilds do on a large log? All of it is of today: the worst case for sums."""

import asyncio
import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from statistics import median
from typing import LiteralString, NamedTuple
from urllib.parse import unquote, urlencode

import asyncpg
import msgspec

from adapters.postgres import work_queue
from adapters.postgres.database import open_pool
from bench import burst, claims, seed, variety
from bench.payload import CAUSE
from bench.rebuild import Rebuilt
from bench.report import Row, at_least, at_most, percentile
from bench.rig import Rig, Unmeasurable, child, free_port
from bench.variety import projects_of
from bench.web import SERVE
from domain.budget import Budget, Candidate, ExchangeRates
from domain.money import Cost
from projections.read_models import READ_MODELS
from projections.spending import SPENDING
from services.budget_guard import BudgetGuard

COPY_AT_ONCE = 50_000
RESERVATIONS = 2000
CHANGES = 100
CLAIM_SECONDS = 15.0
WARM_UP = 20
RATES = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.14")})
BUDGETS = [Budget(most=Decimal(10**9)), Budget(most=Decimal(10**6), project="*")]


class _Budgets(NamedTuple):
    """Milliseconds: of each check, of each refresh after some changes, and of the first look at all sums."""

    checks: list[float]
    refreshes: list[float]
    whole: float


async def measure(rig: Rig) -> list[Row]:
    """Rows for rebuilds, lists, budgets, and claims."""
    count = rig.pace.many_tasks
    async with rig.database("bench_million") as dsn:
        await _fill(rig, dsn, count)
        await seed.models(dsn)
        rebuilt = await _rebuild(rig, dsn, count)
        await _analyse(dsn)
        lists = await _lists(rig, dsn)
        rig.report_progress("a large log: budgets")
        budgets = await _budgets(dsn)
        rig.report_progress("a large log: claims")
        seen = await _claims(rig, dsn)
    return [
        _rebuild_row(count, rebuilt),
        _list_row(count, lists),
        *_budget_rows(count, budgets),
        _claim_row(count, seen),
    ]


# --- The fill ---


async def _fill(rig: Rig, dsn: str, count: int) -> None:
    now = datetime.now(UTC)
    events = variety.log_of(count, begin=now.replace(hour=0, minute=0, second=0, microsecond=0), end=now)
    metadata = msgspec.json.encode(CAUSE).decode()
    connection = await asyncpg.connect(dsn)
    try:
        copied = 0
        while rows := [(*event, metadata) for event in islice(events, COPY_AT_ONCE)]:
            await connection.copy_records_to_table("stored_events", records=rows, columns=seed.COLUMNS)
            copied += len(rows)
            rig.report_progress(f"filling a large log: {copied:,} events")
        await connection.execute("VACUUM ANALYZE stored_events")
    finally:
        await connection.close()


async def _analyse(dsn: str) -> None:
    """What autovacuum does within minutes."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


# --- Rebuilds ---


async def _rebuild(rig: Rig, dsn: str, count: int) -> tuple[Rebuilt, Rebuilt]:
    """The tasks read model alone, then all of them side by side."""
    found: list[Rebuilt] = []
    for names in (["tasks"], [model.name for model in READ_MODELS]):
        rig.report_progress(f"a large log: building {', '.join(names)}")
        seconds = 180.0 + count / 500
        found.append(msgspec.convert(await child("bench.rebuild", dsn, *names, seconds=seconds), Rebuilt))
    return found[0], found[1]


def _rebuild_row(count: int, rebuilt: tuple[Rebuilt, Rebuilt]) -> Row:
    alone, together = rebuilt
    speed = alone.events / alone.seconds
    all_speed = together.events / together.seconds
    return Row(
        what=f"rebuild of the tasks read model, {count:,} tasks of every kind, {alone.events:,} events",
        ours=f"{speed:,.0f} events/s",
        value=speed,
        target=at_least(80_000, "events/s"),
        how="`Runner.rebuild` in a process of its own, once.",
        notes=(
            f"all {len(READ_MODELS)} read models side by side: {all_speed:,.0f} events/s of the log",
            f"memory of that process: {max(together.rss) / 2**20:.0f} MiB at most",
        ),
    )


# --- Lists ---


async def _lists(rig: Rig, dsn: str) -> dict[str, list[float]]:
    """The milliseconds of each list, asked for again and again."""
    port = free_port()
    async with rig.serving(*SERVE, environment=rig.pixel_environment(dsn, port), port=port):
        await burst.get(port, ["/api/v1/tasks"] * WARM_UP)
        found: dict[str, list[float]] = {}
        for query in _queries():
            text = urlencode(query)
            rig.report_progress(f"a large log: list by {text[:30]}")
            paths = [f"/api/v1/tasks?{text}"] * rig.pace.lists
            try:
                took = await burst.get(port, paths)
            except Unmeasurable:
                took = [math.inf]  # refused, because it took too long
            found[unquote(text) or "no filter"] = [1000 * seconds for seconds in took]
        return found


def _queries() -> Iterator[dict[str, str]]:
    """Each filter by itself, with values that are frequent, rare and unknown, and pairs."""
    now = datetime.now(UTC)
    middle = now.replace(hour=0, minute=0, second=0, microsecond=0)
    middle += (now - middle) / 2
    yield {}
    for status in ("pending", "processing", "completed", "failed"):
        yield {"status": status}
    yield from ({"type": kind} for kind in ("image", "video", "audio", "llm"))
    yield from ({"model": model} for model in ("sandbox/image", "kling/video", "nobody/nothing"))
    yield from ({"projectId": project} for project in ("proj_000007", "proj_unknown"))
    yield from ({"source": source} for source in ("canvas", "storyboard", "unknown"))
    yield {"sourceId": "canvas_3"}
    yield {"createdAfter": (now + timedelta(days=1)).isoformat()}
    yield {"createdAfter": middle.isoformat()}
    yield {"createdBefore": middle.isoformat()}
    yield {"createdBefore": (now - timedelta(days=2)).isoformat()}
    yield {"createdAfter": middle.isoformat(), "createdBefore": (middle + timedelta(minutes=1)).isoformat()}
    yield {"projectId": "proj_000007", "status": "failed"}
    yield {"source": "canvas", "sourceId": "canvas_3"}
    yield {"status": "failed", "type": "audio", "source": "storyboard"}


def _list_row(count: int, lists: dict[str, list[float]]) -> Row:
    worst, times = max(lists.items(), key=lambda each: percentile(each[1], 99))
    return Row(
        what=f"`GET /tasks` with any filter, {count:,} tasks: p99 of the slowest",
        ours=f"p50 {median(times):.1f} ms, p99 {percentile(times, 99):.1f} ms ({worst})",
        value=percentile(times, 99),
        target=at_most(50, "ms"),
        how=f"`pixel serve --role api`, one caller, the first page of each list {len(times)} times.",
        notes=tuple(
            f"{query}: p50 {median(each):.1f} ms, p99 {percentile(each, 99):.1f} ms" for query, each in lists.items()
        ),
    )


# --- Budgets ---


async def _budgets(dsn: str) -> _Budgets:
    pool = await open_pool(dsn, size=2)
    try:
        guard, clock = BudgetGuard(pool, BUDGETS, RATES), time.perf_counter
        started = clock()
        await guard.refresh()
        whole = clock() - started
        chain = [Candidate("sandbox/image", Cost(amount=Decimal("0.04"), currency="USD", price_revision=1))]
        checks: list[float] = []
        for number in range(RESERVATIONS):
            started = clock()
            guard.reserve(f"proj_{number:06}", chain)
            checks.append(1000 * (clock() - started))
        refreshes: list[float] = []
        for _ in range(3):
            await _change(dsn)
            started = clock()
            await guard.refresh()
            refreshes.append(1000 * (clock() - started))
    finally:
        await pool.close()
    return _Budgets(checks, refreshes, 1000 * whole)


async def _change(dsn: str) -> None:
    """Some new tasks of other projects, which the spending table has taken in."""
    now = datetime.now(UTC)
    metadata = msgspec.json.encode(CAUSE).decode()
    connection = await asyncpg.connect(dsn)
    try:
        rows = [(*event, metadata) for event in variety.log_of(CHANGES, begin=now, end=now)]
        await connection.copy_records_to_table("stored_events", records=rows, columns=seed.COLUMNS)
    finally:
        await connection.close()
    await seed.catch_up(dsn, SPENDING)


def _budget_rows(count: int, found: _Budgets) -> list[Row]:
    spenders = projects_of(count)
    return [
        Row(
            what=f"a POST while budgets are in force, {spenders:,} projects that spend: what the budgets add",
            ours=f"p50 {median(found.checks):.3f} ms, p99 {percentile(found.checks, 99):.3f} ms",
            value=median(found.checks),
            target=at_most(0.2, "ms"),
            how=f"{len(found.checks):,} reservations in process, under two budgets: of all, and of each project.",
        ),
        Row(
            what=f"the sums of a day of {count:,} tasks, read again after {CHANGES} new ones",
            ours=f"{median(found.refreshes):.1f} ms; all of them, once at the start: {found.whole:.0f} ms",
            value=median(found.refreshes),
            target=at_most(20, "ms"),
            how="`BudgetGuard.refresh`, as each API process does twice a second: the statement and the new totals.",
        ),
    ]


# --- Claims ---


async def _queue(dsn: str) -> None:
    """The queue as it would be by now: all open tasks are in it, and the whole log was searched for them."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool:  # no timeout: one statement for all tasks
        await pool.execute(_SEARCHED)
        await work_queue.restore(pool)


async def _claims(rig: Rig, dsn: str) -> claims.Claims:
    await _queue(dsn)
    port = free_port()
    environment = rig.pixel_environment(dsn, port)
    async with (
        claims.watched(rig, dsn, share=1.0) as seen,
        rig.serving("runtime.cli.main", "serve", environment=environment, port=port, path="/health/live"),
    ):
        await asyncio.sleep(CLAIM_SECONDS)
    return seen


def _claim_row(count: int, seen: claims.Claims) -> Row:
    times = seen.milliseconds
    return Row(
        what=f"claim with {count // 10:,} open tasks",
        ours=str(seen),
        value=percentile(times, 99) if times else math.inf,
        target=at_most(20, "ms"),
        how=f"`pixel serve` for {CLAIM_SECONDS:.0f} s on the same log, whose open tasks are all due. "
        "From PostgreSQL's log: all statements of the worker with SKIP LOCKED.",
    )


_SEARCHED: LiteralString = "UPDATE work_queue SET position = (SELECT max(notification_id) FROM stored_events)"
