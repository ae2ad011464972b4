"""Laws of a claimed task: an intent is recorded once or not at all, news for certain, an order is always the same."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from application import claimed_task, clock, commands
from application.claimed_task import ClaimedTask, WorkerContext
from application.live_text import TextPiece
from application.ports import Cause, Conflict, LogUnavailable, Unreadable
from domain.base import Event, Rejected, replace
from domain.ids import model_stream, task_id
from domain.model import Kind, ModelRegistered, ModelRevised, ModelSpec
from domain.provider import Order, RemoteOutput
from domain.task.events import (
    CancellationRequested,
    Fallback,
    FallbackChosen,
    ProviderAccepted,
    ProviderCalled,
    ProviderCallInDoubt,
    ProviderProgressed,
    ProviderRefused,
    ProviderSucceeded,
    TaskEvent,
    TaskFailed,
    TaskRequested,
)
from domain.task.state import Task
from tests.application.harness import MODEL, TEST_CAUSE, Harness, ScriptedProvider

SECOND = Fallback(model="other/second", model_revision=2)
SPECS = (ModelSpec(name="Second", type=Kind.IMAGE), ModelSpec(name="Second, revised", type=Kind.IMAGE))
CANCELLED = CancellationRequested(by="anna", at=clock.now())


async def a_task(harness: Harness, *events: Event, **fields: Any) -> UUID:
    """A task with these events behind its request, of which these fields differ."""
    stream = await harness.request_task()
    asked = harness.last_event(stream)
    assert isinstance(asked, TaskRequested)
    harness.log.events[-1] = harness.log.events[-1]._replace(event=replace(asked, **fields))
    if events:
        await harness.append(stream, *events)
    return stream


async def claimed(worker: WorkerContext, stream: UUID) -> ClaimedTask:
    """The task in the hands of a worker."""
    known = await commands.load(worker.log, stream)
    assert known.request
    return ClaimedTask(worker, stream, known.request, known, 7, lambda: True, is_order=True)


def called(stream: UUID, *, account: str | None = "k1") -> ProviderCalled:
    call = f"{task_id(stream)}.1"
    return ProviderCalled(
        attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account=account, at=clock.now()
    )


def refused(stream: UUID) -> ProviderRefused:
    return ProviderRefused(
        call=f"{task_id(stream)}.1", code="rate_limited", message="busy", retryable=True, charged="no", at=clock.now()
    )


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next try comes at once."""
    monkeypatch.setattr(claimed_task, "RECORD_RETRY_SECONDS", 0.0)


# --- Recording ---


async def test_an_intent_is_recorded_at_the_version_that_it_was_decided_on(harness: Harness) -> None:
    """By the worker, for the task; from then on the worker knows the task with it."""
    stream = await a_task(harness)
    task = await claimed(harness.worker(), stream)
    intent = called(stream)
    receipt = await task.append([intent])
    recorded = harness.log.events[-1]
    assert (recorded.stream, recorded.version, recorded.event) == (stream, 2, intent)
    assert receipt == (2, recorded.position)
    assert task.known == (await commands.load(harness.log, stream))._replace(added=[intent])
    assert task.task is task.known.task
    assert harness.log.causes[-1] == task.cause == Cause(actor="worker:w1", correlation_id=task_id(stream))


async def test_an_intent_is_tried_once(harness: Harness) -> None:
    """If the stream has moved, or the log does not answer, nobody may take the intent for recorded: the worker knows
    the task as before, and does not look again."""
    stream = await a_task(harness)
    task = await claimed(harness.worker(), stream)
    known = task.known
    harness.log.reads.clear()
    harness.log.add(stream, CANCELLED)
    with pytest.raises(Conflict):
        await task.append([called(stream)])
    harness.log.away = True
    with pytest.raises(LogUnavailable):
        await task.append([called(stream)])
    assert (task.known, harness.log.reads) == (known, [])
    assert harness.event_types(stream) == ["TaskRequested", "CancellationRequested"]


