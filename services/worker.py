"""The background worker: claims due tasks of each provider, a bounded number at a time, and renews their leases."""

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial

import msgspec
import structlog

from adapters.postgres import leases
from adapters.postgres.database import DRIVER_ERRORS, Pool
from adapters.postgres.leases import Claim
from adapters.providers.keyring import KeyState
from application import execution
from application.claimed_task import WorkerContext
from application.log_throttle import LogThrottle
from application.ports import AssetsUnavailable, Cause, Conflict, LogUnavailable, SpoolUnavailable
from application.rate_limits import LaneState
from application.spool_recovery import recover
from application.storage import NotMeasured, StorageState
from application.wakeup import wait_for_event
from domain.base import Rejected, Value
from domain.model import Kind
from projections import work_list as work

IDLE_SECONDS = 0.25
AWAY_SECONDS = 1.0
STUCK_SECONDS = 30.0
HOLDING_SECONDS = 5.0
SWEEP_EVERY = 60
SPOOL_SECONDS = (1.0, 15.0)  # between two reads of the spool: at first, and at most while results can't be stored
STORED_KINDS = [kind for kind in Kind if kind is not Kind.LLM]

logger = structlog.get_logger("pixel.worker")


def new_worker_id() -> str:
    """A new id at each start of a process: the leases of the process before are not its own."""
    return f"{os.getpid()}-{os.urandom(4).hex()}"


class WorkerState(Value):
    """The state that a worker publishes: its lanes, and each provider's keys by their fingerprints."""

    lanes: list[LaneState] = []
    keys: dict[str, list[KeyState]] = {}
    storage: StorageState = StorageState()


