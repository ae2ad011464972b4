"""How do followers of the log learn of appends? By an asyncio.Event here, by NOTIFY on other nodes.

Text that a provider writes goes to other nodes over the same connection."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import LiteralString
from weakref import WeakSet

import structlog

from adapters.postgres import text_notices
from adapters.postgres.database import RAW_ERRORS, connect
from application.live_text import TextPiece
from application.log_throttle import LogThrottle

NOTIFY_SECONDS = 0.02
NOTICE_SECONDS = 15.0
MAX_WAITING_TEXTS = 500
CHANNEL = "pixel_appended"

logger = structlog.get_logger("pixel.event_log")


class WakeUps:
    """The followers of this process, and the notifications between nodes. Its owner must run `listen` as a task."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._committed = False
        self._texts = deque[str](maxlen=MAX_WAITING_TEXTS)  # the oldest get lost
        self._due = asyncio.Event()
        self._heard: Callable[[TextPiece], None] = lambda _: None
        self._followers: WeakSet[asyncio.Event] = WeakSet()
        self._interrupted = LogThrottle()

    def follower(self) -> asyncio.Event:
        """An asyncio.Event that is set after every append, on this node or another."""
        event = asyncio.Event()
        self._followers.add(event)
        return event

    def announce(self) -> None:
        """Wake the followers here now, and those of other nodes soon."""
        self._notify_soon()
        self._wake()

    def send_text(self, piece: TextPiece) -> None:
        """Send text to other nodes soon. It may get lost."""
        self._texts.extend(text_notices.payloads(piece))
        self._due.set()

    def hear_text(self, heard: Callable[[TextPiece], None]) -> None:
        """Call `heard` with text from other nodes."""
        self._heard = heard

    def _notify_soon(self) -> None:
        self._committed = True
        self._due.set()

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

            def told(_: object, sender: int, __: object, payload: object) -> None:
                piece = text_notices.read(str(payload)) if sender != own else None
                if piece is not None:
                    self._heard(piece)

            await connection.add_listener(CHANNEL, notified)
            await connection.add_listener(text_notices.CHANNEL, told)
            # A lost connection counts as an append: the next NOTIFY then fails, and we connect again.
            connection.add_termination_listener(lambda _: self._notify_soon())
            self._wake()  # for appends of others while nobody listened
            self._notify_soon()  # and for our own that were not announced
            while True:
                await self._due.wait()
                self._due.clear()
                if self._committed:
                    self._committed = False
                    await connection.execute(_NOTIFY, timeout=NOTICE_SECONDS)
                if self._texts:
                    texts = list(self._texts)
                    self._texts.clear()
                    await connection.execute(_NOTIFY_TEXTS, texts, timeout=NOTICE_SECONDS)
                self._interrupted.reset()
                await asyncio.sleep(NOTIFY_SECONDS)
        finally:
            connection.terminate()


_NOTIFY: LiteralString = "NOTIFY pixel_appended"
_NOTIFY_TEXTS: LiteralString = "SELECT pg_notify('pixel_text', payload) FROM unnest($1::text[]) AS payload"
