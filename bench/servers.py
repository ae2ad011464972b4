"""Which ASGI server? The same application behind uvicorn and behind granian, in the same kind of process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import uvicorn
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp

from adapters import logging
from api.app import create_app
from bench import seed
from bench.load import CONNECTIONS, THREADS, Load, describe, fire, median_load
from bench.report import Row
from bench.rig import Rig, free_port
from bench.web import POST, get_shot
from projections.tasks import TASKS
from runtime.composition import open_pixel
from services.settings import Settings, load

SERVERS = ("uvicorn", "granian")


async def measure(rig: Rig) -> list[Row]:
    """Two rows: POST and GET."""
    loads: dict[tuple[str, str], list[Load]] = {}
    seconds = max(1, rig.pace.seconds - 2)
    async with rig.database("bench_servers") as dsn:
        streams = await seed.tasks(dsn, rig.pace.seen_tasks, unfinished=rig.pace.seen_tasks // 2)
        await seed.models(dsn)
        await seed.catch_up(dsn, TASKS)
        async with _serving(rig, dsn, "uvicorn") as uvicorn_port, _serving(rig, dsn, "granian") as granian_port:
            ports = {"uvicorn": uvicorn_port, "granian": granian_port}
            for turn in range(rig.pace.rounds + 1):
                for shot in (POST, get_shot(streams)):
                    for name, port in ports.items():
                        rig.report_progress(f"{name}, {shot.method}, turn {turn}")
                        load = await fire(rig, port, shot, seconds=seconds if turn else 1)
                        if turn:  # the first was the warm-up
                            loads.setdefault((shot.method, name), []).append(load)
    rows: list[Row] = []
    for method in ("POST", "GET"):
        ours, theirs = (median_load(loads[method, name]) for name in SERVERS)
        rows.append(
            Row(
                what=f"uvicorn {uvicorn.__version__}, {method}",
                compared_with="granian, the same application",
                ours=describe(ours),
                theirs=describe(theirs),
                value=ours.per_second / theirs.per_second,
                how=f"wrk -t{THREADS} -c{CONNECTIONS}, {rig.pace.rounds} turns of {seconds} s. Both on "
                "uvloop, one process each; granian embedded, its HTTP in a Rust thread of its own.",
            )
        )
    return rows


@asynccontextmanager
async def _serving(rig: Rig, dsn: str, server: str) -> AsyncGenerator[int]:
    port = free_port()
    environment = rig.pixel_environment(dsn, port)
    async with rig.serving("bench.servers", server, environment=environment, port=port):
        yield port


# --- The contenders, each in a process of its own ---


async def _serve(server: str, settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_pixel(settings, os.environ, "api") as pixel:
        app = create_app(pixel)
        await (_uvicorn if server == "uvicorn" else _granian)(app, settings, stop)


async def _uvicorn(app: ASGIApp, settings: Settings, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        lifespan="off",
        loop="uvloop",
        http="httptools",
        server_header=False,
        backlog=2048,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await stop.wait()
    server.should_exit = True
    await serving


async def _granian(app: ASGIApp, settings: Settings, stop: asyncio.Event) -> None:
    server = Server(
        app, address=settings.host, port=settings.port, interface=Interfaces.ASGINL, log_enabled=False, backlog=2048
    )
    serving = asyncio.create_task(server.serve())
    await stop.wait()
    server.stop()  # type: ignore[no-untyped-call]
    await serving


def main(arguments: Sequence[str]) -> None:
    (server,) = arguments
    settings = load(os.environ)
    logging.configure(settings.log_format, settings.log_level)
    uvloop.run(_serve(server, settings))


if __name__ == "__main__":
    main(sys.argv[1:])
