"""A run: a plan that is carried out, one generation task a step. What is remembered of it, and what does each event
change?

The requests of the steps are in the plan alone; who needs them has the event PlanProposed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from graphlib import CycleError
from typing import Literal, TypeAlias, assert_never

from domain.base import Value, replace
from domain.money import Amount, Cost
from domain.plan import Plan, StepKind, order
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

MAX_RUNNING = 4  # steps of a run at a time

RunStatus: TypeAlias = Literal["waiting", "running", "paused", "completed", "failed", "cancelled"]
Sums: TypeAlias = dict[str, Decimal]


class StepStatus(StrEnum):
    """PAUSED: whether its task was made, and charged for, is in doubt."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepState(Value, omit_defaults=True):
    """A step: its newest attempt, from 1, and the task of it. `tries` counts the attempts since a person's last wish to
    try it again."""

    kind: StepKind
    needs: tuple[str, ...] = ()
    status: StepStatus = StepStatus.WAITING
    attempt: int = 0
    tries: int = 0
    task: str | None = None
    estimate: Cost | None = None
    outputs: tuple[str, ...] = ()
    cost: Cost | None = None
    code: str | None = None


class Pause(Value, omit_defaults=True):
    """Something that has to be decided before further steps start."""

    reason: Reason
    message: str
    step: str | None = None


class Run(Value, omit_defaults=True):
    """A run, folded from its events; without an `id` it was never requested.

    `steps` stand in an order in which they can be made. `spent` is what was charged for certain, or estimated where it
    was not told; `at_risk` is what may have been charged as well."""

    id: str = ""
    request_hash: str = ""
    caller: str = ""
    owner: str = ""
    project: str | None = None
    canvas: str | None = None
    canvas_version: int | None = None
    picks: tuple[str, ...] = ()
    requested_at: datetime | None = None
    revision: int = 0
    digest: str = ""
    approved: bool = False
    estimate: Sums = {}
    unpriced: tuple[str, ...] = ()
    most: Amount | None = None
    allowed: tuple[str, ...] = ()
    steps: dict[str, StepState] = {}
    pauses: tuple[Pause, ...] = ()
    spent: Sums = {}
    at_risk: Sums = {}
    cancel_requested_by: str | None = None
    ended: Literal["completed", "failed", "cancelled"] | None = None
    ended_at: datetime | None = None

    @property
    def status(self) -> RunStatus:
        """The status in the API. A run that can only wait for the outcome of a doubt is paused."""
        if self.ended:
            return self.ended
        if not self.approved:
            return "waiting"
        if self.cancel_requested_by:
            return "running"
        waits = not self.having(StepStatus.RUNNING) and not any(self.startable())
        return "paused" if self.pauses or (waits and self.having(StepStatus.PAUSED)) else "running"

    def having(self, *statuses: StepStatus) -> list[str]:
        """The steps that have one of these statuses."""
        return [name for name, step in self.steps.items() if step.status in statuses]

    def startable(self) -> Iterator[str]:
        """The steps that wait for nothing any more."""
        for name, step in self.steps.items():
            if step.status is StepStatus.WAITING and all(map(self._is_made, step.needs)):
                yield name

    def _is_made(self, name: str) -> bool:
        step = self.steps.get(name)
        return step is not None and step.status is StepStatus.COMPLETED


def evolve(run: Run, event: RunEvent) -> Run:
    """The run after one more event. It accepts any event in any state: the past can't be refused."""
    match event:
        case StepStarted() | StepCompleted() | StepFailed() | StepSkipped() | StepRetried():
            return _evolve_step(run, event)
        case RunRequested():
            return Run(
                id=event.run,
                request_hash=event.request_hash,
                caller=event.caller,
                owner=event.owner,
                project=event.project,
                canvas=event.canvas,
                canvas_version=event.canvas_version,
                picks=event.picks,
                requested_at=event.at,
            )
        case PlanProposed():
            return replace(
                run,
                revision=event.revision,
                digest=event.digest,
                estimate=event.estimate,
                unpriced=event.unpriced,
                steps=_steps(event.plan),
            )
        case PlanApproved(most=most):
            return replace(run, approved=True, most=most)
        case RunPaused(reason=reason, step=step, message=message):
            pause = Pause(reason=reason, step=step, message=message)
            if reason == "in_doubt" and step is not None:
                run = _with_step(run, step, status=StepStatus.PAUSED)
            return replace(run, pauses=(*_others(run, step, reason), pause))
        case RunResumed():
            return _evolve_resumed(run, event)
        case RunCancellationRequested(by=by):
            return replace(run, cancel_requested_by=by)
        case RunCancelled(at=at):
            return replace(run, ended="cancelled", ended_at=at)
        case RunCompleted(at=at):
            return replace(run, ended="completed", ended_at=at)
        case RunFailed(at=at):
            return replace(run, ended="failed", ended_at=at)
        case _:
            assert_never(event)


