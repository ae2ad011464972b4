"""Laws of the reaction: who may call, what is asked when, and what is never sent twice."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from application import clock, execution, poll_schedule
from application.ports import Conflict, InputUnavailable, LogUnavailable
from application.rate_limits import FAILURES_TO_OPEN, LaneLimits
from domain.base import replace
from domain.ids import task_id
from domain.model import Kind
from domain.provider import (
    Accepted,
    CannotTell,
    Finished,
    Found,
    Gone,
    InDoubt,
    Input,
    NotFound,
    NotSent,
    NoVerdict,
    Output,
    Refused,
    Sighting,
    Working,
)
from domain.task.events import (
    CancellationRequested,
    Fallback,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    TaskFailed,
)
from domain.task.state import CallState, Status
from tests.application.harness import Harness, advance, finished

LOST = "the lease ran out before the call was sent"


def made_call(stream: Any, *, ago: float = 0.0) -> ProviderCalled:
    """The intent, by a worker that is gone."""
    at = clock.now() - timedelta(seconds=ago)
    call = f"{task_id(stream)}.1"
    return ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=at)


def accepted(stream: Any) -> ProviderAccepted:
    return ProviderAccepted(call=f"{task_id(stream)}.1", job="j", at=clock.now())


def doubted(stream: Any) -> ProviderCallInDoubt:
    return ProviderCallInDoubt(call=f"{task_id(stream)}.1", reason="no answer", at=clock.now())


# --- The call ---


async def test_the_intent_is_recorded_before_the_order_goes_out(harness: Harness) -> None:
    """And the answer after it."""
    stream = await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    before: list[list[str]] = []
    harness.provider.on_submit = lambda: before.append(harness.event_types(stream))
    await advance(harness.worker(), stream)
    assert before == [["TaskRequested", "ProviderCalled"]]
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]


async def test_who_lost_the_lease_does_not_call(harness: Harness) -> None:
    """Not even the intent is recorded."""
    stream = await harness.request_task()
    with pytest.raises(Conflict):
        await advance(harness.worker(), stream, held=lambda: False)
    assert harness.event_types(stream) == ["TaskRequested"]
    assert harness.provider.calls == []


async def test_who_lost_the_lease_while_the_intent_was_recorded_does_not_send(harness: Harness) -> None:
    """It may have slept meanwhile, and another worker may have found that nothing had arrived: the call counts as not
    sent, and the next one is made anew."""
    worker, stream = harness.worker(), await harness.request_task()
    held = iter([True, False])
    await advance(worker, stream, held=lambda: next(held))
    assert harness.provider.submitted == 0
    refused = harness.last_event(stream)
    assert (refused.code, refused.message, refused.charged) == ("provider_unreachable", LOST, "no")
    assert worker.lanes.lane("acme", Kind.IMAGE).in_flight == 0


async def test_of_two_workers_one_calls(harness: Harness) -> None:
    """Another one was faster between looking and recording: nothing is sent, and the turn is given back."""
    worker, stream = harness.worker(limits=LaneLimits(in_flight=1)), await harness.request_task()

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        await harness.append(stream, made_call(stream))
        return ()

    with pytest.raises(Conflict):
        await advance(worker._replace(inputs=late), stream)
    assert harness.provider.submitted == 0
    assert worker.lanes.lane("acme", Kind.IMAGE).wait_seconds == 0


@pytest.mark.parametrize("error", [LogUnavailable("", retry_after=1), RuntimeError(), asyncio.CancelledError()])
@pytest.mark.parametrize("where", ["append", "submit"])
async def test_a_half_open_lane_never_waits_for_an_order_that_is_over(
    harness: Harness, error: BaseException, where: str
) -> None:
    """However the trial ends, while its intent is recorded or while it is sent, the next one may try."""
    worker, stream = harness.worker(), await harness.request_task()
    lane = worker.lanes.lane("acme", Kind.IMAGE)
    for _ in range(FAILURES_TO_OPEN):
        with lane.try_acquire_submit() as permit:
            permit.record_outcome(NotSent(reason="refused"))
    lane._paused_until = 0.0  # its pause is over

    def fail(topics: list[str]) -> None:
        raise error

    if where == "append":
        harness.log.before = fail
    else:
        harness.provider.submits = [error]
    with pytest.raises(type(error)):
        await advance(worker, stream)
    assert lane.breaker == "half_open"
    assert lane.wait_seconds == 0


async def test_an_order_that_broke_our_own_code_is_not_sent_again(harness: Harness) -> None:
    """It may have arrived: it is a doubt, settled by evidence."""
    stream = await harness.request_task()
    harness.provider.submits = [RuntimeError(), Accepted(job="j")]
    with pytest.raises(RuntimeError):
        await advance(harness.worker(), stream)
    await advance(harness.worker(), stream)
    assert harness.provider.submitted == 1
    assert harness.event_types(stream)[-2:] == ["ProviderCallReconciled", "TaskFailed"]
    assert harness.last_event(stream).code == "outcome_unknown"


async def test_an_open_breaker_makes_tasks_wait_or_another_model_take_over(harness: Harness) -> None:
    """Nothing is sent to it."""
    worker, stream, other = harness.worker(), await harness.request_task(), await harness.request_task()
    for _ in range(FAILURES_TO_OPEN):
        with worker.lanes.lane("acme", Kind.IMAGE).try_acquire_submit() as permit:
            permit.record_outcome(NotSent(reason="refused"))
    assert await advance(worker, stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == ["TaskRequested"]
    recorded = harness.log.events[-1]
    second = Fallback(model="acme/second", model_revision=1)
    harness.log.events[-1] = recorded._replace(event=replace(recorded.event, fallbacks=(second,)))
    await advance(worker, other)
    assert harness.event_types(other)[1] == "FallbackChosen"
    assert harness.provider.calls == []


@pytest.mark.parametrize("retryable", [True, False])
async def test_inputs_that_can_not_be_had_are_waited_for_or_end_it(harness: Harness, retryable: bool) -> None:
    """Nothing is sent without them."""

    async def none(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        raise InputUnavailable("input_missing", "It is gone.", retryable=retryable)

    stream = await harness.request_task()
    wait = await advance(harness.worker(inputs=none), stream)
    assert harness.provider.calls == []
    if retryable:
        assert (wait, harness.event_types(stream)) == (execution.RETRY_LATER_SECONDS, ["TaskRequested"])
    else:
        assert (wait, harness.last_event(stream).code) == (None, "input_missing")


async def test_a_model_that_is_not_known_here_waits(harness: Harness) -> None:
    """Another worker may know it; nothing is guessed."""
    stream = await harness.request_task()
    harness.log.events[:] = [each for each in harness.log.events if each.stream == stream]
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == ["TaskRequested"]


async def test_limits_hold_while_an_order_is_sent(harness: Harness) -> None:
    """One job at once: while the first order is on its way a count that can't have seen it admits no second one."""
    worker = harness.worker(limits=LaneLimits(in_flight=1))
    first, second = await harness.request_task(), await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    waits: list[float] = []

    def count() -> None:
        worker.lanes.set_in_flight("acme", {}, at=len(harness.log.events) - 1)
        waits.append(worker.lanes.lane("acme", Kind.IMAGE).wait_seconds)

    harness.provider.on_submit = count
    await advance(worker, first)
    assert waits == [1.0]
    assert await advance(worker, second) == 1.0
    assert harness.provider.submitted == 1


