"""What does a run look like in the API? Its steps as they stand, what they cost, and what it waits for."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from domain.base import Value
from domain.media_reference import EXAMPLE_ID
from domain.money import Amount, Cost
from domain.plan import StepKind
from domain.run.events import Reason
from domain.run.state import Run, RunStatus, StepState, StepStatus, at_stake

Sums = dict[str, Decimal]


class StepView(Value, omit_defaults=True):
    """A step of a run."""

    node: Annotated[str, Meta(description="The step; of a run of a canvas, the node", examples=["node_1"])]
    kind: Annotated[StepKind, Meta(description="What it makes", examples=["image"])]
    status: Annotated[
        StepStatus,
        Meta(description="How it stands. `paused`: nobody knows whether its call happened", examples=["running"]),
    ]
    attempt: Annotated[int, Meta(description="Which attempt it is, from 1; 0 before the first", examples=[1])]
    task: Annotated[str | None, Meta(description="The task of this attempt", examples=["task_abc123"])] = None
    estimate: Annotated[Amount | None, Meta(description="What this attempt may cost at most")] = None
    cost: Annotated[Amount | None, Meta(description="What it did cost, as far as it is known")] = None
    outputs: Annotated[
        tuple[str, ...], Meta(description="The ids of the assets that it made", examples=[[EXAMPLE_ID]])
    ] = ()
    code: Annotated[str | None, Meta(description="Why it failed, for programs", examples=["content_rejected"])] = None


class RunView(Value, omit_defaults=True):
    """A run in the API."""

    id: Annotated[str, Meta(description="The run's id", examples=["run_abc123"])]
    status: Annotated[
        RunStatus,
        Meta(description="How it stands. `paused`: it starts nothing before somebody decides", examples=["running"]),
    ]
    steps: Annotated[tuple[StepView, ...], Meta(description="Its steps, in an order in which they can be made")]
    spent: Annotated[
        Sums, Meta(description="What was charged, by currency; the estimate where it was not told", examples=[{}])
    ]
    at_risk: Annotated[
        Sums, Meta(description="What may be charged as well for what is under way or in doubt", examples=[{}])
    ]
    estimate: Annotated[
        Sums,
        Meta(description="What all of it should cost at most, without unpriced steps", examples=[{"USD": "0.12"}]),
    ]
    created_at: Annotated[datetime, Meta(description="When it was requested", examples=["2026-02-11T10:00:00Z"])]
    canvas: Annotated[str | None, Meta(description="The canvas that it makes nodes of", examples=["canvas_1"])] = None
    canvas_version: Annotated[int | None, Meta(description="The version of it that it makes", examples=[812])] = None
    project: Annotated[str | None, Meta(description="The project", examples=["project_1"])] = None
    unpriced: Annotated[
        tuple[str, ...], Meta(description="The steps whose price nobody knew", examples=[["node_3"]])
    ] = ()
    most: Annotated[Amount | None, Meta(description="What it may cost; left out: what the budgets allow")] = None
    reason: Annotated[Reason | None, Meta(description="Why it is paused", examples=["over_budget"])] = None
    message: Annotated[str | None, Meta(description="The same for people", examples=["anna wants it to wait."])] = None
    waits_for: Annotated[str | None, Meta(description="The step that it is paused for", examples=["node_1"])] = None
    ended_at: Annotated[datetime | None, Meta(description="When it ended", examples=["2026-02-11T10:00:30Z"])] = None


def view(run: Run) -> RunView:
    """A run that was requested, for who asks."""
    assert run.requested_at is not None  # noqa: S101 - only runs that were requested are shown
    paused = run.status == "paused"
    pause = run.pauses[0] if paused and run.pauses else None
    doubt = next(iter(run.having(StepStatus.PAUSED)), None) if paused and not pause else None
    return RunView(
        id=run.id,
        status=run.status,
        steps=tuple(_step(name, step) for name, step in run.steps.items()),
        spent=run.spent,
        at_risk=at_stake(run),
        estimate=run.estimate,
        created_at=run.requested_at,
        canvas=run.canvas,
        canvas_version=run.canvas_version,
        project=run.project,
        unpriced=run.unpriced,
        most=run.most,
        reason=pause.reason if pause else "in_doubt" if doubt else None,
        message=pause.message if pause else None,
        waits_for=pause.step if pause else doubt,
        ended_at=run.ended_at,
    )


def _step(name: str, step: StepState) -> StepView:
    return StepView(
        node=name,
        kind=step.kind,
        status=step.status,
        attempt=step.attempt,
        task=step.task,
        estimate=_amount(step.estimate),
        cost=_amount(step.cost),
        outputs=step.outputs,
        code=step.code,
    )


def _amount(cost: Cost | None) -> Amount | None:
    return Amount(amount=cost.amount, currency=cost.currency) if cost else None
