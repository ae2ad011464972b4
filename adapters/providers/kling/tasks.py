"""What do Kling's answers about tasks mean, in its two dialects? Pure functions.

The old dialect answers with one task and `succeed`, the new one with a list of tasks and `succeeded`. A failed task is
a successful answer, without an error code."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from adapters.outbound.client import Reply
from adapters.providers.base import wire_config
from adapters.providers.kling.errors import NO_SUCH_TASK, Envelope, error_code, error_text, is_key_error, refused
from adapters.providers.kling.requests import Wire
from adapters.providers.redaction import redacted
from adapters.providers.sightings import (
    accepted_job,
    job_status,
    output,
    unreadable_answer,
    unreadable_output,
    with_raw_answer,
)
from adapters.providers.tolerant_reader import count, decode, decode_strictly
from domain.base import Value
from domain.model import Kind
from domain.money import Cost
from domain.provider import (
    CannotTell,
    Charged,
    Finished,
    Found,
    Gone,
    InDoubt,
    LookupResult,
    Missing,
    NotFound,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

# docs/providers/kling.md#limits-and-lifetimes
_LIFE_SECONDS = 30 * 24 * 3600.0
_MAX_MONEY = Decimal(10**9)
_CURRENCY = re.compile("[A-Z]{3}")
# docs/providers/kling.md#status-words
_REFUSALS = {
    "failed": ("generation_failed", "Kling could not make it."),
    "moderated": ("content_rejected_output", "Kling held it back."),
    "expired": ("expired", "Kling did not make it in time."),
    "cancelled": ("cancelled", "It was cancelled at Kling."),
}
# A failed task has no code. These words only tell moderation from other failures.
_TYPES = {"image", "video", "audio"}
_MODERATED = ("risk", "sensitive", "policy", "content", "violat", "敏感", "违规", "风控")


class _TaskInfo(Value):
    external_task_id: str | None = None


class _File(Value):
    """An image, a video or an audio file. The new dialect says in `type` which of them."""

    type: str | None = None
    url: str | None = None
    index: int | None = None
    duration: str | float | None = None


class _Result(Value):
    images: tuple[_File, ...] = ()
    videos: tuple[_File, ...] = ()
    audios: tuple[_File, ...] = ()


class _Bill(Value):
    charge_type: str | None = None
    amount: str | float | None = None
    currency: str | None = None


class Task(Value):
    """A task in either dialect."""

    task_id: str | None = None
    task_status: str | None = None
    task_status_msg: str | None = None
    task_info: _TaskInfo | None = None
    task_result: _Result | None = None
    final_unit_deduction: str | float | None = None
    id: str | None = None
    status: str | None = None
    message: str | None = None
    external_id: str | None = None
    outputs: tuple[_File, ...] | None = None
    billing: tuple[_Bill, ...] | None = None

    @property
    def name(self) -> str | None:
        return self.task_id or self.id

    @property
    def external(self) -> str | None:
        return self.external_id or (self.task_info.external_task_id if self.task_info else None)

    def files_of(self, kind: Kind) -> tuple[_File, ...]:
        """The files of a kind. Once the task is done, all of them where none has it: a wrong type costs no result."""
        result = self.task_result or _Result()
        found = self.outputs or result.images or result.videos or result.audios
        mine = tuple(file for file in found if (file.type or kind).lower() not in _TYPES - {str(kind)})
        return mine if mine or job_status(self.task_status or self.status) != "done" else found


class _Nothing(Value):
    """An answer that explicitly holds no task."""

    code: int
    data: tuple[Task, ...]


def tasks_in(reply: Reply) -> tuple[Task, ...] | None:
    """The tasks in a successful answer: one in the old dialect, a list in the new. None for any other answer.

    Where the code is missing or unreadable, a task in the answer counts as success."""
    envelope = decode(reply.body, Envelope)
    if not reply.ok or envelope is None or envelope.code:
        return None
    data = bytes(envelope.data)
    one = decode(data, Task)
    found = (one,) if one else decode(data, tuple[Task, ...])
    return found if envelope.code == 0 or found else None


def is_empty_list(reply: Reply) -> bool:
    """Whether an answer is certainly an empty list; every member is read strictly."""
    nothing = decode_strictly(reply.body, _Nothing) if reply.ok else None
    return nothing is not None and nothing.code == 0 and not nothing.data


def task_result(order: Order, job: Task, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for a task. A task that shows all of its files is done, whatever its status."""
    status, done = job_status(job.task_status or job.status), _finished(order, job)
    if status in {"queued", "running"} and not (
        done.outputs and all(each.code == "unreadable" for each in done.missing)
    ):
        return Working(phase=status)
    if done.outputs or status == "done":
        return done
    if status is None:
        return NoVerdict(reason=f"an unknown status: {redacted(job.task_status or job.status)[:40]}")
    text = redacted(job.task_status_msg or job.message, secrets=secrets)
    moderated = status == "failed" and any(word in text.lower() for word in _MODERATED)
    code, message = _REFUSALS["moderated" if moderated else status]
    return Refused(
        code=code,
        message=message,
        charged=_charged(job),
        provider_code=redacted(job.task_status or job.status),
        provider_message=text,
    )


