"""What do the errors of OpenAI, and of servers that copy its API, mean?

Vendor, gateways and self-hosted servers differ in details, so errors are read with tolerance: by code or type where it
is known, else by the HTTP status."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, count, elements, members, parsed
from domain.provider import Charged, Refused, Sighting

# docs/providers/openai.md#error-codes
_QUOTA = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_user_quota",  # new-api, a widespread gateway
}
_BLOCKED = {
    "moderation_blocked",
    "content_policy_violation",
    "image_content_policy_violation",
    "content_filter",
    "sentinel_block",
}
_NO_MODEL = {"model_not_found", "model_not_available", "model_deprecated"}
_OVERLOADED = {"server_overloaded", "engine_overloaded", "overloaded_error", "overloaded", "service_unavailable"}


class ApiError(NamedTuple):
    """An error as the server wrote it, in whatever shape."""

    message: str = ""
    code: str | None = None
    type: str | None = None
    param: str | None = None
    stage: str | None = None

    @property
    def words(self) -> set[str]:
        """Code and type in lower case: servers put the same word into either."""
        return {word.lower() for word in (self.code, self.type) if word}


def error_in(body: bytes) -> ApiError | None:
    """The error in a body; None when there is none.

    `{"error": {…}}`, alone or in a list; `{"error": "text"}` (Ollama); `{"object": "error", "message": …}` (vLLM)."""
    fields = members(next(iter(elements(parsed(body)) or ()), None))
    return read_error(fields if fields.get("object") == "error" else fields.get("error"))


def read_error(error: object) -> ApiError | None:
    """An error object or an error text; None for an empty or unreadable one."""
    if not isinstance(error, dict):
        return ApiError(error) if isinstance(error, str) and error.strip() else None
    fields = members(error)  # pyright: ignore[reportUnknownArgumentType]
    found = ApiError(
        message=as_text(fields.get("message")) or "",
        code=as_text(fields.get("code")),
        type=as_text(fields.get("type")),
        param=as_text(fields.get("param")),
        stage=as_text(members(fields.get("moderation_details")).get("moderation_stage")),
    )
    return found if any(found) else None


def is_blocked(found: ApiError) -> bool:
    """Whether the error is a block by moderation."""
    return bool(found.words & _BLOCKED)


def refused(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for an error. With a status of success, only an explicit error is a refusal."""
    found = error_in(reply.body)
    if found is None and reply.ok:
        return unreadable_answer(reply)
    found = found or ApiError()
    status = _status(reply, found)
    rejection = Refused(
        code="provider_rejected",
        message="The provider refused the request.",
        charged="unknown" if reply.ok else "no",
        provider_code=found.code or found.type or str(reply.status),
        provider_message=redacted(found.message, secrets=secrets),
    )
    if status == 402 or found.words & _QUOTA:
        return _refusal(
            rejection, "provider_quota", "The account at the provider has no credit left, or reached its limit."
        )
    if is_blocked(found):
        return _blocked(rejection, found)
    if status == 503 and (found.words & _OVERLOADED or "overloaded" in found.message.lower()):
        wait = reply.retry_after_seconds
        busy = _refusal(rejection, "provider_unavailable", "The provider is overloaded, and did nothing.")
        return msgspec.structs.replace(busy, retryable=True, retry_after_seconds=wait)
    if status >= 500:
        return server_error(reply)
    match status:
        case 401:
            return _refusal(rejection, "provider_auth", "The provider refused the key.")
        case 403 if found.param == "model" or "model" in found.message.lower():
            return _refusal(rejection, "provider_model_missing", "This account may not use the model.")
        case 403:
            return _refusal(
                rejection, "provider_auth", "The provider refused the key, the organization or the country."
            )
        case 429:
            wait = reply.retry_after_seconds
            busy = _refusal(rejection, "rate_limited", "The provider is asked too often.")
            return msgspec.structs.replace(busy, retryable=True, retry_after_seconds=wait)
        case 404 | 410:
            return _refusal(
                rejection, "provider_model_missing", "The provider does not have this model, or not at this address."
            )
        case 408:
            return server_error(reply)  # a gateway may have forwarded the order before its timeout
        case _ if found.words & _NO_MODEL:
            return _refusal(rejection, "provider_model_missing", "The provider does not have this model any more.")
        case _ if 400 <= status < 500 or reply.ok:
            return rejection
        case _:
            return unreadable_answer(reply)


def _status(reply: Reply, found: ApiError) -> int:
    """The HTTP status; some servers answer 200 and put the real status into the error."""
    true = count(found.code) or 0
    return true if reply.ok and 400 <= true < 600 else reply.status


def _blocked(rejection: Refused, found: ApiError) -> Refused:
    if found.stage == "output":
        # The output was made before it was moderated; whether it is billed is not documented.
        return _refusal(
            rejection, "content_rejected_output", "The provider's moderation held back what was made.", "unknown"
        )
    return _refusal(rejection, "content_rejected_input", "The provider's moderation rejected the request.")


def _refusal(refusal: Refused, code: str, message: str, charged: Charged | None = None) -> Refused:
    return msgspec.structs.replace(refusal, code=code, message=message, charged=charged or refusal.charged)


# --- Forms ---
