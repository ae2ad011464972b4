"""Running simulators: in this process on a free port, or as a process of their own."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import uvicorn

from tests.simulators.base import Simulator

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("_", "test_")) and path.stem not in {"base", "demo", "media", "serve", "wishes"}
)


def make(name: str) -> Simulator:
    """The simulator of a provider."""
    simulator: Simulator = import_module(f"tests.simulators.{name}").simulator()
    return simulator


@asynccontextmanager
async def served(simulator: Simulator, *, port: int = 0) -> AsyncGenerator[str]:
    """Serve it in this process; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            simulator, host="127.0.0.1", port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the simulator did not start")
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        # Not in good order: uvicorn looks only ten times a second whether it should stop, and there are many tests.
        task.cancel()
        await asyncio.wait([task])
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()


@asynccontextmanager
async def spawned(name: str) -> AsyncGenerator[str]:
    """Serve it in a process of its own, which outlives a killed Pixel; yields its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.simulators", name, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        yield line.split()[-1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
