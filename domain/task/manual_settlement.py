"""How does a person settle a call of unknown outcome? By a retry, by attaching its result, or by closing the case."""

from collections.abc import Iterator
from datetime import datetime

from domain.base import Rejected
from domain.model import Kind
from domain.provider import Stored
from domain.task.events import CallResolved, OutputStored, TaskCompleted, TaskEvent
from domain.task.provider_call import outcome_unknown
from domain.task.state import Call, CallState, RequestTerms, Task


def retry(task: Task, *, call_id: str, by: str, note: str, at: datetime) -> list[TaskEvent]:
    """Allow another call, though the first one may have cost money; `by` takes responsibility.

    The task gets as much time as at first. Raises Rejected `call_unknown`, `call_not_in_doubt`."""
    request, _ = _call_to_settle(task, call_id)
    again = request.finish_by - request.at
    return [CallResolved(call=call_id, verdict="retry", by=by, note=note, finish_by=at + again, at=at)]


def attach(task: Task, *, call_id: str, by: str, note: str, result: Stored, at: datetime) -> list[TaskEvent]:
    """Complete the task with a result that a person found.

    Raises Rejected `call_unknown`, `call_not_in_doubt`, and `invalid_request` for a result of another kind."""
    request, _ = _call_to_settle(task, call_id)
    if problems := list(_mismatches(request.kind, result)):
        raise Rejected("invalid_request", "; ".join(problems))
    stored = [OutputStored(index=index, asset=asset, at=at) for index, asset in result.assets]
    end = TaskCompleted(text=result.text, usage=result.usage, cost=result.cost, at=at)
    return [CallResolved(call=call_id, verdict="attach", by=by, note=note, at=at), *stored, end]


def abandon(task: Task, *, call_id: str, by: str, note: str, at: datetime) -> list[TaskEvent]:
    """Close the case: whether the call was paid for stays unknown.

    Raises Rejected `call_unknown`, `call_not_in_doubt`."""
    _call_to_settle(task, call_id)
    closed = CallResolved(call=call_id, verdict="abandon", by=by, note=note, at=at)
    return [closed] if task.status.final else [closed, outcome_unknown(note or "a person gave it up", at)]


def _mismatches(kind: Kind, result: Stored) -> Iterator[str]:
    if kind is Kind.LLM:
        if not result.text:
            yield "text: is what this task makes; attach it"
        yield from (f"assets[{index}]: this task makes a text" for index, _ in result.assets)
        return
    if result.text:
        yield f"text: this task makes {kind}; attach assets"
    elif not result.assets:
        yield f"assets: attach at least one {kind}"
    for index, asset in result.assets:
        if not asset.media_type.startswith(f"{kind}/"):
            yield f"assets[{index}]: is {asset.media_type}, and this task makes {kind}"


def _call_to_settle(task: Task, call_id: str) -> tuple[RequestTerms, Call]:
    """The call that a person may settle. Raises Rejected `call_unknown`, `call_not_in_doubt`."""
    if task.request is None or task.call is None or task.call.id != call_id:
        raise Rejected("call_unknown", f"There is no call '{call_id}' that waits for anybody.")
    if task.call.state not in {CallState.IN_DOUBT, CallState.UNKNOWN}:
        raise Rejected("call_not_in_doubt", f"The call '{call_id}' is {task.call.state}: there is nothing to settle.")
    return task.request, task.call
