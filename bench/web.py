"""How fast is the API? One process of it, compared with FastAPI and SQLModel, and a handler that stores nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote
from uuid import UUID

import asyncpg
import msgspec

from bench import no_storage, seed
from bench.load import CONNECTIONS, THREADS, Load, Shot, describe, fire, median_load
from bench.payload import BODY
from bench.report import Row, at_least, at_most
from bench.rig import Rig, Unmeasurable, child, database_name, free_port, socket_folder
from domain.ids import task_id
from projections.task_view import TaskView
from projections.tasks import TASKS

POST = Shot("post", "POST", ["/api/v1/generations/image"], msgspec.json.encode(BODY))
NO_STORAGE = Shot("no storage", "POST", [no_storage.PATH], POST.body)
RIVAL = "FastAPI + SQLModel + asyncpg"
MAX_PATHS = 2000


async def post(rig: Rig) -> list[Row]:
    """POST of a generation, durable, compared with one INSERT."""
    async with (
        rig.database("bench_pixel") as dsn,
        rig.database("bench_rival", migrated=False) as rival_dsn,
    ):
        await seed.models(dsn)
        await _make_rival(rival_dsn)
        async with _pixel(rig, dsn) as port, _rival(rig, rival_dsn) as rival_port:
            ours, theirs = await _in_turns(rig, (port, POST), (rival_port, POST))
        await _stored(dsn, "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'", ours)
        await _stored(rival_dsn, "SELECT count(*) FROM tasks", theirs)
    a, b = median_load(ours), median_load(theirs)
    return [
        Row(
            what="POST generation, durable, one API process",
            compared_with=f"{RIVAL}, one row, one process",
            ours=describe(a),
            theirs=describe(b),
            value=a.per_second / b.per_second,
            target=at_least(12),
            short="Half of a request's processor time is spent outside of the handler, in uvicorn, Litestar and the "
            "middlewares. On the machine of 28 November the code of 22 November reached 7.3 x, this one 5.7 x: the "
            "keys, their limits, and the checks of hosts and pages came between. The machine counts as much: 8.0 x on "
            "that of 22 November.",
            how=f"{_turns(rig)} `pixel serve --role api` beside one uvicorn process (uvloop, httptools, pool 32), "
            "same PostgreSQL, same body. Counted afterwards: no answer without its row.",
        ),
        Row(
            what="the same: p99",
            compared_with="the same",
            ours=f"{a.p99_ms:.1f} ms",
            theirs=f"{b.p99_ms:.1f} ms",
            value=a.p99_ms / b.p99_ms,
            target=at_most(0.25),
            how="The same turns: the 99th percentile that wrk saw in each, their median.",
        ),
    ]


async def get(rig: Rig) -> list[Row]:
    """GET of a task compared with one SELECT by primary key. Every second task runs, as when frontends poll."""
    count = rig.pace.seen_tasks
    async with (
        rig.database("bench_pixel") as dsn,
        rig.database("bench_rival", migrated=False) as rival_dsn,
    ):
        rig.report_progress(f"filling both with {count:,} tasks")
        streams = await seed.tasks(dsn, count, unfinished=count // 2)
        await seed.models(dsn)
        await seed.catch_up(dsn, TASKS)
        await _make_rival(rival_dsn)
        await _copy_tasks(dsn, rival_dsn)
        mine = get_shot(streams)
        other = Shot("get_rival", "GET", [f"/api/v1/tasks/{stream}" for stream in _some(streams)])
        async with _pixel(rig, dsn) as port, _rival(rig, rival_dsn) as rival_port:
            ours, theirs = await _in_turns(rig, (port, mine), (rival_port, other))
    a, b = median_load(ours), median_load(theirs)
    return [
        Row(
            what="GET task",
            compared_with=f"{RIVAL}, one row by primary key",
            ours=describe(a),
            theirs=describe(b),
            value=a.per_second / b.per_second,
            target=at_least(12),
            short="Most of a request is Litestar's and uvicorn's processor time. The ratio depends on the machine: 8.4 "
            "to 10.0 x on that of 22 November; on that of 28 November the same code reached 7.4 x and this one 6.1 x, "
            "with 6,880 and 6,660 requests a second. What else was tried is in `docs/performance.md`.",
            how=f"{_turns(rig)} {count:,} tasks with the same content on both sides, {len(mine.paths):,} of them "
            "asked for in turn; half of them under way, half completed with one image.",
        )
    ]


def get_shot(streams: Sequence[UUID]) -> Shot:
    """GET of some of these tasks, in turn."""
    return Shot("get", "GET", [f"/api/v1/tasks/{task_id(stream)}" for stream in _some(streams)])


def _some(streams: Sequence[UUID]) -> Sequence[UUID]:
    return streams[:: max(1, len(streams) // MAX_PATHS)]


async def floor(rig: Rig) -> list[Row]:
    """POST of a generation compared with the same HTTP and validation without storage."""
    async with rig.database("bench_pixel") as dsn:
        await seed.models(dsn)
        async with _pixel(rig, dsn, "bench.no_storage") as port:
            ours, theirs = await _in_turns(rig, (port, POST), (port, NO_STORAGE))
    a, b = median_load(ours), median_load(theirs)
    return [
        Row(
            what="POST generation",
            compared_with="a handler on the same server that checks the same body and stores nothing",
            ours=describe(a),
            theirs=describe(b),
            value=a.per_second / b.per_second,
            target=at_least(0.85),
            how=f"{_turns(rig)} Both routes in one process: `pixel serve --role api` with one route more "
            "(`bench/no_storage.py`).",
        )
    ]


async def _in_turns(rig: Rig, first: tuple[int, Shot], second: tuple[int, Shot]) -> tuple[list[Load], list[Load]]:
    """Measure A, B, A, B …, after a short warm-up of both that is not measured."""
    loads: tuple[list[Load], list[Load]] = ([], [])
    for port, shot in (first, second):
        rig.report_progress(f"{shot.name}: warming up")
        await fire(rig, port, shot, seconds=1)
    for turn in range(rig.pace.rounds):
        for (port, shot), seen in zip((first, second), loads, strict=True):
            rig.report_progress(f"{shot.name}, turn {turn + 1}")
            seen.append(await fire(rig, port, shot, seconds=rig.pace.seconds))
    return loads


def _turns(rig: Rig) -> str:
    turns = f"{rig.pace.rounds} turns of {rig.pace.seconds} s each"
    return f"wrk -t{THREADS} -c{CONNECTIONS}, {turns}, every answer 2xx."


async def _stored(dsn: str, count: str, loads: Sequence[Load]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        stored = int(await connection.fetchval(count))
    finally:
        await connection.close()
    answered = sum(load.requests for load in loads)
    if stored < answered:
        raise Unmeasurable(f"{answered} requests were answered with 2xx, but only {stored} are stored")


# --- The two services ---


@asynccontextmanager
async def _pixel(rig: Rig, dsn: str, *command: str) -> AsyncGenerator[int]:
    port = free_port()
    environment = rig.pixel_environment(dsn, port)
    async with rig.serving(*(command or SERVE), environment=environment, port=port):
        yield port


SERVE = ("runtime.cli.main", "serve", "--role", "api")


@asynccontextmanager
async def _rival(rig: Rig, dsn: str) -> AsyncGenerator[int]:
    port = free_port()
    fast = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    command = ("uvicorn", "bench.without_events:app", "--port", str(port), *fast)
    async with rig.serving(*command, environment=_alternative_environment(dsn), port=port, path="/openapi.json"):
        yield port


async def _make_rival(dsn: str) -> None:
    await child("bench.without_events", environment=_alternative_environment(dsn))


def _alternative_environment(dsn: str) -> dict[str, str]:
    host = quote(socket_folder(dsn))
    return {"BENCH_RIVAL_URL": f"postgresql+asyncpg://postgres@/{database_name(dsn)}?host={host}&port=5432"}


async def _copy_tasks(dsn: str, rival_dsn: str) -> None:
    """Store the same tasks in the table of the other side."""
    source, target = await asyncpg.connect(dsn), await asyncpg.connect(rival_dsn)
    try:
        views = [
            (row[0], msgspec.json.decode(row[1], type=TaskView))
            for row in await source.fetch("SELECT stream, body FROM tasks")
        ]
        rows = [
            (
                stream,
                view.type.value,
                view.status.value,
                view.model,
                msgspec.json.encode(view.params).decode(),
                view.project_id,
                view.source,
                view.source_id,
                msgspec.json.encode(view.result).decode() if view.result else None,
                view.created_at,
                view.updated_at,
            )
            for stream, view in views
        ]
        await target.copy_records_to_table("tasks", records=rows, columns=_COLUMNS)
        await target.execute("VACUUM ANALYZE tasks")
    finally:
        await source.close()
        await target.close()


_COLUMNS = (
    "id",
    "type",
    "status",
    "model",
    "params",
    "project_id",
    "source",
    "source_id",
    "result",
    "created_at",
    "updated_at",
)
