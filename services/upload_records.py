"""Records what was uploaded in the log, so that the gallery lists it.

The answer to an upload waits for it for a moment only, and never fails because of it: while the log is away, what was
uploaded meanwhile is recorded later."""

import asyncio
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS
from adapters.postgres.event_log import EventLog
from application.log_throttle import LogThrottle
from application.ports import Cause, Conflict, LogUnavailable
from domain.ids import upload_stream
from domain.upload import AssetUploaded

WAIT_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 1.0
MAX_WAITING: Final = 10_000
MAX_REMEMBERED: Final = 10_000
_AT_ONCE: Final = 16

logger = structlog.get_logger("pixel.uploads")


class _Waiting(NamedTuple):
    upload: AssetUploaded
    cause: Cause
    recorded: "asyncio.Future[int | None]"


class UploadRecords:
    """Appends an event for each upload that this process has not recorded before."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: dict[UUID, _Waiting] = {}
        self._wake = asyncio.Event()
        self._recorded: set[UUID] = set()
        self._throttle = LogThrottle()

    async def record(self, upload: AssetUploaded, cause: Cause) -> int | None:
        """Have an upload recorded, and wait for it, WAIT_SECONDS at most. Returns its position in the log; None when it
        was recorded before or is not recorded yet. What comes while MAX_WAITING others wait is not recorded."""
        stream = upload_stream(upload.owner, upload.asset.id)
        if stream in self._recorded:
            return None
        waiting = self._waiting.get(stream)
        if waiting is None:
            if len(self._waiting) >= MAX_WAITING:
                self._complain("too many uploads wait to be recorded; the gallery will lack some")
                return None
            waiting = _Waiting(upload, cause, asyncio.get_running_loop().create_future())
            self._waiting[stream] = waiting
            self._wake.set()
        await asyncio.wait({waiting.recorded}, timeout=WAIT_SECONDS)
        return waiting.recorded.result() if waiting.recorded.done() else None

    async def run(self) -> None:
        """For ever: record what waits."""
        try:
            while True:
                await self._wake.wait()
                done = await asyncio.gather(*(self._append(*each) for each in islice(self._waiting.items(), _AT_ONCE)))
                if not all(done):
                    self._complain("uploads can't be recorded now; the gallery will have them later")
                    await asyncio.sleep(RETRY_SECONDS)
                elif not self._waiting:
                    self._wake.clear()
        finally:
            if self._waiting:
                logger.warning("uploads were not recorded: the gallery lacks them", uploads=len(self._waiting))

    async def _append(self, stream: UUID, waiting: _Waiting) -> bool:
        position = None
        try:
            position = (await self._log.append(stream, 0, [waiting.upload], waiting.cause)).position
        except Conflict:
            pass  # it was brought before
        except LogUnavailable:
            return False
        except DRIVER_ERRORS as error:  # PostgreSQL refuses this one, and would refuse it for ever
            logger.warning("an upload can't be recorded: the gallery lacks it", error=type(error).__name__)
        del self._waiting[stream]
        if len(self._recorded) >= MAX_REMEMBERED:
            self._recorded.clear()
        self._recorded.add(stream)
        waiting.recorded.set_result(position)
        return True

    def _complain(self, message: str) -> None:
        if self._throttle.should_log():
            logger.warning(message, uploads=len(self._waiting))
