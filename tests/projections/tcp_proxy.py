"""A TCP proxy between a runner and PostgreSQL. A test sets the message at which it cuts or holds the connection."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import Enum, auto
from urllib.parse import parse_qsl, urlencode, urlsplit

BYTES = 65536


class Fault(Enum):
    """What happens to the next message that contains certain words."""

    CUT_BEFORE = auto()
    """The message is lost before PostgreSQL gets it."""
    CUT_AFTER = auto()
    """PostgreSQL executes it; the answer is lost."""
    HOLD = auto()
    """It waits until `go_on`."""
    HOLD_NEXT = auto()
    """PostgreSQL gets it; the next message of this client waits until `go_on`."""


class TcpProxy:
    """Passes bytes on; clients use its `dsn`. A fault hits one message; `triggered` is set when it has.

    It uses plain sockets: they are closed for certain, even one that is still being opened when the proxy ends."""

    def __init__(self, dsn: str, listener: socket.socket) -> None:
        self._server = urlsplit(dsn)
        self._listener = listener
        self._links: set[asyncio.Task[None]] = set()
        self._words = b""
        self._fault = Fault.HOLD
        self._go_on = asyncio.Event()
        self.triggered = asyncio.Event()
        self.asked = 0
        """Messages of clients so far: one for each statement of asyncpg that is prepared already."""
        self.port: int = listener.getsockname()[1]

    @property
    def dsn(self) -> str:
        """The address of the same database, through the proxy."""
        login = self._server.netloc.rpartition("@")[0]
        options = {name: value for name, value in parse_qsl(self._server.query) if name not in {"host", "port"}}
        query = urlencode(options | {"sslmode": "disable"})
        return f"postgresql://{login}@127.0.0.1:{self.port}{self._server.path}?{query}"

    def at(self, words: bytes, fault: Fault) -> None:
        """Let the fault hit the next message that contains the words."""
        self.triggered.clear()
        self._words, self._fault = words, fault

    def go_on(self) -> None:
        """Let a message that is held pass."""
        self._go_on.set()

    def accept(self) -> None:
        """Accept a client that wants to connect."""
        client, _ = self._listener.accept()
        client.setblocking(False)
        link = asyncio.create_task(self._link(client))
        self._links.add(link)
        link.add_done_callback(lambda _: client.close())

    async def cut(self) -> None:
        """Close all connections."""
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
            self.asked += 1
            if self._words and self._words in data:
                self._words = b""
                if self._fault is Fault.CUT_BEFORE:
                    self.triggered.set()
                    return
                if self._fault is Fault.CUT_AFTER:
                    mute.set()
                else:
                    if self._fault is Fault.HOLD_NEXT:
                        await loop.sock_sendall(server, data)
                        data = await loop.sock_recv(client, BYTES)
                    self._go_on.clear()
                    self.triggered.set()
                    await self._go_on.wait()
            await loop.sock_sendall(server, data)

    async def _answer(self, server: socket.socket, client: socket.socket, mute: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(server, BYTES):
            if mute.is_set():  # an answer means that PostgreSQL has executed it
                self.triggered.set()
                return
            await loop.sock_sendall(client, data)


@asynccontextmanager
async def tcp_proxy(dsn: str, *, port: int = 0) -> AsyncGenerator[TcpProxy]:
    """Yields a proxy to a database. Port 0: any free port."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.setblocking(False)
        proxy = TcpProxy(dsn, listener)
        loop = asyncio.get_running_loop()
        loop.add_reader(listener, proxy.accept)
        try:
            yield proxy
        finally:
            loop.remove_reader(listener)
            await proxy.cut()
