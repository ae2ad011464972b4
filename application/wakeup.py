"""Waiting for an event, or for some time."""

import asyncio


async def wait_for_event(event: asyncio.Event, seconds: float) -> bool:
    """Wait for a bell, `seconds` at most; says whether it rang."""
    # Not wait_for: in Python 3.11 it swallows a cancellation that comes as the bell rings.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
