"""What each event of a run means: everything that is remembered of it, and nothing else changes."""

from decimal import Decimal
from functools import reduce

import pytest

from domain.base import Event, replace
from domain.canvas.events import CanvasArchived
from domain.money import Amount, Cost
from domain.plan import Plan, StepText
from domain.run.events import (
    PlanApproved,
    PlanProposed,
    RunCancellationRequested,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunPaused,
    RunRequested,
    RunResumed,
    StepFailed,
    StepRetried,
    StepSkipped,
    is_of_run,
)
from domain.run.state import Pause, Run, StepState, StepStatus, evolve
from tests.domain.run.film import BEGUN, PLAN, PROPOSED, REQUESTED, RUN, later, made, started, usd
from tests.domain.scenario import AT
from tests.spec import fold

HALF = usd("0.5")
DOUBT = RunPaused(reason="in_doubt", message="…", step="write", at=later(3))
FAILED = RunFailed(code="step_failed", message="…", at=later(4))


def state(*more: Event) -> Run:
    """The run of the film after its plan was approved, and more."""
    run = fold(Run, [*BEGUN, *more])
    assert isinstance(run, Run)
    return run


def fold_on(run: Run, *more: Event) -> Run:
    """The run after more events."""
    return reduce(evolve, more, run)  # type: ignore[arg-type]


def write(*more: Event) -> StepState:
    """Its first step."""
    return state(*more).steps["write"]


def failed(*, charged: str = "no", again: bool = False, cost: Cost | None = None) -> StepFailed:
    return StepFailed(
        step="write",
        attempt=1,
        code="refused",
        message="no",
        charged=charged,  # type: ignore[arg-type]
        again=again,
        cost=cost,
        at=later(2),
    )


def test_a_run_remembers_who_asked_for_what() -> None:
    """Whose it is, of which canvas in which version, with which choices, and the plan with what it is to cost: its
    steps stand in the order in which they can be made."""
    requested = RunRequested(
        run=RUN,
        request_hash="0a1b",
        caller="key_1",
        owner="studio",
        project="films",
        canvas="canvas_1",
        canvas_version=7,
        picks=("draw",),
        at=AT,
    )
    proposed = PlanProposed(
        revision=2, plan=PLAN, digest="c0ffee", by="key_1", estimate={"USD": Decimal(3)}, unpriced=("speak",), at=AT
    )
    most = Amount(amount=Decimal(5), currency="USD")
    run = fold(Run, [requested, proposed, PlanApproved(revision=2, digest="c0ffee", by="key_1", most=most, at=AT)])
    assert run == Run(
        id=RUN,
        request_hash="0a1b",
        caller="key_1",
        owner="studio",
        project="films",
        canvas="canvas_1",
        canvas_version=7,
        picks=("draw",),
        requested_at=AT,
        revision=2,
        digest="c0ffee",
        estimate={"USD": Decimal(3)},
        unpriced=("speak",),
        approved=True,
        most=most,
        steps=run.steps,
    )
    assert list(run.steps) == ["write", "speak", "draw", "film"]
    assert [(step.kind, step.needs) for step in run.steps.values()] == [
        *(("text", ()), ("audio", ())),
        *(("image", ("write",)), ("video", ("draw",))),
    ]


def test_a_step_remembers_its_newest_attempt() -> None:
    """Its task and what that may cost; of an attempt before nothing but that there was one."""
    first = write(started("write", estimate=HALF))
    begun = StepState(kind="text", status=StepStatus.RUNNING, attempt=1, tries=1, task="task_write_1", estimate=HALF)
    assert first == begun
    again = write(started("write", estimate=HALF), failed(again=True, cost=HALF), started("write", 2))
    assert again == replace(begun, attempt=2, tries=2, task="task_write_2", estimate=None)


