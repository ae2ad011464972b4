"""Laws of what became of the task of a step: no result is forgotten, no doubt is taken for an end, and no end for a
result."""

from decimal import Decimal
from typing import Any

import pytest

from application.ports import Recorded, Unreadable
from application.run_outcomes import Doubtful, Lost, Made, Open, outcome_of
from domain.base import Event, Rejected, replace
from domain.ids import task_stream
from domain.money import Cost
from domain.provider import Missing, RemoteOutput
from domain.task.events import (
    CallResolved,
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderSucceeded,
    RefetchRequested,
    TaskCompleted,
)
from tests.domain.scenario import (
    ACCEPTED,
    AT,
    BUSY_NOW,
    CALL,
    CALLED,
    CALLED_AGAIN,
    CANCELLED,
    CANCELLED_UNSENT,
    COMPLETED,
    DEADLINE,
    EXPIRED,
    FAILED,
    FOUND,
    IMAGE,
    IN_DOUBT,
    LATE,
    NEVER_ARRIVED,
    NEXT_CALL,
    NOT_FOUND_OUT,
    OUTCOME_UNKNOWN,
    REFUSED,
    REQUESTED,
    RUNNING_ON,
    STORED,
    TASK,
    WISH,
)

COST = Cost(amount=Decimal("0.04"), currency="USD", price_revision=1)
SECOND, THIRD = replace(IMAGE, id="second.png"), replace(IMAGE, id="third.png")
FETCHABLE = ProviderSucceeded(
    call=CALL, outputs=tuple(RemoteOutput(index=i, url=f"https://files.example.com/{i}.png") for i in (0, 1)), at=AT
)
LOST_FILE = Missing(index=0, code="fetch_failed", message="HTTP 404")
RETRIED = CallResolved(call=CALL, verdict="retry", by="anna", finish_by=DEADLINE, at=AT)
NOTHING_LATE = LateResultSeen(call=CALL, at=AT)


def outcome(*events: Event | Unreadable) -> Made | Lost | Doubtful | Open:
    """What became of a task with these events."""
    history: list[Any] = [Recorded(place, task_stream(TASK), place, event) for place, event in enumerate(events, 1)]  # type: ignore[arg-type]
    return outcome_of(history)


def late(*names: str, call: str = CALL, text: str | None = None) -> LateResultSeen:
    return LateResultSeen(call=call, assets=tuple(replace(IMAGE, id=name) for name in names), text=text, at=AT)


@pytest.mark.parametrize(
    "history",
    [
        (),
        (REQUESTED,),
        (REQUESTED, CALLED),
        (REQUESTED, CALLED, ACCEPTED),
        (REQUESTED, CALLED, BUSY_NOW),
        (REQUESTED, CALLED, REFUSED),
        (REQUESTED, CALLED, IN_DOUBT),
        (REQUESTED, CALLED, IN_DOUBT, FOUND),
        (REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED, CALLED_AGAIN),
        (REQUESTED, CALLED, ACCEPTED, WISH),
        (REQUESTED, CALLED, ACCEPTED, FETCHABLE, STORED),
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, RETRIED),
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, RETRIED, CALLED_AGAIN),
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, RETRIED, NOTHING_LATE),
    ],
    ids=lambda history: " ".join(type(event).__name__ for event in history) or "nothing",
)
def test_what_has_not_ended_goes_on(history: tuple[Event, ...]) -> None:
    """A call that is being looked up, an output that is stored before the others, and a retry are no ends."""
    assert outcome(*history) == Open()


# --- What was made ---


def test_what_was_made_is_told_with_its_cost_and_its_request() -> None:
    """Outputs stand in the order of the request, whichever came first."""
    asked = replace(REQUESTED, metadata={"node": "cat", "digest": "0a1b2c"})
    done = TaskCompleted(cost=COST, at=AT)
    stored = [OutputStored(index=index, asset=each, at=AT) for index, each in ((2, THIRD), (0, IMAGE), (1, SECOND))]
    found = Made((IMAGE.id, SECOND.id, THIRD.id), None, COST, "0a1b2c")
    assert outcome(asked, CALLED, ACCEPTED, *stored, done) == found
    written = replace(done, text="A hero.")
    assert outcome(asked, CALLED, ACCEPTED, written) == Made((), "A hero.", COST, "0a1b2c")


