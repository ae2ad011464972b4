"""Laws of what becomes of the steps of a run, and of the run: no outcome is forgotten, a doubt is no end, and what is
cancelled is not paid for any more."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from application.ports import Conflict, Unreadable
from application.run_outcomes import Made
from domain.base import Rejected, replace
from domain.budget import Budget
from domain.canvas import canonical
from domain.plan import Plan, StepImage
from domain.run.events import (
    PlanProposed,
    RunCancelled,
    RunCompleted,
    RunEvent,
    RunPaused,
    RunResumed,
    StepCompleted,
    StepFailed,
    StepSkipped,
)
from domain.task.events import (
    CallResolved,
    CancellationRequested,
    OutputStored,
    ProviderAccepted,
    TaskCancelled,
    TaskCompleted,
)
from tests.application.run_world import (
    ALONE,
    BY_RUN,
    CANCELLATION,
    FRAME,
    STREAM,
    World,
    asset,
    begins,
    begun,
    called,
    fails,
    history,
    in_doubt,
    paused,
    stranger,
    stream_of,
    task_of,
    usd,
)
from tests.domain.run.film import DRAW, FILM, REQUESTED, RUN, SPEAK, WRITE
from tests.domain.scenario import AT, DEADLINE

# --- Outcomes ---


async def test_a_result_is_chosen_before_it_is_recorded() -> None:
    """A worker that dies in between, or can't choose it, does both again: the result is never forgotten."""
    world = await begun(ALONE, canvas="canvas_1", project="project_1")
    await world.makes("alone", FRAME, cost="0.03")
    world.cannot_choose = Conflict("others edit it")
    with pytest.raises(Conflict):
        await world.advance()
    assert world.facts(4) == []
    world.cannot_choose = None
    await world.advance()
    made = Made((FRAME,), None, usd("0.03"), canonical.digest({"prompt": "a cat", "model": "sandbox/image"}))
    assert world.chosen == [(RUN, "alone", 1, made)]
    assert world.facts(4) == [
        StepCompleted(step="alone", attempt=1, outputs=(FRAME,), cost=usd("0.03"), at=AT),
        RunCompleted(spent={"USD": Decimal("0.03")}, at=AT),
    ]
    assert world.log.causes[-2:] == [BY_RUN, BY_RUN]
    await world.advance()
    assert len(world.chosen) == 1


async def test_only_what_was_made_is_chosen() -> None:
    """What is lost, in doubt or goes on chooses nothing."""
    world = await begun(ALONE, SPEAK, WRITE)
    await world.happens(stream_of("alone"), fails())
    await world.happens(stream_of("speak"), *in_doubt("speak"))
    await world.advance()
    assert world.chosen == []
    assert [type(event).__name__ for event in world.facts(6)] == ["StepFailed", "RunPaused"]


@pytest.mark.parametrize(
    ("charged", "told"),
    [("yes", "It failed, and was charged for."), ("unknown", "It failed, and may have been charged for.")],
)
async def test_what_was_paid_for_in_vain_is_looked_at_by_a_person(charged: Any, told: str) -> None:
    """Nothing more is sent before."""
    world = await begun(ALONE)
    cost = usd("0.03")
    await world.happens(stream_of("alone"), replace(fails(charged=charged, retryable=True), cost=cost))
    await world.advance()
    assert world.facts(4) == [
        StepFailed(
            step="alone", attempt=1, code="content_rejected", message="Not this.", charged=charged, cost=cost, at=AT
        ),
        paused("alone", "step_failed", told),
    ]
    assert world.log.causes[-1] == BY_RUN


async def test_a_doubt_pauses_the_run_until_the_evidence_comes() -> None:
    """It is told which call it is about. What others do meanwhile is recorded; then the run goes on by itself."""
    world = await begun(ALONE, SPEAK, replace(FILM, images=(StepImage(step="alone"),)))
    call = f"{task_of('alone')}.1"
    await world.happens(stream_of("alone"), *in_doubt("alone"))
    await world.makes("speak", "a.wav")
    for _ in range(2):
        await world.advance()
    doubt = f"Nobody knows whether the call {call} happened. Whoever runs Pixel decides on it."
    assert world.facts(5) == [
        paused("alone", "in_doubt", doubt),
        StepCompleted(step="speak", attempt=1, outputs=("a.wav",), at=AT),
    ]
    again = CallResolved(call=call, verdict="retry", by="anna", finish_by=DEADLINE, at=AT)
    await world.happens(stream_of("alone"), again)
    await world.advance()
    assert world.facts(7) == [RunResumed(by="pixel", step="alone", at=AT)]
    await world.makes("alone", FRAME)
    await world.advance()
    assert world.facts(8) == [StepCompleted(step="alone", attempt=1, outputs=(FRAME,), at=AT), begins("film", "0.5")]


async def test_a_doubt_about_one_attempt_says_nothing_about_the_next() -> None:
    """Each attempt has a task of its own, and is asked for what became of that."""
    world = await begun(ALONE)
    await world.happens(stream_of("alone"), fails(code="rate_limited", retryable=True))
    await world.advance()
    await world.makes("alone", FRAME, attempt=2)
    await world.advance()
    assert [(step, attempt) for _, step, attempt, _ in world.chosen] == [("alone", 2)]
    assert world.facts(6)[0] == StepCompleted(step="alone", attempt=2, outputs=(FRAME,), at=AT)


# --- Cancellation, and the end ---


