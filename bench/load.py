"""The load generator: runs wrk with a script, and reads its report."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from bench.rig import Rig, Unmeasurable, needed, run

CONNECTIONS = 64
THREADS = 2
SCRIPT = Path(__file__).with_name("wrk.lua")


class Shot(NamedTuple):
    """A request to send: method, body (none when empty), and the paths, used in turn."""

    name: str
    method: str
    paths: Sequence[str]
    body: bytes = b""


class _Seen(msgspec.Struct):
    requests: int
    microseconds: int
    p50: float
    p99: float
    refused: int
    broken: int


class Load(NamedTuple):
    """The result of a server in one turn."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


async def fire(rig: Rig, port: int, shot: Shot, *, seconds: int) -> Load:
    """Send as fast as answers come, over 64 connections. Raises Unmeasurable when any answer is not 2xx."""
    body, paths = rig.folder / f"{shot.name}.body", rig.folder / f"{shot.name}.paths"
    body.write_bytes(shot.body)
    paths.write_text("\n".join(shot.paths) + "\n")
    options = (f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT))
    url = f"http://127.0.0.1:{port}"
    printed = await run(needed("wrk", "wrk"), *options, url, "--", shot.method, str(body), str(paths))
    seen = msgspec.json.decode(printed.splitlines()[-1], type=_Seen)
    if seen.refused or seen.broken or not seen.requests:
        raise Unmeasurable(f"{shot.name}: {seen.refused} answers were not 2xx, {seen.broken} never came")
    per_second = seen.requests / seen.microseconds * 1e6
    return Load(seen.requests, per_second, seen.p50 / 1000, seen.p99 / 1000)


def median_load(loads: Sequence[Load]) -> Load:
    """The median of each figure over several turns."""
    return Load(
        sum(load.requests for load in loads),
        median(load.per_second for load in loads),
        median(load.p50_ms for load in loads),
        median(load.p99_ms for load in loads),
    )


def describe(load: Load) -> str:
    """The figures as text for the table."""
    return f"{load.per_second:,.0f}/s, p50 {load.p50_ms:.1f} ms, p99 {load.p99_ms:.1f} ms"
