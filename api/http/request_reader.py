"""What do the headers and the query of a request say?"""

import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request

from domain.base import Rejected
from domain.request import Body
from services.settings import Settings

AnyRequest = Request[Any, Any, Any]
B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=msgspec.Struct)
MAX_WAIT_SECONDS = 60
REPEATED = "may be there once only"
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_WAIT = re.compile(r"(?:^|,)\s*wait=([0-9]{1,9})\s*(?:$|[,;])")


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


async def decode_body(request: AnyRequest, shape: type[B], *, empty: B | None = None) -> B:
    """The JSON body of a request as a struct; `empty` stands for no body at all. Raises Rejected."""
    json_only(request)
    body = await request.body()
    return empty if not body and empty is not None else decoded(body, shape)


def decoded(body: bytes, shape: type[B]) -> B:
    """JSON as a struct. Raises Rejected."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise Rejected("invalid_request", readable(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", f"The body is not valid JSON: {error}") from None


def readable(error: msgspec.ValidationError) -> str:
    """The message of an error of decoding as all routes word it: `field: expected …`."""
    message, _, field = str(error).partition(" - at `$")
    return f"{field.strip('.`')}: {message[0].lower()}{message[1:]}" if field else message


def reject_repeated(request: AnyRequest, *names: str) -> None:
    """Raise Rejected when one of the named query parameters is repeated: it is unclear which value counts."""
    given = [name for name, _ in request.query_params.multi_items()]
    if twice := [name for name in names if given.count(name) > 1]:
        raise Rejected("invalid_request", "; ".join(f"{name}: {REPEATED}" for name in twice))


def point_in_time(request: AnyRequest) -> dict[str, str]:
    """The `version` or the `at` of the query. Raises Rejected when both are there. Other parameters are ignored: some
    clients add one to avoid caches."""
    reject_repeated(request, "version", "at")
    given = {name: value for name in ("version", "at") if (value := request.query_params.get(name))}
    if len(given) > 1:
        raise Rejected("invalid_request", "version, at: give one of the two")
    return given


def etag_matches(request: AnyRequest, version: int | str) -> bool:
    """Whether the caller has this version already, by If-None-Match: a number, or the hash of what is answered."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")]
    return "*" in tags or str(version) in tags


def wanted_version(request: AnyRequest) -> int | None:
    """The version that a change is meant for, by If-Match; None: any. Raises Rejected."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Rejected("invalid_request", "If-Match: must be the ETag of an answer")
    return int(text)


def read_query(request: AnyRequest, shape: type[Q]) -> Q:
    """The query of a request as a struct. Raises Rejected."""
    reject_repeated(request, *(field.encode_name for field in msgspec.structs.fields(shape)))
    try:
        return msgspec.convert(dict(request.query_params), shape, strict=False)
    except msgspec.ValidationError as error:
        raise Rejected("invalid_request", readable(error)) from None


def content_type(request: AnyRequest) -> str:
    """The media type of the Content-Type header in lower case, without parameters; empty without the header."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def base_url(request: AnyRequest, settings: Settings) -> str:
    """The scheme, host and path that this caller uses for Pixel, without a slash at the end."""
    own = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return (settings.public_url or own).rstrip("/")


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


def parse_position(field: str, text: str) -> int:
    """A position in the log. Raises Rejected."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Rejected("invalid_request", f"{field}: must be a position of the log, such as 1042")
    return int(text)


def beyond_the_log(field: str) -> Rejected:
    """The refusal of a position that no event has yet."""
    return Rejected(
        "invalid_request", f"{field}: lies beyond the end of the log. Positions are X-Pixel-Position of an answer"
    )


def _has_offset(text: str) -> bool:
    return text.endswith(("Z", "z")) or re.search(r"[+-]\d\d:\d\d$", text) is not None
