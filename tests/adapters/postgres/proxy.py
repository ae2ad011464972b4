"""A line to PostgreSQL that is cut at chosen moments, for tests of lost replies."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from tests.adapters.postgres.event_log_rig import connected, until

GOODBYE = b"E\0\0\0\x23SFATAL\0VFATAL\0C57P01\0Mgoodbye\0\0"
Meanwhile = Callable[[], Awaitable[object]]


class Proxy:
    """Forwards bytes. `cut_at` makes it cut the line once, when a request passes that contains a word."""

    def __init__(self, dsn: str, folder: Path) -> None:
        parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
        self._server, self._port = parts["host"], parts.get("port", "5432")
        self.socket = folder / ".s.PGSQL.5432"
        login = f"{quote(parts['user'])}:{quote(parts.get('password', ''))}"
        self.dsn = f"postgresql://{login}@/{parts['dbname']}?host={quote(str(folder))}&port=5432"
        self.open = True
        self.cuts = 0
        self.refused = 0
        self._word: bytes | None = None
        self._delivered = False
        self._passes = 0
        self._meanwhile: Meanwhile = _nothing
        self._lines: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()

    def cut_at(self, word: str, *, delivered: bool, meanwhile: Meanwhile | None = None, passes: int = 0) -> None:
        """Cut when this word has passed so often and passes again, before or after it is delivered; the line stays
        silent during `meanwhile`."""
        self._word, self._delivered, self._meanwhile = word.encode(), delivered, meanwhile or _nothing
        self._passes = passes

    def close(self) -> None:
        """Cut every line and let nobody in."""
        self.open = False
        for line in list(self._lines):
            line.transport.abort()

    def say_goodbye(self) -> None:
        """PostgreSQL's message on every connection when it is stopped. The connection itself stays for a moment."""
        for to_client in self._clients:
            to_client.write(GOODBYE)

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One line, until one of its ends or a cut."""
        if not self.open:
            self.refused += 1
            to_client.transport.abort()
            return
        if self._server.startswith("/"):
            server, to_server = await asyncio.open_unix_connection(f"{self._server}/.s.PGSQL.{self._port}")
        else:
            server, to_server = await asyncio.open_connection(self._server, int(self._port))
        self._lines |= {to_client, to_server}
        self._clients.add(to_client)
        replies = asyncio.create_task(_forward(server, to_client))
        try:
            await self._requests(client, to_server, replies)
        finally:
            replies.cancel()
            self._clients.discard(to_client)
            for line in (to_client, to_server):
                line.transport.abort()
                self._lines.discard(line)

    async def _requests(
        self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, replies: "asyncio.Task[None]"
    ) -> None:
        with suppress(ConnectionError):
            while data := await client.read(65536):
                if self._word is not None and self._word in data and self._passes:
                    self._passes -= 1
                elif self._word is not None and self._word in data:
                    self._word = None
                    self.cuts += 1
                    replies.cancel()
                    if self._delivered:
                        to_server.write(data)
                    await self._meanwhile()
                    return
                to_server.write(data)


@asynccontextmanager
async def proxied(dsn: str) -> AsyncGenerator[Proxy]:
    """Another way to the same database."""
    folder = Path(tempfile.mkdtemp(prefix="pixel-proxy-"))  # pytest's are too long for a socket
    proxy = Proxy(dsn, folder)
    server = await asyncio.start_unix_server(proxy.serve, proxy.socket)
    try:
        yield proxy
    finally:
        server.close()
        proxy.close()
        await asyncio.to_thread(shutil.rmtree, folder)


def visible(dsn: str, word: str) -> Meanwhile:
    """Waits until another connection sees an event with this word: it was committed."""

    async def wait() -> None:
        async with connected(dsn) as connection:

            async def seen() -> bool:
                return bool(await connection.fetchval(_HAS_WORD, word.encode()))

            await until(seen)

    return wait


async def _forward(server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await server.read(65536):
            to_client.write(data)
        to_client.close()


async def _nothing() -> None:
    """Cut at once."""


_HAS_WORD: LiteralString = "SELECT EXISTS (SELECT FROM stored_events WHERE position($1::bytea IN state) > 0)"
