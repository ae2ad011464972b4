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
from tests.application.ground import Ground, advance, made

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


async def test_the_intent_is_recorded_before_the_order_goes_out(ground: Ground) -> None:
    """And the answer after it."""
    stream = await ground.ask()
    ground.vendor.submits = [Accepted(job="j")]
    before: list[list[str]] = []
    ground.vendor.on_submit = lambda: before.append(ground.types(stream))
    await advance(ground.worker(), stream)
    assert before == [["TaskRequested", "ProviderCalled"]]
    assert ground.types(stream) == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]


async def test_who_lost_the_lease_does_not_call(ground: Ground) -> None:
    """Not even the intent is recorded."""
    stream = await ground.ask()
    with pytest.raises(Conflict):
        await advance(ground.worker(), stream, held=lambda: False)
    assert ground.types(stream) == ["TaskRequested"]
    assert ground.vendor.asked == []


async def test_who_lost_the_lease_while_the_intent_was_recorded_does_not_send(ground: Ground) -> None:
    """It may have slept meanwhile, and another worker may have found that nothing had arrived: the call counts as not
    sent, and the next one is made anew."""
    worker, stream = ground.worker(), await ground.ask()
    held = iter([True, False])
    await advance(worker, stream, held=lambda: next(held))
    assert ground.vendor.orders == 0
    refused = ground.last(stream)
    assert (refused.code, refused.message, refused.charged) == ("provider_unreachable", LOST, "no")
    assert worker.lanes.lane("acme", Kind.IMAGE).under_way == 0


async def test_of_two_workers_one_calls(ground: Ground) -> None:
    """Another one was faster between looking and recording: nothing is sent, and the turn is given back."""
    worker, stream = ground.worker(limits=LaneLimits(in_flight=1)), await ground.ask()

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        await ground.happened(stream, made_call(stream))
        return ()

    with pytest.raises(Conflict):
        await advance(worker._replace(inputs=late), stream)
    assert ground.vendor.orders == 0
    assert worker.lanes.lane("acme", Kind.IMAGE).wait_seconds == 0


@pytest.mark.parametrize("error", [LogUnavailable("", retry_after=1), RuntimeError(), asyncio.CancelledError()])
@pytest.mark.parametrize("where", ["append", "submit"])
async def test_a_half_open_lane_never_waits_for_an_order_that_is_over(
    ground: Ground, error: BaseException, where: str
) -> None:
    """However the trial ends, while its intent is recorded or while it is sent, the next one may try."""
    worker, stream = ground.worker(), await ground.ask()
    lane = worker.lanes.lane("acme", Kind.IMAGE)
    for _ in range(FAILURES_TO_OPEN):
        with lane.turn() as turn:
            turn.record_outcome(NotSent(reason="refused"))
    lane._shut_until = 0.0  # its pause is over

    def fail(topics: list[str]) -> None:
        raise error

    if where == "append":
        ground.log.before = fail
    else:
        ground.vendor.submits = [error]
    with pytest.raises(type(error)):
        await advance(worker, stream)
    assert lane.breaker == "half_open"
    assert lane.wait_seconds == 0


async def test_an_order_that_broke_our_own_code_is_not_sent_again(ground: Ground) -> None:
    """It may have arrived: it is a doubt, settled by evidence."""
    stream = await ground.ask()
    ground.vendor.submits = [RuntimeError(), Accepted(job="j")]
    with pytest.raises(RuntimeError):
        await advance(ground.worker(), stream)
    await advance(ground.worker(), stream)
    assert ground.vendor.orders == 1
    assert ground.types(stream)[-2:] == ["ProviderCallReconciled", "TaskFailed"]
    assert ground.last(stream).code == "outcome_unknown"


async def test_an_open_breaker_makes_tasks_wait_or_another_model_take_over(ground: Ground) -> None:
    """Nothing is sent to it."""
    worker, stream, other = ground.worker(), await ground.ask(), await ground.ask()
    for _ in range(FAILURES_TO_OPEN):
        with worker.lanes.lane("acme", Kind.IMAGE).turn() as turn:
            turn.record_outcome(NotSent(reason="refused"))
    assert await advance(worker, stream) == execution.LONGEST_POLL_SECONDS
    assert ground.types(stream) == ["TaskRequested"]
    recorded = ground.log.events[-1]
    second = Fallback(model="acme/second", model_revision=1)
    ground.log.events[-1] = recorded._replace(event=replace(recorded.event, fallbacks=(second,)))
    await advance(worker, other)
    assert ground.types(other)[1] == "FallbackChosen"
    assert ground.vendor.asked == []


