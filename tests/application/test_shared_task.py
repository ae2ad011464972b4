"""Laws of shared work: its error reaches whoever waits, and is not reported when nobody does."""

import asyncio
import gc
from typing import Any

import pytest

from application.shared_task import shared_task
from services import read_your_writes
from services.read_your_writes import ReadYourWrites


class Gone(Exception):
    """What the work raises in these tests."""


async def _fail() -> int:
    await asyncio.sleep(0.01)
    raise Gone


@pytest.fixture
async def reports() -> Any:
    """What asyncio reports as forgotten in this test."""
    loop, found = asyncio.get_running_loop(), list[dict[str, Any]]()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: found.append(context))
    yield found
    loop.set_exception_handler(before)


async def test_who_waits_gets_the_error(reports: list[dict[str, Any]]) -> None:
    """Each of several callers gets it."""
    work = shared_task(_fail())
    assert [type(error) for error in await asyncio.gather(work, work, return_exceptions=True)] == [Gone, Gone]
    assert reports == []


async def test_an_error_that_nobody_waits_for_is_not_reported(reports: list[dict[str, Any]]) -> None:
    """The work ends although its callers have gone, and asyncio has nothing to report."""
    work = shared_task(_fail())
    await asyncio.wait({work})
    del work
    gc.collect()
    assert reports == []


async def test_a_list_that_stopped_waiting_leaves_no_error(
    reports: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list waits for a bounded time. That the database fails after it is nothing to report."""
    monkeypatch.setattr(read_your_writes, "MAX_SECONDS", 0.05)
    failed = asyncio.Event()

    async def fail_late() -> int:
        await asyncio.sleep(0.1)
        failed.set()
        raise Gone

    written = ReadYourWrites(fail_late)
    await written.reach(1)
    await failed.wait()
    await asyncio.sleep(0.01)
    del written
    gc.collect()
    assert reports == []
