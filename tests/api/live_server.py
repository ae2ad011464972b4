"""The application behind a real socket, with the limits of connections: a stream needs both."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import uvicorn

from api.app import create_app
from api.http.connection_limits import BoundedProtocol, ConnectionLimiter, Limits
from services.state import Pixel
from tests.patience import patient
from tests.web import PlainClient


@asynccontextmanager
async def served(pixel: Pixel, *, send_buffer: int | None = None, **limits: Any) -> AsyncGenerator[PlainClient]:
    """A client of the application, which is served with these limits. `send_buffer`: bytes that the kernel holds."""
    limiter = ConnectionLimiter(Limits(**limits), look_seconds=0.02)
    config = uvicorn.Config(
        create_app(pixel),
        port=0,
        http=cast(type[asyncio.Protocol], partial(BoundedProtocol, limiter)),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        [listener] = server.servers[0].sockets
        if send_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        port = listener.getsockname()[1]
        timeout = patient(60)
        async with PlainClient(base_url=f"http://127.0.0.1:{port}", timeout=timeout) as client:
            yield client
    finally:
        await server.shutdown()
