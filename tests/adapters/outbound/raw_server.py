"""Servers for tests of outgoing requests: they answer byte for byte, and the network is simulated.

The simulated network is what the operating system provides: the resolver, and the peer of a connection to a public
address."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

Answer = bytes | Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each path with the bytes that were laid down for it, and counts what arrives."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[str] = []
        self.answers: dict[str, Answer] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    self.requests.append(head)
                    answer = self.answers[head.split(" ")[1].partition("?")[0]]
                    if not isinstance(answer, bytes):
                        return await answer(reader, writer)
                    writer.write(answer)
                    await writer.drain()
                    if b"Content-Length" not in answer:
                        return None
        finally:
            writer.close()
            self._tasks.discard(task)

    async def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def listening() -> AsyncGenerator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.end()


def reply(body: bytes, *headers: str, status: str = "200 OK", media_type: str | None = "image/png") -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if media_type:
        lines.append(f"Content-Type: {media_type}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return reply(b"", f"Location: {location}", status=status)


class Network:
    """The resolver: `names` has, for each name, the answers that it gives in turn, the last one for ever.

    The wires: a connection to a public address ends at the local port that `ends` has for it, or is refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, loop: asyncio.AbstractEventLoop) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.ends: dict[str, int] = {}
        self.asked: list[str] = []
        self.reached: list[tuple[str, int]] = []
        self._getaddrinfo = loop.getaddrinfo
        self._connect = loop.create_connection
        monkeypatch.setattr(loop, "getaddrinfo", self._resolve)
        monkeypatch.setattr(loop, "create_connection", self._reach)

    async def _resolve(self, host: str | bytes, port: int, **options: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name.replace(".", "").isdigit() or ":" in name:
            return await self._getaddrinfo(host, port, **options)
        self.asked.append(name)
        if name not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[name]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_place(address, port) for address in addresses]

    async def _reach(self, factory: Any, host: str, port: int, **options: Any) -> Any:
        self.reached.append((host, port))
        if host in self.ends:
            return await self._connect(factory, "127.0.0.1", self.ends[host], **options)
        if host == "127.0.0.1":
            return await self._connect(factory, host, port, **options)
        raise ConnectionRefusedError


def _place(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
