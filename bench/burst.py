"""Many requests at once: a client that costs little in comparison with the servers that it measures."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from bench.load import CONNECTIONS
from bench.rig import Unmeasurable

ANSWER_SECONDS = 60.0


async def post(port: int, path: str, body: bytes, count: int) -> None:
    """Send so many requests over 64 connections, as fast as answers come. Raises Unmeasurable when one is not 2xx."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    left = iter(range(count))
    await asyncio.gather(*(_send(port, request, left) for _ in range(min(CONNECTIONS, count))))


async def get(port: int, paths: Sequence[str]) -> list[float]:
    """Ask for one path after the other. Returns the seconds of each. Raises Unmeasurable when an answer is not 2xx."""
    took: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for path in paths:
            started = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            await _answer(reader)
            took.append(time.perf_counter() - started)
    finally:
        writer.close()
    return took


async def _send(port: int, request: bytes, left: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in left:
            writer.write(request)
            await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.partition(":")[2]) for line in head.splitlines() if line.startswith("content-length:"))
        body = await reader.readexactly(length)
    if head.split()[1][0] != "2":
        raise Unmeasurable(f"a request was answered with {head.split()[1]}: {body[:300].decode(errors='replace')}")
