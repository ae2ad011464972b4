"""What follows when a provider refuses a call, or can't be reached? A retry, another model, or the end of the task."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.backoff import delay_seconds
from domain.base import replace
from domain.provider import Refused
from domain.task.events import FallbackChosen, ProviderRefused, TaskCancelled, TaskEvent, TaskFailed
from domain.task.next_step import MakeCall, next_step
from domain.task.state import NOT_COUNTED, Call, Task

MAX_ATTEMPTS = 5

ModelsOverBudget = Mapping[str, str]
"""The models that exceed a budget now, each with the reason."""

NONE_OVER_BUDGET: ModelsOverBudget = {}


def unreachable(reason: str) -> Refused:
    """The refusal that a failed connection counts as: nothing was sent."""
    return Refused(code="provider_unreachable", message=reason, retryable=True)


def refused(task: Task, call: Call, seen: Refused, at: datetime, over_budget: ModelsOverBudget) -> list[TaskEvent]:
    """Record the refusal of a call, and its retry time, the model that takes over, or the end of the task."""
    retry_at = _retry_at(task, call, seen, at)
    event = ProviderRefused(
        call=call.id,
        code=seen.code,
        message=seen.message,
        retryable=seen.retryable,
        charged=seen.charged,
        retry_at=retry_at,
        provider_code=seen.provider_code,
        provider_message=seen.provider_message,
        at=at,
    )
    if retry_at or task.status.final:
        return [event]
    if task.cancel_requested_by:
        return [event, _cancelled(task.cancel_requested_by, seen, at)]
    if task.fallbacks and seen.charged == "no" and not seen.code.startswith("content_rejected"):
        if chosen := _next_fallback(task, reason=seen.code, at=at, over_budget=over_budget):
            return [event, chosen]
        reasons = _over_budget_reasons(task, over_budget)
        message = f"The model before could not do it ({seen.code}), and no other may take over. {reasons}"
        seen = replace(seen, code="budget_exceeded", message=message)
    failed = TaskFailed(
        code=seen.code,
        message=seen.message,
        retryable=seen.retryable,
        charged=seen.charged,
        provider_code=seen.provider_code,
        provider_message=seen.provider_message,
        at=at,
    )
    return [event, failed]


def _next_fallback(task: Task, *, reason: str, at: datetime, over_budget: ModelsOverBudget) -> FallbackChosen | None:
    """FallbackChosen for the first fallback within the budgets; None without one."""
    for other in task.fallbacks:
        if other.model not in over_budget:
            return FallbackChosen(
                model=other.model,
                model_revision=other.model_revision,
                reason=reason,
                estimate=other.estimate,
                at=at,
            )
    return None


def _over_budget_reasons(task: Task, over_budget: ModelsOverBudget) -> str:
    return " ".join(f"{other.model}: {over_budget[other.model]}" for other in task.fallbacks)


def fall_back(
    task: Task, *, reason: str, at: datetime, over_budget: ModelsOverBudget = NONE_OVER_BUDGET
) -> list[TaskEvent]:
    """The model is unavailable and nothing was paid: the first fallback within the budgets takes over."""
    if not isinstance(next_step(task), MakeCall):
        return []
    chosen = _next_fallback(task, reason=reason, at=at, over_budget=over_budget)
    return [chosen] if chosen else []


def _retry_at(task: Task, call: Call, seen: Refused, at: datetime) -> datetime | None:
    """The time of the next call. None when the refusal is final or may have cost money, or when the task has ended, is
    to stop, or has no attempt or no time left."""
    failed = task.calls_failed + (seen.code not in NOT_COUNTED)
    if not seen.retryable or seen.charged != "no" or failed >= MAX_ATTEMPTS:
        return None
    if task.status.final or task.cancel_requested_by:
        return None
    if task.request is None:
        return None
    requested = seen.retry_after_seconds
    wait = delay_seconds(task.calls_made, jitter_key=call.id) if requested is None else max(0.0, requested)
    left = (task.request.finish_by - at).total_seconds()
    return (
        at + timedelta(seconds=wait) if wait < left else None
    )  # compared as numbers: the provider may request any delay


def after_not_sent(task: Task, at: datetime) -> list[TaskEvent]:
    """The end of a task whose call never reached the provider; nothing if another call may follow."""
    if task.status.final:
        return []
    if task.cancel_requested_by:
        never = Refused(code="cancelled", message="The provider never got it.")
        return [_cancelled(task.cancel_requested_by, never, at)]
    if task.calls_failed + 1 >= MAX_ATTEMPTS:
        return [
            TaskFailed(
                code="provider_unreachable",
                message=f"The last of {task.calls_made} calls never reached the provider; none before did the work.",
                retryable=True,
                charged="no",
                at=at,
            )
        ]
    return []


def _cancelled(by: str, seen: Refused, at: datetime) -> TaskCancelled:
    return TaskCancelled(by=by, outcome="confirmed", message=seen.message, charged=seen.charged, at=at)
