"""What became of a batch? Its tasks are counted as they are now, never older than what any POST has answered."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from application.batches import load_batch
from application.ports import Recorded
from domain.base import Rejected, Value
from domain.batch import BatchRequested, Mode, RefusedRequest
from domain.ids import batch_stream, task_stream
from domain.money import Cost
from domain.task.events import TaskRequested
from domain.task.state import Status
from projections import tasks
from projections.base import StreamId
from projections.task_view import TaskView, fold_all

_Sums = dict[str, Decimal]


class BatchTask(Value):
    """A task of a batch."""

    index: Annotated[int, Meta(description="Which request it was, from 0", examples=[0])]
    task_id: Annotated[str, Meta(description="Ask `GET /api/v1/tasks/{task_id}` for it", examples=["task_abc123"])]
    status: Annotated[Status, Meta(description="How it stands now", examples=["pending"])]


class BatchCounts(Value):
    """How many tasks of a batch stand where."""

    pending: Annotated[int, Meta(description="Waiting", examples=[1])] = 0
    processing: Annotated[int, Meta(description="Under way", examples=[1])] = 0
    completed: Annotated[int, Meta(description="Ended well", examples=[6])] = 0
    failed: Annotated[int, Meta(description="Ended without success, or cancelled", examples=[0])] = 0


class BatchView(Value, omit_defaults=True):
    """A batch in the API: its tasks, counted and added up."""

    id: Annotated[str, Meta(description="The batch's id", examples=["batch_abc123"])]
    mode: Annotated[Mode, Meta(description="As it was asked for", examples=["all"])]
    created_at: Annotated[datetime, Meta(description="When it was accepted", examples=["2026-02-11T10:00:00Z"])]
    ended: Annotated[bool, Meta(description="Whether every task has ended", examples=[False])]
    counts: Annotated[BatchCounts, Meta(description="How many tasks stand where")]
    tasks: Annotated[tuple[BatchTask, ...], Meta(description="Its tasks, in the order of the requests")]
    refused: Annotated[
        tuple[RefusedRequest, ...], Meta(description="With the mode `each`: the requests that became no task")
    ] = ()
    estimated_cost: Annotated[
        _Sums,
        Meta(
            description="What its tasks should cost at most, by currency, where they have prices",
            examples=[{"USD": "0.08"}],
        ),
    ] = {}
    cost: Annotated[
        _Sums,
        Meta(
            description="What those that have ended did cost, by currency, as far as it is known",
            examples=[{"USD": "0.04"}],
        ),
    ] = {}
    ended_at: Annotated[
        datetime | None, Meta(description="When the last task ended", examples=["2026-02-11T10:00:30Z"])
    ] = None


class _Figures(Value):
    """What a batch needs of the view of a task."""

    status: Status
    estimated_cost: Cost | None = None
    cost: Cost | None = None
    finished_at: datetime | None = None


class BatchReader:
    """Reads batches: their first event, and the rows of their tasks, or the folds of those that are behind."""

    def __init__(self, log: EventLog, pool: Pool) -> None:
        self._log = log
        self._pool = pool

    async def read(self, batch: str, *, sees_only: str | None) -> BatchView:
        """A batch as it is now, for a caller who may see those of one owner only, or of all.

        Raises Rejected `batch_unknown`, LogUnavailable, and what the database raises."""
        return await self.view(await load_batch(self._log, batch, batch_stream(batch), sees_only=sees_only))

    async def view(self, batch: BatchRequested) -> BatchView:
        """The batch of this event as it is now. Raises LogUnavailable, and what the database raises."""
        streams = [task_stream(task) for task in batch.tasks]
        found = dict(zip(streams, await tasks.find_many(self._pool, streams), strict=True))
        behind = [stream for stream in streams if found[stream].version != found[stream].head]
        histories = await self._log.streams(behind) if behind else {}
        figures: list[_Figures] = []
        for stream in streams:
            body = found[stream].body
            if stream in histories or body is None:
                figures.append(_folded(histories.get(stream, [])))
                await asyncio.sleep(0)  # others get their turn: a fold takes up to some milliseconds
            else:
                figures.append(_FIGURES.decode(body))
        return _view(batch, figures)

    async def streams_of(self, batch: str) -> list[StreamId]:
        """The streams of a batch's tasks; none for an unknown batch. Raises LogUnavailable, and Rejected
        `stream_unreadable`."""
        try:
            event = await load_batch(self._log, batch, batch_stream(batch), sees_only=None)
        except Rejected as refusal:
            if refusal.code == "batch_unknown":
                return []
            raise
        return [task_stream(task) for task in event.tasks]


def new_view(batch: BatchRequested, requested: Iterable[TaskRequested]) -> BatchView:
    """A batch that was accepted just now."""
    return _view(batch, [_Figures(status=Status.PENDING, estimated_cost=task.estimate) for task in requested])


def _folded(history: list[Recorded]) -> _Figures:
    row = fold_all(history)
    view: TaskView | None = row.view if row else None
    if view is None:
        return _Figures(status=Status.PENDING)
    return _Figures(
        status=view.status, estimated_cost=view.estimated_cost, cost=view.cost, finished_at=view.finished_at
    )


def _view(batch: BatchRequested, figures: Sequence[_Figures]) -> BatchView:
    counts = Counter(one.status.value for one in figures)
    ended = all(one.status.final for one in figures)
    refused = {one.index for one in batch.refused}
    indexes = (index for index in range(len(batch.tasks) + len(refused)) if index not in refused)
    return BatchView(
        id=batch.batch,
        mode=batch.mode,
        created_at=batch.at,
        ended=ended,
        counts=BatchCounts(**counts),
        tasks=tuple(
            BatchTask(index=index, task_id=task, status=one.status)
            for index, task, one in zip(indexes, batch.tasks, figures, strict=True)
        ),
        refused=batch.refused,
        estimated_cost=_sums(one.estimated_cost for one in figures),
        cost=_sums(one.cost for one in figures),
        ended_at=max((one.finished_at for one in figures if one.finished_at), default=None) if ended else None,
    )


def _sums(costs: Iterable[Cost | None]) -> _Sums:
    sums: _Sums = {}
    for cost in costs:
        if cost is not None:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount
    return sums


_FIGURES = msgspec.json.Decoder(_Figures)
