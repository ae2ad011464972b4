"""A person settles a call of unknown outcome: by a retry, by attaching its result, or by closing the case."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.base import Event, replace
from domain.model import Kind
from domain.money import Cost
from domain.provider import Accepted, Asset, Stored
from domain.task import lifecycle, manual_settlement, provider_call
from domain.task.events import CallResolved, TaskCompleted
from domain.task.next_step import Done, MakeCall, next_step
from domain.task.state import CallState, Status, Task
from tests.domain.scenario import (
    ACCEPTED,
    AT,
    BUSY_NOW,
    CALL,
    CALLED,
    CALLED_AGAIN,
    COMPLETED,
    DEADLINE,
    EXPIRED,
    FAILED,
    FOUND,
    IMAGE,
    IN_DOUBT,
    JOB,
    LATE,
    NEVER_ARRIVED,
    NEXT_CALL,
    NOT_FOUND_OUT,
    OUTCOME_UNKNOWN,
    REFUSED,
    REQUESTED,
    RESULT,
    SOON,
    STORED,
    WISH,
)
from tests.spec import Answer, fold, given

UNKNOWN = (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN)
BACKS: list[tuple[Event, ...]] = [UNKNOWN, (REQUESTED, CALLED, IN_DOUBT), (REQUESTED, CALLED, IN_DOUBT, EXPIRED)]
LATER = DEADLINE + timedelta(days=2)
AGAIN = CallResolved(call=CALL, verdict="retry", by="anna", note="seen", finish_by=LATER + (DEADLINE - AT), at=LATER)
ATTACHED = CallResolved(call=CALL, verdict="attach", by="anna", note="seen", at=AT)
ABANDONED = CallResolved(call=CALL, verdict="abandon", by="anna", note="seen", at=AT)


def settle(*past: Event, how: str, call: str = CALL) -> Answer:
    history = given(*past)
    match how:
        case "retry":
            return history.when(manual_settlement.retry, call_id=call, by="anna", note="seen", at=LATER)
        case "attach":
            return history.when(manual_settlement.attach, call_id=call, by="anna", note="seen", result=RESULT, at=AT)
        case _:
            return history.when(manual_settlement.abandon, call_id=call, by="anna", note="seen", at=AT)


HOW = pytest.mark.parametrize("how", ["retry", "attach", "abandon"])


@pytest.mark.parametrize("past", BACKS)
def test_a_person_may_allow_one_more_call(past: tuple[Event, ...]) -> None:
    """The event names the person, and the task gets as much time as at first."""
    settle(*past, how="retry").then(AGAIN)
    folded = fold(Task, (*past, AGAIN))
    assert (folded.status, next_step(folded)) == (Status.PENDING, MakeCall())
    again = replace(CALLED_AGAIN, at=LATER)
    given(*past, AGAIN).when(
        provider_call.start_call, provider="sandbox", call_id=NEXT_CALL, digest="c0ffee", worker="w1", epoch=1, at=LATER
    ).then(again)


def test_every_retry_has_the_time_that_the_first_call_had() -> None:
    """Retries do not add up their times, however many there are."""
    lost = (replace(CALLED_AGAIN, at=LATER), replace(IN_DOUBT, call=NEXT_CALL, at=LATER))
    at = LATER + timedelta(days=2)
    third = replace(AGAIN, call=NEXT_CALL, finish_by=at + (DEADLINE - AT), at=at)
    given(*UNKNOWN, AGAIN, *lost).when(manual_settlement.retry, call_id=NEXT_CALL, by="anna", note="seen", at=at).then(
        third
    )


def test_a_retry_may_start_until_it_has_to_finish() -> None:
    """The time until which the first call had to start is over; a retry has none of its own."""
    hurried = replace(REQUESTED, start_by=SOON)
    folded = fold(Task, (hurried, *UNKNOWN[1:], AGAIN))
    assert next_step(folded) == MakeCall()
    given(hurried, *UNKNOWN[1:], AGAIN).when(lifecycle.expire, at=LATER + timedelta(seconds=1)).then_nothing()


def test_a_retry_forgets_the_cancellation_and_earlier_attempts() -> None:
    """A retry starts from the beginning, with the model that served the task last."""
    past = (REQUESTED, CALLED, replace(BUSY_NOW, code="generation_failed"), CALLED_AGAIN)
    doubt = replace(IN_DOUBT, call=NEXT_CALL)
    folded = fold(Task, (*past, WISH, doubt, replace(AGAIN, call=NEXT_CALL)))
    assert (folded.cancel_requested_by, folded.calls_failed, folded.retry_at) == (None, 0, None)
    assert folded.call is not None
    assert (folded.call.attempt, folded.call.state) == (2, CallState.SETTLED)


@pytest.mark.parametrize("past", BACKS)
def test_a_person_may_attach_the_result(past: tuple[Event, ...]) -> None:
    """An attached result completes the task like one of the provider."""
    settle(*past, how="attach").then(ATTACHED, STORED, COMPLETED)
    folded = fold(Task, (*past, ATTACHED, STORED, COMPLETED))
    assert (folded.status, next_step(folded)) == (Status.COMPLETED, Done())


def test_a_text_may_be_attached() -> None:
    """A text task takes a text as its result."""
    given(replace(REQUESTED, kind=Kind.LLM), *UNKNOWN[1:]).when(
        manual_settlement.attach, call_id=CALL, by="anna", note="seen", result=Stored(text="The sea is calm."), at=AT
    ).then(ATTACHED, TaskCompleted(text="The sea is calm.", at=AT))


def test_an_attached_result_brings_its_cost() -> None:
    """An attached result was paid for: its cost is recorded with the end."""
    cost = Cost(amount=Decimal("0.08"), currency="USD", price_revision=1)
    given(*UNKNOWN).when(
        manual_settlement.attach, call_id=CALL, by="anna", note="seen", result=replace(RESULT, cost=cost), at=AT
    ).then(ATTACHED, STORED, replace(COMPLETED, cost=cost))


VIDEO = Asset(id="v.mp4", sha256="v", bytes=9, media_type="video/mp4", width=64, height=64, duration_seconds=2.0)


@pytest.mark.parametrize(
    ("kind", "result"),
    [
        (Kind.IMAGE, Stored()),
        (Kind.IMAGE, Stored(text="The sea is calm.")),
        (Kind.IMAGE, Stored(assets=((0, IMAGE), (1, VIDEO)))),
        (Kind.IMAGE, Stored(assets=((0, IMAGE),), text="The sea is calm.")),
        (Kind.VIDEO, RESULT),
        (Kind.AUDIO, RESULT),
        (Kind.LLM, Stored()),
        (Kind.LLM, Stored(text="")),
        (Kind.LLM, RESULT),
    ],
)
def test_an_attached_result_is_of_the_tasks_kind(kind: Kind, result: Stored) -> None:
    """The result must be of the kind of the task; another one, or none, is refused by the name of its field."""
    answer = given(replace(REQUESTED, kind=kind), *UNKNOWN[1:]).when(
        manual_settlement.attach, call_id=CALL, by="anna", note="seen", result=result, at=AT
    )
    answer.then_rejected("invalid_request")
    assert str(answer.refusal).startswith(("text: ", "assets"))


def test_a_person_may_close_the_case() -> None:
    """An ended task stays as it ended; another one ends, and its cost stays unknown."""
    settle(*UNKNOWN, how="abandon").then(ABANDONED)
    settle(REQUESTED, CALLED, IN_DOUBT, how="abandon").then(
        ABANDONED, replace(OUTCOME_UNKNOWN, provider_message="seen")
    )
    folded = fold(Task, (*UNKNOWN, ABANDONED))
    assert folded.call is not None
    assert (folded.call.state, next_step(folded)) == (CallState.SETTLED, Done())


def test_a_case_closed_without_a_note_names_the_author() -> None:
    """The end has the person's note, or a text that a person gave the task up."""
    given(REQUESTED, CALLED, IN_DOUBT).when(manual_settlement.abandon, call_id=CALL, by="anna", note="", at=AT).then(
        replace(ABANDONED, note=""), replace(OUTCOME_UNKNOWN, provider_message="a person gave it up")
    )


