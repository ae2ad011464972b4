"""When may Pixel call a provider, and what follows from its answer? A call costs money and can't be undone, and the
connection may break before the answer comes.

So the intent is recorded before the call, the outcome after it, and only evidence settles a doubt. A task gets a second
call only if the one before certainly did not happen, was refused at no cost, or a person allowed it. Recording the same
thing twice adds no event."""

from datetime import datetime, timedelta
from typing import assert_never

from domain.provider import (
    Accepted,
    CancelResult,
    CannotTell,
    Charged,
    Found,
    Gone,
    InDoubt,
    InputFailureCode,
    LookupResult,
    Missing,
    NotFound,
    NotSent,
    NoVerdict,
    OutputsReady,
    RawAnswer,
    Refused,
    Stored,
    StoredSighting,
    Working,
)
from domain.task.events import (
    LateResultSeen,
    OutputStored,
    ProviderAccepted,
    ProviderAnswerUnclear,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderJobMissing,
    ProviderProgressed,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
)
from domain.task.next_step import CancelJob, MakeCall, next_step
from domain.task.output_fetch import succeeded
from domain.task.refusal import NONE_OVER_BUDGET, ModelsOverBudget, after_not_sent, refused, unreachable
from domain.task.state import Call, CallState, Task

# A vendor's replica may not know a job yet, so one "no such job" proves nothing.
MIN_ABSENCES = 4
MIN_ABSENCE_SECONDS = 120.0
ABSENCE_INTERVAL_SECONDS = 20.0
PROGRESS_POINTS = 10
PROGRESS_SECONDS = 10.0
MAX_UNCLEAR_ANSWERS = 5  # per call, so that a provider with ever new unreadable answers does not fill the stream


def start_call(
    task: Task,
    *,
    provider: str,
    call_id: str,
    digest: str,
    worker: str,
    epoch: int,
    at: datetime,
    account: str | None = None,
) -> list[TaskEvent]:
    """The event that must be appended before the call; none when no call is due. The worker whose append succeeds
    may make the call."""
    late = task.request is None or at >= task.request.finish_by
    if late or not isinstance(next_step(task, at=at), MakeCall):
        return []
    attempt = task.call.attempt + 1 if task.call else 1
    return [
        ProviderCalled(
            attempt=attempt,
            provider=provider,
            call=call_id,
            digest=digest,
            worker=worker,
            epoch=epoch,
            account=account,
            at=at,
        )
    ]


def observe(
    task: Task, *, call_id: str, seen: StoredSighting, at: datetime, over_budget: ModelsOverBudget = NONE_OVER_BUDGET
) -> list[TaskEvent]:
    """Turn what a provider said about a call into events: the only place where sightings become events.

    `over_budget` maps each fallback model that a budget excludes to the reason."""
    return [*_unclear_answer(task, call_id, seen, at), *_observe_open(task, call_id, seen, at, over_budget)]


def _unclear_answer(task: Task, call_id: str, seen: StoredSighting, at: datetime) -> list[TaskEvent]:
    """An unreadable answer, recorded once, before the events that follow from it."""
    answer: RawAnswer | None = seen.answer if isinstance(seen, Stored | OutputsReady | InDoubt | NoVerdict) else None
    if answer is None or task.call is None or task.call.id != call_id or call_id in task.results_recorded:
        return []
    if answer.sha256 in task.call.unclear or len(task.call.unclear) >= MAX_UNCLEAR_ANSWERS:
        return []
    return [ProviderAnswerUnclear(call=call_id, answer=answer, at=at)]


def _observe_open(
    task: Task, call_id: str, seen: StoredSighting, at: datetime, over_budget: ModelsOverBudget
) -> list[TaskEvent]:
    if task.call is None or task.call.id != call_id or not task.call.state.open:
        return _observe_closed(task, call_id, seen, at, over_budget)
    match seen:
        case Accepted(job=""):
            return mark_in_doubt(
                task, call_id=call_id, reason="the provider accepted the order and named no job", at=at
            )
        case Accepted(job=job):
            if task.call.state is CallState.ACCEPTED:
                return []
            return [*_settle_doubt(task.call, at), ProviderAccepted(call=call_id, job=job, at=at)]
        case Working():
            return _progressed(task, seen, at)
        case Stored():
            return [*_settle_doubt(task.call, at), *_complete(task, task.call, seen, at)]
        case OutputsReady():
            return [*_settle_doubt(task.call, at), succeeded(task.call, seen, at)]
        case Refused():
            return [*_settle_doubt(task.call, at), *refused(task, task.call, seen, at, over_budget)]
        case NotSent() if task.call.state is CallState.ACCEPTED:
            return []  # the poll was not sent; the order was, earlier
        case NotSent(reason=reason):
            return refused(task, task.call, unreachable(reason), at, over_budget)
        case InDoubt(reason=reason):
            return mark_in_doubt(task, call_id=call_id, reason=reason, at=at)
        case Gone():
            return _gone(task, task.call, seen, at)
        case NoVerdict():
            return []
        case _:
            assert_never(seen)