# --- Questions ---


@pytest.mark.parametrize(("ago", "usual"), [(0.0, None), (10.0, None), (600.0, None), (30.0, 60.0), (90.0, 60.0)])
async def test_the_next_question_comes_when_the_schedule_says(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, ago: float, usual: float | None
) -> None:
    """By the age of the job, and by how long such a job usually takes."""
    now = clock.now()
    stream = await harness.request_task()
    monkeypatch.setattr(clock, "now", lambda: now)
    await harness.append(stream, made_call(stream, ago=ago), accepted(stream))
    harness.provider.expected, harness.provider.polls = usual, [Working()]
    assert await advance(harness.worker(), stream) == pytest.approx(poll_schedule.next_poll_in(ago, usual))
    assert harness.provider.calls == ["poll j"]


async def test_a_job_is_not_asked_for_right_after_it_was_taken(harness: Harness) -> None:
    """Where it usually takes a minute, the first question comes after half of it; a hint brings it forward."""
    stream = await harness.request_task()
    harness.provider.expected, harness.provider.submits = 60.0, [Accepted(job="j")]
    wait = await advance(harness.worker(), stream)
    assert harness.provider.calls == ["submit 1"]
    assert wait == pytest.approx(30, abs=29)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_questions_keep_the_limit_of_their_lane(harness: Harness) -> None:
    """The second one waits for its turn."""
    worker = harness.worker(limits=LaneLimits(polls_per_second=0.01))
    for wait in (None, 100.0):
        stream = await harness.request_task()
        await harness.append(stream, made_call(stream), accepted(stream))
        told = await advance(worker, stream)
        assert wait is None or told == pytest.approx(wait, abs=60)
    assert harness.provider.calls == ["poll j"]


