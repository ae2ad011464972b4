"""A wire between a runner and PostgreSQL that a test can cut, or hold, at a message of its choice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import Enum, auto
from urllib.parse import parse_qsl, urlencode, urlsplit


class Order(Enum):
    """What to do with the next message that has certain words in it."""

    CUT_BEFORE = auto()
    """PostgreSQL never gets it."""
    CUT_AFTER = auto()
    """PostgreSQL gets it and does as it says; the answer is lost."""
    HOLD = auto()
    """It waits until `go_on`."""


class Wire:
    """Passes bytes on; clients use its `dsn`. An order is for one message; `struck` is set when it was carried out."""

    def __init__(self, dsn: str) -> None:
        self._server = urlsplit(dsn)
        self._words = b""
        self._order = Order.HOLD
        self._go_on = asyncio.Event()
        self.struck = asyncio.Event()
        self.port = 0

    @property
    def dsn(self) -> str:
        """The same database at the near end of the wire."""
        login = self._server.netloc.rpartition("@")[0]
        options = {name: value for name, value in parse_qsl(self._server.query) if name not in {"host", "port"}}
        query = urlencode(options | {"sslmode": "disable"})
        return f"postgresql://{login}@127.0.0.1:{self.port}{self._server.path}?{query}"

    def at(self, words: bytes, order: Order) -> None:
        self.struck.clear()
        self._words, self._order = words, order

    def go_on(self) -> None:
        """Let a message that is held pass."""
        self._go_on.set()

    async def link(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Serve one connection, until either side or an order ends it."""
        connecting = asyncio.ensure_future(self._connect())
        try:
            server, to_server = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            (_, to_server), *_ = await asyncio.gather(connecting)
            to_server.transport.abort()  # a connection that nobody waits for any more is closed all the same
            raise
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

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        options = dict(parse_qsl(self._server.query))
        host = options.get("host", self._server.hostname or "localhost")
        port = int(options.get("port", self._server.port or 5432))
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _ask(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        while data := await client.read(65536):
            if self._words and self._words in data:
                self._words = b""
                if self._order is Order.CUT_BEFORE:
                    self.struck.set()
                    return
                if self._order is Order.CUT_AFTER:
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
async def strung(dsn: str, *, port: int = 0) -> AsyncGenerator[Wire]:
    """A wire to a database, for a while; at any port, if it need not be a certain one."""
    wire = Wire(dsn)
    links: set[asyncio.Task[None]] = set()

    def link(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(wire.link(client, to_client))
        links.add(task)
        # Also for one that is cancelled before it has begun: nothing of it may be left open.
        task.add_done_callback(lambda _: to_client.transport.abort())
        task.add_done_callback(links.discard)

    server = await asyncio.start_server(link, "127.0.0.1", port)
    try:
        wire.port = server.sockets[0].getsockname()[1]
        yield wire
    finally:
        server.close()
        for task in list(links):
            task.cancel()
        if links:
            await asyncio.wait(links)
