"""What do ModelScope's errors mean? Their shape differs from route to route."""

from typing import Any

import msgspec

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, count, decode, members
from domain.provider import Refused, Sighting


def read_error(body: bytes) -> tuple[str | None, str]:
    """The code and the message of an error under `errors` or `error`, an object or text."""
    answer = decode(body, dict[str, Any]) or {}
    error: Any = answer.get("errors") or answer.get("error")
    return as_text(members(error).get("code")), as_text(members(error).get("message", error)) or ""


# docs/providers/modelscope.md#error-codes
def refused(reply: Reply) -> Sighting:
    """The sighting for an error. Some routes answer 500 and put the real status into the body."""
    code, text = read_error(reply.body)
    message, true = redacted(text), count(code) or 0
    status = true if reply.status >= 500 and 400 <= true < 500 else reply.status
    refusal = Refused(
        code="provider_rejected", message="", provider_code=code or str(reply.status), provider_message=message
    )
    quota = "quota" in message.lower() or reply.headers.get("modelscope-ratelimit-requests-remaining") == "0"
    if status in {401, 403}:
        return _refusal_of(
            refusal, "provider_auth", "ModelScope refused the key: is the account bound and its name checked?"
        )
    if status == 429 and quota:
        return _refusal_of(refusal, "provider_quota", "The day's calls of this ModelScope account are used up.")
    if status == 429:
        wait = reply.retry_after_seconds
        return msgspec.structs.replace(
            _refusal_of(refusal, "rate_limited", "ModelScope is busy."), retryable=True, retry_after_seconds=wait
        )
    if status == 404:
        return _refusal_of(refusal, "provider_model_missing", "ModelScope does not offer this model any more.")
    if 400 <= status < 500:
        return _refusal_of(refusal, "provider_rejected", "ModelScope refused the request.")
    return server_error(reply) if status >= 500 else unreadable_answer(reply)


def _refusal_of(refusal: Refused, code: str, message: str) -> Refused:
    return msgspec.structs.replace(refusal, code=code, message=message)
