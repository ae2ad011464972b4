"""The reaction: claims due calls, records the intent, makes the call, and turns what it sees into facts.

The event log decides who may call: an intent is appended at the version it was decided on, so of two workers that both
believe they hold a task only one can. The lease merely saves work. What is seen is recorded even when the lease is
lost, because it may have been paid for."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol, assert_never
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec

from application import clock, commands, outputs, poll_schedule
from application.ports import (
    AssetsUnavailable,
    Cause,
    Conflict,
    InputReader,
    InputUnavailable,
    Log,
    LogUnavailable,
    Provider,
    Receipt,
    Spooled,
    SpoolUnavailable,
    StepLogger,
    Unreadable,
)
from application.rate_limits import Lanes
from application.spool_recovery import recover
from application.storage import Storage
from domain import model
from domain.base import replace
from domain.ids import model_stream
from domain.model import Kind, Model, ModelEvent, ModelSpec
from domain.provider import CannotTell, Finished, NotFound, NotSent, NoVerdict, Order, Refused, Sighting
from domain.task import output_fetch, provider_call
from domain.task.events import Fallback, TaskEvent, TaskRequested
from domain.task.state import (
    Call,
    CallState,
    Delivery,
    Done,
    Fetch,
    MakeCall,
    Reconcile,
    ServingModel,
    Stop,
    Task,
    Watch,
    expire,
    next_step,
)

RECORD_RETRY_SECONDS = 0.5
RETRY_SOON_SECONDS = 0.2
RETRY_LATER_SECONDS = 5.0
OVER_BUDGET_SECONDS = 30.0  # the sums of a day are not read for each waiting task all the time


class OverBudget(Protocol):
    """Which of the models that may take over a budget does not bear now, each with why. Raises LogUnavailable."""

    async def __call__(self, stream: UUID, request: TaskRequested, others: Sequence[Fallback]) -> Mapping[str, str]: ...


class WorkerContext(NamedTuple):
    """What a step needs. `worker` is new for each process start."""

    log: Log
    providers: Mapping[str, Provider]
    storage: Storage
    inputs: InputReader
    lanes: Lanes
    worker: str
    log_step: StepLogger
    over_budget: OverBudget


async def advance(context: WorkerContext, stream: UUID, *, epoch: int, lease_valid: Callable[[], bool]) -> float | None:
    """Do all that is due for one task; returns in how many seconds to come back, None when nothing is left to do.
    `held` says whether the lease is ours for certain: who may have lost it does not call.

    Raises Conflict when another worker has the task, LogUnavailable before anything was sent."""
    known = await commands.load(context.log, stream)
    if known.request is None:
        return None
    job = _Job(context, stream, known.request, known, epoch, lease_valid)
    while True:
        before = job.known.version
        wait = await _step(job)
        if wait != 0:
            return wait
        if job.known.version == before:  # nothing was recorded here: somebody else has moved the task
            job.known = await commands.load(context.log, stream)
        job.due = False


@dataclass
class _Job:
    """One task in the hands of one worker. `known` is the task as this worker last read or wrote it: an append at its
    version fails if anybody has written since. `due`: it was claimed for this step, because its time has come or a
    callback says that there is news; the steps after that may be early."""

    context: WorkerContext
    stream: UUID
    request: TaskRequested
    known: commands.Outcome
    epoch: int
    lease_valid: Callable[[], bool]
    due: bool = True

    @property
    def state(self) -> Task:
        return self.known.task

    async def append(self, intent: list[TaskEvent]) -> Receipt:
        """Append an intent, at the version that it was decided on, and in one try: if the stream has moved, whoever
        moved it may have made the call. Raises Conflict, LogUnavailable."""
        receipt = await self.context.log.append(self.stream, self.known.version, intent, self.cause)
        self.known = self.known.after(intent, receipt.version)
        return receipt

    async def record(
        self, decision: Callable[[Task], list[TaskEvent]], *, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> commands.Outcome:
        """Record news, however long the log is away: it may have been paid for. `meanwhile`: until it is recorded."""
        known: commands.Outcome | None = self.known
        while True:
            try:
                self.known = await commands.decide(self.context.log, self.stream, decision, self.cause, known=known)
            except (LogUnavailable, Conflict):
                known = None  # what was appended may be stored all the same: the stream says whether
                if meanwhile:
                    await meanwhile()
                await asyncio.sleep(RECORD_RETRY_SECONDS)
            else:
                return self.known

    async def over_budget(self) -> Mapping[str, str]:
        """Which of the other models may not take over now: asked for before the decision, and known however long it
        takes."""
        while self.state.fallbacks:
            try:
                return await self.context.over_budget(self.stream, self.request, self.state.fallbacks)
            except LogUnavailable:
                await asyncio.sleep(RECORD_RETRY_SECONDS)
        return {}

    @property
    def cause(self) -> Cause:
        return Cause(actor=f"worker:{self.context.worker}", correlation_id=self.request.task)

    @property
    def provider_name(self) -> str:
        """Who has the call that matters; before the first, and for the next, who serves the model."""
        call = self.state.call
        if call and (call.state.open or self.state.status.final or self.state.delivery):
            return call.provider
        return model.split_model_id(self.state.model.model if self.state.model else self.request.model)[0]

    @property
    def provider(self) -> Provider | None:
        return self.context.providers.get(self.provider_name)

    async def order(self, call_id: str, account: str) -> Order | None:
        """The order of a call: the same one whenever and wherever it is asked for, but for the reference media."""
        serving = self.state.model
        spec = await _spec(self.context.log, serving) if serving else None
        if serving is None or spec is None:
            return None
        return Order(
            task_id=self.request.task,
            call_id=call_id,
            kind=self.request.kind,
            model=serving.model,
            spec=spec,
            params=self.request.params,
            account=account,
        )

    async def order_of(self, call: Call) -> Order | None:
        """The order of a call that was made, and when that was."""
        order = await self.order(call.id, call.account or "")
        return replace(order, called_at=call.at) if order else None

    @property
    def revision(self) -> int:
        return self.state.model.model_revision if self.state.model else self.request.model_revision


async def _step(job: _Job) -> float | None:
    """One step. Returns 0 to look again at once."""
    step, call = next_step(job.state), job.state.call
    if expire(job.state, at=clock.now()):
        wait = await _last_look(job, call) if call and call.state.open else 0
        if not wait:
            await job.record(lambda current: expire(current, at=clock.now()))
        return wait
    match step:
        case Done():
            return None
        case MakeCall(not_before=not_before):
            early = (not_before - clock.now()).total_seconds() if not_before else 0.0
            return early if early > 0 else await _call(job)
        case Watch(job=name) if call:
            return await _watch(job, call, name)
        case Stop(job=name) if call:
            return await _stop(job, call, name)
        case Reconcile(in_doubt=in_doubt) if call:
            return await _reconcile(job, call, in_doubt=in_doubt)
        case Fetch(not_before=not_before) if call and job.state.delivery:
            early = (not_before - clock.now()).total_seconds() if not_before else 0.0
            return early if early > 0 else await _fetch(job, call, job.state.delivery)
        case Watch() | Reconcile() | Stop() | Fetch():
            return None  # all follow a call, so there is one
        case _:
            assert_never(step)


async def _call(job: _Job) -> float | None:
    provider, name = job.provider, job.provider_name
    if job.request.kind is not Kind.LLM and job.context.storage.refuses:
        return RETRY_LATER_SECONDS  # what can't be kept is not paid for
    attempt = job.state.call.attempt + 1 if job.state.call else 1
    account = provider.account(job.request.kind) if provider else None
    order = await job.order(f"{job.request.task}.{attempt}", account or "")
    lane = job.context.lanes.lane(name, job.request.kind)
    if provider is None or order is None or account is None or lane.breaker == "open":
        return await _fall_back(job, "provider_unavailable")
    if lane.wait_seconds > 0:
        return lane.wait_seconds
    try:
        inputs = await job.context.inputs(order.params.get("imageInputs") or [], takes_urls=provider.takes_urls)
    except InputUnavailable as error:
        return await _inputs_failed(job, error)
    now = clock.now()
    intent = provider_call.start_call(
        job.state,
        provider=name,
        call=order.call_id,
        digest=hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest(),
        worker=job.context.worker,
        epoch=job.epoch,
        account=account,
        at=now,
    )
    if not intent:
        return RETRY_SOON_SECONDS
    if not job.lease_valid():
        raise Conflict("the lease ran out before the call")
    with lane.try_acquire_submit() as permit:
        if permit.wait_seconds > 0:
            return permit.wait_seconds
        receipt = await job.append(intent)
        permit.position = receipt.position
        job.context.log_step("provider called", task_id=order.task_id, call_id=order.call_id, position=receipt.position)
        if job.lease_valid():
            seen = await provider.submit(replace(order, inputs=inputs, called_at=now))
            permit.record_outcome(seen)
        else:  # we slept: another worker may have taken over, and may find that nothing had arrived
            seen = NotSent(reason="the lease ran out before the call was sent")
    return await _record(job, order, seen)


async def _fall_back(job: _Job, reason: str) -> float | None:
    """The provider can't be had now: the next model takes over if the caller allows one; else the task waits."""
    over = await job.over_budget()
    if provider_call.fall_back(job.state, reason=reason, at=clock.now(), over_budget=over):
        await job.record(
            lambda current: provider_call.fall_back(current, reason=reason, at=clock.now(), over_budget=over)
        )
        return 0
    if over:
        job.context.log_step("no model may take over", task_id=job.request.task, over_budget=sorted(over))
        return OVER_BUDGET_SECONDS
    return RETRY_LATER_SECONDS  # another worker may know the provider; the deadline ends it otherwise


