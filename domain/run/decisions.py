"""What may be done with a run?

Each decision is (run, arguments) -> new events; an empty list means that there is nothing to do. Those that the
executor makes never refuse: what another worker has done meanwhile is nothing to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from domain.base import Rejected
from domain.budget import ExchangeRates
from domain.money import Amount, Cost
from domain.provider import Charged
from domain.run.events import (
    PlanApproved,
    PlanProposed,
    Reason,
    RunCancellationRequested,
    RunCancelled,
    RunCompleted,
    RunEvent,
    RunFailed,
    RunPaused,
    RunRequested,
    RunResumed,
    StepCompleted,
    StepFailed,
    StepRetried,
    StepSkipped,
    StepStarted,
)
from domain.run.next_step import End, Start, next_step
from domain.run.state import Run, StepState, StepStatus, at_stake, committed

MAX_TRIES = 3  # of a step by itself
BY_EVIDENCE = "pixel"  # who resumes what waited for the outcome of a call

_OPEN = (StepStatus.RUNNING, StepStatus.PAUSED)


# --- Of whoever asks ---


def request(run: Run, *, requested: RunRequested, proposed: PlanProposed, most: Amount | None) -> list[RunEvent]:
    """Accept a run with a plan that is approved by who asks for it. The same one under the same Idempotency-Key is the
    same run, so it adds nothing.

    Raises Rejected `idempotency_key_reused` for another one under that key."""
    if run.id:
        if run.request_hash == requested.request_hash:
            return []
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another run. Use a new key for a new run.",
        )
    approved = PlanApproved(
        revision=proposed.revision, digest=proposed.digest, by=requested.caller, most=most, at=requested.at
    )
    return [requested, proposed, approved]


def pause(run: Run, *, by: str, at: datetime) -> list[RunEvent]:
    """Start no further step. Raises Rejected `run_unknown` and `run_ended`."""
    _require_running(run)
    if any(each.reason == "asked" for each in run.pauses):
        return []
    return [RunPaused(reason="asked", message=f"{by} wants it to wait.", at=at)]


def resume(run: Run, *, by: str, most: Amount | None, at: datetime) -> list[RunEvent]:
    """Go on, and let it cost `most` from now on; None: as much as before. Whoever resumes a run that waits because
    nobody knows the price of a step allows that step.

    Raises Rejected `run_unknown` and `run_ended`."""
    _require_running(run)
    if not run.pauses and (most is None or most == run.most):
        return []
    allows = tuple(each.step for each in run.pauses if each.reason == "unpriced" and each.step is not None)
    return [RunResumed(by=by, most=most, allows=allows, at=at)]


def cancel(run: Run, *, by: str, at: datetime) -> list[RunEvent]:
    """End it. Raises Rejected `run_unknown`."""
    _require_there(run)
    if run.ended or run.cancel_requested_by:
        return []
    return [RunCancellationRequested(by=by, at=at)]


def skip(run: Run, *, step: str, by: str, at: datetime) -> list[RunEvent]:
    """Do without a step, and without those that need it.

    Raises Rejected `run_unknown`, `step_unknown`, `run_ended`, and `step_not_open` for one that is being made or is
    made."""
    found = _open_step(run, step)
    if found.status is StepStatus.SKIPPED:
        return []
    if found.status in {StepStatus.RUNNING, StepStatus.COMPLETED}:
        raise Rejected("step_not_open", f"The step '{step}' is {found.status}: it can't be skipped.")
    return [StepSkipped(step=name, by=by, at=at) for name in (step, *_dependents(run, step))]


def retry(run: Run, *, step: str, by: str, at: datetime) -> list[RunEvent]:
    """Try a step again that failed, or was skipped.

    Raises Rejected `run_unknown`, `step_unknown`, `run_ended`, and `step_not_open` for one that is being made, is made,
    or is in doubt: nothing is sent again that may have arrived."""
    found = _open_step(run, step)
    if found.status is StepStatus.WAITING:
        return []
    if found.status not in {StepStatus.FAILED, StepStatus.SKIPPED}:
        doubt = found.status is StepStatus.PAUSED
        why = "in doubt, and whoever runs Pixel decides on its call" if doubt else str(found.status)
        raise Rejected("step_not_open", f"The step '{step}' is {why}: it can't be tried again.")
    return [StepRetried(step=step, by=by, at=at)]


def _require_there(run: Run) -> None:
    if not run.id:
        raise Rejected("run_unknown", "There is no such run.")


def _require_running(run: Run) -> None:
    _require_there(run)
    if run.ended or run.cancel_requested_by:
        raise Rejected("run_ended", f"The run is {run.ended or 'being cancelled'}.")


def _open_step(run: Run, step: str) -> StepState:
    """A step of a run that goes on, or can: one that failed does when a step of it is decided on anew."""
    _require_there(run)
    found = run.steps.get(step)
    if found is None:
        raise Rejected("step_unknown", f"The run has no step '{step[:64]}'.")
    if run.ended != "failed":
        _require_running(run)
    return found


def _dependents(run: Run, step: str) -> Iterator[str]:
    """The waiting steps that need this one, or one that needs it."""
    lost = {step}
    for name, each in run.steps.items():  # each stands behind those that it needs
        if each.status is StepStatus.WAITING and not lost.isdisjoint(each.needs):
            lost.add(name)
            yield name


# --- Of the executor ---


def start(
    run: Run, *, step: str, task: str, estimate: Cost | None, rates: ExchangeRates, at: datetime
) -> list[RunEvent]:
    """Start a step, if it is its turn; or pause the run, if the step may cost more than is left, or nobody knows."""
    if next_step(run) != Start(step=step):
        return []
    if why := _beyond(run, step, estimate, rates):
        return [RunPaused(reason=why[0], message=why[1], step=step, at=at)]
    return [StepStarted(step=step, attempt=run.steps[step].attempt + 1, task=task, estimate=estimate, at=at)]


def hold(run: Run, *, step: str, reason: Reason, message: str, at: datetime) -> list[RunEvent]:
    """Pause the run before a step starts, for a reason that is not its own."""
    if next_step(run) != Start(step=step):
        return []
    return [RunPaused(reason=reason, message=message, step=step, at=at)]


def give_up(run: Run, *, step: str, code: str, message: str, at: datetime) -> list[RunEvent]:
    """Fail a step whose request is refused before it is a task."""
    if next_step(run) != Start(step=step):
        return []
    attempt = run.steps[step].attempt + 1
    return [StepFailed(step=step, attempt=attempt, code=code, message=message, charged="no", at=at)]


def complete(
    run: Run, *, step: str, attempt: int, outputs: Sequence[str], cost: Cost | None, at: datetime
) -> list[RunEvent]:
    """The task of a step ended well."""
    if not _is_open(run, step, attempt):
        return []
    done = StepCompleted(step=step, attempt=attempt, outputs=tuple(outputs), cost=cost, at=at)
    return [*_settled(run, step, at), done]


def fail(
    run: Run,
    *,
    step: str,
    attempt: int,
    code: str,
    message: str,
    charged: Charged,
    retryable: bool,
    cost: Cost | None,
    at: datetime,
) -> list[RunEvent]:
    """The task of a step failed for certain. What may help, and cost nothing so far, is tried again. When it may have
    cost something, a person looks at it before more is spent."""
    if not _is_open(run, step, attempt):
        return []
    free = charged == "no"
    again = free and retryable and run.steps[step].tries < MAX_TRIES and not run.cancel_requested_by
    failed = StepFailed(
        step=step, attempt=attempt, code=code, message=message, charged=charged, again=again, cost=cost, at=at
    )
    facts: list[RunEvent] = [*_settled(run, step, at), failed]
    if not free and not run.cancel_requested_by:
        told = "It failed, and was charged for." if charged == "yes" else "It failed, and may have been charged for."
        facts.append(RunPaused(reason="step_failed", message=told, step=step, at=at))
    return facts


def doubt(run: Run, *, step: str, attempt: int, call: str, at: datetime) -> list[RunEvent]:
    """Nobody knows whether the call of a step's task happened."""
    if not _is_open(run, step, attempt) or run.steps[step].status is StepStatus.PAUSED:
        return []
    message = f"Nobody knows whether the call {call} happened. Whoever runs Pixel decides on it."
    return [RunPaused(reason="in_doubt", message=message, step=step, at=at)]


