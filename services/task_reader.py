"""The current state of a task, never older than what any POST has answered, and the wait for its end."""

import asyncio
from typing import NamedTuple

import msgspec

from application.wakeup import wait_for_event
from domain.base import Rejected
from projections.base import StreamId
from projections.task_view import fold_all
from services.state import Pixel


class CurrentTask(NamedTuple):
    """The encoded view of a task, the version of its stream, and whether it has ended."""

    body: bytes
    version: int
    ended: bool


async def read_task(pixel: Pixel, stream: StreamId, task_id: str) -> CurrentTask:
    """The task, never older than what POST has answered: a row that is behind its stream is not trusted.

    Raises Rejected `task_unknown`, LogUnavailable, and what the database raises."""
    seen = await pixel.task_snapshots.load(stream)
    if seen.body is not None and seen.version == seen.head:
        return CurrentTask(seen.body, seen.version, seen.ended)
    row = fold_all(await pixel.log.stream(stream)) if seen.head else None
    if row is None:
        raise Rejected("task_unknown", f"Task '{task_id}' not found")
    return CurrentTask(msgspec.json.encode(row.view), row.version, row.view.status.final)


async def wait_for_end(pixel: Pixel, stream: StreamId, task_id: str, seconds: float) -> CurrentTask:
    """The task once it has ended, or as it is when the time is up or the service stops.

    Raises Rejected `task_unknown`, LogUnavailable, and what the database raises."""
    if seconds <= 0:
        return await read_task(pixel, stream, task_id)
    deadline = asyncio.get_running_loop().time() + seconds
    with pixel.completions.watch(stream) as ended:
        while True:
            seen = await read_task(pixel, stream, task_id)
            left = deadline - asyncio.get_running_loop().time()
            if seen.ended or left <= 0 or pixel.completions.closed:
                return seen
            await wait_for_event(ended, left)
            ended.clear()
