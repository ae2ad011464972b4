"""Requests, cancellations and deadlines; the status of a task, and its next step."""

from datetime import timedelta

import pytest

from domain.base import Event, replace
from domain.task import lifecycle
from domain.task.events import ProviderCallReconciled
from domain.task.next_step import CancelJob, Done, MakeCall, PollJob, Reconcile, Step, next_step
from domain.task.state import Status, Task
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
    IN_DOUBT,
    JOB,
    LATE,
    NEVER_ARRIVED,
    NOT_FOUND_OUT,
    OUTCOME_UNKNOWN,
    PROGRESSED,
    REFUSED,
    REQUESTED,
    RUNNING_ON,
    SOON,
    STORED,
    TASK,
    WISH,
)
from tests.spec import fold, given


def test_a_request_is_accepted_once() -> None:
    """The first request makes the task."""
    given().when(lifecycle.request_task, requested=REQUESTED).then(REQUESTED)


@pytest.mark.parametrize("rest", [(), (CALLED,), (CALLED, ACCEPTED, COMPLETED)])
def test_the_same_request_again_is_the_same_task(rest: tuple[Event, ...]) -> None:
    """The same request under the same key changes nothing, however far the task has come and whenever it is sent."""
    again = replace(REQUESTED, at=SOON, finish_by=DEADLINE + timedelta(seconds=30))
    given(REQUESTED, *rest).when(lifecycle.request_task, requested=again).then_nothing()


def test_another_request_under_the_same_key_is_refused() -> None:
    """A key that was used for one request can't be used for another."""
    other = replace(REQUESTED, request_hash="ffff")
    given(REQUESTED).when(lifecycle.request_task, requested=other).then_rejected("idempotency_key_reused")


def test_a_task_is_as_small_as_its_decisions() -> None:
    """The parameters of a request, its caller and its metadata stay in the event: no decision needs them."""
    long = replace(REQUESTED, params={"prompt": "x" * 10_000}, caller="other", metadata={"x": "y"}, project_id="p")
    assert fold(Task, (long, CALLED)) == fold(Task, (REQUESTED, CALLED))


# --- Status ---


@pytest.mark.parametrize(
    ("past", "status"),
    [
        ((), "new"),
        ((REQUESTED,), "pending"),
        ((REQUESTED, CALLED), "processing"),
        ((REQUESTED, CALLED, ACCEPTED), "processing"),
        ((REQUESTED, CALLED, ACCEPTED, PROGRESSED), "processing"),
        ((REQUESTED, CALLED, BUSY_NOW), "processing"),
        ((REQUESTED, CALLED, IN_DOUBT), "processing"),
        ((REQUESTED, CALLED, IN_DOUBT, FOUND), "processing"),
        ((REQUESTED, CALLED, ACCEPTED, STORED), "processing"),
        ((REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED), "completed"),
        ((REQUESTED, CALLED, REFUSED, FAILED), "failed"),
        ((REQUESTED, WISH), "pending"),
        ((REQUESTED, CALLED, ACCEPTED, WISH), "processing"),
        ((REQUESTED, CALLED, ACCEPTED, WISH, CANCELLED), "failed"),
        ((REQUESTED, CALLED, FAILED, LATE), "failed"),
    ],
)
def test_every_fact_has_its_status(past: tuple[Event, ...], status: str) -> None:
    """Each fact leads to the documented status; a late result changes none."""
    assert fold(Task, past).status == status


def test_the_frontend_knows_four_words() -> None:
    """The words of the contract are closed: pending, processing, completed, failed; a task to be made has no word."""
    assert {status.value for status in Status} - {"new"} == {"pending", "processing", "completed", "failed"}
    assert {status for status in Status if status.final} == {Status.COMPLETED, Status.FAILED}


# --- Cancelling ---


def test_there_is_nothing_to_cancel_before_a_request() -> None:
    """An empty stream is no task, so it is refused as unknown."""
    given().when(lifecycle.cancel, by="frontend", at=AT).then_rejected("task_unknown")


def test_an_unsent_task_is_cancelled_at_once() -> None:
    """Before the first call a cancellation ends the task at once, without a charge."""
    given(REQUESTED).when(lifecycle.cancel, by="frontend", at=AT).then(WISH, CANCELLED_UNSENT)