async def _inputs_failed(job: _Job, error: InputUnavailable) -> float | None:
    if error.retryable:
        return RETRY_LATER_SECONDS
    await job.record(
        lambda current: provider_call.inputs_failed(current, code=error.code, message=error.message, at=clock.now())
    )
    return 0


async def _watch(job: _Job, call: Call, name: str) -> float | None:
    order = await job.order_of(call)
    if job.provider is None or order is None:
        return RETRY_LATER_SECONDS
    usual, age = job.provider.expected_seconds(order), (clock.now() - call.at).total_seconds()
    early = poll_schedule.first_poll_after(usual) - age
    if early > 0 and not job.due:
        return early
    lane = job.context.lanes.lane(call.provider, job.request.kind)
    early = lane.try_acquire_poll()
    if early > 0:
        return early
    seen = await job.provider.poll(order, name)
    lane.record_outcome(seen)
    wait = await _record(job, order, seen)
    if wait == 0 and not isinstance(seen, Finished):
        return poll_schedule.next_poll_in(age, usual)
    return wait


async def _last_look(job: _Job, call: Call) -> float:
    """The time of a call that may have been paid for is over: what became of it is asked once more, because a clock may
    have jumped, and a question may have been late. Returns in how many seconds to come back, 0 when that is done."""
    if await job.context.storage.has(call.id):
        return await _recover_from_spool(job, call) or 0
    order = await job.order_of(call)
    if job.provider is None or order is None:
        return 0
    if call.state is CallState.ACCEPTED and call.job is not None:
        lane = job.context.lanes.lane(call.provider, job.request.kind)
        early = lane.try_acquire_poll()
        if early > 0:
            return early
        seen = await job.provider.poll(order, call.job)
        lane.record_outcome(seen)
        await _record(job, order, seen)
        return 0
    wait = await _reconcile(job, call, in_doubt=call.state is CallState.IN_DOUBT)
    return RETRY_SOON_SECONDS if wait == 0 else 0  # a doubt that is settled may be a job to look at


