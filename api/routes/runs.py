"""How are many nodes of a canvas made, one after the other, without anybody waiting? A run does it on the server."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Annotated, NamedTuple

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.media.asset_store import ObjectAssetStore
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.input_check import input_check
from api.http.request_reader import AnyRequest, decode_body, idempotency_key, reject_repeated
from api.http.responses import POSITION, location, ok
from api.routes.projects import cause_of
from api.routes.task_list import encode_cursor, parse_cursor, read_model_headers
from api.routes.tasks import parse_integer
from application import canvas_runs, runs
from application.canvas_runs import PlannedRun, Wish
from application.clock import now
from application.plans import PricedStep
from application.runs import LoadedRun
from domain.base import Rejected, Value, replace
from domain.budget import ExchangeRates
from domain.canvas.planning import TOLD, Mode, PlannedNode
from domain.canvas.requests import NodeState
from domain.canvas.words import MAX_NODES, Id
from domain.ids import canvas_stream, run_stream
from domain.money import Amount
from domain.plan import StepKind
from domain.request import Body, Problem
from domain.run import decisions
from domain.run.events import RunEvent
from domain.run.state import Run
from projections.run_view import RunView, view
from projections.runs import page
from services.asset_access import AssetAccess
from services.canvas_reader import CanvasReader
from services.model_registry import ModelRegistry
from services.read_your_writes import ReadYourWrites
from services.settings import Settings
from services.webhook_table import WebhookTable

MAX_PAGE = 100
NO_STORE = {"Cache-Control": "no-store"}


class RunDeps(NamedTuple):
    """What these handlers use. `guard` is for the URLs of callers; `read_your_writes` is that of the runs."""

    settings: Settings
    log: EventLog
    pool: Pool
    models: ModelRegistry
    rates: ExchangeRates
    canvases: CanvasReader
    assets: ObjectAssetStore
    access: AssetAccess
    guard: Guard
    webhooks: WebhookTable
    read_your_writes: ReadYourWrites


class MoneyBody(Body):
    """A sum of money."""

    amount: Annotated[Decimal, Meta(description="As a decimal number, best in a string", examples=["2.50"])]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", description="An ISO 4217 code", examples=["USD"])]


class RunBody(Body):
    """Which nodes are to be made."""

    nodes: Annotated[
        list[Id],
        Meta(
            min_length=1,
            max_length=MAX_NODES,
            description="The nodes. Those that make nothing, such as notes, may be among them",
            examples=[["node_1", "node_2"]],
        ),
    ]
    mode: Annotated[
        Mode,
        Meta(
            description="`missing`: those without a result; `stale`: those whose result is not what they ask for now, "
            "too; `all`: all of them",
            examples=["stale"],
        ),
    ]
    most: Annotated[MoneyBody | None, Meta(description="What all of it may cost; else what the budgets allow")] = None
    version: (
        Annotated[int, Meta(ge=1, description="The version of the canvas that is made; else the newest", examples=[8])]
        | None
    ) = None


class ResumeBody(Body):
    """How a run goes on."""

    most: Annotated[MoneyBody | None, Meta(description="What all of it may cost from now on; else as before")] = None


class PlanProblem(Value):
    """Why something can't be made."""

    field: Annotated[str, Meta(description="The field of the request; empty for all of it", examples=["resolution"])]
    message: Annotated[str, Meta(description="What is wrong with it", examples=["has no model"])]


class PlannedStep(Value, omit_defaults=True):
    """A node that generates something. One that is current, or has problems, is not made."""

    node: Annotated[str, Meta(description="The node", examples=["node_1"])]
    kind: Annotated[StepKind, Meta(description="What it makes", examples=["image"])]
    state: Annotated[
        NodeState,
        Meta(
            description="`missing`: without a result; `stale`: with another one than it asks for now or will then",
            examples=["missing"],
        ),
    ]
    made: Annotated[bool, Meta(description="Whether the run makes it", examples=[True])]
    cost: Annotated[Amount | None, Meta(description="What it may cost at most")] = None
    unpriced: Annotated[
        bool, Meta(description="Whether nobody knows what it costs, which does not mean: nothing", examples=[True])
    ] = False
    problems: Annotated[list[PlanProblem], Meta(description="Why it can't be made")] = []