@pytest.mark.parametrize("retryable", [True, False])
async def test_inputs_that_can_not_be_had_are_waited_for_or_end_it(ground: Ground, retryable: bool) -> None:
    """Nothing is sent without them."""

    async def none(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        raise InputUnavailable("input_missing", "It is gone.", retryable=retryable)

    stream = await ground.ask()
    wait = await advance(ground.worker(inputs=none), stream)
    assert ground.vendor.asked == []
    if retryable:
        assert (wait, ground.types(stream)) == (execution.LONGEST_POLL_SECONDS, ["TaskRequested"])
    else:
        assert (wait, ground.last(stream).code) == (None, "input_missing")


async def test_a_model_that_is_not_known_here_waits(ground: Ground) -> None:
    """Another worker may know it; nothing is guessed."""
    stream = await ground.ask()
    ground.log.events[:] = [each for each in ground.log.events if each.stream == stream]
    assert await advance(ground.worker(), stream) == execution.LONGEST_POLL_SECONDS
    assert ground.types(stream) == ["TaskRequested"]


async def test_limits_hold_while_an_order_is_sent(ground: Ground) -> None:
    """One job at once: while the first order is on its way a count that can't have seen it admits no second one."""
    worker = ground.worker(limits=LaneLimits(in_flight=1))
    first, second = await ground.ask(), await ground.ask()
    ground.vendor.submits = [Accepted(job="j")]
    waits: list[float] = []

    def count() -> None:
        worker.lanes.set_in_flight("acme", {}, at=len(ground.log.events) - 1)
        waits.append(worker.lanes.lane("acme", Kind.IMAGE).wait_seconds)

    ground.vendor.on_submit = count
    await advance(worker, first)
    assert waits == [1.0]
    assert await advance(worker, second) == 1.0
    assert ground.vendor.orders == 1


# --- Questions ---


@pytest.mark.parametrize(("ago", "usual"), [(0.0, None), (10.0, None), (600.0, None), (30.0, 60.0), (90.0, 60.0)])
async def test_the_next_question_comes_when_the_schedule_says(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, ago: float, usual: float | None
) -> None:
    """By the age of the job, and by how long such a job usually takes."""
    now = clock.now()
    stream = await ground.ask()
    monkeypatch.setattr(clock, "now", lambda: now)
    await ground.happened(stream, made_call(stream, ago=ago), accepted(stream))
    ground.vendor.usual, ground.vendor.polls = usual, [Working()]
    assert await advance(ground.worker(), stream) == pytest.approx(poll_schedule.next_in(ago, usual))
    assert ground.vendor.asked == ["poll j"]


async def test_a_job_is_not_asked_for_right_after_it_was_taken(ground: Ground) -> None:
    """Where it usually takes a minute, the first question comes after half of it; a hint brings it forward."""
    stream = await ground.ask()
    ground.vendor.usual, ground.vendor.submits = 60.0, [Accepted(job="j")]
    wait = await advance(ground.worker(), stream)
    assert ground.vendor.asked == ["submit 1"]
    assert wait == pytest.approx(30, abs=29)
    ground.vendor.polls = [made(1)]
    await advance(ground.worker(), stream)
    assert (await ground.task(stream)).status is Status.COMPLETED


async def test_questions_keep_the_limit_of_their_lane(ground: Ground) -> None:
    """The second one waits for its turn."""
    worker = ground.worker(limits=LaneLimits(polls_per_second=0.01))
    for wait in (None, 100.0):
        stream = await ground.ask()
        await ground.happened(stream, made_call(stream), accepted(stream))
        told = await advance(worker, stream)
        assert wait is None or told == pytest.approx(wait, abs=60)
    assert ground.vendor.asked == ["poll j"]


async def test_a_question_that_fails_is_asked_again(ground: Ground) -> None:
    """It is no verdict."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), accepted(stream))
    ground.vendor.polls = [NoVerdict(reason="HTTP 502"), NotSent(reason="no connection"), made(1)]
    for _ in range(3):
        await advance(ground.worker(), stream)
    assert (await ground.task(stream)).status is Status.COMPLETED
    assert ground.vendor.asked == ["poll j"] * 3


async def test_a_wish_to_stop_is_told_to_the_provider_once(ground: Ground) -> None:
    """What it says is the end; the job is watched on where it can't be stopped."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), accepted(stream))
    await ground.happened(stream, CancellationRequested(by="anna", at=clock.now()))
    for _ in range(2):
        await advance(ground.worker(), stream)
    assert ground.vendor.asked == ["cancel j", "poll j", "poll j"]
    assert "TaskCancelled" in ground.types(stream)


# --- Doubts ---


async def test_a_call_whose_maker_is_gone_is_looked_up(ground: Ground) -> None:
    """It is in doubt first; what is found is watched."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream))
    ground.vendor.findings, ground.vendor.polls = [Found(job="j")], [made(1)]
    await advance(ground.worker(), stream)
    assert ground.types(stream)[2:4] == ["ProviderCallInDoubt", "ProviderCallReconciled"]
    assert (await ground.task(stream)).status is Status.COMPLETED
    assert ground.vendor.asked == ["lookup", "poll j"]


async def test_absence_proves_something_only_after_a_while(ground: Ground) -> None:
    """The order may still be on its way: it is asked again, and only then another call is made."""
    stream = await ground.ask()
    ground.vendor.lookup_after_seconds = 60.0
    absent = NotFound(evidence="no such job")
    await ground.happened(stream, made_call(stream, ago=10), doubted(stream))
    ground.vendor.findings = [absent]
    assert await advance(ground.worker(), stream) == pytest.approx(50, abs=30)
    assert ground.types(stream)[-1] == "ProviderCallInDoubt"
    ground.vendor.lookup_after_seconds = 5.0
    ground.vendor.findings, ground.vendor.submits = [absent], [Accepted(job="j2")]
    await advance(ground.worker(), stream)
    assert ground.types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled", "ProviderAccepted"]
    assert ground.vendor.orders == 1


async def test_a_lookup_that_fails_is_no_evidence(ground: Ground) -> None:
    """It is asked again; "can't tell" is an answer."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), doubted(stream))
    ground.vendor.findings = [NoVerdict(reason="HTTP 502"), CannotTell(reason="no list")]
    assert await advance(ground.worker(), stream) == execution.LONGEST_POLL_SECONDS
    assert await advance(ground.worker(), stream) is None
    assert ground.last(stream).code == "outcome_unknown"


# --- The end of the time ---


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The clock jumps."""
    real = clock.now

    def jump(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))

    return jump


async def test_a_job_is_looked_at_once_more_before_its_time_is_over(
    ground: Ground, later: Callable[[float], None]
) -> None:
    """The clock jumped an hour forward, and the job was done all the while: it completes."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), accepted(stream))
    later(3600)
    ground.vendor.polls = [made(1)]
    await advance(ground.worker(), stream)
    assert (await ground.task(stream)).status is Status.COMPLETED


@pytest.mark.parametrize("seen", [Working(percent=90), NoVerdict(reason="HTTP 502"), Gone(message="no such job")])
async def test_a_last_look_that_shows_no_result_ends_it(
    ground: Ground, later: Callable[[float], None], seen: Sighting
) -> None:
    """The deadline holds all the same, and the job is watched on for what was paid for."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), accepted(stream))
    later(1000)
    ground.vendor.polls = [seen]
    await advance(ground.worker(), stream)
    assert isinstance(ground.last(stream), TaskFailed)
    assert ground.last(stream).code == "deadline_exceeded"
    later(1010)
    ground.vendor.polls = [made(1)]
    await advance(ground.worker(), stream)
    assert ground.types(stream)[-1] == "LateResultSeen"


async def test_a_job_is_looked_at_once_more_before_it_is_forgotten(
    ground: Ground, later: Callable[[float], None]
) -> None:
    """After the end it is watched as long again; the jump of a clock over all of that loses nothing either."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream), accepted(stream))
    late = TaskFailed(code="deadline_exceeded", message="", retryable=True, charged="unknown", at=clock.now())
    await ground.happened(stream, late)
    later(86_400)
    ground.vendor.polls = [made(1)]
    await advance(ground.worker(), stream)
    assert ground.types(stream)[-1] == "LateResultSeen"


async def test_a_doubt_is_looked_up_once_more_before_its_time_is_over(
    ground: Ground, later: Callable[[float], None]
) -> None:
    """And what is found is looked at."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream))
    later(3600)
    ground.vendor.findings, ground.vendor.polls = [Found(job="j")], [made(1)]
    for _ in range(3):
        await advance(ground.worker(), stream)
    assert (await ground.task(stream)).status is Status.COMPLETED


async def test_a_task_that_nobody_called_for_ends_in_time(ground: Ground, later: Callable[[float], None]) -> None:
    """There is nothing to look at, and nothing was paid."""
    stream = await ground.ask()
    later(3600)
    assert await advance(ground.worker(), stream) is None
    assert (ground.last(stream).code, ground.last(stream).charged) == ("deadline_exceeded", "no")
    assert ground.vendor.asked == []


# --- How often the stream is read ---


async def reads(ground: Ground, stream: UUID) -> int:
    """How often one claim of a task reads its stream."""
    ground.log.reads.clear()
    await advance(ground.worker(), stream)
    return ground.log.reads.count(stream)


async def test_a_claim_reads_its_stream_once(ground: Ground) -> None:
    """However many steps are done in it: what a step has recorded, the next one knows."""
    image, job = await ground.ask(), await ground.ask()
    ground.vendor.submits = [made(1), Accepted(job="j")]
    assert await reads(ground, image) == 1
    assert ground.types(image)[1:] == ["ProviderCalled", "OutputStored", "TaskCompleted"]
    remote = Finished(outputs=(Output(index=0, url="https://files.example.com/0.png"),))
    ground.vendor.usual, ground.vendor.polls = 60.0, [Working(percent=10), Working(percent=10), remote]
    ground.vendor.files = {"https://files.example.com/0.png": made(1).outputs[0].data or b""}
    assert [await reads(ground, job) for _ in range(4)] == [1, 1, 1, 1]
    assert ground.types(job)[1:] == [
        *("ProviderCalled", "ProviderAccepted", "ProviderProgressed"),
        *("ProviderSucceeded", "OutputStored", "TaskCompleted"),
    ]


async def test_news_is_decided_again_where_another_has_written_meanwhile(ground: Ground) -> None:
    """The order was on its way when the caller wished to stop: both are recorded, and the provider is asked to stop."""
    stream = await ground.ask()
    ground.vendor.submits = [Accepted(job="j")]
    wish = CancellationRequested(by="anna", at=clock.now())
    ground.log.after = lambda topics: ground.log.add(stream, wish) if topics == ["ProviderCalled"] else None
    assert await reads(ground, stream) == 2
    assert ground.types(stream)[1:] == [
        *("ProviderCalled", "CancellationRequested", "ProviderAccepted", "TaskCancelled"),
    ]
    assert ground.vendor.asked == ["submit 1", "cancel j", "poll j"]


async def test_no_call_is_made_where_another_has_written_since_the_step_before(ground: Ground) -> None:
    """The step before recorded that nothing had arrived; then somebody else called: this worker does not."""
    stream = await ground.ask()
    await ground.happened(stream, made_call(stream, ago=10), doubted(stream))
    ground.vendor.findings = [NotFound(evidence="no such job")]
    other = replace(made_call(stream), call=f"{task_id(stream)}.2", attempt=2)

    async def late(references: list[str], *, takes_urls: bool) -> tuple[Input, ...]:
        ground.log.add(stream, other)
        return ()

    with pytest.raises(Conflict):
        await advance(ground.worker(inputs=late), stream)
    assert ground.types(stream)[3:] == ["ProviderCallReconciled", "ProviderCalled"]
    assert ground.vendor.asked == ["lookup"]


async def test_news_that_was_stored_and_not_confirmed_is_recorded_once(ground: Ground) -> None:
    """The connection died after the append: the stream says that it is there."""
    stream = await ground.ask()
    ground.vendor.submits = [Accepted(job="j")]
    losses = iter([True])

    def lose(topics: list[str]) -> None:
        if "ProviderAccepted" in topics and next(losses, False):
            raise LogUnavailable("the connection died", retry_after=1)

    ground.log.after = lose
    assert await reads(ground, stream) == 2
    assert ground.types(stream)[1:] == ["ProviderCalled", "ProviderAccepted"]
    assert ground.vendor.orders == 1


# --- What is said ---


async def test_no_word_of_the_provider_and_no_prompt_is_logged(ground: Ground) -> None:
    """The provider's words may repeat the prompt: a refusal is told by its codes."""
    said: list[str] = []

    def note(event: str, **facts: object) -> None:
        said.append(f"{event} {facts}")

    refusals: list[Sighting] = [
        Refused(code="content_rejected", message="a boat", provider_code="E1", provider_message="a boat is bad"),
        InDoubt(reason="no answer in time"),
    ]
    for seen in refusals:
        stream = await ground.ask()
        ground.vendor.submits = [seen]
        await advance(ground.worker()._replace(note=note), stream)
    text = "\n".join(said)
    assert "content_rejected (E1)" in text
    assert "boat" not in text
    states = [(await ground.task(each.stream)).call for each in ground.log.events if each.version == 2]
    assert all(call and call.state in {CallState.SETTLED, CallState.UNKNOWN} for call in states)


async def test_what_is_news_is_recorded_however_long_the_log_is_away(ground: Ground) -> None:
    """An answer that was paid for is not forgotten because nobody could write it down at once."""
    stream = await ground.ask()
    ground.vendor.submits = [Accepted(job="j")]
    reach = itertools.count()
    real = ground.log._reach

    def away_for_a_while() -> None:
        ground.log.away = next(reach) < 2
        real()

    ground.vendor.on_submit = lambda: setattr(ground.log, "_reach", away_for_a_while)
    await advance(ground.worker(), stream)
    assert ground.types(stream)[:3] == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]
    assert ground.vendor.orders == 1
