"""Work that several callers wait for, or none any more: each may go away, and its error is nobody's fault then."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def shared_task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Begin the work. Whoever awaits the task gets its result or its error; when nobody does, asyncio does not report
    the error as forgotten."""
    task = asyncio.create_task(work)
    task.add_done_callback(_see)
    return task


def _see(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