def test_a_task_that_waits_to_be_sent_again_is_cancelled_at_once() -> None:
    """Between two calls a cancellation ends the task at once: the provider has nothing to stop. It had got the first
    call, so nobody says that it had not."""
    idle = replace(CANCELLED_UNSENT, message="No provider was working on it.")
    given(REQUESTED, CALLED, BUSY_NOW).when(lifecycle.cancel, by="frontend", at=AT).then(WISH, idle)
    given(REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED).when(lifecycle.cancel, by="frontend", at=AT).then(WISH, idle)


@pytest.mark.parametrize("rest", [(), (ACCEPTED,), (IN_DOUBT,)])
def test_a_sent_call_needs_the_providers_confirmation(rest: tuple[Event, ...]) -> None:
    """Once the request may have been sent, only the provider can confirm a stop."""
    given(REQUESTED, CALLED, *rest).when(lifecycle.cancel, by="frontend", at=AT).then(WISH)


def test_a_second_cancellation_adds_nothing() -> None:
    """The first caller counts as the one who cancelled; a repetition changes nothing."""
    given(REQUESTED, CALLED, ACCEPTED, WISH).when(lifecycle.cancel, by="somebody else", at=SOON).then_nothing()


def test_an_end_can_not_be_cancelled() -> None:
    """A completed task stays completed, and cancelling it is no error: the answer is the task as it is."""
    given(REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED).when(lifecycle.cancel, by="frontend", at=AT).then_nothing()


# --- The deadline ---


def test_nothing_expires_before_its_time() -> None:
    """Nothing expires before its deadline."""
    just_before = DEADLINE - timedelta(microseconds=1)
    given(REQUESTED, CALLED, ACCEPTED).when(lifecycle.expire, at=just_before).then_nothing()


@pytest.mark.parametrize("rest", [(CALLED,), (CALLED, ACCEPTED), (CALLED, IN_DOUBT), (CALLED, ACCEPTED, WISH)])
def test_at_its_deadline_a_paid_task_fails(rest: tuple[Event, ...]) -> None:
    """The deadline ends a task; whether an open call was charged stays unknown."""
    given(REQUESTED, *rest).when(lifecycle.expire, at=DEADLINE).then(EXPIRED)


@pytest.mark.parametrize("rest", [(), (CALLED, BUSY_NOW), (CALLED, IN_DOUBT, NEVER_ARRIVED)])
def test_at_its_deadline_an_unsent_task_fails_free_of_charge(rest: tuple[Event, ...]) -> None:
    """Without an open call nothing can have been charged."""
    given(REQUESTED, *rest).when(lifecycle.expire, at=DEADLINE).then(replace(EXPIRED, charged="no"))


def test_a_job_is_polled_after_the_end_for_as_long_again() -> None:
    """A cancelled task waits for the result that was paid for, but not for ever; the task itself stays as it is."""
    past = (REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON)
    at_last = DEADLINE + (DEADLINE - AT)
    late = "no result came until the deadline"
    let_go = ProviderCallReconciled(call=CALL, outcome="unknown", evidence=late, at=at_last)
    given(*past).when(lifecycle.expire, at=at_last - timedelta(microseconds=1)).then_nothing()
    given(*past).when(lifecycle.expire, at=at_last).then(let_go)
    given(*past, let_go).when(lifecycle.expire, at=at_last).then_nothing()
    assert next_step(fold(Task, (*past, let_go))) == Done()


def test_an_end_does_not_expire() -> None:
    """A task that has ended, with all its calls, does not expire."""
    given(REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED).when(lifecycle.expire, at=DEADLINE).then_nothing()
    given().when(lifecycle.expire, at=DEADLINE).then_nothing()


# --- The deadline to start ---

HURRIED = replace(REQUESTED, start_by=SOON)
NOT_STARTED = replace(
    EXPIRED,
    code="not_started",
    message="No provider had taken it in the time that it is given to start.",
    charged="no",
    at=SOON,
)


@pytest.mark.parametrize("rest", [(), (CALLED, BUSY_NOW), (CALLED, IN_DOUBT, NEVER_ARRIVED)])
def test_a_task_that_no_provider_accepts_in_time_fails_free_of_charge(rest: tuple[Event, ...]) -> None:
    """The deadline to start is for waiting tasks: they fail early, and nothing was paid."""
    past = (HURRIED, *rest)
    given(*past).when(lifecycle.expire, at=SOON - timedelta(microseconds=1)).then_nothing()
    given(*past).when(lifecycle.expire, at=SOON).then(NOT_STARTED)
    assert lifecycle.next_deadline(fold(Task, past)) == SOON


