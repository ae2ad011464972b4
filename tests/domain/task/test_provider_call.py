"""Provider calls: nothing is paid twice, nothing in doubt is sent again, and no paid result is lost."""

import math
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from domain.backoff import delay_seconds
from domain.base import Event, replace
from domain.money import Cost
from domain.provider import (
    Accepted,
    CancelResult,
    CannotTell,
    Charged,
    Found,
    InDoubt,
    Missing,
    NotFound,
    NotSent,
    NoVerdict,
    Refused,
    Stored,
    StoredSighting,
    Working,
)
from domain.task import provider_call, refusal
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    OutputStored,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallReconciled,
    ProviderProgressed,
    ProviderRefused,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
)
from domain.task.next_step import MakeCall, next_step
from domain.task.refusal import MAX_ATTEMPTS
from domain.task.state import ServingModel, Task
from tests.domain.scenario import (
    ACCEPTED,
    ANSWERED_LATE,
    AT,
    BUSY,
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
    GONE,
    IMAGE,
    IN_DOUBT,
    JOB,
    LATE,
    NEVER_ARRIVED,
    NEXT_CALL,
    NO,
    NOT_FOUND_OUT,
    OUTCOME_UNKNOWN,
    PROGRESSED,
    REFUSED,
    REQUESTED,
    RESULT,
    RUNNING_ON,
    SOON,
    STOPPED,
    STORED,
    UNSTOPPABLE,
    WISH,
)
from tests.spec import Answer, fold, given

FAILED_AGAIN = replace(BUSY_NOW, code="generation_failed")


def called(*past: Event, at: datetime = AT, call: str = CALL) -> Answer:
    return given(*past).when(
        provider_call.start_call, provider="sandbox", call_id=call, digest="c0ffee", worker="w1", epoch=1, at=at
    )


def seen(*past: Event, what: StoredSighting, call: str = CALL, at: datetime = AT) -> Answer:
    return given(*past).when(provider_call.observe, call_id=call, seen=what, at=at)


def nth_call(attempt: int) -> ProviderCalled:
    return replace(CALLED, attempt=attempt)


def after_tries(tries: int) -> tuple[Event, ...]:
    """The events of a task whose calls the model refused so many times, and one open call."""
    return (
        REQUESTED,
        *(fact for n in range(1, tries + 1) for fact in (nth_call(n), FAILED_AGAIN)),
        nth_call(tries + 1),
    )


# --- The intent ---


def test_the_intent_is_recorded_before_the_call() -> None:
    """The intent to call is recorded before the call."""
    called(REQUESTED).then(CALLED)


def test_a_call_names_the_account_that_pays_for_it() -> None:
    """Only the same key can poll the job, so the fingerprint of the account is recorded with the intent."""
    given(REQUESTED).when(
        provider_call.start_call,
        provider="sandbox",
        call_id=CALL,
        digest="c0ffee",
        worker="w1",
        epoch=1,
        account="5f1d",
        at=AT,
    ).then(replace(CALLED, account="5f1d"))


@pytest.mark.parametrize(
    "past",
    [
        (),
        (REQUESTED, CALLED),
        (REQUESTED, CALLED, ACCEPTED),
        (REQUESTED, CALLED, IN_DOUBT),
        (REQUESTED, CALLED, IN_DOUBT, FOUND),
        (REQUESTED, CALLED, ACCEPTED, WISH),
        (REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON),
        (REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED),
        (REQUESTED, CALLED, REFUSED, FAILED),
        (REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN),
    ],
)
def test_no_second_call_during_an_open_one_or_after_the_end(past: tuple[Event, ...]) -> None:
    """While a call may still cost money, and after the end of the task, no call may be made."""
    called(*past, at=SOON, call=NEXT_CALL).then_nothing()


def test_a_refused_call_is_made_again_when_its_time_has_come() -> None:
    """A refusal with a retry time allows the next call from then on, and not before."""
    called(REQUESTED, CALLED, BUSY_NOW, at=AT, call=NEXT_CALL).then_nothing()
    called(REQUESTED, CALLED, BUSY_NOW, at=SOON, call=NEXT_CALL).then(CALLED_AGAIN)


def test_a_call_that_did_not_happen_is_made_again() -> None:
    """A sure "it did not happen" allows the next call."""
    called(REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED, at=SOON, call=NEXT_CALL).then(CALLED_AGAIN)


def test_no_call_is_made_after_the_deadline() -> None:
    """No call begins after the deadline, even if the failure of the task is not recorded yet."""
    called(REQUESTED, at=DEADLINE).then_nothing()
    called(REQUESTED, CALLED, BUSY_NOW, at=DEADLINE, call=NEXT_CALL).then_nothing()


# --- Accepted, working, finished ---


def test_the_receipt_is_recorded_at_once() -> None:
    """The provider's id of the job is recorded, so that the job is polled and never ordered again."""
    seen(REQUESTED, CALLED, what=Accepted(job=JOB)).then(ACCEPTED)
    seen(REQUESTED, CALLED, ACCEPTED, what=Accepted(job=JOB)).then_nothing()


def test_a_sighting_without_a_call_changes_nothing() -> None:
    """A sighting without a call adds no event."""
    seen(REQUESTED, what=Accepted(job=JOB)).then_nothing()
    seen(REQUESTED, what=RESULT).then_nothing()
    seen(what=RESULT).then_nothing()


