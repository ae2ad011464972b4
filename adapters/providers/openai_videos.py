"""Films as OpenAI's `/videos` makes them: the order, the job and its words, the list of jobs.

The vendor's own service is past its end; the wire lives on in gateways, whose words for the same states count too."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from adapters.http import Reply
from adapters.providers.base import extra
from adapters.providers.openai_images import reachable
from adapters.providers.openai_wire import Wire, complaint, file, is_blocked, read_error, refused, written
from adapters.providers.reading import decoded, said, unreadable
from domain import offer
from domain.base import Value
from domain.provider import (
    Accepted,
    CannotTell,
    Finding,
    Finished,
    Gone,
    NotFound,
    Order,
    Output,
    Refused,
    Sighting,
    Unclear,
    Working,
)

_WORKING = {
    "queued": "queued",
    "pending": "queued",
    "submitted": "queued",
    "not_start": "queued",
    "in_progress": "running",
    "processing": "running",
    "running": "running",
}
_DONE = {"completed", "success", "succeeded"}
_FAILED = {"failed", "failure"}
_STOPPED = {"cancelled", "canceled"}
_MISSED = re.compile(r"(?i)not found|does not exist|expired|deleted")
PAGE = 100


class Job(Value):
    """A job, as far as Pixel reads it. Vendors and gateways agree on the names, not on all the types."""

    id: str | None = None
    task_id: str | None = None
    status: str | None = None
    model: str | None = None
    prompt: str | None = None
    seconds: Any = None
    progress: Any = None
    created_at: float | None = None
    completed_at: float | None = None
    expires_at: float | None = None
    url: str | None = None
    metadata: Any = None
    error: Any = None


class Page(Value):
    """Some of the jobs. `has_more` is None when the server does not say."""

    data: tuple[Job, ...]
    has_more: bool | None = None


def to_form(order: Order, wire: Wire) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
    """Fields and files of an order: always a form, because that is what the vendor's own client sends."""
    size, seconds = offer.pixels(order.spec, order.params), offer.seconds(order.spec, order.params)
    optional = {
        "size": f"{size[0]}x{size[1]}" if size else None,
        "seconds": f"{seconds:g}" if seconds else None,
        "negative_prompt": order.params.get("negativePrompt"),
        "seed": extra(order).get("seed"),
    }
    own = {"model": wire.model, "prompt": order.params["prompt"]}
    fields = wire.more | own | {name: value for name, value in optional.items() if value is not None}
    return written(fields), [("input_reference", file("reference", medium)) for medium in order.inputs]


def accepted(reply: Reply, *, refused: Callable[[Reply], Sighting]) -> Sighting:
    """What the answer to an order says."""
    if not reply.ok:
        return refused(reply)
    job = decoded(reply.body, Job)
    name = (job.id or job.task_id) if job else None
    if name:
        return Accepted(job=name)
    return refused(reply) if complaint(reply.body) else unreadable(reply)


def from_wire(reply: Reply, name: str, *, base_url: str, content_url: str, secrets: tuple[str, ...] = ()) -> Sighting:
    """What the answer to a question after a job says. Only the vendor's own word ends a job."""
    if not reply.ok:
        return _no_answer(reply, name, secrets)
    job = decoded(reply.body, Job)
    status = (job.status or "").lower() if job else ""
    if job is None or not status:
        return Unclear(reason=f"HTTP {reply.status} without a job")
    if status in _DONE:
        url = job.url or _linked(job.metadata)
        return Finished(
            outputs=(Output(index=0, url=reachable(url, base_url) if url else content_url),),
            usage=_usage(job.seconds),
            expires_seconds=_lifetime(job),
        )
    if status in _FAILED:
        return _failure(job, secrets)
    if status in _STOPPED:
        return Refused(code="cancelled", message="The job was stopped.", charged="unknown", provider_code=status)
    if status in _WORKING:
        percent = job.progress if isinstance(job.progress, int) and 0 <= job.progress <= 100 else None
        return Working(percent=percent, phase=_WORKING[status])
    return Unclear(reason=f"an unknown status: {said(status)[:40]}")


def _no_answer(reply: Reply, name: str, secrets: tuple[str, ...]) -> Sighting:
    """A question that was refused. Only a 404 that misses the job itself is its end: a wrong address gets one too."""
    found = complaint(reply.body)
    if reply.status == 404 and found and name in found.message and _MISSED.search(found.message):
        return Gone(message="The provider does not have the job any more.", provider_code=found.code or "404")
    seen = refused(reply, secrets=secrets)
    if isinstance(seen, Refused) and seen.code in {"provider_auth", "provider_quota"}:
        return seen  # about the key, and no verdict on the job
    return Unclear(reason=f"the provider answered the question with HTTP {reply.status}")


def _failure(job: Job, secrets: tuple[str, ...]) -> Refused:
    found = read_error(job.error)
    blocked = found is not None and is_blocked(found)
    return Refused(
        code="content_rejected_output" if blocked else "generation_failed",
        message="The provider's moderation held the film back." if blocked else "The provider could not make the film.",
        charged="unknown",
        provider_code=(found.code or found.type if found else None) or "failed",
        provider_message=said(found.message if found else "", secrets=secrets),
    )


def _linked(metadata: object) -> str | None:
    url = cast(dict[str, Any], metadata).get("url") if isinstance(metadata, dict) else None
    return url if isinstance(url, str) and url else None


def _usage(seconds: object) -> dict[str, int]:
    try:
        return {"second": round(float(str(seconds)))}
    except ValueError:
        return {}


def _lifetime(job: Job) -> float | None:
    since = job.completed_at or job.created_at
    return max(job.expires_at - since, 0.0) if job.expires_at and since else None


# --- The list of jobs: is an order among them whose answer was lost? ---


def could_be(job: Job, order: Order, wire: Wire, since: datetime) -> bool:
    """Whether a job may come from the order: not older than it, and of its model, a snapshot of it, or its prompt."""
    if job.created_at is not None and job.created_at < since.timestamp():
        return False
    ours, theirs = wire.model.lower(), (job.model or "").lower()
    return theirs.startswith(ours) or ours.startswith(theirs) or job.prompt == order.params["prompt"]


def is_last(page: Page, since: datetime) -> bool:
    """Whether no job that is young enough can follow. A server may ignore the wish for the newest first, so look."""
    if page.has_more is False:
        return True
    times = [job.created_at for job in page.data if job.created_at is not None]
    falling = len(times) > 1 and times[0] > times[-1] and times == sorted(times, reverse=True)
    return falling and times[-1] < since.timestamp()


def verdict(seen: int, candidates: list[str], since: datetime) -> Finding:
    """What the whole list says."""
    if candidates:
        names = ", ".join(said(name)[:80] for name in candidates[:10])
        return CannotTell(reason=f"the provider lists {len(candidates)} jobs that could be this call: {names}")
    when = f"{since:%Y-%m-%d %H:%M:%S} UTC"
    return NotFound(evidence=f"the provider's list of jobs ({seen} looked at) has none of this model since {when}")
