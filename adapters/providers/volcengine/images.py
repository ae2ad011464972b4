"""Volcengine's Ark on the wire: what a model's `wire` says, pictures, and what each way of saying no means."""

import re
from typing import Any, Literal

from adapters.outbound.client import Reply, base64_of
from adapters.providers.base import wire_config
from adapters.providers.redaction import redacted
from adapters.providers.sightings import output, server_error, unreadable_answer, unreadable_output
from adapters.providers.tolerant_reader import as_text, counts, decode, elements, members
from domain import capabilities
from domain.base import Value, replace
from domain.provider import Charged, Finished, InDoubt, Input, Missing, Order, Output, Refused, Sighting

URL_SECONDS = 86400.0
CHECK_FAILED, BUSY = "provider_unavailable", "rate_limited"


class Speech(Value):
    """How a voice is asked for at openspeech.

    `resource` is what V3 bills by and must fit the voices; `cluster` is V1's word. `speakers` gives the vendor's name
    of a voice where the catalogue has one of its own. `sample_rate` in Hz."""

    dialect: Literal["v3", "v1"] = "v3"
    resource: str = "seed-tts-1.0"
    cluster: str = "volcano_tts"
    speakers: dict[str, str] = {}
    sample_rate: int = 24000


class Wire(Value):
    """A model's `wire`: its name at Ark (or an endpoint's id, `ep-…`), or `speech` for a voice.

    `audio`: whether a film comes with sound; left out where the model knows no such field. `thinking`: as Ark has it,
    for chats."""

    model: str = ""
    speech: Speech | None = None
    audio: bool | None = None
    thinking: Literal["enabled", "disabled", "auto"] | None = None

    def __post_init__(self) -> None:
        if bool(self.model) == (self.speech is not None):
            raise ValueError("give either model or speech")


class Problem(Value):
    """An error, as Ark words it."""

    code: str | None = None
    message: str | None = None


class _Refusal(Value):
    error: Any = None


class _Images(Value):
    data: Any
    usage: Any = None


# --- Pictures ---


def to_wire(order: Order) -> dict[str, Any]:
    """The body of a picture request. One picture: a set would be as many as the model likes, up to a ceiling."""
    size = capabilities.pixels(order.spec, order.params)
    pictures = [reference(given) for given in order.inputs]
    optional = {
        "image": pictures[0] if len(pictures) == 1 else pictures or None,
        "size": f"{size[0]}x{size[1]}" if size else capabilities.resolution(order.spec, order.params.get("resolution")),
    }
    return {
        "model": wire_config(order.spec, Wire).model,
        "prompt": order.params["prompt"],
        "sequential_image_generation": "disabled",
        "response_format": "url",
        "stream": False,
        "watermark": False,
    } | {name: value for name, value in optional.items() if value is not None}


def reference(given: Input) -> str:
    """A reference picture: an address, or its bytes, whose format must stand in lower case."""
    if given.url:
        return given.url
    return f"data:{(given.media_type or 'image/png').lower()};base64,{base64_of(given.data)}"


def submit_result(reply: Reply) -> Sighting:
    """What the answer to a picture request says. Each item is a picture or an error of its own."""
    answer = decode(reply.body, _Images) if reply.ok else None
    items = [answer.data] if answer and isinstance(answer.data, str) else elements(answer.data) if answer else None
    if answer is None or items is None:
        return refused(reply)
    found = [_image(at, item) for at, item in enumerate(items)]
    outputs = tuple(each for each in found if isinstance(each, Output))
    used = counts(answer.usage)
    first = next((each for each in found if isinstance(each, Problem)), None)
    if first and all(isinstance(each, Problem) for each in found):
        return refusal(first, charged="no" if used.get("generated_images") == 0 else "unknown")
    missing = [
        each if isinstance(each, Missing) else _missing(at, each)
        for at, each in enumerate(found)
        if not isinstance(each, Output)
    ]
    if not found:
        missing = [Missing(index=0, code="empty", message="Ark's answer holds no picture.")]
    made = used.get("generated_images", sum(not isinstance(each, Problem) for each in found))
    told = {"output_token": used.get("output_tokens"), "total_tokens": used.get("total_tokens")}
    usage = {"image": made} | {unit: number for unit, number in told.items() if number is not None}
    return Finished(outputs=outputs, missing=tuple(missing), usage=usage, expires_seconds=URL_SECONDS)


def _image(index: int, item: object) -> Output | Problem | Missing:
    """One item: what neither can be read nor is an error was made, and paid for."""
    fields = {"url": item} if isinstance(item, str) else members(item)
    for name in ("url", "b64_json"):
        text = fields.get(name)
        if isinstance(text, str) and (found := output(index, text, inline=name == "b64_json")):
            return found
    problem = problem_in(fields.get("error"))
    return problem if problem.code or problem.message else unreadable_output(index)


def _missing(index: int, problem: Problem) -> Missing:
    meant = refusal(problem, charged="no")
    return Missing(index=index, code=meant.code, message=f"{meant.message} {meant.provider_message or ''}".strip())


# --- What a no means: Ark's codes, in the order in which they are looked at ---

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
    """A refusal in Pixel's words."""
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
    if code.partition(".")[0] == "QuotaExceeded":  # one code for three things, told apart by their text alone
        if code == "QuotaExceeded" and re.search(r"(?i)request has exceeded the quota|queue|排队", message):
            return BUSY, "Too many tasks wait in Ark's queue."
        return "provider_quota", "The trial or the plan for this model at Ark is used up."
    return next(((meaning, words) for pattern, meaning, words in _MEANINGS if re.match(pattern, code)), None)


def problem_in(error: object) -> Problem:
    """An error, however it is written."""
    fields = members(error)
    return Problem(code=as_text(fields.get("code")), message=as_text(fields.get("message") if fields else error))


def refused(reply: Reply) -> Refused | InDoubt:
    """What an error says; what is no error of Ark's says nothing about whether it was done."""
    body = decode(reply.body, _Refusal)
    problem = problem_in(body.error) if body else Problem()
    if reply.status >= 500:
        return server_error(reply)
    if reply.status < 400:
        return refusal(problem, charged="unknown") if problem.code else unreadable_answer(reply)
    seen = refusal(problem, status=reply.status)
    return replace(seen, retry_after_seconds=reply.retry_after_seconds) if seen.retryable else seen


def is_key_error(seen: Refused) -> bool:
    """Whether an auth or quota refusal is about the key as a whole, not about one model: others would do."""
    code = seen.provider_code or ""
    return code not in _ONE_MODEL and not code.startswith("QuotaExceeded")
