"""What does an event look like to whoever listens? The whole view of its task or its run after it, the end of its
batch, the entry of its model, or what happened to its canvas."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias, get_args

import msgspec

from adapters.postgres.event_log import EventLog
from application.ports import Recorded
from domain.base import Value
from domain.batch import BatchEnded
from domain.model import ModelEvent
from domain.run.state import Run
from domain.task.events import TaskRequested, is_of_task
from projections import models
from projections.base import StreamId
from projections.models import ModelRow
from projections.task_view import TaskRow, fold
from services.canvas_frames import CanvasFrames, CanvasLabels
from services.model_registry import ModelRegistry
from services.run_frames import RunFrames

STEP_EVENTS, STEP_BYTES = 25, 256 * 1024  # to fold and encode so many takes a millisecond or two
HISTORY_STEP = 25
MAX_KNOWN_BYTES = 16 * 1024 * 1024  # of the views of running tasks, encoded
FrameName: TypeAlias = Literal["task", "batch", "model", "canvas", "run"]
CANVAS = "canvas"
"""The `source` of what is made on a canvas; its `sourceId` is the canvas."""
FRAME_NAMES: tuple[FrameName, ...] = get_args(FrameName)


class Frame:
    """One event for listeners: its position in the log, and the encoded view that it led to.

    `sent` is the last encoding of it for the wire, with what that was made for: most callers want the same."""

    __slots__ = ("body", "labels", "name", "position", "sent", "stream")

    def __init__(self, position: int, stream: StreamId, name: FrameName, body: bytes, labels: "Labels") -> None:
        self.position = position
        self.stream = stream
        self.name: FrameName = name
        self.body = body
        self.labels = labels
        self.sent: tuple[str, bytes] | None = None


class Labels(NamedTuple):
    """What listeners choose tasks, canvases and runs by. `owner` is who may see them. A canvas and its runs have the
    labels that its tasks have."""

    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    batch: str | None = None
    owner: str | None = None


class Wanted(Value):
    """Which events are wanted; None means any. The other conditions are for all but models, which every `owner`
    sees."""

    names: tuple[FrameName, ...] = FRAME_NAMES
    stream: StreamId | None = None
    project_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    batch: str | None = None
    owner: str | None = None

    def matches(self, frame: Frame) -> bool:
        """Whether a frame is wanted."""
        if frame.name not in self.names:
            return False
        return frame.name == "model" or (
            (self.stream is None or self.stream == frame.stream)
            and (self.batch is None or self.batch == frame.labels.batch)
            and (self.source_id is None or self.source_id == frame.labels.source_id)
            and (self.project_id is None or self.project_id == frame.labels.project_id)
            and (self.source is None or self.source == frame.labels.source)
            and (self.owner is None or self.owner == frame.labels.owner)
        )


class BatchEnd(Value):
    """The end of a batch, as listeners and webhooks are told of it."""

    id: str
    ended: bool
    ended_at: datetime
    counts: dict[str, int]
    cost: dict[str, Decimal]


def batch_end(event: BatchEnded) -> BatchEnd:
    """What is told of this event."""
    counts = {"completed": event.completed, "failed": event.failed}
    return BatchEnd(id=event.batch, ended=True, ended_at=event.at, counts=counts, cost=event.cost)


class _Known(NamedTuple):
    """A task after the event at `version`."""

    version: int
    row: TaskRow
    labels: Labels
    size: int


class FrameMaker:
    """Makes the frames of events that come in the order of the log. The views of running tasks are kept for the next
    event, MAX_KNOWN_BYTES of them."""

    def __init__(self, log: EventLog, registry: ModelRegistry) -> None:
        self._log = log
        self._registry = registry
        self._known: OrderedDict[StreamId, _Known] = OrderedDict()
        self._known_bytes = 0
        self._models: dict[StreamId, bytes] = {}
        self._canvases = CanvasFrames(log)
        self._runs = RunFrames(log)

    async def make(self, events: Sequence[Recorded]) -> AsyncGenerator[tuple[list[Frame], int]]:
        """The frames of these events in steps, each with the position up to which it goes. An event that changes
        neither a task nor a model, or that this Pixel can't read, has no frame. Raises LogUnavailable."""
        await self._prepare(events)
        frames: list[Frame] = []
        looked = size = 0
        for recorded in events:
            looked += 1
            if frame := self._frame(recorded):
                frames.append(frame)
                size += len(frame.body)
            if looked == STEP_EVENTS or size >= STEP_BYTES or recorded is events[-1]:
                yield frames, recorded.position
                frames, looked, size = [], 0, 0
                await asyncio.sleep(0)

    async def _prepare(self, events: Sequence[Recorded]) -> None:
        """Read the views before these events, where they are not known, and the entries of the models."""
        while self._known_bytes > MAX_KNOWN_BYTES:
            self._forget(next(iter(self._known)))
        await self._canvases.prepare(events)
        await self._runs.prepare(events)
        missing: dict[StreamId, int] = {}
        seen: set[StreamId] = set()
        changed: set[StreamId] = set()
        for recorded in events:
            if type(recorded.event) in _MODEL_EVENTS:
                changed.add(recorded.stream)
            elif recorded.stream not in seen and is_of_task(recorded.event):
                seen.add(recorded.stream)
                known = self._known.get(recorded.stream)
                if recorded.version > 1 and (known is None or known.version != recorded.version - 1):
                    missing[recorded.stream] = recorded.version
        if missing:
            for history in (await self._log.before(missing)).values():
                for recorded in history:
                    self._fold(recorded)
        self._models = await self._describe(changed) if changed else {}

    def _frame(self, recorded: Recorded) -> Frame | None:
        if body := self._models.get(recorded.stream):
            return Frame(recorded.position, recorded.stream, "model", body, _NO_LABELS)
        if isinstance(recorded.event, BatchEnded):
            ended = recorded.event
            labels = Labels(batch=ended.batch, owner=ended.owner)
            return Frame(recorded.position, recorded.stream, "batch", _ENCODER.encode(batch_end(ended)), labels)
        if news := self._canvases.encode(recorded):
            body, of = news
            return Frame(recorded.position, recorded.stream, "canvas", body, canvas_labels(of))
        if changed := self._runs.encode(recorded):
            return Frame(recorded.position, recorded.stream, "run", changed.body, run_labels(changed.run))
        known = self._fold(recorded)
        if known is None or not is_of_task(recorded.event):
            return None
        body = _ENCODER.encode(known.row.view)
        if known.row.view.status.final:
            self._forget(recorded.stream)
        else:
            self._known_bytes += len(body) - known.size
            self._known[recorded.stream] = known._replace(size=len(body))
            self._known.move_to_end(recorded.stream)
        return Frame(recorded.position, recorded.stream, "task", body, known.labels)

    def _fold(self, recorded: Recorded) -> _Known | None:
        before = self._known.get(recorded.stream)
        row = fold(before.row if before else None, recorded)
        if row is None:
            return None
        labels = before.labels if before else labels_of(recorded)
        known = self._known[recorded.stream] = _Known(recorded.version, row, labels, before.size if before else 0)
        return known

    def _forget(self, stream: StreamId) -> None:
        self._known_bytes -= self._known.pop(stream).size

    async def _describe(self, changed: set[StreamId]) -> dict[StreamId, bytes]:
        """The entries of these models by the log alone, which is never behind."""
        rows: dict[StreamId, ModelRow] = {}
        for recorded in await self._log.model_events():
            if row := models.fold(rows.get(recorded.stream), recorded):
                rows[recorded.stream] = row
        self._registry.refresh_soon()
        return {stream: _ENCODER.encode(view) for stream, view in self._registry.show(rows, changed).items()}