class Worker:
    """Works off the list until `stop`; then it finishes its steps in hand."""

    def __init__(
        self,
        context: WorkerContext,
        pool: Pool,
        *,
        concurrency: int,
        lease_seconds: float,
        keys: Callable[[], dict[str, list[KeyState]]],
    ) -> None:
        self._context = context
        self._keys = keys
        self._pool = pool
        self._concurrency = concurrency
        self._lease_seconds = lease_seconds
        self._wake_up: dict[str, asyncio.Event] = {}
        self._stopping = asyncio.Event()
        self._steps: dict[str, asyncio.Task[None]] = {}
        self._busy: dict[str, int] = {}
        self._leased_until: dict[str, float] = {}
        self._stopped_at = 0.0
        self._drained = asyncio.Event()
        self._claim_throttle, self._lease_throttle = LogThrottle(), LogThrottle()

    def wake(self, _: int = 0) -> None:
        """Claim at once: the work list has moved."""
        for wanted in self._wake_up.values():
            wanted.set()

    @property
    def busy(self) -> dict[str, int]:
        """Steps under way, by provider."""
        return dict(self._busy)

    def state(self) -> WorkerState:
        """The state now."""
        storage = self._context.storage.state()
        return WorkerState(lanes=self._context.lanes.states(), keys=self._keys(), storage=storage)

    async def run(self, providers: Iterable[str]) -> None:
        """Claim and work until `stop`, then return when the steps in hand are done."""
        try:
            await self._context.storage.scan()
            async with asyncio.TaskGroup() as group:
                renewals = group.create_task(self._renew_leases())
                spool = group.create_task(self._empty_spool())
                loops = [group.create_task(self._claim_loop(provider, group)) for provider in providers]
                await self._stopping.wait()
                await asyncio.gather(*loops)
                if self._steps:
                    await asyncio.wait(list(self._steps.values()))
                spool.cancel()
                renewals.cancel()
        finally:
            self._drained.set()

    def stop(self) -> None:
        """Claim nothing more."""
        if not self._stopping.is_set():
            self._stopped_at = asyncio.get_running_loop().time()
            self._stopping.set()
            self.wake()

    async def drain(self, seconds: float) -> None:
        """Stop, and wait for the steps in hand, for at most so many seconds from the stop.

        Later steps are cancelled, and left to other workers. Only a step whose result is nowhere but in memory is
        waited for until the result is stored."""
        self.stop()
        left = self._stopped_at + seconds - asyncio.get_running_loop().time()
        while not await wait_for_event(self._drained, max(left, 0.0)):
            holds = self._context.storage.holds
            late = [step for task, step in self._steps.items() if not holds(task)]
            for step in late:
                step.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
            held = [task for task in self._steps if holds(task)]
            if not held:
                break
            logger.error("results in hand can't be kept, so the stop waits for them", tasks=held)
            left = HOLDING_SECONDS
        try:
            await leases.deregister(self._pool, worker=self._context.worker)
        except DRIVER_ERRORS as error:
            logger.warning("could not sign off", error=type(error).__name__)

    async def _claim_loop(self, provider: str, group: asyncio.TaskGroup) -> None:
        self._busy[provider] = 0
        wanted = self._wake_up[provider] = asyncio.Event()
        while not self._stopping.is_set():
            wanted.clear()
            free = self._concurrency - self._busy[provider]
            since = asyncio.get_running_loop().time()
            claims = await self._claim(provider, free) if free > 0 else []
            for claim in claims:
                self._leased_until[claim.task_id] = since + self._lease_seconds
                if claim.task_id in self._steps:  # the lease had run out unnoticed, and the step goes on
                    continue
                self._busy[provider] += 1
                self._steps[claim.task_id] = group.create_task(self._work(provider, claim))
            if len(claims) < max(free, 1):
                await wait_for_event(wanted, IDLE_SECONDS)

    async def _claim(self, provider: str, limit: int) -> list[Claim]:
        lanes = self._context.lanes
        try:
            if lanes.limits_in_flight(provider):
                counted = await work.count_in_flight(self._pool, provider)
                lanes.set_in_flight(provider, counted.jobs, at=counted.at)
            refused = STORED_KINDS if self._context.storage.refuses else []
            claims = await leases.claim(
                self._pool,
                provider=provider,
                worker=self._context.worker,
                limit=limit,
                lease_seconds=self._lease_seconds,
                paused=[*lanes.paused_kinds(provider), *refused],
            )
        except DRIVER_ERRORS as error:
            if self._claim_throttle.should_log():
                logger.warning("could not claim", provider=provider, error=type(error).__name__)
            await wait_for_event(self._stopping, AWAY_SECONDS)
            return []
        self._claim_throttle.reset()
        return claims

    async def _work(self, provider: str, claim: Claim) -> None:
        due_seconds = AWAY_SECONDS
        try:
            held = partial(self._lease_valid, claim.task_id)
            wait = await execution.advance(self._context, claim.stream, epoch=claim.epoch, lease_valid=held)
            # Nothing to do: the list learns of it in a moment. Only an admin may add something later.
            due_seconds = AWAY_SECONDS if wait is None else wait
        except Conflict:
            due_seconds = 0.0  # another worker moved it: look again
        except LogUnavailable as error:
            logger.warning("step put off", task_id=claim.task_id, error=str(error))
        except Rejected as error:
            logger.warning("task can't go on", task_id=claim.task_id, code=error.code, error=error.message)
            due_seconds = STUCK_SECONDS
        except Exception:  # the worker's loop: one task's error must not stop the others
            logger.exception("step failed", task_id=claim.task_id)
            due_seconds = STUCK_SECONDS
        finally:
            self._busy[provider] -= 1
            self._steps.pop(claim.task_id, None)
            self._leased_until.pop(claim.task_id, None)
        await self._release(claim, due_seconds)
        self._wake_up[provider].set()

    def _lease_valid(self, task_id: str) -> bool:
        """Whether the lease is certainly ours, by our clock: it began after the claim was sent, so ends after this."""
        return asyncio.get_running_loop().time() < self._leased_until.get(task_id, 0.0)

    async def _release(self, claim: Claim, due_seconds: float) -> None:
        try:
            await leases.release(
                self._pool, worker=self._context.worker, task_id=claim.task_id, due_seconds=due_seconds
            )
        except DRIVER_ERRORS as error:  # the lease runs out by itself
            logger.warning("could not release", task_id=claim.task_id, error=type(error).__name__)

    async def _empty_spool(self) -> None:
        """Store the results in the spool, of this process or one before it, as soon as the asset store takes them."""
        storage, cause = self._context.storage, Cause(actor=f"worker:{self._context.worker}")
        pause, complained = SPOOL_SECONDS[0], ""
        while True:
            storage.result_spooled.clear()
            names, stuck = await storage.scan(), ""
            for name in names:
                try:
                    await recover(self._context.log, storage, name, cause)
                except (NotMeasured, SpoolUnavailable, Conflict, Rejected) as error:  # this one; others may go
                    stuck = f"{name}: {error}"
                except (AssetsUnavailable, LogUnavailable) as error:
                    stuck = str(error)
                    break
                except Exception:  # the spool's loop: one result's error must not stop the others
                    stuck = f"{name}: unforeseen"
                    if stuck != complained:
                        logger.exception("a result can't be brought in", name=name)
            if stuck and stuck != complained:
                logger.warning("results wait in the spool", results=len(names), error=stuck)
            pause = min(2 * pause, SPOOL_SECONDS[1]) if stuck else SPOOL_SECONDS[0]
            complained = stuck
            await wait_for_event(storage.result_spooled, pause)

    async def _renew_leases(self) -> None:
        """Renew the leases well before they end. A step whose lease is lost goes on: its result should be recorded, and
        the log refuses an append if another worker has decided meanwhile."""
        turn = 0
        while True:
            try:
                held, since = list(self._steps), asyncio.get_running_loop().time()
                kept = await leases.renew(
                    self._pool,
                    worker=self._context.worker,
                    tasks=held,
                    lease_seconds=self._lease_seconds,
                    state=msgspec.json.encode(self.state()),
                )
                self._leased_until.update(
                    {task_id: since + self._lease_seconds for task_id in kept if task_id in self._leased_until}
                )
                lost = [task_id for task_id in set(held) - set(kept) if task_id in self._steps]
                if lost:
                    logger.warning("leases lost", tasks=lost)
                if turn % SWEEP_EVERY == 0:
                    await leases.sweep(self._pool)
                self._lease_throttle.reset()
            except DRIVER_ERRORS as error:
                if self._lease_throttle.should_log():
                    logger.warning("could not renew leases", error=type(error).__name__)
            turn += 1
            await asyncio.sleep(self._lease_seconds / 3)
