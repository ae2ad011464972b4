"""What do xAI's errors mean, and what does xAI say that it charged?

An error has a code and a text at its top, or an object in OpenAI's form. One code stands for several things, a wrong
key and a wrong request among them, so the text decides. A refusal may cost money: moderation looks at what was made."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from adapters.outbound.client import Reply
from adapters.providers.openai.errors import read_error
from adapters.providers.redaction import redacted
from adapters.providers.sightings import server_error, unreadable_answer
from adapters.providers.tolerant_reader import as_text, count, members, parsed
from domain.base import replace
from domain.money import Cost
from domain.provider import Charged, Refused, Sighting

# docs/providers/xai.md#limits-and-lifetimes
TICKS_PER_USD = 10_000_000_000

# docs/providers/xai.md#error-codes
_MODERATED = re.compile(r"(?i)moderat|content.policy|usage guidelines")
_MADE = re.compile(r"(?i)generated (image|video)")
_KEY = re.compile(r"(?i)(incorrect|invalid) api key")
_USED_UP = re.compile(r"(?i)credits|spending limit")
_NO_MODEL = re.compile(r"(?i)model\b.*(not found|does not exist|not have access)")


class Problem(NamedTuple):
    """An error as xAI wrote it. `ticks` is what the request cost, None when xAI does not say."""

    code: str | None
    message: str
    ticks: int | None

    @property
    def is_moderation(self) -> bool:
        """Whether moderation refused the request, or held back what was made."""
        return bool(_MODERATED.search(f"{self.code} {self.message}"))


def problem_in(body: bytes) -> Problem | None:
    """The error in a body; None when there is none."""
    fields = members(parsed(body))
    found = read_error(fields.get("error"))
    if found is None:
        return None
    return Problem(found.code or as_text(fields.get("code")), found.message, ticks(fields.get("usage")))


def refused(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for an error. With a status of success, only an explicit error is a refusal."""
    problem = problem_in(reply.body)
    if problem is None and reply.ok:
        return unreadable_answer(reply)
    problem = problem or Problem(None, "", None)
    status = reply.status
    rejection = Refused(
        code="provider_rejected",
        message="xAI refused the request.",
        charged="unknown" if reply.ok else "no",
        provider_code=problem.code or str(status),
        provider_message=redacted(problem.message, secrets=secrets),
    )
    if problem.is_moderation:
        return moderated(problem, secrets=secrets)
    if status == 408 or status >= 500:
        return server_error(reply)
    if status == 402 or (status in {403, 429} and _USED_UP.search(problem.message)):
        message = "The team at xAI has no credits left, or reached its spending limit."
        return replace(rejection, code="provider_quota", message=message)
    if status == 401 or _KEY.search(problem.message):
        return replace(rejection, code="provider_auth", message="xAI refused the key.")
    if status == 404 or _NO_MODEL.search(problem.message):
        message = "xAI does not have this model, or not for this key."
        return replace(rejection, code="provider_model_missing", message=message)
    if status == 403:
        return replace(rejection, code="provider_auth", message="xAI refused the key, or its team.")
    if status == 429:
        busy = replace(rejection, code="rate_limited", message="xAI is asked too often.")
        return replace(busy, retryable=True, retry_after_seconds=reply.retry_after_seconds)
    return rejection if reply.ok or 400 <= status < 500 else unreadable_answer(reply)


def moderated(problem: Problem, *, secrets: Sequence[str] = ()) -> Refused:
    """The refusal by moderation. What was made and held back is billed all the same; the answer says how much."""
    made = bool(_MADE.search(problem.message) or problem.ticks)
    return Refused(
        code="content_rejected_output" if made else "content_rejected_input",
        message="xAI's moderation held back what was made." if made else "xAI's moderation refused the request.",
        charged=charged(problem.ticks),
        provider_code=problem.code or "moderation",
        provider_message=redacted(problem.message, secrets=secrets),
    )


# --- Money ---


def ticks(usage: object) -> int | None:
    """The cost in an answer's `usage`, in ticks; None when it is not there."""
    return count(members(usage).get("cost_in_usd_ticks"))


def charged(cost: int | None) -> Charged:
    """Whether a request that failed was charged; "unknown" unless its cost is known."""
    return "unknown" if cost is None else "yes" if cost else "no"


def money(cost: int | None) -> Cost | None:
    """A cost in ticks as xAI's own figure in dollars."""
    if cost is None:
        return None
    return Cost(amount=Decimal(cost) / TICKS_PER_USD, currency="USD", price_revision=0, source="provider")
