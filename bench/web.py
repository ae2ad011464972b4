"""How fast is the API? One process of it, beside FastAPI with SQLModel, and beside a handler that stores nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote
from uuid import UUID

import asyncpg
import msgspec

from bench import hollow, seed
from bench.ground import Ground, Unmeasurable, child, database_name, free_port, socket_folder
from bench.load import CONNECTIONS, THREADS, Load, Shot, fire, middle, shown
from bench.payload import BODY
from bench.report import Row, at_least, at_most
from domain.ids import task_id
from projections.task_view import TaskView
from projections.tasks import TASKS

POST = Shot("post", "POST", ["/api/v1/generations/image"], msgspec.json.encode(BODY))
HOLLOW = Shot("hollow", "POST", [hollow.PATH], POST.body)
RIVAL = "FastAPI + SQLModel + asyncpg"
MAX_PATHS = 2000


async def post(ground: Ground) -> list[Row]:
    """POST generation, durable, beside one INSERT."""
    async with (
        ground.database("bench_pixel") as dsn,
        ground.database("bench_rival", migrated=False) as rival_dsn,
    ):
        await seed.models(dsn)
        await _make_rival(rival_dsn)
        async with _pixel(ground, dsn) as port, _rival(ground, rival_dsn) as rival_port:
            ours, theirs = await _in_turns(ground, (port, POST), (rival_port, POST))
        await _stored(dsn, "SELECT count(*) FROM stored_events WHERE topic = 'TaskRequested'", ours)
        await _stored(rival_dsn, "SELECT count(*) FROM tasks", theirs)
    a, b = middle(ours), middle(theirs)
    return [
        Row(
            what="POST generation, durable, one API process",
            beside=f"{RIVAL}, one row, one process",
            ours=shown(a),
            theirs=shown(b),
            value=a.per_second / b.per_second,
            target=at_least(8),
            how=f"{_turns(ground)} `pixel serve --role api` beside one uvicorn process (uvloop, httptools, pool 32), "
            "same PostgreSQL, same body. Counted afterwards: no answer without its row.",
        ),
        Row(
            what="the same: p99",
            beside="the same",
            ours=f"{a.p99_ms:.1f} ms",
            theirs=f"{b.p99_ms:.1f} ms",
            value=a.p99_ms / b.p99_ms,
            target=at_most(0.25),
            how="The same turns: the 99th percentile that wrk saw in each, their median.",
        ),
    ]


async def get(ground: Ground) -> list[Row]:
    """GET of a task beside one SELECT by primary key. Every second task is under way, as when frontends poll."""
    count = ground.pace.seen_tasks
    async with (
        ground.database("bench_pixel") as dsn,
        ground.database("bench_rival", migrated=False) as rival_dsn,
    ):
        ground.tell(f"filling both with {count:,} tasks")
        streams = await seed.tasks(dsn, count, unfinished=count // 2)
        await seed.models(dsn)
        await seed.catch_up(dsn, TASKS)
        await _make_rival(rival_dsn)
        await _copy_tasks(dsn, rival_dsn)
        mine = get_shot(streams)
        other = Shot("get_rival", "GET", [f"/api/v1/tasks/{stream}" for stream in _some(streams)])
        async with _pixel(ground, dsn) as port, _rival(ground, rival_dsn) as rival_port:
            ours, theirs = await _in_turns(ground, (port, mine), (rival_port, other))
    a, b = middle(ours), middle(theirs)
    return [
        Row(
            what="GET task",
            beside=f"{RIVAL}, one row by primary key",
            ours=shown(a),
            theirs=shown(b),
            value=a.per_second / b.per_second,
            target=at_least(10),
            short="About 60 µs of processor time a request, of which 27 are Litestar's and 17 uvicorn's; the other's "
            "share moves by a fifth from run to run with the machine: 8.4 to 10.0 in four runs. What else was tried "
            "is in `docs/performance.md`.",
            how=f"{_turns(ground)} {count:,} tasks with the same content on both sides, {len(mine.paths):,} of them "
            "asked for in turn; half of them under way, half completed with one image.",
        )
    ]


def get_shot(streams: Sequence[UUID]) -> Shot:
    """GET of some of these tasks, in turn."""
    return Shot("get", "GET", [f"/api/v1/tasks/{task_id(stream)}" for stream in _some(streams)])


def _some(streams: Sequence[UUID]) -> Sequence[UUID]:
    return streams[:: max(1, len(streams) // MAX_PATHS)]


async def floor(ground: Ground) -> list[Row]:
    """POST generation beside what HTTP and validation alone cost."""
    async with ground.database("bench_pixel") as dsn:
        await seed.models(dsn)
        async with _pixel(ground, dsn, "bench.hollow") as port:
            ours, theirs = await _in_turns(ground, (port, POST), (port, HOLLOW))
    a, b = middle(ours), middle(theirs)
    return [
        Row(
            what="POST generation",
            beside="a handler on the same server that checks the same body and stores nothing",
            ours=shown(a),
            theirs=shown(b),
            value=a.per_second / b.per_second,
            target=at_least(0.5),
            how=f"{_turns(ground)} Both routes in one process: `pixel serve --role api` with one route more "
            "(`bench/hollow.py`).",
        )
    ]


async def _in_turns(ground: Ground, first: tuple[int, Shot], second: tuple[int, Shot]) -> tuple[list[Load], list[Load]]:
    """A, B, A, B …, after a short warm-up of both, which counts only as requests."""
    loads: tuple[list[Load], list[Load]] = ([], [])
    for port, shot in (first, second):
        ground.tell(f"{shot.name}: warming up")
        await fire(ground, port, shot, seconds=1)
    for turn in range(ground.pace.rounds):
        for (port, shot), seen in zip((first, second), loads, strict=True):
            ground.tell(f"{shot.name}, turn {turn + 1}")
            seen.append(await fire(ground, port, shot, seconds=ground.pace.seconds))
    return loads


def _turns(ground: Ground) -> str:
    turns = f"{ground.pace.rounds} turns of {ground.pace.seconds} s each"
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
async def _pixel(ground: Ground, dsn: str, *command: str) -> AsyncGenerator[int]:
    port = free_port()
    environment = ground.pixel_environment(dsn, port)
    async with ground.serving(*(command or SERVE), environment=environment, port=port):
        yield port


SERVE = ("runtime.cli.main", "serve", "--role", "api")


@asynccontextmanager
async def _rival(ground: Ground, dsn: str) -> AsyncGenerator[int]:
    port = free_port()
    fast = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    command = ("uvicorn", "bench.rival:app", "--port", str(port), *fast)
    async with ground.serving(*command, environment=_rival_environment(dsn), port=port, path="/openapi.json"):
        yield port


async def _make_rival(dsn: str) -> None:
    await child("bench.rival", environment=_rival_environment(dsn))


def _rival_environment(dsn: str) -> dict[str, str]:
    host = quote(socket_folder(dsn))
    return {"BENCH_RIVAL_URL": f"postgresql+asyncpg://postgres@/{database_name(dsn)}?host={host}&port=5432"}


async def _copy_tasks(dsn: str, rival_dsn: str) -> None:
    """The same tasks for the other side, in its own table."""
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
