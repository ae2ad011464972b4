"""How does a result get out of the spool? It is stored and recorded once the asset store can take it."""

from collections.abc import Callable

from application import clock, outputs
from application.commands import LoadedTask, decide, load
from application.ports import Cause, Log
from application.storage import Storage
from domain.base import Rejected
from domain.ids import task_stream
from domain.provider import DownloadResult
from domain.task import output_fetch, provider_call
from domain.task.events import TaskEvent
from domain.task.state import CallState, Task


async def recover(
    log: Log, storage: Storage, name: str, cause: Cause, *, known: LoadedTask | None = None
) -> LoadedTask | None:
    """Record that a result is ready, store it, record that it is stored, and remove it from the spool, in this order:
    after a crash at any moment all of it can be repeated, and nothing happens twice.

    One output of an answer stays in the spool while the rest of the answer is not recorded.

    Returns the task after that, None when there is no such result. `known` is the task as the caller has it.

    Raises AssetsUnavailable, SpoolUnavailable, LogUnavailable; Conflict when the stream moved at each try; Rejected
    `task_unknown` for a result of another database, and `stream_unreadable`."""
    async with storage.recovering:
        return await _recover(log, storage, name, cause, known)


async def _recover(log: Log, storage: Storage, name: str, cause: Cause, known: LoadedTask | None) -> LoadedTask | None:
    result = await storage.read(name)
    if result is None:
        return None
    call_id, stream = result.call, task_stream(result.task)

    async def record(decision: Callable[[Task], list[TaskEvent]], known: LoadedTask | None) -> LoadedTask:
        return await decide(log, stream, lambda task: decision(_known_here(task)), cause, known=known)

    media = outputs.media(result.finished)
    if media and not result.part:
        ready = outputs.outputs_ready(storage, result)

        def ready_events(task: Task) -> list[TaskEvent]:
            if _given_up(task, call_id):
                return []
            return provider_call.observe(task, call_id=call_id, seen=ready, at=clock.now())

        known = await record(ready_events, known)
    if any(output.url for output in media):  # it is downloaded later; the other outputs are parts of their own
        await storage.remove(name)
        return known
    if result.part:
        known = known or await load(log, stream)
        if output_fetch.awaits_outcome(known.task, call_id):
            return known
    stored = await outputs.store(storage, result)
    fetched = DownloadResult(assets=stored.assets, notes=stored.notes)

    def stored_events(task: Task) -> list[TaskEvent]:
        if result.part or _given_up(task, call_id):
            return output_fetch.recovered(task, call_id=call_id, seen=fetched, by=cause.actor, at=clock.now())
        return provider_call.observe(task, call_id=call_id, seen=stored, at=clock.now())

    known = await record(stored_events, known)
    if result.part and output_fetch.awaits_outcome(known.task, call_id):
        return known  # a callback has just opened the call again, so nothing was recorded
    await storage.remove(name)
    return known


def _given_up(task: Task, call_id: str) -> bool:
    """Whether the task was ended because this machine had been away for too long."""
    if task.call is None or task.call.id != call_id or task.delivery is None or call_id in task.results_recorded:
        return False
    return task.call.state is CallState.SETTLED and bool(task.delivery.outputs)


def _known_here(task: Task) -> Task:
    if task.call is None:  # the spool belongs to another database
        raise Rejected("task_unknown", "This database knows nothing of the call whose result was put aside.")
    return task
