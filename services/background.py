"""Loops that run as long as the service does, in one task group."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

logger = structlog.get_logger("pixel")


class Background:
    """Tasks that run as long as the service does. One that dies stops the service, in order: it is a bug.

    Used as a context: leaving it cancels the tasks, and returns when all have ended."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._service = asyncio.current_task()

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` until it ends or the context is left."""
        self._tasks.append(self._group.create_task(self._supervise(name, work), name=name))

    async def _supervise(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Cancel the service when the work dies. The group must not see the error: it would cancel all tasks at once,
        and the steps in hand could no longer be recorded."""
        try:
            await work()
        except Exception as error:
            logger.critical("background task died, stopping", task=name, exc_info=error)
            if self._service is not None:
                self._service.cancel()

    async def __aenter__(self) -> "Background":
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in reversed(self._tasks):
            task.cancel()
        await self._group.__aexit__(None, None, None)  # the service's own error leaves as it is, in no group
