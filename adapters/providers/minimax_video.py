"""MiniMax's films on the wire. v1 (Hailuo): submit, query, then ask where the file lies. v2 (H3): submit, query, list.

Addresses of films die within the hour; asking again gives a new one."""

from datetime import datetime
from typing import Any, NamedTuple

from adapters.http import Reply
from adapters.providers.base import wire_of
from adapters.providers.minimax_common import BaseResp, Wire, failed, link, question_refused, refused, yes
from adapters.providers.reading import decoded, said, unreadable
from domain import offer
from domain.base import Value
from domain.provider import (
    Accepted,
    CancelAnswer,
    CannotTell,
    Finding,
    Finished,
    NotFound,
    Order,
    Output,
    Refused,
    Sighting,
    Unclear,
    Working,
)

_FILM_SECONDS = 3600.0  # so long lives an address of a film
_WORKING = {"preparing": "queued", "queueing": "queued", "queued": "queued", "processing": "running"} | {
    "running": "running"
}


class _Submitted(Value):
    task_id: str | int = ""


# --- v1 ---


class _V1Job(Value):
    status: str = ""
    file_id: str | int | None = None
    base_resp: BaseResp | None = None


class _File(Value):
    download_url: str = ""


class _Retrieved(Value):
    file: _File | None = None


class FileReady(NamedTuple):
    """The film is made and lies at MiniMax, under a number that is kept as text: it is too long for a float."""

    file_id: str


def v1_to_wire(order: Order, *, callback: str | None) -> dict[str, Any]:
    """The body of a film request. The size is always 16:9, or that of the first frame."""
    wire, params = wire_of(order.spec, Wire), order.params
    level = offer.resolution(order.spec, params.get("resolution"))
    frames = dict(zip(("first_frame_image", "last_frame_image"), map(link, order.inputs), strict=False))
    optional = {"resolution": level.upper() if level else None, "callback_url": callback}
    return {
        "model": wire.model,
        "prompt": params["prompt"],
        "duration": _seconds(order),
        "prompt_optimizer": False,
        "aigc_watermark": False,
        **frames,
    } | {name: value for name, value in optional.items() if value is not None}


def v1_accepted(reply: Reply) -> Sighting:
    """What the answer to an order says."""
    answer = yes(reply, _Submitted)
    if answer is None:
        return refused(reply)
    return Accepted(job=str(answer.task_id)) if answer.task_id else unreadable(reply)


def v1_from_wire(reply: Reply) -> Sighting | FileReady:
    """What the answer to a question after a job says. The verdict may be the status, the code, or both."""
    job = decoded(reply.body, _V1Job) if reply.ok else None
    if job is None or job.base_resp is None:
        return question_refused(reply)
    status, code = job.status.lower(), job.base_resp.status_code
    if code in {1026, 1027}:
        return failed(code, job.base_resp.status_msg)
    if status in {"fail", "failed"}:
        return failed(code or job.status, job.base_resp.status_msg)
    if code != 0:
        return question_refused(reply)
    if status in _WORKING:
        return Working(phase=_WORKING[status])
    if status != "success":
        return Unclear(reason=f"an unknown status: {said(job.status)[:40]}")
    return FileReady(str(job.file_id)) if job.file_id else Unclear(reason="the film is made, and its file is not named")


def v1_retrieved(reply: Reply) -> Sighting:
    """What the answer to "where is the file" says."""
    answer = yes(reply, _Retrieved)
    if answer is None:
        return question_refused(reply)
    if answer.file is None or not answer.file.download_url:
        return Unclear(reason="the film is made, and MiniMax does not say where it lies")
    return Finished(outputs=(Output(index=0, url=answer.file.download_url),), expires_seconds=_FILM_SECONDS)


# --- v2 ---


class _Content(Value):
    url: str | None = None


class _Failure(Value):
    code: str | int = ""
    message: str = ""


class _Usage(Value):
    total_seconds: int | None = None
    input_seconds: int | None = None
    output_seconds: int | None = None
    input_image_count: int | None = None
    total_tokens: int | None = None


class V2Task(Value):
    """A task, as a question and the list tell of it. Times in seconds since 1970."""

    id: str
    status: str
    created_at: int | None = None
    content: _Content | None = None
    error: _Failure | None = None
    usage: _Usage | None = None


class _V2Answer(Value):
    task: V2Task


class V2List(Value):
    """A page of the list; `total` counts all pages."""

    items: tuple[V2Task, ...]
    total: int


