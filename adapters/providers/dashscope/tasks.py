"""What do DashScope's answers mean? Tasks and their status, the outputs, and the account's list of tasks."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.dashscope.errors import failed, refused
from adapters.providers.dashscope.requests import is_asynchronous
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job as job_named
from adapters.providers.sightings import output, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import as_text, count, counts, decode, elements, members
from domain.base import Value, replace
from domain.model import Kind
from domain.provider import CannotTell, Finished, Gone, Missing, NoVerdict, Order, Output, Refused, Sighting, Working

# docs/providers/dashscope.md#limits-and-lifetimes
EXPIRES_SECONDS = 24 * 3600.0


class Result(Value):
    """The `output` of an answer. Outputs are in `results`, `choices`, `video_url` or `audio`, by dialect."""

    task_id: str | None = None
    task_status: Any = None
    code: Any = None
    message: Any = None
    results: Any = None
    choices: Any = None
    video_url: Any = None
    audio: Any = None


Item = Output | Missing
_ADDRESSES = ("image", "image_url", "video", "video_url", "url")
_LINK = re.compile(r"\s*(?i:https?://|data:)")


def finished(order: Order, result: Result, usage: Any) -> Finished:
    """The outputs by index, the missing ones, and the usage.

    A successful answer in which nothing can hold an output counts as all outputs made and unreadable."""
    ordered = int(order.params.get("n") or 1)
    found = items(order, result)
    known = [unreadable_output(index) for index in range(ordered)] if found is None else found
    outputs = tuple(item for item in known if isinstance(item, Output))
    missing = tuple(item for item in known if isinstance(item, Missing)) + tuple(
        Missing(index=index, code="missing", message="DashScope did not make it.")
        for index in range(len(known), ordered)
    )
    paid = len(outputs) + sum(item.code == "unreadable" for item in missing)
    return Finished(
        outputs=outputs,
        missing=missing,
        usage=_usage(order, counts(usage), paid),
        expires_seconds=EXPIRES_SECONDS,
    )


def items(order: Order, result: Result) -> list[Item] | None:
    """The outputs in order; None when no member of the answer can hold an output."""
    match order.kind:
        case Kind.AUDIO:
            return _audio(result.audio)
        case Kind.VIDEO:
            places = (result.video_url, *(elements(result.results) or ()), *_parts(result.choices))
            return next(([item] for place in places if (item := _item(0, place))), None)
        case _:
            given = elements(result.results)
            if given is not None:
                return [_result(index, each) for index, each in enumerate(given)]
            return None if elements(result.choices) is None else _images(result.choices)


def _audio(audio: Any) -> list[Item] | None:
    if not isinstance(audio, dict):
        return [item] if (item := _item(0, audio)) else None
    fields = members(audio)  # pyright: ignore[reportUnknownArgumentType]
    found = _item(0, fields.get("url")) or _item(0, fields.get("data"), inline=True)
    return [found] if found else [] if fields.keys() & {"url", "data"} else None


def _result(index: int, given: Any) -> Item:
    """One image of the older dialects, or the reason why there is none."""
    fields = members(given) or {"url": given}
    code, message = as_text(fields.get("code")), as_text(fields.get("message"))
    found = _item(index, fields.get("url"))
    if found is None and (code or message):
        return Missing(index=index, code=code or "missing", message=redacted(message))
    return found or unreadable_output(index)


def _images(choices: Any) -> list[Item]:
    """The images of the multimodal dialect: parts of messages, between which there may be text."""
    parts = [part for part in _parts(choices) if not _is_text(part)]
    return [_item(index, part) or unreadable_output(index) for index, part in enumerate(parts)]


def _is_text(part: Any) -> bool:
    if isinstance(part, str):
        return not _LINK.match(part)
    fields = members(part)
    return isinstance(fields.get("text"), str) and not any(fields.get(name) for name in _ADDRESSES)


def _parts(choices: Any) -> list[Any]:
    """The parts of all messages; an unreadable message counts as one part."""
    found: list[Any] = []
    for choice in elements(choices) or ():
        content: Any = members(members(choice).get("message")).get("content")
        parts = elements(content)
        found += [content] if parts is None else parts
    return found


def _item(index: int, value: Any, *, inline: bool = False) -> Item | None:
    """One output from a URL, or from an object that holds one; None for an empty value."""
    for _ in range(2):
        if fields := members(value):
            value = next((fields[name] for name in _ADDRESSES if fields.get(name)), None)
    if not value:
        return None
    found = output(index, value, inline=inline) if isinstance(value, str) else None
    if found is None:
        return unreadable_output(index)
    return replace(found, url=_safely(found.url)) if found.url else found


def _safely(url: str) -> str:
    """The `https` form of an `http` URL of the vendor's store, which speech comes with."""
    plain, host = url.removeprefix("http://"), url.partition("://")[2].partition("/")[0]
    return f"https://{plain}" if plain != url and host.endswith(".aliyuncs.com") else url


