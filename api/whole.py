"""How does an answer leave in one piece? Its head waits for its body, so that the two are one write and one packet.

uvloop writes at once and uvicorn writes head and body apart: two system calls, and the client is woken twice."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "pixel.whole"


class WholeAnswers(HttpToolsProtocol):
    """Uvicorn's protocol. Under `EXTENSION` in the scope an application finds what it calls when its head is to wait.

    Only for who sends the body right after the head: what comes in parts, or later, is not to be kept back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:  # type: ignore[override]
        """Every write of this connection goes by way of the keeper."""
        self._keeper = _Keeper(cast(asyncio.Transport, transport))
        super().connection_made(cast(asyncio.Transport, self._keeper))

    def on_message_begin(self) -> None:
        """A request begins. Answers never overlap, so that one keeper for the connection is enough."""
        super().on_message_begin()
        extensions: dict[str, Callable[[], None]] = {EXTENSION: self._keeper.keep_next}
        cast(dict[str, Any], self.scope)["extensions"] = extensions


class _Keeper:
    """A transport that can keep one write back until the next."""

    __slots__ = ("_keeping", "_kept", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._keeping = False
        self._kept = b""

    def keep_next(self) -> None:
        self._keeping = True

    def write(self, data: bytes) -> None:
        if self._keeping:
            self._keeping, self._kept = False, data
            return
        if self._kept:
            data, self._kept = self._kept + data, b""
        self._transport.write(data)

    def close(self) -> None:
        if self._kept:
            self.write(b"")
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