def test_progress_is_recorded_only_when_it_moved() -> None:
    """Unchanged progress adds no event."""
    working = Working(percent=40, phase="rendering")
    seen(REQUESTED, CALLED, ACCEPTED, what=working).then(PROGRESSED)
    seen(REQUESTED, CALLED, ACCEPTED, PROGRESSED, what=working).then_nothing()
    seen(REQUESTED, CALLED, ACCEPTED, PROGRESSED, what=Working()).then_nothing()
    seen(REQUESTED, CALLED, ACCEPTED, what=Working(percent=0)).then(ProviderProgressed(percent=0, at=AT))


@pytest.mark.parametrize(
    ("percent", "seconds", "recorded"),
    [(49, 0, False), (49, 9.9, False), (50, 0, True), (41, 10, True), (40, 60, False), (None, 60, False)],
)
def test_progress_is_recorded_in_steps(percent: int | None, seconds: float, recorded: bool) -> None:
    """Events stay for ever: progress is recorded at each ten points, and at fewer only after ten seconds."""
    later = AT + timedelta(seconds=seconds)
    answer = seen(REQUESTED, CALLED, ACCEPTED, PROGRESSED, what=Working(percent=percent, phase="rendering"), at=later)
    if recorded:
        answer.then(ProviderProgressed(percent=percent, phase="rendering", at=later))
    else:
        answer.then_nothing()


@pytest.mark.parametrize(("percent", "known"), [(10, 40), (-5, 40), (41, 41), (100, 100), (250, 100)])
def test_progress_never_goes_back_nor_beyond_the_end(percent: int, known: int) -> None:
    """Percent never falls and stays within 0 to 100, for any figure of the provider."""
    moved = ProviderProgressed(percent=known, phase="saving", at=AT)
    seen(REQUESTED, CALLED, ACCEPTED, PROGRESSED, what=Working(percent=percent, phase="saving")).then(moved)


def test_a_finished_job_completes_the_task_after_its_outputs_are_stored() -> None:
    """Each output has an event of its own, before the end of the task."""
    seen(REQUESTED, CALLED, ACCEPTED, what=RESULT).then(STORED, COMPLETED)


def test_a_provider_that_answers_at_once_completes_the_task_at_once() -> None:
    """The answer to the call may have the result, without any job."""
    seen(REQUESTED, CALLED, what=RESULT).then(STORED, COMPLETED)


def test_a_text_is_a_result_without_any_file() -> None:
    """Text is stored in the event itself."""
    usage = {"total_tokens": 9}
    said = Stored(text="The sea is calm.", usage=usage)
    seen(REQUESTED, CALLED, what=said).then(TaskCompleted(text="The sea is calm.", usage=usage, at=AT))


def test_a_result_brings_its_cost_and_its_notes() -> None:
    """The cost of the call and the notes on its outputs are recorded with the end of the task."""
    cost, notes = Cost(amount=Decimal("0.08"), currency="USD", price_revision=1), ("output 0: smaller",)
    seen(REQUESTED, CALLED, what=replace(RESULT, cost=cost, notes=notes)).then(
        STORED, replace(COMPLETED, cost=cost, notes=notes)
    )


def test_a_partial_result_names_the_missing_outputs() -> None:
    """Three of four images are stored and paid for; the fourth is missing, with its reason."""
    gap = Missing(index=1, code="content_rejected", message="Not this one.")
    part = Stored(assets=((0, IMAGE), (2, IMAGE)), missing=(gap,))
    seen(REQUESTED, CALLED, ACCEPTED, what=part).then(
        STORED, OutputStored(index=2, asset=IMAGE, at=AT), TaskCompleted(missing=(gap,), at=AT)
    )


def test_a_job_finished_with_nothing_fails() -> None:
    """A result without outputs is a failure with the provider's reason, and does not count as free."""
    gap = Missing(index=0, code="content_rejected", message="Not this one.")
    seen(REQUESTED, CALLED, ACCEPTED, what=Stored(missing=(gap,))).then(
        TaskFailed(
            code="no_outputs",
            message="The provider finished the job without any output: Not this one.",
            retryable=False,
            charged="unknown",
            provider_code="content_rejected",
            provider_message="Not this one.",
            at=AT,
        )
    )


def test_a_job_finished_without_a_reason_fails_too() -> None:
    """An empty result without a reason is a failure with that message."""
    seen(REQUESTED, CALLED, ACCEPTED, what=Stored()).then(
        TaskFailed(
            code="no_outputs",
            message="The provider finished the job without any output: The provider returned nothing.",
            retryable=False,
            charged="unknown",
            provider_code="empty",
            provider_message="The provider returned nothing.",
            at=AT,
        )
    )


def test_the_same_result_twice_is_one_result() -> None:
    """A result that is recorded is not recorded again, in time or late."""
    seen(REQUESTED, CALLED, ACCEPTED, STORED, COMPLETED, what=RESULT).then_nothing()
    seen(REQUESTED, CALLED, ACCEPTED, EXPIRED, LATE, what=RESULT).then_nothing()


# --- Refused ---


def test_a_final_refusal_ends_the_task() -> None:
    """A final refusal fails the task, in the provider's own words."""
    seen(REQUESTED, CALLED, what=NO).then(REFUSED, FAILED)
    seen(REQUESTED, CALLED, ACCEPTED, what=NO).then(REFUSED, FAILED)


