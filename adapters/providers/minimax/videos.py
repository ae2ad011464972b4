"""What do MiniMax's answers about videos mean? v1 (Hailuo): submit, query, retrieve the file. v2 (H3): submit, query,
list.

URLs of videos expire within the hour; another query gives a new URL."""

from datetime import datetime
from typing import Any, NamedTuple

from adapters.outbound.client import Reply
from adapters.providers.minimax.errors import BaseResp, decode_success, failed, query_refused, refused
from adapters.providers.redaction import is_valid_name, redacted
from adapters.providers.sightings import accepted_job, job_status, output, unreadable_output
from adapters.providers.tolerant_reader import counts, decode
from domain.base import Value
from domain.provider import (
    CancelResult,
    CannotTell,
    Finished,
    LookupResult,
    NotFound,
    NoVerdict,
    Refused,
    Sighting,
    Working,
)

# docs/providers/minimax.md#limits-and-lifetimes
_VIDEO_SECONDS = 3600.0  # lifetime of video URLs
_MEASURED = ("total_seconds", "input_seconds", "output_seconds", "input_image_count", "total_tokens")
_UNITS = {"second": "total_seconds", "input_image": "input_image_count"}


class _Submitted(Value):
    task_id: str | int = ""


# --- v1 ---


class _V1Job(Value):
    status: str | None = None
    file_id: str | int | None = None
    base_resp: BaseResp = BaseResp()


class _File(Value):
    download_url: str | None = None


class _Retrieved(Value):
    file: _File = _File()


class FileReady(NamedTuple):
    """The video is made. `file_id` is text, because it is too long for a float.

    `otherwise` is the sighting to use if the file can't be retrieved."""

    file_id: str
    otherwise: Sighting


def v1_submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order."""
    answer = decode_success(reply, _Submitted)
    return refused(reply) if answer is None else accepted_job(str(answer.task_id), reply)


def v1_poll_result(reply: Reply) -> Sighting | FileReady:
    """The sighting for the answer to a query. A named file was made, whatever else the answer says; without one,
    status and code decide."""
    job = decode(reply.body, _V1Job) if reply.ok else None
    if job is None:
        return query_refused(reply)
    seen, file = _v1_verdict(job, reply), str(job.file_id or 0)
    return FileReady(file, seen) if file != "0" and is_valid_name(file) else seen


def _v1_verdict(job: _V1Job, reply: Reply) -> Sighting:
    status, code, message = job_status(job.status), job.base_resp.status_code, job.base_resp.status_msg
    if code in {1026, 1027}:
        return failed(code, message)
    if status in {"failed", "expired", "cancelled"}:
        return failed(code or job.status, message)
    if code:
        return query_refused(reply)
    if status in {"queued", "running"}:
        return Working(phase=status)
    if status == "done":
        return NoVerdict(reason="the video is made, and its file is not named")
    return NoVerdict(reason=f"an unknown status: {redacted(job.status)[:40]}")


def v1_file_result(reply: Reply, otherwise: Sighting) -> Sighting:
    """The sighting for the answer to a file query."""
    answer = decode_success(reply, _Retrieved)
    video = output(0, answer.file.download_url) if answer else None
    if video:
        return Finished(outputs=(video,), expires_seconds=_VIDEO_SECONDS)
    if isinstance(otherwise, Refused | Working):
        return otherwise
    if answer is None:
        return query_refused(reply)
    return NoVerdict(reason="the video is made, and MiniMax does not say where its file is")


# --- v2 ---


class _Content(Value):
    url: str | None = None


class _Failure(Value):
    code: Any = None
    message: str = ""


class V2Task(Value):
    """A task in the answer to a query, or in the list."""

    id: str = ""
    status: str | None = None
    content: _Content = _Content()
    error: _Failure = _Failure()
    usage: Any = None


class _V2Answer(Value):
    task: V2Task


class _V2Tasks(Value):
    items: tuple[V2Task, ...] = ()


class V2Listed(Value):
    """The members of a listed task that decide a lookup. `created_at` in seconds since 1970."""

    id: str
    created_at: float | None = None


class V2List(Value):
    """A page of the list; `total` counts all pages."""

    items: tuple[V2Listed, ...]
    total: int


def v2_submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an order."""
    answer = decode(reply.body, _Submitted) if reply.ok else None
    return accepted_job(str(answer.task_id), reply) if answer and answer.task_id else refused(reply)


