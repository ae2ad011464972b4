"""What do DashScope's errors mean? The code decides first, because the HTTP status says too little.

The same codes come in CamelCase and in snake_case, flat or nested, with any status, and inside of failed tasks."""

import re
from typing import Any, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, decode, members
from domain.base import replace
from domain.provider import Refused, Sighting


class Error(NamedTuple):
    """An error in a body: flat on native paths, nested in the compatible mode.

    `is_present` means that there is an error, even an unreadable one."""

    code: str = ""
    message: str = ""
    is_present: bool = False

    @classmethod
    def of(cls, body: bytes) -> "Error":
        """The error in a body."""
        answer = decode(body, dict[str, Any]) or {}
        inner: Any = answer.get("error")
        fields = members(inner) or answer
        message = inner if isinstance(inner, str) else fields.get("message")
        code = as_text(fields.get("code")) or ""
        present = bool(inner or fields.get("code"))
        return cls("", "", is_present=False) if code.lower() in _FINE else cls(code, as_text(message) or "", present)


_FINE = {"0", "200", "success", "ok"}


def refused(reply: Reply) -> Sighting:
    """The sighting for an error: a refusal, or InDoubt where the work may have been done."""
    error, status = Error.of(reply.body), reply.status
    name = normalized(error.code)
    if _is_in_doubt(name) or status == 408 or (status >= 500 and not name.startswith("modelunavailable")):
        return server_error(reply)
    refusal = _by_code(name, error.message)
    if not 400 <= status < 500 and (refusal is None or not error.code):
        return unreadable_answer(reply)  # an unknown code is no definite refusal
    refusal = refusal or _by_status(status)
    return replace(
        refusal,
        provider_code=error.code or str(status),
        provider_message=redacted(error.message),
        retry_after_seconds=reply.retry_after_seconds if refusal.retryable else None,
    )


def failed(code: str, message: str) -> Refused:
    """A failed task, which is not billed. Errors of the key are ignored, because the order was accepted."""
    refusal = _by_code(normalized(code), message)
    if refusal is None or refusal.code not in _OF_A_TASK:
        refusal = Refused(code="generation_failed", message="DashScope could not make it.")
    return replace(refusal, provider_code=code, provider_message=redacted(message))


# docs/providers/dashscope.md#error-codes
_OF_A_TASK = {"content_rejected_input", "content_rejected_output", "provider_rejected", "rate_limited"}
_MODERATED = ("datainspectionfailed", "ipinfringement", "faqruleblocked", "customroleblocked")
_UNPAID = ("arrearage", "prepaidbillover", "postpaidbillover", "commoditynotpurchased", "accessdenied.unpurchased")
_NO_MODEL = ("modelnotfound", "model.notexist", "model.accessdenied", "modelnotsupported", "modelnotexist")
_THROTTLED = ("throttling", "limitrequests", "limitburstrate", "insufficientquota", "allocationquota")
_REJECTED = ("invalid", "badrequest", "unsupportedoperation")
_IN_DOUBT = (
    *("internalerror", "systemerror", "modelserving", "modelservice", "serviceunavailable"),
    *("requesttimeout", "gatewaytimeout", "apiconnectionerror", "clientdisconnect"),
)


def normalized(code: str) -> str:
    """A code in one spelling: `invalidapikey` for `InvalidApiKey` and `invalid_api_key`."""
    return re.sub(r"[ _-]", "", code.lower())


def _is_in_doubt(name: str) -> bool:
    """Whether the code is an internal failure, after which the work may have been done."""
    return name.startswith(_IN_DOUBT)


def _by_code(name: str, message: str) -> Refused | None:
    """The refusal for a normalized code; None for an unknown code."""
    text = message.lower()
    if name.startswith(_MODERATED):
        where = "output" if "output" in text else "input"
        return Refused(code=f"content_rejected_{where}", message=f"DashScope's moderation rejected the {where}.")
    free_used_up = name.startswith(_THROTTLED) and ("freetier" in name or "free" in text.split())
    if name.startswith(_UNPAID) or free_used_up:
        return Refused(code="provider_quota", message="The DashScope account is not paid up, or its quota is used up.")
    if name.startswith(_THROTTLED):
        return Refused(code="rate_limited", message="DashScope is busy.", retryable=True)
    if name.startswith("modelunavailable"):
        return Refused(code="provider_unavailable", message="The model is down at DashScope.", retryable=True)
    if name.startswith(_NO_MODEL):
        return Refused(code="provider_model_missing", message="DashScope has no such model for this key.")
    if name.startswith("accessdenied") and "synchronous calls" in text:
        return Refused(code="provider_rejected", message="The catalogue has the wrong dialect for this model.")
    if name.startswith(("invalidapikey", "notauthorized", "accessdenied", "workspace.", "app.")):
        return Refused(code="provider_auth", message="DashScope refused the key: is it of this region?")
    if name.startswith(_REJECTED):
        return Refused(code="provider_rejected", message="DashScope refused the request.")
    return None


def _by_status(status: int) -> Refused:
    if status in {401, 403}:
        return Refused(code="provider_auth", message="DashScope refused the key: is it of this region?")
    if status == 429:
        return Refused(code="rate_limited", message="DashScope is busy.", retryable=True)
    return Refused(code="provider_rejected", message="DashScope refused the request.")