def test_a_busy_provider_is_called_again_at_its_retry_time() -> None:
    """After a retryable refusal without cost the next call is at the time that the provider named."""
    seen(REQUESTED, CALLED, what=BUSY).then(BUSY_NOW)


WITHOUT_A_WISH = replace(BUSY, retry_after_seconds=None)


def calls(often: int, first: int = 1) -> tuple[Event, ...]:
    """So many calls, all refused but the last."""
    refused_ones = (fact for n in range(first, first + often - 1) for fact in (nth_call(n), BUSY_NOW))
    return (*refused_ones, nth_call(first + often - 1))


def pause_after(*past: Event, call: str = CALL) -> float:
    """The delay in seconds after a refusal without a retry time."""
    no = seen(*past, what=WITHOUT_A_WISH, call=call).facts[0]
    assert isinstance(no, ProviderRefused)
    assert no.retry_at is not None
    return (no.retry_at - AT).total_seconds()


@pytest.mark.parametrize(("often", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (7, 60), (40, 60)])
def test_without_a_retry_time_the_pause_doubles(often: int, seconds: int) -> None:
    """Without a retry time the delay doubles with every call, up to a maximum."""
    assert seconds / 2 <= pause_after(REQUESTED, *calls(often)) < seconds


def test_a_model_that_takes_over_is_given_its_own_pauses() -> None:
    """However often the model before was called: its first refusal is a first refusal. So it is after a person's
    retry."""
    chosen = to(OTHER, "provider_unavailable")
    assert pause_after(CHOOSY, *calls(6), BUSY_NOW, chosen, nth_call(7)) < 1
    assert pause_after(CHOOSY, *calls(6), BUSY_NOW, chosen, *calls(3, first=7)) >= 2
    again = CallResolved(call=CALL, verdict="retry", by="anna", finish_by=DEADLINE, at=AT)
    assert pause_after(REQUESTED, *calls(6), IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, again, nth_call(7)) < 1


def test_tasks_refused_together_are_not_retried_together() -> None:
    """Delays have jitter by call, and the same decision gives the same delay again."""
    pauses = {pause_after(REQUESTED, replace(CALLED, call=f"{n}.1"), call=f"{n}.1") for n in range(200)}
    assert len(pauses) > 190
    assert max(pauses) - min(pauses) > 0.4
    assert pause_after(REQUESTED, CALLED) == pause_after(REQUESTED, CALLED)


def test_attempts_are_bounded() -> None:
    """The last attempt is not followed by another: the task fails as the provider's refusal says."""
    flaky = replace(BUSY, code="generation_failed")
    end = TaskFailed(code="generation_failed", message="Too many requests.", retryable=True, charged="no", at=AT)
    seen(*after_tries(MAX_ATTEMPTS - 2), what=flaky).then(FAILED_AGAIN)
    seen(*after_tries(MAX_ATTEMPTS - 1), what=flaky).then(replace(FAILED_AGAIN, retry_at=None), end)


@pytest.mark.parametrize("code", ["rate_limited", "provider_unavailable", "provider_unreachable"])
def test_a_task_waits_for_an_unavailable_provider(code: str) -> None:
    """A refusal that is not about the request counts as no attempt: the task waits, up to its deadline."""
    busy, waits = replace(BUSY, code=code), replace(BUSY_NOW, code=code)
    often = [fact for n in range(1, 3 * MAX_ATTEMPTS) for fact in (nth_call(n), waits)]
    seen(REQUESTED, *often, nth_call(3 * MAX_ATTEMPTS), what=busy).then(waits)
    seen(*after_tries(MAX_ATTEMPTS - 1), what=busy).then(waits)


@pytest.mark.parametrize("wish", [900.0, 86_400.0, 1e20, math.inf])
def test_a_retry_after_the_deadline_ends_the_task(wish: float) -> None:
    """A retry time beyond the deadline ends the task now, however absurd it is."""
    no = replace(BUSY_NOW, retry_at=None)
    end = TaskFailed(code="rate_limited", message="Too many requests.", retryable=True, charged="no", at=AT)
    seen(REQUESTED, CALLED, what=replace(BUSY, retry_after_seconds=wish)).then(no, end)


@pytest.mark.parametrize("wish", [0.0, -30.0, math.nan])
def test_a_senseless_retry_time_is_no_error(wish: float) -> None:
    """A retry delay of zero, or one that is no number, means now."""
    seen(REQUESTED, CALLED, what=replace(BUSY, retry_after_seconds=wish)).then(replace(BUSY_NOW, retry_at=AT))


@pytest.mark.parametrize("charged", ["yes", "unknown"])
def test_a_refusal_that_may_have_cost_money_is_not_retried(charged: str) -> None:
    """A call that may have cost money is not repeated, even if the provider allows it."""
    answer = replace(BUSY, charged=charged)
    no = replace(BUSY_NOW, charged=charged, retry_at=None)
    end = TaskFailed(code="rate_limited", message="Too many requests.", retryable=True, charged="no", at=AT)
    seen(REQUESTED, CALLED, what=answer).then(no, replace(end, charged=charged))


def test_a_call_that_was_not_sent_is_made_again() -> None:
    """If no byte arrived, nothing happened, and a repetition is safe."""
    seen(REQUESTED, CALLED, what=NotSent(reason="connection refused")).then(
        ProviderRefused(
            call=CALL,
            code="provider_unreachable",
            message="connection refused",
            retryable=True,
            charged="no",
            retry_at=AT + timedelta(seconds=delay_seconds(1, jitter_key=CALL)),
            at=AT,
        )
    )


