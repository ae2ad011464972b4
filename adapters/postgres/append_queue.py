"""How are appends committed? Those that wait are committed together, while the next ones are collected.

Appends of one process are collected while the commit before is under way ("group commit"): one lock, one fsync and
one round trip for all of them. An answer is given only after the commit."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from uuid import UUID

import msgspec
import structlog

from adapters.postgres.append import Command, Part, store
from adapters.postgres.database import Connection, connect, is_away, is_refusal, translated
from adapters.postgres.event_reader import AWAY, unavailable
from application.log_throttle import LogThrottle
from application.ports import Cause, Conflict, LogUnavailable, Receipt
from domain.base import replace

BATCH = 512  # streams; the last command of a batch may go beyond it
RETRY_SECONDS = (0.02, 0.1, 0.25, 0.5)
LEAST_SECONDS = 0.05
REFUSED_SECONDS = 600.0  # nobody may have tried since

logger = structlog.get_logger("pixel.event_log")


class AppendQueue:
    """The appends of this process. Its owner must run `write` as a task. `on_commit` gets the position of the newest
    event after each commit; 0 when every command of it was refused."""

    def __init__(
        self, dsn: str, on_commit: Callable[[int], None], *, queue_limit: int, patience_seconds: float
    ) -> None:
        self._dsn = dsn
        self._on_commit = on_commit
        self._queue: deque[Command] = deque()
        self._taken: list[Command] = []  # being committed
        self._ended = False
        self._id = os.urandom(12).hex()  # random, so that command ids are unique among all processes
        self._numbers = count(1)
        self._queue_limit = queue_limit
        self._patience_seconds = patience_seconds
        self._wanted = asyncio.Event()
        self._writer: Connection | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._refused: tuple[str, float] | None = None
        self._away = LogThrottle()

    def put(self, parts: Sequence[Part], cause: Cause) -> asyncio.Future[list[Receipt]]:
        """Put a command into the queue, and return the future of its receipts, one a part. Raises what
        `EventLog.append_all` raises."""
        if not parts or not all(part.events for part in parts):
            raise ValueError("an append of nothing has no place in the log")
        if len({part.stream for part in parts}) < len(parts):
            raise ValueError("an append has one part for each stream")
        if self._ended:
            raise LogUnavailable("Pixel is shutting down.", retry_after=2)
        if len(self._queue) >= self._queue_limit:
            raise LogUnavailable("Too many requests are waiting to be stored.", retry_after=1)
        loop = asyncio.get_running_loop()
        command_id = f"{self._id}-{next(self._numbers)}"
        metadata = _ENCODER.encode(replace(cause, command_id=command_id)).decode()
        deadline = loop.time() + self._patience_seconds
        command = Command(parts, command_id, metadata, loop.create_future(), deadline)
        self._queue.append(command)
        self._wanted.set()
        if self._clock is None:
            self._clock = loop.call_at(deadline, self._refuse_the_late)
        return command.answer

    def _refuse_the_late(self) -> None:
        """Refuse commands whose deadline has passed, so that a commit that hangs keeps nobody waiting."""
        loop = asyncio.get_running_loop()
        for command in [*self._taken, *self._queue]:
            if command.deadline <= loop.time():
                _refuse(command, LogUnavailable(AWAY, retry_after=2))
        self._queue = deque(command for command in self._queue if not command.answer.done())
        waiting = [command.deadline for command in [*self._taken, *self._queue] if not command.answer.done()]
        self._clock = None
        if waiting:
            again = max(min(waiting), loop.time() + LEAST_SECONDS)
            self._clock = loop.call_at(again, self._refuse_the_late)

    @property
    def waiting(self) -> int:
        """The number of appends that wait for their commit."""
        return len(self._queue)

    @property
    def refused(self) -> str | None:
        """Why PostgreSQL refused the last write although it is reachable (disk full, read-only); None otherwise."""
        if self._refused is None or self._refused[1] < asyncio.get_running_loop().time() - REFUSED_SECONDS:
            return None
        return self._refused[0]

    async def write(self) -> None:
        """Commit the queue, for ever. When it ends, every waiting append fails with LogUnavailable."""
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                while batch := self._take():
                    self._taken = batch
                    await self._commit(batch)
                    self._taken = []
        finally:
            self._ended = True
            for command in [*self._taken, *self._queue]:
                _refuse(command, LogUnavailable("Pixel is shutting down.", retry_after=2))
            self._queue.clear()
            if self._clock is not None:
                self._clock.cancel()
            await self._disconnect()

    async def drain(self) -> None:
        """Wait until every queued append has its result."""
        answers = [command.answer for command in [*self._taken, *self._queue]]
        if answers:
            await asyncio.wait(answers)

    def _take(self) -> list[Command]:
        """The next batch, with at most one command per stream, because a second one depends on the first."""
        batch: list[Command] = []
        later: list[Command] = []
        streams: set[UUID] = set()  # of those that are left for later, too: no command overtakes them
        parts = 0
        while self._queue and parts < BATCH:
            command = self._queue.popleft()
            if command.answer.done():  # its caller has gone
                continue
            own = {part.stream for part in command.parts}
            (batch if streams.isdisjoint(own) else later).append(command)
            streams |= own
            parts += len(own)
        self._queue.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: list[Command]) -> None:
        attempt = 0
        while batch:
            try:
                if self._writer is None:
                    # What is no longer waited for is not stored later, as far as PostgreSQL can help it.
                    limit = str(int(self._patience_seconds * 1000))
                    self._writer = await connect(self._dsn, statement_timeout=limit)
                batch = [
                    command for command in batch if not command.answer.done()
                ]  # refused, or cancelled by its caller
                if not batch:
                    return
                ends = await store(self._writer, batch, seconds=self._patience_seconds + 1)
            except Exception as raised:  # noqa: BLE001 - of one batch, whatever it is: the others go on
                error = translated(raised)
                await self._disconnect()
                if is_refusal(error):
                    self._refused = type(error).__name__, asyncio.get_running_loop().time()
                if not is_away(error):
                    await self._commit_singly(batch, error)
                    return
                batch = self._keep_patient(batch, error)
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1
            else:
                self._away.reset()
                self._refused = None
                self._answer(batch, ends)
                return

    async def _commit_singly(self, batch: list[Command], error: BaseException) -> None:
        """A command of the batch is invalid or can't be encoded: commit each by itself, so that the others succeed."""
        if len(batch) == 1:
            _refuse(batch[0], error)
            return
        for command in batch:
            await self._commit([command])

    def _keep_patient(self, batch: list[Command], error: BaseException) -> list[Command]:
        """After a lost connection, keep the commands whose deadline has not passed, to send them again under the same
        id."""
        now = asyncio.get_running_loop().time()
        if self._away.should_log():
            logger.warning("event log unavailable", error=type(error).__name__, waiting=len(batch) + len(self._queue))
        for command in [*batch, *self._queue]:
            if command.deadline <= now:
                _refuse(command, unavailable(error))
        self._queue = deque(command for command in self._queue if not command.answer.done())
        return [command for command in batch if not command.answer.done()]

    def _answer(self, batch: list[Command], ends: list[list[Receipt] | Conflict]) -> None:
        newest = 0
        for command, end in zip(batch, ends, strict=True):
            if command.answer.done():
                continue
            if isinstance(end, Conflict):
                command.answer.set_exception(end)
            else:
                newest = max(newest, end[-1].position)
                command.answer.set_result(end)
        self._on_commit(newest)

    async def _disconnect(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.terminate()


_ENCODER = msgspec.json.Encoder()


def _refuse(command: Command, error: BaseException) -> None:
    if not command.answer.done():
        command.answer.set_exception(error)
