"""The report: a table for the terminal, and RESULTS.md."""

import asyncio
import math
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import asyncpg
import psutil
from rich.table import Table

from bench.rig import Rig, run

LIBRARIES = (
    ("pixel's", ("asyncpg", "granian", "litestar", "msgspec", "uvicorn", "uvloop", "httptools")),
    (
        "the others'",
        ("eventsourcing", "psycopg", "fastapi", "sqlmodel", "sqlalchemy", "pydantic", "dbos", "procrastinate"),
    ),
)
SYNCS = 200
NOTHING = "-"
SAME = "the same"
HEAD = ("figure", "to reach", "reached", "what", "beside", "Pixel", "the other")


class Target(NamedTuple):
    """The value that a row should reach."""

    text: str
    met: Callable[[float], bool]
    unit: str


class Row(NamedTuple):
    """One line of the table. `value` is compared with the target: a ratio, or a figure by itself. `short` is the reason
    if it misses the target."""

    what: str
    ours: str
    value: float
    how: str
    compared_with: str = NOTHING
    theirs: str = NOTHING
    target: Target | None = None
    notes: Sequence[str] = ()
    short: str = ""


def at_least(least: float, unit: str = "x") -> Target:
    return Target(f"≥ {least:g} {unit}", lambda value: value >= least, unit)


def rate(figures: Sequence[float], unit: str) -> str:
    return f"{median(figures):,.0f} {unit}"


def at_most(limit: float, unit: str = "x") -> Target:
    return Target(f"≤ {limit:g} {unit}", lambda value: value <= limit, unit)


def percentile(figures: Sequence[float], percent: float) -> float:
    """The percentile: the smallest figure that so many percent of the figures do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * percent / 100) - 1)]


def reached(row: Row) -> str:
    """Whether the row met its target, for the last column."""
    if row.target is None:
        return NOTHING
    return "yes" if row.target.met(row.value) else "**no**"


def figure(row: Row) -> str:
    """The value as text, for the column of ratios."""
    if row.target is None:
        return NOTHING if row.theirs == NOTHING else f"{row.value:.2f} x"
    unit = row.target.unit
    return f"{row.value:,.0f} {unit}" if row.value >= 1000 else f"{row.value:,.2f} {unit}"


def ratios_first(rows: Sequence[Row]) -> list[Row]:
    """The rows that compare Pixel with another contender, then the rest, each in the order of their measurement. The
    order separates rows, so "the same" becomes what it stands for."""
    named: list[Row] = []
    meant = ""
    for row in rows:
        meant = meant if row.what.startswith(SAME) else row.what
        named.append(row._replace(what=row.what.replace(SAME, meant, 1) if row.what.startswith(SAME) else meant))
    return sorted(named, key=lambda row: row.theirs == NOTHING)


def screen(rows: Sequence[Row]) -> Table:
    """The table for the terminal."""
    rows = ratios_first(rows)
    table = Table(title="Pixel's speed", title_justify="left", show_lines=True)
    for name in ("what, and beside what", "Pixel, and the other"):
        table.add_column(name, overflow="fold")
    for name in ("figure", "to reach"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        found, target, came, what, compared_with, ours, theirs = _cells(row)
        colour = {"yes": "green", "**no**": "red"}.get(came, "default")
        pairs = (f"[bold]{what}[/bold]\n[dim]{compared_with}[/dim]", f"[bold]{ours}[/bold]\n[dim]{theirs}[/dim]")
        table.add_row(*pairs, f"[{colour}]{found}[/{colour}]", target)
    return table


def markdown(rows: Sequence[Row], missing: Mapping[str, str], facts: Sequence[str], seconds: float) -> str:
    """The text of RESULTS.md. Ratios come first: absolute figures say as much about the machine."""
    rows = ratios_first(rows)
    lines = ["# Speed", "", "Made by `make bench`; what was learned from it is in `docs/performance.md`.", ""]
    lines += [f"- {fact}" for fact in (*facts, f"the whole run took {seconds:.0f} s")]
    lines += ["", f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    lines += [f"| | | **no** | {name} | could not be measured: {_one_line(why)} | | |" for name, why in missing.items()]
    short = [row for row in rows if reached(row) == "**no**"]
    if short:
        lines += ["", "## Where it fell short", ""]
        lines += [f"- **{row.what}**, beside {row.compared_with}: {row.short or 'not known'}" for row in short]
    lines += ["", "## How each was measured", ""]
    lines += [
        "Contenders take turns (A, B, A, B ...) since machines are noisy; a figure is the median of its turns.",
        "",
    ]
    for row in rows:
        compared_with = "" if row.compared_with == NOTHING else f", beside {row.compared_with}"
        lines += [f"- **{row.what}**{compared_with}: {row.how}", *(f"  - {note}" for note in row.notes)]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[str]:
    target = row.target.text if row.target else NOTHING
    return [figure(row), target, reached(row), row.what, row.compared_with, row.ours, row.theirs]


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


async def machine(rig: Rig) -> list[str]:
    """The machine and the versions of the measurement."""
    connection = await asyncpg.connect(rig.server)
    try:
        postgres = str(await connection.fetchval("SELECT version()")).partition(" on ")[0]
        names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")
        settings = [f"{name}={await connection.fetchval('SELECT current_setting($1)', name)}" for name in names]
    finally:
        await connection.close()
    wrk = (await run("sh", "-c", "wrk -v 2>&1 | head -1 || true")).split(" Copyright")[0].strip()
    load, memory = os.getloadavg()[0], psutil.virtual_memory().total / 2**30
    sync = await asyncio.to_thread(_sync_seconds, rig.folder)
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory; servers and load generator share it",
        f"Linux {platform.release()}, load {load:.1f} at the start; an fdatasync of 8 KiB takes {sync * 1000:.2f} ms",
        f"{postgres}: {', '.join(settings)}",
        f"{platform.python_implementation()} {platform.python_version()}; {wrk or 'no wrk'}",
        *(f"{whose}: {', '.join(f'{name} {version(name)}' for name in names)}" for whose, names in LIBRARIES),
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _sync_seconds(folder: Path) -> float:
    """The median seconds that the disk takes to sync a page. No commit can be faster."""
    took: list[float] = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(b"\0" * 8192)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    return median(took)
