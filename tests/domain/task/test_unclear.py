"""Answers that decide nothing yet: "no such job" for an accepted job, and unreadable answers."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from domain.base import replace
from domain.money import Cost
from domain.provider import Gone, InDoubt, Missing, NoVerdict, OutputsReady, RawAnswer, RemoteOutput, Stored, Working
from domain.task import provider_call
from domain.task.events import (
    ProviderAnswerUnclear,
    ProviderCallInDoubt,
    ProviderCallReconciled,
    ProviderJobMissing,
    ProviderProgressed,
    ProviderSucceeded,
    TaskEvent,
    TaskFailed,
)
from domain.task.provider_call import ABSENCE_INTERVAL_SECONDS, MAX_UNCLEAR_ANSWERS, MIN_ABSENCE_SECONDS, MIN_ABSENCES
from domain.task.state import Task, evolve
from tests.domain.scenario import (
    ACCEPTED,
    AT,
    CALL,
    CALLED,
    COMPLETED,
    EXPIRED,
    GONE,
    NO_SUCH_JOB,
    REQUESTED,
    RESULT,
    STORED,
)
from tests.spec import fold, given

RIDDLE = RawAnswer(
    status=200, body='{"object":"generation.task","id":"gen-1"}', bytes=41, sha256="aa", ids={"id": "gen-1"}
)
MISSED = ProviderJobMissing(call=CALL, message="no such task", provider_code="1203", at=AT)
RUNNING = (REQUESTED, CALLED, ACCEPTED)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def ask(past: tuple[TaskEvent, ...], seen: Gone | Working, *seconds: float) -> list[TaskEvent]:
    """The events of polls at these times, each decided on top of those before."""
    facts: list[TaskEvent] = []
    state = fold(Task, past)
    for each in seconds:
        news = provider_call.observe(state, call_id=CALL, seen=seen, at=after(each))
        facts += news
        for fact in news:
            state = evolve(state, fact)
    return facts


def test_a_job_that_is_missing_once_or_twice_is_polled_again() -> None:
    """If the provider does not find a job that it accepted a moment ago, that is no end."""
    assert ask(RUNNING, NO_SUCH_JOB, 1) == [replace(MISSED, at=after(1))]
    assert ask(RUNNING, NO_SUCH_JOB, 1, 30) == [replace(MISSED, at=after(1)), replace(MISSED, at=after(30))]


def test_the_result_is_taken_after_a_job_was_missing() -> None:
    """The result of a job that was missing before is stored."""
    given(*RUNNING, MISSED, replace(MISSED, at=after(60))).when(
        provider_call.observe, call_id=CALL, seen=RESULT, at=AT
    ).then(STORED, COMPLETED)


def test_a_missing_job_is_not_recorded_at_every_poll() -> None:
    """Not every absence is recorded, only one per interval."""
    assert len(ask(RUNNING, NO_SUCH_JOB, *(1 + second / 2 for second in range(int(ABSENCE_INTERVAL_SECONDS * 2))))) == 1


def test_a_job_that_stays_missing_is_gone() -> None:
    """After several absences over a while the job counts as gone."""
    facts = ask(RUNNING, NO_SUCH_JOB, *range(0, 600, 7))
    missed, end = facts[:-1], facts[-1]
    assert len(missed) >= MIN_ABSENCES - 1
    assert all(isinstance(fact, ProviderJobMissing) for fact in missed)
    assert isinstance(end, TaskFailed)
    assert (end.code, end.charged) == ("result_lost", "unknown")
    assert end.at >= after(MIN_ABSENCE_SECONDS)


@pytest.mark.parametrize(
    ("times", "gone"),
    [
        ((0, 40, 80, 120), True),
        ((0, 60, 120), False),  # one absence too few
        ((0, 40, 80, 119), False),  # not long enough
        ((0, 60, 115, 134), False),  # too soon after the absence before
        ((0, 60, 115, 135), True),
    ],
)
def test_a_job_is_gone_after_four_absences_over_two_minutes(times: tuple[int, ...], gone: bool) -> None:
    """The fourth absence, two minutes after the first and 20 seconds after the third, is the end, and none before."""
    facts = ask(RUNNING, NO_SUCH_JOB, *times)
    assert isinstance(facts[-1], TaskFailed) is gone


def test_the_next_absence_counts_when_the_interval_is_over() -> None:
    """Of polls every 20 seconds, each counts."""
    assert len(ask(RUNNING, NO_SUCH_JOB, 0, ABSENCE_INTERVAL_SECONDS)) == 2


def test_twice_over_an_hour_is_not_several_times() -> None:
    """Two absences are too few, however long the time between them."""
    assert [type(fact) for fact in ask(RUNNING, NO_SUCH_JOB, 0, 800)] == [ProviderJobMissing, ProviderJobMissing]


def test_a_job_that_shows_up_between_is_not_missing() -> None:
    """Absences count in a row only; that the job was seen is recorded, because it decides later."""
    past = (*RUNNING, MISSED, replace(MISSED, at=after(60)), replace(MISSED, at=after(119)))
    seen = ask(past, Working(), 120)
    assert seen == [ProviderProgressed(at=after(120))]
    assert [type(fact) for fact in ask((*past, *seen), NO_SUCH_JOB, 200)] == [ProviderJobMissing]


def test_a_provider_that_had_the_job_and_has_it_no_longer_is_believed_at_once() -> None:
    """A provider that deleted the job is believed at once."""
    (end,) = ask(RUNNING, GONE, 1)
    assert isinstance(end, TaskFailed)
    assert end.code == "result_lost"


def test_a_missing_job_after_the_end_is_polled_again_too() -> None:
    """After the end of the task, too, a job counts as gone only after several absences over a while."""
    past = (*RUNNING, EXPIRED)
    facts = ask(past, NO_SUCH_JOB, *range(0, 300, 7))
    assert isinstance(facts[0], ProviderJobMissing)
    assert isinstance(facts[-1], ProviderCallReconciled)
    assert facts[-1].at >= after(MIN_ABSENCE_SECONDS)


# --- Unreadable answers ---


def test_an_unreadable_answer_is_recorded_with_the_doubt() -> None:
    """An unreadable answer is recorded for the person who settles the doubt."""
    seen = InDoubt(reason="an answer that can't be read (HTTP 200)", answer=RIDDLE)
    given(REQUESTED, CALLED).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then(
        ProviderAnswerUnclear(call=CALL, answer=RIDDLE, at=AT),
        ProviderCallInDoubt(call=CALL, reason="an answer that can't be read (HTTP 200)", at=AT),
    )


def test_an_unknown_status_is_recorded_once() -> None:
    """An unreadable answer is recorded once, and a bounded number of different ones."""
    seen = NoVerdict(reason="an unknown status", answer=RIDDLE)
    unclear = ProviderAnswerUnclear(call=CALL, answer=RIDDLE, at=AT)
    given(*RUNNING).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then(unclear)
    given(*RUNNING, unclear).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then_nothing()
    given(*RUNNING, unclear).when(provider_call.observe, call_id=CALL, seen=RESULT, at=AT).then(STORED, COMPLETED)
    others = [replace(unclear, answer=replace(RIDDLE, sha256=str(number))) for number in range(MAX_UNCLEAR_ANSWERS)]
    given(*RUNNING, *others).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then_nothing()


def test_an_output_that_can_not_be_read_was_paid_for() -> None:
    """An unreadable result counts as charged."""
    lost = Missing(index=0, code="unreadable", message="It is no base64.")
    seen = Stored(missing=(lost,), answer=RIDDLE)
    state = fold(Task, (REQUESTED, CALLED))
    unclear, end = provider_call.observe(state, call_id=CALL, seen=seen, at=AT)
    assert unclear == ProviderAnswerUnclear(call=CALL, answer=RIDDLE, at=AT)
    assert isinstance(end, TaskFailed)
    assert (end.code, end.charged) == ("no_outputs", "yes")


def test_the_answer_is_recorded_with_the_readable_outputs() -> None:
    """When only some outputs are readable, the call succeeds with them, and the answer is recorded."""
    remote = (RemoteOutput(index=0, url="https://files.example.com/0.png"),)
    seen = OutputsReady(outputs=remote, answer=RIDDLE)
    given(*RUNNING).when(provider_call.observe, call_id=CALL, seen=seen, at=AT).then(
        ProviderAnswerUnclear(call=CALL, answer=RIDDLE, at=AT), ProviderSucceeded(call=CALL, outputs=remote, at=AT)
    )


def test_unreadable_answers_of_an_earlier_call_are_not_recorded() -> None:
    """Unreadable answers about an earlier call are not recorded."""
    seen = NoVerdict(reason="an unknown status", answer=RIDDLE)
    given(*RUNNING).when(provider_call.observe, call_id="another", seen=seen, at=AT).then_nothing()


def test_a_priced_empty_result_is_a_charge() -> None:
    """If the price list has a price for an empty result, the task is charged that amount."""
    fee = Cost(amount=Decimal("0.01"), currency="CNY", price_revision=1)
    unreadable = Missing(index=0, code="unreadable", message="It is no base64.")
    for cost, missing in ((fee, ()), (replace(fee, amount=Decimal(0)), (unreadable,))):
        (end,) = provider_call.observe(
            fold(Task, (REQUESTED, CALLED)), call_id=CALL, seen=Stored(cost=cost, missing=missing), at=AT
        )
        assert isinstance(end, TaskFailed)
        assert (end.charged, end.cost) == ("yes", cost)


def test_an_empty_result_does_not_count_as_free() -> None:
    """Our price table makes an empty result free, but only the provider can state that it was."""
    reckoned = Cost(amount=Decimal(0), currency="CNY", price_revision=1)
    state = fold(Task, (REQUESTED, CALLED))
    for cost, charged in ((reckoned, "unknown"), (replace(reckoned, source="provider"), "no"), (None, "unknown")):
        (end,) = provider_call.observe(state, call_id=CALL, seen=Stored(cost=cost), at=AT)
        assert isinstance(end, TaskFailed)
        assert (end.charged, end.cost) == (charged, cost if charged == "no" else None)
