"""How much may one connection use? Heads, bodies and answers are limited in bytes and in time.

Uvicorn has no such limits (ADR 0017 has the measurements). A request beyond a limit gets an error in the usual form,
where that is still possible. The connection is then drained for a while before it closes: closing a socket with unread
data resets it, and the client would lose the answer."""

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
    """The state that all connections of a server share: the limits, and the number of connections by address."""

    def __init__(self, limits: Limits, *, look_seconds: float = 1.0) -> None:
        self.limits = limits
        self.look_seconds = look_seconds
        self.connections: Counter[str] = Counter()


class _Refused(Exception):
    """Raised in a callback of the parser to refuse the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class BoundedProtocol(CoalescingProtocol):
    """A connection within limits. One timer per connection checks its progress, so that requests need no timers."""

    def __init__(self, limiter: ConnectionLimiter, **given: Any) -> None:
        super().__init__(**given)
        self._limiter = limiter
        self._limits = limiter.limits
        self._address = ""
        self._since = self.loop.time()  # when the head began, or when there was nothing to do any longer
        self._in_head = self._in_body = self._upgrading = False
        self._head_bytes = self._chunk_bytes = 0
        self._received = self._frame_bytes = 0  # of the body under way, and around it
        self._mark: tuple[float, int] | None = None  # how far the body, or the buffer of what is written, was when
        self._discarding = self._ending = False
        self._rest_bytes = 0
        self._received_at = 0.0

    # --- Its beginning and its end ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection; refuse it with 503 when its address has too many."""
        super().connection_made(transport)
        self._coalescing.end = self._end
        self._address = _address_key(self.client)
        self._watch = self.loop.call_later(self._limiter.look_seconds, self._check_progress)
        self._limiter.connections[self._address] += 1
        if self._limiter.connections[self._address] > self._limits.connections_per_address:
            self._discarding = True
            self._send_error(503, _TOO_MANY)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        self._watch.cancel()
        self._limiter.connections[self._address] -= 1
        if not self._limiter.connections[self._address]:
            del self._limiter.connections[self._address]
        self._discarding = self._ending = True
        self._coalescing.end = self._transport.close
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops. A connection that is only drained is closed at once."""
        if self._discarding or self._ending:
            self._close()
        else:
            super().shutdown()

    # --- What comes in ---

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within the limits."""
        if self._discarding:
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
        """Parse the request again without the upgrade, which RFC 9110, 7.8 allows: the parser would treat the body as
        the other protocol."""
        self._upgrading = False
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(_Refused(400, _NO_TUNNEL))
            return
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s\r\n" % (method, self.url, version)]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token for token in value.split(b",") if token.strip().lower() not in _UPGRADE]
                lines.append(b"connection: %s\r\n" % b",".join(tokens))
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
        """As in uvicorn, but data after the answer is counted and dropped."""
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
        """As in uvicorn, but without a timer for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._since, self._rest_bytes, self._mark = self.loop.time(), 0, None
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """The client reads more slowly than the answer is written."""
        super().pause_writing()
        self._mark = None

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._since, self._mark = self.loop.time(), None

    # --- Now and then ---

    def _check_progress(self) -> None:
        self._watch = self.loop.call_later(self._limiter.look_seconds, self._check_progress)
        now = self.loop.time()
        if self._ending:
            self._check_end(now)
        elif self.flow.write_paused:
            if self._is_slow(now, -self._unread_bytes(), self._limits.write_seconds):
                self._abort("the answer was not read")
        elif self._in_head:
            if now - self._since > self._limits.head_seconds:
                self._refuse(_Refused(408, _SLOW))
        elif self._in_body:
            self._check_body(now)
        elif not self._answering and now - self._since > self._limits.idle_seconds:
            self._close()

    def _check_body(self, now: float) -> None:
        if self.flow.read_paused:
            self._mark = None  # the server makes the client wait
        elif self.cycle.response_complete:
            late = now - self._since > self._limits.rest_seconds or self._rest_bytes > self._limits.rest_bytes
            if late or self._is_slow(now, self._received, self._limits.rest_silence_seconds):
                self._close()
        elif self._is_slow(now, self._received, self._limits.body_seconds):
            self._refuse(_Refused(408, _SLOW))

    def _check_end(self, now: float) -> None:
        if not self._transport.is_closing():
            if (
                now - self._since > self._limits.rest_seconds
                or now - self._received_at > self._limits.rest_silence_seconds
            ):
                self._close()
        elif self._is_slow(now, -self._unread_bytes(), self._limits.write_seconds):
            self._abort("the answer was not read")

    def _unread_bytes(self) -> int:
        """The bytes that the client has not read: in our buffer and in the kernel's, which may hold megabytes."""
        waiting = self._transport.get_write_buffer_size()
        with suppress(OSError):
            socket = self._transport.get_extra_info("socket")
            waiting += int.from_bytes(fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        return waiting

    def _is_slow(self, now: float, moved: int, seconds: float) -> bool:
        """Whether fewer than `bytes_per_second` were moved in the last `seconds`."""
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
        limits = f"{self._limits.headers} headers and {self._limits.head_bytes} bytes"
        return _Refused(431, f"The head of a request may have {limits} at most.")

    def _refuse(self, refused: _Refused) -> None:
        """Read no more from this connection. Earlier requests are still answered."""
        if self._discarding:
            return
        self._discarding = True
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
        self._send_error(refused.status, refused.message)
        self._end()

    def _send_error(self, status: int, message: str) -> None:
        request_id = new_request_id()
        body = msgspec.json.encode(Failure(str(status), message, request_id))
        lines = [STATUS_LINE[status]]
        lines += [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        lines.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body))
        lines.append(b"x-request-id: %s\r\nconnection: close\r\n\r\n" % request_id.encode())
        self._coalescing.write(b"".join(lines) + body)
        logger.info("request refused unread", status=status, request_id=request_id)

    def _end(self) -> None:
        """The last answer is written. Drain the connection for a while, so that it is not reset."""
        if self._ending:
            return
        self._ending, self._mark = True, None
        if not self._discarding and not self._in_body:
            self._close()
            return
        self._discarding, self._rest_bytes = True, 0
        self._since = self._received_at = self.loop.time()
        self._coalescing.is_closing = _yes
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self.flow.resume_reading()

    def _drop(self, size: int) -> None:
        self._received_at = self.loop.time()
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
        """Whether an answer is being written, or waits for its turn."""
        cycle = cast(RequestResponseCycle | None, self.cycle)
        return cycle is not None and not cycle.response_complete

    @property
    def _coalescing(self) -> CoalescingTransport:
        return cast(CoalescingTransport, self.transport)

    @property
    def _transport(self) -> asyncio.Transport:
        return self._coalescing.wire


def _yes() -> bool:
    return True


def _address_key(client: tuple[str, int] | None) -> str:
    """The address that connections are counted by; for IPv6 its /64 network, which one customer has."""
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
