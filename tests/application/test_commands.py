"""Laws of load, fold and decide: a decision is made on the newest version, and its events follow that version."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from application.clock import new_stream
from application.commands import MAX_TRIES, STEP_EVENTS, LoadedTask, decide, fold, load
from application.ports import Cause, Conflict, LogUnavailable, Recorded, Unreadable
from domain.base import Rejected
from domain.batch import BatchRequested
from domain.ids import batch_id, task_id
from domain.model import Kind, ModelEnabled
from domain.task.events import (
    CancellationRequested,
    ProviderAccepted,
    ProviderCalled,
    ProviderProgressed,
    TaskCancelled,
    TaskEvent,
    TaskRequested,
)
from domain.task.state import Task, evolve
from tests.application.harness import TEST_CAUSE, MemoryLog

AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
CANCELLED = CancellationRequested(by="anna", at=AT)


def requested(stream: UUID) -> TaskRequested:
    return TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model="acme/painter",
        model_revision=1,
        params={"prompt": "a boat"},
        request_hash="0a1b",
        finish_by=AT + timedelta(seconds=900),
        at=AT,
    )


def state_of(*events: TaskEvent) -> Task:
    state = Task()
    for event in events:
        state = evolve(state, event)
    return state


async def a_task(log: MemoryLog) -> tuple[UUID, TaskRequested]:
    """A task that was just requested."""
    stream = new_stream()
    event = requested(stream)
    await log.append(stream, 0, [event], TEST_CAUSE)
    return stream, event


def always(*events: TaskEvent) -> Callable[[Task], list[TaskEvent]]:
    """A decision that is the same for every task."""
    return lambda _: list(events)


# --- Load ---


async def test_a_stream_without_events_is_a_new_task() -> None:
    """At version 0, without a request."""
    assert await load(MemoryLog(), new_stream()) == LoadedTask(Task(), 0, [], None)


async def test_a_task_is_loaded_with_its_request_and_version() -> None:
    """Its state is that after all of its events, and of no others."""
    log = MemoryLog()
    stream, event = await a_task(log)
    await a_task(log)
    await log.append(stream, 1, [CANCELLED], TEST_CAUSE)
    assert await load(log, stream) == LoadedTask(state_of(event, CANCELLED), 2, [], event)


@pytest.mark.parametrize("more", [STEP_EVENTS - 3, STEP_EVENTS - 2, 2 * STEP_EVENTS, 2 * STEP_EVENTS + 50])
async def test_a_long_task_is_loaded_whole_and_lets_others_have_their_turn(more: int) -> None:
    """However many events it has, each counts once; in between the event loop turns."""
    log = MemoryLog()
    stream, event = await a_task(log)
    call = f"{event.task}.1"
    called = ProviderCalled(attempt=1, provider="acme", call=call, digest="0", worker="w", epoch=1, account="k1", at=AT)
    news: list[TaskEvent] = [called, ProviderAccepted(call=call, job="j", at=AT)]
    seconds = (AT + timedelta(seconds=place) for place in range(more))
    news += [ProviderProgressed(percent=place % 100, at=at) for place, at in enumerate(seconds)]
    await log.append(stream, 1, news, TEST_CAUSE)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    loaded = await load(log, stream)
    counting.cancel()
    assert loaded == LoadedTask(state_of(event, *news), more + 3, [], event)
    assert turns == (more + 2) // STEP_EVENTS


async def test_a_fold_goes_on_from_where_another_has_ended() -> None:
    """With the request and the state of the events before."""
    log = MemoryLog()
    stream, event = await a_task(log)
    await log.append(stream, 1, [CANCELLED], TEST_CAUSE)
    history = await log.stream(stream)
    begin = fold(history[:1])
    assert begin == LoadedTask(state_of(event), 1, [], event)
    assert fold(history[1:], begin) == fold(history) == LoadedTask(state_of(event, CANCELLED), 2, [], event)
    assert fold([], begin) == begin


# --- What can't be read ---


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        (Unreadable(topic="TaskPainted", problem="unknown"), "TaskPainted"),
        (ModelEnabled(at=AT), "ModelEnabled"),
    ],
)
async def test_a_task_that_cannot_be_read_in_full_is_refused(event: ModelEnabled | Unreadable, topic: str) -> None:
    """Decided on half of its events a paid call might be made twice. The message says which event it is."""
    log = MemoryLog()
    stream, _ = await a_task(log)
    log.add(stream, event)
    log.add(stream, CANCELLED)
    for attempt in (load(log, stream), decide(log, stream, always(CANCELLED), TEST_CAUSE)):
        with pytest.raises(Rejected) as refused:
            await attempt
        assert refused.value.code == "stream_unreadable"
        assert refused.value.message == f"Version 2 of the stream ({topic}) can't be read."
    assert len(log.events) == 3


async def test_the_id_of_a_batch_is_none_of_a_task() -> None:
    """Both have the same alphabet, so that one may be written as the other: no such task."""
    log, stream = MemoryLog(), new_stream()
    log.add(stream, BatchRequested(batch=batch_id(stream), mode="all", tasks=(), request_hash="0", at=AT))
    with pytest.raises(Rejected) as refused:
        await load(log, stream)
    assert refused.value.code == "task_unknown"
    assert refused.value.message


# --- Decide ---


async def test_a_decision_is_made_on_the_task_and_recorded_behind_it() -> None:
    """Its events follow the version that it was made on, with their cause; the answer is the task after them."""
    log, seen = MemoryLog(), list[Task]()
    stream, event = await a_task(log)
    cancelled = TaskCancelled(by="anna", outcome="not_called", message="Cancelled.", charged="no", at=AT)

    def decision(task: Task) -> list[TaskEvent]:
        seen.append(task)
        return [CANCELLED, cancelled]

    cause = Cause(actor="anna", request_id="req-1")
    decided = await decide(log, stream, decision, cause)
    assert seen == [state_of(event)]
    assert [each[1:] for each in log.events] == [(stream, 1, event), (stream, 2, CANCELLED), (stream, 3, cancelled)]
    assert decided == LoadedTask(state_of(event, CANCELLED, cancelled), 3, [CANCELLED, cancelled], event)
    assert decided == (await load(log, stream))._replace(added=[CANCELLED, cancelled])
    assert log.causes == [TEST_CAUSE, cause]


async def test_where_there_is_nothing_to_do_nothing_is_recorded() -> None:
    """The answer is the task as it is, and what an earlier command has added is not told again."""
    log = MemoryLog()
    stream, event = await a_task(log)
    assert await decide(log, stream, always(), TEST_CAUSE) == LoadedTask(state_of(event), 1, [], event)
    known = await decide(log, stream, always(CANCELLED), TEST_CAUSE)
    log.reads.clear()
    assert await decide(log, stream, always(), TEST_CAUSE, known=known) == known._replace(added=[])
    assert (len(log.events), log.reads) == (2, [])


async def test_a_task_that_is_known_is_not_read_again() -> None:
    """It is decided on as it is known."""
    log = MemoryLog()
    stream, event = await a_task(log)
    known = await load(log, stream)
    log.reads.clear()
    decided = await decide(log, stream, always(CANCELLED), TEST_CAUSE, known=known)
    assert decided == LoadedTask(state_of(event, CANCELLED), 2, [CANCELLED], event)
    assert log.reads == []


async def test_a_decision_on_an_old_version_is_made_again() -> None:
    """On the stream as it is, once: what another has recorded meanwhile may leave nothing to do."""
    log, seen = MemoryLog(), list[Task]()
    stream, event = await a_task(log)
    old = await load(log, stream)
    log.add(stream, CANCELLED)

    def cancel_once(task: Task) -> list[TaskEvent]:
        seen.append(task)
        return [] if task.cancel_requested_by else [CANCELLED]

    decided = await decide(log, stream, cancel_once, TEST_CAUSE, known=old)
    assert seen == [state_of(event), state_of(event, CANCELLED)]
    assert decided == LoadedTask(state_of(event, CANCELLED), 2, [], event)
    assert len(log.events) == 2


async def test_a_stream_that_moves_at_every_try_is_given_up() -> None:
    """After MAX_TRIES the conflict is the caller's, and nothing of the decision is recorded; one try less is enough."""

    async def tries(moves: int) -> tuple[MemoryLog, int]:
        """Decide while another writes at each of so many tries. The log after it, and how often it was decided."""
        log, decided = MemoryLog(), 0
        stream, _ = await a_task(log)

        def decision(_: Task) -> list[TaskEvent]:
            nonlocal decided
            decided += 1
            if decided <= moves:
                log.add(stream, CANCELLED)
            return [TaskCancelled(by="anna", outcome="not_called", message="Cancelled.", charged="no", at=AT)]

        if moves < MAX_TRIES:
            await decide(log, stream, decision, TEST_CAUSE)
        else:
            with pytest.raises(Conflict, match=f"ends at version {MAX_TRIES + 1}, not {MAX_TRIES}"):
                await decide(log, stream, decision, TEST_CAUSE)
        return log, decided

    def ends(log: MemoryLog) -> list[Recorded]:
        return [each for each in log.events if isinstance(each.event, TaskCancelled)]

    given_up, decided = await tries(MAX_TRIES)
    assert (decided, ends(given_up)) == (MAX_TRIES, [])
    done, decided = await tries(MAX_TRIES - 1)
    assert (decided, [each.version for each in ends(done)]) == (MAX_TRIES, [MAX_TRIES + 1])


async def test_an_append_that_was_not_confirmed_is_not_tried_again() -> None:
    """It may be stored: only who knows that a second one does no harm may try it."""
    log = MemoryLog()
    stream, _ = await a_task(log)

    def fail(_: list[str]) -> None:
        raise LogUnavailable("no answer", retry_after=1)

    log.after = fail
    with pytest.raises(LogUnavailable):
        await decide(log, stream, always(CANCELLED), TEST_CAUSE)
    assert len(log.events) == 2


async def test_a_refused_decision_records_nothing() -> None:
    """The refusal is the caller's."""
    log = MemoryLog()
    stream, _ = await a_task(log)
    refusal = Rejected("task_unknown", "There is no such task.")

    def refuse(_: Task) -> list[TaskEvent]:
        raise refusal

    with pytest.raises(Rejected) as refused:
        await decide(log, stream, refuse, TEST_CAUSE)
    assert refused.value is refusal
    assert len(log.events) == 1