def accept_once(stream: UUID) -> ProviderAccepted:
    return ProviderAccepted(call=f"{task_id(stream)}.1", job="j", at=clock.now())


async def test_news_are_recorded_on_the_task_as_it_is_known(harness: Harness) -> None:
    """The stream is not read again. The answer is the task after them, and the worker knows it."""
    stream = await a_task(harness)
    await harness.append(stream, called(stream))
    task = await claimed(harness.worker(), stream)
    news = accept_once(stream)
    harness.log.reads.clear()
    known = await task.record(lambda _: [news])
    assert harness.log.reads == []
    assert harness.last_event(stream) == news
    assert known is task.known
    assert known == (await commands.load(harness.log, stream))._replace(added=[news])
    assert harness.log.causes[-1] == task.cause


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("stored", [True, False])
async def test_news_are_tried_until_the_log_has_them(harness: Harness, *, stored: bool) -> None:
    """What else is to be done meanwhile is done after each failure. An append that was stored but not confirmed is
    found in the stream: nothing is recorded twice."""
    stream = await a_task(harness)
    await harness.append(stream, called(stream))
    task = await claimed(harness.worker(), stream)
    news, done = accept_once(stream), list[int]()

    def fail(_: list[str]) -> None:
        raise LogUnavailable("no answer", retry_after=1)

    async def meanwhile() -> None:
        done.append(len(harness.log.events))
        harness.log.away = len(done) < 3
        harness.log.before = lambda _: None

    def decide(current: Task) -> list[TaskEvent]:
        assert current.call
        return [] if current.call.job else [news]

    if stored:
        harness.log.after = fail
    else:
        harness.log.before = fail
    known = await task.record(decide, meanwhile=meanwhile)
    assert len(done) == 3
    assert harness.event_types(stream) == ["TaskRequested", "ProviderCalled", "ProviderAccepted"]
    assert harness.last_event(stream) == news
    assert known == (await commands.load(harness.log, stream))._replace(added=[] if stored else [news])
    assert task.known is known


@pytest.mark.usefixtures("no_pause")
async def test_news_wait_for_who_else_writes(harness: Harness) -> None:
    """A stream that moves at every try is tried again, and the decision is made on what is there by then."""
    stream = await a_task(harness)
    await harness.append(stream, called(stream))
    task = await claimed(harness.worker(), stream)
    seen: list[int | None] = []

    def decide(current: Task) -> list[TaskEvent]:
        seen.append(current.percent)
        if len(seen) < 2 * commands.MAX_TRIES:
            harness.log.add(stream, ProviderProgressed(percent=len(seen), at=clock.now()))
        return [accept_once(stream)]

    known = await task.record(decide)
    assert seen == [None, *range(1, 2 * commands.MAX_TRIES)]
    assert known == (await commands.load(harness.log, stream))._replace(added=known.added)
    assert harness.event_types(stream)[-2:] == ["ProviderProgressed", "ProviderAccepted"]