def mark_in_doubt(task: Task, *, call_id: str, reason: str, at: datetime) -> list[TaskEvent]:
    """The call was made, and its outcome is unknown."""
    if task.call is None or task.call.id != call_id or task.call.state is not CallState.MADE:
        return []
    return [ProviderCallInDoubt(call=call_id, reason=reason, at=at)]


def reconcile(task: Task, *, call_id: str, finding: LookupResult, at: datetime) -> list[TaskEvent]:
    """Settle a doubt by the evidence of a lookup. Only `NotFound` allows another call."""
    if task.call is None or task.call.id != call_id or task.call.state is not CallState.IN_DOUBT:
        return []
    match finding:
        case Found(job=""):
            return reconcile(task, call_id=call_id, finding=CannotTell(reason="the provider names no job"), at=at)
        case Found(job=job):
            known = "the provider knows our call id"
            return [ProviderCallReconciled(call=call_id, outcome="happened", evidence=known, job=job, at=at)]
        case NotFound(evidence=evidence):
            did_not = ProviderCallReconciled(call=call_id, outcome="did_not_happen", evidence=evidence, at=at)
            return [did_not, *after_not_sent(task, at)]
        case CannotTell(reason=reason):
            unknown = ProviderCallReconciled(call=call_id, outcome="unknown", evidence=reason, at=at)
            return [unknown] if task.status.final else [unknown, outcome_unknown(reason, at)]
        case _:
            assert_never(finding)


def cancelled(task: Task, *, answer: CancelResult, at: datetime) -> list[TaskEvent]:
    """Record the provider's answer to our request to cancel."""
    if task.cancel_requested_by is None or not isinstance(next_step(task, at=at), CancelJob):
        return []
    return [
        TaskCancelled(
            by=task.cancel_requested_by, outcome=answer.outcome, message=answer.message, charged=answer.charged, at=at
        )
    ]


def _settle_doubt(call: Call, at: datetime) -> list[TaskEvent]:
    """The provider's own answer to the call settles a doubt about it."""
    if call.state is not CallState.IN_DOUBT:
        return []
    late = "the provider's own answer came late"
    return [ProviderCallReconciled(call=call.id, outcome="happened", evidence=late, job=call.job, at=at)]


def _progressed(task: Task, seen: Working, at: datetime) -> list[TaskEvent]:
    """An event for progress that says something: another phase, ten points more, or any more after ten seconds."""
    percent = min(max(seen.percent, task.percent or 0), 100) if seen.percent is not None else task.percent
    phase = seen.phase or task.phase
    was_missing = task.call is not None and task.call.absence is not None
    if not was_missing and (task.status.final or not _is_news(task, percent, phase, at)):
        return []
    return [ProviderProgressed(percent=percent, phase=phase, at=at)]


def _is_news(task: Task, percent: int | None, phase: str | None, at: datetime) -> bool:
    if phase != task.phase or percent is None or task.percent is None:
        return (percent, phase) != (task.percent, task.phase)
    waited = task.progressed_at is None or at >= task.progressed_at + timedelta(seconds=PROGRESS_SECONDS)
    return percent >= task.percent + (1 if waited else PROGRESS_POINTS)


def _complete(task: Task, call: Call, seen: Stored, at: datetime) -> list[TaskEvent]:
    if task.status.final:
        return [_late_result(call.id, seen, at)]
    if not seen.assets and seen.text is None:
        return [_no_outputs(seen, at)]
    stored = [OutputStored(index=index, asset=asset, at=at) for index, asset in seen.assets]
    end = TaskCompleted(text=seen.text, missing=seen.missing, usage=seen.usage, cost=seen.cost, notes=seen.notes, at=at)
    return [*stored, end]


