"""Videos in OpenAI's `/videos` format: the order, the job and its status words, the list of jobs.

The vendor has ended its service; gateways still serve the format, and their status words count too."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.base import extra_params
from adapters.providers.openai.errors import ApiError, error_in, is_blocked, read_error, refused
from adapters.providers.openai.images import reachable_url
from adapters.providers.openai.requests import Wire, form_fields, form_file
from adapters.providers.redaction import is_valid_name, redacted
from adapters.providers.sightings import output, unreadable_answer, with_raw_answer
from adapters.providers.tolerant_reader import as_text, count, decode, elements, members, parsed
from domain import capabilities
from domain.base import Value, replace
from domain.provider import (
    Accepted,
    CannotTell,
    Finished,
    Gone,
    LookupResult,
    NotFound,
    NoVerdict,
    Order,
    Output,
    Refused,
    Sighting,
    Working,
)

# docs/providers/openai.md#status-words
_WORKING = {
    "queued": "queued",
    "queueing": "queued",
    "in_queue": "queued",
    "pending": "queued",
    "submitted": "queued",
    "created": "queued",
    "waiting": "queued",
    "not_start": "queued",
    "in_progress": "running",
    "processing": "running",
    "running": "running",
    "generating": "running",
}
_DONE = {"completed", "complete", "success", "succeeded", "succeed", "successful", "done", "finished", "ready"}
_FAILED = {"failed", "failure", "fail", "error", "errored", "rejected"}
_GIVEN_UP = {"expired", "timeout", "timed_out"}
_STOPPED = {"cancelled", "canceled", "stopped", "aborted"}
_MISSED = re.compile(r"(?i)not found|does not exist|expired|deleted")
_LINK = re.compile(r"\s*(?i:https?://|data:|/)")
_HOLDERS = (
    *("url", "video_url", "download_url", "video", "videos", "output", "outputs"),
    *("result", "results", "data", "content", "metadata"),
)
LONGEST_LIFE_SECONDS = 366 * 24 * 3600.0
# docs/providers/openai.md#limits-and-lifetimes
PAGE = 100


class Job(Value):
    """A job, as far as Pixel reads it. Vendors and gateways agree on the names, not on the types."""

    id: Any = None
    task_id: Any = None
    status: Any = None
    model: Any = None
    prompt: Any = None
    seconds: Any = None
    progress: Any = None
    created_at: Any = None
    completed_at: Any = None
    expires_at: Any = None
    error: Any = None

    @property
    def name(self) -> str | None:
        """The id for polling; None when there is none."""
        return next((name for name in map(as_text, (self.id, self.task_id)) if name and is_valid_name(name)), None)


class Page(Value):
    """A page of the list. Only `has_more` of true or false says whether more pages follow."""

    data: tuple[Job, ...]
    has_more: Any = None


def to_form(order: Order, wire: Wire) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes, str]]]]:
    """The fields and files of an order. It is always a form, as the vendor's own client sends it."""
    size, seconds = capabilities.pixels(order.spec, order.params), capabilities.seconds(order.spec, order.params)
    optional = {
        "size": f"{size[0]}x{size[1]}" if size else None,
        "seconds": f"{seconds:g}" if seconds else None,
        "negative_prompt": order.params.get("negativePrompt"),
        "seed": extra_params(order).get("seed"),
    }
    own = {"model": wire.model, "prompt": order.params["prompt"]}
    fields = wire.more | own | {name: value for name, value in optional.items() if value is not None}
    return form_fields(fields), [("input_reference", form_file("reference", medium)) for medium in order.inputs]


def submit_result(reply: Reply, *, base_url: str, refused: Callable[[Reply], Sighting]) -> Sighting:
    """The sighting for the answer to an order: a job, or the video where a server makes it synchronously."""
    if not reply.ok:
        return refused(reply)
    job = decode(reply.body, Job) or Job()
    if job.name:
        return Accepted(job=job.name)
    video = _video(reply.body, base_url)
    if video:
        return _done(job, video)
    return refused(reply) if error_in(reply.body) else unreadable_answer(reply)


def poll_result(reply: Reply, name: str, *, base_url: str, content_url: str, secrets: tuple[str, ...] = ()) -> Sighting:
    """The sighting for the answer to a query. Only the vendor's status, or a video in the answer, ends a job."""
    return with_raw_answer(_seen(reply, name, base_url, content_url, secrets), reply)


