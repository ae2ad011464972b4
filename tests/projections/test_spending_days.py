"""Laws of the sums of a day: they always equal the sums of the rows, and reading them reads no rows."""

import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres import database
from adapters.postgres.database import Connection
from application.clock import new_stream
from application.ports import Recorded
from domain.budget import BudgetKey, ExchangeRates
from domain.money import Cost
from domain.task.events import CallResolved, Fallback, FallbackChosen, LateResultSeen, ProviderSucceeded
from projections import spending_days
from projections.builds import prepare
from projections.folding import fold_batch
from projections.spending import SPENDING
from projections.spending_days import DaySum, Mark, SumKey, read, read_for, total
from tests.projections.projection_rig import ProjectionRig
from tests.projections.scenario import AT, after, called, cancelled, completed, doubted, failed, refused, requested

RATES = ExchangeRates(currency="USD", rates={"CNY": Decimal("0.14")})
TODAY, TOMORROW = AT.date(), AT.date() + timedelta(days=1)
STREAMS = 5


def money(amount: str, currency: str = "USD") -> Cost:
    return Cost(amount=Decimal(amount), currency=currency, price_revision=1)


@pytest.fixture
async def books(rig: ProjectionRig) -> ProjectionRig:
    """The rig, with the spending table."""
    await prepare(rig.dsn, [SPENDING])
    return rig


async def added_up(books: ProjectionRig, day: date) -> dict[BudgetKey, Decimal]:
    """The sums of a day from its rows, by a statement that does not use the stored sums."""
    rows = await books.pool.fetch(_ADDED_UP, day, list(RATES.rates), list(RATES.rates.values()))
    return {BudgetKey(provider, project): amount for provider, project, amount in rows}


@pytest.fixture
async def writer(books: ProjectionRig) -> AsyncGenerator[Connection]:
    """A connection that uses the tables of the first build, as its runner does."""
    connection = await database.connect(books.dsn, search_path="spending_1")
    try:
        yield connection
    finally:
        await connection.close()


# --- They equal the sums of the rows ---

DEAR = Fallback(model="other/dear", model_revision=1, estimate=money("8", "CNY"))
FAIR = Fallback(model="acme/fair", model_revision=1, estimate=money("1.25"))
UNPRICED = Fallback(model="third/unpriced", model_revision=1)
NEWS: list[Any] = [
    called(),
    refused(retry_at=after(60)),
    doubted(),
    ProviderSucceeded(call="call-1", outputs=(), cost=money("0.07"), at=after(5)),
    completed(),
    completed(cost=money("0.3", "CNY")),
    completed(cost=money("2", "EUR")),
    failed(charged="no"),
    failed(charged="yes", cost=money("0.02")),
    failed(charged="unknown"),
    cancelled("unknown"),
    LateResultSeen(call="call-1", text="late", at=after(40)),
    CallResolved(call="call-1", verdict="retry", by="anna", at=after(20)),
    *(
        FallbackChosen(
            model=other.model, model_revision=1, reason="provider_unavailable", estimate=other.estimate, at=after(1)
        )
        for other in (DEAR, FAIR, UNPRICED)
    ),
]
REQUESTS = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["acme/painter", "other/painter"]),
        "project_id": st.sampled_from([None, "", "films"]),
        "estimate": st.sampled_from([None, money("0.1"), money("0"), money("3", "CNY"), money("5", "EUR")]),
        "fallbacks": st.sampled_from([(), (DEAR,), (DEAR, FAIR, UNPRICED), (UNPRICED,)]),
        "at": st.sampled_from([AT, AT + timedelta(days=1)]),
    }
)
STEPS = st.tuples(st.integers(0, STREAMS - 1), REQUESTS | st.sampled_from(NEWS))


class History(NamedTuple):
    """Requests of some streams, what happens to them later, the size of a batch, and the streams that were parked."""

    requests: list[dict[str, Any]]
    steps: list[tuple[int, Any]]
    batch: int
    parked: set[int]


