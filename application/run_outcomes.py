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
    text: str | None = None
    late = False
    end: TaskCompleted | TaskFailed | TaskCancelled | None = None
    for recorded in history:
        match recorded.event:
            case OutputStored(index=index, asset=asset):
                stored[index] = asset.id
            case TaskCompleted() | TaskFailed() | TaskCancelled() as ended:
                end = ended
            case LateResultSeen(assets=assets, text=late_text):
                stored.update({len(stored) + number: asset.id for number, asset in enumerate(assets)})
                text, late = late_text, True
            case _:
                pass
    if isinstance(end, TaskCompleted) and task.status is Status.COMPLETED:
        return Made(_ordered(stored), end.text, end.cost, _digest(loaded.request))
    if late:
        return Made(_ordered(stored), text, None, _digest(loaded.request))
    if task.call and task.call.state is CallState.UNKNOWN:
        return Doubtful(task.call.id)
    if end is None or not task.status.final:
        return Open()
    if task.call and task.call.state.open and end.charged == "unknown":  # type: ignore[union-attr]
        return Doubtful(task.call.id)
    return _lost(end)


def _lost(end: TaskCompleted | TaskFailed | TaskCancelled) -> Lost | Open:
    match end:
        case TaskFailed():
            return Lost(end.code, end.message, end.charged, end.retryable, end.cost)
        case TaskCancelled():
            return Lost("cancelled", end.message, end.charged, False, None)
        case TaskCompleted():
            return Open()


def _ordered(stored: dict[int, str]) -> tuple[str, ...]:
    return tuple(stored[index] for index in sorted(stored))


def _digest(request: TaskRequested | None) -> str | None:
    found: Any = ((request.metadata if request else None) or {}).get("digest")
    return found if isinstance(found, str) else None
