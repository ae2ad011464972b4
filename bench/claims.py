"""How long do claims of the work list take? Read from PostgreSQL's own log, whatever statement claims."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import asyncpg

from bench.report import percentile
from bench.rig import Rig, database_name

SHARE = 0.1  # of the statements: to log each of them would cost more than many of them


class Claims(NamedTuple):
    """The milliseconds that claims took inside PostgreSQL, without the planning."""

    milliseconds: list[float]

    def __str__(self) -> str:
        if not self.milliseconds:
            return "no claim was seen"
        p50, p99 = median(self.milliseconds), percentile(self.milliseconds, 99)
        return f"{len(self.milliseconds)} claims seen: p50 {p50:.1f} ms, p99 {p99:.1f} ms"


@asynccontextmanager
async def watched(rig: Rig, dsn: str, *, share: float = SHARE) -> AsyncGenerator[Claims]:
    """Watch the claims of the services that are started within. They can be read when the block is over."""
    await _settings(dsn, rig, log_min_duration_sample="0", log_statement_sample_rate=f"{share:g}")
    await _settings(dsn, rig, log_parameter_max_length="0")
    log = rig.folder / "postgres" / "postgres" / "server.log"
    start, claims = log.stat().st_size, Claims([])
    try:
        yield claims
    finally:
        await _settings(dsn, rig, log_min_duration_sample="-1")
        claims.milliseconds.extend(_read(log, start))


async def _settings(dsn: str, rig: Rig, **settings: str) -> None:
    """Settings of the sessions that are opened from now on."""
    connection = await asyncpg.connect(rig.server)
    try:
        for name, value in settings.items():
            await connection.execute(f"ALTER DATABASE \"{database_name(dsn)}\" SET {name} = '{value}'")
    finally:
        await connection.close()


def _read(log: Path, start: int) -> list[float]:
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")
    return [float(duration) for duration, statement in _ENTRY.findall(text) if "SKIP LOCKED" in statement]


_ENTRY = re.compile(r"duration: ([0-9.]+) ms  execute [^:]*: (.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.DOTALL)
