"""What may be done with a run, by people and by the executor."""

from decimal import Decimal

import pytest

from domain.base import Event, replace
from domain.money import Amount, Cost
from domain.plan import Plan, Step
from domain.run import decisions
from domain.run.events import (
    PlanApproved,
    PlanProposed,
    RunCancellationRequested,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunPaused,
    RunResumed,
    StepFailed,
    StepRetried,
    StepSkipped,
    StepStarted,
)
from domain.run.next_step import Rest, Start, Watch, next_step
from domain.run.state import Run
from tests.domain.run.film import APPROVED, BEGUN, PROPOSED, RATES, REQUESTED, made, may_cost, started, usd
from tests.domain.scenario import SOON
from tests.spec import Answer, fold, given

MOST = Amount(amount=Decimal(5), currency="USD")
WISH = RunCancellationRequested(by="anna", at=SOON)
ASKED = RunPaused(reason="asked", message="anna wants it to wait.", at=SOON)
DOUBT = RunPaused(
    reason="in_doubt",
    message="Nobody knows whether the call task_write_1.1 happened. Whoever runs Pixel decides on it.",
    step="write",
    at=SOON,
)


def failed(step: str, *, attempt: int = 1, again: bool = False, charged: str = "no") -> StepFailed:
    return StepFailed(step=step, attempt=attempt, code="refused", message="no", charged=charged, again=again, at=SOON)  # type: ignore[arg-type]


def fail(
    *past: Event,
    step: str = "write",
    attempt: int = 1,
    charged: str = "no",
    retryable: bool = False,
    cost: Cost | None = None,
) -> Answer:
    return given(*past).when(
        decisions.fail,
        step=step,
        attempt=attempt,
        code="refused",
        message="no",
        charged=charged,  # type: ignore[arg-type]
        retryable=retryable,
        cost=cost,
        at=SOON,
    )


def start(*past: Event, step: str = "write", estimate: str | None = None) -> Answer:
    return given(*past).when(
        decisions.start,
        step=step,
        task=f"task_{step}_1",
        estimate=None if estimate is None else usd(estimate),
        rates=RATES,
        at=SOON,
    )


def beginning(step: str, *, attempt: int = 1, estimate: str | None = None) -> StepStarted:
    cost = None if estimate is None else usd(estimate)
    return StepStarted(step=step, attempt=attempt, task=f"task_{step}_1", estimate=cost, at=SOON)


# --- Requests ---


def test_a_run_is_requested_once() -> None:
    """It begins with a plan that is approved; the same again under one key adds nothing, another is refused."""
    approved = PlanApproved(revision=1, digest="c0ffee", by="key_1", most=MOST, at=REQUESTED.at)
    given().when(decisions.request, requested=REQUESTED, proposed=PROPOSED, most=MOST).then(
        REQUESTED, PROPOSED, approved
    )
    given(*BEGUN).when(decisions.request, requested=REQUESTED, proposed=PROPOSED, most=MOST).then_nothing()
    other = REQUESTED.__class__(run="run_2", request_hash="other", caller="key_1", owner="studio", at=SOON)
    given(*BEGUN).when(decisions.request, requested=other, proposed=PROPOSED, most=None).then_rejected(
        "idempotency_key_reused"
    )


@pytest.mark.parametrize("decision", [decisions.pause, decisions.cancel], ids=lambda one: one.__name__)
def test_nothing_is_done_with_no_run(decision: object) -> None:
    """A run that was never requested is unknown to everybody."""
    given().when(decision, by="anna", at=SOON).then_rejected("run_unknown")  # type: ignore[arg-type]
    given().when(decisions.resume, by="anna", most=None, at=SOON).then_rejected("run_unknown")
    given().when(decisions.skip, step="write", by="anna", at=SOON).then_rejected("run_unknown")
    given().when(decisions.retry, step="write", by="anna", at=SOON).then_rejected("run_unknown")


# --- Starting, and money ---


def test_a_step_starts_once_and_in_its_turn() -> None:
    """What needs others does not start before they are made; what was started is not started again."""
    start(*BEGUN).then(beginning("write"))
    start(*BEGUN, step="draw").then_nothing()
    start(*BEGUN, started("write")).then_nothing()
    start(*BEGUN, started("write"), made("write"), started("speak"), step="draw").then(beginning("draw"))


