"""Load, fold, decide, append, and again when somebody else was faster: written once, for every command of a task."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from application.ports import Cause, Conflict, Log, Recorded, Unreadable
from domain import model
from domain.base import Rejected
from domain.task import state as task
from domain.task.events import TaskEvent
from domain.task.state import Task

MAX_TRIES = 8


class Outcome(NamedTuple):
    """A task after a command: its state, the version of its stream, and the facts that this command added."""

    task: Task
    version: int
    added: list[TaskEvent]


async def decide(log: Log, stream: UUID, decision: Callable[[Task], list[TaskEvent]], cause: Cause) -> Outcome:
    """Run one decision against the stream as it is now. Raises Rejected, LogUnavailable, and Conflict when beaten
    by others every time."""
    conflict = Conflict("never tried")
    for _ in range(MAX_TRIES):
        state, version = await load(log, stream)
        facts = decision(state)
        if not facts:
            return Outcome(state, version, [])
        try:
            receipt = await log.append(stream, version, facts, cause)
        except Conflict as error:
            conflict = error
            continue
        for fact in facts:
            state = task.evolve(state, fact)
        return Outcome(state, receipt.version, facts)
    raise conflict


async def load(log: Log, stream: UUID) -> tuple[Task, int]:
    """A task as its stream says, and the version it stands at. An empty stream is a new task at version 0."""
    return fold(await log.stream(stream))


def fold(history: list[Recorded]) -> tuple[Task, int]:
    """A task from its events. Refuses to decide on a stream that it can't read in full."""
    state, version = Task(), 0
    for recorded in history:
        event = recorded.event
        if isinstance(event, Unreadable | model.ModelEvent):
            topic = event.topic if isinstance(event, Unreadable) else type(event).__name__
            raise Rejected("stream_unreadable", f"Version {recorded.version} of the stream ({topic}) can't be read.")
        state, version = task.evolve(state, event), recorded.version
    return state, version