async def history(log: EventLog, stream: StreamId, *, after: int | None) -> AsyncGenerator[list[Frame]]:
    """The frames of one task whose positions are behind `after`, some at a time; with None only the last, which shows
    the task as it is. Raises LogUnavailable."""
    row: TaskRow | None = None
    labels, version, last = _NO_LABELS, 0, None
    while True:
        events = await log.stream_until(stream, after=version, limit=HISTORY_STEP)
        frames: list[Frame] = []
        for recorded in (event.decoded() for event in events):
            version = recorded.version
            labels = labels_of(recorded) if row is None else labels
            row = fold(row, recorded)
            if row is None or not is_of_task(recorded.event):
                continue
            last = recorded.position
            if after is not None and last > after:
                frames.append(Frame(last, stream, "task", _ENCODER.encode(row.view), labels))
        if after is None and len(events) < HISTORY_STEP and row is not None and last is not None:
            frames = [Frame(last, stream, "task", _ENCODER.encode(row.view), labels)]
        if frames:
            yield frames
        if len(events) < HISTORY_STEP:
            return


def labels_of(recorded: Recorded) -> Labels:
    """The labels of a task by its first event."""
    event = recorded.event
    if not isinstance(event, TaskRequested):
        return _NO_LABELS
    return Labels(event.project_id, event.source, event.source_id, event.batch, event.owner)


def canvas_labels(of: CanvasLabels) -> Labels:
    """The labels of a canvas: those of the tasks that are made on it."""
    return Labels(of.project, CANVAS, of.canvas, None, of.owner)


def run_labels(run: Run) -> Labels:
    """The labels of a run: those of its tasks."""
    return Labels(run.project, CANVAS if run.canvas else "run", run.canvas or run.id, None, run.owner)


_NO_LABELS = Labels()
_MODEL_EVENTS = frozenset(get_args(ModelEvent))
_ENCODER = msgspec.json.Encoder()
