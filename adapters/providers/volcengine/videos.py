"""Seedance films at Volcengine's Ark: the task on the wire, and what its list tells about a call whose answer was lost.

Ark dedupes nothing and takes no name of ours. But it repeats the seed: where the caller gives none, the seed comes from
the call's id, and so a task can be recognised as that call's."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers import sightings
from adapters.providers.base import KEY_ERRORS, earliest_call, extra_params, wire_config
from adapters.providers.redaction import redacted
from adapters.providers.sightings import job_status, output, unreadable_output
from adapters.providers.tolerant_reader import count, counts, decode
from adapters.providers.volcengine.errors import Problem, problem_in, refusal, refused
from adapters.providers.volcengine.images import URL_SECONDS
from adapters.providers.volcengine.requests import Wire, reference
from domain import capabilities
from domain.base import Value, replace
from domain.provider import (
    CannotTell,
    Finished,
    Found,
    Gone,
    InDoubt,
    LookupResult,
    Missing,
    NotFound,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
    Working,
)

# docs/providers/volcengine.md#limits-and-lifetimes
SHORTEST_EXPIRY_SECONDS, LONGEST_EXPIRY_SECONDS = 3600, 259_200
MAX_REMEMBERED = 1000
_MAX_NAMED = 10
_UNTOLD = (None, -1, 0)
_CONTENT = {"content_rejected_input", "content_rejected_output"}
# docs/providers/volcengine.md#status-words
_ENDED = {"cancelled": "Ark stopped the task.", "expired": "The task waited too long at Ark."}


class _Content(Value):
    video_url: str | None = None


class Task(Value):
    """A task, as a question after it and a callback show it. `duration` in seconds."""

    id: str | None = None
    status: str | None = None
    error: Any = None
    content: _Content = _Content()
    usage: Any = None
    duration: Any = None


class _Jobs(Value):
    items: tuple[Task, ...] = ()


class ListedTask(Value):
    """A task, as far as it decides which call it is of. `created_at` in seconds since 1970."""

    id: str | None = None
    model: str | None = None
    seed: int | None = None
    created_at: float | None = None


class Page(Value):
    """One page of the list of tasks."""

    items: tuple[ListedTask, ...]
    total: int | None = None


def to_wire(order: Order, callback_url: str | None) -> dict[str, Any]:
    """The body of a film request: parameters in the body, where Ark is strict, never as flags in the prompt."""
    wire, params = wire_config(order.spec, Wire), order.params
    frames = [
        {"type": "image_url", "image_url": {"url": reference(given)}, "role": role}
        for given, role in zip(order.inputs, ("first_frame", "last_frame"), strict=False)
    ]
    seconds = capabilities.seconds(order.spec, params)
    optional = {
        "duration": int(seconds) if seconds else None,
        "seed": _seed(order),
        "generate_audio": wire.audio,
        "callback_url": callback_url,
    }
    return {
        "model": wire.model,
        "content": [{"type": "text", "text": prompt(params["prompt"])}, *frames],
        "resolution": capabilities.resolution(order.spec, params.get("resolution")),
        "ratio": _ratio(order),
        "watermark": False,
        # What still waits when Pixel has given the task up must not be made and billed later.
        "execution_expires_after": min(
            max(order.spec.limits.finish_seconds, SHORTEST_EXPIRY_SECONDS), LONGEST_EXPIRY_SECONDS
        ),
    } | {name: value for name, value in optional.items() if value is not None}


def prompt(text: str) -> str:
    """The prompt, in which Ark would obey `--dur 12`: two hyphens become a dash, which says the same to a reader."""
    return re.sub(r"-{2,}", "—", text)


def _ratio(order: Order) -> str | None:
    """As asked for; else as the first frame is, so that nothing of it is cut off; else the catalogue's first."""
    sizes = capabilities.aspect_ratios(order.spec, order.params.get("resolution"))
    by_default = "adaptive" if order.inputs else capabilities.default_ratio(order.spec, sizes)
    return order.params.get("aspectRatio") or by_default


def _seed(order: Order) -> int | None:
    given: int | None = extra_params(order).get("seed")
    return derived_seed(order) if given is None else given


def derived_seed(order: Order) -> int | None:
    """The seed that stands for a call, from 0 to 2^31-1; None for a model that takes none."""
    if "seed" in order.spec.limits.refuses:
        return None
    return int.from_bytes(hashlib.sha256(order.call_id.encode()).digest()[:4]) >> 1


def submit_result(reply: Reply) -> Sighting:
    """What the answer to a film request says."""
    task = decode(reply.body, Task) if reply.ok else None
    return sightings.accepted_job(task.id, reply) if task and task.id else refused(reply)


def poll_result(reply: Reply) -> Sighting:
    """What the answer to a question after a task says. A film that is there is an end, whatever word stands there."""
    if not reply.ok:
        return _unanswered(reply)
    task = decode(reply.body, Task)
    if task is None:
        return NoVerdict(reason=f"HTTP {reply.status} without a task")
    video, how = output(0, task.content.video_url), job_status(task.status)
    if video or how == "done":
        return _finished(task, video)
    match how:
        case "queued" | "running":
            return Working(phase=how)
        case "failed":
            return _failed(problem_in(task.error))
        case "cancelled" | "expired":
            return Refused(code=how, message=_ENDED[how], provider_code=redacted(task.status))
        case None:
            return NoVerdict(reason=f"an unknown status: {redacted(task.status)[:40]}")


