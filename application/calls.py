"""The reaction: claims due calls, records the intent, makes the call, and turns what it sees into facts.

The event log decides who may call: an intent is appended at the version it was decided on, so of two workers that both
believe they hold a task only one can. The lease merely saves work. What is seen is recorded even when the lease is
lost, because it may have been paid for."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple, Protocol, assert_never
from uuid import UUID

import msgspec

from application import tasks
from application.ports import (
    AssetStore,
    AssetsUnavailable,
    Cause,
    Conflict,
    Log,
    LogUnavailable,
    Provider,
    Unreadable,
    UnreadableOutput,
)
from domain import model, paid_call, task
from domain.ids import model_stream
from domain.model import Model, ModelEvent, ModelSpec
from domain.provider import Asset, CannotTell, Finished, Kept, Missing, NotFound, NotSent, Order, Sighting, Unclear
from domain.task import Call, MakeCall, Nothing, Settle, Stop, Task, TaskEvent, TaskRequested, Watch

RECORD_RETRY_SECONDS = 0.5
KEEP_TRIES = 8
SHORTEST_POLL_SECONDS = 0.2
LONGEST_POLL_SECONDS = 5.0


class Note(Protocol):
    """Called once for every step, to be logged: what was done, and what came of it. No prompt goes in."""

    def __call__(self, event: str, **facts: object) -> None: ...


class Caller(NamedTuple):
    """What a step needs. `worker` is new for each process start."""

    log: Log
    providers: Mapping[str, Provider]
    assets: AssetStore
    worker: str
    note: Note


async def advance(caller: Caller, stream: UUID, *, epoch: int, held: Callable[[], bool]) -> float | None:
    """Do all that is due for one task; returns in how many seconds to come back, None when nothing is left to do.
    `held` says whether the lease is ours for certain: who may have lost it does not call.

    Raises Conflict when another worker has the task, LogUnavailable before anything was sent."""
    while True:
        state, version = await tasks.load(caller.log, stream)
        if state.request is None:
            return None
        wait = await _step(_Job(caller, stream, state, version, state.request, epoch, held))
        if wait != 0:
            return wait


class _Job(NamedTuple):
    """One task at one version, in the hands of one worker."""

    caller: Caller
    stream: UUID
    state: Task
    version: int
    request: TaskRequested
    epoch: int
    held: Callable[[], bool]

    async def record(self, decision: Callable[[Task], list[TaskEvent]]) -> tasks.Outcome:
        """Record news, however long the log is away: it may have been paid for."""
        while True:
            try:
                return await tasks.decide(self.caller.log, self.stream, decision, self.cause)
            except LogUnavailable:
                await asyncio.sleep(RECORD_RETRY_SECONDS)

    @property
    def cause(self) -> Cause:
        return Cause(actor=f"worker:{self.caller.worker}", correlation_id=self.request.task)

    @property
    def provider(self) -> Provider | None:
        name = self.state.call.provider if self.state.call else model.split_model_id(self.request.model)[0]
        return self.caller.providers.get(name)


async def _step(job: _Job) -> float | None:
    """One step. Returns 0 to look again at once."""
    if task.expire(job.state, at=tasks.now()):
        await job.record(lambda current: task.expire(current, at=tasks.now()))
        return 0
    step, call = task.next_step(job.state), job.state.call
    match step:
        case Nothing():
            return None
        case MakeCall(not_before=not_before):
            early = (not_before - tasks.now()).total_seconds() if not_before else 0.0
            return early if early > 0 else await _call(job)
        case Watch(job=name) if call:
            return await _watch(job, call, name)
        case Stop(job=name):
            return await _stop(job, name)
        case Settle(in_doubt=in_doubt) if call:
            return await _settle(job, call, in_doubt=in_doubt)
        case Watch() | Settle():
            return None  # both follow a call, so there is one
        case _:
            assert_never(step)


async def _call(job: _Job) -> float | None:
    requested, provider = job.request, job.provider
    spec = await _spec(job.caller.log, requested)
    if provider is None or spec is None:
        return LONGEST_POLL_SECONDS  # another worker may know the provider; the deadline ends it otherwise
    attempt = job.state.call.attempt + 1 if job.state.call else 1
    order = Order(
        task_id=requested.task,
        call_id=f"{requested.task}.{attempt}",
        kind=requested.kind,
        model=requested.model,
        spec=spec,
        params=requested.params,
    )
    intent = paid_call.call(
        job.state,
        provider=model.split_model_id(requested.model)[0],
        call=order.call_id,
        digest=hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest(),
        worker=job.caller.worker,
        epoch=job.epoch,
        at=tasks.now(),
    )
    if not intent:
        return SHORTEST_POLL_SECONDS
    if not job.held():
        raise Conflict("the lease ran out before the call")
    # One try only: if the stream has moved, whoever moved it may have made the call.
    receipt = await job.caller.log.append(job.stream, job.version, intent, job.cause)
    job.caller.note("provider called", task_id=order.task_id, call_id=order.call_id, position=receipt.position)
    if not job.held():  # we slept: another worker may have taken over, and may find that nothing had arrived
        return await _take(job, order.call_id, NotSent(reason="the lease ran out before the call was sent"))
    return await _take(job, order.call_id, await provider.submit(order))


async def _watch(job: _Job, call: Call, name: str) -> float | None:
    if job.provider is None:
        return LONGEST_POLL_SECONDS
    seen = await job.provider.poll(name)
    wait = await _take(job, call.id, seen)
    if wait == 0 and not isinstance(seen, Finished):
        # A fifth of the time that it has taken so far: dense at first, and never far behind in proportion.
        age = (tasks.now() - call.at).total_seconds()
        return min(max(age / 5, SHORTEST_POLL_SECONDS), LONGEST_POLL_SECONDS)
    return wait


async def _stop(job: _Job, name: str) -> float | None:
    if job.provider is None:
        return LONGEST_POLL_SECONDS
    answer = await job.provider.cancel(name)
    outcome = await job.record(lambda current: paid_call.cancelled(current, answer=answer, at=tasks.now()))
    job.caller.note("provider asked to stop", task_id=job.request.task, said=answer.outcome, version=outcome.version)
    return 0


async def _settle(job: _Job, call: Call, *, in_doubt: bool) -> float | None:
    """A call without an outcome, and its maker no longer holds the task: a doubt, to be settled by evidence."""
    if not in_doubt:
        lost = "the worker that made the call is gone"
        await job.record(lambda current: paid_call.doubt(current, call=call.id, reason=lost, at=tasks.now()))
        return 0
    provider = job.provider
    finding = await provider.lookup(call.id) if provider else CannotTell(reason="the provider is not configured")
    if isinstance(finding, Unclear):
        return LONGEST_POLL_SECONDS
    if provider and isinstance(finding, NotFound):
        trusted_at = call.at + timedelta(seconds=provider.lookup_after_seconds)
        early = (trusted_at - tasks.now()).total_seconds()
        if early > 0:  # the request may still be on its way
            return early
    await job.record(lambda current: paid_call.reconcile(current, call=call.id, finding=finding, at=tasks.now()))
    job.caller.note("doubt looked up", task_id=job.request.task, call_id=call.id, finding=type(finding).__name__)
    return 0


async def _take(job: _Job, call_id: str, seen: Sighting) -> float | None:
    """Turn a sighting into facts. Outputs are kept first: a task is completed when its media are safe."""
    try:
        news = await _keep(job.caller.assets, seen) if isinstance(seen, Finished) else seen
    except AssetsUnavailable as error:
        job.caller.note("outputs could not be kept yet", task_id=job.request.task, call_id=call_id, error=str(error))
        return LONGEST_POLL_SECONDS
    outcome = await job.record(lambda current: paid_call.observe(current, call=call_id, seen=news, at=tasks.now()))
    job.caller.note(
        "provider seen",
        task_id=job.request.task,
        call_id=call_id,
        seen=type(seen).__name__,
        facts=[type(fact).__name__ for fact in outcome.added],
        version=outcome.version,
    )
    return 0


async def _keep(assets: AssetStore, finished: Finished) -> Kept:
    """Store every output. What can't be read counts as missing; what can't be stored is tried again for a while."""
    kept: list[tuple[int, Asset]] = []
    missing = list(finished.missing)
    for output in finished.outputs:
        if output.text is None:
            try:
                kept.append((output.index, await _keep_one(assets, output.data)))
            except UnreadableOutput as error:
                missing.append(Missing(index=output.index, code="unreadable", message=str(error)))
    texts = [output.text for output in finished.outputs if output.text is not None]
    text = "\n".join(texts) if texts else None
    return Kept(assets=tuple(kept), text=text, missing=tuple(missing), usage=finished.usage)


async def _keep_one(assets: AssetStore, data: bytes) -> Asset:
    for attempt in range(KEEP_TRIES):
        try:
            return await assets.keep(data)
        except AssetsUnavailable:
            if attempt == KEEP_TRIES - 1:
                raise
            await asyncio.sleep(min(2.0**attempt / 4, LONGEST_POLL_SECONDS))
    raise AssetsUnavailable("never tried")


_specs: dict[tuple[str, int], ModelSpec] = {}
_MOST_SPECS = 2000


async def _spec(log: Log, requested: TaskRequested) -> ModelSpec | None:
    """The model as it stood when the request was accepted. A revision never changes, so it is remembered."""
    key = (requested.model, requested.model_revision)
    if key not in _specs:
        state = Model()
        for recorded in await log.stream(model_stream(requested.model)):
            event = recorded.event
            if isinstance(event, ModelEvent) and state.revision < requested.model_revision:
                state = model.evolve(state, event)
            if isinstance(event, Unreadable):
                return None
        if state.spec is None or state.revision != requested.model_revision:
            return None
        if len(_specs) >= _MOST_SPECS:
            _specs.clear()
        _specs[key] = state.spec
    return _specs[key]
