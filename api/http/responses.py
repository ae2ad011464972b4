"""How is an answer wrapped and sent?"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from typing import Annotated, Generic, NamedTuple, TypeVar

import msgspec
from litestar.types import Receive, Scope, Send
from msgspec import Meta

from api.http.single_write import coalesce
from domain.base import Value
from domain.money import Cost
from services.settings import Settings

T = TypeVar("T")
GZIP_FROM_BYTES = 4096
ETAG_CHARACTERS = 32
THREAD_FROM_BYTES = 64 * 1024  # what is larger takes more than a millisecond to pack
POSITION, STALE = "X-Pixel-Position", "X-Pixel-Stale"
_PREFIX, _SUFFIX = b'{"code":"200","message":"success","data":', b"}"


class Envelope(Value, Generic[T], kw_only=True):
    """Every good answer. `code` is a string, for the frontends' sake."""

    code: Annotated[str, Meta(description="The HTTP status as a string", examples=["200"])] = "200"
    message: Annotated[str, Meta(description="Always this word", examples=["success"])] = "success"
    data: Annotated[T, Meta(description="The answer itself")]


class TaskCreated(Value, omit_defaults=True):
    """The task that a request became, and the most that it should cost, where the model has prices. It is there for GET
    from this moment on."""

    task_id: Annotated[
        str, Meta(description="Ask `GET /api/v1/tasks/{task_id}` for it, from now on", examples=["task_abc123"])
    ]
    estimated_cost: Annotated[
        Cost | None,
        Meta(description="What it should cost at most at the model that was asked for, where it has prices"),
    ] = None


class Packed(NamedTuple):
    """A body that is sent many times, with its gzip, and the first characters of its SHA-256."""

    body: bytes
    gzip: bytes
    digest: str


async def packed(data: bytes) -> Packed:
    """Encoded data in the envelope, with its gzip."""
    body = _PREFIX + data + _SUFFIX
    return Packed(body, await _gzip(body), hashlib.sha256(body).hexdigest()[:ETAG_CHARACTERS])


class PackedOnce:
    """Packs data that is sent many times: at the first call, and after `source` returned another object."""

    def __init__(self, source: Callable[[], bytes]) -> None:
        self._source = source
        self._data: bytes | None = None
        self._packed = Packed(b"", b"", "")

    async def __call__(self) -> Packed:
        """The source's data in the envelope, packed now or before."""
        data = self._source()
        if data is not self._data:
            made = await packed(data)
            self._data, self._packed = data, made
        return self._packed


class JsonResponse:
    """JSON that is encoded already. An ASGI application of its own, which saves a third of the time of a `Response`.

    Large bodies are packed here: a middleware would slow down every answer, however small."""

    __slots__ = ("_body", "_gzip", "_headers", "_status")

    def __init__(
        self,
        body: bytes | Packed,
        headers: dict[str, str] | None = None,
        *,
        status: int = 200,
        media: str = "application/json",
    ) -> None:
        self._body = body if isinstance(body, bytes) else body.body
        self._gzip = None if isinstance(body, bytes) else body.gzip
        self._status = status
        self._headers = [(b"content-type", media.encode())]
        if headers:
            self._headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Send it, head and body in one piece."""
        body, headers = self._body, self._headers
        if len(body) >= GZIP_FROM_BYTES:
            headers = [*headers, (b"vary", b"Accept-Encoding")]
            if any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]):
                body = self._gzip or await _gzip(body)
                headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", b"%d" % len(body)))
        coalesce(scope)
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


async def _gzip(body: bytes) -> bytes:
    if len(body) < THREAD_FROM_BYTES:
        return gzip.compress(body, 6, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, 6, mtime=0)


def ok_encoded(data: bytes, headers: dict[str, str] | None = None) -> JsonResponse:
    """Encoded data in the envelope."""
    return JsonResponse(_PREFIX + data + _SUFFIX, headers)


def ok(data: object, headers: dict[str, str] | None = None) -> JsonResponse:
    """A value in the envelope."""
    return ok_encoded(msgspec.json.encode(data), headers)


def location(settings: Settings, path: str) -> str:
    """The path for a Location header; a whole URL when PIXEL_PUBLIC_URL is set, because proxies differ in what they do
    with a bare path."""
    return (settings.public_url or "").rstrip("/") + path
