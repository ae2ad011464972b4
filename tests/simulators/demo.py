"""`make demo-providers`: one request of each kind through every provider's simulator, and a table of the results.

Everything is real except the vendors: a `pixel serve`, a process for each simulator, media that are made, fetched,
measured and stored."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.e2e.providers import world
from tests.e2e.service import Service, pixel
from tests.simulators import media
from tests.simulators.example_requests import PLACES, with_image

PROMPT = "A small boat on a quiet sea at dawn."


async def main() -> int:
    """Request everything at once; exit code 0 when all of it was made."""
    console = Console()
    console.print(f"starting the simulators of {', '.join(PLACES)} …")
    async with world(list(PLACES)) as simulators, _folder() as folder:
        console.print("starting pixel serve …")
        async with pixel(None, folder, settings={"sandbox": "false"}, environment=simulators.environment) as service:
            rows = await _ask_for_everything(console, service)
        effects = len(await simulators.ledger())
    table = Table("kind", "model", "status", "s", "result", "cost", "estimate")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(f"{len(rows)} requests, {effects} orders billed by the simulators")
    good = all("completed" in row[2] for row in rows) and effects == len(rows)
    console.print("[green]every request was made, and paid for once" if good else "[red]something went wrong")
    return 0 if good else 1


async def _ask_for_everything(console: Console, service: Service) -> list[tuple[str, ...]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    uploaded = await _upload_image(service)
    wishes = [(kind, with_image(body, uploaded)) for place in PLACES.values() for kind, body in place.wishes]
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("making", total=len(wishes))

        async def one(kind: str, body: dict[str, Any]) -> tuple[str, ...]:
            begun = time.perf_counter()
            task = await service.ended(await service.post(kind, {"prompt": PROMPT} | body))
            progress.advance(bar)
            return kind, body["model"], *_described(task, time.perf_counter() - begun)

        return list(await asyncio.gather(*(one(*wish) for wish in wishes)))


async def _upload_image(service: Service) -> str:
    """Upload a reference image; returns its asset id."""
    files = {"file": ("boat.png", media.png("boat", 768, 768), "image/png")}
    answer = await service.client.post("/api/v1/assets", files=files)
    return str(answer.json()["data"]["id"])


def _described(task: dict[str, Any], seconds: float) -> tuple[str, ...]:
    error = task.get("error") or {}
    status = (
        "[green]completed" if task["status"] == "completed" else f"[red]{error.get('code')}: {error.get('message')}"
    )
    return (
        status,
        f"{seconds:.1f}",
        _result(task.get("result") or {}),
        _money(task, "cost"),
        _money(task, "estimated_cost"),
    )


def _result(result: dict[str, Any]) -> str:
    media = [item for name in ("images", "videos", "audios") for item in result.get(name) or ()]
    parts: list[str] = []
    for item in media:
        size = f" {item['width']}*{item['height']}" if item.get("width") else ""
        length = f" {item['duration']:.1f} s" if item.get("duration") else ""
        parts.append(f"{item['media_type']}{size}{length}")
    if result.get("text"):
        parts.append(f"“{result['text'][:40]}”")
    return ", ".join([*parts, *(result.get("notes") or ())])


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
