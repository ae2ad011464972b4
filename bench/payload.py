"""The data of the measurements: a realistic request, and histories as a busy service records them."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from application.clock import new_stream
from application.ports import Cause
from domain.base import Event
from domain.ids import task_id
from domain.model import Kind
from domain.provider import Asset
from domain.task.events import (
    OutputStored,
    ProviderAccepted,
    ProviderCalled,
    ProviderProgressed,
    TaskCompleted,
    TaskRequested,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL = "sandbox/image"
PROMPT = (
    "A quiet harbour town at first light, fishing boats resting on still water, pastel houses stacked up the hill, "
    "thin mist between the masts, gulls over the breakwater, a baker opening his shutters, soft volumetric light, "
    "35 mm photograph"
)
BODY = {
    "prompt": PROMPT,
    "model": MODEL,
    "resolution": "1K",
    "aspectRatio": "16:9",
    "projectId": "proj_7f3a91",
    "source": "canvas",
    "sourceId": "canvas_5d20be",
}
PARAMS = {name: BODY[name] for name in ("prompt", "resolution", "aspectRatio")}
CAUSE = Cause(actor="anonymous", request_id="req_0123456789abcdef01234567")
IN_FLIGHT = 256


class Stored(NamedTuple):
    """One row of the log."""

    stream: UUID
    version: int
    topic: str
    state: bytes


def requested(stream: UUID, at: datetime = AT) -> TaskRequested:
    """The first event of a task, of the usual size."""
    return TaskRequested(
        task=task_id(stream),
        kind=Kind.IMAGE,
        model=MODEL,
        model_revision=1,
        params=PARAMS,
        request_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        finish_by=at + timedelta(seconds=900),
        project_id=BODY["projectId"],
        source=BODY["source"],
        source_id=BODY["sourceId"],
        at=at,
    )


def history(stream: UUID, at: datetime = AT) -> list[Event]:
    """The six events of a task that completes."""
    call = f"{task_id(stream)}.1"
    sha256 = stream.hex * 2
    asset = Asset(
        id=f"asset_{sha256}.png", sha256=sha256, bytes=1_482_113, media_type="image/png", width=1280, height=720
    )
    return [
        requested(stream, at),
        ProviderCalled(
            attempt=1,
            provider="sandbox",
            call=call,
            digest=sha256,
            worker="4711-5f3a9c01",
            epoch=1,
            at=at + timedelta(milliseconds=30),
        ),
        ProviderAccepted(call=call, job=f"sbx_{stream.hex[:24]}", at=at + timedelta(milliseconds=250)),
        ProviderProgressed(percent=40, phase="rendering", at=at + timedelta(seconds=3)),
        OutputStored(index=0, asset=asset, at=at + timedelta(seconds=8)),
        TaskCompleted(usage={"outputs": 1}, at=at + timedelta(seconds=8)),
    ]


def log_of(tasks: int, *, unfinished: int = 0) -> Iterator[Stored]:
    """The events of many tasks, in log order. Hundreds of tasks run at a time, so their events alternate.

    The last `unfinished` tasks have only their first four events."""
    under_way: deque[tuple[UUID, deque[tuple[int, Event]]]] = deque()
    begun = 0
    while under_way or begun < tasks:
        if begun < tasks and len(under_way) < IN_FLIGHT:
            stream = new_stream()
            events = history(stream, AT + timedelta(milliseconds=20 * begun))
            begun += 1
            if begun > tasks - unfinished:
                events = events[:4]
            under_way.append((stream, deque(enumerate(events, 1))))
        stream, left = under_way.popleft()
        version, event = left.popleft()
        yield Stored(stream, version, str(event.__struct_config__.tag), _ENCODER.encode(event))
        if left:
            under_way.append((stream, left))


_ENCODER = msgspec.json.Encoder()
