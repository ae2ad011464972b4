"""Loops that run as long as the service does."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

logger = structlog.get_logger("pixel")


class Background:
    """Tasks that run as long as the service does. One that ends by an error ends the service: it is a bug."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._main = asyncio.current_task()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.critical("background task died, stopping", task=task.get_name(), exc_info=error)
            if self._main is not None:
                self._main.cancel()

    async def __aenter__(self) -> "Background":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
