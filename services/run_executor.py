"""Who carries out runs? Every worker: it looks at a run when something happened to it or to one of its tasks, and at
all that are due once in a while, because what happened may have been missed.

Several workers may look at one run at once. Each start is one append at the version that it was decided on, so that one
of them starts a step, and the others find that it is done."""

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import structlog

from adapters.postgres.database import DRIVER_ERRORS, Pool
from application.log_tail import LogTail
from application.log_throttle import LogThrottle
from application.ports import AssetsUnavailable, Conflict, Log, LogUnavailable, Recorded
from application.run_steps import RunContext, advance
from application.turns import each
from application.wakeup import wait_for_event
from domain.base import Rejected
from domain.ids import task_stream
from domain.run.events import is_of_run
from domain.run.state import StepStatus
from domain.task.events import (
    CallResolved,
    LateResultSeen,
    ProviderCallReconciled,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
)
from projections import runs

POLL_SECONDS: Final = 2.0
PAGE: Final = 500
DUE_PAGE: Final = 100
AT_ONCE: Final = 4  # runs that one worker looks at

_TURNS = (TaskCompleted, TaskFailed, TaskCancelled, CallResolved, ProviderCallReconciled, LateResultSeen)

logger = structlog.get_logger("pixel.runs")


class RunExecutor:
    """Carries out runs, for ever. `context` is what their steps need."""

    def __init__(self, context: RunContext, log: Log, tail: LogTail, pool: Pool) -> None:
        self._context = context
        self._log = log
        self._tail = tail
        self._pool = pool
        self._watched: dict[UUID, UUID] = {}  # the run of each task that is open
        self._tasks: dict[UUID, set[UUID]] = {}  # the open tasks of each run
        self._versions: dict[UUID, int] = {}  # of each run, as this worker saw it last
        self._after = 0
        self._throttle = LogThrottle()

    async def run(self) -> None:
        """Follow the log, and look at what is due. While the database is away, it waits."""
        appended = self._log.appended()
        position: int | None = None
        while True:
            try:
                if position is None:
                    position = await self._log.head()
                deadline = asyncio.get_running_loop().time() + POLL_SECONDS
                await self._look_at(await self._due())
                position = await self._follow(appended, position, deadline)
                self._throttle.reset()
            except (LogUnavailable, *DRIVER_ERRORS) as error:
                if self._throttle.should_log():
                    logger.warning("runs can't be read at the moment", error=type(error).__name__)
                await asyncio.sleep(POLL_SECONDS)

    async def _due(self) -> list[UUID]:
        """Some of the runs that are due, others the next time."""
        found = await runs.due(self._pool, after=self._after, limit=DUE_PAGE)
        self._after = found[-1].position if len(found) == DUE_PAGE else 0
        return [each.stream for each in found]

    async def _follow(self, appended: asyncio.Event, position: int, deadline: float) -> int:
        """Look at what happens to runs and their tasks, until the deadline. Returns the position that was reached."""
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            appended.clear()
            page = await self._tail.read(position, PAGE)
            if page.events:
                position = page.events[-1].position
                await self._look_at(self._touched(page.events))
            if page.is_last:
                await wait_for_event(appended, left)
        return position

    def _touched(self, events: Iterable[Recorded]) -> list[UUID]:
        """The runs that these events are about, but for what this worker knows already."""
        touched: dict[UUID, None] = {}
        for recorded in events:
            if is_of_run(recorded.event):
                if recorded.version > self._versions.get(recorded.stream, 0):
                    touched[recorded.stream] = None
            elif isinstance(recorded.event, _TURNS) and (run := self._watched.get(recorded.stream)):
                touched[run] = None
        return list(touched)

    async def _look_at(self, streams: Iterable[UUID]) -> None:
        await each(streams, self._advance, at_once=AT_ONCE)

    async def _advance(self, stream: UUID) -> None:
        try:
            loaded = await advance(self._context, stream)
        except (LogUnavailable, AssetsUnavailable, Conflict) as error:
            logger.warning("run put off", error=type(error).__name__)
            return
        except Rejected as error:
            logger.warning("run can't go on", code=error.code)
            return
        except Exception:  # the executor's loop: one run's error must not stop the others
            logger.exception("run failed to go on")
            return
        self._remember(stream, loaded.version, ended=loaded.run.ended is not None)
        for name in loaded.run.having(StepStatus.RUNNING, StepStatus.PAUSED):
            if task := loaded.run.steps[name].task:
                self._watched[task_stream(task)] = stream
                self._tasks.setdefault(stream, set()).add(task_stream(task))

    def _remember(self, stream: UUID, version: int, *, ended: bool) -> None:
        for task in self._tasks.pop(stream, ()):
            self._watched.pop(task, None)
        self._versions[stream] = version
        if ended:  # a run that goes on after all is new to this worker
            del self._versions[stream]
