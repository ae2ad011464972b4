"""What do Kling's error codes mean? The vendor's code decides; the HTTP status only where there is no code."""

import re
from collections.abc import Sequence

import msgspec

from adapters.outbound.client import Reply
from adapters.providers.base import KEY_ERRORS
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer, with_raw_answer
from adapters.providers.tolerant_reader import decode
from domain.base import Value
from domain.provider import InDoubt, Refused, Sighting


class Envelope(Value):
    """The envelope of every answer. Success is `code` 0, whatever the HTTP status."""

    code: int | None = None
    message: str | None = None
    request_id: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


# docs/providers/kling.md#error-codes
NO_SUCH_TASK = 1203
STALE_TOKEN = {1003, 1004}
_INVALID = {1200, 1201}
# HTTP 429 alone decides nothing: it stands for an empty account as well as for a temporary limit.
_CODES = {
    1000: ("provider_auth", "Kling refused the key."),
    1001: ("provider_auth", "Kling got no key."),
    1002: ("provider_auth", "Kling refused the key."),
    1003: ("provider_auth", "Kling says that the token is not valid yet: is this machine's clock right?"),
    1004: ("provider_auth", "Kling says that the token has expired: is this machine's clock right?"),
    1100: ("provider_quota", "Kling says that something is wrong with the account."),
    1101: ("provider_quota", "The Kling account is in arrears."),
    1102: ("provider_quota", "The Kling resource pack is used up or expired."),
    # It concerns one model only, so the key stays in use for the others.
    1103: ("provider_model_missing", "This Kling account may not use the model."),
    1200: ("provider_rejected", "Kling refused the request."),
    1201: ("provider_rejected", "Kling refused the request."),
    1202: ("provider_rejected", "Kling does not know this path: is KLING_BASE_URL right?"),
    1203: ("provider_model_missing", "Kling does not offer this model."),
    1300: ("content_rejected_input", "Kling refused the request by its policy."),
    1301: ("content_rejected_input", "Kling refused the request by its rules on content."),
    1302: ("rate_limited", "Kling gets too many requests."),
    1303: ("rate_limited", "Kling has as many jobs under way as the resource pack allows."),
    1304: ("provider_auth", "Kling does not take requests from this machine's address."),
    5001: ("provider_unavailable", "Kling is under maintenance."),
}
_BY_STATUS = {401: 1000, 404: 1202, 429: 1302}
_DUPLICATE = re.compile(r"external.?task.?id|duplicat|already exist|unique|重复|已存在", re.IGNORECASE)


def refused(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for an error, by Kling's code, or by the HTTP status for answers without one (gateways)."""
    code = error_code(reply)
    if code == 0 or (code is None and reply.status < 400):
        return unreadable_answer(reply)
    if reply.status >= 500 and code != 5001:
        return server_error(reply)
    if code is not None and code not in _CODES and (reply.ok or code >= 5000):
        return with_raw_answer(InDoubt(reason=f"Kling may have failed while it had the order (code {code})"), reply)
    known = code if code in _CODES else _BY_STATUS.get(reply.status, 1200)
    word, message = _CODES[known]
    wait = word in {"rate_limited", "provider_unavailable"}
    return Refused(
        code=word,
        message=message,
        retryable=wait,
        retry_after_seconds=reply.retry_after_seconds if wait else None,
        provider_code=str(code if code is not None else reply.status),
        provider_message=error_text(reply, secrets),
    )


def is_key_error(code: int | None) -> bool:
    """Whether a code is about the key or the account, and not about a task."""
    return code in _CODES and _CODES[code][0] in KEY_ERRORS


def may_be_duplicate(reply: Reply) -> bool:
    """Whether a refusal may mean that Kling has a task with this call id. Its words are not documented."""
    code = error_code(reply)
    return code in _INVALID or (code not in _CODES and reply.status not in _BY_STATUS)


def is_duplicate_id(reply: Reply) -> bool:
    """Whether the text of a refusal says that the id of the order has been used before."""
    return reply.status == 409 or bool(_DUPLICATE.search(error_text(reply, ())))


def error_code(reply: Reply) -> int | None:
    envelope = decode(reply.body, Envelope)
    return envelope.code if envelope else None


def error_text(reply: Reply, secrets: Sequence[str]) -> str:
    """Kling's message, with the request id that its support asks for."""
    envelope = decode(reply.body, Envelope)
    if envelope is None:
        return "no answer that can be read"
    text = redacted(envelope.message, secrets=secrets)
    return f"{text} (request {redacted(envelope.request_id)[:80]})" if envelope.request_id else text
