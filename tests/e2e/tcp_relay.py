"""A TCP relay with a fixed address, for a server whose port is not known yet, or that is down for a while."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class TcpRelay:
    """Passes connections at `url` on to `target`, and counts them in `passed`."""

    def __init__(self, target: str) -> None:
        self.url = ""
        self.target = target
        self.passed = 0
        self._port = 0
        self._server: asyncio.Server | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, target: str = "") -> AsyncGenerator["TcpRelay"]:
        """Listen on a free port until the end of the block."""
        relay = cls(target)
        await relay.up()
        try:
            yield relay
        finally:
            await relay.down()

    async def up(self) -> None:
        """Accept connections, at the same port as before."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def down(self) -> None:
        """Refuse new connections, as a machine that is switched off. Open ones may go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.passed += 1
        place = urlsplit(self.target)
        try:
            there, back = await asyncio.open_connection(place.hostname, place.port)
        except OSError:
            writer.close()
            return
        with suppress(OSError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