def v2_to_wire(order: Order, *, callback: str | None) -> dict[str, Any]:
    """The body of a film request. With frames the picture decides on the shape, else the catalogue's ratio does."""
    wire, params = wire_of(order.spec, Wire), order.params
    level = offer.resolution(order.spec, params.get("resolution")) or ""
    roles = ("first_frame", "last_frame") if wire.pictures == "frames" else ("reference_image",) * len(order.inputs)
    pictures = [
        {"type": "image_url", "role": role, "image_url": {"url": link(picture)}}
        for role, picture in zip(roles, order.inputs, strict=False)
    ]
    sizes = offer.aspect_ratios(order.spec, params.get("resolution"))
    ratio = params.get("aspectRatio") or offer.default_ratio(order.spec, sizes)
    optional = {
        "callback_url": callback,
        "extra": {"prompt_expansion_mode": wire.prompt_expansion} if wire.prompt_expansion else None,
    }
    return {
        "model": wire.model,
        "content": [{"type": "text", "text": params["prompt"]}, *pictures],
        "resolution": level.upper(),
        "duration": _seconds(order),
        "ratio": ratio or "adaptive",
    } | {name: value for name, value in optional.items() if value is not None}


def v2_accepted(reply: Reply) -> Sighting:
    """What the answer to an order says."""
    answer = decoded(reply.body, _Submitted) if reply.ok else None
    return Accepted(job=str(answer.task_id)) if answer and answer.task_id else refused(reply)


def v2_task(reply: Reply) -> V2Task | Sighting:
    """The task that an answer to a question holds."""
    answer = decoded(reply.body, _V2Answer) if reply.ok else None
    return answer.task if answer else question_refused(reply)


def v2_from_wire(reply: Reply) -> Sighting:
    """What the answer to a question after a job says."""
    task = v2_task(reply)
    if not isinstance(task, V2Task):
        return task
    error = task.error or _Failure()
    match task.status:
        case "succeeded" if task.content and task.content.url:
            return Finished(
                outputs=(Output(index=0, url=task.content.url),),
                usage=_used(task.usage or _Usage()),
                expires_seconds=_FILM_SECONDS,
            )
        case "succeeded":
            return Unclear(reason="the film is made, and MiniMax does not say where it lies")
        case "failed":
            return failed(error.code or "failed", error.message)
        case "expired":
            return Refused(
                code="expired",
                message="MiniMax did not make it in time.",
                charged="unknown",
                provider_code=str(error.code or "expired"),
                provider_message=said(error.message),
            )
        case "cancelled":  # only what is queued can be cancelled, and that is not charged
            return Refused(code="cancelled", message="It was cancelled at MiniMax.", provider_code="cancelled")
        case status if status in _WORKING:
            return Working(phase=_WORKING[status])
        case status:
            return Unclear(reason=f"an unknown status: {said(status)[:40]}")


def v2_under_way(reply: Reply) -> dict[str, Working]:
    """The films of a list that wait or are being made, by id."""
    found = decoded(reply.body, V2List) if reply.ok else None
    return {
        task.id: Working(phase=_WORKING[task.status])
        for task in (found.items if found else ())
        if task.status in _WORKING
    }


def _used(usage: _Usage) -> dict[str, int]:
    measured = {
        "second": usage.total_seconds,
        "total_seconds": usage.total_seconds,
        "input_seconds": usage.input_seconds,
        "output_seconds": usage.output_seconds,
        "input_image_count": usage.input_image_count,
        "total_tokens": usage.total_tokens,
    }
    return {unit: count for unit, count in measured.items() if count is not None}


def v2_stopped(reply: Reply) -> CancelAnswer:
    """What the answer to a DELETE says."""
    answer = decoded(reply.body, dict[str, Any]) if reply.ok else None
    if answer and answer.get("action") == "cancelled":
        return CancelAnswer(outcome="confirmed", message="MiniMax took it out of its queue.", charged="no")
    if 400 <= reply.status < 500:
        return CancelAnswer(outcome="too_late", message="MiniMax had begun, and lets nobody stop it then.")
    return CancelAnswer(outcome="unknown", message=f"MiniMax gave no clear answer (HTTP {reply.status}).")


# --- Callbacks ---


class _Named(Value):
    id: str = ""


class _Called(Value):
    """What a callback names: v1 the job at its head, v2 the task as a question after it would show it."""

    task_id: str | int = ""
    task: _Named | None = None


def job_in(body: bytes) -> str | None:
    """The job that a callback is about. Nothing else of it is believed: it is not signed."""
    called = decoded(body, _Called)
    return (str(called.task_id) or (called.task.id if called.task else "") or None) if called else None


# --- v2: looking for an order whose answer was lost ---


def v2_finding(tasks: dict[str, V2Task], *, since: datetime) -> Finding:
    """What the whole list of tasks says of an order: none from its time means that it never arrived."""
    earliest = since.timestamp()
    could_be = sorted(task.id for task in tasks.values() if task.created_at is None or task.created_at >= earliest)
    if could_be:
        return CannotTell(reason=f"MiniMax has tasks from that time, and one may be it: {_some(could_be)}")
    return NotFound(evidence=f"MiniMax lists no task since {since:%Y-%m-%d %H:%M:%S} UTC.")


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _seconds(order: Order) -> int:
    return round(offer.seconds(order.spec, order.params) or 0)