@pytest.mark.parametrize("stopped", [ASKED, DOUBT, WISH], ids=["asked", "doubt", "cancelled"])
def test_nothing_starts_that_nobody_wants(stopped: Event) -> None:
    """Not while it is paused, and not after it was cancelled."""
    start(*BEGUN, started("write"), stopped, step="speak").then_nothing()


def test_a_run_never_commits_more_than_it_may_cost() -> None:
    """What was spent, what runs and what is at risk count against what a person allowed."""
    may = (REQUESTED, PROPOSED, may_cost("1.00"))
    start(*may, estimate="1.00").then(beginning("write", estimate="1.00"))
    over = RunPaused(
        reason="over_budget",
        message="With the step 'speak' it could cost 1.01 USD, and may cost 1.00 USD.",
        step="speak",
        at=SOON,
    )
    running = (*may, started("write", estimate=usd("0.60")))
    start(*running, step="speak", estimate="0.41").then(over)
    start(*running, step="speak", estimate="0.40").then(beginning("speak", estimate="0.40"))
    spent = (*running, made("write", cost=usd("0.30")), started("draw", estimate=usd("0.30")))
    start(*spent, step="speak", estimate="0.41").then(over)
    lost = (*running, failed("write", charged="unknown"), RunResumed(by="anna", at=SOON))
    start(*lost, step="speak", estimate="0.41").then(over)


def test_amounts_of_other_currencies_count_at_the_catalogues_rate() -> None:
    """Without a rate nobody can tell, so that nothing starts."""
    may = (REQUESTED, PROPOSED, may_cost("1.00"))
    yuan = beginning("write").estimate
    assert yuan is None
    for amount, currency, fine in (("7.00", "CNY", True), ("7.50", "CNY", False), ("0.01", "EUR", False)):
        cost = usd(amount).__class__(amount=Decimal(amount), currency=currency, price_revision=1)
        answer = given(*may).when(decisions.start, step="write", task="task_1", estimate=cost, rates=RATES, at=SOON)
        assert [type(fact) for fact in answer.facts] == [StepStarted if fine else RunPaused]
        assert [getattr(fact, "reason", "") for fact in answer.facts] == ["" if fine else "over_budget"]


def test_an_unknown_price_needs_a_persons_yes() -> None:
    """A step without a price does not start within an amount; whoever resumes the run allows it."""
    may = (REQUESTED, PROPOSED, may_cost("1.00"))
    unknown = RunPaused(
        reason="unpriced",
        message="Nobody knows what the step 'write' costs. Resume the run to make it all the same.",
        step="write",
        at=SOON,
    )
    start(*may).then(unknown)
    allowed = RunResumed(by="anna", allows=("write",), at=SOON)
    given(*may, unknown).when(decisions.resume, by="anna", most=None, at=SOON).then(allowed)
    start(*may, unknown, allowed).then(beginning("write"))
    start(*may, unknown, allowed, started("write"), step="speak").then(
        RunPaused(
            reason="unpriced",
            message="Nobody knows what the step 'speak' costs. Resume the run to make it all the same.",
            step="speak",
            at=SOON,
        )
    )
    start(*BEGUN).then(beginning("write"))


def test_a_refused_request_fails_its_step_only() -> None:
    """Without a task there is no call, so that nothing was charged."""
    given(*BEGUN).when(decisions.give_up, step="write", code="model_retired", message="gone", at=SOON).then(
        StepFailed(step="write", attempt=1, code="model_retired", message="gone", charged="no", at=SOON)
    )
    given(*BEGUN, started("write")).when(
        decisions.give_up, step="write", code="model_retired", message="gone", at=SOON
    ).then_nothing()
    held = RunPaused(reason="over_budget", message="the day's budget", step="write", at=SOON)
    given(*BEGUN).when(decisions.hold, step="write", reason="over_budget", message="the day's budget", at=SOON).then(
        held
    )
    given(*BEGUN, held).when(
        decisions.hold, step="write", reason="over_budget", message="the day's budget", at=SOON
    ).then_nothing()


