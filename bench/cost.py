"""What does a task cost? Processor time, transactions, and reads of streams, each from the system's own counters."""

import asyncio
from contextlib import suppress
from typing import LiteralString, NamedTuple

import asyncpg
import psutil

from bench.rig import Rig

SETTLE_SECONDS = 20.0  # an idle connection of PostgreSQL publishes its counters after ten; the last came after 17


class Cpu(NamedTuple):
    """Processor time so far, in seconds: of the event loop's thread, of the service's other threads, of PostgreSQL."""

    loop: float
    threads: float
    postgres: float

    def since(self, before: "Cpu") -> "Cpu":
        return Cpu(*(late - early for early, late in zip(before, self, strict=True)))

    def plus(self, other: "Cpu") -> "Cpu":
        return Cpu(*(one + another for one, another in zip(self, other, strict=True)))


NO_CPU = Cpu(0, 0, 0)


class Counts(NamedTuple):
    """What a database has counted so far. `scans` are looks into the log by stream; each event that is appended is
    one of them."""

    transactions: float
    scans: float
    events: float

    def since(self, before: "Counts", idle: "Counts | None" = None) -> "Counts":
        """The difference, less what was counted in the idle part of that time."""
        less = idle or Counts(0, 0, 0)
        return Counts(*(late - early - rest for early, late, rest in zip(before, self, less, strict=True)))

    def times(self, factor: float) -> "Counts":
        return Counts(*(factor * each for each in self))


def cpu(rig: Rig, pid: int) -> Cpu:
    """The processor time of a service, and of PostgreSQL with all its connections that are open."""
    service = psutil.Process(pid)
    by_thread = {thread.id: thread.user_time + thread.system_time for thread in service.threads()}
    postmaster = int((rig.folder / "postgres" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    family = [psutil.Process(postmaster), *psutil.Process(postmaster).children()]
    spent = 0.0
    for process in family:
        with suppress(psutil.NoSuchProcess):  # a worker of autovacuum has ended
            spent += sum(process.cpu_times()[:2])
    return Cpu(by_thread.pop(pid), sum(by_thread.values()), spent)


def shares(spent: Cpu, count: int, seconds: float) -> str:
    """The processor time of each part for one of `count` tasks, and how busy the machine was."""
    names = ("event loop", "other threads", "PostgreSQL")
    parts = [f"{name} {each / count * 1000:.1f} ms" for name, each in zip(names, spent, strict=True)]
    cores = psutil.cpu_count() or 1
    return f"{', '.join(parts)}; together {sum(spent) / seconds / cores:.0%} of {cores} cores"


async def counts(dsn: str) -> Counts:
    """The counters of a database now. Wait for `settled` before, and let nothing else use it."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(_COUNTS)
    finally:
        await connection.close()
    assert row is not None
    return Counts(*(float(each or 0) for each in row))


async def settled() -> None:
    """Wait until PostgreSQL's counters are complete."""
    await asyncio.sleep(SETTLE_SECONDS)


_COUNTS: LiteralString = """
SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()),
       (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'stored_events_pkey'),
       (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'stored_events')
"""
