"""What holds for every run, whichever workers carry it out, wherever they die, and whatever becomes of its tasks."""

import asyncio
from collections import Counter
from decimal import Decimal

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from application import run_steps
from application.ports import Conflict, LogUnavailable, Recorded
from domain.base import Event
from domain.ids import task_stream
from domain.run.events import RunFailed, StepCompleted, StepFailed, StepStarted
from domain.run.next_step import Rest, next_step
from domain.task.events import TaskCompleted, TaskFailed, TaskRequested
from tests.application.run_world import ALONE, FRAME, STREAM, World, fails, history, stream_of
from tests.domain.run.film import DRAW, FILM, SPEAK, WRITE

PLAN = (FILM, DRAW, WRITE, SPEAK, ALONE)
ROUNDS = 7


class Worlds:
    """A world in which chance says when the log is away, which answers get lost, and what becomes of each task."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self._faults = True
        self.world = World()

    def _fault(self, _: list[str]) -> None:
        if self._data.draw(st.integers(0, 4)) == 4:
            raise LogUnavailable("away", retry_after=1)

    async def turn(self) -> None:
        """Two workers look at the run at once; each may fail at any append."""
        log = self.world.log
        log.before, log.after = (self._fault, self._fault) if self._faults else (lambda _: None, lambda _: None)
        workers = [run_steps.advance(self.world.context, STREAM) for _ in range(2)]
        for found in await asyncio.gather(*workers, return_exceptions=True):
            assert not isinstance(found, BaseException) or isinstance(found, LogUnavailable | Conflict)
        log.before = log.after = lambda _: None

    async def happens(self) -> None:
        """Something becomes of the tasks that are open."""
        for start in self.starts:
            history = self.task(start)
            if any(isinstance(event, TaskCompleted | TaskFailed) for event in history):
                continue
            match self._data.draw(st.sampled_from(["goes on", "made", "busy", "refused"])) if self._faults else "made":
                case "made":
                    await self.world.makes(start.step, FRAME, attempt=start.attempt, text="Anna", cost="0.01")
                case "busy":
                    await self.world.happens(stream_of(start.step, start.attempt), fails(retryable=True))
                case "refused":
                    await self.world.happens(stream_of(start.step, start.attempt), fails())
                case _:
                    pass

    async def calm_down(self) -> None:
        """From now on nothing is lost, and every task is made."""
        self._faults = False
        for _ in range(ROUNDS):
            await self.happens()
            await self.turn()

    @property
    def starts(self) -> list[StepStarted]:
        return [event for event in self.world.facts() if isinstance(event, StepStarted)]

    def task(self, start: StepStarted) -> list[Event]:
        return self.world.task(start.step, start.attempt)


@settings(phases=(Phase.reuse, Phase.generate))  # to make a failing example shorter takes minutes
@given(st.data())
async def test_each_attempt_is_paid_for_once_and_none_is_forgotten(data: st.DataObject) -> None:
    """A start stands beside its task in the log, no other task is there, every result is recorded, and the run comes
    to an end that says what all of it cost."""
    chance = Worlds(data)
    world = chance.world
    world.log.events = [Recorded(n, STREAM, n, event) for n, event in enumerate(history(*PLAN, project="project_1"), 1)]
    for _ in range(ROUNDS):
        await chance.turn()
        await chance.happens()
    await chance.calm_down()

    attempts = Counter((start.step, start.attempt) for start in chance.starts)
    assert set(attempts.values()) == {1}
    requested = [each for each in world.log.events if isinstance(each.event, TaskRequested)]
    assert [each.stream for each in requested] == [task_stream(start.task) for start in chance.starts]
    before = [world.log.events[each.position - 2].event for each in requested]
    assert [event.task for event in before if isinstance(event, StepStarted)] == [start.task for start in chance.starts]
    made = {(s.step, s.attempt) for s in chance.starts if isinstance(chance.task(s)[-1], TaskCompleted)}
    assert {(e.step, e.attempt) for e in world.facts() if isinstance(e, StepCompleted)} == made
    lost = {(s.step, s.attempt) for s in chance.starts if isinstance(chance.task(s)[-1], TaskFailed)}
    assert {(e.step, e.attempt) for e in world.facts() if isinstance(e, StepFailed)} == lost
    assert {(step, attempt) for _, step, attempt, _ in world.chosen} == made
    run = (await run_steps.advance(world.context, STREAM)).run
    assert isinstance(next_step(run), Rest)
    assert run.ended in {"completed", "failed"}
    assert run.spent == ({"USD": len(made) * Decimal("0.01")} if made else {})
    assert (run.ended == "failed") == isinstance(world.facts()[-1], RunFailed)