def test_what_was_made_is_kept_with_its_cost() -> None:
    """A cost that nobody told is the estimate."""
    told = state(started("write", estimate=HALF), made("write", cost=usd("0.3")))
    assert told.steps["write"].status is StepStatus.COMPLETED
    assert (told.steps["write"].outputs, told.steps["write"].cost) == (("write.png",), usd("0.3"))
    assert told.spent == {"USD": Decimal("0.3")}
    assert state(started("write", estimate=HALF), made("write")).spent == {"USD": Decimal("0.5")}


@pytest.mark.parametrize(
    ("failure", "spent", "at_risk"),
    [
        (failed(), {}, {}),
        (failed(charged="yes", cost=usd("0.3")), {"USD": Decimal("0.3")}, {}),
        (failed(charged="yes"), {"USD": Decimal("0.5")}, {}),
        (failed(charged="unknown"), {}, {"USD": Decimal("0.5")}),
    ],
)
def test_what_a_failure_costs(failure: StepFailed, spent: dict[str, Decimal], at_risk: dict[str, Decimal]) -> None:
    """What was charged for certain is spent, and what may have been is at risk: as it was told, or else estimated."""
    run = state(started("write", estimate=HALF), failure)
    assert (run.spent, run.at_risk) == (spent, at_risk)
    step = run.steps["write"]
    assert (step.status, step.code, step.cost) == (StepStatus.FAILED, "refused", failure.cost)


def test_what_is_tried_again_waits() -> None:
    """A failure that is tried again by itself leaves the step waiting; a refusal before there was a task counts its
    attempt."""
    assert write(started("write"), failed(again=True)).status is StepStatus.WAITING
    assert write(failed()).attempt == 1


def test_costs_in_several_currencies_are_added_by_themselves() -> None:
    """No rate is needed to add up what was spent."""
    yuan = Cost(amount=Decimal(2), currency="CNY", price_revision=1)
    run = state(
        *(started("write"), made("write", cost=HALF), started("speak"), made("speak", cost=HALF)),
        *(started("draw"), made("draw", cost=yuan)),
    )
    assert run.spent == {"USD": Decimal(1), "CNY": Decimal(2)}


def test_a_pause_has_a_reason_and_ends_with_a_decision() -> None:
    """The same reason again replaces it; whoever resumes the run ends all of them, and evidence only its doubt."""
    asked = RunPaused(reason="asked", message="anna wants it to wait.", at=later(3))
    budget = RunPaused(reason="over_budget", message="the day's budget", step="write", at=later(3))
    run = state(started("write"), asked, budget, DOUBT, replace(DOUBT, message="again"))
    assert run.pauses == (
        Pause(reason="asked", message="anna wants it to wait."),
        Pause(reason="over_budget", message="the day's budget", step="write"),
        Pause(reason="in_doubt", message="again", step="write"),
    )
    assert run.steps["write"].status is StepStatus.PAUSED
    settled = fold_on(run, RunResumed(by="pixel", step="write", at=later(4)))
    assert ([pause.reason for pause in settled.pauses], settled.steps["write"].status) == (
        ["asked", "over_budget"],
        StepStatus.RUNNING,
    )
    assert fold_on(run, RunResumed(by="anna", at=later(4))).pauses == ()
    failed_since = fold_on(run, failed(), RunResumed(by="pixel", step="write", at=later(4)))
    assert failed_since.steps["write"].status is StepStatus.FAILED