def _finished(order: Order, job: Task) -> Finished:
    """Images carry an index, which is used only when all indexes are valid and distinct."""
    ordered = int(order.params.get("n") or 1) if order.kind is Kind.IMAGE else 1
    files = job.files_of(order.kind)
    numbers = [file.index for file in files]
    numbered = len(set(numbers)) == len(numbers) and all(n is not None and 0 <= n < ordered for n in numbers)
    places = [file.index if numbered and file.index is not None else place for place, file in enumerate(files)]
    read = {place: output(place, file.url) for place, file in zip(places, files, strict=True)}
    outputs = tuple(each for _, each in sorted(read.items()) if each is not None)
    missing = tuple(
        unreadable_output(index)
        if index in read
        else Missing(index=index, code="empty", message="Kling says that it is done, and gives no file.")
        for index in range(max([ordered, *(place + 1 for place in places)]))
        if read.get(index) is None
    )
    return Finished(
        outputs=outputs,
        missing=missing,
        usage=_usage(order, job),
        cost=_cost(job),
        expires_seconds=_LIFE_SECONDS,
    )


def _usage(order: Order, job: Task) -> dict[str, int]:
    """Kling counts in fractions of resource-pack units; Pixel stores thousandths, because counts are integers.

    A file that can't be read was made, and counts."""
    files = job.files_of(order.kind)
    lengths = [number for file in files if (number := _number(file.duration)) is not None]
    units = list(_units(job))
    usage = {
        "image": len(files) if order.kind is Kind.IMAGE else None,
        "second": count(float(sum(round(length) for length in lengths)))
        if lengths and order.kind is Kind.VIDEO
        else None,
        "milliunits": count(int(sum(units) * 1000)) if units else None,
    }
    return {unit: number for unit, number in usage.items() if number is not None}


def _units(job: Task) -> Iterator[Decimal]:
    amounts = [bill.amount for bill in job.billing or () if bill.charge_type == "unit"]
    for amount in (job.final_unit_deduction, *amounts):
        if (number := _number(amount)) is not None:
            yield number


def _cost(job: Task) -> Cost | None:
    """The money that Kling charged; None unless all of it is money in one currency."""
    bills = job.billing or ()
    amounts = [_number(bill.amount) for bill in bills if bill.charge_type == "cash"]
    currencies = {(bill.currency or "").upper() for bill in bills}
    currency = next(iter(currencies)) if len(currencies) == 1 else ""
    if len(amounts) != len(bills) or not _CURRENCY.fullmatch(currency) or None in amounts:
        return None
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Cost(amount=total, currency=currency, price_revision=0, source="provider")


def _charged(job: Task) -> Charged:
    """Whether a failed task was charged; "unknown" unless the task says so (not documented)."""
    amounts = [_number(job.final_unit_deduction), *(_number(bill.amount) for bill in job.billing or ())]
    known = [amount for amount in amounts if amount is not None]
    return "unknown" if not known else "yes" if any(known) else "no"


def _number(value: str | float | None) -> Decimal | None:
    try:
        number = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and 0 <= number <= _MAX_MONEY else None


def submit_result(order: Order, reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for the answer to an order. Speech is complete with it."""
    found = tasks_in(reply)
    if found is None:
        return refused(reply, secrets=secrets)
    if len(found) != 1:
        return unreadable_answer(reply)
    if wire_config(order.spec, Wire).endpoint != "audio/tts":
        return accepted_job(found[0].name, reply)
    seen = task_result(order, found[0], secrets=secrets)
    if not isinstance(seen, Finished | Refused):
        message = "the speech should be done with the answer and is not, and nobody can be asked about it"
        seen = InDoubt(reason=message)
    return with_raw_answer(seen, reply)


def poll_result(order: Order, job: str, reply: Reply, *, alone: bool = True, secrets: Sequence[str] = ()) -> Sighting:
    """The sighting for the answer to a poll. A list without the task is no verdict: it may lag behind.

    `alone`: only this task was asked for, so a task without an id is this one."""
    found = tasks_in(reply)
    if found is not None:
        mine = next((each for each in found if each.name == job), None)
        if mine is None and alone and len(found) == 1 and found[0].name is None:
            mine = found[0]
        seen = task_result(order, mine, secrets=secrets) if mine else NoVerdict(reason="Kling does not show the task")
        return with_raw_answer(seen, reply) if alone else seen
    code, text = error_code(reply), error_text(reply, secrets)
    if reply.status == 404 and code == NO_SUCH_TASK:
        return Gone(message=f"Kling says that it has no such task: {text}", provider_code=str(code))
    if reply.status < 500 and is_key_error(code):
        return refused(reply, secrets=secrets)  # about the key, not about the task
    return with_raw_answer(NoVerdict(reason=f"HTTP {reply.status}, code {code}: {text}"), reply)


def lookup_result(order: Order, reply: Reply, *, secrets: Sequence[str] = ()) -> LookupResult | NoVerdict:
    """The result of a lookup by our call id."""
    found, ours = tasks_in(reply), order.call_id
    if found is not None:
        mine = [job.name for job in found if job.name and job.external in {ours, None}]
        if len(mine) == len(found) == 1 and mine[0]:
            return Found(job=mine[0])
        if is_empty_list(reply) and wire_config(order.spec, Wire).is_new_dialect:
            return NotFound(evidence=f"Kling's answer to the question after {ours} holds no task")
        names = ", ".join(str(job.name) for job in found[:5])
        return CannotTell(reason=f"Kling answered the question after {ours} with other tasks: {names or 'none'}")
    code, text = error_code(reply), error_text(reply, secrets)
    if reply.status == 404 and code == NO_SUCH_TASK:
        return NotFound(evidence=f"Kling says that there is no task {ours}: {text}")
    if reply.status >= 500 or reply.status in {401, 403, 429} or code is None:
        return NoVerdict(reason=f"HTTP {reply.status}, code {code}: {text}")
    return CannotTell(reason=f"Kling did not answer the question after {ours} (code {code}): {text}")