async def test_a_question_that_fails_is_asked_again(harness: Harness) -> None:
    """It is no verdict."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), accepted(stream))
    harness.provider.polls = [NoVerdict(reason="HTTP 502"), NotSent(reason="no connection"), finished(1)]
    for _ in range(3):
        await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.provider.calls == ["poll j"] * 3


async def test_a_wish_to_stop_is_told_to_the_provider_once(harness: Harness) -> None:
    """What it says is the end; the job is watched on where it can't be stopped."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), accepted(stream))
    await harness.append(stream, CancellationRequested(by="anna", at=clock.now()))
    for _ in range(2):
        await advance(harness.worker(), stream)
    assert harness.provider.calls == ["cancel j", "poll j", "poll j"]
    assert "TaskCancelled" in harness.event_types(stream)


# --- Doubts ---


async def test_a_call_whose_maker_is_gone_is_looked_up(harness: Harness) -> None:
    """It is in doubt first; what is found is watched."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream))
    harness.provider.lookups, harness.provider.polls = [Found(job="j")], [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[2:4] == ["ProviderCallInDoubt", "ProviderCallReconciled"]
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.provider.calls == ["lookup", "poll j"]


async def test_absence_proves_something_only_after_a_while(harness: Harness) -> None:
    """The order may still be on its way: it is asked again, and only then another call is made."""
    stream = await harness.request_task()
    harness.provider.lookup_after_seconds = 60.0
    absent = NotFound(evidence="no such job")
    await harness.append(stream, made_call(stream, ago=10), doubted(stream))
    harness.provider.lookups = [absent]
    assert await advance(harness.worker(), stream) == pytest.approx(50, abs=30)
    assert harness.event_types(stream)[-1] == "ProviderCallInDoubt"
    harness.provider.lookup_after_seconds = 5.0
    harness.provider.lookups, harness.provider.submits = [absent], [Accepted(job="j2")]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled", "ProviderAccepted"]
    assert harness.provider.submitted == 1


async def test_a_lookup_that_fails_is_no_evidence(harness: Harness) -> None:
    """It is asked again; "can't tell" is an answer."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), doubted(stream))
    harness.provider.lookups = [NoVerdict(reason="HTTP 502"), CannotTell(reason="no list")]
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert await advance(harness.worker(), stream) is None
    assert harness.last_event(stream).code == "outcome_unknown"


# --- The end of the time ---


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The clock jumps."""
    real = clock.now

    def jump(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))

    return jump


async def test_a_job_is_looked_at_once_more_before_its_time_is_over(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """The clock jumped an hour forward, and the job was done all the while: it completes."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), accepted(stream))
    later(3600)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


@pytest.mark.parametrize("seen", [Working(percent=90), NoVerdict(reason="HTTP 502"), Gone(message="no such job")])
async def test_a_last_look_that_shows_no_result_ends_it(
    harness: Harness, later: Callable[[float], None], seen: Sighting
) -> None:
    """The deadline holds all the same, and the job is watched on for what was paid for."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), accepted(stream))
    later(1000)
    harness.provider.polls = [seen]
    await advance(harness.worker(), stream)
    assert isinstance(harness.last_event(stream), TaskFailed)
    assert harness.last_event(stream).code == "deadline_exceeded"
    later(1010)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[-1] == "LateResultSeen"


async def test_a_job_is_looked_at_once_more_before_it_is_forgotten(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """After the end it is watched as long again; the jump of a clock over all of that loses nothing either."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream), accepted(stream))
    late = TaskFailed(code="deadline_exceeded", message="", retryable=True, charged="unknown", at=clock.now())
    await harness.append(stream, late)
    later(86_400)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[-1] == "LateResultSeen"


