"""How does an answer leave in one piece? Its head waits for its body, so that the two are one write and one packet.

uvloop writes at once and uvicorn writes head and body apart: two system calls, and the client is woken twice."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from litestar.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION = "pixel.whole"


def coalesce(scope: Scope) -> None:
    """Say that the body comes right behind the head, so that the head may wait for it. Without our server: nothing."""
    asked = cast(dict[str, Any], scope)
    extensions: dict[str, Callable[[], None]] = asked.get("extensions") or {}
    if _EXTENSION in extensions and asked["method"] != "HEAD":
        extensions[_EXTENSION]()


class CoalescingProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, and what `in_one_piece` calls. What comes in parts, or later, is not kept back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Every write of this connection goes by way of the keeper."""
        keeper = CoalescingTransport(cast(asyncio.Transport, transport))
        self._extensions = {_EXTENSION: keeper.keep_next}
        super().connection_made(cast(asyncio.Transport, keeper))

    def on_message_begin(self) -> None:
        """A request begins. Answers never overlap, so that one keeper for the connection is enough."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["extensions"] = self._extensions


class CoalescingTransport:
    """A transport that can keep one write back until the next. `end`: what is done when it is closed."""

    __slots__ = ("_keeping", "_kept", "end", "is_closing", "wire")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.wire = transport
        self._keeping = False
        self._kept = b""
        self.is_closing = transport.is_closing  # asked for every request
        self.end = transport.close

    def keep_next(self) -> None:
        self._keeping = True

    def write(self, data: bytes) -> None:
        if self._keeping:
            self._keeping, self._kept = False, data
            return
        if self._kept:
            data, self._kept = self._kept + data, b""
        self.wire.write(data)

    def close(self) -> None:
        if self._kept:
            self.write(b"")
        self.end()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wire, name)