def _evolve_step(run: Run, event: StepStarted | StepCompleted | StepFailed | StepSkipped | StepRetried) -> Run:
    step = run.steps.get(event.step)
    if step is None:
        return run
    match event:
        case StepStarted(attempt=attempt, task=task, estimate=estimate):
            begun = replace(step, status=StepStatus.RUNNING, attempt=attempt, tries=step.tries + 1)
            return _put(run, event.step, replace(begun, task=task, estimate=estimate, cost=None, code=None))
        case StepCompleted(outputs=outputs, cost=cost):
            paid = replace(run, spent=add(run.spent, cost or step.estimate))
            return _with_step(paid, event.step, status=StepStatus.COMPLETED, outputs=outputs, cost=cost)
        case StepFailed(attempt=attempt, code=code, charged=charged, again=again, cost=cost):
            if charged == "yes":
                run = replace(run, spent=add(run.spent, cost or step.estimate))
            elif charged == "unknown":
                run = replace(run, at_risk=add(run.at_risk, step.estimate))
            status = StepStatus.WAITING if again else StepStatus.FAILED
            return _with_step(run, event.step, status=status, attempt=attempt, code=code, cost=cost)
        case StepSkipped():
            if step.status is StepStatus.PAUSED:
                run = replace(run, at_risk=add(run.at_risk, step.estimate))
            return _with_step(_reopened(run, event.step), event.step, status=StepStatus.SKIPPED)
        case StepRetried():
            return _with_step(_reopened(run, event.step), event.step, status=StepStatus.WAITING, tries=0, code=None)
        case _:
            assert_never(event)


def _evolve_resumed(run: Run, event: RunResumed) -> Run:
    run = replace(run, most=event.most or run.most, allowed=(*run.allowed, *event.allows))
    if event.step is None:
        return replace(run, pauses=())
    step = run.steps.get(event.step)
    if step and step.status is StepStatus.PAUSED:
        run = _with_step(run, event.step, status=StepStatus.RUNNING)
    return replace(run, pauses=_others(run, event.step, "in_doubt"))


def _reopened(run: Run, step: str) -> Run:
    """What waited for a decision about this step goes on, even when the run had failed."""
    run = replace(run, pauses=tuple(pause for pause in run.pauses if pause.step != step))
    return replace(run, ended=None, ended_at=None) if run.ended == "failed" else run


def _others(run: Run, step: str | None, reason: Reason) -> tuple[Pause, ...]:
    return tuple(pause for pause in run.pauses if (pause.step, pause.reason) != (step, reason))


def _steps(plan: Plan) -> dict[str, StepState]:
    by_id = {step.id: step for step in plan.steps}
    try:
        ordered = [by_id[name] for name in order(plan) if name in by_id]
    except CycleError:  # was never proposed: a plan is checked before
        ordered = list(plan.steps)
    return {step.id: StepState(kind=step.kind, needs=tuple(sorted(step.needs))) for step in ordered}


def _with_step(run: Run, name: str, **changes: object) -> Run:
    step = run.steps.get(name)
    return run if step is None else _put(run, name, replace(step, **changes))


def _put(run: Run, name: str, step: StepState) -> Run:
    return replace(run, steps={**run.steps, name: step})


# --- Money ---


def add(sums: Mapping[str, Decimal], cost: Cost | None) -> Sums:
    """The sums with one more cost; an unknown one adds nothing."""
    if cost is None:
        return dict(sums)
    return {**sums, cost.currency: sums.get(cost.currency, Decimal(0)) + cost.amount}


def at_stake(run: Run) -> Sums:
    """What may have been charged beside what was spent for certain, and what the steps that were started may cost."""
    sums = dict(run.at_risk)
    for name in run.having(StepStatus.RUNNING, StepStatus.PAUSED):
        sums = add(sums, run.steps[name].estimate)
    return sums


def committed(run: Run) -> Sums:
    """What was spent, and what is at stake beside it."""
    sums = at_stake(run)
    for currency, amount in run.spent.items():
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums
