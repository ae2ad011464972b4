"""What was money spent on? One row a task: its amount, its day, its provider and its project.

An accepted task commits its estimate until its end, which makes it `spent`, `released` (it cost nothing), or `unknown`
(nobody can tell, so it counts as spent). While fallbacks are left, their estimates are committed as well: see
`read_commitments`."""

from datetime import date
from decimal import Decimal
from typing import LiteralString, NamedTuple
from uuid import UUID

import msgspec

from application.ports import Recorded, Unreadable
from domain.base import Value, replace
from domain.budget import NO_PROVIDER, BudgetKey, Committed, ExchangeRates
from domain.model import Kind, ModelEvent, split_model_id
from domain.provider import Charged
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    ProviderSucceeded,
    RefetchRequested,
    TaskCancelled,
    TaskCompleted,
    TaskEvent,
    TaskFailed,
    TaskRequested,
)
from projections.base import Connection, Pool, ReadModel, StreamId, topics_of

_STATES: dict[Charged, str] = {"yes": "spent", "no": "released", "unknown": "unknown"}


class FallbackEstimate(Value):
    """A fallback that may still be chosen, and the highest cost of the task there."""

    model: str
    provider: str
    currency: str | None = None
    amount: Decimal | None = None


class SpendingRow(Value):
    """`amount` counts against budgets; `estimate` is the cost of the current model. Both are None without prices.

    `before` is the cost of earlier calls, known or possible, when an admin let the task be called once more. `others`
    are the fallbacks that are left."""

    task_id: str
    day: date
    kind: Kind
    provider: str
    model: str
    project: str | None
    state: str
    currency: str | None
    estimate: Decimal | None
    amount: Decimal | None
    before: Decimal = Decimal(0)
    others: tuple[FallbackEstimate, ...] = ()


def fold(row: SpendingRow | None, recorded: Recorded) -> SpendingRow | None:
    """The row after one more event; None before the request."""
    event = recorded.event
    if isinstance(event, TaskRequested):
        estimate = event.estimate.amount if event.estimate else None
        return SpendingRow(
            task_id=event.task,
            day=event.at.date(),
            kind=event.kind,
            provider=split_model_id(event.model)[0],
            model=event.model,
            project=event.project_id,
            state="running",
            currency=event.estimate.currency if event.estimate else None,
            estimate=estimate,
            amount=estimate,
            others=tuple(_fallback_estimate(fallback) for fallback in event.fallbacks),
        )
    if row is None or isinstance(event, ModelEvent | Unreadable):
        return row
    return _evolve(row, event)


def _evolve(row: SpendingRow, event: TaskEvent) -> SpendingRow:
    match event:
        case FallbackChosen():
            return _fall_back(row, event)
        case ProviderSucceeded(cost=cost) | TaskCompleted(cost=cost):
            amount = cost.amount if cost else row.estimate
            currency = cost.currency if cost else row.currency
            return replace(row, state="spent", currency=currency, amount=_plus(row.before, amount))
        case TaskFailed(charged=charged, cost=cost):
            return _end(row, charged, cost.amount if cost else row.estimate)
        case TaskCancelled(charged=charged):
            return _end(row, charged, row.estimate)
        case LateResultSeen() if row.state != "spent":
            return replace(row, state="spent", amount=_plus(row.before, row.estimate))
        case CallResolved(verdict="retry"):
            before = row.amount or Decimal(0)
            return replace(row, state="running", before=before, amount=_plus(before, row.estimate))
        case RefetchRequested():
            return row
        case _:
            return row


def _fallback_estimate(fallback: Fallback) -> FallbackEstimate:
    return FallbackEstimate(
        model=fallback.model,
        provider=split_model_id(fallback.model)[0],
        currency=fallback.estimate.currency if fallback.estimate else None,
        amount=fallback.estimate.amount if fallback.estimate else None,
    )


def _fall_back(row: SpendingRow, event: FallbackChosen) -> SpendingRow:
    """From now on the fallback is paid. One without a price counts with the estimate of the model before."""
    names = [other.model for other in row.others]
    left = row.others[names.index(event.model) + 1 :] if event.model in names else ()
    row = replace(row, model=event.model, provider=split_model_id(event.model)[0], others=left)
    if event.estimate is None:
        return row
    amount = event.estimate.amount
    return replace(row, currency=event.estimate.currency, estimate=amount, amount=_plus(row.before, amount))


def _end(row: SpendingRow, charged: Charged, amount: Decimal | None) -> SpendingRow:
    if row.state == "spent":  # the provider has said so already
        return row
    counted = Decimal(0) if charged == "no" else amount
    state = "unknown" if row.before and charged == "no" else _STATES[charged]
    return replace(row, state=state, amount=_plus(row.before, counted))


def _plus(before: Decimal, amount: Decimal | None) -> Decimal | None:
    return amount if not before else before + (amount or Decimal(0))


class DayCommitments(NamedTuple):
    """The sums of a day, as of a position in the log."""

    position: int
    committed: Committed


