"""What does a day commit? Its sums by provider and project, as the spending table keeps them beside its rows.

A reader that has read them before asks for those that have changed since."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from domain.api_key import ANONYMOUS
from domain.budget import NO_PROVIDER, BudgetKey, Committed, ExchangeRates
from projections.base import Pool
from projections.spending_row import Choice, FallbackEstimate, choices_of


class SumKey(NamedTuple):
    """The fields that the tasks of one sum share. `chain` are their `choices` as JSON, '' when their model is
    settled."""

    provider: str
    project: str | None
    currency: str
    chain: str
    caller: str = ANONYMOUS


class DaySum(NamedTuple):
    """What the tasks of one key commit: `amount` in the key's currency, or, with a chain, the amounts of the chain
    for each of the `tasks`."""

    key: SumKey
    amount: Decimal
    tasks: int

    def committed(self, money: ExchangeRates) -> Committed:
        """The commitments in the budgets' currency.

        A task whose model may change counts at each provider with its highest cost there. Over all providers it counts
        once, with its dearest model: the surplus is subtracted under `NO_PROVIDER`."""
        provider, project, currency, chain, _ = self.key
        if not chain:
            return {BudgetKey(provider, project): _convert(money, self.amount, currency)}
        most: defaultdict[str, Decimal] = defaultdict(Decimal)
        for name, amounts in _CHAIN.decode(chain):
            cost = sum((_convert(money, amount, unit) for unit, amount in amounts), Decimal(0))
            most[name] = max(most[name], cost)
        held = {BudgetKey(name, project): amount * self.tasks for name, amount in most.items()}
        if len(held) > 1:
            held[BudgetKey(NO_PROVIDER, project)] = (max(most.values()) - sum(most.values())) * self.tasks
        return held


class Mark(NamedTuple):
    """How far a reader of the sums has got: the number of the build that it read, and its position in the log."""

    generation: int
    position: int


class DaySums(NamedTuple):
    """Sums of a day, of one moment: a task is in them if and only if its position is not behind that of the mark.

    `whole`: they are all of the day's, else those that have changed."""

    mark: Mark
    sums: list[DaySum]
    whole: bool = True


async def read(pool: Pool, day: date, since: Mark | None = None) -> DaySums:
    """All sums of a day, or those that have changed since the mark. Raises the driver's errors."""
    try:
        if since is not None:
            found = _decode(await pool.fetch(_CHANGED, day, since.position))
            if found.mark.generation == since.generation:
                return found._replace(whole=False)
        return _decode(await pool.fetch(_ALL, day))
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return await _add_up(pool, day)


async def read_for(pool: Pool, day: date, project: str | None, *, without: UUID) -> DaySums:
    """What counts against a request of `project`: its sums, and those of all other projects together, under None. What
    the task `without` commits is not in them. Raises the driver's errors."""
    try:
        return _decode(await pool.fetch(_FOR_PROJECT, day, project, without))
    except asyncpg.UndefinedTableError:
        return await _add_up(pool, day, without)


class CallerSums(NamedTuple):
    """The sums of a caller by day, of one moment: a task is in them if and only if its position is not behind it."""

    position: int
    days: dict[date, list[DaySum]]


async def read_caller(pool: Pool, caller: str, *, since: date) -> CallerSums:
    """The sums of a caller by day, from that day on.

    Raises the driver's errors, among them those of a missing table or column while a build of an older Pixel serves."""
    position, days = 0, dict[date, list[DaySum]]()
    for day, provider, project, currency, chain, amount, tasks in await pool.fetch(_OF_CALLER, caller, since):
        if day is None:
            position = int(amount)
        else:
            key = SumKey(provider, project, currency, chain, caller)
            days.setdefault(day, []).append(DaySum(key, amount, tasks))
    return CallerSums(position, days)


def total(sums: Iterable[DaySum], money: ExchangeRates) -> dict[BudgetKey, Decimal]:
    """The commitments of several sums together."""
    found: dict[BudgetKey, Decimal] = {}
    for each in sums:
        for key, amount in each.committed(money).items():
            found[key] = found.get(key, Decimal(0)) + amount
    return found


