"""What do Google's errors mean? All routes share one shape (google.rpc.Status); the details decide."""

import re

from adapters.outbound.client import Reply
from adapters.providers.base import KEY_ERRORS
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import decode
from domain.base import Value, replace
from domain.provider import Gone, NoVerdict, Refused, Sighting

_DELAY = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s")
# docs/providers/gemini.md#error-codes
_MAYBE_DONE = {408, 499}  # given up by a proxy: the work may go on
BLOCKED = {
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
}
"""The reasons that name a filter."""


class _Violation(Value, rename="camel"):
    quota_id: str = ""
    quota_value: str | int = ""


class _Detail(Value, rename="camel"):
    reason: str | None = None
    retry_delay: str | None = None
    violations: tuple[_Violation, ...] = ()


class _Status(Value):
    code: int | str | None = None
    message: str = ""
    status: str | None = None
    details: tuple[_Detail, ...] = ()


class _Body(Value):
    error: _Status


def refused(reply: Reply) -> Sighting:
    """The sighting for an error to an order. Google's own 503 is definite; any other 5xx may have been done."""
    error = _error(reply) or _Status()
    reasons = [detail.reason for detail in error.details if detail.reason]
    words = {str(word).upper() for word in (error.code, error.status)}
    code = str(next(iter(reasons), error.status or error.code) or reply.status)
    refusal = Refused(
        code="provider_rejected", message="", provider_code=code, provider_message=redacted(error.message)
    )
    match reply.status:
        case 400 if "API_KEY_INVALID" in reasons:
            return replace(refusal, code="provider_auth", message="Google does not know the key.")
        case 400 if words & BLOCKED:
            return replace(refusal, code="content_rejected_input", message="Google's filter held the request back.")
        case 400 if error.status == "FAILED_PRECONDITION" and "billing" in error.message.lower():
            return replace(refusal, code="provider_quota", message="Billing is not enabled for this key's project.")
        case 400 if error.status == "FAILED_PRECONDITION":
            return replace(refusal, code="provider_auth", message="Google does not serve this project from here.")
        case 401 | 403:
            return replace(refusal, code="provider_auth", message="Google refused the key.")
        case 404:
            return replace(refusal, code="provider_model_missing", message="Google does not offer this model any more.")
        case 429 if _used_up(error):
            return replace(
                refusal, code="provider_quota", message="The day's quota of this key for the model is used up."
            )
        case 429:
            wait = _delay(error) or reply.retry_after_seconds
            busy = replace(refusal, code="rate_limited", message="Too many requests for this key at Google.")
            return replace(busy, retryable=True, retry_after_seconds=wait)
        case 503 if error.status == "UNAVAILABLE":
            return replace(refusal, code="provider_unavailable", message="The model is overloaded.", retryable=True)
        case status if status >= 500 or status in _MAYBE_DONE:
            return server_error(reply)
        case status if status >= 400:
            return replace(refusal, message="Google refused the request.")
        case _:
            return unreadable_answer(reply)


def query_refused(reply: Reply) -> Sighting:
    """The sighting for an error to a query: the key is refused, the job is gone, or NoVerdict."""
    error = _error(reply)
    if reply.status == 404 and error and error.status == "NOT_FOUND":
        return Gone(message="Google says that it has no such operation.", provider_code="NOT_FOUND")
    seen = refused(reply)
    if isinstance(seen, Refused) and seen.code in KEY_ERRORS:
        return seen
    return NoVerdict(reason=f"HTTP {reply.status} without an operation")


def _error(reply: Reply) -> _Status | None:
    """The error in an answer; Google's front end wraps it in a list."""
    bodies = decode(reply.body, tuple[_Body, ...])
    body = next(iter(bodies), None) if bodies is not None else decode(reply.body, _Body)
    return body.error if body else None


def _used_up(error: _Status) -> bool:
    """Whether the quota is per day or zero, so that waiting a minute does not help."""
    violations = [violation for detail in error.details for violation in detail.violations]
    return "limit: 0" in error.message or any(
        "PerDay" in violation.quota_id or str(violation.quota_value) == "0" for violation in violations
    )


def _delay(error: _Status) -> float | None:
    """The delay of RetryInfo, such as "34s" or "0.847s", in seconds."""
    found = (_DELAY.fullmatch(detail.retry_delay or "") for detail in error.details)
    return next((float(match[1]) for match in found if match), None)
