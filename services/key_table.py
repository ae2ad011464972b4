"""Whose key is this? A table in memory of each API process, which follows the events of keys in the log by itself.

No request asks the database for its key: a key that is issued or revoked on any node is known here within a second,
and while the database is away the table stays as it was last known."""

import asyncio
import hmac
from collections.abc import Callable

import structlog

from adapters.postgres.event_log import EventLog
from application.api_keys import digest
from application.log_throttle import LogThrottle
from application.ports import LogUnavailable, Unreadable
from application.wakeup import wait_for_event
from domain import api_key
from domain.api_key import ApiKey, ApiKeyEvent, Caller, caller_of_key, parse_key
from projections.base import StreamId

POLL_SECONDS = 0.5
PAUSE_SECONDS = 0.1  # between two looks, however often the log is appended to
PAGE = 500
NOBODYS = "0" * 64  # compared with when there is no such key, so that both take the same time

logger = structlog.get_logger("pixel.keys")


class KeyTable:
    """All keys, as of the last look into the log. `run` follows it."""

    def __init__(self, log: EventLog, changed: Callable[[], None]) -> None:
        """`changed` is called when keys have changed."""
        self._log = log
        self._changed = changed
        self._keys: dict[StreamId, ApiKey] = {}
        self._callers: dict[str, tuple[str, Caller]] = {}  # the SHA-256 and the caller of each key that works, by id
        self._position = 0
        self._throttle = LogThrottle()
        self.used: set[str] = set()
        """The ids of the keys that were used since somebody took them."""

    def is_open(self, token: str | None) -> bool:
        """Whether everybody who reaches Pixel may use it: no administrator's token is set, and no key was ever issued.
        A key that was, and is revoked by now, keeps it closed."""
        return token is None and not self.any_issued

    @property
    def any_issued(self) -> bool:
        """Whether a key was ever issued, though it may be revoked by now."""
        return bool(self._keys)

    def find(self, text: str) -> Caller | None:
        """Who sends this text as a key; None: it is no key, or none that works. The secret is compared in constant
        time."""
        parts = parse_key(text)
        if parts is None:
            return None
        sha256, caller = self._callers.get(parts.id, (NOBODYS, None))
        if not hmac.compare_digest(sha256, digest(parts.secret)):
            return None
        self.used.add(parts.id)
        return caller

    def take_used(self) -> set[str]:
        """The keys that were used since this was last asked."""
        used, self.used = self.used, set()
        return used

    def by_id(self, key_id: str) -> Caller | None:
        """The caller of a key that works; None when there is none of this id."""
        return self._callers.get(key_id, (NOBODYS, None))[1]

    async def run(self) -> None:
        """For ever: look into the log after each append, here or on another node, and twice a second anyway."""
        appended = self._log.appended()
        while True:
            appended.clear()
            try:
                await self.refresh()
                self._throttle.reset()
            except LogUnavailable as error:
                if self._throttle.should_log():
                    logger.warning("keys could not be refreshed, the last ones hold", error=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            await wait_for_event(appended, POLL_SECONDS)

    async def refresh(self) -> None:
        """Read what has happened to keys since the last look. Raises LogUnavailable."""
        while True:
            found = await self._log.key_events(self._position, PAGE)
            for recorded in found:
                event = recorded.event
                key = self._keys.get(recorded.stream, ApiKey())
                if isinstance(event, ApiKeyEvent):
                    key = api_key.evolve(key, event)
                elif isinstance(event, Unreadable):  # of a newer Pixel: rather no access than a wrong one
                    logger.error("an event of a key can't be read, the key is refused", key=key.id, topic=event.topic)
                    key = ApiKey(id=key.id)
                self._keys[recorded.stream] = key
                self._enter(key)
                self._position = recorded.position
            if found:
                self._changed()
            if len(found) < PAGE:
                return

    def _enter(self, key: ApiKey) -> None:
        if key.sha256 and key.revoked_at is None:
            self._callers[key.id] = (key.sha256, caller_of_key(key))
        else:
            self._callers.pop(key.id, None)
