"""How are nodes of a canvas made on the server? They become a plan, which is priced, and a run, which is recorded.

What a step makes is chosen as the result of its node by an edit of the canvas that says what it replaces. So nothing
that a person has chosen meanwhile is ever overwritten."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec

from application import canvases, projects, runs
from application.canvases import CanvasHistory, Edit
from application.clock import new_stream, now
from application.decided_streams import Loaded
from application.generations import AvailableModel, CheckInputs, FindWebhook, keyed_stream
from application.plans import PricedStep, price_each
from application.ports import Cause, Log, StepLogger
from application.run_outcomes import Made
from application.runs import LoadedRun
from domain import plan
from domain.api_key import Caller
from domain.base import Rejected
from domain.budget import ExchangeRates
from domain.canvas.decisions import require_in_use
from domain.canvas.edit import EditConflict
from domain.canvas.ops import NodeSet
from domain.canvas.planning import TOLD, Mode, PlannedNode, picks, plan_nodes
from domain.canvas.requests import Place
from domain.canvas.state import Canvas
from domain.ids import canvas_stream, run_id
from domain.money import Amount
from domain.plan import Plan, Price
from domain.request import Problem
from domain.run import decisions
from domain.run.events import PlanProposed, RunRequested
from domain.run.state import Run

LABEL = "run.pick"
MAX_TOLD = 20


class Wish(NamedTuple):
    """Which nodes of a canvas somebody wants made, on what it was at a version; None: as it is now."""

    canvas: str
    nodes: Sequence[str]
    mode: Mode
    most: Amount | None = None
    version: int | None = None


class PlannedRun(NamedTuple):
    """How a wish would be made: the nodes, the prices of those that are made, and what is wrong with all of it."""

    canvas: Loaded[Canvas]
    nodes: list[PlannedNode]
    plan: Plan
    priced: Mapping[str, PricedStep]
    price: Price
    problems: list[Problem]


async def plan_run(
    canvases_: CanvasHistory,
    offered: Mapping[str, AvailableModel],
    wish: Wish,
    *,
    owner: str | None,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> PlannedRun:
    """Plan a run, and price it. `owner` is the one whose canvases the caller has; None: any.

    Raises Rejected `canvas_unknown`, `archived` and `invalid_request`, LogUnavailable, and AssetsUnavailable while the
    inputs can't be checked."""
    found = await _canvas(canvases_, wish, owner)
    state = found.state
    nodes = await asyncio.to_thread(_plan, state, wish)
    wanted = Plan(steps=tuple(node.step for node in nodes if node.step))
    problems = _problems(wanted)
    if problems or not wanted.steps:
        return PlannedRun(found, nodes, wanted, {}, Price({}, 0), problems)
    priced = await price_each(offered, wanted, check_inputs=check_inputs, find_webhook=find_webhook)
    costs = plan.price(each.cost for each in priced if not each.problems)
    return PlannedRun(found, nodes, wanted, {each.step.id: each for each in priced}, costs, [])


async def _canvas(canvases_: CanvasHistory, wish: Wish, owner: str | None) -> Loaded[Canvas]:
    stream = canvas_stream(wish.canvas)
    newest = await canvases_.current(stream)
    canvases.require_owner(newest.state, wish.canvas, owner)
    require_in_use(newest.state)
    if wish.version is None or wish.version == newest.version:
        return newest
    if not 1 <= wish.version <= newest.version:
        raise Rejected("invalid_request", f"version: must be from 1 to {newest.version}")
    return await canvases_.at_version(stream, wish.version)


def _plan(state: Canvas, wish: Wish) -> list[PlannedNode]:
    return plan_nodes(Place(state.id, state.project, state.nodes, state.edges), wish.nodes, wish.mode)


def _problems(wanted: Plan) -> list[Problem]:
    if not wanted.steps:
        return []
    if len(msgspec.json.encode(wanted)) > plan.MAX_BYTES:
        return [Problem("", f"all requests together may have {plan.MAX_BYTES} bytes at most")]
    return plan.check(wanted)


class AcceptedRun(NamedTuple):
    """A run. `replayed`: the same request under the same key had made it before."""

    loaded: LoadedRun
    replayed: bool