async def test_there_is_a_pause_between_two_tries(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is away is not asked all the time."""
    monkeypatch.setattr(claimed_task, "RECORD_RETRY_SECONDS", 0.01)
    stream = await a_task(harness, fallbacks=(SECOND,))
    times: list[float] = []

    def fail_once(_: list[str]) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise LogUnavailable("away", retry_after=1)

    async def away_once(stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]:
        fail_once([])
        return {}

    harness.log.before = fail_once
    task = await claimed(harness.worker()._replace(over_budget=away_once), stream)
    await task.record(lambda _: [CANCELLED])
    assert times[1] - times[0] >= 0.009
    times.clear()
    await task.over_budget()
    assert times[1] - times[0] >= 0.009


async def test_news_of_a_task_that_cannot_be_read_are_refused(harness: Harness) -> None:
    """Nothing is decided on half of its events."""
    stream = await a_task(harness)
    task = await claimed(harness.worker(), stream)
    harness.log.add(stream, Unreadable(topic="TaskPainted", problem="unknown"))
    with pytest.raises(Rejected) as refusal:
        await task.record(lambda _: [CANCELLED])
    assert refusal.value.code == "stream_unreadable"


# --- What is handed on ---


async def test_a_text_is_handed_on_where_the_request_asks_for_it(harness: Harness) -> None:
    """As a piece of its call, beside the log; for every other request there is nobody to hand it to."""
    task = await claimed(harness.worker(), await a_task(harness))
    order = Order(task_id="task_1", call_id="task_1.1", kind=Kind.LLM, model=MODEL, spec=SPECS[0], params={})
    for params in ({}, {"stream": False}, {"stream": None}):
        assert task.text_sender(replace(order, params=params)) is None
    send = task.text_sender(replace(order, params={"stream": True}))
    assert send
    send("Once")
    assert harness.texts == [TextPiece(task="task_1", call="task_1.1", offset=0, text="Once")]


async def test_a_step_is_logged_with_its_task(harness: Harness) -> None:
    """And with the facts of the step, and no others."""
    lines: list[tuple[str, dict[str, Any]]] = []
    stream = await a_task(harness)

    def keep(event: str, **facts: Any) -> None:
        lines.append((event, facts))

    (await claimed(harness.worker()._replace(log_step=keep), stream)).log_step("call recorded", position=7)
    assert lines == [("call recorded", {"task_id": task_id(stream), "position": 7})]


# --- Budgets ---


@dataclass
class Budgets:
    """Forbids a model, as soon as the sums are known. `asked` holds what it was asked."""

    away: int = 0
    asked: list[tuple[UUID, TaskRequested, Sequence[Fallback]]] = field(
        default_factory=list[tuple[UUID, TaskRequested, Sequence[Fallback]]]
    )

    async def over(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]:
        """The models over budget. Raises LogUnavailable."""
        self.asked.append((stream, request, others))
        if len(self.asked) <= self.away:
            raise LogUnavailable("the sums are being built", retry_after=2)
        return {"other/second": "too dear"}


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("away", [0, 1, 3])
async def test_the_budgets_are_asked_until_they_answer(harness: Harness, away: int) -> None:
    """For the models that may still take over in this task: none takes over before it is known whether it may."""
    budgets = Budgets(away)
    stream = await a_task(harness, fallbacks=(SECOND,))
    task = await claimed(harness.worker()._replace(over_budget=budgets.over), stream)
    assert await task.over_budget() == {"other/second": "too dear"}
    assert budgets.asked == [(stream, task.request, (SECOND,))] * (away + 1)


async def test_where_no_model_may_take_over_no_budget_is_asked(harness: Harness) -> None:
    """Nothing is over budget."""
    budgets = Budgets()
    task = await claimed(harness.worker()._replace(over_budget=budgets.over), await a_task(harness))
    assert (await task.over_budget(), budgets.asked) == ({}, [])


# --- Whom to ask, and for what ---


async def register_second(harness: Harness) -> None:
    """The second model, at its second revision."""
    now = clock.now()
    events = [
        ModelRegistered(model=SECOND.model, spec=SPECS[0], at=now),
        ModelRevised(revision=2, spec=SPECS[1], at=now),
    ]
    await harness.log.append(model_stream(SECOND.model), 0, events, TEST_CAUSE)


def history(stream: UUID, state: str) -> list[Event]:
    """The events behind a request, up to a state."""
    at, call = clock.now(), called(stream)
    accepted = ProviderAccepted(call=call.call, job="j", at=at)
    failed = TaskFailed(code="provider_failed", message="no", retryable=False, charged="no", at=at)
    outputs = (RemoteOutput(index=0, url="https://files.example.com/0.png"),)
    chosen = FallbackChosen(model=SECOND.model, model_revision=2, reason="busy", at=at)
    states: dict[str, list[Event]] = {
        "new": [],
        "called": [call],
        "in doubt": [call, ProviderCallInDoubt(call=call.call, reason="no answer", at=at)],
        "accepted": [call, accepted],
        "delivered": [call, accepted, ProviderSucceeded(call=call.call, outputs=outputs, at=at)],
        "refused": [call, refused(stream)],
        "another model": [call, refused(stream), chosen],
        "failed": [call, refused(stream), failed],
        "failed at another model": [call, refused(stream), chosen, failed],
    }
    return states[state]


@pytest.mark.parametrize(
    ("state", "provider", "needs_order"),
    [
        ("new", "acme", True),
        ("called", "acme", False),
        ("in doubt", "acme", False),
        ("accepted", "acme", False),
        ("delivered", "acme", False),
        ("refused", "acme", True),
        ("another model", "other", True),
        ("failed", "acme", False),
        ("failed at another model", "acme", False),
    ],
)
async def test_the_provider_is_that_of_the_call_or_else_of_the_model(
    harness: Harness, state: str, provider: str, *, needs_order: bool
) -> None:
    """An open or final call belongs to the provider that got it; the next call goes to that of the model that serves
    now. A provider that this process does not have is None. Only the next call needs a place for orders."""
    other = ScriptedProvider()
    stream = await a_task(harness, fallbacks=(SECOND,))
    await harness.append(stream, *history(stream, state))
    worker = harness.worker()._replace(providers={"acme": harness.provider, "other": other})
    task = await claimed(worker, stream)
    assert (task.provider_name, task.needs_order) == (provider, needs_order)
    assert task.provider is {"acme": harness.provider, "other": other}[provider]
    assert (await claimed(worker._replace(providers={}), stream)).provider is None


async def test_an_order_names_the_model_that_serves_at_the_revision_of_its_acceptance(harness: Harness) -> None:
    """Its spec is that of this revision, whatever the catalogue says by now, and the parameters are the caller's."""
    await register_second(harness)
    stream = await a_task(harness, fallbacks=(SECOND,))
    worker = harness.worker()
    first = await claimed(worker, stream)
    order = Order(
        task_id=task_id(stream),
        call_id="call-1",
        kind=Kind.IMAGE,
        model=MODEL,
        spec=ModelSpec(name="Painter", type=Kind.IMAGE),
        params={"prompt": "a boat"},
        account="k1",
    )
    assert await first.order("call-1", "k1") == order
    assert first.revision == 1
    await harness.append(stream, *history(stream, "another model"))
    second = await claimed(worker, stream)
    assert await second.order("call-2", "k2") == replace(
        order, call_id="call-2", model=SECOND.model, spec=SPECS[1], account="k2"
    )
    assert second.revision == 2


@pytest.mark.parametrize("account", ["k1", None])
async def test_the_order_of_a_call_has_its_account_and_its_time(harness: Harness, account: str | None) -> None:
    """A call without an account, as older ones are, is asked for without one."""
    stream = await a_task(harness)
    intent = called(stream, account=account)
    await harness.append(stream, intent)
    task = await claimed(harness.worker(), stream)
    assert task.task.call
    expected = await task.order(intent.call, account or "")
    assert expected
    assert await task.order_of(task.task.call) == replace(expected, called_at=intent.at)


async def test_a_model_that_is_not_known_here_has_no_order(harness: Harness) -> None:
    """At no revision that its stream does not have; another process may know it."""
    stream = await a_task(harness, model_revision=9)
    await harness.append(stream, called(stream))
    task = await claimed(harness.worker(), stream)
    assert task.task.call
    assert await task.order("call-1", "k1") is None
    assert await task.order_of(task.task.call) is None


async def test_a_claimed_task_is_due(harness: Harness) -> None:
    """It was claimed because its time has come."""
    task = await claimed(harness.worker(), await a_task(harness))
    assert task.due
