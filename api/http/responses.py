"""How is an answer wrapped and sent, and what do the headers of a request say?"""

import asyncio
import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec
from litestar import Request
from litestar.types import Receive, Scope, Send
from msgspec import Meta

from api.http.single_write import coalesce
from domain.base import Rejected, Value
from domain.money import Cost
from services.settings import Settings

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
MAX_WAIT_SECONDS = 60
REPEATED = "may be there once only"
GZIP_FROM_BYTES = 4096
THREAD_FROM_BYTES = 64 * 1024  # what is larger takes more than a millisecond to pack
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_WAIT = re.compile(r"(?:^|,)\s*wait=([0-9]{1,9})\s*(?:$|[,;])")
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
    """A body that is sent many times, with its gzip."""

    body: bytes
    gzip: bytes


async def packed(data: bytes) -> Packed:
    """Encoded data in the envelope, with its gzip."""
    body = _PREFIX + data + _SUFFIX
    return Packed(body, await _gzip(body))


class PackedOnce:
    """Packs data that is sent many times: at the first call, and after `source` returned another object."""

    def __init__(self, source: Callable[[], bytes]) -> None:
        self._source = source
        self._data: bytes | None = None
        self._packed = Packed(b"", b"")

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


def idempotency_key(request: AnyRequest) -> str | None:
    """The Idempotency-Key, without the quotes of the RFC draft; None when there is none. Raises Rejected."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given.strip().removeprefix('"').removesuffix('"')
    if not _KEY.fullmatch(key):
        raise Rejected("invalid_request", "Idempotency-Key: must be 1 to 255 printable ASCII characters")
    return key


def wait_seconds(request: AnyRequest) -> int:
    """The seconds of `Prefer: wait=N`, 60 at most; 0 without the header."""
    prefer = request.headers.get("prefer")
    if prefer is None:
        return 0
    match = _WAIT.search(prefer)
    return min(int(match[1]), MAX_WAIT_SECONDS) if match else 0


def json_only(request: AnyRequest) -> None:
    """Raise Rejected for a body whose Content-Type is not JSON.

    `fetch` with a plain string, as in the contract's examples, sends text/plain, so that is accepted. `origin_policy`
    decides which pages may send, whatever the type of the body."""
    said = content_type(request)
    if not said or said in {"application/json", "text/plain"} or said.endswith("+json"):
        return
    raise Rejected("unsupported_media_type", f"The body must be application/json, not '{said[:64]}'.")


def reject_repeated(request: AnyRequest, *names: str) -> None:
    """Raise Rejected when one of the named query parameters is repeated: it is unclear which value counts."""
    given = [name for name, _ in request.query_params.multi_items()]
    if twice := [name for name in names if given.count(name) > 1]:
        raise Rejected("invalid_request", "; ".join(f"{name}: {REPEATED}" for name in twice))


def content_type(request: AnyRequest) -> str:
    """The media type of the Content-Type header in lower case, without parameters; empty without the header."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def base_url(request: AnyRequest, settings: Settings) -> str:
    """The scheme, host and path that this caller uses for Pixel, without a slash at the end."""
    own = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return (settings.public_url or own).rstrip("/")


def location(settings: Settings, path: str) -> str:
    """The path for a Location header; a whole URL when PIXEL_PUBLIC_URL is set, because proxies differ in what they do
    with a bare path."""
    return (settings.public_url or "").rstrip("/") + path


def parse_time(field: str, text: str) -> datetime:
    """A time in the form of RFC 3339, as UTC. A time without an offset is UTC. Raises Rejected."""
    wrong = Rejected("invalid_request", f"{field}: must be a time such as 2026-02-11T10:00:00Z")
    if not text.isascii() or not text.isprintable():
        raise wrong
    try:
        # In UTC, because an offset may move a time out of the years that can be compared.
        return msgspec.convert(text if _has_offset(text) else text + "Z", datetime).astimezone(UTC)
    except (msgspec.ValidationError, ValueError, OverflowError):
        raise wrong from None


def _has_offset(text: str) -> bool:
    return text.endswith(("Z", "z")) or re.search(r"[+-]\d\d:\d\d$", text) is not None
