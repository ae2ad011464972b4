"""Laws of the budget guard: its totals are the sums of the day and what it has accepted since they were read."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import LiteralString

import pytest

from adapters.postgres.database import Pool, open_pool
from application.generations import Reservation
from domain.base import Rejected
from domain.budget import Budget, Candidate, ExchangeRates
from domain.money import Cost
from projections.builds import prepare
from projections.spending import SPENDING
from services.budget_guard import BudgetGuard
from tests.steps import lines_awaited, lines_run

BUDGETS = [Budget(most=Decimal(100_000)), Budget(most=Decimal(5), project="*")]


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[Pool]:
    """The pool of a process, and an empty spending table."""
    await prepare(database_url, [SPENDING])
    pool = await open_pool(database_url, size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def opened(pool: Pool) -> BudgetGuard:
    guard = BudgetGuard(pool, BUDGETS, ExchangeRates())
    await guard.refresh()
    return guard


async def spend(pool: Pool, *, projects: int, amount: int, position: int) -> None:
    """Let so many projects commit an amount each, instead of what they committed before."""
    await pool.execute(_SPEND, datetime.now(UTC).date(), projects, Decimal(amount), position)
    await pool.execute(_MOVE, position)


def reserve(guard: BudgetGuard, project: str, amount: str = "1") -> Reservation:
    cost = Cost(amount=Decimal(amount), currency="USD", price_revision=1)
    return guard.reserve(project, [Candidate("acme/painter", cost)])


def reserve_and_release(guard: BudgetGuard) -> None:
    reserve(guard, "project-1").release()


def committed(guard: BudgetGuard, project: str) -> str:
    """The committed amount of a project, from a refusal."""
    with pytest.raises(Rejected) as caught:
        reserve(guard, project, "6")
    return caught.value.message.partition("of which ")[2].partition(" are committed")[0]


async def test_a_request_costs_the_same_however_many_projects_spend(pool: Pool) -> None:
    """A reservation and a release run as many lines for thousands of projects as for three."""
    ran: list[int] = []
    for projects in (3, 3000):
        await spend(pool, projects=projects, amount=1, position=projects)
        guard = await opened(pool)
        ran.append(lines_run(partial(reserve_and_release, guard)))
        assert committed(guard, "project-1") == "1"
    assert ran[0] == ran[1] > 0


async def test_a_refresh_looks_at_what_has_changed(pool: Pool) -> None:
    """The number of sums of the day does not matter."""
    await spend(pool, projects=3000, amount=1, position=10)
    guard = await opened(pool)
    await spend(pool, projects=2, amount=3, position=20)
    few = await lines_awaited(guard.refresh)
    await spend(pool, projects=3000, amount=3, position=30)
    many = await lines_awaited(guard.refresh)
    assert few * 20 < many
    assert committed(guard, "project-1") == committed(guard, "project-2999") == "3"


async def test_a_task_counts_once_when_the_sums_have_it(pool: Pool) -> None:
    """A reservation is released when the sums contain the position of its task, and not before."""
    guard = await opened(pool)
    first, second = reserve(guard, "project-1"), reserve(guard, "project-1", "2")
    first.commit(10)
    second.commit(20)
    assert committed(guard, "project-1") == "3"
    await spend(pool, projects=1, amount=1, position=10)
    await guard.refresh()
    assert committed(guard, "project-1") == "3"
    await spend(pool, projects=1, amount=3, position=20)
    await guard.refresh()
    assert committed(guard, "project-1") == "3"
    reserve(guard, "project-1").release()
    assert committed(guard, "project-1") == "3"


async def test_the_last_sums_stay_until_a_new_table_has_caught_up(pool: Pool) -> None:
    """Then all of them are read again."""
    await spend(pool, projects=3, amount=2, position=10)
    guard = await opened(pool)
    await spend(pool, projects=3, amount=1, position=5)
    await guard.refresh()
    assert committed(guard, "project-1") == "2"
    await pool.execute(_MOVE, 10)
    await guard.refresh()
    assert committed(guard, "project-1") == "1"


async def test_requests_go_on_while_all_sums_are_read_anew(pool: Pool) -> None:
    """The totals afterwards contain what was reserved and released meanwhile."""
    await spend(pool, projects=5000, amount=1, position=10)
    guard = await opened(pool)
    first, returned = reserve(guard, "project-1"), reserve(guard, "project-2")
    await pool.execute("UPDATE public.read_models SET generation = 2 WHERE name = 'spending'")
    refreshing = asyncio.create_task(guard.refresh())
    while not refreshing.done():
        returned.release()
        returned = reserve(guard, "project-2")
        await asyncio.sleep(0)
    await refreshing
    assert (committed(guard, "project-1"), committed(guard, "project-2")) == ("2", "2")
    first.release()
    returned.release()
    assert (committed(guard, "project-1"), committed(guard, "project-2")) == ("1", "1")


_SPEND: LiteralString = """
INSERT INTO spending_1.spending_days
SELECT $1, 'acme', 'project-' || n, 'USD', '', $3, 1, $4, 'anonymous' FROM generate_series(1, $2::int) n
ON CONFLICT (day, provider, currency, coalesce(project, ''), (project IS NULL), md5(chain), caller) DO UPDATE
SET amount = excluded.amount, changed_at = excluded.changed_at
"""
_MOVE: LiteralString = "UPDATE public.read_models SET position = $1 WHERE name = 'spending'"
