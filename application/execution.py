"""What does a worker do for a task that it has claimed? Step by step: call, poll, stop, reconcile, fetch.

The event log decides who may call: an intent is appended at the version that it was decided on, so of two workers that
both believe they have the task only one can. The lease only saves work. A sighting is recorded even when the lease is
lost, because it may have been paid for."""

import hashlib
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import assert_never

import msgspec

from application import clock, commands, outputs, poll_schedule
from application.claimed_task import ClaimedTask
from application.ports import AssetsUnavailable, Conflict, InputUnavailable, Spooled, SpoolUnavailable
from application.spool_recovery import recover
from domain.base import replace
from domain.model import Kind
from domain.provider import CannotTell, Finished, NotFound, NotSent, NoVerdict, Order, Refused, Sighting
from domain.task import output_fetch, provider_call, refusal
from domain.task.lifecycle import expire
from domain.task.next_step import CancelJob, Done, Fetch, MakeCall, PollJob, Reconcile, next_step
from domain.task.state import Call, CallState, Delivery

MAX_STEPS = 100  # of one claim; a whole task takes less than ten
RETRY_SOON_SECONDS = 0.2
RETRY_LATER_SECONDS = 5.0
OVER_BUDGET_SECONDS = 30.0  # between checks, because each reads the sums of the day


async def advance(claimed: ClaimedTask) -> float | None:
    """Do all that is due for one task. Returns the seconds to wait before the next claim; None when no step is left.

    Raises Conflict when another worker has the task, LogUnavailable before anything was sent, and Rejected
    `stream_unreadable`."""
    for _ in range(MAX_STEPS):
        before = claimed.known.version
        wait = await _step(claimed)
        if wait != 0:
            return wait
        if claimed.known.version == before:  # nothing was recorded here: another process has moved the task
            claimed.known = await commands.load(claimed.context.log, claimed.stream)
        claimed.due = False
    claimed.log_step("put off after many steps", version=claimed.known.version)
    return RETRY_LATER_SECONDS


async def _step(claimed: ClaimedTask) -> float | None:
    """Do the next step. Returns the seconds to wait before the one after it, None when there is none."""
    step, call = next_step(claimed.task), claimed.task.call
    if expire(claimed.task, at=clock.now()):
        wait = await _last_look(claimed, call) if call and call.state.open else 0
        if not wait:
            await claimed.record(lambda current: expire(current, at=clock.now()))
        return wait
    match step:
        case Done():
            return None
        case MakeCall(not_before=not_before):
            early = (not_before - clock.now()).total_seconds() if not_before else 0.0
            return early if early > 0 else await _make_call(claimed)
        case PollJob(job=job) if call:
            return await _poll_job(claimed, call, job)
        case CancelJob(job=job) if call:
            return await _cancel_job(claimed, call, job)
        case Reconcile(in_doubt=in_doubt) if call:
            return await _reconcile(claimed, call, in_doubt=in_doubt)
        case Fetch(not_before=not_before) if call and claimed.task.delivery:
            early = (not_before - clock.now()).total_seconds() if not_before else 0.0
            return early if early > 0 else await _fetch(claimed, call, claimed.task.delivery)
        case PollJob() | Reconcile() | CancelJob() | Fetch():
            return None  # never: each of them follows a call
        case _:
            assert_never(step)


async def _make_call(claimed: ClaimedTask) -> float | None:
    """Record the intent to call the provider, and only then call it."""
    provider, name = claimed.provider, claimed.provider_name
    if claimed.request.kind is not Kind.LLM and claimed.context.storage.refuses:
        return RETRY_LATER_SECONDS  # its result could not be stored
    attempt = claimed.task.call.attempt + 1 if claimed.task.call else 1
    order = await claimed.order(f"{claimed.request.task}.{attempt}", "")
    # The lane of a provider and a kind of work: its rate limits and its circuit breaker.
    lane = claimed.context.lanes.lane(name, claimed.request.kind)
    if provider is None or order is None or lane.breaker == "open":
        return await _fall_back(claimed, "provider_unavailable")
    if lane.wait_seconds > 0:
        return lane.wait_seconds
    if not claimed.is_order:
        return RETRY_SOON_SECONDS  # it is claimed again, as an order
    try:
        inputs = await claimed.context.inputs(order.params.get("imageInputs") or [], takes_urls=provider.takes_urls)
    except InputUnavailable as error:
        return await _inputs_failed(claimed, error)
    if not claimed.lease_valid():
        raise Conflict("the lease ran out before the call")
    with lane.try_acquire_submit() as permit:
        if permit.wait_seconds > 0:
            return permit.wait_seconds
        # Taken last, because the only try of a suspended key is used up by it.
        account = provider.account(claimed.request.kind)
        if account is None:
            return await _fall_back(claimed, "provider_unavailable")
        order, now = replace(order, account=account), clock.now()
        intent = provider_call.start_call(
            claimed.task,
            provider=name,
            call_id=order.call_id,
            digest=hashlib.sha256(msgspec.json.encode(order, order="deterministic")).hexdigest(),
            worker=claimed.context.worker,
            epoch=claimed.epoch,
            account=account,
            at=now,
        )
        if not intent:
            return RETRY_SOON_SECONDS
        receipt = await claimed.append(intent)
        permit.position = receipt.position
        claimed.log_step("call recorded", call_id=order.call_id, position=receipt.position)
        if claimed.lease_valid():
            sending = replace(order, inputs=inputs, called_at=now)
            seen = await provider.submit(sending, claimed.text_sender(order))
            permit.record_outcome(seen)
        else:  # the process slept: another worker may have proved that this call never arrived
            seen = NotSent(reason="the lease ran out before the call was sent")
    return await _observe(claimed, order, seen)


