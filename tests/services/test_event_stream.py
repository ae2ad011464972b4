"""Laws of a listener: each event once, in order, also to who takes them slowly."""

import asyncio
from pathlib import Path

import pytest

from application.clock import now
from application.ports import Cause
from domain.ids import task_stream
from domain.task.events import CancellationRequested
from services import event_stream
from services.event_frames import Frame, Wanted, history
from services.event_stream import Listener
from services.event_window import Window
from tests.api.conftest import running
from tests.domain.scenario import REQUESTED, TASK

CAUSE = Cause(actor="test")


async def test_nothing_is_given_twice_when_too_much_is_put_after_the_history(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that were put while the history was read, and that it had, do not come again when the next one is more
    than may be pending."""
    monkeypatch.setattr(event_stream, "MAX_PENDING", 2)
    async with running(database_url, tmp_path, role="api") as (pixel, _):
        stream = task_stream(TASK)
        await pixel.log.append(stream, 0, [REQUESTED], CAUSE)

        async def ask_to_cancel(version: int) -> list[Frame]:
            receipt = await pixel.log.append(stream, version, [CancellationRequested(by="test", at=now())], CAUSE)
            [frames] = [page async for page in history(pixel.log, stream, after=receipt.position - 1)]
            return frames

        put = await ask_to_cancel(1) + await ask_to_cancel(2)
        window = Window(pixel.log, pixel.models)
        window.open(await pixel.log.head())
        listener = Listener(pixel.log, window, Wanted(stream=stream), 0)
        reading = asyncio.create_task(listener.next(10))
        await asyncio.sleep(0)  # now it waits for PostgreSQL
        for frame in put:
            listener.put(frame)
        given = await reading
        assert isinstance(given, list)
        assert [frame.position for frame in given][1:] == [frame.position for frame in put]
        [newest] = await ask_to_cancel(3)
        ending = asyncio.create_task(listener.next(10))
        await asyncio.sleep(0)  # now it knows that this was all, and has not looked at what was put
        listener.put(newest)
        rest = await ending
        assert isinstance(rest, list)
        assert [frame.position for frame in rest] == [newest.position]
