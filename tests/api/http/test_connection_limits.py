"""Laws of a connection, over real sockets: no client takes more time or memory than the limits allow."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import msgspec
import psutil
import pytest
import uvicorn
from litestar.types import Receive, Scope, Send

from api.http.connection_limits import BoundedProtocol, ConnectionLimiter, Limits
from api.http.responses import JsonResponse
from tests.patience import patient

# Short limits, so that tests do not wait for them; limits that a test must not reach are as in production.
PATIENT = Limits()
PATIENCE_SECONDS = 60.0
HEAD = b"%s /%s HTTP/1.1\r\nHost: pixel\r\n"
GET = HEAD + b"\r\n"


class Server:
    """A server with one small application, and what that saw."""

    def __init__(self) -> None:
        self.port = 0
        self.answered = False
        self.bodies: list[bytes] = []
        self.gone = asyncio.Event()
        self.waiting = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/refuse` ignores the body; `/wait` answers when it may; `/large` sends much; others read the body."""
        if scope["path"] == "/wait":
            self.waiting.set()
            await self.go_on.wait()
        if scope["path"] == "/large":
            headers = [(b"content-length", b"%d" % (64 << 20))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            for _ in range(64):
                await send({"type": "http.response.body", "body": b"x" * (1 << 20), "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            self.answered = True
            return
        body, more = b"", scope["path"] != "/refuse"
        while more:
            message = cast(dict[str, Any], await receive())
            if message["type"] == "http.disconnect":
                self.gone.set()
                return
            body, more = body + message["body"], message["more_body"]
        self.bodies.append(body)
        status = 413 if scope["path"] == "/refuse" else 200
        await JsonResponse(json.dumps([scope["path"], len(body)]).encode(), status=status)(scope, receive, send)


@asynccontextmanager
async def serving(look_seconds: float = 0.02, **limits: Any) -> AsyncGenerator[Server]:
    """The application behind a server with these limits, on a free port."""
    made = Server()
    limiter = ConnectionLimiter(Limits(**limits), look_seconds=look_seconds)
    config = uvicorn.Config(
        made,
        port=0,
        http=cast(type[asyncio.Protocol], partial(BoundedProtocol, limiter)),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    await _start(server)
    made.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.go_on.set()
        await server.shutdown()
    await _until(lambda: not limiter.connections)  # a closed connection is not counted for ever


async def _start(server: uvicorn.Server) -> None:
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Send, and wait until it is on its way. Raises ConnectionError when the connection is closed."""
        if self.writer.is_closing():
            raise ConnectionResetError
        self.writer.write(data)
        await self.writer.drain()

    async def floods(self) -> None:
        """Send for ever."""
        while True:
            await self.send(b"y" * 10_000)
            await asyncio.sleep(0.001)

    async def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, headers and body of the next answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.strip().split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, await self.reader.readexactly(int(headers[b"content-length"]))

    async def ends(self) -> bytes:
        """What still comes until the server ends it; by a reset, too."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


@asynccontextmanager
async def connected(server: Server) -> AsyncGenerator[Client]:
    """A connection of one's own, within the patience of a test."""
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            yield Client(reader, writer)
        finally:
            writer.transport.abort()


async def refused(client: Client, status: int) -> str:
    """The error in the usual form, then the end; returns what it says."""
    seen, headers, body = await client.answer()
    failure = json.loads(body)
    assert (seen, failure["code"]) == (status, str(status))
    assert headers[b"connection"] == b"close"
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"x-request-id"].decode() == failure["request_id"]
    client.writer.write_eof()
    assert await client.ends() == b""
    return str(failure["message"])


async def _until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(patient(PATIENCE_SECONDS)):
        while not check():
            await asyncio.sleep(0.01)


# --- The head ---


async def endless(piece: bytes) -> AsyncIterator[bytes]:
    while True:
        yield piece


@pytest.mark.parametrize(
    ("start", "piece", "status"),
    [
        (HEAD % (b"GET", b""), b"x-many: 1\r\n", 431),
        (HEAD % (b"GET", b"") + b"x-long: ", b"x" * 1000, 431),
        (HEAD % (b"GET", b"") + b"x-folded: a\r\n", b" x" * 500, 400),
        (HEAD % (b"GET", b""), b"n" * 1000, 431),
        (b"GET /", b"x" * 1000, 414),
        (b"GET / HTTP/1.1\r\nHost: pixel\r\nContent-Length: 9\r\n", b"x-many: 1\r\n", 431),
    ],
    ids=["headers", "one header", "folded", "a name", "URL", "POST"],
)
async def test_a_head_has_an_end(start: bytes, piece: bytes, status: int) -> None:
    """Headers without end, one of them without end, a URL without end: an error in the usual form, the memory stays."""
    async with serving() as server, connected(server) as client:
        before = psutil.Process().memory_info().rss
        client.writer.write(start)
        sent = 0
        while not client.reader._buffer and not client.reader.at_eof():  # type: ignore[attr-defined]
            await client.send(piece)
            await asyncio.sleep(0)
            sent += len(piece)
        assert sent < 8 << 20
        await refused(client, status)
        assert psutil.Process().memory_info().rss - before < 32 << 20


@pytest.mark.parametrize("count", [99, 100, 101, 5000])
async def test_a_head_has_so_many_headers(count: int) -> None:
    """100 with Host among them, and no more; in one piece, too."""
    async with serving() as server, connected(server) as client:
        await client.send(HEAD % (b"GET", b"a") + b"x: y\r\n" * (count - 1) + b"\r\n")
        if count <= PATIENT.headers:
            assert (await client.answer())[0] == 200
        else:
            assert "100 headers" in await refused(client, 431)


@pytest.mark.parametrize(("size", "status"), [(30_000, 200), (33_000, 431), (10_000_000, 431)])
async def test_a_head_has_so_many_bytes(size: int, status: int) -> None:
    """One header of this size, in one piece."""
    async with serving() as server, connected(server) as client:
        client.writer.write(HEAD % (b"GET", b"a") + b"x: " + b"y" * size + b"\r\n\r\n")
        assert (await client.answer())[0] == status


@pytest.mark.parametrize(("size", "status"), [(15_000, 200), (17_000, 414), (64 << 10, 414), (1 << 20, 414)])
async def test_a_url_has_so_many_bytes(size: int, status: int) -> None:
    """A URL of this size is answered in the usual form."""
    async with serving() as server, connected(server) as client:
        client.writer.write(GET % (b"GET", b"a" * size))
        seen, _, body = await client.answer()
        assert seen == status
        assert status == 200 or json.loads(body)["code"] == "414"


async def test_a_head_does_not_take_for_ever() -> None:
    """A client that sends it letter by letter, without end, gets an error."""
    async with serving(head_seconds=0.3) as server, connected(server) as client:
        await client.send(HEAD % (b"GET", b"a") + b"x: ")
        while not client.reader._buffer:  # type: ignore[attr-defined]
            await client.send(b"y")
            await asyncio.sleep(0.01)
        assert "too slowly" in await refused(client, 408)


@pytest.mark.parametrize("sent", [b"", b"\r\n", GET % (b"GET", b"a")], ids=["nothing", "an empty line", "one request"])
async def test_a_connection_that_does_nothing_ends(sent: bytes) -> None:
    """With nothing, or nothing more, to do."""
    async with serving(idle_seconds=0.3) as server, connected(server) as client:
        await client.send(sent)
        if len(sent) > 2:
            await client.answer()
        assert await client.ends() == b""


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n\r\n",
    ],
)
async def test_a_request_that_is_no_http_gets_an_error(rubbish: bytes) -> None:
    """In the usual form."""
    async with serving() as server, connected(server) as client:
        await client.send(rubbish)
        await refused(client, 400)


# --- The body ---


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """Below the minimum rate: 408, and the application receives a disconnect."""
    async with serving(body_seconds=0.3) as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"a") + b"Content-Length: 100000\r\n\r\nabc")
        while not client.reader._buffer:  # type: ignore[attr-defined]
            await client.send(b"y")
            await asyncio.sleep(0.05)
        assert "too slowly" in await refused(client, 408)
        await asyncio.wait_for(server.gone.wait(), patient(PATIENCE_SECONDS))


