"""Running simulators: in this process on a free port, or as a program."""

import argparse
import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import uvicorn

from tests.simulators.base import Simulator

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("_", "test_"))
    and path.stem not in {"base", "demo", "media", "serve", "example_requests"}
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
        # Not graceful: uvicorn checks only ten times a second whether it should stop, and there are many tests.
        task.cancel()
        await asyncio.wait([task])
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()


async def serve(name: str, port: int) -> None:
    """Serve until interrupted, and print the address."""
    async with served(make(name), port=port) as address:
        print(f"{name} simulator at {address}", flush=True)
        await asyncio.Event().wait()


def main(arguments: list[str] | None = None) -> int:
    """`python -m tests.simulators NAME --port PORT`: one simulator, until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=main.__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.name, options.port))
    return 0
