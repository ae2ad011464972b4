"""A task: one request to make media. What is remembered of it, and what does each event change?

The events are in `domain.task.events`. What a worker has to do next follows from the state: `domain.task.next_step`.
How a task begins and ends is in `domain.task.lifecycle`; the decisions about provider calls, which cost money, are in
`domain.task.provider_call`."""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from domain.base import Value, replace
from domain.model import Kind
from domain.money import Cost
from domain.provider import Missing, RemoteOutput
from domain.task.events import (
    CallResolved,
    CancellationRequested,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderAccepted,
    ProviderAnswerUnclear,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderJobMissing,
    ProviderProgressed,
    ProviderRefused,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskRequested,
)

# --- The state: only what a decision below needs ---


class Status(StrEnum):
    """The status in the API. No value will ever be added; `NEW`, an empty stream, is never shown."""

    NEW = "new"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset((Status.COMPLETED, Status.FAILED))


class CallState(StrEnum):
    """The state of one call. Pixel expects nothing more of a settled call. A late result is still recorded.

    DELIVERED: the call is paid for, and its outputs are still to be downloaded. UNKNOWN: reconciliation failed. No new
    call; only a late provider answer or an admin decision changes it."""

    MADE = "made"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    DELIVERED = "delivered"
    SETTLED = "settled"
    UNKNOWN = "unknown"

    @property
    def open(self) -> bool:
        return self in _OPEN


_OPEN = frozenset((CallState.MADE, CallState.ACCEPTED, CallState.IN_DOUBT))


class Absence(Value):
    """The provider said `times` in a row that it has no such job: first at `since`, last at `at`."""

    since: datetime
    at: datetime
    times: int = 1


class Call(Value):
    """The latest call. A task has at most one unsettled call, so that nothing is paid twice.

    `unclear` has the SHA-256 of each unreadable answer that is recorded, so that none is recorded twice."""

    id: str
    attempt: int
    provider: str
    state: CallState
    at: datetime
    job: str | None = None
    account: str | None = None
    absence: Absence | None = None
    unclear: tuple[str, ...] = ()
    accepted_at: datetime | None = None

    @property
    def works_since(self) -> datetime:
        """When the provider began, as far as Pixel knows. An acceptance that was found out later says nothing of it."""
        return self.accepted_at or self.at


class Delivery(Value, omit_defaults=True):
    """The download of a call's outputs: `outputs` are those not stored yet, `kept` counts the stored ones."""

    outputs: tuple[RemoteOutput, ...]
    since: datetime
    kept: int = 0
    attempts: int = 0
    retry_at: datetime | None = None
    expires_at: datetime | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: Cost | None = None


class RequestTerms(Value, omit_defaults=True):
    """The part of the request that decisions need. Its parameters are only in the TaskRequested event.

    `at` is the time of the request or of the last retry; `start_by` and `finish_by` are counted from it."""

    kind: Kind
    request_hash: str
    at: datetime
    finish_by: datetime
    start_by: datetime | None = None


class ServingModel(Value):
    """The model that serves the task now, at the revision that it had when the request was accepted."""

    model: str
    model_revision: int


class Task(Value, omit_defaults=True):
    """A task, folded from its events. `model` serves it now; `fallbacks` may still take over, in this order.

    `calls_made` counts the calls of this model, `calls_failed` those of them that count towards the limit of attempts.
    `results_recorded` names the calls whose result is recorded."""

    status: Status = Status.NEW
    request: RequestTerms | None = None
    model: ServingModel | None = None
    fallbacks: tuple[Fallback, ...] = ()
    calls_failed: int = 0
    calls_made: int = 0
    call: Call | None = None
    delivery: Delivery | None = None
    retry_at: datetime | None = None
    cancel_requested_by: str | None = None
    results_recorded: tuple[str, ...] = ()
    percent: int | None = None
    phase: str | None = None
    progressed_at: datetime | None = None


