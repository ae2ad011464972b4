"""Load, decide, append, and decide again when the stream has moved: written once, for every command of a task."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from application.ports import Cause, Conflict, Log, Recorded, Unreadable
from domain.base import Rejected
from domain.batch import BatchRequested
from domain.task.events import TaskEvent, TaskRequested, is_of_task
from domain.task.state import Task, evolve

MAX_TRIES = 8
STEP_EVENTS = 100  # to fold so many takes 2 ms


class LoadedTask(NamedTuple):
    """A task at one version of its stream. Whoever has it decides on it, and need not read the stream again.

    `added` are the events of the last command. `request` opens the stream; None means that the stream is empty."""

    task: Task
    version: int
    added: list[TaskEvent]
    request: TaskRequested | None

    def after(self, added: list[TaskEvent], version: int) -> "LoadedTask":
        """The task once its stream has these events, too, and ends at `version`."""
        state = self.task
        for event in added:
            state = evolve(state, event)
        return self._replace(task=state, version=version, added=added)


async def decide(
    log: Log,
    stream: UUID,
    decision: Callable[[Task], list[TaskEvent]],
    cause: Cause,
    *,
    known: LoadedTask | None = None,
) -> LoadedTask:
    """Run a decision on a task and append its events. Returns the task after them.

    With `known` the stream is not read first: if it has moved since, the append fails, and the decision runs again on
    the stream as it is. A decision without events is not tried again: at the time of `known` there was nothing to do.

    Raises Rejected, LogUnavailable, and Conflict when the stream had moved at each of MAX_TRIES tries."""
    conflict = Conflict("never tried")
    for _ in range(MAX_TRIES):
        before = known or await load(log, stream)
        added = decision(before.task)
        if not added:
            return before._replace(added=[])
        try:
            receipt = await log.append(stream, before.version, added, cause)
        except Conflict as error:
            known, conflict = None, error
            continue
        return before.after(added, receipt.version)
    raise conflict


async def load(log: Log, stream: UUID) -> LoadedTask:
    """The task as its stream has it now; an empty stream is a new task at version 0. A long one is folded in steps.

    Raises LogUnavailable, and Rejected `stream_unreadable`."""
    history = await log.stream(stream)
    task = fold(history[:STEP_EVENTS])
    for begin in range(STEP_EVENTS, len(history), STEP_EVENTS):
        await asyncio.sleep(0)
        task = fold(history[begin : begin + STEP_EVENTS], task)
    return task


def fold(history: list[Recorded], before: LoadedTask | None = None) -> LoadedTask:
    """A task from its events, or from those behind `before`.

    Raises Rejected `stream_unreadable` for a stream that is not readable in full."""
    state, version, _, request = before or LoadedTask(Task(), 0, [], None)
    for recorded in history:
        event = recorded.event
        if isinstance(event, BatchRequested):
            raise Rejected("task_unknown", "This is the id of a batch, and not of a task.")
        if not is_of_task(event):
            topic = event.topic if isinstance(event, Unreadable) else type(event).__name__
            raise Rejected("stream_unreadable", f"Version {recorded.version} of the stream ({topic}) can't be read.")
        if isinstance(event, TaskRequested):
            request = event
        state, version = evolve(state, event), recorded.version
    return LoadedTask(state, version, [], request)