async def _fall_back(claimed: ClaimedTask, reason: str) -> float | None:
    """The provider is unavailable: let the next fallback model take over, or wait where there is none."""
    over = await claimed.over_budget()
    if refusal.fall_back(claimed.task, reason=reason, at=clock.now(), over_budget=over):
        await claimed.record(
            lambda current: refusal.fall_back(current, reason=reason, at=clock.now(), over_budget=over)
        )
        return 0
    if over:
        claimed.log_step("no model may take over", over_budget=sorted(over))
        return OVER_BUDGET_SECONDS
    return RETRY_LATER_SECONDS  # another worker may have the provider; else the deadline ends the task


async def _inputs_failed(claimed: ClaimedTask, error: InputUnavailable) -> float | None:
    """Wait for reference media that may be available later; fail the task for all others."""
    if error.retryable:
        return RETRY_LATER_SECONDS
    await claimed.record(
        lambda current: provider_call.inputs_failed(current, code=error.code, message=error.message, at=clock.now())
    )
    return 0


async def _poll_job(claimed: ClaimedTask, call: Call, job: str) -> float | None:
    """Poll the job, unless it is too early to."""
    order = await claimed.order_of(call)
    if claimed.provider is None or order is None:
        return RETRY_LATER_SECONDS
    expected = claimed.provider.expected_seconds(order)
    early = poll_schedule.first_poll_after(expected) - _age(call)
    if early > 0 and not claimed.due:
        return early
    lane = claimed.context.lanes.lane(call.provider, claimed.request.kind)
    early = lane.try_acquire_poll()
    if early > 0:
        return early
    seen = await claimed.provider.poll(order, job)
    lane.record_outcome(seen)
    wait = await _observe(claimed, order, seen)
    if wait == 0 and not isinstance(seen, Finished):
        return poll_schedule.next_poll_in(_age(call), expected)
    return wait


def _age(call: Call) -> float:
    """The seconds that the provider has worked."""
    return (clock.now() - call.works_since).total_seconds()


async def _last_look(claimed: ClaimedTask, call: Call) -> float:
    """Find out once more what became of a call whose deadline has passed, because it may have been paid for: a clock
    may have jumped, or a poll may have been late. Returns the seconds to wait before the next try, 0 when it is
    done."""
    if await claimed.context.storage.has(call.id):
        return await _recover_from_spool(claimed, call) or 0
    order = await claimed.order_of(call)
    if claimed.provider is None or order is None:
        return 0
    if call.state is CallState.ACCEPTED and call.job is not None:
        lane = claimed.context.lanes.lane(call.provider, claimed.request.kind)
        early = lane.try_acquire_poll()
        if early > 0:
            return early
        seen = await claimed.provider.poll(order, call.job)
        lane.record_outcome(seen)
        await _observe(claimed, order, seen)
        return 0
    wait = await _reconcile(claimed, call, in_doubt=call.state is CallState.IN_DOUBT)
    return RETRY_SOON_SECONDS if wait == 0 else 0  # news was recorded: there may be a job to poll now


async def _cancel_job(claimed: ClaimedTask, call: Call, job: str) -> float | None:
    """Ask the provider to stop the job, as the caller wishes."""
    order = await claimed.order_of(call)
    if claimed.provider is None or order is None:
        return RETRY_LATER_SECONDS
    result = await claimed.provider.cancel(order, job)
    known = await claimed.record(lambda current: provider_call.cancelled(current, answer=result, at=clock.now()))
    claimed.log_step("provider asked to stop", said=result.outcome, version=known.version)
    return 0