def v2_task(reply: Reply) -> V2Task | Sighting:
    """The task in the answer to a query; a sighting when there is none."""
    answer = decode(reply.body, _V2Answer) if reply.ok else None
    task = answer.task if answer else decode(reply.body, V2Task) if reply.ok else None
    return task if task and task != V2Task() else query_refused(reply)


def v2_poll_result(reply: Reply) -> Sighting:
    """The sighting for the answer to a query. A video in the answer ends the task, whatever its status."""
    task = v2_task(reply)
    if not isinstance(task, V2Task):
        return task
    video, status = output(0, task.content.url), job_status(task.status)
    if video or (task.content.url and status == "done"):
        return Finished(
            outputs=(video,) if video else (),
            missing=() if video else (unreadable_output(0),),
            usage=_used(task.usage),
            expires_seconds=_VIDEO_SECONDS,
        )
    match status:
        case "queued" | "running":
            return Working(phase=status)
        case "done":
            return NoVerdict(reason="the video is made, and MiniMax does not say where its file is")
        case "failed":
            return failed(task.error.code or "failed", task.error.message)
        case "expired":
            return Refused(
                code="expired",
                message="MiniMax did not make it in time.",
                charged="unknown",
                provider_code=redacted(task.error.code or "expired"),
                provider_message=redacted(task.error.message),
            )
        case "cancelled":  # only a queued task can be cancelled, and it is not charged
            return Refused(code="cancelled", message="It was cancelled at MiniMax.", provider_code="cancelled")
        case None:
            return NoVerdict(reason=f"an unknown status: {redacted(task.status)[:40]}")


def v2_working_tasks(reply: Reply) -> dict[str, Working]:
    """The queued and running videos of a list, by id."""
    found = decode(reply.body, _V2Tasks) if reply.ok else None
    return {
        task.id: Working(phase=status)
        for task in (found.items if found else ())
        if (status := job_status(task.status)) in {"queued", "running"} and not task.content.url
    }


def _used(usage: object) -> dict[str, int]:
    counted = counts(usage)
    measured = {name: counted[name] for name in _MEASURED if name in counted}
    return measured | {unit: counted[name] for unit, name in _UNITS.items() if name in counted}


def v2_cancel_result(reply: Reply) -> CancelResult | None:
    """The result of a DELETE, by its action, its status or the task in it; None when it says nothing."""
    answer = decode(reply.body, dict[str, Any]) if reply.ok else None
    task = v2_task(reply) if reply.ok else None
    words = [answer.get("action"), answer.get("status")] if answer else []
    words += [task.status] if isinstance(task, V2Task) else []
    if any(job_status(word) == "cancelled" for word in words):
        return CancelResult(outcome="confirmed", message="MiniMax took it out of its queue.", charged="no")
    if 400 <= reply.status < 500:
        return CancelResult(outcome="too_late", message="MiniMax had begun, and lets nobody stop it then.")
    return None


# --- Callbacks ---


class _Named(Value):
    id: str = ""


class _Called(Value):
    """A callback's body. v1 has the task id at its top; v2 has the task, as a query returns it."""

    task_id: str | int = ""
    task: _Named | None = None


def job_from_callback(body: bytes) -> str | None:
    """The task that a callback names. Nothing else in it is used, because callbacks are not signed."""
    called = decode(body, _Called)
    return (str(called.task_id) or (called.task.id if called.task else "") or None) if called else None


# --- v2: looking for an order whose answer was lost ---


def v2_lookup_result(tasks: dict[str, V2Listed], *, since: datetime) -> LookupResult:
    """The result of a lookup in the complete list. No task since the call means that the order never arrived."""
    earliest = since.timestamp()
    could_be = sorted(task.id for task in tasks.values() if task.created_at is None or task.created_at >= earliest)
    if could_be:
        return CannotTell(reason=f"MiniMax has tasks from that time, and one may be it: {_some(could_be)}")
    return NotFound(evidence=f"MiniMax lists no task since {since:%Y-%m-%d %H:%M:%S} UTC.")


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
