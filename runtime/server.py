"""Runs the service in one process until SIGTERM or SIGINT, and then finishes the work in flight."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Mapping
from functools import partial
from typing import cast

import structlog
import uvicorn

from api.app import create_app
from api.http.connection_limits import BoundedProtocol, ConnectionLimiter, Limits
from api.http.origin_policy import is_local
from api.http.studio_files import when_built
from runtime.composition import open_pixel
from runtime.database import Role
from runtime.garbage import collect_rarely
from services.settings import Settings, WrongSetting
from services.state import Pixel

DECODE_SECONDS = 2.0  # the time for files that are being decoded at a stop; most take 0.1 s

logger = structlog.get_logger("pixel")


async def serve(settings: Settings, environment: Mapping[str, str], role: Role) -> None:
    """Serve until SIGTERM or SIGINT. Raises WrongSetting when the address can't be listened on, and what `open_pixel`
    raises."""
    _allow_descriptors()
    listener = (
        None if role == "worker" else _listen(settings)
    )  # first of all, so that a port in use is reported at once
    stop = asyncio.Event()
    starting, main = True, asyncio.current_task()

    def request_stop() -> None:
        stop.set()
        if starting and main is not None:
            main.cancel()  # a start may be waiting for its database, or for another Pixel's embedded one

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, request_stop)
    loop.add_signal_handler(signal.SIGHUP, _ignore)  # while it starts, it reads the catalogue anyway
    try:
        async with open_pixel(settings, environment, role) as pixel:
            starting = False
            if listener is not None:
                _require_closed(pixel)
            loop.add_signal_handler(signal.SIGHUP, pixel.catalogue.apply_soon)
            await _serve(pixel, role, listener, stop)
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
    logger.info("pixel is down")


OPEN_TO_OTHERS = (
    "PIXEL_HOST: other machines reach {host}, and without an API key everybody there could see everything and spend "
    "your money. Make a key with `pixel keys create --owner NAME --scope admin`, or set PIXEL_FIRST_ADMIN_KEY "
    "or PIXEL_ADMIN_TOKEN. PIXEL_OPEN=true leaves it open all the same."
)


def _require_closed(pixel: Pixel) -> None:
    """Raise WrongSetting when everybody could use Pixel from other machines, unless PIXEL_OPEN says that they may."""
    settings = pixel.settings
    if is_local(settings.host) or not pixel.keys.is_open(settings.admin_token):
        return
    if not settings.open:
        raise WrongSetting(OPEN_TO_OTHERS.format(host=settings.host))
    logger.warning("pixel is open: whoever reaches it may see everything and spend money", host=settings.host)


async def _serve(pixel: Pixel, role: Role, listener: socket.socket | None, stop: asyncio.Event) -> None:
    url = "http://{}:{}".format(*listener.getsockname()) if listener else None
    studio = await asyncio.to_thread(_studio, url)
    logger.info("pixel is up", role=role, worker=pixel.worker is not None, url=url, studio=studio)
    collect_rarely()
    draining = asyncio.create_task(_begin_drain(pixel, stop))
    if listener is None:
        await stop.wait()
    else:
        config = uvicorn.Config(
            create_app(pixel),
            access_log=False,
            log_config=None,
            lifespan="off",
            loop="uvloop",
            http=cast(type[asyncio.Protocol], partial(BoundedProtocol, ConnectionLimiter(_limits(pixel.settings)))),
            ws="none",
            timeout_graceful_shutdown=int(pixel.settings.drain_seconds) or 1,
            server_header=False,
            backlog=2048,
        )
        await _run(_Server(config), listener, stop)
    draining.cancel()


def _studio(url: str | None) -> str | None:
    """The address of the studio, or how to get one. Asks the disk."""
    if url is None:
        return None
    return f"{url}/studio/" if when_built() else 'not built: run "make studio"'


def _limits(settings: Settings) -> Limits:
    return Limits(idle_seconds=settings.idle_seconds, connections_per_address=settings.connections_per_address)


def _allow_descriptors() -> None:
    """Raise the limit of open files to the hard limit. Waiting callers soon use up the soft one, often 1,024."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some kernels allow less than they report
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


async def _begin_drain(pixel: Pixel, stop: asyncio.Event) -> None:
    """After the signal: claim no more, and end all waits and event streams: each request gets its answer."""
    await stop.wait()
    logger.info("draining")
    pixel.task_ends.close()
    pixel.events.close()
    if pixel.worker:
        pixel.worker.stop()
    if pixel.webhooks.sender:
        pixel.webhooks.sender.stop()
    await pixel.decoders.close(DECODE_SECONDS)


def _listen(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        place = f"{settings.host}:{settings.port}"
        raise WrongSetting(f"PIXEL_HOST, PIXEL_PORT: can't listen on {place}: {error.strerror}") from None
    return listener


def _ignore() -> None:
    """For a signal that would end the process."""


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: Pixel has its own, for the whole process."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


async def _run(server: uvicorn.Server, listener: socket.socket, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(server.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving
