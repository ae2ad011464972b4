"""What Kling says of its tasks, in its two dialects, as pure functions.

The old one answers with a task and `succeed`, the new one with a list of tasks and `succeeded`; a task that failed is a
good answer, without a code of its own."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from adapters.http import Reply
from adapters.providers.reading import decoded, said
from domain.base import Value
from domain.model import Kind
from domain.money import Cost
from domain.provider import Charged, Finished, Missing, Order, Output, Refused, Sighting, Unclear, Working

_KEPT_SECONDS = 30 * 24 * 3600.0
_WORKING = {"submitted": "queued", "processing": "running"}
_DONE = {"succeed", "succeeded"}
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


class Job(Value):
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


def jobs(reply: Reply) -> tuple[Job, ...] | None:
    """The tasks in an answer that says yes: one in the old dialect, a list in the new. None for any other answer."""
    envelope = decoded(reply.body, Envelope)
    if not reply.ok or envelope is None or envelope.code != 0:
        return None
    data = bytes(envelope.data)
    one = decoded(data, Job)
    return (one,) if one else decoded(data, tuple[Job, ...])


def from_wire(order: Order, job: Job, *, secrets: Sequence[str] = ()) -> Sighting:
    """What a task says of itself."""
    status = job.task_status or job.status
    if status in _DONE:
        return _finished(order, job)
    if status in _WORKING:
        return Working(phase=_WORKING[status])
    if status == "failed":
        text = said(job.task_status_msg or job.message, secrets=secrets)
        moderated = any(word in text.lower() for word in _MODERATED)
        return Refused(
            code="content_rejected_output" if moderated else "generation_failed",
            message="Kling held it back." if moderated else "Kling could not make it.",
            charged=_charged(job),
            provider_code="failed",
            provider_message=text,
        )
    return Unclear(reason=f"an unknown status: {said(status)[:40]}")


def _finished(order: Order, job: Job) -> Finished:
    """Pictures come with their number, but nobody promises that the numbers are good."""
    asked = int(order.params.get("n") or 1) if order.kind is Kind.IMAGE else 1
    numbers = [file.index for file in job.files]
    numbered = len(set(numbers)) == len(numbers) and all(n is not None and 0 <= n < asked for n in numbers)
    outputs = tuple(
        Output(index=file.index if numbered and file.index is not None else place, url=file.url)
        for place, file in enumerate(job.files)
        if file.url
    )
    there = {output.index for output in outputs}
    missing = tuple(
        Missing(index=index, code="empty", message="Kling says that it is done, and gives no file.")
        for index in range(asked)
        if index not in there
    )
    return Finished(
        outputs=tuple(sorted(outputs, key=lambda output: output.index)),
        missing=missing,
        usage=_usage(order, job, len(outputs)),
        cost=_cost(job),
        expires_seconds=_KEPT_SECONDS,
    )


def _usage(order: Order, job: Job, made: int) -> dict[str, int]:
    """Kling counts in units of a resource pack, with parts of units: here in thousandths, for they must be whole."""
    usage: dict[str, int] = {"image": made} if order.kind is Kind.IMAGE else {}
    if order.kind is Kind.VIDEO:
        lengths = [number for file in job.files if (number := _number(file.duration)) is not None]
        usage |= {"second": sum(round(length) for length in lengths)} if lengths else {}
    units = list(_units(job))
    return usage | ({"milliunits": int(sum(units) * 1000)} if units else {})


def _units(job: Job) -> Iterator[Decimal]:
    amounts = [bill.amount for bill in job.billing or () if bill.charge_type == "unit"]
    for amount in (job.final_unit_deduction, *amounts):
        if (number := _number(amount)) is not None:
            yield number


def _cost(job: Job) -> Cost | None:
    """The money that Kling says it took: only when all of it was money, and of one currency."""
    bills = job.billing or ()
    amounts = [_number(bill.amount) for bill in bills if bill.charge_type == "cash"]
    currencies = {bill.currency for bill in bills}
    currency = next(iter(currencies)) if len(currencies) == 1 else None
    if not bills or len(amounts) != len(bills) or currency is None or None in amounts:
        return None
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Cost(amount=total, currency=currency, price_revision=0, source="provider")


def _charged(job: Job) -> Charged:
    """Whether a failed task was paid for. Nobody has written down that it is not, so silence is no answer."""
    amounts = [_number(job.final_unit_deduction), *(_number(bill.amount) for bill in job.billing or ())]
    known = [amount for amount in amounts if amount is not None]
    return "unknown" if not known else "yes" if any(known) else "no"


def _number(value: str | float | None) -> Decimal | None:
    try:
        number = Decimal(str(value)) if value is not None else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and number >= 0 else None