def _seen(reply: Reply, name: str, base_url: str, content_url: str, secrets: tuple[str, ...]) -> Sighting:
    if not reply.ok:
        return _no_answer(reply, name, secrets)
    job = decode(reply.body, Job) or Job()
    status = re.sub(r"[\s-]+", "_", (as_text(job.status) or "").lower())
    video = _video(reply.body, base_url)
    if video and video.url != content_url:  # that URL exists from the start
        return _done(job, video)
    if status in _DONE:
        return _done(job, Output(index=0, url=content_url))
    if status in _FAILED | _GIVEN_UP:
        return _failure(job, status, secrets)
    if status in _STOPPED:
        return Refused(code="cancelled", message="The job was stopped.", charged="unknown", provider_code=status)
    if status in _WORKING:
        percent = count(job.progress)
        return Working(percent=percent if percent is None or percent <= 100 else None, phase=_WORKING[status])
    return NoVerdict(
        reason=f"an unknown status: {redacted(status)[:40]}" if status else f"HTTP {reply.status} without a job"
    )


def _done(job: Job, video: Output) -> Finished:
    seconds = count(job.seconds)
    usage = {} if seconds is None else {"second": seconds}
    return Finished(outputs=(video,), usage=usage, expires_seconds=_lifetime(job))


def _video(body: bytes, base_url: str) -> Output | None:
    """The video in an answer: a URL under one of the names that gateways use, or the data."""
    link = _linked(parsed(body))
    found = output(0, link) if link else None
    return replace(found, url=reachable_url(found.url, base_url)) if found and found.url else found


def _linked(value: Any, depth: int = 4) -> str | None:
    if isinstance(value, str):
        return value if _LINK.match(value) else None
    fields = members(value)
    inner = [fields.get(name) for name in _HOLDERS] if fields else (elements(value) or [])[:8]
    return next((link for each in inner if depth and (link := _linked(each, depth - 1))), None)


def _no_answer(reply: Reply, name: str, secrets: tuple[str, ...]) -> Sighting:
    """A refused query. Only a 404 that names the job ends it, because a wrong URL gets a 404 too."""
    found = error_in(reply.body)
    if reply.status == 404 and found and name in found.message and _MISSED.search(found.message):
        return Gone(message="The provider does not have the job any more.", provider_code=found.code or "404")
    seen = refused(reply, secrets=secrets)
    if isinstance(seen, Refused) and seen.code in {"provider_auth", "provider_quota"}:
        return seen  # about the key, not about the job
    return NoVerdict(reason=f"the provider answered the question with HTTP {reply.status}")


def _failure(job: Job, status: str, secrets: tuple[str, ...]) -> Refused:
    found = read_error(job.error) or ApiError()
    code, message = "generation_failed", "The provider could not make the video."
    if is_blocked(found):
        code, message = "content_rejected_output", "The provider's moderation held the video back."
    elif status in _GIVEN_UP:
        code, message = "expired", "The provider gave the job up before it was done."
    return Refused(
        code=code,
        message=message,
        charged="unknown",
        provider_code=found.code or found.type or status,
        provider_message=redacted(found.message, secrets=secrets),
    )


def _lifetime(job: Job) -> float | None:
    """How long the video can be downloaded, in seconds; None where the job does not say, or says nonsense."""
    since, until = count(job.completed_at) or count(job.created_at), count(job.expires_at)
    left = until - since if until and since else 0
    return float(left) if 0 < left < LONGEST_LIFE_SECONDS else None


# --- The list of jobs: is an order among them whose answer was lost? ---


def could_be(job: Job, order: Order, wire: Wire, since: datetime) -> bool:
    """Whether a listed job may be the lost order: not older, and with the same model, a snapshot of it, or the same
    prompt. Missing and unreadable members count as a match."""
    created = count(job.created_at)
    if created is not None and created < since.timestamp():
        return False
    ours, theirs = wire.model.lower(), (as_text(job.model) or "").lower()
    return theirs.startswith(ours) or ours.startswith(theirs) or job.prompt == order.params["prompt"]


def is_last(page: Page, since: datetime) -> bool:
    """Whether no later page can hold a job since then. Servers may ignore the requested order, so it is verified."""
    if page.has_more is False:
        return True
    times = [created for job in page.data if (created := count(job.created_at)) is not None]
    falling = len(times) > 1 and times[0] > times[-1] and times == sorted(times, reverse=True)
    return falling and times[-1] < since.timestamp()


def lookup_result(seen: int, candidates: list[str], since: datetime) -> LookupResult:
    """The result of a lookup, after the complete list has been read."""
    if candidates:
        names = ", ".join(redacted(name)[:80] for name in candidates[:10])
        return CannotTell(reason=f"the provider lists {len(candidates)} jobs that could be this call: {names}")
    when = f"{since:%Y-%m-%d %H:%M:%S} UTC"
    return NotFound(evidence=f"the provider's list of jobs ({seen} looked at) has none of this model since {when}")
