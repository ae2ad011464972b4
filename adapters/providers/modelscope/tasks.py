"""What do ModelScope's answers about image tasks mean?"""

from typing import Any

from adapters.outbound.client import Reply
from adapters.providers.modelscope.errors import read_error, refused
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job as job_named
from adapters.providers.sightings import output, unreadable_output, with_raw_answer
from adapters.providers.tolerant_reader import as_text, decode, elements, members
from domain.base import Value
from domain.provider import Finished, Gone, Missing, NoVerdict, Output, Refused, Sighting, Working

# docs/providers/modelscope.md#status-words
_WORKING = {"PENDING": "queued", "QUEUED": "queued", "PROCESSING": "running", "RUNNING": "running"}
_DONE = {"SUCCEED", "SUCCEEDED", "SUCCESS", "COMPLETED", "DONE", "FINISHED"}
_FAILED = (
    dict.fromkeys(("FAILED", "FAIL", "FAILURE", "ERROR"), "generation_failed")
    | dict.fromkeys(("CANCELED", "CANCELLED"), "cancelled")
    | dict.fromkeys(("EXPIRED", "TIMEOUT"), "expired")
)
_WORDS = {
    "generation_failed": "ModelScope could not make it.",
    "cancelled": "The task was cancelled.",
    "expired": "ModelScope gave the task up before it was done.",
}


class _Task(Value):
    task_id: str | None = None
    task_status: Any = None
    output_images: Any = None


def submit_result(reply: Reply) -> Sighting:
    """The sighting for the answer to an image order. Its `task_status` is ignored: `SUCCEED` only means accepted."""
    return with_raw_answer(_submit_result(reply), reply)


def _submit_result(reply: Reply) -> Sighting:
    if not reply.ok:
        return refused(reply)
    task = decode(reply.body, _Task) or _Task()
    if task.task_id:
        return job_named(task.task_id, reply)
    made = _made(task)
    return made if made.outputs else refused(reply)


def poll_result(reply: Reply) -> Sighting:
    """The sighting for the answer to a poll. Images in it end the task, whatever its status."""
    return with_raw_answer(_seen(reply), reply)


def _seen(reply: Reply) -> Sighting:
    task = (decode(reply.body, _Task) if reply.ok else None) or _Task()
    status, made = (as_text(task.task_status) or "").upper(), _made(task)
    if status in _DONE or made.outputs:
        return made
    if status in _FAILED:
        code, message = read_error(reply.body)
        if "task not found" in message.lower():
            return Gone(message="ModelScope does not find the task.", provider_code=code or status)
        why = _FAILED[status]
        return Refused(code=why, message=_WORDS[why], provider_code=code or status, provider_message=redacted(message))
    if status in _WORKING:
        return Working(phase=_WORKING[status])
    if status:
        return NoVerdict(reason=f"an unknown status: {redacted(status)[:40]}")
    return NoVerdict(reason=f"HTTP {reply.status} without a task")


def _made(task: _Task) -> Finished:
    """The images of a task. When no member can hold an image, one counts as made and unreadable."""
    given = elements(task.output_images)
    if given is None:
        given = [task.output_images]
    found = [_image(index, each) for index, each in enumerate(given)]
    outputs = tuple(each for each in found if isinstance(each, Output))
    missing = tuple(each for each in found if isinstance(each, Missing))
    none = () if found else (Missing(index=0, code="empty", message="The task succeeded without an image."),)
    return Finished(outputs=outputs, missing=(*missing, *none), usage={"image": len(found)})


def _image(index: int, given: Any) -> Output | Missing:
    text: Any = members(given).get("url", given)
    return (output(index, text) if isinstance(text, str) else None) or unreadable_output(index)
