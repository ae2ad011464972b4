"""Laws of the worker's steps: who may call, when a job is polled, and what is never sent twice."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from application import clock, commands, execution, poll_schedule
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
    ProviderProgressed,
    TaskFailed,
)
from domain.task.state import CallState, Status
from tests.application.harness import Harness, advance, finished, no_inputs

LOST = "the lease ran out before the call was sent"


def called(stream: Any, *, ago: float = 0.0) -> ProviderCalled:
    """The intent of a worker that is gone, `ago` seconds old."""
    at = clock.now() - timedelta(seconds=ago)
    call = f"{task_id(stream)}.1"
    return ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=at)


def accepted(stream: Any, *, ago: float = 0.0) -> ProviderAccepted:
    return ProviderAccepted(call=f"{task_id(stream)}.1", job="j", at=clock.now() - timedelta(seconds=ago))


def in_doubt(stream: Any) -> ProviderCallInDoubt:
    return ProviderCallInDoubt(call=f"{task_id(stream)}.1", reason="no answer", at=clock.now())


# --- The call ---


async def test_the_intent_is_recorded_before_the_order_goes_out(harness: Harness) -> None:
    """The answer is recorded after the order."""
    stream = await harness.request_task()
    harness.provider.submits = [Accepted(job="j")]
    before: list[list[str]] = []
    harness.provider.on_submit = lambda: before.append(harness.event_types(stream))
    await advance(harness.worker(), stream)
    assert before == [["TaskRequested", "ProviderCalled"]]
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]


async def test_a_worker_without_its_lease_does_not_call(harness: Harness) -> None:
    """A worker without its lease does not even record the intent."""
    stream = await harness.request_task()
    with pytest.raises(Conflict):
        await advance(harness.worker(), stream, held=lambda: False)
    assert harness.event_types(stream) == ["TaskRequested"]
    assert harness.provider.calls == []


async def test_a_worker_that_lost_its_lease_during_the_append_does_not_send(harness: Harness) -> None:
    """The worker may have slept, and another one may have evidence that nothing arrived: the call counts as not sent,
    and the next one is a new call."""
    worker, stream = harness.worker(), await harness.request_task()
    held = iter([True, False])
    await advance(worker, stream, held=lambda: next(held))
    assert harness.provider.submitted == 0
    refused = harness.last_event(stream)
    assert (refused.code, refused.message, refused.charged) == ("provider_unreachable", LOST, "no")
    assert worker.lanes.lane("acme", Kind.IMAGE).in_flight == 0


async def test_of_two_workers_one_calls(harness: Harness) -> None:
    """Another worker records its call between read and append: nothing is sent, and the permit is given back."""
    worker, stream = harness.worker(limits=LaneLimits(in_flight=1)), await harness.request_task()

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        await harness.append(stream, called(stream))
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
    """Whatever ends the trial, during the append or the submit, the next order may try."""
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


async def test_an_order_that_our_own_bug_interrupted_is_not_sent_again(harness: Harness) -> None:
    """It may have arrived, so the call is in doubt, and evidence settles it."""
    stream = await harness.request_task()
    harness.provider.submits = [RuntimeError(), Accepted(job="j")]
    with pytest.raises(RuntimeError):
        await advance(harness.worker(), stream)
    await advance(harness.worker(), stream)
    assert harness.provider.submitted == 1
    assert harness.event_types(stream)[-2:] == ["ProviderCallReconciled", "TaskFailed"]
    assert harness.last_event(stream).code == "outcome_unknown"


async def test_an_open_breaker_makes_tasks_wait_or_another_model_take_over(harness: Harness) -> None:
    """Nothing is sent to a provider with an open breaker."""
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
async def test_unavailable_inputs_make_the_task_wait_or_fail(harness: Harness, retryable: bool) -> None:
    """Nothing is sent without its inputs."""

    async def none(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        raise InputUnavailable("input_missing", "It is gone.", retryable=retryable)

    stream = await harness.request_task()
    wait = await advance(harness.worker(inputs=none), stream)
    assert harness.provider.calls == []
    if retryable:
        assert (wait, harness.event_types(stream)) == (execution.RETRY_LATER_SECONDS, ["TaskRequested"])
    else:
        end = harness.last_event(stream)
        assert (wait, end.code, end.message) == (None, "input_missing", "It is gone.")


async def test_a_model_that_is_not_known_here_waits(harness: Harness) -> None:
    """Another worker may have the model, so the task waits."""
    stream = await harness.request_task()
    harness.log.events[:] = [each for each in harness.log.events if each.stream == stream]
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == ["TaskRequested"]


async def test_limits_hold_while_an_order_is_sent(harness: Harness) -> None:
    """With one job at once, a count from before the first order allows no second one."""
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


@pytest.mark.parametrize("reason", ["lane", "inputs", "lease"])
async def test_no_key_is_taken_for_a_call_that_is_not_made(harness: Harness, reason: str) -> None:
    """A suspended key has one try in a while: it must not be used up by an order that can't go out anyway."""

    async def missing(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        raise InputUnavailable("input_unreachable", "gone", retryable=True)

    limits = LaneLimits(submits_per_second=0.001)
    worker = harness.worker(limits=limits, inputs=missing if reason == "inputs" else no_inputs)
    stream = await harness.request_task()
    if reason == "lane":
        with worker.lanes.lane("acme", Kind.IMAGE).try_acquire_submit():
            pass
    with suppress(Conflict):
        await advance(worker, stream, held=lambda: reason != "lease")
    assert (harness.provider.keys_taken, harness.provider.submitted) == (0, 0)


# --- Polls ---


@pytest.mark.parametrize(("ago", "usual"), [(0.0, None), (10.0, None), (600.0, None), (30.0, 60.0), (90.0, 60.0)])
async def test_the_next_poll_comes_at_the_time_of_the_schedule(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, ago: float, usual: float | None
) -> None:
    """The schedule goes by the time since the job was accepted, and by its expected duration."""
    now = clock.now()
    stream = await harness.request_task()
    monkeypatch.setattr(clock, "now", lambda: now)
    await harness.append(stream, called(stream, ago=ago + 5.0), accepted(stream, ago=ago))
    harness.provider.expected, harness.provider.polls = usual, [Working()]
    assert await advance(harness.worker(), stream) == pytest.approx(poll_schedule.next_poll_in(ago, usual))
    assert harness.provider.calls == ["poll j"]


async def test_a_job_that_was_found_later_is_as_old_as_its_call(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the provider accepted it is not known, only when Pixel learned of it."""
    now = clock.now()
    stream = await harness.request_task()
    monkeypatch.setattr(clock, "now", lambda: now)
    await harness.append(stream, called(stream, ago=50.0), in_doubt(stream), accepted(stream))
    harness.provider.expected, harness.provider.polls = 60.0, [Working()]
    assert await advance(harness.worker(), stream) == pytest.approx(poll_schedule.next_poll_in(50.0, 60.0))


async def test_a_job_is_not_polled_right_after_it_was_accepted(harness: Harness) -> None:
    """For an expected minute the first poll comes after half of it; a callback brings it forward."""
    stream = await harness.request_task()
    harness.provider.expected, harness.provider.submits = 60.0, [Accepted(job="j")]
    wait = await advance(harness.worker(), stream)
    assert harness.provider.calls == ["submit 1"]
    assert wait == pytest.approx(30, abs=29)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_polls_keep_the_limit_of_their_lane(harness: Harness) -> None:
    """The second poll waits for the limit."""
    worker = harness.worker(limits=LaneLimits(polls_per_second=0.01))
    for wait in (None, 100.0):
        stream = await harness.request_task()
        await harness.append(stream, called(stream), accepted(stream))
        delay = await advance(worker, stream)
        assert wait is None or delay == pytest.approx(wait, abs=60)
    assert harness.provider.calls == ["poll j"]


async def test_a_failed_poll_is_repeated(harness: Harness) -> None:
    """A failed poll says nothing of the job."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), accepted(stream))
    harness.provider.polls = [NoVerdict(reason="HTTP 502"), NotSent(reason="no connection"), finished(1)]
    for _ in range(3):
        await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.provider.calls == ["poll j"] * 3


async def test_the_provider_is_asked_to_stop_once(harness: Harness) -> None:
    """Its answer ends the task; a job that can't be stopped is polled further."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), accepted(stream))
    await harness.append(stream, CancellationRequested(by="anna", at=clock.now()))
    for _ in range(2):
        await advance(harness.worker(), stream)
    assert harness.provider.calls == ["cancel j", "poll j", "poll j"]
    assert "TaskCancelled" in harness.event_types(stream)


# --- Calls in doubt ---


async def test_a_call_whose_maker_is_gone_is_looked_up(harness: Harness) -> None:
    """The call is in doubt first; a job that is found is polled."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream))
    harness.provider.lookups, harness.provider.polls = [Found(job="j")], [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[2:4] == ["ProviderCallInDoubt", "ProviderCallReconciled"]
    assert (await harness.load(stream)).status is Status.COMPLETED
    assert harness.provider.calls == ["lookup", "poll j"]


async def test_absence_proves_something_only_after_a_while(harness: Harness) -> None:
    """The order may still be on its way: the provider is asked again before another call is made."""
    stream = await harness.request_task()
    harness.provider.lookup_after_seconds = 60.0
    absent = NotFound(evidence="no such job")
    await harness.append(stream, called(stream, ago=10), in_doubt(stream))
    harness.provider.lookups = [absent]
    assert await advance(harness.worker(), stream) == pytest.approx(50, abs=30)
    assert harness.event_types(stream)[-1] == "ProviderCallInDoubt"
    harness.provider.lookup_after_seconds = 5.0
    harness.provider.lookups, harness.provider.submits = [absent], [Accepted(job="j2")]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled", "ProviderAccepted"]
    assert harness.provider.submitted == 1


async def test_a_lookup_that_fails_is_no_evidence(harness: Harness) -> None:
    """A failed lookup is repeated; "can't tell" is an answer."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), in_doubt(stream))
    harness.provider.lookups = [NoVerdict(reason="HTTP 502"), CannotTell(reason="no list")]
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert await advance(harness.worker(), stream) is None
    assert harness.last_event(stream).code == "outcome_unknown"


# --- The deadline ---


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that lets the clock jump by seconds."""
    real = clock.now

    def jump(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))

    return jump


async def test_a_job_is_polled_once_more_before_its_deadline_ends_it(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """After a jump of the clock by an hour a job that is done completes its task."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), accepted(stream))
    later(3600)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


@pytest.mark.parametrize("seen", [Working(percent=90), NoVerdict(reason="HTTP 502"), Gone(message="no such job")])
async def test_a_last_poll_without_a_result_ends_the_task(
    harness: Harness, later: Callable[[float], None], seen: Sighting
) -> None:
    """The deadline ends the task, and the job is polled further for the result that was paid for."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), accepted(stream))
    later(1000)
    harness.provider.polls = [seen]
    await advance(harness.worker(), stream)
    assert isinstance(harness.last_event(stream), TaskFailed)
    assert harness.last_event(stream).code == "deadline_exceeded"
    later(1010)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[-1] == "LateResultSeen"


async def test_a_job_is_polled_once_more_before_it_is_given_up(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """After the end the job is polled as long again; a jump of the clock beyond that loses no result."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream), accepted(stream))
    late = TaskFailed(code="deadline_exceeded", message="", retryable=True, charged="unknown", at=clock.now())
    await harness.append(stream, late)
    later(86_400)
    harness.provider.polls = [finished(1)]
    await advance(harness.worker(), stream)
    assert harness.event_types(stream)[-1] == "LateResultSeen"


async def test_a_call_in_doubt_is_looked_up_once_more_before_its_deadline(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """A job that the lookup finds is polled."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream))
    later(3600)
    harness.provider.lookups, harness.provider.polls = [Found(job="j")], [finished(1)]
    for _ in range(3):
        await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_a_task_that_nobody_called_for_ends_in_time(harness: Harness, later: Callable[[float], None]) -> None:
    """Nothing was sent, so nothing was paid."""
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
    """However many steps it does: each step knows what the one before has recorded."""
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
    """A caller cancels while the order is on its way: both are recorded, and the provider is asked to stop."""
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
    """The step before recorded that nothing had arrived; then another worker called, so this one does not."""
    stream = await harness.request_task()
    await harness.append(stream, called(stream, ago=10), in_doubt(stream))
    harness.provider.lookups = [NotFound(evidence="no such job")]
    other = replace(called(stream), call=f"{task_id(stream)}.2", attempt=2)

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        harness.log.add(stream, other)
        return ()

    with pytest.raises(Conflict):
        await advance(harness.worker(inputs=late), stream)
    assert harness.event_types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled"]
    assert harness.provider.calls == ["lookup"]


async def test_news_that_was_stored_and_not_confirmed_is_recorded_once(harness: Harness) -> None:
    """The connection dies after the append; the stream shows that the event is there."""
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


# --- What is logged ---


async def test_no_word_of_the_provider_and_no_prompt_is_logged(harness: Harness) -> None:
    """The provider's message may repeat the prompt, so a refusal is logged by its codes."""
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


async def test_news_is_recorded_however_long_the_log_is_away(harness: Harness) -> None:
    """An answer that was paid for is recorded once the log is back."""
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


# --- Bounds ---


async def test_a_step_that_changes_nothing_is_put_off(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a clock that jumps forth and back: the deadline is over, and then it is not."""
    stream = await harness.request_task()
    real, jumps = clock.now, itertools.cycle([timedelta(days=1), timedelta()])
    monkeypatch.setattr(clock, "now", lambda: real() + next(jumps))
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == ["TaskRequested"]


async def test_a_long_stream_is_folded_in_steps(harness: Harness) -> None:
    """The task is the same as folded at once, and others have their turns meanwhile."""
    stream = await harness.request_task()
    made = ProviderCalled(attempt=1, provider="acme", call="x", digest="", worker="w", epoch=1, at=clock.now())
    harness.log.add(stream, made)
    for percent in range(350):
        harness.log.add(stream, ProviderProgressed(percent=percent % 100, at=clock.now()))
    turns = [0]

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    neighbour = asyncio.create_task(others())
    loaded = await commands.load(harness.log, stream)
    neighbour.cancel()
    assert loaded == commands.fold(await harness.log.stream(stream))
    assert (loaded.version, turns[0]) == (352, 3)