async def test_a_slow_body_arrives() -> None:
    """A slow client above the minimum rate may take much longer than the idle limit."""
    async with serving(body_seconds=0.2, head_seconds=0.2, idle_seconds=0.2) as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"a") + b"Content-Length: 4000\r\n\r\n")
        for _ in range(40):
            await client.send(b"y" * 100)
            await asyncio.sleep(0.03)
        assert (await client.answer())[2] == b'["/a", 4000]'


async def test_a_body_that_we_keep_waiting_is_not_slow() -> None:
    """While the application does not read, the client can't send, so the rate does not count."""
    async with serving(body_seconds=0.1) as server, connected(server) as client:
        sending = asyncio.create_task(
            client.send(HEAD % (b"POST", b"wait") + b"Content-Length: 9000000\r\n\r\n" + b"y" * 9_000_000)
        )
        await asyncio.wait_for(server.waiting.wait(), patient(PATIENCE_SECONDS))
        await asyncio.sleep(0.5)  # what must not happen has five times its time to happen
        server.go_on.set()
        await sending
        assert (await client.answer())[2] == b'["/wait", 9000000]'


@pytest.mark.parametrize("junk", [b"1;" + b"x" * 1000, b"0\r\n" + b"x: y\r\n" * 100, b"0\r\nx: " + b"y" * 1000])
async def test_what_is_around_a_body_has_an_end(junk: bytes) -> None:
    """Chunk extensions and trailers without end."""
    async with serving() as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"a") + b"Transfer-Encoding: chunked\r\n\r\n" + junk)
        tail = b"x: y\r\n" * 100 if junk.endswith(b"\n") else b"z" * 1000
        sent = 0
        while not client.reader._buffer:  # type: ignore[attr-defined]
            await client.send(tail)
            await asyncio.sleep(0)
            sent += len(tail)
        assert sent < 8 << 20
        await refused(client, 400)


