"""A real `pixel serve` for a test: started as a process of its own, watched, and stopped by SIGTERM or killed."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import httpx
import psutil

from application.rate_limits import MAX_PAUSE_SECONDS
from tests.e2e.fork_server import Forked
from tests.patience import patient
from tests.temp_folder import temp_folder
from tests.web import PlainClient

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0  # for what takes a second on a machine with nothing else to do
SETTLING_SECONDS = PATIENCE_SECONDS + MAX_PAUSE_SECONDS  # orders wait while a lane pauses
LOOK_SECONDS = 0.02
FINAL = {"completed", "failed"}
TROUBLE = ('"level":"error"', '"level":"critical"', "Traceback (most recent call last):\n", "Warning: ")


class Died(AssertionError):
    """The process ended while a test wanted something of it."""


@dataclass
class Service:
    """A process, its address, and its output so far."""

    process: asyncio.subprocess.Process | Forked
    client: httpx.AsyncClient
    lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=5000))
    reader: "asyncio.Task[None] | None" = None

    @property
    def url(self) -> str:
        """The address of the service, known once it is ready."""
        return str(self.client.base_url).rstrip("/")

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.returncode is None

    def log(self, last: int = 40) -> str:
        """The end of its log, to be shown when a test fails."""
        return "\n".join(list(self.lines)[-last:])

    async def get(self, path: str, **options: Any) -> Any:
        """The data of a good answer; of a list, once it is as new as it should be, because on a busy machine the second
        that a list waits for its read model may be too short."""
        async with patience(f"{path} to be as new as it should be", self.log):
            while True:
                answer = await self.client.get(path, **options)
                assert answer.status_code == 200, answer.text
                if "X-Pixel-Stale" not in answer.headers:
                    return answer.json()["data"]

    async def post(self, kind: str, body: Mapping[str, Any], key: str | None = None) -> str:
        """Send a request; returns the task id."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.client.post(f"/api/v1/generations/{kind}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["task_id"])

    async def ended(self, task_id: str) -> dict[str, Any]:
        """The task, once it has ended. Waits on the server, so there is nothing to poll here."""
        async with patience(f"{task_id} to end", self.log):
            while True:
                view: dict[str, Any] = await self.get(f"/api/v1/tasks/{task_id}", headers={"Prefer": "wait=20"})
                if view["status"] in FINAL:
                    return view

    async def said(self, text: str) -> str:
        """The first line of its log that contains the text, once there is one."""
        async with patience(f"the log to say {text!r}", self.log):
            while True:
                for line in list(self.lines):
                    if text in line:
                        return line
                if not self.alive and self.reader is not None and self.reader.done():
                    raise Died(f"ended with {self.process.returncode} before it said {text!r}:\n{self.log()}")
                await asyncio.sleep(LOOK_SECONDS)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def gone(self) -> int:
        """The exit code, once it has ended and its output has been read."""
        async with patience("the process to end", self.log):
            code = await self.process.wait()
            if self.reader is not None:
                await self.reader
        return code

    async def kill(self) -> None:
        """Kill it, as a power cut would."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.gone()

    async def stop(self) -> None:
        """Stop with SIGTERM, and assert that it ends with code 0."""
        self.send(signal.SIGTERM)
        code = await self.gone()
        assert code == 0, f"ended with {code}:\n{self.log()}"

    def trouble(self) -> list[str]:
        """The warnings, errors and tracebacks of its log that no test expects."""
        return [line for line in self.lines if any(mark in line + "\n" for mark in TROUBLE)]


def image_request(*, at: str = "", **sandbox: Any) -> dict[str, Any]:
    """The body of a request for a small image. `at`: the step at which `tests.e2e.failpoints` acts; `sandbox`: its
    options for the sandbox."""
    return {
        "prompt": "a boat",
        "model": "sandbox/image",
        "resolution": "512",
        "extraParams": {"sandbox": sandbox},
        "metadata": {"at": at},
    }


@asynccontextmanager
async def pixel(
    database: str | None,
    folder: Path,
    *,
    role: str = "all",
    module: str = "runtime.cli.main",
    options: tuple[str, ...] = (),
    wait: str = "ready",
    forked: bool = True,
    settings: Mapping[str, object] = MappingProxyType({}),
    environment: Mapping[str, str] = MappingProxyType({}),
) -> AsyncGenerator[Service]:
    """A running `pixel serve`; without a database, on an embedded one below the folder. Stopped by SIGTERM at the end,
    unless the test has ended it.

    `wait`: the words of /health/ready to wait for; a worker, that has none, says that it is up; "" waits for nothing.
    `forked`: from a process that has imported it all; else it is begun, and ends, as from a shell.
    `settings`: as in `docs/configuration.md`, in lower case and without the PIXEL_. `environment`: the rest."""
    given = {"PIXEL_DATA_DIR": str(folder), "PIXEL_PORT": "0", "PIXEL_LOG_FORMAT": "json", "PIXEL_LEASE_SECONDS": "1"}
    given["PIXEL_APPEND_PATIENCE_SECONDS"] = "30"  # a busy machine is slow: no request is refused that would be served
    given |= {f"PIXEL_{name.upper()}": str(value) for name, value in settings.items()}
    if database is not None:
        given["PIXEL_DATABASE_URL"] = database
    start = Forked.spawn if forked else _spawn
    process = await start(module, [*options, "serve", "--role", role], clean_environment() | given | dict(environment))
    service = Service(process, PlainClient(timeout=patient(PATIENCE_SECONDS)))
    service.reader = asyncio.create_task(_read(process, service.lines))
    try:
        if wait:
            await (service.said('"pixel is up"') if role == "worker" else until_ready(service, *wait.split()))
        yield service
        if service.alive:
            await service.stop()
    finally:
        if service.alive:
            await service.kill()
        await service.client.aclose()


async def until_ready(service: Service, *words: str) -> None:
    """Wait until /health/ready says one of the words, "ready" when none is given. The port was chosen by the operating
    system, and stands in the log."""
    wanted = words or ("ready",)
    if not service.url:
        service.client.base_url = httpx.URL(json.loads(await service.said('"pixel is up"'))["url"])
    async with patience(f"the service to be {' or '.join(wanted)}", service.log):
        while True:
            with suppress(httpx.TransportError):
                if (await service.client.get("/health/ready")).json()["status"] in wanted:
                    return
            await _look_again(service)


def clean_environment() -> dict[str, str]:
    """Our environment, without any setting of Pixel's that the developer may have made."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PIXEL_")}


