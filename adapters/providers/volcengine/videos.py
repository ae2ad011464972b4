"""Seedance videos at Ark: orders, tasks, and the lookup of an order whose answer was lost.

Ark dedupes nothing and takes no id of ours. But it echoes the seed: where the caller gives none, the seed is derived
from the call id, and so a task can be recognised as the task of that call."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers import sightings
from adapters.providers.base import KEY_ERRORS, earliest_call, extra_params, reference, wire_config
from adapters.providers.redaction import redacted
from adapters.providers.sightings import job_status, output, unreadable_output
from adapters.providers.tolerant_reader import count, counts, decode
from adapters.providers.volcengine.errors import Problem, problem_in, refusal, refused
from adapters.providers.volcengine.images import URL_SECONDS
from adapters.providers.volcengine.requests import Wire
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
    """A task, as a query and a callback show it. `duration` in seconds."""

    id: str | None = None
    status: str | None = None
    error: Any = None
    content: _Content = _Content()
    usage: Any = None
    duration: Any = None


class _Jobs(Value):
    items: tuple[Task, ...] = ()


class ListedTask(Value):
    """The members of a listed task that decide a lookup. `created_at` in seconds since 1970."""

    id: str | None = None
    model: str | None = None
    seed: int | None = None
    created_at: float | None = None


class Page(Value):
    """One page of the list of tasks."""

    items: tuple[ListedTask, ...]
    total: int | None = None


def to_wire(order: Order, callback_url: str | None) -> dict[str, Any]:
    """The body of a video order. Parameters are in the body, where Ark checks them, not as flags in the prompt."""
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
        # A task that still waits at Pixel's deadline must not be made and billed later.
        "execution_expires_after": min(
            max(order.spec.limits.finish_seconds, SHORTEST_EXPIRY_SECONDS), LONGEST_EXPIRY_SECONDS
        ),
    } | {name: value for name, value in optional.items() if value is not None}


def prompt(text: str) -> str:
    """The prompt with hyphens replaced: Ark would obey `--dur 12`, so two or more hyphens become a dash."""
    return re.sub(r"-{2,}", "—", text)


def _ratio(order: Order) -> str | None:
    """The requested ratio; else that of the first frame, so that nothing is cropped; else the catalogue's default."""
    sizes = capabilities.aspect_ratios(order.spec, order.params.get("resolution"))
    by_default = "adaptive" if order.inputs else capabilities.default_ratio(order.spec, sizes)
    return order.params.get("aspectRatio") or by_default


def _seed(order: Order) -> int | None:
    given: int | None = extra_params(order).get("seed")
    return derived_seed(order) if given is None else given


