"""What do MiniMax's errors mean? v1: a code inside of HTTP 200; v2: a real status, and the code at the message's end.

Only code 0 is success. A code for an internal failure leaves an order in doubt: it may have been done."""

import re
from typing import NamedTuple, TypeVar

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import count, decode
from domain.base import Value
from domain.provider import InDoubt, NoVerdict, Refused, Sighting

T = TypeVar("T")


class BaseResp(Value):
    """The result code of v1."""

    status_code: int | None = None
    status_msg: str = ""


class _Error(Value):
    message: str = ""


class _Envelope(Value):
    base_resp: BaseResp | None = None
    error: _Error | None = None
    trace_id: str = ""
    request_id: str = ""


class _Refusal(NamedTuple):
    code: str
    message: str


_BUSY = _Refusal("rate_limited", "MiniMax is busy.")
_KEY = _Refusal(
    "provider_auth", "MiniMax refused the key: is it for this region (MINIMAX_BASE_URL), and a pay-as-you-go key?"
)
_MONEY = _Refusal("provider_quota", "The balance or the plan of this MiniMax account is used up.")
_WRONG = _Refusal("provider_rejected", "MiniMax refused the request.")
_NOT_OFFERED = _Refusal("provider_model_missing", "MiniMax does not offer this model to this account.")
_NOWHERE = _Refusal("provider_model_missing", "MiniMax knows no such model or path: is MINIMAX_BASE_URL right?")
_FLAGGED_INPUT = _Refusal("content_rejected_input", "MiniMax's filter rejected the request.")
_FLAGGED_OUTPUT = _Refusal("content_rejected_output", "MiniMax's filter held the result back.")

# docs/providers/minimax.md#error-codes
BROKEN = frozenset({1000, 1001, 1013, 1024, 1033})
"""Unknown, timeout, internal: the order may have been done."""

_CODES = (
    dict.fromkeys((1002, 1039, 1041, 2045), _BUSY)
    | dict.fromkeys((1004, 2038, 2049), _KEY)
    | dict.fromkeys((1008, 1028, 1030, 2056), _MONEY)
    | dict.fromkeys((1042, 1043, 1044, 2013, 20132, 2037, 2039, 2042, 2048), _WRONG)
    | {1026: _FLAGGED_INPUT, 1027: _FLAGGED_OUTPUT, 2061: _NOT_OFFERED}
)
_STATUSES = {401: _KEY, 402: _MONEY, 403: _KEY, 404: _NOWHERE, 422: _FLAGGED_INPUT, 429: _BUSY}
_CODE_AT_THE_END = re.compile(r"\((\d{3,6})\)\s*$")


def decode_success(reply: Reply, shape: type[T]) -> T | None:
    """The body of a successful v1 answer; None for a refusal. Without a code, the caller must look for a result."""
    body = decode(reply.body, _Envelope) if reply.ok else None
    if body is None or body.error is not None or (body.base_resp and body.base_resp.status_code):
        return None
    return decode(reply.body, shape)


def is_explicit_success(reply: Reply) -> bool:
    """Whether a v1 answer has code 0."""
    body = decode(reply.body, _Envelope) if reply.ok else None
    return body is not None and body.base_resp is not None and body.base_resp.status_code == 0


def refused(reply: Reply) -> Sighting:
    """The sighting for an unsuccessful answer to an order: a refusal if it is definite, else InDoubt."""
    body = decode(reply.body, _Envelope)
    code, message = _code_and_message(body)
    known = _CODES.get(code) if code is not None else None
    if known is None and code in BROKEN:
        return InDoubt(reason=f"MiniMax failed while it had the order (code {code})")
    if known is None and 400 <= reply.status < 500:
        known = _STATUSES.get(reply.status, _WRONG)
    if known is None:
        if reply.status >= 500:
            return server_error(reply)
        return InDoubt(reason=f"an error that is not known (code {code})") if code else unreadable_answer(reply)
    busy = known is _BUSY
    return Refused(
        code=known.code,
        message=known.message,
        retryable=busy,
        retry_after_seconds=reply.retry_after_seconds if busy else None,
        charged="unknown" if known is _FLAGGED_OUTPUT else "no",  # it was made before it was held back
        provider_code=str(code if code is not None else reply.status),
        provider_message=redacted(f"{message} {_trace(reply, body)}"),
    )


def query_refused(reply: Reply) -> Sighting:
    """The sighting for an unsuccessful answer to a query: a refusal of the key, else NoVerdict."""
    seen = refused(reply)
    if isinstance(seen, Refused):
        if seen.code in {"provider_auth", "provider_quota"}:
            return seen
        return NoVerdict(reason=f"MiniMax refused the question (code {seen.provider_code})")
    return NoVerdict(reason=seen.reason) if isinstance(seen, InDoubt) else seen


def failed(code: object, message: str) -> Refused:
    """A failed task, by its code if it has one. Whether it is billed is not documented."""
    flag = {1026: _FLAGGED_INPUT, 1027: _FLAGGED_OUTPUT}.get(count(code) or 0)
    refusal = flag or _Refusal("generation_failed", "MiniMax could not make it.")
    return Refused(
        code=refusal.code,
        message=refusal.message,
        charged="unknown",
        provider_code=redacted(code),
        provider_message=redacted(message),
    )


def _code_and_message(body: _Envelope | None) -> tuple[int | None, str]:
    if body is None:
        return None, ""
    if body.base_resp is not None and body.base_resp.status_code:
        return body.base_resp.status_code, body.base_resp.status_msg
    if body.error is not None:
        found = _CODE_AT_THE_END.search(body.error.message)
        return int(found[1]) if found else None, body.error.message
    return None, ""


def _trace(reply: Reply, body: _Envelope | None) -> str:
    """The trace id that MiniMax's support asks for."""
    trace = reply.headers.get("trace-id") or (body and (body.trace_id or body.request_id))
    return f"[trace {trace}]" if trace else ""