async def _add_up(pool: Pool, day: date, without: UUID | None = None) -> DaySums:
    """All sums of a day, from the rows: for as long as the build that serves was made by an older Pixel."""
    rows: list[tuple[object, ...]] = []
    for *row, before, others in await pool.fetch(_ADD_UP, day, without):
        provider, project, currency, _, amount, tasks = row
        chain = ""
        if others is not None:
            current = FallbackEstimate(model="", provider=provider, currency=currency, amount=amount)
            chain = msgspec.json.encode(choices_of(current, before, _OTHERS.decode(others))).decode()
        rows.append((provider, project, currency or "", chain, amount, tasks))
    return _decode(rows)


def _decode(rows: Iterable[Any]) -> DaySums:
    mark, sums = Mark(0, 0), list[DaySum]()
    for provider, project, currency, chain, amount, tasks, *caller in rows:
        if provider is None:
            mark = Mark(generation=tasks, position=int(amount))
        else:
            sums.append(DaySum(SumKey(provider, project, currency, chain, *caller), amount, tasks))
    return DaySums(mark, sums)


def _convert(money: ExchangeRates, amount: Decimal, currency: str) -> Decimal:
    """Without a rate an amount counts unconverted: better than not at all. The check of a request reports the lack."""
    converted = money.convert(amount, currency)
    return amount if converted is None else converted


_CHAIN = msgspec.json.Decoder(tuple[Choice, ...])
_OTHERS = msgspec.json.Decoder(tuple[FallbackEstimate, ...])

# The row without a provider is that of the read model itself, from the same moment.
_ALL: LiteralString = """
SELECT provider, project, currency, chain, amount, tasks, caller FROM spending_days WHERE day = $1 AND tasks > 0
UNION ALL
SELECT NULL, NULL, NULL, NULL, position, generation, NULL
FROM public.read_models WHERE name = 'spending' AND serving
"""
_CHANGED: LiteralString = """
SELECT provider, project, currency, chain, amount, tasks, caller FROM spending_days WHERE day = $1 AND changed_at > $2
UNION ALL
SELECT NULL, NULL, NULL, NULL, position, generation, NULL
FROM public.read_models WHERE name = 'spending' AND serving
"""
_FOR_PROJECT: LiteralString = """
SELECT provider, CASE WHEN project = $2 THEN project END, currency, chain, sum(amount), sum(tasks)::bigint
FROM (
    SELECT provider, project, currency, chain, amount, tasks FROM spending_days WHERE day = $1
    UNION ALL
    SELECT provider, project, coalesce(currency, ''), chain, CASE chain WHEN '' THEN -amount ELSE 0 END, -1
    FROM spending
    WHERE stream = $3 AND day = $1 AND (chain <> '' OR (amount IS NOT NULL AND currency IS NOT NULL))
) counted
GROUP BY 1, 2, 3, 4 HAVING sum(tasks) > 0
UNION ALL
SELECT NULL, NULL, NULL, NULL, position, generation FROM public.read_models WHERE name = 'spending' AND serving
"""
_OF_CALLER: LiteralString = """
SELECT day, provider, project, currency, chain, amount, tasks
FROM spending_days WHERE caller = $1 AND caller <> 'anonymous' AND day >= $2 AND tasks > 0
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, position, generation
FROM public.read_models WHERE name = 'spending' AND serving
"""
_ADD_UP: LiteralString = """
SELECT provider, project, currency, '', sum(amount), count(*), 0, NULL
FROM spending
WHERE day = $1 AND stream IS DISTINCT FROM $2::uuid AND (state <> 'running' OR others = '[]')
  AND amount IS NOT NULL AND currency IS NOT NULL
GROUP BY provider, project, currency
UNION ALL
SELECT provider, project, currency, '', amount, 1, before, others::text
FROM spending
WHERE day = $1 AND stream IS DISTINCT FROM $2::uuid AND state = 'running' AND others <> '[]'
UNION ALL
SELECT NULL, NULL, NULL, NULL, position, generation, 0, NULL
FROM public.read_models WHERE name = 'spending' AND serving
"""