def working_tasks(reply: Reply) -> dict[str, Working]:
    """The tasks of a list that wait or are being made, by id. Of those that are done a list may not show all."""
    page = decode(reply.body, _Jobs) if reply.ok else None
    return {
        task.id: Working(phase=how)
        for task in (page.items if page else ())
        if task.id and (how := job_status(task.status)) in {"queued", "running"} and not task.content.video_url
    }


def _unanswered(reply: Reply) -> Sighting:
    seen = refused(reply)
    if isinstance(seen, InDoubt):
        return NoVerdict(reason=seen.reason)
    if seen.code in KEY_ERRORS:
        return seen
    own_words = seen.provider_code != "404" and seen.code != "provider_model_missing"  # no gateway's, and of the task
    if reply.status == 404 and own_words:
        return Gone(message="Ark says that it has no such task.", provider_code=seen.provider_code)
    return NoVerdict(reason=f"HTTP {reply.status}: {seen.provider_code}")


def _finished(task: Task, video: Output | None) -> Finished:
    used, seconds = counts(task.usage), count(task.duration)
    told = {
        "output_token": used.get("completion_tokens"),
        "completion_tokens": used.get("completion_tokens"),
        "total_tokens": used.get("total_tokens"),
        "second": seconds or None,
    }
    empty = Missing(index=0, code="empty", message="The task succeeded without a film.")
    return Finished(
        outputs=(video,) if video else (),
        missing=() if video else (unreadable_output(0) if task.content.video_url else empty,),
        usage={unit: number for unit, number in told.items() if number is not None},
        expires_seconds=URL_SECONDS,
    )


def _failed(problem: Problem) -> Refused:
    """Only films that came out are billed. What Ark calls its error matters where it is about the content."""
    meant = refusal(replace(problem, code=problem.code or "failed"))
    return Refused(
        code=meant.code if meant.code in _CONTENT else "generation_failed",
        message=meant.message if meant.code in _CONTENT else "Ark could not make it.",
        provider_code=meant.provider_code,
        provider_message=meant.provider_message,
    )


# --- A call whose answer was lost ---


class Seeds:
    """The seeds that the latest tasks were sent with: where Ark's list tells others, a seed's absence means nothing."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}

    def remember(self, order: Order, job: str) -> None:
        """A task of ours."""
        seed = _seed(order)
        if seed is None or seed in _UNTOLD:
            return
        self._sent[job] = seed
        while len(self._sent) > MAX_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def echoed(self, tasks: Sequence[ListedTask]) -> bool | None:
        """Whether the list tells the seeds that were sent; None if it holds no task of which that is known."""
        known = [task.seed == self._sent[task.id] for task in tasks if task.id in self._sent]
        return all(known) if known else None


class TaskListing(NamedTuple):
    """What the list of tasks shows; `whole`: to its end. `repeats_seeds`: as they were sent; None: nobody knows yet."""

    tasks: tuple[ListedTask, ...]
    complete: bool
    echoes_seeds: bool | None


def lookup_result(order: Order, seen: TaskListing) -> LookupResult:
    """Whether a call is among the tasks. Found only by the seed of our own; absent only if no task can be it."""
    given = extra_params(order).get("seed")
    own = derived_seed(order) if given is None else None
    ours = [task.id for task in seen.tasks if own is not None and task.seed == own and task.id]
    if len(ours) == 1:
        return Found(job=ours[0])
    could_be = ours or [
        task.id or "?"
        for task in seen.tasks
        if _could_be(order, task, own if given is None else given) or (not seen.echoes_seeds and _since(order, task))
    ]
    if could_be:
        names = ", ".join(redacted(name)[:60] for name in could_be[:_MAX_NAMED])
        return CannotTell(reason=f"{len(could_be)} of Ark's tasks could be this call: {names}")
    if not seen.complete:
        return CannotTell(reason="Ark's list of tasks is too long to be read to its end")
    return NotFound(evidence=f"Ark lists {len(seen.tasks)} tasks of the last days, and none can be this call")


def _since(order: Order, task: ListedTask) -> bool:
    """Whether a task may have been made for this call, by its time and its model alone."""
    late = task.created_at is None or task.created_at >= earliest_call(order).timestamp()
    return late and _could_be(order, task, None)


def _could_be(order: Order, task: ListedTask, seed: int | None) -> bool:
    """Not if it tells another seed than the call's. Where the call has none, not if it is of another model; but an
    endpoint's id may stand for any model."""
    if seed is not None:
        return task.seed in _UNTOLD or task.seed == seed
    model = wire_config(order.spec, Wire).model
    told = task.model and not model.startswith("ep-") and not task.model.startswith("ep-")
    return not told or task.model == model
