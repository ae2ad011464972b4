"""A public address for a Pixel whose port is not known yet: it takes connections first, and passes them on later."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    """`url` is the address, `target` where its connections go, `passed` how many there were."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.target = ""
        self.passed = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncGenerator["Relay"]:
        """Listen on a free port until the end of the block."""
        relay: Relay | None = None

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert relay is not None
            relay.passed += 1
            place = urlsplit(relay.target)
            there, back = await asyncio.open_connection(place.hostname, place.port)
            with suppress(OSError):
                await asyncio.gather(_pump(reader, back), _pump(there, writer))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        relay = cls(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server:
            yield relay


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
