"""A task: one request to make media, from the wish to a final outcome.

Read top to bottom: what can happen, what we remember, what each event changes, what has to be done next, what
the caller and the clock may do. What the provider may do, where the money is, stands in `paid_call`."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, assert_never

from domain.base import Event, Rejected, Value, replace
from domain.model import Kind
from domain.provider import Asset, Charged, Missing

# --- What can happen. The class name is the stored name: to rename a class, pin its old tag. ---


class TaskRequested(Event):
    """Accepted. `params` are the caller's, as sent; `request_hash` tells a repeated key from a reused one."""

    task: str
    kind: Kind
    model: str
    model_revision: int
    params: dict[str, Any]
    request_hash: str
    finish_by: datetime
    caller: str = "anonymous"
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    metadata: dict[str, Any] | None = None


class ProviderCalled(Event):
    """Recorded before any byte leaves. `digest` is the SHA-256 of the order, `epoch` the worker's lease epoch."""

    attempt: int
    provider: str
    call: str
    digest: str
    worker: str
    epoch: int


class ProviderAccepted(Event):
    """The provider took the order; `job` is its name there."""

    call: str
    job: str


class ProviderProgressed(Event):
    """The job moved on. `percent` 0 to 100."""

    percent: int | None = None
    phase: str | None = None


class ProviderRefused(Event):
    """A definite no to this call. The task goes on when `retry_at` is given."""

    call: str
    code: str
    message: str
    retryable: bool
    charged: Charged
    retry_at: datetime | None = None
    provider_code: str | None = None
    provider_message: str | None = None


class ProviderCallInDoubt(Event):
    """Bytes may have left and no answer came."""

    call: str
    reason: str


class ProviderCallReconciled(Event):
    """What became of a call in doubt, and how we know."""

    call: str
    outcome: Literal["happened", "did_not_happen", "unknown"]
    evidence: str
    job: str | None = None


class OutputStored(Event):
    """One output is kept."""

    index: int
    asset: Asset


class TaskCompleted(Event):
    """The end, good: every output that there is was kept before. `cost` is in the currency of its price revision."""

    text: str | None = None
    missing: tuple[Missing, ...] = ()
    usage: dict[str, int] = {}
    cost: dict[str, Any] | None = None


class TaskFailed(Event):
    """The end, bad. `charged` says whether the provider took money all the same."""

    code: str
    message: str
    retryable: bool
    charged: Charged
    provider_code: str | None = None
    provider_message: str | None = None


class CancellationRequested(Event):
    """Somebody wants it stopped. It is not stopped yet."""

    by: str


class TaskCancelled(Event):
    """The end, on request. `outcome` is what the provider answered; `not_called` means that it was never asked."""

    by: str
    outcome: Literal["not_called", "confirmed", "too_late", "unsupported", "unknown"]
    message: str
    charged: Charged


class LateResultSeen(Event):
    """A result came after the end. It was paid for, so it is kept."""

    call: str
    assets: tuple[Asset, ...] = ()
    text: str | None = None


TaskEvent = (
    TaskRequested
    | ProviderCalled
    | ProviderAccepted
    | ProviderProgressed
    | ProviderRefused
    | ProviderCallInDoubt
    | ProviderCallReconciled
    | OutputStored
    | TaskCompleted
    | TaskFailed
    | CancellationRequested
    | TaskCancelled
    | LateResultSeen
)


# --- What we remember: only what a decision below needs ---


class Status(StrEnum):
    """What the frontend is told. The four words are closed for ever; `NEW` is never shown."""

    NEW = "new"
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        return self in {Status.COMPLETED, Status.FAILED}


class CallState(StrEnum):
    """Where one call stands. A settled call can neither cost more money nor bring another result.

    UNKNOWN is where nobody can find out any more: no other call is made, and only news of its own can move it."""

    MADE = "made"
    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    SETTLED = "settled"
    UNKNOWN = "unknown"

    @property
    def open(self) -> bool:
        return self in {CallState.MADE, CallState.ACCEPTED, CallState.IN_DOUBT}


class Call(Value):
    """The latest call. At most one is unsettled at a time: that is the money rule."""

    id: str
    attempt: int
    provider: str
    state: CallState
    at: datetime
    job: str | None = None


class Task(Value, omit_defaults=True):
    """A task, folded. `cancelling` is who asked for it, `resulted` names the calls whose result is recorded."""

    status: Status = Status.NEW
    request: TaskRequested | None = None
    call: Call | None = None
    retry_at: datetime | None = None
    cancelling: str | None = None
    resulted: tuple[str, ...] = ()
    percent: int | None = None
    phase: str | None = None


