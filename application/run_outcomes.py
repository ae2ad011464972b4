"""What became of the task of a step? Its events tell: it made something, was lost, is in doubt, or goes on."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from application import commands
from application.ports import Recorded
from domain.money import Cost
from domain.provider import Charged
from domain.task.events import LateResultSeen, OutputStored, TaskCancelled, TaskCompleted, TaskFailed, TaskRequested
from domain.task.state import CallState, Status


class Made(NamedTuple):
    """It made these assets, or this text. `digest` is that of its request on a canvas."""

    outputs: tuple[str, ...]
    text: str | None
    cost: Cost | None
    digest: str | None


class Lost(NamedTuple):
    """It ended without a result."""

    code: str
    message: str
    charged: Charged
    retryable: bool
    cost: Cost | None


class Doubtful(NamedTuple):
    """Whether this call happened, and was charged for, is not known."""

    call: str


class Open(NamedTuple):
    """It goes on."""


TaskOutcome: TypeAlias = Made | Lost | Doubtful | Open


def outcome_of(history: Sequence[Recorded]) -> TaskOutcome:
    """What became of a task by its events. A result that came late is a result.

    Raises Rejected `stream_unreadable`."""
    loaded = commands.fold(list(history))
    task = loaded.task
    stored: dict[int, str] = {}
    late: list[str] = []
    text: str | None = None
    end: TaskCompleted | TaskFailed | TaskCancelled | None = None
    for recorded in history:
        match recorded.event:
            case OutputStored(index=index, asset=asset):
                stored[index] = asset.id
            case TaskCompleted() | TaskFailed() | TaskCancelled() as ended:
                end = ended
            case LateResultSeen(assets=assets, text=late_text):
                late += [asset.id for asset in assets]
                text = late_text or text
            case _:
                pass
    outputs = [stored[index] for index in sorted(stored)]
    outputs += [asset for asset in late if asset not in stored.values()]  # a refetch may have stored it again
    made = Made(tuple(outputs), text, None, _digest(loaded.request))
    if isinstance(end, TaskCompleted) and task.status is Status.COMPLETED:
        return made._replace(text=end.text, cost=end.cost)
    if late or text:  # one whose files could not be fetched is none
        return made
    if task.call and task.call.state is CallState.UNKNOWN:
        return Doubtful(task.call.id)
    if end is None or isinstance(end, TaskCompleted) or not task.status.final:
        return Open()
    if task.call and task.call.state.open and end.charged == "unknown":
        return Doubtful(task.call.id)
    return _lost(end)


def _lost(end: TaskFailed | TaskCancelled) -> Lost:
    match end:
        case TaskFailed():
            return Lost(end.code, end.message, end.charged, end.retryable, end.cost)
        case TaskCancelled():
            return Lost("cancelled", end.message, end.charged, False, None)


def _digest(request: TaskRequested | None) -> str | None:
    found: Any = ((request.metadata if request else None) or {}).get("digest")
    return found if isinstance(found, str) else None
