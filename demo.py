"""`make demo`: starts a whole Pixel, requests an image, a video and a voice, and shows the results.

Everything goes through the REST API, as a frontend would do it; the sandbox models are free and need no key."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import demo_canvas

OUTPUT = Path("demo-output")
DATA = OUTPUT.absolute() / "data"  # kept, to look at it in the studio
START_SECONDS = 60
TASK_SECONDS = 120
SERVICE_LOG = "service.log"


class Wish(NamedTuple):
    """One request of the demo."""

    kind: str
    file: str
    body: dict[str, Any]


WISHES = (
    Wish(
        "image",
        "image.png",
        {
            "prompt": "a beautiful sunset over mountains",
            "model": "sandbox/image",
            "resolution": "1K",
            "aspectRatio": "16:9",
            "extraParams": {"seed": 7, "sandbox": {"latency": 1.5}},
        },
    ),
    Wish(
        "video",
        "video.mp4",
        {
            "prompt": "a slow flight over a quiet lake at night",
            "model": "sandbox/video",
            "duration": "5s",
            "resolution": "720p",
            "extraParams": {"seed": 11, "sandbox": {"latency": 4}},
        },
    ),
    Wish(
        "audio",
        "voice.wav",
        {
            "prompt": "Hello, welcome to Pixel! This voice was made just now.",
            "model": "sandbox/speech",
            "voice": "en-gb",
            "speed": 1,
            "extraParams": {"sandbox": {"latency": 1}},
        },
    ),
)

console = Console()


async def main() -> int:
    """Exit code 0 when all three tasks completed."""
    await asyncio.to_thread(OUTPUT.mkdir, exist_ok=True)
    console.print(Panel("[bold]Pixel[/bold]: one API over many image, video, speech and text providers", expand=False))
    await asyncio.to_thread(DATA.mkdir, exist_ok=True)
    async with _service(DATA) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        console.print(f"The service runs at {url}, on a PostgreSQL of its own. Its log: {OUTPUT / SERVICE_LOG}\n")
        canvas = await demo_canvas.prepare(client, [(wish.kind, wish.body) for wish in WISHES])
        requests = [canvas.request(index, wish.body) for index, wish in enumerate(WISHES)]
        with _progress() as progress:
            making = (_make(client, wish, body, progress) for wish, body in zip(WISHES, requests, strict=True))
            tasks = await asyncio.gather(*making)
        await demo_canvas.pick(client, canvas, tasks)
        console.print(_results(tasks))
        history = (await client.get(f"/api/v1/tasks/{tasks[0]['id']}/history")).json()["data"]
        console.print(_history(history["task_id"], history["events"]))
    failed = [task for task in tasks if task["status"] != "completed"]
    if failed:
        console.print(f"[red]{len(failed)} of {len(tasks)} did not come out; see {OUTPUT / SERVICE_LOG}[/red]")
        return 1
    console.print(f"\nLook at [bold]{OUTPUT}/[/bold], or at the project Demo in the studio:")
    console.print(f"  [bold]make studio && PIXEL_DATA_DIR={DATA} make serve[/bold]", highlight=False, soft_wrap=True)
    console.print(f"  http://127.0.0.1:8000/studio/canvas/?id={canvas.id}", highlight=False, soft_wrap=True)
    return 0


@asynccontextmanager
async def _service(data_dir: Path) -> AsyncIterator[str]:
    """Run `pixel serve` on a free port. Yields its URL, and stops it with SIGTERM."""
    url = f"http://127.0.0.1:{_free_port()}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIXEL_")}
    environment |= {
        "PIXEL_DATA_DIR": str(data_dir),
        "PIXEL_PORT": url.rpartition(":")[2],
        "PIXEL_LOG_FORMAT": "json",
    }
    with (OUTPUT / SERVICE_LOG).open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "runtime.cli.main",
            "serve",
            env=environment,
            stdout=log,
            stderr=asyncio.subprocess.PIPE,
        )
        stderr = asyncio.create_task(_copy(process, log))
        try:
            with console.status("starting PostgreSQL and the service"):
                await _until_ready(url, process)
            yield url
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()
            await stderr


async def _copy(process: asyncio.subprocess.Process, log: Any) -> None:
    """Copy the service's log to its file. Lines for people (no JSON) go to the screen as well."""
    assert process.stderr is not None  # noqa: S101 - it was opened as a pipe
    async for line in process.stderr:
        log.write(line)
        log.flush()
        if line.startswith(b"pixel: "):
            console.print(f"[yellow]{line.decode().strip()}[/yellow]", highlight=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(base_url=url) as client:
        while True:
            if process.returncode is not None:
                raise SystemExit(f"The service ended with code {process.returncode}; see {OUTPUT / SERVICE_LOG}")
            try:
                if (await client.get("/health/ready")).json()["status"] == "ready":
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description:<6}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f}%  {task.fields[phase]}"),
        TimeElapsedColumn(),
        console=console,
    )


