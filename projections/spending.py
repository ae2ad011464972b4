"""What was it spent on? One row a task: what it commits or has cost, on which day, at whom, for which project.

Money is committed when a task is accepted, at its estimate, and stays so until the end tells what it was: `spent`,
`released` (it cost nothing), or `unknown` (nobody can tell, so it counts as if it had been spent)."""

from datetime import date
from decimal import Decimal
from typing import LiteralString, NamedTuple

import msgspec

from application.ports import Recorded, Unreadable
from domain.base import Value, replace
from domain.budget import Committed, Money, Spender
from domain.model import Kind, ModelEvent, split_model_id
from domain.provider import Charged
from domain.task_events import (
    CallResolved,
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
from projections.base import Connection, Key, Pool, ReadModel

_STATES: dict[Charged, str] = {"yes": "spent", "no": "released", "unknown": "unknown"}


class SpendingRow(Value):
    """The row. `amount` is what counts, `estimate` what was reckoned before; None where there are no prices.

    `before` is what earlier calls of the task have cost or may have: a person had it called once more."""

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


def fold(row: SpendingRow | None, recorded: Recorded) -> SpendingRow | None:
    """The row after one more event."""
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
        )
    if row is None or isinstance(event, ModelEvent | Unreadable):
        return row
    return _evolve(row, event)


def _evolve(row: SpendingRow, event: TaskEvent) -> SpendingRow:
    match event:
        case FallbackChosen(model=model):
            return replace(row, model=model, provider=split_model_id(model)[0])
        case ProviderSucceeded(cost=cost) | TaskCompleted(cost=cost):
            amount = cost.amount if cost else row.estimate
            currency = cost.currency if cost else row.currency
            return replace(row, state="spent", currency=currency, amount=_plus(row.before, amount))
        case TaskFailed(charged=charged, cost=cost):
            return _ended(row, charged, cost.amount if cost else row.estimate)
        case TaskCancelled(charged=charged):
            return _ended(row, charged, row.estimate)
        case LateResultSeen() if row.state != "spent":
            return replace(row, state="spent", amount=_plus(row.before, row.estimate))
        case CallResolved(verdict="retry"):
            before = row.amount or Decimal(0)
            return replace(row, state="running", before=before, amount=_plus(before, row.estimate))
        case RefetchRequested():
            return row
        case _:
            return row


def _ended(row: SpendingRow, charged: Charged, amount: Decimal | None) -> SpendingRow:
    if row.state == "spent":  # known from the provider already
        return row
    counted = Decimal(0) if charged == "no" else amount
    state = "unknown" if row.before and charged == "no" else _STATES[charged]
    return replace(row, state=state, amount=_plus(row.before, counted))


def _plus(before: Decimal, amount: Decimal | None) -> Decimal | None:
    return amount if not before else before + (amount or Decimal(0))


class Spent(NamedTuple):
    """What one spender has committed in one currency."""

    spender: Spender
    currency: str
    amount: Decimal


async def committed(pool: Pool, day: date, money: Money) -> Committed:
    """What a day has committed, by provider and project, in the budgets' currency."""
    total: dict[Spender, Decimal] = {}
    for provider, project, currency, amount in await pool.fetch(_COMMITTED, day):
        worth = money.worth(amount, currency)
        spender = Spender(provider, project)
        # Without a rate it is counted as it stands: better too much than nothing. The check of a request tells of it.
        total[spender] = total.get(spender, Decimal(0)) + (amount if worth is None else worth)
    return total


async def position(pool: Pool) -> int:
    """How far the table has got in the log."""
    return int(await pool.fetchval(_POSITION) or 0)


async def _load(connection: Connection, streams: list[Key]) -> dict[Key, SpendingRow]:
    rows = await connection.fetch(_LOAD, streams)
    return {row["stream"]: msgspec.convert(dict(row), SpendingRow) for row in rows}


async def _save(connection: Connection, rows: dict[Key, SpendingRow]) -> None:
    columns = [[getattr(row, name) for row in rows.values()] for name in _COLUMNS]
    await connection.execute(_SAVE, list(rows), *columns)


async def _remove(connection: Connection, streams: list[Key]) -> None:
    await connection.execute(_REMOVE, streams)


_COLUMNS = SpendingRow.__struct_fields__

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
    before numeric NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX spending_by_day ON spending (day, provider, project);
"""
_LOAD: LiteralString = "SELECT * FROM spending WHERE stream = ANY($1::uuid[])"
_SAVE: LiteralString = """
INSERT INTO spending (stream, task_id, day, kind, provider, model, project, state, currency, estimate, amount, before)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::numeric[], $11::numeric[], $12::numeric[])
ON CONFLICT (stream) DO UPDATE
SET provider = excluded.provider, model = excluded.model, state = excluded.state, currency = excluded.currency,
    amount = excluded.amount, before = excluded.before
"""
_REMOVE: LiteralString = "DELETE FROM spending WHERE stream = ANY($1::uuid[])"
_COMMITTED: LiteralString = """
SELECT provider, project, currency, sum(amount) FROM spending
WHERE day = $1 AND amount IS NOT NULL AND currency IS NOT NULL GROUP BY provider, project, currency
"""
_POSITION: LiteralString = "SELECT position FROM public.read_models WHERE name = 'spending' AND serving"

SPENDING: ReadModel[SpendingRow] = ReadModel("spending", 1, _DDL, fold, _load, _save, _remove)