# --- The outcomes of steps ---


def test_an_outcome_counts_once() -> None:
    """A step that ended has ended; an outcome of an older attempt is none of a newer one."""
    done = given(*BEGUN, started("write")).when(
        decisions.complete, step="write", attempt=1, outputs=["write.png"], cost=None, at=made("write").at
    )
    done.then(made("write"))
    given(*BEGUN, started("write"), made("write")).when(
        decisions.complete, step="write", attempt=1, outputs=["write.png"], cost=None, at=SOON
    ).then_nothing()
    fail(*BEGUN, started("write"), made("write")).then_nothing()
    fail(*BEGUN, started("write"), failed("write", again=True), started("write", 2)).then_nothing()


def test_what_cost_nothing_and_may_help_is_tried_again() -> None:
    """Three times in all; then it has failed."""
    first = (*BEGUN, started("write"))
    fail(*first, retryable=True).then(failed("write", again=True))
    fail(*first, retryable=False).then(failed("write"))
    second = (*first, failed("write", again=True), started("write", 2))
    fail(*second, attempt=2, retryable=True).then(failed("write", attempt=2, again=True))
    third = (*second, failed("write", attempt=2, again=True), started("write", 3))
    fail(*third, attempt=3, retryable=True).then(failed("write", attempt=3))
    fail(*first, WISH, retryable=True).then(failed("write"))


@pytest.mark.parametrize(
    ("charged", "told"),
    [("yes", "It failed, and was charged for."), ("unknown", "It failed, and may have been charged for.")],
)
def test_what_may_have_cost_something_is_not_tried_again(charged: str, told: str) -> None:
    """A person looks at it before more is spent."""
    look = RunPaused(reason="step_failed", message=told, step="write", at=SOON)
    fail(*BEGUN, started("write"), charged=charged, retryable=True).then(failed("write", charged=charged), look)
    fail(*BEGUN, started("write"), WISH, charged=charged).then(failed("write", charged=charged))


def test_what_a_step_cost_is_told_with_its_outcome() -> None:
    """Made or failed, and at the end of the run."""
    begun = (*BEGUN, started("write"))
    done = made("write", cost=usd("0.3"))
    given(*begun).when(
        decisions.complete, step="write", attempt=1, outputs=["write.png"], cost=done.cost, at=done.at
    ).then(done)
    lost = replace(failed("write", charged="yes"), cost=usd("0.3"))
    assert fail(*begun, charged="yes", cost=usd("0.3")).facts[0] == lost
    spent = {"USD": Decimal("0.3")}
    rest = [StepSkipped(step=step, by="anna", at=SOON) for step in ("speak", "draw", "film")]
    given(*begun, done, *rest).when(decisions.end, at=SOON).then(RunCompleted(spent=spent, at=SOON))
    ended = RunFailed(code="step_failed", message="1 of 4 steps could not be made.", spent=spent, at=SOON)
    given(*begun, lost, *rest).when(decisions.end, at=SOON).then(ended)


def test_evidence_of_an_older_attempt_settles_nothing() -> None:
    """The doubt of a newer one stays."""
    doubted = (*BEGUN, started("write"), failed("write", again=True), started("write", 2), DOUBT)
    given(*doubted).when(decisions.settle, step="write", attempt=1, at=SOON).then_nothing()


def test_a_doubt_pauses_the_run_until_it_is_settled() -> None:
    """The evidence lets it go on by itself; whoever resumes it before lets the other steps go on."""
    doubted = (*BEGUN, started("write"))
    given(*doubted).when(decisions.doubt, step="write", attempt=1, call="task_write_1.1", at=SOON).then(DOUBT)
    given(*doubted, DOUBT).when(decisions.doubt, step="write", attempt=1, call="task_write_1.1", at=SOON).then_nothing()
    settled = RunResumed(by="pixel", step="write", at=made("write").at)
    given(*doubted, DOUBT).when(
        decisions.complete, step="write", attempt=1, outputs=["write.png"], cost=None, at=settled.at
    ).then(settled, made("write"))
    given(*doubted, DOUBT).when(decisions.settle, step="write", attempt=1, at=settled.at).then(settled)
    given(*doubted).when(decisions.settle, step="write", attempt=1, at=settled.at).then_nothing()
    fail(*doubted, DOUBT).then(RunResumed(by="pixel", step="write", at=SOON), failed("write"))
    start(*doubted, DOUBT, RunResumed(by="anna", at=SOON), step="speak").then(beginning("speak"))
    given(*doubted, DOUBT, RunResumed(by="anna", at=SOON)).when(
        decisions.doubt, step="write", attempt=1, call="task_write_1.1", at=SOON
    ).then_nothing()


