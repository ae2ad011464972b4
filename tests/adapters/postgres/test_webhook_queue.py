"""Laws of the queue of deliveries: each is claimed by one worker at a time, the versions of a task in their order."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import pytest

from adapters.postgres import webhook_queue
from adapters.postgres.database import Pool, open_pool
from adapters.postgres.webhook_queue import KEPT, MAX_ANSWERS, Claim, DeliveryAttempt, NewDelivery, WebhookQueue
from application.clock import now
from tests.patience import patient

ONE, OTHER = UUID(int=1), UUID(int=2)
TASKS = [UUID(int=100 + number) for number in range(50)]


@pytest.fixture
async def pool(database_url: str) -> AsyncGenerator[Pool]:
    """The database."""
    pool = await open_pool(database_url, size=6)
    yield pool
    await pool.close()


def queue(pool: Pool, worker: str = "w", *, lease_seconds: float = 600) -> WebhookQueue:
    return WebhookQueue(pool, worker, lease_seconds=lease_seconds)


def attempt(status: int = 200) -> DeliveryAttempt:
    return DeliveryAttempt(at=now(), milliseconds=1, status=status)


async def fill(pool: Pool, webhook: UUID, *, tasks: int = 1, versions: int = 1, after: int = 0) -> None:
    """Deliveries of some versions of some tasks, in the order of the log."""
    made = [
        NewDelivery(webhook, after + version * tasks + number + 1, TASKS[number], version + 1, None)
        for version in range(versions)
        for number in range(tasks)
    ]
    await queue(pool).cursors({webhook: after})
    await queue(pool).enqueue([webhook], after, made[-1].position, made)


async def all_states(pool: Pool, webhook: UUID) -> list[str]:
    found = await webhook_queue.list_deliveries(pool, webhook, state=None, before=None, limit=1000)
    return [row.state for row in reversed(found)]


async def test_every_delivery_has_one_worker(pool: Pool) -> None:
    """Several workers that claim at once share the deliveries, and none is claimed twice."""
    await fill(pool, ONE, tasks=50)
    workers = [queue(pool, f"w{number}") for number in range(4)]
    claimed: list[Claim] = []
    for _ in range(20):
        for claims in await asyncio.gather(*(worker.claim({ONE: 4}) for worker in workers)):
            claimed += claims
    assert sorted(claim.position for claim in claimed) == list(range(1, 51))


async def test_versions_of_a_task_are_claimed_in_order(pool: Pool) -> None:
    """A version waits until those before it are delivered or have failed, whoever has them; other tasks go on."""
    await fill(pool, ONE, tasks=2, versions=3)
    one, other = queue(pool, "one"), queue(pool, "other")
    first = await one.claim({ONE: 10})
    assert [(claim.task, claim.version) for claim in first] == [(TASKS[0], 1), (TASKS[1], 1)]
    assert await other.claim({ONE: 10}) == []
    await one.succeed(first[0], attempt())
    [second] = await other.claim({ONE: 10})
    assert (second.task, second.version) == (TASKS[0], 2)
    await one.fail(first[1], attempt(500), retry_seconds=3600, pause_seconds=0)
    await other.fail(second, attempt(500), retry_seconds=None, pause_seconds=0)
    assert [(claim.task, claim.version) for claim in await one.claim({ONE: 10})] == [(TASKS[0], 3)]


async def test_a_webhook_takes_no_places_of_another(pool: Pool) -> None:
    """Each webhook has places of its own."""
    await fill(pool, ONE, tasks=10)
    await fill(pool, OTHER, tasks=10)
    claims = await queue(pool).claim({ONE: 1, OTHER: 3})
    assert [sum(claim.webhook == webhook for claim in claims) for webhook in (ONE, OTHER)] == [1, 3]


async def test_the_delivery_of_a_dead_worker_is_made_again(pool: Pool) -> None:
    """When its lease has ended it is claimed again; what the first worker then says counts for nothing."""
    await fill(pool, ONE)
    dead, living = queue(pool, "dead", lease_seconds=0.05), queue(pool, "living")
    [lost] = await dead.claim({ONE: 1})
    again: list[Claim] = []
    async with asyncio.timeout(patient(30)):
        while not again:
            again = await living.claim({ONE: 1})
    assert (again[0].position, again[0].attempts, again[0].epoch) == (lost.position, 2, lost.epoch + 1)
    await dead.succeed(lost, attempt())
    assert await all_states(pool, ONE) == ["waiting"]
    await living.succeed(again[0], attempt())
    assert await all_states(pool, ONE) == ["delivered"]


async def test_a_lease_is_renewed(pool: Pool) -> None:
    """A worker that renews keeps its delivery."""
    await fill(pool, ONE)
    await queue(pool, "w", lease_seconds=0.0).claim({ONE: 0})
    [claim] = await queue(pool, "w", lease_seconds=0.0).claim({ONE: 1})
    await queue(pool, "w", lease_seconds=600).renew([claim])
    assert await queue(pool, "other").claim({ONE: 1}) == []


async def test_what_is_given_back_is_due_at_once(pool: Pool) -> None:
    """And counts as no attempt."""
    await fill(pool, ONE)
    [claim] = await queue(pool).claim({ONE: 1})
    await queue(pool).release([claim])
    [again] = await queue(pool, "other").claim({ONE: 1})
    assert again.attempts == 1


async def test_of_two_searches_one_counts(pool: Pool) -> None:
    """Two workers that search from the same position make each delivery once, and the cursor moves once."""
    await queue(pool).cursors({ONE: 5})
    new = [NewDelivery(ONE, 7, TASKS[0], 1, None)]
    await asyncio.gather(*(queue(pool, f"w{number}").enqueue([ONE], 5, 10, new) for number in range(3)))
    assert len(await all_states(pool, ONE)) == 1
    [claim] = await queue(pool).claim({ONE: 5})
    await queue(pool).succeed(claim, attempt())
    await queue(pool).enqueue([ONE], 5, 10, new)
    assert await all_states(pool, ONE) == ["delivered"]
    [cursor] = await queue(pool).cursors({ONE: 0})
    assert (cursor.position, cursor.waiting) == (10, 0)


async def test_a_success_makes_due_what_waits(pool: Pool) -> None:
    """When a webhook that failed takes a message, all others are tried at once; what a worker has stays with it."""
    await fill(pool, ONE, tasks=4)
    claims = await queue(pool).claim({ONE: 4})
    for claim in claims[:2]:
        await queue(pool).fail(claim, attempt(503), retry_seconds=36000, pause_seconds=0)
    assert await queue(pool).claim({ONE: 4}) == []
    await queue(pool).succeed(claims[2], attempt())
    assert [claim.position for claim in await queue(pool).claim({ONE: 4})] == [1, 2]
    [cursor] = await queue(pool).cursors({ONE: 0})
    assert not cursor.failing


async def test_a_webhook_may_ask_for_a_pause(pool: Pool) -> None:
    """Until it ends nothing is claimed for it."""
    await fill(pool, ONE, tasks=2)
    [claim] = await queue(pool).claim({ONE: 1})
    seconds = await queue(pool).fail(claim, attempt(429), retry_seconds=0, pause_seconds=3600)
    assert 0 <= seconds < 3600
    assert await queue(pool).claim({ONE: 4}) == []
    await webhook_queue.hasten(pool, ONE)
    assert len(await queue(pool).claim({ONE: 4})) == 2


async def test_the_log_of_deliveries_is_bounded(pool: Pool) -> None:
    """Of a delivery the last attempts are kept, of a webhook the last settled deliveries, for some days."""
    await fill(pool, ONE, tasks=2)
    for _ in range(MAX_ANSWERS + 5):
        [claim] = await queue(pool).claim({ONE: 1})
        await queue(pool).fail(claim, attempt(500), retry_seconds=0, pause_seconds=0)
        await webhook_queue.redeliver_one(pool, ONE, claim.position)
    rows = await webhook_queue.list_deliveries(pool, ONE, state=None, before=None, limit=10)
    assert max(len(row.attempts) for row in rows) <= MAX_ANSWERS
    settle = "UPDATE webhook_deliveries SET state = 'delivered' WHERE webhook = $1"
    made = [NewDelivery(ONE, number, uuid4(), 1, None) for number in range(3, KEPT + 12)]
    await queue(pool).enqueue([ONE], 2, made[-1].position, made)
    await pool.execute(settle, ONE)
    await pool.execute("UPDATE webhook_deliveries SET state = 'waiting' WHERE position = 1")
    await queue(pool).tidy()
    kept = await pool.fetch("SELECT position, state FROM webhook_deliveries ORDER BY position")
    assert kept[0]["state"] == "waiting"
    assert len(kept) == 1 + KEPT
    await pool.execute("UPDATE webhook_deliveries SET created_at = now() - interval '8 days' WHERE position < 1000")
    await queue(pool).tidy()
    left = [row["position"] for row in await pool.fetch("SELECT position FROM webhook_deliveries ORDER BY position")]
    assert left == [1, *range(1000, KEPT + 12)]


async def test_a_search_again_makes_deliveries_anew(pool: Pool) -> None:
    """A cursor that is set back goes over the same events again, and only ever back."""
    await fill(pool, ONE, tasks=3)
    for claim in await queue(pool).claim({ONE: 3}):
        await queue(pool).succeed(claim, attempt())
    await webhook_queue.redeliver_since(pool, ONE, 1)
    await webhook_queue.redeliver_since(pool, ONE, 2)
    [cursor] = await queue(pool).cursors({ONE: 0})
    assert cursor.position == 1
    new = [NewDelivery(ONE, position, TASKS[position - 1], 1, None) for position in (2, 3)]
    await queue(pool).enqueue([ONE], 1, 3, new)
    assert await all_states(pool, ONE) == ["delivered", "waiting", "waiting"]
    assert [claim.attempts for claim in await queue(pool).claim({ONE: 3})] == [1, 1]
