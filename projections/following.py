"""Follows the log with one build: rows and checkpoint in one transaction, no event skipped, none seen twice."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import islice
from typing import Any

import structlog

from application.log_tail import Page
from application.ports import Log, Recorded
from application.wakeup import wait_for_event
from projections import builds, parking
from projections.base import Connection, ReadModel, StreamId, concerns
from projections.builds import Build, BuildState, BuildSuperseded
from projections.errors import is_about_rows
from projections.folding import Folded, fold_batch, fold_one_by_one, fold_stream
from projections.heartbeat import Heartbeat

POLL_SECONDS = 0.5
LOOK_SECONDS = 0.9  # between two looks around: every other poll, while nothing happens
GATHER_SECONDS = 0.05  # under load a batch then has most events of a task, and a batch costs by its rows
MAX_RECENT = 1000
MAX_RECENT_BYTES = 64 * 1024 * 1024  # of rows whose weight is known

logger = structlog.get_logger("pixel.projections")


class Follower:
    """Brings the rows of one build up to date, over the connection that holds its lock. `read` gives it the log,
    `batch` events at a time.

    After a batch it gives the next events some time to come together, unless `hurry` is set, which it clears.

    `advanced` is called with the new position after every commit, then `changed` if a row has changed; `healthy` about
    once a second while it goes on."""

    def __init__(
        self,
        read_model: ReadModel[Any],
        log: Log,
        connection: Connection,
        build: Build,
        *,
        read: Callable[[int, int], Awaitable[Page]],
        batch: int,
        advanced: Callable[[int], None],
        changed: Callable[[], None],
        healthy: Callable[[], None],
        hurry: asyncio.Event,
        beat_seconds: float,
    ) -> None:
        self._read_model = read_model
        self._log = log
        self._connection = connection
        self._build = build
        self._read = read
        self._batch = batch
        self._advanced = advanced
        self._changed = changed
        self._healthy = healthy
        self._hurry = hurry
        self._pulse = Heartbeat(connection, seconds=beat_seconds)
        self._serving = build.serving
        self._indexed = self._serving or not read_model.indexes
        self._position = 0  # the checkpoint
        self._parked: set[StreamId] = set()
        self._recent: dict[StreamId, Any] = {}  # rows, the oldest first
        self._weights: dict[StreamId, int] = {}
        self._weight = 0

    async def follow(self, *, until_serving: bool = False) -> None:
        """For ever, or until the build serves. Raises BuildSuperseded when it is no longer to be followed,
        LogUnavailable, and the driver's errors."""
        await builds.use_schema(self._connection, self._build)
        # Only now that it is locked nobody else moves the checkpoint.
        self._position = read_to = (await builds.read_state(self._connection, self._build)).position
        clock = asyncio.get_running_loop().time
        appended = self._log.appended()
        await self._retry_parked(every=True)  # the code may be repaired by now
        await self._check()
        if self._serving:
            await builds.drop_abandoned(self._connection, self._build)
        checked_at = clock()
        move_at = checked_at  # at once: a start waits for the models
        while True:
            appended.clear()
            page = await self._pulse.during(self._read(read_to, self._batch))
            if page.events:
                read_to = page.events[-1].position
            concerned = page.events
            if self._read_model.topics is not None:
                concerned = [recorded for recorded in page.events if concerns(self._read_model, recorded)]
            # A checkpoint may wait while nothing concerns this read model: its rows are those of any position between.
            if concerned or (read_to > self._position and (not self._serving or clock() >= move_at)):
                await self._project(concerned, read_to)
            if concerned and len(page.events) < self._batch:
                await self._gather()
            if read_to == self._position:
                move_at = clock() + POLL_SECONDS
            if clock() - checked_at > LOOK_SECONDS:
                await self._look_around()
                checked_at = clock()
            if not page.is_last:
                continue
            if not self._indexed:
                await builds.index(self._connection, self._read_model)
                self._indexed = True
                continue
            if not self._serving:
                self._serving = await builds.try_to_serve(self._connection, self._build, self._position)
            if until_serving and self._serving:
                return
            await self._pulse.during(wait_for_event(appended, POLL_SECONDS))

    async def _gather(self) -> None:
        """Let events come together after a batch, unless somebody waits for them. The first after a rest are in a batch
        at once."""
        if self._serving:
            await self._pulse.during(wait_for_event(self._hurry, GATHER_SECONDS))
            self._hurry.clear()

    async def _project(self, events: list[Recorded], new: int) -> None:
        """Move the checkpoint to `new`, with the rows of the events before it that concern the read model."""
        by_stream: defaultdict[StreamId, list[Recorded]] = defaultdict(list)
        for recorded in events:
            if recorded.stream not in self._parked:
                by_stream[recorded.stream].append(recorded)
        changed = False
        if by_stream:
            changed = await self._save(by_stream, new)
        else:
            await builds.move_checkpoint(self._connection, self._build, self._position, new)
        self._position = new
        self._advanced(new)
        if changed:
            self._changed()

    async def _save(self, by_stream: dict[StreamId, list[Recorded]], new: int) -> bool:
        """The same, when there are such events. Returns whether any row has changed."""
        # A build that does not serve was begun empty, and nobody but its builders wrote to it.
        together = partial(
            fold_batch,
            self._connection,
            self._read_model,
            by_stream,
            fresh=not self._serving,
            recent=self._recent,
            pulse=self._pulse,
        )
        try:
            folded = await self._commit(together, new)
        except BuildSuperseded:
            raise
        except Exception as error:
            if not is_about_rows(error):
                raise
            for stream in list(self._recent):
                self._forget(stream)
            folded = await self._commit(partial(fold_one_by_one, self._connection, self._read_model, by_stream), new)
        for stream, failure in folded.failures.items():
            self._parked.add(stream)
            facts = {"stream": str(stream), "position": failure.position, "error": failure.error}
            logger.error("stream parked", read_model=self._read_model.name, **facts)
        self._remember(folded.rows)
        return folded.changed

    def _remember(self, rows: dict[StreamId, Any]) -> None:
        """Keep the rows that were written last: the next events are mostly of the same streams. Nobody else writes to
        the table while we hold the lock."""
        weight = self._read_model.weight
        for stream, row in rows.items():
            self._forget(stream)
            self._recent[stream] = row
            if weight is not None and row is not None:
                self._weights[stream] = weight(row)
                self._weight += self._weights[stream]
        for stream in list(islice(self._recent, max(len(self._recent) - MAX_RECENT, 0))):
            self._forget(stream)
        while self._weight > MAX_RECENT_BYTES:
            self._forget(next(iter(self._recent)))

    def _forget(self, stream: StreamId) -> None:
        self._recent.pop(stream, None)
        self._weight -= self._weights.pop(stream, 0)

    async def _commit(self, fold: Callable[[], Awaitable[Folded]], new: int) -> Folded:
        """Commit rows, failures and checkpoint together."""
        async with self._connection.transaction():
            folded = await fold()
            await parking.park(self._connection, self._build, folded.failures)
            await builds.move_checkpoint(self._connection, self._build, self._position, new)
        return folded

    async def _look_around(self) -> None:
        """Retry what somebody asked for, clear a trouble that is over, drop unfinished builds that nobody works on."""
        if self._parked:
            await self._retry_parked(every=False)
        state = await self._check()
        self._healthy()
        if state.troubled:
            await builds.clear_trouble(self._connection, self._read_model.name)
        if self._serving and not state.alone:
            await builds.drop_abandoned(self._connection, self._build)

    async def _check(self) -> BuildState:
        """The state of the build. Raises BuildSuperseded when it serves no more, was moved or lost its table,
        and the driver's errors when the connection, and with it the lock, is gone."""
        state = await builds.read_state(self._connection, self._build)
        if state.position != self._position or not state.whole:
            raise BuildSuperseded(f"{self._read_model.name} is no longer at {self._position}, or not whole")
        return state

    async def _retry_parked(self, *, every: bool) -> None:
        """Fold parked streams again from their first event: every one, or those that somebody asked for."""
        streams = await parking.streams_to_retry(self._connection, self._build, every=every)
        if every:
            self._parked = set(streams)
        for stream in streams:
            past = await self._pulse.during(self._log.stream(stream))
            history = [each for each in past if each.position <= self._position and concerns(self._read_model, each)]
            self._forget(stream)
            async with self._connection.transaction():
                await self._read_model.remove(self._connection, [stream])
                failure = await fold_stream(self._connection, self._read_model, stream, history)
                await parking.unpark(self._connection, self._build, stream)
                if failure:
                    await parking.park(self._connection, self._build, {stream: failure})
            if not failure:
                self._parked.discard(stream)
                logger.info("stream no longer parked", read_model=self._read_model.name, stream=str(stream))
