"""`make demo-providers`: one request of each kind through every provider's simulator, and a table of the results.

Everything is real except the vendors: a `pixel serve`, a process for each simulator, media that are made, fetched,
measured and stored."""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from tests.e2e.providers import world
from tests.e2e.service import Service, pixel
from tests.simulators import media
from tests.simulators.example_requests import PLACES, with_image

PROMPT = "A small boat on a quiet sea at dawn."
WIDTH = 100
"""Columns of the table where nobody says how many there are."""
TEXT_LETTERS = 20


class Row(NamedTuple):
    """What came of one request."""

    model: str
    is_made: bool
    result: str
    seconds: float
    cost: str
    estimate: str


async def main() -> int:
    """Request everything at once; exit code 0 when all of it was made."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(f"starting the simulators of {', '.join(PLACES)} …")
    async with world(list(PLACES)) as simulators, _folder() as folder:
        console.print("starting pixel serve …")
        async with pixel(None, folder, settings={"sandbox": "false"}, environment=simulators.environment) as service:
            rows = await _ask_for_everything(console, service)
        effects = len(await simulators.ledger())
    console.print(_table(rows))
    console.print(f"{len(rows)} requests, {effects} orders billed by the simulators")
    good = all(row.is_made for row in rows) and effects == len(rows)
    console.print("[green]every request was made, and paid for once" if good else "[red]something went wrong")
    return 0 if good else 1


def _table(rows: Iterable[Row]) -> Table:
    """The rows, a section for each provider; only the results are folded when the table is narrow."""
    table = Table("provider", "model", Column("result", overflow="fold"), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("s", "cost", "estimate"):
        table.add_column(name, justify="right", no_wrap=True)
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    last = ""
    for row in rows:
        provider, _, model = row.model.partition("/")
        if last not in {"", provider}:
            table.add_section()
        result = row.result if row.is_made else f"[red]{row.result}"
        table.add_row("" if provider == last else provider, model, result, f"{row.seconds:.1f}", row.cost, row.estimate)
        last = provider
    return table


async def _ask_for_everything(console: Console, service: Service) -> list[Row]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    uploaded = await _upload_image(service)
    wishes = [(kind, with_image(body, uploaded)) for place in PLACES.values() for kind, body in place.wishes]
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("making", total=len(wishes))

        async def one(kind: str, body: dict[str, Any]) -> Row:
            begun = time.perf_counter()
            task = await service.ended(await service.post(kind, {"prompt": PROMPT} | body))
            progress.advance(bar)
            return _row(body["model"], task, time.perf_counter() - begun)

        return list(await asyncio.gather(*(one(*wish) for wish in wishes)))


async def _upload_image(service: Service) -> str:
    """Upload a reference image; returns its asset id."""
    files = {"file": ("boat.png", media.png("boat", 768, 768), "image/png")}
    answer = await service.client.post("/api/v1/assets", files=files)
    return str(answer.json()["data"]["id"])


def _row(model: str, task: dict[str, Any], seconds: float) -> Row:
    error: dict[str, Any] = task.get("error") or {}
    is_made = task["status"] == "completed"
    result = _result(task.get("result") or {}) if is_made else f"{error.get('code')}: {error.get('message')}"
    return Row(model, is_made, escape(result), seconds, _money(task, "cost"), _money(task, "estimated_cost"))


def _result(result: dict[str, Any]) -> str:
    media = [item for name in ("images", "videos", "audios") for item in result.get(name) or ()]
    parts: Counter[str] = Counter()
    for item in media:
        size = f" {item['width']}*{item['height']}" if item.get("width") else ""
        length = f" {item['duration']:.1f} s" if item.get("duration") else ""
        parts[f"{item['media_type']}{size}{length}"] += 1
    if text := result.get("text"):
        parts[f"“{text}”" if len(text) < TEXT_LETTERS else f"“{text[:TEXT_LETTERS]}…”"] += 1
    described = [part if times == 1 else f"{times} x {part}" for part, times in parts.items()]
    return ", ".join([*described, *(result.get("notes") or ())])


def _money(task: dict[str, Any], field: str) -> str:
    cost = task.get(field)
    return f"{cost['amount']} {cost['currency']}" if cost else "-"


@asynccontextmanager
async def _folder() -> AsyncGenerator[Path]:
    with tempfile.TemporaryDirectory(prefix="pixel-demo-") as folder:
        path = Path(folder)
        path.chmod(0o711)  # as root, PostgreSQL runs as another user
        yield path


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
