"""How fast is an append? 64 commands at a time: Pixel's log, the library's recorder, pgbench's bare INSERT."""

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from statistics import median
from uuid import UUID

import msgspec
import uvloop

from adapters.postgres.database import open_pool
from adapters.postgres.event_log import EventLog
from application.clock import new_stream
from bench.payload import AT, CAUSE, requested
from bench.report import Row, at_least, rate
from bench.rig import Rig, child, database_name, program, run, socket_folder

COMMANDS = 64
THREADS = 16
CLIENTS = 16
WARM_UP_SECONDS = 0.5
MAX_PER_SECOND = 100_000


async def measure(rig: Rig) -> list[Row]:
    """Two rows: Pixel's log compared with the library, and with pgbench."""
    pixel: list[float] = []
    library: list[float] = []
    bare: list[float] = []
    async with (
        rig.database("bench_append") as dsn,
        rig.database("bench_library", migrated=False) as library_dsn,
        rig.database("bench_bare") as bare_dsn,
    ):
        seconds = str(rig.pace.seconds)
        for turn in range(rig.pace.rounds):
            rig.report_progress(f"append, turn {turn + 1}: Pixel")
            pixel.append(await child("bench.append", "pixel", dsn, seconds))
            rig.report_progress(f"append, turn {turn + 1}: eventsourcing")
            library.append(await child("bench.append", "library", library_dsn, seconds))
            rig.report_progress(f"append, turn {turn + 1}: pgbench")
            bare.append(await _pgbench(rig, bare_dsn))
    size = len(_state())
    return [
        Row(
            what=f"append, {COMMANDS} concurrent one-event commands",
            compared_with=f"`PostgresApplicationRecorder`, {THREADS} threads, its defaults",
            ours=rate(pixel, "events/s"),
            theirs=rate(library, "events/s"),
            value=median(pixel) / median(library),
            target=at_least(30),
            how=f"{rig.pace.rounds} turns of {seconds} s each, one process each; a `TaskRequested` of {size} bytes, "
            "encoded by Pixel each time, by the others before. "
            "The library's table is its own, in a database of its own on the same server; the state is the same bytes.",
        ),
        Row(
            what="the same",
            compared_with=f"pgbench, single-row INSERT of the same row, {CLIENTS} clients",
            ours=rate(pixel, "events/s"),
            theirs=rate(bare, "events/s"),
            value=median(pixel) / median(bare),
            target=at_least(3),
            short="Python, PostgreSQL and the disk come one after the other, because all callers wait for the same "
            "commit, and pgbench has 16 connections that overlap. Two connections would overlap as well, and pay two "
            "fsyncs, which is worse on a slow disk: `docs/performance.md`.",
            how="The same turns. pgbench (prepared statements, unix socket, 2 threads) inserts into a `stored_events` "
            "made by the same migration: every column, index and default, and neither lock nor version check.",
        ),
    ]


async def _pgbench(rig: Rig, dsn: str) -> float:
    script = rig.folder / "insert.sql"
    script.write_text(_INSERT.format(state=_state().hex(), metadata=msgspec.json.encode(CAUSE).decode()))
    options = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(rig.pace.seconds), "-f", str(script))
    printed = await run(program("pgbench"), *options, "-h", socket_folder(dsn), "-U", "postgres", database_name(dsn))
    found = next(line for line in printed.splitlines() if line.startswith("tps = "))
    return float(found.split()[2])


def _state() -> bytes:
    return msgspec.json.encode(requested(new_stream(), AT))


_INSERT = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state, metadata) "
    "VALUES (uuidv7(), 1, 'TaskRequested', '\\x{state}', '{metadata}');\n"
)


# --- The contenders, each in a process of its own: prints events/s ---


async def _pixel(dsn: str, seconds: float) -> float:
    pool = await open_pool(dsn, size=2)
    log = EventLog(dsn, pool)
    background = [asyncio.create_task(log.write()), asyncio.create_task(log.listen())]
    streams, event, done = _new_streams(seconds, MAX_PER_SECOND), requested(new_stream()), 0

    async def command(deadline: float) -> None:
        nonlocal done
        while time.perf_counter() < deadline:
            await log.append(next(streams), 0, [event], CAUSE)
            done += 1

    await asyncio.gather(*(command(time.perf_counter() + WARM_UP_SECONDS) for _ in range(COMMANDS)))
    done, started = 0, time.perf_counter()
    await asyncio.gather(*(command(started + seconds) for _ in range(COMMANDS)))
    figure = done / (time.perf_counter() - started)
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    await pool.close()
    return figure


def _library(dsn: str, seconds: float) -> float:
    # Not at the top: importing the library replaces a private function of `dataclasses` for the whole process.
    from eventsourcing.persistence import StoredEvent  # noqa: PLC0415
    from eventsourcing.postgres import PostgresFactory  # noqa: PLC0415
    from eventsourcing.utils import Environment  # noqa: PLC0415

    settings = {"DBNAME": database_name(dsn), "HOST": socket_folder(dsn), "USER": "postgres", "PASSWORD": "none"}
    factory = PostgresFactory(Environment("", {f"POSTGRES_{name}": value for name, value in settings.items()}))
    recorder = factory.application_recorder()
    streams, state = _new_streams(seconds, MAX_PER_SECOND // 10), _state()
    counts, lock = [0], threading.Lock()

    def work(deadline: float) -> None:
        mine = 0
        while time.perf_counter() < deadline:
            recorder.insert_events([StoredEvent(next(streams), 1, "TaskRequested", state)])
            mine += 1
        with lock:
            counts[0] += mine

    def all_threads(until: float) -> None:
        threads = [threading.Thread(target=work, args=(until,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_threads(time.perf_counter() + WARM_UP_SECONDS)
    counts[0], started = 0, time.perf_counter()
    all_threads(started + seconds)
    figure = counts[0] / (time.perf_counter() - started)
    factory.close()
    return figure


def _new_streams(seconds: float, max_per_second: int) -> Iterator[UUID]:
    """Make the ids before the clock starts: only the append is measured, not the making of its arguments."""
    streams = [new_stream() for _ in range(int((WARM_UP_SECONDS + seconds) * max_per_second))]
    gc.collect()
    gc.freeze()
    return iter(streams)


def main(arguments: Sequence[str]) -> None:
    contender, dsn, seconds = arguments
    figure = uvloop.run(_pixel(dsn, float(seconds))) if contender == "pixel" else _library(dsn, float(seconds))
    sys.stdout.write(f"{figure}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
