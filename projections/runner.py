"""Keeps one read model up with the log: rows and checkpoint in one transaction, one runner at a time, no event skipped.

Runners of one read model compete for the lock of a build; the one that has it follows the log."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg
import structlog

from application.log_tail import LogTail, Page
from application.log_throttle import LogThrottle
from application.ports import Log
from projections import builds
from projections.base import Connection, ReadModel
from projections.builds import Build, BuildSuperseded
from projections.convoy import Convoy
from projections.errors import AWAY, FAILED, NewerVersion, describe
from projections.following import Follower

BATCH = 2000
REBUILD_BATCH = 10_000  # most rows are then written once
STANDBY_SECONDS = 1.0
SUPERSEDED_SECONDS = 0.05
MAX_PAUSE_SECONDS = 15.0
SILENCE_SECONDS = 5.0
REBUILD_SILENCE_SECONDS = 30.0  # what has been built so far is lost with the session
BEATS = 5  # in the time that ends a session
TRANSACTION_SILENCES = 12  # a batch may take so many times as long

logger = structlog.get_logger("pixel.projections")


class Standby:
    """How the runners of a process wait for a lead: without a connection while `is_led` says that others have it, and
    one at a time when they try to take it."""

    def __init__(self, is_led: Callable[[ReadModel[Any]], Awaitable[bool]]) -> None:
        self.is_led = is_led
        self.one_tries = asyncio.Semaphore(1)


async def _nobody_leads(_: ReadModel[Any]) -> bool:
    return False


class Runner:
    """Runs one read model. After every commit it calls `advanced` with the new position, then `changed` if a row has
    changed. Runners that share a `tail` read and decode the newest events once; those that share a `standby` open
    fewer connections. Who waits for an event that is in the log sets `hurry`. `connection_class` is of its connections.

    `silence_seconds`: PostgreSQL ends the session of a leader from which it hears nothing for so long, because it is
    frozen or cut off, so that another can take over."""

    def __init__(
        self,
        read_model: ReadModel[Any],
        log: Log,
        dsn: str,
        *,
        tail: LogTail | None = None,
        standby: Standby | None = None,
        batch: int = BATCH,
        advanced: Callable[[int], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
        hurry: asyncio.Event | None = None,
        silence_seconds: float = SILENCE_SECONDS,
        connection_class: type[Connection] = asyncpg.Connection,
    ) -> None:
        self._read_model = read_model
        self._log = log
        self._tail = tail or LogTail(log)
        self._standby = standby or Standby(_nobody_leads)
        self._connect = partial(builds.connect, dsn, connection_class=connection_class)
        self._batch = batch
        self._advanced = advanced
        self._changed = changed
        self._silence_seconds = silence_seconds
        self._hurry = hurry or asyncio.Event()
        self._failed = 0  # times in a row
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """For ever: take the lead when nobody has it, then follow the log."""
        while True:
            pause = STANDBY_SECONDS
            try:
                if not await self._standby.is_led(self._read_model):
                    await self._lead()
            except (BuildSuperseded, NewerVersion, *FAILED) as error:
                _raise_if_cancelled()
                pause = self._pause_after(error)
                if self._throttle.should_log():
                    name = self._read_model.name
                    logger.warning(
                        "read model interrupted", read_model=name, error=describe(error), again_in_seconds=pause
                    )
            await asyncio.sleep(pause)

    def _pause_after(self, error: Exception) -> float:
        """Short and constant while the database is away, to notice soon when it is back; growing for other errors."""
        if isinstance(error, (NewerVersion, *AWAY)):
            return STANDBY_SECONDS
        self._failed += 1
        first = SUPERSEDED_SECONDS if isinstance(error, BuildSuperseded) else STANDBY_SECONDS
        return min(first * 2.0 ** min(self._failed - 1, 20), MAX_PAUSE_SECONDS)

    async def rebuild(self, *, batch: int = REBUILD_BATCH, convoy: Convoy | None = None) -> None:
        """Make a new build beside the one that serves, let it serve, and return. Builds that share a `convoy`
        read and decode the log once.

        Raises BuildSuperseded, LogUnavailable and the driver's errors."""
        convoy = convoy or Convoy(self._log, members=1)
        try:
            connection = await self._connect(_session(REBUILD_SILENCE_SECONDS))
            try:
                build = await builds.create(connection, self._read_model)
                await builds.limit_transactions(connection, REBUILD_SILENCE_SECONDS * TRANSACTION_SILENCES)
                follower = self._follower(connection, build, REBUILD_SILENCE_SECONDS, convoy.read, batch)
                await follower.follow(until_serving=True)
            finally:
                await connection.close()
        finally:
            convoy.leave()

    async def _lead(self) -> None:
        connection: Connection | None = None
        try:
            async with self._standby.one_tries:
                connection = await self._connect(_session(self._silence_seconds))
                await builds.limit_transactions(connection, self._silence_seconds)
                build = await builds.choose(connection, self._read_model)
            if build is None:
                return
            await builds.limit_transactions(connection, self._silence_seconds * TRANSACTION_SILENCES)
            if not build.serving:
                build = await self._build(connection, build)
            follower = self._follower(connection, build, self._silence_seconds, self._tail.read, self._batch)
            await follower.follow()
        except (NewerVersion, asyncpg.PostgresError) as error:
            _raise_if_cancelled()
            if connection is not None and not isinstance(error, AWAY):
                with suppress(*FAILED):
                    await builds.record_trouble(connection, self._read_model.name, describe(error))
            raise
        finally:
            if connection is not None:
                connection.terminate()

    async def _build(self, connection: Connection, build: Build) -> Build:
        """Bring a build to the end of the log, reading ahead, and let it serve."""
        convoy = Convoy(self._log, members=1)
        try:
            follower = self._follower(connection, build, self._silence_seconds, convoy.read, self._batch)
            await follower.follow(until_serving=True)
        finally:
            convoy.leave()
        return build._replace(serving=True)

    def _follower(
        self,
        connection: Connection,
        build: Build,
        silence_seconds: float,
        read: Callable[[int, int], Awaitable[Page]],
        batch: int,
    ) -> Follower:
        return Follower(
            self._read_model,
            self._log,
            connection,
            build,
            read=read,
            batch=batch,
            advanced=self._advanced,
            changed=self._changed,
            healthy=self._went_on,
            hurry=self._hurry,
            beat_seconds=silence_seconds / BEATS,
        )

    def _went_on(self) -> None:
        self._failed = 0
        self._throttle.reset()


def _session(silence_seconds: float) -> dict[str, str]:
    limit = str(int(silence_seconds * 1000))
    return {
        "idle_session_timeout": limit,
        "idle_in_transaction_session_timeout": limit,
        "tcp_user_timeout": limit,  # it was frozen, or cut off, in the middle of an answer
        # After a crash rows and checkpoint roll back together, and are folded again: no commit waits for the disk.
        "synchronous_commit": "off",
    }


def _raise_if_cancelled() -> None:
    """A rollback that fails during a cancellation replaces it by its own error, and the runner would go on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
