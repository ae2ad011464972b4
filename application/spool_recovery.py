"""Bringing in what was put aside: a result in this machine's spool is stored when the asset store can take it."""

from collections.abc import Callable

from application import clock, commands
from application import outputs as keeping
from application.ports import Cause, Log
from application.storage import Storage
from domain.base import Rejected
from domain.ids import task_stream
from domain.provider import DownloadResult
from domain.task import output_fetch, provider_call
from domain.task.events import TaskEvent
from domain.task.state import CallState, Task


async def recover(
    log: Log, storage: Storage, name: str, cause: Cause, *, known: commands.Outcome | None = None
) -> commands.Outcome | None:
    """Record that the result is there, store it, record that it is kept, and only then forget it: after a crash at any
    moment it is done again, and nothing happens twice.

    Raises AssetsUnavailable, SpoolUnavailable, LogUnavailable; Conflict when beaten by others every time."""
    result = await storage.read(name)
    if result is None:
        return None
    call = result.call

    async def record(decision: Callable[[Task], list[TaskEvent]], known: commands.Outcome | None) -> commands.Outcome:
        stream = task_stream(result.task)
        return await commands.decide(log, stream, lambda task: decision(_known_here(task)), cause, known=known)

    outputs = keeping.media(result.finished)
    if outputs and not result.part:
        there = keeping.outputs_ready(storage, result)
        known = await record(
            lambda task: (
                [] if _given_up(task, call) else provider_call.observe(task, call=call, seen=there, at=clock.now())
            ),
            known,
        )
    if any(output.url for output in outputs):  # to be fetched, and what came along is a part of its own
        await storage.remove(name)
        return known
    kept = await keeping.store(storage, result)
    fetched = DownloadResult(assets=kept.assets, failed=kept.missing if result.part else (), notes=kept.notes)

    def tell(task: Task) -> list[TaskEvent]:
        if result.part or _given_up(task, call):
            return output_fetch.recovered(task, call=call, seen=fetched, by=cause.actor, at=clock.now())
        return provider_call.observe(task, call=call, seen=kept, at=clock.now())

    known = await record(tell, known)
    await storage.remove(name)
    return known


def _given_up(task: Task, call: str) -> bool:
    """Whether the task ended because this machine had not been there for long."""
    if task.call is None or task.call.id != call or task.delivery is None or call in task.results_recorded:
        return False
    return task.call.state is CallState.SETTLED and bool(task.delivery.outputs)


def _known_here(task: Task) -> Task:
    if task.call is None:  # another database than the one that it was put aside for
        raise Rejected("task_unknown", "This database knows nothing of the call whose result was put aside.")
    return task
