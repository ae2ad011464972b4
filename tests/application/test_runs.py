"""Laws of runs in the log: the same whether they are read at once or piece by piece, decided on as they are, and each
its owner's."""

import asyncio
from functools import partial

import pytest

from application import runs
from application.clock import new_stream
from application.ports import AnyEvent, Cause, Conflict, LogUnavailable, Unreadable
from application.runs import MAX_TRIES, NOTHING, STEP_EVENTS, LoadedRun
from domain.base import Rejected, replace
from domain.plan import Plan
from domain.run import decisions
from domain.run.events import RunEvent, RunPaused, RunResumed
from domain.run.state import Run
from tests.application.harness import MemoryLog
from tests.application.run_world import STREAM
from tests.domain.run.film import BEGUN, DRAW, PLAN, PROPOSED, REQUESTED, RUN, SPEAK, made, started, usd
from tests.domain.scenario import AT, SOON
from tests.domain.scenario import REQUESTED as TASK_REQUESTED
from tests.patience import patient
from tests.spec import fold

SHORT = replace(PROPOSED, revision=2, plan=Plan(steps=(SPEAK,)))
PAUSED = RunPaused(reason="asked", message="anna wants it to wait.", at=AT)
RESUMED = RunResumed(by="anna", at=AT)
CAUSE = Cause(actor="anna", correlation_id=RUN)
NOVELTY = Unreadable(topic="Novelty", problem="?")
REPEATED: list[RunEvent] = [PAUSED, RESUMED]
pause = partial(decisions.pause, by="anna", at=AT)


def recorded(*history: AnyEvent | Unreadable) -> MemoryLog:
    """A log with a run of this history, behind an event of another one."""
    log = MemoryLog()
    for stream, event in ((new_stream(), REQUESTED), *((STREAM, event) for event in history)):
        log.add(stream, event)
    return log


async def load(log: MemoryLog) -> LoadedRun:
    """The run as it is. Nothing is waited for but the log."""
    return await asyncio.wait_for(runs.load(log, STREAM), patient(0.5))


# --- Reading ---


@pytest.mark.parametrize(
    "count", [0, 1, 3, STEP_EVENTS - 1, STEP_EVENTS, STEP_EVENTS + 1, 2 * STEP_EVENTS, 3 * STEP_EVENTS + 7]
)
async def test_a_run_of_any_length_is_what_its_events_make(count: int) -> None:
    """It is at the version and the position of its last event. A long one is folded in steps, and each event counts
    once: what was spent is a sum."""
    paid: list[RunEvent] = [started("write"), made("write", cost=usd("0.1"))]
    history: list[RunEvent] = [*BEGUN, *paid * count][:count]
    log = recorded(*history)
    found = LoadedRun(fold(Run, history), count, count + 1 if count else 0, PLAN if count > 1 else None)
    assert await load(log) == found
    assert log.reads == [STREAM]


async def test_others_have_their_turn_while_a_long_run_is_read() -> None:
    """Some thousand events would hold up a process."""
    log = recorded(*BEGUN, *REPEATED * (2 * STEP_EVENTS))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await load(log)
    beside.cancel()
    assert turns >= 4


async def test_the_plan_is_the_newest() -> None:
    """Its steps are found by their names."""
    loaded = await load(recorded(*BEGUN))
    assert (loaded.plan, loaded.step("draw")) == (PLAN, DRAW)
    for wrong in (loaded, NOTHING):
        with pytest.raises(LookupError) as lost:
            wrong.step("nothing")
        assert lost.value.args == ("nothing",)
    again = await load(recorded(*BEGUN, *REPEATED * STEP_EVENTS, SHORT, PAUSED))
    assert (again.plan, again.run.revision) == (SHORT.plan, 2)
    with pytest.raises(LookupError):
        again.step("draw")


def test_what_follows_is_folded_behind_what_is_known() -> None:
    """Whoever has the run needs to read only what is new."""
    log = recorded(*BEGUN, PAUSED)
    known = runs.fold(log.events[1:3])
    assert runs.fold(log.events[3:], known) == runs.fold(log.events[1:])
    assert runs.fold([], known) == known
    assert runs.fold([]) == NOTHING


async def test_what_cannot_be_read_is_nothing_to_decide_on() -> None:
    """A newer Pixel wrote it. The refusal says where it stands."""
    log = recorded(*BEGUN, NOVELTY)
    for work in (runs.load(log, STREAM), runs.decide(log, STREAM, pause, CAUSE)):
        with pytest.raises(Rejected) as refused:
            await work
        assert refused.value.code == "stream_unreadable"
        assert refused.value.message == "Version 4 of the stream can't be read."
    assert len(log.events) == 5


async def test_a_stream_of_another_kind_is_no_run() -> None:
    """The id of a task is the id of no run."""
    with pytest.raises(Rejected) as refused:
        await runs.load(recorded(TASK_REQUESTED), STREAM)
    assert (refused.value.code, refused.value.message) == ("run_unknown", "This is no id of a run.")


