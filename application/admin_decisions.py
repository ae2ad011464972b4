"""How is the decision of a person recorded? As events of the task, with their author.

`domain.task.manual_settlement` makes the events; here they are appended to the stream of the task."""

from typing import Annotated

from msgspec import Meta

from application import clock, commands
from application.ports import Cause, Log
from domain.base import Rejected
from domain.ids import call_stream
from domain.media_reference import EXAMPLE_ID
from domain.provider import Stored
from domain.request import Body
from domain.task import manual_settlement
from domain.task.events import TaskEvent
from domain.task.state import Task

MAX_ASSETS = 32


async def retry(log: Log, call_id: str, *, by: str, note: str, cause: Cause) -> commands.LoadedTask:
    """Allow one more call. Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(task: Task) -> list[TaskEvent]:
        return manual_settlement.retry(task, call_id=call_id, by=by, note=note, at=clock.now())

    return await commands.decide(log, call_stream(call_id), decision, cause)


async def attach(log: Log, call_id: str, *, by: str, note: str, result: Stored, cause: Cause) -> commands.LoadedTask:
    """Complete the task with a result that a person has found.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(task: Task) -> list[TaskEvent]:
        return manual_settlement.attach(task, call_id=call_id, by=by, note=note, result=result, at=clock.now())

    return await commands.decide(log, call_stream(call_id), decision, cause)


async def abandon(log: Log, call_id: str, *, by: str, note: str, cause: Cause) -> commands.LoadedTask:
    """Close the call as unknown. Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(task: Task) -> list[TaskEvent]:
        return manual_settlement.abandon(task, call_id=call_id, by=by, note=note, at=clock.now())

    return await commands.decide(log, call_stream(call_id), decision, cause)


class Decision(Body):
    """The decision of a person on a call. `by` names the person, and is stored for ever."""

    by: Annotated[
        str,
        Meta(min_length=1, max_length=200, description="Who answers for it; kept in the history", examples=["anna"]),
    ]
    note: (
        Annotated[
            str,
            Meta(max_length=2000, description="Why; kept in the history", examples=["not in the provider's console"]),
        ]
        | None
    ) = None


class Attachment(Decision):
    """A result that was found: assets that were uploaded before, or text."""

    assets: (
        Annotated[
            list[str],
            Meta(
                max_length=MAX_ASSETS,
                description="Ids of assets that were uploaded before: what the task makes, in their order",
                examples=[[EXAMPLE_ID]],
            ),
        ]
        | None
    ) = None
    text: (
        Annotated[
            str,
            Meta(max_length=1_000_000, description="The text, of a text task", examples=["Grey waves fold and rise"]),
        ]
        | None
    ) = None


def check_decision(wish: Decision) -> None:
    """Check what the type of a decision can't. Raises Rejected `invalid_request` with all problems."""
    problems: list[str] = []
    if not wish.by.strip() or not wish.by.isprintable():
        problems.append("by: must name who answers for it, on one line")
    texts = {"note": wish.note, "text": wish.text if isinstance(wish, Attachment) else None}
    problems += [f"{name}: must not hold a NUL character" for name, text in texts.items() if text and "\0" in text]
    if problems:
        raise Rejected("invalid_request", "; ".join(problems))