def test_a_second_refusal_of_the_same_call_adds_nothing() -> None:
    """A settled call takes no other outcome."""
    seen(REQUESTED, CALLED, BUSY_NOW, what=BUSY).then_nothing()
    seen(REQUESTED, CALLED, REFUSED, FAILED, what=NO).then_nothing()


# --- Another model ---

SERVED_BY_OTHER = ServingModel(model="acme/other", model_revision=3)
OTHER, THIRD = Fallback(model="acme/other", model_revision=3), Fallback(model="acme/third", model_revision=1)
CHOOSY = replace(REQUESTED, fallbacks=(OTHER, THIRD))
REJECTED = replace(NO, code="provider_rejected")
REFUSED_FINALLY = replace(REFUSED, code="provider_rejected")
GIVES_UP = replace(FAILED, code="provider_rejected")


def to(other: Fallback, reason: str) -> FallbackChosen:
    return FallbackChosen(model=other.model, model_revision=other.model_revision, reason=reason, at=AT)


def test_a_refusal_for_good_lets_the_next_model_take_over() -> None:
    """While nothing was paid, the models that the caller allows are tried in their order, each once."""
    second, third = to(OTHER, "provider_rejected"), to(THIRD, "provider_rejected")
    past: tuple[Event, ...] = (CHOOSY, CALLED, REFUSED_FINALLY, second)
    seen(CHOOSY, CALLED, what=REJECTED).then(REFUSED_FINALLY, second)
    called(*past, at=SOON, call=NEXT_CALL).then(CALLED_AGAIN)
    past = (*past, CALLED_AGAIN, replace(REFUSED_FINALLY, call=NEXT_CALL), third)
    last = replace(CALLED_AGAIN, call="third", attempt=3)
    seen(*past, last, what=REJECTED, call="third").then(replace(REFUSED_FINALLY, call="third"), GIVES_UP)


def test_a_model_that_keeps_failing_gives_way_to_the_next() -> None:
    """A retry comes first; after the last try of one model, the next one begins with all of its own."""
    flaky = replace(BUSY, code="generation_failed")
    past = tuple(replace(fact, fallbacks=(OTHER,)) if fact is REQUESTED else fact for fact in after_tries(4))
    seen(CHOOSY, CALLED, what=flaky).then(FAILED_AGAIN)
    chosen = to(OTHER, "generation_failed")
    seen(*past, what=flaky).then(replace(FAILED_AGAIN, retry_at=None), chosen)
    again = (replace(FAILED_AGAIN, retry_at=None), chosen, nth_call(6))
    seen(*past, *again, what=replace(flaky, retry_after_seconds=30)).then(FAILED_AGAIN)


@pytest.mark.parametrize("charged", ["yes", "unknown"])
def test_no_model_takes_over_what_may_have_been_paid_for(charged: Charged) -> None:
    """A refusal that may have cost money ends the task."""
    seen(CHOOSY, CALLED, what=replace(REJECTED, charged=charged)).then(
        replace(REFUSED_FINALLY, charged=charged), replace(GIVES_UP, charged=charged)
    )


@pytest.mark.parametrize("code", ["content_rejected", "content_rejected_input", "content_rejected_output"])
def test_no_model_takes_over_rejected_content(code: str) -> None:
    """Content that one provider rejects is not sent to the next."""
    seen(CHOOSY, CALLED, what=replace(NO, code=code)).then(replace(REFUSED, code=code), replace(FAILED, code=code))


@pytest.mark.parametrize(
    ("rest", "news"),
    [
        ((ACCEPTED,), GONE),
        ((), Stored()),
        ((ACCEPTED,), Stored()),
    ],
)
def test_no_model_takes_over_a_job_that_was_done_or_lost(rest: tuple[Event, ...], news: StoredSighting) -> None:
    """No fallback takes over a job that was done or lost."""
    answer = seen(CHOOSY, CALLED, *rest, what=news)
    assert [type(fact) for fact in answer.facts] == [TaskFailed]


def test_no_model_takes_over_in_doubt() -> None:
    """No fallback takes over a call in doubt: it might be paid twice."""
    given(CHOOSY, CALLED, IN_DOUBT).when(
        provider_call.reconcile, call_id=CALL, finding=CannotTell(reason="can't be asked"), at=AT
    ).then(NOT_FOUND_OUT, OUTCOME_UNKNOWN)
    given(CHOOSY, CALLED, IN_DOUBT).when(refusal.fall_back, reason="provider_unavailable", at=AT).then_nothing()


def test_no_model_takes_over_a_cancelled_or_ended_task() -> None:
    """A cancelled task stays cancelled, and a late refusal is only recorded."""
    stopped = TaskCancelled(by="frontend", outcome="confirmed", message="Not this.", charged="no", at=AT)
    seen(CHOOSY, CALLED, WISH, what=REJECTED).then(REFUSED_FINALLY, stopped)
    seen(CHOOSY, CALLED, EXPIRED, what=REJECTED).then(REFUSED_FINALLY)