def derived_seed(order: Order) -> int | None:
    """The seed of a call, from 0 to 2^31-1, derived from its id; None for a model without seeds."""
    if "seed" in order.spec.limits.refuses:
        return None
    return int.from_bytes(hashlib.sha256(order.call_id.encode()).digest()[:4]) >> 1


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order."""
    task = decode(reply.body, Task) if reply.ok else None
    return sightings.accepted_job(task.id, reply) if task and task.id else refused(reply)


def poll_result(reply: Reply) -> Sighting:
    """The sighting for the answer to a query. A video in the answer ends the task, whatever its status."""
    if not reply.ok:
        return _unanswered(reply)
    task = decode(reply.body, Task)
    if task is None:
        return NoVerdict(reason=f"HTTP {reply.status} without a task")
    video, status = output(0, task.content.video_url), job_status(task.status)
    if video or status == "done":
        return _finished(task, video)
    match status:
        case "queued" | "running":
            return Working(phase=status)
        case "failed":
            return _failed(problem_in(task.error))
        case "cancelled" | "expired":
            return Refused(code=status, message=_ENDED[status], provider_code=redacted(task.status))
        case None:
            return NoVerdict(reason=f"an unknown status: {redacted(task.status)[:40]}")


def working_tasks(reply: Reply) -> dict[str, Working]:
    """The queued and running tasks of a list, by id. A list may omit finished tasks."""
    page = decode(reply.body, _Jobs) if reply.ok else None
    return {
        task.id: Working(phase=status)
        for task in (page.items if page else ())
        if task.id and (status := job_status(task.status)) in {"queued", "running"} and not task.content.video_url
    }


def _unanswered(reply: Reply) -> Sighting:
    seen = refused(reply)
    if isinstance(seen, InDoubt):
        return NoVerdict(reason=seen.reason)
    if seen.code in KEY_ERRORS:
        return seen
    own_words = (
        seen.provider_code != "404" and seen.code != "provider_model_missing"
    )  # of the task, and not of a gateway
    if reply.status == 404 and own_words:
        return Gone(message="Ark says that it has no such task.", provider_code=seen.provider_code)
    return NoVerdict(reason=f"HTTP {reply.status}: {seen.provider_code}")


def _finished(task: Task, video: Output | None) -> Finished:
    used, seconds = counts(task.usage), count(task.duration)
    known = {
        "output_token": used.get("completion_tokens"),
        "completion_tokens": used.get("completion_tokens"),
        "total_tokens": used.get("total_tokens"),
        "second": seconds or None,
    }
    empty = Missing(index=0, code="empty", message="The task succeeded without a video.")
    return Finished(
        outputs=(video,) if video else (),
        missing=() if video else (unreadable_output(0) if task.content.video_url else empty,),
        usage={unit: number for unit, number in known.items() if number is not None},
        expires_seconds=URL_SECONDS,
    )


def _failed(problem: Problem) -> Refused:
    """A failed task, which is not billed. Ark's error code counts only where it names moderation."""
    meant = refusal(replace(problem, code=problem.code or "failed"))
    return Refused(
        code=meant.code if meant.code in _CONTENT else "generation_failed",
        message=meant.message if meant.code in _CONTENT else "Ark could not make it.",
        provider_code=meant.provider_code,
        provider_message=meant.provider_message,
    )


# --- A call whose answer was lost ---


class Seeds:
    """The seeds of the latest orders. If Ark's list shows others for them, the absence of a seed proves nothing."""

    def __init__(self) -> None:
        self._sent: dict[str, int] = {}

    def remember(self, order: Order, job: str) -> None:
        """Remember the seed of a task of ours."""
        seed = _seed(order)
        if seed is None or seed in _UNTOLD:
            return
        self._sent[job] = seed
        while len(self._sent) > MAX_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def echoed(self, tasks: Sequence[ListedTask]) -> bool | None:
        """Whether the list shows the seeds that we sent; None when it holds no task with a known seed."""
        known = [task.seed == self._sent[task.id] for task in tasks if task.id in self._sent]
        return all(known) if known else None


class TaskListing(NamedTuple):
    """The listed tasks. `complete`: all pages were read. `echoes_seeds`: the list returns our seeds; None if
    untested."""

    tasks: tuple[ListedTask, ...]
    complete: bool
    echoes_seeds: bool | None


def lookup_result(order: Order, seen: TaskListing) -> LookupResult:
    """The result of a lookup. Found only by the derived seed; NotFound only if no task can be the order."""
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
    """Whether a task can be the order by its time and its model alone."""
    late = task.created_at is None or task.created_at >= earliest_call(order).timestamp()
    return late and _could_be(order, task, None)


def _could_be(order: Order, task: ListedTask, seed: int | None) -> bool:
    """Whether a task can be the order. Another seed excludes it. Without a seed, another model excludes it, except for
    endpoint ids, which stand for any model."""
    if seed is not None:
        return task.seed in _UNTOLD or task.seed == seed
    model = wire_config(order.spec, Wire).model
    known = task.model and not model.startswith("ep-") and not task.model.startswith("ep-")
    return not known or task.model == model
