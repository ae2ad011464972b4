"""Keeps one read model up with the log: rows and checkpoint in one transaction, one runner at a time, no event skipped.

Runners of one read model compete for the lock of a generation; the one that has it follows the log."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from application.log_throttle import LogThrottle
from application.ports import Log, Recorded
from application.wakeup import wait_for_event
from projections import generations, parking
from projections.base import Connection, ReadModel, StreamId, concerns
from projections.errors import AWAY, FAILED, describe, is_about_rows
from projections.folding import Folded, fold_batch, fold_one_by_one, fold_stream
from projections.generations import Generation, GenerationState, GenerationSuperseded

BATCH = 2000
POLL_SECONDS = 0.5
STANDBY_SECONDS = 1.0
SUPERSEDED_SECONDS = 0.05
MAX_PAUSE_SECONDS = 15.0

logger = structlog.get_logger("pixel.projections")


class Runner:
    """Runs one read model. After every commit it calls `advanced` with the new position, then `changed` if a row has
    changed.

    `silence_seconds`: PostgreSQL ends the session of a leader that hangs for so long, so that another can take over."""

    def __init__(
        self,
        model: ReadModel[Any],
        log: Log,
        dsn: str,
        *,
        batch: int = BATCH,
        advanced: Callable[[int], None] = lambda _: None,
        changed: Callable[[], None] = lambda: None,
        silence_seconds: float = 30.0,
    ) -> None:
        self._model = model
        self._log = log
        self._dsn = dsn
        self._batch = batch
        self._advanced = advanced
        self._changed = changed
        # Without it, a leader on a sleeping machine or behind a cut line would keep its locks for hours.
        limit = str(int(silence_seconds * 1000))
        self._session = {
            "idle_session_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
            # After a crash rows and checkpoint roll back together, and are folded again: no commit waits for the disk.
            "synchronous_commit": "off",
        }
        self._parked: set[StreamId] = set()
        self._failed = 0  # times in a row
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """For ever: take the lead when nobody has it, then follow the log."""
        while True:
            pause = STANDBY_SECONDS
            try:
                await self._lead()
            except (GenerationSuperseded, *FAILED) as error:
                _raise_if_cancelled()
                pause = self._pause_after(error)
                if self._throttle.should_log():
                    name = self._model.name
                    logger.warning(
                        "read model interrupted", read_model=name, error=describe(error), again_in_seconds=pause
                    )
            await asyncio.sleep(pause)

    def _pause_after(self, error: Exception) -> float:
        """Short and constant while the database is away, to notice soon when it is back; growing for other errors."""
        self._failed += 1
        if isinstance(error, AWAY):
            return STANDBY_SECONDS
        first = SUPERSEDED_SECONDS if isinstance(error, GenerationSuperseded) else STANDBY_SECONDS
        return min(first * 2.0 ** min(self._failed - 1, 20), MAX_PAUSE_SECONDS)

    async def rebuild(self) -> None:
        """Build a new generation beside the one that serves, let it serve, and return.

        Raises GenerationSuperseded, LogUnavailable and the driver's errors."""
        twin = Runner(self._model, self._log, self._dsn, batch=self._batch, advanced=self._advanced)
        await twin._build()  # a runner knows the parked streams of one generation, and this one may run another

    async def _build(self) -> None:
        connection = await generations.connect(self._dsn, {"synchronous_commit": "off"})
        try:
            await self._follow(connection, await generations.create(connection, self._model), until_serving=True)
        finally:
            await connection.close()

    async def _lead(self) -> None:
        connection = await generations.connect(self._dsn, self._session)
        try:
            generation = await generations.choose(connection, self._model)
            if generation is not None:
                await self._follow(connection, generation)
        except asyncpg.PostgresError as error:
            _raise_if_cancelled()
            if not isinstance(error, AWAY):
                with suppress(*FAILED):
                    await generations.record_trouble(connection, self._model.name, describe(error))
            raise
        finally:
            connection.terminate()

    async def _follow(self, connection: Connection, generation: Generation, *, until_serving: bool = False) -> None:
        await generations.use_schema(connection, generation)
        read_to = position = (await generations.read_state(connection, generation)).position
        serving = generation.serving
        clock = asyncio.get_running_loop().time
        appended = self._log.appended()
        await self._retry_parked(connection, generation, position, every=True)  # the code may be repaired by now
        await self._check(connection, generation, position)
        if serving:
            await generations.drop_abandoned(connection, generation)
        checked_at = moved_at = clock()
        while True:
            appended.clear()
            events = await self._log.read(read_to, self._batch)
            if events:
                read_to = events[-1].position
            concerned = [recorded for recorded in events if concerns(self._model, recorded)]
            # A checkpoint may wait while nothing concerns this read model: its rows are those of any position between.
            if concerned or (read_to > position and (not serving or clock() - moved_at > POLL_SECONDS)):
                changed = await self._project(connection, generation, position, read_to, concerned)
                position, moved_at = read_to, clock()
                self._advanced(position)
                if changed:
                    self._changed()
            self._failed = 0
            if clock() - checked_at > POLL_SECONDS:
                await self._retry_parked(connection, generation, position, every=False)
                state = await self._check(connection, generation, position)
                await self._goes_on(connection, troubled=state.troubled)
                if serving and not state.alone:
                    await generations.drop_abandoned(connection, generation)
                checked_at = clock()
            if len(events) == self._batch:
                continue
            if not serving:
                serving = await generations.try_to_serve(connection, generation, position)
            if until_serving and serving:
                return
            if not events:
                await wait_for_event(appended, POLL_SECONDS)

    async def _project(
        self, connection: Connection, generation: Generation, old: int, new: int, events: list[Recorded]
    ) -> bool:
        """Move the checkpoint from `old` to `new`, with the rows of the events between that concern the read model.
        Returns whether any row has changed."""
        by_stream: defaultdict[StreamId, list[Recorded]] = defaultdict(list)
        for recorded in events:
            if recorded.stream not in self._parked:
                by_stream[recorded.stream].append(recorded)
        if not by_stream:
            await generations.move_checkpoint(connection, generation, old, new)
            return False
        try:
            together = fold_batch(connection, self._model, by_stream)
            folded = await self._commit(connection, generation, old, new, together)
        except GenerationSuperseded:
            raise
        except Exception as error:
            if not is_about_rows(error):
                raise
            singly = fold_one_by_one(connection, self._model, by_stream)
            folded = await self._commit(connection, generation, old, new, singly)
        for stream, failure in folded.failures.items():
            self._parked.add(stream)
            facts = {"stream": str(stream), "position": failure.position, "error": failure.error}
            logger.error("stream parked", read_model=self._model.name, **facts)
        return folded.changed

    async def _commit(
        self, connection: Connection, generation: Generation, old: int, new: int, folding: Coroutine[Any, Any, Folded]
    ) -> Folded:
        """Commit rows, failures and checkpoint together."""
        async with connection.transaction():
            folded = await folding
            await parking.park(connection, generation, folded.failures)
            await generations.move_checkpoint(connection, generation, old, new)
        return folded

    async def _check(self, connection: Connection, generation: Generation, position: int) -> GenerationState:
        """The state of the generation. Raises GenerationSuperseded when it serves no more, was moved or lost its table,
        and the driver's errors when the connection, and with it the lock, is gone."""
        state = await generations.read_state(connection, generation)
        if state.position != position or not state.whole:
            raise GenerationSuperseded(f"{self._model.name} is no longer at {position}, or not whole")
        return state

    async def _goes_on(self, connection: Connection, *, troubled: bool) -> None:
        """Clear the recorded error once this runner has worked for a while."""
        self._throttle.reset()
        if troubled:
            await generations.clear_trouble(connection, self._model.name)

    async def _retry_parked(
        self, connection: Connection, generation: Generation, position: int, *, every: bool
    ) -> None:
        """Fold parked streams again from their first event: every one, or those that somebody asked for."""
        streams = await parking.streams_to_retry(connection, generation, every=every)
        if every:
            self._parked = set(streams)
        for stream in streams:
            past = [recorded for recorded in await self._log.stream(stream) if recorded.position <= position]
            history = [recorded for recorded in past if concerns(self._model, recorded)]
            async with connection.transaction():
                await self._model.remove(connection, [stream])
                failure = await fold_stream(connection, self._model, stream, history)
                await parking.unpark(connection, generation, stream)
                if failure:
                    await parking.park(connection, generation, {stream: failure})
            if not failure:
                self._parked.discard(stream)
                logger.info("stream no longer parked", read_model=self._model.name, stream=str(stream))


def _raise_if_cancelled() -> None:
    """A rollback that fails during a cancellation replaces it by its own error, and the runner would go on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