def _usage(order: Order, counted: dict[str, int], paid: int) -> dict[str, int]:
    """The vendor's counts, and the billed unit. Seconds are rounded up."""
    match order.kind:
        case Kind.IMAGE:
            return counted | {"image": counted.get("image_count", paid)}
        case Kind.AUDIO:
            return counted | ({"character": counted["characters"]} if "characters" in counted else {})
        case _:
            words = ("duration", "video_duration", "output_video_duration")
            seconds = next((counted[each] for each in words if counted.get(each)), None)
            return counted | ({"second": seconds} if seconds else {})


# docs/providers/dashscope.md#status-words
_WORKING = {"PENDING": "queued", "QUEUED": "queued", "RUNNING": "running", "PROCESSING": "running"}
_DONE = {"SUCCEEDED", "SUCCEED", "SUCCESS", "COMPLETED", "DONE", "FINISHED"}
_FAILED = {"FAILED", "FAIL", "FAILURE", "ERROR"}
_ENDED = {"CANCELED": "cancelled", "CANCELLED": "cancelled"} | dict.fromkeys(("EXPIRED", "TIMEOUT"), "expired")
_MESSAGES = {"cancelled": "The task was cancelled.", "expired": "DashScope gave the task up before it was done."}


class _Answer(Value):
    output: Result | None = None
    usage: Any = None


class ListedTask(Value):
    """One task of the list. `gmt_create` in milliseconds since 1970."""

    task_id: str
    model_name: Any = None
    gmt_create: Any = None


class TaskList(Value):
    """A page of the list. The vendor's page calls the tasks `data`, its SDK `tasks`; one of them must be there."""

    total: int
    data: tuple[ListedTask, ...] | None = None
    tasks: tuple[ListedTask, ...] | None = None


def submit_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for the answer to an order: a task or outputs, whichever the answer holds.

    An answer of HTTP 200 may hold a refusal."""
    return with_raw_answer(_submit_result(order, reply), reply)


def _submit_result(order: Order, reply: Reply) -> Sighting:
    answer = (decode(reply.body, _Answer) if reply.ok else None) or _Answer()
    output = answer.output
    if output and output.task_id and is_asynchronous(order):
        return job_named(output.task_id, reply)
    if output and items(order, output) is not None:
        return finished(order, output, answer.usage)
    return job_named(output.task_id, reply) if output and output.task_id else refused(reply)


def poll_result(order: Order, reply: Reply) -> Sighting:
    """The sighting for the answer to a poll."""
    return with_raw_answer(_poll_result(order, reply), reply)


def _poll_result(order: Order, reply: Reply) -> Sighting:
    answer = (decode(reply.body, _Answer) if reply.ok else None) or _Answer()
    output = answer.output or Result()
    status = (as_text(output.task_status) or "").upper()
    if status in _DONE or any(isinstance(item, Output) for item in items(order, output) or ()):
        return finished(order, output, answer.usage)
    if status in _FAILED:
        return failed(as_text(output.code) or status, as_text(output.message) or "")
    if status in _ENDED:
        return Refused(code=_ENDED[status], message=_MESSAGES[_ENDED[status]], provider_code=status)
    if status == "UNKNOWN":  # perhaps also for a task that was accepted a moment ago
        return Gone(message="DashScope does not know the task: it keeps them for 24 hours.", provider_code=status)
    if status in _WORKING:
        return Working(phase=_WORKING[status])
    if status:
        return NoVerdict(reason=f"an unknown status: {redacted(status)[:40]}")
    refusal = refused(reply)
    if isinstance(refusal, Refused) and refusal.code == "provider_auth":
        return refusal
    return NoVerdict(reason=f"HTTP {reply.status} without a task")


def could_be(task: ListedTask, model: str, since: datetime) -> bool:
    """Whether a listed task may be the lost order. Missing and unreadable members count as a match, and so does a model
    name with a date."""
    name, created = as_text(task.model_name), count(task.gmt_create)
    if name is not None and not name.startswith(model) and not model.startswith(name):
        return False
    return created is None or created / 1000 >= since.timestamp()


def covers(tasks: Iterable[ListedTask], since: datetime) -> bool:
    """Whether no later page can hold a task since then, because all tasks so far are ordered, newest first."""
    created = [count(task.gmt_create) or 0 for task in tasks]
    in_order = all(later >= earlier for later, earlier in pairwise(created))
    return in_order and 0 < created[-1] < since.timestamp() * 1000


def list_refused(reply: Reply) -> NoVerdict | CannotTell:
    """NoVerdict for a failed query, which may be repeated; CannotTell for a query that DashScope always refuses."""
    refusal = refused(reply)
    if isinstance(refusal, Refused) and refusal.code == "provider_rejected":
        return CannotTell(
            reason=f"DashScope does not list its tasks: {refusal.provider_message or refusal.provider_code}"
        )
    return NoVerdict(reason=f"HTTP {reply.status} without a list of tasks")
