"""How is a run carried out? Whoever executes it does what `next_step` says, until there is nothing to do for now.

Any number of workers may do so at once, and each may die at any moment: a start and its task are one append, at the
version of the run that it was decided on, and outcomes are read from the tasks. So a step attempt has one task, whose
stream follows from the run and the attempt, and nothing is remembered outside the log."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from application import commands, runs
from application.clock import now
from application.generations import (
    AvailableModel,
    CheckedRequest,
    CheckInputs,
    FindWebhook,
    Reserve,
    check,
    keyed_stream,
    task_requested,
)
from application.plans import dearest
from application.ports import Append, Cause, Conflict, Log, StepLogger
from application.run_outcomes import Doubtful, Lost, Made, Open, outcome_of
from application.runs import LoadedRun
from domain import plan, request_parsing
from domain.api_key import Caller
from domain.base import RefusalCode, Rejected
from domain.budget import ExchangeRates
from domain.canvas.requests import addressed
from domain.ids import task_stream
from domain.model import Kind
from domain.plan import KINDS, Outcome, Step
from domain.run import decisions
from domain.run.events import Reason, RunEvent, StepStarted
from domain.run.next_step import End, Rest, Start, Stop, Watch, next_step
from domain.run.state import Run, StepState
from domain.task.lifecycle import cancel

SENDER = "run:"
"""The senders of steps' requests have such names, where Idempotency-Keys are told apart; no caller has."""

_PAUSES: Mapping[RefusalCode, Reason] = {
    "budget_exceeded": "over_budget",
    "forbidden": "key_revoked",
    "unauthorised": "key_revoked",
}
NO_KEY = "The API key that asked for this run does not work any more."


class ChooseResult(Protocol):
    """Chooses what a step made as the result of its node. May be repeated; does nothing where a person has chosen
    meanwhile. Raises LogUnavailable, and Conflict to be tried again."""

    async def __call__(self, run: Run, step: str, attempt: int, made: Made) -> None: ...


class RunContext(NamedTuple):
    """What whoever executes runs uses. `find_caller` gives the caller of a key while it works, `reserver` what
    reserves money within its limits and the budgets, `check_inputs` the check of the inputs that it may use for an
    owner."""

    log: Log
    offered: Callable[[], Mapping[str, AvailableModel]]
    find_caller: Callable[[str], Caller | None]
    reserver: Callable[[Caller], Awaitable[Reserve]]
    check_inputs: Callable[[Caller, str], CheckInputs]
    find_webhook: Callable[[str], FindWebhook]
    rates: ExchangeRates
    choose: ChooseResult
    log_step: StepLogger


def attempt_stream(run: str, step: str, attempt: int) -> UUID:
    """The stream of the task of a step's attempt."""
    return keyed_stream(SENDER + run, f"{step}.{attempt}")


async def advance(context: RunContext, stream: UUID) -> LoadedRun:
    """Do what is to be done for a run now. Returns the run as it is then.

    Raises LogUnavailable, AssetsUnavailable, Conflict when others move it all the time, and Rejected
    `stream_unreadable`: then try again later. All that was done before is recorded."""
    loaded = await runs.load(context.log, stream)
    moved = True
    while moved:
        await asyncio.sleep(0)
        before = loaded.version
        match next_step(loaded.run):
            case Start(step=step):
                loaded, waits = await _start(context, stream, loaded, step)
                if waits:
                    loaded = await _watch(context, stream, loaded, _open(loaded.run))
            case Watch(steps=steps):
                loaded = await _watch(context, stream, loaded, steps)
            case Stop(steps=steps):
                await _cancel(context, loaded, steps)
                loaded = await _watch(context, stream, loaded, steps)
            case End():
                loaded = await _decide(context, stream, loaded, partial(decisions.end, at=now()))
            case Rest():
                pass
        moved = loaded.version != before
    return loaded


def _open(run: Run) -> list[str]:
    return [name for name, step in run.steps.items() if step.status in {"running", "paused"}]


async def _decide(
    context: RunContext, stream: UUID, loaded: LoadedRun, decision: Callable[[Run], list[RunEvent]]
) -> LoadedRun:
    cause = Cause(actor=loaded.run.id, correlation_id=loaded.run.id)
    return await runs.decide(context.log, stream, decision, cause, known=loaded)


# --- Starting ---