def test_two_doubts_are_settled_one_by_one() -> None:
    """A run goes on when the last of them is."""
    speak = RunPaused(reason="in_doubt", message="…", step="speak", at=SOON)
    past = (*BEGUN, started("write"), started("speak"), DOUBT, speak)
    one = fold(Run, [*past, RunResumed(by="pixel", step="speak", at=SOON)])
    assert [pause.step for pause in one.pauses] == ["write"]
    assert one.status == "paused"


# --- People ---


def test_a_run_pauses_and_goes_on() -> None:
    """Each once; a new amount counts even when it did not wait."""
    given(*BEGUN).when(decisions.pause, by="anna", at=SOON).then(ASKED)
    given(*BEGUN, ASKED).when(decisions.pause, by="anna", at=SOON).then_nothing()
    given(*BEGUN, ASKED).when(decisions.resume, by="anna", most=None, at=SOON).then(RunResumed(by="anna", at=SOON))
    given(*BEGUN).when(decisions.resume, by="anna", most=None, at=SOON).then_nothing()
    more = RunResumed(by="anna", most=MOST, at=SOON)
    given(*BEGUN).when(decisions.resume, by="anna", most=MOST, at=SOON).then(more)
    given(*BEGUN, more).when(decisions.resume, by="anna", most=MOST, at=SOON).then_nothing()


def test_a_run_that_has_ended_stays_as_it_is() -> None:
    """It is neither paused nor resumed; to cancel it changes nothing."""
    ended = (*BEGUN, RunCompleted(at=SOON))
    given(*ended).when(decisions.pause, by="anna", at=SOON).then_rejected("run_ended")
    given(*ended).when(decisions.resume, by="anna", most=None, at=SOON).then_rejected("run_ended")
    given(*ended).when(decisions.retry, step="write", by="anna", at=SOON).then_rejected("run_ended")
    given(*ended).when(decisions.skip, step="write", by="anna", at=SOON).then_rejected("run_ended")
    given(*ended).when(decisions.cancel, by="anna", at=SOON).then_nothing()


def test_a_cancelled_run_ends_when_its_tasks_have() -> None:
    """What is in doubt can't be waited for: it is named."""
    given(*BEGUN).when(decisions.cancel, by="anna", at=SOON).then(WISH)
    given(*BEGUN, WISH).when(decisions.cancel, by="anna", at=SOON).then_nothing()
    given(*BEGUN, started("write"), WISH).when(decisions.end, at=SOON).then_nothing()
    given(*BEGUN, started("write", estimate=usd("0.5")), DOUBT, WISH).when(decisions.end, at=SOON).then(
        RunCancelled(by="anna", at_risk={"USD": Decimal("0.5")}, doubts=("write",), at=SOON)
    )
    given(*BEGUN, started("write"), made("write", cost=usd("0.2")), WISH).when(decisions.end, at=SOON).then(
        RunCancelled(by="anna", spent={"USD": Decimal("0.2")}, at=SOON)
    )


def test_who_skips_a_step_skips_what_needs_it() -> None:
    """What runs or is made is not skipped."""
    skipped = [StepSkipped(step=step, by="anna", at=SOON) for step in ("write", "draw", "film")]
    given(*BEGUN).when(decisions.skip, step="write", by="anna", at=SOON).then(*skipped)
    given(*BEGUN, *skipped).when(decisions.skip, step="write", by="anna", at=SOON).then_nothing()
    given(*BEGUN, started("write")).when(decisions.skip, step="write", by="anna", at=SOON).then_rejected(
        "step_not_open"
    )
    given(*BEGUN).when(decisions.skip, step="other", by="anna", at=SOON).then_rejected("step_unknown")
    given(*BEGUN, *skipped, started("speak"), made("speak")).when(decisions.end, at=SOON).then(RunCompleted(at=SOON))