@pytest.mark.parametrize("metadata", [None, {}, {"node": "cat"}, {"digest": 7}, {"digest": None}], ids=str)
def test_a_request_of_no_canvas_has_no_digest(metadata: dict[str, Any] | None) -> None:
    """Its metadata are its caller's, and may hold anything or nothing."""
    asked = replace(REQUESTED, metadata=metadata)
    assert outcome(asked, CALLED, ACCEPTED, STORED, COMPLETED) == Made((IMAGE.id,), None, None, None)


def test_what_is_fetched_again_is_open_until_it_is_there() -> None:
    """A task that was completed without an output, and gets it on request."""
    some = (REQUESTED, CALLED, ACCEPTED, FETCHABLE, STORED, TaskCompleted(missing=(LOST_FILE,), at=AT))
    assert outcome(*some) == Made((IMAGE.id,), None, None, None)
    again = (*some, RefetchRequested(by="anna", at=AT))
    assert outcome(*again) == Open()
    rest = (OutputStored(index=1, asset=SECOND, at=AT), TaskCompleted(cost=COST, at=AT))
    assert outcome(*again, *rest) == Made((IMAGE.id, SECOND.id), None, COST, None)


# --- What came late ---


@pytest.mark.parametrize("end", [EXPIRED, RUNNING_ON, OUTCOME_UNKNOWN], ids=lambda end: type(end).__name__)
def test_a_result_that_came_late_is_a_result(end: Event) -> None:
    """It is paid for. What it cost is not told, so that its estimate counts."""
    asked = replace(REQUESTED, metadata={"digest": "0a1b2c"})
    assert outcome(asked, CALLED, ACCEPTED, end, LATE) == Made((IMAGE.id,), None, None, "0a1b2c")
    words = outcome(asked, CALLED, ACCEPTED, end, late(text="A hero."))
    assert words == Made((), "A hero.", None, "0a1b2c")


def test_late_results_stand_behind_what_was_there_and_replace_nothing() -> None:
    """Each output is paid for: those of a call that was given up, and those of the one that took its place."""
    given_up = (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, RETRIED)
    only_second = (CALLED_AGAIN, OutputStored(index=1, asset=SECOND, at=AT), TaskCompleted(cost=COST, at=AT))
    both = Made((SECOND.id, "late.png", "later.png"), None, COST, None)
    assert outcome(*given_up, *only_second, late("late.png"), late("later.png")) == both
    assert outcome(*given_up, late("late.png"), *only_second, late("later.png")) == both
    assert outcome(*given_up, late("late.png"), CALLED_AGAIN) == Made(("late.png",), None, None, None)
    stopped = (REQUESTED, CALLED, ACCEPTED, FETCHABLE, STORED, WISH, RUNNING_ON)
    assert outcome(*stopped, late("late.png")) == Made((IMAGE.id, "late.png"), None, None, None)


def test_a_late_output_that_a_refetch_stored_as_well_counts_once() -> None:
    """Whichever came first: it is one output."""
    given_up = (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, ACCEPTED, FETCHABLE)
    again = (RefetchRequested(by="anna", at=AT), STORED, OutputStored(index=1, asset=SECOND, at=AT))
    both = Made((IMAGE.id, SECOND.id), None, COST, None)
    assert outcome(*given_up, late(SECOND.id), *again, TaskCompleted(cost=COST, at=AT)) == both


def test_a_late_text_is_the_text_unless_the_task_has_one() -> None:
    """Another late result without a text takes none away."""
    given_up = (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, RETRIED, CALLED_AGAIN)
    assert outcome(*given_up, late(text="A hero."), late(call=NEXT_CALL)) == Made((), "A hero.", None, None)
    assert outcome(*given_up, late(text="A hero."), TaskCompleted(text="A villain.", at=AT)) == Made(
        (), "A villain.", None, None
    )