@pytest.mark.parametrize("rest", [(), (CALLED, BUSY_NOW), (CALLED, IN_DOUBT, NEVER_ARRIVED)])
def test_the_next_model_takes_over_from_an_unavailable_provider(rest: tuple[Event, ...]) -> None:
    """Between calls, where nothing was paid, the next model need not wait for the first; nor for its pause."""
    chosen = to(OTHER, "provider_unavailable")
    given(CHOOSY, *rest).when(refusal.fall_back, reason="provider_unavailable", at=AT).then(chosen)
    given(REQUESTED, *rest).when(refusal.fall_back, reason="provider_unavailable", at=AT).then_nothing()
    folded = fold(Task, (CHOOSY, *rest, chosen))
    assert (folded.model, folded.fallbacks, next_step(folded)) == (SERVED_BY_OTHER, (THIRD,), MakeCall())
    assert (folded.calls_made, folded.calls_failed) == (0, 0), "the next model has all attempts of its own"


def test_a_model_that_is_in_no_list_leaves_no_other() -> None:
    """What was recorded counts, also of a fallback that the request does not name."""
    stranger = FallbackChosen(model="acme/stranger", model_revision=7, reason="provider_unavailable", at=AT)
    folded = fold(Task, (CHOOSY, stranger))
    assert (folded.model, folded.fallbacks) == (ServingModel(model="acme/stranger", model_revision=7), ())


def test_an_order_that_was_proved_absent_was_an_attempt() -> None:
    """Else a provider that loses every order would be sent it for ever; a call that happened is none."""
    absent = fold(Task, (REQUESTED, CALLED, IN_DOUBT, NEVER_ARRIVED))
    assert (absent.calls_made, absent.calls_failed) == (1, 1)
    found = fold(Task, (REQUESTED, CALLED, IN_DOUBT, FOUND))
    assert (found.calls_made, found.calls_failed) == (1, 0)


@pytest.mark.parametrize("rest", [(CALLED,), (CALLED, ACCEPTED), (CALLED, REFUSED, FAILED)])
def test_no_model_takes_over_during_a_call_or_after_the_end(rest: tuple[Event, ...]) -> None:
    """No fallback takes over while a call is open, or after the end."""
    given(CHOOSY, *rest).when(refusal.fall_back, reason="provider_unavailable", at=AT).then_nothing()


# --- Fallback models and budgets ---

TOO_DEAR = "This would go beyond the day's budget."
OVER_FOR_ALL = {OTHER.model: TOO_DEAR, THIRD.model: TOO_DEAR}


def test_a_model_that_a_budget_does_not_bear_is_passed_over() -> None:
    """The next affordable model takes over; after it, only later ones may."""
    third = to(THIRD, "provider_rejected")
    over = {OTHER.model: TOO_DEAR}
    observed = given(CHOOSY, CALLED).when(provider_call.observe, call_id=CALL, seen=REJECTED, at=AT, over_budget=over)
    observed.then(REFUSED_FINALLY, third)
    chosen = to(THIRD, "provider_unavailable")
    given(CHOOSY).when(refusal.fall_back, reason="provider_unavailable", at=AT, over_budget=over).then(chosen)
    assert fold(Task, (CHOOSY, CALLED, REFUSED_FINALLY, third)).fallbacks == ()


def test_an_order_that_never_left_in_its_time_goes_to_an_affordable_model() -> None:
    """Out of time for another attempt, the model that a budget does not bear is passed over here, too."""
    answer = given(CHOOSY, CALLED).when(
        provider_call.observe,
        call_id=CALL,
        seen=NotSent(reason="no connection"),
        at=DEADLINE - timedelta(microseconds=1),
        over_budget={OTHER.model: TOO_DEAR},
    )
    chosen = answer.facts[-1]
    assert isinstance(chosen, FallbackChosen)
    assert chosen.model == THIRD.model


def test_a_task_ends_when_no_budget_bears_another_model() -> None:
    """The failure has its own code, both reasons and the provider's words; nothing was paid."""
    answer = given(CHOOSY, CALLED).when(
        provider_call.observe, call_id=CALL, seen=REJECTED, at=AT, over_budget=OVER_FOR_ALL
    )
    no, end = answer.facts
    assert no == REFUSED_FINALLY
    assert isinstance(end, TaskFailed)
    assert (end.code, end.charged, end.provider_code) == ("budget_exceeded", "no", GIVES_UP.provider_code)
    message = "The model before could not do it (provider_rejected), and no other may take over."
    assert end.message == f"{message} acme/other: {TOO_DEAR} acme/third: {TOO_DEAR}"


def test_a_task_waits_for_its_provider_when_no_budget_bears_another_model() -> None:
    """The task waits for an unavailable provider, because it may come back."""
    given(CHOOSY).when(refusal.fall_back, reason="provider_unavailable", at=AT, over_budget=OVER_FOR_ALL).then_nothing()


def test_a_budget_does_not_change_an_end_without_fallback() -> None:
    """A budget changes nothing where no model would have taken over."""
    for news in (replace(REJECTED, charged="unknown"), replace(NO, code="content_rejected")):
        observed = given(CHOOSY, CALLED).when(
            provider_call.observe, call_id=CALL, seen=news, at=AT, over_budget=OVER_FOR_ALL
        )
        assert observed.facts == seen(CHOOSY, CALLED, what=news).facts
    observed = given(CHOOSY, CALLED).when(
        provider_call.observe, call_id=CALL, seen=BUSY, at=AT, over_budget=OVER_FOR_ALL
    )
    assert observed.facts == seen(CHOOSY, CALLED, what=BUSY).facts