class PlanView(Value):
    """How a run would be made."""

    version: Annotated[int, Meta(description="The version of the canvas", examples=[812])]
    steps: Annotated[list[PlannedStep], Meta(description="The nodes that generate something, in the order of making")]
    total: Annotated[
        dict[str, Decimal],
        Meta(description="What all of it may cost at most, by currency, without the unpriced", examples=[{"USD": "1"}]),
    ]
    unpriced: Annotated[int, Meta(description="How many nodes have no price", examples=[0])]
    problems: Annotated[list[PlanProblem], Meta(description="What is wrong with the whole")]


class RunPage(Value):
    """Runs, a page at a time."""

    items: Annotated[list[RunView], Meta(description="The runs, newest first")]
    next_cursor: Annotated[
        str | None, Meta(description="`cursor` for the next page; null on the last one", examples=["cDEyMzQ"])
    ]


@post("/api/v1/canvases/{canvas_id:str}/plan", status_code=200)
async def plan_run(request: AnyRequest, deps: Injected[RunDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """What would a run make, and cost? Nothing is recorded."""
    wish = await _wish(request, canvas_id)
    caller = caller_of(request)
    planned = await canvas_runs.plan_run(
        deps.canvases,
        deps.models.available,
        wish,
        owner=caller.sees_only,
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller.owner),
    )
    return ok(_plan_view(planned), NO_STORE)


@post("/api/v1/canvases/{canvas_id:str}/runs", status_code=200)
async def start_run(request: AnyRequest, deps: Injected[RunDeps], canvas_id: FromPath[str]) -> ASGIApp:
    """Make nodes of a canvas."""
    wish = await _wish(request, canvas_id)
    caller = caller_of(request)
    accepted = await canvas_runs.request_run(
        deps.log,
        deps.canvases,
        deps.models.available,
        wish,
        caller=caller,
        key=idempotency_key(request),
        cause=cause_of(request),
        rates=deps.rates,
        check_inputs=input_check(request, deps),
        find_webhook=partial(deps.webhooks.find, caller.owner),
    )
    headers = {"Location": location(deps.settings, f"/api/v1/runs/{accepted.loaded.run.id}")}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    return _answer(accepted.loaded, headers)


@get("/api/v1/runs")
async def list_runs(request: AnyRequest, deps: Injected[RunDeps]) -> ASGIApp:
    """Runs, newest first, a page at a time."""
    reject_repeated(request, "canvas", "cursor", "limit")
    given = request.query_params
    limit = parse_integer("limit", given.get("limit") or str(MAX_PAGE), 1, MAX_PAGE)
    cursor, canvas = given.get("cursor"), given.get("canvas") or None
    if canvas:
        canvas_stream(canvas)
    headers = await read_model_headers(deps.log, deps.read_your_writes)
    found = await page(
        deps.pool,
        owner=caller_of(request).sees_only,
        canvas=canvas,
        before=parse_cursor("cursor", cursor) if cursor else None,
        limit=limit + 1,
    )
    more = encode_cursor(found[limit - 1].position) if len(found) > limit else None
    return ok(RunPage(items=[each.view for each in found[:limit]], next_cursor=more), headers)


@get("/api/v1/runs/{run_id:str}")
async def get_run(request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str]) -> ASGIApp:
    """Where is my run?"""
    loaded = await runs.load(deps.log, run_stream(run_id))
    runs.require_owner(loaded.run, run_id, caller_of(request).sees_only)
    return _answer(loaded)


@post("/api/v1/runs/{run_id:str}/pause", status_code=200)
async def pause_run(request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str]) -> ASGIApp:
    """Start no further step. A second request changes nothing."""
    return await _decide(request, deps, run_id, lambda run, by: decisions.pause(run, by=by, at=now()))