async def test_a_cancelled_run_cancels_its_tasks_in_the_name_of_who_asked() -> None:
    """What no provider has yet ends at once; what is made elsewhere is asked to stop, and told when it has."""
    world = await begun(ALONE, SPEAK, WRITE, DRAW)
    accepted = ProviderAccepted(call=called("speak").call, job="job-1", at=AT)
    await world.happens(stream_of("speak"), called("speak"), accepted)
    await world.happens(stream_of("write"), *in_doubt("write"))
    await world.advance()
    await world.decide(lambda _: [CANCELLATION])
    wish = CancellationRequested(by="anna", at=AT)
    unsent = "It had not been sent to the provider."
    assert (await world.advance()).run.status == "running"
    by_anna = replace(BY_RUN, actor="anna")
    assert world.task("alone")[1:] == [
        wish,
        TaskCancelled(by="anna", outcome="not_called", message=unsent, charged="no", at=AT),
    ]
    assert world.task("speak")[1:] == [called("speak"), accepted, wish]
    assert world.task("write")[1:] == in_doubt("write")
    assert [cause for cause in world.log.causes if cause.actor == "anna"] == [by_anna, by_anna]
    assert world.facts(8) == [
        StepFailed(step="alone", attempt=1, code="cancelled", message=unsent, charged="no", at=AT),
    ]
    await world.advance()
    assert len(world.task("speak")) == 4
    stored = OutputStored(index=0, asset=asset("a.wav"), at=AT)
    await world.happens(stream_of("speak"), stored, TaskCompleted(cost=usd("0.02"), at=AT))
    await world.advance()
    assert world.facts(9) == [
        StepCompleted(step="speak", attempt=1, outputs=("a.wav",), cost=usd("0.02"), at=AT),
        RunCancelled(
            by="anna",
            spent={"USD": Decimal("0.02")},
            at_risk={"USD": Decimal("0.01")},
            doubts=("write",),
            at=AT,
        ),
    ]
    assert world.task("draw") == []


async def test_a_run_that_was_cancelled_before_it_began_ends_at_once() -> None:
    """Nothing is started."""
    world = World()
    await world.begin(*history(ALONE), CANCELLATION)
    await world.advance()
    assert world.facts(4) == [RunCancelled(by="anna", at=AT)]
    assert world.task("alone") == []
    assert world.log.causes[-1] == BY_RUN


@pytest.mark.parametrize(
    "past",
    [
        history(ALONE)[:2],
        [*history(ALONE), RunPaused(reason="asked", message="…", at=AT)],
        [*history(ALONE), StepSkipped(step="alone", by="anna", at=AT), RunCompleted(at=AT)],
        [*history(ALONE), RunCancelled(by="anna", at=AT)],
    ],
    ids=["not approved", "paused", "completed", "cancelled"],
)
async def test_a_run_that_waits_or_has_ended_is_left_alone(past: list[RunEvent]) -> None:
    """Nothing is recorded, and no task is read."""
    world = World()
    await world.begin(*past)
    after = await world.advance()
    assert world.facts(len(past)) == []
    assert (after.version, after.position) == (len(past), len(past))
    assert world.log.reads == [STREAM]
    assert world.reservations == []


async def test_a_run_is_read_once() -> None:
    """A worker that has loaded it decides on what it knows. It reads the tasks that it watches when it has started what
    it can, and of what a step needs only the texts."""
    world = World()
    await world.begin(*history(ALONE, SPEAK, replace(FILM, images=(StepImage(step="alone"),))))
    await world.advance()
    alone, speak, film = (stream_of(step) for step in ("alone", "speak", "film"))
    assert world.log.reads == [STREAM, alone, speak]
    await world.makes("alone", FRAME)
    world.log.reads.clear()
    await world.advance()
    assert world.log.reads == [STREAM, alone, speak, speak, film]
    assert world.log.questions == 3


@pytest.mark.parametrize("stop", ["nothing", "a key", "a budget", "a wrong request", "another worker"])
async def test_what_runs_is_looked_at_once_whatever_stops_a_start(stop: str) -> None:
    """When nothing more can be started, and not before: each look is a question to the log."""
    world = World(budgets=[Budget(most=Decimal("0.05"))] if stop == "a budget" else [])
    await world.begin(*history(ALONE, replace(SPEAK, model="sandbox/gone") if stop == "a wrong request" else SPEAK))

    def start_it_first(_: list[str]) -> None:
        if len(world.log.events) == 5:
            world.log.add(STREAM, begins("speak", "0.02"))
            world.log.add(stream_of("speak"), stranger())

    if stop == "a key":
        world.log.after = lambda _: world.keys.clear()
    if stop == "another worker":
        world.log.before = start_it_first
    await world.advance()
    alone, speak = stream_of("alone"), stream_of("speak")
    both = {"nothing": [STREAM, alone, speak], "another worker": [STREAM, STREAM, alone, speak]}
    assert world.log.reads == both.get(stop, [STREAM, alone])
    assert world.log.questions == 1


async def test_others_have_their_turn_between_two_steps() -> None:
    """A run with many steps does not hold up a process."""
    world = World()
    await world.begin(*history(*(replace(ALONE, id=f"n{number}") for number in range(4))))
    between: list[int] = []

    async def watch() -> None:
        while len(between) < 6:
            between.append(len(world.facts(3)))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    await world.advance()
    await watching
    assert len(set(between)) >= 4


async def test_what_is_no_run_is_not_carried_out() -> None:
    """Neither a task, nor what can't be read."""
    world = World()
    world.log.add(STREAM, stranger())
    with pytest.raises(Rejected) as refused:
        await world.advance()
    assert (refused.value.code, refused.value.message) == ("run_unknown", "This is no id of a run.")
    unreadable = World()
    await unreadable.begin(REQUESTED, PlanProposed(revision=1, plan=Plan(steps=()), digest="0", by="key_1", at=AT))
    unreadable.log.add(STREAM, Unreadable(topic="Novelty", problem="?"))
    with pytest.raises(Rejected) as refused:
        await unreadable.advance()
    assert refused.value.code == "stream_unreadable"