def test_a_fallback_has_its_own_estimate() -> None:
    """The event has the estimate of the model that takes over."""
    dear = replace(OTHER, estimate=Cost(amount=Decimal(3), currency="USD", price_revision=3))
    chosen = replace(to(OTHER, "provider_unavailable"), estimate=dear.estimate)
    asked = replace(CHOOSY, fallbacks=(dear, THIRD))
    given(asked).when(refusal.fall_back, reason="provider_unavailable", at=AT).then(chosen)
    folded = fold(Task, (asked, chosen))
    assert (folded.model, folded.fallbacks) == (SERVED_BY_OTHER, (THIRD,))


# --- Unavailable inputs ---


def test_an_order_without_its_inputs_fails_free_of_charge() -> None:
    """A missing reference image ends the task before anything is sent; during a call it changes nothing."""
    end = TaskFailed(code="input_missing", message="It is gone.", retryable=False, charged="no", at=AT)
    due: list[tuple[Event, ...]] = [(REQUESTED,), (REQUESTED, CALLED, BUSY_NOW)]
    for past in due:
        given(*past).when(provider_call.inputs_failed, code="input_missing", message="It is gone.", at=AT).then(end)
    others: list[tuple[Event, ...]] = [(), (REQUESTED, CALLED), (REQUESTED, CALLED, REFUSED, FAILED)]
    for past in others:
        given(*past).when(
            provider_call.inputs_failed, code="input_missing", message="It is gone.", at=AT
        ).then_nothing()


# --- Polling ---


@pytest.mark.parametrize(
    "news",
    [NoVerdict(reason="HTTP 502"), InDoubt(reason="read timeout"), NotSent(reason="connection refused")],
)
@pytest.mark.parametrize("rest", [(), (PROGRESSED,), (WISH,), (WISH, RUNNING_ON)])
def test_poll_errors_never_fail_a_paid_task(news: StoredSighting, rest: tuple[Event, ...]) -> None:
    """A failed poll says nothing about the job, and never leads to another call."""
    seen(REQUESTED, CALLED, ACCEPTED, *rest, what=news).then_nothing()


def test_a_job_that_is_gone_fails_the_task() -> None:
    """If the provider reports the job as expired, the task ends; whether it was charged is unknown."""
    seen(REQUESTED, CALLED, ACCEPTED, what=GONE).then(
        TaskFailed(
            code="result_lost",
            message="The provider no longer has the job, so its result can't be fetched.",
            retryable=False,
            charged="unknown",
            provider_code="JobExpired",
            provider_message="expired after 24 hours",
            at=AT,
        )
    )


# --- In doubt ---


def test_a_lost_answer_is_a_doubt() -> None:
    """The request may have been sent, and no answer came: the call is in doubt."""
    seen(REQUESTED, CALLED, what=InDoubt(reason="read timeout")).then(IN_DOUBT)
    given(REQUESTED, CALLED).when(provider_call.mark_in_doubt, call_id=CALL, reason="read timeout", at=AT).then(
        IN_DOUBT
    )
    given(REQUESTED, CALLED, IN_DOUBT).when(
        provider_call.mark_in_doubt, call_id=CALL, reason="again", at=AT
    ).then_nothing()


def test_a_call_in_doubt_that_is_found_is_polled() -> None:
    """A call that the provider knows by our id did happen, and its job is followed instead of ordered again."""
    given(REQUESTED, CALLED, IN_DOUBT).when(provider_call.reconcile, call_id=CALL, finding=Found(job=JOB), at=AT).then(
        FOUND
    )


def test_a_call_that_certainly_did_not_happen_allows_the_next() -> None:
    """Only certain absence at the provider settles a doubt as "did not happen"."""
    finding = NotFound(evidence="no such job")
    given(REQUESTED, CALLED, IN_DOUBT).when(provider_call.reconcile, call_id=CALL, finding=finding, at=AT).then(
        NEVER_ARRIVED
    )


def test_a_last_attempt_that_did_not_happen_fails() -> None:
    """Calls that never arrive are bounded like calls that are refused, and cost nothing."""
    given(*after_tries(MAX_ATTEMPTS - 2), IN_DOUBT).when(
        provider_call.reconcile, call_id=CALL, finding=NotFound(evidence="no such job"), at=AT
    ).then(NEVER_ARRIVED)
    given(*after_tries(MAX_ATTEMPTS - 1), IN_DOUBT).when(
        provider_call.reconcile, call_id=CALL, finding=NotFound(evidence="no such job"), at=AT
    ).then(
        NEVER_ARRIVED,
        TaskFailed(
            code="provider_unreachable",
            message="The last of 5 calls never reached the provider; none before did the work.",
            retryable=True,
            charged="no",
            at=AT,
        ),
    )


def test_a_doubt_that_can_not_be_settled_fails_and_is_never_resent() -> None:
    """If the outcome can't be found out, the task ends as unknown; nothing is paid twice."""
    finding = CannotTell(reason="can't be asked")
    given(REQUESTED, CALLED, IN_DOUBT).when(provider_call.reconcile, call_id=CALL, finding=finding, at=AT).then(
        NOT_FOUND_OUT, OUTCOME_UNKNOWN
    )


def test_a_lookup_that_finds_a_job_without_a_name_settles_nothing() -> None:
    """A job without an id can't be polled: the outcome stays unknown, and no call is made again."""
    nameless = "the provider names no job"
    given(REQUESTED, CALLED, IN_DOUBT).when(provider_call.reconcile, call_id=CALL, finding=Found(job=""), at=AT).then(
        replace(NOT_FOUND_OUT, evidence=nameless), replace(OUTCOME_UNKNOWN, provider_message=nameless)
    )


