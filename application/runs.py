"""Runs: requested with a plan, decided on by people, loaded from their streams."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from application.ports import Cause, Conflict, Log, Recorded, Unreadable
from domain.base import Rejected
from domain.plan import Plan, Step
from domain.run.events import PlanProposed, RunEvent
from domain.run.state import Run, evolve

MAX_TRIES = 8
STEP_EVENTS = 50  # to fold so many takes a millisecond or two


class LoadedRun(NamedTuple):
    """A run at one version of its stream, its plan, and the position of its newest event in the log."""

    run: Run
    version: int
    position: int
    plan: Plan | None

    def step(self, name: str) -> Step:
        """A step of the plan. Raises LookupError."""
        steps = self.plan.steps if self.plan else ()
        return next((step for step in steps if step.id == name), None) or _no_step(name)


def _no_step(name: str) -> Step:
    raise LookupError(name)


NOTHING = LoadedRun(Run(), 0, 0, None)


async def load(log: Log, stream: UUID) -> LoadedRun:
    """The run as its stream has it now; an empty stream is one that was never requested.

    Raises LogUnavailable, and Rejected `run_unknown` for a stream of another kind and `stream_unreadable`."""
    history = await log.stream(stream)
    loaded = fold(history[:STEP_EVENTS])
    for begin in range(STEP_EVENTS, len(history), STEP_EVENTS):
        await asyncio.sleep(0)
        loaded = fold(history[begin : begin + STEP_EVENTS], loaded)
    return loaded


def fold(history: Sequence[Recorded], before: LoadedRun = NOTHING) -> LoadedRun:
    """A run from its events, or from those behind `before`. Raises Rejected as `load` does."""
    run, version, position, plan = before
    for recorded in history:
        event = recorded.event
        if isinstance(event, Unreadable):
            raise Rejected("stream_unreadable", f"Version {recorded.version} of the stream can't be read.")
        if not isinstance(event, RunEvent):
            raise Rejected("run_unknown", "This is no id of a run.")
        if isinstance(event, PlanProposed):
            plan = event.plan
        run, version, position = evolve(run, event), recorded.version, recorded.position
    return LoadedRun(run, version, position, plan)


async def decide(
    log: Log,
    stream: UUID,
    decision: Callable[[Run], list[RunEvent]],
    cause: Cause,
    *,
    known: LoadedRun | None = None,
) -> LoadedRun:
    """Run a decision on a run and append its events. Returns the run after them. With `known` the stream is not read
    first: if it has moved since, the append fails, and the decision is made again on the run as it is.

    Raises Rejected, LogUnavailable, and Conflict when the stream had moved at each of MAX_TRIES tries."""
    conflict = Conflict("never tried")
    for _ in range(MAX_TRIES):
        before = known or await load(log, stream)
        added = decision(before.run)
        if not added:
            return before
        try:
            receipt = await log.append(stream, before.version, list(added), cause)
        except Conflict as error:
            known, conflict = None, error
            continue
        return after(before, added, version=receipt.version, position=receipt.position)
    raise conflict


def after(before: LoadedRun, added: Sequence[RunEvent], *, version: int, position: int) -> LoadedRun:
    """A run once its stream has these events, too."""
    run, plan = before.run, before.plan
    for event in added:
        run = evolve(run, event)
        plan = event.plan if isinstance(event, PlanProposed) else plan
    return LoadedRun(run, version, position, plan)


def require_owner(run: Run, public_id: str, owner: str | None) -> None:
    """Raise Rejected `run_unknown` for a run that is not there for this owner; None: for any."""
    if not run.id or (owner is not None and run.owner != owner):
        raise Rejected("run_unknown", f"Run '{public_id[:64]}' not found")
