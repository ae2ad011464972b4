"""How does a request leave for a provider, and can it have arrived? Nothing here raises for what the network does.

An order uses a connection of its own, so that it can't be lost on one that died unnoticed; queries share connections.
Failures are divided by what matters for money: NotSent (it can't have arrived) and InDoubt (it may have)."""

import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import httpx
import msgspec

from adapters.outbound.content_coding import TooLarge, unpacked
from adapters.outbound.output_download import OutputDownloads
from adapters.outbound.ssrf_guard import Blocked, Guard
from domain.provider import InDoubt, NotSent, NoVerdict

CONNECT_SECONDS = 10.0
_TOO_LARGE = "the answer is too large to be read"
MAX_ANSWER_BYTES = 256 * 1024 * 1024  # several large images in base64

CHUNK_BYTES: Final = 256 * 1024
_STEP_BYTES: Final = 3 * 64 * 1024

Query = Mapping[str, str | list[str]]
"""The query of a URL; a list repeats its name."""
OnBytes = Callable[[bytes], None]
"""Takes a body piece by piece. It returns at once, and never raises."""
_NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Reply(NamedTuple):
    """An answer. `cut` means that its body did not arrive completely, which is acceptable for a 4xx only."""

    status: int
    headers: httpx.Headers
    body: bytes
    cut: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300 and not self.cut

    @property
    def busy(self) -> bool:
        """Whether the answer says only that the provider can't serve the request now (429 or 5xx)."""
        return self.status == 429 or self.status >= 500

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the provider asks us to wait, in seconds, from the usual headers; None when it does not say."""
        if milliseconds := self.headers.get("retry-after-ms"):
            return _number(milliseconds, 0.001)
        value = self.headers.get("retry-after", "")
        seconds = _number(value, 1.0)
        if seconds is not None:
            return seconds
        try:
            date = parsedate_to_datetime(value)
            now = parsedate_to_datetime(self.headers["date"])
            return max((date - now).total_seconds(), 0.0)
        except (KeyError, TypeError, ValueError):
            return None


class _TooLate(Exception):
    """The latest send time has passed, and nothing was sent."""


class ProviderClient:
    """Sends the requests of all providers, through the guard."""

    def __init__(self, guard: Guard, downloads: OutputDownloads | None = None) -> None:
        self.guard = guard
        self.downloads = downloads or OutputDownloads()
        self._orders = guard.client(limits=httpx.Limits(max_connections=None, max_keepalive_connections=0))
        self._questions = guard.client(limits=httpx.Limits(max_connections=200, max_keepalive_connections=50))

    async def send_paid(
        self, request: httpx.Request, *, send_by: datetime | None, read_seconds: float, on_bytes: OnBytes | None = None
    ) -> Reply | NotSent | InDoubt:
        """Send a request that may cost money, at most once.

        `send_by` is the latest send time. After it the request is not sent, because another worker may already have
        retried; None sets no limit. The body of a 4xx may be cut off: it is a refusal all the same. `on_bytes` gets the
        body of a 2xx as it comes, unless it is compressed; the reply has the whole of it."""

        async def trace(event: str, _: object) -> None:
            leaves = event.endswith("send_request_headers.started")  # connected, and nothing has been sent
            if leaves and send_by is not None and datetime.now(UTC) > send_by:
                raise _TooLate

        request.extensions = {**request.extensions, "trace": trace}
        if on_bytes is not None:
            request.headers["Accept-Encoding"] = "identity"
        return await _send(self._orders, request, read_seconds, on_bytes=on_bytes)

    async def query(
        self, request: httpx.Request, *, read_seconds: float = 30.0, max_bytes: int = MAX_ANSWER_BYTES
    ) -> Reply | NoVerdict:
        """Send a request that changes nothing or may be repeated. NoVerdict when no answer came, or a larger one."""
        answer = await _send(self._questions, request, read_seconds, max_bytes)
        return NoVerdict(reason=answer.reason) if isinstance(answer, NotSent | InDoubt) else answer

    async def close(self) -> None:
        """Close all connections."""
        await self._orders.aclose()
        await self._questions.aclose()


def build_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    json_body: object | None = None,
    query: Query | None = None,
    data: Mapping[str, str] | None = None,
    files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
) -> httpx.Request:
    """A request with a JSON body, or with a form whose files are (field, (file name, bytes, media type)).

    The form is multipart when `files` is a list, even an empty one."""
    content = None if json_body is None else msgspec.json.encode(json_body)
    sent = dict(headers) | ({"Content-Type": "application/json"} if content is not None else {})
    if files is None:
        return httpx.Request(method, url, headers=sent, params=query, content=content, data=data)
    # httpx makes no multipart form without a file: a field is a file without a name.
    fields = [(name, (None, value.encode(), None)) for name, value in (data or {}).items()]
    return httpx.Request(method, url, headers=sent, params=query, files=[*fields, *files])


class ChunkedBody(httpx.AsyncByteStream):
    """A request body in chunks of CHUNK_BYTES. In one piece, 48 MiB are encrypted in one turn of the event loop, which
    takes half a second.

    It wraps httpx's own stream, which can be read again."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)  # noqa: S101 - no request here is made of a sync iterator
        async for part in self._stream:
            view = memoryview(part)
            for start in range(0, len(part), CHUNK_BYTES):
                yield bytes(view[start : start + CHUNK_BYTES])