async def test_small_chunks_are_good_chunks() -> None:
    """A body of a hundred thousand chunks of one byte is a body."""
    async with serving() as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"a") + b"Transfer-Encoding: chunked\r\n\r\n")
        await client.send(b"1\r\ny\r\n" * 100_000 + b"0\r\n\r\n")
        assert (await client.answer())[2] == b'["/a", 100000]'


@pytest.mark.parametrize("closing", [b"Connection: close\r\n", b""], ids=["close", "keep-alive"])
@pytest.mark.parametrize("length", [b"Content-Length: 31457280\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_refusal_arrives_before_the_body_has_ended(closing: bytes, length: bytes) -> None:
    """A client that first sends all, as most do, then reads the 413; 30 MiB are read and dropped for that."""
    async with serving() as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"refuse") + closing + length + b"\r\n")
        chunked = b"chunked" in length
        for _ in range(30):
            await client.send((b"100000\r\n%s\r\n" if chunked else b"%s") % (b"y" * (1 << 20)))
        if chunked:
            await client.send(b"0\r\n\r\n")
        assert (await client.answer())[0] == 413
        if closing:
            client.writer.write_eof()
            assert await client.ends() == b""
        else:  # and the connection is good for more
            await client.send(GET % (b"GET", b"next"))
            assert (await client.answer())[2] == b'["/next", 0]'


@pytest.mark.parametrize("limit", ["rest_bytes", "rest_seconds", "rest_silence_seconds"])
@pytest.mark.parametrize("closing", [b"Connection: close\r\n", b""], ids=["close", "keep-alive"])
async def test_the_rest_of_a_body_is_not_read_for_ever(closing: bytes, limit: str) -> None:
    """Bounded in bytes, in seconds, and in silence."""
    async with serving(**{limit: 1 << 20 if limit == "rest_bytes" else 0.3}) as server, connected(server) as client:
        await client.send(HEAD % (b"POST", b"refuse") + closing + b"Content-Length: 99999999999\r\n\r\n")
        assert (await client.answer())[0] == 413
        if limit != "rest_silence_seconds":
            with pytest.raises(ConnectionError):
                await client.floods()
        assert await client.ends() == b""


# --- The answer ---


async def test_an_answer_that_nobody_reads_is_given_up() -> None:
    """A client that requests much and reads nothing is disconnected soon."""
    async with serving(write_seconds=0.3) as server, connected(server) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await client.send(GET % (b"GET", b"large"))
        await _until(lambda: _connections(server.port) == 0)