def test_a_failed_branch_leaves_the_others_alone() -> None:
    """The run ends as failed when nothing else can be made; a step that is tried again takes it up."""
    past = (*BEGUN, started("write"), failed("write"))
    start(*past, step="speak").then(beginning("speak"))
    over = (*past, started("speak"), made("speak"))
    ended = RunFailed(code="step_failed", message="3 of 4 steps could not be made.", at=SOON)
    given(*over).when(decisions.end, at=SOON).then(ended)
    again = StepRetried(step="write", by="anna", at=SOON)
    given(*over, ended).when(decisions.retry, step="write", by="anna", at=SOON).then(again)
    given(*over, ended, again).when(decisions.retry, step="write", by="anna", at=SOON).then_nothing()
    start(*over, ended, again).then(beginning("write", attempt=2))


@pytest.mark.parametrize("past", [[started("write"), DOUBT], [started("write")], [started("write"), made("write")]])
def test_nothing_is_tried_again_that_may_have_arrived(past: list[Event]) -> None:
    """A step that runs, is made or is in doubt has no second attempt."""
    given(*BEGUN, *past).when(decisions.retry, step="write", by="anna", at=SOON).then_rejected("step_not_open")


@pytest.mark.parametrize(
    ("past", "why"),
    [
        ([started("write"), DOUBT], "in doubt, and whoever runs Pixel decides on its call"),
        ([started("write")], "running"),
        ([started("write"), made("write")], "completed"),
    ],
)
def test_a_refusal_says_how_the_step_is(past: list[Event], why: str) -> None:
    """And of a run that ends, that it does."""
    refusal = given(*BEGUN, *past).when(decisions.retry, step="write", by="anna", at=SOON).refusal
    assert str(refusal) == f"The step 'write' is {why}: it can't be tried again."
    for end, word in ((RunCompleted(at=SOON), "completed"), (WISH, "being cancelled")):
        ended = given(*BEGUN, *past, end).when(decisions.pause, by="anna", at=SOON).refusal
        assert str(ended) == f"The run is {word}."


def test_so_many_steps_run_at_a_time() -> None:
    """Four; the others are started as these end. What runs or is in doubt is watched."""
    plan = Plan(steps=tuple(Step(id=f"s{n}", kind="text", model="a/b", prompt=((str(n),),)) for n in range(6)))
    begun = (REQUESTED, PlanProposed(revision=1, plan=plan, digest="c0ffee", by="key_1", at=SOON), APPROVED)
    four = [started(f"s{n}") for n in range(4)]
    assert next_step(fold(Run, [*begun, *four[:3]])) == Start(step="s3")
    assert next_step(fold(Run, [*begun, *four])) == Watch(steps=("s0", "s1", "s2", "s3"))
    assert next_step(fold(Run, [*begun, *four, made("s0")])) == Start(step="s4")
    doubt = RunPaused(reason="in_doubt", message="…", step="s0", at=SOON)
    assert next_step(fold(Run, [*begun, started("s0"), doubt])) == Watch(steps=("s0",))
    asked = (*begun, ASKED)
    assert next_step(fold(Run, asked)) == Rest()
    given(*asked).when(decisions.end, at=SOON).then_nothing()


def test_only_an_unknown_price_is_allowed_by_going_on() -> None:
    """Whoever resumes a run that waits for another reason has allowed no step to cost what nobody knows."""
    budget = RunPaused(reason="over_budget", message="…", step="write", at=SOON)
    given(*BEGUN, budget).when(decisions.resume, by="anna", most=None, at=SOON).then(RunResumed(by="anna", at=SOON))


def test_a_run_without_an_approved_plan_does_nothing() -> None:
    """Who has not said yes pays nothing."""
    start(REQUESTED, PROPOSED).then_nothing()
    given(REQUESTED, PROPOSED).when(decisions.end, at=SOON).then_nothing()
    assert fold(Run, [REQUESTED, PROPOSED]).status == "waiting"
    assert fold(Run, [REQUESTED, PROPOSED, APPROVED]).status == "running"