def _late_result(call_id: str, seen: Stored, at: datetime) -> LateResultSeen:
    return LateResultSeen(call=call_id, assets=tuple(asset for _, asset in seen.assets), text=seen.text, at=at)


def _no_outputs(seen: Stored, at: datetime) -> TaskFailed:
    reason = (
        seen.missing[0] if seen.missing else Missing(index=0, code="empty", message="The provider returned nothing.")
    )
    made = any(item.code == "unreadable" for item in seen.missing)
    # Our price table makes an empty result free, but only the provider knows whether it was.
    cost = seen.cost if seen.cost and (made or seen.cost.amount or seen.cost.source == "provider") else None
    charged: Charged = "yes" if made or (cost and cost.amount) else "no" if cost else "unknown"
    return TaskFailed(
        code="no_outputs",
        message=f"The provider finished the job without any output: {reason.message}",
        retryable=False,
        charged=charged,
        provider_code=reason.code,
        provider_message=reason.message,
        cost=cost,
        at=at,
    )


def inputs_failed(task: Task, *, code: InputFailureCode, message: str, at: datetime) -> list[TaskEvent]:
    """End the task because a reference medium is not available. Nothing was sent."""
    if not isinstance(next_step(task), MakeCall):
        return []
    return [TaskFailed(code=code, message=message, retryable=False, charged="no", at=at)]


def outcome_unknown(reason: str, at: datetime) -> TaskFailed:
    """The end of a task whose call has an unknown outcome."""
    return TaskFailed(
        code="outcome_unknown",
        message="The provider may or may not have done the work, and it can't be found out. "
        "It is not tried again, so that nothing is paid twice.",
        retryable=False,
        charged="unknown",
        provider_message=reason,
        at=at,
    )


def _gone(task: Task, call: Call, seen: Gone, at: datetime) -> list[TaskEvent]:
    """The job counts as lost after MIN_ABSENCES answers "no such job" over MIN_ABSENCE_SECONDS. One such answer
    proves nothing: the provider accepted the job."""
    if not seen.certain and not _is_gone(call, at):
        if call.absence and at < call.absence.at + timedelta(seconds=ABSENCE_INTERVAL_SECONDS):
            return []
        return [ProviderJobMissing(call=call.id, message=seen.message, provider_code=seen.provider_code, at=at)]
    if task.status.final:
        return [ProviderCallReconciled(call=call.id, outcome="unknown", evidence=seen.message, at=at)]
    return [
        TaskFailed(
            code="result_lost",
            message="The provider no longer has the job, so its result can't be fetched.",
            retryable=False,
            charged="unknown",
            provider_code=seen.provider_code,
            provider_message=seen.message,
            at=at,
        )
    ]


def _is_gone(call: Call, at: datetime) -> bool:
    absence = call.absence
    if absence is None or absence.times + 1 < MIN_ABSENCES:
        return False
    return at >= max(
        absence.since + timedelta(seconds=MIN_ABSENCE_SECONDS), absence.at + timedelta(seconds=ABSENCE_INTERVAL_SECONDS)
    )


def _observe_closed(
    task: Task, call_id: str, seen: StoredSighting, at: datetime, over_budget: ModelsOverBudget
) -> list[TaskEvent]:
    """A sighting of a call that is not open: settled, unknown, delivered, or an earlier one. It may be paid for, so its
    result is kept, and its job is polled."""
    if task.call is None or call_id in task.results_recorded:
        return []
    latest = task.call.id == call_id
    unknown = latest and task.call.state is CallState.UNKNOWN
    match seen:
        case Stored(assets=assets, text=text) if assets or text is not None:
            return _complete(task, task.call, seen, at) if latest else [_late_result(call_id, seen, at)]
        case OutputsReady() if latest and task.call.state is not CallState.DELIVERED:
            return [succeeded(task.call, seen, at)]
        case Accepted(job=job) if latest and job and task.call.job is None and (unknown or not task.status.final):
            return [ProviderAccepted(call=call_id, job=job, at=at)]
        case Refused() if unknown:
            return refused(task, task.call, seen, at, over_budget)
        case NotSent(reason=reason) if unknown:
            return refused(task, task.call, unreachable(reason), at, over_budget)
        case _:
            return []