@asynccontextmanager
async def patience(
    what: str, log: Callable[[], str] = lambda: "", *, seconds: float = PATIENCE_SECONDS
) -> AsyncGenerator[None]:
    """A bounded wait: a test that waits in vain fails with the condition and the log."""
    try:
        async with asyncio.timeout(patient(seconds)):
            yield
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}\n{log()}") from None


async def eventually(
    what: str, check: Callable[[], Coroutine[Any, Any, bool]], log: Callable[[], str] = lambda: ""
) -> None:
    """Wait until a condition holds."""
    async with patience(what, log):
        while not await check():
            await asyncio.sleep(LOOK_SECONDS)


@contextmanager
def data_folder() -> Generator[Path]:
    """A folder where the embedded PostgreSQL can live, removed at the end with every server in it."""
    folder = temp_folder("e2e")
    try:
        yield folder
    finally:
        for server in postgres_processes(folder):
            with suppress(psutil.Error):
                server.kill()
                server.wait(10)
        shutil.rmtree(folder)


def postgres_processes(folder: Path) -> list[psutil.Process]:
    """The PostgreSQL servers that have their data below a folder."""
    found: list[psutil.Process] = []
    for pid_file in folder.rglob("postmaster.pid"):
        with suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(pid_file.read_text().partition("\n")[0]))
            if process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@asynccontextmanager
async def sql(dsn: str) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to the database of the service."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def run(
    *arguments: str,
    module: str = "runtime.cli.main",
    cwd: Path = ROOT,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, str, str]:
    """Run a command to its end: exit code, what it printed, what it complained of.

    In another folder it is begun as from a shell; else it is forked from a process that has imported it."""
    given = clean_environment() | {"COLUMNS": "200", "NO_COLOR": "1"} | dict(environment)
    process: asyncio.subprocess.Process | Forked
    if cwd == ROOT:
        process = await Forked.spawn(module, arguments, given, errors_apart=True)
    else:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=cwd,
            env=given | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    try:
        async with patience(f"{module} {' '.join(arguments)}"):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


async def _spawn(module: str, arguments: list[str], environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**22,
    )


async def _read(process: asyncio.subprocess.Process | Forked, lines: deque[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode(errors="replace").rstrip())


async def _look_again(service: Service) -> None:
    if not service.alive:
        raise Died(f"ended with {await service.gone()}:\n{service.log()}")
    await asyncio.sleep(LOOK_SECONDS)
