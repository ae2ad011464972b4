"""What Kling says of its tasks, in its two dialects, as pure functions.

The old one answers with a task and `succeed`, the new one with a list of tasks and `succeeded`; a task that failed is a
good answer, without a code of its own."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from adapters.outbound.client import Reply
from adapters.providers.redaction import redacted
from adapters.providers.sightings import job_status, output, unreadable_output
from adapters.providers.tolerant_reader import count, decode, decode_strictly
from domain.base import Value
from domain.model import Kind
from domain.money import Cost
from domain.provider import Charged, Finished, Missing, NoVerdict, Order, Refused, Sighting, Working

_KEPT_SECONDS = 30 * 24 * 3600.0
_MAX_MONEY = Decimal(10**9)
_CURRENCY = re.compile("[A-Z]{3}")
_NO = {
    "failed": ("generation_failed", "Kling could not make it."),
    "moderated": ("content_rejected_output", "Kling held it back."),
    "expired": ("expired", "Kling did not make it in time."),
    "cancelled": ("cancelled", "It was cancelled at Kling."),
}
# A failed task has no code. These words only choose between two ways to say that nothing was made.
_MODERATED = ("risk", "sensitive", "policy", "content", "violat", "敏感", "违规", "风控")


class _TaskInfo(Value):
    external_task_id: str | None = None


class _File(Value):
    """A picture, a film or a sound."""

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

    @property
    def files(self) -> tuple[_File, ...]:
        result = self.task_result or _Result()
        return self.outputs or result.images or result.videos or result.audios


class Envelope(Value):
    """What every answer is wrapped in. Success is `code` 0, whatever HTTP says."""

    code: int | None = None
    message: str | None = None
    request_id: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Nothing(Value):
    """An answer that shows no task, in so many words."""

    code: int
    data: tuple[Task, ...]


def tasks_in(reply: Reply) -> tuple[Task, ...] | None:
    """The tasks in an answer that says yes: one in the old dialect, a list in the new. None for any other answer.

    Where the code is missing, or can't be read, a task that is there says yes."""
    envelope = decode(reply.body, Envelope)
    if not reply.ok or envelope is None or envelope.code:
        return None
    data = bytes(envelope.data)
    one = decode(data, Task)
    found = (one,) if one else decode(data, tuple[Task, ...])
    return found if envelope.code == 0 or found else None


def is_empty_list(reply: Reply) -> bool:
    """Whether an answer surely shows no task: an empty list, and nothing that had to be guessed at."""
    nothing = decode_strictly(reply.body, _Nothing) if reply.ok else None
    return nothing is not None and nothing.code == 0 and not nothing.data


def task_result(order: Order, job: Task, *, secrets: Sequence[str] = ()) -> Sighting:
    """What a task says of itself. One that shows all of its files is done, whatever word stands there."""
    how, done = job_status(job.task_status or job.status), _finished(order, job)
    if how in {"queued", "running"} and not (done.outputs and all(each.code == "unreadable" for each in done.missing)):
        return Working(phase=how)
    if done.outputs or how == "done":
        return done
    if how is None:
        return NoVerdict(reason=f"an unknown status: {redacted(job.task_status or job.status)[:40]}")
    text = redacted(job.task_status_msg or job.message, secrets=secrets)
    moderated = how == "failed" and any(word in text.lower() for word in _MODERATED)
    code, message = _NO["moderated" if moderated else how]
    return Refused(
        code=code,
        message=message,
        charged=_charged(job),
        provider_code=redacted(job.task_status or job.status),
        provider_message=text,
    )


def _finished(order: Order, job: Task) -> Finished:
    """Pictures come with their number, but nobody promises that the numbers are good."""
    asked = int(order.params.get("n") or 1) if order.kind is Kind.IMAGE else 1
    numbers = [file.index for file in job.files]
    numbered = len(set(numbers)) == len(numbers) and all(n is not None and 0 <= n < asked for n in numbers)
    places = [file.index if numbered and file.index is not None else place for place, file in enumerate(job.files)]
    read = {place: output(place, file.url) for place, file in zip(places, job.files, strict=True)}
    outputs = tuple(each for _, each in sorted(read.items()) if each is not None)
    missing = tuple(
        unreadable_output(index)
        if index in read
        else Missing(index=index, code="empty", message="Kling says that it is done, and gives no file.")
        for index in range(max([asked, *(place + 1 for place in places)]))
        if read.get(index) is None
    )
    return Finished(
        outputs=outputs,
        missing=missing,
        usage=_usage(order, job),
        cost=_cost(job),
        expires_seconds=_KEPT_SECONDS,
    )


def _usage(order: Order, job: Task) -> dict[str, int]:
    """Kling counts in units of a resource pack, with parts of units: here in thousandths, for they must be whole.

    A file that can't be read was made, too."""
    lengths = [number for file in job.files if (number := _number(file.duration)) is not None]
    units = list(_units(job))
    told = {
        "image": len(job.files) if order.kind is Kind.IMAGE else None,
        "second": count(float(sum(round(length) for length in lengths)))
        if lengths and order.kind is Kind.VIDEO
        else None,
        "milliunits": count(int(sum(units) * 1000)) if units else None,
    }
    return {unit: number for unit, number in told.items() if number is not None}


def _units(job: Task) -> Iterator[Decimal]:
    amounts = [bill.amount for bill in job.billing or () if bill.charge_type == "unit"]
    for amount in (job.final_unit_deduction, *amounts):
        if (number := _number(amount)) is not None:
            yield number


def _cost(job: Task) -> Cost | None:
    """The money that Kling says it took: only when all of it was money, and of one currency."""
    bills = job.billing or ()
    amounts = [_number(bill.amount) for bill in bills if bill.charge_type == "cash"]
    currencies = {(bill.currency or "").upper() for bill in bills}
    currency = next(iter(currencies)) if len(currencies) == 1 else ""
    if len(amounts) != len(bills) or not _CURRENCY.fullmatch(currency) or None in amounts:
        return None
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Cost(amount=total, currency=currency, price_revision=0, source="provider")


def _charged(job: Task) -> Charged:
    """Whether a failed task was paid for. Nobody has written down that it is not, so silence is no answer."""
    amounts = [_number(job.final_unit_deduction), *(_number(bill.amount) for bill in job.billing or ())]
    known = [amount for amount in amounts if amount is not None]
    return "unknown" if not known else "yes" if any(known) else "no"


def _number(value: str | float | None) -> Decimal | None:
    try:
        number = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and 0 <= number <= _MAX_MONEY else None