@post("/api/v1/runs/{run_id:str}/resume", status_code=200)
async def resume_run(request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str]) -> ASGIApp:
    """Let a run that is paused go on. A second request changes nothing."""
    wish = await decode_body(request, ResumeBody, empty=ResumeBody())
    most = _amount(wish.most)
    return await _decide(request, deps, run_id, lambda run, by: decisions.resume(run, by=by, most=most, at=now()))


@post("/api/v1/runs/{run_id:str}/cancel", status_code=200)
async def cancel_run(request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str]) -> ASGIApp:
    """End a run, and what it has under way. A second request changes nothing."""
    return await _decide(request, deps, run_id, lambda run, by: decisions.cancel(run, by=by, at=now()))


@post("/api/v1/runs/{run_id:str}/steps/{node_id:str}/skip", status_code=200)
async def skip_step(
    request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str], node_id: FromPath[str]
) -> ASGIApp:
    """Do without a step, and without those that need it. A second request changes nothing."""
    return await _decide(request, deps, run_id, lambda run, by: decisions.skip(run, step=node_id, by=by, at=now()))


@post("/api/v1/runs/{run_id:str}/steps/{node_id:str}/retry", status_code=200)
async def retry_step(
    request: AnyRequest, deps: Injected[RunDeps], run_id: FromPath[str], node_id: FromPath[str]
) -> ASGIApp:
    """Try a step again that failed or was skipped. A second request changes nothing."""
    return await _decide(request, deps, run_id, lambda run, by: decisions.retry(run, step=node_id, by=by, at=now()))


async def _decide(
    request: AnyRequest, deps: RunDeps, run_id: str, decision: Callable[[Run, str], list[RunEvent]]
) -> ASGIApp:
    """Run the decision of a caller on a run of theirs."""
    idempotency_key(request)  # only validated: a second request changes nothing anyway
    caller = caller_of(request)

    def decided(run: Run) -> list[RunEvent]:
        runs.require_owner(run, run_id, caller.changes_only)
        return decision(run, caller.key)

    cause = replace(cause_of(request), correlation_id=run_id)
    return _answer(await runs.decide(deps.log, run_stream(run_id), decided, cause))


def _answer(loaded: LoadedRun, headers: dict[str, str] | None = None) -> ASGIApp:
    versions = {"ETag": f'"{loaded.version}"', POSITION: str(loaded.position)}
    return ok(view(loaded.run), NO_STORE | versions | (headers or {}))


async def _wish(request: AnyRequest, canvas_id: str) -> Wish:
    body = await decode_body(request, RunBody)
    return Wish(canvas_id, tuple(dict.fromkeys(body.nodes)), body.mode, _amount(body.most), body.version)


def _amount(sent: MoneyBody | None) -> Amount | None:
    if sent is None:
        return None
    if not sent.amount.is_finite() or sent.amount < 0:
        raise Rejected("invalid_request", "most.amount: must be a number from 0 on")
    return Amount(amount=sent.amount, currency=sent.currency)


def _plan_view(planned: PlannedRun) -> PlanView:
    return PlanView(
        version=planned.canvas.version,
        steps=[_planned(node, planned.priced.get(node.node)) for node in planned.nodes],
        total=planned.price.total,
        unpriced=planned.price.unpriced,
        problems=[_problem(found) for found in planned.problems],
    )


def _planned(node: PlannedNode, priced: PricedStep | None) -> PlannedStep:
    problems = [Problem("", TOLD[node.problem])] if node.problem else priced.problems if priced else []
    cost = priced.cost if priced else None
    return PlannedStep(
        node=node.node,
        kind=node.kind,
        state=node.state,
        made=node.step is not None,
        cost=Amount(amount=cost.amount, currency=cost.currency) if cost else None,
        unpriced=priced is not None and cost is None and not problems,
        problems=[_problem(found) for found in problems],
    )


def _problem(found: Problem) -> PlanProblem:
    return PlanProblem(field=found.field, message=found.message)


route_handlers = [
    plan_run,
    start_run,
    list_runs,
    get_run,
    pause_run,
    resume_run,
    cancel_run,
    skip_step,
    retry_step,
]