def test_a_step_that_is_decided_on_lets_a_failed_run_go_on() -> None:
    """Its pauses end, those of others stay; what was in doubt and is done without stays at risk; who tries it again
    gives it all its tries. A run that was cancelled stays so."""
    other = RunPaused(reason="step_failed", message="…", step="speak", at=later(3))
    mine = replace(other, step="write")
    lost = (started("write", estimate=HALF), failed(again=True), started("write", 2), failed(), other, mine, FAILED)
    assert (state(*lost).ended, state(*lost).ended_at) == ("failed", FAILED.at)
    for decision, status in (
        (StepSkipped(step="write", by="anna", at=later(5)), StepStatus.SKIPPED),
        (StepRetried(step="write", by="anna", at=later(5)), StepStatus.WAITING),
    ):
        run = state(*lost, decision)
        assert (run.ended, run.ended_at, [pause.step for pause in run.pauses]) == (None, None, ["speak"])
        assert (run.steps["write"].status, run.at_risk) == (status, {})
    retried = write(*lost, StepRetried(step="write", by="anna", at=later(5)))
    assert (retried.tries, retried.code, retried.attempt) == (0, None, 1)
    skipped = state(started("write", estimate=HALF), DOUBT, StepSkipped(step="write", by="anna", at=later(5)))
    assert skipped.at_risk == {"USD": Decimal("0.5")}
    cancelled = RunCancelled(by="anna", at=later(4))
    assert state(cancelled, StepSkipped(step="write", by="anna", at=later(5))).ended == "cancelled"


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (RunCompleted(at=later(9)), "completed"),
        (FAILED, "failed"),
        (RunCancelled(by="anna", at=later(9)), "cancelled"),
    ],
)
def test_a_run_ends_in_one_of_three_ways(end: Event, word: str) -> None:
    """At the time of the event; its status is the word of the API."""
    run = state(RunCancellationRequested(by="anna", at=later(8)), end)
    assert (run.ended, run.ended_at, run.status, run.cancel_requested_by) == (word, end.at, word, "anna")


def test_a_plan_that_goes_round_in_circles_is_kept_as_it_was_proposed() -> None:
    """It is refused before, but the past is not."""
    one = replace(PLAN.steps[1], id="a", prompt=((StepText(step="b"),),))
    other = replace(one, id="b", prompt=((StepText(step="a"),),))
    run = fold(Run, [BEGUN[0], PlanProposed(revision=1, plan=Plan(steps=(other, one)), digest="c0ffee", by="k", at=AT)])
    assert [(name, step.needs) for name, step in run.steps.items()] == [("b", ("a",)), ("a", ("b",))]


def test_events_of_a_run_are_told_from_others() -> None:
    """By their type: a log has other streams, too."""
    assert is_of_run(FAILED)
    assert is_of_run(started("write"))
    assert not is_of_run(CanvasArchived(by="anna", at=AT))


def test_an_event_of_a_step_that_is_unknown_changes_nothing() -> None:
    """The past can't be refused."""
    assert state(started("other"), RunResumed(by="pixel", step="other", at=later(3))) == state()
    doubted = state(replace(DOUBT, step="other"))
    assert doubted.steps == state().steps


# --- What the API says of it ---

GOES_ON = RunResumed(by="key_1", at=later(3))
WAITS = RunPaused(reason="over_budget", message="…", step=None, at=later(3))
WISHED = RunCancellationRequested(by="key_1", at=later(4))
SPOKEN, WRITTEN = made("speak"), made("write")


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((REQUESTED, PROPOSED), "waiting"),
        (BEGUN, "running"),
        ((*BEGUN, started("write")), "running"),
        ((*BEGUN, started("write"), DOUBT), "paused"),
        ((*BEGUN, started("write"), DOUBT, GOES_ON), "running"),  # the line can still be spoken
        ((*BEGUN, started("write"), started("speak"), DOUBT, GOES_ON), "running"),
        ((*BEGUN, started("write"), started("speak"), DOUBT, GOES_ON, SPOKEN), "paused"),
        ((*BEGUN, started("write"), WRITTEN, started("speak"), SPOKEN), "running"),
        ((*BEGUN, started("write"), WAITS), "paused"),
        ((*BEGUN, started("write"), WAITS, WISHED), "running"),
        ((*BEGUN, started("write"), started("speak"), DOUBT, SPOKEN, FAILED), "failed"),
    ],
)
def test_a_run_is_paused_where_it_can_only_wait_for_a_person(events: tuple[Event, ...], status: str) -> None:
    """Once a person has let it go on, it runs while a step is being made, or can be, whatever else is in doubt."""
    run = fold(Run, [*events])
    assert isinstance(run, Run)
    assert run.status == status
