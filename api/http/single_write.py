"""How are head and body of an answer sent in one write? The head is held back until the body comes.

Uvicorn writes the two apart, and uvloop sends each at once: two system calls, and two wake-ups of the client."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from litestar.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION = "pixel.whole"


def coalesce(scope: Scope) -> None:
    """Hold the head of this answer back until its body, which must follow at once. Does nothing on another server."""
    asked = cast(dict[str, Any], scope)
    extensions: dict[str, Callable[[], None]] = asked.get("extensions") or {}
    if _EXTENSION in extensions and asked["method"] != "HEAD":
        extensions[_EXTENSION]()


class CoalescingProtocol(HttpToolsProtocol):
    """Uvicorn's protocol with a `CoalescingTransport`. Answers in several parts are not held back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wrap the transport, so that every write of this connection passes through it."""
        keeper = CoalescingTransport(cast(asyncio.Transport, transport))
        self._extensions = {_EXTENSION: keeper.hold_next}
        super().connection_made(cast(asyncio.Transport, keeper))

    def on_message_begin(self) -> None:
        """A request begins. Answers never overlap, so one held head per connection is enough."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["extensions"] = self._extensions


class CoalescingTransport:
    """A transport that can hold one write back until the next. `end` is called on close."""

    __slots__ = ("_keeping", "_pending", "end", "is_closing", "wire")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.wire = transport
        self._keeping = False
        self._pending = b""
        self.is_closing = transport.is_closing  # asked for every request
        self.end = transport.close

    def hold_next(self) -> None:
        self._keeping = True

    def write(self, data: bytes) -> None:
        if self._keeping:
            self._keeping, self._pending = False, data
            return
        if self._pending:
            data, self._pending = self._pending + data, b""
        self.wire.write(data)

    def close(self) -> None:
        if self._pending:
            self.write(b"")
        self.end()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)
