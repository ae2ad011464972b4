"""A wire between a runner and PostgreSQL that a test can cut, or hold, at a message of its choice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit


class Wire:
    """Passes bytes on; clients use its `dsn`. An order is for the next message with these words in it, once."""

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        options = dict(parse_qsl(parts.query))
        self._host = options.pop("host", parts.hostname or "localhost")
        self._port = int(options.pop("port", parts.port or 5432))
        login = parts.netloc.rpartition("@")[0]
        self._dsn = f"postgresql://{login}@127.0.0.1:{{}}{parts.path}?{urlencode(options | {'sslmode': 'disable'})}"
        self._words = b""
        self._held = b""
        self._order = ""
        self._go_on = asyncio.Event()
        self.struck = asyncio.Event()
        self.dsn = ""
        self.port = 0

    def open_at(self, port: int) -> None:
        self.port, self.dsn = port, self._dsn.format(port)

    def cut_before(self, words: bytes) -> None:
        """PostgreSQL never gets the message."""
        self._words, self._order = words, "cut before"

    def cut_after(self, words: bytes) -> None:
        """PostgreSQL gets the message and does as it says; the answer is lost."""
        self._words, self._order = words, "cut after"

    def hold_before(self, words: bytes) -> None:
        """The message waits until `go_on`."""
        self._words, self._order = words, "hold"

    def go_on(self) -> None:
        self._go_on.set()

    def hold_again(self) -> None:
        """Let the message that waits go on, and hold the next one like it."""
        self.struck.clear()
        self._words, self._held = self._held, b""
        self._go_on.set()

    async def link(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self._host.startswith("/"):
            server, to_server = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            server, to_server = await asyncio.open_connection(self._host, self._port)
        mute = asyncio.Event()
        pumps = [
            asyncio.create_task(self._ask(client, to_server, mute)),
            asyncio.create_task(self._answer(server, to_client, mute)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            to_client.transport.abort()
            to_server.transport.abort()

    async def _ask(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        while data := await client.read(65536):
            if self._words and self._words in data:
                self._words, self._held = b"", self._words
                if self._order == "cut before":
                    self.struck.set()
                    return
                if self._order == "cut after":
                    mute.set()
                else:
                    self._go_on.clear()
                    self.struck.set()
                    await self._go_on.wait()
            to_server.write(data)

    async def _answer(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        while data := await server.read(65536):
            if mute.is_set():  # it has answered, so it has done what it was asked for
                self.struck.set()
                return
            to_client.write(data)


@asynccontextmanager
async def strung(dsn: str, port: int = 0) -> AsyncGenerator[Wire]:
    """A wire to this database, for a while; at any port, if need not be this one."""
    wire = Wire(dsn)
    links: set[asyncio.Task[None]] = set()

    async def link(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        links.add(task)
        task.add_done_callback(links.discard)
        await wire.link(client, to_client)

    server = await asyncio.start_server(link, "127.0.0.1", port)
    try:
        wire.open_at(server.sockets[0].getsockname()[1])
        yield wire
    finally:
        server.close()
        for task in list(links):
            task.cancel()
        if links:
            await asyncio.wait(links)