def evolve(task: Task, event: TaskEvent) -> Task:
    """The task after one more event. Total and silent: the past can't be refused."""
    match event:
        case TaskRequested():
            return replace(task, status=Status.PENDING, request=event)
        case ProviderCalled(call=id, attempt=attempt, provider=provider, at=at):
            call = Call(id=id, attempt=attempt, provider=provider, state=CallState.MADE, at=at)
            return replace(task, status=Status.PROCESSING, call=call, retry_at=None, percent=None, phase=None)
        case ProviderAccepted(job=job):
            return _with_call(task, CallState.ACCEPTED, job)
        case ProviderProgressed(percent=percent, phase=phase):
            return replace(task, percent=percent, phase=phase)
        case ProviderRefused(retry_at=retry_at):
            return replace(_with_call(task, CallState.SETTLED), retry_at=retry_at)
        case ProviderCallInDoubt():
            return _with_call(task, CallState.IN_DOUBT)
        case ProviderCallReconciled(outcome=outcome, job=job):
            return _with_call(task, _RECONCILED[outcome], job)
        case CancellationRequested(by=by):
            return replace(task, cancelling=by)
        case TaskCompleted():
            resulted = (*task.resulted, task.call.id) if task.call else task.resulted
            return replace(_with_call(task, CallState.SETTLED), status=Status.COMPLETED, resulted=resulted)
        case TaskFailed(code="deadline_exceeded") if task.call and task.call.state is CallState.ACCEPTED:
            return replace(task, status=Status.FAILED)  # the job still runs, and was paid for: it is watched on
        case TaskFailed():
            known = task.call is None or task.call.state in {CallState.ACCEPTED, CallState.SETTLED}
            end = CallState.SETTLED if known else CallState.UNKNOWN
            return replace(_with_call(task, end), status=Status.FAILED)
        case TaskCancelled(outcome=outcome):
            stopped = _with_call(task, CallState.SETTLED) if outcome in {"not_called", "confirmed"} else task
            return replace(stopped, status=Status.FAILED)
        case LateResultSeen(call=id):
            own = task.call is not None and task.call.id == id
            settled = _with_call(task, CallState.SETTLED) if own else task
            return replace(settled, resulted=(*task.resulted, id))
        case OutputStored():
            return task
        case _:
            assert_never(event)


_RECONCILED = {
    "happened": CallState.ACCEPTED,
    "did_not_happen": CallState.SETTLED,
    "unknown": CallState.UNKNOWN,
}


def _with_call(task: Task, state: CallState, job: str | None = None) -> Task:
    if task.call is None:
        return task
    return replace(task, call=replace(task.call, state=state, job=job or task.call.job))


# --- What has to be done next: the work list is made of this ---


class MakeCall(Value):
    """Call the provider, not before `not_before`."""

    not_before: datetime | None = None


class Watch(Value):
    """Ask the provider how the job is doing."""

    job: str


class Settle(Value):
    """A call was made and has no outcome yet. If its maker is gone, it is in doubt; a doubt is looked up."""

    in_doubt: bool


class Stop(Value):
    """Tell the provider to stop the job."""

    job: str


class Nothing(Value):
    """The task has ended, and so has every call of it."""


Step = MakeCall | Watch | Settle | Stop | Nothing


def next_step(task: Task, *, at: datetime | None = None) -> Step:
    """What a worker has to do for this task. With `at`, a call that is not due yet is `Nothing`."""
    if task.request is None:
        return Nothing()
    if task.call and task.call.state is CallState.UNKNOWN:
        return Nothing()
    open_call = task.call if task.call and task.call.state.open else None
    if open_call is None:
        due = at is None or task.retry_at is None or task.retry_at <= at
        return MakeCall(not_before=task.retry_at) if due and not task.status.final else Nothing()
    if open_call.state is not CallState.ACCEPTED or open_call.job is None:
        return Settle(in_doubt=open_call.state is CallState.IN_DOUBT)
    if task.cancelling and not task.status.final:
        return Stop(job=open_call.job)
    return Watch(job=open_call.job)


# --- What is allowed: (task, what is wished) -> new facts; [] means nothing to do ---


def request(task: Task, *, wanted: TaskRequested) -> list[TaskEvent]:
    """Accept a request. The same request under the same key is the same task; another one is refused."""
    if task.request is None:
        return [wanted]
    if task.request.request_hash != wanted.request_hash:
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
        )
    return []


def cancel(task: Task, *, by: str, at: datetime) -> list[TaskEvent]:
    """Stop it. What was never sent ends at once; for the rest the provider is asked."""
    if task.status is Status.NEW:
        raise Rejected("task_unknown", "There is no such task.")
    if task.status.final or task.cancelling:
        return []
    wish = CancellationRequested(by=by, at=at)
    if task.call is None or task.call.state is CallState.SETTLED:
        end = TaskCancelled(
            by=by, outcome="not_called", message="It had not been sent to the provider.", charged="no", at=at
        )
        return [wish, end]
    return [wish]


def expire(task: Task, *, at: datetime) -> list[TaskEvent]:
    """Our own deadline has passed. A task that ended is watched as long again, for the result that was paid for."""
    if task.request is None or at < task.request.finish_by or isinstance(next_step(task, at=at), Nothing):
        return []
    if task.status.final and task.call:
        if at < task.request.finish_by + (task.request.finish_by - task.request.at):
            return []
        late = "no result came until the deadline"
        return [ProviderCallReconciled(call=task.call.id, outcome="unknown", evidence=late, at=at)]
    unpaid = task.call is None or not task.call.state.open
    return [
        TaskFailed(
            code="deadline_exceeded",
            message="It was not finished in the time that this model is given.",
            retryable=True,
            charged="no" if unpaid else "unknown",
            at=at,
        )
    ]
