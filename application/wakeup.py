"""Waiting for an event, or for some time."""

import asyncio


async def wait_for_event(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for an event, `seconds` at most; None: however long it takes. Returns whether it was set."""
    # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