def test_a_late_result_of_which_nothing_could_be_fetched_is_none() -> None:
    """The provider has finished, and its files are gone: the step has made nothing, as its task says."""
    fetching = (REQUESTED, CALLED, ACCEPTED, EXPIRED, FETCHABLE, OutputFetchFailed(failed=(LOST_FILE,), at=AT))
    assert outcome(*fetching, NOTHING_LATE) == Lost("deadline_exceeded", EXPIRED.message, "unknown", True, None)


# --- What is in doubt, and what is lost ---


@pytest.mark.parametrize(
    "history",
    [
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT),
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN),
        (REQUESTED, CALLED, OUTCOME_UNKNOWN),
        (REQUESTED, CALLED, ACCEPTED, EXPIRED),
        (REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON),
    ],
    ids=lambda history: " ".join(type(event).__name__ for event in history),
)
def test_a_call_that_may_have_been_charged_for_is_in_doubt(history: tuple[Event, ...]) -> None:
    """Whether its task has ended or not: what it made may still come."""
    assert outcome(*history) == Doubtful(CALL)


def test_the_doubt_is_about_the_newest_call() -> None:
    """An earlier one was proved absent."""
    doubted = replace(IN_DOUBT, call=NEXT_CALL)
    unknown = replace(NOT_FOUND_OUT, call=NEXT_CALL)
    assert outcome(REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED, CALLED_AGAIN, doubted, unknown) == Doubtful(NEXT_CALL)


def test_a_doubt_that_a_person_gave_up_is_a_loss() -> None:
    """Nothing more is expected of it, and whether it was charged for stays unknown."""
    abandoned = CallResolved(call=CALL, verdict="abandon", by="anna", at=AT)
    lost = Lost("outcome_unknown", OUTCOME_UNKNOWN.message, "unknown", False, None)
    assert outcome(REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, abandoned) == lost


def test_a_failure_is_told_as_the_task_has_it() -> None:
    """Its code, its words, whether it was charged for and whether it may be tried again: the run decides by them."""
    refused = Lost("content_rejected", "Not this.", "no", False, None)
    assert outcome(REQUESTED, CALLED, REFUSED, FAILED) == refused
    paid = replace(FAILED, code="no_outputs", charged="yes", retryable=True, cost=COST)
    assert outcome(REQUESTED, CALLED, ACCEPTED, paid) == Lost("no_outputs", "Not this.", "yes", True, COST)
    unsent = replace(EXPIRED, charged="no")
    assert outcome(REQUESTED, unsent) == Lost("deadline_exceeded", EXPIRED.message, "no", True, None)
    assert outcome(REQUESTED, CALLED, ACCEPTED, unsent) == Lost("deadline_exceeded", EXPIRED.message, "no", True, None)
    assert outcome(REQUESTED, EXPIRED) == Lost("deadline_exceeded", EXPIRED.message, "unknown", True, None)


def test_a_cancelled_task_made_nothing_and_is_not_tried_again() -> None:
    """It is told whether it was charged for all the same."""
    unsent = Lost("cancelled", "It had not been sent to the provider.", "no", False, None)
    assert outcome(REQUESTED, WISH, CANCELLED_UNSENT) == unsent
    assert outcome(REQUESTED, CALLED, ACCEPTED, WISH, CANCELLED) == Lost("cancelled", "stopped", "no", False, None)
    late_wish = replace(CANCELLED, outcome="too_late", message="It had finished.", charged="yes")
    paid = Lost("cancelled", "It had finished.", "yes", False, None)
    assert outcome(REQUESTED, CALLED, ACCEPTED, FETCHABLE, STORED, WISH, late_wish) == paid
    assert outcome(REQUESTED, CALLED, ACCEPTED, WISH, late_wish) == paid


def test_nothing_is_made_of_what_cannot_be_read() -> None:
    """A newer Pixel may know that it ended otherwise."""
    with pytest.raises(Rejected) as refused:
        outcome(REQUESTED, CALLED, Unreadable(topic="Novelty", problem="?"), COMPLETED)
    assert refused.value.code == "stream_unreadable"
    assert refused.value.message
