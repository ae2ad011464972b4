"""What may one connection take? Its head, its bodies and its answers have limits of bytes and of time.

Uvicorn parses and answers, and has no such limits of its own (ADR 0017 says what was measured). What is too much is
answered with an error in the usual form while that is possible, and the connection then ends so that the answer
arrives: what the client still sends is read and dropped for a while, because a closed socket would reset it."""

import asyncio
import fcntl
import sys
import termios
from collections import Counter
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, cast

import httptools
import msgspec
import structlog
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.http.errors import Failure
from api.http.request_log import new_request_id
from api.http.single_write import CoalescingProtocol, CoalescingTransport


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits, described in `docs/configuration.md`. Times in seconds, sizes in bytes."""

    head_bytes: int = 32 * 1024
    url_bytes: int = 16 * 1024
    headers: int = 100
    pipelined: int = 100
    head_seconds: float = 10.0
    idle_seconds: float = 75.0
    bytes_per_second: int = 256
    body_seconds: float = 10.0
    write_seconds: float = 60.0
    rest_bytes: int = 256 * 1024 * 1024
    rest_seconds: float = 30.0
    rest_silence_seconds: float = 5.0
    connections_per_address: int = 2000


_FRAME_BYTES: Final = 64 * 1024  # of chunks around a body: a legitimate one has few of them,
_FRAME_RATIO: Final = 8  # and the smallest chunk, of one byte, has five around it
_UPGRADE: Final = frozenset({b"upgrade", b"http2-settings"})
_SLOW: Final = "The request came too slowly to go on with it. Try again over a faster connection."
_TOO_MANY: Final = "There are too many connections from this address. Try again shortly."
_NO_HTTP: Final = "This can't be read as HTTP."
_NO_TUNNEL: Final = "Pixel is no proxy."

logger = structlog.get_logger("pixel.http")


class ConnectionLimiter:
    """What all connections of a server have in common: the limits, and how many there are from each address."""

    def __init__(self, limits: Limits, *, look_seconds: float = 1.0) -> None:
        self.limits = limits
        self.look_seconds = look_seconds
        self.connections: Counter[str] = Counter()


class _Refused(Exception):
    """Raised through the parser: the message goes no further."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class BoundedProtocol(CoalescingProtocol):
    """A connection within limits. One timer looks now and then what it waits for, so that requests set none."""

    def __init__(self, door: ConnectionLimiter, **given: Any) -> None:
        super().__init__(**given)
        self._door = door
        self._limits = door.limits
        self._address = ""
        self._since = self.loop.time()  # when the head began, or when there was nothing to do any longer
        self._in_head = self._in_body = self._upgrading = False
        self._head_bytes = self._chunk_bytes = 0
        self._received = self._frame_bytes = 0  # of the body under way, and around it
        self._mark: tuple[float, int] | None = None  # how far the body, or the buffer of what is written, was when
        self._deaf = self._ending = False
        self._rest_bytes = 0
        self._heard = 0.0

    # --- Its beginning and its end ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, and answer no more than that there are too many of its kind."""
        super().connection_made(transport)
        self._keeper.end = self._end
        self._address = _place_of(self.client)
        self._watch = self.loop.call_later(self._door.look_seconds, self._look)
        self._door.connections[self._address] += 1
        if self._door.connections[self._address] > self._limits.connections_per_address:
            self._deaf = True
            self._say(503, _TOO_MANY)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, and counts no longer."""
        self._watch.cancel()
        self._door.connections[self._address] -= 1
        if not self._door.connections[self._address]:
            del self._door.connections[self._address]
        self._deaf = self._ending = True
        self._keeper.end = self._transport.close
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: what is only read to be dropped is not waited for."""
        if self._deaf or self._ending:
            self._close()
        else:
            super().shutdown()

    # --- What comes in ---

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within the limits."""
        if self._deaf:
            self._drop(len(data))
            return
        self._chunk_bytes = len(data)
        if self._in_body:
            self._frame_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, _Refused) else _Refused(400, _NO_HTTP))
        else:
            if self._in_head:
                self._head_bytes += len(data)
                if self._head_bytes > self._limits.head_bytes:
                    self._refuse(self._large_head())
            elif self._in_body and self._frame_bytes > _FRAME_BYTES + _FRAME_RATIO * self._received:
                self._refuse(_Refused(400, _NO_HTTP))

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """RFC 9110, 7.8: who can't do it ignores the wish. The parser would take the body for the other protocol."""
        self._upgrading = False
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(_Refused(400, _NO_TUNNEL))
            return
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s\r\n" % (method, self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                kept = [token for token in value.split(b",") if token.strip().lower() not in _UPGRADE]
                lines.append(b"connection: %s\r\n" % b",".join(kept))
            elif name not in _UPGRADE:
                lines.append(b"%s: %s\r\n" % (name, value))
        head = b"".join(lines) + b"\r\n"
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(head)
        self.data_received(rest)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes, self._since = True, 0, self.loop.time()

    def on_headers_complete(self) -> None:
        """The head is there: within the limits, the request begins."""
        if self.parser.should_upgrade():
            self._upgrading = True
            return
        if len(self.headers) > self._limits.headers or self._head_bytes + self._chunk_bytes > self._limits.head_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if len(self.headers) > self._limits.headers or size > self._limits.head_bytes:
                raise self._large_head()
        if len(self.url) > self._limits.url_bytes:
            raise self._large_head()
        if len(self.pipeline) >= self._limits.pipelined:
            raise _Refused(503, _TOO_MANY)
        super().on_headers_complete()
        self._in_head, self._in_body = False, True
        self._received = self._frame_bytes = 0
        self._mark = None

    def on_body(self, body: bytes) -> None:
        """As uvicorn has it; what comes after the answer is counted and dropped."""
        self._received += len(body)
        self._frame_bytes -= len(body)
        cycle = self.cycle
        if cycle.response_complete:
            self._rest_bytes += len(body)
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """The whole request is there."""
        if self._upgrading:
            return
        self._in_body = False
        if self.cycle.response_complete:
            self._since = self.loop.time()
            return
        self.cycle.more_body = False
        self.cycle.message_event.set()

    # --- What goes out ---

    def on_response_complete(self) -> None:
        """As uvicorn has it, without a timer for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._since, self._rest_bytes, self._mark = self.loop.time(), 0, None
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """The client takes less than there is."""
        super().pause_writing()
        self._mark = None

    def resume_writing(self) -> None:
        """It has taken it."""
        super().resume_writing()
        self._since, self._mark = self.loop.time(), None

    # --- Now and then ---

    def _look(self) -> None:
        self._watch = self.loop.call_later(self._door.look_seconds, self._look)
        now = self.loop.time()
        if self._ending:
            self._look_at_the_end(now)
        elif self.flow.write_paused:
            if self._is_slow(now, -self._untaken(), self._limits.write_seconds):
                self._abort("the answer was not read")
        elif self._in_head:
            if now - self._since > self._limits.head_seconds:
                self._refuse(_Refused(408, _SLOW))
        elif self._in_body:
            self._look_at_the_body(now)
        elif not self._answering and now - self._since > self._limits.idle_seconds:
            self._close()

    def _look_at_the_body(self, now: float) -> None:
        if self.flow.read_paused:
            self._mark = None  # it is we who keep it waiting
        elif self.cycle.response_complete:
            late = now - self._since > self._limits.rest_seconds or self._rest_bytes > self._limits.rest_bytes
            if late or self._is_slow(now, self._received, self._limits.rest_silence_seconds):
                self._close()
        elif self._is_slow(now, self._received, self._limits.body_seconds):
            self._refuse(_Refused(408, _SLOW))

    def _look_at_the_end(self, now: float) -> None:
        if not self._transport.is_closing():
            if now - self._since > self._limits.rest_seconds or now - self._heard > self._limits.rest_silence_seconds:
                self._close()
        elif self._is_slow(now, -self._untaken(), self._limits.write_seconds):
            self._abort("the answer was not read")

    def _untaken(self) -> int:
        """The bytes that the client has not taken: in our buffer, and in that of the kernel, which may be megabytes."""
        waiting = self._transport.get_write_buffer_size()
        with suppress(OSError):
            socket = self._transport.get_extra_info("socket")
            waiting += int.from_bytes(fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return waiting

    def _is_slow(self, now: float, moved: int, seconds: float) -> bool:
        """Whether less than the least was moved in the last so many seconds."""
        if self._mark is None:
            self._mark = (now, moved)
            return False
        began, before = self._mark
        if now - began < seconds:
            return False
        self._mark = (now, moved)
        return moved - before < seconds * self._limits.bytes_per_second

    # --- Letting go ---

    def _large_head(self) -> _Refused:
        if len(self.url) > self._limits.url_bytes:
            return _Refused(414, f"The URL may have {self._limits.url_bytes} bytes at most.")
        most = f"{self._limits.headers} headers and {self._limits.head_bytes} bytes"
        return _Refused(431, f"The head of a request may have {most} at most.")

    def _refuse(self, refused: _Refused) -> None:
        """No more of this connection. What was asked for before is answered still."""
        if self._deaf:
            return
        self._deaf = True
        if self._answering and not self._in_body:
            self.cycle.keep_alive = False
            return
        if self._in_body and not self._answering:  # the rest of one that has its answer
            self._close()
            return
        if self._answering:  # it is the one that is refused
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.pipeline or self.cycle.response_started:
                self._abort(refused.message)
                return
        self._say(refused.status, refused.message)
        self._end()

    def _say(self, status: int, message: str) -> None:
        request_id = new_request_id()
        body = msgspec.json.encode(Failure(str(status), message, request_id))
        lines = [STATUS_LINE[status]]
        lines += [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        lines.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body))
        lines.append(b"x-request-id: %s\r\nconnection: close\r\n\r\n" % request_id.encode())
        self._keeper.write(b"".join(lines) + body)
        logger.info("request refused unread", status=status, request_id=request_id)

    def _end(self) -> None:
        """The last answer is written. Where more comes in, it is dropped for a while, so that nothing resets it."""
        if self._ending:
            return
        self._ending, self._mark = True, None
        if not self._deaf and not self._in_body:
            self._close()
            return
        self._deaf, self._rest_bytes = True, 0
        self._since = self._heard = self.loop.time()
        self._keeper.is_closing = _yes
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self.flow.resume_reading()

    def _drop(self, size: int) -> None:
        self._heard = self.loop.time()
        self._rest_bytes += size
        if self._ending and self._rest_bytes > self._limits.rest_bytes:
            self._close()

    def _close(self) -> None:
        self._ending, self._mark = True, None
        self._transport.close()

    def _abort(self, why: str) -> None:
        logger.info("connection cut", why=why)
        self._ending = True
        self._transport.abort()

    @property
    def _answering(self) -> bool:
        """Whether an answer is under way, or waits for its turn."""
        cycle = cast(RequestResponseCycle | None, self.cycle)
        return cycle is not None and not cycle.response_complete

    @property
    def _keeper(self) -> CoalescingTransport:
        return cast(CoalescingTransport, self.transport)

    @property
    def _transport(self) -> asyncio.Transport:
        return self._keeper.wire


def _yes() -> bool:
    return True


def _place_of(client: tuple[str, int] | None) -> str:
    """The address; of IPv6 the network of one customer, who has 2^64 addresses in it."""
    if client is None:
        return ""
    try:
        address = ip_address(client[0])
    except ValueError:
        return client[0]
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.packed[:8].hex()
    return client[0]
