"""What was spent, on what, and how much of the budgets is left?"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from litestar import get
from litestar.types import ASGIApp
from msgspec import Meta

from adapters.postgres.event_log import EventLog
from api.http.auth import caller_of
from api.http.dependencies import Injected
from api.http.request_reader import AnyRequest, read_query
from api.http.responses import ok
from api.routes.task_list import read_model_headers
from domain.api_key import Caller, Scope
from domain.base import Rejected, Value
from domain.budget import BudgetUse, KeyBudget
from projections.spending_sums import SpendingFilter, SpendingSum, Way
from services.budget_guard import BudgetGuard
from services.key_limits import KeyLimiter
from services.list_reader import ListReader
from services.read_your_writes import ReadYourWrites

MAX_DAYS: Final = 366
USUAL_DAYS: Final = 30


class SpendingDeps(NamedTuple):
    """What this handler uses. `read_your_writes` is that of the spending."""

    log: EventLog
    lists: ListReader
    budgets: BudgetGuard
    key_limits: KeyLimiter
    read_your_writes: ReadYourWrites


class BudgetState(Value):
    """A budget, and how much of it is committed: what was spent, and what unfinished tasks may cost at most."""

    period: Annotated[Literal["day", "month"], Meta(description="How long it is for, by UTC", examples=["day"])]
    most: Annotated[Decimal, Meta(description="What the period may commit", examples=["20"])]
    committed: Annotated[Decimal, Meta(description="What it has committed", examples=["3.5"])]
    currency: Annotated[str, Meta(description="Of both amounts", examples=["USD"])]
    provider: Annotated[str | None, Meta(description="Of this provider only", examples=["dashscope"])] = None
    project: Annotated[str | None, Meta(description="Of this project only", examples=["proj_123"])] = None
    of_key: Annotated[bool, Meta(description="Whether it is the budget of the caller's API key", examples=[False])] = (
        False
    )


class SpendingReport(Value):
    """What was spent in a period."""

    by: Annotated[Way, Meta(description="What the sums are by", examples=["model"])]
    first: Annotated[date, Meta(description="The first day, by UTC", examples=["2026-02-01"])]
    last: Annotated[date, Meta(description="The last day, by UTC", examples=["2026-02-11"])]
    sums: Annotated[list[SpendingSum], Meta(description="One for each key and currency, in the order of the keys")]
    complete: Annotated[
        bool, Meta(description="`false`: there are more sums; these have the most tasks", examples=[True])
    ]
    unpriced: Annotated[int, Meta(description="How many tasks have ended of which nobody knows a price", examples=[0])]
    budgets: Annotated[list[BudgetState], Meta(description="The budgets that the caller may see, as they stand now")]


class _Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    by: Way = "day"
    first: date | None = None
    last: date | None = None
    at_least: Annotated[int, Meta(ge=0)] = 0


@get("/api/v1/spending")
async def get_spending(request: AnyRequest, deps: Injected[SpendingDeps]) -> ASGIApp:
    """The sums of a period, of the caller's own tasks, or of all for whoever may see figures."""
    wish = read_query(request, _Query)
    first, last = _period(wish)
    caller = caller_of(request)
    owner = None if Scope.ANALYST in caller.scopes else caller.sees_only
    headers = await read_model_headers(deps.log, deps.read_your_writes, wish.at_least)
    found = await deps.lists.spending(wish.by, SpendingFilter(first=first, last=last, owner=owner))
    report = SpendingReport(
        by=wish.by,
        first=first,
        last=last,
        sums=found.sums,
        complete=found.complete,
        unpriced=found.unpriced,
        budgets=await _budgets(deps, caller, everybodys=owner is None),
    )
    return ok(report, headers)


def _period(wish: _Query) -> tuple[date, date]:
    last = wish.last or datetime.now(UTC).date()
    first = wish.first or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days))
    if first > last:
        raise Rejected("invalid_request", f"first: must not be after `last`, which is {last}")
    if (last - first).days >= MAX_DAYS:
        raise Rejected("invalid_request", f"first: a period may have {MAX_DAYS} days at most, this one has more")
    return first, last


async def _budgets(deps: SpendingDeps, caller: Caller, *, everybodys: bool) -> list[BudgetState]:
    """Those of the caller's key, and, where it sees what everybody spends, those of everybody."""
    uses = [*await deps.key_limits.uses(caller), *(deps.budgets.uses() if everybodys else ())]
    return [_state(use, deps.key_limits.rates.currency) for use in uses]


def _state(use: BudgetUse, currency: str) -> BudgetState:
    return BudgetState(
        period=use.budget.period,
        most=use.budget.most,
        committed=use.used,
        currency=currency,
        provider=use.budget.provider,
        project=use.budget.project,
        of_key=isinstance(use.budget, KeyBudget),
    )


route_handlers = [get_spending]
