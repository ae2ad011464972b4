"""Laws of what a worker asks about a call that was made: with which order, through which lane, and what it does where
it can't ask."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from application import clock, execution, outputs
from application.claimed_task import WorkerContext
from application.ports import LogUnavailable, Spooled
from application.rate_limits import FAILURES_TO_OPEN, LaneLimits, Lanes
from domain.base import Event, replace
from domain.ids import task_id
from domain.model import Kind
from domain.provider import (
    Accepted,
    Found,
    NotFound,
    NotSent,
    NoVerdict,
    Refused,
    RemoteOutput,
    Sighting,
)
from domain.task.events import (
    CancellationRequested,
    Fallback,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderSucceeded,
    TaskRequested,
)
from domain.task.state import Status
from tests.application.harness import Harness, advance, finished

URL = "https://files.example.com/0.png"
SECOND, THIRD = Fallback(model="acme/second", model_revision=1), Fallback(model="acme/third", model_revision=1)


def history(stream: UUID, state: str, *, ago: float = 0.0) -> list[Event]:
    """The events after the request of a task whose first call is in this state. It was made `ago` seconds ago."""
    at = clock.now() - timedelta(seconds=ago)
    call = f"{task_id(stream)}.1"
    called = ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=at)
    accepted = ProviderAccepted(call=call, job="j", at=at)
    events: dict[str, list[Event]] = {
        "called": [called],
        "in doubt": [called, ProviderCallInDoubt(call=call, reason="no answer", at=at)],
        "accepted": [called, accepted],
        "to be stopped": [called, accepted, CancellationRequested(by="anna", at=at)],
        "delivered": [
            called,
            accepted,
            ProviderSucceeded(call=call, outputs=(RemoteOutput(index=0, url=URL),), at=at),
        ],
    }
    return events[state]


async def in_state(harness: Harness, state: str, *, ago: float = 0.0) -> UUID:
    """A task whose first call is in this state."""
    stream = await harness.request_task()
    await harness.append(stream, *history(stream, state, ago=ago))
    return stream


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that lets the clock jump by seconds."""
    real = clock.now
    return lambda seconds: monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))


# --- With which order ---


@pytest.mark.parametrize("seconds", [0.0, 3600.0])
@pytest.mark.parametrize(
    ("state", "calls"),
    [
        ("in doubt", ["lookup"]),
        ("accepted", ["poll j"]),
        ("to be stopped", ["cancel j"]),
        ("delivered", [f"fetch {URL}", "poll j"]),
    ],
)
async def test_a_question_about_a_call_carries_the_order_of_that_call(
    harness: Harness, later: Callable[[float], None], state: str, calls: list[str], seconds: float
) -> None:
    """The account that made the call, and when: the job is with that account, before the deadline and after it."""
    stream = await in_state(harness, state)
    call = (await harness.load(stream)).call
    assert call
    later(seconds)
    await advance(harness.worker(), stream)
    if seconds == 0 or state in {"in doubt", "accepted"}:
        assert harness.provider.calls[: len(calls)] == calls
    asked = {(each.call_id, each.account, each.called_at) for each in harness.provider.orders}
    assert asked == {(call.id, "k1", call.at)}


async def test_the_author_of_every_event_is_named(harness: Harness) -> None:
    """Each append of a worker has the worker as its author and the task as its topic."""
    stream = await harness.request_task()
    harness.provider.submits, harness.provider.polls = [Accepted(job="j")], [finished(1)]
    before = len(harness.log.causes)
    worker = harness.worker()
    for _ in range(2):
        await advance(worker, stream)
    causes = harness.log.causes[before:]
    assert len(causes) == 3
    assert {(each.actor, each.correlation_id) for each in causes} == {(f"worker:{worker.worker}", task_id(stream))}


# --- Without the provider ---


def without_provider(worker: WorkerContext) -> WorkerContext:
    return worker._replace(providers={})


