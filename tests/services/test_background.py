"""The background of a service: its loops run until it stops, and a loop that dies stops it."""

import asyncio

import pytest
import structlog

from services.background import Background


async def _until_cancelled(log: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        log.append(name)


async def test_background_tasks_end_with_the_service() -> None:
    """Leaving the context cancels every task, and waits for each; an error of the service is raised unchanged."""
    ended: list[str] = []

    async def service() -> None:
        async with Background() as background:
            background.start("loop", lambda: _until_cancelled(ended, "loop"))
            await asyncio.sleep(0)
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        await service()
    assert ended == ["loop"]


async def test_a_task_that_dies_stops_the_service_in_order() -> None:
    """It is logged as critical, and the service is cancelled; the other tasks run until the service has cleaned up."""
    ended: list[str] = []

    async def bug() -> None:
        raise ZeroDivisionError

    async def service() -> None:
        async with Background() as background:
            background.start("log writer", lambda: _until_cancelled(ended, "log writer"))
            background.start("read model", bug)
            await _until_cancelled(ended, "service")

    with structlog.testing.capture_logs() as logged, pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(service())
    assert ended == ["service", "log writer"]
    [line] = logged
    assert (line["log_level"], line["task"]) == ("critical", "read model")
    assert isinstance(line["exc_info"], ZeroDivisionError)
