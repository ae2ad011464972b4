"""How many whole tasks a second, from a request over HTTP to its end? Pixel compared with DBOS and procrastinate."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from statistics import median
from typing import LiteralString, NamedTuple
from urllib.parse import quote

import asyncpg
import msgspec

from bench import burst, cost
from bench.cost import NO_CPU, Counts, Cpu
from bench.payload import PROMPT
from bench.report import Row, at_least, at_most, rate
from bench.rig import Rig, Unmeasurable, database_name, free_port, socket_folder

PATH = "/api/v1/generations/text"
BODY = msgspec.json.encode({"model": "sandbox/text", "prompt": PROMPT})
WARM_UP = 20
MAX_SECONDS = 120.0
LOOK_SECONDS = 0.02
DBOS_DOES = (
    "DBOS does the same kind of work: the request is stored before it is answered, and each step once it is done, so "
    "that a restart goes on behind it."
)
DBOS_DOES_LESS = (
    "It does less: its steps return at once; nothing is recorded before a step acts, no provider keeps books in the "
    "same database, the body is hardly checked, and there is no history but the last state of each step. Pixel makes "
    "its text, keeps the sandbox's books and four read models."
)
PROCRASTINATE_DOES_LESS = (
    "procrastinate does much less: a row is inserted, taken and marked as done. Nothing is recorded of what the job "
    "did, its result is not kept, and a job that was interrupted is not gone on with."
)
FAST = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


class Contender(NamedTuple):
    """A service that takes requests at PATH. `ended` counts its tasks that were completed after `head`, which keeps the
    count itself cheap."""

    name: str
    dsn: str
    port: int
    pid: int
    ended: LiteralString
    head: LiteralString = "SELECT 0::bigint"


class Turns(NamedTuple):
    """What a contender did: tasks a second in each turn, and processor time in all of them."""

    per_second: list[float]
    cpu: Cpu
    seconds: float


async def measure(rig: Rig) -> list[Row]:
    """Five rows: the comparison with each rival, and the cost of a task."""
    count = rig.pace.whole_tasks
    async with _contenders(rig) as contenders:
        for contender in contenders:
            rig.report_progress(f"whole tasks: warming up {contender.name}")
            await _burst(contender, WARM_UP)
        turns = {contender.name: Turns([], NO_CPU, 0.0) for contender in contenders}
        for turn in range(rig.pace.rounds):
            for contender in contenders:
                rig.report_progress(f"whole tasks, turn {turn + 1}: {contender.name}")
                turns[contender.name] = await _turn(rig, contender, count, turns[contender.name])
        rig.report_progress("whole tasks: counting transactions")
        counted = await _counted(contenders, count)
    return _rows(rig, turns, counted)


def _rows(rig: Rig, turns: dict[str, Turns], counted: dict[str, Counts]) -> list[Row]:
    count, pixel = rig.pace.whole_tasks, turns["Pixel"]
    dbos, plain = f"DBOS {version('dbos')}", f"procrastinate {version('procrastinate')}"
    speed = {name: median(found.per_second) for name, found in turns.items()}
    cpu_ms = {name: sum(found.cpu) / len(found.per_second) / count * 1000 for name, found in turns.items()}
    of_pixel = counted["Pixel"]
    transactions = {name: found.transactions / count for name, found in counted.items()}
    what = "whole tasks, request over HTTP to `completed`"
    others = "; ".join(f"{name} {figure:.1f}" for name, figure in transactions.items() if name != "Pixel")
    return [
        Row(
            what=f"{what} (sandbox/text, zero latency, {count} at once)",
            compared_with=f"{dbos}, a workflow of three durable steps",
            ours=rate(pixel.per_second, "tasks/s"),
            theirs=rate(turns["DBOS"].per_second, "tasks/s"),
            value=speed["Pixel"] / speed["DBOS"],
            target=at_least(8),
            how=f"{rig.pace.rounds} turns of {count} requests over 64 connections, from the first byte to the last "
            "task that is completed in the database. `pixel serve` (all roles, one process, its defaults) beside one "
            "uvicorn process (uvloop, httptools) with FastAPI and DBOS, its defaults; its system database is on the "
            "same server.",
            notes=(DBOS_DOES, DBOS_DOES_LESS),
        ),
        Row(
            what="the same",
            compared_with=f"{plain}, one plain job",
            ours=rate(pixel.per_second, "tasks/s"),
            theirs=rate(turns["procrastinate"].per_second, "tasks/s"),
            value=speed["Pixel"] / speed["procrastinate"],
            target=at_least(1.2),
            how="The same turns. One uvicorn process with FastAPI and procrastinate's worker in it, as many jobs at a "
            "time as Pixel has places for a provider.",
            notes=(PROCRASTINATE_DOES_LESS,),
        ),
        Row(
            what=f"{what}: transactions a task",
            ours=f"{transactions['Pixel']:.1f}",
            value=transactions["Pixel"],
            target=at_most(5, "a task"),
            how=f"`pg_stat_database` before and after {count} tasks, less what the same time without tasks counts; "
            "reads are transactions, too.",
            notes=(f"of the others: {others}", f"events a task: {of_pixel.events / count:.1f}"),
        ),
        Row(
            what=f"{what}: stream reads a task",
            ours=f"{(of_pixel.scans - of_pixel.events) / count:.1f}",
            value=(of_pixel.scans - of_pixel.events) / count,
            target=at_most(3, "a task"),
            how="Scans of the log's primary key, less one for each event that is appended.",
            notes=(f"with those of the appends: {of_pixel.scans / count:.1f}",),
        ),
        Row(
            what=f"{what}: processor time a task",
            ours=f"{cpu_ms['Pixel']:.2f} ms",
            value=cpu_ms["Pixel"],
            target=at_most(1.8, "ms"),
            how="Of the service and of PostgreSQL, over all turns.",
            notes=tuple(
                f"{name}: {cpu_ms[name]:.2f} ms; {cost.shares(found.cpu, len(found.per_second) * count, found.seconds)}"
                for name, found in turns.items()
            ),
        ),
    ]


async def _turn(rig: Rig, contender: Contender, count: int, so_far: Turns) -> Turns:
    before, started = cost.cpu(rig, contender.pid), time.perf_counter()
    await _burst(contender, count)
    seconds = time.perf_counter() - started
    cpu = cost.cpu(rig, contender.pid).since(before)
    return Turns([*so_far.per_second, count / seconds], so_far.cpu.plus(cpu), so_far.seconds + seconds)


async def _counted(contenders: list[Contender], count: int) -> dict[str, Counts]:
    """What PostgreSQL counts for so many tasks of each, less what it counts while they rest.

    All wait together for the counters, which come late. They rest last, when nothing late can come any more."""
    clock, busy = time.perf_counter, dict[str, float]()
    await cost.settled()
    before, before_at = {each.name: await cost.counts(each.dsn) for each in contenders}, clock()
    for contender in contenders:
        started = clock()
        await _burst(contender, count)
        busy[contender.name] = clock() - started
    await cost.settled()
    after, after_at = {each.name: await cost.counts(each.dsn) for each in contenders}, clock()
    await cost.settled()
    rested, rested_at = {each.name: await cost.counts(each.dsn) for each in contenders}, clock()
    found: dict[str, Counts] = {}
    for name, seconds in busy.items():
        resting = (after_at - before_at - seconds) / (rested_at - after_at)
        found[name] = after[name].since(before[name], rested[name].since(after[name]).times(resting))
    return found


async def _burst(contender: Contender, count: int) -> None:
    """Request so many tasks, and wait until all of them are completed."""
    connection = await asyncpg.connect(contender.dsn)
    try:
        head = await connection.fetchval(contender.head)
        ended = int(await connection.fetchval(contender.ended, head)) + count
        async with asyncio.timeout(MAX_SECONDS):
            await burst.post(contender.port, PATH, BODY, count)
            while await connection.fetchval(contender.ended, head) < ended:
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise Unmeasurable(f"{contender.name} did not complete {count} tasks in {MAX_SECONDS:.0f} s") from None
    finally:
        await connection.close()


# --- The contenders ---


@asynccontextmanager
async def _contenders(rig: Rig) -> AsyncGenerator[list[Contender]]:
    async with AsyncExitStack() as stack:
        found: list[Contender] = []
        dsn, port = await stack.enter_async_context(rig.database("bench_whole")), free_port()
        environment = rig.pixel_environment(dsn, port)
        serving = rig.serving("runtime.cli.main", "serve", environment=environment, port=port)
        process = await stack.enter_async_context(serving)
        found.append(Contender("Pixel", dsn, port, process.pid, _PIXEL, _HEAD))
        for name, module, ended in (("DBOS", "dbos", _DBOS), ("procrastinate", "procrastinate", _PROCRASTINATE)):
            dsn = await stack.enter_async_context(rig.database(f"bench_{module}", migrated=False))
            port = free_port()
            command = ("uvicorn", f"bench.{module}_rival:app", "--port", str(port), *FAST)
            address = f"postgresql://postgres@/{database_name(dsn)}?host={quote(socket_folder(dsn))}&port=5432"
            serving = rig.serving(
                *command, environment={f"BENCH_{module.upper()}_URL": address}, port=port, path="/openapi.json"
            )
            process = await stack.enter_async_context(serving)
            found.append(Contender(name, dsn, port, process.pid, ended))
        yield found


_HEAD: LiteralString = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
_PIXEL: LiteralString = "SELECT count(*) FROM stored_events WHERE topic = 'TaskCompleted' AND notification_id > $1"
_DBOS: LiteralString = "SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS' AND $1::bigint = 0"
_PROCRASTINATE: LiteralString = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded' AND $1::bigint = 0"