async def request_run(
    log: Log,
    canvases_: CanvasHistory,
    offered: Mapping[str, AvailableModel],
    wish: Wish,
    *,
    caller: Caller,
    key: str | None,
    cause: Cause,
    rates: ExchangeRates,
    check_inputs: CheckInputs,
    find_webhook: FindWebhook,
) -> AcceptedRun:
    """Record a run of a wish without problems, which goes on by itself from there.

    Raises Rejected for a wish that is wrong, too expensive, or not the one that this key was used for; LogUnavailable;
    AssetsUnavailable while the inputs can't be checked."""
    request_hash = _digest(wish)
    # No key has a line break, so the stream is never that of a single request under the same key.
    stream = new_stream() if key is None else keyed_stream(caller.key, f"run\n{key}")
    if key is not None and (before := await _requested_before(log, stream, request_hash)):
        return before
    planned = await plan_run(
        canvases_, offered, wish, owner=caller.changes_only, check_inputs=check_inputs, find_webhook=find_webhook
    )
    state = planned.canvas.state
    projects.require_limits(caller, state.project)
    _require_sound(planned)
    _require_within(planned.price, wish.most, rates)
    requested = RunRequested(
        run=run_id(stream),
        request_hash=request_hash,
        caller=caller.key,
        owner=state.owner,
        project=state.project,
        canvas=state.id,
        canvas_version=planned.canvas.version,
        picks=picks(planned.nodes),
        at=now(),
    )
    decision = partial(decisions.request, requested=requested, proposed=_proposed(planned, requested), most=wish.most)
    cause = msgspec.structs.replace(cause, correlation_id=requested.run)
    loaded = await runs.decide(log, stream, decision, cause)
    return AcceptedRun(loaded, loaded.run.requested_at != requested.at)


def _proposed(planned: PlannedRun, requested: RunRequested) -> PlanProposed:
    return PlanProposed(
        revision=1,
        plan=planned.plan,
        digest=hashlib.sha256(msgspec.json.encode(planned.plan, order="deterministic")).hexdigest(),
        by=requested.caller,
        estimate=planned.price.total,
        unpriced=tuple(name for name, each in planned.priced.items() if each.cost is None),
        at=requested.at,
    )


async def _requested_before(log: Log, stream: UUID, request_hash: str) -> AcceptedRun | None:
    loaded = await runs.load(log, stream)
    if not loaded.run.id:
        return None
    if loaded.run.request_hash != request_hash:
        raise Rejected(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another run. Use a new key for a new run.",
        )
    return AcceptedRun(loaded, True)


def _require_sound(planned: PlannedRun) -> None:
    """Raise Rejected with all problems of a plan, each under its node; and for one that makes nothing."""
    problems = [*planned.problems]
    problems += [Problem(node.node, TOLD[node.problem]) for node in planned.nodes if node.problem]
    for name, each in planned.priced.items():
        problems += [Problem(f"{name}.{found.field}".rstrip("."), found.message) for found in each.problems]
    if not problems and not planned.plan.steps:
        problems = [Problem("nodes", "none of them has anything to make")]
    if problems:
        more = ["and more"] if len(problems) > MAX_TOLD else []
        raise Rejected("invalid_request", "; ".join([*map(str, problems[:MAX_TOLD]), *more]))


def _require_within(price: Price, most: Amount | None, rates: ExchangeRates) -> None:
    """Raise Rejected for a plan whose known prices are more than it may cost."""
    total = rates.total(price.total, most.currency) if most else None
    if most and total is not None and total > most.amount:
        told = f"This may cost {total:f} {most.currency}, and may cost {most.amount:f} {most.currency} at most."
        raise Rejected("budget_exceeded", told)


def _digest(wish: Wish) -> str:
    return hashlib.sha256(b"run" + msgspec.json.encode(wish)).hexdigest()


# --- Results ---


class ResultPicks:
    """Chooses what steps have made as the results of their nodes."""

    def __init__(self, log: Log, canvases_: CanvasHistory, log_step: StepLogger) -> None:
        self._log = log
        self._canvases = canvases_
        self._log_step = log_step

    async def __call__(self, run: Run, step: str, attempt: int, made: Made) -> None:
        """Edit the canvas of a run. A second time changes nothing, because the edit has the same id.

        Raises LogUnavailable, and Conflict when others edit the canvas all the time."""
        if run.canvas is None or run.canvas_version is None or step not in run.picks:
            return
        now_chosen = _pick(run, step, made)
        stream = canvas_stream(run.canvas)
        planned = await self._canvases.at_version(stream, run.canvas_version)
        node = planned.state.nodes.get(step)
        if now_chosen is None or node is None:
            return
        newest = await self._canvases.current(stream)
        then_chosen = msgspec.to_builtins(node.pick)
        edit = Edit(
            base=newest.version,
            id="pick_" + hashlib.sha256(f"{run.id}/{step}.{attempt}".encode()).hexdigest()[:32],
            session=run.id,
            label=LABEL,
            ops=[NodeSet(id=step, field="pick", was=then_chosen, now=now_chosen)],
        )
        caller = Caller(run.id, run.owner, frozenset())
        try:
            await canvases.edit(self._log, self._canvases, run.canvas, edit, caller=caller, cause=Cause(actor=run.id))
        except (EditConflict, Rejected) as refusal:  # the result is offered beside what a person has chosen
            self._log_step("result not chosen", run=run.id, code=refusal.code)


def _pick(run: Run, step: str, made: Made) -> dict[str, object] | None:
    """The first output as the result of a node; None: there is none."""
    state = run.steps[step]
    pick: dict[str, object] = {"task": state.task, "digest": made.digest}
    if made.outputs:
        pick |= {"output": 0, "asset": made.outputs[0]}
    elif made.text:
        pick |= {"text": made.text}
    else:
        return None
    return {name: value for name, value in pick.items() if value is not None}