def evolve(task: Task, event: TaskEvent) -> Task:
    """The task after one more event. It accepts any event in any state: the past can't be refused."""
    match event:  # what happens most comes first: each case before it takes time
        case TaskRequested(fallbacks=fallbacks):
            terms = RequestTerms(
                kind=event.kind,
                request_hash=event.request_hash,
                at=event.at,
                finish_by=event.finish_by,
                start_by=event.start_by,
            )
            first = ServingModel(model=event.model, model_revision=event.model_revision)
            return replace(task, status=Status.PENDING, request=terms, model=first, fallbacks=fallbacks)
        case ProviderCalled(call=call_id, attempt=attempt, provider=provider, at=at, account=account):
            call = Call(id=call_id, attempt=attempt, provider=provider, state=CallState.MADE, at=at, account=account)
            made = replace(task, status=Status.PROCESSING, call=call, calls_made=task.calls_made + 1)
            return replace(made, retry_at=None, percent=None, phase=None, progressed_at=None)
        case ProviderAccepted(job=job, at=at):
            return _evolve_accepted(task, job, at)
        case ProviderProgressed() | ProviderJobMissing() | ProviderAnswerUnclear():
            return _evolve_polling(task, event)
        case OutputStored() | ProviderSucceeded() | OutputFetchFailed() | RefetchRequested():
            return _evolve_delivery(task, event)
        case TaskCompleted():
            recorded = (*task.results_recorded, task.call.id) if task.call else task.results_recorded
            return replace(_with_call(task, CallState.SETTLED), status=Status.COMPLETED, results_recorded=recorded)
        case FallbackChosen(model=model, model_revision=revision):
            chosen = ServingModel(model=model, model_revision=revision)
            names = [(other.model, other.model_revision) for other in task.fallbacks]
            left = task.fallbacks[names.index((model, revision)) + 1 :] if (model, revision) in names else ()
            return replace(task, model=chosen, fallbacks=left, calls_failed=0, calls_made=0, retry_at=None)
        case ProviderRefused(retry_at=retry_at, code=code):
            failed = task.calls_failed + (code not in NOT_COUNTED)
            return replace(_with_call(task, CallState.SETTLED), retry_at=retry_at, calls_failed=failed)
        case ProviderCallInDoubt():
            return _with_call(task, CallState.IN_DOUBT)
        case ProviderCallReconciled(outcome=outcome, job=job):
            failed = task.calls_failed + (outcome == "did_not_happen")
            return replace(_with_call(task, _RECONCILED[outcome], job), calls_failed=failed)
        case CallResolved():
            return _evolve_call_resolved(task, event)
        case CancellationRequested(by=by):
            return replace(task, cancel_requested_by=by)
        case TaskFailed(code="deadline_exceeded") if task.call and task.call.state is CallState.ACCEPTED:
            return replace(task, status=Status.FAILED)  # the job still runs and is paid for, so polling goes on
        case TaskFailed():
            unknown = task.call is not None and task.call.state in _OPEN_OUTCOME
            return replace(_with_call(task, CallState.UNKNOWN if unknown else CallState.SETTLED), status=Status.FAILED)
        case TaskCancelled(outcome=outcome):
            stopped = _with_call(task, CallState.SETTLED) if outcome in {"not_called", "confirmed"} else task
            return replace(stopped, status=Status.FAILED)
        case LateResultSeen(call=call_id):
            own = task.call is not None and task.call.id == call_id
            settled = _with_call(task, CallState.SETTLED) if own else task
            return replace(settled, results_recorded=(*task.results_recorded, call_id))
        case _:
            assert_never(event)


def _evolve_polling(task: Task, event: ProviderProgressed | ProviderJobMissing | ProviderAnswerUnclear) -> Task:
    if task.call is None:
        return task
    match event:
        case ProviderProgressed(percent=percent, phase=phase, at=at):
            there = replace(task.call, absence=None)
            return replace(task, percent=percent, phase=phase, progressed_at=at, call=there)
        case ProviderJobMissing(at=at):
            before = task.call.absence or Absence(since=at, at=at, times=0)
            absence = Absence(since=before.since, at=at, times=before.times + 1)
            return replace(task, call=replace(task.call, absence=absence))
        case ProviderAnswerUnclear(answer=answer):
            return replace(task, call=replace(task.call, unclear=(*task.call.unclear, answer.sha256)))


def _evolve_delivery(
    task: Task, event: ProviderSucceeded | OutputFetchFailed | RefetchRequested | OutputStored
) -> Task:
    match event:
        case ProviderSucceeded():
            delivery = Delivery(
                outputs=event.outputs,
                since=event.at,
                expires_at=event.expires_at,
                missing=event.missing,
                usage=event.usage,
                cost=event.cost,
            )
            return replace(_with_call(task, CallState.DELIVERED), delivery=delivery, percent=None, phase=None)
        case OutputFetchFailed(retry_at=retry_at) if task.delivery:
            tried = replace(task.delivery, attempts=task.delivery.attempts + 1, retry_at=retry_at)
            return replace(task, delivery=tried)
        case RefetchRequested(at=at) if task.delivery:
            again = replace(task.delivery, attempts=0, retry_at=None, since=at)
            return replace(_with_call(task, CallState.DELIVERED), status=Status.PROCESSING, delivery=again)
        case OutputStored(index=index) if task.delivery:
            left = tuple(output for output in task.delivery.outputs if output.index != index)
            return replace(task, delivery=replace(task.delivery, outputs=left, kept=task.delivery.kept + 1))
        case _:
            return task


def _evolve_call_resolved(task: Task, event: CallResolved) -> Task:
    settled = _with_call(task, CallState.SETTLED)
    if event.verdict != "retry" or task.request is None:
        return settled
    # The request counts from the retry, so that a second retry gets the same time again, and not the sum of both.
    again = event.finish_by or task.request.finish_by
    request = replace(task.request, finish_by=again, start_by=None, at=event.at)
    return replace(
        settled,
        status=Status.PENDING,
        request=request,
        calls_failed=0,
        calls_made=0,
        retry_at=None,
        cancel_requested_by=None,
        delivery=None,
    )


_OPEN_OUTCOME = {CallState.MADE, CallState.IN_DOUBT, CallState.UNKNOWN}
NOT_COUNTED = {
    "rate_limited",
    "provider_unreachable",
    "provider_unavailable",
}  # the provider's fault: no attempt is used up
_RECONCILED = {
    "happened": CallState.ACCEPTED,
    "did_not_happen": CallState.SETTLED,
    "unknown": CallState.UNKNOWN,
}


def _evolve_accepted(task: Task, job: str, at: datetime) -> Task:
    if task.call is None:
        return task
    accepted_at = at if task.call.state is CallState.MADE else None
    return replace(task, call=replace(task.call, state=CallState.ACCEPTED, job=job, accepted_at=accepted_at))


def _with_call(task: Task, state: CallState, job: str | None = None) -> Task:
    if task.call is None:
        return task
    return replace(task, call=replace(task.call, state=state, job=job or task.call.job))