# --- Deciding ---


async def test_a_decision_is_appended_with_its_cause() -> None:
    """The answer is the run after it, as whoever reads it next has it."""
    log = recorded(*BEGUN)
    after = await runs.decide(log, STREAM, pause, CAUSE)
    assert [event.event for event in log.events[4:]] == [PAUSED]
    assert log.causes == [CAUSE]
    assert after == LoadedRun(fold(Run, [*BEGUN, PAUSED]), 4, 5, PLAN)
    assert after == await load(log)


async def test_a_run_that_is_requested_has_its_plan() -> None:
    """All that a decision adds is appended at once."""
    log = MemoryLog()
    request = partial(decisions.request, requested=REQUESTED, proposed=PROPOSED, most=None)
    after = await runs.decide(log, STREAM, request, CAUSE)
    assert [event.event for event in log.events] == list(BEGUN)
    assert after == LoadedRun(fold(Run, BEGUN), 3, 3, PLAN)
    assert await runs.decide(log, STREAM, request, CAUSE) == after
    assert len(log.causes) == 1


async def test_a_plan_stays_until_another_is_proposed() -> None:
    """An event behind it takes none away."""
    log = recorded(*BEGUN)
    changed = await runs.decide(log, STREAM, lambda _: [SHORT, PAUSED], CAUSE)
    assert changed == LoadedRun(fold(Run, [*BEGUN, SHORT, PAUSED]), 5, 6, SHORT.plan)
    assert changed == await load(log)


async def test_what_is_known_is_not_read_again() -> None:
    """Where nothing has happened since, and where there is nothing to do."""
    log = recorded(*BEGUN)
    known = await load(log)
    log.reads.clear()
    assert await runs.decide(log, STREAM, lambda _: [], CAUSE, known=known) == known
    after = await runs.decide(log, STREAM, pause, CAUSE, known=known)
    assert await runs.decide(log, STREAM, pause, CAUSE, known=after) == after
    assert log.reads == []
    assert [event.event for event in log.events[4:]] == [PAUSED]


async def test_a_decision_is_made_again_when_the_run_has_moved() -> None:
    """On the run as it is then: what another worker has done meanwhile is not done twice."""
    log = recorded(*BEGUN)
    known = await load(log)
    log.add(STREAM, PAUSED)
    after = await runs.decide(log, STREAM, pause, CAUSE, known=known)
    assert [event.event for event in log.events[4:]] == [PAUSED]
    assert after == await load(log)
    resume = partial(decisions.resume, by="anna", most=None, at=SOON)
    log.before = lambda _: log.add(STREAM, SHORT) if len(log.events) == 5 else None
    resumed = await runs.decide(log, STREAM, resume, CAUSE)
    assert [event.event for event in log.events[5:]] == [SHORT, replace(RESUMED, at=SOON)]
    assert resumed == await load(log)


async def test_whoever_always_loses_is_told_so() -> None:
    """A decision is tried so many times and no more; nothing of it is stored."""
    log = recorded(*BEGUN)
    tried = 0

    def first(_: list[str]) -> None:
        nonlocal tried
        tried += 1
        log.add(STREAM, RESUMED)

    log.before = first
    with pytest.raises(Conflict) as lost:
        await runs.decide(log, STREAM, lambda _: [PAUSED], CAUSE)
    assert tried == MAX_TRIES
    assert str(lost.value) == f"the stream ends at version {3 + MAX_TRIES}, not {2 + MAX_TRIES}"
    assert PAUSED not in [event.event for event in log.events]


async def test_an_append_that_is_not_confirmed_is_not_tried_again() -> None:
    """It may be stored. Whoever decides again finds it there."""
    log = recorded(*BEGUN)

    def lose(_: list[str]) -> None:
        log.after = lambda _: None
        raise LogUnavailable("the answer is lost", retry_after=1)

    log.after = lose
    with pytest.raises(LogUnavailable):
        await runs.decide(log, STREAM, pause, CAUSE)
    await runs.decide(log, STREAM, pause, CAUSE)
    assert [event.event for event in log.events[4:]] == [PAUSED]


# --- Whose it is ---


def test_a_run_is_its_owners() -> None:
    """For anybody else it is not there, and neither is one that was never requested, for anybody."""
    run = fold(Run, BEGUN)
    runs.require_owner(run, RUN, "studio")
    runs.require_owner(run, RUN, None)
    for other, owner in ((run, "agency"), (run, ""), (Run(), None), (Run(), ""), (Run(), "studio")):
        with pytest.raises(Rejected) as refused:
            runs.require_owner(other, RUN, owner)
        assert (refused.value.code, refused.value.message) == ("run_unknown", f"Run '{RUN}' not found")


def test_a_refusal_is_short_whatever_was_asked_for() -> None:
    """A long id is cut off in it."""
    with pytest.raises(Rejected) as refused:
        runs.require_owner(Run(), "x" * 1000, None)
    assert refused.value.message == f"Run '{'x' * 64}' not found"
