"""How do paid outputs get from the provider into the store? A failed download never fails the call."""

from datetime import datetime, timedelta

from domain.backoff import delay_seconds
from domain.base import Rejected
from domain.provider import Asset, DownloadResult, Missing, OutputsReady, output_note
from domain.task.events import (
    LateResultSeen,
    OutputFetchFailed,
    OutputStored,
    ProviderSucceeded,
    RefetchRequested,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
)
from domain.task.state import Call, CallState, Delivery, Status, Task, evolve

FETCH_WINDOW_SECONDS = 3600.0  # no further attempt after this time, nor after the outputs expire
MAX_FILE_ATTEMPTS = 5  # after these, an output that does not decode is stored as a file


def succeeded(call: Call, seen: OutputsReady, at: datetime) -> ProviderSucceeded:
    """The provider named the outputs. This is recorded before the download, because they are paid for."""
    expires_seconds = seen.expires_seconds
    return ProviderSucceeded(
        call=call.id,
        outputs=seen.outputs,
        missing=seen.missing,
        usage=seen.usage,
        cost=seen.cost,
        expires_at=at + timedelta(seconds=expires_seconds) if expires_seconds is not None else None,
        at=at,
    )


def fetched(task: Task, *, call_id: str, seen: DownloadResult, at: datetime) -> list[TaskEvent]:
    """The result of a download. Failed outputs get another attempt; after the last one the task ends without them."""
    if task.call is None or task.call.id != call_id or task.call.state is not CallState.DELIVERED or not task.delivery:
        return []
    open_indexes = {output.index for output in task.delivery.outputs}
    assets = tuple((index, asset) for index, asset in seen.assets if index in open_indexes)
    waits = task.delivery.retry_at is not None and at < task.delivery.retry_at  # this failure is already recorded
    failed = () if waits else tuple(item for item in seen.failed if item.index in open_indexes)
    if waits and len(assets) < len(open_indexes):
        return _stored_so_far(task, assets, at)
    files = tuple((index, asset) for index, asset in seen.files if index in {item.index for item in failed})
    last = seen.permanent or (len(files) == len(failed) and task.delivery.attempts >= MAX_FILE_ATTEMPTS)
    retry_at = None if last else _fetch_again_at(task.delivery, call_id, at)
    notes = seen.notes
    if files and retry_at is None:  # paid for, so a file is better than nothing
        assets += files
        failed = tuple(item for item in failed if item.index not in {index for index, _ in files})
        notes += tuple(note for index, asset in files if (note := output_note(index, asset)))
    if task.status.final:
        return _fetched_late(call_id, assets, failed, retry_at=retry_at, at=at)
    facts = _stored_so_far(task, assets, at)
    if failed:
        facts.append(OutputFetchFailed(failed=failed, retry_at=retry_at, at=at))
        if retry_at:
            return facts
    elif len(assets) < len(open_indexes):
        return facts  # some outputs were not attempted
    missing = (*task.delivery.missing, *failed)
    if not assets and not task.delivery.kept:
        return [*facts, _nothing_fetched(task.delivery, failed, at)]
    end = TaskCompleted(missing=missing, usage=task.delivery.usage, cost=task.delivery.cost, notes=notes, at=at)
    return [*facts, end]


def recovered(task: Task, *, call_id: str, seen: DownloadResult, by: str, at: datetime) -> list[TaskEvent]:
    """Outputs recovered from a spool, after the store had been unavailable. A task that had given them up meanwhile is
    resumed, as if somebody had requested a refetch. Without a recorded delivery they are a late result, unless the call
    is still open: then nothing is recorded, because it may yet be delivered."""
    if awaits_outcome(task, call_id):
        return []
    if task.call is None or task.call.id != call_id or task.delivery is None:
        known = call_id in task.results_recorded or not seen.assets
        return [] if known else [LateResultSeen(call=call_id, assets=tuple(asset for _, asset in seen.assets), at=at)]
    if task.call.state is CallState.DELIVERED:
        return fetched(task, call_id=call_id, seen=seen, at=at)
    open_indexes = {output.index for output in task.delivery.outputs}
    if not any(index in open_indexes for index, _ in seen.assets):
        return []
    again = RefetchRequested(by=by, at=at)
    return [again, *fetched(evolve(task, again), call_id=call_id, seen=seen, at=at)]


def awaits_outcome(task: Task, call_id: str) -> bool:
    """Whether the call is the task's present one, and open. One output of it is then not its whole result: recorded as
    a late result it would settle the call, and another one would be made and paid for."""
    return task.call is not None and task.call.id == call_id and task.call.state.open


def refetch(task: Task, *, by: str, at: datetime) -> list[TaskEvent]:
    """Request another attempt to download the missing outputs. Nothing to do while a download is under way.

    Raises Rejected `task_unknown` for an empty stream, `nothing_to_fetch` when no output is missing."""
    if task.status is Status.NEW:
        raise Rejected("task_unknown", "There is no such task.")
    if task.call is None or task.delivery is None or not task.delivery.outputs:
        raise Rejected("nothing_to_fetch", "This task has no output that is still to be fetched.")
    if task.call.state is CallState.DELIVERED:
        return []
    return [RefetchRequested(by=by, at=at)]


def _stored_so_far(task: Task, assets: tuple[tuple[int, Asset], ...], at: datetime) -> list[TaskEvent]:
    """OutputStored for each finished download; nothing once the task has ended."""
    return [] if task.status.final else [OutputStored(index=index, asset=asset, at=at) for index, asset in assets]


def _fetch_again_at(delivery: Delivery, call_id: str, at: datetime) -> datetime | None:
    """The time of the next attempt; None when the URLs expire before it, or FETCH_WINDOW_SECONDS are over."""
    again = at + timedelta(seconds=delay_seconds(delivery.attempts + 1, jitter_key=call_id))
    last = delivery.since + timedelta(seconds=FETCH_WINDOW_SECONDS)
    return again if again < min(delivery.expires_at or last, last) else None


def _fetched_late(
    call_id: str,
    assets: tuple[tuple[int, Asset], ...],
    failed: tuple[Missing, ...],
    *,
    retry_at: datetime | None,
    at: datetime,
) -> list[TaskEvent]:
    """After the task's end all outputs go into one LateResultSeen, which settles the call."""
    if failed and retry_at:
        return [OutputFetchFailed(failed=failed, retry_at=retry_at, at=at)]
    facts: list[TaskEvent] = [OutputFetchFailed(failed=failed, at=at)] if failed else []
    return [*facts, LateResultSeen(call=call_id, assets=tuple(asset for _, asset in assets), at=at)]


def _nothing_fetched(delivery: Delivery, failed: tuple[Missing, ...], at: datetime) -> TaskFailed:
    why = failed[0] if failed else Missing(index=0, code="fetch_failed", message="no output was named")
    return TaskFailed(
        code="outputs_not_fetched",
        message="The provider made it, and it is paid for, but it could not be fetched from there. "
        "It can be tried again with POST /api/v1/tasks/{id}/refetch.",
        retryable=False,
        charged="yes",
        provider_code=why.code,
        provider_message=why.message,
        cost=delivery.cost,
        at=at,
    )