@pytest.mark.parametrize("state", ["accepted", "to be stopped", "delivered"])
async def test_a_call_to_a_provider_that_is_not_here_is_left_to_another_worker(harness: Harness, state: str) -> None:
    """A worker with an older configuration records nothing about it."""
    stream = await in_state(harness, state)
    before = harness.event_types(stream)
    assert await advance(without_provider(harness.worker()), stream) == execution.RETRY_LATER_SECONDS
    assert harness.event_types(stream) == before


async def test_a_deadline_ends_a_task_whose_provider_is_not_here(
    harness: Harness, later: Callable[[float], None]
) -> None:
    """Nobody can be asked a last time, so the deadline counts at once."""
    stream = await in_state(harness, "accepted")
    later(1000)
    assert await advance(without_provider(harness.worker()), stream) == execution.RETRY_LATER_SECONDS
    assert harness.last_event(stream).code == "deadline_exceeded"


async def test_a_doubt_about_a_provider_that_is_not_here_stays_unsettled(harness: Harness) -> None:
    """Nobody can look the call up: its outcome is unknown, which waits for a person, and is not called again."""
    stream = await in_state(harness, "in doubt")
    assert await advance(without_provider(harness.worker()), stream) is None
    assert harness.last_event(stream).code == "outcome_unknown"
    assert "the provider is not configured" in str(harness.log.events[-2].event)


# --- What the answers count for ---


async def test_a_job_that_is_found_counts_at_once(harness: Harness) -> None:
    """Only absence proves nothing for a while."""
    harness.provider.lookup_after_seconds = 3600.0
    stream = await in_state(harness, "in doubt")
    harness.provider.lookups, harness.provider.polls = [Found(job="j")], [finished(1)]
    await advance(harness.worker(), stream)
    assert (await harness.load(stream)).status is Status.COMPLETED


async def test_no_order_goes_out_of_a_place_for_questions(harness: Harness) -> None:
    """A call that was never made is found out in a place for questions, and made again in one for orders."""
    stream = await in_state(harness, "in doubt", ago=1)
    harness.provider.lookups, harness.provider.submits = [NotFound(evidence="no such call")], [finished(1)]
    worker = harness.worker()
    assert await advance(worker, stream, is_order=False) == execution.RETRY_SOON_SECONDS
    assert harness.provider.calls == ["lookup"]
    await advance(worker, stream)
    assert harness.provider.calls == ["lookup", "submit 2"]