async def _send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    read_seconds: float,
    max_bytes: int = MAX_ANSWER_BYTES,
    on_bytes: OnBytes | None = None,
) -> Reply | NotSent | InDoubt:
    timeout = httpx.Timeout(read_seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
    request.extensions = {**request.extensions, "timeout": timeout.as_dict()}
    request.stream = ChunkedBody(request.stream)
    for name, value in client.headers.items():
        request.headers.setdefault(name, value)
    reply: Reply | None = None
    try:
        response = await client.send(request, stream=True)
        reply = Reply(response.status_code, response.headers, b"", cut=True)
        body = bytearray()
        coding = response.headers.get("content-encoding", "")
        if not response.is_success or coding not in {"", "identity"}:
            on_bytes = None
        try:
            async for piece in response.aiter_raw():  # the content says how it is compressed, not a header
                body += piece
                if len(body) > max_bytes:
                    return InDoubt(reason=_TOO_LARGE)
                if on_bytes is not None:
                    on_bytes(piece)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, await unpacked(bytes(body), coding, max_bytes))
    except TooLarge:
        return InDoubt(reason=_TOO_LARGE)
    except Blocked as error:
        return NotSent(reason=f"the provider's address can't be used: {error}")
    except _TooLate:
        return NotSent(reason="too much time had passed before the order could leave")
    except _NEVER_ARRIVED as error:
        return NotSent(reason=_reason(error))
    except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
        if reply is not None and 400 <= reply.status < 500:
            return reply
        return InDoubt(reason=_reason(error))


def _reason(error: Exception) -> str:
    """What happened, without the text of httpx's error, which may hold a URL with a key in it."""
    return _WORDS.get(type(error).__name__, type(error).__name__)


_WORDS = {
    "ConnectError": "no connection to the provider",
    "ConnectTimeout": "the provider did not take the connection in time",
    "PoolTimeout": "no connection was free",
    "ReadTimeout": "no answer in time",
    "WriteTimeout": "the provider stopped reading the request",
    "ReadError": "the connection broke while the answer was awaited",
    "WriteError": "the connection broke while the request was sent",
    "RemoteProtocolError": "the answer was cut off or is no HTTP",
}


def _number(text: str, unit: float) -> float | None:
    try:
        value = float(text) * unit
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None


def base64_of(data: bytes) -> str:
    """Base64 of the bytes, in steps: Python's own encoder holds the interpreter lock until it is done."""
    return b"".join(
        base64.b64encode(data[start : start + _STEP_BYTES]) for start in range(0, len(data), _STEP_BYTES)
    ).decode()


def compact_json(value: object) -> str:
    """Compact JSON as text, for vendors that want JSON inside of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
