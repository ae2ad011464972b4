"""Videos at xAI: the order, the job and its status words.

A job that moderation stops is no answer with a status, but an error: HTTP 400, with the cost of what was made."""

from collections.abc import Sequence
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.base import KEY_ERRORS
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job, job_status, output, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import as_text, count, decode, members
from adapters.providers.xai.errors import Problem, charged, moderated, money, problem_in, refused, ticks
from domain.base import Value
from domain.provider import Finished, Gone, NoVerdict, Refused, Sighting, Working

# docs/providers/xai.md#limits-and-lifetimes
_URL_SECONDS = 24 * 3600.0


class _Submitted(Value):
    request_id: str = ""


class _Video(Value):
    url: str | None = None
    duration: Any = None
    respect_moderation: bool | None = None


class Job(Value):
    """A job, as far as Pixel reads it."""

    status: Any = None
    video: _Video | None = None
    progress: Any = None
    usage: Any = None
    error: Any = None


def submit_result(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for the answer to an order."""
    answer = decode(reply.body, _Submitted) if reply.ok else None
    return accepted_job(answer.request_id, reply) if answer and answer.request_id else refused(reply, secrets=secrets)


def poll_result(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for the answer to a query. A video in the answer ends the job, whatever its status."""
    return with_raw_answer(_seen(reply, secrets), reply)


def _seen(reply: Reply, secrets: Sequence[str]) -> Sighting:
    if not reply.ok:
        return _no_answer(reply, secrets)
    if reply.status == 202 and not reply.body.strip():
        return Working(phase="running")  # often without a body while it runs
    job = decode(reply.body, Job)
    if job is None:
        return NoVerdict(reason=f"an answer that can't be read (HTTP {reply.status})")
    status, made = job_status(job.status), job.video or _Video()
    video = output(0, made.url)
    if video or (made.url and status == "done"):
        seconds, cost = count(made.duration), ticks(job.usage)
        return Finished(
            outputs=(video,) if video else (),
            missing=() if video else (unreadable_output(0),),
            usage={} if seconds is None else {"second": seconds},
            cost=money(cost),
            expires_seconds=_URL_SECONDS,
        )
    match status:
        case "queued" | "running":
            percent = count(job.progress)
            return Working(percent=percent if percent is None or percent <= 100 else None, phase=status)
        case "done" if made.respect_moderation is False:
            return moderated(Problem("respect_moderation", "The generated video was held back.", ticks(job.usage)))
        case "failed" | "expired" | "cancelled":
            return _failure(job, status, secrets)
        case "done":
            return NoVerdict(reason="the video is made, and xAI does not say where it is")
        case _:
            return NoVerdict(reason=f"an unknown status: {redacted(job.status)[:40]}")


def _no_answer(reply: Reply, secrets: Sequence[str]) -> Sighting:
    """A refused query. Only moderation ends the job; another 400 has been seen of a job that was made later."""
    problem = problem_in(reply.body)
    if problem and problem.is_moderation and reply.status < 500:
        return moderated(problem, secrets=secrets)
    if problem and reply.status == 404:
        return Gone(message="xAI says that it has no such request.", provider_code=problem.code or "404")
    seen = refused(reply, secrets=secrets)
    if isinstance(seen, Refused) and seen.code in KEY_ERRORS:
        return seen  # about the key, not about the job
    return NoVerdict(reason=f"xAI answered the question with HTTP {reply.status}")


def _failure(job: Job, status: str, secrets: Sequence[str]) -> Refused:
    error, cost = members(job.error), ticks(job.usage)
    problem = Problem(as_text(error.get("code")), as_text(error.get("message")) or "", cost)
    if problem.is_moderation:
        return moderated(problem, secrets=secrets)
    expired = status == "expired"
    return Refused(
        code="expired" if expired else "cancelled" if status == "cancelled" else "generation_failed",
        message="xAI gave the job up before it was done." if expired else "xAI could not make the video.",
        charged=charged(cost),
        provider_code=problem.code or status,
        provider_message=redacted(problem.message, secrets=secrets),
    )
