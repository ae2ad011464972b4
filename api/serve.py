"""Running the service: one process, until it is told to stop; then in-flight work is finished first."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping

import structlog
import uvicorn

from api.app import create_app
from api.settings import Settings
from api.wiring import Role, open_pixel

logger = structlog.get_logger("pixel")


async def serve(settings: Settings, environment: Mapping[str, str], role: Role) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_pixel(settings, environment, role) as pixel:
        logger.info("pixel is up", role=role, worker=pixel.worker is not None)
        if role == "worker":
            await stop.wait()
        else:
            config = uvicorn.Config(
                create_app(pixel),
                host=settings.host,
                port=settings.port,
                access_log=False,
                log_config=None,
                lifespan="off",
                loop="uvloop",
                http="httptools",
                timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
                server_header=False,
                backlog=2048,
            )
            await _run(_Server(config), stop)
        logger.info("draining")
    logger.info("pixel is down")


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: Pixel has its own, for the whole process."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


async def _run(server: uvicorn.Server, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving
