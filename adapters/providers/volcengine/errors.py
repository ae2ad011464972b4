"""What do Ark's errors mean? The first pattern that matches the code decides."""

import re
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, decode, members
from domain.base import Value, replace
from domain.provider import Charged, InDoubt, Refused

CHECK_FAILED, BUSY = "provider_unavailable", "rate_limited"


class Problem(Value):
    """An error of Ark: its code and its message."""

    code: str | None = None
    message: str | None = None


class _Refusal(Value):
    error: Any = None


# docs/providers/volcengine.md#error-codes
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    ("ContentSecurityDetectionError", CHECK_FAILED, "Ark's content check itself failed."),
    (r"Output\w*(SensitiveContentDetected|RiskDetection)", "content_rejected_output", "Ark held the result back."),
    (r"\w*(SensitiveContentDetected|RiskDetection)", "content_rejected_input", "Ark refused what was sent to it."),
    ("AccountOverdueError|OperationDenied.ServiceOverdue", "provider_quota", "The Volcengine account owes money."),
    ("InvalidSubscription|AccountQuotaExceeded", "provider_quota", "The plan of this Volcengine account is used up."),
    ("SetLimitExceeded", "provider_quota", "The spending cap set at Ark for this model is reached."),
    ("AuthenticationError|InvalidAccountStatus", "provider_auth", "Ark refused the key, or the account behind it."),
    ("AccessDenied|OperationDenied.PermissionDenied", "provider_auth", "Ark gives this key no access to the model."),
    ("InvalidEndpoint|ModelNotOpen|UnsupportedModel", "provider_model_missing", "Ark does not offer this model here."),
    ("OperationDenied.ServiceNotOpen", "provider_model_missing", "The service is not switched on for this account."),
    (r"\w*RateLimitExceeded|ServerOverloaded|RequestBurstTooFast|InflightBatchsize", BUSY, "Ark is busy."),
    ("ModelLoadingError", BUSY, "Ark is still loading the model."),
)
_ONE_MODEL = {"AccessDenied", "OperationDenied.PermissionDenied", "SetLimitExceeded"}
_BY_STATUS = {
    401: ("provider_auth", "Ark refused the key."),
    403: ("provider_auth", "Ark refused the key."),
    404: ("provider_model_missing", "Ark does not know what was asked for."),
    429: (BUSY, "Ark is busy."),
}


def refusal(problem: Problem, *, status: int = 400, charged: Charged = "no") -> Refused:
    """The refusal for an error. `status` decides where the code is unknown."""
    code, message = problem.code or "", redacted(problem.message)
    unknown = ("provider_rejected", "Ark refused it.")
    by_status = unknown if code and status in {403, 404} else _BY_STATUS.get(status, unknown)
    meaning, words = _meaning(code, message) or by_status
    return Refused(
        code=meaning,
        message=words,
        retryable=meaning in {BUSY, CHECK_FAILED} and charged == "no",
        charged=charged,
        provider_code=code or str(status),
        provider_message=message,
    )


def _meaning(code: str, message: str) -> tuple[str, str] | None:
    if code.partition(".")[0] == "QuotaExceeded":  # one code for three causes; only the text distinguishes them
        if code == "QuotaExceeded" and re.search(r"(?i)request has exceeded the quota|queue|排队", message):
            return BUSY, "Too many tasks wait in Ark's queue."
        return "provider_quota", "The trial or the plan for this model at Ark is used up."
    return next(((meaning, words) for pattern, meaning, words in _MEANINGS if re.match(pattern, code)), None)


def problem_in(error: object) -> Problem:
    """The error in a member, an object or text."""
    fields = members(error)
    return Problem(code=as_text(fields.get("code")), message=as_text(fields.get("message") if fields else error))


def refused(reply: Reply) -> Refused | InDoubt:
    """The sighting for an error. An answer without an error of Ark leaves the outcome open."""
    body = decode(reply.body, _Refusal)
    problem = problem_in(body.error) if body else Problem()
    if reply.status >= 500:
        return server_error(reply)
    if reply.status < 400:
        return refusal(problem, charged="unknown") if problem.code else unreadable_answer(reply)
    seen = refusal(problem, status=reply.status)
    return replace(seen, retry_after_seconds=reply.retry_after_seconds) if seen.retryable else seen


def is_key_error(seen: Refused) -> bool:
    """Whether an auth or quota refusal is about the key as a whole and not about one model."""
    code = seen.provider_code or ""
    return code not in _ONE_MODEL and not code.startswith("QuotaExceeded")