async def test_absence_is_not_believed_a_moment_too_early(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second before its time it allows no other call."""
    now = clock.now()
    stream = await in_state(harness, "in doubt")
    monkeypatch.setattr(clock, "now", lambda: now)
    await harness.append(stream)
    call = (await harness.load(stream)).call
    assert call
    harness.provider.lookup_after_seconds = (now - call.at).total_seconds() + 0.5
    harness.provider.lookups = [NotFound(evidence="no such job")]
    assert await advance(harness.worker(), stream) == pytest.approx(0.5)
    assert harness.provider.submitted == 0


@pytest.mark.parametrize("seconds", [0.0, 1000.0])
async def test_the_answer_to_a_poll_counts_for_its_lane(
    harness: Harness, later: Callable[[float], None], seconds: float
) -> None:
    """A 429 slows the lane down, also when it is the answer to the last poll before a deadline."""
    stream = await in_state(harness, "accepted")
    later(seconds)
    harness.provider.polls = [Refused(code="rate_limited", message="slow down", retryable=True)]
    worker = harness.worker()
    await advance(worker, stream)
    assert worker.lanes.lane("acme", Kind.IMAGE).rate_limited == 1
    assert [each.kind for each in worker.lanes.states()] == [Kind.IMAGE]


@pytest.mark.parametrize("seconds", [0.0, 1000.0])
async def test_no_poll_is_made_within_the_limit_of_its_lane(
    harness: Harness, later: Callable[[float], None], seconds: float
) -> None:
    """The last poll before a deadline keeps the limit, too: the task waits for it, and does not end meanwhile."""
    limits: Mapping[str, Mapping[Kind, LaneLimits]] = {"acme": {Kind.IMAGE: LaneLimits(polls_per_second=2)}}
    lanes = Lanes(limits, clock=lambda: 100.0)
    assert lanes.lane("acme", Kind.IMAGE).try_acquire_poll() == 0
    stream = await in_state(harness, "accepted")
    later(seconds)
    assert await advance(harness.worker()._replace(lanes=lanes), stream) == 0.5
    assert harness.provider.calls == []
    assert (await harness.load(stream)).status is Status.PROCESSING


async def test_a_later_step_does_not_poll_half_a_second_early(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task is claimed for its first step only: the poll that follows an order has its own time."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    stream = await harness.request_task()
    harness.provider.submits, harness.provider.expected = [Accepted(job="j")], 1.0
    assert await advance(harness.worker(), stream) == 0.5
    assert harness.provider.calls == ["submit 1"]


# --- A last look before the deadline ---


async def test_a_last_lookup_that_fails_ends_the_task(harness: Harness, later: Callable[[float], None]) -> None:
    """It was the last look: the call may have been paid for, and no other one is made."""
    stream = await in_state(harness, "in doubt")
    later(86_400)
    harness.provider.lookups = [NoVerdict(reason="HTTP 502")]
    assert await advance(harness.worker(), stream) is None
    assert harness.provider.calls == ["lookup"]
    assert (harness.last_event(stream).code, harness.last_event(stream).charged) == ("deadline_exceeded", "unknown")


# --- Another model takes over ---


async def with_fallbacks(harness: Harness, *fallbacks: Fallback) -> UUID:
    """A task with these fallback models."""
    stream = await harness.request_task()
    recorded = harness.log.events[-1]
    harness.log.events[-1] = recorded._replace(event=replace(recorded.event, fallbacks=fallbacks))
    return stream


def closed(worker: WorkerContext) -> WorkerContext:
    """The worker with an open breaker at its provider."""
    for _ in range(FAILURES_TO_OPEN):
        with worker.lanes.lane("acme", Kind.IMAGE).try_acquire_submit() as permit:
            permit.record_outcome(NotSent(reason="refused"))
    return worker


class Budgets:
    """Budgets that forbid some models, and answer at the second try. `asked` is what they were asked."""

    def __init__(self, *forbidden: str) -> None:
        self.asked: list[Any] = []
        self._forbidden = forbidden

    async def __call__(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]:
        self.asked.append((stream, request.task, tuple(others)))
        if len(self.asked) == 1:
            raise LogUnavailable("away", retry_after=1)
        return dict.fromkeys(self._forbidden, "spent")


async def test_no_model_takes_over_that_no_budget_allows(harness: Harness) -> None:
    """The task waits for the budget, or for its provider; the budgets are asked until they answer."""
    stream, budgets = await with_fallbacks(harness, SECOND), Budgets(SECOND.model)
    worker = closed(harness.worker())._replace(over_budget=budgets)
    assert await advance(worker, stream) == execution.OVER_BUDGET_SECONDS
    assert budgets.asked == [(stream, task_id(stream), (SECOND,))] * 2
    assert harness.event_types(stream) == ["TaskRequested"]


async def test_the_next_model_takes_over_where_a_budget_forbids_the_first(harness: Harness) -> None:
    """The event says which, and why; the same claim goes on with it."""
    stream = await with_fallbacks(harness, SECOND, THIRD)
    worker = closed(harness.worker())._replace(over_budget=Budgets(SECOND.model))
    assert await advance(worker, stream) == execution.RETRY_LATER_SECONDS
    chosen = harness.last_event(stream)
    assert (chosen.model, chosen.reason) == (THIRD.model, "provider_unavailable")
    assert harness.event_types(stream) == ["TaskRequested", "FallbackChosen"]


# --- What is logged ---


def logged(harness: Harness, stream: UUID) -> list[tuple[str, dict[str, Any]]]:
    """The logged steps, without the name of the task, which each of them has."""
    steps = [(event, dict(facts)) for event, facts in harness.logged]
    assert {facts.pop("task_id") for _, facts in steps} == {task_id(stream)}
    return steps


async def test_an_order_and_its_answer_are_logged(harness: Harness) -> None:
    """What was recorded, what the provider said, and where the events are."""
    stream = await harness.request_task()
    harness.provider.submits = [Refused(code="content_rejected", message="no", provider_code="E1")]
    await advance(harness.worker(), stream)
    call = f"{task_id(stream)}.1"
    [called] = [each.position for each in harness.log.events if isinstance(each.event, ProviderCalled)]
    assert logged(harness, stream) == [
        ("call recorded", {"call_id": call, "position": called}),
        (
            "provider seen",
            {
                "call_id": call,
                "seen": "Refused",
                "why": "content_rejected (E1)",
                "facts": ["ProviderRefused", "TaskFailed"],
                "version": 4,
            },
        ),
    ]


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Refused(code="content_rejected", message="no"), "content_rejected"),
        (NotSent(reason="no route"), "no route"),
        (Accepted(job="j"), None),
    ],
)
async def test_an_answer_is_logged_with_its_reason(harness: Harness, seen: Sighting, why: str | None) -> None:
    stream = await harness.request_task()
    harness.provider.submits = [seen]
    await advance(harness.worker(), stream)
    assert {facts["why"] for event, facts in harness.logged if event == "provider seen"} == {why}


async def test_a_doubt_that_was_looked_up_is_logged(harness: Harness) -> None:
    stream = await in_state(harness, "in doubt")
    harness.provider.lookups = [Found(job="j")]
    await advance(harness.worker(), stream)
    assert logged(harness, stream)[0] == ("doubt looked up", {"call_id": f"{task_id(stream)}.1", "finding": "Found"})


async def test_a_wish_to_stop_is_logged_with_what_the_provider_said(harness: Harness) -> None:
    stream = await in_state(harness, "to be stopped")
    await advance(harness.worker(), stream)
    asked = [(event, facts) for event, facts in logged(harness, stream) if event != "provider seen"]
    assert asked == [("provider asked to stop", {"said": "unsupported", "version": 5})]


async def test_a_download_is_logged_with_what_failed(harness: Harness) -> None:
    stream = await in_state(harness, "delivered")
    assert (await advance(harness.worker(), stream) or 0) < 1  # the next try is planned, and not that of this step
    facts = {"call_id": f"{task_id(stream)}.1", "kept": 0, "failed": ["HTTP 404"], "version": 5}
    assert logged(harness, stream) == [("outputs fetched", facts)]


async def test_a_result_that_stays_in_the_spool_is_logged(harness: Harness) -> None:
    """With what keeps the store from taking it."""
    stream = await in_state(harness, "in doubt")
    call = f"{task_id(stream)}.1"
    worker = harness.worker()
    await outputs.spool(worker.storage, Spooled(task=task_id(stream), call=call, finished=finished(1)))
    harness.assets.detach()
    assert await advance(worker, stream) == execution.RETRY_LATER_SECONDS
    [(event, facts)] = logged(harness, stream)
    assert (event, facts["call_id"]) == ("outputs could not be kept yet", call)
    assert "asset store can't keep" in facts["error"]


async def test_budgets_that_let_no_model_take_over_are_logged(harness: Harness) -> None:
    stream = await with_fallbacks(harness, THIRD, SECOND)
    worker = closed(harness.worker())._replace(over_budget=Budgets(THIRD.model, SECOND.model))
    await advance(worker, stream)
    assert logged(harness, stream) == [("no model may take over", {"over_budget": [SECOND.model, THIRD.model]})]


async def test_a_task_that_is_put_off_after_many_steps_is_logged(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "MAX_STEPS", 0)
    stream = await harness.request_task()
    assert await advance(harness.worker(), stream) == execution.RETRY_LATER_SECONDS
    assert logged(harness, stream) == [("put off after many steps", {"version": 1})]
