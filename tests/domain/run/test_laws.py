"""What holds for every run, whatever happens to it."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.base import Event, Rejected
from domain.run import decisions
from domain.run.events import RunEvent, RunPaused, RunResumed, StepStarted
from domain.run.next_step import End, Rest, Start, Stop, Watch, next_step
from domain.run.state import MAX_RUNNING, Run, StepStatus, committed, evolve
from tests.domain.run.film import APPROVED, BEGUN, PROPOSED, RATES, REQUESTED, may_cost, usd
from tests.domain.scenario import SOON
from tests.domain.strategies import RUN_EVENTS
from tests.spec import fold


@examples(st.lists(st.one_of(RUN_EVENTS), max_size=12), st.booleans())
def test_any_history_folds(history: list[Event], begun: bool) -> None:
    """No past is refused, and there is always a next step and a status."""
    run = fold(Run, [*(BEGUN if begun else ()), *history])
    assert isinstance(next_step(run), Start | Watch | Stop | End | Rest)
    assert run.status


class World:
    """A run, and chance, which says what becomes of it. No step is ever sent twice unless the log says so."""

    def __init__(self, data: st.DataObject, begun: Sequence[RunEvent]) -> None:
        self._data = data
        self.run = fold(Run, begun)
        self.starts: list[StepStarted] = []
        self.tasks: set[str] = set()

    def do(self, facts: Sequence[RunEvent]) -> None:
        """Append facts. A repeated decision finds them there, and adds nothing."""
        for fact in facts:
            if isinstance(fact, StepStarted):
                self.starts.append(fact)
            self.run = evolve(self.run, fact)

    def turn(self) -> bool:
        """What the executor does next, and what then becomes of a task. Returns whether there was anything to do."""
        match next_step(self.run):
            case Start(step=step):
                attempt = self.run.steps[step].attempt + 1
                estimate = self._data.draw(st.sampled_from([None, usd("0.4"), usd("1")]))
                task = f"task_{step}_{attempt}"
                self.do(decisions.start(self.run, step=step, task=task, estimate=estimate, rates=RATES, at=SOON))
            case Watch(steps=steps) | Stop(steps=steps):
                self.do(self._outcome(self._data.draw(st.sampled_from(steps))))
            case End():
                self.do(decisions.end(self.run, at=SOON))
            case Rest():
                return False
        return True

    def _outcome(self, step: str) -> list[RunEvent]:
        attempt = self.run.steps[step].attempt
        match self._data.draw(st.sampled_from(["made", "no", "yes", "unknown", "doubt"])):
            case "made":
                return decisions.complete(self.run, step=step, attempt=attempt, outputs=["a"], cost=None, at=SOON)
            case "doubt" if self.run.steps[step].status is StepStatus.RUNNING:
                return decisions.doubt(self.run, step=step, attempt=attempt, call="call", at=SOON)
            case charged:
                return decisions.fail(
                    self.run,
                    step=step,
                    attempt=attempt,
                    code="refused",
                    message="no",
                    charged="no" if charged in {"no", "doubt"} else charged,  # type: ignore[arg-type]
                    retryable=self._data.draw(st.booleans()),
                    cost=None,
                    at=SOON,
                )

    def decide(self) -> None:
        """A person does anything at all."""
        step = self._data.draw(st.sampled_from([*self.run.steps, "other"]))
        wish = self._data.draw(st.sampled_from(["pause", "resume", "cancel", "skip", "retry"]))
        try:
            match wish:
                case "pause":
                    facts = decisions.pause(self.run, by="anna", at=SOON)
                case "resume":
                    facts = decisions.resume(self.run, by="anna", most=None, at=SOON)
                case "cancel":
                    facts = decisions.cancel(self.run, by="anna", at=SOON)
                case "skip":
                    facts = decisions.skip(self.run, step=step, by="anna", at=SOON)
                case _:
                    facts = decisions.retry(self.run, step=step, by="anna", at=SOON)
        except Rejected:
            return
        self.do(facts)


@examples(st.data())
def test_no_attempt_begins_twice_and_few_run_at_a_time(data: st.DataObject) -> None:
    """Whatever people and providers do: each attempt has one task, needs are made before, and four run at most."""
    world = World(data, [REQUESTED, PROPOSED, may_cost(data.draw(st.sampled_from(["0.5", "2", "100"])))])
    for _ in range(data.draw(st.integers(0, 40))):
        if data.draw(st.integers(0, 4)) == 0:
            world.decide()
        else:
            world.turn()
        assert len(world.run.having(StepStatus.RUNNING)) <= MAX_RUNNING
    attempts = [(each.step, each.attempt) for each in world.starts]
    assert len(attempts) == len(set(attempts))
    assert len({each.task for each in world.starts}) == len(attempts)


@examples(st.data())
def test_what_is_committed_is_never_more_than_what_a_run_may_cost(data: st.DataObject) -> None:
    """Each start is held against what a person allowed, beside all that was started before. What has no price is not
    counted: it starts only when a person said yes to it."""
    world = World(data, [REQUESTED, PROPOSED, may_cost("1.5")])
    for _ in range(data.draw(st.integers(0, 40))):
        if data.draw(st.integers(0, 4)) == 0:
            world.decide()
        else:
            world.turn()
        assert committed(world.run).get("USD", 0) <= Decimal("1.5")
    unpriced = {each.step for each in world.starts if each.estimate is None}
    assert unpriced <= set(world.run.allowed)


@examples(st.data())
def test_a_run_without_doubts_ends(data: st.DataObject) -> None:
    """When tasks end one way or the other, and a person resumes it, a run ends after a bounded number of turns."""
    world = World(data, [REQUESTED, PROPOSED, APPROVED])
    for _ in range(200):
        if not world.turn():
            if world.run.ended:
                return
            world.do(decisions.resume(world.run, by="anna", most=None, at=SOON))
        doubted = world.run.having(StepStatus.PAUSED)
        for step in doubted:
            attempt = world.run.steps[step].attempt
            world.do(decisions.complete(world.run, step=step, attempt=attempt, outputs=[], cost=None, at=SOON))
    pytest.fail(f"it did not end: {world.run}")


def test_a_pause_and_its_end_leave_no_trace() -> None:
    """A run that went on is as one that never waited."""
    before = fold(Run, BEGUN)
    pause = RunPaused(reason="asked", message="…", at=SOON)
    assert fold(Run, [*BEGUN, pause, RunResumed(by="anna", at=SOON)]) == before