@pytest.mark.parametrize("rest", [(), (ACCEPTED,), (BUSY_NOW,), (IN_DOUBT, FOUND), (IN_DOUBT, NEVER_ARRIVED)])
def test_only_a_doubt_is_reconciled(rest: tuple[Event, ...]) -> None:
    """Evidence about a call that is not in doubt changes nothing."""
    for finding in (Found(job="other"), NotFound(evidence=""), CannotTell(reason="")):
        given(REQUESTED, CALLED, *rest).when(
            provider_call.reconcile, call_id=CALL, finding=finding, at=AT
        ).then_nothing()


def test_a_late_answer_settles_a_doubt() -> None:
    """The provider's own answer, though late, settles the doubt: the call happened."""
    in_doubt = (REQUESTED, CALLED, IN_DOUBT)
    seen(*in_doubt, what=Accepted(job=JOB)).then(ANSWERED_LATE, ACCEPTED)
    seen(*in_doubt, what=RESULT).then(ANSWERED_LATE, STORED, COMPLETED)
    seen(*in_doubt, what=NO).then(ANSWERED_LATE, REFUSED, FAILED)
    seen(*in_doubt, what=BUSY).then(ANSWERED_LATE, BUSY_NOW)


def test_a_job_without_a_name_is_a_doubt() -> None:
    """An acceptance without a job id leaves the call in doubt, as a lost answer does."""
    doubt = replace(IN_DOUBT, reason="the provider accepted the order and named no job")
    seen(REQUESTED, CALLED, what=Accepted(job="")).then(doubt)
    seen(REQUESTED, CALLED, doubt, what=Accepted(job="")).then_nothing()
    seen(REQUESTED, CALLED, EXPIRED, what=Accepted(job="")).then_nothing()


# --- Too late ---


@pytest.mark.parametrize("end", [(EXPIRED,), (WISH, CANCELLED), (WISH, RUNNING_ON)])
def test_a_result_after_the_end_is_stored(end: tuple[Event, ...]) -> None:
    """A late result is paid for, so it is stored; the task stays as it ended."""
    seen(REQUESTED, CALLED, ACCEPTED, *end, what=RESULT).then(LATE)


def test_a_late_text_is_stored_too() -> None:
    """Late text is stored like a late file."""
    late = LateResultSeen(call=CALL, text="The sea is calm.", at=AT)
    seen(REQUESTED, CALLED, EXPIRED, what=Stored(text="The sea is calm.")).then(late)


@pytest.mark.parametrize("end", [(IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN), (IN_DOUBT, EXPIRED), (EXPIRED,)])
def test_a_job_accepted_after_the_end_is_watched(end: tuple[Event, ...]) -> None:
    """A job that starts after the end of its task is paid for, so its id is recorded and its result collected."""
    seen(REQUESTED, CALLED, *end, what=Accepted(job=JOB)).then(ACCEPTED)


@pytest.mark.parametrize("end", [(IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN), (IN_DOUBT, EXPIRED), (EXPIRED,)])
def test_a_refusal_after_an_unknown_end_is_recorded(end: tuple[Event, ...]) -> None:
    """A final refusal settles the unknown outcome and its cost; the task stays failed, with one end."""
    seen(REQUESTED, CALLED, *end, what=NO).then(REFUSED)
    seen(REQUESTED, CALLED, *end, REFUSED, what=NO).then_nothing()
    unsent = ProviderRefused(
        call=CALL, code="provider_unreachable", message="connection refused", retryable=True, charged="no", at=AT
    )
    seen(REQUESTED, CALLED, *end, what=NotSent(reason="connection refused")).then(unsent)


def test_the_late_job_of_an_unknown_outcome_brings_its_result() -> None:
    """A result that comes after the outcome was given up as unknown is stored."""
    seen(REQUESTED, CALLED, IN_DOUBT, NOT_FOUND_OUT, OUTCOME_UNKNOWN, ACCEPTED, what=RESULT).then(LATE)


@pytest.mark.parametrize("wrong", [(IN_DOUBT, NEVER_ARRIVED), (BUSY_NOW,)])
def test_a_call_that_happened_after_all_is_not_made_again(wrong: tuple[Event, ...]) -> None:
    """Evidence can be wrong: a result that comes before the next call is taken, and not ordered twice."""
    seen(REQUESTED, CALLED, *wrong, what=Accepted(job=JOB)).then(ACCEPTED)
    called(REQUESTED, CALLED, *wrong, ACCEPTED, at=SOON, call=NEXT_CALL).then_nothing()
    seen(REQUESTED, CALLED, *wrong, what=RESULT).then(STORED, COMPLETED)


def test_the_result_of_an_earlier_call_is_stored_during_the_later_call() -> None:
    """The second call goes on; the result of the first is stored, once."""
    second = (REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN)
    seen(*second, what=RESULT, call=CALL).then(LATE)
    seen(*second, LATE, what=RESULT, call=CALL).then_nothing()
    seen(*second, LATE, what=Accepted(job="job-2"), call=NEXT_CALL).then(
        ProviderAccepted(call=NEXT_CALL, job="job-2", at=AT)
    )
    seen(*second, LATE, what=RESULT, call=NEXT_CALL).then(STORED, COMPLETED)