@HOW
def test_a_case_is_settled_once(how: str) -> None:
    """A call that one person has settled is refused to others."""
    for resolved in ((AGAIN,), (ATTACHED, STORED, COMPLETED), (ABANDONED,)):
        settle(*UNKNOWN, *resolved, how=how).then_rejected("call_not_in_doubt")


@HOW
@pytest.mark.parametrize(
    "rest",
    [
        (),
        (ACCEPTED,),
        (BUSY_NOW,),
        (REFUSED, FAILED),
        (STORED, COMPLETED),
        (IN_DOUBT, FOUND),
        (IN_DOUBT, NEVER_ARRIVED),
        (IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, LATE),
    ],
)
def test_a_known_outcome_needs_no_decision(rest: tuple[Event, ...], how: str) -> None:
    """A call that is under way, or whose outcome is known, is not for a person to settle."""
    settle(REQUESTED, CALLED, *rest, how=how).then_rejected("call_not_in_doubt")


@HOW
def test_there_must_be_such_a_call(how: str) -> None:
    """An unknown call, one of another task, or one that is not the latest, is refused."""
    settle(how=how).then_rejected("call_unknown")
    settle(REQUESTED, how=how).then_rejected("call_unknown")
    settle(*UNKNOWN, how=how, call="task_x.9").then_rejected("call_unknown")
    settle(REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN, how=how).then_rejected("call_unknown")


@pytest.mark.parametrize(
    ("resolved", "late"),
    [
        ((AGAIN,), (STORED, COMPLETED)),
        ((AGAIN, CALLED_AGAIN), (LATE,)),
        ((ABANDONED,), (LATE,)),
        ((ATTACHED, STORED, COMPLETED), ()),
    ],
)
def test_a_late_result_after_a_decision_is_stored(resolved: tuple[Event, ...], late: tuple[Event, ...]) -> None:
    """The decision may have been wrong: a paid result is taken, in place of the next call if there is time."""
    given(*UNKNOWN, *resolved).when(provider_call.observe, call_id=CALL, seen=RESULT, at=AT).then(*late)


def test_a_job_that_is_accepted_after_a_retry_is_polled_instead_of_called_again() -> None:
    """A decision that came too early does not lead to a second payment."""
    seen = Accepted(job=JOB)
    given(*UNKNOWN, AGAIN).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then(ACCEPTED)
    given(*UNKNOWN, AGAIN, ACCEPTED).when(
        provider_call.start_call, provider="sandbox", call_id=NEXT_CALL, digest="c0ffee", worker="w1", epoch=1, at=SOON
    ).then_nothing()
