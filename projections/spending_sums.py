"""What was spent in a period, by day, model, project or provider? Sums of the rows of tasks, one for each currency."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, LiteralString, NamedTuple, TypeAlias

from msgspec import Meta

from domain.base import Value
from projections.base import Pool
from projections.statements import Statement, conditions

Way: TypeAlias = Literal["day", "model", "project", "provider"]
MAX_SUMS: Final = 1000


class SpendingFilter(Value):
    """Which tasks to add up: those requested from `first` to `last`, days of UTC, both included. `owner` is whose
    tasks; None: everybody's."""

    first: date
    last: date
    owner: str | None = None


class SpendingSum(Value):
    """What the tasks with the same key come to, in one currency."""

    key: Annotated[
        str,
        Meta(description="The day, model, project or provider; empty: no project", examples=["dashscope/qwen-image"]),
    ]
    currency: Annotated[str, Meta(description="Of the amounts", examples=["CNY"])]
    spent: Annotated[Decimal, Meta(description="What tasks cost", examples=["1.25"])]
    running: Annotated[Decimal, Meta(description="What unfinished tasks may cost at most", examples=["0.25"])]
    unknown: Annotated[
        Decimal, Meta(description="What tasks may have cost of which nobody knows whether they did", examples=["0"])
    ]
    tasks: Annotated[int, Meta(description="How many tasks; without those that cost nothing", examples=[5])]


class Spending(NamedTuple):
    """The sums, at most MAX_SUMS of them, the ones with the most tasks, in the order of their keys; and how many tasks
    have ended without a price. `complete`: there are no more sums."""

    sums: list[SpendingSum]
    unpriced: int
    complete: bool


async def add_up(pool: Pool, way: Way, wanted: SpendingFilter) -> Spending:
    """The sums of a period. It reads a row for each of its tasks.

    Raises the driver's errors, among them that of a missing column while a build of an older Pixel serves."""
    statement = select(way, wanted)
    rows = await pool.fetch(statement.sql, *statement.arguments)
    sums: list[SpendingSum] = []
    unpriced = 0
    for key, currency, spent, running, unknown, tasks in rows:
        if currency is None:
            unpriced += tasks
        else:
            sums.append(
                SpendingSum(key=key, currency=currency, spent=spent, running=running, unknown=unknown, tasks=tasks)
            )
    shown = sorted(sums[:MAX_SUMS], key=lambda each: (each.key, each.currency))
    return Spending(shown, unpriced, len(sums) <= MAX_SUMS)


def select(way: Way, wanted: SpendingFilter) -> Statement:
    """The statement for the sums: those without a currency first, then those of the most tasks."""
    arguments: list[object] = [MAX_SUMS + 2, wanted.first, wanted.last]
    return Statement(_SUMS[way] + conditions([(" AND owner = ", wanted.owner)], arguments) + _GROUPED, arguments)


# The tasks without a price are one group, which has no key.
_FROM: LiteralString = """ END AS key, CASE WHEN amount IS NOT NULL THEN currency END AS unit,
    coalesce(sum(amount) FILTER (WHERE state = 'spent'), 0),
    coalesce(sum(amount) FILTER (WHERE state = 'running'), 0),
    coalesce(sum(amount) FILTER (WHERE state = 'unknown'), 0),
    count(*) FILTER (WHERE amount IS NOT NULL OR state <> 'running') AS tasks
FROM spending WHERE state <> 'released' AND day BETWEEN $2 AND $3"""
_GROUPED: LiteralString = """
GROUP BY key, unit ORDER BY count(amount) > 0, tasks DESC LIMIT $1
"""
_SUMS: dict[Way, LiteralString] = {
    "day": "SELECT CASE WHEN amount IS NOT NULL THEN day::text" + _FROM,
    "model": "SELECT CASE WHEN amount IS NOT NULL THEN model" + _FROM,
    "project": "SELECT CASE WHEN amount IS NOT NULL THEN coalesce(project, '')" + _FROM,
    "provider": "SELECT CASE WHEN amount IS NOT NULL THEN provider" + _FROM,
}