def settle(run: Run, *, step: str, attempt: int, at: datetime) -> list[RunEvent]:
    """The task of a step that was in doubt goes on."""
    return _settled(run, step, at) if _is_open(run, step, attempt) else []


def end(run: Run, *, at: datetime) -> list[RunEvent]:
    """Record how it ended, if nothing is left to do."""
    if not isinstance(next_step(run), End):
        return []
    if run.cancel_requested_by:
        doubts = tuple(run.having(StepStatus.PAUSED))
        stake = at_stake(run)
        return [RunCancelled(by=run.cancel_requested_by, spent=run.spent, at_risk=stake, doubts=doubts, at=at)]
    lost = run.having(StepStatus.FAILED, StepStatus.WAITING)
    if lost:
        message = f"{len(lost)} of {len(run.steps)} steps could not be made."
        return [RunFailed(code="step_failed", message=message, spent=run.spent, at=at)]
    return [RunCompleted(spent=run.spent, at=at)]


def _is_open(run: Run, step: str, attempt: int) -> bool:
    found = run.steps.get(step)
    return run.ended is None and found is not None and found.attempt == attempt and found.status in _OPEN


def _settled(run: Run, step: str, at: datetime) -> list[RunEvent]:
    if run.steps[step].status is not StepStatus.PAUSED:
        return []
    return [RunResumed(by=BY_EVIDENCE, step=step, at=at)]


def _beyond(run: Run, step: str, estimate: Cost | None, rates: ExchangeRates) -> tuple[Reason, str] | None:
    """Why a step may not start within what the run may cost; None: it may."""
    if run.most is None or (estimate is None and step in run.allowed):
        return None
    if estimate is None:
        return "unpriced", f"Nobody knows what the step '{step}' costs. Resume the run to make it all the same."
    sums = committed(run)
    sums[estimate.currency] = sums.get(estimate.currency, Decimal(0)) + estimate.amount
    total = rates.total(sums, run.most.currency)
    if total is None:
        return "over_budget", f"The catalogue has no rates between {', '.join(sorted(sums))} and {run.most.currency}."
    if total > run.most.amount:
        may = f"{run.most.amount:f} {run.most.currency}"
        return "over_budget", f"With the step '{step}' it could cost {total:f} {run.most.currency}, and may cost {may}."
    return None
