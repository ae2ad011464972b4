"""What do fal's errors mean? A model's own are a list of typed problems; those of the platform have one `error_type`.

fal checks the form of an order when it runs it, so most refusals come as the result of a job."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, elements, members, parsed
from domain.base import replace
from domain.provider import Charged, Refused, Sighting

_POLICY = "content_policy_violation"
_OUT_OF_MONEY = ("balance", "top up", "billing")
_EXPIRED = {"request_timeout", "startup_timeout"}
_CANCELLED = "client_cancelled"
_UNSURE = {408, 409}  # fal's own client repeats these: nothing says that the order was not taken


class Problem(NamedTuple):
    """The first problem in an error. `where` is what is wrong in the order, `body` first. `by_model`: it stands in a
    list, as the models write theirs."""

    type: str | None = None
    message: str = ""
    where: tuple[str, ...] = ()
    by_model: bool = False


# docs/providers/fal.md#error-codes
def problem_in(reply: Reply) -> Problem:
    """The problem that an error names; content that was refused before all others."""
    body = members(parsed(reply.body))
    found = list(_problems(body.get("detail")))
    if found:
        return next((each for each in found if each.type == _POLICY), found[0])
    kind = as_text(body.get("error_type")) or as_text(reply.headers.get("x-fal-error-type"))
    return Problem(kind, as_text(body.get("detail")) or "")


def _problems(detail: Any) -> Iterator[Problem]:
    for each in elements(detail) or ():
        fields = members(each)
        where = tuple(text for part in elements(fields.get("loc")) or () if (text := as_text(part)))
        if kind := as_text(fields.get("type")):
            yield Problem(kind, as_text(fields.get("msg")) or "", where, by_model=True)


def refused(reply: Reply) -> Sighting:
    """The sighting for a refused order. Nothing was done, and nothing costs."""
    problem = problem_in(reply)
    if reply.status in {401, 402, 403}:
        spent = reply.status == 402 or any(word in problem.message.lower() for word in _OUT_OF_MONEY)
        if spent:
            return _refusal(reply, problem, "provider_quota", "The balance of this fal account is used up.")
        return _refusal(reply, problem, "provider_auth", "fal refused the key.")
    if reply.status == 404:
        return _refusal(reply, problem, "provider_model_missing", "fal does not have this endpoint.")
    if reply.status == 429:
        refusal = _refusal(reply, problem, "rate_limited", "fal takes no more orders now.")
        return replace(refusal, retryable=True, retry_after_seconds=reply.retry_after_seconds)
    if reply.status in _UNSURE:
        return unreadable_answer(reply)
    if 400 <= reply.status < 500:
        return _of_the_order(reply, problem, charged="no")
    return server_error(reply) if reply.status >= 500 else unreadable_answer(reply)


def failed(reply: Reply, problem: Problem) -> Refused:
    """The refusal for a job that ended without a result. fal bills no server error; it may bill what a runner has
    worked on before it refused the input."""
    if problem.type == _CANCELLED or reply.status == 499:
        return _refusal(reply, problem, "cancelled", "The request was cancelled at fal.", charged="unknown")
    if problem.type in _EXPIRED:
        return _refusal(reply, problem, "expired", "The request waited too long at fal.")
    if reply.status < 500:
        return _of_the_order(reply, problem, charged="unknown")
    transient = reply.headers.get("x-fal-retryable", "").lower() == "true"
    if transient or (problem.type or "").startswith("runner_"):
        refusal = _refusal(reply, problem, "provider_unavailable", "fal had no working runner for it.")
        return replace(refusal, retryable=True)
    return _refusal(reply, problem, "generation_failed", "The endpoint failed.")


def _of_the_order(reply: Reply, problem: Problem, *, charged: Charged) -> Refused:
    """What is wrong with the order: its content, or its form."""
    if problem.type != _POLICY:
        return _refusal(reply, problem, "provider_rejected", "fal refused the request.", charged=charged)
    if len(problem.where) > 1:  # it names a member of the form
        message = "fal's filter refused the text or an image of the request."
        return _refusal(reply, problem, "content_rejected_input", message, charged=charged)
    return _refusal(reply, problem, "content_rejected_output", "fal's filter held the result back.", charged=charged)


def _refusal(reply: Reply, problem: Problem, code: str, message: str, *, charged: Charged = "no") -> Refused:
    place = ".".join(problem.where)
    return Refused(
        code=code,
        message=message,
        charged=charged,
        provider_code=problem.type or str(reply.status),
        provider_message=redacted(f"{place}: {problem.message}" if place else problem.message),
    )