async def test_an_answer_that_is_read_slowly_is_not_given_up() -> None:
    """Above the minimum rate an answer has no time limit."""
    async with serving(write_seconds=0.5, idle_seconds=0.2) as server, connected(server) as client:
        await client.send(GET % (b"GET", b"large"))
        for _ in range(60):
            assert await client.reader.read(1 << 17)
            await asyncio.sleep(0.03)
        while await client.reader.read(1 << 20):
            client.writer.write_eof()  # it wants no more after this
        assert server.answered


def _connections(port: int) -> int:
    found = psutil.Process().net_connections("tcp")
    return sum(1 for each in found if each.laddr and each.laddr[1] == port and each.status == psutil.CONN_ESTABLISHED)


# --- Many ---


async def test_an_address_has_so_many_connections() -> None:
    """One more is refused, and the others are not disturbed; a closed connection makes room."""
    async with serving(connections_per_address=2) as server, connected(server) as one:
        async with connected(server) as two:
            for client in (one, two):
                await client.send(GET % (b"GET", b"a"))
                assert (await client.answer())[0] == 200
            async with connected(server) as three:
                assert (await three.answer())[0] == 503
                assert await three.ends() == b""
            await one.send(GET % (b"GET", b"b"))
            assert (await one.answer())[0] == 200
        async with asyncio.timeout(patient(PATIENCE_SECONDS)):
            while True:
                async with connected(server) as four:
                    await four.send(GET % (b"GET", b"a"))
                    if (await four.answer())[0] == 200:
                        break


async def test_requests_in_a_row_have_an_end() -> None:
    """A client that sends a thousand requests before the first answer gets the answers to the first hundred."""
    async with serving() as server, connected(server) as client:
        await client.send(GET % (b"GET", b"wait") + (GET % (b"GET", b"a")) * 1000)
        await asyncio.wait_for(server.waiting.wait(), patient(PATIENCE_SECONDS))
        server.go_on.set()
        answers = (await client.ends()).count(b"HTTP/1.1 200 OK")
        assert answers == PATIENT.pipelined + 1


async def test_a_thousand_wait() -> None:
    """A thousand callers who wait for an answer longer than anything else may take are answered, each."""
    async with serving(body_seconds=0.1, head_seconds=1, write_seconds=0.1) as server:
        both = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(1000)]
        try:
            for _, writer in both:
                writer.write(GET % (b"GET", b"wait"))
            await asyncio.wait_for(server.waiting.wait(), patient(PATIENCE_SECONDS))
            await asyncio.sleep(0.5)
            server.go_on.set()
            async with asyncio.timeout(patient(PATIENCE_SECONDS)):
                heads = await asyncio.gather(*(reader.readuntil(b"\r\n\r\n") for reader, _ in both))
            assert {head.split()[1] for head in heads} == {b"200"}
        finally:
            for _, writer in both:
                writer.transport.abort()


# --- Upgrades ---


@pytest.mark.parametrize("whole", [True, False], ids=["in one piece", "in pieces"])
@pytest.mark.parametrize("to", [b"h2c", b"websocket", b"TLS/1.0"])
async def test_a_wish_for_another_protocol_is_ignored(to: bytes, whole: bool) -> None:
    """`curl --http2 -d …`: the body arrives, the answer is HTTP/1.1, and the connection goes on."""
    head = HEAD % (b"POST", b"a") + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: " + to
    head += b"\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: 5\r\n\r\n"
    sent = head + b"hello" + GET % (b"GET", b"b")
    async with serving() as server, connected(server) as client:
        for piece in [sent] if whole else [sent[:30], sent[30:120], sent[120:-50], sent[-50:-3], sent[-3:]]:
            await client.send(piece)
            await asyncio.sleep(0.02)
        assert (await client.answer())[2] == b'["/a", 5]'
        assert (await client.answer())[2] == b'["/b", 0]'
        assert server.bodies == [b"hello", b""]


def test_limits_are_sane() -> None:
    """The wait that callers may ask for is not cut by any of them: none of them counts while we work."""
    assert all(value > 0 for value in msgspec.structs.astuple(PATIENT))
