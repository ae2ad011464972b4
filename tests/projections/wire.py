"""A wire between a runner and PostgreSQL that a test can cut, or hold, at a message of its choice."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import Enum, auto
from urllib.parse import parse_qsl, urlencode, urlsplit

BYTES = 65536


class Order(Enum):
    """What to do with the next message that has certain words in it."""

    CUT_BEFORE = auto()
    """PostgreSQL never gets it."""
    CUT_AFTER = auto()
    """PostgreSQL gets it and does as it says; the answer is lost."""
    HOLD = auto()
    """It waits until `go_on`."""


class Wire:
    """Passes bytes on; clients use its `dsn`. An order is for one message; `struck` is set when it was carried out.

    Plain sockets, because they are closed for certain, whatever was just being opened when the wire is taken down."""

    def __init__(self, dsn: str, listener: socket.socket) -> None:
        self._server = urlsplit(dsn)
        self._listener = listener
        self._links: set[asyncio.Task[None]] = set()
        self._words = b""
        self._order = Order.HOLD
        self._go_on = asyncio.Event()
        self.struck = asyncio.Event()
        self.port: int = listener.getsockname()[1]

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

    def accept(self) -> None:
        """A client is at the door."""
        client, _ = self._listener.accept()
        client.setblocking(False)
        link = asyncio.create_task(self._link(client))
        self._links.add(link)
        link.add_done_callback(lambda _: client.close())

    async def cut(self) -> None:
        """All that are connected are so no more."""
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _link(self, client: socket.socket) -> None:
        family, address = self._far_end()
        with socket.socket(family) as server:
            server.setblocking(False)
            await asyncio.get_running_loop().sock_connect(server, address)
            mute = asyncio.Event()
            pumps = [
                asyncio.create_task(self._ask(client, server, mute)),
                asyncio.create_task(self._answer(server, client, mute)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)

    def _far_end(self) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
        options = dict(parse_qsl(self._server.query))
        host = options.get("host", self._server.hostname or "localhost")
        port = int(options.get("port", self._server.port or 5432))
        if host.startswith("/"):
            return socket.AF_UNIX, f"{host}/.s.PGSQL.{port}"
        return socket.AF_INET, (host, port)

    async def _ask(self, client: socket.socket, server: socket.socket, mute: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(client, BYTES):
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
            await loop.sock_sendall(server, data)

    async def _answer(self, server: socket.socket, client: socket.socket, mute: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(server, BYTES):
            if mute.is_set():  # it has answered, so it has done what it was asked for
                self.struck.set()
                return
            await loop.sock_sendall(client, data)


@asynccontextmanager
async def strung(dsn: str, *, port: int = 0) -> AsyncGenerator[Wire]:
    """A wire to a database, for a while; at any port, if it need not be a certain one."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        wire = Wire(dsn, listener)
        loop = asyncio.get_running_loop()
        loop.add_reader(listener, wire.accept)
        try:
            yield wire
        finally:
            loop.remove_reader(listener)
            await wire.cut()
