"""The background worker: claims due tasks of each provider, a bounded number at a time, and renews their leases.

For each provider there is a line of its own, with places for orders and more of them for questions (polls, lookups,
downloads): neither delays the other, and no provider delays another one."""

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial

import msgspec
import structlog

from adapters.postgres import work_queue
from adapters.postgres.database import DRIVER_ERRORS, Pool
from adapters.postgres.work_queue import ANY_PROVIDER, Claim, Release, Room, WorkQueue
from adapters.providers.keyring import KeyState
from application import commands, execution
from application.claimed_task import ClaimedTask, WorkerContext
from application.log_throttle import LogThrottle
from application.ports import Conflict, LogUnavailable, Recorded
from application.rate_limits import LaneState
from application.storage import StorageState
from application.wakeup import wait_for_event
from domain.base import Rejected, Value
from domain.model import Kind
from domain.task.lifecycle import next_deadline
from projections import work_list as work
from services.spool_emptying import empty_spool

IDLE_SECONDS = 0.25
SEARCH_SECONDS = 0.02  # between two searches for new work: under load one search finds the tasks of many requests
EXCHANGE_SECONDS = 0.01  # between two exchanges with the queue: under load one exchange is for many tasks
DATABASE_RETRY_SECONDS = 1.0
ERROR_RETRY_SECONDS = 30.0
QUESTIONS_PER_ORDER = 4  # places: a question takes milliseconds, and many jobs that end at once are asked for at once
DRAIN_CHECK_SECONDS = 5.0
RESTORE_EVERY = 60  # renewals of the leases
STORED_KINDS = {kind for kind in Kind if kind is not Kind.LLM}

logger = structlog.get_logger("pixel.worker")


def new_worker_id() -> str:
    """A new id at each start of a process: the leases of the process before are not its own."""
    return f"{os.getpid()}-{os.urandom(4).hex()}"


class WorkerState(Value):
    """The state that a worker publishes: its lanes, and each provider's keys by their fingerprints."""

    lanes: list[LaneState] = []
    keys: dict[str, list[KeyState]] = {}
    storage: StorageState = StorageState()


class _Line:
    """The tasks of one provider that this worker works on, and those that it has to give back to the queue."""

    def __init__(self) -> None:
        self.orders = 0
        self.questions = 0
        self.releases: list[Release] = []
        self.wanted = asyncio.Event()