async def _stop(job: _Job, call: Call, name: str) -> float | None:
    order = await job.order_of(call)
    if job.provider is None or order is None:
        return RETRY_LATER_SECONDS
    result = await job.provider.cancel(order, name)
    outcome = await job.record(lambda current: provider_call.cancelled(current, answer=result, at=clock.now()))
    job.context.log_step(
        "provider asked to stop", task_id=job.request.task, said=result.outcome, version=outcome.version
    )
    return 0


async def _reconcile(job: _Job, call: Call, *, in_doubt: bool) -> float | None:
    """A call without an outcome, and its maker no longer holds the task: a doubt, to be settled by evidence; unless its
    result is here, put aside by a process that died."""
    if await job.context.storage.has(call.id):
        return await _recover_from_spool(job, call)
    if not in_doubt:
        lost = "the worker that made the call is gone"
        await job.record(
            lambda current: provider_call.mark_in_doubt(current, call=call.id, reason=lost, at=clock.now())
        )
        return 0
    provider, order = job.provider, await job.order_of(call)
    if order is None:
        return RETRY_LATER_SECONDS
    finding = await provider.lookup(order) if provider else CannotTell(reason="the provider is not configured")
    if isinstance(finding, NoVerdict):
        return RETRY_LATER_SECONDS
    if provider and isinstance(finding, NotFound):
        trusted_at = call.at + timedelta(seconds=provider.lookup_after_seconds)
        early = (trusted_at - clock.now()).total_seconds()
        if early > 0:  # the request may still be on its way
            return early
    await job.record(lambda current: provider_call.reconcile(current, call=call.id, finding=finding, at=clock.now()))
    job.context.log_step("doubt looked up", task_id=job.request.task, call_id=call.id, finding=type(finding).__name__)
    return 0