async def _reconcile(claimed: ClaimedTask, call: Call, *, in_doubt: bool) -> float | None:
    """Find out what became of a call without an outcome, whose worker no longer has the task.

    Its result may be in this machine's spool, left by a process that died. Else the call is in doubt, and the evidence
    of the provider decides."""
    if await claimed.context.storage.has(call.id):
        return await _recover_from_spool(claimed, call)
    if not in_doubt:
        lost = "the worker that made the call is gone"
        await claimed.record(
            lambda current: provider_call.mark_in_doubt(current, call_id=call.id, reason=lost, at=clock.now())
        )
        return 0
    provider, order = claimed.provider, await claimed.order_of(call)
    if order is None:
        return RETRY_LATER_SECONDS
    finding = await provider.lookup(order) if provider else CannotTell(reason="the provider is not configured")
    if isinstance(finding, NoVerdict):
        return RETRY_LATER_SECONDS
    if provider and isinstance(finding, NotFound):
        trusted_at = call.at + timedelta(seconds=provider.lookup_after_seconds)
        early = (trusted_at - clock.now()).total_seconds()
        if early > 0:  # the order may still be on its way
            return early
    await claimed.record(
        lambda current: provider_call.reconcile(current, call_id=call.id, finding=finding, at=clock.now())
    )
    claimed.log_step("doubt looked up", call_id=call.id, finding=type(finding).__name__)
    return 0


async def _fetch(claimed: ClaimedTask, call: Call, open_delivery: Delivery) -> float | None:
    """Download and store the outputs of a call that is paid for."""
    provider, order = claimed.provider, await claimed.order_of(call)
    if provider is None or order is None:
        return RETRY_LATER_SECONDS
    if claimed.context.storage.exhausted:
        return RETRY_LATER_SECONDS
    seen = await outputs.fetch(
        claimed.context.storage,
        provider,
        order,
        open_delivery.outputs,
        job=call.job,
        waited_seconds=(clock.now() - open_delivery.since).total_seconds(),
    )
    if not seen.assets and not seen.failed and open_delivery.outputs:
        return RETRY_LATER_SECONDS  # all outputs are in a spool, here or on another machine
    known = await claimed.record(
        lambda current: output_fetch.fetched(current, call_id=call.id, seen=seen, at=clock.now())
    )
    claimed.log_step(
        "outputs fetched",
        call_id=call.id,
        kept=len(seen.assets),
        failed=[missing.message for missing in seen.failed],
        version=known.version,
    )
    return 0


def _loggable_reason(seen: Sighting) -> str | None:
    """Why a provider refused, without its message, which may repeat the prompt."""
    match seen:
        case Refused(code=code, provider_code=provider_code):
            return f"{code} ({provider_code})" if provider_code else code
        case NotSent(reason=reason):
            return reason
        case _:
            return None


async def _observe(claimed: ClaimedTask, order: Order, seen: Sighting) -> float | None:
    """Turn a sighting into events. Outputs are stored first: a task completes once its media are safe."""
    if isinstance(seen, Finished):
        known = await _secure_result(claimed, order, seen)
    else:
        over = await claimed.over_budget() if isinstance(seen, Refused | NotSent) else refusal.NONE_OVER_BUDGET
        known = await claimed.record(
            lambda current: provider_call.observe(
                current, call_id=order.call_id, seen=seen, at=clock.now(), over_budget=over
            )
        )
    claimed.log_step(
        "provider seen",
        call_id=order.call_id,
        seen=type(seen).__name__,
        why=_loggable_reason(seen),
        facts=[type(fact).__name__ for fact in known.added],
        version=known.version,
    )
    return 0


async def _secure_result(claimed: ClaimedTask, order: Order, finished: Finished) -> commands.LoadedTask:
    """Store a result and record it. Until it is recorded, neither a shutdown nor an absence of the log or the store nor
    a bug of ours may lose it."""
    storage = claimed.context.storage
    result = Spooled(task=order.task_id, call=order.call_id, finished=finished)
    with ExitStack() as in_memory:
        in_memory.enter_context(storage.hold(result.task))
        spooled = False

        async def spool() -> None:
            nonlocal spooled
            if not spooled:
                with suppress(SpoolUnavailable):
                    await outputs.spool(storage, result)
                    spooled = True
                    in_memory.close()

        try:
            result = outputs.priced(order, finished, revision=claimed.revision)
            secured = await outputs.secure(storage, result)
            return await claimed.record(
                lambda current: provider_call.observe(current, call_id=order.call_id, seen=secured, at=clock.now()),
                meanwhile=spool,
            )
        except Exception:  # handed on
            await outputs.rescue(storage, result)
            raise


async def _recover_from_spool(claimed: ClaimedTask, call: Call) -> float | None:
    """Store and record the result of a call that is in this machine's spool."""
    try:
        known = await recover(claimed.context.log, claimed.context.storage, call.id, claimed.cause, known=claimed.known)
    except (AssetsUnavailable, SpoolUnavailable) as error:
        claimed.log_step("outputs could not be kept yet", call_id=call.id, error=str(error))
        return RETRY_LATER_SECONDS
    claimed.known = known or claimed.known
    return 0