class Worker:
    """Works off the queue until `stop`; then it finishes its tasks in hand."""

    def __init__(
        self,
        context: WorkerContext,
        queue: WorkQueue,
        pool: Pool,
        *,
        concurrency: int,
        lease_seconds: float,
        keys: Callable[[], dict[str, list[KeyState]]],
    ) -> None:
        self._context = context
        self._queue = queue
        self._keys = keys
        self._pool = pool
        self._concurrency = concurrency
        self._lease_seconds = lease_seconds
        self._lines: dict[str, _Line] = {}
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._claimed: dict[str, ClaimedTask] = {}
        self._leased_until: dict[str, float] = {}
        self._stopped_at = 0.0
        self._drained = asyncio.Event()
        self._claim_throttle, self._lease_throttle = LogThrottle(), LogThrottle()
        self._search_throttle, self._due_throttle = LogThrottle(), LogThrottle()

    @property
    def busy(self) -> dict[str, int]:
        """The number of tasks that are worked on, by provider."""
        return {provider: line.orders + line.questions for provider, line in self._lines.items() if provider}

    def state(self) -> WorkerState:
        """The state now."""
        storage = self._context.storage.state()
        return WorkerState(lanes=self._context.lanes.states(), keys=self._keys(), storage=storage)

    async def run(self, providers: Iterable[str]) -> None:
        """Claim tasks and work on them until `stop`, then return when the claimed tasks are done."""
        self._lines = {provider: _Line() for provider in [*providers, ANY_PROVIDER]}
        try:
            await self._context.storage.scan()
            async with asyncio.TaskGroup() as group:
                supporting = [
                    self._renew_leases(),
                    self._search_for_work(),
                    self._watch_queue(),
                    empty_spool(self._context),
                ]
                background = [group.create_task(each) for each in supporting]
                loops = [group.create_task(self._claim_loop(provider, group)) for provider in self._lines]
                await self._stopping.wait()
                await asyncio.gather(*loops)
                if self._running:
                    await asyncio.wait(list(self._running.values()))
                for provider, line in self._lines.items():
                    await self._exchange(provider, line, _NO_ROOM)
                for each in background:
                    each.cancel()
        finally:
            await self._queue.close()
            self._drained.set()

    def stop(self) -> None:
        """Claim nothing more."""
        if not self._stopping.is_set():
            self._stopped_at = asyncio.get_running_loop().time()
            self._stopping.set()
            for line in self._lines.values():
                line.wanted.set()

    async def drain(self, seconds: float) -> None:
        """Stop, and wait for the tasks in hand, for at most so many seconds from the stop.

        Later ones are cancelled, and left to other workers. Only a task whose result is nowhere but in memory is
        waited for until the result is stored."""
        self.stop()
        left = self._stopped_at + seconds - asyncio.get_running_loop().time()
        patient = True
        while not await wait_for_event(self._drained, max(left, 0.0)):
            has_result_in_memory = self._context.storage.holds
            late = [running for task, running in self._running.items() if not has_result_in_memory(task)]
            for running in late:
                running.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
            unsaved = [task for task in self._running if has_result_in_memory(task)]
            if not unsaved:
                break
            if not patient:
                logger.error("results in hand can't be kept, so the stop waits for them", tasks=unsaved)
            patient, left = False, DRAIN_CHECK_SECONDS
        try:
            await work_queue.deregister(self._pool, worker=self._context.worker)
        except DRIVER_ERRORS as error:
            logger.warning("could not sign off", error=type(error).__name__)

    # --- Finding and claiming ---

    async def _search_for_work(self) -> None:
        """Put new work into the queue as soon as the log has it."""
        appended = self._context.log.appended()
        while True:
            appended.clear()
            try:
                for provider in await self._queue.enqueue_new():
                    self._lines.get(provider, self._lines[ANY_PROVIDER]).wanted.set()
                self._search_throttle.reset()
            except DRIVER_ERRORS as error:
                if self._search_throttle.should_log():
                    logger.warning("could not search for new work", error=type(error).__name__)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
            await asyncio.sleep(SEARCH_SECONDS)
            await wait_for_event(appended, IDLE_SECONDS)

    async def _watch_queue(self) -> None:
        """Wake a line when one of its tasks becomes due. One statement asks for all lines, so that an idle worker costs
        the same however many providers there are."""
        while True:
            try:
                due = await self._queue.next_due(list(self._lines), within_seconds=IDLE_SECONDS)
                self._due_throttle.reset()
            except DRIVER_ERRORS as error:
                if self._due_throttle.should_log():
                    logger.warning("could not look for due tasks", error=type(error).__name__)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
                continue
            for provider, seconds in due.items():
                self._wake(self._lines[provider], seconds)
            await asyncio.sleep(IDLE_SECONDS)

    def _wake(self, line: _Line, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, line.wanted.set)

    async def _claim_loop(self, provider: str, group: asyncio.TaskGroup) -> None:
        line = self._lines[provider]
        while not self._stopping.is_set():
            line.wanted.clear()
            room = await self._room(provider, line)
            claims, since = await self._exchange(provider, line, room)
            await self._start(provider, line, claims, since=since, group=group)
            await asyncio.sleep(EXCHANGE_SECONDS)
            if len(claims) < max(room.orders + room.questions, 1) and not line.releases:
                await wait_for_event(line.wanted, self._lane_seconds(provider))

    async def _room(self, provider: str, line: _Line) -> Room:
        """What may be claimed now: free places, for the kinds of which an order may go out."""
        questions = self._concurrency * QUESTIONS_PER_ORDER - line.questions
        orders = self._concurrency - line.orders
        if provider == ANY_PROVIDER or orders <= 0:
            return Room(0, questions, {}, {})
        lanes = self._context.lanes
        if lanes.limits_in_flight(provider):
            try:
                counted = await work.count_in_flight(self._pool, provider)
            except DRIVER_ERRORS:  # the claim that follows logs it
                return Room(0, questions, {}, {})
            lanes.set_in_flight(provider, counted.jobs, at=counted.at)
        unstorable = STORED_KINDS if self._context.storage.refuses else set[Kind]()
        kinds = [kind for kind in Kind if kind not in unstorable]
        room = {kind: min(lanes.lane(provider, kind).room, orders) for kind in kinds}
        away = {kind: orders for kind in kinds if lanes.lane(provider, kind).breaker == "open"}
        return Room(orders, questions, {kind: most for kind, most in room.items() if most > 0}, away)

    def _lane_seconds(self, provider: str) -> float | None:
        """How long until an order may go out again; None when nothing holds orders up."""
        waits = [wait for kind in Kind if (wait := self._context.lanes.lane(provider, kind).wait_seconds) > 0]
        return min(waits, default=None)

    async def _exchange(self, provider: str, line: _Line, room: Room) -> tuple[list[Claim], float]:
        """Give back what is done, and claim. Returns the claims, and since when they are held."""
        releases, line.releases = line.releases, []
        if not releases and room.orders <= 0 and room.questions <= 0:
            return [], 0.0
        try:
            claims, since = await self._queue.exchange(provider, room, releases)
        except DRIVER_ERRORS as error:
            line.releases = [*releases, *line.releases]
            if self._claim_throttle.should_log():
                logger.warning("could not claim", provider=provider, error=type(error).__name__)
            await wait_for_event(self._stopping, DATABASE_RETRY_SECONDS)
            return [], 0.0
        self._claim_throttle.reset()
        for release in releases:
            if release.due_seconds is not None and release.due_seconds < IDLE_SECONDS:
                self._wake(self._lines.get(release.provider, line), release.due_seconds)
        return claims, since

    async def _start(
        self, provider: str, line: _Line, claims: list[Claim], *, since: float, group: asyncio.TaskGroup
    ) -> None:
        """Read the streams of the tasks at once, and work on each of them."""
        leased_until = since + self._lease_seconds
        new: list[Claim] = []
        for claim in claims:
            if claim.task_id in self._claimed:  # its lease had run out unnoticed: its step goes on
                self._claimed[claim.task_id].epoch = claim.epoch
                self._leased_until[claim.task_id] = leased_until
            else:
                new.append(claim)
        if not new:
            return
        try:
            histories = await self._context.log.streams([claim.stream for claim in new])
        except LogUnavailable as error:
            logger.warning("tasks put off", tasks=len(new), error=str(error))
            line.releases += [Release(claim.task_id, claim.epoch, DATABASE_RETRY_SECONDS, provider) for claim in new]
            return
        for claim in new:
            claimed = self._fold(claim, histories[claim.stream], line, provider)
            if claimed is None:
                continue
            self._claimed[claim.task_id] = claimed
            self._leased_until[claim.task_id] = leased_until
            self._count(line, is_order=claim.is_order, by=1)
            self._running[claim.task_id] = group.create_task(self._work(line, claim, claimed))

    def _fold(self, claim: Claim, history: list[Recorded], line: _Line, provider: str) -> ClaimedTask | None:
        """The task from its events; None for one that nothing can be done for."""
        try:
            known = commands.fold(history)
        except Rejected as error:
            logger.warning("task can't go on", task_id=claim.task_id, code=error.code, error=error.message)
            line.releases.append(Release(claim.task_id, claim.epoch, ERROR_RETRY_SECONDS, provider))
            return None
        if known.request is None:
            line.releases.append(Release(claim.task_id, claim.epoch, None))
            return None
        lease_valid = partial(self._lease_valid, claim.task_id)
        return ClaimedTask(
            self._context, claim.stream, known.request, known, claim.epoch, lease_valid, is_order=claim.is_order
        )

    def _count(self, line: _Line, *, is_order: bool, by: int) -> None:
        if is_order:
            line.orders += by
        else:
            line.questions += by

    # --- Working ---

    async def _work(self, line: _Line, claim: Claim, claimed: ClaimedTask) -> None:
        due_seconds: float | None = DATABASE_RETRY_SECONDS
        try:
            due_seconds = await execution.advance(claimed)
        except Conflict:
            due_seconds = 0.0  # another worker moved it: look again
        except LogUnavailable as error:
            logger.warning("step put off", task_id=claim.task_id, error=str(error))
        except Rejected as error:
            logger.warning("task can't go on", task_id=claim.task_id, code=error.code, error=error.message)
            due_seconds = ERROR_RETRY_SECONDS
        except Exception:  # the worker's loop: one task's error must not stop the others
            logger.exception("step failed", task_id=claim.task_id)
            due_seconds = ERROR_RETRY_SECONDS
        finally:
            self._count(line, is_order=claim.is_order, by=-1)
            self._running.pop(claim.task_id, None)
            self._claimed.pop(claim.task_id, None)
            self._leased_until.pop(claim.task_id, None)
        line.releases.append(_release(claimed, due_seconds))
        line.wanted.set()

    def _lease_valid(self, task_id: str) -> bool:
        """Whether the lease is certainly ours, by our clock: it began after the claim was sent, so ends after this."""
        return asyncio.get_running_loop().time() < self._leased_until.get(task_id, 0.0)

    async def _renew_leases(self) -> None:
        """Renew the leases well before they end. A step whose lease is lost goes on: its result should be recorded, and
        the log refuses an append if another worker has decided meanwhile."""
        turn = 0
        while True:
            try:
                held, since = list(self._claimed), asyncio.get_running_loop().time()
                kept = await work_queue.renew(
                    self._pool,
                    worker=self._context.worker,
                    tasks=held,
                    lease_seconds=self._lease_seconds,
                    state=msgspec.json.encode(self.state()),
                )
                self._leased_until.update(
                    {task_id: since + self._lease_seconds for task_id in kept if task_id in self._leased_until}
                )
                lost = [task_id for task_id in set(held) - set(kept) if task_id in self._claimed]
                if lost:
                    logger.warning("leases lost", tasks=lost)
                if turn % RESTORE_EVERY == 0:
                    await work_queue.restore(self._pool)
                    await work_queue.forget_workers(self._pool)
                self._lease_throttle.reset()
            except DRIVER_ERRORS as error:
                if self._lease_throttle.should_log():
                    logger.warning("could not renew leases", error=type(error).__name__)
            turn += 1
            await asyncio.sleep(self._lease_seconds / 3)


_NO_ROOM = Room(0, 0, {}, {})


def _release(claimed: ClaimedTask, due_seconds: float | None) -> Release:
    return Release(
        task_id=claimed.request.task,
        epoch=claimed.epoch,
        due_seconds=due_seconds,
        provider=claimed.provider_name,
        kind=claimed.request.kind,
        is_order=claimed.needs_order,
        has_fallback=bool(claimed.task.fallbacks),
        deadline=next_deadline(claimed.task),
    )