async def _fetch(job: _Job, call: Call, open_delivery: Delivery) -> float | None:
    """Bring home the outputs of a call that is paid for."""
    provider, order = job.provider, await job.order_of(call)
    if provider is None or order is None:
        return RETRY_LATER_SECONDS
    if job.context.storage.exhausted:
        return RETRY_LATER_SECONDS
    seen = await outputs.fetch(
        job.context.storage,
        provider,
        order,
        open_delivery.outputs,
        job=call.job,
        waited_seconds=(clock.now() - open_delivery.since).total_seconds(),
    )
    if not seen.assets and not seen.failed and open_delivery.outputs:
        return RETRY_LATER_SECONDS  # all of it is put aside, here or elsewhere
    outcome = await job.record(lambda current: output_fetch.fetched(current, call=call.id, seen=seen, at=clock.now()))
    job.context.log_step(
        "outputs fetched",
        task_id=job.request.task,
        call_id=call.id,
        kept=len(seen.assets),
        failed=[missing.message for missing in seen.failed],
        version=outcome.version,
    )
    return 0


def _loggable_reason(seen: Sighting) -> str | None:
    """What can be told of it without the provider's words, which may repeat the prompt."""
    match seen:
        case Refused(code=code, provider_code=provider_code):
            return f"{code} ({provider_code})" if provider_code else code
        case NotSent(reason=reason):
            return reason
        case _:
            return None


async def _record(job: _Job, order: Order, seen: Sighting) -> float | None:
    """Turn a sighting into facts. Outputs are kept first: a task is completed when its media are safe."""
    if isinstance(seen, Finished):
        outcome = await _secure_result(job, order, seen)
    else:
        over = await job.over_budget() if isinstance(seen, Refused | NotSent) else provider_call.NONE_OVER_BUDGET
        outcome = await job.record(
            lambda current: provider_call.observe(
                current, call=order.call_id, seen=seen, at=clock.now(), over_budget=over
            )
        )
    job.context.log_step(
        "provider seen",
        task_id=job.request.task,
        call_id=order.call_id,
        seen=type(seen).__name__,
        why=_loggable_reason(seen),
        facts=[type(fact).__name__ for fact in outcome.added],
        version=outcome.version,
    )
    return 0


async def _secure_result(job: _Job, order: Order, finished: Finished) -> commands.Outcome:
    """From here until it is recorded the result is in hand: no stop, no absence of log or store, and no mistake of ours
    may lose it."""
    storage = job.context.storage
    result = Spooled(task=order.task_id, call=order.call_id, finished=finished)
    with ExitStack() as hand:
        hand.enter_context(storage.hold(result.task))
        aside = False

        async def put_aside() -> None:
            nonlocal aside
            if not aside:
                with suppress(SpoolUnavailable):
                    await outputs.spool(storage, result)
                    aside = True
                    hand.close()

        try:
            result = outputs.priced(order, finished, revision=job.revision)
            news = await outputs.secure(storage, result)
            return await job.record(
                lambda current: provider_call.observe(current, call=order.call_id, seen=news, at=clock.now()),
                meanwhile=put_aside,
            )
        except Exception:  # handed on
            await outputs.rescue(storage, result)
            raise


async def _recover_from_spool(job: _Job, call: Call) -> float | None:
    """The result is in this machine's spool."""
    try:
        known = await recover(job.context.log, job.context.storage, call.id, job.cause, known=job.known)
    except (AssetsUnavailable, SpoolUnavailable) as error:
        job.context.log_step(
            "outputs could not be kept yet", task_id=job.request.task, call_id=call.id, error=str(error)
        )
        return RETRY_LATER_SECONDS
    job.known = known or job.known
    return 0


_specs: WeakKeyDictionary[Log, dict[tuple[str, int], ModelSpec]] = WeakKeyDictionary()
_MAX_SPECS = 2000


async def _spec(log: Log, wanted: ServingModel) -> ModelSpec | None:
    """The model as it stood when the request was accepted. A revision never changes, so each log's are remembered."""
    known, key = _specs.setdefault(log, {}), (wanted.model, wanted.model_revision)
    if key not in known:
        state = Model()
        for recorded in await log.stream(model_stream(wanted.model)):
            event = recorded.event
            if isinstance(event, ModelEvent) and state.revision < wanted.model_revision:
                state = model.evolve(state, event)
            if isinstance(event, Unreadable):
                return None
        if state.spec is None or state.revision != wanted.model_revision:
            return None
        if len(known) >= _MAX_SPECS:
            known.clear()
        known[key] = state.spec
    return known[key]
