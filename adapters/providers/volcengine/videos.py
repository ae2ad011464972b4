"""Seedance videos at Ark: orders, tasks, and the lookup of an order whose answer was lost.

Ark dedupes nothing and takes no id of ours. But its list repeats two fields of an order, and one of them carries the
call: `safety_identifier`, where the model's entry says so, else a seed that is derived from the call id."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

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
_NOT_SHOWN = (None, -1, 0, "")
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
    safety_identifier: str | None = None
    created_at: float | None = None


class Page(Value):
    """One page of the list of tasks."""

    items: tuple[ListedTask, ...]
    total: int | None = None


def to_wire(order: Order, callback_url: str | None) -> dict[str, Any]:
    """The body of a video order. Parameters are in the body, where Ark checks them, not as flags in the prompt."""
    wire, params = wire_config(order.spec, Wire), order.params
    roles = ("first_frame", "last_frame") if wire.images == "frames" else ("reference_image",) * len(order.inputs)
    images = [
        {"type": "image_url", "image_url": {"url": reference(given)}, "role": role}
        for given, role in zip(order.inputs, roles, strict=False)
    ]
    seconds = capabilities.seconds(order.spec, params)
    optional = {
        "duration": int(seconds) if seconds else None,
        "seed": _seed(order),
        "safety_identifier": order.call_id if wire.safety_identifier else None,
        "generate_audio": wire.audio,
        "callback_url": callback_url,
    }
    return {
        "model": wire.model,
        "content": [{"type": "text", "text": prompt(params["prompt"])}, *images],
        "resolution": capabilities.resolution(order.spec, params.get("resolution")),
        "ratio": _ratio(order, is_framed=bool(images) and wire.images == "frames"),
        "watermark": False,
        # A task that still waits at Pixel's deadline must not be made and billed later.
        "execution_expires_after": min(
            max(order.spec.limits.finish_seconds, SHORTEST_EXPIRY_SECONDS), LONGEST_EXPIRY_SECONDS
        ),
        **{name: value for name, value in optional.items() if value is not None},
        **wire.more,
    }


def prompt(text: str) -> str:
    """The prompt with hyphens replaced: Ark would obey `--dur 12`, so two or more hyphens become a dash."""
    return re.sub(r"-{2,}", "—", text)


def _ratio(order: Order, *, is_framed: bool) -> str | None:
    """The requested ratio; else that of the first frame, so that nothing is cropped; else the catalogue's default."""
    if is_framed and not order.params.get("aspectRatio"):
        return "adaptive"
    return capabilities.aspect_ratio(order.spec, order.params)


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


class Mark(NamedTuple):
    """A field of an order that Ark repeats in its list of tasks, and the field's value. `is_own`: no other call has
    this value."""

    field: Literal["safety_identifier", "seed"]
    value: str | int
    is_own: bool

    def of(self, task: ListedTask) -> str | int | None:
        """The value of a task; None when the task tells none."""
        value: str | int | None = getattr(task, self.field)
        return None if value in _NOT_SHOWN else value


def mark_of(order: Order) -> Mark | None:
    """The mark of an order; None when its model takes neither."""
    if wire_config(order.spec, Wire).safety_identifier:
        return Mark("safety_identifier", order.call_id, is_own=True)
    seed = _seed(order)
    return None if seed is None else Mark("seed", seed, is_own=extra_params(order).get("seed") is None)


class Marks:
    """The marks of the latest orders. If Ark's list shows others for them, the absence of a mark proves nothing."""

    def __init__(self) -> None:
        self._sent: dict[str, Mark] = {}

    def remember(self, order: Order, job: str) -> None:
        """Remember the mark of a task that this process has ordered."""
        mark = mark_of(order)
        if mark is None or mark.value in _NOT_SHOWN:
            return
        self._sent[job] = mark
        while len(self._sent) > MAX_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def repeated(self, order: Order, tasks: Sequence[ListedTask]) -> bool | None:
        """Whether the list shows such marks as we sent them; None when it holds no task with a known one."""
        mark = mark_of(order)
        sent = [(task, self._sent[task.id]) for task in tasks if task.id in self._sent]
        known = [other.of(task) == other.value for task, other in sent if mark and other.field == mark.field]
        return all(known) if known else None


class TaskListing(NamedTuple):
    """The listed tasks. `complete`: all pages were read. `repeats_marks`: the list shows marks as we sent them; None if
    untested."""

    tasks: tuple[ListedTask, ...]
    complete: bool
    repeats_marks: bool | None


def lookup_result(order: Order, seen: TaskListing) -> LookupResult:
    """The result of a lookup. Found only by a mark of the call's own; NotFound only if no task can be the order."""
    mark = mark_of(order)
    ours = [task.id for task in seen.tasks if mark and mark.is_own and mark.of(task) == mark.value and task.id]
    if len(ours) == 1:
        return Found(job=ours[0])
    could_be = ours or [
        task.id or "?" for task in seen.tasks if _could_be(order, task, mark, is_repeated=bool(seen.repeats_marks))
    ]
    if could_be:
        names = ", ".join(redacted(name)[:60] for name in could_be[:_MAX_NAMED])
        return CannotTell(reason=f"{len(could_be)} of Ark's tasks could be this call: {names}")
    if not seen.complete:
        return CannotTell(reason="Ark's list of tasks is too long to be read to its end")
    return NotFound(evidence=f"Ark lists {len(seen.tasks)} tasks of the last days, and none can be this call")


def _could_be(order: Order, task: ListedTask, mark: Mark | None, *, is_repeated: bool) -> bool:
    """Whether a task can be the order. An earlier task can't, nor one with another mark, where marks are repeated.

    A task without a seed can be any, because Ark tells a seed of most. Many tell no `safety_identifier`: without one,
    as without any mark, the model decides."""
    if task.created_at is not None and task.created_at < earliest_call(order).timestamp():
        return False
    shown = mark.of(task) if mark else None
    if mark and shown is not None and (shown == mark.value or is_repeated):
        return shown == mark.value
    if mark and mark.field == "seed" and shown is None:
        return True
    return _is_model_of(order, task)


def _is_model_of(order: Order, task: ListedTask) -> bool:
    """Whether the model of a task can be that of the order; the id of an endpoint stands for any model."""
    model = wire_config(order.spec, Wire).model
    known = task.model and not model.startswith("ep-") and not task.model.startswith("ep-")
    return not known or task.model == model
