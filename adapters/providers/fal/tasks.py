"""What do fal's answers about requests mean? The status, the result, a cancellation, and the list of past requests."""

from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.base import KEY_ERRORS
from adapters.providers.fal.errors import failed, problem_in, refused
from adapters.providers.fal.requests import derived_seed, output_member, seed_in
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job, job_status, output, unreadable_output
from adapters.providers.tolerant_reader import as_text, decode, elements, members, parsed
from domain.base import Value
from domain.model import Kind
from domain.provider import CancelResult, Finished, Gone, Missing, NoVerdict, Order, Output, Refused, Sighting, Working

# docs/providers/fal.md#limits-and-lifetimes
_ABOUT_THE_KEY = {401, 402, 403, 429}
_ABOUT_THE_QUESTION = _ABOUT_THE_KEY | {404, 408, 409}
_FLAGGED = "fal's safety check flagged it, and may have blackened it"


class _Accepted(Value):
    request_id: str


class _Status(Value):
    status: Any = None
    error: Any = None
    error_type: Any = None


class Ended(Value):
    """A request that has ended at fal, so that its result can be fetched. `wrong`: its status says that it failed."""

    wrong: bool


class Callback(Value):
    """The member of a webhook's body that counts."""

    request_id: str | None = None


class _Listed(Value):
    request_id: str | None = None
    json_input: Any = None


class Listing(Value):
    """One page of the list of past requests."""

    items: tuple[_Listed, ...]
    next_cursor: str | None = None


# --- The queue ---


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order. The addresses in it are not used: fal's own rule makes them anew."""
    if not reply.ok:
        return refused(reply)
    accepted = decode(reply.body, _Accepted)
    return accepted_job(accepted.request_id if accepted else None, reply)


def status_result(reply: Reply) -> Sighting | Ended:
    """The state of a request: Ended when there is a result to ask for, good or bad."""
    if not reply.ok:
        return unanswered(reply)
    found = decode(reply.body, _Status) or _Status()
    match job_status(found.status):
        case "queued" | "running" as phase:
            return Working(phase=phase)
        case "done":
            return Ended(wrong=as_text(found.error) is not None or as_text(found.error_type) is not None)
        case "failed" | "expired" | "cancelled":
            return Ended(wrong=True)
        case None:
            return NoVerdict(reason=f"an unknown status: {redacted(found.status)[:40]}")


def result(order: Order, ended: Ended, reply: Reply) -> Sighting:
    """The sighting for the result of a request that has ended. An error counts only if it is the job's own: any other
    may be the gateway's, about this question."""
    if reply.ok:
        return _finished(order, reply)
    problem = problem_in(reply)
    announced = ended.wrong and (problem.type is not None or bool(problem.message))
    if problem.by_model or (announced and reply.status not in _ABOUT_THE_KEY):
        return failed(reply, problem)
    if 400 <= reply.status < 500 and reply.status not in _ABOUT_THE_QUESTION:
        return failed(reply, problem)
    return unanswered(reply)


def unanswered(reply: Reply) -> Sighting:
    """What a refused question says: that the key is wrong, that fal does not know the request, or nothing (no
    verdict)."""
    seen = refused(reply)
    if isinstance(seen, Refused) and seen.code in KEY_ERRORS:
        return seen
    if reply.status == 404:
        return Gone(message="fal says that it has no such request.", provider_code=problem_in(reply).type)
    return NoVerdict(reason=f"HTTP {reply.status}")


def _finished(order: Order, reply: Reply) -> Finished:
    body = members(parsed(reply.body))
    value: Any = body
    for name in output_member(order).split("."):
        value = members(value).get(name)
    given = elements(value)
    if given is None:
        given = [] if value is None else [value]
    found = [_file(index, each) for index, each in enumerate(given)]
    wanted = max(int(order.params.get("n") or 1), 1)
    flags = elements(body.get("has_nsfw_concepts")) or []
    return Finished(
        outputs=tuple(each for each in found if isinstance(each, Output)),
        missing=(
            *(each for each in found if isinstance(each, Missing)),
            *(
                Missing(index=index, code="empty", message="fal says that it is done, and gives no file.")
                for index in range(len(found), wanted)
            ),
        ),
        usage={"image": len(found)} if order.kind is Kind.IMAGE else {},
        notes=tuple(f"output {index}: {_FLAGGED}" for index in range(len(found)) if flags[index : index + 1] == [True]),
    )


def _file(index: int, given: Any) -> Output | Missing:
    address = members(given).get("url", given)
    return (output(index, address) if isinstance(address, str) else None) or unreadable_output(index)


# --- Cancelling ---


def cancel_result(reply: Reply) -> CancelResult | None:
    """What fal said to a cancellation; None when fal only forwarded it to the runner."""
    word = (as_text(members(parsed(reply.body)).get("status")) or "").upper()
    if reply.ok and (word == "OK" or (reply.status == 200 and not word)):
        return CancelResult(outcome="confirmed", message="fal took the request off its queue.", charged="no")
    if reply.ok:
        return None
    if word == "ALREADY_COMPLETED" or (reply.status == 400 and not word):
        return CancelResult(outcome="too_late", message="fal was done with the request already.")
    return CancelResult(outcome="unknown", message=f"fal did not say what became of the request (HTTP {reply.status}).")


# --- Lost answers ---


def listing(reply: Reply) -> Listing | None:
    """A page of the list of past requests; None when the answer is none."""
    return decode(reply.body, Listing)


def find_listed(order: Order, page: Listing) -> str | None:
    """The id of the request in a page of the list that carries the seed of this call; None without one."""
    seed = derived_seed(order)
    for each in page.items:
        if each.request_id and seed is not None and seed_in(order, each.json_input) == seed:
            return each.request_id
    return None
