"""Laws of waiting for an event: it is seen, the time has a bound, and a cancellation is never swallowed."""

import asyncio

import pytest

from application.wakeup import wait_for_event
from tests.patience import patient


@pytest.mark.parametrize("seconds", [None, 60.0, 0.0])
async def test_what_has_happened_is_seen_at_once(seconds: float | None) -> None:
    """However short the time is."""
    event = asyncio.Event()
    event.set()
    assert await asyncio.wait_for(wait_for_event(event, seconds), patient(0.5)) is True


@pytest.mark.parametrize("seconds", [None, 60.0])
async def test_what_happens_meanwhile_is_seen(seconds: float | None) -> None:
    """None waits for as long as it takes."""
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_for_event(event, seconds))
    await asyncio.sleep(0)
    assert not waiting.done()
    event.set()
    assert await asyncio.wait_for(waiting, patient(0.5)) is True


async def test_when_the_time_is_over_it_is_told() -> None:
    """The event may still come: it is nobody's error."""
    event = asyncio.Event()
    assert await asyncio.wait_for(wait_for_event(event, 0.005), patient(0.5)) is False
    assert not event.is_set()


async def test_a_cancellation_that_comes_with_the_event_counts() -> None:
    """A process that stops does not wait for a loop that has missed it."""
    event = asyncio.Event()
    waiting = asyncio.create_task(wait_for_event(event, 60.0))
    await asyncio.sleep(0)
    event.set()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, patient(0.5))
