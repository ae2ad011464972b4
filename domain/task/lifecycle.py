"""How does a task begin, and how does it end apart from its provider calls? By a request, a cancellation, a deadline.

Each decision takes the task and its arguments, and returns new events; an empty list means: nothing to do."""

from datetime import datetime

from domain.base import Rejected
from domain.task.events import (
    CancellationRequested,
    ProviderCallReconciled,
    TaskCancelled,
    TaskEvent,
    TaskFailed,
    TaskRequested,
)
from domain.task.next_step import Done, Fetch, next_step
from domain.task.state import CallState, Status, Task


def request_task(task: Task, *, requested: TaskRequested) -> list[TaskEvent]:
    """Accept a request. The same request under the same Idempotency-Key is the same task, so it adds nothing.

    Raises Rejected `idempotency_key_reused` for another request under that key."""
    if task.request is None:
        return [requested]
    if task.request.request_hash != requested.request_hash:
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
        )
    return []


def cancel(task: Task, *, by: str, at: datetime) -> list[TaskEvent]:
    """Cancel the task: at once when no provider has it, else a worker asks the provider to stop.

    Raises Rejected `task_unknown` for an empty stream."""
    if task.status is Status.NEW:
        raise Rejected("task_unknown", "There is no such task.")
    if task.status.final or task.cancel_requested_by:
        return []
    requested = CancellationRequested(by=by, at=at)
    if task.call and task.call.state is CallState.DELIVERED:
        done = "The provider had finished already: what it made is kept as a late result."
        return [requested, TaskCancelled(by=by, outcome="too_late", message=done, charged="yes", at=at)]
    if task.call is None or task.call.state is CallState.SETTLED:
        message = "It had not been sent to the provider." if task.call is None else "No provider was working on it."
        end = TaskCancelled(by=by, outcome="not_called", message=message, charged="no", at=at)
        return [requested, end]
    return [requested]


def next_deadline(task: Task) -> datetime | None:
    """The next deadline: the earlier of `start_by` and `finish_by` while no provider has the task, else `finish_by`.

    None for an empty stream."""
    if task.request is None:
        return None
    start_by = task.request.start_by
    return min(start_by, task.request.finish_by) if start_by and _is_waiting(task) else task.request.finish_by


def _is_waiting(task: Task) -> bool:
    return not task.status.final and (task.call is None or task.call.state is CallState.SETTLED)


def expire(task: Task, *, at: datetime) -> list[TaskEvent]:
    """End the task if its deadline has passed.

    Its open call may be paid for, so it is polled for as long again as the task had at first; after that the call is
    recorded as unknown."""
    due = next_deadline(task)
    if task.request is None or due is None or at < due or isinstance(next_step(task), Done | Fetch):
        return []
    if task.status.final and task.call:
        if at < task.request.finish_by + (task.request.finish_by - task.request.at):
            return []
        late = "no result came until the deadline"
        return [ProviderCallReconciled(call=task.call.id, outcome="unknown", evidence=late, at=at)]
    unpaid = task.call is None or not task.call.state.open
    too_late_to_finish = at >= task.request.finish_by
    return [
        TaskFailed(
            code="deadline_exceeded" if too_late_to_finish else "not_started",
            message="It was not finished in the time that it is given."
            if too_late_to_finish
            else "No provider had taken it in the time that it is given to start.",
            retryable=True,
            charged="no" if unpaid else "unknown",
            at=at,
        )
    ]