async def _start(context: RunContext, stream: UUID, loaded: LoadedRun, name: str) -> tuple[LoadedRun, bool]:
    """Start a step, pause the run, or fail the step. Returns the run, and whether the step has to wait for others."""
    caller = context.find_caller(loaded.run.caller)
    if caller is None:
        hold = partial(decisions.hold, step=name, reason="key_revoked", message=NO_KEY, at=now())
        return await _decide(context, stream, loaded, hold), False
    try:
        kind, checked = await _request(context, loaded, name, caller)
        reserve = await context.reserver(caller)
        reservation = reserve(kind, checked.wanted.project_id, checked.candidates)
    except Rejected as refusal:
        if refusal.code == "key_busy":
            return loaded, True
        if refusal.code == "stream_unreadable":  # that of a text that it uses: a newer Pixel reads it
            raise
        return await _refused(context, stream, loaded, name, refusal), False
    task = attempt_stream(loaded.run.id, name, loaded.run.steps[name].attempt + 1)
    requested = task_requested(task, kind, checked, caller._replace(owner=loaded.run.owner))
    facts = decisions.start(
        loaded.run, step=name, task=requested.task, estimate=dearest(checked.candidates), rates=context.rates, at=now()
    )
    appends = [Append(stream, loaded.version, facts)]
    if any(isinstance(fact, StepStarted) for fact in facts):
        appends.append(Append(task, 0, [requested]))
    cause = Cause(actor=caller.key, correlation_id=loaded.run.id)
    try:
        receipts = await context.log.append_all(appends, cause)
        if len(receipts) > 1:
            reservation.commit(receipts[1].position)
    except Conflict:  # another worker, or a person, was first
        return await runs.load(context.log, stream), False
    finally:
        reservation.release()
    done = runs.after(loaded, facts, version=receipts[0].version, position=receipts[0].position)
    context.log_step("step of a run", run=loaded.run.id, step=name, done=[type(fact).__name__ for fact in facts])
    return done, False


async def _request(context: RunContext, loaded: LoadedRun, name: str, caller: Caller) -> tuple[Kind, CheckedRequest]:
    """The checked request of a step. Raises Rejected, LogUnavailable and AssetsUnavailable."""
    step, run = loaded.step(name), loaded.run
    outcomes = await _outcomes(context, run, step)
    try:
        asked = plan.body(step, outcomes)
    except LookupError:
        raise Rejected("invalid_request", "A step that it uses has made nothing.") from None
    kind = KINDS[step.kind]
    parsed = request_parsing.parse(kind, msgspec.json.encode(_addressed(run, name, asked)))
    check_inputs = context.check_inputs(caller, run.owner)
    return kind, await check(context.offered(), kind, parsed, check_inputs, context.find_webhook(run.owner))


def _addressed(run: Run, step: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The request with what says where it comes from, which no plan can set."""
    if run.canvas is not None:
        return addressed(run.canvas, run.project or "", run.id, step, asked)
    metadata = {"step": step, "run": run.id}
    return {**asked, "source": "run", "sourceId": run.id, "projectId": run.project, "metadata": metadata}


async def _outcomes(context: RunContext, run: Run, step: Step) -> dict[str, Outcome]:
    """What the steps that a step needs have made. Texts are in the events of their tasks."""
    needed = {name: run.steps[name] for name in step.needs}
    written = {name: each.task for name, each in needed.items() if each.kind == "text" and each.task}
    histories = await context.log.streams([task_stream(task) for task in written.values()]) if written else {}
    texts: dict[str, str | None] = {}
    for name, task in written.items():
        made = outcome_of(histories[task_stream(task)])
        texts[name] = made.text if isinstance(made, Made) else None
    return {name: Outcome(each.outputs, texts.get(name)) for name, each in needed.items()}


async def _refused(context: RunContext, stream: UUID, loaded: LoadedRun, name: str, refusal: Rejected) -> LoadedRun:
    """What the budgets or the key do not allow pauses the run; a request that is wrong fails its step."""
    reason = _PAUSES.get(refusal.code)
    if reason:
        decision = partial(decisions.hold, step=name, reason=reason, message=refusal.message, at=now())
    else:
        decision = partial(decisions.give_up, step=name, code=refusal.code, message=refusal.message, at=now())
    return await _decide(context, stream, loaded, decision)


# --- Watching ---


async def _watch(context: RunContext, stream: UUID, loaded: LoadedRun, steps: Iterable[str]) -> LoadedRun:
    """Record what became of the tasks of these steps."""
    open_tasks = {name: task_stream(task) for name in steps if (task := loaded.run.steps[name].task)}
    histories = await context.log.streams(list(open_tasks.values()))
    for name, opened in open_tasks.items():
        state = loaded.run.steps[name]
        outcome = outcome_of(histories[opened])
        if isinstance(outcome, Made):
            await context.choose(loaded.run, name, state.attempt, outcome)  # before it is recorded: so never forgotten
        loaded = await _decide(context, stream, loaded, _recording(name, state, outcome))
    return loaded


def _recording(name: str, state: StepState, outcome: Made | Lost | Doubtful | Open) -> Callable[[Run], list[RunEvent]]:
    of_step: dict[str, Any] = {"step": name, "attempt": state.attempt, "at": now()}
    match outcome:
        case Made(outputs=outputs, cost=cost):
            return partial(decisions.complete, outputs=outputs, cost=cost, **of_step)
        case Lost(code=code, message=message, charged=charged, retryable=retryable, cost=cost):
            return partial(
                decisions.fail,
                code=code,
                message=message,
                charged=charged,
                retryable=retryable,
                cost=cost,
                **of_step,
            )
        case Doubtful(call=call):
            return partial(decisions.doubt, call=call, **of_step)
        case Open():
            return partial(decisions.settle, **of_step)


async def _cancel(context: RunContext, loaded: LoadedRun, steps: Sequence[str]) -> None:
    by = loaded.run.cancel_requested_by or loaded.run.id
    cause = Cause(actor=by, correlation_id=loaded.run.id)
    for name in steps:
        if task := loaded.run.steps[name].task:
            decision = partial(cancel, by=by, at=now())
            await commands.decide(context.log, task_stream(task), decision, cause)