async def read_commitments(
    pool: Pool, day: date, money: ExchangeRates, *, without: UUID | None = None
) -> DayCommitments:
    """The sums of a day in the budgets' currency, by provider and project, without the task `without`.

    Sums and position are of one moment: a task is in the sums if and only if its position is not behind this one.
    A task with fallbacks left counts at each provider with its highest cost there. Over all providers it counts once,
    with its dearest model: the surplus is subtracted under `NO_PROVIDER`. Raises the driver's errors."""
    rates = {currency: rate for currency, rate in money.rates.items() if currency != money.currency}
    found = await pool.fetch(_STANDING, day, without, list(rates), list(rates.values()), NO_PROVIDER)
    position = max((int(figure) for provider, _, figure in found if provider is None), default=0)
    sums = {BudgetKey(provider, project): figure for provider, project, figure in found if provider is not None}
    return DayCommitments(position, sums)


async def day_of_task(pool: Pool, stream: UUID) -> date | None:
    """The day of a task's budgets; None while the table has no row of it. Raises the driver's errors."""
    found: date | None = await pool.fetchval(_DAY, stream)
    return found


async def _load(connection: Connection, streams: list[StreamId]) -> dict[StreamId, SpendingRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {
        row["stream"]: msgspec.convert(dict(row) | {"others": msgspec.json.decode(row["others"])}, SpendingRow)
        for row in rows
    }


async def _save(connection: Connection, rows: dict[StreamId, SpendingRow]) -> None:
    columns = [[getattr(row, name) for row in rows.values()] for name in _COLUMNS]
    others = [msgspec.json.encode(row.others).decode() for row in rows.values()]
    await connection.execute(_SAVE, list(rows), *columns, others)


async def _remove(connection: Connection, streams: list[StreamId]) -> None:
    await connection.execute(_REMOVE, streams)


_COLUMNS = [name for name in SpendingRow.__struct_fields__ if name != "others"]

_DDL: LiteralString = """
CREATE TABLE spending (
    stream uuid PRIMARY KEY,
    task_id text NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    project text,
    state text NOT NULL,
    currency text,
    estimate numeric,
    amount numeric,
    before numeric NOT NULL,
    others jsonb NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX spending_by_day ON spending (day, provider, project);
"""
_LOAD: LiteralString = "SELECT * FROM spending WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO spending (stream, task_id, day, kind, provider, model, project, state, currency, estimate, amount, before,
                      others)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::numeric[], $11::numeric[], $12::numeric[], $13::text[]::jsonb[])
ON CONFLICT (stream) DO UPDATE
SET provider = excluded.provider, model = excluded.model, state = excluded.state, currency = excluded.currency,
    estimate = excluded.estimate, amount = excluded.amount, before = excluded.before, others = excluded.others
"""
_REMOVE: LiteralString = "DELETE FROM spending WHERE stream = ANY($1::uuid[])"
_DAY: LiteralString = "SELECT day FROM spending WHERE stream = $1"
# Without a rate an amount counts unconverted: better than not at all. The check of a request reports the lack.
_STANDING: LiteralString = """
WITH rates AS (
    SELECT * FROM unnest($3::text[], $4::numeric[]) AS rates (currency, rate)
), today AS (
    SELECT *, state = 'running' AND others <> '[]' AS may_change FROM spending
    WHERE day = $1 AND stream IS DISTINCT FROM $2::uuid
), may_cost AS (
    SELECT stream, provider, project, currency, amount, 0 AS before, currency AS before_currency
    FROM today WHERE may_change
    UNION ALL
    SELECT stream, other.provider, project, other.currency, other.amount, before, today.currency
    FROM today, jsonb_to_recordset(others) AS other (provider text, currency text, amount numeric) WHERE may_change
), held AS (
    SELECT stream, provider, project,
           max(amount * COALESCE(rates.rate, 1) + before * COALESCE(before_rates.rate, 1)) AS amount
    FROM may_cost
    LEFT JOIN rates USING (currency)
    LEFT JOIN rates AS before_rates ON before_rates.currency = before_currency
    WHERE amount IS NOT NULL AND may_cost.currency IS NOT NULL GROUP BY stream, provider, project
), counted AS (
    SELECT provider, project, sum(amount) * COALESCE(rate, 1) AS amount
    FROM today LEFT JOIN rates USING (currency)
    WHERE NOT may_change AND amount IS NOT NULL AND currency IS NOT NULL
    GROUP BY provider, project, currency, rate
    UNION ALL
    SELECT provider, project, amount FROM held
    UNION ALL
    SELECT $5, project, max(amount) - sum(amount) FROM held GROUP BY stream, project HAVING count(*) > 1
)
SELECT provider, project, sum(amount) FROM counted GROUP BY provider, project
UNION ALL
SELECT NULL, NULL, position FROM public.read_models WHERE name = 'spending' AND serving
"""

_TOPICS = topics_of(
    TaskRequested,
    FallbackChosen,
    ProviderSucceeded,
    CallResolved,
    TaskCompleted,
    TaskFailed,
    TaskCancelled,
    LateResultSeen,
)

SPENDING: ReadModel[SpendingRow] = ReadModel("spending", 2, _DDL, fold, _load, _save, _remove, _TOPICS)
