"""Laws of the spending table: money is committed when a task is accepted, until its end fixes the amount."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from application.clock import new_stream
from application.ports import Cause
from domain.budget import NO_PROVIDER, BudgetKey, ExchangeRates
from domain.ids import model_stream, task_id
from domain.model import Kind, ModelEnabled
from domain.money import Cost
from domain.provider import Missing, RemoteOutput
from domain.task.events import (
    CallResolved,
    Fallback,
    FallbackChosen,
    LateResultSeen,
    OutputFetchFailed,
    ProviderSucceeded,
    RefetchRequested,
)
from projections.builds import prepare
from projections.spending import SPENDING, day_of_task
from projections.spending_days import Mark, read, read_for, total
from projections.spending_row import SpendingRow
from tests.projections.projection_rig import ProjectionRig, running
from tests.projections.scenario import (
    AT,
    accepted,
    after,
    called,
    cancelled,
    cancelling,
    completed,
    doubted,
    failed,
    reconciled,
    refused,
    requested,
)

DOLLARS = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.5")})
TODAY = AT.date()


def money(amount: str, currency: str = "USD") -> Cost:
    return Cost(amount=Decimal(amount), currency=currency, price_revision=1)


ESTIMATE = money("0.10")


def done(cost: Cost | None = None) -> ProviderSucceeded:
    return ProviderSucceeded(call="call-1", outputs=(RemoteOutput(index=0, url="https://a"),), cost=cost, at=after(5))


def settled(verdict: Any) -> CallResolved:
    return CallResolved(call="call-1", verdict=verdict, by="anna", at=after(20))


UNFETCHED = OutputFetchFailed(failed=(Missing(index=0, code="fetch_failed", message="HTTP 404"),), at=after(6))
REFETCH = RefetchRequested(by="alice", at=after(30))
LATE = LateResultSeen(call="call-1", text="late", at=after(40))
UNKNOWN = [called(), doubted(), reconciled("unknown"), failed(code="outcome_unknown", charged="unknown")]


@pytest.fixture
async def books(rig: ProjectionRig) -> ProjectionRig:
    """The rig, with the spending table."""
    await prepare(rig.dsn, [SPENDING])
    return rig


async def row_of(books: ProjectionRig, stream: UUID) -> SpendingRow | None:
    """The row of a task, once the table has caught up."""
    async with running(books.runner(SPENDING)):
        await books.caught_up("spending")
    row = await books.pool.fetchrow("SELECT * FROM spending WHERE stream = $1", stream)
    return msgspec.convert(dict(row) | {"others": msgspec.json.decode(row["others"])}, SpendingRow) if row else None


async def held(books: ProjectionRig, on: date = TODAY, *, without: UUID | None = None) -> dict[BudgetKey, Decimal]:
    """The sums of a day, once the table has caught up."""
    async with running(books.runner(SPENDING)):
        await books.caught_up("spending")
    found = await (read_for(books.pool, on, "films", without=without) if without else read(books.pool, on))
    return total(found.sums, DOLLARS)


def figures(row: SpendingRow | None) -> tuple[str, str | None, str | None]:
    """State, amount and currency."""
    assert row is not None
    return row.state, None if row.amount is None else f"{row.amount.normalize():f}", row.currency


# --- One task ---


async def test_an_accepted_task_commits_its_estimate(books: ProjectionRig) -> None:
    """From the request on, for its day, its provider and its project."""
    stream = await books.begin(estimate=ESTIMATE, project_id="films", model="acme/painter", kind=Kind.VIDEO)
    assert await row_of(books, stream) == SpendingRow(
        task_id=task_id(stream),
        day=TODAY,
        kind=Kind.VIDEO,
        provider="acme",
        model="acme/painter",
        project="films",
        state="running",
        currency="USD",
        estimate=Decimal("0.10"),
        amount=Decimal("0.10"),
        position=1,
    )


@pytest.mark.parametrize(
    ("later", "state", "amount"),
    [
        pytest.param([called(), accepted()], "running", "0.1", id="under way"),
        pytest.param([called(), refused(retry_at=after(60))], "running", "0.1", id="waits to be called again"),
        pytest.param([called(), doubted()], "running", "0.1", id="in doubt"),
        pytest.param([called(), completed(cost=money("0.07"))], "spent", "0.07", id="completed"),
        pytest.param([called(), completed()], "spent", "0.1", id="completed, cost unknown"),
        pytest.param([called(), completed(cost=money("0"))], "spent", "0", id="completed for nothing"),
        pytest.param([called(), done(money("0.07"))], "spent", "0.07", id="delivered"),
        pytest.param([called(), done(money("0.07")), UNFETCHED], "spent", "0.07", id="delivered, not fetched yet"),
        pytest.param(
            [called(), done(money("0.07")), UNFETCHED, failed(charged="yes", cost=money("0.07"))],
            *("spent", "0.07"),
            id="delivered and never fetched",
        ),
        pytest.param(
            [called(), done(money("0.07")), UNFETCHED, failed(charged="yes"), REFETCH],
            *("spent", "0.07"),
            id="fetched once more",
        ),
        pytest.param(
            [called(), done(money("0.07")), cancelling(), cancelled("too_late")], "spent", "0.07", id="cancelled late"
        ),
        pytest.param([failed(charged="no")], "released", "0", id="failed for nothing"),
        pytest.param([called(), failed(charged="yes")], "spent", "0.1", id="failed and paid"),
        pytest.param([called(), failed(charged="yes", cost=money("0.02"))], "spent", "0.02", id="failed, cost known"),
        pytest.param([called(), failed(charged="no", cost=money("0.02"))], "released", "0", id="failed, not charged"),
        pytest.param(UNKNOWN, "unknown", "0.1", id="nobody knows"),
        pytest.param([called(), cancelling(), cancelled("unknown")], "unknown", "0.1", id="cancelled perhaps"),
        pytest.param([*UNKNOWN, LATE], "spent", "0.1", id="it came late"),
        pytest.param([*UNKNOWN, settled("abandon")], "unknown", "0.1", id="given up by a person"),
        pytest.param(
            [*UNKNOWN, settled("attach"), completed(cost=money("0.07"))], "spent", "0.07", id="attached by a person"
        ),
    ],
)
async def test_the_end_fixes_the_amount(books: ProjectionRig, later: list[Any], state: str, amount: str) -> None:
    """At the end counts the provider's cost, else the estimate; nothing if the provider surely charged nothing."""
    stream = await books.begin(*later, estimate=ESTIMATE)
    assert figures(await row_of(books, stream)) == (state, amount, "USD")


