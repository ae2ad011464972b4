"""Listens to Server-Sent Events as a browser does: parses them, and comes back behind the last id after a cut."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass
class Sent:
    """One event as it came. `name` is None for what has no event: a comment, or the time to wait."""

    name: str | None = None
    id: int | None = None
    data: str = ""
    comment: str | None = None
    retry: int | None = None

    @property
    def json(self) -> Any:
        """What the data say."""
        return json.loads(self.data)


async def blocks(lines: AsyncIterator[str]) -> AsyncGenerator[Sent]:
    """The blocks of a stream of lines, each once it is whole."""
    sent = Sent()
    async for line in lines:
        if not line:
            yield sent
            sent = Sent()
            continue
        word, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match word:
            case "":
                sent.comment = value
            case "event":
                sent.name = value
            case "id":
                sent.id = int(value)
            case "data":
                sent.data += value
            case "retry":
                sent.retry = int(value)
            case _:
                raise AssertionError(f"no line of an event stream: {line!r}")


class Refused(Exception):
    """The stream can't be had now."""


class Stream:
    """One answer: its head, and what comes."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._blocks = blocks(response.aiter_lines())

    async def block(self) -> Sent | None:
        """The next block, whatever it is; None at the end."""
        return await anext(self._blocks, None)

    async def event(self) -> Sent:
        """The next event."""
        while sent := await self.block():
            if sent.name:
                return sent
        raise EOFError("the stream ended")

    async def rest(self) -> AsyncGenerator[Sent]:
        """The blocks that still come, up to the end."""
        while sent := await self.block():
            yield sent

    async def events(self, count: int) -> list[Sent]:
        """The next events."""
        return [await self.event() for _ in range(count)]


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, path: str, *, last: int | None = None, **query: str | int
) -> AsyncGenerator[Stream]:
    """An open stream; asserts that it was accepted. Raises Refused for 503."""
    headers = {"Accept": "text/event-stream"} | ({} if last is None else {"Last-Event-ID": str(last)})
    async with client.stream("GET", path, params=query or None, headers=headers) as response:
        if response.status_code == 503:
            raise Refused
        if response.status_code != 200:
            await response.aread()
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "text/event-stream"
        yield Stream(response)


@dataclass
class EventSource:
    """As a browser's: it comes back with the last id until it is closed. `events` is all that came."""

    path: str
    events: list[Sent] = field(default_factory=list[Sent])
    last: int | None = None
    connected: int = 0

    async def follow(self, client: httpx.AsyncClient, seconds: float = 0.05) -> None:
        """Listen for ever; wait a moment after a cut, as after an error."""
        while True:
            try:
                async with listening(client, self.path, last=self.last) as stream:
                    self.connected += 1
                    while True:
                        sent = await stream.event()
                        self.events.append(sent)
                        self.last = self.last if sent.id is None else sent.id
            except (httpx.TransportError, EOFError, Refused):
                await asyncio.sleep(seconds)