@pytest.mark.parametrize("rest", [(CALLED,), (CALLED, ACCEPTED), (CALLED, IN_DOUBT), (CALLED, IN_DOUBT, FOUND)])
def test_a_started_task_has_the_deadline_to_finish(rest: tuple[Event, ...]) -> None:
    """Once an order is out, only the deadline to finish counts."""
    past = (HURRIED, *rest)
    given(*past).when(lifecycle.expire, at=SOON).then_nothing()
    given(*past).when(lifecycle.expire, at=DEADLINE).then(EXPIRED)
    assert lifecycle.next_deadline(fold(Task, past)) == DEADLINE


def test_the_deadline_to_finish_may_come_first() -> None:
    """The earlier of the two counts, and the failure names it."""
    sleepy = replace(REQUESTED, start_by=DEADLINE + timedelta(hours=1))
    assert lifecycle.next_deadline(fold(Task, (sleepy,))) == DEADLINE
    given(sleepy).when(lifecycle.expire, at=DEADLINE).then(replace(EXPIRED, charged="no"))


def test_an_empty_stream_has_no_deadline() -> None:
    """An empty stream has no deadline."""
    assert lifecycle.next_deadline(Task()) is None


# --- What has to be done next ---


@pytest.mark.parametrize(
    ("past", "step"),
    [
        ((), Done()),
        ((REQUESTED,), MakeCall()),
        ((REQUESTED, CALLED), Reconcile(in_doubt=False)),
        ((REQUESTED, CALLED, ACCEPTED), PollJob(job=JOB)),
        ((REQUESTED, CALLED, ACCEPTED, PROGRESSED), PollJob(job=JOB)),
        ((REQUESTED, CALLED, BUSY_NOW), MakeCall(not_before=SOON)),
        ((REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN), Reconcile(in_doubt=False)),
        ((REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN, LATE), Reconcile(in_doubt=False)),
        ((REQUESTED, CALLED, IN_DOUBT), Reconcile(in_doubt=True)),
        ((REQUESTED, CALLED, IN_DOUBT, FOUND), PollJob(job=JOB)),
        ((REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED), MakeCall()),
        ((REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN), Done()),
        ((REQUESTED, CALLED, WISH), Reconcile(in_doubt=False)),
        ((REQUESTED, CALLED, ACCEPTED, WISH), CancelJob(job=JOB)),
        ((REQUESTED, CALLED, ACCEPTED, WISH, CANCELLED), Done()),
        ((REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON), PollJob(job=JOB)),
        ((REQUESTED, CALLED, ACCEPTED, WISH, replace(RUNNING_ON, outcome="too_late")), PollJob(job=JOB)),
        ((REQUESTED, CALLED, ACCEPTED, WISH, replace(RUNNING_ON, outcome="unknown")), PollJob(job=JOB)),
        ((REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON, LATE), Done()),
        ((REQUESTED, WISH, CANCELLED_UNSENT), Done()),
        ((REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED), Done()),
        ((REQUESTED, CALLED, REFUSED, FAILED), Done()),
    ],
)
def test_every_history_has_its_next_step(past: tuple[Event, ...], step: Step) -> None:
    """The next step follows from the history alone, so that any worker can take over from any other."""
    assert next_step(fold(Task, past)) == step


def test_a_call_before_its_time_is_no_next_step() -> None:
    """With a time, a call that is not due then is no next step."""
    waiting = fold(Task, (REQUESTED, CALLED, BUSY_NOW))
    assert next_step(waiting, at=SOON - timedelta(microseconds=1)) == Done()
    assert next_step(waiting, at=SOON) == MakeCall(not_before=SOON)


def test_a_second_call_starts_from_nothing() -> None:
    """Progress of a refused call does not count for the next one."""
    folded = fold(Task, (REQUESTED, CALLED, ACCEPTED, PROGRESSED, BUSY_NOW, CALLED_AGAIN))
    assert (folded.percent, folded.phase, folded.progressed_at, folded.retry_at) == (None, None, None, None)
    assert folded.call is not None
    assert (folded.call.id, folded.call.attempt, folded.call.job) == (f"{TASK}.2", 2, None)