async def _make(client: httpx.AsyncClient, wish: Wish, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Send one request, poll the task to its end, and download its result."""
    bar = progress.add_task(wish.kind, total=100, phase="sending")
    answer = await client.post(f"/api/v1/generations/{wish.kind}", json=body)
    if answer.status_code != 200:
        raise SystemExit(f"{wish.kind}: {answer.json()['message']}")
    task = await _follow(client, answer.json()["data"]["task_id"], progress, bar)
    for media in _media(task):
        content = await client.get(media["url"])
        await asyncio.to_thread((OUTPUT / wish.file).write_bytes, content.content)
        media["file"] = str(OUTPUT / wish.file)
    return task


async def _follow(client: httpx.AsyncClient, task_id: str, progress: Progress, bar: TaskID) -> dict[str, Any]:
    async with asyncio.timeout(TASK_SECONDS):
        while True:
            task: dict[str, Any] = (await client.get(f"/api/v1/tasks/{task_id}")).json()["data"]
            progress.update(bar, completed=task.get("progress", 0), phase=task.get("phase", ""))
            if task["status"] in ("completed", "failed"):
                return task
            await asyncio.sleep(0.15)


def _media(task: dict[str, Any]) -> list[dict[str, Any]]:
    result = task.get("result", {})
    return [media for name in ("images", "videos", "audios") for media in result.get(name, [])]


def _results(tasks: list[dict[str, Any]]) -> Table:
    table = Table(title="\nWhat came out", title_justify="left", box=SIMPLE_HEAD)
    for name in ("kind", "model", "measured", "kept as"):
        table.add_column(name, no_wrap=True)
    for task in tasks:
        for media in _media(task):
            size = f"{media['width']}x{media['height']}, " if media.get("width") else ""
            length = f"{media['duration']:.1f} s, " if media.get("duration") else ""
            made = f"{size}{length}{media['bytes'] / 1024:.0f} KiB"
            table.add_row(task["type"], task["model"], made, media["file"])
        if task["status"] == "failed":
            table.add_row(task["type"], task["model"], f"[red]failed[/red]: {task['error']['message']}", "")
    return table


def _history(task_id: str, events: list[dict[str, Any]]) -> Table:
    table = Table(title=f"\nThe history of {task_id}: every step is an event", title_justify="left", box=SIMPLE_HEAD)
    for name, style, width in (("pos", "dim", 4), ("v", "", 2), ("time (UTC)", "dim", 12), ("event", "bold", 18)):
        table.add_column(name, style=style, no_wrap=True, min_width=width)
    table.add_column("data", no_wrap=True)
    room = max(console.width - 54, 20)  # the width that the other columns leave
    for event in events:
        data = "  ".join(f"{k}={v}" for k, v in event["data"].items() if k not in ("event", "at", "task"))
        table.add_row(
            str(event["position"]), str(event["version"]), event["time"][11:23], event["type"], Text(data[:room])
        )
    return table


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