async def test_a_doubt_is_looked_up_once_more_before_its_time_is_over(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """And what is found is looked at."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream))
    later(3600)
    harness.provider.lookups, harness.provider.polls = [Found(job="j")], [finished(1)]
    for _ in range(3):
        await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_a_task_that_nobody_called_for_ends_in_time(harness: Harness, later: Callable[[float], None]) -> None:
    """There is nothing to look at, and nothing was paid."""
    stream = await harness.request_task()
    later(3600)
    assert await advance(harness.worker(), stream) is None
    assert (harness.last_event(stream).code, harness.last_event(stream).charged) == ("deadline_exceeded", "no")
    assert harness.provider.calls == []


# --- How often the stream is read ---


async def reads(harness: Harness, stream: UUID) -> int:
    """How often one claim of a task reads its stream."""
    harness.log.reads.clear()
    await advance(harness.worker(), stream)
    return harness.log.reads.count(stream)


async def test_a_claim_reads_its_stream_once(harness: Harness) -> None:
    """However many steps are done in it: what a step has recorded, the next one knows."""
    image, job = await harness.request_task(), await harness.request_task()
    harness.provider.submits = [finished(1), Accepted(job="j")]
    assert await reads(harness, image) == 1
    assert harness.event_types(image)[1:] == ["ProviderCalled", "OutputStored", "TaskCompleted"]
    remote = Finished(outputs=(Output(index=0, url="https://files.example.com/0.png"),))
    harness.provider.expected, harness.provider.polls = 60.0, [Working(percent=10), Working(percent=10), remote]
    harness.provider.files = {"https://files.example.com/0.png": finished(1).outputs[0].data or b""}
    assert [await reads(harness, job) for _ in range(4)] == [1, 1, 1, 1]
    assert harness.event_types(job)[1:] == [
        *("ProviderCalled", "ProviderAccepted", "ProviderProgressed"),
        *("ProviderSucceeded", "OutputStored", "TaskCompleted"),
    ]


async def test_news_is_decided_again_where_another_has_written_meanwhile(harness: Harness) -> None:
    """The order was on its way when the caller wished to stop: both are recorded, and the provider is asked to stop."""
    stream = await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    wish = CancellationRequested(by="anna", at=clock.now())
    harness.log.after = lambda topics: harness.log.add(stream, wish) if topics == ["ProviderCalled"] else None
    assert await reads(harness, stream) == 2
    assert harness.event_types(stream)[1:] == [
        *("ProviderCalled", "CancellationRequested", "ProviderAccepted", "TaskCancelled"),
    ]
    assert harness.provider.calls == ["submit 1", "cancel j", "poll j"]


async def test_no_call_is_made_where_another_has_written_since_the_step_before(harness: Harness) -> None:
    """The step before recorded that nothing had arrived; then somebody else called: this worker does not."""
    stream = await harness.request_task()
    await harness.append(stream, made_call(stream, ago=10), doubted(stream))
    harness.provider.lookups = [NotFound(evidence="no such job")]
    other = replace(made_call(stream), call=f"{task_id(stream)}.2", attempt=2)

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        harness.log.add(stream, other)
        return ()

    with pytest.raises(Conflict):
        await advance(harness.worker(inputs=late), stream)
    assert harness.event_types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled"]
    assert harness.provider.calls == ["lookup"]


async def test_news_that_was_stored_and_not_confirmed_is_recorded_once(harness: Harness) -> None:
    """The connection died after the append: the stream says that it is there."""
    stream = await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    losses = iter([True])

    def lose(topics: list[str]) -> None:
        if "ProviderAccepted" in topics and next(losses, False):
            raise LogUnavailable("the connection died", retry_after=1)

    harness.log.after = lose
    assert await reads(harness, stream) == 2
    assert harness.event_types(stream)[1:] == ["ProviderCalled", "ProviderAccepted"]
    assert harness.provider.submitted == 1


# --- What is said ---


async def test_no_word_of_the_provider_and_no_prompt_is_logged(harness: Harness) -> None:
    """The provider's words may repeat the prompt: a refusal is told by its codes."""
    said: list[str] = []

    def log_step(event: str, **facts: object) -> None:
        said.append(f"{event} {facts}")

    refusals: list[Sighting] = [
        Refused(code="content_rejected", message="a boat", provider_code="E1", provider_message="a boat is bad"),
        InDoubt(reason="no answer in time"),
    ]
    for seen in refusals:
        stream = await harness.request_task()
        harness.provider.submits = [seen]
        await advance(harness.worker()._replace(log_step=log_step), stream)
    text = "\n".join(said)
    assert "content_rejected (E1)" in text
    assert "boat" not in text
    states = [(await harness.load(each.stream)).call for each in harness.log.events if each.version == 2]
    assert all(call and call.state in {CallState.SETTLED, CallState.UNKNOWN} for call in states)


async def test_what_is_news_is_recorded_however_long_the_log_is_away(harness: Harness) -> None:
    """An answer that was paid for is not forgotten because nobody could write it down at once."""
    stream = await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    reach = itertools.count()
    real = harness.log._reach

    def away_for_a_while() -> None:
        harness.log.away = next(reach) < 2
        real()

    harness.provider.on_submit = lambda: setattr(harness.log, "_reach", away_for_a_while)
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[:3] == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]
    assert harness.provider.submitted == 1
