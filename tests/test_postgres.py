"""Where the tests take their PostgreSQL from."""

import asyncio
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.patience import patient
from tests.postgres import postgres_server


class _EngineWithoutImages(BaseHTTPRequestHandler):
    """Docker's API without any registry."""

    def do_GET(self) -> None:
        said = {"_ping": b"OK", "version": b'{"ApiVersion": "1.44"}', "info": b"{}"}.get(self.path.rpartition("/")[2])
        self._answer(200 if said else 404, said or b'{"message": "no such image"}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(404, b'{"message": "no such image"}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def engine_without_images() -> Generator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EngineWithoutImages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_an_engine_without_the_image_is_reported_and_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Docker answers but has no PostgreSQL image, the embedded one serves, and that is reported."""
    monkeypatch.delenv("PIXEL_TEST_DATABASE_URL", raising=False)
    lines: list[str] = []
    with engine_without_images() as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        async with postgres_server(lines.append) as dsn:
            connection = await asyncpg.connect(dsn)
            try:
                assert await connection.fetchval("SELECT 1") == 1
            finally:
                await connection.close()
    assert len(lines) == 1
    assert lines[0].startswith("no PostgreSQL from Docker, the embedded one is used: ")
    assert "no such image" in lines[0]


_HOLD = """
import asyncio
from tests.postgres import embedded_server

async def hold() -> None:
    async with embedded_server() as dsn:
        print(dsn, flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


async def test_a_server_ends_with_the_process_that_started_it() -> None:
    """Killed, a process runs no `finally`; its server and its folder go all the same."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLD, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(patient(60)):
            while not (line := (await process.stdout.readline()).decode().strip()).startswith("postgresql://"):
                assert line
        connection = await asyncpg.connect(line)
        folder = Path(await connection.fetchval("SHOW data_directory")).parent.parent
        assert folder.name.startswith("pixel-tests-")
        postmaster = int((folder / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    finally:
        process.kill()
        await process.wait()
    async with asyncio.timeout(patient(30)):
        while folder.exists() or psutil.pid_exists(postmaster) or not connection.is_closed():
            await asyncio.sleep(0.05)