HISTORIES = st.builds(
    History,
    st.lists(REQUESTS, min_size=STREAMS, max_size=STREAMS),
    st.lists(STEPS, max_size=30),
    st.sampled_from([1, 4, 100]),
    st.sets(st.integers(0, STREAMS - 1)),
)


@settings(
    max_examples=15,
    deadline=None,
    # Examples share the tables, which makes the histories longer, and no law weaker.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(HISTORIES)
async def test_the_sums_are_what_the_rows_add_up_to(
    books: ProjectionRig,
    writer: Connection,
    history: History,
) -> None:
    """After every batch of any size of any histories: estimates that become costs, models that change, calls that are
    repeated, a task that moves to another day, streams that are folded afresh; for whoever reads all of them, and for
    whoever reads again and again what has changed."""
    streams = [new_stream() for _ in history.requests]
    start = await books.log.head()
    for number, step in [*enumerate(history.requests), *history.steps]:
        stream = streams[number]
        await books.append(stream, requested(stream, **step) if isinstance(step, dict) else step)
    events = await books.log.read(start, 1000)
    seen: dict[date, tuple[Mark | None, dict[SumKey, DaySum]]] = {TODAY: (None, {}), TOMORROW: (None, {})}
    for first in range(0, len(events), history.batch):
        await _project(writer, events[first : first + history.batch])
        await _assert_sums(books, seen)
    for number in history.parked:
        again = await books.log.stream(streams[number])
        await SPENDING.remove(writer, [streams[number]])
        await _assert_sums(books, seen)
        await fold_batch(writer, SPENDING, {streams[number]: list(again)})
        await _assert_sums(books, seen)


async def _project(writer: Connection, events: list[Recorded]) -> None:
    """One batch, as the runner projects it."""
    by_stream: defaultdict[UUID, list[Recorded]] = defaultdict(list)
    for event in events:
        by_stream[event.stream].append(event)
    async with writer.transaction():
        await fold_batch(writer, SPENDING, by_stream)
        await writer.execute(_MOVED, events[-1].position)


async def _assert_sums(books: ProjectionRig, seen: dict[date, tuple[Mark | None, dict[SumKey, DaySum]]]) -> None:
    for day, (since, known) in seen.items():
        expected = await added_up(books, day)
        assert total((await read(books.pool, day)).sums, RATES) == expected
        found = await read(books.pool, day, since)
        known |= {each.key: each for each in found.sums}
        seen[day] = (found.mark, known)
        assert total((each for each in known.values() if each.tasks), RATES) == expected


async def test_no_change_is_missed_by_a_reader_that_was_ahead_of_a_crash(
    books: ProjectionRig, writer: Connection
) -> None:
    """PostgreSQL may lose the last batches of a read model; they are folded again, perhaps in other batches."""
    for _ in range(4):
        await books.begin(estimate=money("1"), model="acme/painter")
    events = await books.log.read(0, 100)
    forgotten = writer.transaction()
    await forgotten.start()
    await fold_batch(writer, SPENDING, {event.stream: [event] for event in events[:3]})
    await forgotten.rollback()
    reader = Mark(1, events[2].position)  # it has read rows that are lost now
    await _project(writer, events)
    changed = await read(books.pool, TODAY, reader)
    assert total(changed.sums, RATES) == {BudgetKey("acme", None): Decimal(4)}


async def test_another_build_is_read_as_a_whole(books: ProjectionRig) -> None:
    """A reader of the previous build gets every sum, marked as complete."""
    await books.begin(estimate=money("1"), model="acme/painter")
    await books.follow(SPENDING)
    before = await read(books.pool, TODAY)
    assert not (await read(books.pool, TODAY, before.mark)).whole
    await books.runner(SPENDING).rebuild()
    after_all = await read(books.pool, TODAY, before.mark)
    assert after_all.whole
    assert after_all.sums == before.sums
    assert after_all.mark == Mark(2, before.mark.position)


async def test_sums_are_there_while_a_table_of_an_older_pixel_serves(books: ProjectionRig) -> None:
    """Its rows are added up until the new table has caught up: no request waits for that."""
    chain = {"estimate": money("1"), "model": "acme/cheap", "project_id": "films", "fallbacks": (DEAR, FAIR, UNPRICED)}
    own = await books.begin(**chain)
    await books.begin(*[called(), completed(cost=money("0.07"))], **chain)
    await books.begin(estimate=money("2"), project_id="games", model="acme/painter")
    await books.follow(SPENDING)
    before, before_for = await read(books.pool, TODAY), await read_for(books.pool, TODAY, "films", without=own)
    await books.pool.execute("DROP VIEW public.spending_days")
    now, now_for = await read(books.pool, TODAY, before.mark), await read_for(books.pool, TODAY, "films", without=own)
    assert (now.mark, now.whole) == (before.mark, True)
    assert total(now.sums, RATES) == total(before.sums, RATES) == await added_up(books, TODAY)
    assert total(now_for.sums, RATES)[BudgetKey("acme", "films")] == Decimal("0.07")
    assert total(before_for.sums, RATES)[BudgetKey("acme", "films")] == Decimal("0.07")


# --- Reading them reads no rows ---


async def test_what_has_changed_is_found_without_the_rest(books: ProjectionRig, writer: Connection) -> None:
    """300,000 tasks of 100,000 projects: a refresh, and a saved row, read some pages of indexes."""
    stream = await books.begin(estimate=money("1"), model="acme/painter", project_id="project-7")
    events = await books.log.read(0, 10)
    await writer.execute(_FILL)
    await writer.execute("ANALYZE spending, spending_days")
    for _ in range(8):  # prepared statements change their plan after the fifth
        assert await _buffers(writer, spending_days._CHANGED, TODAY, 0) < 20
    row = SPENDING.fold(None, events[0])
    assert row is not None
    await SPENDING.save(writer, {stream: row})
    assert await _buffers(writer, spending_days._CHANGED, TODAY, 0) < 20
    found = await read(books.pool, TODAY, Mark(1, 0))
    assert found.sums == [DaySum(SumKey("acme", "project-7", "USD", ""), Decimal(4), 4)]


async def _buffers(connection: Connection, statement: LiteralString, *arguments: object) -> int:
    """The pages that a statement touches."""
    (plan,) = json.loads(await connection.fetchval("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement, *arguments))
    return int(plan["Plan"]["Shared Hit Blocks"]) + int(plan["Plan"]["Shared Read Blocks"])


_MOVED: LiteralString = "UPDATE public.read_models SET position = $1 WHERE name = 'spending'"
_FILL: LiteralString = """
INSERT INTO spending_1.spending
SELECT gen_random_uuid(), 'task', '2026-03-01', 'image', 'acme', 'acme/painter', 'project-' || n % 100000, 'spent',
       'USD', 1, 1, 0, 0, '[]', '', 'anonymous', 'anonymous'
FROM generate_series(1, 300000) n;
INSERT INTO spending_1.spending_days
SELECT day, provider, project, currency, '', sum(amount), count(*), 0, 'anonymous'
FROM spending_1.spending GROUP BY 1, 2, 3, 4;
"""
_ADDED_UP: LiteralString = """
WITH rates AS (
    SELECT * FROM unnest($2::text[], $3::numeric[]) AS rates (currency, rate)
), today AS (
    SELECT *, state = 'running' AND others <> '[]' AS may_change FROM spending
    WHERE day = $1
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
    SELECT '', project, max(amount) - sum(amount) FROM held GROUP BY stream, project HAVING count(*) > 1
)
SELECT provider, project, sum(amount) FROM counted GROUP BY provider, project
"""
