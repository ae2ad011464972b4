"""How is a call settled whose outcome is unknown? By the decision of a person, or by a callback of the provider."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from application import clock, commands
from application.ports import Cause, Log
from domain.base import Rejected
from domain.ids import task_stream
from domain.media_reference import EXAMPLE_ID
from domain.provider import Accepted, Stored
from domain.request import Body
from domain.task import provider_call, resolution
from domain.task.events import TaskEvent
from domain.task.state import Task

Verdict = Callable[[Task, datetime], list[TaskEvent]]


async def retry(log: Log, call: str, *, by: str, note: str, cause: Cause) -> commands.Outcome:
    """Allow one more call. Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""
    return await _resolve(log, call, lambda task, at: resolution.retry(task, call=call, by=by, note=note, at=at), cause)


async def attach(log: Log, call: str, *, by: str, note: str, result: Stored, cause: Cause) -> commands.Outcome:
    """Complete the task with a result that a person has found.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""
    return await _resolve(
        log, call, lambda task, at: resolution.attach(task, call=call, by=by, note=note, result=result, at=at), cause
    )


async def abandon(log: Log, call: str, *, by: str, note: str, cause: Cause) -> commands.Outcome:
    """Close the call as unknown. Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""
    return await _resolve(
        log, call, lambda task, at: resolution.abandon(task, call=call, by=by, note=note, at=at), cause
    )


async def called_back(log: Log, call: str, *, job: str, cause: Cause) -> commands.Outcome:
    """Record that a provider named the job of a call in a callback, which proves that it accepted the order.

    The body of a callback is not trusted any further: the job is polled. Raises Rejected, LogUnavailable, and Conflict
    when the stream moved at each try."""
    return await _resolve(
        log, call, lambda task, at: provider_call.observe(task, call=call, seen=Accepted(job=job), at=at), cause
    )


async def _resolve(log: Log, call: str, verdict: Verdict, cause: Cause) -> commands.Outcome:
    task_id = call.rpartition(".")[0]
    try:
        stream = task_stream(task_id)
    except Rejected:
        raise Rejected("call_unknown", f"There is no call '{call[:64]}'.") from None
    return await commands.decide(log, stream, lambda task: verdict(task, clock.now()), cause)


MAX_ASSETS = 32


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