@pytest.mark.parametrize(
    "news", [Accepted(job=JOB), NO, BUSY, GONE, Working(percent=5), InDoubt(reason=""), NotSent(reason="")]
)
def test_other_news_of_an_earlier_call_does_not_touch_the_later_one(news: StoredSighting) -> None:
    """A refusal of the first call is not a refusal of the second."""
    seen(REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN, what=news, call=CALL).then_nothing()


def test_evidence_about_an_earlier_call_does_not_touch_the_later_one() -> None:
    """A doubt about one call changes no other call."""
    second = (REQUESTED, CALLED, BUSY_NOW, CALLED_AGAIN)
    given(*second).when(provider_call.mark_in_doubt, call_id=CALL, reason="read timeout", at=AT).then_nothing()
    in_doubt = (*second, replace(IN_DOUBT, call=NEXT_CALL))
    for finding in (Found(job=JOB), NotFound(evidence="no such job"), CannotTell(reason="can't be asked")):
        given(*in_doubt).when(provider_call.reconcile, call_id=CALL, finding=finding, at=AT).then_nothing()


def test_a_missing_job_after_the_end_is_settled() -> None:
    """After the end, a job that is gone settles its call; the task stays as it ended."""
    let_go = ProviderCallReconciled(call=CALL, outcome="unknown", evidence="expired after 24 hours", at=AT)
    seen(REQUESTED, CALLED, ACCEPTED, WISH, RUNNING_ON, what=GONE).then(let_go)


def test_a_refused_job_after_the_end_is_settled() -> None:
    """A refusal after the end is recorded for the bill; it is no second end, and no retry follows."""
    for end in [(ACCEPTED, WISH, RUNNING_ON), (EXPIRED, ACCEPTED)]:
        seen(REQUESTED, CALLED, *end, what=NO).then(REFUSED)
        seen(REQUESTED, CALLED, *end, what=BUSY).then(replace(BUSY_NOW, retry_at=None))


# --- Cancelling ---


def test_a_job_that_was_stopped_is_cancelled() -> None:
    """A confirmed cancellation ends the task, with the charge that the provider states."""
    given(REQUESTED, CALLED, ACCEPTED, WISH).when(provider_call.cancelled, answer=STOPPED, at=AT).then(CANCELLED)


@pytest.mark.parametrize("outcome", ["too_late", "unsupported", "unknown"])
def test_a_job_that_can_not_be_stopped_is_cancelled_and_still_polled(outcome: str) -> None:
    """The caller need not wait any longer, but the job goes on, so its late result is stored."""
    answer: CancelResult = replace(UNSTOPPABLE, outcome=outcome)
    end = replace(RUNNING_ON, outcome=outcome)
    given(REQUESTED, CALLED, ACCEPTED, WISH).when(provider_call.cancelled, answer=answer, at=AT).then(end)
    seen(REQUESTED, CALLED, ACCEPTED, WISH, end, what=RESULT).then(LATE)


def test_only_a_requested_cancellation_cancels() -> None:
    """A provider that stops by itself does not cancel a task."""
    given(REQUESTED, CALLED, ACCEPTED).when(provider_call.cancelled, answer=STOPPED, at=AT).then_nothing()


def test_a_stop_is_only_confirmed_for_a_job_that_has_a_name() -> None:
    """While a call is in doubt, an answer can't be about it: the doubt is settled first."""
    given(REQUESTED, CALLED, WISH).when(provider_call.cancelled, answer=STOPPED, at=AT).then_nothing()
    given(REQUESTED, CALLED, IN_DOUBT, WISH).when(provider_call.cancelled, answer=STOPPED, at=AT).then_nothing()


def test_a_result_that_comes_before_the_stop_completes_the_task() -> None:
    """A requested cancellation does not discard a paid result."""
    seen(REQUESTED, CALLED, ACCEPTED, WISH, what=RESULT).then(STORED, COMPLETED)
    given(REQUESTED, CALLED, ACCEPTED, WISH, STORED, COMPLETED).when(
        provider_call.cancelled, answer=STOPPED, at=AT
    ).then_nothing()


@pytest.mark.parametrize("answer", [NO, BUSY])
def test_a_refusal_after_a_requested_cancellation_cancels_the_task(answer: Refused) -> None:
    """There is no retry after a requested cancellation; the refusal counts as its confirmation, with its cost."""
    no = replace(REFUSED if answer is NO else BUSY_NOW, retry_at=None)
    end = TaskCancelled(by="frontend", outcome="confirmed", message=answer.message, charged="no", at=AT)
    seen(REQUESTED, CALLED, WISH, what=answer).then(no, end)


def test_an_unwanted_call_that_never_arrived_cancels_the_task() -> None:
    """After a requested cancellation, a call that did not happen ends the task; there is no other call."""
    given(REQUESTED, CALLED, IN_DOUBT, WISH).when(
        provider_call.reconcile, call_id=CALL, finding=NotFound(evidence="no such job"), at=AT
    ).then(
        NEVER_ARRIVED,
        TaskCancelled(by="frontend", outcome="confirmed", message="The provider never got it.", charged="no", at=AT),
    )


def test_a_cancelled_task_is_not_called_again() -> None:
    """A task that ended between two calls makes no other call."""
    called(REQUESTED, WISH, CANCELLED_UNSENT).then_nothing()
    called(REQUESTED, CALLED, BUSY_NOW, WISH, CANCELLED_UNSENT, at=SOON, call=NEXT_CALL).then_nothing()
