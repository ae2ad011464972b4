"""Laws of the connection: a complete answer is sent in one write, and nothing else is delayed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from api.http.responses import JsonResponse
from api.http.single_write import CoalescingProtocol
from tests.patience import patient

GET = b"GET /%s HTTP/1.1\r\nHost: pixel\r\n\r\n"
BODY = b'{"code":"200"}'


class Wire(asyncio.Transport):
    """A transport that notes what is written, write by write, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


async def exchange(wire: Wire, app: ASGIApp, sent: bytes, enough: Callable[[], bool]) -> None:
    """Send these bytes to the application on a new connection, and wait until `enough` is true."""
    config = uvicorn.Config(app, http=CoalescingProtocol, lifespan="off", access_log=False, log_config=None)
    config.load()
    protocol = CoalescingProtocol(config, ServerState(), {})
    protocol.connection_made(wire)
    protocol.data_received(sent)
    async with asyncio.timeout(patient(5)):
        while not enough():
            await asyncio.sleep(0)
    if not wire.closed:
        protocol.connection_lost(None)


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """An answer whose header contains the path of the request."""
    status = 304 if scope["path"] == "/same" else 200
    await JsonResponse(b"" if status == 304 else BODY, {"ETag": scope["path"]}, status=status)(scope, receive, send)


async def test_head_and_body_are_one_write() -> None:
    """The client that waits for the answer is woken once."""
    wire = Wire()
    await exchange(wire, answering, GET % b"a", lambda: bool(wire.writes))
    assert len(wire.writes) == 1
    assert wire.writes[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.writes[0].endswith(b"\r\n\r\n" + BODY)


@pytest.mark.parametrize("sent", [b"HEAD /a HTTP/1.1\r\nHost: pixel\r\n\r\n", GET % b"same"], ids=["HEAD", "304"])
async def test_a_head_without_a_body_is_sent_at_once(sent: bytes) -> None:
    """HEAD and 304 have no body for which a head would wait, and the connection goes on."""
    wire = Wire()
    await exchange(wire, answering, sent + GET % b"next", lambda: b"etag: /next" in b"".join(wire.writes))
    first, _, second = b"".join(wire.writes).partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 ")
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")
    assert second.endswith(b"\r\n\r\n" + BODY)


async def test_pipelined_requests_are_answered_in_order() -> None:
    """Each in one write, none with a part of another."""
    wire = Wire()
    names = [b"%d" % number for number in range(20)]
    await exchange(wire, answering, b"".join(GET % name for name in names), lambda: len(wire.writes) == len(names))
    for name, write in zip(names, wire.writes, strict=True):
        assert b"etag: /" + name + b"\r\n" in write
        assert write.count(BODY) == 1


async def test_the_last_answer_is_written_before_the_end() -> None:
    """A client that wants the connection closed has its answer first."""
    wire = Wire()
    closing = b"GET /a HTTP/1.1\r\nHost: pixel\r\nConnection: close\r\n\r\n"
    await exchange(wire, answering, closing, lambda: wire.closed)
    assert b"".join(wire.writes).endswith(b"\r\n\r\n" + BODY)


async def test_a_stream_is_sent_at_once() -> None:
    """The head of a streamed answer is sent at once, and so is each part."""
    wire = Wire()
    go_on = asyncio.Event()

    async def streaming(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        assert len(wire.writes) == 1
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        assert len(wire.writes) == 2
        go_on.set()
        await send({"type": "http.response.body", "body": b"last", "more_body": False})

    await exchange(wire, streaming, GET % b"a", lambda: b"last" in b"".join(wire.writes))
    assert go_on.is_set()


async def test_a_header_that_can_not_be_sent_ends_the_connection() -> None:
    """An answer that fails in its head leaves no bytes for the next one."""
    wire = Wire()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await JsonResponse(BODY, {"ETag": "a\r\nset-cookie: b"})(scope, receive, send)

    await exchange(wire, broken, GET % b"a", lambda: wire.closed)
    assert b"set-cookie" not in b"".join(wire.writes)