@pytest.mark.parametrize(
    ("later", "state", "amount"),
    [
        pytest.param([], "running", "0.2", id="may be paid twice"),
        pytest.param([called(2), completed(cost=money("0.07"))], "spent", "0.17", id="completed"),
        pytest.param([called(2), failed(charged="no")], "unknown", "0.1", id="the second call cost nothing"),
        pytest.param([called(2), failed(charged="unknown")], "unknown", "0.2", id="nobody knows of either"),
        pytest.param([called(2), failed(charged="yes")], "spent", "0.2", id="the second was paid"),
    ],
)
async def test_a_call_that_a_person_retried_may_cost_twice(
    books: ProjectionRig, later: list[Any], state: str, amount: str
) -> None:
    """A first call that may have been paid for counts as paid, in addition to the second one."""
    stream = await books.begin(*UNKNOWN, settled("retry"), *later, estimate=ESTIMATE)
    assert figures(await row_of(books, stream)) == (state, amount, "USD")


async def test_without_prices_nothing_is_counted(books: ProjectionRig) -> None:
    """Without a price the amount is None, and not zero; a cost from the provider is an amount."""
    running_on = await books.begin(called())
    ended = await books.begin(called(), completed())
    charged = await books.begin(called(), completed(cost=money("3", "CNY")))
    assert figures(await row_of(books, running_on)) == ("running", None, None)
    assert figures(await row_of(books, ended)) == ("spent", None, None)
    assert figures(await row_of(books, charged)) == ("spent", "3", "CNY")


async def test_another_model_spends_at_its_own_provider(books: ProjectionRig) -> None:
    """After a fallback the other provider is the one that is paid."""
    chosen = FallbackChosen(model="other/painter", model_revision=1, reason="provider_unavailable", at=after(1))
    row = await row_of(books, await books.begin(chosen, estimate=ESTIMATE, model="acme/painter"))
    assert row is not None
    assert (row.provider, row.model, row.state, row.amount) == (
        *("other", "other/painter", "running"),
        Decimal("0.10"),
    )


DEAR = Fallback(model="other/dear", model_revision=1, estimate=money("8", "CNY"))
MIDDLING = Fallback(model="acme/middling", model_revision=1, estimate=money("3"))
UNPRICED = Fallback(model="third/unpriced", model_revision=1)
CHAIN = {"estimate": money("1"), "model": "acme/cheap", "project_id": "films", "fallbacks": (DEAR, MIDDLING, UNPRICED)}
ACME, OTHER, NOBODY = (BudgetKey(name, "films") for name in ("acme", "other", NO_PROVIDER))


