"""What does a worker have to do next for a task? The work list stores the answer."""

from datetime import datetime

from domain.base import Value
from domain.task.state import CallState, Task


class MakeCall(Value):
    """Call the provider, not before `not_before`."""

    not_before: datetime | None = None


class PollJob(Value):
    """Poll the job."""

    job: str


class Reconcile(Value):
    """Settle a call without an outcome. `in_doubt`: look it up; else its worker is gone, so first mark it in doubt."""

    in_doubt: bool


class Fetch(Value):
    """Download the outputs, not before `not_before`."""

    not_before: datetime | None = None


class CancelJob(Value):
    """Ask the provider to cancel the job."""

    job: str


class Done(Value):
    """A worker has nothing to do."""


Step = MakeCall | PollJob | Reconcile | Fetch | CancelJob | Done


def next_step(task: Task, *, at: datetime | None = None) -> Step:
    """The next step of a worker on this task. `Done` if `at` is given and the next call is not due by then."""
    if task.request is None:
        return Done()
    if task.call and task.call.state is CallState.UNKNOWN:
        return Done()
    if task.call and task.delivery and task.call.state is CallState.DELIVERED:
        return Fetch(not_before=task.delivery.retry_at)
    open_call = task.call if task.call and task.call.state.open else None
    if open_call is None:
        due = at is None or task.retry_at is None or task.retry_at <= at
        return MakeCall(not_before=task.retry_at) if due and not task.status.final else Done()
    if open_call.state is not CallState.ACCEPTED or open_call.job is None:
        return Reconcile(in_doubt=open_call.state is CallState.IN_DOUBT)
    if task.cancel_requested_by and not task.status.final:
        return CancelJob(job=open_call.job)
    return PollJob(job=open_call.job)
