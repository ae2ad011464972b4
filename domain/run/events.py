"""What can happen to a run? The events of its stream, in the order in which a run meets them.

The class name is the stored name: to rename a class, pin its old tag. Fields are only added, with defaults."""

from decimal import Decimal
from typing import Literal, TypeAlias, TypeGuard, get_args

from domain.base import Event
from domain.money import Amount, Cost
from domain.plan import Plan
from domain.provider import Charged

Reason: TypeAlias = Literal["over_budget", "unpriced", "in_doubt", "step_failed", "key_revoked", "asked"]
"""Why a run starts no further step. Who decides then is a person, or the evidence about a call in doubt."""


class RunRequested(Event):
    """Somebody wants something made in steps. The steps are nodes of a `canvas` at its `canvas_version`; `picks` are
    the nodes whose results the run chooses. A repeated Idempotency-Key must come with the same `request_hash`.

    `caller` is the id of an API key, within whose limits the steps are made; the `owner` has the run."""

    run: str
    request_hash: str
    caller: str
    owner: str
    project: str | None = None
    canvas: str | None = None
    canvas_version: int | None = None
    picks: tuple[str, ...] = ()


class PlanProposed(Event):
    """This is how it would be made. `estimate` is its maximum cost by currency, without the `unpriced` steps."""

    revision: int
    plan: Plan
    digest: str
    by: str
    estimate: dict[str, Decimal] = {}
    unpriced: tuple[str, ...] = ()


class PlanApproved(Event):
    """This revision is to be carried out, and may cost so much at `most`; None: what the budgets allow."""

    revision: int
    digest: str
    by: str
    most: Amount | None = None


class StepStarted(Event):
    """An attempt at a step began: its `task` was requested by the same append. `estimate` is its maximum cost."""

    step: str
    attempt: int
    task: str
    estimate: Cost | None = None


class StepCompleted(Event):
    """The step has made this: ids of assets. A text is in the events of the task."""

    step: str
    attempt: int
    outputs: tuple[str, ...] = ()
    cost: Cost | None = None


class StepFailed(Event):
    """The attempt ended without a result, or could not begin. `again`: the step is tried once more by itself."""

    step: str
    attempt: int
    code: str
    message: str
    charged: Charged
    again: bool = False
    cost: Cost | None = None


class StepSkipped(Event):
    """The step is not made."""

    step: str
    by: str


class StepRetried(Event):
    """A person wants a step tried again that had failed, or was skipped."""

    step: str
    by: str


class RunPaused(Event):
    """No further step starts; those that run go on. `step` is the one that it is about."""

    reason: Reason
    message: str
    step: str | None = None


class RunResumed(Event):
    """It goes on: all of it, or only what waited for a `step` whose doubt is settled. `most` replaces what it may cost,
    `allows` are steps that may start although nobody knows their price."""

    by: str
    step: str | None = None
    most: Amount | None = None
    allows: tuple[str, ...] = ()


class RunCancellationRequested(Event):
    """Somebody wants it to end. Nothing starts any more, and what runs is cancelled."""

    by: str


class RunCancelled(Event):
    """It has ended on request. What was made is kept. `at_risk` is what may have been charged as well, and `doubts` are
    the steps whose outcome nobody knows."""

    by: str
    spent: dict[str, Decimal] = {}
    at_risk: dict[str, Decimal] = {}
    doubts: tuple[str, ...] = ()


class RunCompleted(Event):
    """Every step is made, or was skipped."""

    spent: dict[str, Decimal] = {}


class RunFailed(Event):
    """Nothing more can be made, and some steps failed."""

    code: Literal["step_failed"]
    message: str
    spent: dict[str, Decimal] = {}


RunEvent = (
    RunRequested
    | PlanProposed
    | PlanApproved
    | StepStarted
    | StepCompleted
    | StepFailed
    | StepSkipped
    | StepRetried
    | RunPaused
    | RunResumed
    | RunCancellationRequested
    | RunCancelled
    | RunCompleted
    | RunFailed
)


def is_of_run(event: object) -> TypeGuard[RunEvent]:
    """Whether an event is one of a run's, and can be read."""
    return type(event) in _RUN_EVENTS


_RUN_EVENTS = frozenset(get_args(RunEvent))