def takes_over(other: Fallback) -> FallbackChosen:
    return FallbackChosen(
        model=other.model, model_revision=1, reason="provider_unavailable", estimate=other.estimate, at=after(1)
    )


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], {ACME: 3, OTHER: 4, NOBODY: -3}),
        ([called(), refused(retry_at=after(9))], {ACME: 3, OTHER: 4, NOBODY: -3}),
        ([takes_over(DEAR)], {ACME: 3, OTHER: 4, NOBODY: -3}),
        ([takes_over(MIDDLING)], {ACME: 3}),
        ([called(), completed(cost=money("0.5"))], {ACME: Decimal("0.5")}),
        ([takes_over(DEAR), called(), completed()], {OTHER: 4}),
        ([takes_over(DEAR), called(), doubted(), failed(charged="unknown")], {OTHER: 4}),
        ([takes_over(DEAR), called(), failed(charged="no")], {OTHER: 0}),
        ([takes_over(DEAR), *UNKNOWN, settled("retry")], {ACME: 4 + 3, OTHER: 4 + 4, NOBODY: -7}),
    ],
)
async def test_a_task_holds_what_each_model_that_may_serve_it_may_cost(
    books: ProjectionRig, events: list[Any], expected: dict[BudgetKey, Decimal]
) -> None:
    """At each provider the most that it may cost there, in all its dearest; from who took over on only what is left,
    and after the end what it has cost, by the estimate of who served it."""
    stream = await books.begin(*events, **CHAIN)
    assert await held(books) == expected
    assert await held(books, without=stream) == {}
    assert await day_of_task(books.pool, stream) == TODAY


async def test_the_sum_of_a_day_is_the_sum_of_its_tasks(books: ProjectionRig) -> None:
    """Those with other models and those without, in one currency each."""
    await books.begin(**CHAIN)
    await books.begin(takes_over(DEAR), **CHAIN)
    await books.begin(estimate=money("10"), model="acme/painter", project_id="films")
    assert await held(books) == {ACME: 3 + 3 + 10, OTHER: 4 + 4, NOBODY: -3 - 3}
    assert await day_of_task(books.pool, new_stream()) is None


async def test_other_streams_spend_nothing(books: ProjectionRig) -> None:
    """Neither models nor events that can't be read are in the table."""
    stream = model_stream("acme/painter")
    await books.append(stream, ModelEnabled(at=AT))
    torn = await books.begin(estimate=ESTIMATE)
    await books.append_raw(torn, "TaskPraised", b"{}")
    assert await row_of(books, stream) is None
    assert figures(await row_of(books, torn)) == ("running", "0.1", "USD")


# --- A day ---


async def test_a_day_is_summed_by_provider_and_project_in_one_currency(books: ProjectionRig) -> None:
    """Rows of other days, and without an amount, do not count; an amount without a rate counts unconverted."""
    key = BudgetKey("acme", "films")
    for amount, changes in (
        ("1", {}),
        ("2", {}),
        ("4", {"project_id": None}),
        ("8", {"model": "other/painter"}),
        ("16", {"at": datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)}),
        ("1000", {"at": datetime(2026, 3, 2, tzinfo=UTC)}),
    ):
        await books.begin(**({"estimate": money(amount), "model": "acme/painter", "project_id": "films"} | changes))
    await books.begin(estimate=money("10", "CNY"), model="acme/painter", project_id="films")
    await books.begin(estimate=money("32", "EUR"), model="acme/painter", project_id="films")
    await books.begin(model="acme/painter", project_id="films")
    await books.begin(failed(charged="no"), estimate=money("64"), model="acme/painter", project_id="films")
    assert await held(books) == {
        key: Decimal(1 + 2 + 16 + 5 + 32),
        BudgetKey("acme", None): Decimal(4),
        BudgetKey("other", "films"): Decimal(8),
    }
    assert await held(books, date(2026, 3, 2)) == {key: Decimal(1000)}
    assert await held(books, date(2020, 1, 1)) == {}


async def test_sums_and_position_are_of_one_moment(books: ProjectionRig) -> None:
    """Adding the tasks beyond the position counts none twice and leaves none out, while the table goes on."""
    assert await read(books.pool, TODAY) == (Mark(1, 0), [], True)
    positions: list[int] = []
    async with running(books.runner(SPENDING, batch=1)):
        for _ in range(60):
            stream = new_stream()
            wanted = requested(stream, estimate=money("1"), model="acme/painter", project_id="films")
            positions.append((await books.log.append(stream, 0, [wanted], Cause(actor="test"))).position)
            mark, sums, _ = await read(books.pool, TODAY)
            assert total(sums, DOLLARS).get(ACME, 0) == sum(one <= mark.position for one in positions)
        await books.caught_up("spending")
    mark, sums, _ = await read(books.pool, TODAY)
    assert (mark.position, total(sums, DOLLARS)) == (positions[-1], {ACME: Decimal(60)})


async def test_the_table_is_the_same_when_it_is_built_anew(books: ProjectionRig) -> None:
    """Event by event, or all at once: the same rows."""
    for later in (UNKNOWN, [*UNKNOWN, settled("retry")], [called(), completed(cost=money("0.07"))]):
        stream = await books.begin(estimate=ESTIMATE, fallbacks=(DEAR, MIDDLING))
        async with running(books.runner(SPENDING, batch=1)):
            for event in later:
                await books.append(stream, event)
            await books.caught_up("spending")
    before = await books.pool.fetch("SELECT * FROM spending ORDER BY stream")
    await books.runner(SPENDING).rebuild()
    assert await books.pool.fetch("SELECT * FROM spending ORDER BY stream") == before
