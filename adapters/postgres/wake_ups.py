"""How do followers of the log learn of appends? By an asyncio.Event here, by NOTIFY on other nodes."""

import asyncio
from typing import LiteralString
from weakref import WeakSet

import structlog

from adapters.postgres.database import RAW_ERRORS, connect
from application.log_throttle import LogThrottle

NOTIFY_SECONDS = 0.02
NOTICE_SECONDS = 15.0
CHANNEL = "pixel_appended"

logger = structlog.get_logger("pixel.event_log")


class WakeUps:
    """The followers of this process, and the notifications between nodes. Its owner must run `listen` as a task."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._committed = asyncio.Event()
        self._followers: WeakSet[asyncio.Event] = WeakSet()
        self._interrupted = LogThrottle()

    def follower(self) -> asyncio.Event:
        """An asyncio.Event that is set after every append, on this node or another."""
        event = asyncio.Event()
        self._followers.add(event)
        return event

    def announce(self) -> None:
        """Wake the followers here now, and those of other nodes soon."""
        self._committed.set()
        self._wake()

    def _wake(self) -> None:
        for event in self._followers:
            event.set()

    async def listen(self) -> None:
        """Notify other nodes of our appends and receive theirs, for ever. NOTIFY never runs in an append, because it
        locks."""
        while True:
            try:
                await self._listen_once()
            except RAW_ERRORS as error:
                if self._interrupted.should_log():
                    logger.warning("wake-ups interrupted, polling goes on", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _listen_once(self) -> None:
        connection = await connect(self._dsn)
        try:
            own = connection.get_server_pid()

            def notified(_: object, sender: int, *__: object) -> None:
                if sender != own:  # those that a notification of ours would wake have been woken
                    self._wake()

            await connection.add_listener(CHANNEL, notified)
            # A lost connection counts as an append: the next NOTIFY then fails, and we connect again.
            connection.add_termination_listener(lambda _: self._committed.set())
            self._wake()  # for appends of others while nobody listened
            self._committed.set()  # and for our own that were not announced
            while True:
                await self._committed.wait()
                self._committed.clear()
                await connection.execute(_NOTIFY, timeout=NOTICE_SECONDS)
                self._interrupted.reset()
                await asyncio.sleep(NOTIFY_SECONDS)
        finally:
            connection.terminate()


_NOTIFY: LiteralString = "NOTIFY pixel_appended"
